"""`--variant`: a scenario with some parameters changed, under a name of its own."""

from typing import Any, NamedTuple

import click

from ptce_funding.cli.options import Override, OverrideType, lang_of, split_at
from ptce_funding.messages import message


class Variant(NamedTuple):
    """One ``--variant``.

    Parameters
    ----------
    name
        What it is called: its own words where it has no name.
    overrides
        What it changes.
    text
        What the user wrote, for the command that gives the comparison again.
    """

    name: str
    overrides: tuple[Override, ...]
    text: str


class VariantType(click.ParamType[Variant]):
    """``name: path=value; path=value``; the name may be left out."""

    name = "name: path=value; path=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Variant:
        """Return name, changes and text."""
        if isinstance(value, Variant):
            return value
        text = str(value)
        name, colon, stated = text.partition(":")
        # A colon after the first equals sign belongs to a value.
        if not colon or "=" in name:
            name, stated = text, text
        pieces = [piece for piece in split_at(stated, ";") if piece]
        if not pieces or not name.strip():
            lang = lang_of(ctx)
            fault = message(
                "Found “{found}”, expected “name: path=value; path=value”, such as “small: envelope.total=2e6”.",
                found=text,
            )
            self.fail(fault.render(lang), param, ctx)
        return Variant(name.strip(), tuple(OverrideType().convert(piece, param, ctx) for piece in pieces), text)
