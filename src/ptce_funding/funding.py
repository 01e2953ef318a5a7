"""Who may pay what: funders, and the classes of steps and charges that the same funders may pay.

Whether grants can be paid depends only on their totals by class. Every limit is a share of the envelope, so that the envelope may
itself be sought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.charges import ChargeGroup, charge_groups
from ptce_funding.money import exact, steps_down
from ptce_funding.plans import Plans
from ptce_funding.rules import RuleRow, steps_having
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FunderLimit:
    """What one funder may pay to some classes together.

    Parameters
    ----------
    name
        Funder, with the years where the limit is of some.
    funder
        Position of the funder.
    classes
        Which classes count, shape (classes,).
    share
        Share of the envelope.
    stated
        Number of amounts in euros that the share stands for; zero where the share itself is stated.
    """

    name: str
    funder: int
    classes: Bools
    share: Fraction
    stated: int = 0


@dataclass(frozen=True)
class Funding:
    """Who may pay which steps and charges.

    Parameters
    ----------
    names
        Funders; one nameless funder when the scenario states none.
    shares
        Share of the envelope that each brings.
    step_class
        Class of each step: steps that the same funders may pay, told apart further only where a rule speaks of funders.
    charges
        Charges; each is a class of its own, after those of the steps.
    class_may_pay
        Shape (classes, funders).
    is_split
        Whether funders must be told apart: they differ in what they may pay or when, or a rule measures their money.
    limits
        What each funder may pay to which classes together.
    """

    names: tuple[str, ...]
    shares: tuple[Fraction, ...]
    step_class: Ints
    charges: tuple[ChargeGroup, ...]
    class_may_pay: Bools
    is_split: bool
    limits: tuple[FunderLimit, ...]

    @property
    def first_charge(self) -> int:
        """Class of the first charge: the number of classes of steps."""
        return len(self.class_may_pay) - len(self.charges)


def funder_shares(scenario: Scenario) -> tuple[Fraction, ...]:
    """Return the share of the envelope that each funder brings; the whole where none is stated."""
    if not scenario.funders:
        return (Fraction(1),)
    total = scenario.envelope.total
    return tuple(
        exact(funder.share) if funder.share is not None else Fraction(amount, total)
        for funder, amount in zip(scenario.funders, scenario.funder_amounts.values(), strict=True)
    )


def yearly_shares(scenario: Scenario, f: int) -> tuple[Fraction, ...] | None:
    """Return the share of the envelope that a funder brings each year, cuts taken off; None where it does not tell years apart."""
    amounts = scenario.funders[f].amounts if scenario.funders else None
    if amounts is None:
        return None
    return tuple(scenario.kept(t) * amount / scenario.envelope.total for t, amount in enumerate(amounts))


def year_limits(scenario: Scenario, shares: Sequence[Fraction]) -> list[tuple[tuple[int, ...], Fraction]]:
    """Return sets of years and the share of the envelope that shares by year allow them together, by the scenario's carry-over."""
    years = tuple(scenario.horizon)
    limits = []
    for t in range(len(years)):
        spent = slice(0, t + 1) if scenario.envelope.carry_over else slice(t, t + 1)
        limits.append((years[spent], sum(shares[spent], Fraction(0))))
    return limits


def tranche_limits(scenario: Scenario) -> list[tuple[tuple[int, ...], Fraction]]:
    """Return sets of years and the share of the envelope that they may commit together, unless that is all of it in all years."""
    shares = scenario.tranche_shares
    if shares is None:
        return []
    return [limit for limit in year_limits(scenario, shares) if len(limit[0]) < scenario.years or limit[1] < 1]


def in_steps(scenario: Scenario, share: Fraction) -> int:
    """Return how many whole grant steps a share of the envelope makes."""
    return steps_down(share * scenario.envelope.total, scenario.envelope.grant_step)


def payable(scenario: Scenario, candidates: Candidates, steps: Steps) -> tuple[Ints, Bools]:
    """Return the most that anybody could pay to each step, were it alone, in grant steps; and whether there is anything at all.

    That is what the funders that may pay it bring until its year, within the tranches until then.
    """
    most, is_any = np.zeros(len(steps), dtype=np.int64), np.zeros(len(steps), dtype=bool)
    may_pay = _may_pay(scenario, candidates, steps)
    for f, share in enumerate(funder_shares(scenario)):
        yearly = yearly_shares(scenario, f)
        spans = [(tuple(scenario.horizon), share)] if yearly is None else year_limits(scenario, yearly)
        for years, part in spans:
            is_paid = may_pay[:, f] & ((steps.year == years[-1]) | (yearly is None))
            most += is_paid * in_steps(scenario, part)
            is_any |= is_paid & (part > 0)
    if scenario.tranche_shares is not None:
        for years, part in year_limits(scenario, scenario.tranche_shares):
            is_last = steps.year == years[-1]
            most = np.where(is_last, np.minimum(most, in_steps(scenario, part)), most)
            is_any &= ~is_last | (part > 0)
    return most, is_any


