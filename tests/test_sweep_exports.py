"""A sweep in files: the same figures in CSV, XLSX and Parquet, the same bytes each time, and no text that acts."""

import csv
import dataclasses
import io
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import ptce_funding.report.xlsx as xlsx_module
from ptce_funding.errors import InputError
from ptce_funding.report.sweep_exports import check_export, export
from ptce_funding.report.sweep_tables import tables
from ptce_funding.report.sweep_words import figure_form, figure_order, figure_word
from ptce_funding.sweeping.store import Results
from test_sweep_analysis import TRANCHED, by_envelope, no_run, results, run

NAME = "Amount of the envelope"
NAMES = ("", "selection", "elasticities", "breaks", "frontier", "tornado", "awards")


def small() -> Results:
    """Return a sweep with a gap, an impossible cell, a figure of one volet and a figure that only one run has."""
    return by_envelope(
        "grid",
        {
            50_000: run({"a": 50_000}, 5.0, 5.5, **{"granted.volet.v": 50_000, "jobs": 2.5}),
            75_000: no_run(reason="=cmd|' /C calc'!A0"),
            150_000: run({"a": 60_000, "c": 90_000}, 12.0),
        },
    )


def rows_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=delimiter))


# ----------------------------------------------------------------------------------------------------------------- CSV


def test_csv_files(tmp_path: Path) -> None:
    written = export(small(), tmp_path / "s.csv", "en")
    assert [path.name for path in written] == ["s.csv", *(f"s-{name}.csv" for name in NAMES[1:])]
    heading, *rows = rows_of(tmp_path / "s.csv")
    assert heading == [
        "Cell",
        "Kind",
        "envelope.total",
        "Status",
        "Reason",
        "Value",
        "Proved bound",
        "Gap",
        "Granted (€)",
        "Supported candidates",
        "Jobs of the supported candidates",
        "Granted (€), volet v",
        "Synthetic",
    ]
    assert rows == [
        ["0", "scenario as it stands", "100000", "optimal", "", "10", "10", "0", "100000", "2", "", "", "no"],
        ["1", "grid", "50000", "optimal", "", "5", "5.5", "0.1", "50000", "1", "2.5", "50000", "no"],
        ["2", "grid", "75000", "no allocation exists", "'=cmd|' /C calc'!A0", *[""] * 7, "no"],
        ["3", "grid", "150000", "optimal", "", "12", "12", "0", "150000", "2", "", "", "no"],
    ]


def test_csv_of_the_other_tables(tmp_path: Path) -> None:
    export(small(), tmp_path / "s.csv", "en")
    assert rows_of(tmp_path / "s-selection.csv")[1:] == [
        ["a", "2", "2", "1", "55000", "always funded", "no"],
        ["b", "0", "2", "0", "", "never funded", "no"],
        ["c", "1", "2", "0.5", "90000", "sometimes funded", "no"],
        ["d", "0", "2", "0", "", "never funded", "no"],
    ]
    # Neighbours of 75 k€ have none; 100→150 k€: value 10→12, (2/22)/(50/250).
    assert rows_of(tmp_path / "s-elasticities.csv")[1] == [
        "envelope.total",
        NAME,
        "Value",
        "arc elasticity",
        *["0.454545"] * 4,
        "1",
        "",
    ]
    possible, none = "optimal", "no allocation exists"
    assert rows_of(tmp_path / "s-breaks.csv")[1:] == [
        ["envelope.total", NAME, "50000", "75000", "", "no", "1", possible, "1", "2", none, "", "0", "0", "", "", "no"],
        [
            "envelope.total",
            NAME,
            "75000",
            "100000",
            "",
            "no",
            "2",
            none,
            "",
            "0",
            possible,
            "2",
            "0",
            "0",
            "",
            "",
            "no",
        ],
        [
            "envelope.total",
            NAME,
            "100000",
            "150000",
            "",
            "no",
            "0",
            possible,
            "2",
            "3",
            possible,
            "2",
            "1",
            "1",
            "c",
            "b",
            "no",
        ],
    ]
    assert [row[0] for row in rows_of(tmp_path / "s-frontier.csv")[1:]] == ["50000", "75000", "150000"]
    assert len(rows_of(tmp_path / "s-tornado.csv")) == 1
    assert rows_of(tmp_path / "s-awards.csv")[1:3] == [
        ["0", "a", "v", "", "2020", "", "60000", "no", "v", "", ""],
        ["0", "b", "v", "", "2020", "", "40000", "no", "v", "", ""],
    ]


