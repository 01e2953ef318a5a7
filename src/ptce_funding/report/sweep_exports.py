"""A sweep in files: CSV for spreadsheets, XLSX as one workbook, Parquet for programs."""

import io
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import write_whole
from ptce_funding.messages import Message, message, nearest
from ptce_funding.report.columns import Column, Table
from ptce_funding.report.sweep_tables import tables
from ptce_funding.report.tables import as_csv
from ptce_funding.report.xlsx import workbook
from ptce_funding.sweeping.store import Results

#: Endings of the files that can be written.
ENDINGS = (".csv", ".parquet", ".xlsx")


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
        contents = {path: workbook(found, path, results.scenario.name, lang=lang)}
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
