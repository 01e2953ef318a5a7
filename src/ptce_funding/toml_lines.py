"""Line numbers of a TOML document.

`tomllib` gives values without places, and the libraries that keep places do not give them reliably for inline tables
and arrays. This scanner runs over text that `tomllib` has already accepted, so it may trust the syntax and only has to
follow it.
"""

import json
import re
import tomllib

Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[^\s,\]}#][^,\]}#\n]*', re.DOTALL
)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line of every key, table and array entry of a valid TOML document.

    Parameters
    ----------
    text
        A document that `tomllib.loads` accepts.

    Returns
    -------
    dict
        Line, counted from 1, by path. Entries of arrays are numbered from 0.
    """
    return _Scanner(text).scan()


def dotted(path: str) -> tuple[str, ...]:
    """Split a dotted TOML key, in which segments may be quoted.

    Raises
    ------
    ValueError
        When `path` is not a dotted key.
    """
    keys: list[str] = []
    position = 0
    while True:
        key = _KEY.match(path, position)
        # Names with spaces or accents may stand unquoted: people type them on command lines.
        if key is None or (key.end() < len(path) and not _DOT.match(path, key.end())):
            key = re.compile(r"[^.\"']+").match(path, position)
        if key is None:
            raise ValueError(path)
        keys.append(_unquoted(key.group().strip()))
        if key.end() == len(path):
            return tuple(keys)
        dot = _DOT.match(path, key.end())
        if dot is None:
            raise ValueError(path)
        position = dot.end()


def join(path: Path) -> str:
    """Write a path as a dotted key; positions in arrays count from 1."""
    parts = [str(part + 1) if isinstance(part, int) else part for part in path]
    return ".".join(part if re.fullmatch(r"[^\s.=\"']+", part) else quoted(part) for part in parts)


def quoted(text: str) -> str:
    """Write a text as a TOML string in one line."""
    # What JSON escapes TOML reads; it forbids one sign more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unquoted(key: str) -> str:
    if key[:1] not in {'"', "'"}:
        return key
    return str(tomllib.loads(f"key = {key}")["key"])


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.entries: dict[Path, int] = {}  # number of entries of each array of tables so far

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self.skip()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.skip()
        return self.lines

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def header(self) -> Path:
        line = self.line()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        self.skip()
        path = self.located(self.keys())
        self.skip()
        self.at += 2 if is_array else 1
        if is_array:
            self.lines.setdefault(path, line)
            self.entries[path] = self.entries.get(path, 0) + 1
            path = (*path, self.entries[path] - 1)
        self.lines[path] = line
        return path

    def located(self, keys: Path) -> Path:
        """Insert the current entry of each array of tables that a header passes through."""
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if number < len(keys) - 1 and path in self.entries:
                path = (*path, self.entries[path] - 1)
        return path

    def keys(self) -> Path:
        keys: list[str] = []
        while True:
            key = _KEY.match(self.text, self.at)
            assert key is not None
            keys.append(_unquoted(key.group()))
            self.at = key.end()
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                return tuple(keys)
            self.at = dot.end()

    def pair(self, table: Path) -> None:
        line = self.line()
        keys = self.keys()
        for depth in range(1, len(keys)):
            self.lines.setdefault((*table, *keys[:depth]), line)
        path = (*table, *keys)
        self.lines[path] = line
        self.skip()
        self.at += 1  # the equals sign
        self.skip()
        self.value(path)

    def value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening not in "[{":
            scalar = _SCALAR.match(self.text, self.at)
            assert scalar is not None
            self.at = scalar.end()
            return
        closing = "]" if opening == "[" else "}"
        self.at += 1
        self.skip()
        number = 0
        while not self.text.startswith(closing, self.at):
            if opening == "[":
                self.lines[*path, number] = self.line()
                self.value((*path, number))
                number += 1
            else:
                self.pair(path)
            self.skip()
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip()
        self.at += 1
