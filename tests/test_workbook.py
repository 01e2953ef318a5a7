"""A result as a workbook: the figures of the CSV files, no text that acts, the same bytes each time, and the way back."""

import csv
import datetime
import io
import re
import shlex
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from conftest import ROOT, scenario_data
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.candidate_set import FORMULA, Candidates
from ptce_funding.candidates import candidates_from_frame
from ptce_funding.cli.main import run
from ptce_funding.costing import cost
from ptce_funding.errors import CandidatesError, InputError
from ptce_funding.loading import read_call, read_candidates
from ptce_funding.messages import LANGUAGES, translate
from ptce_funding.report.columns import Column, Table
from ptce_funding.report.costing import costing_document
from ptce_funding.report.document import document
from ptce_funding.report.tables import as_csv, awards_table, candidates_table
from ptce_funding.report.workbook import check_workbook, result_tables, write_workbook
from ptce_funding.report.workbook_tables import candidates_sheet
from ptce_funding.report.xlsx import sheet_names, workbook
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from test_candidate_export import frame_of, tables
from test_tables import ods, xlsx

SHEETS = [
    "Read me", "Summary", "Awards", "Outcomes", "Calendar", "Breakdown", "Rules", "Proof", "Jury's list", "Sources",
    "Provenance", "Candidates",
]  # fmt: skip

# Three ask 50 k€ each of 100 k€, and less than that is not given: the two best get it.
VOLETS = {"v": {"phases": ["emerging", "consolidation", "project"], "tolerance": 1.0, "grant": {"min": 50_000}}}
POOL = """
    id,name,region,phase,score,cost,ask
    a,Alpha,Bretagne,emerging,3,50000,50000
    b,Beta,Bretagne,emerging,2.5,50000,50000
    c,Gamma,Corse,consolidation,1,50000,50000
"""

HOSTILE = [
    "</script><script>alert(1)</script>",
    '=HYPERLINK("https://example.org";"x")',
    "+1+1",
    "-1",
    "@SUM(A1)",
    "https://example.org",
    "mailto:a@example.org",
    "internal:'Awards'!A1",
    "\u202eelddim\u202c \u200f\u2066x",
    "x" * 300,
    "👩‍👩‍👧 é 🇫🇷",
    "007",
    "1e5",
    "TRUE",
    "<r><t>not a cell</t></r>",
    "_x0041_",
    "{=1+1}",
    "'=1",
    "a\nb\tc",
    "]]>&amp;",
]


def page_of(allocation: Allocation) -> dict[str, Any]:
    """Return the document of a result."""
    return document(allocation, "ptce-fund simulate small.toml")


def saved(allocation: Allocation, path: Path, lang: str = "en") -> openpyxl.Workbook:
    """Write a workbook, and open it."""
    write_workbook(allocation, path, page_of(allocation), lang)
    return openpyxl.load_workbook(path)


def cells(book: openpyxl.Workbook, sheet: str) -> list[list[Any]]:
    """Return the values of a sheet."""
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def written_pool(candidates: Candidates, scenario: Scenario, path: Path, lang: str) -> Path:
    """Write the sheet of candidates alone."""
    path.write_bytes(workbook([candidates_sheet(candidates, scenario, lang)], path, "x"))
    return path


def same(one: Candidates, other: Candidates) -> bool:
    """Return whether two tables say the same in columns of the same kinds and order."""
    return one.digest() == other.digest() and list(one.kinds.items()) == list(other.kinds.items())


# -------------------------------------------------------------------------------------------------------------- sheets


