"""Tables as people keep them: CSV of any usual dialect, .xlsx and .ods, read cell by cell.

Cells stay as they were written; what they mean is the business of `cells`. A blank first row, blank rows in between
and columns without anything in them are skipped. Rows keep the number by which the user finds them again: the row of
the spreadsheet, or the line of the text file on which the row begins.
"""

import codecs
import csv
import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ptce_funding.cells import Cell, is_blank, plain
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.files import os_reason
from ptce_funding.messages import Message, message

_log = logging.getLogger(__name__)

TEXT_FILES = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".ods")

# More faults than this help nobody.
MOST_FAULTS = 200

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DELIMITERS = ";\t,"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of a table as they were read.

    Parameters
    ----------
    file, sheet
        File as the user named it; sheet of a workbook, None for text.
    headings
        One text per column, all different.
    rows
        Cells by row, as many as there are headings.
    numbers
        Row of the spreadsheet, or line of the text file on which each row begins.
    heading_number
        The same of the headings.
    """

    file: str
    sheet: str | None
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    heading_number: int = 1

    def place(self, number: int | None = None, column: str | None = None, candidate: str | None = None) -> Place:
        """Return the place of a cell, a row, a column or the whole table."""
        return Place(file=self.file, sheet=self.sheet, row=number, column=column, id=candidate)


def read_table(path: str | Path, *, encoding: str | None = None, sheet: str | None = None) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        A .csv, .tsv or .txt file with commas, semicolons or tabs, or an .xlsx or .ods workbook.
    encoding
        Encoding of a text file; None: what its byte order mark says, else UTF-8, else Windows-1252.
    sheet
        Sheet of a workbook; None for the first visible one, or the one of candidates in a workbook that this program wrote.

    Raises
    ------
    CandidatesError
        With every fault found in the file's form.
    """
    table, faults = scan_table(path, encoding=encoding, sheet=sheet)
    if faults:
        raise CandidatesError(limited(faults))
    return table


def scan_table(path: str | Path, *, encoding: str | None = None, sheet: str | None = None) -> tuple[Table, list[Fault]]:
    """Read what can be read of a table, and list what is wrong with its form.

    Raises
    ------
    CandidatesError
        When nothing can be read.
    """
    file, path = str(path), Path(path)
    suffix = path.suffix.lower()
    if suffix not in TEXT_FILES + WORKBOOKS:
        raise _failure(
            file,
            message(
                "The name of the file ends in “{suffix}”; expected one of: {suffixes:list}.",
                suffix=suffix,
                suffixes=TEXT_FILES + WORKBOOKS,
            ),
        )
    data = _bytes(path, file)
    if not data:
        raise _failure(file, message("The file is empty."))
    if suffix in WORKBOOKS:
        from ptce_funding.workbooks import read_sheet

        name, cells = read_sheet(path, file, sheet)
        return arrange(file, name, enumerate(cells, start=1), [])
    if sheet is not None:
        raise _failure(file, message("A text file has no sheets; expected a workbook, or no sheet to be named."))
    text = _decoded(data, file, encoding)
    faults: list[Fault] = []
    return arrange(file, None, _records(text, file, faults), faults)


def limited(faults: Sequence[Fault]) -> list[Fault]:
    """Return the first `MOST_FAULTS` faults and one that says how many more there are."""
    if len(faults) <= MOST_FAULTS:
        return list(faults)
    rest = message("There are {n} more faults; correct the first ones and try again.", n=len(faults) - MOST_FAULTS)
    return [*faults[:MOST_FAULTS], Fault(Place(file=faults[0].place.file), rest)]


def _failure(file: str, reason: Message, row: int | None = None) -> CandidatesError:
    return CandidatesError([Fault(Place(file=file, row=row), reason)])


