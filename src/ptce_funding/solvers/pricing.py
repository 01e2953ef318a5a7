"""Prices of the rows that couple the blocks, and the bound that they prove.

With a price for each coupling row the blocks part: each takes its best choice alone, all in one vectorised pass, and what they come
to together is a proved upper bound (Lagrangian relaxation; Fisher, Management Science 27, 1981). The prices that make the bound
small come from cutting planes: a small linear programme mixes the passes so far, its duals are the next prices, and a step of a
part of the way towards them keeps them from leaping (in-out separation; Ben-Ameur and Neto, Networks 49, 2007; Pessoa et al.,
INFORMS Journal on Computing 30, 2018).
"""

import logging
import time
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from ptce_funding.problem import Blocks, Problem, Rows
from ptce_funding.solvers.highs import check

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Columns that are not zero, and their values.
Columns = tuple[Ints, Floats]

logger = logging.getLogger(__name__)

#: How far to go from the best prices so far towards those of the linear programme.
_STEP = 0.3
#: Blocks of a sample that large problems are priced by first.
_SAMPLE = 2_000
#: Choices for each block that are of interest near to the prices of the sample.
_CHOICES = 2
#: No bound is brought nearer than this, relatively.
_LEAST_GAP = 1e-8
#: Passes after which the bound is taken as it is.
_MOST_PASSES = 300


@dataclass(frozen=True)
class Pass:
    """What the blocks do at given prices.

    Parameters
    ----------
    bound
        Proved upper bound of the objective.
    worth
        What each choice comes to at these prices, its parts included; shape (choices,).
    best
        What each block comes to, shape (blocks,).
    choice
        Choice of each block, -1 for none; shape (blocks,).
    gain
        What one unit of each part brings at these prices, shape (parts,).
    """

    bound: float
    worth: Floats
    best: Floats
    choice: Ints
    gain: Floats

    def losses(self, blocks: Blocks) -> Floats:
        """Return what each choice loses against the best of its block, shape (choices,)."""
        return self.best[blocks.owner] - self.worth


@dataclass(frozen=True)
class Prices:
    """What pricing found.

    Parameters
    ----------
    prices
        Price of each row, zero for those of single blocks; shape (rows,).
    last
        The pass at these prices.
    mixed
        Columns of the best mix of passes, shared ones left at zero.
    reached
        Objective of the mix: no prices prove a bound below.
    is_sound
        Whether the mix keeps all rows; where it does not, perhaps nothing does.
    """

    prices: Floats
    last: Pass
    mixed: Floats
    reached: float
    is_sound: bool


