"""Candidates served one after the other, as many at once as do not stand in one another's way.

What candidates would get is worked out for a whole stretch of them as if each were the next. That is right for the first, and for
every other one until those before it have taken what it would get, or what it would have been given of a plan that fails later: there
the stretch ends, and the next one begins.
"""

import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ptce_funding.formulation import Formulation
from ptce_funding.limits import Limits, Numbers
from ptce_funding.selection import spread

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Candidates of a stretch: at the beginning, and at most.
SHORT, LONG = 32, 4096


@dataclass(frozen=True)
class Goal:
    """What is to be reached; nobody is served any more then.

    Parameters
    ----------
    steps
        Positions of the steps that count.
    needed
        Grant steps, or activity of a rule row.
    row
        The rule row; None where money counts.
    """

    steps: Ints
    needed: float
    row: int | None


@dataclass(frozen=True)
class _Taking:
    """What a step of each of some plans takes of its pools.

    Parameters
    ----------
    row
        Whose plan, by position; sorted.
    pool
        Pools, shape (rows, pools of each).
    upto
        Parts that the plan takes of them with this step and those before it.
    own
        Parts that the step takes.
    """

    row: Ints
    pool: Numbers
    upto: Numbers
    own: Numbers

    def of(self, row: Ints, pool: Numbers) -> Numbers:
        """Return what the step takes of pools, given by family, of some of the plans."""
        at = np.searchsorted(self.row, row)
        return np.where(self.pool[at] == pool, self.own[at], 0)


@dataclass
class _Found:
    """What the candidates of a stretch would get.

    Parameters
    ----------
    plan
        Plan by position in the stretch; -1 for none.
    grants
        Position in the stretch, step and grant (in grant steps) of those who get something, as columns.
    takings
        What is taken of the pools; of a plan that fails later, the own part is zero.
    """

    plan: Ints
    grants: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)
    takings: list[_Taking] = field(default_factory=list)

    @cached_property
    def taken(self) -> tuple[Ints, Ints, Numbers, Numbers]:
        """The takings as columns: row, pool, upto, own."""
        row = np.concatenate([np.repeat(each.row, each.pool.shape[1]) for each in self.takings])
        pool, upto, own = (
            np.concatenate([part.ravel() for part in parts])
            for parts in zip(*((each.pool, each.upto, each.own) for each in self.takings), strict=True)
        )
        return row, pool, upto, own


