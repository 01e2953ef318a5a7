"""Files written whole, then renamed: nothing the user had is lost to a half-written result."""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ptce_funding.messages import Message, message

#: Names under which a process finds its own streams.
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def os_reason(error: OSError) -> Message:
    """Return what the system refused, in words of this program, without a full stop."""
    match error.errno:
        case errno.ENOENT:
            return message("there is no such file or folder")
        case errno.EACCES | errno.EPERM:
            return message("permission denied")
        case errno.EISDIR:
            return message("this is a folder, not a file")
        case errno.ENOTDIR:
            return message("this is not a folder")
        case errno.EEXIST:
            return message("this exists already")
        case errno.ENOSPC | errno.EDQUOT:
            return message("no space is left there")
        case errno.EROFS:
            return message("this can only be read, not written")
        case errno.ENAMETOOLONG:
            return message("the name is too long")
        case errno.ELOOP:
            return message("the links lead in a circle")
        case errno.EINVAL:
            return message("this is not a file that can be read or written")
    return message("the system says “{reason}”", reason=error.strerror or str(error) or type(error).__name__)


def write_whole(contents: Mapping[Path, bytes]) -> None:
    """Write files, all of them under temporary names before the first takes its own.

    A symbolic link stays one: what it points to is replaced. Devices, pipes and streams of the process (``/dev/stdout``) are written
    as they are.

    Raises
    ------
    OSError
        When a folder cannot be made or a file not be written, with the name that the user gave; files of the same names are then as
        they were, and no folder is left behind.
    """
    modes = {path: _mode(path) for path in contents}
    direct = [path for path in contents if _is_direct(path, modes[path])]
    written: list[tuple[Path, Path]] = []
    made: list[Path] = []
    is_done = False
    try:
        for path in (path for path in contents if path not in direct):
            with _named(path):
                target = Path(os.path.realpath(path))
                _make_folders(target.parent, made)
                handle, name = tempfile.mkstemp(dir=target.parent, prefix=".ptce-fund-")
                written.append((Path(name), path))
                with os.fdopen(handle, "wb") as file:
                    file.write(contents[path])
                Path(name).chmod(_permissions(modes[path]))
        for path in direct:
            with _named(path):
                _write_direct(path, contents[path])
        for draft, path in written:
            with _named(path):
                draft.replace(os.path.realpath(path))
        is_done = True
    finally:
        for draft, _ in written:
            draft.unlink(missing_ok=True)
        for folder in [] if is_done else reversed(made):
            with suppress(OSError):  # another file may have come in
                folder.rmdir()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Tell errors by the name that the user gave; a temporary name means nothing to anybody."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    except ValueError as error:  # a null character in the name
        raise OSError(errno.EINVAL, str(error), str(path)) from None


def _mode(path: Path) -> int | None:
    """Return what kind of file stands at a path, None for no file; raise where none can be written."""
    for folder in path.parents:
        with _named(folder):
            if folder.exists() and not folder.is_dir():
                raise _error(errno.ENOTDIR)
    with _named(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(mode):
            raise _error(errno.EISDIR)
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or _stream(path) is not None):
            raise _error(errno.EINVAL)
    return mode


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _stream(path: Path) -> int | None:
    """Return the number of the stream of this process that a path names."""
    found = re.fullmatch(r"/dev/fd/([0-9]{1,6})", str(path))
    return int(found[1]) if found else _STREAMS.get(str(path))


def _is_direct(path: Path, mode: int | None) -> bool:
    return _stream(path) is not None or (mode is not None and not stat.S_ISREG(mode))


def _write_direct(path: Path, content: bytes) -> None:
    stream = _stream(path)
    # Opened anew, a stream that leads to a file would begin at its start and write over itself.
    with path.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as file:
        file.write(content)


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Make the folders that are missing, and note them."""
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir()
            made.append(each)


def _permissions(mode: int | None) -> int:
    """Return those of the file that is replaced; a new one is as readable as any other file of the user, unlike a temporary one."""
    if mode is not None:
        return stat.S_IMODE(mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
