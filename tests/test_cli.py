"""The command line as a user meets it: outputs, exit codes, languages."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.cli.main import COMMANDS, run
from ptce_funding.files import write_whole
from ptce_funding.messages import LANGUAGES

SCENARIO = str(ROOT / "scenarios" / "aap-2013.toml")


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder made by `init`."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "essai"]) == 0
    return tmp_path / "essai" / "essai.toml"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), ["candidates", "check"], ["candidates", "synthesise"]]
)
def test_help_in_every_language(command: list[str], lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command has help, in the language asked for."""
    assert run([*command, "--lang", lang, "--help"]) == 0
    text = capsys.readouterr().out
    assert "--help" in text
    assert ("Afficher" in text) == (lang == "fr")


def test_simulate_writes_a_whole_result(starter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The four files agree with each other and with the terminal."""
    assert run(["simulate", str(starter), "--out", str(tmp_path / "out")]) == 0
    document = json.loads((tmp_path / "out" / "allocation.json").read_text(encoding="utf-8"))
    keys = [
        "scenario",
        "status",
        "value",
        "bound",
        "gap",
        "granted",
        "unspent",
        "supported",
        "funnel",
        "awards",
        "refused",
        "rules",
    ]
    assert {*keys, "ranking", "provenance", "sources"} <= set(document)
    assert document["status"] == "optimal"
    assert document["granted"] + document["unspent"] == 1_500_000
    assert document["granted"] == sum(award["grant"] for award in document["awards"])
    assert (
        document["supported"]
        == len({award["candidate"] for award in document["awards"]})
        == document["funnel"]["funded"]
    )
    assert document["supported"] + len(document["refused"]) == document["funnel"]["received"] == 40
    assert all(refusal["reasons"] and refusal["reasons"][0]["fr"] for refusal in document["refused"])
    assert document["gap"] <= 1e-4
    with (tmp_path / "out" / "awards.csv").open(encoding="utf-8-sig", newline="") as file:
        awards = list(csv.reader(file, delimiter=";"))
    assert [int(row[6]) for row in awards[1:]] == [award["grant"] for award in document["awards"]]
    with (tmp_path / "out" / "candidates.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == 41
    assert "synthétiques" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "allocation.json",
        "awards.csv",
        "candidates.csv",
        "summary.csv",
    ]


def test_json_alone_on_standard_output(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What standard output holds is JSON and nothing else; people read standard error."""
    assert run(["simulate", str(starter), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["scenario"] == "essai"
    assert captured.err


def test_same_input_same_bytes(starter: Path, tmp_path: Path) -> None:
    """Two runs in two processes with different hash seeds write the same bytes, dates fixed."""
    for number in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": number, "SOURCE_DATE_EPOCH": "0"}
        subprocess.run(
            [sys.executable, "-m", "ptce_funding", "simulate", str(starter), "--out", str(tmp_path / number)],
            check=True,
            env=environment,
            capture_output=True,
        )
    for name in ("allocation.json", "awards.csv", "candidates.csv", "summary.csv"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_replay_gives_the_same_result(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command in the provenance gives the document again."""
    import shlex

    run(["simulate", str(starter), "--set", "envelope.total=1200000", "--set", "solve.solver=ranking", "--json"])
    first = json.loads(capsys.readouterr().out)
    run([*shlex.split(first["provenance"]["command"])[1:], "--json"])
    assert json.loads(capsys.readouterr().out) == first


def test_several_scenarios(starter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each scenario has its folder; JSON becomes a list."""
    other = starter.with_name("autre.toml")
    other.write_text('extends = "essai.toml"\nname = "autre"\n[envelope]\ntotal = 1_000_000\n', encoding="utf-8")
    assert run(["simulate", str(starter), str(other), "--json", "--out", str(tmp_path / "out")]) == 0
    assert [each["scenario"] for each in json.loads(capsys.readouterr().out)] == ["essai", "autre"]
    assert (tmp_path / "out" / "autre" / "allocation.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["simulate"], 1, "SCENARIO"),
        (["simulate", "absent.toml"], 1, "absent.toml"),
        (["simulate", "{scenario}", "--set", "envelope.totl=3"], 1, "total"),
        (["simulate", "{scenario}", "--set", "envelope.total"], 1, "envelope.total"),
        (["simulate", "{scenario}", "--solver", "cbx"], 1, "cbc"),
        (["simulate", "{scenario}", "--sovler", "cbc"], 1, "--solver"),
        (["simulate", "{scenario}", "--lang", "de"], 1, "fr"),
        (["simulate", "{scenario}", "--candidates", "absent.csv"], 1, "absent.csv"),
        (["simulat", "{scenario}"], 1, "simulate"),
        (["simulate", "{scenario}", "--set", "rules.quartiers.min=30"], 2, ""),
        (["simulate", "{scenario}", "--out", "{scenario}"], 1, "out"),
        (["export-model", "{scenario}", "model.txt"], 1, ".lp"),
        (["init", "essai"], 1, "essai"),
        (["init", "mon appel"], 1, "mon appel"),
        (["candidates", "synthesise", "--profile", "aap-2012", "--seed", "1", "-o", "x.csv"], 1, "aap-2013"),
        (["candidates", "synthesise", "--profile", "demo", "-o", "x.csv"], 1, "--seed"),
        (["candidates", "check", "{scenario}"], 1, "essai.toml"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_exit_codes(
    starter: Path, arguments: list[str], code: int, words: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user's mistake is 1 with a message, an impossible call 2; never a traceback."""
    capsys.readouterr()
    filled = [each.format(scenario=starter) for each in arguments]
    assert run([*filled, *(["--lang", lang] if "--lang" not in filled else [])]) == code
    captured = capsys.readouterr()
    assert words in captured.err + captured.out
    assert "Traceback" not in captured.err


def test_infeasible_result_is_written(starter: Path, tmp_path: Path) -> None:
    """No allocation is a result too: the document says so, with no value that looks like one."""
    assert run(["simulate", str(starter), "--set", "rules.quartiers.min=30", "--out", str(tmp_path / "out")]) == 2
    document = json.loads((tmp_path / "out" / "allocation.json").read_text(encoding="utf-8"))
    assert (document["status"], document["value"], document["bound"], document["awards"]) == (
        "infeasible",
        None,
        None,
        [],
    )


def test_unbroken_when_a_result_cannot_be_written(tmp_path: Path) -> None:
    """What was there stays when one of several files cannot be written."""
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "inside").write_text("x")
    with pytest.raises(OSError, match="b"):
        write_whole({tmp_path / "c" / "d": b"new", tmp_path / "b": b"new"})
    assert (tmp_path / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_check_shows_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    """Every parameter with its source, nothing solved."""
    assert run(["check", SCENARIO, "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "envelope.total" in text
    assert "002:34" in text
    assert "no fault" in text


def test_completion_of_shells() -> None:
    """Bash gets its script, and commands complete."""
    command = [sys.executable, "-m", "ptce_funding"]
    environment = os.environ | {"_PTCE_FUND_COMPLETE": "bash_source"}
    script = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "_PTCE_FUND_COMPLETE" in script
    environment = os.environ | {
        "_PTCE_FUND_COMPLETE": "bash_complete",
        "COMP_WORDS": "ptce-fund sim",
        "COMP_CWORD": "1",
    }
    assert "simulate" in subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_schema_is_current() -> None:
    """The schema beside the scenarios is what the program prints."""
    from ptce_funding.schema import schema_text

    assert (ROOT / "scenarios" / "ptce-scenario.schema.json").read_text(encoding="utf-8") == schema_text()


def test_heavy_imports_are_lazy() -> None:
    """Help loads neither numbers nor solvers; a simulation loads neither pandas nor PuLP nor scipy."""
    probe = (
        "import sys; from ptce_funding.cli.main import run; code = run({}); "
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    for arguments, unwanted in (
        (["--help"], ("numpy", "pydantic", "rich", "babel", "highspy")),
        (["simulate", SCENARIO], ("pandas", "pulp", "scipy")),
    ):
        done = subprocess.run(
            [sys.executable, "-c", probe.format(arguments)], capture_output=True, text=True, check=True
        )
        loaded = {name.partition(".")[0] for name in done.stderr.split()}
        assert not loaded.intersection(unwanted)


def test_interruption_leaves_nothing_half_written(
    starter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends with 130 and no files."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ptce_funding.allocation.allocate", interrupted)
    assert run(["simulate", str(starter), "--out", str(tmp_path / "out")]) == 130
    assert not (tmp_path / "out").exists()
