"""The command line as a user meets it: outputs, exit codes, languages."""

import csv
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.cli.main import COMMANDS, run
from ptce_funding.messages import LANGUAGES, translate

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
    """The six files agree with each other and with the terminal."""
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
        "breakdown.csv",
        "calendar.csv",
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
    names = {path.name for path in (tmp_path / "1").iterdir()}
    assert len(names) == 6
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_replay_gives_the_same_result(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command in the provenance gives the document again."""
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
        (["simulate"], 1, "SC"),
        (["simulate", "absent.toml"], 1, "absent.toml"),
        (["simulate", "{scenario}", "--set", "envelope.totl=3"], 1, "total"),
        (["simulate", "{scenario}", "--set", "envelope.total"], 1, "envelope.total"),
        (["simulate", "{scenario}", "--solver", "cbx"], 1, "cbc"),
        (["simulate", "{scenario}", "--sovler", "cbc"], 1, "--solver"),
        (["simulate", "{scenario}", "--set", "envelope.total=" + "9" * 5000], 1, "envelope.total"),
        (["simulate", "{scenario}", "--set", "envelope.total=0x" + "f" * 5000], 1, "envelope.total"),
        (["simulate", "{scenario}", "--set", "value.fixed=" + "[" * 3000], 1, "value.fixed"),
        (["simulate", "{scenario}", "--set", "value.fixed=" + "[" * 400 + "1" + "]" * 400], 1, "value.fixed"),
        (["simulate", "{scenario}", "{scenario}", "--out", "out"], 1, "essai"),
        (["schema", "-o", "{scenario}/x"], 1, "essai.toml"),
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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["simulate", "--foo"], "“--foo”."),
        (["simulate", "--sovler", "cbc"], "“--sovler”. Did you mean “--solver”?"),
        (["candidates", "chekc"], "“chekc”. Did you mean “check”?"),
        (["draw"], "“draw”."),
        (["simulate"], "“SCENARIO...”."),
        (["simulate", "x.toml", "--set", "y"], "Invalid value for “--set”: Found “y”, expected path=value"),
        (
            ["sweep", "x.toml", "--design", "gird"],
            "“--design”: “gird” is unknown; expected one of: grid, latin, sobol, single.",
        ),
        (["simulate", "elsewhere.toml"], "There is no such file.\n"),
    ],
)
def test_names_are_quoted_in_one_way(
    starter: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotation marks are those of the language, whoever writes the sentence; only close words are suggested."""
    monkeypatch.chdir(starter.parent)
    monkeypatch.setenv("PTCE_FUND_LANG", "en")
    capsys.readouterr()
    assert run(arguments) == 1
    printed = capsys.readouterr().err
    assert told in printed
    assert ("Did you mean" in printed) == ("Did you mean" in told)
    assert "'" not in printed


def test_unexpected_errors_are_told_apart(
    starter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of the program is 3, with its traceback."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("ptce_funding.allocation.allocate", broken)
    assert run(["simulate", str(starter), "--lang", "en"]) == 3
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "ZeroDivisionError: by nothing" in text
    assert "report it" in text


@pytest.mark.parametrize(
    "words",
    [
        ["value.criteria={ score = 2.0, members = 1e-1 }"],
        ['title={ fr = "L\'appel du \\u00e9t\u00e9", en = \'x "y" $z\' }', "name=n-1"],
        ["name=true-1", 'description={ fr = "true" }'],
        [" envelope.total = 1_200_000 ", "envelope.total=1_100_000"],
        [
            'sources."envelope"=assumed: 2012-01-01 = “vœu” & co',
            "volets.experimentation.phases=['project', \"emerging\", 'consolidation']",
        ],
        [
            "solve.gap=0.02",
            "priority.mode='none'",
            "envelope.carry_over=true",
            "rules.quartiers.where={priority_district=true}",
        ],
    ],
)
def test_any_override_is_replayed(starter: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The command in the provenance has the values in the user's own words, and gives the same scenario."""
    options = [each for word in words for each in ("--set", word)]
    capsys.readouterr()
    code = run(["simulate", str(starter), *options, "--solver", "Ranking", "--json", "--lang", "en"])
    captured = capsys.readouterr()
    assert code in (0, 2), captured.err
    first = json.loads(captured.out)
    replay = shlex.split(first["provenance"]["command"])
    assert [word for word in replay if word in words] == words
    assert replay[-2:] == ["--solver", "ranking"]
    assert run([*replay[1:], "--json"]) == code
    assert json.loads(capsys.readouterr().out) == first


def test_texts_that_look_like_values(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A quoted `true` stays a text in the replay, where the bare word is a flag."""
    for value, code in (("'true'", 0), ("true", 1)):
        found = run(["simulate", str(starter), "--set", f"title.fr={value}", "--solver", "ranking", "--json"])
        text = capsys.readouterr().out
        assert found == code
        if code == 0:
            command = json.loads(text[text.index("{") :])["provenance"]["command"]
            assert f"title.fr={value}" in shlex.split(command)


def test_faults_of_several_scenarios_together(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second broken file is told with the first, those found against the candidates too; a shared fault is told once."""
    texts = {
        "un": "[envelope]\ntotal = -1",
        "deux": "[envelope]\ngrant_step = 0",
        "trois": '[[decisions]]\ncandidate = "nobody"\ndecision = "fund"\nby = "x"\nreason = "y"',
    }
    files = [starter.with_name(f"{name}.toml") for name in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(f'extends = "essai.toml"\nname = "{file.stem}"\n{text}\n', encoding="utf-8")
    capsys.readouterr()
    assert run(["simulate", *map(str, [*files, starter])]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert all(file.name in captured.err for file in files[:2])
    assert "nobody" in captured.err
    assert run(["simulate", *map(str, [starter, files[0]]), "--set", "envelope.totl=3"]) == 1
    assert capsys.readouterr().err.count("envelope.totl") == 1


@pytest.mark.parametrize("name", ["highs", "RANKING"])
def test_no_awards_whatever_the_solver(
    starter: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A forced decision that cannot hold gives a whole document, all files and code 2."""
    forced = "decisions=[{candidate='D-002', decision='fund', by='x', reason='y'}]"
    out = tmp_path / "out"
    capsys.readouterr()
    assert run(["simulate", str(starter), "--set", forced, "--solver", name, "--json", "--out", str(out)]) == 2
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["awards"], found["value"], found["granted"]) == ([], None, 0)
    assert "D-002" in captured.err
    assert len(list(out.iterdir())) == 6


def test_ranking_that_keeps_no_decision(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the list cannot keep is no proof that nothing could."""
    each = "{{candidate='{}', decision='fund', by='x', reason='y'}}"
    decisions = ", ".join(each.format(id_) for id_ in ("D-001", "D-015", "D-017", "D-019", "D-021", "D-039", "D-040"))
    options = ["--set", f"decisions=[{decisions}]", "--set", "envelope.total=565000", "--set", "rules=[]"]
    capsys.readouterr()
    assert run(["simulate", str(starter), *options, "--solver", "ranking", "--lang", "en", "--json"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] == "unknown"
    assert "another allocation might" in captured.err
    assert ": proved" not in captured.err


def test_frame_without_an_allocation(starter: Path) -> None:
    """The candidates are there, without outcome, grant or reason."""
    from ptce_funding.allocation import allocate
    from ptce_funding.loading import read_call

    allocation = allocate(*read_call(starter, {"rules.quartiers.min": 30}))
    frame = allocation.candidates_frame()
    assert len(frame) == 40
    assert set(frame["outcome"]) == {None}
    assert set(frame["grant"]) == {0}
    assert set(frame["reasons"]) == {""}


def test_what_the_library_logs_for_programs_is_not_printed(starter: Path) -> None:
    """Its messages below a warning are for those who set up logging themselves."""
    code = (
        "import sys, logging; from ptce_funding.cli.main import run; code = run(sys.argv[1:]); "
        "logging.getLogger('ptce_funding.tables').info('told to nobody'); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(starter)], capture_output=True, text=True, check=True
    )
    assert not done.stderr


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


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_usage_are_translated(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of arguments and kinds of numbers are in the catalogue, like everything else that is shown."""
    run(["candidates", "synthesise", "--profile", "demo", "--seed", "x", "-o", "y.csv", "--lang", lang])
    assert "integer range" not in capsys.readouterr().err
    for command, words in ((["--help"], "COMMAND [ARGS]..."), (["simulate", "--help"], "PATH=VALUE")):
        assert run([*command, "--lang", lang]) == 0
        assert translate(words, lang) in " ".join(capsys.readouterr().out.split())


def test_what_is_left_out_is_said(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column passed over for another is told once, in the user's language; the result is none the worse."""
    table = starter.with_name("candidats.csv")
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    doubled = [f"{lines[0]};Ma note", *(f"{line};1" for line in lines[1:])]
    table.write_text("\n".join(doubled), encoding="utf-8")
    text = starter.read_text(encoding="utf-8")
    starter.write_text(
        text.replace('file = "candidats.csv"', 'file = "candidats.csv"\ncolumns = { score = "Ma note" }')
    )
    capsys.readouterr()
    assert run(["check", str(starter)]) == 0
    said = capsys.readouterr().err
    assert said.count("laissée de côté") == 1
    assert "score" in said


def test_alternatives_are_said_in_french(starter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words that are put together while a sentence is made are translated like the rest."""
    assert run(["simulate", str(starter), "--json"]) == 0
    reasons = [
        reason["fr"] for refusal in json.loads(capsys.readouterr().out)["refused"] for reason in refusal["reasons"]
    ]
    assert any("ébauche ou signée" in reason for reason in reasons)