class Market:
    """The blocks of a problem, ready to be priced.

    Parameters
    ----------
    problem
        Has blocks.
    objective
        What is maximised.
    """

    def __init__(self, problem: Problem, objective: Floats) -> None:
        assert problem.blocks is not None
        blocks = problem.blocks
        self.problem, self.objective, self.blocks = problem, objective, blocks
        rows, n = problem.rows, blocks.rows
        own = rows.start[n]
        #: Rows of single blocks, and those that couple the blocks, the latter by column: every use is of some columns or of all.
        self.single = sparse.csr_matrix(
            (rows.value[:own], rows.column[:own], rows.start[: n + 1]), shape=(n, problem.n)
        )
        coupling = (rows.value[own:], rows.column[own:], rows.start[n:] - own)
        self.coupling = sparse.csr_matrix(coupling, shape=(len(rows) - n, problem.n)).tocsc()
        self._transposed = self.coupling.T
        self.choices, self.parts = len(blocks.owner), blocks.parts
        self.shared = np.arange(self.choices + self.parts, problem.n)
        self.spread = problem.upper[self.choices : self.choices + self.parts]
        self.first = np.flatnonzero(np.diff(blocks.owner, prepend=-1))
        most = np.bincount(blocks.choice, weights=self.spread[blocks.part], minlength=self.choices)
        #: First pair of each choice, and the number of pairs at the end.
        self._pairs = np.searchsorted(blocks.choice, np.arange(self.choices + 1))
        self._has_parts = np.flatnonzero(np.diff(self._pairs))
        is_tight = (most > blocks.room)[blocks.choice]
        self._tight = np.flatnonzero(is_tight) if is_tight.any() else np.zeros(0, dtype=np.int64)

    def at(self, prices: Floats) -> Pass:
        """Let every block choose at given prices, one for each row."""
        problem, blocks = self.problem, self.blocks
        reduced = self.objective - self._transposed @ prices[blocks.rows :]
        gain = reduced[self.choices : self.choices + self.parts]
        filled = (np.maximum(gain, 0.0) * self.spread)[blocks.part]
        if len(self._tight):
            filled[self._tight] = gain[blocks.part[self._tight]] * self._served(gain)
        worth = reduced[: self.choices].copy()
        if len(filled):
            worth[self._has_parts] += np.add.reduceat(filled, self._pairs[self._has_parts])
        best = np.maximum.reduceat(worth, self.first)
        is_best = np.flatnonzero(worth == best[blocks.owner])
        choice = np.full(len(best), -1, dtype=np.int64)
        choice[blocks.owner[is_best[::-1]]] = is_best[::-1]  # the first of equals
        choice = np.where(blocks.is_forced | (best > 0), choice, -1)
        best = np.where(choice >= 0, best, 0.0)
        lower, upper = problem.lower[self.shared], problem.upper[self.shared]
        own = reduced[self.shared]
        bound = float(best.sum() + np.where(own > 0, own * upper, own * lower).sum())
        upper, lower, prices = (
            problem.rows.upper[blocks.rows :],
            problem.rows.lower[blocks.rows :],
            prices[blocks.rows :],
        )
        with np.errstate(invalid="ignore"):
            priced = np.where(prices > 0, prices * upper, np.where(prices < 0, prices * lower, 0.0))
        return Pass(bound + float(priced.sum()), worth, best, choice, gain)

    def losses(self, found: Pass, choice: Ints) -> tuple[Ints, Floats]:
        """Return the parts of choices that a pass makes, and what each loses at least for every unit that it is moved.

        Where room is short, a unit more of one part is a unit less of another: what counts is the gain above that of the part that
        goes short, the price of the room.
        """
        room = np.zeros(self.choices)
        if len(self._tight):
            part, served = self.blocks.part[self._tight], self._served(found.gain)
            is_short = (found.gain[part] > 0) & (served < self.spread[part])
            np.maximum.at(room, self.blocks.choice[self._tight[is_short]], found.gain[part[is_short]])
        pair = _runs(self._pairs[choice], self._pairs[choice + 1])
        part = self.blocks.part[pair]
        return part, np.abs(found.gain[part] - room[self.blocks.choice[pair]])

    def _served(self, gain: Floats) -> Floats:
        """Return what the parts get of choices whose room is short, the most gainful first."""
        choice, part = self.blocks.choice[self._tight], self.blocks.part[self._tight]
        order = np.lexsort((-gain[part], choice))
        choice, part = choice[order], part[order]
        wanted = np.where(gain[part] > 0, self.spread[part], 0.0)
        before = np.cumsum(wanted) - wanted
        starts = np.flatnonzero(np.diff(choice, prepend=-1))
        before -= np.repeat(before[starts], np.diff(starts, append=len(choice)))
        served = np.empty(len(order))
        served[order] = np.clip(self.blocks.room[choice] - before, 0.0, wanted)
        return served

    def columns(self, found: Pass) -> Columns:
        """Return the columns of a pass, shared ones left at zero."""
        chosen = found.choice[found.choice >= 0]
        pair = _runs(self._pairs[chosen], self._pairs[chosen + 1])
        part = self.blocks.part[pair]
        amount = np.where(found.gain[part] > 0, self.spread[part], 0.0)
        if len(self._tight):
            at = np.searchsorted(self._tight, pair)
            at[at == len(self._tight)] = 0
            amount = np.where(self._tight[at] == pair, self._served(found.gain)[at], amount)
        column = np.concatenate([chosen, self.choices + part])
        value = np.concatenate([np.ones(len(chosen)), amount])
        return column[value != 0], value[value != 0]

    def activity(self, columns: Columns) -> Floats:
        """Return the activity of each row that couples the blocks."""
        column, value = columns
        start, end = self.coupling.indptr[column].astype(np.int64), self.coupling.indptr[column + 1].astype(np.int64)
        at = _runs(start, end)
        weights = self.coupling.data[at] * np.repeat(value, end - start)
        return np.bincount(self.coupling.indices[at], weights, self.coupling.shape[0]).astype(np.float64)