def test_sheets(solve: Callable[..., Allocation], tmp_path: Path) -> None:
    """Headings stay in sight and filter, numbers are numbers, amounts look like euros, days like days."""
    rules = [{"name": "most", "measure": "share", "of": "envelope", "by": ["region"], "max": 1.0}]
    book = saved(solve(POOL, volets=VOLETS, rules=rules), tmp_path / "r.xlsx")
    assert book.sheetnames == SHEETS
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    assert [sheet.auto_filter.ref for sheet in book][:3] == [None, f"A1:E{book['Summary'].max_row}", "A1:L3"]
    assert all(cell.font.bold for sheet in book for cell in sheet[1])
    assert cells(book, "Awards")[1:] == [
        ["a", "Alpha", "v", None, 2020, None, 50_000, "no", "grant", "v", None, None],
        ["b", "Beta", "v", None, 2020, None, 50_000, "no", "grant", "v", None, None],
    ]
    assert book["Awards"]["G2"].number_format == '#,##0 "€"'
    assert book["Awards"]["E2"].number_format == "General"
    assert book["Awards"]["A2"].number_format == "@"
    assert cells(book, "Rules")[1] == [
        "most", "Bretagne", "share of the envelope", 1, None, 1, 0, "kept", "most",
    ]  # fmt: skip
    assert book["Rules"]["D2"].number_format == "0.0%"
    assert cells(book, "Proof")[1:] == [["all", 5.5, 5.5, 0, 5.5]]
    assert cells(book, "Jury's list")[1:] == [
        [1, "a", "Alpha", "emerging", 3, 50_000, 50_000, "no"],
        [2, "b", "Beta", "emerging", 2.5, 50_000, 50_000, "no"],
    ]
    summary = {tuple(row[:3]): cell for row, cell in zip(cells(book, "Summary"), book["Summary"]["D"], strict=True)}
    assert summary[None, None, "Envelope (€)"].number_format == '#,##0 "€"'
    assert summary["year", "2020", "Paid (CP)"].number_format == '#,##0 "€"'
    assert summary["Funnel", "received", "Candidates"].number_format == "General"
    assert ["First year", 2020] in [row[:2] for row in cells(book, "Sources")]
    assert 8 <= book["Awards"].column_dimensions["B"].width <= 12
    # Nobody would see the second half of a cell of 300 characters.
    assert max(sheet.column_dimensions["D"].width for sheet in book) <= 41


