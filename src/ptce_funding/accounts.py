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
    """Return commitments and payments of each year, in euros, from the first year to the last payment.

    Payments are rounded down once, on what all awards together have been paid until a year: they add up to the commitments, and a
    year never shows more than its exact payments rounded up.
    """
    committed: dict[int, int] = defaultdict(int)
    due: dict[int, Fraction] = defaultdict(Fraction)
    for award in awards:
        committed[award.year] += award.grant
        for delay, part in enumerate(scenario.volets[award.volet].payments):
            due[award.year + delay] += exact(part) * award.grant
    accounts, until, paid = {}, Fraction(0), 0
    for year in range(scenario.first_year, max([*scenario.horizon, *due]) + 1):
        until += due[year]
        accounts[year] = (committed[year], floor(until) - paid)
        paid = floor(until)
    return accounts
