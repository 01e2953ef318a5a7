"""What HiGHS says is not taken on one word."""

import numpy as np

from ptce_funding.problem import Problem, RowBuilder, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers.highs import solve


def test_infeasibility_is_confirmed_without_presolve() -> None:
    """One of three, whose cost of 0.36 is below 0.7517: with the cost stated twice, presolve of HiGHS 1.15.1 finds nothing."""
    rows = RowBuilder()
    rows.add(np.array([0, 1, 2]), np.ones(3), 1.0, 1.0)
    for _ in range(2):
        rows.add(np.array([0, 1, 2, 3]), np.array([0.36, 1.0811, 2.0418, -1.0]), 0.0, 0.0)
    problem = Problem(
        objectives=(np.array([1.0, 1.0, 1.0, 0.0]),),
        lower=np.zeros(4),
        upper=np.array([1.0, 1.0, 1.0, 0.7517]),
        integer=np.array([True, True, True, False]),
        rows=rows.rows(),
    )
    solution = solve(problem, Solve())
    assert solution.status is Status.OPTIMAL
    assert solution.x is not None
    assert solution.x.round(6).tolist() == [1.0, 0.0, 0.0, 0.36]


def test_what_is_impossible_stays_so() -> None:
    """Two of one."""
    rows = RowBuilder()
    rows.add(np.array([0]), np.ones(1), 2.0, 2.0)
    problem = Problem((np.ones(1),), np.zeros(1), np.ones(1), np.array([True]), rows.rows())
    assert solve(problem, Solve()).status is Status.INFEASIBLE
