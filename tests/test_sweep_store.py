"""The store of a sweep: nothing that is not a store is touched, and one sweep at a time writes it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ptce_funding.errors import InputError
from ptce_funding.sweeping.store import Store, content, read
from ptce_funding.sweeping.sweep import sweep, tables_of
from sweep_cases import Here, envelope, small


def make(folder: Path, path: Path, is_resumed: bool = False) -> None:
    """Make a small store."""
    sweep(small(folder, envelope(50_000)), tables_of(), path, hire=Here(), is_resumed=is_resumed)


def refusal(folder: Path, path: Path, is_resumed: bool = False) -> str:
    """Return why a store may not be written."""
    with pytest.raises(InputError) as raised:
        make(folder, path, is_resumed)
    (fault,) = raised.value.faults
    assert fault.place.file == str(path)
    return fault.message.render()


def test_one_file_is_left(tmp_path: Path) -> None:
    """No journal stays beside a store that is closed; folders on the way are made."""
    path = tmp_path / "a" / "b" / "s.sqlite"
    make(tmp_path, path)
    assert [each.name for each in path.parent.iterdir()] == ["s.sqlite"]


def test_a_store_is_resumed_only_when_asked(tmp_path: Path) -> None:
    """It is as it was, and the message tells the way out."""
    path = tmp_path / "s.sqlite"
    make(tmp_path, path)
    before = path.read_bytes()
    told = refusal(tmp_path, path)
    assert told == "A store is there already. Go on with it by --resume, or choose another name by --out."
    assert path.read_bytes() == before
    make(tmp_path, path, is_resumed=True)
    make(tmp_path, tmp_path / "new.sqlite", is_resumed=True)


@pytest.mark.parametrize("is_resumed", [True, False])
@pytest.mark.parametrize("kind", ["text", "short", "other", "format"])
def test_other_files_are_left_alone(tmp_path: Path, kind: str, is_resumed: bool) -> None:
    """A text, a database of another program, a store of another format."""
    path = tmp_path / "s.sqlite"
    if kind in ("text", "short"):
        path.write_bytes(b"SQLite" if kind == "short" else b"id;name\n" * 99)
    elif kind == "other":
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("CREATE TABLE mine (x)")
    else:
        make(tmp_path, path)
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    told = refusal(tmp_path, path, is_resumed)
    assert ("format 99, expected 1" if kind == "format" else "not the store of a sweep; it is left as it is") in told
    assert path.read_bytes() == before
    with pytest.raises(InputError):
        read(path)


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder, a file on the way, a store that is damaged."""
    assert "This is a folder" in refusal(tmp_path, tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert refusal(tmp_path, tmp_path / "file" / "s.sqlite") == "this is not a folder."
    path = tmp_path / "s.sqlite"
    make(tmp_path, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\0" * 4096 + whole[8192:])
    assert "The store cannot be used" in refusal(tmp_path, path, is_resumed=True)
    with pytest.raises(InputError, match="there is no such file or folder"):
        read(tmp_path / "none.sqlite")


def test_an_empty_file_is_a_store_that_was_not_begun(tmp_path: Path) -> None:
    """What a kill at the first moment leaves is resumed; without --resume it is left alone."""
    path = tmp_path / "s.sqlite"
    path.touch()
    assert "--resume" in refusal(tmp_path, path)
    assert path.read_bytes() == b""
    with pytest.raises(InputError, match="not the store of a sweep"):
        read(path)
    make(tmp_path, path, is_resumed=True)
    assert len(read(path).cells) == 2


def test_one_sweep_at_a_time(tmp_path: Path) -> None:
    """The second is told so, and so is who reads; afterwards both can."""
    path = tmp_path / "s.sqlite"
    make(tmp_path, path)
    with Store(path, is_resumed=True):
        assert "Another sweep is using this store" in refusal(tmp_path, path, is_resumed=True)
        with pytest.raises(InputError, match="Another sweep is using this store"):
            read(path)
    make(tmp_path, path, is_resumed=True)
    assert len(read(path).cells) == 2


@pytest.mark.parametrize(
    "name",
    [
        ":memory:",
        "file:x?mode=memory",
        "a b'c\"d.sqlite",
        "é%20#1?.sqlite",
        "-rf",
        "ptce\n.sqlite",
        "'; DROP TABLE run",
    ],
)
def test_hostile_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is a name, whatever SQLite or a shell makes of it."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path, Path(name))
    assert name in [each.name for each in tmp_path.iterdir()]
    assert len(read(Path(name)).cells) == 2


def test_content_leaves_times_out(tmp_path: Path) -> None:
    """Two sweeps have the same content, whatever time they took."""
    for name in ("a", "b"):
        make(tmp_path, tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "a")) as base, base:
        base.execute("UPDATE timing SET seconds = 99")
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert list(content(tmp_path / "a")) == ["sweep", "axis", "cell", "run"]
    assert read(tmp_path / "a").cells[0].seconds == 99


def test_nothing_is_kept_of_a_transaction_that_fails(tmp_path: Path) -> None:
    """Runs that come together are kept together or not at all."""
    path = tmp_path / "s.sqlite"
    make(tmp_path, path)
    before = content(path)
    run = read(path).cells[0].run

    def runs() -> object:
        yield type(run)("new", "optimal", None, 1.0, 1.0, 0.0, {}, run.packed), 1.0
        raise KeyboardInterrupt

    with Store(path, is_resumed=True) as store, pytest.raises(KeyboardInterrupt):
        store.keep(runs())  # type: ignore[arg-type]
    assert content(path) == before
