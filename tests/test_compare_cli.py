"""`ptce-fund compare` as a user meets it: what it reads and writes, exit codes, documentation."""

import csv
import json
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
from sweep_cases import write_call

DOC = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
NONE = "rules=[{name='three',measure='count',min=3}]"


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small call, to run commands in."""
    monkeypatch.chdir(tmp_path)
    return write_call(tmp_path)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small call, two results, and files that are none."""
    folder = tmp_path_factory.mktemp("hostile")
    path = write_call(folder)
    for name in ("one", "two"):
        assert run(["simulate", str(path), "--out", str(folder / "results" / name)]) == 0
    good = json.loads((folder / "results" / "one" / "allocation.json").read_text(encoding="utf-8"))
    b = next(each for each in good["candidates"] if each["candidate"] == "b")
    broken = {
        "list": [1],
        "old": {key: value for key, value in good.items() if key != "format"},
        "cut": {key: value for key, value in good.items() if key != "sources"},
        "text": good | {"awards": [good["awards"][0] | {"grant": "50000"}]},
        "more": good | {"awards": [each | {"grant": 1} for each in good["awards"]]},
        "twice": good | {"candidates": [*good["candidates"], b]},
        "torn": good | {"candidates": [each | {"outcome": "outranked"} for each in good["candidates"]]},
        "bare": good | {"sources": []},
    }
    for name, value in broken.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    (folder / "bad.json").write_bytes(b'{"scenario": \xff')
    (folder / "nan.json").write_text(json.dumps(good | {"value": float("nan")}), encoding="utf-8")
    (folder / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    return folder


def compare(*words: str, lang: str = "en") -> int:
    """Run the command."""
    return run(["compare", *words, "--lang", lang])


def table(path: str) -> dict[str, list[str]]:
    """Return the rows of a table by their first cell."""
    text = Path(path).read_text(encoding="utf-8-sig")
    return {row[0]: row[1:] for row in csv.reader(text.splitlines())}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_variants(call: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Named by the user or by their own words; nothing on standard error where there is no terminal."""
    variants = ["--variant", "less: envelope.total=8e4; envelope.grant_step=5000", "--variant", "envelope.total=40_000"]
    assert compare("small.toml", *variants, "--out", "o", lang=lang) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "○●●" in printed.out
    document = json.loads(Path("o/compare.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in document["scenarios"]] == ["small", "less", "envelope.total=40_000"]
    replay = "ptce-fund simulate small.toml --set envelope.total=80000 --set envelope.grant_step=5000"
    assert document["scenarios"][1]["command"] == replay
    words = shlex.split(document["command"])[1:]
    assert words == ["compare", "small.toml", *variants]
    assert run([*words, "--out", "again"]) == 0
    assert Path("again/compare.json").read_bytes() == Path("o/compare.json").read_bytes()


def test_tables(call: Path) -> None:
    """Figures with differences, moves with reasons, parameters with sources, patterns; the prices only when they are asked for."""
    assert compare("small.toml", "--variant", "less: envelope.total=8e4", "--out", "o") == 0
    assert {path.name for path in Path("o").iterdir()} == {
        "compare.json",
        "compare.csv",
        "compare-moves.csv",
        "compare-parameters.csv",
        "compare-candidates.csv",
    }
    figures = table("o/compare.csv")
    assert figures["Figure"] == ["small", "less", "Difference: less", "Code"]
    assert figures["Granted (€)"] == ["100000", "80000", "-20000", "granted"]
    assert figures["Value to the baseline"] == ["5", "4", "-1", "common_value"]
    assert figures["Granted (€), region Normandie"] == ["0", "30000", "30000", "granted.region.Normandie"]
    moves = list(csv.reader(Path("o/compare-moves.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[1] for row in moves[1:]] == ["d", "c"]
    assert [row[3:6] for row in moves[1:]] == [["enters", "30000", "yes"], ["leaves", "50000", "no"]]
    parameters = list(csv.reader(Path("o/compare-parameters.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[:3] for row in parameters[1:]] == [
        ["envelope.total", "small", "100000"],
        ["envelope.total", "less", "80000"],
    ]
    assert "changed on the command line" in parameters[2][4]
    patterns = table("o/compare-candidates.csv")
    assert patterns["b"][3:] == ["●●", "2", "50000", "50000", "no"]
    assert patterns["d"][3:6] == ["○●", "1", "0"]


def test_written_results_are_as_good_as_fresh_ones(call: Path) -> None:
    """The same bytes whether results are solved now or were written before, as files or folders; only the command differs."""
    text = 'extends = "small.toml"\nname = "less"\n[envelope]\ntotal = 80_000\n'
    Path("less.toml").write_text(text, encoding="utf-8")
    assert run(["simulate", "small.toml", "less.toml", "--out", "before"]) == 0
    assert compare("small.toml", "less.toml", "--out", "fresh") == 0
    assert compare("small.toml", "before/less", "--out", "mixed") == 0
    assert compare("before/small/allocation.json", "before/less", "--out", "written") == 0
    fresh = {path.name: path.read_bytes().splitlines() for path in Path("fresh").iterdir()}
    assert len(fresh) == 5
    for folder in ("mixed", "written"):
        for name, lines in fresh.items():
            found = Path(folder, name).read_bytes().splitlines()
            assert found[:-2] + found[-1:] == lines[:-2] + lines[-1:] if name == "compare.json" else found == lines


def test_twenty_variants_as_rows(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One row each, within the width of a terminal; the column of the table is as wide as it takes."""
    variants = [word for n in range(2, 21) for word in ("--variant", f"{n} of 20: envelope.total={n}e4")]
    assert compare("small.toml", *variants, "--out", "o") == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    # What --out writes is told without saying that it was asked for.
    assert "lines are not shown here; --out writes all of them." in printed
    assert len(re.findall(r"^ ?\d+  \d+ of 20 ", printed, re.MULTILINE)) == 19
    figures = table("o/compare.csv")
    assert len(figures["Granted (€)"]) == 20 + 19 + 1
    # 20 k€ fund nobody, 200 k€ all four.
    assert figures["Supported candidates"][1] == "0"
    assert figures["Supported candidates"][19] == "4"


def test_json_alone(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output holds nothing but the document."""
    assert compare("small.toml", "--variant", "x: years=2", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["baseline"] == "small"
    assert "Baseline: small" in printed.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--baseline", "none"], 2),
        (["--baseline", "2"], 2),
        (["--baseline", "1"], 0),
    ],
)
def test_a_scenario_without_an_allocation(
    call: Path, words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stays in the table with its reason; the code is that of the baseline."""
    assert compare("small.toml", "--variant", f"none: {NONE}", "--out", "o", *words) == code
    assert "No allocation keeps all the rules" in capsys.readouterr().out
    figures = table("o/compare.csv")
    assert figures["Status"][:2] == ["optimal", "no allocation exists"]
    assert figures["Granted (€)"][:2] == ["100000", ""]


def test_prices(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One laureate at most: the rule costs a value of 2, a candidate and 50 k€; the relaxation is an indication and named so."""
    rules = "rules=[{name='one',measure='count',max=1}]"
    assert compare("small.toml", "--set", rules, "--price-rules", "--out", "o") == 0
    printed = capsys.readouterr().out
    assert "Indication" in printed
    assert "it is no price" in printed
    rows = list(csv.reader(Path("o/prices.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][-1] == "Indication (relaxation): value gained"
    assert [row[2:5] for row in rows[1:]] == [
        ["envelope.total", "100000", "110000"],
        ["rules.one", "", ""],
        ["rules.one.max", "1", "2"],
    ]
    assert [row[6] for row in rows[1:]] == ["0", "2", "2"]
    assert [row[10:12] for row in rows[1:]] == [["0", "0"], ["1", "50000"], ["1", "50000"]]
    assert len(json.loads(Path("o/compare.json").read_text(encoding="utf-8"))["prices"]) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Missing argument"),
        (["none.toml"], "none.toml: There is no such file."),
        (["none.json"], "none.json: The file cannot be read: there is no such file or folder."),
        (["."], "holds no allocation.json"),
        (["results"], "This folder holds several results; name them: one, two."),
        (["bad.json"], "bad.json: This is no result of this program"),
        (["nan.json"], "nan.json, value: This is not as this version of the program writes it"),
        (["deep.json"], "deep.json: This is no result of this program"),
        (["list.json"], "list.json: This is no result of this program"),
        (["old.json"], "old.json, format: This is not as this version of the program writes it"),
        (
            ["cut.json"],
            "cut.json, sources: This is not as this version of the program writes it",
        ),
        (["text.json"], "text.json, awards.1.grant: This is not as this version of the program writes it"),
        (["more.json"], "The awards of the result do not add up to the grants of its candidates."),
        (["twice.json"], "The result names a candidate twice."),
        (["torn.json"], "What the result says of b does not agree with what it grants it."),
        (["bare.json"], "The result does not state its envelope or its first year."),
        (["none.toml", "bad.json", "small.toml"], "Faults found: 2."),
        (["small.toml", "--baseline", "smal"], "Did you mean “small”?"),
        (["small.toml", "--baseline", "3"], "There is no scenario “3” to be the baseline"),
        (["small.toml", "--baseline", "0"], "There is no scenario “0” to be the baseline"),
        (["small.toml", "--variant", "name:"], "expected “name: path=value; path=value”"),
        (["small.toml", "--variant", "x: envelope"], "expected path=value"),
        (["small.toml", "--variant", "x: envelope.totl=1"], "Did you mean “total”?"),
        (["small.toml", "--variant", "x: envelope.total=2.5"], "envelope.total: Found 2.5, expected a whole number"),
        (["small.toml", "--variant", "x: value.criteria={nought=1}"], "nought"),
        (["results/one", "--variant", "x: years=2"], "variants are of a scenario file"),
        (["results/one", "--set", "years=2"], "only written results are given"),
        (["results/one", "--price-rules"], "--price-rules solves the baseline anew"),
        (["small.toml", "--candidates", "none.csv"], "none.csv"),
        (["small.toml", "--solver", "nobody"], "nobody"),
    ],
)
def test_faults(
    hostile: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear message, before anything is solved or written."""
    monkeypatch.chdir(hostile)
    assert compare(*words, "--out", "o") == 1
    printed = capsys.readouterr()
    assert told in " ".join(printed.err.split())
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert not Path("o").exists()


def test_ids_that_look_like_formulas_are_texts(call: Path) -> None:
    """A spreadsheet must not take an identifier or a name of a variant for a formula."""
    text = Path("candidates.csv").read_text(encoding="utf-8").replace("\nd,", "\n'=1+1,")
    Path("candidates.csv").write_text(text, encoding="utf-8")
    assert compare("small.toml", "--variant", "+A1: years=2", "--out", "o") == 0
    texts = [path.read_text(encoding="utf-8-sig") for path in Path("o").glob("*.csv")]
    cells = [cell for text in texts for row in csv.reader(text.splitlines()) for cell in row]
    assert "'+A1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+"))]


def test_documented_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of docs/compare.md runs, one after the other; its options and files exist."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)[0].splitlines()
    assert len(commands) == 5
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, command
    named = set(re.findall(r"^\| `([a-z.-]+)` \|", DOC, re.MULTILINE))
    assert named == {path.name for path in Path("prix").iterdir()}
    help_ = subprocess.run(
        [sys.executable, "-m", "ptce_funding", "compare", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"--[a-z][a-z-]*", DOC)) <= set(re.findall(r"--[a-z][a-z-]*", help_))


def test_documented_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of Python prints figures of two scenarios, and prices."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    Path("essai.py").write_text(re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)[0], encoding="utf-8")
    printed = subprocess.run([sys.executable, "essai.py"], capture_output=True, text=True, check=True).stdout
    assert "granted (3000000, 2000000)" in printed
    assert "the envelope" in printed