def _bytes(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _failure(file, message("There is no such file.")) from error
    except IsADirectoryError as error:
        raise _failure(file, message("This is a folder; expected a file.")) from error
    except PermissionError as error:
        # Windows refuses to open a folder, too.
        reason = message("This is a folder; expected a file.") if path.is_dir() else None
        raise _failure(file, reason or message("The file may not be read: permission denied.")) from error
    except OSError as error:
        raise _failure(file, message("The file cannot be read: {reason}.", reason=os_reason(error))) from error
    except ValueError as error:
        raise _failure(file, message("The file cannot be read: {reason}.", reason=str(error))) from error


def _decoded(data: bytes, file: str, encoding: str | None) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise _failure(file, message("The file is a workbook under the name of a text file; expected .xlsx or .ods."))
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    tries = (encoding,) if encoding else (marked,) if marked else ("utf-8", "cp1252")
    for name in tries:
        try:
            text = data.decode(name).removeprefix("\ufeff")
        except LookupError as error:
            reason = message("The encoding “{encoding}” is unknown; expected one such as utf-8.", encoding=name)
            raise _failure(file, reason) from error
        except UnicodeDecodeError as error:
            wrong = error
        except (UnicodeError, ValueError) as error:
            reason = message("The file cannot be read as {encoding}: {reason}.", encoding=name, reason=str(error))
            raise _failure(file, reason) from error
        else:
            if "\0" in text:
                reason = message("The text holds NUL characters; expected a text file, or its encoding to be named.")
                raise _failure(file, reason, _line(text[: text.index("\0")]))
            _log.debug("%s read as %s", file, name)
            return text
    reason = message(
        "The byte {byte} cannot be read as {encoding}; expected the encoding of the file to be named.",
        byte=f"0x{wrong.object[wrong.start]:02X}",
        encoding=tries[-1],
    )
    raise _failure(file, reason, _line(wrong.object[: wrong.start].decode(tries[-1], "ignore")))


def _line(before: str) -> int:
    """Return the number of the line after the text `before`."""
    return before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def delimiter(text: str) -> str:
    """Return the delimiter of a CSV text: the one most frequent outside quotes in its first line with any words.

    `csv.Sniffer` is not used: it fails on tables of one column.
    """
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = worded = False
    for each in text:
        if each == '"':
            quoted = not quoted
        elif not quoted and each in counts:
            counts[each] += 1
        elif not quoted and each in "\r\n":
            if worded:
                break
            counts = dict.fromkeys(_DELIMITERS, 0)
        worded = worded or not (each.isspace() or each in _DELIMITERS or each == '"')
    return max(_DELIMITERS, key=lambda each: (counts[each], -_DELIMITERS.index(each)))


def _records(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the line on which each record begins and its cells; add to `faults` when the text breaks off."""
    first, _, rest = text.partition("\n")
    mark = delimiter(text)
    skipped = 0
    # What Excel puts first to name its delimiter.
    if len(first.strip("\r")) == 5 and first.startswith("sep="):
        mark, text, skipped = first[4], rest, 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    start = 1
    try:
        for record in reader:
            yield start + skipped, list(record)
            start = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            reason = message("A quotation mark opens in this row and is never closed.")
        else:
            reason = message("The row cannot be read as CSV: {reason}.", reason=str(error))
        faults.append(Fault(Place(file=file, row=start + skipped), reason))


def arrange(
    file: str, sheet: str | None, records: Iterable[tuple[int, Sequence[Cell]]], faults: list[Fault]
) -> tuple[Table, list[Fault]]:
    """Return the table that numbered rows of cells make, the headings first, and `faults` with what is wrong added.

    Raises
    ------
    CandidatesError
        When there are no headings.
    """
    filled = [(number, row) for number, row in records if not all(map(is_blank, row))]
    if not filled:
        raise CandidatesError(
            faults or [Fault(Place(file=file, sheet=sheet), message("The table is empty; expected a row of headings."))]
        )
    (heading_number, heading_row), *body = filled
    headings = [" ".join(plain(cell).split()) for cell in heading_row]
    while not headings[-1]:
        headings.pop()
    width = len(headings)

    def fault(number: int, reason: Message, column: str | None = None) -> None:
        faults.append(Fault(Place(file=file, sheet=sheet, row=number, column=column), reason))

    keep = []
    for index, heading in enumerate(headings):
        if not heading:
            if any(index < len(row) and not is_blank(row[index]) for _, row in body):
                fault(heading_number, message("Column {n} has cells but no heading.", n=index + 1))
        elif heading in headings[:index]:
            fault(heading_number, message("The heading stands twice; expected every heading once."), heading)
        else:
            keep.append(index)
    rows = []
    for number, row in body:
        filled_cells = max(index for index, cell in enumerate(row) if not is_blank(cell)) + 1
        if filled_cells > width:
            reason = message(
                "The row has {cells} cells; expected at most {width}, as many as headings.",
                cells=filled_cells,
                width=width,
            )
            fault(number, reason)
        rows.append(tuple(row[index] if index < len(row) else None for index in keep))
    table = Table(
        file=file,
        sheet=sheet,
        headings=tuple(headings[index] for index in keep),
        rows=tuple(rows),
        numbers=tuple(number for number, _ in body),
        heading_number=heading_number,
    )
    return table, faults