def test_first_sheet(solve: Callable[..., Allocation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what was asked and found, and what every other sheet is."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    book = saved(solve(POOL, volets=VOLETS), tmp_path / "r.xlsx")
    rows = cells(book, "Read me")
    told = {row[0]: row[1] for row in rows}
    assert rows[0] == ["About this workbook", "small"]
    expected = {
        "Scenario": "small",
        "Status": "optimal",
        "Envelope (€)": 100_000,
        "Granted (€)": 100_000,
        "Supported candidates": 2,
        "Value": 5.5,
        "Proved bound": 5.5,
        "Gap": 0,
        "Date": datetime.datetime(2020, 1, 1),
        "Command": "ptce-fund simulate small.toml",
    }
    assert expected.items() <= told.items()
    assert "passed" in told["Audit"]
    assert "Warning" not in told
    assert [row[0] for row in rows if str(row[0]).startswith("Sheet ")] == [f"Sheet “{name}”" for name in SHEETS[1:]]
    assert book.properties.created == datetime.datetime(2020, 1, 1)
    assert book["Read me"]["B14"].number_format == "d mmm yyyy"
    french = saved(solve(POOL, volets=VOLETS), tmp_path / "f.xlsx", "fr")
    assert (french["Provenance"]["B3"].value, french["Provenance"]["B3"].number_format) == (
        datetime.datetime(2020, 1, 1),
        "dd/mm/yyyy",
    )


def test_synthetic_candidates_are_told_first(solve: Callable[..., Allocation], tmp_path: Path) -> None:
    pool = "id,phase,score,cost,ask,synthetic\na,emerging,1,50000,50000,yes\nb,emerging,1,50000,50000,no"
    rows = cells(saved(solve(pool, volets=VOLETS), tmp_path / "r.xlsx"), "Read me")
    assert rows[1][0] == "Warning"
    assert rows[1][1].startswith("Synthetic candidates: 1 of 2 rows")


def test_the_figures_are_those_of_the_csv_files(solve: Callable[..., Allocation], tmp_path: Path) -> None:
    allocation = solve(POOL, volets=VOLETS)
    book = saved(allocation, tmp_path / "r.xlsx")
    for sheet, made in (("Awards", awards_table), ("Outcomes", candidates_table)):
        rows = made(allocation, "en").rows()
        assert cells(book, sheet) == [[None if value == "" else value for value in row] for row in rows]


def test_without_an_allocation(solve: Callable[..., Allocation], tmp_path: Path) -> None:
    """Sheets have their headings, and the first says why there is nothing below."""
    book = saved(
        solve(POOL, volets=VOLETS, rules=[{"name": "most", "measure": "count", "min": 9}]), tmp_path / "r.xlsx"
    )
    told = {row[0]: row[1] for row in cells(book, "Read me")}
    assert told["Status"] == "no allocation exists"
    assert "No allocation keeps all the rules" in told["Reason"] or "most" in told["Reason"]
    assert not {"Granted (€)", "Value", "Audit"} & set(told)
    assert len(cells(book, "Awards")) == 1
    assert cells(book, "Jury's list")[1][6] is None
    assert len(cells(book, "Candidates")) == 4


def test_cost_has_its_targets(tmp_path: Path, read_text: Callable[..., Candidates]) -> None:
    """Two must be supported: 100 k€ do it."""
    scenario = scenario_from(scenario_data(volets=VOLETS, targets=[{"name": "two", "measure": "count", "min": 2}]))
    costing = cost(scenario, read_text(POOL, scenario))
    assert costing.allocation is not None
    page = costing_document(costing, "c", "s")["allocation"]
    write_workbook(costing.allocation, tmp_path / "c.xlsx", page, "en", costing)
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames == [*SHEETS[:2], "Targets", *SHEETS[2:]]
    assert cells(book, "Targets")[1] == ["two", None, "candidates", 2, 2, None, 0, "kept", "two"]
    told = {row[0]: row[1] for row in cells(book, "Read me")}
    assert told["Smallest envelope that reaches the targets (€)"] == 100_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_languages(solve: Callable[..., Allocation], tmp_path: Path, lang: str) -> None:
    """Names of sheets and headings are those of the language."""
    book = saved(solve(POOL, volets=VOLETS), tmp_path / "r.xlsx", lang)
    assert book.sheetnames == sheet_names(translate(name, lang) for name in SHEETS)
    assert cells(book, translate("Awards", lang))[0][0] == translate("Candidate", lang)
    assert cells(book, translate("Candidates", lang))[0][3] == translate("Phase", lang)


def test_same_result_same_bytes(
    solve: Callable[..., Allocation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the folder, the clock and the time that the solver took; another date is another workbook."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577836800")
    for name in ("one", "two"):
        saved(solve(POOL, volets=VOLETS), tmp_path / name / "r.xlsx")
    with monkeypatch.context() as patch:
        patch.setattr("time.time", lambda: 2_000_000_000.0)
        saved(solve(POOL, volets=VOLETS), tmp_path / "three.xlsx")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1577923200")
    saved(solve(POOL, volets=VOLETS), tmp_path / "four.xlsx")
    one, two, three, four = (
        (tmp_path / name).read_bytes() for name in ("one/r.xlsx", "two/r.xlsx", "three.xlsx", "four.xlsx")
    )
    assert one == two == three != four


# ------------------------------------------------------------------------------------------------------- hostile texts


def test_no_text_acts(tmp_path: Path) -> None:
    """Names, headings, regions of rules and words of the scenario are texts in the workbook, and guarded in CSV."""
    frame = frame_of(
        [
            ["id", "name", "phase", "score", "cost", "ask", "=1+1", "<r>x</r>"],
            *([f"i{n}", name, "emerging", 1, 50_000, 50_000, name, "-2"] for n, name in enumerate(HOSTILE)),
        ]
    )
    hostile = HOSTILE[1]
    scenario = scenario_from(
        scenario_data(
            title={"fr": hostile, "en": hostile},
            rules=[{"name": "=rule", "title": {"fr": hostile, "en": hostile}, "measure": "count", "max": 5}],
        )
    )
    allocation = allocate(scenario, candidates_from_frame(frame))
    book = saved(allocation, tmp_path / "r.xlsx")
    pool = cells(book, "Candidates")
    assert pool[0][6:8] == ["=1+1", "<r>x</r>"]
    # openpyxl does not undo the escape of a text that looks like one.
    assert [row[1].replace("_x005F_", "_") for row in pool[1:]] == HOSTILE
    assert [cell.data_type for cell in book["Candidates"]["B"]] == ["s"] * (len(HOSTILE) + 1)
    assert book["Read me"]["B1"].value == hostile
    assert book["Rules"]["A2"].value == hostile
    with zipfile.ZipFile(tmp_path / "r.xlsx") as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    assert len([name for name in members if name.startswith("xl/worksheets/")]) == len(SHEETS)
    for name, text in members.items():
        root = ElementTree.fromstring(text)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"f", "hyperlink", "hyperlinks", "oleObject", "externalReference"}, name
        assert "TargetMode" not in text
    for table in (awards_table(allocation, "fr"), candidates_table(allocation, "fr")):
        text = as_csv(table.rows(), "fr").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        assert all(not cell.startswith(FORMULA) for row in rows for cell in row)
        assert [[cell.removeprefix("'") for cell in row] for row in rows] != rows


def test_signs_that_xml_forbids_are_seen(tmp_path: Path) -> None:
    values = ("a\x00b\x1bc\rd", "\ud800x", "\ufffe", "é" * 40_000, "😀" * 20_000, "😀" * 16_383)
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook([Table("", "T", (Column("c", "c\x07", "text", values),))], path, "x"))
    sheet = openpyxl.load_workbook(path)["T"]
    told = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert told[:4] == ["c␇", "a␀b␛c␍d", "�x", "�"]
    assert told[4] == "é" * 32_766 + "…"
    # An emoji is two of the characters that spreadsheets count.
    assert told[5] == "😀" * 16_383 + "…"
    assert told[6] == "😀" * 16_383


def test_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    values = (0.1 + 0.2, 62.43333333333334, 1 / 3, 1e22, 5e-324, 3_000_000, 10**12, -0.5)
    path = tmp_path / "t.xlsx"
    path.write_bytes(workbook([Table("", "T", (Column("c", "c", "number", values),))], path, "x"))
    sheet = openpyxl.load_workbook(path)["T"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == list(values)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["A", "a", "A"], ["A", "a (2)", "A (3)"]),
        (["a/b:c[d]*?\\", "'x'", "", "History"], ["a-b-c-d----", "x", "-", "History (2)"]),
        (["x" * 40, "x" * 41], ["x" * 30 + "…", "x" * 26 + "… (2)"]),
        (["😀" * 16], ["😀" * 15 + "…"]),
    ],
)
def test_names_of_sheets(titles: list[str], names: list[str], tmp_path: Path) -> None:
    """At most 31 characters, none of []:*?/\\, no two alike; xlsxwriter takes them."""
    assert sheet_names(titles) == names
    sheets = [Table("", title, (Column("c", "c", "any", ()),)) for title in titles]
    assert openpyxl.load_workbook(io.BytesIO(workbook(sheets, tmp_path, "x"))).sheetnames == names