def _runs(start: Ints, end: Ints) -> Ints:
    """Return the numbers from each start up to its end, one run after the other."""
    size = end - start
    runs: Ints = np.arange(int(size.sum())) + np.repeat(start - np.cumsum(size) + size, size)
    return runs


class _Mix:
    """The linear programme that mixes passes."""

    def __init__(self, market: Market, penalty: float) -> None:
        problem, rows = market.problem, market.problem.rows
        self.market, self.first_row = market, market.blocks.rows
        lower, upper = rows.lower[self.first_row :], rows.upper[self.first_row :]
        self.m, self.shared = len(lower), len(market.shared)
        largest = float(np.abs(market.objective).max(initial=0.0))
        self.scale = 100.0 / largest if largest > 0 else 1.0
        own = market.coupling[:, market.shared]
        # What a row lacks or has too much of is paid for: the first mixes cannot keep all rows.
        above, below = np.flatnonzero(np.isfinite(upper)), np.flatnonzero(np.isfinite(lower))
        n = len(above) + len(below)
        elastic = sparse.csc_matrix(
            (
                np.concatenate([-np.ones(len(above)), np.ones(len(below))]),
                (np.concatenate([above, below]), np.arange(n)),
            ),
            shape=(self.m, n),
        )
        matrix = sparse.csc_matrix(
            sparse.vstack([sparse.hstack([own, elastic]), sparse.csr_matrix((1, self.shared + n))])
        )
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = matrix.shape[1], matrix.shape[0]
        lp.col_cost_ = np.concatenate([market.objective[market.shared] * self.scale, np.full(n, -penalty)])
        lp.col_lower_ = np.concatenate([problem.lower[market.shared], np.zeros(n)])
        lp.col_upper_ = np.concatenate([problem.upper[market.shared], np.full(n, np.inf)])
        lp.row_lower_, lp.row_upper_ = np.append(lower, 1.0), np.append(upper, 1.0)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        self.elastic = slice(self.shared, self.shared + n)
        self.model = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in {"output_flag": False, "threads": 1}.items():
            check(self.model.setOptionValue(name, value))
        check(self.model.passModel(lp))

    def add(self, columns: Columns) -> None:
        """Add a pass."""
        activity = self.market.activity(columns)
        row = np.flatnonzero(activity)
        value = float(self.market.objective[columns[0]] @ columns[1]) * self.scale
        index = np.append(row, self.m).astype(np.int32)
        check(self.model.addCol(value, 0.0, np.inf, len(index), index, np.append(activity[row], 1.0)))

    def solve(self) -> tuple[float, Floats, Floats, bool]:
        """Return the value of the best mix, the prices of all rows, the weight of each pass and whether all rows are kept."""
        check(self.model.run())
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # There always is a mix; where bounds are so far apart that HiGHS finds none, prices are of no use.
            return -np.inf, np.zeros(len(self.market.problem.rows)), np.zeros(0), False
        solution = self.model.getSolution()
        prices = np.zeros(len(self.market.problem.rows))
        prices[self.first_row :] = np.asarray(solution.row_dual)[: self.m] / self.scale
        columns = np.asarray(solution.col_value)
        value = self.model.getInfo().objective_function_value / self.scale
        # A hundredth of a grant step, or of a candidate: what remains is then a matter of rounding.
        is_sound = bool((columns[self.elastic] <= 1e-2).all())
        return value, prices, columns[self.elastic.stop :], is_sound


