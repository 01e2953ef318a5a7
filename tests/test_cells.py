"""What cells say, in the writings that people use."""

import datetime
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import scenario_data
from ptce_funding import cells
from ptce_funding.candidate_export import _csv
from ptce_funding.cells import CellError, ChoiceWord
from ptce_funding.explaining.margin_words import group_of
from ptce_funding.messages import LANGUAGES, Message
from ptce_funding.report.words import group_names, word
from ptce_funding.scenario_files import scenario_from

NARROW, NO_BREAK = "\u202f", "\u00a0"
PHASES = ("project", "emerging", "consolidation")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5),
        ("1 234,50", 1234.5),
        (f"1{NARROW}234,5", 1234.5),
        (f"1{NO_BREAK}234{NO_BREAK}567", 1234567.0),
        ("1'234.5", 1234.5),
        ("1’234,5", 1234.5),
        ("1,234.50", 1234.5),
        ("1.234,50", 1234.5),
        ("1.234.567", 1234567.0),
        ("1,234,567", 1234567.0),
        ("1,234", 1.234),  # the French decimal comma
        ("0,125", 0.125),
        (",5", 0.5),
        ("12,5 %", 0.125),
        (f"12,5{NARROW}%", 0.125),
        ("58,3 %", 0.583),
        ("-3", -3.0),
        ("\u22123,5", -3.5),
        ("+3", 3.0),
        ("-0", 0.0),
        (7, 7.0),
        (7.25, 7.25),
    ],
)
def test_numbers(cell, value):
    assert cells.number(cell) == value
    assert math.copysign(1, cells.number(cell)) == math.copysign(1, value)


@pytest.mark.parametrize(
    "cell",
    ["1e5", "nan", "inf", "-inf", "∞", "1.2.3", "1,2,3", "12 34", "1  234", "5%%", "abc", "½", "٣", "1 234 5",
     "--1", "1-", "€", True, datetime.date(2020, 1, 1), math.inf, 1e16, 10**400, "9" * 500, "9" * 390],
)  # fmt: skip
def test_no_numbers(cell):
    with pytest.raises(CellError):
        cells.number(cell)


@pytest.mark.parametrize("cell", [None, "", "  ", NO_BREAK])
def test_blank_cells(cell):
    assert math.isnan(cells.number(cell))
    assert math.isnan(cells.integer(cell))
    assert math.isnan(cells.share(cell))
    assert cells.money(cell) == 0
    assert cells.flag(cell) == -1
    assert cells.text(cell) == ""
    assert cells.choice(cell, "phase", PHASES) == ""


@pytest.mark.parametrize(
    ("cell", "euros"),
    [
        ("130000", 130_000),
        ("130 k€", 130_000),
        ("130k€", 130_000),
        ("130,5 K€", 130_500),
        ("1,5 M€", 1_500_000),
        (f"72{NARROW}000{NO_BREAK}€", 72_000),
        ("72 000,00 €", 72_000),
        ("72000 EUR", 72_000),
        ("72 000 euros", 72_000),
        ("€1,234.00", 1_234),
        ("€72 000", 72_000),
        ("0", 0),
        (130000.0, 130_000),
        (72000.00000000001, 72_000),
        (10**12, 10**12),
    ],
)
def test_money(cell, euros):
    assert cells.money(cell) == euros
    assert type(cells.money(cell)) is int


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1,234", "thousands or as decimals"),
        ("1.234 k€", "thousands or as decimals"),
        ("1 234,50", "not a whole number of euros"),
        ("12,34", "not a whole number of euros"),
        (12.5, "not a whole number of euros"),
        ("-5", "negative"),
        (-5.0, "negative"),
        ("1e5", "not an amount"),
        ("12 %", "not an amount"),
        ("130 k", "not an amount"),
        ("€", "not an amount"),
        ("beaucoup", "not an amount"),
        ("#N/A", "failed formula"),
        (10**12 + 1, "too large"),
        ("2 000 000 M€", "too large"),
        ("9" * 390, "too large"),
        (math.inf, "not a number"),
        (True, "not a number"),
    ],
)
def test_no_money(cell, words):
    with pytest.raises(CellError, match=words):
        cells.money(cell)


@pytest.mark.parametrize(
    ("cell", "value"), [("50 %", 0.5), ("0,5", 0.5), (0.125, 0.125), ("100%", 1.0), (0, 0.0), (1, 1)]
)
def test_shares(cell, value):
    assert cells.share(cell) == value


@pytest.mark.parametrize("cell", ["50", "101 %", "-1 %", 1.5])
def test_no_shares(cell):
    with pytest.raises(CellError, match="not a share"):
        cells.share(cell)


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), (12.0, 12), ("1 234", 1234), ("3,0", 3), ("3.00", 3), ("-2", -2)]
)
def test_integers(cell, value):
    assert cells.integer(cell) == value


@pytest.mark.parametrize("cell", ["3,5", 3.5, "1,000", "50 %", "x", "9" * 390])
def test_no_integers(cell):
    with pytest.raises(CellError):
        cells.integer(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [(word, 1) for word in ("oui", "OUI", " Vrai ", "true", "yes", "1", "x", "X", 1, 1.0, True)]
    + [(word, 0) for word in ("non", "Non", "faux", "FALSE", "no", "0", 0, 0.0, False)],
)
def test_flags(cell, value):
    assert cells.flag(cell) == value


