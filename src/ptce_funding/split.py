"""How settled grants are split between funders, and handed down to awards.

The split is a small transport problem over the totals of classes; what a class gets from a funder is handed down to its grants in
order, so that few grants have two funders.
"""

import numpy as np
import numpy.typing as npt

from ptce_funding.funding import Funding
from ptce_funding.money import exact, steps_down, steps_up
from ptce_funding.problem import Problem, RowBuilder, Status
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario, Solve
from ptce_funding.solvers.highs import solve

Ints = npt.NDArray[np.int64]


def split(scenario: Scenario, funding: Funding, rules: tuple[RuleRow, ...], grants: Ints) -> Ints | None:
    """Split grants between funders: as much as possible from the first funder, then from the next.

    Parameters
    ----------
    rules
        Rules; those that speak of funders bind the split.
    grants
        Grant steps of each step.

    Returns
    -------
    array or None
        Grant steps by class and funder, shape (classes, funders); None when no split keeps the rules.
    """
    totals = np.bincount(funding.step_class, weights=grants, minlength=len(funding.class_may_pay)).astype(np.int64)
    flows = np.argwhere(funding.class_may_pay)
    builder = RowBuilder()
    for c, total in enumerate(totals):
        y = np.flatnonzero(flows[:, 0] == c)
        builder.add(y, np.ones(len(y)), float(total), float(total))
    for limit in funding.limits:
        y = np.flatnonzero((flows[:, 1] == limit.funder) & limit.classes[flows[:, 0]])
        builder.add(y, np.ones(len(y)), -np.inf, float(limit.amount))
    for row in rules:
        if row.funders is None:
            continue
        of_rule = np.isin(flows[:, 0], np.unique(funding.step_class[row.steps])) & np.isin(flows[:, 1], row.funders)
        whole = scenario.envelope.total if row.rule.of == "envelope" else 1
        if row.rule.of == "granted":
            whole = int(grants.sum()) * scenario.envelope.grant_step
        step, y = scenario.envelope.grant_step, np.flatnonzero(of_rule)
        lower = -np.inf if row.minimum is None else float(steps_up(exact(row.minimum) * whole, step))
        upper = np.inf if row.maximum is None else float(steps_down(exact(row.maximum) * whole, step))
        builder.add(y, np.ones(len(y)), lower, upper)
    if not len(flows):
        return np.zeros(funding.class_may_pay.shape, dtype=np.int64)
    preference = (len(funding.names) - flows[:, 1]).astype(float)
    problem = Problem(
        objectives=(preference,),
        lower=np.zeros(len(flows)),
        upper=np.minimum(totals[flows[:, 0]], funding.amounts[flows[:, 1]]).astype(float),
        integer=np.ones(len(flows), dtype=bool),
        rows=builder.rows(),
    )
    solution = solve(problem, Solve(gap=0.0))
    if solution.x is None or solution.status is not Status.OPTIMAL:
        return None
    paid = np.zeros(funding.class_may_pay.shape, dtype=np.int64)
    paid[flows[:, 0], flows[:, 1]] = np.rint(solution.x).astype(np.int64)
    return paid


def hand_down(funding: Funding, paid: Ints, grants: Ints) -> list[tuple[int, int, int]]:
    """Return (step, funder, grant steps): each class's grants in order take what its funders pay, in order."""
    awards = []
    for c in range(len(paid)):
        left = paid[c].copy()
        f = 0
        for s in np.flatnonzero((funding.step_class == c) & (grants > 0)):
            needed = int(grants[s])
            while needed:
                if not left[f]:
                    f += 1
                    continue
                part = min(needed, int(left[f]))
                awards.append((int(s), f, part))
                left[f] -= part
                needed -= part
    return sorted(awards)