def test_headings_have_titles_and_programs_keep_names(tmp_path: Path) -> None:
    """Two volets of one title are told apart; columns of Parquet and codes are the same in every language."""
    titled = {"phases": ["project"], "title": {"fr": "Soutien", "en": "Support"}}
    volets = {"v": titled, "w": titled, "x": {"phases": ["project"], "title": {"fr": "Étude", "en": "Study"}}}
    figures = {"granted.volet.v": 1, "granted.volet.w": 2, "granted.volet.x": 3}
    told = {
        each.name: each
        for each in tables(by_envelope("grid", {1: run({"a": 50_000}, 5.0, **figures)}, volets=volets), "fr")
    }
    headings = {column.key: column.heading for column in told[""].columns}
    assert headings["granted.volet.x"] == "Attribué (€), volet Étude"
    # A title may say itself that it is one of a volet.
    assert "volet Volet" not in figure_word("granted.volet.t", "fr", {("volet", "t"): "Volet transversal"})
    assert headings["granted.volet.v"] == "Attribué (€), volet Soutien (granted.volet.v)"
    assert headings["granted.volet.w"] == "Attribué (€), volet Soutien (granted.volet.w)"
    awards = {column.key: column.values for column in told["awards"].columns}
    assert (set(awards["volet_title"]), set(awards["volet"])) == ({"Soutien"}, {"v"})


