"""Large problems: prices first, then a core that HiGHS settles, enlarged until the proof is complete.

Prices of the coupling rows prove an upper bound and tell what each choice loses against the best of its block. Choices that lose
more than a threshold are left out, blocks with one choice left are settled, and HiGHS solves what remains, the core. Whatever was left
out would cost more than the threshold, so that the bound of the whole is that of the core or the bound of the prices less the
threshold, whichever is greater. The threshold grows until value and bound are within the gap; at the end everything is in the core.
(Balas and Zemel, Operations Research 28, 1980; Pisinger, European Journal of Operational Research 83, 1995.)

Whole numbers of money come last: a core is solved with parts and shared columns free of them, then its choices are held and the
rest is solved in whole numbers. Where that costs more than the gap, the core is solved in whole numbers at once.
"""

import logging
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ptce_funding.problem import Problem, Rows, Solution, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers import highs
from ptce_funding.solvers.pricing import Market, Prices, price
from ptce_funding.solvers.stages import Run, in_turn

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

logger = logging.getLogger(__name__)

#: Undecided blocks of the first core.
_CORE = 40
#: How much larger each core is than the last.
_GROWTH = 4
#: With more coupling rows than this, prices take longer than they save.
_MOST_ROWS = 2_000
#: Part of the gap that prices may leave open.
_PRICING = 0.1
#: Part of the gap that the core may leave open, the rest being for whole numbers.
_SETTLING = 0.9
#: What the mix makes by this share is in the first core.
_SHARE = 0.2
#: A core is there to be proved; the prices have found the best for nearly all.
_SETTINGS = {"mip_heuristic_effort": 0.02, "mip_heuristic_run_feasibility_jump": False}
#: Values whose difference is below this, relatively, are the same.
_SAME = 1e-9
#: Differences below this, relatively, are rounding.
_ROUNDING = 1e-7


def suits(problem: Problem) -> bool:
    """Return whether a problem falls into blocks that few enough rows couple."""
    return problem.blocks is not None and len(problem.rows) - problem.blocks.rows <= _MOST_ROWS


def solve(problem: Problem, options: Solve, prices: Floats | None = None, /) -> Solution:
    """Solve a problem by decomposition, one objective after the other; whole where it does not fall into blocks.

    Parameters
    ----------
    prices
        One for each row, to begin with for the first objective: those of a problem that differs little.

    Raises
    ------
    SolverError
        When HiGHS reports an error.
    """
    if not suits(problem):
        logger.info("no blocks, or too many rows couple them: solved whole")
        return highs.solve(problem, options)

    searches: list[_Search] = []

    def attempt(problem: Problem, objective: Floats, time_limit: float, start: Floats | None) -> Run:
        known = prices if not searches else None
        searches.append(_Search(problem, objective, options, time_limit, start, known))
        return searches[-1].run()

    solution = in_turn(problem, options, attempt)
    is_handed_over = any(search.is_handed_over for search in searches)
    return replace(solution, solver="decomposition+highs" if is_handed_over else "decomposition")


def prices_of(problem: Problem, options: Solve) -> Floats | None:
    """Return prices of the rows for the first objective; None where a problem is not decomposed."""
    if not suits(problem) or not problem.objectives[0].any():
        return None
    return price(Market(problem, problem.objectives[0]), _PRICING * options.gap).prices


@dataclass(frozen=True)
class _Core:
    """What is left to settle.

    Parameters
    ----------
    problem
        The columns that are free, and the rows that they are in.
    column
        Which columns these are.
    settled
        All columns, free ones at zero.
    is_binary
        Which of the columns of the core are choices, or shared ones that are either nought or one.
    left_out
        Proved upper bound of all that the core leaves out.
    """

    problem: Problem
    column: Ints
    settled: Floats
    is_binary: Flags
    left_out: float