# -------------------------------------------------------------------------------------------------------- the way back


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_candidates_read_back_the_same(path: Path, lang: str, tmp_path: Path) -> None:
    """Those of every scenario, of one volet or several."""
    scenario, candidates = read_call(path)
    book = written_pool(candidates, scenario, tmp_path / "p.xlsx", lang)
    assert same(read_candidates(book, scenario), candidates)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_any_table_reads_back_the_same(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]) -> None:
    try:
        candidates = candidates_from_frame(frame_of(rows))
    except CandidatesError:  # a text that looks like a failed formula, or a free heading that stands twice
        return
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    for lang in LANGUAGES:
        again = read_candidates(written_pool(candidates, scenario_from(scenario_data()), path, lang))
        assert same(again, candidates)


OWN = [
    ["N° dossier", "Intitulé", "phase", "Points", "Score", "cost", "ask", "QPV", "Ouvert le", "Code", "Ton", "Vide", "v.own"],
    ["007", "=1+1", "émergent", 0.1 + 0.2, 4, 50_000, 50_000, True, datetime.date(2020, 1, 2), "012", "oui", None, 5],
    ["7", "é\u202e", "témoin", 62.43333333333334, None, 60_000, 50_000, None, None, "9", None, None, None],
    [8, None, "en projet", 1, 2, None, None, False, datetime.date(2021, 12, 31), "x", "non", None, 10**9],
]  # fmt: skip


