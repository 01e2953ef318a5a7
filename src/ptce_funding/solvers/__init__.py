"""Solvers: a problem in, a solution out.

`SOLVERS` names those of this package; any other name is asked of PuLP by the gateway.
"""

from collections.abc import Callable

from ptce_funding.problem import Problem, Solution
from ptce_funding.scenario import Solve

#: A solver takes a problem and the options of the scenario. It raises SolverError when it fails.
Solver = Callable[[Problem, Solve], Solution]


def _highs() -> Solver:
    from ptce_funding.solvers.highs import solve

    return solve


def _pulp(name: str) -> Solver:
    from ptce_funding.solvers.gateway import solver

    return solver(name)


SOLVERS: dict[str, Callable[[], Solver]] = {"highs": _highs, "cbc": lambda: _pulp("PULP_CBC_CMD")}


def get_solver(name: str) -> Solver:
    """Return a solver by its name.

    Raises
    ------
    ScenarioError
        When neither this package nor PuLP knows it, or it is not installed.
    """
    return SOLVERS[name]() if name in SOLVERS else _pulp(name)
