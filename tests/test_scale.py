"""Many candidates: the same as one after the other, all rules kept, nothing looked at twice."""

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import ceil
from typing import Any

import numpy as np
import pytest

from cases import Case, build, case, programme_case
from cases_charges import charge_case
from conftest import ROOT, scenario_data
from ptce_funding import obstacles, serving
from ptce_funding.benefits import advantage_costs
from ptce_funding.call import Call, prepare
from ptce_funding.errors import InputError
from ptce_funding.limits import Limits
from ptce_funding.messages import joined
from ptce_funding.money import exact
from ptce_funding.ranking import rank
from ptce_funding.refusals import refusals, with_outcome
from ptce_funding.scenario_files import overridden
from ptce_funding.settlement import audited, list_by_rank
from ptce_funding.tidying import tidied
from ptce_funding.volets import Advantage
from slow import Ints, slow_list, slow_obstacles, slow_tidied

# Benchmarks are scripts, no package: what they import from one another is found beside them.
sys.path.insert(0, str(ROOT / "benchmarks"))

from instances import pool, programme

CASES: dict[str, Callable[..., Case]] = {"case": case, "programme": programme_case, "charges": charge_case}
CHUNKS = [(kind, start) for kind in CASES for start in range(0, 60, 20)]
#: Changes of a drawn programme.
CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "no waiting": {"value.discount": 0.0},
    "one may get less": {"envelope.candidate_max": 110_000},
    "years by themselves": {"envelope.carry_over": False},
    "payments": {"envelope.payments_max": [1_000_000, 1_500_000, 1_500_000]},
    "little helps": {f"volets.{name}.tolerance": 1.0 for name in ("study", "experimentation", "label")},
}


@cache
def drawn(kind: str, start: int) -> tuple[Call, ...]:
    """Return random calls of up to 24 candidates with every kind of rule."""
    found = []
    for seed in range(start, start + 20):
        try:
            found.append(prepare(*build(*CASES[kind](seed, n=random.Random(seed).randint(6, 24), largest=None))))
        except InputError:
            continue
    return tuple(found)


@cache
def programme_of(n: int, total: int, change: str = "as it is", seed: int = 1) -> Call:
    """Return a drawn programme: three volets over three years, three funders, caps by region, floors."""
    return prepare(overridden(programme(total), CHANGES[change]), pool(n, seed))


def listed(call: Call) -> Ints:
    return rank(call.scenario, call.candidates, call.fundable, call.formulation)


