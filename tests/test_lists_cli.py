"""`simulate --nested` and `alternatives` as a user meets them: pages, files, exit codes, documentation."""

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from ptce_funding.cli.main import run
from ptce_funding.messages import LANGUAGES, translate

DOC = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8")

#: Funded whole or not at all. With 6 k€: a, b and c; with 100 k€ d alone, worth more.
FOUR = """id,phase,score,cost,ask
a,emerging,0.01,1000,1000
b,emerging,0.02,2000,2000
c,emerging,0.03,3000,3000
d,emerging,0.9,100000,100000
"""
#: With 20 k€: two of three equals.
EQUALS = "id,phase,score,cost,ask\n" + "".join(f"{id_},emerging,1,10000,10000\n" for id_ in "abc")

CALL = """format = 1
name = "small"
first_year = 2020
candidates.file = "candidates.csv"
envelope = { total = 20_000, grant_step = 1_000 }
volets.v = { phases = ["emerging"], tolerance = 0.0 }
value = { criteria = { score = 1.0 }, fixed = 1.0 }
solve = { gap = 0.0 }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the call and the four, to run commands in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(CALL, encoding="utf-8")
    (tmp_path / "candidates.csv").write_text(FOUR, encoding="utf-8")
    (tmp_path / "equals.csv").write_text(EQUALS, encoding="utf-8")
    return tmp_path


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))


# -------------------------------------------------------------------------------------------------------------- nested


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nested(folder: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The three are kept and priced: 0.84 of 0.9."""
    assert run(["simulate", "small.toml", "--nested", "100_000,6e3", "--lang", lang, "--out", "out"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert ("0,84" if lang == "fr" else "0.84") in printed.out
    small, large = (page := read(folder / "out" / "nested.json"))["envelopes"]
    assert small["nested"] == small["free"]
    assert large["free"]["supported"] == ["d"]
    assert large["nested"]["supported"] == large["would_drop_out"] == ["a", "b", "c"]
    assert large["prices"] == [{"loss": 0.84, "share": 0.933333333, "least": 0.84, "most": 0.84}]
    assert [step["candidate"] for step in page["ladder"]] == ["c", "b", "a"]
    assert page["provenance"]["command"] == "ptce-fund simulate small.toml --nested 6000,100000"
    assert sum(award["grant"] for award in large["nested"]["awards"]) == 6_000


def test_nested_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in tables for spreadsheets; JSON alone on standard output."""
    assert run(["simulate", "small.toml", "--nested", "6e3,1e5", "--lang", "en", "--out", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == read(folder / "out" / "nested.json")
    rows = table(folder / "out" / "envelopes.csv")
    assert [each[:4] for each in rows[1:]] == [["6000", "0.06", "0.06", "0"], ["100000", "0.9", "0.06", "0.84"]]
    assert rows[2][11] == "a b c"
    assert [each[0] for each in table(folder / "out" / "ladder.csv")] == ["Candidate", "c", "b", "a"]


def test_an_envelope_that_has_no_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody asks for half of 100 k€ beside d, who would be dropped: with a promise that is no error, without any allocation it is."""
    (folder / "candidates.csv").write_text(FOUR.replace("d,emerging", "d,project"), encoding="utf-8")
    rule = 'rules=[{name="half",measure="share",of="envelope",where={phase="project"},min=0.5,only_possible=true}]'
    words = ["small.toml", "--lang", "en", "--set", 'volets.v.phases=["emerging","project"]']
    assert run(["simulate", *words, "--nested", "6e3,1e5"]) == 0
    capsys.readouterr()
    assert run(["simulate", *words, "--set", rule, "--nested", "6e3,1e5"]) == 2
    assert "€6,000: no allocation keeps all the rules" in capsys.readouterr().out


def test_a_promise_that_cannot_be_kept_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half of 20 k€ goes to p, beside a; half of 40 k€ takes q, which leaves room for one of them: both are named."""
    rows = ["a,emerging,5,10000,10000", "p,project,1,10000,10000", "q,project,1,30000,30000"]
    (folder / "candidates.csv").write_text("\n".join(["id,phase,score,cost,ask", *rows]), encoding="utf-8")
    rule = 'rules=[{name="half",measure="share",of="envelope",where={phase="project"},min=0.5}]'
    words = ["small.toml", "--lang", "en", "--set", 'volets.v.phases=["emerging","project"]', "--set", rule]
    assert run(["simulate", *words, "--nested", "20e3,40e3", "--out", "out"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "What was promised to a, p cannot be kept together." in printed
    assert read(folder / "out" / "nested.json")["envelopes"][1]["cannot_be_kept"] == ["a", "p"]


@pytest.mark.parametrize(
    "envelopes", ["6e3", "6e3,6000", "6e3,x", "6e3,", "1.5,2", "-1,5", "0,5", "inf,5", "nan,5", "true,5", "9" * 99]
)
def test_envelopes_that_are_none(folder: Path, envelopes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole euros, at least two, all different; one message."""
    assert run(["simulate", "small.toml", "--lang", "en", "--nested", envelopes]) == 1
    printed = capsys.readouterr().err
    assert "such as 3e6,5e6,20e6" in printed
    assert "Traceback" not in printed


def test_words_are_quoted_as_the_language_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No quotes are put on before the catalogue could say which."""
    assert run(["simulate", "small.toml", "--lang", "en", "--nested", "x,6e3,y"]) == 1
    assert "Found “x”, “y”, expected envelopes" in capsys.readouterr().err
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ptce_funding.messages.translate", lambda text, lang: text.replace("“", "«").replace("”", "»"))
        assert run(["simulate", "small.toml", "--nested", "x,6e3,y"]) == 1
    assert "Found «x», «y», expected envelopes" in capsys.readouterr().err


def test_what_nested_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One scenario at a time; a solver; envelopes that the scenario accepts."""
    for words in (["small.toml"], ["--workbook", "book.xlsx"], ["--report", "page.html"]):
        assert run(["simulate", "small.toml", *words, "--nested", "1e3,2e3", "--lang", "en"]) == 1
        assert "--nested takes one scenario and writes neither a workbook nor a report." in capsys.readouterr().err
    assert run(["simulate", "small.toml", "--nested", "1e3,2e3", "--solver", "ranking", "--lang", "en"]) == 1
    assert "jury" in capsys.readouterr().err
    assert run(["simulate", "small.toml", "--nested", "10,20,1e4", "--lang", "en"]) == 1
    assert "Faults found" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------- alternatives

EQUAL = ["small.toml", "--candidates", "equals.csv"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_alternatives(folder: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Three lists of two, the tie named, all of it proved."""
    assert run(["alternatives", *EQUAL, "--within", "0%", "--lang", lang, "--out", "out"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "a, b, c" in printed.out
    page = read(folder / "out" / "alternatives.json")
    assert sorted("".join(each["supported"]) for each in page["lists"]) == ["ab", "ac", "bc"]
    assert [each["distances"] for each in page["lists"]] == [[], [2], [2, 2]]
    assert page["is_all"]
    assert page["ties"] == [["a", "b", "c"]]
    assert {(each["lists_within"], each["proved"]) for each in page["members"]} == {("sometimes", True)}
    assert page["draw"] is None


def test_the_draw_is_recorded_and_repeats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command in the file gives the same file again; another seed may draw another list."""
    words = ["alternatives", *EQUAL, "--within", "0.5%", "--draw", "--seed", "loto 2026-11-21", "--lang", "en"]
    assert run([*words, "--out", "one"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    page = read(folder / "one" / "alternatives.json")
    assert page["draw"]["seed"] == "loto 2026-11-21"
    assert page["draw"]["list"] == int(page["draw"]["sha256"], 16) % 3 + 1
    assert f"list {page['draw']['list']}." in printed
    drawn = [each[-1] for each in table(folder / "one" / "lists.csv")[1:]]
    assert drawn.index("yes") + 1 == page["draw"]["list"]
    assert run([*shlex.split(page["provenance"]["command"])[1:], "--lang", "en", "--out", "two"]) == 0
    assert (folder / "two" / "alternatives.json").read_bytes() == (folder / "one" / "alternatives.json").read_bytes()
    lists = set()
    for seed in ("1", "2", "3", "4"):
        capsys.readouterr()
        assert run(["alternatives", *EQUAL, "--within", "0", "--draw", "--seed", seed, "--json"]) == 0
        lists.add(json.loads(capsys.readouterr().out)["draw"]["list"])
    assert len(lists) > 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_loss_that_is_no_number(folder: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The optimum leaves nothing to the second group, another list does: no share of nothing is lost, nor said to be."""
    rows = ["p,emerging,10,20000,20000", "q,emerging,9,10000,10000", "r,project,4,10000,10000"]
    (folder / "candidates.csv").write_text("\n".join(["id,phase,score,cost,ask", *rows]), encoding="utf-8")
    strict = 'priority={mode="strict",order=[["emerging"],["project"]]}'
    words = ["small.toml", "--set", 'volets.v.phases=["emerging","project"]', "--set", strict, "--lang", lang]
    assert run(["alternatives", *words, "--within", "10%", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    # The two of the optimum itself, and that of q alone, which has nothing of nothing.
    assert len(re.findall(r"\b0\s?%", printed)) == 3
    assert translate("unknown", lang) in printed
    losses = [each["losses"] for each in read(folder / "out" / "alternatives.json")["lists"]]
    assert losses == [[0, 0], [0.1, None], [0.1, 0]]


def test_members_table(folder: Path) -> None:
    """Grants by list, and what it costs to change sides: nothing among equals."""
    assert run(["alternatives", *EQUAL, "--within", "0", "--lang", "en", "--out", "out"]) == 0
    rows = table(folder / "out" / "members.csv")
    assert [each[0] for each in rows] == ["Candidate", "a", "b", "c"]
    assert [each[5:9] for each in rows[1:]] == [["in some", "yes", "2", "0"]] * 3
    assert [sorted(each[9:]) for each in rows[1:]] == [["0", "10000", "10000"]] * 3


@pytest.mark.parametrize("within", ["", "x", "-1%", "100%", "1", "5", "nan", "1%%", "inf"])
def test_losses_that_are_none(folder: Path, within: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A share below the whole; one message."""
    assert run(["alternatives", "small.toml", "--lang", "en", f"--within={within}"]) == 1
    assert "such as 0.5% or 0.005" in capsys.readouterr().err


def test_losses_as_people_write_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Per cent or share, point or comma."""
    found = set()
    for within in ("0.5%", "0,5 %", "0.005"):
        assert run(["alternatives", *EQUAL, "--within", within, "--no-proof", "--json"]) == 0
        found.add(json.loads(capsys.readouterr().out)["within"])
    assert found == {0.005}


def test_what_alternatives_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A draw takes a seed and a seed a draw; without an allocation there are no lists, and the code is 2."""
    for words in (["--draw"], ["--seed", "1"], ["--draw", "--seed", ""]):
        assert run(["alternatives", *EQUAL, "--within", "1%", "--lang", "en", *words]) == 1
        assert "--draw and --seed go together" in capsys.readouterr().err
    assert run(["alternatives", *EQUAL, "--within", "1%", "--solver", "ranking", "--lang", "en"]) == 1
    rule = 'rules=[{name="four",measure="count",min=4}]'
    capsys.readouterr()
    assert run(["alternatives", *EQUAL, "--within", "1%", "--lang", "en", "--set", rule, "--out", "out", "--json"]) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["lists"] == []
    assert "Out of reach: the rule “four”." in " ".join(printed.err.split())
    assert not (folder / "out").exists()


# ------------------------------------------------------------------------------------------------------- documentation


def test_documented_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every console command of docs/lists.md runs, and writes the files that the page names; its options exist."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)[0].splitlines()
    assert len(commands) == 2
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, command
    written = {path.name for name in ("ladder", "near") for path in Path(name).iterdir()}
    assert written == set(re.findall(r"`(\w+\.(?:json|csv))`", DOC))
    command = [sys.executable, "-m", "ptce_funding"]
    known = "".join(
        subprocess.run([*command, name, "--help"], capture_output=True, text=True, check=True).stdout
        for name in ("simulate", "alternatives")
    )
    assert set(re.findall(r"--[a-z][a-z-]*", DOC)) <= set(re.findall(r"--[a-z][a-z-]*", known))


def test_documented_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The example of Python prints a ladder and a line of alternatives."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    exec(compile(re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)[0], "lists.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 10
    assert all(re.fullmatch(r"2023-\d+ (500000|1000000)", line) for line in lines[:-1])
