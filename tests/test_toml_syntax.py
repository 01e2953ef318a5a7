"""Texts that are not TOML, told in the reader's language."""

import tomllib
from pathlib import Path

import pytest

from ptce_funding.cli.main import run
from ptce_funding.toml_syntax import SAID, syntax_fault

#: A document for each thing that can be wrong, with its line and a part of what is said.
WRONG = [
    ("a = 1\n= 2", 2, "expected a key and its value"),
    ("rate = 0,5", 1, "a decimal has a point (0.5)"),
    ("a 1", 1, "an equals sign is missing"),
    ("[a", 1, "the heading has no closing bracket"),
    ("[[a]", 1, "the heading has no closing brackets"),
    ("a = '''x", 1, "no closing quotation mark"),
    ("a = 'x", 1, "no closing quotation mark"),
    ("a = 'x\nb = 'y'", 1, "the end of a line inside a text"),
    ('a = "x\ny"', 1, "a sign stands here that may not"),
    ("[a]\n[a]", 2, "this heading stands in the file already"),
    ("a = 1\na = 2", 2, "this key has a value already"),
    ("a = { b = 1, b = 2 }", 1, "this key stands twice"),
    ("a = { b = 1 }\na.c = 2", 2, "this table is complete"),
    ("[a.b]\n[a]\nb.c = 1", 3, "this table is complete"),
    ("[a]\n. = 1", 2, "expected a key and its value"),
    ("a. = 1", 1, "a key is missing"),
    ("a = [1", 1, "a list has no closing bracket"),
    ("a = { b = 1", 1, "a table has no closing brace"),
    ('a = "C:\\data"', 1, "a backslash must be doubled"),
    ('a = "\\uZZZZ"', 1, "no sign"),
    ('a = "\\uD800"', 1, "no sign"),
    ('a = "x', 1, "no closing quotation mark"),
    ("a = 2013-02-30", 1, "no such day"),
    ("a =", 1, "a value is missing"),
    ("a = yes", 1, "a text without its quotation marks"),
]


def caught(source: str) -> tomllib.TOMLDecodeError:
    """Return what Python says of a text."""
    with pytest.raises(tomllib.TOMLDecodeError) as error:
        tomllib.loads(source)
    return error.value


@pytest.mark.parametrize(("source", "line", "words"), WRONG, ids=[repr(each[0]) for each in WRONG])
def test_what_is_wrong(source: str, line: int, words: str) -> None:
    """Line and words, none of them of Python."""
    fault = syntax_fault("x.toml", caught(source), source)
    assert fault.place.line == line
    assert words in fault.render("en")
    told = fault.render("fr")
    assert "TOML" in told
    assert not any(text in told for text in SAID)


def test_all_that_can_be_said_is_tried() -> None:
    """Every message but that of a sign that TOML knows elsewhere is provoked above."""
    found = {str(caught(source)) for source, _, _ in WRONG}
    missing = [beginning for beginning in SAID if not any(each.startswith(beginning) for each in found)]
    assert missing == []


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A French reader meets no English."""
    (tmp_path / "x.toml").write_text("format = 1\nrate = 0,5\n", encoding="utf-8")
    assert run(["check", str(tmp_path / "x.toml"), "--lang", "fr"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "une décimale s'écrit avec un point (0.5)" in told
    assert "newline" not in told
