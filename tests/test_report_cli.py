"""`ptce-fund report`, and `--report` of other commands, as a user meets them."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.cli.main import run
from ptce_funding.messages import message
from ptce_funding.report.html import printing
from sweep_cases import write_call

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for a browser is a shell script")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small call, to run commands in; the same day each time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    return write_call(tmp_path, '[[targets]]\nname = "two"\nmeasure = "count"\nmin = 2\n')


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_of_a_file_and_of_a_result_just_made(call: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The two ways give the same bytes; the page is beside the result unless said."""
    assert run(["simulate", "small.toml", "--out", "out", "--report", "now/page.html", "--lang", lang]) == 0
    assert run(["report", "out/allocation.json", "--lang", lang]) == 0
    page = Path("out/allocation.html").read_bytes()
    assert page == Path("now/page.html").read_bytes()
    assert f'<html lang="{lang}">'.encode() in page
    assert {"fr": "13 septembre 2020", "en": "13 September 2020"}[lang].encode() in page
    assert b">2020-09-13<" not in page
    printed = capsys.readouterr()
    assert "page.html" in printed.out
    assert "allocation.html" in printed.out
    # All files of a command in one sentence.
    assert printed.out.count(message("Written: {files:list}", files=[]).render(lang)) == 2
    assert printed.err == ""


def test_of_a_costing(call: Path) -> None:
    """The same for `cost`."""
    assert run(["cost", "small.toml", "--out", "out", "--report", "now.html"]) == 0
    assert run(["report", "out/cost.json", "-o", "then.html"]) == 0
    assert Path("now.html").read_bytes() == Path("then.html").read_bytes()


def test_of_a_sweep(call: Path) -> None:
    """The same for `sweep`; its store is never written over."""
    words = ["sweep", "small.toml", "--vary", "envelope.total=50e3,100e3", "--workers", "1"]
    assert run([*words, "--report", "now.html"]) == 0
    assert run(["report", "small.sweep.sqlite", "-o", "then.html"]) == 0
    assert Path("now.html").read_bytes() == Path("then.html").read_bytes()
    kept = Path("small.sweep.sqlite").read_bytes()
    assert run([*words, "--resume", "--report", "small.sweep.sqlite"]) == 1
    assert Path("small.sweep.sqlite").read_bytes() == kept


def test_json_alone_on_standard_output(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` and `--report` go together."""
    assert run(["simulate", "small.toml", "--json", "--report", "page.html"]) == 0
    assert json.loads(capsys.readouterr().out)["scenario"] == "small"
    assert Path("page.html").is_file()


def test_one_scenario_a_report(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several scenarios have no common report, and nothing is solved before that is said."""
    assert run(["simulate", "small.toml", "small.toml", "--report", "page.html", "--lang", "en"]) == 1
    printed = capsys.readouterr()
    assert "A report is of one scenario" in printed.err
    assert printed.out == ""


def test_without_an_allocation(call: Path) -> None:
    """The page is written, and the exit code says that there is none."""
    rule = 'rules=[{name="three",measure="count",min=3}]'
    assert run(["simulate", "small.toml", "--set", rule, "--report", "page.html"]) == 2
    assert Path("page.html").is_file()


def test_faults(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are not there, are no result or would be lost: one sentence, exit code 1, nothing written."""
    assert run(["report", "nowhere.json", "--lang", "en"]) == 1
    assert "nowhere.json: there is no such file" in capsys.readouterr().err
    assert run(["report", "small.toml", "--lang", "en"]) == 1
    assert "small.toml: This is no result of this program" in capsys.readouterr().err
    assert run(["report", ".", "-o", "x.html", "--lang", "en"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert run(["simulate", "small.toml", "--out", "out"]) == 0
    kept = Path("out/allocation.json").read_bytes()
    for words in (["report", "out/allocation.json", "-o"], ["simulate", "small.toml", "--out", "out", "--report"]):
        assert run([*words, "out/allocation.json", "--lang", "en"]) == 1
        assert "Found the ending “.json”, expected one of: .html, .htm." in capsys.readouterr().err
    assert Path("out/allocation.json").read_bytes() == kept
    assert run(["report", "out/allocation.json"]) == 0
    assert run(["report", "out/allocation.json", "-o", "small.toml/x.html", "--lang", "en"]) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["candidates.csv", "out", "small.toml"]


def browser(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a script stand in for the browser."""
    path = folder / "browser.sh"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("BROWSER_FOR_PDF", str(path))
    return path


@posix_only
def test_pdf(call: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is given the page, without a network, and what it prints is beside the page."""
    script = 'for word in "$@"; do echo "$word" >> words; case "$word" in --print-to-pdf=*) echo PDF > "${word#*=}";; esac; done'
    browser(tmp_path, script, monkeypatch)
    assert run(["simulate", "small.toml", "--out", "out"]) == 0
    assert run(["report", "out/allocation.json", "--pdf", "-o", "page.html"]) == 0
    assert Path("page.pdf").read_text() == "PDF\n"
    words = Path("words").read_text().splitlines()
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in words
    assert words[-1].startswith("file://")
    assert not Path(words[-1].removeprefix("file://")).exists()


@posix_only
@pytest.mark.parametrize(
    ("script", "expected"), [("echo broken >&2; exit 1", "broken"), ("sleep 5", "did not print within 1 s")]
)
def test_a_browser_that_fails(
    call: Path,
    tmp_path: Path,
    script: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its last words are told, or that it took too long; no page is written without its print."""
    browser(tmp_path, script, monkeypatch)
    monkeypatch.setattr(printing, "_LONGEST", 1)
    assert run(["simulate", "small.toml", "--out", "out"]) == 0
    assert run(["report", "out/allocation.json", "--pdf", "--lang", "en"]) == 1
    assert expected in capsys.readouterr().err
    assert not Path("out/allocation.html").exists()


def test_no_browser(call: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without one, the way out is told before anything is made."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BROWSER_FOR_PDF", raising=False)
    monkeypatch.setattr(printing, "_ELSEWHERE", ())
    assert run(["simulate", "small.toml", "--out", "out"]) == 0
    assert run(["report", "out/allocation.json", "--pdf", "--lang", "en"]) == 1
    assert "No browser that prints was found" in capsys.readouterr().err
    assert not Path("out/allocation.html").exists()


def test_documented_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of docs/report.md do what they say, one after the other."""
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    block = re.search(r"```console\n(.*?)```", text, re.DOTALL)
    assert block is not None
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    for command in block[1].splitlines():
        words = shlex.split(command)[1:]
        assert run([*words, "--workers", "1"] if words[0] == "sweep" else words) == 0, command
    for page in (
        "sortie/aap-2013.html",
        "rapport.html",
        "cible/cost.html",
        "varier.html",
        "compare.html",
        "cote-a-cote/compare.html",
        "deux.html",
    ):
        assert len(Path(page).read_bytes()) < 1_000_000
