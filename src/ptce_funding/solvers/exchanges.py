"""A good solution soon: choices are exchanged, one or two at a time, and prices judge all exchanges at once.

With the choices held, the rest is a linear programme. Its prices prove an upper bound for any other choices as well, a constant and
so much for each choice (Benders, Numerische Mathematik 4, 1962). The least of the bounds so far says at once what each exchange of one
choice or two could come to; only one that promises more than the best so far costs another linear programme, and leaves its bound.
A block that has changed rests for a while (Glover, ORSA Journal on Computing 1, 1989), and where nothing better turns up, a few
choices of the best are drawn anew (Lourenço, Martin and Stützle, Handbook of Metaheuristics, 2003).
"""

import time

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from ptce_funding.problem import Problem
from ptce_funding.solvers.highs import check
from ptce_funding.solvers.pricing import Market, allowed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Exchanges at most.
_MOST = 200
#: Exchanges for which a changed block rests.
_REST = 2
#: Exchanges without anything better after which the best is taken up again, and how many of its choices are drawn anew.
_PATIENCE, _DRAWN = 10, 3
#: Exchanges after which nothing is hoped for that keeps all rows, where nothing has turned up.
_HOPE = 40
#: Bounds kept: those that say least of the present choices go first.
_BOUNDS = 60
#: Options besides the best of each block that may come in, at most: every pair of them is looked at.
_OPTIONS = 200
#: Choices by whose pairs a good pair is found, to leave out those that cannot be in a better one.
_FEW = 16
#: Differences below this, relatively, are rounding.
_SAME = 1e-7


class _Held:
    """The linear programme that remains when choices are held; what rows lack is paid for, as no choices keep all of them."""

    def __init__(self, market: Market, deadline: float) -> None:
        problem, rows = market.problem, market.problem.rows
        self.market, self.first_row, self.deadline = market, market.blocks.rows, deadline
        largest = float(np.abs(market.objective).max(initial=0.0))
        self.scale = 100.0 / largest if largest > 0 else 1.0
        is_shared = np.arange(len(rows)) >= self.first_row
        above = np.flatnonzero(np.isfinite(rows.upper) & is_shared)
        below = np.flatnonzero(np.isfinite(rows.lower) & is_shared)
        n = len(above) + len(below)
        signs, at = np.repeat([-1.0, 1.0], [len(above), len(below)]), np.concatenate([above, below])
        elastic = sparse.csc_matrix((signs, (at, np.arange(n))), shape=(len(rows), n))
        own = sparse.vstack([market.single, market.coupling])
        matrix = sparse.csc_matrix(sparse.hstack([own, elastic]))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = matrix.shape[1], matrix.shape[0]
        lp.col_cost_ = np.concatenate([market.objective * self.scale, np.full(n, -100.0)])
        lp.col_lower_ = np.concatenate([problem.lower, np.zeros(n)])
        lp.col_upper_ = np.concatenate([problem.upper, np.full(n, np.inf)])
        lp.row_lower_, lp.row_upper_ = rows.lower, rows.upper
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        self.model = highspy.Highs()  # type: ignore[no-untyped-call]
        settings: dict[str, bool | float | str] = {"output_flag": False, "threads": 1, "presolve": "off"}
        settings["primal_feasibility_tolerance"] = 1e-9
        for name, value in settings.items():
            check(self.model.setOptionValue(name, value))
        check(self.model.passModel(lp))

    def solve(self, chosen: Ints) -> tuple[Floats | None, Floats | None]:
        """Return the columns that are best with these choices, None where they break a row; and the prices of all rows, if any."""
        market, held = self.market, np.zeros(self.market.choices)
        held[chosen] = 1.0
        check(self.model.changeColsBounds(market.choices, np.arange(market.choices, dtype=np.int32), held, held))
        # HiGHS counts the seconds of all its runs.
        left = max(self.deadline - time.perf_counter(), 0.0)
        check(self.model.setOptionValue("time_limit", self.model.getRunTime() + left))
        check(self.model.run())
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None, None
        solution = self.model.getSolution()
        prices, columns = np.asarray(solution.row_dual) / self.scale, np.asarray(solution.col_value)
        prices[: self.first_row] = 0.0
        n = market.problem.n
        return columns[:n] if (columns[n:] <= _SAME).all() else None, allowed(market.problem, prices)


