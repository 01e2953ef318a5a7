"""Texts for people, kept apart from their language.

A `Message` is an English template with the values that go into it. It becomes a sentence only where somebody reads it,
by a gettext catalogue (``locales/<lang>/LC_MESSAGES/ptce_funding.po``) and Babel's numbers. English is the source
language, so a message without a translation still reads well.

Fields of a template may ask for a form::

    {cost:euros}   1 234 567 €      {share:percent}   12,5 %
    {n:number}     1 234,5          {words:list}      a, b, c
    {words:or}     a, b or c             {sentences:parts}    a; b; c
"""

import math
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import PurePath
from typing import Any

from ptce_funding.languages import LANGUAGES, N_, translate

__all__ = [
    "LANGUAGES",
    "Message",
    "N_",
    "day",
    "euros",
    "joined",
    "message",
    "nearest",
    "nearest_file",
    "number",
    "percent",
    "plain",
    "signs",
    "translate",
    "yes_no",
]

# Where a language is spoken: French as France writes it, English as Ireland does, which has the euro; others as Babel has them.
_SPOKEN = {"fr": "fr_FR", "en": "en_IE"}

# How alike two words are, from 0 to 1, when one is taken for a slip of the other: four letters of ten may be wrong or missing.
_CLOSE = 0.61

# From here on numbers are written as powers of ten: nobody counts so many digits.
_HUGE = 10**21


def yes_no(flag: bool, lang: str) -> str:
    """Write a flag."""
    return translate(N_("yes") if flag else N_("no"), lang)


def euros(amount: float, lang: str) -> str:
    """Write a number of euros, without cents."""
    text = number(amount, lang, 0)
    sign = "-" if text.startswith("-") else ""
    return sign + translate(N_("€{amount}"), lang).replace("{amount}", text.removeprefix("-"))


def percent(share: float, lang: str, digits: int = 1) -> str:
    """Write a share in [0, 1] as a percentage with at most `digits` decimals."""
    exact = share if isinstance(share, int) else float(share)
    text = number(100 * round(exact, digits + 2), lang, digits)
    return translate(N_("{number}%"), lang).replace("{number}", text)


def number(value: float, lang: str, digits: int = 3) -> str:
    """Write a number with at most `digits` decimals; one of more than 21 digits as a power of ten."""
    if not math.isfinite(value if isinstance(value, float) else 0):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if abs(value) >= _HUGE:
        mantissa, _, exponent = f"{Decimal(value):.3E}".partition("E+")
        return f"{_localised(mantissa, lang)}E{exponent}"
    # By its shortest decimal, not by the binary number behind it.
    return _localised(f"{Decimal(str(round(value, digits))):,.{digits}f}", lang)


def _localised(text: str, lang: str) -> str:
    """Write a number of Python's with the signs of a language, without idle zeros and without the sign of a negative zero."""
    whole, _, decimals = text.partition(".")
    thousands, point = signs(lang)
    decimals = decimals.rstrip("0")
    whole = whole.replace(",", thousands) + (point + decimals if decimals else "")
    return "0" if whole == "-0" else whole


def plain(value: Any, lang: str) -> str:
    """Write a value of a scenario."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes_no(value, lang)
    if isinstance(value, int | float):
        return number(value, lang, 6)
    if isinstance(value, list | tuple):
        return ", ".join(plain(each, lang) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={plain(each, lang)}" for key, each in value.items())
    return str(value)


def joined(texts: Iterable[str], lang: str) -> str:
    """Return several reasons as one text."""
    between = translate(N_("{one}; {other}"), lang).replace("{one}", "").replace("{other}", "")
    return between.join(texts)


def day(iso: str, lang: str) -> str:
    """Write a day that is given as ISO 8601 has it; any other text as it is."""
    from babel.dates import format_date

    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    rest = format_date(found, "MMMM y", _spoken(lang))
    # Some languages count the first of a month, and only that one.
    told = translate(N_("1 {month}"), lang) if found.day == 1 else f"{found.day} {{month}}"
    return told.replace("{month}", rest)


@cache
def signs(lang: str) -> tuple[str, str]:
    """Return the separators of thousands and of decimals; asked once, since Babel takes its time."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_group_symbol(_spoken(lang)), get_decimal_symbol(_spoken(lang))


def _spoken(lang: str) -> str:
    return _SPOKEN.get(lang, lang)


@cache
def _parsed(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the pieces of a template: the text before a field, the field, its form."""
    return tuple((text, field, form or "") for text, field, form, _ in string.Formatter().parse(template))


def _written(value: Any, form: str, lang: str) -> str:
    """Write the value of a field in the form that the template asks for."""
    if value is None:
        return "–"
    match form:
        case "euros":
            return euros(value, lang)
        case "percent":
            return percent(value, lang)
        case "number":
            return number(value, lang)
        case "capital":
            text = _written(value, "", lang)
            return text[:1].upper() + text[1:]
        case "list":
            return ", ".join(_written(each, "", lang) for each in value)
        case "parts":
            return joined([_written(each, "", lang) for each in value], lang)
        case "or":
            words = [_written(each, "", lang) for each in value]
            between = translate(N_("or"), lang)
            return ", ".join([*words[:-2], f" {between} ".join(words[-2:])])
    if isinstance(value, str):
        return format(value, form)
    if hasattr(value, "render"):  # a message, or another text of several languages
        return str(value.render(lang))
    if isinstance(value, bool):
        return yes_no(value, lang)
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= _HUGE):
        return number(value, lang)
    return format(value, form)


@dataclass(frozen=True, slots=True)
class Message:
    """A template in English and its values.

    Parameters
    ----------
    text
        Template, also the key in the catalogues.
    values
        Pairs of field and value. Values are plain, or messages themselves.
    """

    text: str
    values: tuple[tuple[str, Any], ...] = ()

    def render(self, lang: str = "en") -> str:
        """Return the sentence in `lang`."""
        values = dict(self.values)
        return "".join(
            text if field is None else text + _written(values[field], form, lang)
            for text, field, form in _parsed(translate(self.text, lang))
        )

    def texts(self) -> dict[str, str]:
        """Return the sentence in every language, for data that must not depend on one."""
        return {lang: self.render(lang) for lang in LANGUAGES}

    def __str__(self) -> str:
        return self.render()


def message(text: str, /, **values: Any) -> Message:
    """Return the `Message` of a template and its values; also the marker by which catalogues find the template."""
    return Message(text, tuple(values.items()))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of `known` closest to `word`, or None when none is close."""
    import difflib

    by_folded = {each.casefold(): each for each in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=_CLOSE)
    return by_folded[close[0]] if close else None


def nearest_file(name: str, known: Iterable[str]) -> str | None:
    """Return the file of `known` whose name is closest, whatever the folders and the ending; None when none is close."""
    stems = {PurePath(each).stem: each for each in sorted(known, reverse=True)}
    close = nearest(PurePath(name).stem, stems)
    return None if close is None else stems[close]