class _Search:
    def __init__(
        self,
        problem: Problem,
        objective: Floats,
        options: Solve,
        time_limit: float,
        start: Floats | None,
        prices: Floats | None,
    ) -> None:
        self.problem, self.objective, self.options, self.prices = problem, objective, options, prices
        self.deadline = time.perf_counter() + time_limit
        self.x: Floats | None = None
        self.value, self.bound = -np.inf, np.inf
        self.is_handed_over = False
        if start is not None and _holds(problem, start):
            self.x, self.value = start, float(objective @ start)

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(self.deadline - time.perf_counter(), 0.0)

    def run(self) -> Run:
        if not self.objective.any():
            return self.whole("nothing to maximise")
        market = Market(self.problem, self.objective)
        prices = price(market, _PRICING * self.options.gap, self.prices, self.deadline)
        self.bound = prices.last.bound
        if not prices.is_sound:
            return self.whole("no mix of choices keeps all rows")
        losses = _Losses(market, prices)
        size = _CORE
        threshold, is_sketch = losses.threshold(size), True
        while not self.is_proved and self.left > 0:
            core = _core(market, prices, losses, threshold, is_sketch)
            if core is not None:
                self.settle(core, prices.last.bound)
            if not is_sketch and threshold == np.inf and not self.is_proved and self.left > 0:
                return self.whole("the core is everything")
            size *= _GROWTH
            # What completes the proof, as far as that is not much larger.
            needed = prices.last.bound - self.value * (1 + 0.99 * self.options.gap)
            larger = losses.threshold(size)
            threshold = needed if (threshold < needed or is_sketch) and needed < larger else larger
            is_sketch = False
        return self.result()

    @property
    def is_proved(self) -> bool:
        """Whether value and bound are within the gap."""
        return self.x is not None and self.bound - self.value <= max(self.options.gap, _SAME) * abs(self.value)

    def result(self) -> Run:
        if self.x is None:
            return Run(Status.UNKNOWN, None, self.bound)
        return Run(Status.OPTIMAL if self.is_proved else Status.FEASIBLE, self.x, self.bound)

    def whole(self, why: str) -> Run:
        """Hand the problem over."""
        logger.info("handed over to HiGHS, whole: %s", why)
        self.is_handed_over = True
        run = highs.run(self.problem, self.objective, self.options, self.left, self.x)
        if run.status is Status.INFEASIBLE:
            return run
        if run.bound is not None:
            self.bound = min(self.bound, run.bound)
        if run.x is not None:
            self.better(run.x)
        if run.status is Status.OPTIMAL:
            return replace(run, bound=self.bound)
        return self.result()

    def better(self, x: Floats) -> None:
        """Keep a solution if it is better than what there is."""
        value = float(self.objective @ x)
        if value > self.value:
            self.x, self.value = x, value

    def settle(self, core: _Core, bound: float) -> None:
        """Solve a core, given the bound that the prices prove."""
        offset = float(self.objective @ core.settled)
        own = core.problem.objectives[0]
        begin = time.perf_counter()
        # Good enough for all, whatever the core could still bring.
        target = bound / (1 + _SETTLING * self.options.gap) if bound > 0 else None
        options = self.options.model_copy(update={"gap": _SETTLING * self.options.gap})
        loose = replace(core.problem, integer=core.problem.integer & core.is_binary)
        run = highs.run(loose, own, options, self.left, None, offset, target, _SETTINGS)
        seconds = time.perf_counter() - begin
        logger.info("core of %d columns: %s, bound %s, %.3f s", core.problem.n, run.status, run.bound, seconds)
        if run.bound is not None:
            self.bound = min(self.bound, max(run.bound, core.left_out))
        if run.x is None:
            return
        exact = self.in_whole_numbers(core, run.x, offset)
        if exact is not None:
            self.better(exact)
        logger.info("value %.9g, bound %.9g", self.value, self.bound)
        is_settled = run.bound is not None and self.bound <= run.bound + _SAME * abs(run.bound)
        if not self.is_proved and (is_settled or exact is None):
            # The core is proved, its whole numbers are not.
            run = highs.run(core.problem, own, self.options, self.left, None, offset, target, _SETTINGS)
            logger.info("core in whole numbers: %s, bound %s", run.status, run.bound)
            if run.bound is not None:
                self.bound = min(self.bound, max(run.bound, core.left_out))
            if run.x is not None:
                x = core.settled.copy()
                x[core.column] = run.x
                self.better(x)

    def in_whole_numbers(self, core: _Core, x: Floats, offset: float) -> Floats | None:
        """Hold the choices of a core and settle the rest in whole numbers; None where that cannot be."""
        problem = core.problem
        lower = np.where(core.is_binary, x, problem.lower)
        upper = np.where(core.is_binary, x, problem.upper)
        held = replace(problem, lower=lower, upper=upper)
        options = self.options.model_copy(update={"gap": 0.1 * self.options.gap})
        run = highs.run(held, problem.objectives[0], options, self.left, None, offset, None, _SETTINGS)
        if run.x is None:
            return None
        found = core.settled.copy()
        found[core.column] = run.x
        return found


class _Losses:
    """What each choice and each block's second best loses at the prices."""

    def __init__(self, market: Market, prices: Prices) -> None:
        blocks, last = market.blocks, prices.last
        self.choice = last.best[blocks.owner] - last.worth
        self.none = np.where(blocks.is_forced, np.inf, last.best)
        taken = last.choice[last.choice >= 0]
        others = self.choice.copy()
        others[taken] = np.inf
        second = np.minimum.reduceat(others, market.first)
        self.second = np.where(last.choice >= 0, np.minimum(second, self.none), second)
        self._sorted = np.sort(self.second)

    def threshold(self, size: int) -> float:
        """Return the threshold below which as many blocks have a second choice."""
        return float(self._sorted[size]) if size < len(self._sorted) else np.inf


