"""Candidate tables: what they say, checked, or everything that is wrong with them at once.

>>> pool = read_candidates("candidates.csv", columns={"id": "N° dossier"}, year=2013)  # doctest: +SKIP
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptce_funding import cells, geography
from ptce_funding.candidate_columns import COLUMNS, MONEY, PHASES, Column, assign, column_name, column_named
from ptce_funding.candidate_export import write_candidates
from ptce_funding.candidate_set import DTYPES, Array, Candidates, natural_key
from ptce_funding.cells import CellError
from ptce_funding.errors import CandidatesError, Fault
from ptce_funding.messages import Message, message, nearest
from ptce_funding.tables import Table, arrange, limited, scan_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS",
    "MONEY",
    "PHASES",
    "Candidates",
    "Column",
    "candidates_from_frame",
    "column_name",
    "column_named",
    "natural_key",
    "read_candidates",
    "write_candidates",
]

# The map of regions for tables of no stated year.
DEFAULT_YEAR = geography.LAST_OLD_YEAR + 1

_Parser = Callable[[Any], Any]


def read_candidates(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    volets: Mapping[str, Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    year: int | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Candidates:
    """Read and check a table of candidates.

    A heading is recognised when it is the one that `columns` gives, the name of a column, its label in French or
    English, or another usual word for it; case, accents and spaces do not matter. Amounts of a volet, or of an aid,
    have it before the name: ``experimentation.post.cost``. Other columns are kept under their heading, as flags where
    they hold yes and no only, as numbers where they hold numbers only, else as text.

    Parameters
    ----------
    path
        A CSV text or a workbook; see `tables.read_table`, also for `encoding` and `sheet`.
    columns
        The user's own headings by column name.
    volets
        Aids by volet.
    kinds
        Kinds that free columns have, where the table has them.
    year
        Year whose map of regions is meant; None for the map since 2016. A region of the other map is accepted where
        it says which region of this one is meant.

    Raises
    ------
    CandidatesError
        With every fault of the table.
    """
    table, faults = scan_table(path, encoding=encoding, sheet=sheet)
    return _build(table, faults, columns, volets, kinds, year)


def candidates_from_frame(
    frame: "pd.DataFrame",
    *,
    columns: Mapping[str, str] | None = None,
    volets: Mapping[str, Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
    year: int | None = None,
    file: str = "DataFrame",
) -> Candidates:
    """Check a data frame of candidates, as `read_candidates` does a file; rows count from 1.

    Raises
    ------
    CandidatesError
        With every fault of the frame.
    """
    known = frame.notna().to_numpy()
    values = frame.astype(object).to_numpy()
    records: list[list[Any]] = [[str(each) for each in frame.columns]]
    for row, mask in zip(values, known, strict=True):
        records.append([_plain(each) if here else None for each, here in zip(row, mask, strict=True)])
    table, faults = arrange(file, None, enumerate(records), [])
    return _build(table, faults, columns, volets, kinds, year)


def _plain(value: Any) -> Any:
    """Return Python's own value of a numpy one."""
    return value.item() if isinstance(value, np.generic) else value


