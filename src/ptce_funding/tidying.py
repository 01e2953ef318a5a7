"""Ties settled in the order of the scenario.

Where a candidate could follow another of its plans with the same grants and the same value, a solver picks either. The earlier plan
in the list (aids in the order in which they are declared, then early years) is taken, one candidate at a time, wherever all rows
still hold, so that an arbitrary choice is not read as a decision.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptce_funding.formulation import Formulation
from ptce_funding.problem import Rows
from ptce_funding.selection import spread

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: How far a sum may be beside another, of their size, and be the same; how far a row may be beyond its bound.
_SAME, _SLACK = 1e-12, 1e-9


@dataclass(frozen=True)
class _Moves:
    """Moves of candidates from their plan to another, in the order in which they are tried.

    Parameters
    ----------
    plan, other
        From which plan to which.
    move, column, change
        What they change: columns by position of the move.
    """

    plan: Ints
    other: Ints
    move: Ints
    column: Ints
    change: Floats

    def some(self, which: npt.NDArray[np.bool_]) -> "_Moves":
        """Return some of the moves."""
        number, is_kept = np.cumsum(which) - 1, which[self.move]
        return _Moves(
            self.plan[which],
            self.other[which],
            number[self.move[is_kept]],
            self.column[is_kept],
            self.change[is_kept],
        )


def tidied(formulation: Formulation, x: Floats) -> Floats:
    """Return a solution of the same value and the same grants with the earliest plans that its rows allow."""
    problem, x = formulation.problem, x.copy()
    moves = _moves(formulation, x)
    for objective in problem.objectives:
        change = np.bincount(moves.move, weights=objective[moves.column] * moves.change, minlength=len(moves.plan))
        largest = np.zeros(len(moves.plan))
        np.maximum.at(largest, moves.move, np.abs(objective[moves.column]))
        moves = moves.some(np.abs(change) <= _SAME * largest)
    if not len(moves.plan):
        return x
    is_made = _possible(problem.rows, moves, x)
    np.add.at(x, moves.column[is_made[moves.move]], moves.change[is_made[moves.move]])
    return x


def _moves(formulation: Formulation, x: Floats) -> _Moves:
    """Return the moves to earlier plans with as many steps, and the same floors and ceilings."""
    plans, steps = formulation.plans, formulation.steps
    chosen = np.flatnonzero(x[: len(plans)] > 0.5)
    first = np.searchsorted(plans.candidate, plans.candidate[chosen])
    row, other = spread(first, chosen)
    plan = chosen[row]
    size = np.diff(plans.first)
    plan, other = plan[size[plan] == size[other]], other[size[plan] == size[other]]
    is_alike = np.ones(len(plan), dtype=bool)
    for k in range(int(size[plan].max(initial=0))):
        longer = np.flatnonzero(size[plan] > k)
        old, new = plans.step[plans.first[plan[longer]] + k], plans.step[plans.first[other[longer]] + k]
        is_alike[longer] &= (steps.floor[old] == steps.floor[new]) & (steps.ceiling[old] == steps.ceiling[new])
    plan, other = plan[is_alike], other[is_alike]
    z_of_step = np.full(len(steps), -1, dtype=np.int64)
    z_of_step[formulation.topped] = len(plans) + np.arange(len(formulation.topped))
    number = np.arange(len(plan))
    move, pair = spread(plans.first[plan], plans.first[plan + 1])
    _, other_pair = spread(plans.first[other], plans.first[other + 1])
    old, new = z_of_step[plans.step[pair]], z_of_step[plans.step[other_pair]]
    is_moved = (old != new) & (old >= 0)
    move, old, new = move[is_moved], old[is_moved], new[is_moved]
    return _Moves(
        plan,
        other,
        np.concatenate([number, number, move, move]),
        np.concatenate([plan, other, old, new]),
        np.concatenate([np.full(len(plan), -1.0), np.ones(len(plan)), -x[old], x[old]]),
    )


def _possible(rows: Rows, moves: _Moves, x: Floats) -> npt.NDArray[np.bool_]:
    """Return which moves are made: of each candidate the first that all rows allow, one candidate after the other."""
    is_made = np.zeros(len(moves.plan), dtype=bool)
    move, row, change = _in_rows(rows, moves)
    touched, row = np.unique(row, return_inverse=True)
    of, entry = spread(rows.start[touched], rows.start[touched + 1])
    activity = np.bincount(of, rows.value[entry] * x[rows.column[entry]], minlength=len(touched)).tolist()
    lower, upper = rows.lower[touched].tolist(), rows.upper[touched].tolist()
    changes = list(zip(row.tolist(), change.tolist(), strict=True))
    ends = np.searchsorted(move, np.arange(len(moves.plan) + 1)).tolist()
    settled = -1
    for number, plan in enumerate(moves.plan.tolist()):
        if plan == settled:
            continue
        after = [(r, activity[r] + each) for r, each in changes[ends[number] : ends[number + 1]]]
        if all(
            lower[r] - _SLACK * max(1.0, abs(each)) <= each <= upper[r] + _SLACK * max(1.0, abs(each))
            for r, each in after
        ):
            settled, is_made[number] = plan, True
            for r, each in after:
                activity[r] = each
    return is_made


def _in_rows(rows: Rows, moves: _Moves) -> tuple[Ints, Ints, Floats]:
    """Return by how much moves change the activity of rows, as columns: move, row, change."""
    is_changed = np.zeros(int(max(rows.column.max(initial=0), moves.column.max(initial=0))) + 1, dtype=bool)
    is_changed[moves.column] = True
    entry = np.flatnonzero(is_changed[rows.column])
    entry = entry[np.argsort(rows.column[entry], kind="stable")]
    column = rows.column[entry]
    of, at = spread(np.searchsorted(column, moves.column), np.searchsorted(column, moves.column, side="right"))
    change = rows.value[entry[at]] * moves.change[of]
    key = moves.move[of] * len(rows) + np.searchsorted(rows.start, entry[at], side="right") - 1
    order = np.argsort(key, kind="stable")
    key, first = np.unique(key[order], return_index=True)
    total = np.add.reduceat(change[order], first) if len(first) else change
    key, total = key[total != 0], total[total != 0]
    return *np.divmod(key, len(rows)), total
