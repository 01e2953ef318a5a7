"""Tables as an .xlsx workbook, a sheet each: real numbers and dates, the same bytes each time, and no text that acts.

A text is always written as a text, whatever it looks like: never as a formula, a link or a number. Its cells have the format of
text too, so that it stays one when somebody edits it.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.messages import N_, message, translate
from ptce_funding.report.columns import Column, Form, Table

#: What a sheet and a cell hold.
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
LONGEST_NAME = 31

# A workbook tells when it was made, to the second; the same tables make the same bytes.
_MADE = datetime(2000, 1, 1)
# No day before this one is the same in all spreadsheets.
_FIRST_DAY = date(1900, 3, 1)
_WIDEST, _WIDEST_PROSE = 40, 100
# More columns on one page nobody can read.
_MOST_ABREAST = 12
_FORMATS: dict[Form, str] = {
    "text": "@",
    "whole": "General",
    "number": "General",
    "any": "General",
    "euros": '#,##0 "€"',
    "share": "0.0%",
    "gap": "0.0000%",
}
# Days as people of a language write them; programs read a number.
_DAY = N_("d mmm yyyy")

# What XML forbids, by what shows in its place.
_VISIBLE = (
    {code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)}
    | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)
    | dict.fromkeys((0xFFFE, 0xFFFF), 0xFFFD)
)
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


def workbook(tables: Sequence[Table], path: Path, title: str, made: datetime = _MADE, lang: str = "en") -> bytes:
    """Return the tables as a workbook.

    Parameters
    ----------
    tables
        One for each sheet. Their titles name the sheets.
    path
        File that the workbook is for, named in faults.
    title, made
        What the workbook says of itself.
    lang
        Language, for days.

    Raises
    ------
    InputError
        When tables are too large for a sheet.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    _check(tables, path)
    sink = io.BytesIO()
    # Row by row, since the awards of a long sweep are many.
    with xlsxwriter.Workbook(sink, {"constant_memory": True}) as book:
        book.set_properties({"title": title, "created": made})
        styles = _Styles(book, lang)
        for name, table in zip(sheet_names([table.title for table in tables]), tables, strict=True):
            _write(book.add_worksheet(name), table, styles)
    return sink.getvalue()


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Return names of sheets that every spreadsheet accepts, all different, in the order of the titles."""
    names: list[str] = []
    for title in titles:
        whole = shown(title).translate(_NOT_IN_NAMES).strip(" '\t\n") or "-"
        name, n = _cut(whole, LONGEST_NAME), 1
        # Spreadsheets keep “History” for themselves.
        while name.casefold() in {"history", *(each.casefold() for each in names)}:
            n += 1
            mark = f" ({n})"
            name = _cut(whole, LONGEST_NAME - len(mark)) + mark
        names.append(name)
    return names


def shown(text: str) -> str:
    """Return a text as a cell shows it: what no workbook can hold gets a visible sign, what is too long ends in an ellipsis."""
    return _cut(text.translate(_VISIBLE), MOST_CHARACTERS)


def is_day(value: date) -> bool:
    """Return whether a day is the same number in all spreadsheets."""
    return value >= _FIRST_DAY


def _cut(text: str, most: int) -> str:
    """Cut a text that is longer than `most`, in the units that spreadsheets count: an emoji is two."""
    if 2 * len(text) <= most or len(text.encode("utf-16-le")) <= 2 * most:
        return text
    return text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def _check(tables: Iterable[Table], path: Path) -> None:
    faults = []
    for table in tables:
        if table.height >= MOST_ROWS:
            text = message(
                "The table “{title}” has {n:number} rows, more than a sheet holds; export it as .csv or .parquet.",
                title=table.title,
                n=table.height,
            )
            faults.append(Fault(Place(file=str(path)), text))
        if len(table.columns) > MOST_COLUMNS:
            text = message(
                "The table “{title}” has {n:number} columns, more than a sheet holds.",
                title=table.title,
                n=len(table.columns),
            )
            faults.append(Fault(Place(file=str(path)), text))
    if faults:
        raise InputError(faults)


class _Exact(float):
    """A number that is written with all its digits; xlsxwriter would keep sixteen, which may be those of its neighbour."""

    def __format__(self, spec: str) -> str:
        return repr(float(self)).removesuffix(".0")


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: Any, lang: str) -> None:
        self.heading = book.add_format({"num_format": "@", "bold": True, "text_wrap": True, "valign": "top"})
        self.long = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._forms = {
            (form, is_prose): book.add_format(
                {"num_format": code, "valign": "top"} | ({"align": "left"} if is_prose else {})
            )
            for form, code in (_FORMATS | {"day": translate(_DAY, lang)}).items()
            for is_prose in (False, True)
        }

    def of(self, form: Form, is_prose: bool) -> Any:
        return self._forms[form, is_prose]


def _write(sheet: Any, table: Table, styles: _Styles) -> None:
    widest = _WIDEST_PROSE if table.is_prose else _WIDEST
    sheet.freeze_panes(1, 0)
    if not table.is_prose:
        sheet.autofilter(0, 0, table.height, len(table.columns) - 1)
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.repeat_rows(0)
    if len(table.columns) <= _MOST_ABREAST:
        sheet.fit_to_pages(1, 0)
    # Codes such as 007 are texts on purpose.
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    for number, column in enumerate(table.columns):
        # The form also holds for rows that somebody adds.
        sheet.set_column(number, number, _width(column, widest), styles.of(column.form, table.is_prose))
        _text(sheet, 0, number, column.heading, styles.heading)
    for row, values in enumerate(zip(*(column.values for column in table.columns), strict=True)):
        for number, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                is_long = len(value) > widest or "\n" in value
                _text(sheet, row + 1, number, value, styles.long if is_long else styles.of("text", table.is_prose))
            elif isinstance(value, date):
                sheet.write_datetime(row + 1, number, value, styles.of("day", table.is_prose))
            else:
                style = styles.of(column.form_of(row), table.is_prose)
                sheet.write_number(row + 1, number, _Exact(value), style)


def _text(sheet: Any, row: int, number: int, text: str, style: Any) -> None:
    text = shown(text)
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter takes such a text for its own XML and writes it as it is, unless it comes in pieces.
        sheet.write_rich_string(row, number, "<", "r", text[2:], style)
    else:
        sheet.write_string(row, number, text, style)


def _width(column: Column, widest: int) -> float:
    """Return the width of a column: headings may break; the first values tell how wide the rest is."""
    words = column.heading.split()
    for row, value in enumerate(column.values[:1000]):
        if isinstance(value, str):
            words += value.split("\n")
        elif value is not None:
            words.append(f"{value:,.0f} €" if column.form_of(row) == "euros" else str(value))
    return min(widest, 3 + max(map(len, words), default=0))
