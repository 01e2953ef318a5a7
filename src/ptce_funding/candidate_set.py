"""Candidates in memory: one read-only array per column, in the natural order of the identifiers."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from ptce_funding.candidate_columns import column_name
from ptce_funding.selection import matches

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
T = TypeVar("T")

# How many of the things made of a table it remembers: for two scenarios in turn, their steps and their plans.
_KEPT = 4

# How cells of each kind are stored, and what stands for a blank one.
DTYPES: Mapping[str, tuple[Any, Any]] = {
    "text": (object, ""),
    "choice": (object, ""),
    "flag": (np.int8, -1),
    "integer": (np.float64, np.nan),
    "number": (np.float64, np.nan),
    "share": (np.float64, np.nan),
    "money": (np.int64, 0),
}

# Spreadsheets take a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

_PROTECTED = re.compile(r"^'(?=[=+\-@\t\r])")


def natural_key(word: str) -> tuple[tuple[str, int, str], ...]:
    """Return the key by which words sort as people count: a2 before a10."""
    parts = re.split(r"([0-9]+)", word)
    pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
    # Numbers compare by length and then digits: Python limits the digits of an int.
    return tuple((before, len(digits.lstrip("0")), digits.lstrip("0")) for before, digits in pairs)


def protected(word: str) -> str:
    """Return `word` so that a spreadsheet takes it for text."""
    return "'" + word if word.startswith(FORMULA) else word


def unprotected(word: str) -> str:
    """Return `word` without the apostrophe that `protected` puts before formulas."""
    return _PROTECTED.sub("", word)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates by column, always in the natural order of their identifiers.

    Parameters
    ----------
    columns
        Arrays by column name: objects of str for text and choice ("" blank), int8 for flag (-1 blank), float64 for
        integer, number and share (nan blank), int64 euros for money (0 blank).
    kinds
        Kind of each column.
    file, sheet
        Where they come from.
    rows
        Number of each row there.
    """

    columns: Mapping[str, Array]
    kinds: Mapping[str, str]
    file: str
    sheet: str | None
    rows: Array
    _ids: tuple[str, ...] = field(init=False, repr=False)
    _codes: dict[str, tuple[Array, Array]] = field(init=False, repr=False, default_factory=dict)
    _kept: dict[str, object] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        ids = self.columns["id"].tolist()
        order = np.array(sorted(range(len(ids)), key=lambda each: (natural_key(ids[each]), ids[each])), dtype=np.intp)
        columns = {
            name: _frozen(np.asarray(values, DTYPES[self.kinds[name]][0])[order])
            for name, values in self.columns.items()
        }
        object.__setattr__(self, "columns", MappingProxyType(columns))
        object.__setattr__(self, "kinds", MappingProxyType(dict(self.kinds)))
        object.__setattr__(self, "rows", _frozen(np.asarray(self.rows, np.int64)[order]))
        object.__setattr__(self, "_ids", tuple(self.columns["id"].tolist()))

    def __reduce__(self) -> tuple[Any, ...]:
        # Mapping proxies cannot be sent to another process.
        return Candidates, (dict(self.columns), dict(self.kinds), self.file, self.sheet, self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: str) -> bool:
        return name in self.columns or column_name(name) in self.columns

    @property
    def ids(self) -> tuple[str, ...]:
        """Identifiers in order."""
        return self._ids

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each identifier."""
        return {id_: i for i, id_ in enumerate(self._ids)}

    @property
    def is_synthetic(self) -> bool:
        """Whether any candidate is made up."""
        return "synthetic" in self.columns and bool((self.columns["synthetic"] == 1).any())

    def synthetic(self) -> list[bool]:
        """Return which candidates are made up, in their order."""
        return (self.columns["synthetic"] == 1).tolist() if "synthetic" in self.columns else [False] * len(self)

    def column(self, name: str) -> Array:
        """Return a column by its name, or by another word for it.

        Raises
        ------
        KeyError
            When the table has no such column.
        """
        return self.columns[name if name in self.columns else column_name(name) or name]

    def codes(self, name: str) -> tuple[Array, Array]:
        """Return the different cells of a column, in the order of the table, and which of them each candidate has.

        Many questions concern few different cells: they are asked of these, and the table is read once.
        """
        if name not in self._codes:
            column = self.column(name)
            first: dict[Any, int] = {}
            # A nan equals nothing, so one object stands for all of them.
            cells = [math.nan if cell != cell else cell for cell in column.tolist()]
            code = np.fromiter((first.setdefault(cell, len(first)) for cell in cells), dtype=np.intp, count=len(cells))
            different = np.array(list(first), dtype=column.dtype)
            self._codes[name] = _frozen(different), _frozen(code)
        return self._codes[name]

    def remembered(self, key: str, make: Callable[[], T]) -> T:
        """Return what was made of these candidates under a key, or make it; the last few are kept.

        Many scenarios are held against one table, and much of what they find there is the same.

        Parameters
        ----------
        key
            All that decides it, besides the table.
        make
            Makes it.
        """
        found = self._kept.pop(key) if key in self._kept else make()
        self._kept[key] = found  # the last one used comes last
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return cast("T", found)

    def having(self, name: str, accepted: Iterable[object]) -> npt.NDArray[np.bool_]:
        """Return which candidates have one of the accepted values in a column; see `selection.matches`."""
        different, code = self.codes(name)
        return matches(different, accepted)[code]

    def take(self, which: Array | list[int] | list[bool]) -> "Candidates":
        """Return some of the candidates, in the same order.

        Parameters
        ----------
        which
            A mask, or positions; positions named twice count once.
        """
        chosen = np.asarray(which)
        index = (
            np.flatnonzero(chosen) if chosen.dtype == bool else np.unique(np.arange(len(self))[chosen.astype(np.intp)])
        )
        columns = {name: values[index] for name, values in self.columns.items()}
        return Candidates(columns, self.kinds, self.file, self.sheet, self.rows[index])

    def to_frame(self) -> "pd.DataFrame":
        """Return a data frame with one row per candidate; flags are nullable booleans, amounts int64."""
        import pandas as pd

        values: dict[str, Any] = {}
        for name, column in self.columns.items():
            if self.kinds[name] == "flag":
                values[name] = pd.array([None if each < 0 else bool(each) for each in column.tolist()], dtype="boolean")
            else:
                values[name] = column.copy()
        return pd.DataFrame(values)

    def digest(self) -> str:
        """Return the SHA-256 of what the candidates say, in hexadecimal.

        It does not depend on the order of rows and columns, on the file and its format, or on the apostrophes that
        protect formulas in written tables.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        ids = [unprotected(each) for each in self.ids]
        order = sorted(range(len(ids)), key=lambda each: (natural_key(ids[each]), ids[each]))
        hashed = hashlib.sha256()
        for shown, name in sorted((unprotected(name), name) for name in self.columns):
            values = [_canonical(self.kinds[name], each) for each in self.columns[name][order].tolist()]
            hashed.update(json.dumps([shown, values], ensure_ascii=True, separators=(",", ":")).encode("ascii"))
        return hashed.hexdigest()


def _frozen(values: Array) -> Array:
    values.flags.writeable = False
    return values


def _canonical(kind: str, value: Any) -> Any:
    """Return a value as the digest counts it: the same for all writings of one content, None for a blank cell."""
    match kind:
        case "text" | "choice":
            return unprotected(value) or None
        case "flag":
            return None if value < 0 else bool(value)
        case "money":
            return value
    return None if math.isnan(value) else value + 0.0
