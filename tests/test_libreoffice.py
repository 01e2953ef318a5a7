"""Workbooks that LibreOffice opens and saves: nothing in them acts, texts are shown as they were, and the way back is open.

One more workbook holds what must not be there, so that it is known that the tests would see it.
"""

import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlsxwriter

import tools
from conftest import ROOT, scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import candidates_from_frame
from ptce_funding.cli.main import run
from ptce_funding.loading import read_candidates
from ptce_funding.report.document import document
from ptce_funding.report.workbook import write_workbook
from ptce_funding.scenario_files import scenario_from
from test_candidate_export import frame_of
from test_workbook import HOSTILE, same

SCENARIO = str(ROOT / "scenarios" / "aap-2013.toml")
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

pytestmark = pytest.mark.slow

#: Without tabs: LibreOffice drops those of a text of several lines, whoever wrote it, and calamine those of any .ods file.
WORDS = [word.replace("\t", " ") for word in HOSTILE]
CANDIDATES = candidates_from_frame(
    frame_of(
        [
            ["id", "name", "phase", "score", "cost", "ask", "=1+1"],
            *([f"i{n}", name, "emerging", 1, 50_000, 50_000, name] for n, name in enumerate(WORDS)),
        ]
    )
)
RULE = {"name": "=rule", "title": {"fr": HOSTILE[1], "en": HOSTILE[1]}, "measure": "count", "max": 5}
HOSTILE_CALL = scenario_from(scenario_data(title={"fr": HOSTILE[1], "en": HOSTILE[1]}, rules=[RULE]))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three workbooks that LibreOffice saved as .ods, the first awards, and nothing of the user's own profile."""
    folder = tmp_path_factory.mktemp("workbooks")
    office = tools.tool("soffice")
    allocation = allocate(HOSTILE_CALL, CANDIDATES)
    write_workbook(allocation, folder / "hostile.xlsx", document(allocation, "x"), "en")
    words = ["simulate", SCENARIO, "--workbook", str(folder / "national.xlsx"), "--out", str(folder / "first")]
    assert run(words) == 0
    with xlsxwriter.Workbook(folder / "acting.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=1+1")
        sheet.write_url("A2", "https://example.org")
    names = [str(folder / f"{name}.xlsx") for name in ("hostile", "national", "acting")]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--norestore", "--convert-to", "ods", "--outdir", str(folder), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


def content(path: Path) -> ElementTree.Element:
    """Return what an .ods file holds."""
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read("content.xml"))


def acting(path: Path) -> set[str]:
    """Return what acts in a workbook: formulas, links, scripts, objects."""
    root = content(path)
    names = {name for each in root.iter() for name in (each.tag, *each.attrib)}
    bare = {name.rpartition("}")[2] for name in names}
    return bare & {"formula", "a", "href", "event-listener", "script", "object", "object-ole", "dde-source", "plugin"}


def shown(cell: ElementTree.Element) -> str:
    """Return the text that a cell shows."""
    return "\n".join(_written(paragraph) for paragraph in cell.findall(f"{TEXT}p"))


def _written(element: ElementTree.Element) -> str:
    own = {f"{TEXT}s": " " * int(element.get(f"{TEXT}c", "1")), f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
    inside = "".join(_written(each) + (each.tail or "") for each in element)
    return own.get(element.tag, (element.text or "") + inside)


def column(path: Path, sheet: str, number: int) -> list[ElementTree.Element]:
    """Return the cells of a column, but for its heading; no cell to the left may be blank."""
    table = next(each for each in content(path).iter(f"{TABLE}table") if each.get(f"{TABLE}name") == sheet)
    rows = [row.findall(f"{TABLE}table-cell") for row in table.iter(f"{TABLE}table-row")]
    return [row[number] for row in rows[1:] if len(row) > number]


@pytest.mark.parametrize(
    ("name", "expected"), [("hostile", set()), ("national", set()), ("acting", {"formula", "a", "href"})]
)
def test_nothing_acts(saved: Path, name: str, expected: set[str]) -> None:
    """Not in ours, whatever the names; in the one that was made so, both the formula and the link are seen."""
    assert acting(saved / f"{name}.ods") == expected


def test_texts_are_shown_as_they_were(saved: Path) -> None:
    """Names in the sheet of candidates, as texts; so is the title of the scenario on the first."""
    cells = column(saved / "hostile.ods", "Candidates", 1)
    assert [shown(cell) for cell in cells] == WORDS
    assert {cell.get(f"{OFFICE}value-type") for cell in cells} == {"string"}
    everything = content(saved / "hostile.ods").iter(f"{TABLE}table-cell")
    assert HOSTILE[1] in [shown(cell) for cell in everything]


def test_candidates_read_back_the_same(saved: Path) -> None:
    assert same(read_candidates(saved / "hostile.ods", HOSTILE_CALL), CANDIDATES)


def test_round_trip(saved: Path, tmp_path: Path) -> None:
    """Saved by LibreOffice, the workbook gives the awards that it was made with, byte for byte."""
    again = ["simulate", SCENARIO, "--candidates", str(saved / "national.ods"), "--out", str(tmp_path / "again")]
    assert run(again) == 0
    assert (tmp_path / "again" / "awards.csv").read_bytes() == (saved / "first" / "awards.csv").read_bytes()