def _may_pay(scenario: Scenario, candidates: Candidates, steps: Steps) -> Bools:
    may_pay = np.ones((len(steps), max(len(scenario.funders), 1)), dtype=bool)
    for f, funder in enumerate(scenario.funders):
        may_pay[:, f] = steps_having(candidates, steps, funder.pays)
    return may_pay


def funding_of(
    scenario: Scenario, candidates: Candidates, steps: Steps, plans: Plans, rules: list[RuleRow], is_sought: bool
) -> Funding:
    """Return who may pay which steps and charges, and their classes.

    Parameters
    ----------
    is_sought
        Whether the envelope is sought: several funders are then told apart, for each pays whole grant steps of its share.
    """
    may_pay = _may_pay(scenario, candidates, steps)
    told_apart = [row for row in rules if row.funders is not None]
    signature = [*may_pay.T]
    for row in told_apart:
        is_member = np.zeros(len(steps), dtype=bool)
        is_member[row.steps] = True
        signature.append(is_member)
    is_yearly = any(funder.amounts is not None for funder in scenario.funders)
    if is_yearly:
        signature += [steps.year == year for year in scenario.horizon]
    step_class = np.zeros(len(steps), dtype=np.int64)
    for is_so in signature:
        # In the order of the signatures, the first of them first.
        step_class = _ranked(2 * step_class + is_so)
    # The first step of each class: what is written last stays.
    first = np.zeros(int(step_class.max(initial=-1)) + 1, dtype=np.int64)
    first[step_class[::-1]] = np.arange(len(steps))[::-1]
    charges = charge_groups(scenario, candidates, steps, plans, may_pay)
    class_may_pay = np.vstack([may_pay[first], *(group.may_pay[None, :] for group in charges)])
    class_year = np.concatenate([steps.year[first], [group.year for group in charges]])
    names = tuple(funder.name for funder in scenario.funders) or ("",)
    return Funding(
        names=names,
        shares=funder_shares(scenario),
        step_class=step_class,
        charges=charges,
        class_may_pay=class_may_pay,
        is_split=is_yearly or bool(told_apart) or not bool(class_may_pay.all()) or (is_sought and len(names) > 1),
        limits=_limits(scenario, names, class_year),
    )


def _ranked(numbers: Ints) -> Ints:
    """Return small numbers, none of them negative, counted anew without gaps."""
    is_there = np.bincount(numbers) > 0
    return (np.cumsum(is_there) - 1)[numbers]


def _limits(scenario: Scenario, names: tuple[str, ...], class_year: Ints) -> tuple[FunderLimit, ...]:
    limits = []
    everything = np.ones(len(class_year), dtype=bool)
    for f, (name, share) in enumerate(zip(names, funder_shares(scenario), strict=True)):
        yearly = yearly_shares(scenario, f)
        if yearly is None:
            is_stated = bool(scenario.funders) and scenario.funders[f].share is None
            limits.append(FunderLimit(name, f, everything, share, int(is_stated)))
            continue
        for years, part in year_limits(scenario, yearly):
            label = f"{name}:{years[0]}-{years[-1]}"
            limits.append(FunderLimit(label, f, np.isin(class_year, years), part, len(years)))
    return tuple(limits)


def payment_limits(scenario: Scenario) -> list[tuple[int, int]]:
    """Return the years whose payments have a ceiling, and the ceiling in euros."""
    stated = scenario.envelope.payments_max or ()
    return [(scenario.first_year + t, most) for t, most in enumerate(stated)]


def payments_in(scenario: Scenario, steps: Steps, year: int) -> list[tuple[Ints, Fraction]]:
    """Return steps of which a share is paid in a year, with that share."""
    found = []
    for v, name in enumerate(steps.volets):
        for delay, share in enumerate(scenario.profile(name)):
            chosen = np.flatnonzero((steps.volet == v) & (steps.year == year - delay))
            if share and len(chosen):
                found.append((chosen, share))
    return found


def charges_paid_in(funding: Funding, year: int) -> list[tuple[int, Fraction]]:
    """Return the charges of which a share is paid in a year, by position, with that share."""
    found = []
    for j, group in enumerate(funding.charges):
        delay = year - group.year
        if 0 <= delay < len(group.payments) and group.payments[delay]:
            found.append((j, group.payments[delay]))
    return found
