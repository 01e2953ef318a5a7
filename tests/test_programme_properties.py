"""What holds of every programme over several years, with its charges and targets."""

import random
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case
from cases_charges import charge_case
from ptce_funding.accounts import balance, by_year, payments
from ptce_funding.problem import Status
from test_properties import is_as_good, solved, value, without_shares_of_the_envelope

quick = settings(max_examples=80, deadline=None, derandomize=True)


def programmes() -> st.SearchStrategy[Case]:
    return st.integers(0, 10**6).map(lambda seed: charge_case(seed, largest=1_000))


def with_the_envelope_a_limit(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return a programme of which nothing that must be spent or reached grows with the envelope."""
    scenario = deepcopy(scenario)
    for funder in scenario["funders"]:
        funder.pop("amounts", None)
    scenario = without_shares_of_the_envelope(scenario)
    scenario["targets"] = [target for target in scenario["targets"] if target.get("of") != "envelope"]
    for volet in scenario["volets"].values():
        volet.pop("max_share", None)
        if volet.pop("min_share", None) is not None:
            volet["fixed"] = volet.get("fixed") or 12_000
    return scenario


@quick
@given(programmes(), st.integers(1, 90_000))
def test_more_money_never_hurts(one: Case, more: int) -> None:
    """Transversal volets and advantages cost what they did, and all that is a limit grows."""
    scenario = with_the_envelope_a_limit(one[0])
    larger = deepcopy(scenario)
    larger["envelope"]["total"] += more
    assert is_as_good(value(solved((larger, one[1]))), value(solved((scenario, one[1]))))


@quick
@given(programmes(), st.randoms(use_true_random=False))
def test_one_condition_less_never_hurts(one: Case, rng: random.Random) -> None:
    """A rule, a target, a link, a transversal volet or an advantage that the envelope pays."""
    scenario, rows = one
    freer = deepcopy(scenario)
    listed = [(part, number) for part in ("rules", "targets", "links") for number in range(len(scenario[part]))]
    charged = [("volets", name) for name, volet in scenario["volets"].items() if volet.get("transversal")]
    opened = [
        (name, advantage)
        for name, volet in scenario["volets"].items()
        for advantage in volet.get("advantages", {})
        if volet["advantages"][advantage].get("charged") == "inside"
    ]
    if not listed + charged + opened:
        return
    chosen = rng.choice([*listed, *charged, *opened])
    if chosen in listed:
        freer[chosen[0]].pop(chosen[1])
    elif chosen in charged:
        freer["volets"].pop(chosen[1])
        for funder in freer["funders"]:
            if chosen[1] in _listed(funder.get("pays", {}).get("volet", [])):
                return  # it would be named without being there
    else:
        freer["volets"][chosen[0]]["advantages"][chosen[1]]["charged"] = "outside"
    assert is_as_good(value(solved((freer, rows))), value(solved((scenario, rows))))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


@quick
@given(programmes(), st.sampled_from([None, 0.34, 1 / 3, 1.0]))
def test_the_money_closes(one: Case, cut: float | None) -> None:
    """To the euro, also where a year is cut: the envelope, what each funder brings, each year, and payments against commitments."""
    stated = deepcopy(one[0])
    if cut and (stated["envelope"].get("tranches") or any("amounts" in funder for funder in stated["funders"])):
        stated["envelope"]["cuts"] = [0.0] * (stated["years"] - 1) + [cut]
    allocation = solved((stated, one[1]))
    if not allocation.has_allocation:
        return
    scenario, awards, charges = allocation.call.scenario, allocation.awards, allocation.charges
    total = scenario.envelope.total
    spent = sum(award.grant for award in awards) + sum(charge.amount for charge in charges)
    assert spent + scenario.withdrawn + allocation.unspent == total
    lines = balance(scenario, awards, charges)
    for funder in {line.funder for line in lines}:
        own = [line for line in lines if line.funder == funder]
        carried = 0
        for line in own:
            assert carried + line.brought == line.granted + line.charged + line.carried + line.unspent
            assert min(line.carried, line.unspent) >= 0
            carried = line.carried
        assert carried == 0
        paid = sum(award.grant for award in awards if funder in ("", award.funder))
        assert sum(line.granted for line in own) == paid
        assert sum(line.charged for line in own) == sum(
            charge.amount for charge in charges if funder in ("", charge.funder)
        )
    together = [line for line in lines if line.funder == ""]
    assert sum(line.brought for line in together) == total - scenario.withdrawn
    assert sum(line.unspent for line in together) == allocation.unspent
    accounts = by_year(scenario, awards, charges)
    committed = {year: each[0] for year, each in accounts.items() if each[0]}
    expected: dict[int, int] = {}
    for line in (*awards, *charges):
        amount = line.grant if hasattr(line, "grant") else line.amount
        expected[line.year] = expected.get(line.year, 0) + amount
    assert committed == {year: amount for year, amount in expected.items() if amount}
    assert sum(each[1] for each in accounts.values()) == sum(each[0] for each in accounts.values())
    assert all(sum(payments(scenario, award).values()) == award.grant for award in awards)


def test_the_cases_are_not_all_impossible() -> None:
    """Properties of allocations that do not exist would hold of anything."""
    found = [solved(charge_case(seed, largest=1_000)) for seed in range(60)]
    assert sum(each.status is Status.OPTIMAL for each in found) >= 30
    assert sum(bool(each.charges) for each in found) >= 20
