"""Picking rows: those of a column with certain values, the meaning of `where`, `pays`, `by` and `one_of`; and many runs of them."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def matches(values: npt.NDArray[np.generic], accepted: Iterable[object]) -> npt.NDArray[np.bool_]:
    """Return which values are among the accepted ones.

    Parameters
    ----------
    values
        A column: object for texts, int8 for flags (1, 0, -1 blank), else numbers (nan blank).
    accepted
        Texts, numbers, or booleans for flags; "" for a blank cell.
    """
    plain = [int(value) if isinstance(value, bool) else value for value in accepted]
    if values.dtype == object:
        texts = {str(value) for value in plain}
        return np.fromiter((value in texts for value in values), dtype=bool, count=len(values))
    numbers = np.array([value for value in plain if isinstance(value, int | float)], dtype=float)
    found = np.isin(values, numbers)
    if "" in plain:
        found |= values == -1 if values.dtype == np.int8 else values != values
    return found


def spread(first: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the numbers from each `first` up to its `end`, one after the other, with the position of the two in front."""
    size = end - first
    row = np.repeat(np.arange(len(size)), size)
    return row, np.arange(len(row)) + np.repeat(first - np.cumsum(size) + size, size)
