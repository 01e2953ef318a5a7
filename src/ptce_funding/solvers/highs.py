"""HiGHS, fed by arrays."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import numpy.typing as npt

from ptce_funding.errors import SolverError
from ptce_funding.messages import message
from ptce_funding.problem import Problem, Solution, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers.stages import Run, in_turn

Floats = npt.NDArray[np.float64]

#: What HiGHS scales the largest coefficient of an objective to: its tolerances are absolute.
_SCALE = 100.0


def solve(problem: Problem, options: Solve, prices: Floats | None = None, /) -> Solution:
    """Solve a problem whole with HiGHS, one objective after the other.

    Parameters
    ----------
    prices
        Of no use to it.

    Raises
    ------
    SolverError
        When HiGHS reports an error.
    """

    def attempt(problem: Problem, objective: Floats, time_limit: float, start: Floats | None) -> Run:
        return run(problem, objective, options, time_limit, start)

    return replace(in_turn(problem, options, attempt), solver="highs")


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
        check(model.changeObjectiveSense(highspy.ObjSense.kMinimize))
    for position, name in enumerate(column_names):
        check(model.passColName(position, name))
    for position, name in enumerate(row_names):
        check(model.passRowName(position, name))
    check(model.writeModel(str(path)))
    if not is_mps:
        # The short names of these sections are unknown to some readers, which then solve the relaxation.
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\nbin\n", "\nbinaries\n").replace("\ngen\n", "\ngenerals\n"), encoding="utf-8")


def run(
    problem: Problem,
    objective: Floats,
    options: Solve,
    time_limit: float,
    start: Floats | None = None,
    offset: float = 0.0,
    target: float | None = None,
    settings: Mapping[str, bool | float] | None = None,
) -> Run:
    """Maximise one objective with HiGHS.

    Parameters
    ----------
    time_limit
        Seconds.
    start
        Columns of a solution known already.
    offset
        What is added to the objective, and so counts in its relative gap.
    target
        Value, `offset` included, at which the search may stop.
    settings
        Further options of HiGHS.

    Raises
    ------
    SolverError
        When HiGHS reports an error.
    """
    if problem.n == 0:
        is_possible = bool(((problem.rows.lower <= 0) & (problem.rows.upper >= 0)).all())
        return Run(Status.OPTIMAL, np.zeros(0), 0.0) if is_possible else Run(Status.INFEASIBLE, None, None)
    largest = float(np.abs(objective).max())
    scale = _SCALE / largest if largest > 0 else 1.0
    model = _load(problem, objective, scale, offset)
    chosen: dict[str, bool | float] = {
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
        # What finds a first solution early only costs where the search goes on to the optimum.
        "mip_heuristic_run_feasibility_jump": options.gap > 0,
        **(settings or {}),
    }
    if target is not None:
        chosen["objective_target"] = target * scale
    for name, value in chosen.items():
        check(model.setOptionValue(name, value))
    if start is not None:
        warm = highspy.HighsSolution()
        warm.col_value = list(start)
        check(model.setSolution(warm))
    model.HandleKeyboardInterrupt = True
    deadline = time.perf_counter() + time_limit
    statuses = highspy.HighsModelStatus
    _solve(model)
    if model.getModelStatus() in (statuses.kSolveError, statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
        # Presolve may reduce a problem with nearly equal coefficients to one that HiGHS fails on, or takes for impossible: that no
        # allocation exists is not said on its word alone.
        check(model.clearSolver())
        check(model.setOptionValue("presolve", "off"))
        check(model.setOptionValue("time_limit", max(deadline - time.perf_counter(), 0.0)))
        _solve(model)
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
        return Run(Status.OPTIMAL if is_proved else Status.FEASIBLE, x, bound)
    if outcome in (statuses.kInfeasible, statuses.kUnboundedOrInfeasible):
        return Run(Status.INFEASIBLE, None, None)
    if outcome in (statuses.kTimeLimit, statuses.kSolutionLimit, statuses.kIterationLimit, statuses.kMemoryLimit):
        return Run(Status.UNKNOWN, None, bound)
    raise SolverError(message("HiGHS stopped with: {reason}.", reason=model.modelStatusToString(outcome)))


def _solve(model: highspy.Highs) -> None:
    """Run HiGHS; Ctrl-C is passed on as soon as it has stopped. Its own way of waiting would print on standard output."""
    model.startSolve()
    try:
        while True:
            is_done, status = model.wait(0.1)
            if is_done:
                break
    except KeyboardInterrupt:
        model.cancelSolve()  # type: ignore[no-untyped-call]
        while not model.wait(0.1)[0]:
            pass
        raise
    check(status)


def _load(problem: Problem, objective: Floats, scale: float, offset: float = 0.0) -> highspy.Highs:
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    check(model.setOptionValue("output_flag", False))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = problem.n, len(problem.rows)
    lp.col_cost_ = objective * scale
    lp.offset_ = offset * scale
    lp.col_lower_, lp.col_upper_ = problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.rows.lower, problem.rows.upper
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = problem.rows.start.astype(np.int32)
    lp.a_matrix_.index_ = problem.rows.column.astype(np.int32)
    lp.a_matrix_.value_ = problem.rows.value
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(each)] for each in problem.integer]
    check(model.passModel(lp))
    return model


def check(status: highspy.HighsStatus | None) -> None:
    """Raise SolverError where HiGHS says that something went wrong."""
    if status == highspy.HighsStatus.kError:
        raise SolverError(message("HiGHS refused the problem or an option."))