class _Faults:
    """Faults of a table's cells, to be sorted as a reader meets them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.ids: Sequence[str] = [""] * len(table.rows)
        self._found: list[tuple[int, int, Fault]] = []
        self._cells: set[tuple[int, int | None]] = set()

    def add(self, row: int, column: int | None, reason: Message, hint: str | Message | None = None) -> None:
        self._cells.add((row, column))
        heading = None if column is None else self.table.headings[column]
        place = self.table.place(self.table.numbers[row], heading, self.ids[row] or None)
        self._found.append((row, -1 if column is None else column, Fault(place, reason, hint)))

    def at(self, row: int, column: int) -> bool:
        """Return whether a cell has a fault already."""
        return (row, column) in self._cells

    def sorted(self) -> list[Fault]:
        return [fault for *_, fault in sorted(self._found, key=lambda each: each[:2])]


def _build(
    table: Table,
    faults: list[Fault],
    columns: Mapping[str, str] | None,
    volets: Mapping[str, Sequence[str]] | None,
    kinds: Mapping[str, str] | None,
    year: int | None,
) -> Candidates:
    """Return the candidates of a table of which some faults may be known already."""
    year = DEFAULT_YEAR if year is None else year
    positions, wrong = assign(table, columns, volets, kinds)
    if not table.rows and not faults:
        wrong.append(Fault(table.place(), message("The table has no rows; expected one per candidate.")))
    needed = {column_name(name, volets) or name: kind for name, kind in (kinds or {}).items()}
    found = _Faults(table)
    if "id" in positions:
        found.ids = [_short_id(row[positions["id"]]) for row in table.rows]
    values: dict[str, Array] = {}
    typed: dict[str, str] = {}
    for name, index in positions.items():
        given = [row[index] for row in table.rows]
        column = column_named(name) or Column(name, needed.get(name) or cells.infer(given), name)
        typed[name] = column.kind
        values[name] = _parsed(given, column, _parser(column, year), index, found)
    _check_ids(positions, values, found)
    _place(positions, values, typed, found, year)
    _check_asks(positions, values, found)
    everything = [*faults, *wrong, *found.sorted()]
    if everything:
        raise CandidatesError(limited(everything))
    return Candidates(values, typed, table.file, table.sheet, np.array(table.numbers, np.int64))


def _short_id(cell: Any) -> str:
    try:
        return _id(cell)
    except CellError:
        return ""


def _id(cell: Any) -> str:
    return " ".join(cells.text(cell).split())


def _parser(column: Column, year: int) -> _Parser:
    """Return what reads a cell of `column`."""
    match column.name:
        case "id":
            return _id
        case "region":
            return lambda cell: _region(cells.text(cell), year)
        case "department":
            return _department
    if column.kind == "choice":
        return lambda cell: cells.choice(cell, column.name, column.choices)
    parser = cells.PARSERS[column.kind]
    if column.kind in ("text", "flag", "money", "share") or (column.minimum is None and column.maximum is None):
        return parser

    def bounded(cell: Any) -> Any:
        value: Any = parser(cell)
        if column.minimum is not None and value < column.minimum:
            reason = message("“{value}” is below {minimum:number}.", value=cells.shown(cell), minimum=column.minimum)
            raise CellError(reason)
        if column.maximum is not None and value > column.maximum:
            reason = message("“{value}” is above {maximum:number}.", value=cells.shown(cell), maximum=column.maximum)
            raise CellError(reason)
        return value

    return bounded


def _parsed(given: Iterable[Any], column: Column, parser: _Parser, index: int, found: _Faults) -> Array:
    """Return the typed values of a column; a cell that cannot be read counts as blank."""
    dtype, blank = DTYPES[column.kind]
    values = []
    known: dict[tuple[type, Any], Any] = {}  # most columns hold few different cells
    for row, cell in enumerate(given):
        key = (type(cell), cell)
        if key in known:
            values.append(known[key])
            continue
        try:
            value = parser(cell)
            if value == "" and column.required:
                raise CellError(message("The cell is blank; expected a value."))
            known[key] = value
        except CellError as error:
            found.add(row, index, error.reason, error.hint)
            value = blank
        values.append(value)
    return np.array(values, dtype)


def _department(cell: Any) -> str:
    word = cells.text(cell)
    if not word:
        return ""
    code = geography.department_code(word)
    if code is None:
        hint = nearest(word, geography.department_names()) if not word.isdigit() else None
        reason = message("“{value}” is not a department; expected a code or a name.", value=cells.shown(word))
        raise CellError(reason, hint)
    return code


def _region(word: str, year: int) -> str:
    """Return the region that a word means on the map of `year` or, failing that, on the other one."""
    if not word:
        return ""
    other = DEFAULT_YEAR if year <= geography.LAST_OLD_YEAR else geography.LAST_OLD_YEAR
    region = geography.region_name(word, year) or geography.region_name(word, other)
    if region is None:
        reason = message("“{value}” is not a region of France in {year}.", value=cells.shown(word), year=str(year))
        raise CellError(reason, nearest(word, geography.regions(year)))
    return region


def _check_ids(positions: Mapping[str, int], values: Mapping[str, Array], found: _Faults) -> None:
    """Find identifiers that stand twice."""
    first: dict[str, int] = {}
    for row, each in enumerate(values["id"].tolist() if "id" in values else ()):
        if each and first.setdefault(each, row) != row:
            number = found.table.numbers[first[each]]
            reason = message(
                "The identifier “{id}” stands in row {row} already; expected each once.", id=each, row=number
            )
            found.add(row, positions["id"], reason)


def _place(
    positions: Mapping[str, int], values: dict[str, Array], kinds: dict[str, str], found: _Faults, year: int
) -> None:
    """Check regions against departments, fill regions from them, and derive which candidates are overseas."""
    if "region" not in values and "department" not in values:
        return
    blank = [""] * len(found.table.rows)
    departments: list[str] = values["department"].tolist() if "department" in values else blank
    regions: list[str] = values["region"].tolist() if "region" in values else blank
    filled = []
    for row, (department, region) in enumerate(zip(departments, regions, strict=True)):
        of_year = geography.region_of(department, year) if department else region
        if department and region:
            both = {geography.region_of(department, each) for each in (geography.LAST_OLD_YEAR, DEFAULT_YEAR)}
            if region not in both:
                reason = message(
                    "The region “{region}” is not that of the department {department}, which is in “{expected}”.",
                    region=region,
                    department=department,
                    expected=of_year,
                )
                found.add(row, positions["region"], reason)
        elif region and region not in geography.regions(year):
            of_year = (geography.successor(region) if year > geography.LAST_OLD_YEAR else None) or ""
            if not of_year:
                reason = message(
                    "The region “{region}” exists since 2016 only; expected the one of {year}, or the department.",
                    region=region,
                    year=str(year),
                )
                found.add(row, positions["region"], reason)
        filled.append(of_year)
    values["region"], kinds["region"] = np.array(filled, object), "text"
    derived = [
        int(geography.is_overseas(department) if department else geography.is_overseas_region(region)) if region else -1
        for department, region in zip(departments, filled, strict=True)
    ]
    given = values["overseas"].tolist() if "overseas" in values else [-1] * len(derived)
    flags = [own if own >= 0 else other for own, other in zip(given, derived, strict=True)]
    values["overseas"], kinds["overseas"] = np.array(flags, np.int8), "flag"


def _check_asks(positions: Mapping[str, int], values: Mapping[str, Array], found: _Faults) -> None:
    """Find grants asked for that are above the cost, for the whole and for each volet and aid."""
    for name, index in positions.items():
        prefix, _, last = name.rpartition(".")
        cost = f"{prefix}.cost" if prefix else "cost"
        if last == "ask" and cost in values:
            for row in np.flatnonzero(values[name] > values[cost]).tolist():
                if found.at(row, index) or found.at(row, positions[cost]):
                    continue
                reason = message(
                    "The ask of {ask:euros} is above the cost of {cost:euros}; expected at most the cost.",
                    ask=int(values[name][row]),
                    cost=int(values[cost][row]),
                )
                found.add(row, index, reason)