@pytest.mark.parametrize("cell", ["2", "peut-être", 0.5, "oui non", datetime.date(2020, 1, 1)])
def test_no_flags(cell):
    with pytest.raises(CellError, match="neither yes nor no"):
        cells.flag(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("01", "01"),
        (17.0, "17"),
        (17, "17"),
        (1.5, "1.5"),
        (" a\u00a0", "a"),
        ("e\u0301", "é"),
        ("a\r\nb", "a\nb"),
        (True, "true"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (datetime.datetime(2020, 1, 2), "2020-01-02"),
        (datetime.datetime(2020, 1, 2, 3, 4), "2020-01-02 03:04:00"),
    ],
)
def test_texts(cell, value):
    assert cells.text(cell) == value


@pytest.mark.parametrize(
    ("cell", "words"), [("a\x1b[31m", r"U\+001B"), ("a\ud800", r"U\+D800"), ("#REF!", "failed formula")]
)
def test_no_texts(cell, words):
    with pytest.raises(CellError, match=words):
        cells.text(cell)


@pytest.mark.parametrize(
    ("cell", "phase"),
    [
        ("project", "project"),
        ("En projet", "project"),
        ("PREFIGURATION", "project"),
        ("en préfiguration", "project"),
        ("émergent", "emerging"),
        ("emergente", "emerging"),
        ("En construction", "emerging"),
        ("opérationnel", "consolidation"),
        ("témoin", "consolidation"),
        ("en-consolidation", "consolidation"),
    ],
)
def test_phases(cell, phase):
    assert cells.choice(cell, "phase", PHASES) == phase


def test_unknown_choice_names_the_nearest_word():
    """In words of the reader, which are those of the suggestion too."""
    with pytest.raises(CellError, match="expected one of: project, emerging, consolidation") as caught:
        cells.choice("émergnt", "phase", PHASES)
    hint = caught.value.hint
    assert isinstance(hint, Message)
    assert (hint.render("en"), hint.render("fr")) == ("emerging", "émergent")
    assert caught.value.reason.render("fr").endswith("en projet, émergent, en consolidation.")


def test_readers_see_one_word_for_each_phase():
    """Tables and reports tell a phase by the same word, whichever module finds it; tables may say either."""
    for lang in LANGUAGES:
        for phase in PHASES:
            assert word(phase, lang) == ChoiceWord("phase", phase).render(lang)
    scenario = scenario_from(scenario_data(priority={"mode": "strict", "order": [["consolidation", "emerging"]]}))
    assert group_of(scenario, 0).render("fr") == "en consolidation, émergent"
    assert group_names([["consolidation", "emerging"], None], "fr")[0] == "1. en consolidation, émergent"
    assert cells.choice("consolidation", "phase", PHASES) == "consolidation"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["oui", "", "NON"], "flag"),
        ([True, None], "flag"),
        (["1", "0"], "number"),
        (["1,5", 2.0, None], "number"),
        (["01000", "75001"], "text"),
        (["x", ""], "text"),
        (["1", "beaucoup"], "text"),
        ([None, ""], "text"),
        ([datetime.date(2020, 1, 1)], "text"),
    ],
)
def test_inferred_kinds(column, kind):
    assert cells.infer(column) == kind


@given(st.floats(-(10.0**15), 10.0**15, allow_subnormal=True), st.sampled_from(",."))
def test_numbers_read_back_as_they_are_written(value, mark):
    assert cells.number(_csv(value, mark)) == value


@given(st.integers(0, 10**12), st.sampled_from(["", " €", "€", " EUR"]), st.sampled_from([" ", NARROW, NO_BREAK, "'"]))
def test_amounts_read_back_as_they_are_written(amount, unit, separator):
    assert cells.money(f"{amount:,}".replace(",", separator) + unit) == amount


ANY_CELL = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.text("0123456789 ,.'€k%-+eE", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)


def readable(error):
    """Check that an error says in words, and not too many, what is wrong."""
    assert all(0 < len(error.reason.render(lang)) < 400 for lang in ("fr", "en"))


@given(ANY_CELL, st.sampled_from(sorted(cells.PARSERS)))
def test_every_cell_is_read_or_refused_in_words(cell, kind):
    try:
        value = cells.PARSERS[kind](cell)
    except CellError as error:
        readable(error)
    else:
        assert isinstance(value, (str, int, float))
        assert kind != "money" or 0 <= value <= cells.MOST_EUROS


@given(st.text())
def test_folding_twice_changes_nothing(word):
    assert cells.fold(cells.fold(word)) == cells.fold(word)


def test_hostile_lengths_cost_no_time():
    started = time.perf_counter()
    for cell in ("1 " * 50_000, "€" * 100_000, " " * 100_000 + "1", "1" * 100_000 + "€", "1,111" * 20_000):
        for kind in sorted(cells.PARSERS):
            try:
                cells.PARSERS[kind](cell)
            except CellError as error:
                readable(error)
    assert time.perf_counter() - started < 3


def test_numbers_too_long_for_python_to_write():
    for parser in cells.PARSERS.values():
        if parser is not cells.text:
            with pytest.raises(CellError):
                parser(10**6000)


def test_names_sort_as_readers_look_for_them():
    """Accents and capitals do not count, unless nothing else tells two names apart."""
    names = ["Zone", "Île-de-France", "Étoile", "est", "Hauts-de-France", "Œuvre", "Occitanie", "La Réunion", "ile", ""]
    assert sorted(names, key=cells.alphabetical) == [
        "", "est", "Étoile", "Hauts-de-France", "ile", "Île-de-France", "La Réunion", "Occitanie", "Œuvre", "Zone",
    ]  # fmt: skip
    assert sorted(["é", "e", "E"], key=cells.alphabetical) == ["E", "e", "é"]
