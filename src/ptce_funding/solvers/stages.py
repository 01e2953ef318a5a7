"""Objectives in turn: what one solver does for one objective, made into a solver for all of them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptce_funding.problem import Problem, Rows, Solution, Stage, Status
from ptce_funding.scenario import Solve

Floats = npt.NDArray[np.float64]

logger = logging.getLogger(__name__)

#: How far an objective may fall below its optimum while later ones are maximised: rounding, not policy.
_SLACK = 1e-9


@dataclass(frozen=True)
class Run:
    """How the solve of one objective ended.

    Parameters
    ----------
    status
        What was proved.
    x
        Value of each column; None without a solution.
    bound
        Proved upper bound; None when none is known.
    """

    status: Status
    x: Floats | None
    bound: float | None


#: Maximises one objective of a problem within the seconds given, from a solution known already, if there is one.
Attempt = Callable[[Problem, Floats, float, Floats | None], Run]


def in_turn(problem: Problem, options: Solve, attempt: Attempt) -> Solution:
    """Maximise one objective after the other, each without lowering the earlier ones."""
    begin = time.perf_counter()
    stages: list[Stage] = []
    x: Floats | None = None
    status = Status.OPTIMAL
    for k, objective in enumerate(problem.objectives):
        left = options.time_limit - (time.perf_counter() - begin)
        run = attempt(problem, objective, max(left, 0.0), x)
        status = _worse(status, run.status)
        if run.x is None:
            # Without an answer to a later objective, the answer to the earlier ones stands, unproved for this one.
            stages.append(Stage(None if x is None else _value(objective, x), run.bound))
            status = run.status if x is None else Status.FEASIBLE
            if x is None:
                break
            continue
        x = run.x
        value = _value(objective, x)
        stages.append(Stage(value, None if run.bound is None else max(run.bound, value)))
        logger.info("objective %d: value %.9g, bound %s", k + 1, value, run.bound)
        if k + 1 < len(problem.objectives):
            problem = problem.with_rows(at_least(objective, value))
    return Solution(status, x, tuple(stages), time.perf_counter() - begin)


def at_least(objective: Floats, value: float) -> Rows:
    """Return the row that keeps an objective at its value."""
    column = np.flatnonzero(objective)
    coefficients = objective[column]
    largest = float(np.abs(coefficients).max(initial=0.0)) or 1.0
    floor = (value - _SLACK * max(abs(value), largest)) / largest
    return Rows(
        start=np.array([0, len(column)]),
        column=column.astype(np.int32),
        value=coefficients / largest,
        lower=np.array([floor]),
        upper=np.array([np.inf]),
    )


def _value(objective: Floats, x: Floats) -> float:
    return float(objective @ x)


def _worse(one: Status, other: Status) -> Status:
    return max(one, other, key=[Status.OPTIMAL, Status.FEASIBLE, Status.UNKNOWN, Status.INFEASIBLE].index)