def exchange(
    problem: Problem, mixed: Floats, prices: Floats, target: float, seed: int, deadline: float
) -> Floats | None:
    """Return good columns whose choices are whole, other columns perhaps not; None where none are found that keep all rows.

    Parameters
    ----------
    problem
        Has blocks, and one objective.
    mixed
        Columns to begin near to.
    prices
        One for each row: which options are looked at.
    target
        Value that is good enough.
    deadline
        When to stop, as `time.perf_counter` tells it.
    """
    market = Market(problem, problem.objectives[0])
    return _Exchange(market, mixed, prices, target, np.random.default_rng(seed), deadline).run()


class _Exchange:
    def __init__(
        self,
        market: Market,
        mixed: Floats,
        prices: Floats,
        target: float,
        random: np.random.Generator,
        deadline: float,
    ) -> None:
        self.market, self.target, self.random, self.deadline = market, target, random, deadline
        self.held = _Held(market, deadline)
        blocks = market.blocks
        n = len(blocks.is_forced)
        may_be_none = np.flatnonzero(~blocks.is_forced)
        #: Block of each option and its choice, the one past the last for none.
        self.owner = np.concatenate([blocks.owner, may_be_none])
        self.choice = np.concatenate([np.arange(market.choices), np.full(len(may_be_none), market.choices)])
        self.count = np.bincount(self.owner, minlength=n)
        made = np.bincount(blocks.owner, weights=mixed[: market.choices], minlength=n)
        share = np.concatenate([mixed[: market.choices], (1.0 - made)[may_be_none]])
        #: Option of each block.
        self.current = self.rounded(share, prices)
        self.worth, self.constant = np.zeros((0, len(self.owner))), np.zeros(0)
        self.keep_bound(prices)
        self.moves = self.near(market.at(prices).best[self.owner] - self.worth[0])
        self.rests_until = np.zeros(n, dtype=np.int64)
        self.x: Floats | None = None
        self.value = -np.inf

    def run(self) -> Floats | None:
        best, since, promise = self.current, 0, np.inf
        for turn in range(min(_MOST, len(self.moves))):
            if (self.x is None or promise > self.value + _SAME * abs(self.value)) and self.is_better():
                best, since = self.current.copy(), turn
            if self.x is None and turn >= _HOPE:
                break
            if self.value >= self.target or time.perf_counter() > self.deadline:
                break
            if turn - since >= _PATIENCE:
                self.current, since = best.copy(), turn
                self.rests_until[:] = 0
                self.put(self.random.permutation(self.moves)[:_DRAWN], turn)
            chosen, promise = self.most_promising(turn)
            if not len(chosen):
                break
            self.put(chosen, turn)
        return self.x

    def rounded(self, share: Floats, prices: Floats) -> Ints:
        """Return an option for each block, so that what a mix uses of priced rows is used: each block makes up for those before."""
        market, blocks = self.market, self.market.blocks
        size = np.abs(prices[blocks.rows :])
        priced = np.flatnonzero(size)
        use = sparse.csc_matrix(sparse.diags_array(size[priced]) @ market.coupling[priced])
        gain = market.at(prices).gain
        amount = np.where(gain > 0, market.spread, 0.0)[blocks.part]
        opened = sparse.csc_matrix((amount, (blocks.part, blocks.choice)), shape=(market.parts, market.choices))
        parts = use[:, market.choices : market.choices + market.parts]
        used = np.zeros((len(share), len(priced)))
        used[: market.choices] = (use[:, : market.choices] + parts @ opened).T.toarray()
        order = np.lexsort((-share, self.owner))
        first = np.flatnonzero(np.diff(self.owner[order], prepend=-1))
        chosen = order[first]
        owed = np.zeros(len(priced))
        is_mixed = (share[chosen] > _SAME) & (share[chosen] < 1 - _SAME)
        for block in np.flatnonzero(is_mixed).tolist():
            own = order[first[block] :][: self.count[block]]
            own = own[share[own] > _SAME]
            owed += share[own] @ used[own]
            left = owed - used[own]
            best = int((left**2).sum(axis=1).argmin())
            chosen[block], owed = own[best], left[best]
        return chosen

    def near(self, loss: Floats) -> Ints:
        """Return the options that lose least against the best of their blocks, and the best of these blocks."""
        order = np.lexsort((loss, self.owner))
        is_other = np.ones(len(loss), dtype=bool)
        is_other[order[np.flatnonzero(np.diff(self.owner[order], prepend=-1))]] = False
        others = np.flatnonzero(is_other)
        others = others[np.argsort(loss[others], kind="stable")[:_OPTIONS]]
        has_other = np.zeros(len(self.current), dtype=bool)
        has_other[self.owner[others]] = True
        return np.union1d(others, np.flatnonzero(~is_other & has_other[self.owner]))

    def put(self, options: Ints, turn: int) -> None:
        """Put options in place of those of their blocks."""
        self.current[self.owner[options]] = options
        self.rests_until[self.owner[options]] = turn + _REST

    def is_better(self) -> bool:
        """Find out what the present choices come to, keep the bound, and the columns where they are the best so far."""
        chosen = self.choice[self.current]
        x, prices = self.held.solve(chosen[chosen < self.market.choices])
        if prices is None:
            return False
        self.keep_bound(prices)
        value = -np.inf if x is None else float(self.market.objective @ x)
        if value <= self.value:
            return False
        self.x, self.value = x, value
        return True

    def keep_bound(self, prices: Floats) -> None:
        """Keep the bound that prices prove, by what it makes of each option."""
        found = self.market.at(prices)
        self.worth = np.vstack([self.worth, np.append(found.worth, 0.0)[self.choice]])
        self.constant = np.append(self.constant, found.bound - found.best.sum())

    def most_promising(self, turn: int) -> tuple[Ints, float]:
        """Return the options of one block or two that come first by all bounds, none where all blocks rest, and what they promise."""
        bounds = self.constant + self.worth[:, self.current].sum(axis=1)
        if len(bounds) > _BOUNDS:
            kept = np.sort(np.argsort(bounds, kind="stable")[:_BOUNDS])
            self.worth, self.constant, bounds = self.worth[kept], self.constant[kept], bounds[kept]
        is_free = (self.rests_until[self.owner[self.moves]] <= turn) & (
            self.current[self.owner[self.moves]] != self.moves
        )
        moves = self.moves[is_free]
        if not len(moves):
            return moves, -np.inf
        owner = self.owner[moves]
        gain = self.worth[:, moves] - self.worth[:, self.current[owner]]
        single = (bounds[:, None] + gain).min(axis=0)
        alone = int(single.argmax())
        # What each could come to beside the best of others by each bound: a pair that is better than one known has two that can be.
        could = (bounds[:, None] + gain + gain.max(axis=1)[:, None]).min(axis=0)
        few = np.argsort(-could, kind="stable")[:_FEW]
        known = _best_pair(bounds, gain[:, few], gain, owner[few], owner)[0]
        able = np.flatnonzero(could >= max(known, single[alone]))
        promise, first, second = _best_pair(bounds, gain[:, able], gain[:, able], owner[able], owner[able])
        if single[alone] >= promise:
            return moves[[alone]], float(single[alone])
        return moves[able[[first, second]]], promise


def _best_pair(bounds: Floats, one: Floats, other: Floats, owner: Ints, others: Ints) -> tuple[float, int, int]:
    """Return what the best pair of changes in different blocks comes to by all bounds, and which it is; shapes (bounds, changes)."""
    least, each = np.full((one.shape[1], other.shape[1]), np.inf), np.empty((one.shape[1], other.shape[1]))
    for bound, by_one, by_other in zip(bounds, one, other, strict=True):
        np.minimum(least, np.add((bound + by_one)[:, None], by_other, out=each), out=least)
    least[owner[:, None] == others] = -np.inf
    if not least.size:
        return -np.inf, -1, -1
    first, second = divmod(int(least.argmax()), len(others))
    return float(least[first, second]), first, second
