"""Texts for people: numbers of any size in every language, templates and their forms."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from babel.numbers import format_currency, format_decimal, format_percent

from conftest import ROOT
from ptce_funding.allocation import allocate
from ptce_funding.loading import read_call
from ptce_funding.messages import LANGUAGES, Message, day, euros, message, nearest, nearest_file, number, percent
from ptce_funding.problem import Stage
from ptce_funding.report.rounding import gap_shown, rounded, rounded_up
from ptce_funding.report.tables import summary_table
from ptce_funding.report.terminal import Terminal

BABEL = {"fr": "fr_FR", "en": "en_IE"}
VALUES = [
    0,
    -0.0,
    1,
    -1,
    0.4,
    0.5,
    1.5,
    2.5,
    -0.0004,
    12.345,
    999.9999,
    1000,
    -1234567.891,
    0.1 + 0.2,
    1e15 + 0.5,
    1e20,
    10**20,
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("value", VALUES)
def test_numbers_are_those_of_babel(value: float, lang: str) -> None:
    """Separators, decimals and signs are Babel's, written without it."""
    assert number(value, lang) == format_decimal(round(value, 3) + 0, "#,##0.###", BABEL[lang])
    pattern = "#,##0\xa0¤" if lang == "fr" else "¤#,##0"
    assert euros(value, lang) == format_currency(round(value) + 0, "EUR", pattern, BABEL[lang], currency_digits=False)
    pattern = "#,##0.#" + ("\xa0%" if lang == "fr" else "%")
    share = value / 1000
    assert percent(share, lang) == format_percent(round(share, 3) + 0, pattern, BABEL[lang])


def test_days() -> None:
    """As people of each language write them; the first of a month is counted in French."""
    assert (day("2026-11-22", "fr"), day("2026-11-22", "en")) == ("22 novembre 2026", "22 November 2026")
    assert (day("2026-11-01", "fr"), day("2026-11-11", "fr")) == ("1er novembre 2026", "11 novembre 2026")
    assert day("2026", "fr") == "2026"


def test_only_close_words_are_suggested() -> None:
    """Files by their names, neither by their folders nor by their endings."""
    assert nearest("totl", ["total", "tranches"]) == "total"
    assert nearest("foo", ["out", "solver", "workbook"]) is None
    assert nearest_file("calls/nothing.toml", ["calls/ami-2025.toml", "calls/aap-2013.toml"]) is None
    assert nearest_file("calls/ami-2024.toml", ["calls/ami-2025.toml", "calls/aap-2013.toml"]) == "calls/ami-2025.toml"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("value", [1e26, -1e26, 1e300, 10**30, 16**3000, math.inf, -math.inf, math.nan])
def test_numbers_of_any_size(value: float, lang: str) -> None:
    """No number is too large to be told, in any form."""
    for text in (number(value, lang), euros(value, lang), message("{x}", x=value).render(lang)):
        assert 0 < len(text) < 20
    assert len(message("{x:percent}", x=value).render(lang)) < 20


def test_huge_numbers_as_powers_of_ten() -> None:
    """Past 21 digits nobody counts them."""
    assert number(1e26, "fr") == "1E26"
    assert number(-123456 * 10**20, "fr") == "-1,235E25"
    assert number(math.inf, "en") == "∞"
    # Python itself refuses to write so many digits.
    assert message("{x}", x=16**6000).render("fr") == "5,247E7224"


def test_templates() -> None:
    """Fields, forms, braces and messages in messages."""
    inner = message("{n:number} of {m}", n=1234.5, m=3)
    text = Message(
        "{{{inner}}}: {words:or}; {none}; {flag}; {words:list}",
        (("inner", inner), ("words", ["a", "b", "c"]), ("none", None), ("flag", True)),
    )
    assert text.render("en") == "{1,234.5 of 3}: a, b or c; –; yes; a, b, c"
    assert text.texts()["fr"].startswith("{1\u202f234,5")
    with pytest.raises(KeyError):
        message("{absent}").render("en")


def test_bounds_stay_bounds() -> None:
    """A bound is rounded up, unless only binary noise sets it apart from a decimal."""
    assert rounded_up(1.0000001) == 1.000001
    assert rounded_up(0.1 + 0.2) == 0.3
    assert rounded_up(2.001, 2) == 2.01
    assert rounded_up(1e300) == 1e300
    assert (rounded_up(math.inf), rounded_up(None), rounded(None)) == (None, None, None)
    for value in (1.23456789, 1e-9, 12345.678901234):
        assert Fraction(rounded_up(value) or 0.0) >= Fraction(rounded(value) or 0.0)


def test_gaps_are_never_rounded_away() -> None:
    """A gap of zero is shown only where value and bound are the same."""
    assert gap_shown(1.0, 1.0) == 0.0
    assert gap_shown(1.0, 1.0 + 1e-15) == 0.0
    assert gap_shown(1.0, 1.0 + 1e-12) == 1e-9
    assert gap_shown(1e9, 1e9 + 1e-5) == 1e-9
    assert gap_shown(100.0, 100.000001, 6) == 1e-6
    assert gap_shown(3.0, 4.0) == 0.333333334
    assert (gap_shown(0.0, 1.0), gap_shown(None, 1.0), gap_shown(1.0, None)) == (None, None, None)


def test_small_gaps_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Bound and gap are rounded up in the terminal and in summary.csv."""

    best = allocate(*read_call(ROOT / "scenarios" / "aap-2013.toml", {"priority.mode": "none"}), solver="ranking")
    close = replace(best, stages=(Stage(1000.0, 1000.0000011),))
    assert ["", "", "Proved bound", 1000.000002, ""] in summary_table(close, "en").rows()
    capsys.readouterr()
    Terminal("en").proof(close)
    text = capsys.readouterr().out
    assert "1,000.01" in text
    assert "0.0001%" in text
