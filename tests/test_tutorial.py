"""The tutorial happens as it is told: its commands run in order in an empty folder, and print what it shows; its pictures are current."""

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import ROOT
from ptce_funding.cli.main import run
from ptce_funding.errors import InputError
from ptce_funding.report.html.printing import browser

PAGE = (ROOT / "docs" / "tutoriel.md").read_text(encoding="utf-8")
#: A block, and the code that its commands end with where it is not 0.
BLOCK = re.compile(r"^(?:<!-- code de sortie (\d) -->\n)?```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: Stands for lines that are printed but not shown.
CUT = "[…]"
SCENARIO, CANDIDATES = Path("mon-appel") / "mon-appel.toml", Path("mon-appel") / "candidats.csv"


def test_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command ends as it is said to, and every block of output is a part of what is printed, numbers included."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    printed, seen = list[str](), set[str]()
    for code, kind, body in BLOCK.findall(PAGE):
        seen.add(kind)
        match kind:
            case "console":
                printed = [
                    line for command in body.splitlines() for line in run_as_told(command, int(code or 0), capsys)
                ]
            case "text":
                assert_printed(body, printed)
            case "toml":
                assert body in SCENARIO.read_text(encoding="utf-8")
            case "diff":
                edit(SCENARIO, body)
            case _:
                pytest.fail(f"A block of {kind}, of which nothing is known here")
    assert seen == {"console", "text", "toml", "diff"}
    for name in re.findall(r"`([\w/-]+\.(?:csv|json|xlsx|html|md|toml))`", PAGE):
        assert list(tmp_path.rglob(name)), name


def run_as_told(line: str, code: int, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run a command that ends with a code, and return the lines that it prints."""
    words = shlex.split(line)
    assert words[0] == "ptce-fund"
    if "--pdf" in words and not has_browser():
        words.remove("--pdf")
    assert run(words[1:]) == code, line
    told = re.sub(r"[\d,]+\ss\s;", "… s ;", capsys.readouterr().out)
    return [each.rstrip() for each in told.splitlines()]


def has_browser() -> bool:
    """Tell whether a PDF can be made here."""
    try:
        browser()
    except InputError:
        return False
    return True


def assert_printed(shown: str, printed: list[str]) -> None:
    """Check that what is shown is printed, in this order, with nothing left out but where it is cut."""
    start = 0
    for part in re.split(rf"^{re.escape(CUT)}\n", shown, flags=re.MULTILINE):
        lines = part.splitlines()
        found = [k for k in range(start, len(printed) - len(lines) + 1) if printed[k : k + len(lines)] == lines]
        assert found, "\n".join(["Not printed:", *lines, "Printed:", *printed])
        start = found[0] + len(lines)


def edit(path: Path, change: str) -> None:
    """Change a file: lines with `-` by those with `+`, at the only place where they stand so."""
    lines = change.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] != "+")
    new = "".join(line[1:] for line in lines if line[0] != "-")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, change
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_shown_candidates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The candidates shown are the first of the table that `init` writes."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "mon-appel"]) == 0
    with CANDIDATES.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file, delimiter=";"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
    first = next(k for k, row in enumerate(rows) if row[0] == "Identifiant")
    head, shown = rows[first], [row for row in rows[first + 2 :] if row[0].startswith("D-")]
    assert len(shown) >= 3
    for row, candidate in zip(shown, table, strict=False):
        assert row == [candidate[name.strip("`")] for name in head]


def test_pictures_are_current() -> None:
    """What the documentation shows is what the program draws today."""
    command = [sys.executable, str(ROOT / "scripts" / "pictures.py"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_are_shown_and_described() -> None:
    """Every picture has a title and a description, is small, and is shown with a text for those who do not see it."""
    shown = dict(re.findall(r'<img src="docs/images/([^"]+)" alt="([^"]+)"', (ROOT / "README.md").read_text("utf-8")))
    shown |= dict(re.findall(r'<img src="images/([^"]+)" alt="([^"]+)"', PAGE))
    files = sorted((ROOT / "docs" / "images").iterdir())
    assert sorted(shown) == [path.name for path in files]
    for path in files:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        tags = [child.tag.rpartition("}")[2] for child in root]
        assert tags[:2] == ["title", "desc"]
        assert "synthétiques" in (root[1].text or "")
        assert "synthétiques" in shown[path.name]
        assert path.stat().st_size < 100_000
