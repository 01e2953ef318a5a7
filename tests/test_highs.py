"""What HiGHS says is not taken on one word."""

import itertools
import time

import numpy as np
import pytest

from ptce_funding.problem import Problem, RowBuilder, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers.highs import run, solve


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


def test_what_is_confirmed_is_confirmed_in_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of ten that weigh 2 each, 9 together: presolve sees it at once; as the clock leaps, nothing is left to confirm it."""
    rows = RowBuilder()
    rows.add(np.arange(10), np.full(10, 2.0), 9.0, 9.0)
    rows.add(np.arange(10), np.arange(10.0), 5.0, np.inf)
    problem = Problem((np.ones(10),), np.zeros(10), np.ones(10), np.ones(10, dtype=bool), rows.rows())
    assert run(problem, problem.objectives[0], Solve(), 10.0).status is Status.INFEASIBLE
    clock = itertools.count(0.0, 20.0)
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    assert run(problem, problem.objectives[0], Solve(), 10.0).status is Status.UNKNOWN
