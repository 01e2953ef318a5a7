"""Why targets cannot be reached, however large the envelope.

A deletion filter: of all conditions that are stated, those are kept without which the targets could be reached. What is left cannot
hold together, and can as soon as any one of it goes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import conditions
from ptce_funding.formulation import Formulation
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.money_rows import GrantColumns
from ptce_funding.problem import Problem, Solution, Status
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario, Solve

Solver = Callable[[Problem, Solve], Solution]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A target that the other rules leave out of reach, even alone.

    Parameters
    ----------
    name
        The target and its group, in words.
    measure
        `amount`, `count` or a column.
    wanted, reachable
        What it asks for, and the most that can be reached.
    candidates
        Number of candidates that could count.
    """

    name: Message
    measure: str
    wanted: Fraction
    reachable: Fraction
    candidates: int


@dataclass(frozen=True)
class Clash:
    """Conditions that cannot hold together.

    Parameters
    ----------
    members
        The conditions, in words; without any one of them the others can hold. Empty where that could not be settled in time.
    shortfalls
        Targets that are out of reach even alone.
    """

    members: tuple[Message, ...]
    shortfalls: tuple[Shortfall, ...]


def clash_of(scenario: Scenario, candidates: Candidates, solver: Solver) -> Clash:
    """Return why no envelope reaches the targets of a scenario."""
    return Clash(_minimal(scenario, candidates, solver), _shortfalls(scenario, candidates, solver))


def _minimal(scenario: Scenario, candidates: Candidates, solver: Solver) -> tuple[Message, ...]:
    kept = []
    for condition in conditions(scenario):
        freed = condition.without(scenario)
        status = _feasible(freed, candidates, solver)
        if status is Status.UNKNOWN:
            return ()
        if status is Status.INFEASIBLE:
            scenario = freed
        else:
            kept.append(condition.name)
    return tuple(kept)


def _feasible(scenario: Scenario, candidates: Candidates, solver: Solver) -> Status:
    """Return whether some envelope has an allocation."""
    call = prepare(scenario, candidates, is_sought=True)
    if call.impossible:
        return Status.INFEASIBLE
    problem = call.formulation.problem
    anything = replace(problem, objectives=(np.zeros(problem.n),))
    return solver(anything, scenario.solve).status


def _shortfalls(scenario: Scenario, candidates: Candidates, solver: Solver) -> tuple[Shortfall, ...]:
    found = []
    for target in scenario.targets:
        if target.measure == "share":
            continue
        free = scenario.model_copy(update={"targets": (target.model_copy(update={"min": 0.0}),)})
        call = prepare(free, candidates, is_sought=True)
        for row in call.formulation.rules:
            if row.rule.name != target.name or row.minimum is None or call.impossible:
                continue
            wanted, reachable = exact(target.min or 0), _most(call, row, solver)
            if reachable is not None and reachable < wanted:
                counted = len(np.unique(call.formulation.steps.candidate[row.steps]))
                name = message("the target “{target}”", target=target.title or target.name)
                if row.group:
                    values = [value for _, value in row.group]
                    name = message(
                        "the target “{target}” ({group:list})", target=target.title or target.name, group=values
                    )
                found.append(Shortfall(name, target.measure, wanted, reachable, counted))
    return tuple(found)


def _most(call: Call, row: RuleRow, solver: Solver) -> Fraction | None:
    """Return the most that a rule's measure can come to; None where that is not settled in time."""
    formulation, unit = call.formulation, call.scenario.envelope.grant_step
    objective = _measured(formulation, row)
    if objective is None:
        return None
    options = call.scenario.solve.model_copy(update={"gap": 0.0})
    solution = solver(replace(formulation.problem, objectives=(objective,)), options)
    if solution.x is None or solution.status is not Status.OPTIMAL:
        return None
    if row.is_money:
        return Fraction(round(float(objective @ solution.x))) * unit
    chosen = solution.x[row.plans] > 0.5
    return sum((exact(weight) for weight in row.weights[chosen].tolist()), Fraction(0))


def _measured(formulation: Formulation, row: RuleRow) -> npt.NDArray[np.float64] | None:
    objective = np.zeros(formulation.problem.n)
    if not row.is_money:
        objective[row.plans] = row.weights
    elif row.funders is None:
        columns, values = GrantColumns(formulation.steps, formulation.plans).money(row.steps)
        np.add.at(objective, columns, values)
    else:
        return None
    return objective
