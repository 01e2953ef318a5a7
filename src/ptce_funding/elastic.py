"""How far some bounds must be bent at least, all of them in one solve: each with a column for the steps that it gives way.

A guess that saves the questions of a search step by step; what comes of it is asked for all the same (`feasibility`).
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np
import numpy.typing as npt

from ptce_funding.call import prepare
from ptce_funding.conditions import Bound
from ptce_funding.errors import ScenarioError
from ptce_funding.feasibility import Feasibility
from ptce_funding.formulation import Formulation
from ptce_funding.money import steps_down, steps_up
from ptce_funding.money_rows import GrantColumns
from ptce_funding.problem import Problem, RowBuilder, Status
from ptce_funding.rules import RuleRow
from ptce_funding.unsatisfiable import FREE, Point

Floats = npt.NDArray[np.float64]


def least_bends(question: Feasibility, point: Point, chosen: Sequence[int]) -> Point | None:
    """Return the cheapest point that differs from another in some dimensions alone and holds, as one solve finds it.

    Parameters
    ----------
    chosen
        Numbers of dimensions: the envelope, rules and targets that do not measure shares, and what can only be let go.

    Returns
    -------
    tuple or None
        None where a dimension is of another kind, or the solve ends without a proof.
    """
    dimensions = {each: question.dimensions[each] for each in chosen}
    bent = {each: one.bound for each, one in dimensions.items() if one.bound is not None}
    kinds = {each: question.demands[one.condition].kind for each, one in dimensions.items()}
    if any(
        bound.measure == "share" or kinds[each] not in ("envelope", "rule", "target") for each, bound in bent.items()
    ):
        return None
    loose = tuple(FREE if each in dimensions else steps for each, steps in enumerate(point))
    kept = frozenset(one.condition for each, one in dimensions.items() if kinds[each] in ("rule", "target"))
    is_free = question.is_sought or 0 in question.freed(loose)
    try:
        call = prepare(question.at(loose, kept), question.candidates, is_sought=is_free)
    except ScenarioError:
        return None
    is_raised = is_free and not question.is_sought
    problem = question.from_total(call) if is_raised else call.formulation.problem
    unit, seen = call.scenario.envelope.grant_step, {}
    elastic = _Elastic(problem)
    for each, bound in bent.items():
        if kinds[each] == "envelope":
            assert call.formulation.envelope is not None
            seen[each] = call.formulation.envelope
        else:
            key = question.demands[dimensions[each].condition].key
            rows = [row for row in call.formulation.rules if row.rule.name == key]
            seen[each] = elastic.add(call.formulation, bound, rows, unit)
        if seen[each] < 0:
            return None
    weights = {seen[each]: float(bound.step / max(abs(bound.value), bound.step)) for each, bound in bent.items()}
    solution = question.solved(elastic.problem(weights), is_hint=True)
    if solution.x is None or solution.status is not Status.OPTIMAL:
        return None
    found = list(loose)
    for each, bound in bent.items():
        steps = round(float(solution.x[seen[each]]))
        if kinds[each] == "envelope":
            steps = max(ceil((steps * unit - bound.value) / bound.step), 0)
        found[each] = FREE if bound.room is not None and steps >= bound.room > 0 else steps
    return tuple(found)


class _Elastic:
    """A problem to which columns for steps are added, and rows in which they count."""

    def __init__(self, problem: Problem) -> None:
        self.base, self.rows = problem, RowBuilder()
        self.upper: list[float] = []

    def add(self, formulation: Formulation, bound: Bound, rows: Sequence[RuleRow], unit: int) -> int:
        """Let a bound of a rule give way in all its groups; return the column of its steps, -1 where funders are told apart."""
        column, most = self.base.n + len(self.upper), 0.0
        for row in rows:
            if bound.is_floor and row.minimum is None:
                continue  # nobody in the group can be funded
            measured = _measured(formulation, row)
            if measured is None:
                return -1
            limit = float(bound.value)
            if row.is_money:
                limit = float(steps_up(bound.value, unit) if bound.is_floor else steps_down(bound.value, unit))
            columns = np.flatnonzero(measured)
            sums = measured[columns] * self.base.upper[columns]
            sign = 1.0 if bound.is_floor else -1.0
            lower, upper = (limit, np.inf) if bound.is_floor else (-np.inf, limit)
            self.rows.add(np.append(columns, column), np.append(measured[columns], sign), lower, upper)
            reach = limit - sums[sums < 0].sum() if bound.is_floor else sums[sums > 0].sum() - limit
            most = max(most, float(ceil(max(reach, 0.0))))
        self.upper.append(most)
        return column

    def problem(self, weights: dict[int, float]) -> Problem:
        """Return the problem that loosens least, by weights of columns."""
        n = len(self.upper)
        objective = np.zeros(self.base.n + n)
        for column, weight in weights.items():
            objective[column] = -weight
        wider = replace(
            self.base,
            objectives=(objective,),
            lower=np.append(self.base.lower, np.zeros(n)),
            upper=np.append(self.base.upper, self.upper),
            integer=np.append(self.base.integer, np.ones(n, dtype=bool)),
        )
        return wider.with_rows(self.rows.rows())


def _measured(formulation: Formulation, row: RuleRow) -> Floats | None:
    """Return what a rule measures as coefficients of the columns, money in grant steps; None where funders are told apart."""
    measured = np.zeros(formulation.problem.n)
    if not row.is_money:
        measured[row.plans] = row.weights
    elif row.funders is None:
        columns, values = GrantColumns(formulation.steps, formulation.plans).money(row.steps)
        np.add.at(measured, columns, values)
    else:
        return None
    return measured
