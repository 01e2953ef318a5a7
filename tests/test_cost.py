"""The smallest envelope: the same as brute force finds, and one grant step less is not enough."""

from typing import Any

import pytest

from cases import build
from cases_charges import cost_case
from enumeration_cost import smallest_envelope, totals_to_try, with_total
from ptce_funding.allocation import allocate
from ptce_funding.costing import cost
from ptce_funding.errors import ScenarioError
from ptce_funding.problem import Status
from test_charges import STUDY, assert_books, three, with_capi
from test_optimum import solved
from test_programmes import candidate, programme

NUMBER = 60


def is_feasible(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Say whether there is an allocation; a scenario that is refused for its envelope has none."""
    try:
        return allocate(*build(scenario, rows)).has_allocation
    except ScenarioError:
        return False


def is_accepted(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Say whether the format accepts a scenario: no envelope is below the smallest grant, say."""
    try:
        build(scenario, rows)
    except ScenarioError:
        return False
    return True


def assert_cost(seed: int) -> None:
    scenario, rows = cost_case(seed)
    totals = (each for each in totals_to_try(scenario, rows) if is_accepted(with_total(scenario, each), rows))
    expected = smallest_envelope(scenario, rows, totals)
    found = cost(*build(scenario, rows))
    assert found.envelope == expected, f"case {seed}: {found.envelope}, but brute force finds {expected}"
    if expected is None:
        assert found.status is Status.INFEASIBLE, f"case {seed}"
        return
    assert found.status is Status.OPTIMAL, f"case {seed}"
    at_least = with_total(scenario, expected)
    assert found.allocation is not None
    assert_books((at_least, rows), found.allocation, f"case {seed}")
    assert solved((at_least, rows), "highs").has_allocation, f"case {seed}"
    assert not is_feasible(with_total(scenario, expected - scenario["envelope"]["grant_step"]), rows), f"case {seed}"


@pytest.mark.parametrize("start", range(0, NUMBER, 10))
def test_cost_agrees_with_enumeration(start: int) -> None:
    """No total below it has an allocation, and it has one."""
    for seed in range(start, start + 10):
        assert_cost(seed)


@pytest.mark.slow
def test_many_more_costs_agree_with_enumeration() -> None:
    """A hundred and fifty programmes that the other test does not draw."""
    for seed in range(10_000, 10_100):
        assert_cost(seed)


def test_random_cases_cover_the_question() -> None:
    """Few have no answer or the least total of all; in some, a larger envelope than the smallest has no allocation."""
    found = []
    above = 0
    for seed in range(NUMBER):
        scenario, rows = cost_case(seed)
        totals = totals_to_try(scenario, rows)
        found.append(smallest_envelope(scenario, rows, totals))
        if found[-1] is not None and any("min" in rule and rule.get("of") == "envelope" for rule in _floors(scenario)):
            above += smallest_envelope(scenario, rows, totals[-1:]) is None
    assert found.count(None) < NUMBER * 0.2
    assert found.count(10_000) < NUMBER * 0.4
    assert len(set(found)) > 6
    assert above >= 2


def _floors(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    floor = [scenario["priority"] | {"min": 0}] if scenario["priority"].get("mode") == "floor" else []
    return [*scenario["rules"], *scenario["targets"], *floor]


# ------------------------------------------------------------------------------------------------------------ by hand


def envelope(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> int | None:
    """Return the smallest envelope, of which brute force finds the same."""
    found = cost(*build(scenario, rows))
    assert found.envelope == smallest_envelope(scenario, rows, range(10_000, 1_000_000, 10_000))
    assert found.status is (Status.INFEASIBLE if found.envelope is None else Status.OPTIMAL)
    return found.envelope


def count(number: int, **where: Any) -> dict[str, Any]:
    """Return the target of so many candidates."""
    return {"name": "target", "measure": "count", "where": where, "min": number}


def test_cost_of_grants_and_of_the_scheme() -> None:
    """Two studies take 60,000 euros, and the scheme 12,000 and 3,000 for each: 78,000, so 80,000 in whole steps.

    With a cap of a tenth of the envelope: 60,000 + 7,000 in 70,000.
    """
    tables = {"targets": [count(2)]}
    assert envelope(with_capi(fixed=12_000, per_ptce=3_000, tables=tables), three()) == 80_000
    assert envelope(with_capi(fixed=12_000, per_ptce=3_000, max_share=0.1, tables=tables), three()) == 70_000
    # A quarter of the envelope at least: 60,000 are three quarters of 80,000.
    assert envelope(with_capi(per_ptce=1_000, min_share=0.25, tables=tables), three()) == 80_000
    assert envelope(with_capi(per_ptce=1_000, min_share=0.26, tables=tables), three()) == 90_000


def test_cost_of_what_one_funder_has_to_pay() -> None:
    """The city brings a quarter, and it alone pays for Corse: a study of 30,000 there takes an envelope of 120,000."""
    rows = [row | {"region": region} for row, region in zip(three(), ("Bretagne", "Corse", "Corse"), strict=True)]
    funders = [{"name": "city", "share": 0.25}, {"name": "state", "share": 0.75, "pays": {"region": "Bretagne"}}]
    tables = {"targets": [count(1, region="Corse")], "funders": funders}
    assert envelope(programme({"study": STUDY}, **tables), rows) == 120_000
    tables["targets"] = [count(2, region="Corse")]
    assert envelope(programme({"study": STUDY}, **tables), rows) == 240_000


def test_cost_where_more_money_is_too_much() -> None:
    """Half of the envelope for Corse, where one study takes 30,000: 60,000 at most. One study more takes 60,000; two, too much.

    In all, three studies of which one in Corse would take 90,000, of which half is more than Corse can use.
    """
    rows = [row | {"region": region} for row, region in zip(three(), ("Bretagne", "Bretagne", "Corse"), strict=True)]
    half = {"name": "half", "measure": "share", "of": "envelope", "where": {"region": "Corse"}, "min": 0.5}
    assert envelope(programme({"study": STUDY}, 1, rules=[half], targets=[count(2)]), rows) == 60_000
    assert envelope(programme({"study": STUDY}, 1, rules=[half], targets=[count(3)]), rows) is None


def test_targets_that_no_envelope_reaches() -> None:
    """There are three candidates; and one step of 10,000 is the least envelope that there is."""
    assert envelope(programme({"study": STUDY}, 1, targets=[count(4)]), three()) is None
    assert envelope(programme({"study": STUDY}, 1, targets=[count(1, phase="project")]), three(10_000)) == 10_000
    rows = [candidate("a", "project", 1, study=0)]
    assert envelope(programme({"study": STUDY}, 1, targets=[count(1)]), rows) is None
