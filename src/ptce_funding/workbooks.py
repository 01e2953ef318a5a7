"""Sheets of .xlsx and .ods workbooks as rows of plain cells.

python-calamine reads the values. What it does not tell is looked up in the file itself beforehand: a formula that
failed (``#N/A``) comes back as a blank cell, which would silently turn a cost into nothing; a stray value in a far
corner makes it reserve room for the whole rectangle; and XML that breaks off may keep it busy for ever.
"""

import datetime
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from ptce_funding.cells import Cell
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.messages import LANGUAGES, N_, Message, message, nearest, translate

#: The sheet of candidates in the workbooks that this program writes, in the language of the workbook.
CANDIDATES_SHEET = N_("Candidates")

# No honest table of candidates comes near, and beyond it the memory may not suffice.
MOST_CELLS = 20_000_000
MOST_BYTES = 2**29

# What reading a damaged or encrypted archive may raise.
_DAMAGES = (
    ElementTree.ParseError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
)

_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class _Survey:
    """What a sheet holds apart from its values: its extent, and failed or unreckoned formulas by (row, column) from 0."""

    height: int = 0
    width: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, row: int, column: int, error: str | None = None) -> None:
        self.height = max(self.height, row + 1)
        self.width = max(self.width, column + 1)
        if error is not None:
            self.errors[row, column] = error


def read_sheet(path: Path, file: str, sheet: str | None) -> tuple[str, list[list[Cell]]]:
    """Return the name and the rows of a sheet, from the first row and column of the sheet on.

    Parameters
    ----------
    path, file
        Workbook, and its name in faults.
    sheet
        Name of the sheet; None for the first visible one that is named as this program names the candidates, else the first visible.

    Raises
    ------
    CandidatesError
        When the workbook cannot be read or has no such sheet.
    """
    import python_calamine as calamine

    try:
        with zipfile.ZipFile(path) as archive:
            _parse(archive)
            surveys = _survey_ods(archive) if "content.xml" in archive.namelist() else {}
            _limit(surveys, file)
            workbook = calamine.CalamineWorkbook.from_path(path)
            name = _sheet_name(workbook, file, sheet)
            survey = surveys.get(name) or _survey_xlsx(archive, name)
            _limit({name: survey}, file)
        rows = [[_cell(each) for each in row] for row in workbook.get_sheet_by_name(name).iter_rows()]
    except calamine.PasswordError as error:
        raise _fault(
            file, message("The workbook is protected by a password; expected one that opens freely.")
        ) from error
    except (calamine.CalamineError, *_DAMAGES) as error:
        reason = message("The file is not a workbook that can be read, or it is damaged: {reason}.", reason=str(error))
        raise _fault(file, reason) from error
    for (row, column), text in survey.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return name, rows


_TOO_LARGE = message("The sheet is too large; expected one row per candidate and no stray cells far away.")


def _fault(file: str, reason: Message, sheet: str | None = None, hint: str | None = None) -> CandidatesError:
    return CandidatesError([Fault(Place(file=file, sheet=sheet), reason, hint)])


def _sheet_name(workbook: Any, file: str, sheet: str | None) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    visible = [
        each.name
        for each in workbook.sheets_metadata
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
    ]
    names: list[str] = workbook.sheet_names
    if sheet is None:
        if not names:
            raise _fault(file, message("The workbook has no sheet."))
        known = {translate(CANDIDATES_SHEET, lang) for lang in LANGUAGES}
        return str(next((each for each in visible if each in known), (visible or names)[0]))
    if sheet not in names:
        reason = message(
            "There is no sheet “{sheet}”; expected one of: {sheets:list}.", sheet=sheet, sheets=tuple(names)
        )
        raise _fault(file, reason, hint=nearest(sheet, names))
    return sheet


def _cell(value: Any) -> Cell:
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return str(value)
    if value == "":
        return None
    cell: Cell = value
    return cell


def _limit(surveys: Mapping[str, _Survey], file: str) -> None:
    """Raise when a sheet is larger than the memory may be."""
    for name, survey in surveys.items():
        if survey.height * survey.width > MOST_CELLS:
            raise _fault(file, _TOO_LARGE, name)


def _parse(archive: zipfile.ZipFile) -> None:
    """Raise when a part of the workbook is not well-formed XML."""
    for member in archive.namelist():
        if member.endswith((".xml", ".rels")):
            with _open(archive, member) as file:
                expat.ParserCreate().ParseFile(file)


def _open(archive: zipfile.ZipFile, member: str) -> Any:
    if archive.getinfo(member).file_size > MOST_BYTES:
        raise ValueError(f"{member} > {MOST_BYTES}")
    return archive.open(member)


def _survey_xlsx(archive: zipfile.ZipFile, sheet: str) -> _Survey:
    survey = _Survey()
    with _open(archive, "xl/workbook.xml") as file:
        keys = [
            each.get(_REL) for each in ElementTree.parse(file).iter() if each.get("name") == sheet and each.get(_REL)
        ]
    with _open(archive, "xl/_rels/workbook.xml.rels") as file:
        targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.parse(file).iter()}
    target = targets[keys[0]]
    row, column = -1, -1
    with _open(archive, target.lstrip("/") if target.startswith("/") else f"xl/{target}") as file:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start" and tag == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif event == "start" and tag == "c":
                column = _column(element.get("r", "")) if element.get("r") else column + 1
            elif event == "end" and tag == "c":
                if len(element):
                    value = "".join(element.itertext()) if element.get("t") == "e" else None
                    survey.add(row, column, _unreckoned(element) if value is None else _error(element, value))
                element.clear()
            elif event == "end" and tag == "row":
                element.clear()
    return survey


def _error(element: ElementTree.Element, text: str) -> str:
    """Return the failure that a cell shows, leaving out its formula."""
    return next((each.text or text for each in element if each.tag.endswith("}v")), text)


def _unreckoned(element: ElementTree.Element) -> str | None:
    """Return a formula that no spreadsheet has reckoned yet, which python-calamine takes for a blank cell."""
    parts = {each.tag.rpartition("}")[2]: each.text or "" for each in element}
    return f"={parts['f']}" if "f" in parts and not parts.get("v") else None


def _column(reference: str) -> int:
    """Return the column, from 0, of a cell reference such as AB12."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1


def _survey_ods(archive: zipfile.ZipFile) -> dict[str, _Survey]:
    """Return what is to be known of every sheet; python-calamine reads all of them."""
    surveys: dict[str, _Survey] = {}
    survey, row, column, times = _Survey(), 0, 0, 1
    with _open(archive, "content.xml") as file:
        for event, element in ElementTree.iterparse(file, ("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start" and tag == "table":
                survey, row = surveys.setdefault(_attribute(element, "name") or "", _Survey()), 0
            elif event == "start" and tag == "table-row":
                column, times = 0, int(_attribute(element, "number-rows-repeated") or 1)
            elif event == "end" and tag == "table-row":
                row += times
                element.clear()
            elif event == "end" and tag in ("table-cell", "covered-table-cell"):
                repeated = int(_attribute(element, "number-columns-repeated") or 1)
                kinds = [value for key, value in element.items() if key.endswith("}value-type")]
                if kinds or len(element):
                    text = "".join(element.itertext()) if "error" in kinds else None
                    survey.add(row + times - 1, column + repeated - 1)
                    survey.add(row, column, text)
                column += repeated
    return surveys


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    return next((value for key, value in element.items() if key.endswith("}" + name)), None)