def test_own_headings_days_and_codes_survive(tmp_path: Path) -> None:
    """The user's headings where the scenario names them, own columns, blanks, days as days, codes as texts."""
    columns = {"id": "N° dossier", "name": "Intitulé", "merit": "Points"}
    pool = tmp_path / "own.xlsx"
    pool.write_bytes(xlsx(OWN, "Dossiers 2020"))
    scenario = scenario_from(
        scenario_data(
            candidates={"file": str(pool), "sheet": "Dossiers 2020", "columns": columns},
            value={"criteria": {"merit": 1.0}},
        )
    )
    candidates = read_candidates(None, scenario)
    for lang in LANGUAGES:
        book = saved(allocate(scenario, candidates), tmp_path / f"{lang}.xlsx", lang)
        assert book.sheetnames[-1] == "Dossiers 2020"
        sheet = book["Dossiers 2020"]
        heading = [cell.value for cell in sheet[1]]
        assert heading[:2] == ["N° dossier", "Intitulé"]
        assert heading[3] == "Points"
        # In the natural order 7 and 007 are one number.
        assert {cell.value for cell in sheet["A"][1:]} == {"007", "7", "8"}
        day, day_format = heading.index("Ouvert le"), {"fr": "dd/mm/yyyy", "en": "d mmm yyyy"}[lang]
        assert [(cell.value, cell.number_format) for cell in list(sheet.columns)[day][1:] if cell.value] == [
            (datetime.datetime(2020, 1, 2), day_format),
            (datetime.datetime(2021, 12, 31), day_format),
        ]
        assert same(read_candidates(tmp_path / f"{lang}.xlsx", scenario), candidates)


def test_a_heading_that_the_user_has_for_another_column(tmp_path: Path) -> None:
    """The user calls the score “Members”, and the members “Membres”: in English these keep their name for programs."""
    pool = tmp_path / "own.xlsx"
    pool.write_bytes(xlsx([["id", "phase", "Members", "Membres"], ["a", "emerging", 5, 9]]))
    scenario = scenario_from(scenario_data(candidates={"file": str(pool), "columns": {"score": "Members"}}))
    candidates = read_candidates(None, scenario)
    assert candidates.column("members").tolist() == [9]
    book = written_pool(candidates, scenario, tmp_path / "p.xlsx", "en")
    assert same(read_candidates(book, scenario), candidates)


def test_a_user_sheet_may_have_the_name_of_ours(tmp_path: Path) -> None:
    pool = tmp_path / "own.xlsx"
    pool.write_bytes(xlsx([["id", "phase", "score", "cost", "ask"], ["a", "emerging", 5, 50_000, 50_000]], "summary"))
    scenario = scenario_from(scenario_data(candidates={"file": str(pool), "sheet": "summary"}))
    candidates = read_candidates(None, scenario)
    book = saved(allocate(scenario, candidates), tmp_path / "r.xlsx")
    assert book.sheetnames[1] == "Summary (2)"
    assert same(read_candidates(tmp_path / "r.xlsx", scenario), candidates)


def test_other_programs_may_save_it(tmp_path: Path) -> None:
    """Written again by openpyxl, or cell by cell as .ods: the same candidates."""
    scenario, candidates = read_call(ROOT / "scenarios" / "note-2011-50m.toml")
    path = written_pool(candidates, scenario, tmp_path / "p.xlsx", "fr")
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book["Candidats"].iter_rows(values_only=True)]
    book.save(tmp_path / "again.xlsx")
    (tmp_path / "again.ods").write_bytes(ods(rows, "Candidats"))
    assert same(read_candidates(tmp_path / "again.xlsx", scenario), candidates)
    assert same(read_candidates(tmp_path / "again.ods", scenario), candidates)


