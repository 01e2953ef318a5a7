"""Large problems: prices first, then exchanges, then a core that HiGHS settles, enlarged until the proof is complete.

Prices of the coupling rows prove an upper bound and tell what each choice loses against the best of its block. Exchanges of choices
that lose little find a solution. Where that is not within the gap, choices that lose more than a threshold are left out, blocks with
one choice left are settled, and HiGHS solves what remains, the core. Whatever was left out would cost more than the threshold, so that
the bound of the whole is that of the core or the bound of the prices less the threshold, whichever is greater. The threshold grows
until value and bound are within the gap; at the end everything is in the core.
(Balas and Zemel, Operations Research 28, 1980; Pisinger, European Journal of Operational Research 83, 1995.)

Whole numbers of money come last: a core is solved with parts and shared columns free of them, then its choices are held and the
rest is solved in whole numbers. Where that costs more than the gap, the core is solved in whole numbers at once.
"""

import logging
import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ptce_funding.problem import Problem, Solution, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers import highs
from ptce_funding.solvers.cores import Core, Losses, core_of
from ptce_funding.solvers.exchanges import exchange
from ptce_funding.solvers.pricing import Market, Prices, price
from ptce_funding.solvers.stages import Run, in_turn

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

logger = logging.getLogger(__name__)

#: Undecided blocks of the first core.
_CORE = 40
#: Choices besides the best that are exchanged.
_EXCHANGED = 150
#: With more columns than this, what remains when choices are held takes too long.
_MOST_COLUMNS = 100_000
#: How much larger each core is than the last.
_GROWTH = 4
#: With more coupling rows than this, prices take longer than they save.
_MOST_ROWS = 2_000
#: Part of the gap that prices may leave open.
_PRICING = 0.1
#: Part of the gap that the core may leave open, the rest being for whole numbers.
_SETTLING = 0.9
#: A core is there to be proved; the prices have found the best for nearly all.
_SETTINGS = {"mip_heuristic_effort": 0.02, "mip_heuristic_run_feasibility_jump": False}
#: With a good solution known, HiGHS need not look for one.
_PROVING = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
#: Values whose difference is below this, relatively, are the same.
_SAME = 1e-9
#: What is as near to a whole number is one.
_WHOLE = 1e-7


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
        losses = Losses(market, prices)
        size, threshold = _CORE, -np.inf
        if not self.exchanges(market, prices, losses):
            self.settle(core_of(market, prices, losses, losses.threshold(size), True, self.x), prices.last.bound)
        while not self.is_proved and self.left > 0:
            size *= _GROWTH
            # What completes the proof, as far as that is not much larger.
            needed = prices.last.bound - self.value * (1 + 0.99 * self.options.gap)
            larger = losses.threshold(size)
            threshold = needed if threshold < needed < larger else larger
            self.settle(core_of(market, prices, losses, threshold, False, self.x), prices.last.bound)
            if threshold == np.inf and not self.is_proved and self.left > 0:
                return self.whole("the core is everything")
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

    def exchanges(self, market: Market, prices: Prices, losses: Losses) -> bool:
        """Exchange choices; return whether that found a better solution."""
        core = core_of(market, prices, losses, losses.reach(_EXCHANGED), True, self.x)
        blocks = None if core is None else core.problem.blocks
        if core is None or blocks is None or not len(blocks.owner) or core.problem.n > _MOST_COLUMNS:
            return False
        offset, value = float(self.objective @ core.settled), self.value
        target = prices.last.bound / (1 + _SETTLING * self.options.gap) - offset
        mixed, priced = prices.mixed[core.column], prices.prices[core.row]
        x = exchange(core.problem, mixed, priced, target, self.options.seed, self.deadline)
        if x is not None:
            is_choice = np.arange(core.problem.n) < len(blocks.owner)
            self.in_whole_numbers(core, x, offset, is_choice)
        logger.info("exchanges: value %.9g, bound %.9g", self.value, self.bound)
        return self.value > value

    def settle(self, core: Core | None, bound: float) -> None:
        """Solve a core, if there is one, given the bound that the prices prove."""
        if core is None:
            return
        offset = float(self.objective @ core.settled)
        own = core.problem.objectives[0]
        begin = time.perf_counter()
        # Good enough for all, whatever the core could still bring.
        target = bound / (1 + _SETTLING * self.options.gap) if bound > 0 else None
        options = self.options.model_copy(update={"gap": _SETTLING * self.options.gap})
        loose = replace(core.problem, integer=core.problem.integer & core.is_binary)
        settings = _SETTINGS if self.x is None else _SETTINGS | _PROVING
        run = highs.run(loose, own, options, self.left, self.within(core), offset, target, settings)
        seconds = time.perf_counter() - begin
        logger.info("core of %d columns: %s, bound %s, %.3f s", core.problem.n, run.status, run.bound, seconds)
        if run.bound is not None:
            self.bound = min(self.bound, max(run.bound, core.left_out))
        if run.x is None:
            return
        is_exact = self.in_whole_numbers(core, run.x, offset, core.is_binary)
        logger.info("value %.9g, bound %.9g", self.value, self.bound)
        is_settled = run.bound is not None and self.bound <= run.bound + _SAME * abs(run.bound)
        if not self.is_proved and (is_settled or not is_exact):
            # The core is proved, its whole numbers are not.
            run = highs.run(core.problem, own, self.options, self.left, self.within(core), offset, target, settings)
            logger.info("core in whole numbers: %s, bound %s", run.status, run.bound)
            if run.bound is not None:
                self.bound = min(self.bound, max(run.bound, core.left_out))
            if run.x is not None:
                self.better(core.whole(run.x))

    def within(self, core: Core) -> Floats | None:
        """Return what is known within a core."""
        return None if self.x is None else self.x[core.column]

    def in_whole_numbers(self, core: Core, x: Floats, offset: float, is_held: Flags) -> bool:
        """Hold some columns of a core and settle the rest in whole numbers; return whether that can be."""
        problem = core.problem
        rounded = np.where(problem.integer, np.rint(x), x)
        if (np.abs(rounded - x) <= _WHOLE).all() and _holds(problem, rounded, relative=0.0):
            self.better(core.whole(rounded))
            return True
        lower, upper = np.where(is_held, x, problem.lower), np.where(is_held, x, problem.upper)
        held = replace(problem, lower=lower, upper=upper)
        options = self.options.model_copy(update={"gap": 0.1 * self.options.gap})
        run = highs.run(held, problem.objectives[0], options, self.left, None, offset, None, _SETTINGS)
        if run.x is not None:
            self.better(core.whole(run.x))
        return run.x is not None


def _holds(problem: Problem, x: Floats, relative: float = 1e-7) -> bool:
    """Whether columns keep all rows and bounds, rows within a share of their activity."""
    rows = problem.rows
    row = np.repeat(np.arange(len(rows)), np.diff(rows.start))
    activity = np.bincount(row, weights=rows.value * x[rows.column], minlength=len(rows))
    slack = np.maximum(1e-7, relative * np.abs(activity))
    return bool(
        (activity >= rows.lower - slack).all()
        and (activity <= rows.upper + slack).all()
        and (x >= problem.lower - 1e-9).all()
        and (x <= problem.upper + 1e-9).all()
    )
