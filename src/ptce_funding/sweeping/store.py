"""The store of a sweep: one SQLite file, written run by run, so that whatever stops a sweep loses at most the runs in flight.

Tables, each in the order of its key: `sweep` (what was asked), `axis`, `cell` (which run each combination of values has), `run`
(results, by the hash of all that decides them) and `timing` (seconds, kept apart because all else is the same each time).
"""

import errno
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import os_reason
from ptce_funding.messages import Message, message
from ptce_funding.parts import Text
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from ptce_funding.sweeping.axes import Axis
from ptce_funding.sweeping.runs import Run, as_json

#: Marks a SQLite file as a store of this program: "PTCE".
_APPLICATION = 0x50544345
_FORMAT = 1

_TABLES = """
CREATE TABLE sweep (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE axis (number INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, stated TEXT NOT NULL);
CREATE TABLE cell (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, hash TEXT NOT NULL, stated TEXT NOT NULL);
CREATE TABLE run (hash TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT, figures TEXT NOT NULL, awards BLOB NOT NULL);
CREATE TABLE timing (hash TEXT PRIMARY KEY, seconds REAL NOT NULL);
"""
#: Tables that are the same each time, with the order of their rows.
_LASTING = {"sweep": "key", "axis": "number", "cell": "number", "run": "hash"}


@dataclass(frozen=True)
class Cell:
    """One combination of values, with its run.

    Parameters
    ----------
    number
        Its place in the design; 0 is the scenario as it stands.
    kind
        `base`, `grid`, `sample` or `single`; `frontier:tranches` and `frontier:total` are the frontier with yearly tranches as
        stated and with the total alone.
    values
        One for each axis; None where the scenario's own holds.
    run
        Its result.
    seconds
        How long the run took; None where not known.
    """

    number: int
    kind: str
    values: tuple[object, ...]
    run: Run
    seconds: float | None


@dataclass(frozen=True)
class Results:
    """What a store holds.

    Parameters
    ----------
    scenario
        The scenario that was varied.
    axes
        What was varied.
    cells
        Finished cells in order of number.
    pending
        How many cells have no run yet.
    candidates
        Identifiers of all candidates.
    meta
        What else is known of the sweep, by name: `candidates_sha256`, `command`, `format`, `scenario_sha256`, `solver`,
        `synthetic`, `versions`.
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    pending: int
    candidates: tuple[str, ...]
    meta: Mapping[str, str]


class Store:
    """A store that is being written; it is nobody else's until it is closed.

    Parameters
    ----------
    path
        The file.
    is_resumed
        Whether it may be there already.

    Raises
    ------
    InputError
        When there is a file that may not be written: another file, a store that is not resumed or is in use; or the system
        refuses.
    """

    def __init__(self, path: Path, is_resumed: bool = False) -> None:
        self.path = path
        with _told(path):
            is_there = path.exists()
            if is_there:
                _check_kind(path)
            if path.parent.is_file():
                raise NotADirectoryError(errno.ENOTDIR, "", str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = _connected(path)
            try:
                self._open(path, is_there and not is_resumed)
            except BaseException:
                self._base.close()
                raise

    def _open(self, path: Path, is_refused: bool) -> None:
        # The lock is kept until the end, and given back by the system whatever becomes of this process.
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        with self._writing():
            if not _is_empty(self._base):
                _check_marks(self._base, path)
            if is_refused:
                text = message("A store is there already. Go on with it by --resume, or choose another name by --out.")
                raise _fault(path, text)
            if not _is_empty(self._base):
                return
            self._base.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._base.execute(f"PRAGMA user_version = {_FORMAT}")
            for statement in _TABLES.strip().split(";\n"):
                self._base.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file free; nothing but the one file is left."""
        with closing(self._base), _told(self.path):
            self._base.execute("PRAGMA locking_mode = NORMAL")
            self._base.execute("SELECT count(*) FROM sweep").fetchone()

    def list_cells(
        self, meta: Mapping[str, str], axes: Sequence[Axis], cells: Iterable[tuple[int, str, str, Sequence[object]]]
    ) -> None:
        """State what the sweep is, in place of what it was; runs are kept.

        Parameters
        ----------
        meta
            What is known of the sweep, by name.
        axes
            What is varied.
        cells
            Number, kind, hash of the run, and values of each cell.
        """
        with self._writing():
            for table in ("sweep", "axis", "cell"):
                self._base.execute(f"DELETE FROM {table}")
            self._base.executemany("INSERT INTO sweep VALUES (?, ?)", sorted(meta.items()))
            rows = [(number, axis.path, axis.kind, as_json(axis.values)) for number, axis in enumerate(axes)]
            self._base.executemany("INSERT INTO axis VALUES (?, ?, ?, ?)", rows)
            stated = [(number, kind, hash_, as_json(values)) for number, kind, hash_, values in cells]
            self._base.executemany("INSERT INTO cell VALUES (?, ?, ?, ?)", stated)

    def kept(self) -> dict[str, str]:
        """Return the status of the runs that are kept, by hash."""
        with _told(self.path):
            return dict(self._base.execute("SELECT hash, status FROM run ORDER BY hash").fetchall())

    def run(self, hash_: str) -> Run | None:
        """Return a run by its hash; None when it is not kept."""
        with _told(self.path):
            row = self._base.execute("SELECT * FROM run WHERE hash = ?", (hash_,)).fetchone()
        return None if row is None else _run(row)

    def keep(self, runs: Iterable[tuple[Run, float | None]]) -> None:
        """Keep runs with the seconds that each took, where known; all at once or none."""
        with self._writing():
            for run, seconds in runs:
                row = (run.hash, run.status, _reason_json(run), _figures_json(run), run.packed)
                self._base.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?)", row)
                if seconds is not None:
                    self._base.execute("INSERT OR REPLACE INTO timing VALUES (?, ?)", (run.hash, seconds))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _told(self.path):
            self._base.execute("BEGIN EXCLUSIVE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")


