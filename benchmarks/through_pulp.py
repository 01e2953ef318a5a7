"""A model solved through PuLP, with the bound that the solver proved, which PuLP itself does not hand on."""

import math
import re
import tempfile
import time
import warnings
from pathlib import Path

import highspy
import pulp

from ptce_funding.problem import Status


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS, in a thread so that Ctrl-C reaches it."""

    def callSolver(self, lp: pulp.LpProblem) -> None:
        lp.solverModel.HandleKeyboardInterrupt = True
        lp.solverModel.solve()
        if lp.solverModel.getModelStatus() == highspy.HighsModelStatus.kInterrupt:
            raise KeyboardInterrupt


def run(lp: pulp.LpProblem, solver: str, limit: float, gap: float, seed: int) -> tuple[Status, float | None]:
    """Maximise by `highs` or `cbc`; return how that ended, and the proved upper bound where the solver told one."""
    begin, settings = time.perf_counter(), {"msg": False, "timeLimit": limit, "gapRel": gap}
    is_stopped = False
    if solver == "highs":
        lp.solve(_Highs(random_seed=seed, **settings))
        bound = -lp.solverModel.getInfo().mip_dual_bound  # PuLP hands HiGHS the negative, to minimise
    else:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            # PuLP 3 announces that version 4 no longer bundles CBC.
            warnings.simplefilter("ignore", DeprecationWarning)
            log = Path(folder) / "cbc.log"
            cbc = pulp.PULP_CBC_CMD(options=[f"randomCbcSeed {seed + 1}"], logPath=str(log), **settings)
            cbc.tmpDir = folder  # what an interrupt leaves goes with it
            lp.solve(cbc)
            text = log.read_text(encoding="utf-8", errors="replace")
        bound = cbc_bound(text)
        # CBC calls optimal what it holds when its time is over.
        is_stopped = "Result - Stopped" in text or time.perf_counter() - begin >= limit
    status = _status(lp, is_stopped)
    is_known = math.isfinite(bound) and status in (Status.OPTIMAL, Status.FEASIBLE)
    return status, bound if is_known else None


def cbc_bound(log: str) -> float:
    """Return the upper bound in what CBC says of a solve: the objective itself where it had nothing left to search."""
    figures = {
        name: float(number)
        for name, number in re.findall(r"^(Objective value|Upper bound): +(\S+)", log, flags=re.MULTILINE)
    }
    is_searched = re.search(r"^Result - Optimal solution found\s*$", log, flags=re.MULTILINE) is not None
    return figures.get("Upper bound", figures.get("Objective value", math.inf) if is_searched else math.inf)


def _status(lp: pulp.LpProblem, is_stopped: bool) -> Status:
    if lp.sol_status == pulp.LpSolutionOptimal and not is_stopped:
        return Status.OPTIMAL
    if lp.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Status.FEASIBLE
    is_infeasible = lp.sol_status == pulp.LpSolutionInfeasible or lp.status == pulp.LpStatusInfeasible
    return Status.INFEASIBLE if is_infeasible else Status.UNKNOWN
