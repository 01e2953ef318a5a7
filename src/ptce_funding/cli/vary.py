"""`--vary`: what a command line says of one axis, as the `[sweep]` table would."""

import re
from typing import Any, NamedTuple

import click

from ptce_funding.cli.options import assignment, lang_of, split_at, toml_value
from ptce_funding.designs import DISTRIBUTIONS
from ptce_funding.messages import Message, message, nearest

_CALL = re.compile(r"([A-Za-z]\w*)\((.*)\)", re.DOTALL)


class Varied(NamedTuple):
    """One ``--vary``.

    Parameters
    ----------
    entry
        What an entry of `sweep.vary` would state.
    text
        What the user wrote, for the command that gives the sweep again.
    """

    entry: dict[str, Any]
    text: str


class VaryType(click.ParamType[Varied]):
    """``path=low:high:count``, ``path=value,value``, or a distribution such as ``path=normal(mean,deviation)``."""

    name = "path=values"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Varied:
        """Return the entry and the text."""
        if isinstance(value, Varied):
            return value
        lang = lang_of(ctx)
        found = entry_of(str(value))
        if isinstance(found, Message):
            self.fail(found.render(lang), param, ctx)
        return Varied(found, str(value))


def entry_of(text: str) -> dict[str, Any] | Message:
    """Return what an entry of `sweep.vary` would state, or what is wrong."""
    path, equals, stated = assignment(text)
    if not equals or not path or not stated:
        return message("Found “{found}”, expected path=values, such as envelope.total=1e6:20e6:20.", found=text)
    try:
        terms = _terms(stated)
    except (ValueError, RecursionError):
        return message("The value of “{path}” is too long or too deeply nested.", path=path)
    return terms if isinstance(terms, Message) else {"path": path} | terms


def _terms(stated: str) -> dict[str, Any] | Message:
    called = _CALL.fullmatch(stated)
    if called:
        return _drawn(stated, called[1].lower(), called[2])
    pieces = [_number(piece) for piece in stated.split(":")]
    if len(pieces) > 1 and pieces[0] is not None:
        return _range(stated, pieces)
    values = toml_value(f"[{stated}]")
    # Bare words need no quotes, as with `--set`.
    found = values if isinstance(values, list) else [toml_value(piece) for piece in split_at(stated, ",")]
    if "" in found or not found:
        return message("Found “{found}”, expected values with a comma between them.", found=stated)
    return {"values": found}


def _range(stated: str, pieces: list[float | int | None]) -> dict[str, Any] | Message:
    count = pieces[2] if len(pieces) == 3 else None
    is_count = isinstance(count, int) or (isinstance(count, float) and count.is_integer())
    if len(pieces) > 3 or None in pieces or (len(pieces) == 3 and not is_count):
        return message("Found “{found}”, expected low:high:count, such as 1e6:20e6:20.", found=stated)
    return {"low": pieces[0], "high": pieces[1]} | ({} if count is None else {"count": int(count)})


def _drawn(stated: str, name: str, inside: str) -> dict[str, Any] | Message:
    known: dict[str, tuple[str, ...]] = {str(each): keys for each, keys in DISTRIBUTIONS.items()}
    if name not in known:
        text = message("Found “{found}”, expected a distribution: {known:or}.", found=name, known=list(known))
        hint = nearest(name, known)
        return message("{text} Did you mean “{hint}”?", text=text, hint=hint) if hint else text
    numbers = [_number(piece) for piece in inside.split(",")]
    keys = known[name]
    if len(numbers) != len(keys) or None in numbers:
        form = f"{name}({','.join(keys)})"
        return message("Found “{found}”, expected {form}, each a number.", found=stated, form=form)
    return {"distribution": name} | dict(zip(keys, numbers, strict=True))


def _number(piece: str) -> float | int | None:
    value = toml_value(piece.strip()) if piece.strip() else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
