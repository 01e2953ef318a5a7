"""Texts for people, kept apart from their language.

A `Message` is an English template with the values that go into it. It becomes a sentence only where somebody reads it,
by a gettext catalogue (``locales/<lang>/LC_MESSAGES/ptce_funding.po``) and Babel's numbers. English is the source
language, so a message without a translation still reads well.

Fields of a template may ask for a form::

    {cost:euros}   1 234 567 €      {share:percent}   12,5 %
    {n:number}     1 234,5          {words:list}      a, b, c
    {words:or}     a, b or c
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ptce_funding.languages import LANGUAGES, N_, translate

__all__ = ["LANGUAGES", "Message", "N_", "euros", "message", "nearest", "number", "percent", "translate", "yes_no"]

# Babel's names of the languages: French as France writes it, English with the euro written as Ireland does.
_BABEL = {"fr": "fr_FR", "en": "en_IE"}


def yes_no(flag: bool, lang: str) -> str:
    """Write a flag."""
    return translate(N_("yes") if flag else N_("no"), lang)


def euros(amount: float, lang: str) -> str:
    """Write a number of euros, without cents."""
    from babel.numbers import format_currency

    # "+ 0" turns a negative zero into zero, which Babel would print with its sign.
    pattern = "#,##0\xa0¤" if lang == "fr" else "¤#,##0"
    return format_currency(round(amount) + 0, "EUR", pattern, _BABEL[lang], currency_digits=False)


def percent(share: float, lang: str, digits: int = 1) -> str:
    """Write a share in [0, 1] as a percentage with at most `digits` decimals."""
    from babel.numbers import format_percent

    pattern = "#,##0" + ("." + "#" * digits if digits else "") + ("\xa0%" if lang == "fr" else "%")
    return format_percent(round(float(share), digits + 2) + 0, pattern, _BABEL[lang])


def number(value: float, lang: str, digits: int = 3) -> str:
    """Write a number with at most `digits` decimals."""
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    return format_decimal(round(value, digits) + 0, pattern, _BABEL[lang])


class _Formatter(string.Formatter):
    """Fill a template in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return "–"
        match format_spec:
            case "euros":
                return euros(value, self.lang)
            case "percent":
                return percent(value, self.lang)
            case "number":
                return number(value, self.lang)
            case "list":
                return ", ".join(self.format_field(each, "") for each in value)
            case "or":
                words = [self.format_field(each, "") for each in value]
                last = f" {translate(N_('or'), self.lang)} ".join(words[-2:])
                return ", ".join([*words[:-2], last])
        if hasattr(value, "render"):  # a message, or another text of several languages
            return str(value.render(self.lang))
        if isinstance(value, bool):
            return yes_no(value, self.lang)
        if isinstance(value, float):
            return number(value, self.lang)
        return str(super().format_field(value, format_spec))


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
        return _Formatter(lang).vformat(translate(self.text, lang), (), dict(self.values))

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
    close = difflib.get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None
