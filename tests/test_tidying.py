"""Ties between plans of one candidate: early years and first aids, wherever the rules allow."""

from collections.abc import Callable
from typing import Any

import pytest

from ptce_funding.allocation import Allocation

TWO = "id;phase;score;cost;ask\na;émergent;1;50000;50000\nb;émergent;1;50000;50000"


def years(allocation: Allocation) -> dict[str, int]:
    """Return the year of each award."""
    return {award.candidate: award.year for award in allocation.awards}


def test_early_years_are_taken(solve: Callable[..., Allocation], solver: str) -> None:
    """Three years are all the same here: everybody starts in the first."""
    assert years(solve(TWO, solver, years=3)) == {"a": 2020, "b": 2020}


def test_tranches_are_kept(solve: Callable[..., Allocation], solver: str) -> None:
    """Half of the money each year: one starts at once, the other has to wait."""
    envelope = {"total": 100_000, "grant_step": 10_000, "tranches": [0.5, 0.5]}
    value = {"criteria": {"score": 1.0}, "fixed": 0.0}
    allocation = solve(TWO, solver, years=2, envelope=envelope, value=value)
    assert sorted(years(allocation).values()) == [2020, 2021]


def test_rules_are_kept(solve: Callable[..., Allocation], solver: str) -> None:
    """One has to start in the second year, so the first in the list still starts in the first."""
    rules = [{"name": "late", "measure": "count", "where": {"year": 2021}, "min": 1}]
    assert sorted(years(solve(TWO, solver, years=2, rules=rules)).values()) == [2020, 2021]


@pytest.mark.parametrize("order", [["post", "investment"], ["investment", "post"]])
def test_first_declared_aid_is_taken(solve: Callable[..., Allocation], solver: str, order: list[str]) -> None:
    """Both aids read the same columns: the one that the scenario names first is granted."""
    volet: dict[str, Any] = {"phases": ["emerging"], "aids": {aid: {} for aid in order}, "aids_mode": "either"}
    allocation = solve(TWO, solver, volets={"v": volet})
    assert {award.aid for award in allocation.awards} == {order[0]}
