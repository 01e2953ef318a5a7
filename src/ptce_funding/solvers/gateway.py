"""The door to other solvers: a problem handed to PuLP.

PuLP builds row by row and passes on neither bounds nor all reasons for stopping. A solver that claims an optimum within the gap
is taken at its word for the bound; at a limit no bound is known.
"""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pulp

from ptce_funding.errors import Fault, Place, ScenarioError, SolverError
from ptce_funding.messages import message, nearest
from ptce_funding.problem import Problem, Solution, Stage, Status
from ptce_funding.scenario import Solve
from ptce_funding.solver_names import NAMES
from ptce_funding.solvers.stages import at_least

Floats = npt.NDArray[np.float64]

#: What the largest coefficient of an objective is scaled to: solvers' tolerances are absolute.
_SCALE = 100.0


def known_solvers() -> list[str]:
    """Return the names of the solvers that PuLP can speak to, installed or not."""
    return sorted(set(pulp.listSolvers()))


def installed_solvers() -> list[str]:
    """Return the names of the solvers that PuLP finds here."""
    return sorted(set(pulp.listSolvers(onlyAvailable=True)))


def solver(name: str) -> Callable[..., Solution]:
    """Return the solver that PuLP calls `name`.

    Raises
    ------
    ScenarioError
        When PuLP does not know it or does not find it.
    """
    by_folded = {each.casefold(): each for each in known_solvers()}
    found = by_folded.get(name.casefold())
    place = Place(path="solve.solver")
    if found is None:
        known = [*NAMES, *installed_solvers()]
        text = message("There is no solver “{name}”. Here there are: {known:list}.", name=name, known=known)
        raise ScenarioError([Fault(place, text, nearest(name, [*known, *by_folded.values()]))])
    if found not in installed_solvers():
        known = [*NAMES, *installed_solvers()]
        text = message("The solver “{name}” is not installed. Here there are: {known:list}.", name=name, known=known)
        raise ScenarioError([Fault(place, text)])

    def solve(problem: Problem, options: Solve, prices: npt.NDArray[np.float64] | None = None, /) -> Solution:
        # No solver behind PuLP begins with prices.
        return _solve(found, problem, options)

    return solve


def _solve(name: str, problem: Problem, options: Solve) -> Solution:
    begin = time.perf_counter()
    stages: list[Stage] = []
    status, x = Status.OPTIMAL, None
    for objective in problem.objectives:
        left = max(options.time_limit - (time.perf_counter() - begin), 1.0)
        # A later objective may be worth next to nothing, of which no share is ever proved: what counts is the whole.
        absolute = options.gap * sum(abs(stage.value or 0.0) for stage in stages)
        outcome, found = _run(name, problem, objective, options, left, absolute)
        if found is None:
            if x is None:
                return Solution(outcome, None, (*stages, Stage(None, None)), time.perf_counter() - begin)
            stages.append(Stage(float(objective @ x), None))
            status = Status.FEASIBLE
            continue
        x = found
        value = float(objective @ x)
        bound = value + max(options.gap * abs(value), absolute) if outcome is Status.OPTIMAL else None
        stages.append(Stage(value, bound))
        status = Status.FEASIBLE if Status.FEASIBLE in (status, outcome) else status
        problem = problem.with_rows(at_least(objective, value))
    return Solution(status, x, tuple(stages), time.perf_counter() - begin)


def _run(
    name: str, problem: Problem, objective: Floats, options: Solve, time_limit: float, absolute: float
) -> tuple[Status, Floats | None]:
    if problem.n == 0:
        is_possible = bool(((problem.rows.lower <= 0) & (problem.rows.upper >= 0)).all())
        return (Status.OPTIMAL, np.zeros(0)) if is_possible else (Status.INFEASIBLE, None)
    largest = float(np.abs(objective).max())
    scale = _SCALE / largest if largest > 0 else 1.0
    model, columns = _model(problem, objective * scale)
    settings: dict[str, Any] = {"msg": False, "timeLimit": time_limit, "gapRel": options.gap}
    if name in ("PULP_CBC_CMD", "COIN_CMD"):
        settings |= {
            "gapAbs": absolute * scale,
            "options": [f"randomCbcSeed {options.seed + 1}", "primalTolerance 1e-9"],
            "threads": None,
        }
    try:
        with warnings.catch_warnings():
            # PuLP 3 announces that version 4 no longer bundles CBC; the project holds to version 3 for that reason.
            warnings.simplefilter("ignore", DeprecationWarning)
            model.solve(pulp.getSolver(name, **settings))
    except pulp.PulpSolverError as error:
        raise SolverError(message("{solver} failed: {reason}.", solver=name, reason=str(error))) from error
    if model.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        x = np.array([column.varValue or 0.0 for column in columns])
        x = np.where(problem.integer, np.rint(x), x)
        within_limit = model.solutionTime is None or model.solutionTime < time_limit
        is_proved = model.sol_status == pulp.LpSolutionOptimal and within_limit
        return Status.OPTIMAL if is_proved else Status.FEASIBLE, x
    if model.sol_status == pulp.LpSolutionInfeasible or model.status == pulp.LpStatusInfeasible:
        return Status.INFEASIBLE, None
    return Status.UNKNOWN, None


def _model(problem: Problem, objective: Floats) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    model = pulp.LpProblem("ptce_fund", pulp.LpMaximize)
    columns = [
        model.add_variable(
            f"c{j}", problem.lower[j], problem.upper[j], "Integer" if problem.integer[j] else "Continuous"
        )
        for j in range(problem.n)
    ]
    model.setObjective(pulp.LpAffineExpression([(columns[j], objective[j]) for j in np.flatnonzero(objective)]))
    rows = problem.rows
    for r in range(len(rows)):
        entries = slice(rows.start[r], rows.start[r + 1])
        row = pulp.LpAffineExpression(
            [(columns[j], value) for j, value in zip(rows.column[entries], rows.value[entries], strict=True)]
        )
        lower, upper = rows.lower[r], rows.upper[r]
        if rows.start[r] == rows.start[r + 1]:
            if lower > 0 or upper < 0:
                # An empty row that cannot hold: PuLP drops it, so it is stated over a column fixed at zero.
                row = pulp.LpAffineExpression([(model.add_variable(f"zero{r}", 0, 0), 1.0)])
            else:
                continue
        if lower == upper:
            model += row == lower
            continue
        if np.isfinite(lower):
            model += row >= lower
        if np.isfinite(upper):
            model += row <= upper
    return model, columns
