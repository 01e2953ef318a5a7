"""HiGHS, fed by arrays."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import highspy
import numpy as np
import numpy.typing as npt

from ptce_funding.errors import SolverError
from ptce_funding.messages import message
from ptce_funding.problem import Problem, Rows, Solution, Stage, Status
from ptce_funding.scenario import Solve

Floats = npt.NDArray[np.float64]

logger = logging.getLogger(__name__)

#: What HiGHS scales the largest coefficient of an objective to: its tolerances are absolute.
_SCALE = 100.0

#: How far an objective may fall below its optimum while later ones are maximised: rounding, not policy.
_SLACK = 1e-9


@dataclass(frozen=True)
class _Run:
    status: Status
    x: Floats | None
    bound: float | None


def solve(problem: Problem, options: Solve) -> Solution:
    """Solve a problem with HiGHS, one objective after the other.

    Raises
    ------
    SolverError
        When HiGHS reports an error.
    """
    begin = time.perf_counter()
    stages: list[Stage] = []
    x: Floats | None = None
    status = Status.OPTIMAL
    for k, objective in enumerate(problem.objectives):
        left = options.time_limit - (time.perf_counter() - begin)
        run = _run(problem, objective, options, max(left, 0.0), x)
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
        column=column,
        value=coefficients / largest,
        lower=np.array([floor]),
        upper=np.array([np.inf]),
    )


def write_model(problem: Problem, path: Path, column_names: list[str], row_names: list[str]) -> None:
    """Write a problem with its first objective as LP or MPS, by the ending of `path`.

    An MPS file minimises the negated objective: not every reader heeds its sense.

    Raises
    ------
    SolverError
        When HiGHS cannot write it.
    """
    is_mps = path.suffix == ".mps"
    model = _load(problem, problem.objectives[0], scale=-1.0 if is_mps else 1.0)
    if is_mps:
        _check(model.changeObjectiveSense(highspy.ObjSense.kMinimize))
    for position, name in enumerate(column_names):
        _check(model.passColName(position, name))
    for position, name in enumerate(row_names):
        _check(model.passRowName(position, name))
    _check(model.writeModel(str(path)))
    if not is_mps:
        # The short names of these sections are unknown to some readers, which then solve the relaxation.
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\nbin\n", "\nbinaries\n").replace("\ngen\n", "\ngenerals\n"), encoding="utf-8")


def _value(objective: Floats, x: Floats) -> float:
    return float(objective @ x)


def _worse(one: Status, other: Status) -> Status:
    return max(one, other, key=[Status.OPTIMAL, Status.FEASIBLE, Status.UNKNOWN, Status.INFEASIBLE].index)


def _run(problem: Problem, objective: Floats, options: Solve, time_limit: float, start: Floats | None) -> _Run:
    if problem.n == 0:
        is_possible = bool(((problem.rows.lower <= 0) & (problem.rows.upper >= 0)).all())
        return _Run(Status.OPTIMAL, np.zeros(0), 0.0) if is_possible else _Run(Status.INFEASIBLE, None, None)
    largest = float(np.abs(objective).max())
    scale = _SCALE / largest if largest > 0 else 1.0
    model = _load(problem, objective, scale)
    settings = {
        "mip_rel_gap": options.gap,
        "mip_abs_gap": 0.0,
        "time_limit": time_limit,
        "random_seed": options.seed,
        # One thread: what several find depends on which is first.
        "threads": 1,
        "mip_feasibility_tolerance": 1e-7,
        "primal_feasibility_tolerance": 1e-9,
        "mip_allow_restart": False,
        "mip_detect_symmetry": False,
    }
    for name, value in settings.items():
        _check(model.setOptionValue(name, value))
    if start is not None:
        warm = highspy.HighsSolution()
        warm.col_value = list(start)
        _check(model.setSolution(warm))
    model.HandleKeyboardInterrupt = True
    statuses = highspy.HighsModelStatus
    _check(model.solve())
    if model.getModelStatus() in (statuses.kSolveError, statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
        # Presolve may reduce a problem with nearly equal coefficients to one that HiGHS fails on, or takes for impossible: that no
        # allocation exists is not said on its word alone.
        _check(model.clearSolver())
        _check(model.setOptionValue("presolve", "off"))
        _check(model.solve())
    info = model.getInfo()
    outcome = model.getModelStatus()
    has_solution = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    bound = info.mip_dual_bound / scale if np.isfinite(info.mip_dual_bound) else None
    if outcome == statuses.kInterrupt:
        raise KeyboardInterrupt
    if has_solution:
        x = np.asarray(model.getSolution().col_value, dtype=float)
        x = np.where(problem.integer, np.rint(x), x)
        is_proved = outcome == statuses.kOptimal
        return _Run(Status.OPTIMAL if is_proved else Status.FEASIBLE, x, bound)
    if outcome in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
        return _Run(Status.INFEASIBLE, None, None)
    if outcome in (statuses.kTimeLimit, statuses.kSolutionLimit, statuses.kIterationLimit, statuses.kMemoryLimit):
        return _Run(Status.UNKNOWN, None, bound)
    raise SolverError(message("HiGHS stopped with: {reason}.", reason=model.modelStatusToString(outcome)))


def _load(problem: Problem, objective: Floats, scale: float) -> highspy.Highs:
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    _check(model.setOptionValue("output_flag", False))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.n, len(problem.rows)
    lp.col_cost_ = objective * scale
    lp.col_lower_, lp.col_upper_ = problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.rows.lower, problem.rows.upper
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = problem.rows.start.astype(np.int32)
    lp.a_matrix_.index_ = problem.rows.column.astype(np.int32)
    lp.a_matrix_.value_ = problem.rows.value
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(each)] for each in problem.integer]
    _check(model.passModel(lp))
    return model


def _check(status: highspy.HighsStatus | None) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError(message("HiGHS refused the problem or an option."))
