"""What several tests share: a small call, and both solvers on every test that asks for one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ptce_funding.allocation import Allocation, allocate
from ptce_funding.candidates import Candidates, read_candidates
from ptce_funding.matching import needed_kinds
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from

ROOT = Path(__file__).resolve().parent.parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes `solver` on HiGHS and on CBC."""
    if "solver" in metafunc.fixturenames:
        metafunc.parametrize("solver", ["highs", "decomposition", "cbc"])


def scenario_data(**changes: Any) -> dict[str, Any]:
    """Return the tables of a plain call of 100 k€ in steps of 10 k€; `changes` replace whole tables."""
    data: dict[str, Any] = {
        "format": 1,
        "name": "small",
        "first_year": 2020,
        "envelope": {"total": 100_000, "grant_step": 10_000},
        "volets": {"v": {"phases": ["emerging", "consolidation", "project"], "tolerance": 1.0}},
        "value": {"criteria": {"score": 1.0}, "fixed": 1.0},
    }
    return data | changes


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[..., Candidates]:
    """Return a function that reads a candidate table given as text."""

    def read(text: str, scenario: Scenario | None = None) -> Candidates:
        path = tmp_path / "candidates.csv"
        lines = [line.strip() for line in text.strip().splitlines()]
        path.write_text("\n".join(lines), encoding="utf-8")
        if scenario is None:
            return read_candidates(path)
        volets = {name: tuple(volet.aids) for name, volet in scenario.volets.items()}
        return read_candidates(path, volets=volets, kinds=needed_kinds(scenario), year=scenario.first_year)

    return read


@pytest.fixture
def solve(read_text: Callable[..., Candidates]) -> Callable[..., Allocation]:
    """Return a function that allocates: candidates as text, solver, changes of the plain call."""

    def solved(text: str, solver: str = "highs", **changes: Any) -> Allocation:
        scenario = scenario_from(scenario_data(**changes))
        return allocate(scenario, read_text(text, scenario), solver=solver)

    return solved
