"""Cores: what is left to settle of a problem when prices have settled the rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ptce_funding.problem import Blocks, Problem, Rows
from ptce_funding.solvers.pricing import Market, Prices

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: What the mix makes by this share is in a sketch.
_SHARE = 0.2
#: Differences below this, relatively, are rounding.
_ROUNDING = 1e-7


@dataclass(frozen=True)
class Core:
    """What is left to settle.

    Parameters
    ----------
    problem
        The columns that are free, and the rows that they are in.
    column, row
        Which columns and rows these are.
    settled
        All columns, free ones at zero.
    is_binary
        Which of the columns of the core are choices, or shared ones that are either nought or one.
    left_out
        Proved upper bound of all that the core leaves out.
    """

    problem: Problem
    column: Ints
    row: Ints
    settled: Floats
    is_binary: Flags
    left_out: float

    def whole(self, x: Floats) -> Floats:
        """Return all columns, given those of the core."""
        found = self.settled.copy()
        found[self.column] = x
        return found


class Losses:
    """What each choice and each block's second best loses at the prices."""

    def __init__(self, market: Market, prices: Prices) -> None:
        blocks, last = market.blocks, prices.last
        self.choice = last.losses(blocks)
        self.none = np.where(blocks.is_forced, np.inf, last.best)
        taken = last.choice[last.choice >= 0]
        others = self.choice.copy()
        others[taken] = np.inf
        second = np.minimum.reduceat(others, market.first)
        self.second = np.where(last.choice >= 0, np.minimum(second, self.none), second)
        self._sorted = np.sort(self.second)

    def reach(self, size: int) -> float:
        """Return the threshold below which there are as many choices besides the best."""
        losses = np.concatenate([self.choice, self.none])
        at = len(self.none) + size
        return float(np.partition(losses, at)[at]) if at < len(losses) else np.inf

    def threshold(self, size: int) -> float:
        """Return the threshold below which as many blocks have a second choice."""
        return float(self._sorted[size]) if size < len(self._sorted) else np.inf


def core_of(
    market: Market, prices: Prices, losses: Losses, threshold: float, is_sketch: bool, x: Floats | None
) -> Core | None:
    """Return what is left to settle; None where what is settled breaks a row by itself.

    Parameters
    ----------
    threshold
        What a choice may lose.
    is_sketch
        Whether the core is there to find a solution, and not to prove anything of what it leaves out.
    x
        The best solution so far.
    """
    # What the mix makes is left open too, whatever it loses: it keeps all rows, which the best choices alone need not. So is what
    # the best solution makes.
    problem, blocks, last = market.problem, market.blocks, prices.last
    n_choices, end = market.choices, market.choices + market.parts
    best = np.zeros(problem.n)
    column, value = market.columns(last)
    best[column] = value
    is_kept, may_be_none = losses.choice <= threshold, losses.none <= threshold
    differs = np.zeros(market.parts, dtype=bool)
    for known, share in ((prices.mixed, _SHARE if is_sketch else _ROUNDING), (x, _ROUNDING)):
        if known is not None:
            is_kept |= known[:n_choices] > share
            made = np.bincount(blocks.owner, weights=known[:n_choices])
            may_be_none |= (made < 1 - share) & ~blocks.is_forced
            differs |= np.abs(known - best)[n_choices:end] > share * np.maximum(market.spread, 1.0)
    options = np.bincount(blocks.owner[is_kept], minlength=len(last.best)) + may_be_none
    is_open = is_kept & (options > 1)[blocks.owner]
    is_settled = (best[:n_choices] > 0) & ~is_open
    part_is_open, part_is_settled = np.zeros(market.parts, dtype=bool), np.zeros(market.parts, dtype=bool)
    part_is_open[blocks.part[is_open[blocks.choice]]] = True
    part_is_own = part_is_open.copy()
    part_is_settled[blocks.part[is_settled[blocks.choice]]] = True
    # Parts of settled choices may be moved as far as the threshold pays for; those that the mix sets otherwise go anywhere.
    lower, upper = problem.lower.copy(), problem.upper.copy()
    part, loss = market.losses(last, np.flatnonzero(is_settled))
    reach = np.full(len(loss), np.inf)
    np.divide(threshold, loss, out=reach, where=loss > 0)
    reach = np.floor(reach + _ROUNDING)
    if is_sketch:
        reach[reach < market.spread[part]] = 0.0
    is_near = (reach >= 1) & ~differs[part] & ~part_is_open[part]
    near, by = n_choices + part[is_near], reach[is_near]
    lower[near], upper[near] = np.maximum(lower[near], best[near] - by), np.minimum(upper[near], best[near] + by)
    part_is_open |= part_is_settled & differs
    part_is_open[part[is_near]] = True
    settled = np.zeros(problem.n)
    settled[:n_choices][is_settled] = 1.0
    closed = part_is_settled & ~part_is_open
    settled[n_choices:end][closed] = best[n_choices:end][closed]
    # Open choices, their parts, and what has no choice: parts of settled ones, shared columns.
    choices, own = np.flatnonzero(is_open), np.flatnonzero(part_is_own)
    column = np.concatenate(
        [choices, n_choices + own, n_choices + np.flatnonzero(part_is_open & ~part_is_own), np.arange(end, problem.n)]
    )
    set_to = np.flatnonzero(settled)
    activity = np.concatenate([market.single @ settled, market.activity((set_to, settled[set_to]))])
    single, rows = market.single[:, column], problem.rows
    matrix = sparse.vstack([single, market.coupling[:, column].tocsr()], format="csr")
    least, most = rows.lower - activity, rows.upper - activity
    is_in = np.diff(matrix.indptr) > 0
    if ((least[~is_in] > _ROUNDING) | (most[~is_in] < -_ROUNDING)).any():
        return None
    is_local = np.zeros(len(rows), dtype=bool)
    is_local[: blocks.rows] = np.diff(single[:, : len(choices)].indptr) > 0
    row = np.concatenate([np.flatnonzero(is_in & is_local), np.flatnonzero(is_in & ~is_local)])
    matrix = matrix[row]
    owners, owner = np.unique(blocks.owner[choices], return_inverse=True)
    pairs = is_open[blocks.choice]
    core = Problem(
        objectives=(market.objective[column],),
        lower=lower[column],
        upper=upper[column],
        integer=problem.integer[column],
        rows=Rows(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data, least[row], most[row]),
        blocks=Blocks(
            owner=owner,
            parts=len(own),
            choice=np.searchsorted(choices, blocks.choice[pairs]),
            part=np.searchsorted(own, blocks.part[pairs]),
            room=blocks.room[choices],
            is_forced=blocks.is_forced[owners],
            rows=int((is_in & is_local).sum()),
        ),
    )
    is_binary = (column < n_choices) | ((column >= end) & problem.integer[column] & (problem.upper[column] <= 1))
    return Core(core, column, row, settled, is_binary, last.bound if is_sketch else last.bound - threshold)
