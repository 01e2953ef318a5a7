"""`ptce-fund explain` on files: what it says is done to them, and the public commands give what was said."""

import csv
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from ptce_funding import Candidates, Interrupted, Scenario, explain, read_candidates, read_scenario
from ptce_funding.candidate_columns import heading_of
from ptce_funding.cli.main import run
from ptce_funding.report.explanations import explained_document
from ptce_funding.report.letters import letters
from ptce_funding.scenario_files import overridden
from sweep_cases import hearing_interrupts, write_call


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the scenarios."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "scenarios"


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return the data of an explanation."""
    capsys.readouterr()
    assert run(["explain", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def supported(
    capsys: pytest.CaptureFixture[str], scenario: Path, change: dict[str, Any], table: Path | None = None
) -> set[str]:
    """Return who is funded once a change is made in the files, with the command that the explanation gives."""
    if change["cells"]:
        assert table is not None
        rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
        ids = [row[0] for row in rows]
        for cell in change["cells"]:
            at = rows[0].index(heading_of(cell["column"], "fr"))
            rows[ids.index(cell["candidate"])][at] = str(cell["value"]).replace(".", ",")
        changed = table.with_name("changed.csv")
        with changed.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
    else:
        changed = None
    sets = [word for path, value in change["set"].items() for word in ("--set", f"{path}={json.dumps(value)}")]
    other = [] if changed is None else ["--candidates", str(changed)]
    assert run(["simulate", str(scenario), "--set", "solve.gap=0", *sets, *other, "--json"]) == 0
    return {each["candidate"] for each in json.loads(capsys.readouterr().out)["awards"]}


def hold(
    capsys: pytest.CaptureFixture[str], scenario: Path, table: Path, sample: list[tuple[dict[str, Any], Any]]
) -> None:
    """Whoever is said to turn does with the change, and does not one step before."""
    for candidate, claim in sample:
        was_in = candidate["outcome"] == "funded"
        for change, is_in in ((claim["change"], not was_in), (claim["one_step_less"], was_in)):
            found = supported(capsys, scenario, change, table)
            assert (candidate["candidate"] in found) is is_in, (candidate["candidate"], claim["sentence"]["en"])


def claims(document: dict[str, Any], *kinds: str) -> list[tuple[dict[str, Any], Any]]:
    """Return what is said to be verified on both sides, with whom it is said of."""
    return [
        (each, claim)
        for each in document["candidates"]
        for claim in each["counterfactuals"]
        if claim["kind"] in kinds and claim["verdict"] == "verified" and claim["change"] and claim["one_step_less"]
    ]


def test_claims_applied_to_the_files(scenarios: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The merit, the ask and the envelope that let one candidate of the call of 2013 in."""
    scenario = scenarios / "aap-2013.toml"
    document = explained(capsys, str(scenario), "2013-014", "--no-rank", "--processes", "1")
    found = claims(document, "ask", "merit", "envelope")
    assert [claim["kind"] for _, claim in found] == ["merit", "ask", "envelope"]
    hold(capsys, scenario, scenarios / "data" / "aap-2013.csv", found)