class Server:
    """What has been given so far, and the giving.

    Parameters
    ----------
    formulation, limits
        The call.
    n
        Number of candidates.
    set_aside
        Number of candidates that transversal volets are paid for at least; None where their cost is left aside.

    Attributes
    ----------
    grants
        Grant of each step, in grant steps.
    used
        Parts of each pool that grants and advantages take.
    counts
        Activity of each rule row over numbers of candidates or sums of a column.
    taken
        Who is funded, by candidate.
    """

    def __init__(self, formulation: Formulation, limits: Limits, n: int, set_aside: int | None = None) -> None:
        self.limits, self.steps, self.plans = limits, formulation.steps, formulation.plans
        self.first_step = np.searchsorted(self.steps.candidate, np.arange(n + 1))
        self.first_plan = np.searchsorted(self.plans.candidate, np.arange(n + 1))
        self.most = np.zeros(len(self.plans), dtype=np.int64)
        np.add.at(self.most, self.plans.plan, self.steps.ceiling[self.plans.step])
        self.has_room = np.zeros(len(self.steps), dtype=bool)
        # Sums that may fall again say nothing about those who come later.
        may_fall = np.isfinite(limits.count_limit[limits.counts.of]) & (limits.counts.amount < 0)
        self.long = 1 if may_fall.any() else LONG
        self.grants = np.zeros(len(self.steps), dtype=np.int64)
        self.used = np.zeros_like(limits.limit)
        self.counts = np.zeros(len(limits.count_limit))
        self.taken = np.zeros(n, dtype=bool)
        self.set_aside = set_aside

    def copy(self) -> "Server":
        """Return a server that has given the same, and gives on by itself."""
        other = copy.copy(self)
        other.grants, other.used = self.grants.copy(), self.used.copy()
        other.counts, other.taken = self.counts.copy(), self.taken.copy()
        return other

    def reached(self, goal: Goal) -> float:
        """Return how much of a goal is reached."""
        return float(self.grants[goal.steps].sum() if goal.row is None else self.counts[goal.row])

    def serve(self, order: Ints, among: Bools | None = None, goal: Goal | None = None) -> None:
        """Serve candidates in order, those who are funded already left out.

        Parameters
        ----------
        order
            Positions of candidates.
        among
            Steps of which plans must have one; no matter which unless said.
        goal
            With it nobody is served any more once it is reached.
        """
        order = order[~self.taken[order]]
        begin, size = 0, min(SHORT, self.long)
        while begin < len(order) and (goal is None or self.reached(goal) < goal.needed):
            done = self._stretch(order[begin : begin + size], among, goal)
            begin, size = begin + done, min(max(2 * done, SHORT), self.long)

    def _stretch(self, candidates: Ints, among: Bools | None, goal: Goal | None) -> int:
        """Serve candidates until one stands in another's way; return how many are done with, one at least."""
        left = self.limits.left(self.used, self._supported(np.ones(1, dtype=np.int64)))
        row, plan = self._hopeful(candidates, among, left)
        ends = np.searchsorted(row, np.arange(len(candidates) + 1))
        at, end = ends[:-1].copy(), ends[1:]
        found = _Found(np.full(len(candidates), -1))
        todo = np.flatnonzero(at < end)
        while len(todo):
            tried = plan[at[todo]]
            is_given = self._offer(tried, todo, left, found)
            found.plan[todo[is_given]] = tried[is_given]
            todo = todo[~is_given]
            at[todo] += 1
            todo = todo[at[todo] < end[todo]]
        n = min(self._undisturbed(found, left), self._enough(found, goal))
        self._give(found, n)
        return n

    def _hopeful(self, candidates: Ints, among: Bools | None, left: Numbers) -> tuple[Ints, Ints]:
        """Return the plans that may still come to something, in order of preference, after the positions of their candidates here.

        That is not so where there is not even enough for the floor of one step. The plan that may bring most money is preferred, of
        equal ones the earliest.
        """
        limits = self.limits
        _, step = spread(self.first_step[candidates], self.first_step[candidates + 1])
        pool = limits.pool[step]
        most = left[pool] // limits.weight[pool, self.steps.slot[step][:, None]]
        self.has_room[step] = most.min(axis=1) >= self.steps.floor[step]
        row, plan = spread(self.first_plan[candidates], self.first_plan[candidates + 1])
        of, pair = spread(self.plans.first[plan], self.plans.first[plan + 1])
        is_hopeful = np.full(len(plan), among is None)
        if among is not None:
            is_hopeful[of[among[self.plans.step[pair]]]] = True
        is_hopeful[of[~self.has_room[self.plans.step[pair]]]] = False
        of, number, amount = limits.counts.among(plan)
        is_hopeful[of[self.counts[number] + amount > limits.count_limit[number]]] = False
        row, plan = row[is_hopeful], plan[is_hopeful]
        order = np.lexsort((-self.most[plan], row))
        return row[order], plan[order]

    def _supported(self, more: Ints) -> Ints:
        """Return numbers of candidates that transversal volets are paid for, with some more than are funded."""
        return np.zeros_like(more) if self.set_aside is None else np.maximum(self.set_aside, self.taken.sum() + more)

    def _offer(self, plan: Ints, row: Ints, left: Numbers, found: _Found) -> Bools:
        """Work out what hopeful plans would be given, one step after the other; return whether they can be.

        Parameters
        ----------
        plan, row
            Plans, and whose they are, by position in the stretch.
        left
            Parts that each pool has left.
        found
            What the plans take is added here.
        """
        limits, charged_in = self.limits, self.limits.charged_in
        charged = np.zeros((len(plan), len(charged_in)), dtype=left.dtype)
        of, number, amount = limits.charges.among(plan)
        np.add.at(charged, (of, number), amount)
        first, size = self.plans.first[plan], self.plans.first[plan + 1] - self.plans.first[plan]
        is_given, granted, total = np.ones(len(plan), dtype=bool), np.zeros(len(plan), dtype=np.int64), charged.copy()
        grants, takings = [], list[_Taking]()
        for k in range(int(size.max())):
            live = np.flatnonzero((size > k) & is_given)
            step = self.plans.step[first[live] + k]
            pool = limits.pool[step]
            weight, room = limits.weight[pool, self.steps.slot[step][:, None]], left[pool]
            before = np.zeros_like(room)
            before[:, charged_in] = charged[live]
            for taking in takings:
                before += taking.of(live, pool)
            most = ((room - before) // weight).min(axis=1).astype(np.int64)
            if limits.most is not None:
                most = np.minimum(most, limits.most - granted[live])
            grant = np.minimum(self.steps.ceiling[step], most)
            is_enough = grant >= self.steps.floor[step]
            if not is_enough.all():
                is_given[live[~is_enough]] = False
                live, step, pool, weight, before, grant = (
                    each[is_enough] for each in (live, step, pool, weight, before, grant)
                )
            granted[live] += grant
            own = np.where(pool < len(limits.names), grant[:, None] * weight, 0)
            total[live] += own[:, charged_in]
            grants.append((live, step, grant))
            takings.append(_Taking(live, pool, before + own, own))
        is_given &= (total <= left[limits.charged]).all(axis=1)
        for (live, step, grant), taking in zip(grants, takings, strict=True):
            is_so = is_given[live]
            found.grants.append((row[live[is_so]], step[is_so], grant[is_so]))
            taking.own[~is_so] = 0
            found.takings.append(_Taking(row[live], taking.pool, taking.upto, taking.own))
        if len(charged_in):
            pool = np.tile(limits.charged, (int(is_given.sum()), 1))
            found.takings.append(_Taking(row[is_given], pool, total[is_given], charged[is_given]))
        return is_given

    def _undisturbed(self, found: _Found, left: Numbers) -> int:
        """Return how many candidates of a stretch can have what they would get, whatever those before them take."""
        limits, n, is_given = self.limits, len(found.plan), found.plan >= 0
        if not found.takings:
            return n
        row, pool, upto, own = found.taken
        if len(limits.charged):
            # Transversal volets cost more, too, with those before.
            until = np.concatenate([np.ones(1, dtype=np.int64), 1 + np.cumsum(is_given)])
            later = limits.transversal(self._supported(until))
            later -= later[0]
            position = np.minimum(np.searchsorted(limits.charged, pool), len(limits.charged) - 1)
            upto = upto + np.where(limits.charged[position] == pool, later[row, position], 0)
        # Nearly always most pools have enough for all, and need not be looked at closely.
        total, beside = np.zeros_like(left), np.zeros_like(left)
        np.add.at(total, pool, own)
        np.maximum.at(beside, pool, upto - own)
        is_close = total + beside > left
        if is_close.any():
            row, pool, upto, own = (each[is_close[pool]] for each in (row, pool, upto, own))
            key = pool.astype(np.int64) * n + row
            order = np.argsort(key, kind="stable")
            running = np.concatenate([np.zeros_like(left[:1]), np.cumsum(own[order])])
            before = running[np.searchsorted(key[order], key)] - running[np.searchsorted(key[order], key - row)]
            n = int(row[before + upto > left[pool]].min(initial=n))
        # Numbers of candidates and sums of columns, added up as they will be.
        given = np.flatnonzero(is_given)
        of, number, amount = limits.counts.among(found.plan[given])
        counts = self.counts.copy()
        np.add.at(counts, number, amount)
        for each in np.flatnonzero(counts > limits.count_limit).tolist():
            own = number == each
            running = np.cumsum(np.append(self.counts[each], amount[own]))[1:]
            n = int(given[of[own][running > limits.count_limit[each]]].min(initial=n))
        return n

    def _enough(self, found: _Found, goal: Goal | None) -> int:
        """Return how many candidates of a stretch are served before a goal is reached."""
        n = len(found.plan)
        if goal is None:
            return n
        part: npt.NDArray[Any] = np.zeros(n, dtype=np.int64)
        if goal.row is None:
            is_counted = np.zeros(len(self.grants), dtype=bool)
            is_counted[goal.steps] = True
            for row, step, grant in found.grants:
                np.add.at(part, row, np.where(is_counted[step], grant, 0))
        else:
            given = np.flatnonzero(found.plan >= 0)
            of, number, amount = self.limits.counts.among(found.plan[given])
            part = np.zeros(n)
            part[given[of[number == goal.row]]] = amount[number == goal.row]
        reached = np.cumsum(np.append(self.reached(goal), part))[:-1]
        return int(np.flatnonzero(reached >= goal.needed).min(initial=n))

    def _give(self, found: _Found, n: int) -> None:
        """Give the first candidates of a stretch what they would get."""
        given = np.flatnonzero(found.plan[:n] >= 0)
        for row, step, grant in found.grants:
            self.grants[step[row < n]] = grant[row < n]
        for taking in found.takings:
            is_so = taking.row < n
            np.add.at(self.used, taking.pool[is_so], taking.own[is_so])
        _, number, amount = self.limits.counts.among(found.plan[given])
        np.add.at(self.counts, number, amount)
        self.taken[self.plans.candidate[found.plan[given]]] = True
