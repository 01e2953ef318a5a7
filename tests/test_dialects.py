"""One table in six dialects of CSV, as XLSX and as ODS: the results are the same to the byte."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from conftest import ROOT
from ptce_funding.cli.main import run

SCENARIO = """\
format = 1
name = "dialects"
first_year = 2013
[candidates]
file = "pool.{ending}"
[envelope]
total = 3_000_000
[volets.v]
phases = ["consolidation", "emerging", "project"]
rate = 0.5
tolerance = 0.05
[eligibility]
criteria = "note-2011"
[value]
criteria = {{ score = 1.0 }}
[solve]
gap = 0.001
"""

Rows = list[list[str]]


def rows() -> Rows:
    """Return the pool of 2013 as a French spreadsheet writes it."""
    with (ROOT / "scenarios" / "data" / "aap-2013.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def is_number(cell: str) -> bool:
    """Whether a cell is a number with a decimal comma; codes that begin with a zero are not."""
    return cell.replace(",", "", 1).isdecimal() and not (cell.startswith("0") and cell[1:2].isdecimal())


def spaced(cell: str, space: str) -> str:
    """Group the thousands of a whole number."""
    return (
        f"{int(cell):,}".replace(",", space)
        if cell.isdecimal() and not cell.startswith("0") and len(cell) > 4
        else cell
    )


def text(table: Rows, delimiter: str) -> str:
    """Return a table as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(table)
    return buffer.getvalue()


def english(table: Rows) -> Rows:
    """Return a table with decimal points and true and false."""
    words = {"oui": "true", "non": "false"}
    return [table[0]] + [
        [words.get(cell, cell.replace(",", ".") if is_number(cell) else cell) for cell in row] for row in table[1:]
    ]


def numbered(table: Rows) -> Rows:
    """Return a table with 1 and 0 for yes and no in the columns of flags."""
    flags = {c for c in range(len(table[0])) if {row[c] for row in table[1:]} <= {"oui", "non"}}
    return [table[0]] + [
        [str(int(cell == "oui")) if c in flags else cell for c, cell in enumerate(row)] for row in table[1:]
    ]


def as_xlsx(table: Rows, path: Path) -> None:
    """Write a workbook with real numbers."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in table:
        book.active.append([float(cell.replace(",", ".")) if is_number(cell) else cell or None for cell in row])
    book.save(path)


def as_ods(table: Rows, path: Path) -> None:
    """Write an OpenDocument spreadsheet with real numbers."""
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Dossiers")
    for row in table:
        line = TableRow()
        for cell in row:
            value = cell.replace(",", ".")
            typed = TableCell(valuetype="float", value=value) if is_number(cell) else TableCell(valuetype="string")
            typed.addElement(P(text=cell))
            line.addElement(typed)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(path)


def csv_writer(encoding: str, delimiter: str, change: Callable[[Rows], Rows]) -> Callable[[Rows, Path], None]:
    """Return a function that writes one dialect."""

    def write(table: Rows, path: Path) -> None:
        path.write_bytes(text(change(table), delimiter).encode(encoding))

    return write


def grouped(space: str) -> Callable[[Rows], Rows]:
    """Return a change that groups thousands."""
    return lambda table: [table[0]] + [[spaced(cell, space) for cell in row] for row in table[1:]]


DIALECTS: dict[str, Callable[[Rows, Path], None]] = {
    "semicolons with BOM.csv": csv_writer("utf-8-sig", ";", lambda table: table),
    "commas, points.csv": csv_writer("utf-8", ",", english),
    "tabs, 1 and 0.csv": csv_writer("utf-8", "\t", numbered),
    "cp1252, no-break spaces.csv": csv_writer("cp1252", ";", grouped("\xa0")),
    "narrow spaces.csv": csv_writer("utf-8", ";", grouped("\u202f")),
    "spaces, rows reversed.csv": csv_writer("utf-8", ";", lambda table: [table[0], *grouped(" ")(table)[:0:-1]]),
    "workbook.xlsx": as_xlsx,
    "open document.ods": as_ods,
}


def test_results_are_the_same_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight files, one result."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    table, results = rows(), {}
    for name, write in DIALECTS.items():
        folder = tmp_path / name
        folder.mkdir()
        ending = name.rpartition(".")[2]
        write(table, folder / f"pool.{ending}")
        (folder / "call.toml").write_text(SCENARIO.format(ending=ending), encoding="utf-8")
        monkeypatch.chdir(folder)
        assert run(["simulate", "call.toml", "--out", "out"]) == 0
        files = sorted((folder / "out").iterdir())
        assert len(files) == 6
        results[name] = [path.read_bytes() for path in files]
    first = results["semicolons with BOM.csv"]
    assert [name for name, each in results.items() if each != first] == []