def test_which_sheet_is_read(tmp_path: Path) -> None:
    """The one named as ours, in either language, when it is visible; the first one else; the one that is asked for always."""
    ours, other = [["id", "phase"], ["ours", "project"]], [["id", "phase"], ["other", "project"]]
    path = tmp_path / "b.xlsx"
    for name in ("Candidats", "Candidates"):
        path.write_bytes(xlsx(other, "Notes", **{name: ours}))
        assert read_candidates(path).ids == ("ours",)
        assert read_candidates(path).sheet == name
    path.write_bytes(xlsx(other, "Notes", candidates=ours))
    assert read_candidates(path).ids == ("other",)
    book = openpyxl.load_workbook(path)
    book["candidates"].title = "x"
    book["x"].title = "Candidates"
    book["Candidates"].sheet_state = "hidden"
    book.save(path)
    assert read_candidates(path).ids == ("other",)
    scenario = scenario_from(scenario_data(candidates={"sheet": "Candidates"}))
    assert read_candidates(path, scenario).ids == ("ours",)
    scenario = scenario_from(scenario_data(candidates={"sheet": "Candidate"}))
    with pytest.raises(CandidatesError, match="There is no sheet “Candidate”"):
        read_candidates(path, scenario)


# -------------------------------------------------------------------------------------------------------- command line


def awards(tmp_path: Path, *words: str) -> bytes:
    """Run `simulate`, and return the file of awards."""
    assert run(["simulate", *words, "--lang", "en", "--out", str(tmp_path / "out")]) == 0
    return (tmp_path / "out" / "awards.csv").read_bytes()


