"""Solvers: a problem in, a solution out.

`SOLVERS` names those of this package; any other name is asked of PuLP by the gateway.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ptce_funding.problem import Problem, Solution
from ptce_funding.scenario import Solve
from ptce_funding.solver_names import AUTO

#: Columns from which on a problem is decomposed: below, HiGHS is as fast with the whole.
LARGE = 1_500


class Solver(Protocol):
    """Takes a problem, the options of the scenario and perhaps prices of its rows to begin with; raises SolverError when it fails."""

    def __call__(self, problem: Problem, options: Solve, prices: npt.NDArray[np.float64] | None = None, /) -> Solution:
        """Solve a problem."""


def _auto() -> Solver:
    def solve(problem: Problem, options: Solve, prices: npt.NDArray[np.float64] | None = None, /) -> Solution:
        chosen = _decomposition if is_decomposed(AUTO, problem) else _highs
        return chosen()(problem, options, prices)

    return solve


def _highs() -> Solver:
    from ptce_funding.solvers.highs import solve

    return solve


def _decomposition() -> Solver:
    from ptce_funding.solvers.decomposition import solve

    return solve


def _pulp(name: str) -> Solver:
    from ptce_funding.solvers.gateway import solver

    return solver(name)


SOLVERS: dict[str, Callable[[], Solver]] = {
    AUTO: _auto,
    "highs": _highs,
    "decomposition": _decomposition,
    "cbc": lambda: _pulp("PULP_CBC_CMD"),
}


def is_decomposed(name: str, problem: Problem) -> bool:
    """Return whether a solver decomposes a problem, and so may begin with prices."""
    return problem.blocks is not None and (name == "decomposition" or (name == AUTO and problem.n >= LARGE))


def get_solver(name: str) -> Solver:
    """Return a solver by its name.

    Raises
    ------
    ScenarioError
        When neither this package nor PuLP knows it, or it is not installed.
    """
    return SOLVERS[name]() if name in SOLVERS else _pulp(name)
