"""What leaves no room for candidates that could be funded and are not.

Looks at the limits that the allocation has filled, not at all others that could have been chosen: it says what stands in the way of
adding a candidate to the list that was chosen.
"""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
from ptce_funding.limits import Limits, rule_name
from ptce_funding.messages import Message, message
from ptce_funding.selection import spread

Ints = npt.NDArray[np.int64]


class Obstacles:
    """The limits of a call, filled by an allocation.

    Parameters
    ----------
    call
        The call.
    grants
        Grant of each step, in grant steps.
    """

    def __init__(self, call: Call, grants: Ints) -> None:
        self.call, self.steps, self.plans = call, call.formulation.steps, call.formulation.plans
        limits = Limits(call.scenario, call.formulation, int(grants.sum()) * call.scenario.envelope.grant_step)
        self.limits = limits
        funded = np.flatnonzero(grants)
        pool, used = limits.pool[funded], np.zeros_like(limits.limit)
        np.add.at(used, pool, grants[funded][:, None] * limits.weight[pool, self.steps.slot[funded][:, None]])
        chosen = np.flatnonzero(call.formulation.columns_of(grants)[: len(self.plans)])
        _, position, parts = limits.charges.among(chosen)
        np.add.at(used, limits.charged[position], parts)
        used[-1] = 0
        _, number, amount = limits.counts.among(chosen)
        self.counts = np.zeros(len(limits.count_limit))
        np.add.at(self.counts, number, amount)
        self.is_funded = np.zeros(len(call.candidates), dtype=bool)
        self.is_funded[self.steps.candidate[funded]] = True
        twinned = limits.charged[limits.has_twin].tolist()
        self.twin = {each: each - 1 for each in twinned} | {each - 1: each for each in twinned}
        self._told: dict[tuple[int, ...], Message] = {}
        # What one candidate more would find.
        self.left = limits.left(used, np.array([self.is_funded.sum() + 1]))

    def of(self, positions: Ints) -> list[list[Message]]:
        """Return what stands in the way of each of some candidates, by the plan that least does; nothing where nothing does.

        Plans of one step suffice: what stands in the way of the first step of a plan stands in the way of the plan.
        """
        row, plan = spread(*np.searchsorted(self.plans.candidate, np.stack([positions, positions + 1])))
        is_single = np.diff(self.plans.first)[plan] == 1
        found = self._limits_of(len(positions), row[is_single], plan[is_single])
        links = self._links()
        return [[*limits, *links.get(i, ())] for i, limits in zip(positions.tolist(), found, strict=True)]

    def _limits_of(self, n: int, row: Ints, plan: Ints) -> list[list[Message]]:
        """Return the limits in the way of `n` candidates, by the plan of each that has the fewest, the earliest of these."""
        limits, step = self.limits, self.plans.step[self.plans.first[plan]]
        pool = limits.pool[step]
        least = self.steps.floor[step][:, None] * limits.weight[pool, self.steps.slot[step][:, None]]
        charges, is_charged = (
            np.zeros((len(plan), len(limits.charged)), dtype=least.dtype),
            np.zeros((len(plan), len(limits.charged)), dtype=bool),
        )
        of, position, parts = limits.charges.among(plan)
        np.add.at(charges, (of, position), parts)
        is_charged[of, position] = True
        needed = least.copy()
        needed[:, limits.charged_in] += charges
        is_short = needed > self.left[pool]
        for family in limits.charged_in[limits.has_twin].tolist():
            # Told once for both.
            is_short[:, family - 1] |= is_short[:, family]
            is_short[:, family] = False
        is_charged &= (pool[:, limits.charged_in] != limits.charged) & (charges > self.left[limits.charged])
        of, number, amount = limits.counts.among(plan)
        is_full = self.counts[number] + amount > limits.count_limit[number]
        obstacles = is_short.sum(axis=1) + is_charged.sum(axis=1) + np.bincount(of[is_full], minlength=len(plan))
        order = np.lexsort((obstacles, row))
        is_best = np.zeros(len(plan), dtype=bool)
        is_best[order[np.unique(row[order], return_index=True)[1]]] = True
        found: list[list[Message]] = [[] for _ in range(n)]
        p, family = np.nonzero(is_short & is_best[:, None])
        told = (row[p], pool[p, family], least[p, family], charges[p])
        for i, short, floor, charged in zip(*(each.tolist() for each in told), strict=True):
            found[i].append(self._short(short, floor, charged))
        for each, nth in np.argwhere(is_charged & is_best[:, None]).tolist():
            found[row[each]].append(self._short(int(limits.charged[nth]), 0, charges[each].tolist()))
        for each, full in zip(of[is_full].tolist(), number[is_full].tolist(), strict=True):
            if is_best[each]:
                limit = rule_name(self.call.formulation.rules[full])
                found[row[each]].append(message("{limit}: full", limit=limit))
        return found

    def _short(self, pool: int, least: int, charges: list[int]) -> Message:
        """Say that a pool, or its twin, has less left than is needed, given what a plan charges."""
        key = (pool, least, *charges)
        if key not in self._told:
            unit, limits = self.call.scenario.envelope.grant_step, self.limits
            charged = dict(zip(limits.charged.tolist(), charges, strict=True))
            both = {pool, self.twin.get(pool, pool)}
            left = min(Fraction(int(self.left[each]) - charged.get(each, 0), limits.parts[each]) for each in both)
            text = message(
                "{limit}: {left:euros} left, at least {least:euros} needed",
                limit=limits.names[pool],
                left=max(float(left), 0.0) * unit,
                least=float(Fraction(least, limits.parts[pool])) * unit,
            )
            self._told[key] = text
        return self._told[key]

    def _links(self) -> dict[int, list[Message]]:
        """Return what links stand in the way of, by candidate."""
        position, found = self.call.candidates.position, defaultdict[int, list[Message]](list)
        for link in self.call.scenario.links:
            title, members = link.title or link.name, dict.fromkeys(position[each] for each in link.candidates)
            for i in members:
                n = sum(self.is_funded[position[each]] for each in link.candidates)
                if link.at_most is not None and n >= link.at_most:
                    found[i].append(message("the link “{link}”: full", link=title))
                if link.all_or_none:
                    found[i].append(message("the link “{link}”: all or none", link=title))
                if link.only_if is not None and not self.is_funded[position[link.only_if]]:
                    text = message("the link “{link}”: only with {other}", link=title, other=link.only_if)
                    found[i].append(text)
        return found