@pytest.mark.slow
def test_the_whole_call_of_2013(scenarios: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every refused has a verified reason; of what is claimed, a sample of 20 is done to the files."""
    scenario = scenarios / "aap-2013.toml"
    document = explained(capsys, str(scenario), "--processes", "2")
    assert len(document["candidates"]) == 180
    every_refused_has_a_verified_reason(document)
    ranks = sorted(each["rank"] for each in document["candidates"] if each["rank"])
    assert len(ranks) == 108
    assert all(rank in (n, ranks[n - 2]) for n, rank in enumerate(ranks, 1))
    found = claims(document, "ask", "merit", "envelope", "condition")
    sample = random.Random(2013).sample(found, 20)
    assert {claim["kind"] for _, claim in sample} >= {"ask", "merit", "envelope"}
    hold(capsys, scenario, scenarios / "data" / "aap-2013.csv", sample)


@pytest.mark.slow
def test_the_refused_of_the_programme_of_2011(scenarios: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every refused has a verified reason."""
    scenario = scenarios / "note-2011-50m.toml"
    assert run(["simulate", str(scenario), "--json"]) == 0
    refused = [each["candidate"] for each in json.loads(capsys.readouterr().out)["refused"]]
    assert len(refused) == 59
    every_refused_has_a_verified_reason(explained(capsys, str(scenario), *refused, "--no-rank"))


def every_refused_has_a_verified_reason(document: dict[str, Any]) -> None:
    """Criteria with value and threshold; what is missing in a plan; what it would cost, proved, and what would change it."""
    for each in document["candidates"]:
        if each["outcome"] == "inadmissible":
            tests = [test for criterion in each["criteria"] for test in criterion["tests"]]
            assert tests
            assert all(test["threshold"] and test["source"] and len(test["found"]) for test in tests)
        elif each["outcome"] == "unfundable":
            assert any(plan["missing"] or plan["largest_grant"] < plan["least_grant"] for plan in each["plans"])
        elif each["outcome"] == "outranked":
            assert each["proved"]
            assert each["margin"]["kind"] == "impossible" or next(filter(None, each["margin"]["by_group"])) < 0
            assert {claim["kind"] for claim in each["counterfactuals"]} >= {"ask", "merit", "envelope"}
            assert all(claim["verdict"] in ("verified", "unreachable") for claim in each["counterfactuals"])


# ---------------------------------------------------------------------------------------------------------------- the command


def test_files_and_processes(tmp_path: Path) -> None:
    """One process or two write the same bytes; letters have a section for each, and name no rival."""
    write_call(tmp_path)
    script = Path(sys.executable).with_name("ptce-fund")
    for n in ("1", "2"):
        words = [str(script), "explain", "small.toml", "--processes", n, "--out", n, "--lang", "en"]
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == ["explanations.csv", "explanations.json", "letters.md"]
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    letters = (tmp_path / "1" / "letters.md").read_text(encoding="utf-8")
    assert [line for line in letters.splitlines() if line.startswith("## ")] == ["## a", "## b", "## c", "## d"]
    assert not re.search(r"\b[abcd]\b(?<!## [abcd])(?<!a)", letters)
    table = (tmp_path / "1" / "explanations.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 5


#: Of the call of 2013: one who cannot be funded, which is soon said; one who is funded, and two for whom it takes a while.
SOME = [f"2013-{n:03}" for n in (10, 12, 14, 16)]


def test_interrupted_and_resumed(scenarios: Path) -> None:
    """Ctrl-C keeps what is finished and says what is missing; the same command goes on, and gives what an undisturbed one gives."""
    script = str(Path(sys.executable).with_name("ptce-fund"))
    words = [script, "explain", str(scenarios / "aap-2013.toml"), *SOME, "--no-rank", "--lang", "en", "--out"]
    with hearing_interrupts():
        process = subprocess.Popen(
            [*words, "motifs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    store = Path("motifs", "explanations.kept.jsonl")
    end = time.monotonic() + 60
    while not store.exists() or not store.read_bytes().endswith(b"\n"):
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    assert "Traceback" not in said
    partial = json.loads(Path("motifs", "explanations.partial.json").read_bytes())
    assert f"Still to be solved: {len(partial['pending'])} of {len(SOME)} candidates." in said
    assert partial["pending"]
    assert partial["candidates"]
    assert sorted([*partial["pending"], *(each["candidate"] for each in partial["candidates"])]) == SOME
    told = [each["candidate"] for each in partial["candidates"] if each["outcome"] != "funded"]
    letters = Path("motifs", "letters.partial.md").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in letters if line.startswith("## ")] == told
    assert not Path("motifs", "explanations.json").exists()
    for folder in ("motifs", "undisturbed"):
        assert run([*words[1:], folder, "--processes", "1"]) == 0
    names = ["explanations.csv", "explanations.json", "letters.md"]
    assert sorted(path.name for path in Path("motifs").iterdir()) == names
    for name in names:
        assert Path("motifs", name).read_bytes() == Path("undisturbed", name).read_bytes(), name
    whole = {each["candidate"]: each for each in json.loads(Path("motifs", names[1]).read_bytes())["candidates"]}
    assert all(whole[each["candidate"]] == each for each in partial["candidates"])


class StopAfter:
    """Interrupts once so many candidates are done, and notes how many were to begin with."""

    def __init__(self, n: int) -> None:
        self.n, self.first = n, 0

    def __call__(self, done: int, of: int) -> None:
        self.first = self.first or done
        if done >= self.n:
            raise KeyboardInterrupt


def test_kept_answers_are_not_sought_again(tmp_path: Path) -> None:
    """With ranks, whenever it is interrupted; nobody has a rank before all are solved."""
    path = write_call(tmp_path)
    scenario = read_scenario(path)
    candidates = read_candidates(scenario=scenario)
    whole = explain(scenario, candidates)
    store = tmp_path / "store"
    for n in (1, 2, 3):
        with pytest.raises(Interrupted) as stopped:
            explain(scenario, candidates, store=store, progress=(stop := StopAfter(n)))
        # What an earlier turn did is there already: the first to be done is the n-th.
        assert stop.first == n
        found = stopped.value.found
        assert (len(found.explanations), found.pending, found.needed) == (n, ("a", "b", "c", "d")[n:], 4)
        assert {each.rank for each in found.explanations} == {None}
    store.write_bytes(store.read_bytes() + b'{"call": "torn')
    again = explain(scenario, candidates, store=store)
    assert letters(again, "fr") == letters(whole, "fr")
    shown = [explained_document(each, "", lambda changes: str(dict(changes))) for each in (again, whole)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("change", [{"envelope.total": 90_000}, {"solve.seed": 7}, {"solve.solver": "cbc"}])
def test_answers_of_another_call_are_no_answers(tmp_path: Path, change: dict[str, object]) -> None:
    """What is kept is read, and not where anything that decides it has changed; what is not to be read is passed over."""
    scenario = read_scenario(write_call(tmp_path))
    candidates = read_candidates(scenario=scenario)
    store = tmp_path / "store"
    with pytest.raises(Interrupted):
        explain(scenario, candidates, store=store, progress=StopAfter(2))
    marked = re.sub(rb'"moved": \d+', b'"moved": 12345', store.read_bytes())
    store.write_bytes(marked + b'[]\n{"call": 1}\n\xff\n')

    def moved(scenario: Scenario, candidates: Candidates) -> set[int]:
        """Return the euros that change hands, as explanations that begin with the store tell them."""
        path = tmp_path / "copy"
        path.write_bytes(store.read_bytes())
        found = explain(scenario, candidates, store=path).explanations
        return {each.margin.moved for each in found if each.margin is not None}

    assert 12345 in moved(scenario, candidates)
    assert 12345 not in moved(overridden(scenario, change), candidates)
    table = tmp_path / "candidates.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("Corse", "Normandie"), encoding="utf-8")
    assert 12345 not in moved(scenario, read_candidates(scenario=scenario))


def test_the_command_that_gives_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each change comes with the command that simulates it, to the optimum; the file names whom was asked for."""
    write_call(tmp_path)
    monkeypatch.chdir(tmp_path)
    document = explained(capsys, "small.toml", "d", "--set", "solve.gap=0.1", "--processes", "1")
    assert document["provenance"]["command"] == "ptce-fund explain small.toml --set solve.gap=0.1 d"
    assert document["simulate"] == "ptce-fund simulate small.toml --set solve.gap=0"
    (envelope,) = [each for each in document["candidates"][0]["counterfactuals"] if each["kind"] == "envelope"]
    assert envelope["change"]["command"] == (
        "ptce-fund simulate small.toml --set envelope.total=130000 --set solve.gap=0"
    )
    assert run(envelope["change"]["command"].split()[1:]) == 0
    # A cell of the table is changed by no command.
    (merit,) = [each for each in document["candidates"][0]["counterfactuals"] if each["kind"] == "merit"]
    assert merit["change"]["cells"]
    assert merit["change"]["command"] is None


def test_faults_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody of that name: 1, and whoever is near; no allocation: 2, as `simulate` says it."""
    write_call(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["explain", "small.toml", "bb", "--lang", "en"]) == 1
    assert "Did you mean “b”" in capsys.readouterr().err
    assert run(["explain", "small.toml", "--solver", "ranking"]) == 1
    many = 'rules=[{name="many",measure="count",min=4}]'
    assert run(["explain", "small.toml", "--set", many, "--lang", "en"]) == 2
    assert "No allocation keeps all the rules" in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_pages_and_table(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page for each of a few, a line for each of many."""
    write_call(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["explain", "small.toml", "d", "--processes", "1", "--lang", lang]) == 0
    page = capsys.readouterr().out
    assert "•" in page
    lines = ["id,phase,score,cost,ask,region,jobs", *(f"x{n:02},emerging,{n},10000,10000,Corse,1" for n in range(12))]
    (tmp_path / "candidates.csv").write_text("\n".join(lines), encoding="utf-8")
    assert run(["explain", "small.toml", "--processes", "1", "--no-rank", "--lang", lang]) == 0
    table = capsys.readouterr().out
    assert "•" not in table
    assert all(f"x{n:02}" in table for n in range(12))


# ---------------------------------------------------------------------------------------------------------- documentation

DOC = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")


def test_documented_commands(scenarios: Path) -> None:
    """Every console command of docs/explain.md runs, and its options exist."""
    commands = re.findall(r"```console\n(.*?)```", DOC, re.DOTALL)[0].splitlines()
    assert len(commands) == 2
    for command in commands:
        assert run(shlex.split(command)[1:]) == 0, command
    assert sorted(path.name for path in Path("motifs").iterdir())[0] == "explanations.csv"
    from ptce_funding.cli.explain import command as explain_command

    options = {word for parameter in explain_command.params for word in parameter.opts}
    assert set(re.findall(r"--[a-z][a-z-]*", DOC)) <= options


def test_documented_python(scenarios: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example of Python says why."""
    exec(compile(re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)[0], "explain.md", "exec"), {})
    assert "Vérifié par le calcul" in capsys.readouterr().out
