"""A sweep in files: CSV for spreadsheets, XLSX as one workbook, Parquet for programs."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import write_whole
from ptce_funding.messages import Message, message, nearest
from ptce_funding.report.sweep_tables import Column, Table, tables
from ptce_funding.report.tables import as_csv
from ptce_funding.sweeping.store import Results

#: Endings of the files that can be written.
ENDINGS = (".csv", ".parquet", ".xlsx")

# Rows of a sheet and characters of a cell, by the format.
_MOST_ROWS, _MOST_CHARACTERS = 1_048_576, 32_767
# A workbook tells when it was made; the same sweep makes the same bytes.
_MADE = datetime(2000, 1, 1)
_WIDEST = 40
_FORMATS = {"euros": "#,##0", "share": "0.0%"}


def check_export(path: Path) -> None:
    """Raise when a sweep cannot be exported to a file of this name, before anything is solved.

    Raises
    ------
    InputError
        When the ending is not known, or what writes it is not installed.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        text = message("Found the ending “{found}”, expected one of: {known:list}.", found=path.suffix, known=ENDINGS)
        raise _fault(path, text, nearest(ending, ENDINGS) if ending else None)
    if ending == ".parquet" and find_spec("pyarrow") is None:
        raise _fault(path, message("Parquet needs pyarrow, which is not installed: pip install 'ptce-fund[parquet]'."))


def export(results: Results, path: Path, lang: str, timings: bool = False) -> list[Path]:
    """Write a sweep as tables, by the ending of the file.

    CSV and Parquet are a file of the runs, and beside it one for each other table: ``NAME-selection``, ``-elasticities``,
    ``-breaks``, ``-frontier``, ``-tornado`` and ``-awards``. A workbook has them as sheets.

    Parameters
    ----------
    results
        The sweep.
    path
        File of the runs.
    lang
        Language of headings and words; columns of Parquet keep their names for programs.
    timings
        Whether the seconds of each run are told, in the last column; without them the same sweep gives the same bytes.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        As `check_export`, and when a table is too long for a sheet.
    OSError
        When a file cannot be written; files of the same names are then as they were.
    """
    check_export(path)
    found = tables(results, lang, timings)
    if path.suffix.lower() == ".xlsx":
        contents = {path: _workbook(found, results.scenario.name, path)}
    else:
        made = _parquet if path.suffix.lower() == ".parquet" else lambda table: as_csv(table.rows(), lang)
        contents = {_beside(path, table.name): made(table) for table in found}
    write_whole(contents)
    return list(contents)


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{path.stem}-{name}{path.suffix}") if name else path


def _fault(path: Path, text: Message, hint: str | None = None) -> InputError:
    return InputError([Fault(Place(file=str(path)), text, hint)])


def _parquet(table: Table) -> bytes:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    arrays = {column.key: pa.array(*_typed(column)) for column in table.columns}
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays), sink)
    return sink.getvalue()


def _typed(column: Column) -> tuple[list[Any], str]:
    """Return the values of a column and the type that holds them all."""
    known = [value for value in column.values if value is not None]
    if column.form == "text" or any(isinstance(value, str) for value in known):
        return [None if value is None else str(value) for value in column.values], "string"
    is_whole = column.form in ("whole", "euros") or (column.form == "any" and known)
    if is_whole and all(isinstance(value, int) and abs(value) < 2**63 for value in known):
        return list(column.values), "int64"
    return [None if value is None else float(value) for value in column.values], "float64"


def _workbook(found: Sequence[Table], name: str, path: Path) -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]

    for table in found:
        if table.height >= _MOST_ROWS:
            text = message(
                "The table “{title}” has {n:number} rows, more than a sheet holds; export it as .csv or .parquet.",
                title=table.title,
                n=table.height,
            )
            raise _fault(path, text)
    sink = io.BytesIO()
    # Row by row, since the awards of a long sweep are many.
    with xlsxwriter.Workbook(sink, {"constant_memory": True}) as book:
        book.set_properties({"title": name, "created": _MADE})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = {form: book.add_format({"num_format": code}) for form, code in _FORMATS.items()}
        for table in found:
            _sheet(book.add_worksheet(table.title[:31]), table, bold, formats)
    return sink.getvalue()


def _sheet(sheet: Any, table: Table, bold: Any, formats: Mapping[str, Any]) -> None:
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.height, len(table.columns) - 1)
    for number, column in enumerate(table.columns):
        # The headings may break; the first values tell how wide the rest is.
        words = [*column.heading.split(), *(str(value) for value in column.values[:1000] if value is not None)]
        sheet.set_column(number, number, min(_WIDEST, 3 + max(map(len, words), default=0)))
    for row, values in enumerate(table.rows()):
        for number, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            if isinstance(value, str):
                # By name of the method, so that no text becomes a formula or a link.
                sheet.write_string(row, number, value[:_MOST_CHARACTERS], bold if row == 0 else None)
            elif value is not None:
                sheet.write_number(row, number, value, formats.get(column.form))
