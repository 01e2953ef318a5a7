"""A mixed-integer problem as arrays; knows nothing of PTCE.

Always maximises. Several objectives are lexicographic: the first is maximised, then the next without lowering the first, and so
on. Rows are two-sided.
"""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Positions of columns, of which there are few enough: half the memory, and what solvers take.
Positions = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Rows:
    """Rows ``lower <= A x <= upper``, `A` in compressed sparse rows.

    Parameters
    ----------
    start
        Position of the first entry of each row, and the number of entries at the end; shape (m + 1,).
    column, value
        Column and coefficient of each entry.
    lower, upper
        Bounds, shape (m,).
    """

    start: Ints
    column: Positions
    value: Floats
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.lower)


@dataclass(frozen=True)
class Blocks:
    """Columns that fall into blocks, of each of which at most one choice is made.

    The first columns are choices, binary; those that follow are parts, between zero and their upper bound, each open while a choice
    that has it is made. All further columns are shared. The first rows say this of single blocks, and the rest couple the blocks.

    Parameters
    ----------
    owner
        Block of each choice, ascending from 0 without gaps; shape (choices,).
    parts
        Number of parts.
    choice, part
        Pairs that say which parts a choice opens, sorted by choice; parts are numbered from 0.
    room
        The most that the parts of a choice may come to together, shape (choices,); infinite where their bounds say all.
    is_forced
        Whether a block must choose, shape (blocks,).
    rows
        Number of rows that speak of single blocks.
    """

    owner: Ints
    parts: int
    choice: Ints
    part: Ints
    room: Floats
    is_forced: npt.NDArray[np.bool_]
    rows: int


@dataclass(frozen=True)
class Problem:
    """Maximise each objective in turn over the columns.

    Parameters
    ----------
    objectives
        Coefficients, one array of shape (n,) for each objective, most important first.
    lower, upper
        Bounds of the columns, shape (n,).
    integer
        Which columns are integer, shape (n,).
    rows
        The rows.
    blocks
        How the columns fall into blocks, where that is known.
    """

    objectives: tuple[Floats, ...]
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    rows: Rows
    blocks: Blocks | None = None

    @property
    def n(self) -> int:
        """Number of columns."""
        return len(self.lower)

    def with_rows(self, more: Rows) -> "Problem":
        """Return the problem with more rows."""
        rows = self.rows
        joined = Rows(
            start=np.concatenate([rows.start, rows.start[-1] + more.start[1:]]),
            column=np.concatenate([rows.column, more.column]),
            value=np.concatenate([rows.value, more.value]),
            lower=np.concatenate([rows.lower, more.lower]),
            upper=np.concatenate([rows.upper, more.upper]),
        )
        return replace(self, rows=joined)


class Status(str, Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Stage:
    """What was proved of one objective.

    Parameters
    ----------
    value
        Value reached; None without a solution.
    bound
        Proved upper bound; None when none is known.
    """

    value: float | None
    bound: float | None


@dataclass(frozen=True)
class Solution:
    """Raw result of a solver, by position.

    Parameters
    ----------
    status
        How the solve ended.
    x
        Value of each column; None without a solution.
    stages
        One for each objective, as far as the solve got.
    runtime
        Seconds.
    solver
        How it was solved, where a solver may choose.
    """

    status: Status
    x: Floats | None
    stages: tuple[Stage, ...]
    runtime: float = 0.0
    solver: str | None = None


class RowBuilder:
    """Collect rows, each in order as it comes: sorting all of them at the end would take several times the memory."""

    def __init__(self) -> None:
        self._size: list[Ints] = []
        self._column: list[Positions] = []
        self._value: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self.count = 0

    def add(self, column: Ints, value: Floats, lower: float, upper: float) -> int:
        """Add one row; return its number. Entries of one column are added up, zeros left out."""
        return self.add_many(np.zeros(len(column), dtype=np.int64), column, value, np.array([lower]), np.array([upper]))

    def add_many(self, row: Ints, column: Ints, value: Floats, lower: Floats, upper: Floats) -> int:
        """Add rows whose entries are numbered from 0 in `row`; return the number of the first."""
        first = self.count
        row, column = np.asarray(row, dtype=np.int64), np.asarray(column, dtype=np.int64)
        value = np.asarray(value, dtype=np.float64)
        is_next = (row[1:] > row[:-1]) | ((row[1:] == row[:-1]) & (column[1:] > column[:-1]))
        if not is_next.all():
            # Entries come nearly in order, of which a stable sort makes use.
            key = row * (int(column.max()) + 1) + column
            order = np.argsort(key, kind="stable")
            key, row, column, value = key[order], row[order], column[order], value[order]
            is_first = np.ones(len(key), dtype=bool)
            np.not_equal(key[1:], key[:-1], out=is_first[1:])
            if not is_first.all():
                row, column, value = row[is_first], column[is_first], np.add.reduceat(value, np.flatnonzero(is_first))
        if not value.all():
            row, column, value = row[value != 0], column[value != 0], value[value != 0]
        self._size.append(np.bincount(row, minlength=len(lower)))
        self._column.append(column.astype(np.int32))
        self._value.append(value)
        self._lower.append(np.asarray(lower, dtype=np.float64))
        self._upper.append(np.asarray(upper, dtype=np.float64))
        self.count += len(lower)
        return first

    def rows(self) -> Rows:
        """Return the rows."""
        start = np.zeros(self.count + 1, dtype=np.int64)
        np.cumsum(np.concatenate([*self._size, np.zeros(0, dtype=np.int64)]), out=start[1:])
        return Rows(
            start,
            np.concatenate([*self._column, np.zeros(0, dtype=np.int32)]),
            np.concatenate([*self._value, np.zeros(0)]),
            np.concatenate([*self._lower, np.zeros(0)]),
            np.concatenate([*self._upper, np.zeros(0)]),
        )
