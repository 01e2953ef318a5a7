"""What scenarios share of a table: their calls are those on a table of their own, and what does not differ is made once."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case, build, case, cases, programme_case, programme_cases
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import criteria_of
from ptce_funding.errors import InputError
from ptce_funding.plans import list_plans
from ptce_funding.prospects import Prospects, prospects
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden

#: Changes that concern money, values and rules alone; FIRST stands for the first volet.
OUTSIDE: list[dict[str, Any]] = [
    {"envelope.total": 10_000},
    {"envelope.total": 70_000},
    {"envelope.total": 10_000_000},
    {"envelope.carry_over": False},
    {"value.fixed": 0.0},
    {"value.discount": 0.5},
    {"value.criteria.score": 2.5},
    {"priority.mode": "none"},
    {"rules": []},
    {"solve.gap": 0.1},
]
#: Changes of what steps and plans are made of.
INSIDE: list[dict[str, Any]] = [
    {"envelope.candidate_max": 60_000},
    {"envelope.grant_step": 5_000},
    {"first_year": 2019},
    {"volets.FIRST.rate": 0.3},
    {"volets.FIRST.phases": ["project"]},
    {"volets.FIRST.tolerance": 1.0},
    {"volets.FIRST.grant": {"min": 20_000}},
]


def changed(scenario: Scenario, change: dict[str, Any]) -> Scenario | None:
    """Return a scenario with a change; None where it cannot have that."""
    first = next(iter(scenario.step_volets))
    try:
        return overridden(scenario, {path.replace("FIRST", first): value for path, value in change.items()})
    except InputError:
        return None


def called(scenario: Scenario, candidates: Candidates) -> Call | list[str]:
    """Return a call, or its faults."""
    try:
        return prepare(scenario, candidates)
    except InputError as error:
        return [fault.render("en") for fault in error.faults]


def found_in(scenario: Scenario, candidates: Candidates) -> Prospects:
    """Return what the candidates may receive."""
    return prospects(scenario, criteria_of(scenario), candidates)


def differences(one: Any, other: Any, at: str = "") -> list[str]:
    """Return where two calls differ, bit by bit."""
    if isinstance(one, np.ndarray):
        if one.dtype == object:
            return [] if one.tolist() == other.tolist() else [at]
        return [] if (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()) else [at]
    if isinstance(one, Candidates):
        return []
    if is_dataclass(one):
        parts = [(f".{each.name}", getattr(one, each.name), getattr(other, each.name)) for each in fields(one)]
    elif isinstance(one, Mapping) and list(one) == list(other):
        parts = [(f"[{key}]", one[key], other[key]) for key in one]
    elif isinstance(one, list | tuple) and len(one) == len(other):
        parts = [(f"[{k}]", *pair) for k, pair in enumerate(zip(one, other, strict=True))]
    else:
        return [] if one == other else [at]
    return [found for name, mine, theirs in parts for found in differences(mine, theirs, at + name)]


def test_differences_are_seen() -> None:
    """Half the money makes another problem: the comparison of the next tests can fail."""
    scenario, candidates = build(*case(3))
    less = scenario.override("envelope.total", scenario.envelope.total // 2)
    assert differences(called(scenario, candidates), called(less, candidates))


@given(cases() | programme_cases(), st.lists(st.sampled_from([*OUTSIDE, *INSIDE]), min_size=2, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_shared_table_changes_nothing(drawn: Case, changes: list[dict[str, Any]]) -> None:
    """Calls on one table, whatever was asked of it before, are those on a table of their own."""
    base, shared = build(*drawn)
    for change in [{}, *changes]:
        scenario = changed(base, change)
        if scenario is not None:
            assert not differences(called(scenario, shared), called(scenario, build(*drawn)[1]))


@pytest.mark.parametrize("change", OUTSIDE, ids=str)
def test_steps_and_plans_are_made_once(change: dict[str, Any]) -> None:
    """Money, values and rules leave the steps and plans of a table as they are: the same objects."""
    base, candidates = build(*programme_case(161))
    scenario = changed(base, change)
    assert scenario is not None
    one, other = found_in(base, candidates), found_in(scenario, candidates)
    assert one is other
    assert one.plans() is other.plans()


@pytest.mark.parametrize("change", INSIDE, ids=str)
def test_other_terms_are_looked_at_anew(change: dict[str, Any]) -> None:
    """What steps and plans are made of is not taken from another scenario."""
    base, candidates = build(*programme_case(161))
    scenario = changed(base, change)
    assert scenario is not None
    assert found_in(base, candidates) is not found_in(scenario, candidates)


def test_criteria_count() -> None:
    """Who is admissible decides who has steps."""
    base, candidates = build(*programme_case(161))
    none = criteria_of(base)
    strict = none.model_copy(update={"name": "other"})
    assert prospects(base, none, candidates) is not prospects(base, strict, candidates)


@given(programme_cases(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_plans_of_some_steps(drawn: Case, rng: Any) -> None:
    """The plans left by taking steps away are those that the steps left make."""
    scenario, candidates = build(*drawn)
    found = found_in(scenario, candidates)
    which = np.array([rng.random() < 0.6 for _ in range(len(found.offer.steps))], dtype=bool)
    listed = list_plans(scenario, candidates, found.offer.steps.chosen(which))
    assert not differences(listed, found.plans().within(which))
    assert not differences(listed, found.plans(which))


def test_only_the_last_are_kept() -> None:
    """A table does not hold on to all that was ever made of it."""
    base, candidates = build(*programme_case(161))
    first = found_in(base, candidates)
    assert found_in(base, candidates) is first
    for rate in range(1, 7):
        found_in(base.override("volets.exp.rate", rate / 10), candidates)
    again = found_in(base, candidates)
    assert again is not first
    assert not differences(again.offer.steps, first.offer.steps)
