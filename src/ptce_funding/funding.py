"""Who may pay what: funders, and the classes of steps that the same funders may pay.

Whether grants can be paid depends only on their totals by class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.money import exact, steps_down
from ptce_funding.parts import as_tuple
from ptce_funding.rules import RuleRow, step_columns
from ptce_funding.scenario import Scenario
from ptce_funding.selection import matches
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]


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
    amount
        Whole grant steps.
    """

    name: str
    funder: int
    classes: npt.NDArray[np.bool_]
    amount: int


@dataclass(frozen=True)
class Funding:
    """Who may pay which steps.

    Parameters
    ----------
    names
        Funders; one nameless funder when the scenario states none.
    amounts
        What each brings, in whole grant steps.
    step_class
        Class of each step: steps that the same funders may pay, told apart further only where a rule speaks of funders.
    class_may_pay
        Shape (classes, funders).
    is_split
        Whether funders must be told apart: they differ in what they may pay or when, or a rule measures their money.
    limits
        What each funder may pay to which classes together.
    """

    names: tuple[str, ...]
    amounts: Ints
    step_class: Ints
    class_may_pay: npt.NDArray[np.bool_]
    is_split: bool
    limits: tuple[FunderLimit, ...]


def payable(scenario: Scenario, candidates: Candidates, steps: Steps) -> Ints:
    """Return the most that anybody could pay to each step, were it alone, in grant steps.

    That is what the funders that may pay it bring until its year, within the tranches until then.
    """
    columns, step = step_columns(candidates, steps), scenario.envelope.grant_step
    most = np.zeros(len(steps), dtype=np.int64)
    for f, amount in enumerate(scenario.funder_amounts.values()):
        may_pay = np.ones(len(steps), dtype=bool)
        yearly = None
        if scenario.funders:
            yearly = scenario.funders[f].amounts
            for column, accepted in scenario.funders[f].pays.items():
                may_pay &= matches(columns(column), as_tuple(accepted))
        if yearly is None:
            most += may_pay * steps_down(amount, step)
        else:
            for years, limit in year_limits(scenario, yearly):
                most += (may_pay & (steps.year == years[-1])) * limit
    if scenario.envelope.tranches is not None:
        shares = [exact(share) * scenario.envelope.total for share in scenario.envelope.tranches]
        for years, limit in year_limits(scenario, shares):
            most = np.where(steps.year == years[-1], np.minimum(most, limit), most)
    return most


def funding_of(scenario: Scenario, candidates: Candidates, steps: Steps, rules: list[RuleRow]) -> Funding:
    """Return who may pay which steps, and the classes of steps."""
    columns = step_columns(candidates, steps)
    amounts = scenario.funder_amounts
    may_pay = np.ones((len(steps), len(amounts)), dtype=bool)
    for f, funder in enumerate(scenario.funders):
        for column, accepted in funder.pays.items():
            may_pay[:, f] &= matches(columns(column), as_tuple(accepted))
    told_apart = [row for row in rules if row.funders is not None]
    signature = [may_pay]
    for row in told_apart:
        is_member = np.zeros((len(steps), 1), dtype=bool)
        is_member[row.steps] = True
        signature.append(is_member)
    is_yearly = any(funder.amounts is not None for funder in scenario.funders)
    if is_yearly:
        signature += [(steps.year == year)[:, None] for year in scenario.horizon]
    keys = np.hstack(signature)
    _, first, step_class = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    step = scenario.envelope.grant_step
    in_steps = np.array([steps_down(amount, step) for amount in amounts.values()], dtype=np.int64)
    is_split = is_yearly or bool(told_apart) or not bool(may_pay.all())
    limits = _limits(scenario, tuple(amounts), in_steps, steps.year[first])
    return Funding(tuple(amounts), in_steps, step_class.ravel().astype(np.int64), may_pay[first], is_split, limits)


def year_limits(scenario: Scenario, amounts: Sequence[Fraction | int]) -> list[tuple[tuple[int, ...], int]]:
    """Return sets of years and the grant steps that amounts by year allow them together, by the scenario's carry-over."""
    years, step = tuple(scenario.horizon), scenario.envelope.grant_step
    limits = []
    for t in range(len(years)):
        spent = slice(0, t + 1) if scenario.envelope.carry_over else slice(t, t + 1)
        limits.append((years[spent], steps_down(sum(amounts[spent], Fraction(0)), step)))
    return limits


def _limits(scenario: Scenario, names: tuple[str, ...], in_steps: Ints, class_year: Ints) -> tuple[FunderLimit, ...]:
    limits = []
    everything = np.ones(len(class_year), dtype=bool)
    for f, name in enumerate(names):
        yearly = scenario.funders[f].amounts if scenario.funders else None
        if yearly is None:
            limits.append(FunderLimit(name, f, everything, int(in_steps[f])))
            continue
        for years, amount in year_limits(scenario, yearly):
            label = f"{name}:{years[0]}-{years[-1]}"
            limits.append(FunderLimit(label, f, np.isin(class_year, years), amount))
    return tuple(limits)
