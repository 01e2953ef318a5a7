"""Money by year: commitments (AE) in the year of the award, payments (CP) by the volet's profile.

What is paid up to a year is the profile's share of the grant, rounded down to whole euros, so that payments add up to the grant.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from math import floor

from ptce_funding.awards import Award
from ptce_funding.money import exact
from ptce_funding.scenario import Scenario


def payments(scenario: Scenario, award: Award) -> dict[int, int]:
    """Return what is paid of an award each year, in euros."""
    paid, share, by_year = 0, Fraction(0), {}
    for delay, part in enumerate(scenario.volets[award.volet].payments):
        share += exact(part)
        due = floor(share * award.grant)
        by_year[award.year + delay] = due - paid
        paid = due
    return by_year


def by_year(scenario: Scenario, awards: Iterable[Award]) -> dict[int, tuple[int, int]]:
    """Return commitments and payments of each year, in euros, from the first year to the last payment."""
    committed: dict[int, int] = defaultdict(int)
    paid: dict[int, int] = defaultdict(int)
    for award in awards:
        committed[award.year] += award.grant
        for year, amount in payments(scenario, award).items():
            paid[year] += amount
    last = max([*scenario.horizon, *paid])
    return {year: (committed[year], paid[year]) for year in range(scenario.first_year, last + 1)}