@pytest.mark.parametrize(("name", "way"), [("aap-2013", "highs"), ("proposition-2012-20m", "ranking")])
def test_round_trip(name: str, way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unedited, the workbook gives the same awards, byte for byte; edited, what the CSV file gives when it is edited so.

    One volet to the optimum; several by the jury's list, which is quick.
    """
    scenario, book = str(ROOT / "scenarios" / f"{name}.toml"), tmp_path / "r.xlsx"
    first = awards(tmp_path, scenario, "--solver", way, "--workbook", str(book))
    assert str(book) in re.sub(r"\n", "", capsys.readouterr().out)
    assert awards(tmp_path, scenario, "--solver", way, "--candidates", str(book)) == first
    # The first award goes to somebody who asks for so little and scores so badly that it goes elsewhere.
    loser = first.decode("utf-8-sig").splitlines()[1].split(",")[0]
    opened = openpyxl.load_workbook(book)
    sheet = opened["Candidates"]
    headings = [cell.value for cell in sheet[1]]
    asks = [n for n, heading in enumerate(headings) if heading.endswith("Grant asked for")]
    row = next(cells for cells in sheet.iter_rows(min_row=2) if cells[0].value == loser)
    row[headings.index("Score")].value = 0.5
    for n in asks:
        row[n].value = (row[n].value or 0) // 2
    opened.save(tmp_path / "edited.xlsx")
    source = ROOT / "scenarios" / "data" / f"{name.removesuffix('-20m')}.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    line = next(each for each in rows if each[0] == loser)
    line[rows[0].index("Note")] = "0,5"
    for n, heading in enumerate(rows[0]):
        if heading.endswith("Subvention demandée"):
            line[n] = str(int(line[n] or 0) // 2)
    with (tmp_path / "edited.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    by_book = awards(tmp_path, scenario, "--solver", way, "--candidates", str(tmp_path / "edited.xlsx"))
    assert by_book == awards(tmp_path, scenario, "--solver", way, "--candidates", str(tmp_path / "edited.csv"))
    assert by_book != first


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small call, to run commands in."""
    lines = [line.strip() for line in POOL.strip().splitlines()]
    (tmp_path / "pool.csv").write_text("\n".join(lines), encoding="utf-8")
    text = (
        'format = 1\nname = "{name}"\nfirst_year = 2020\ncandidates.file = "pool.csv"\n'
        "envelope = {{ total = 100_000, grant_step = 10_000 }}\n"
        'volets.v = {{ phases = ["emerging", "consolidation"], tolerance = 1.0, grant.min = 50_000 }}\n'
        "value = {{ criteria = {{ score = 1.0 }}, fixed = 1.0 }}\n"
        'targets = [{{ name = "two", measure = "count", min = {least} }}]\n'
    )
    (tmp_path / "one.toml").write_text(text.format(name="one", least=2), encoding="utf-8")
    (tmp_path / "two.toml").write_text(text.format(name="two", least=1), encoding="utf-8")
    (tmp_path / "nine.toml").write_text(text.format(name="nine", least=9), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_several_scenarios_have_a_workbook_each(small: Path) -> None:
    assert run(["simulate", "one.toml", "two.toml", "--workbook", "w/r.xlsx"]) == 0
    assert sorted(path.name for path in (small / "w").iterdir()) == ["r-one.xlsx", "r-two.xlsx"]


def test_no_allocation_is_exit_2_with_a_workbook(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For `cost` there is nothing to write, and it says so."""
    assert run(["simulate", "nine.toml", "--workbook", "r.xlsx"]) == 2
    assert (small / "r.xlsx").exists()
    assert run(["cost", "nine.toml", "--workbook", "c.xlsx", "--lang", "en"]) == 2
    assert "c.xlsx is not written" in capsys.readouterr().out
    assert not (small / "c.xlsx").exists()


def test_cost_writes_a_workbook(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "one.toml", "--workbook", "c.xlsx", "--lang", "en", "--json"]) == 0
    assert "c.xlsx" in capsys.readouterr().err
    assert "Targets" in openpyxl.load_workbook("c.xlsx").sheetnames


@pytest.mark.parametrize("command", ["simulate", "cost"])
def test_other_endings_are_refused(small: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is solved before, and nothing written."""
    before = sorted(small.iterdir())
    scenarios = ["one.toml", "two.toml"] if command == "simulate" else ["one.toml"]
    for name, hint in (("r.ods", "r.xlsx"), ("r", "r.xlsx"), ("r.xls", "r.xlsx"), (".", "")):
        assert run([command, *scenarios, "--workbook", name, "--lang", "en"]) == 1
        said = capsys.readouterr()
        assert "A workbook is written as .xlsx" in said.err
        assert hint in said.err
        assert said.out == ""
    assert sorted(small.iterdir()) == before


def test_the_candidates_are_not_written_over(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "one.toml", "--workbook", "r.xlsx"]) == 0
    data = (small / "r.xlsx").read_bytes()
    command = ["one.toml", "--candidates", "r.xlsx", "--workbook", "./w/../r.xlsx", "--lang", "en"]
    (small / "w").mkdir()
    for name in ("simulate", "cost"):
        assert run([name, *command]) == 1
        assert "would take the place of the candidates" in capsys.readouterr().err
    assert (small / "r.xlsx").read_bytes() == data
    with pytest.raises(InputError):
        check_workbook(Path("r.xlsx"), str(small / "r.xlsx"))


def test_what_cannot_be_written_leaves_what_was_there(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder in the place of the file, a file in the place of the folder: one line, no half-written file."""
    (small / "d.xlsx").mkdir()
    before = sorted(small.iterdir())
    for name in ("d.xlsx", "pool.csv/r.xlsx"):
        assert run(["simulate", "one.toml", "--workbook", name, "--lang", "en"]) == 1
        said = capsys.readouterr().err
        assert name.split("/")[0] in said
        assert "Traceback" not in said
    assert sorted(small.iterdir()) == before


def test_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of docs/results.md do what it says, and its tables name every file and every sheet."""
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    for command in re.findall(r"```console\n(.*?)```", text, re.DOTALL)[0].splitlines():
        assert run(shlex.split(command)[1:]) == 0, command
    folder, workbook_ = text.split("## Le classeur")
    files = re.findall(r"^\| (.*?) \|", folder, re.MULTILINE)[1:]
    assert sorted(each.strip("`") for each in files) == sorted(path.name for path in Path("result").iterdir())
    sheets = re.findall(r"^\| (.*?) \| (.*?) \|", workbook_, re.MULTILINE)[1:]
    assert [english for _, english in sheets if english != "Targets"] == SHEETS
    assert all(french == translate(english, "fr") for french, english in sheets)
    first, again = (openpyxl.load_workbook(name) for name in ("result.xlsx", "again.xlsx"))
    assert first.sheetnames == SHEETS
    assert all(cells(first, name) == cells(again, name) for name in SHEETS if name not in ("Read me", "Provenance"))


def test_every_sheet_is_explained(solve: Callable[..., Allocation]) -> None:
    """A new sheet without a word about it fails here, as the first sheet is made."""
    allocation = solve(POOL, volets=VOLETS)
    first, *others = result_tables(allocation, page_of(allocation), "en")
    assert len([value for value in first.columns[0].values if value.startswith("Sheet ")]) == len(others)
