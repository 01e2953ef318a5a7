"""The opponent of all claims of speed states the same model: its optimum is that of the package."""

import sys
from pathlib import Path

import pytest

from cases import Case, build, case, programme_case
from cases_charges import charge_case
from conftest import ROOT
from ptce_funding.allocation import allocate
from ptce_funding.loading import read_call
from ptce_funding.problem import Status

# Benchmarks are scripts, no package: what they import from one another is found beside them.
sys.path.insert(0, str(ROOT / "benchmarks"))

from contenders import Run, package, verdict
from instances import pool, programme
from textbook import textbook

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

MAKERS = {"call": case, "programme": programme_case, "charges": charge_case}
CHUNKS = [(name, start) for name in MAKERS for start in range(0, 80, 20)]


def assert_same_optimum(one: Case, solver: str, name: str) -> Status:
    """Hold the textbook's optimum against the package's, one value for each priority group; return the status."""
    scenario, candidates = build(*one)
    allocation = allocate(scenario, candidates)
    found = textbook(scenario, candidates, solver)
    assert found.status is allocation.status, f"{name}: {found} against {allocation.stages}"
    expected = [stage.value for stage in allocation.stages] if allocation.has_allocation else []
    assert found.values == pytest.approx(expected, rel=1e-6, abs=1e-6), name
    return found.status


@pytest.mark.parametrize(("kind", "start"), CHUNKS, ids=lambda each: str(each))
def test_same_optimum_on_random_calls(kind: str, start: int) -> None:
    """Proved optima are equal, and there is none exactly together."""
    seen = [assert_same_optimum(MAKERS[kind](seed), "highs", f"{kind} {seed}") for seed in range(start, start + 20)]
    assert set(seen) <= {Status.OPTIMAL, Status.INFEASIBLE}
    assert seen.count(Status.OPTIMAL) > len(seen) / 2


@pytest.mark.parametrize("kind", MAKERS)
def test_same_optimum_by_cbc(kind: str) -> None:
    """Neither does it depend on who solves the textbook."""
    for seed in range(1_000, 1_020):
        assert_same_optimum(MAKERS[kind](seed), "cbc", f"{kind} {seed}")


def test_same_optimum_with_cuts() -> None:
    """So they are where years bring less than was announced."""
    seen = []
    for seed in range(2_000, 2_060):
        scenario, rows = programme_case(seed)
        if "tranches" in scenario["envelope"] or any("amounts" in funder for funder in scenario["funders"]):
            scenario["envelope"]["cuts"] = [0.34, 0.5, 0.1][: scenario["years"]]
            seen.append(assert_same_optimum((scenario, rows), "highs", f"cut programme {seed}"))
    assert seen.count(Status.OPTIMAL) > 15


def test_same_optimum_with_odd_euros() -> None:
    """So they are where the parts of a charge are no whole euros: both count them exactly."""
    for seed in range(3_000, 3_040):
        scenario, rows = charge_case(seed)
        for volet in scenario["volets"].values():
            if volet.get("transversal"):
                volet["fixed"] = volet.get("fixed", 0) + 7
                volet["payments"] = [[1.0], [1 / 3, 2 / 3], [0.2, 0.3, 0.5]][scenario["years"] - 1]
        assert_same_optimum((scenario, rows), "highs", f"odd charges {seed}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_same_optimum_on_many_more(kind: str) -> None:
    """A hundred calls of each kind that the other tests do not draw."""
    for seed in range(10_000, 10_100):
        assert_same_optimum(MAKERS[kind](seed), "highs", f"{kind} {seed}")


def assert_within_gaps(path: Path) -> None:
    """Both are proved to 1e-4 and agree as far as that goes."""
    scenario, candidates = read_call(path, {"solve.gap": 1e-4})
    found = textbook(scenario, candidates, time_limit=600.0)
    theirs = Run(found.status, found.values, found.columns, found.rows, found.build_time, found.runtime)
    ours = package("highs")(scenario, candidates)
    assert ours.status is theirs.status is Status.OPTIMAL
    assert verdict(ours, theirs, 1e-4) == "agrees", (ours, theirs)


@pytest.mark.parametrize("name", ["aap-2013", "aap-2015", "ami-2021", "ami-2023", "ami-2025"])
def test_national_calls_agree(name: str) -> None:
    """On the calls that were, both find the same value within their gaps."""
    assert_within_gaps(ROOT / "scenarios" / f"{name}.toml")


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_every_scenario_agrees(path: Path) -> None:
    """So they do on schemes that take the textbook longer."""
    assert_within_gaps(path)


def test_drawn_pools_are_worth_solving() -> None:
    """The calls that the benchmark draws have an optimum, and it leaves somebody out."""
    scenario, candidates = programme(3_000_000), pool(40, 1)
    allocation = allocate(scenario, candidates).raise_for_status()
    assert 0 < len(allocation.supported) < len(candidates)


@pytest.mark.parametrize(
    ("values", "expected"),
    [((100.0, 5.0), "agrees"), ((99.995, 9.0), "agrees"), ((99.0, 5.0), "DIFFERS"), ((100.0, 6.0), "DIFFERS")],
)
def test_verdict(values: tuple[float, float], expected: str) -> None:
    """Later groups are compared only where earlier ones are equal: else they stand on different ground."""
    ours, theirs = (Run(Status.OPTIMAL, each, 1, 1, 0.1, 0.1) for each in ((100.0, 5.0), values))
    assert verdict(ours, theirs, 1e-4) == expected


def test_verdict_without_allocation() -> None:
    """None on both sides is agreement; a limit is neither, unless what it found is above what was proved."""
    none, found = Run(Status.INFEASIBLE, (), 1, 1, 0.1, 0.1), Run(Status.OPTIMAL, (1.0,), 1, 1, 0.1, 0.1)
    assert verdict(none, none, 1e-4) == "none, both"
    assert verdict(found, none, 1e-4) == "DIFFERS"
    assert verdict(found, Run(Status.FEASIBLE, (0.9,), 1, 1, 0.1, 0.1), 1e-4) == "limit"
    assert verdict(found, Run(Status.FEASIBLE, (1.1,), 1, 1, 0.1, 0.1), 1e-4) == "DIFFERS"
    assert verdict(none, Run(Status.UNKNOWN, (), 1, 1, 0.1, 0.1), 1e-4) == "limit"
