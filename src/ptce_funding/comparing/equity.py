"""How evenly money falls on regions, by their inhabitants."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ptce_funding.comparing.entries import Document
from ptce_funding.geography import inhabitants, region_in


@dataclass(frozen=True)
class Equity:
    """How money falls on the regions of one map.

    Parameters
    ----------
    gini
        From 0, the same for every inhabitant, towards 1, all to the fewest; None where nothing is granted in them.
    without
        Regions in which nothing is granted, in alphabetical order; None where nobody funded can be placed.
    granted
        Euros by region, those with nothing included, in alphabetical order.
    elsewhere
        Euros whose region or department the table does not state, or not in words that the map knows.
    """

    gini: float | None
    without: tuple[str, ...] | None
    granted: Mapping[str, int]
    elsewhere: int


def equity(document: Document, year: int) -> Equity:
    """Return how the grants of a result fall on the regions of the map in force in a year, those with nothing included."""
    people = inhabitants(year)
    granted, elsewhere = Counter[str](), 0
    for each in document["candidates"]:
        if each["grant"]:
            region = region_in(each["region"], each["department"], year)
            if region is None:
                elsewhere += each["grant"]
            else:
                granted[region] += each["grant"]
    is_known = granted.total() > 0 or not elsewhere
    without = tuple(region for region in people if not granted[region]) if is_known else None
    return Equity(gini(granted, people), without, {region: granted[region] for region in people}, elsewhere)


def gini(amounts: Mapping[str, int], people: Mapping[str, int]) -> float | None:
    """Return the Gini coefficient of amounts over people who share those of their group evenly; None where there is no amount.

    Twice the area between the Lorenz curve and the diagonal, the groups in the order of what a head gets.
    """
    money, heads = sum(amounts.values()), sum(people.values())
    if not money or not heads:
        return None
    order = sorted(people, key=lambda group: (Fraction(amounts.get(group, 0), people[group]), group))
    below, area = 0, 0
    for group in order:
        above = below + amounts.get(group, 0)
        area += people[group] * (below + above)
        below = above
    return float(1 - Fraction(area, heads * money))