def read(path: Path) -> Results:
    """Read a store.

    Raises
    ------
    InputError
        When it is no store, is in use, or cannot be read.
    """
    with _told(path):
        _check_kind(path)
        with closing(_connected(path)) as base:
            _check_marks(base, path)
            meta = dict(base.execute("SELECT * FROM sweep ORDER BY key").fetchall())
            axes = tuple(
                Axis(axis, kind, tuple(json.loads(stated)))
                for axis, kind, stated in base.execute("SELECT path, kind, stated FROM axis ORDER BY number")
            )
            runs = {row[0]: _run(row) for row in base.execute("SELECT * FROM run ORDER BY hash")}
            seconds = dict(base.execute("SELECT * FROM timing").fetchall())
            listed = base.execute("SELECT number, kind, hash, stated FROM cell ORDER BY number").fetchall()
    cells = tuple(
        Cell(number, kind, tuple(json.loads(stated)), runs[hash_], seconds.get(hash_))
        for number, kind, hash_, stated in listed
        if hash_ in runs
    )
    scenario, ids = scenario_from(json.loads(meta.pop("scenario"))), tuple(json.loads(meta.pop("candidates")))
    return Results(scenario, axes, cells, len(listed) - len(cells), ids, meta)


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that is the same each time a sweep is made, by table.

    Raises
    ------
    InputError
        When it is no store, is in use, or cannot be read.
    """
    with _told(path):
        _check_kind(path)
        with closing(_connected(path)) as base:
            _check_marks(base, path)
            tables = {
                table: base.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()
                for table, key in _LASTING.items()
            }
    # How tightly awards are compressed is a matter of the library that does it.
    tables["run"] = [(*row[:-1], zlib.decompress(row[-1])) for row in tables["run"]]
    return tables


def _run(row: tuple[Any, ...]) -> Run:
    hash_, status, reason, stated, packed = row
    numbers = json.loads(stated)
    text = None if reason is None else Text.said(json.loads(reason))
    return Run(hash_, status, text, numbers["value"], numbers["bound"], numbers["gap"], numbers["indicators"], packed)


def _reason_json(run: Run) -> str | None:
    return None if run.reason is None else as_json(run.reason.model_dump())


def _figures_json(run: Run) -> str:
    return as_json({"value": run.value, "bound": run.bound, "gap": run.gap, "indicators": run.indicators})


def _connected(path: Path) -> sqlite3.Connection:
    # Absolute, since SQLite has other uses for names such as ":memory:".
    return sqlite3.connect(str(path.absolute()), timeout=0, isolation_level=None)


def _is_empty(base: sqlite3.Connection) -> bool:
    return not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _check_kind(path: Path) -> None:
    """Refuse what is no SQLite file, before SQLite touches it."""
    if path.is_dir():
        raise _fault(path, message("This is a folder; expected the store of a sweep (.sqlite)."))
    with path.open("rb") as file:
        head = file.read(16)
    if head and head != b"SQLite format 3\0":
        raise _fault(
            path, message("This file is not the store of a sweep; it is left as it is. Choose another name by --out.")
        )


def _check_marks(base: sqlite3.Connection, path: Path) -> None:
    """Refuse a SQLite file of another program or format."""
    if base.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION or _is_empty(base):
        raise _fault(
            path, message("This file is not the store of a sweep; it is left as it is. Choose another name by --out.")
        )
    found = base.execute("PRAGMA user_version").fetchone()[0]
    if found != _FORMAT:
        text = message(
            "Found a store of format {found}, expected {known}: it was written by another version.",
            found=found,
            known=_FORMAT,
        )
        raise _fault(path, text)


def _fault(path: Path, text: Message) -> InputError:
    return InputError([Fault(Place(file=str(path)), text)])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what the system or SQLite refuses as a fault of the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _fault(path, message("Another sweep is using this store; wait until it ends.")) from None
        raise _fault(path, message("The store cannot be used: {reason}.", reason=str(error))) from None
    except sqlite3.DatabaseError as error:
        raise _fault(path, message("The store cannot be used: {reason}.", reason=str(error))) from None
    except OSError as error:
        raise _fault(path, message("{reason}.", reason=os_reason(error))) from None
