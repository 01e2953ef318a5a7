"""Files written whole, then renamed: nothing the user had is lost to a half-written result."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_whole(contents: Mapping[Path, bytes]) -> None:
    """Write files, all of them under temporary names before the first takes its own.

    Raises
    ------
    OSError
        When a folder cannot be made or written; files of the same names are then as they were.
    """
    written: list[tuple[str, Path]] = []
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            written.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            # A temporary file is private; a result is as readable as any other file of the user.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
        for name, path in written:
            Path(name).replace(path)
    finally:
        for name, _ in written:
            Path(name).unlink(missing_ok=True)
