"""Euros that do not divide: shares of a third, charges beside whole grant steps, amounts that must be scaled. Answers by hand."""

from typing import Any

import pytest

from cases import build
from conftest import ROOT
from ptce_funding.allocation import allocate
from ptce_funding.clash import clash_of
from ptce_funding.costing import Costing, cost, envelope_changes
from ptce_funding.errors import InputError
from ptce_funding.indicators import unspent_reasons
from ptce_funding.loading import read_call
from ptce_funding.problem import Status
from ptce_funding.report.costing import show
from ptce_funding.report.terminal import Terminal
from ptce_funding.scenario_files import overridden, scenario_from
from test_charges import STUDY, three, with_capi
from test_programmes import programme

THIRD = 1 / 3
THIRDS = {"tranches": [THIRD] * 3, "carry_over": False}

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")


def counting(least: int, **where: Any) -> dict[str, Any]:
    """Return the target of some candidates."""
    return {"targets": [{"name": "t", "measure": "count", "min": least, "where": where}]}


def costed(stated: dict[str, Any], euros: int = 30_000) -> Costing:
    return cost(*build(stated, three(euros)))


@pytest.mark.parametrize(
    "tables",
    [
        {"funders": [{"name": "a", "share": THIRD}, {"name": "b", "share": 2 / 3}]},
        {
            "funders": [
                {"name": "a", "share": THIRD, "pays": {"volet": ["study", "capi"]}},
                {"name": "b", "share": 2 / 3},
            ]
        },
    ],
)
def test_shares_of_a_third_lose_a_euro(tables: dict[str, Any], solver: str) -> None:
    """Of 100,000 euros, 33,333 and 66,666 can be paid: a third study does not fit beside 10,000 of other costs."""
    allocation = allocate(*build(with_capi(fixed=10_000, tables=tables), three()), solver=solver)
    assert allocation.status is Status.OPTIMAL
    assert allocation.supported == ("a", "b")


def test_tranches_of_a_third(solver: str) -> None:
    """Each year commits 33,333 euros, and bears a third of 10,000. The model counts the exact third, so that no study of 30,000 fits
    beside it, where 3,333 in two of the years would leave room: it is stricter by less than a euro, and never passes a limit."""
    allocation = allocate(*build(with_capi(3, fixed=10_000, tables={"envelope": THIRDS}), three()), solver=solver)
    assert allocation.status is Status.OPTIMAL
    assert allocation.supported == ()
    assert sum(charge.amount for charge in allocation.charges) == 10_000
    smaller = allocate(*build(with_capi(3, fixed=9_999, tables={"envelope": THIRDS}), three()), solver=solver)
    assert smaller.supported == ("a", "b", "c")
    for year in (2020, 2021, 2022):
        grants = sum(award.grant for award in smaller.awards if award.year == year)
        assert grants + sum(charge.amount for charge in smaller.charges if charge.year == year) <= 33_333


@pytest.mark.parametrize("share", [0.5, 0.9, 0.999])
def test_a_floor_that_takes_nearly_all(share: float) -> None:
    """Two studies take 60,000, and a floor of 99.9 % leaves a thousandth: the envelope must be a thousand times as much."""
    stated = with_capi(min_share=share, tables=counting(2))
    costing = costed(stated)
    assert (costing.status, costing.envelope) == (Status.OPTIMAL, round(60_000 / (1 - share)))


@pytest.mark.parametrize("cap", [{}, {"max_share": 0.06}, {"max_share": 1.0}])
def test_a_floor_that_takes_nearly_all_of_a_tranche(cap: dict[str, float]) -> None:
    """5.1 % may be committed in 2020, of which the floor takes 5 %: the study of 30,000 in 2020 must fit into a thousandth."""
    tables = counting(1, year=2020) | {"envelope": {"tranches": [0.051, 0.949]}}
    costing = costed(with_capi(2, min_share=0.05, payments=[1.0], tables=tables, **cap))
    assert (costing.status, costing.envelope) == (Status.OPTIMAL, 30_000_000)


def test_five_floors_are_each_rounded_up() -> None:
    """A tenth each, rounded up to whole euros: of 60,002 they take 5 × 6,001 and leave 29,997, of 60,006 the 30,001 needed."""
    volets = {"study": STUDY} | {f"c{n}": {"transversal": True, "min_share": 0.1} for n in range(5)}
    stated = programme(volets, 1, **counting(1), envelope={"grant_step": 1})
    costing = costed(stated, 30_001)
    assert (costing.status, costing.envelope) == (Status.OPTIMAL, 60_006)
    less = overridden(costing.call.scenario, {"envelope.total": 60_005})
    assert allocate(less, costing.call.candidates).status is Status.INFEASIBLE


def test_amounts_keep_their_proportions_to_the_euro() -> None:
    """333,333 of a million is a third but for a euro; of 90,000 it is rounded to the 30,000 that the study in Corse takes."""
    funders = [
        {"name": "city", "amount": 333_333},
        {"name": "state", "amount": 666_667, "pays": {"region": "Bretagne"}},
    ]
    stated = programme({"study": STUDY}, 1, 1_000_000, funders=funders, **counting(1, region="Corse"))
    rows = [row | {"region": region} for row, region in zip(three(), ("Bretagne", "Corse", "Bretagne"), strict=True)]
    costing = cost(*build(stated, rows))
    assert (costing.status, costing.envelope) == (Status.OPTIMAL, 90_000)
    assert costing.changes == {"envelope.total": 90_000, "funders.city.amount": 30_000, "funders.state.amount": 60_000}


