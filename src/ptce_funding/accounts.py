"""Money by year: commitments (AE) in the year of the award or charge, payments (CP) as they fall due, what funders bring and keep.

What is paid up to a year is the exact share that is due, rounded down to whole euros, so that payments add up to the commitments.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

from ptce_funding.awards import Award, Charge
from ptce_funding.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Balance:
    """What one funder, or all together, may commit in a year and what becomes of it.

    What is brought, with what the year before carried over, is what is granted, charged, carried over and unspent.

    Parameters
    ----------
    funder
        Name; "" for all together.
    year
        A year of the horizon.
    brought
        Euros that come in; a funder that pays when one wants brings all in the first year.
    granted, charged
        Euros committed to grants, and to charges.
    carried
        Euros that may be committed later.
    unspent
        Euros that are left for good.
    """

    funder: str
    year: int
    brought: int
    granted: int
    charged: int
    carried: int
    unspent: int


def payments(scenario: Scenario, award: Award) -> dict[int, int]:
    """Return what is paid of an award each year, in euros."""
    return paid_by(tuple(accumulate(scenario.profile(award.volet))), award.year, award.grant)


def paid_by(until: Sequence[Fraction], year: int, grant: int) -> dict[int, int]:
    """Return what is paid of a grant each year, in euros.

    Parameters
    ----------
    until
        Shares that are paid up to the year of the grant and each later one.
    year, grant
        Year and euros of the grant.
    """
    parts = pairwise([0, *(share.numerator * grant // share.denominator for share in until)])
    return {year + delay: high - low for delay, (low, high) in enumerate(parts)}


def by_year(scenario: Scenario, awards: Iterable[Award], charges: Iterable[Charge] = ()) -> dict[int, tuple[int, int]]:
    """Return commitments and payments of each year, in euros, from the first year to the last payment.

    Payments are rounded down once, on what all awards and charges together have been paid until a year: they add up to the
    commitments, and a year never shows more than its exact payments rounded up.
    """
    granted: Counter[tuple[str, int]] = Counter()
    charged: Counter[tuple[int, int]] = Counter()
    for award in awards:
        granted[award.volet, award.year] += award.grant
    for charge in charges:
        charged[_duration(scenario, charge), charge.year] += charge.amount
    committed: Counter[int] = Counter()
    due: dict[int, Fraction] = defaultdict(Fraction)
    for (volet, first), euros in granted.items():
        committed[first] += euros
        for delay, part in enumerate(scenario.profile(volet)):
            due[first + delay] += part * euros
    for (parts, first), euros in charged.items():
        committed[first] += euros
        for year in range(first, first + parts):
            due[year] += Fraction(euros, parts)
    accounts, until, paid = {}, Fraction(0), 0
    for year in range(scenario.first_year, max([*scenario.horizon, *due]) + 1):
        until += due[year]
        accounts[year] = (committed[year], floor(until) - paid)
        paid = floor(until)
    return accounts


def balance(scenario: Scenario, awards: Iterable[Award], charges: Iterable[Charge] = ()) -> tuple[Balance, ...]:
    """Return the balance of each stated funder by year, then that of all together, which adds up to the envelope.

    All together bring the tranches where they are stated, else what the funders bring, and the few euros that the rounding of
    shares leaves.
    """
    grants: Counter[tuple[str, int]] = Counter()
    costs: Counter[tuple[str, int]] = Counter()
    for award in awards:
        grants[award.funder, award.year] += award.grant
    for charge in charges:
        costs[charge.funder, charge.year] += charge.amount
    total, later = scenario.envelope.total, [0] * (scenario.years - 1)
    # What no stated funder brings has the nameless one for its payer.
    amounts = {funder.name: scenario.funder_amounts[funder.name] for funder in scenario.funders}
    cut = scenario.withdrawn if scenario.tranche_shares is None else 0
    nameless = {"": total - cut - sum(amounts.values())}
    sources = {name: ([amount, *later], True) for name, amount in (amounts | nameless).items()}
    for funder in scenario.funders:
        if funder.amounts is not None:
            until = accumulate(scenario.kept(t) * amount for t, amount in enumerate(funder.amounts))
            sources[funder.name] = (_steps_of(until), scenario.envelope.carry_over)

    def lines(name: str, brought: Sequence[int], is_kept: bool, payers: Container[str]) -> list[Balance]:
        found, carried = [], 0
        for year, amount in zip(scenario.horizon, brought, strict=True):
            granted, charged = (
                sum(each for (payer, when), each in paid.items() if when == year and payer in payers)
                for paid in (grants, costs)
            )
            left = carried + amount - granted - charged
            carried = left if is_kept and year != scenario.horizon[-1] else 0
            found.append(Balance(name, year, amount, granted, charged, carried, left - carried))
        return found

    apart = [lines(name, *source, [name]) for name, source in sources.items()]
    if scenario.tranche_shares is not None:
        brought = _steps_of(share * total for share in accumulate(scenario.tranche_shares))
        together = lines("", brought, scenario.envelope.carry_over, sources)
    else:
        together = [_together(of_year) for of_year in zip(*apart, strict=True)]
    return (*(line for each in apart[:-1] for line in each), *together)


def _steps_of(until: Iterable[Fraction]) -> list[int]:
    """Return what each year adds to amounts that are rounded down to whole euros."""
    return [high - low for low, high in pairwise([0, *map(floor, until)])]


def _together(lines: Sequence[Balance]) -> Balance:
    sums = {
        field: sum(getattr(line, field) for line in lines)
        for field in ("brought", "granted", "charged", "carried", "unspent")
    }
    return Balance("", lines[0].year, **sums)


def _duration(scenario: Scenario, charge: Charge) -> int:
    """Return in how many equal parts a charge is paid: a transversal cost at once."""
    return scenario.volets[charge.volet].advantages[charge.advantage].years if charge.advantage else 1
