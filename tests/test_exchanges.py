"""Exchanges: what they find is true, what they are judged by is proved, and they find what only two changes at once can bring."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from cases_blocks import small_problem
from ptce_funding.problem import Blocks, Problem, RowBuilder
from ptce_funding.scenario import Solve
from ptce_funding.solvers import exchanges, highs
from ptce_funding.solvers.exchanges import _best_pair, _Exchange, exchange
from ptce_funding.solvers.pricing import Market, price

Floats = npt.NDArray[np.float64]


def choices_only(values: list[float], cost: list[float], limit: float) -> Problem:
    """Return a problem of one choice for each block, and one row."""
    n, rows = len(values), RowBuilder()
    for choice in range(n):
        rows.add(np.array([choice]), np.ones(1), -np.inf, 1.0)
    rows.add(np.arange(n), np.array(cost), -np.inf, limit)
    nothing = np.zeros(0, dtype=np.int64)
    return Problem(
        objectives=(np.array(values),),
        lower=np.zeros(n),
        upper=np.ones(n),
        integer=np.ones(n, dtype=bool),
        rows=rows.rows(),
        blocks=Blocks(np.arange(n), 0, nothing, nothing, np.full(n, np.inf), np.zeros(n, dtype=bool), n),
    )


def found(problem: Problem, begin: Floats, target: float = np.inf) -> Floats | None:
    prices = price(Market(problem, problem.objectives[0]), 1e-6).prices
    return exchange(problem, begin, prices, target, 0, np.inf)


def test_two_for_one() -> None:
    """Six for A (6, worth 5), or for B and C (3 each, worth 3 each): from A, only a third change after a pair makes 6."""
    x = found(choices_only([5.0, 3.0, 3.0], [6.0, 3.0, 3.0], 6.0), np.array([1.0, 0.0, 0.0]))
    assert x is not None
    assert x.tolist() == [0.0, 1.0, 1.0]


def test_one_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six for A (6, worth 5) or B (6, worth 6): a pair of changes at once, the second turn already looks at what came of it."""
    monkeypatch.setattr(exchanges, "_MOST", 2)
    x = found(choices_only([5.0, 6.0], [6.0, 6.0], 6.0), np.array([1.0, 0.0]))
    assert x is not None
    assert x.tolist() == [0.0, 1.0]


def test_what_is_good_enough_ends_it() -> None:
    """From A, worth 5, where 5 is the target: nothing is exchanged."""
    x = found(choices_only([5.0, 6.0], [6.0, 6.0], 6.0), np.array([1.0, 0.0]), 5.0)
    assert x is not None
    assert x.tolist() == [1.0, 0.0]


def test_rows_that_nothing_keeps_leave_nothing() -> None:
    """At least two of one."""
    problem = choices_only([5.0], [1.0], 6.0)
    problem.rows.lower[-1] = 2.0
    assert found(problem, np.ones(1)) is None


def test_choices_found_keep_all_rows_and_nearly_reach_the_optimum() -> None:
    """On forty random problems: whole choices, never above the optimum, in three of four within a thousandth of it."""
    near = 0
    for seed in range(40):
        problem = small_problem(seed)
        assert problem.blocks is not None
        own, n = problem.objectives[0], len(problem.blocks.owner)
        x = found(problem, np.zeros(problem.n))
        if x is None:
            continue
        assert set(np.unique(x[:n])) <= {0.0, 1.0}
        held = highs.run(_held(problem, x[:n]), own, Solve(gap=0.0), 10.0)
        assert held.x is not None
        loose = Problem(problem.objectives, problem.lower, problem.upper, np.arange(problem.n) < n, problem.rows)
        best = highs.run(loose, own, Solve(gap=0.0), 10.0).x
        assert best is not None
        assert own @ x <= own @ best + 1e-6
        near += own @ x >= own @ best * (1 - 1e-3)
    assert near >= 30


def _held(problem: Problem, choices: Floats) -> Problem:
    lower, upper = problem.lower.copy(), problem.upper.copy()
    lower[: len(choices)] = upper[: len(choices)] = choices
    integer = np.zeros(problem.n, dtype=bool)
    return Problem(problem.objectives, lower, upper, integer, problem.rows)


def test_bounds_are_above_what_any_choices_come_to() -> None:
    """What every bound kept says of random choices, against the linear programme with these choices held."""
    rng, compared = np.random.default_rng(1), 0
    for seed in range(20):
        problem = small_problem(seed)
        market = Market(problem, problem.objectives[0])
        prices = price(market, 1e-6).prices
        search = _Exchange(market, np.zeros(problem.n), prices, np.inf, np.random.default_rng(0), np.inf)
        search.run()
        for _ in range(10):
            at = np.array([rng.choice(np.flatnonzero(search.owner == b)) for b in range(len(search.current))])
            chosen = search.choice[at]
            x, _ = search.held.solve(chosen[chosen < market.choices])
            if x is not None:
                compared += 1
                bounds = search.constant + search.worth[:, at].sum(axis=1)
                assert bounds.min() >= problem.objectives[0] @ x - 1e-6
    assert compared > 50


def test_the_best_pair_is_the_best_of_all() -> None:
    """Against every pair, one by one."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        bounds, gain = rng.normal(size=3), rng.normal(size=(3, 7))
        owner = np.sort(rng.integers(0, 4, size=7))
        told = _best_pair(bounds, gain, gain, owner, owner)
        worth = {
            (i, j): float((bounds + gain[:, i] + gain[:, j]).min())
            for i, j in combinations(range(7), 2)
            if owner[i] != owner[j]
        }
        assert told[0] == pytest.approx(max(worth.values()))
        assert worth[min(told[1:]), max(told[1:])] == pytest.approx(told[0])
