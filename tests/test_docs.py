"""The documentation runs: every command and example that it gives, every link that it makes."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.cli.main import COMMANDS, run

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scenarios, to run commands in."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_readme_commands(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of "Faire le vôtre" do what they say, one after the other."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Faire le vôtre\n+```console\n(.*?)```", text, re.DOTALL)
    assert block is not None
    shutil.copy(copy / "scenarios" / "data" / "aap-2013.csv", copy / "vos-candidats.csv")
    commands = [line.split("#")[0] for line in block[1].splitlines() if line.startswith("ptce-fund")]
    assert len(commands) >= 8
    for command in commands:
        words = shlex.split(command.replace("vos-candidats.xlsx", "vos-candidats.csv"))[1:]
        assert run(words) == 0, command
    assert sorted(path.name for path in (copy / "sortie").iterdir())[0] == "allocation.json"
    assert "Traceback" not in capsys.readouterr().err


def test_readme_python(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The three lines of Python print the awards."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert block is not None
    exec(compile(block[1], "README.md", "exec"), {})
    assert "grant" in capsys.readouterr().out


def test_documented_overrides(copy: Path) -> None:
    """The `--set` of docs/scenario.md works on the national call."""
    assert (
        run(["simulate", "scenarios/aap-2013.toml", "--set", "envelope.total=2700000", "--set", "priority.mode=none"])
        == 0
    )
    assert run(["simulate", "scenarios/aap-2013.toml", "--set", "value.scale=cost"]) == 0


def test_documented_extension(copy: Path) -> None:
    """The example of a scenario as a difference is one."""
    text = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
    block = next(each for each in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "extends" in each)
    (copy / "scenarios" / "autre.toml").write_text(block, encoding="utf-8")
    assert run(["simulate", "scenarios/autre.toml"]) == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """Links to files of the project lead somewhere."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_command_is_documented() -> None:
    """No command is missing from the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "scenario.md").read_text(
        encoding="utf-8"
    )
    assert all(f"ptce-fund {name}" in text for name in COMMANDS)


def test_generated_pools_are_current(copy: Path) -> None:
    """The tables in scenarios/data are what CONTRIBUTING says they are made by."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    commands = re.findall(r"`ptce-fund (candidates synthesise [^`]+)`", text)
    assert len(commands) == len(list((ROOT / "scenarios" / "data").glob("*.csv")))
    for command in commands:
        words = shlex.split(command)
        committed = (ROOT / words[-1]).read_bytes()
        assert run(words) == 0
        assert (copy / words[-1]).read_bytes() == committed


def test_generated_documentation_is_current() -> None:
    """The calibration, the columns and the result shown are those of today."""
    command = [sys.executable, str(ROOT / "scripts" / "reference.py"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
