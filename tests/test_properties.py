"""What holds of every call, whatever its numbers."""

import random
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case, build, cases
from enumeration import value_of
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.problem import Status
from ptce_funding.scenario_files import scenario_from

quick = settings(max_examples=60, deadline=None, derandomize=True)


def solved(one: Case) -> Allocation:
    return allocate(*build(*one))


def value(allocation: Allocation) -> tuple[float, ...] | None:
    """Return the value by priority group, None without an allocation."""
    if not allocation.has_allocation:
        return None
    return tuple(stage.value for stage in allocation.stages if stage.value is not None)


def is_as_good(new: tuple[float, ...] | None, old: tuple[float, ...] | None) -> bool:
    """Say whether one value is no less than another, the first group first; no allocation is worse than any."""
    if new is None or old is None:
        return old is None
    for one, other in zip(new, old, strict=True):
        if abs(one - other) > 1e-7 * max(1.0, abs(other)):
            return one > other
    return True


def without_shares_of_the_envelope(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario in which the envelope is nothing but a limit: all its parts grow with it, and no rule looks at it."""
    scenario = deepcopy(scenario)
    scenario["rules"] = [rule for rule in scenario["rules"] if rule.get("of") != "envelope"]
    if scenario["priority"].get("of") == "envelope":
        scenario["priority"]["of"] = "granted"
    for funder, share in zip(
        scenario["funders"], [0.25, 0.5, 0.25] if len(scenario["funders"]) == 3 else [0.5, 0.5], strict=False
    ):
        funder.pop("amount", None)
        funder["share"] = share
    return scenario


@quick
@given(cases(), st.integers(1, 60_000))
def test_more_money_never_hurts(one: Case, more: int) -> None:
    """With shares of what is granted, with amounts, counts and links, any allocation of the smaller envelope is one of the larger,
    as tranches and funders grow with it. This fails for shares of the envelope: see `test_optimum`."""
    scenario = without_shares_of_the_envelope(one[0])
    larger = deepcopy(scenario)
    larger["envelope"]["total"] += more
    assert is_as_good(value(solved((larger, one[1]))), value(solved((scenario, one[1]))))


@quick
@given(cases(), st.randoms(use_true_random=False))
def test_one_rule_less_never_hurts(one: Case, rng: random.Random) -> None:
    """Nor does one link or one decision to fund less. A decision to reject binds too."""
    scenario, rows = one
    parts = [(part, number) for part in ("rules", "links", "decisions") for number in range(len(scenario[part]))]
    if not parts:
        return
    part, number = rng.choice(parts)
    freer = deepcopy(scenario)
    removed = freer[part].pop(number)
    if removed.get("decision") == "reject":
        # Whoever is no longer rejected may be a group of which a floor asks something.
        freer["rules"] = [rule for rule in freer["rules"] if not rule.get("only_possible")]
        scenario["rules"] = freer["rules"]
    assert is_as_good(value(solved((freer, rows))), value(solved((scenario, rows))))


@quick
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(one: Case, rng: random.Random) -> None:
    """The same awards, not only the same value."""
    scenario, rows = one
    shuffled = list(rows)
    rng.shuffle(shuffled)
    first, second = solved((scenario, rows)), solved((scenario, shuffled))
    assert (first.status, first.awards, first.stages) == (second.status, second.awards, second.stages)
    assert first.listing == second.listing


@quick
@given(cases())
def test_solving_twice_gives_the_same(one: Case) -> None:
    """Bounds included."""
    first, second = solved(one), solved(one)
    assert (first.status, first.awards, first.stages, first.report) == (
        second.status,
        second.awards,
        second.stages,
        second.report,
    )


def paths(data: Any, at: str = "") -> list[tuple[str, Any]]:
    """Return every dotted path of nested tables with its value; entries of lists of tables by position from 1."""
    found = [(at, data)] if at else []
    if isinstance(data, dict):
        for key, each in data.items():
            found += paths(each, f"{at}.{key}" if at else key)
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for number, each in enumerate(data):
            found += paths(each, f"{at}.{number + 1}")
    return found


@settings(quick, max_examples=20)
@given(cases())
def test_overriding_with_the_same_value_changes_nothing(one: Case) -> None:
    """For every parameter that the scenario states."""
    scenario = scenario_from(one[0])
    for path, stated in paths(one[0]):
        same = scenario.override(path, stated)
        assert same == scenario, path
        assert same.digest() == scenario.digest()
        assert hash(same) == hash(scenario)


@quick
@given(cases())
def test_the_jury_never_beats_the_optimum(one: Case) -> None:
    """A list that breaks no rule is one of the allocations that the optimum was chosen from."""
    allocation = solved(one)
    listing = allocation.listing
    if listing.report.violations or listing.report.broken:
        return
    assert allocation.status is Status.OPTIMAL
    assert is_as_good(value(allocation), listing.values)


@quick
@given(cases())
def test_money_adds_up(one: Case) -> None:
    """Awards and what is left make the envelope; every award is a whole multiple of the grant step; nobody overpays."""
    allocation = solved(one)
    scenario = allocation.call.scenario
    assert allocation.granted + allocation.unspent == scenario.envelope.total
    assert allocation.unspent >= 0
    assert all(award.grant > 0 and award.grant % scenario.envelope.grant_step == 0 for award in allocation.awards)
    for name, brings in scenario.funder_amounts.items():
        assert sum(award.grant for award in allocation.awards if award.funder == name) <= brings
    assert set(allocation.supported) == {award.candidate for award in allocation.awards}


@quick
@given(cases())
def test_value_is_that_of_the_awards(one: Case) -> None:
    """The value can be recomputed from the awards alone, for the optimum and for the jury's list; the bound is not below it."""
    scenario, rows = one
    allocation = solved(one)
    step = scenario["envelope"]["grant_step"]
    for awards, stated in (
        (allocation.awards, value(allocation)),
        (allocation.listing.awards, allocation.listing.values),
    ):
        if stated is None:
            continue
        grants: dict[tuple[str, str, str, int], int] = {}
        for award in awards:
            key = (award.candidate, award.volet, award.aid, award.year)
            grants[key] = grants.get(key, 0) + award.grant // step
        lines = {
            str(row["id"]): tuple((*key[1:], grant) for key, grant in grants.items() if key[0] == row["id"])
            for row in rows
        }
        # A group that nobody is in may be left out, and is worth nothing.
        recomputed = value_of(scenario, rows, lines)
        assert stated == pytest.approx(recomputed[: len(stated)])
        assert sum(recomputed[len(stated) :]) == 0
    for stage in allocation.stages if allocation.has_allocation else ():
        assert stage.bound is not None
        assert stage.value is not None
        assert stage.bound >= stage.value


@quick
@given(cases())
def test_everybody_is_accounted_for(one: Case) -> None:
    """Every candidate is either funded or refused with a reason, and never both."""
    allocation = solved(one)
    refused = [refusal.candidate for refusal in allocation.refused]
    assert all(refusal.reasons for refusal in allocation.refused)
    if allocation.has_allocation:
        assert sorted([*allocation.supported, *refused]) == sorted(allocation.call.candidates.ids)


@quick
@given(cases())
def test_problem_is_sound(one: Case) -> None:
    """No numbers that a solver would have to guess, every row named, no row or bound upside down."""
    formulation = solved(one).call.formulation
    problem, rows = formulation.problem, formulation.problem.rows
    assert len(formulation.row_names(solved(one).call.candidates.columns["id"])) == len(rows)
    assert (problem.lower <= problem.upper).all()
    assert (rows.lower <= rows.upper).all()
    assert np.isfinite(rows.value).all()
    assert all(np.isfinite(objective).all() for objective in problem.objectives)
    assert (np.diff(rows.start) >= 0).all()
    assert rows.start[-1] == len(rows.column) == len(rows.value)