def _core(market: Market, prices: Prices, losses: _Losses, threshold: float, is_sketch: bool) -> _Core | None:
    """Return what is left to settle; None where what is settled breaks a row by itself.

    Parameters
    ----------
    threshold
        What a choice may lose.
    is_sketch
        Whether the core is there to find a solution, and not to prove anything of what it leaves out.
    """
    # What the mix makes is left open too, whatever it loses: it keeps all rows, which the best choices alone need not.
    share = _SHARE if is_sketch else _ROUNDING
    problem, blocks, last = market.problem, market.blocks, prices.last
    n_choices, end = market.choices, market.choices + market.parts
    best, mixed = np.zeros(problem.n), prices.mixed
    column, value = market.columns(last)
    best[column] = value
    is_kept = (losses.choice <= threshold) | (mixed[:n_choices] > share)
    made = np.bincount(blocks.owner, weights=mixed[:n_choices])
    may_be_none = (losses.none <= threshold) | ((made < 1 - share) & ~blocks.is_forced)
    options = np.bincount(blocks.owner[is_kept], minlength=len(last.best)) + may_be_none
    is_open = is_kept & (options > 1)[blocks.owner]
    is_settled = (best[:n_choices] > 0) & ~is_open
    part_is_open, part_is_settled = np.zeros(market.parts, dtype=bool), np.zeros(market.parts, dtype=bool)
    part_is_open[blocks.part[is_open[blocks.choice]]] = True
    part_is_settled[blocks.part[is_settled[blocks.choice]]] = True
    # Parts of settled choices may be moved as far as the threshold pays for; those that the mix sets otherwise go anywhere.
    lower, upper = problem.lower.copy(), problem.upper.copy()
    part, loss = market.losses(last, np.flatnonzero(is_settled))
    reach = np.full(len(loss), np.inf)
    np.divide(threshold, loss, out=reach, where=loss > 0)
    reach = np.floor(reach + _ROUNDING)
    differs = np.abs(mixed - best)[n_choices:end] > share * np.maximum(market.spread, 1.0)
    if is_sketch:
        reach[reach < market.spread[part]] = 0.0
    is_near = (reach >= 1) & ~differs[part] & ~part_is_open[part]
    near, by = n_choices + part[is_near], reach[is_near]
    lower[near], upper[near] = np.maximum(lower[near], best[near] - by), np.minimum(upper[near], best[near] + by)
    part_is_open |= part_is_settled & differs
    part_is_open[part[is_near]] = True
    is_free = np.ones(problem.n, dtype=bool)
    is_free[:n_choices] = is_open
    is_free[n_choices:end] = part_is_open
    settled = np.zeros(problem.n)
    settled[:n_choices][is_settled] = 1.0
    closed = part_is_settled & ~part_is_open
    settled[n_choices:end][closed] = best[n_choices:end][closed]
    column = np.flatnonzero(is_free)
    set_to = np.flatnonzero(settled)
    activity = market.activity((set_to, settled[set_to]))
    matrix = market.matrix[:, column].tocsr()
    is_in = np.diff(matrix.indptr) > 0
    rows = problem.rows
    least, most = rows.lower - activity, rows.upper - activity
    if ((least[~is_in] > _ROUNDING) | (most[~is_in] < -_ROUNDING)).any():
        return None
    matrix = matrix[is_in]
    core = Problem(
        objectives=(market.objective[column],),
        lower=lower[column],
        upper=upper[column],
        integer=problem.integer[column],
        rows=Rows(
            matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data, least[is_in], most[is_in]
        ),
    )
    is_binary = (column < n_choices) | ((column >= end) & problem.integer[column] & (problem.upper[column] <= 1))
    return _Core(core, column, settled, is_binary, last.bound if is_sketch else last.bound - threshold)


def _holds(problem: Problem, x: Floats) -> bool:
    """Whether columns keep all rows and bounds."""
    rows = problem.rows
    row = np.repeat(np.arange(len(rows)), np.diff(rows.start))
    activity = np.bincount(row, weights=rows.value * x[rows.column], minlength=len(rows))
    slack = 1e-7 * np.maximum(1.0, np.abs(activity))
    return bool(
        (activity >= rows.lower - slack).all()
        and (activity <= rows.upper + slack).all()
        and (x >= problem.lower - 1e-9).all()
        and (x <= problem.upper + 1e-9).all()
    )
