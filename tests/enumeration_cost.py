"""The smallest envelope by brute force: one total after the other, each with every allocation.

A part of `enumeration`, written from the model's text alone. With floors that are shares of the envelope, more money can make an
allocation impossible, so no total may be skipped.
"""

from collections.abc import Iterable
from typing import Any

from enumeration import best
from enumeration_charges import charges_of
from enumeration_steps import Cells, bounds_of, exact, is_admissible, step_of, step_volets, years_of


def with_total(scenario: dict[str, Any], total: int) -> dict[str, Any]:
    """Return the scenario with another envelope; funders bring shares of it."""
    assert all("share" in funder for funder in scenario.get("funders", ()))
    return scenario | {"envelope": scenario["envelope"] | {"total": total}}


def smallest_envelope(scenario: dict[str, Any], rows: list[Cells], totals: Iterable[int]) -> int | None:
    """Return the least of some totals, given upwards, for which an allocation exists; None when there is none.

    All shares are of that total. Funders state shares.
    """
    return next((total for total in totals if best(with_total(scenario, total), rows) is not None), None)


def totals_to_try(scenario: dict[str, Any], rows: list[Cells]) -> range:
    """Return whole grant steps from one to where more money no longer helps.

    Nothing beyond what all candidates could be granted and cost together is ever spent, but for the least shares of transversal
    volets, which grow with the envelope. Once the smallest share that a funder, a tranche or a rule leaves, without these, is
    enough for all of it, no limit binds any more that a larger envelope moves.
    """
    step = step_of(scenario)
    most = 0
    for row in filter(is_admissible, rows):
        for volet in step_volets(scenario):
            limits = (bounds_of(scenario, row, volet, aid) for aid in scenario["volets"][volet].get("aids") or [""])
            most += sum(limit[1] for limit in limits if limit) * step
    least_shares = {volet: each | {"min_share": 0} for volet, each in scenario["volets"].items() if "min_share" in each}
    bare = with_total(scenario | {"volets": scenario["volets"] | least_shares}, 10**12)
    first = years_of(scenario)[0]
    every = {
        str(row["id"]): tuple((volet, "", first, 1) for volet in step_volets(scenario) if not _aids(scenario, volet))
        + tuple((volet, aid, first, 1) for volet in step_volets(scenario) for aid in _aids(scenario, volet))
        for row in rows
    }
    most += sum(charges_of(bare, rows, every).values())
    shares = [exact(funder["share"]) for funder in scenario.get("funders", ())]
    shares += map(exact, scenario["envelope"].get("tranches", ()))
    shares += [
        exact(rule["max"]) for rule in scenario.get("rules", ()) if rule.get("of") == "envelope" and "max" in rule
    ]
    least = min((share for share in shares if share), default=exact(1))
    least -= sum(exact(each.get("min_share", 0)) for each in scenario["volets"].values())
    assert least > 0, "the largest total to try is not known"
    return range(step, int(most / least) + 2 * step, step)


def _aids(scenario: dict[str, Any], volet: str) -> list[str]:
    return list(scenario["volets"][volet].get("aids", ()))
