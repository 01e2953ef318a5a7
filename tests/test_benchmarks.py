"""The benchmark runs from end to end at tiny sizes, and its tables say what was measured."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from conftest import ROOT
from ptce_funding.allocation import allocate
from ptce_funding.problem import Status

# Benchmarks are scripts, no package: what they import from one another is found beside them.
sys.path.insert(0, str(ROOT / "benchmarks"))

import national
import run
import scale
import sweep
from contenders import CBC, HIGHS, PACKAGE, WHOLE, Run, worst_gap
from instances import pool, programme
from parts import Claim, Outcome, Setting
from race import Lap, Ratio, compared, differing
from textbook import textbook
from through_pulp import cbc_bound

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

TINY = replace(run.QUICK, candidates=20, sizes=(20, 30), largest_whole=20, samples=2, held=1, starts=1)


def ran(seconds: float, value: float = 100.0, status: Status = Status.OPTIMAL, build: float = 1.0) -> Run:
    """Return a run whose bound is one above its value."""
    return Run(status, (value,), 10, 5, build, seconds, (value + 1.0,))


def lap(seed: int, contender: str, run: Run, call: str = "tight (3 M€)") -> Lap:
    """Return what a contender did in a round."""
    return Lap(call, seed, contender, 1e-4, run)


# ------------------------------------------------------------------------------------------------------------ everything


def test_one_command_measures_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part runs; all contenders find the same, with a proved gap in every run; both files tell it."""
    monkeypatch.setattr(run, "QUICK", TINY)
    result = CliRunner().invoke(run.main, ["--quick", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["results.json", "results.md"]
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert list(data["parts"]) == list(run.PARTS)
    assert all(part["is_complete"] for part in data["parts"].values())
    runs = {name: part["runs"] for name, part in data["parts"].items()}
    # Two envelopes and four contenders; both paths at one size and one at the other; two sweeps and one scenario held against them.
    assert {name: len(each) for name, each in runs.items()} == {
        "national": 8,
        "scale": 3,
        "sweep": 3,
        "scenarios": 3,
        "startup": 3,
    }
    for each in [*runs["national"], *runs["scale"], *runs["scenarios"]]:
        assert each["status"] == "optimal"
        assert 0 <= each["gap"] <= each["asked"] + 1e-9
        assert each["value"] <= each["bound"] + 1e-6
    assert [each["peak"] > 2**24 for each in runs["scale"]] == [True] * 3
    assert [each.get("runs") for each in runs["sweep"]] == [3, 3, None]
    assert runs["sweep"][0]["digest"] == runs["sweep"][1]["digest"]
    differ = {claim["text"]: claim["measured"] for claim in data["claims"] if "differ" in claim["text"]}
    assert list(differ.values()) == [0, 0, 0, 0]
    text = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    for heading in ("Claims", "National programme", "Growth", "Sweep", "Scenarios", "Startup"):
        assert f"\n## {heading}\n" in text
    assert "A quick run" in text
    assert "synthetic" in text
    assert str(ROOT) not in text


def test_unknown_part(tmp_path: Path) -> None:
    """A part that does not exist is refused before anything runs."""
    result = CliRunner().invoke(run.main, ["--only", "national,speed", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "unknown: speed; known: national, scale, sweep, scenarios, startup" in result.output
    assert not list(tmp_path.iterdir())


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C keeps what there is, and says of which part something is missing."""

    def measure(setting: Setting) -> Iterator[Any]:
        yield SimpleNamespace(plain=lambda: {"seconds": 1.0, "gap": float("inf")})
        if setting.seeds == 1:
            raise KeyboardInterrupt

    part = SimpleNamespace(measure=measure, outcome=lambda records: Outcome((Claim("speed", 5, float(len(records))),)))
    monkeypatch.setattr(run, "import_module", lambda name: part)
    assert run.measure(Setting(), ["national"], tmp_path, {"cores": "2"})
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert data["parts"]["national"]["is_complete"] is True
    assert not run.measure(Setting(seeds=1), ["national", "scale"], tmp_path, {"cores": "2"})
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert data["parts"] == {
        "national": {"is_complete": False, "figures": [], "runs": [{"seconds": 1.0, "gap": None}]},
    }
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert "Interrupted: of national there is only a part." in text
    assert "| speed | ≥ 5 | 1 | **no** |" in text


# ---------------------------------------------------------------------------------------------------------------- claims


@pytest.mark.parametrize(
    ("measured", "is_least", "mark", "expected"),
    [
        (5.0, True, "", True),
        (4.9, True, "", False),
        (2.0, False, "", True),
        (5.1, False, "", False),
        (None, True, "", None),
        (9.0, True, "≥", True),
        (4.0, True, "≥", None),
        (9.0, True, "≤", None),
        (4.0, True, "≤", False),
        (9.0, True, "?", None),
        (4.0, False, "≤", True),
        (9.0, False, "≥", False),
    ],
)
def test_claims(measured: float | None, is_least: bool, mark: str, expected: bool | None) -> None:
    """A bound decides only what it proves."""
    assert Claim("", 5.0, measured, is_least, mark).holds is expected


def test_ratios_are_medians_of_pairs() -> None:
    """Each run is held against the package's with the same seed; a round that the package has not run is left out."""
    found = [lap(seed, PACKAGE, ran(seconds)) for seed, seconds in ((1, 1.0), (2, 2.0), (3, 4.0))]
    found += [lap(seed, HIGHS, ran(seconds)) for seed, seconds in ((1, 7.0), (2, 8.0), (3, 36.0), (4, 1000.0))]
    ours, theirs = compared(found)
    assert (ours.contender, ours.runs, ours.solve, ours.total, ours.solve_ratio) == (PACKAGE, 3, 2.0, 3.0, None)
    assert theirs.solve == 8.0
    assert theirs.solve_ratio == Ratio(7.0)  # of 7, 4 and 9
    assert theirs.both_ratio == Ratio(4.0)  # of 8/2, 9/3 and 37/5
    assert theirs.worst_gap == pytest.approx(0.01)
    assert theirs.verdicts == ("agrees",)


@pytest.mark.parametrize(
    ("ours", "theirs", "mark"),
    [
        (Status.OPTIMAL, Status.OPTIMAL, ""),
        (Status.OPTIMAL, Status.FEASIBLE, "≥"),
        (Status.FEASIBLE, Status.OPTIMAL, "≤"),
        (Status.UNKNOWN, Status.FEASIBLE, "?"),
    ],
)
def test_limits_mark_ratios(ours: Status, theirs: Status, mark: str) -> None:
    """What a limit stopped would have taken longer."""
    _, other = compared([lap(1, PACKAGE, ran(1.0, status=ours)), lap(1, CBC, ran(9.0, status=theirs))])
    assert other.solve_ratio == Ratio(9.0, mark)


def test_national_claims() -> None:
    """The claims are about each envelope and about both, and no speed is bought with quality."""
    found = []
    for call, times in (("tight (3 M€)", (2.0, 12.0, 60.0)), ("wide (20 M€)", (2.0, 8.0, 20.0))):
        status = Status.FEASIBLE if call.startswith("tight") else Status.OPTIMAL
        found += [lap(1, PACKAGE, ran(times[0]), call), lap(1, HIGHS, ran(times[1]), call)]
        found.append(lap(1, CBC, ran(times[2], 99.0, status), call))
    told = national.outcome(found)
    assert [(claim.target, claim.measured, claim.mark, claim.holds) for claim in told.claims] == [
        (5.0, 6.0, "", True),
        (5.0, 4.0, "", False),
        (5.0, 5.0, "", True),
        (15.0, 30.0, "≥", True),
        (15.0, 10.0, "", False),
        (15.0, 20.0, "≥", True),
        # Of the two that found less by a hundredth, one had proved that there is no more.
        (0, 1, "", False),
    ]
    assert differing(found) == 1


def test_growth() -> None:
    """Exponents are of medians between the two sizes that claims are about."""
    assert scale.exponent((10, 1.0), (1_000, 10_000.0)) == pytest.approx(2.0)
    found = [
        scale.Sized(n, peak, lap(seed, PACKAGE, ran(seconds, 1e6, build=seconds), f"{n}"))
        for n, peak, times in ((10_000, 2**29, (0.9, 1.0, 7.0)), (100_000, 2**31, (9.0, 10.0, 11.0)))
        for seed, seconds in enumerate(times)
    ]
    told = {
        claim.text.partition(": ")[2]: claim for claim in scale.outcome(found).claims if "largest" not in claim.text
    }
    figures = [(claim.measured, claim.holds) for claim in told.values()]
    assert figures == [(1.0, True), (20.0, False), (2.0, True), (pytest.approx(1.0), True), (pytest.approx(1.0), True)]
    gaps = [claim for claim in scale.outcome(found).claims if "largest" in claim.text]
    assert [(claim.measured, claim.holds) for claim in gaps] == [(pytest.approx(1e-6), True)] * 2
    assert scale.outcome(found[:3]).figures[0]["candidates"] == 10_000


def test_whole_problems_are_compared_by_size() -> None:
    """What the whole takes is a ratio to the decomposition's seconds at the same size."""
    found = [
        scale.Sized(n, 1, lap(1, name, ran(seconds), f"{n}"))
        for n, name, seconds in ((130, PACKAGE, 1.0), (130, WHOLE, 3.0), (500, PACKAGE, 2.0), (500, WHOLE, 50.0))
    ]
    assert [str(each.told.solve_ratio) for each in scale.summed(found)] == ["None", "3.0", "None", "25.0"]


def test_throughput() -> None:
    """The loop's pace is that of the scenarios it solved, as fast as they would have been without any limit."""
    swept = [sweep.Swept(n, 1_000, seconds, {"optimal": 1_000}, 1e-4, "d") for n, seconds in ((1, 90.0), (2, 50.0))]
    held = [
        sweep.Held(
            k,
            ran(0.0),
            ran(1.0, 100.0),
        )
        for k in (1, 2)
    ]
    ratio, efficiency, unequal, differ = sweep.outcome([*swept, *held]).claims
    assert ratio.measured == pytest.approx(40.0)  # 20 a second against one in two seconds
    assert ratio.mark == ""
    assert efficiency.measured == pytest.approx(0.9)
    assert (unequal.measured, differ.measured) == (0, 0)
    stopped = sweep.Held(3, ran(0.0), ran(1.0, 90.0, Status.FEASIBLE))
    other = replace(swept[1], digest="e")
    ratio, _, unequal, differ = sweep.outcome([swept[0], other, *held, stopped]).claims
    assert (ratio.mark, unequal.measured, differ.measured) == ("≥", 1, 0)
    assert [claim.measured for claim in sweep.outcome(swept[:1]).claims] == [None] * 4


# ---------------------------------------------------------------------------------------------------------------- bounds


def test_worst_gap() -> None:
    """It is the largest; one run without any leaves none to tell; runs without an allocation have no say."""
    none, unproved = Run(Status.INFEASIBLE, (), 1, 1, 1.0, 1.0, (None,)), Run(Status.FEASIBLE, (9.0,), 1, 1, 1.0, 1.0)
    assert worst_gap([ran(1.0), ran(1.0, 10.0), none]) == pytest.approx(0.1)
    assert worst_gap([ran(1.0), unproved]) is None
    assert worst_gap([none]) is None


@pytest.mark.parametrize("opponent", ["highs", "cbc"])
def test_bounds_of_the_textbook(opponent: str) -> None:
    """What the opponents prove is above the optimum, and as close as they were asked to come."""
    scenario, candidates = programme(900_000), pool(30, 1)
    best = allocate(scenario.override("solve.gap", 0.0), candidates).value
    assert best is not None
    found = textbook(scenario, candidates, opponent, gap=0.02)
    (value,), (bound,) = found.values, found.bounds
    assert bound is not None
    assert value <= best * (1 + 1e-6)
    assert best <= bound * (1 + 1e-6)
    assert bound <= value * 1.02 + 1e-6


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("Result - Optimal solution found\n\nObjective value:                14124.5\n", 14124.5),
        (
            "Result - Optimal solution found (within gap tolerance)\n\nObjective value:   313.5\nUpper bound:    313.75\n",
            313.75,
        ),
        ("Result - Stopped on time limit\n\nObjective value:   110.0\nUpper bound:   111.5\nGap:   -0.00\n", 111.5),
        ("Result - Stopped on time limit\n\nObjective value:   110.0\n", float("inf")),
        ("Result - Problem proven infeasible\n", float("inf")),
    ],
)
def test_bound_in_a_log(log: str, expected: float) -> None:
    """CBC names a bound unless it has searched everything."""
    assert cbc_bound(log) == expected
