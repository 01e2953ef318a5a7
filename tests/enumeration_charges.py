"""What the envelope pays beside grants, by brute force: transversal volets, and advantages that are charged inside.

A part of `enumeration`, written from the model's text alone. All amounts are whole euros.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from enumeration_steps import Cells, Line, Way, exact, listed, years_of

#: Candidate, volet, advantage and year of a charge; candidate and advantage are "" for a transversal volet.
ChargeKey = tuple[str, str, str, int]


class Gain(NamedTuple):
    """An advantage of one candidate: the step that brings it, its name and cost, the years over which it is paid."""

    line: Line
    name: str
    euros: int
    years: int
    is_inside: bool


def transversal_volets(scenario: dict[str, Any]) -> list[str]:
    """Return the volets that serve the whole scheme."""
    return [name for name, volet in scenario["volets"].items() if volet.get("transversal")]


def has_charges(scenario: dict[str, Any]) -> bool:
    """Say whether anything but grants may be paid from the envelope."""
    return bool(transversal_volets(scenario)) or any(
        each.get("charged") == "inside"
        for volet in scenario["volets"].values()
        for each in volet.get("advantages", {}).values()
    )


# ----------------------------------------------------------------------------------------------------- transversal volets


def transversal_cost(scenario: dict[str, Any], name: str, number: int) -> int:
    """Return what a transversal volet costs when so many candidates are supported."""
    volet, total = scenario["volets"][name], scenario["envelope"]["total"]
    cost = volet.get("fixed", 0) + volet.get("per_ptce", 0) * number
    if "min_share" in volet:
        cost = max(cost, ceil(exact(volet["min_share"]) * total))
    if "max_share" in volet:
        cost = min(cost, floor(exact(volet["max_share"]) * total))
    return cost


def transversal_parts(scenario: dict[str, Any], name: str, number: int) -> list[int]:
    """Return the part of each year of the horizon: until each year the whole euros of its share of the cost."""
    years = len(years_of(scenario))
    stated = scenario["volets"][name].get("payments")
    profile = [Fraction(1, years)] * years if stated is None else [*map(exact, stated)]
    cost, until, parts = transversal_cost(scenario, name, number), Fraction(0), []
    for t in range(years):
        before = floor(until * cost)
        until += profile[t] if t < len(profile) else 0
        parts.append(floor(until * cost) - before)
    return parts


def transversal_by_number(
    scenario: dict[str, Any], most: int, chosen: Callable[[str, int], bool] = lambda name, year: True
) -> tuple[int, ...]:
    """Return, for each number of supported candidates up to the most, the euros of all parts of some volets and years.

    Parameters
    ----------
    chosen
        Says of a volet and a year whether the part counts.
    """
    years = years_of(scenario)
    return tuple(
        sum(
            part
            for name in transversal_volets(scenario)
            for year, part in zip(years, transversal_parts(scenario, name, number), strict=True)
            if chosen(name, year)
        )
        for number in range(most + 1)
    )


def pays_transversal(pays: dict[str, Any], volet: str, year: int) -> bool:
    """Say whether a funder may pay a part of a transversal volet: nothing but volet and year is asked, and both are accepted."""
    own = {"volet": volet, "year": year}
    return all(column in own and own[column] in listed(values) for column, values in pays.items())


# ------------------------------------------------------------------------------------------------------------- advantages


def gains_of(scenario: dict[str, Any], row: Cells, way: Way) -> list[Gain]:
    """Return the advantages that a candidate gets with its steps: once for each volet, whatever its aids."""
    found = []
    for name, volet in scenario["volets"].items():
        lines = [line for line in way if line[0] == name]
        if not lines:
            continue
        order = list(volet.get("aids") or [""])
        first = min(lines, key=lambda line: order.index(line[1]))
        for key, terms in volet.get("advantages", {}).items():
            years = terms.get("years", 1)
            cost = Fraction(years)
            for what in ("firms", "jobs", "euros"):
                stated = terms.get(what, 1)
                cost *= exact((row.get(stated) or 0) if isinstance(stated, str) else stated)
            found.append(Gain(first, key, ceil(cost), years, terms.get("charged") == "inside"))
    return found


def charged_gains(scenario: dict[str, Any], row: Cells, way: Way) -> list[Gain]:
    """Return the advantages that the envelope pays."""
    return [gain for gain in gains_of(scenario, row, way) if gain.is_inside]


def paid_in(gain: Gain, year: int) -> Fraction:
    """Return what is paid of an advantage in a year: equal parts from the year of its step."""
    return Fraction(gain.euros, gain.years) if 0 <= year - gain.line[2] < gain.years else Fraction(0)


# ------------------------------------------------------------------------------------------------------------ all together


def charges_of(scenario: dict[str, Any], rows: Iterable[Cells], lines: Mapping[str, Way]) -> dict[ChargeKey, int]:
    """Return the euros of every charge of an allocation.

    Parameters
    ----------
    lines
        What each supported candidate gets.
    """
    found: dict[ChargeKey, int] = {}
    supported = [id_ for id_, way in lines.items() if way]
    for name in transversal_volets(scenario):
        for year, part in zip(years_of(scenario), transversal_parts(scenario, name, len(supported)), strict=True):
            found["", name, "", year] = part
    for row in rows:
        for gain in charged_gains(scenario, row, lines.get(str(row["id"]), ())):
            found[str(row["id"]), gain.line[0], gain.name, gain.line[2]] = gain.euros
    return {key: euros for key, euros in found.items() if euros}
