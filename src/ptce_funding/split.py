"""How settled grants are split between funders, and handed down to awards.

The split is a small transport problem over the totals of classes; what a class gets from a funder is handed down to its grants in
order, so that few grants have two funders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from ptce_funding.funding import Funding, charges_paid_in, payment_limits, payments_in, tranche_limits
from ptce_funding.money import exact, steps_down, steps_up
from ptce_funding.problem import Problem, RowBuilder, Status
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario, Solve
from ptce_funding.solvers.highs import solve
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Owed:
    """What a settled allocation owes beside its grants.

    Parameters
    ----------
    costs
        Euros of each transversal volet, by name.
    advantages
        Euros of each charge that is an advantage, by its position among the charges.
    """

    costs: Mapping[str, int]
    advantages: Mapping[int, int]


def split(
    scenario: Scenario,
    funding: Funding,
    steps: Steps,
    rules: tuple[RuleRow, ...],
    grants: Ints,
    owed: Owed,
    is_bound: bool = True,
) -> Ints | None:
    """Split grants and charges between funders: as much as possible from the first funder, then from the next.

    Of a transversal volet, each year bears its share of the cost, to the next whole euro up or down; later years the odd euros, where
    nothing stands against it.

    Parameters
    ----------
    rules
        Rules; those that speak of funders bind the split.
    grants
        Grant steps of each step.
    is_bound
        Whether what funders, tranches and payments allow binds the split, and not only who may pay.

    Returns
    -------
    array or None
        What each class gets from each funder, shape (classes, funders): grant steps for classes of steps, euros for charges; None
        when no split keeps the rules.
    """
    step, total = scenario.envelope.grant_step, scenario.envelope.total
    flows = np.argwhere(funding.class_may_pay)
    if not len(flows):
        return np.zeros(funding.class_may_pay.shape, dtype=np.int64)
    is_charge = flows[:, 0] >= funding.first_charge
    weight = np.where(is_charge, 1.0 / step, 1.0)  # grant steps of one unit
    totals = np.bincount(funding.step_class, weights=grants, minlength=funding.first_charge).astype(np.int64)
    builder = RowBuilder()
    for c in range(len(funding.class_may_pay)):
        y = np.flatnonzero(flows[:, 0] == c)
        least, most = (totals[c], totals[c]) if c < funding.first_charge else _due(funding, c, owed)
        builder.add(y, np.ones(len(y)), float(least), float(most))
    for name, cost in owed.costs.items():
        own = [j for j, group in enumerate(funding.charges) if group.volet == name and group.share]
        y = np.flatnonzero(np.isin(flows[:, 0], [funding.first_charge + j for j in own]))
        builder.add(y, np.ones(len(y)), float(cost), float(cost))
    for limit in funding.limits if is_bound else ():
        y = np.flatnonzero((flows[:, 1] == limit.funder) & limit.classes[flows[:, 0]])
        euros = floor(limit.share * total)
        builder.add(y, weight[y], -np.inf, float(Fraction(euros, step) if is_charge[y].any() else euros // step))
    if funding.charges and is_bound:
        _year_rows(scenario, funding, steps, grants, builder, flows)
    for row in rules:
        if row.funders is None:
            continue
        of_rule = np.isin(flows[:, 0], np.unique(funding.step_class[row.steps])) & np.isin(flows[:, 1], row.funders)
        whole = total if row.rule.of == "envelope" else 1
        if row.rule.of == "granted":
            whole = int(grants.sum()) * step
        y = np.flatnonzero(of_rule)
        lower = -np.inf if row.minimum is None else float(steps_up(exact(row.minimum) * whole, step))
        upper = np.inf if row.maximum is None else float(steps_down(exact(row.maximum) * whole, step))
        builder.add(y, np.ones(len(y)), lower, upper)
    largest = np.concatenate(
        [totals, [_due(funding, c, owed)[1] for c in range(len(totals), len(funding.class_may_pay))]]
    )
    late = np.array([0] * funding.first_charge + [group.year - scenario.first_year for group in funding.charges])
    preference = ((len(funding.names) - flows[:, 1]) * weight).astype(float)
    lateness = (late[flows[:, 0]] * weight).astype(float)
    problem = Problem(
        objectives=(preference, lateness) if funding.charges else (preference,),
        lower=np.zeros(len(flows)),
        upper=largest[flows[:, 0]].astype(float),
        integer=np.ones(len(flows), dtype=bool),
        rows=builder.rows(),
    )
    solution = solve(problem, Solve(gap=0.0))
    if solution.x is None or solution.status is not Status.OPTIMAL:
        return None
    paid = np.zeros(funding.class_may_pay.shape, dtype=np.int64)
    paid[flows[:, 0], flows[:, 1]] = np.rint(solution.x).astype(np.int64)
    return paid


def _due(funding: Funding, c: int, owed: Owed) -> tuple[int, int]:
    """Return the least and largest number of euros that a charge comes to."""
    j = c - funding.first_charge
    group = funding.charges[j]
    if not group.share:
        return owed.advantages[j], owed.advantages[j]
    due = group.share * owed.costs[group.volet]
    return floor(due), ceil(due)


def _year_rows(
    scenario: Scenario, funding: Funding, steps: Steps, grants: Ints, builder: RowBuilder, flows: Ints
) -> None:
    """Odd euros of charges stay within the tranches and payments of their years."""
    step, total = scenario.envelope.grant_step, scenario.envelope.total
    charge_of = flows[:, 0] - funding.first_charge
    years = np.array([0] * funding.first_charge + [group.year for group in funding.charges])
    for span, share in tranche_limits(scenario):
        granted = int(grants[np.isin(steps.year, span)].sum()) * step
        y = np.flatnonzero(np.isin(years[flows[:, 0]], span))
        builder.add(y, np.ones(len(y)), -np.inf, float(floor(share * total) - granted))
    for year, most in payment_limits(scenario):
        due = sum(
            (int(grants[chosen].sum()) * step * share for chosen, share in payments_in(scenario, steps, year)),
            Fraction(0),
        )
        paying = dict(charges_paid_in(funding, year))
        y = np.flatnonzero(np.isin(charge_of, list(paying)))
        weights = np.array([float(paying[j]) for j in charge_of[y].tolist()])
        builder.add(y, weights, -np.inf, float(most - due))


def hand_down(funding: Funding, paid: Ints, grants: Ints) -> list[tuple[int, int, int]]:
    """Return (step, funder, grant steps): each class's grants in order take what its funders pay, in order."""
    funded = np.flatnonzero(grants > 0)
    awards = []
    for c in np.unique(funding.step_class[funded]).tolist():
        own = funded[funding.step_class[funded] == c]
        awards += served(list(zip(own.tolist(), grants[own].tolist(), strict=True)), paid[c])
    return sorted(awards)


def served(needs: list[tuple[int, int]], paid: Ints) -> list[tuple[int, int, int]]:
    """Return (position, funder, part): needs in order take what the funders pay, in order."""
    left, f, parts = paid.tolist(), 0, []
    for position, needed in needs:
        while needed:
            if not left[f]:
                f += 1
                continue
            part = min(needed, left[f])
            parts.append((position, f, part))
            left[f] -= part
            needed -= part
    return parts
