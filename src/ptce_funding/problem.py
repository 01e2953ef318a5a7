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
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats

    def __len__(self) -> int:
        return len(self.lower)


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
    """

    objectives: tuple[Floats, ...]
    lower: Floats
    upper: Floats
    integer: npt.NDArray[np.bool_]
    rows: Rows

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
    """

    status: Status
    x: Floats | None
    stages: tuple[Stage, ...]
    runtime: float = 0.0


class RowBuilder:
    """Collect rows as triplets."""

    def __init__(self) -> None:
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._value: list[Floats] = []
        self._lower: list[Floats] = []
        self._upper: list[Floats] = []
        self.count = 0

    def add(self, column: Ints, value: Floats, lower: float, upper: float) -> int:
        """Add one row; return its number."""
        return self.add_many(np.zeros(len(column), dtype=np.int64), column, value, np.array([lower]), np.array([upper]))

    def add_many(self, row: Ints, column: Ints, value: Floats, lower: Floats, upper: Floats) -> int:
        """Add rows whose entries are numbered from 0 in `row`; return the number of the first."""
        first = self.count
        self._row.append(np.asarray(row, dtype=np.int64) + first)
        self._column.append(np.asarray(column, dtype=np.int64))
        self._value.append(np.asarray(value, dtype=np.float64))
        self._lower.append(np.asarray(lower, dtype=np.float64))
        self._upper.append(np.asarray(upper, dtype=np.float64))
        self.count += len(lower)
        return first

    def rows(self) -> Rows:
        """Return the rows; entries of one place are added up, zeros left out."""
        if not self.count:
            empty = np.zeros(0)
            return Rows(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), empty, empty, empty)
        row, column = np.concatenate(self._row), np.concatenate(self._column)
        value = np.concatenate(self._value)
        order = np.lexsort((column, row))
        row, column, value = row[order], column[order], value[order]
        is_first = np.ones(len(row), dtype=bool)
        is_first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
        if len(row):
            value = np.add.reduceat(value, np.flatnonzero(is_first))
            row, column = row[is_first], column[is_first]
            row, column, value = row[value != 0], column[value != 0], value[value != 0]
        start = np.zeros(self.count + 1, dtype=np.int64)
        np.cumsum(np.bincount(row, minlength=self.count), out=start[1:])
        return Rows(start, column, value, np.concatenate(self._lower), np.concatenate(self._upper))
