"""Files written whole: all or none, links and devices, errors by the user's own names; streams that end."""

import errno
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.files import os_reason, write_whole
from ptce_funding.messages import LANGUAGES

SCENARIO = str(ROOT / "scenarios" / "aap-2013.toml")


def tree(folder: Path) -> list[str]:
    """Return everything in a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("bad", ["folder", "file/below", "socket", "file\0"])
def test_nothing_changes_when_one_file_cannot_be_written(
    tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is as it was, no folder is made, and the error names what the user named."""
    import socket

    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        before = tree(tmp_path)
        with pytest.raises(OSError, match=bad.partition("/")[0].removesuffix("\0")) as caught:
            write_whole({Path("file"): b"new", Path("new/deep/x"): b"new", Path(bad): b"new"})
        assert caught.value.filename == bad.partition("/")[0]
        assert tree(tmp_path) == before
    assert (tmp_path / "file").read_text() == "old"


def test_nothing_changes_when_the_space_runs_out(tmp_path: Path) -> None:
    """A device that fails does so before any file takes its name; folders made on the way go again."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OSError, match="/dev/full") as caught:
        write_whole({tmp_path / "a" / "b": b"x", Path("/dev/full"): b"x"})
    assert caught.value.errno == errno.ENOSPC
    assert tree(tmp_path) == []


def test_errors_name_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the replacement itself fails, the name is the user's."""

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/tmp/.ptce-fund-abc")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PermissionError) as caught:
        write_whole({tmp_path / "out": b"x"})
    assert caught.value.filename == str(tmp_path / "out")
    assert tree(tmp_path) == []


def test_links_stay_links(tmp_path: Path) -> None:
    """What a link points to is replaced, also where it is not there yet."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("old")
    (tmp_path / "link").symlink_to("real/file")
    (tmp_path / "dangling").symlink_to("real/new")
    write_whole({tmp_path / "link": b"one", tmp_path / "dangling": b"two"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert (tmp_path / "real" / "file").read_text() == "one"
    assert (tmp_path / "real" / "new").read_text() == "two"
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(OSError, match="circle"):
        write_whole({tmp_path / "circle": b"x"})


def test_permissions_are_kept(tmp_path: Path) -> None:
    """A private file stays private; a new one is as others are."""
    (tmp_path / "private").write_text("old")
    (tmp_path / "private").chmod(0o600)
    mask = os.umask(0o022)
    try:
        write_whole({tmp_path / "private": b"x", tmp_path / "new": b"x"})
    finally:
        os.umask(mask)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("private", "new")] == [0o600, 0o644]


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev/stdout here")
def test_devices_are_written_as_they_are(tmp_path: Path) -> None:
    """Null device, pipes and standard output, be it a pipe or a file, which keeps what it has."""
    write_whole({Path(os.devnull): b"x"})
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    code = "from pathlib import Path; from ptce_funding.files import write_whole; write_whole({Path('/dev/stdout'): b'two'})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"two"
    with (tmp_path / "file").open("wb") as file:
        file.write(b"one")
        file.flush()
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "file").read_bytes() == b"onetwo"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("number", [*errno.errorcode, None])
def test_every_error_has_words(number: int | None, lang: str) -> None:
    """Those of the system in ours where they are usual, in the system's own where not; never none."""
    error = OSError(number, os.strerror(number)) if number else OSError()
    assert len(os_reason(error).render(lang)) > 3
    if number in (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.ENOSPC):
        assert os.strerror(number) not in os_reason(error).render("fr")


def test_unbroken_when_a_result_cannot_be_written(tmp_path: Path) -> None:
    """What was there stays when one of several files cannot be written."""
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "inside").write_text("x")
    with pytest.raises(OSError, match="b"):
        write_whole({tmp_path / "c" / "d": b"new", tmp_path / "b": b"new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(
    "arguments", [["schema"], ["simulate", SCENARIO], ["--version"], ["candidates", "check", "x.csv"]]
)
def test_streams_that_cannot_be_written(arguments: list[str]) -> None:
    """Standard output is named; a broken standard error leaves the exit code."""
    command = [sys.executable, "-m", "ptce_funding", *arguments]
    environment = os.environ | {"PTCE_FUND_LANG": "en"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: Standard output" if arguments[-1] != "x.csv" else "x.csv")
        assert subprocess.run(command, stdout=full, stderr=full, check=False).returncode == 1


def test_a_reader_that_has_enough() -> None:
    """`| head` ends the command quietly."""
    command = f"{shlex.quote(sys.executable)} -m ptce_funding simulate {shlex.quote(SCENARIO)} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