def price(market: Market, gap: float, start: Floats | None = None, deadline: float = np.inf) -> Prices:
    """Find prices whose bound is within `gap`, relatively, of the best that prices can prove.

    Parameters
    ----------
    start
        Prices to begin with, one for each row.
    deadline
        When to stop, as `time.perf_counter` tells it.
    """
    gap, blocks = max(gap, _LEAST_GAP), market.blocks
    every = len(blocks.is_forced) // _SAMPLE
    if every <= 1:
        return _mixed(market, gap, start, deadline)
    if start is None:
        # Prices of a sample are nearly those of the whole, and cost next to nothing.
        is_in = (np.arange(len(blocks.is_forced)) % every == 0)[blocks.owner]
        start = _of_all(market, _mixed(_part(market, is_in, every)[0], gap, None, deadline).prices)
    # At such prices, most choices lose too much to be of interest at any that are near.
    loss = market.at(start).losses(blocks)
    few = min(_CHOICES * len(blocks.is_forced), len(loss) - 1)
    part, column = _part(market, loss <= np.partition(loss, few)[few])
    near = _mixed(part, 0.5 * gap, start[blocks.rows :], deadline)
    prices = _of_all(market, near.prices)
    last = market.at(prices)
    if last.bound - near.reached > gap * abs(last.bound):
        return _mixed(market, gap, prices, deadline)
    mixed = np.zeros(market.problem.n)
    mixed[column] = near.mixed
    return Prices(prices, last, mixed, near.reached, near.is_sound)


def _of_all(market: Market, prices: Floats) -> Floats:
    """Return a price for each row, given those of the rows that couple the blocks."""
    return np.concatenate([np.zeros(market.blocks.rows), prices])


def _mixed(market: Market, gap: float, start: Floats | None, deadline: float) -> Prices:
    """Find prices by mixing passes."""
    problem = market.problem
    # The largest price: the whole of the objective for one unit of a row.
    mix = _Mix(market, penalty=100.0)
    prices = np.zeros(len(problem.rows)) if start is None else allowed(problem, start)
    centre, best = prices, None
    passes: list[Columns] = []
    reached, weights, is_sound = -np.inf, np.zeros(0), False
    for _ in range(_MOST_PASSES):
        found = market.at(prices)
        if best is None or found.bound < best.bound:
            centre, best = prices, found
        passes.append(market.columns(found))
        mix.add(passes[-1])
        reached, aim, weights, is_sound = mix.solve()
        is_stuck = not len(weights) or time.perf_counter() > deadline
        if is_stuck or best.bound - reached <= gap * abs(best.bound):
            break
        prices = allowed(problem, centre + _STEP * (aim - centre))
    assert best is not None
    logger.info("%d passes: bound %.9g, reached %.9g", len(passes), best.bound, reached)
    mixed = np.zeros(problem.n)
    for (column, value), weight in zip(passes, weights.tolist(), strict=False):
        mixed[column] += weight * value
    return Prices(centre, best, mixed, reached, is_sound)


def _part(market: Market, is_in: npt.NDArray[np.bool_], every: int = 1) -> tuple[Market, Ints]:
    """Return the market of some choices, and its columns; for one block in so many, what couples the blocks is as much less."""
    problem, blocks = market.problem, market.blocks
    choices, pairs = np.flatnonzero(is_in), is_in[blocks.choice]
    parts, part = np.unique(blocks.part[pairs], return_inverse=True)
    owners, owner = np.unique(blocks.owner[choices], return_inverse=True)
    column = np.concatenate([choices, market.choices + parts, market.shared])
    lower, upper = problem.lower[column], problem.upper[column]
    shared = slice(len(choices) + len(parts), None)
    lower[shared] /= every
    upper[shared] /= every
    matrix, rows = market.coupling[:, column].tocsr(), problem.rows
    entries = (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data)
    fewer = Problem(
        objectives=(market.objective[column],),
        lower=lower,
        upper=upper,
        integer=problem.integer[column],
        rows=Rows(*entries, rows.lower[blocks.rows :] / every, rows.upper[blocks.rows :] / every),
        blocks=Blocks(
            owner=owner,
            parts=len(parts),
            choice=np.searchsorted(choices, blocks.choice[pairs]),
            part=part,
            room=blocks.room[choices],
            is_forced=blocks.is_forced[owners],
            rows=0,
        ),
    )
    return Market(fewer, fewer.objectives[0]), column


def allowed(problem: Problem, prices: Floats) -> Floats:
    """Return prices without those that would reward going beyond a bound that a row does not have."""
    rows = problem.rows
    prices = np.where(np.isinf(rows.upper), np.minimum(prices, 0.0), prices)
    return np.where(np.isinf(rows.lower), np.maximum(prices, 0.0), prices)