@pytest.fixture(params=[(1, 1), (2, 3), (5, 16), (32, 4096)], ids=str)
def _stretches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve candidates in stretches of different lengths, on which nothing may depend."""
    monkeypatch.setattr(serving, "SHORT", request.param[0])
    monkeypatch.setattr(serving, "LONG", request.param[1])


# ------------------------------------------------------------------------------------------------------- the jury's list


@pytest.mark.usefixtures("_stretches")
@pytest.mark.parametrize(("kind", "start"), CHUNKS)
def test_list_of_random_calls(kind: str, start: int) -> None:
    """The list is the one that is read candidate by candidate."""
    funded = 0
    for call in drawn(kind, start):
        grants = listed(call)
        assert grants.tolist() == slow_list(call).tolist()
        funded += int((grants > 0).sum())
    assert funded > 20


@pytest.mark.usefixtures("_stretches")
@pytest.mark.parametrize("change", CHANGES)
def test_list_of_a_programme(change: str) -> None:
    """The same where plans have several steps and many caps fill up."""
    call = programme_of(150, 4_000_000, change)
    grants = listed(call)
    assert grants.tolist() == slow_list(call).tolist()
    assert (grants > 0).sum() > 30


def test_numbers_too_large_for_64_bits() -> None:
    """Payments in shares that no small number divides, of an envelope that is as large as any."""
    payments = [0.3, 0.123456789, 0.576543211]
    volet = {"phases": ["project"], "tolerance": 1.0, "payments": payments}
    envelope = {"total": 10**12, "grant_step": 7, "payments_max": [300 * 10**9 + 1, 10**12, 10**12]}
    rows = [
        {"id": f"c{i}", "phase": "project", "score": 50 - i, "cost": 4 * 10**10 + i, "ask": 3 * 10**10 + i}
        for i in range(50)
    ]
    call = prepare(*build(scenario_data(envelope=envelope, volets={"v": volet}), rows))
    assert Limits(call.scenario, call.formulation).limit.dtype == object
    grants = listed(call)
    assert grants.tolist() == slow_list(call).tolist()
    # Three tenths of some 30 thousand millions each are paid in the first year.
    assert 30 <= (grants > 0).sum() <= 40
    assert not list_by_rank(call).report.violations
    for i, found in zip(range(50), obstacles.Obstacles(call, grants).of(np.arange(50)), strict=True):
        assert bool(found) or grants[i] > 0


def test_a_sum_that_falls_again() -> None:
    """Points below zero make room for those who come later: 4 at most, so 3 and then 2 do not go together without −1 between."""
    rows = [
        {"id": "a", "phase": "project", "score": 9, "points": 3.0, "cost": 10_000, "ask": 10_000},
        {"id": "b", "phase": "project", "score": 8, "points": -1.0, "cost": 10_000, "ask": 10_000},
        {"id": "c", "phase": "project", "score": 7, "points": 2.0, "cost": 10_000, "ask": 10_000},
        {"id": "d", "phase": "project", "score": 6, "points": 1.0, "cost": 10_000, "ask": 10_000},
        {"id": "e", "phase": "project", "score": 5, "points": -1.0, "cost": 10_000, "ask": 10_000},
    ]
    call = prepare(*build(scenario_data(rules=[{"name": "points", "measure": "points", "max": 4}]), rows))
    assert listed(call).tolist() == slow_list(call).tolist() == [1, 1, 1, 0, 1]
    call = prepare(*build(scenario_data(rules=[{"name": "points", "measure": "points", "max": 3}]), rows))
    assert listed(call).tolist() == slow_list(call).tolist() == [1, 1, 0, 1, 1]


def test_less_money_may_serve_more() -> None:
    """One may get 60. Of 50 and then 30 the second finds too little, unless there are no 50: then both are served."""
    volets = {
        "study": {"phases": ["project"], "tolerance": 1.0, "grant": {"min": 10_000}},
        "trial": {"after": ["study"], "tolerance": 1.0, "grant": {"min": 30_000}},
    }
    rows = [
        {
            "id": f"c{i}",
            "phase": "project",
            "score": 9 - i,
            "study.cost": 50_000,
            "study.ask": 50_000,
            "trial.cost": 30_000,
            "trial.ask": 30_000,
        }
        for i in range(3)
    ]
    envelope = {"total": 200_000, "grant_step": 10_000, "candidate_max": 60_000, "tranches": [0.6, 0.4]}
    call = prepare(*build(scenario_data(years=2, envelope=envelope, volets=volets), rows))
    grants = listed(call)
    assert grants.tolist() == slow_list(call).tolist()
    steps = call.formulation.steps
    given = {
        (int(steps.candidate[s]), steps.volets[steps.volet[s]], int(steps.year[s])): int(grants[s])
        for s in np.flatnonzero(grants)
    }
    # a and b start with all that they ask in the first year; c finds 20 there, and 30 the year after.
    assert given == {(0, "study", 2020): 5, (1, "study", 2020): 5, (2, "study", 2020): 2, (2, "trial", 2021): 3}


def test_nobody_gets_the_plan_of_another() -> None:
    """The label of a and b brings exemptions that nobody can pay, in either year: a has nothing else, b its study."""
    volets = {
        "label": {
            "phases": ["emerging", "consolidation"],
            "tolerance": 1.0,
            "advantages": {"exempt": {"euros": 200_000, "charged": "inside"}},
        },
        "study": {"phases": ["emerging"], "tolerance": 1.0},
    }
    money = {"label.cost": 50_000, "label.ask": 50_000, "study.cost": 20_000, "study.ask": 20_000}
    rows = [
        {"id": "a", "phase": "consolidation", "score": 9, **money},
        {"id": "b", "phase": "emerging", "score": 8, **money},
        {"id": "c", "phase": "emerging", "score": 7, **money},
    ]
    call = prepare(*build(scenario_data(years=2, volets=volets), rows))
    grants = listed(call)
    assert grants.tolist() == slow_list(call).tolist()
    steps = call.formulation.steps
    assert [(int(steps.candidate[s]), int(grants[s])) for s in np.flatnonzero(grants)] == [(1, 2), (2, 2)]


# --------------------------------------------------------------------------------------------------- everything around it


def test_twenty_thousand_candidates() -> None:
    """The list keeps all rules, spends what there is, and a single euro amiss is found."""
    call = programme_of(20_000, 750_000_000)
    listing = list_by_rank(call)
    assert not listing.report.violations
    assert not listing.report.broken
    assert sum(award.grant for award in listing.awards) > 749_000_000
    assert len(listing.order) == len(set(listing.order)) > 3_000
    wrong = replace(listing.awards[-1], grant=listing.awards[-1].grant + 1)
    assert audited(call, (*listing.awards[:-1], wrong), listing.charges).violations
    x = call.formulation.columns_of(listing.grants)
    assert np.array_equal(call.formulation.grants(x), listing.grants)
    assert np.array_equal(tidied(call.formulation, x), x)  # the jury takes the earliest of equal plans


@pytest.mark.parametrize(("kind", "start"), CHUNKS)
def test_obstacles(kind: str, start: int) -> None:
    """As many limits stand in the way as when each is looked at by itself."""
    for call in drawn(kind, start):
        grants = listed(call)
        expected = slow_obstacles(call, grants)
        without_links = replace(call, scenario=call.scenario.model_copy(update={"links": ()}))
        found = obstacles.Obstacles(without_links, grants).of(np.array(sorted(expected)))
        assert [len(each) for each in found] == [expected[i] for i in sorted(expected)]


def test_outcomes_and_reasons() -> None:
    """Everybody has one outcome; whoever gets nothing has a reason, worded alike however many are asked for."""
    call = programme_of(300, 6_000_000)
    grants = listed(call)
    found = refusals(call, grants)
    assert len(found) + len(with_outcome(call, grants, "funded")) == 300
    assert all(each.reasons for each in found)
    outranked = with_outcome(call, grants, "outranked")
    assert [each.candidate for each in found if each.outcome == "outranked"] == [
        call.candidates.ids[i] for i in outranked
    ]
    ways = obstacles.Obstacles(call, grants)
    told = {call.candidates.ids[i]: ways.of(np.array([i]))[0] for i in outranked.tolist()}
    barred = [each for each in found if told.get(each.candidate)]
    assert barred
    assert all(str(each.reasons[1]).endswith(joined(map(str, told[each.candidate]), "en")) for each in barred)


@pytest.mark.parametrize("seed", range(6))
def test_ties_are_settled_one_after_the_other(seed: int) -> None:
    """Years without a difference: of those who start in any, the first to be looked at start as early as tranches and a cap allow."""
    rng = random.Random(seed)
    rows = [
        {"id": f"c{i}", "phase": "project", "score": 1, "cost": cost, "ask": cost}
        for i, cost in enumerate(rng.randrange(20_000, 90_000, 5_000) for _ in range(60))
    ]
    envelope = {"total": sum(row["cost"] for row in rows), "grant_step": 10_000, "tranches": [0.3, 0.3, 0.4]}
    rules = [{"name": "some", "measure": "count", "by": ["year"], "where": {"year": 2021}, "max": 15}]
    call = prepare(*build(scenario_data(years=3, envelope=envelope, rules=rules), rows))
    formulation = call.formulation
    plans, steps = formulation.plans, formulation.steps
    grants = np.zeros(len(steps), dtype=np.int64)
    late = [rng.choice([0, 1, 2, 2, 2]) for _ in rows]
    chosen = np.flatnonzero(np.arange(len(plans)) % 3 == np.array(late)[plans.candidate])
    grants[plans.step[chosen]] = steps.ceiling[plans.step[chosen]]
    x = formulation.columns_of(grants)
    settled = tidied(formulation, x)
    assert settled.tolist() == slow_tidied(formulation, x).tolist()
    earlier = steps.year[plans.step[chosen]].sum() - steps.year[formulation.grants(settled) > 0].sum()
    assert earlier > 5


# ------------------------------------------------------------------------------------------------------------- columns


def test_costs_of_advantages_are_exact() -> None:
    """Decimals of any length, thirds as a spreadsheet computes them, blanks: upwards to whole euros, as written."""
    numbers = [0.0, 0.1, 1 / 3, 2 / 3, 1.1, 2.2, 1e-9, 123_456.789012, 999_999_999.999999, 1e9, 3e11, None]
    rows = [
        {"id": f"c{i}", "phase": "project", "score": 1, "firms": one, "jobs": two, "cost": 10_000, "ask": 10_000}
        for i, (one, two) in enumerate((one, two) for one in numbers for two in numbers)
    ]
    volet = {"phases": ["project"], "advantages": {"x": {"firms": "firms", "jobs": "jobs", "euros": 0.3}}}
    scenario, candidates = build(scenario_data(volets={"v": volet}), rows)
    found = advantage_costs(candidates, scenario.volets["v"].advantages["x"])
    expected = [
        min(ceil(exact(float(row["firms"] or 0)) * exact(float(row["jobs"] or 0)) * exact(0.3)), 2 * 10**12)
        for row in rows
    ]
    order = [candidates.position[row["id"]] for row in rows]
    assert found[order].tolist() == expected
    assert advantage_costs(candidates, Advantage(euros=1200.5, firms=2.0, years=3)).tolist() == [7203] * len(rows)


def test_rules_by_everything() -> None:
    """Groups of what candidates have and of what steps have, blanks and flags among them, measure what they should."""
    by = ["priority_district", "jobs", "year", "volet"]
    rules = [{"name": "caps", "measure": "amount", "by": by, "max": 10**6}]
    call = programme_of(40, 2_000_000)
    candidates = call.candidates
    columns = dict(candidates.columns) | {"jobs": np.where(candidates.column("jobs") > 20, np.nan, 1.5)}
    some = replace(candidates, columns=columns)
    given = prepare(overridden(call.scenario, {"rules": rules, "priority": {"mode": "none"}}), some)
    steps, rows = given.formulation.steps, given.formulation.rules
    assert sum(len(row.steps) for row in rows) == len(steps)
    assert len(rows) == len({row.group for row in rows})
    for row in rows:
        group = dict(row.group)
        i, year, volet = steps.candidate[row.steps], steps.year[row.steps], steps.volet[row.steps]
        flag = {True: 1, False: 0, "": -1}[group["priority_district"]]
        assert (some.column("priority_district")[i] == flag).all()
        assert (np.isnan(some.column("jobs")[i]) if group["jobs"] == "" else some.column("jobs")[i] == 1.5).all()
        assert (year == group["year"]).all()
        assert (volet == steps.volets.index(group["volet"])).all()
