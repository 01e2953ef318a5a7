"""Cuts: what a year brings less than was announced. Answers are worked out by hand, in thousands of euros."""

from typing import Any

import pytest

from cases import build
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.costing import cost
from ptce_funding.errors import InputError
from ptce_funding.problem import Status
from ptce_funding.scenario_files import scenario_from

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

ROWS = [
    {"id": id_, "phase": "emerging", "score": score, "cost": 30_000, "ask": 30_000}
    for id_, score in zip("abcd", [4, 3, 2, 1], strict=True)
]


def tables(**envelope: Any) -> dict[str, Any]:
    """Return a call of three years and 120 in steps of 10; each candidate takes 30 in full."""
    return {
        "format": 1,
        "name": "cuts",
        "first_year": 2020,
        "years": 3,
        "envelope": {"total": 120_000, "grant_step": 10_000, **envelope},
        "volets": {"v": {"phases": ["emerging"], "grant": {"min": 30_000}}},
        "value": {"criteria": {"score": 1.0}},
    }


def answer(stated: dict[str, Any], solver: str = "highs") -> Allocation:
    return allocate(*build(stated, ROWS), solver=solver)


def test_a_cut_of_the_second_year(solver: str) -> None:
    """Tranches 30, 60, 30 pay all four. Without half of the second there are 30, 30, 30: three, and 30 are withdrawn, not unspent."""
    shares = {"tranches": [0.25, 0.5, 0.25]}
    assert len(answer(tables(**shares), solver).supported) == 4
    cut = answer(tables(**shares, cuts=[0, 0.5]), solver)
    assert cut.supported == ("a", "b", "c")
    assert (cut.call.scenario.withdrawn, cut.unspent) == (30_000, 0)


def test_what_a_cut_leaves_is_carried_over(solver: str) -> None:
    """34 % of the second tranche of 60 leaves 39.6: with the 30 of the first year, 69.6 until 2021, and 99.6 in all, so three. Without
    carry-over the 39.6 of 2021 and the 30 of 2022 pay one each: three too; 20.4 are withdrawn and 9.6 unspent."""
    for carry_over in (True, False):
        cut = answer(tables(tranches=[0.25, 0.5, 0.25], cuts=[0.0, 0.34, 0.0], carry_over=carry_over), solver)
        assert cut.supported == ("a", "b", "c")
        assert (cut.call.scenario.withdrawn, cut.unspent) == (20_400, 9_600)


def test_a_cut_of_what_a_funder_brings(solver: str) -> None:
    """The city brings 30, 30, 0 and the bank 60 when one wants; the second year of the city goes, and with it the last candidate."""
    stated = tables(cuts=[0, 1.0])
    stated["funders"] = [{"name": "city", "amounts": [30_000, 30_000, 0]}, {"name": "bank", "amount": 60_000}]
    cut = answer(stated, solver)
    assert cut.supported == ("a", "b", "c")
    assert cut.call.scenario.funder_amounts == {"city": 30_000, "bank": 60_000}
    assert (cut.call.scenario.withdrawn, cut.unspent) == (30_000, 0)


def test_a_cut_makes_targets_dearer() -> None:
    """Three candidates take 90. With half of the second of the tranches 1/4, 1/2, 1/4 withdrawn, three quarters of the envelope
    are left, so that it must be 120."""
    target = {"targets": [{"name": "three", "measure": "count", "min": 3}]}
    shares = {"tranches": [0.25, 0.5, 0.25]}
    for cuts, envelope in ((None, 90_000), ([0, 0.5, 0], 120_000)):
        stated = tables(**shares) | target
        if cuts is not None:
            stated["envelope"]["cuts"] = cuts
        costing = cost(*build(stated, ROWS))
        assert (costing.status, costing.envelope) == (Status.OPTIMAL, envelope)


def test_no_cut_is_nothing() -> None:
    """A cut of nothing is the identity."""
    shares = {"tranches": [0.25, 0.5, 0.25]}
    plain, cut = answer(tables(**shares)), answer(tables(**shares, cuts=[0, 0, 0]))
    assert plain.awards == cut.awards


@pytest.mark.parametrize(
    ("cuts", "tranches", "expected"),
    [
        ([0, 0.1, 0, 0], [0.25, 0.5, 0.25], "Found 4 cuts"),
        ([0, 0.34], None, "where years are told apart"),
        ([0, 1.5], [0.25, 0.5, 0.25], "Found 1.5"),
    ],
)
def test_cuts_that_make_no_sense(cuts: list[float], tranches: list[float] | None, expected: str) -> None:
    stated = tables(cuts=cuts) if tranches is None else tables(cuts=cuts, tranches=tranches)
    with pytest.raises(InputError) as raised:
        scenario_from(stated)
    assert len(raised.value.faults) == 1
    assert expected in raised.value.faults[0].render("en")
