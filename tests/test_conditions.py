"""What a scenario demands: each condition let go and bent, by hand."""

from fractions import Fraction
from typing import Any

import pytest

from conftest import ROOT, scenario_data
from ptce_funding.conditions import Bound, conditions, divided, envelope_bound
from ptce_funding.scenario_files import overridden, read_scenario, scenario_from

FULL: dict[str, Any] = {
    "years": 2,
    "envelope": {
        "total": 100_000,
        "grant_step": 10_000,
        "candidate_max": 50_000,
        "tranches": [0.5, 0.5],
        "payments_max": [30_000, 80_000],
    },
    "volets": {
        "v": {"phases": ["emerging"], "tolerance": 1.0},
        "t": {"transversal": True, "fixed": 1_000, "per_ptce": 0, "min_share": 0.05},
    },
    "funders": [{"name": "a", "amount": 60_000, "pays": {"phase": "emerging"}}, {"name": "b", "amount": 40_000}],
    "links": [{"name": "two", "candidates": ["x", "y", "z"], "at_most": 1}],
    "decisions": [{"candidate": "x", "decision": "fund", "by": "jury", "reason": "first"}],
    "rules": [
        {"name": "least", "measure": "share", "of": "granted", "where": {"phase": "emerging"}, "min": 0.001},
        {"name": "most", "measure": "amount", "by": ["region"], "max": 40_000, "relax": False},
    ],
    "targets": [{"name": "poles", "measure": "count", "min": 2}],
}


def test_every_condition_can_be_let_go() -> None:
    """Each is there once, and gone when it is let go, the others as they were."""
    scenario = scenario_from(scenario_data(**FULL))
    stated = conditions(scenario)
    assert [(each.kind, each.key) for each in stated] == [
        ("payments", ""),
        ("tranches", ""),
        ("candidate_max", ""),
        ("transversal", "t"),
        ("funder", "a"),
        ("link", "two"),
        ("decision", "x"),
        ("rule", "least"),
        ("rule", "most"),
        ("target", "poles"),
    ]
    for each in stated:
        left = conditions(each.without(scenario))
        assert [(one.kind, one.key) for one in left] == [(one.kind, one.key) for one in stated if one is not each]


def test_bounds_move_both_ways() -> None:
    """Looser is less of a floor and more of a ceiling; a floor ends at zero; what is set is what a file could state."""
    scenario = scenario_from(scenario_data(**FULL))
    bounds: dict[str, Bound] = {one.path: one for each in conditions(scenario) for one in each.bounds}
    assert sorted(bounds) == [
        "envelope.candidate_max",
        "envelope.payments_max",
        "links.two.at_most",
        "rules.least.min",
        "rules.most.max",
        "targets.poles.min",
        "volets.t.min_share",
    ]
    least, most = bounds["rules.least.min"], bounds["rules.most.max"]
    assert (least.moved(1), least.moved(2), least.moved(-1), least.room) == (0, 0, Fraction(2, 1000), 1)
    assert (most.moved(1), most.moved(-1), most.room) == (50_000, 30_000, None)
    assert bounds["links.two.at_most"].room == 2
    assert bounds["envelope.payments_max"].changes(Fraction(120_000)) == {"envelope.payments_max": [32_727, 87_273]}
    for bound in bounds.values():
        changed = overridden(scenario, bound.changes(bound.moved(1)))
        moved = {one.path: one for each in conditions(changed) for one in each.bounds}[bound.path]
        assert moved.value == bound.moved(1)
    assert {each.key: each.is_bendable for each in conditions(scenario) if each.kind == "rule"} == {
        "least": True,
        "most": False,
    }


def test_the_envelope_keeps_its_proportions() -> None:
    """Funders bring what they brought, in proportion, to the euro."""
    scenario = scenario_from(scenario_data(**FULL))
    bound = envelope_bound(scenario)
    assert bound.moved(1) == 110_000
    assert bound.changes(bound.moved(1)) == {
        "envelope.total": 110_000,
        "funders.a.amount": 66_000,
        "funders.b.amount": 44_000,
    }


@pytest.mark.parametrize(
    ("total", "weights", "parts"), [(10, [1, 1, 1], [4, 3, 3]), (0, [2], [0]), (7, [0, 3], [0, 7])]
)
def test_divided(total: int, weights: list[int], parts: list[int]) -> None:
    """The odd euros go to the largest remainders, the first of equals."""
    assert divided(total, weights) == parts


def test_conditions_know_their_line() -> None:
    """A condition of a file says where it stands."""
    path = ROOT / "scenarios" / "note-2011-50m.toml"
    scenario = read_scenario(path)
    for each in conditions(scenario):
        place = each.place(scenario)
        assert place.line is not None
        assert place.file is not None
