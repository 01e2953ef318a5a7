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
    is_choice
        Which of the columns of the core are choices.
    """

    problem: Problem
    column: Ints
    settled: Floats
    is_choice: Flags


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
        prices = price(market, _PRICING * self.options.gap, self.prices)
        self.bound = prices.last.bound
        if not prices.is_sound:
            return self.whole("no mix of choices keeps all rows")
        losses = _Losses(market, prices)
        size = _CORE
        threshold, share = losses.threshold(size), _SHARE
        while not self.is_proved and self.left > 0:
            core = _core(market, prices, losses, threshold, share)
            if core is not None:
                self.settle(core, threshold, prices.last.bound)
            if threshold == np.inf and not self.is_proved and self.left > 0:
                return self.whole("the core is everything")
            size, share = size * _GROWTH, _ROUNDING
            # What completes the proof, as far as that is not much larger.
            needed = prices.last.bound - self.value * (1 + 0.99 * self.options.gap)
            threshold = max(threshold, min(needed, losses.threshold(size)))
        return self.result()

    @property
    def is_proved(self) -> bool:
        """Whether value and bound are within the gap."""
        return self.x is not None and self.bound - self.value <= self.options.gap * abs(self.value)

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

    def settle(self, core: _Core, threshold: float, bound: float) -> None:
        """Solve a core, given the bound that the prices prove."""
        offset = float(self.objective @ core.settled)
        own = core.problem.objectives[0]
        begin = time.perf_counter()
        # Good enough for all, whatever the core could still bring.
        target = bound / (1 + _SETTLING * self.options.gap) if bound > 0 else None
        options = self.options.model_copy(update={"gap": _SETTLING * self.options.gap})
        loose = replace(core.problem, integer=core.problem.integer & core.is_choice)
        run = highs.run(loose, own, options, self.left, None, offset, target, _SETTINGS)
        t1 = time.perf_counter() - begin
        logger.info("core of %d columns: %s, bound %s, %.3f s", core.problem.n, run.status, run.bound, t1)
        if run.bound is not None:
            self.bound = min(self.bound, max(run.bound, bound - threshold))
        if run.x is None:
            return
        exact = self.in_whole_numbers(core, run.x, offset)
        if exact is not None:
            self.better(exact)
        logger.info("value %.9g, bound %.9g", self.value, self.bound)
        if not self.is_proved and run.bound is not None and self.bound <= run.bound + 1e-9 * abs(run.bound):
            # The core is proved, its whole numbers are not.
            run = highs.run(core.problem, own, self.options, self.left, None, offset, target, _SETTINGS)
            logger.info("core in whole numbers: %s, bound %s", run.status, run.bound)
            if run.bound is not None:
                self.bound = min(self.bound, max(run.bound, bound - threshold))
            if run.x is not None:
                x = core.settled.copy()
                x[core.column] = run.x
                self.better(x)

    def in_whole_numbers(self, core: _Core, x: Floats, offset: float) -> Floats | None:
        """Hold the choices of a core and settle the rest in whole numbers; None where that cannot be."""
        problem = core.problem
        lower = np.where(core.is_choice, x, problem.lower)
        upper = np.where(core.is_choice, x, problem.upper)
        held = replace(problem, lower=lower, upper=upper)
        options = self.options.model_copy(update={"gap": 0.1 * self.options.gap})
        run = highs.run(held, problem.objectives[0], options, self.left, None, offset, None, _SETTINGS)
        if run.x is None:
            return None
        found = core.settled.copy()
        found[core.column] = run.x
        return found


class _Losses:
    """What each choice, each part and each block's second best loses at the prices."""

    def __init__(self, market: Market, prices: Prices) -> None:
        blocks, last = market.blocks, prices.last
        self.choice = last.best[blocks.owner] - last.worth
        self.none = np.where(blocks.is_forced, np.inf, last.best)
        self.part = np.abs(last.gain) * market.spread
        taken = last.choice[last.choice >= 0]
        others = self.choice.copy()
        others[taken] = np.inf
        second = np.minimum.reduceat(others, market.first)
        self.second = np.where(last.choice >= 0, np.minimum(second, self.none), second)
        self._sorted = np.sort(self.second)

    def threshold(self, size: int) -> float:
        """Return the threshold below which as many blocks have a second choice."""
        return float(self._sorted[size]) if size < len(self._sorted) else np.inf


def _core(market: Market, prices: Prices, losses: _Losses, threshold: float, share: float) -> _Core | None:
    """Return what is left to settle; None where what is settled breaks a row by itself.

    Parameters
    ----------
    threshold
        What a choice may lose.
    share
        What the mix makes by this share is left open too, whatever it loses: it keeps all rows, which the best choices alone need not.
    """
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
    # Parts of settled choices that are worth about nothing, or that the mix sets otherwise, may go either way.
    differs = np.abs(mixed - best)[n_choices:end] > share * np.maximum(market.spread, 1.0)
    part_is_open |= part_is_settled & ((losses.part <= threshold) | differs)
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
    part = market.matrix[:, column].tocsr()
    is_in = np.diff(part.indptr) > 0
    rows = problem.rows
    lower, upper = rows.lower - activity, rows.upper - activity
    if ((lower[~is_in] > 1e-7) | (upper[~is_in] < -1e-7)).any():
        return None
    part = part[is_in]
    core = Problem(
        objectives=(market.objective[column],),
        lower=problem.lower[column],
        upper=problem.upper[column],
        integer=problem.integer[column],
        rows=Rows(part.indptr.astype(np.int64), part.indices.astype(np.int64), part.data, lower[is_in], upper[is_in]),
    )
    return _Core(core, column, settled, column < market.choices)


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
