"""Sweeps in processes of their own: any number of workers, stopped and killed at any moment."""

import os
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ptce_funding.cli.main import run
from ptce_funding.errors import InternalError
from ptce_funding.sweeping.store import content, read
from ptce_funding.sweeping.sweep import sweep, tables_of
from ptce_funding.sweeping.workers import processes
from sweep_cases import envelope, hearing_interrupts, small, write_call

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix knows them")

ENDINGS = ("csv", "xlsx")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small call, to run commands in."""
    monkeypatch.chdir(tmp_path)
    write_call(tmp_path)
    return tmp_path


def command(store: str, *more: str, cells: int = 60) -> list[str]:
    """Return the command of a sweep."""
    words = [
        "sweep",
        "small.toml",
        "--vary",
        f"envelope.total=30e3:200e3:{cells // 2}",
        "--vary",
        "value.fixed=0.3,0.6",
    ]
    return [sys.executable, "-m", "ptce_funding", *words, "--out", store, *more]


def started(words: list[str]) -> "subprocess.Popen[str]":
    """Start a command in a session of its own, so that its group can be stopped as a terminal does."""
    with hearing_interrupts():
        return subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )


def children(pid: int) -> list[int]:
    """Return the processes that a process has begun."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("needs /proc")
    return [int(word) for word in path.read_text(encoding="utf-8").split()]


def is_alive(pid: int) -> bool:
    """Whether a process goes on; what is dead and not yet buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for(condition: object, seconds: float = 60.0) -> None:
    """Wait until a function says yes."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def runs_kept(path: Path) -> int:
    """Return how many runs a store holds that a sweep has left; a journal that a kill leaves is not touched."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            return int(base.execute("SELECT count(*) FROM run").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_one_and_two_workers_give_the_same_bytes(folder: Path) -> None:
    """Store and exports, after an undisturbed run of either."""
    for n in ("1", "2"):
        exports = [word for ending in ENDINGS for word in ("--export", f"{n}/runs.{ending}")]
        subprocess.run(command(f"{n}.sqlite", "--workers", n, *exports), check=True, capture_output=True)
    assert content(folder / "1.sqlite") == content(folder / "2.sqlite")
    names = sorted(path.name for path in (folder / "1").iterdir())
    assert len(names) >= 6
    for name in names:
        assert (folder / "1" / name).read_bytes() == (folder / "2" / name).read_bytes(), name


def test_interrupted_and_resumed(folder: Path) -> None:
    """Ctrl-C leaves a store, says how to go on, and that command gives what an undisturbed run gives."""
    process = started(command("s.sqlite", "--workers", "2", "--lang", "en", cells=200))
    wait_for(lambda: (folder / "s.sqlite").exists() and (folder / "s.sqlite").stat().st_size > 100_000)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    printed, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert printed == ""
    assert "Traceback" not in told
    wait_for(lambda: not any(map(is_alive, workers)), 10)
    results = read(folder / "s.sqlite")
    assert results.cells
    assert results.pending
    words = shlex.split(
        next(line for line in told.splitlines() if "To go on:" in line).partition("To go on: ptce-fund ")[2]
    )
    assert run(words) == 0
    subprocess.run(command("t.sqlite", "--workers", "2", cells=200), check=True, capture_output=True)
    assert content(folder / "s.sqlite") == content(folder / "t.sqlite")


def killed(folder: Path, times: int, seed: int, longest: float) -> None:
    """Kill a sweep at random moments, resume it each time, and compare it with an undisturbed one."""
    draw = random.Random(seed)
    subprocess.run(command("whole.sqlite", "--workers", "2"), check=True, capture_output=True)
    kept = 0
    for _ in range(times):
        process = started(command("s.sqlite", "--workers", "2", "--resume"))
        time.sleep(draw.uniform(0.2, longest))
        process.kill()
        process.communicate()
        # At most the runs in flight are lost: never what was kept before.
        now = runs_kept(folder / "s.sqlite")
        assert now >= kept or (folder / "s.sqlite-journal").exists()
        kept = max(kept, now)
    subprocess.run(command("s.sqlite", "--workers", "2", "--resume"), check=True, capture_output=True)
    assert content(folder / "s.sqlite") == content(folder / "whole.sqlite")
    assert sorted(path.name for path in folder.glob("s.sqlite*")) == ["s.sqlite"]


def test_killed_and_resumed(folder: Path) -> None:
    """Three times."""
    killed(folder, 3, seed=1, longest=2.5)


@pytest.mark.slow
def test_killed_twenty_times_and_resumed(folder: Path) -> None:
    """Twenty times, at random moments."""
    killed(folder, 20, seed=2, longest=2.5)


def test_workers_end_with_a_sweep_that_is_killed(folder: Path) -> None:
    """None is left behind, though nobody could tell them."""
    process = started(command("s.sqlite", "--workers", "2", cells=200))
    wait_for(lambda: len(children(process.pid)) >= 3)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(is_alive, workers)), 20)


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """The sweep stops with a clear error; its store goes on from there."""
    scenario = small(tmp_path, envelope(*range(30_000, 90_000, 1_000)))

    def stab(done: int, of: int, without: int) -> None:
        if done == 3:
            for pid in children(os.getpid()):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)

    with pytest.raises(InternalError, match="The workers were lost"):
        sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=processes(1), progress=stab)
    assert len(read(tmp_path / "s.sqlite").cells) >= 3
    found = sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=processes(1), is_resumed=True)
    assert not found.pending
