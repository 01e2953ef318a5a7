"""What one candidate alone may get, by brute force: the ways to serve it.

A part of `enumeration`, written from the model's text alone.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, product
from math import ceil, floor
from typing import Any, NamedTuple

Cells = dict[str, Any]
#: What one step gets: volet, aid, year and grant in grant steps.
Line = tuple[str, str, int, int]
Way = tuple[Line, ...]
#: The grants that a step may get, of its scenario, candidate, line and limits.
Grants = Callable[[dict[str, Any], Cells, Line, tuple[int, int]], range]

MONEY = ("cost", "ask", "local", "public", "own")
TERMS = ("grant", "rate", "rate_bonus", "public_cap", "tolerance", "local_min", "local_required")


class Payer(NamedTuple):
    """A funder: what it may pay, and what it brings over all years or in each."""

    name: str
    pays: dict[str, Any]
    brings: Fraction
    by_year: list[int] | None


@cache
def exact(number: float) -> Fraction:
    """Return the decimal that was written; one of many decimals stands for the simple fraction beside it."""
    written = Fraction(str(number))
    return written if written * 10**6 % 1 == 0 else written.limit_denominator(10_000)


def step_of(scenario: dict[str, Any]) -> int:
    """Return the grant step in euros."""
    return int(scenario["envelope"].get("grant_step", 1000))


def years_of(scenario: dict[str, Any]) -> list[int]:
    """Return the years in which money may be committed."""
    return [scenario["first_year"] + t for t in range(scenario.get("years", 1))]


def step_volets(scenario: dict[str, Any]) -> list[str]:
    """Return the volets that candidates enter: all but the transversal ones."""
    return [name for name, volet in scenario["volets"].items() if not volet.get("transversal")]


def listed(values: Any) -> list[Any]:
    """Return one or several values as a list."""
    return list(values) if isinstance(values, list | tuple) else [values]


def cell_of(row: Cells, column: str) -> Any:
    """Return a cell, "" for a blank."""
    value = row.get(column)
    return "" if value is None else value


def meets(row: Cells, line: Line, condition: dict[str, Any]) -> bool:
    """Say whether a step meets a condition, the funder left aside."""
    own = {"volet": line[0], "aid": line[1], "year": line[2]}
    return all(
        own.get(column, cell_of(row, column)) in listed(values)
        for column, values in condition.items()
        if column != "funder"
    )


# ---------------------------------------------------------------------------------------------------------------- money


def payers_of(scenario: dict[str, Any]) -> list[Payer]:
    """Return the funders; one nameless funder when none is stated."""
    total, found = scenario["envelope"]["total"], []
    for funder in scenario.get("funders", ()):
        by_year = list(funder["amounts"]) if "amounts" in funder else None
        if by_year is not None:
            brings = Fraction(sum(by_year))
        else:
            brings = Fraction(funder["amount"]) if "amount" in funder else exact(funder["share"]) * total
        found.append(Payer(funder["name"], funder.get("pays", {}), brings, by_year))
    return found or [Payer("", {}, Fraction(total), None)]


def spans_of(scenario: dict[str, Any]) -> list[range]:
    """Return which years share their money, as positions: those up to each year, or each year alone without carry-over."""
    n = scenario.get("years", 1)
    return [range(0 if scenario["envelope"].get("carry_over", True) else t, t + 1) for t in range(n)]


def has_money(scenario: dict[str, Any], row: Cells, line: Line) -> bool:
    """Say whether somebody who may pay a step brings a euro until its year, and the tranches let some be committed."""
    span = spans_of(scenario)[line[2] - scenario["first_year"]]
    tranches = scenario["envelope"].get("tranches")
    if tranches and not sum(tranches[year] for year in span):
        return False
    return any(
        meets(row, line, payer.pays)
        and (payer.brings if payer.by_year is None else sum(payer.by_year[year] for year in span)) > 0
        for payer in payers_of(scenario)
    )


def paid_at_most(scenario: dict[str, Any], row: Cells, line: Line) -> int:
    """Return the grant steps that could go to a step if it were the only one."""
    step, t = step_of(scenario), line[2] - scenario["first_year"]
    span = spans_of(scenario)[t]
    most = 0
    for payer in payers_of(scenario):
        if meets(row, line, payer.pays):
            euros = payer.brings if payer.by_year is None else sum(payer.by_year[year] for year in span)
            most += floor(euros / step)
    tranches = scenario["envelope"].get("tranches")
    if tranches:
        most = min(most, floor(sum(exact(tranches[year]) for year in span) * scenario["envelope"]["total"] / step))
    return most


# ------------------------------------------------------------------------------------------------------------- one step


def terms_of(scenario: dict[str, Any], volet: str, aid: str) -> dict[str, Any]:
    """Return the terms of a volet or, inside it, of an aid."""
    stated = {
        "grant": {},
        "rate": 1.0,
        "rate_bonus": {},
        "public_cap": 1.0,
        "tolerance": 0.0,
        "local_min": 0.0,
        "local_required": False,
    }
    whole = scenario["volets"][volet]
    stated |= {key: whole[key] for key in TERMS if key in whole}
    if aid:
        stated |= {key: whole["aids"][aid][key] for key in TERMS if key in whole["aids"][aid]}
    return stated


def amounts(scenario: dict[str, Any], row: Cells, volet: str, aid: str) -> dict[str, int]:
    """Return cost, ask and co-financing of a candidate for a volet and aid: the most specific column that there is."""
    if "unit_cost" in scenario["volets"][volet]:
        cost = scenario["volets"][volet]["unit_cost"]
        return {"cost": cost, "ask": cost, "local": 0, "public": 0, "own": 0}
    names = [f"{volet}.{aid}."] if aid else [f"{volet}.", ""]
    if aid and scenario["volets"][volet].get("aids_mode") != "both":
        names += [f"{volet}.", ""]
    found = {}
    for what in MONEY:
        found[what] = next((int(row[name + what] or 0) for name in names if name + what in row), 0)
    return found


def bounds_of(scenario: dict[str, Any], row: Cells, volet: str, aid: str) -> tuple[int, int] | None:
    """Return the least and largest grant in grant steps, or None when no grant fits; who may enter is left aside."""
    step = step_of(scenario)
    terms, money = terms_of(scenario, volet, aid), amounts(scenario, row, volet, aid)
    cost, ask, local, public, own = (money[what] for what in MONEY)
    if ask <= 0:
        return None
    if local < exact(terms["local_min"]) * cost or (terms["local_required"] and local < 1):
        return None
    rate = exact(terms["rate"]) + sum(
        exact(bonus) for flag, bonus in terms["rate_bonus"].items() if row.get(flag) is True
    )
    most = [
        Fraction(ask),
        min(rate, Fraction(1)) * cost,
        exact(terms["public_cap"]) * cost - local - public,
        Fraction(cost - local - public - own),
    ]
    if "max" in terms["grant"]:
        most.append(Fraction(terms["grant"]["max"]))
    closing = (1 - exact(terms["tolerance"])) * cost - local - public - own
    ceiling = floor(min(most) / step)
    least = max(ceil(Fraction(terms["grant"].get("min", 0)) / step), floor(closing / step), 1)
    return (least, ceiling) if least <= ceiling else None


# ------------------------------------------------------------------------------------------------------------ all steps


def is_admissible(row: Cells) -> bool:
    """Say whether a candidate meets the criteria."""
    return bool(row.get("_admissible", True))


def may_follow(scenario: dict[str, Any], row: Cells, way: Way) -> bool:
    """Say whether each step is open to the phase or opened by one that has ended early enough, and the sum is not too large."""
    most = scenario["envelope"].get("candidate_max")
    if most is not None and sum(line[3] for line in way) * step_of(scenario) > most:
        return False
    return all(_is_open(scenario["volets"], row, way, volet, year) for volet, _, year, _ in way)


def _is_open(volets: dict[str, Any], row: Cells, way: Way, volet: str, year: int) -> bool:
    own = volets[volet]
    if row["phase"] in own.get("phases", ()):
        return True
    ends = [start + volets[other].get("duration", 1) for other, _, start, _ in way if other in own.get("after", ())]
    return any(end + own.get("lag", 0) <= year for end in ends)


def ways_of(scenario: dict[str, Any], row: Cells) -> list[Way]:
    """Return every way to serve a candidate: nothing first, then each plan with each grant."""
    return _plans(scenario, row, _payable_grants)


def possible_lines(scenario: dict[str, Any], row: Cells) -> set[Line]:
    """Return the steps that a candidate could get were there money enough, each with its least grant.

    A step of some plan whose steps all have a grant between floor and ceiling and somebody who brings money for them. How much
    money does not matter.
    """
    return set(chain.from_iterable(_plans(scenario, row, _least_grant)))


def _plans(scenario: dict[str, Any], row: Cells, grants: Grants) -> list[Way]:
    decisions = scenario.get("decisions", ())
    is_rejected = any(each["candidate"] == row["id"] and each["decision"] == "reject" for each in decisions)
    if not is_admissible(row) or is_rejected:
        return [()]
    by_volet = [_ways_of_volet(scenario, row, volet, grants) for volet in step_volets(scenario)]
    together = (tuple(chain.from_iterable(each)) for each in product(*by_volet))
    return [way for way in together if may_follow(scenario, row, way)]


def _payable_grants(scenario: dict[str, Any], row: Cells, line: Line, limits: tuple[int, int]) -> range:
    """Return the grants of a step that its payers could pay if it were the only one."""
    return range(limits[0], min(limits[1], paid_at_most(scenario, row, line)) + 1)


def _least_grant(scenario: dict[str, Any], row: Cells, line: Line, limits: tuple[int, int]) -> range:
    """Return the least grant of a step if anybody brings any money for it."""
    return range(limits[0], limits[0] + int(has_money(scenario, row, line)))


def _ways_of_volet(scenario: dict[str, Any], row: Cells, volet: str, grants: Grants) -> list[Way]:
    whole = scenario["volets"][volet]
    aids = list(whole.get("aids") or [""])
    together = [(aid,) for aid in aids]
    if whole.get("aids_mode") == "both":
        together = [tuple(each) for size in range(1, len(aids) + 1) for each in combinations(aids, size)]
    found: list[Way] = [()]
    for chosen in together:
        limits = [bounds_of(scenario, row, volet, aid) for aid in chosen]
        if any(each is None for each in limits):
            continue
        for year in years_of(scenario):
            ranges = [
                grants(scenario, row, (volet, aid, year, 0), each)
                for aid, each in zip(chosen, filter(None, limits), strict=True)
            ]
            found += [
                tuple((volet, aid, year, grant) for aid, grant in zip(chosen, given, strict=True))
                for given in product(*ranges)
            ]
    return found
