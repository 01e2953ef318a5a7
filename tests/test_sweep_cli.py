"""`ptce-fund sweep` as a user meets it: options, exit codes, documentation."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.cli.main import run
from ptce_funding.messages import LANGUAGES
from ptce_funding.sweeping.store import read
from sweep_cases import write_call

DOC = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")
VARY = ["--vary", "envelope.total=50e3:100e3:2"]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small call, to run commands in."""
    monkeypatch.chdir(tmp_path)
    return write_call(tmp_path)


def sweep(*words: str) -> int:
    """Run the command on the small call, with one worker unless said."""
    workers = [] if {"--workers", "--cluster"} & set(words) else ["--workers", "1"]
    return run(["sweep", "small.toml", "--lang", "en", *workers, *words])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sweep(call: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints, keeps and exports; nothing is said on standard error, and no bar is drawn, where there is no terminal."""
    assert sweep(*VARY, "--lang", lang, "--export", "t/runs.csv", "--export", "t/runs.xlsx") == 0
    printed = capsys.readouterr()
    assert "small.sweep.sqlite" in printed.out
    # It has done so already.
    assert "--resume" not in printed.out
    assert "runs-awards.csv" in printed.out
    assert printed.err == ""
    assert {"runs.csv", "runs-awards.csv", "runs.xlsx"} <= {path.name for path in (call.parent / "t").iterdir()}
    results = read(call.parent / "small.sweep.sqlite")
    assert [cell.values for cell in results.cells] == [(None,), (50_000,), (100_000,)]
    assert results.meta["command"] == "ptce-fund sweep small.toml --vary envelope.total=50e3:100e3:2"


def test_the_table_and_the_command_line(call: Path) -> None:
    """Options take the place of the same path in the table, or add to it; a design without samples drops theirs."""
    write_call(
        call.parent,
        '[sweep]\ndesign = "sobol"\nsamples = 4\nseed = 1\n'
        '[[sweep.vary]]\npath = "value.fixed"\nlow = 0.1\nhigh = 0.5\ncount = 2\n'
        '[[sweep.vary]]\npath = "envelope.total"\nvalues = [100_000]\n',
    )
    assert sweep() == 0
    assert [cell.kind for cell in read(Path("small.sweep.sqlite")).cells] == ["base", *4 * ["sample"]]
    assert sweep("--design", "grid", *VARY, "--vary", "years=1,2", "--frontier", "--out", "b") == 0
    results = read(Path("b"))
    assert [axis.path for axis in results.axes] == ["value.fixed", "envelope.total", "years"]
    assert len(results.cells) == 1 + 2 * 2 * 2 + 2 * 2
    words = shlex.split(results.meta["command"])[1:]
    assert words == ["sweep", "small.toml", *VARY, "--vary", "years=1,2", "--design", "grid", "--frontier"]
    assert sweep(*words[2:], "--out", "c") == 0
    assert [cell.run for cell in read(Path("c")).cells] == [cell.run for cell in results.cells]


def test_values_may_be_named_without_quotes(call: Path) -> None:
    """Bare words are texts, as with `--set`; a value equal to the scenario's own is the scenario."""
    assert sweep("--vary", "priority.mode=none,strict", "--vary", "envelope.total=100_000") == 0
    cells = read(Path("small.sweep.sqlite")).cells
    assert [cell.run.status for cell in cells] == ["optimal", "optimal", "invalid"]
    assert cells[0].run == cells[1].run


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 1, "sweep.vary: Nothing is varied"),
        (["--vary", "envelope.totl=1,2"], 1, "Unknown key “totl”"),
        (["--vary", "envelope.totl=1,2"], 1, "Did you mean “total”?"),
        (["--vary", "value.fixed=2,3"], 1, "value.fixed: Found 2, expected a number of at most 1."),
        (["--vary", "value.fixed=1:x"], 1, "expected low:high:count"),
        (["--vary", "value.fixed=0:1"], 1, "Found “value.fixed=0:1”, expected low:high:count, such as 1e6:20e6:20."),
        ([*VARY, "--samples", "3"], 1, "“samples” goes with the designs"),
        ([*VARY, "--design", "sobbol"], 1, "sobol"),
        ([*VARY, "--workers", "0"], 1, "--workers"),
        ([*VARY, "--export", "x.ods"], 1, "expected one of: .csv"),
        ([*VARY, "--solver", "nobody"], 1, "nobody"),
        ([*VARY, "--out", "small.toml"], 1, "not the store of a sweep"),
        ([*VARY, "--out", "."], 1, "directory"),
        ([*VARY, "--tls-ca", "small.toml"], 1, "go with --cluster"),
        ([*VARY, "--tls-ca", "none.pem", "--cluster", "tls://x:1"], 1, "none.pem"),
        ([*VARY, "--workers", "2", "--cluster", "tcp://x:1"], 1, "exclude each other"),
        ([*VARY, "--candidates", "none.csv"], 1, "none.csv"),
        (["--vary", "envelope.total=10e3,20e3", "--set", "targets=[{name='t',measure='count',min=3}]"], 2, ""),
    ],
)
def test_faults(call: Path, words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One clear message, before anything is solved; the code says whose fault it is."""
    before = call.read_bytes()
    assert sweep(*words) == code
    printed = capsys.readouterr()
    assert told in printed.err
    assert "Traceback" not in printed.err
    assert Path("small.sweep.sqlite").exists() == (code == 2)
    assert call.read_bytes() == before


def test_an_existing_store(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused, resumed."""
    assert sweep(*VARY) == 0
    assert sweep(*VARY) == 1
    assert "--resume" in capsys.readouterr().err
    assert sweep(*VARY, "--resume") == 0


def test_a_bar_on_a_terminal(call: Path) -> None:
    """Done and all, on standard error."""
    pty = pytest.importorskip("pty")
    import os

    parent, child = pty.openpty()
    command = [sys.executable, "-m", "ptce_funding", "sweep", "small.toml", *VARY, "--lang", "en"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=child, env=environment) as process:
        os.close(child)
        seen = b""
        while True:
            try:
                piece = os.read(parent, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(parent)
    assert process.returncode == 0
    assert "Sweeping small" in seen.decode()
    assert "2/2" in seen.decode()


def test_documented_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every console command of docs/sweep.md runs, one after the other; its table is a table, its options exist."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)[0].splitlines()
    assert len(commands) == 2
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, command
    assert Path("varier/calculs.xlsx").exists()
    table = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)[0]
    text = (tmp_path / "scenarios" / "aap-2013.toml").read_text(encoding="utf-8")
    (tmp_path / "scenarios" / "varie.toml").write_text(text + table, encoding="utf-8")
    assert run(["sweep", "scenarios/varie.toml", "--out", "t.sqlite"]) == 0
    first = {cell.run.hash for cell in read(Path("aap-2013.sweep.sqlite")).cells}
    assert {cell.run.hash for cell in read(Path("t.sqlite")).cells} < first
    help_ = subprocess.run(
        [sys.executable, "-m", "ptce_funding", "sweep", "--help"], capture_output=True, text=True, check=True
    ).stdout
    own = re.sub(r"dask .*", "", DOC)
    assert set(re.findall(r"--[a-z][a-z-]*", own)) - {"--set"} <= set(re.findall(r"--[a-z][a-z-]*", help_))


def test_documented_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of Python prints four cells."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    Path("essai.py").write_text(re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)[0], encoding="utf-8")
    printed = subprocess.run([sys.executable, "essai.py"], capture_output=True, text=True, check=True).stdout
    assert len(printed.splitlines()) == 4
    assert "(1000000,) optimal" in printed