@pytest.mark.parametrize("name", ["Caisse des Dépôts", "A.B", 'the "big" one', "l'État"])
def test_funders_of_any_name_can_be_scaled(name: str) -> None:
    """The changes are parameters by path: names with spaces, dots and quotes are quoted in them."""
    funders = [{"name": name, "amount": 40_000}, {"name": "other", "amount": 60_000}]
    costing = costed(programme({"study": STUDY}, 1, funders=funders, **counting(1)))
    assert costing.envelope is not None
    given = overridden(costing.call.scenario, costing.changes)
    assert sum(given.funder_amounts.values()) == costing.envelope


def test_shares_and_amounts_together() -> None:
    """A share that does not divide the envelope leaves the fraction of a euro, which is nobody's."""
    funders = [{"name": "a", "share": 0.3333333333}, {"name": "b", "amount": 666_666}]
    scenario = scenario_from(programme({"study": STUDY}, 1, 1_000_000, funders=funders))
    for total in (90_000, 1_000_000, 1_000_007):
        given = overridden(scenario, envelope_changes(scenario, total))
        assert total - 1 <= sum(given.funder_amounts.values()) <= total
    with pytest.raises(InputError):
        scenario_from(programme({"study": STUDY}, 1, 1_000_001, funders=funders))


def test_advantages_past_any_envelope() -> None:
    """Nobody can be funded whose advantages cost more than there is; nothing overflows."""
    advantages = {"x": {"jobs": 1e12, "euros": 1e12, "charged": "inside"}}
    allocation = allocate(*build(programme({"study": STUDY | {"advantages": advantages}}, 1), three()))
    assert allocation.status is Status.OPTIMAL
    assert allocation.supported == ()


def test_large_steps_beside_charges_are_refused() -> None:
    """One euro of a step of a million would be within the tolerance of a solver."""
    with pytest.raises(InputError, match="grant step of at most"):
        scenario_from(
            programme(
                {"study": STUDY, "capi": {"transversal": True, "fixed": 1}}, 1, 10**7, envelope={"grant_step": 10**6}
            )
        )


def test_the_reason_for_unspent_money_counts_what_comes_beside_a_grant() -> None:
    """Of 100,000, two studies take 60,000 and 10,000 beside: the third would take 35,000 of the 30,000 left."""
    allocation = allocate(*build(with_capi(per_ptce=5_000), three()))
    assert allocation.unspent == 30_000
    [reason] = [reason.render("en") for reason in unspent_reasons(allocation)]
    assert "€35,000" in reason


def test_what_is_out_of_reach_does_not_depend_on_the_gap() -> None:
    """Payments of 40,000 at most: one study, however loose the gap; or 20,000 more to pay."""
    tables = counting(2) | {"envelope": {"payments_max": [40_000]}, "solve": {"gap": 0.9}}
    call = build(programme({"study": STUDY}, 1, **tables), three())
    assert cost(*call).status is Status.INFEASIBLE
    clash = clash_of(*call, is_sought=True)
    assert len(clash.sets[0].members) == 2
    assert [each.changes for each in clash.repairs] == [{"envelope.payments_max": [60_000]}, {"targets.t.min": 1}]


def test_an_envelope_per_region_is_smallest_with_either_solver(solver: str) -> None:
    """A solver that lets the envelope be a thousand million steps has proved one too large: both find the same, and one less fails."""
    scenario, candidates = read_call(ROOT / "scenarios" / "pole-target-50.toml", {})
    target = {"name": "t", "measure": "count", "by": ["region"], "min": 1, "only_possible": True}
    costing = cost(overridden(scenario, {"targets": [target]}), candidates, solver=solver)
    assert (costing.status, costing.envelope) == (Status.OPTIMAL, 2_844_000)
    less = overridden(costing.call.scenario, {"envelope.total": 2_843_000})
    assert allocate(less, candidates, solver=solver).status is Status.INFEASIBLE


def test_a_better_list_takes_the_place_of_an_optimum_within_its_gap() -> None:
    """With 100 M€ everybody gets all that is asked; a gap of 1e-4 would let a search end a little below the jury's list."""
    scenario, candidates = read_call(ROOT / "scenarios" / "proposition-2012-20m.toml", {"envelope.total": 100_000_000})
    allocation = allocate(scenario, candidates)
    assert allocation.status is Status.OPTIMAL
    assert allocation.value is not None
    assert allocation.value >= sum(allocation.listing.values) - 1e-6


def test_the_least_envelope_that_may_be_stated_claims_no_proof(capsys: pytest.CaptureFixture[str]) -> None:
    """Half of what is granted to studies holds when nothing is granted, so any envelope does: below the smallest grant of 20,000
    there is no scenario, and nothing was excluded."""
    volets = {"study": STUDY | {"grant": {"min": 20_000}, "tolerance": 1.0}}
    half = {"name": "t", "measure": "share", "of": "granted", "min": 0.5, "where": {"volet": "study"}}
    costing = costed(programme(volets, 1, targets=[half]))
    assert (costing.envelope, costing.is_least_stated) == (20_000, True)
    show(Terminal("en"), costing, "ptce-fund simulate")
    printed = " ".join(capsys.readouterr().out.split())
    assert "least that a scenario may state" in printed
    assert "no allocation reaches them" not in printed
    assert not costed(programme({"study": STUDY}, 1, **counting(2))).is_least_stated