def test_csv_in_french_has_semicolons_and_commas(tmp_path: Path) -> None:
    export(small(), tmp_path / "s.csv", "fr")
    row = rows_of(tmp_path / "s.csv", ";")[2]
    assert (row[2], row[6], row[7], row[12]) == ("50000", "5,5", "0,1", "non")
    assert (tmp_path / "s.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_frontier_columns(tmp_path: Path) -> None:
    cells = [
        ("frontier:tranches", (100_000,), no_run()),
        ("frontier:tranches", (200_000,), run({"a": 100_000}, 4.0)),
        ("frontier:total", (100_000,), run({"a": 100_000}, 4.0)),
        ("frontier:total", (200_000,), run({"a": 100_000, "b": 50_000}, 7.0)),
    ]
    export(results({"envelope.total": (100_000, 200_000)}, cells, **TRANCHED), tmp_path / "s.csv", "en")
    none = "no allocation exists"
    assert rows_of(tmp_path / "s-frontier.csv")[1:] == [
        ["100000", none, "", "", "", "", "", "optimal", "4", "1", "100000", "", "", "yes"],
        ["200000", "optimal", "4", "1", "100000", "", "", "optimal", "7", "2", "150000", "3", "1", "yes"],
    ]


def test_seconds_are_told_when_asked_and_last(tmp_path: Path) -> None:
    export(small(), tmp_path / "s.csv", "en", timings=True)
    heading, *rows = rows_of(tmp_path / "s.csv")
    assert heading[-1] == "Seconds"
    assert {row[-1] for row in rows} == {"0.5"}


def test_parameters_of_any_kind(tmp_path: Path) -> None:
    """Flags in words, lists and tables as JSON, texts guarded."""
    values = (True, [0.5, 0.5], {"b": 1, "a": "é"}, "=1+1", 0.25)
    cells = [("grid", (value,), run({"a": 1}, float(n))) for n, value in enumerate(values)]
    found = results({"priority.share": values}, cells)
    export(found, tmp_path / "s.csv", "en")
    assert [row[2] for row in rows_of(tmp_path / "s.csv")[1:]] == [
        "yes",
        "[0.5, 0.5]",
        '{"a": "é", "b": 1}',
        "'=1+1",
        "0.25",
    ]


# ---------------------------------------------------------------------------------------------------------------- XLSX


def test_workbook(tmp_path: Path) -> None:
    export(small(), tmp_path / "s.xlsx", "en", timings=True)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    assert book.sheetnames == [
        "Runs", "Selection", "Elasticities", "Break points", "Frontier", "Tornado", "Awards",
    ]  # fmt: skip
    sheet = book["Runs"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:N5"
    cells = list(sheet.iter_rows())
    assert [cell.value for cell in cells[2]] == [
        1, "grid", 50_000, "optimal", None, 5, 5.5, 0.1, 50_000, 1, 2.5, 50_000, "no", 0.5,
    ]  # fmt: skip
    # What looks like a formula is a text, without an apostrophe.
    reason = cells[3][4]
    assert (reason.data_type, reason.value) == ("s", "=cmd|' /C calc'!A0")
    assert book["Selection"]["D2"].number_format == "0.0%"
    assert book["Awards"]["E2"].value == 2020
    assert book["Awards"]["E2"].number_format == "General"
    assert sheet.column_dimensions["B"].width >= len("stands")


def test_no_text_becomes_a_link(tmp_path: Path) -> None:
    found = results(
        {"value.scale": ("https://example.org",)}, [("grid", ("https://example.org",), no_run(reason="x" * 40_000))]
    )
    export(found, tmp_path / "s.xlsx", "en")
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "hyperlink" not in text
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx")["Runs"]
    assert sheet["C2"].value == "https://example.org"
    assert len(sheet["E2"].value) == 32_767


def test_a_table_too_long_for_a_sheet_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_module, "MOST_ROWS", 4)
    with pytest.raises(InputError, match=r"table “Runs” has 4 rows, more than a sheet holds"):
        export(small(), tmp_path / "s.xlsx", "en")
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------------------------- Parquet


def test_parquet_files(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    written = export(small(), tmp_path / "s.parquet", "fr")
    assert [path.name for path in written] == ["s.parquet", *(f"s-{name}.parquet" for name in NAMES[1:])]
    table = pq.read_table(tmp_path / "s.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert types["vary.envelope.total"] == types["supported"] == types["granted.volet.v"] == "int64"
    assert types["value"] == types["jobs"] == "double"
    assert table["value"].to_pylist() == [10, 5, None, 12]
    assert table["jobs"].to_pylist() == [None, 2.5, None, None]
    assert table["reason"].to_pylist()[2] == "=cmd|' /C calc'!A0"
    awards = pq.read_table(tmp_path / "s-awards.parquet")
    assert awards.column_names == [
        *("cell", "candidate", "volet_title", "aid_title", "year", "funder_title", "grant", "synthetic"),
        *("volet", "aid", "funder"),
    ]
    assert awards["grant"].to_pylist() == [60_000, 40_000, 50_000, 60_000, 90_000]


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        ((0.5, 1), "double", [0.5, 1.0]),
        ((True, False), "string", ["yes", "no"]),
        ((1, "x"), "string", ["1", "x"]),
        ((2**70, 1), "double", [2.0**70, 1.0]),
    ],
)
def test_parquet_holds_parameters_of_any_kind(
    tmp_path: Path, values: tuple[Any, ...], kind: str, kept: list[Any]
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    found = results({"x": values}, [("grid", (value,), run({"a": 1}, 1.0)) for value in values])
    export(found, tmp_path / "s.parquet", "en")
    column = pq.read_table(tmp_path / "s.parquet")["vary.x"]
    assert (str(column.type), column.to_pylist()) == (kind, kept)


def test_parquet_without_pyarrow_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match="Parquet needs pyarrow"):
        check_export(tmp_path / "s.parquet")


# ---------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_same_sweep_same_bytes(tmp_path: Path, ending: str) -> None:
    """Another day, another folder, another order of the runs' figures: the same bytes."""
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    one = export(small(), tmp_path / "one" / f"s{ending}", "en")
    if ending == ".xlsx":
        time.sleep(2.1)  # archives tell the time to two seconds
    other = export(small(), tmp_path / "two" / f"s{ending}", "en")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


@pytest.mark.parametrize(
    ("name", "hint"), [("s.xls", ".xlsx"), ("s.parket", ".parquet"), ("s", None), ("s.json", None)]
)
def test_unknown_endings_are_told(tmp_path: Path, name: str, hint: str | None) -> None:
    with pytest.raises(InputError) as caught:
        export(small(), tmp_path / name, "en")
    (fault,) = caught.value.faults
    assert "expected one of: .csv, .parquet, .xlsx" in fault.render()
    assert fault.hint == hint
    assert not list(tmp_path.iterdir())


def test_endings_may_be_in_capitals(tmp_path: Path) -> None:
    assert [path.name for path in export(small(), tmp_path / "S.XLSX", "en")] == ["S.XLSX"]


def test_synthetic_candidates_are_told(tmp_path: Path) -> None:
    found = dataclasses.replace(small(), meta={"synthetic": "true"})
    told = {table.name: {column.key: column.values for column in table.columns} for table in tables(found, "en")}
    assert (
        set(told[""]["synthetic"]) == set(told["awards"]["synthetic"]) == set(told["selection"]["synthetic"]) == {"yes"}
    )


def test_keys_are_unique() -> None:
    for table in tables(small(), "en", timings=True):
        keys = [column.key for column in table.columns]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("name", "heading", "form"),
    [
        ("supported.phase.emerging", "Supported candidates, phase emerging", "whole"),
        ("granted.region.", "Granted (€), region not stated", "euros"),
        ("granted.funder.M. X", "Granted (€), funder M. X", "euros"),
        ("paid.year.2021", "Paid (CP), year 2021", "euros"),
        ("transversal.animation", "Transversal costs and advantages (€), volet animation", "euros"),
        ("received", "Received", "whole"),
        ("jury.value", "Value of the jury's list", "number"),
        ("cofinancing_per_euro", "Co-financing per euro granted", "number"),
        ("something.new", "something.new", "number"),
    ],
)
def test_figures_have_words(name: str, heading: str, form: str) -> None:
    assert (figure_word(name, "en"), figure_form(name)) == (heading, form)


def test_figures_are_told_whole_before_parts() -> None:
    names = ["supported.volet.a", "granted", "zeta", "supported", "granted.volet.a"]
    assert sorted(names, key=figure_order) == ["granted", "supported", "granted.volet.a", "supported.volet.a", "zeta"]
