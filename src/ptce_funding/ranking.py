"""The jury's way: down a list until the money is gone.

Candidates are taken by priority group, then by merit, then by identifier. Each gets as much as its ceiling, the money left and
the rules allow, or nothing. Before the list is read, candidates funded by hand are served, then those whom a floor calls up out
of turn, best first. Caps are kept by granting less or passing over. What a list cannot keep (shares of what will have been
granted, rules about funders) is checked at the end, and the rules it breaks are named.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.formulation import Formulation
from ptce_funding.limits import Limits
from ptce_funding.money import exact, steps_up
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Fundable
from ptce_funding.value import phase_weights

Ints = npt.NDArray[np.int64]


def jury_order(scenario: Scenario, candidates: Candidates, fundable: Fundable) -> Ints:
    """Return the positions of all candidates as a jury ranks them, best first."""
    merit = fundable.merit
    if scenario.priority.mode == "weight":
        merit = merit * phase_weights(scenario, candidates)
    return np.lexsort((np.arange(len(candidates)), -merit, fundable.group))


def rank(scenario: Scenario, candidates: Candidates, fundable: Fundable, formulation: Formulation) -> Ints:
    """Return the grant of each step on the jury's list, in grant steps."""
    return _List(scenario, candidates, fundable, formulation).read()


@dataclass
class _State:
    """What has been given so far."""

    grants: Ints
    pools: dict[int, Fraction | int] = field(default_factory=lambda: defaultdict(int))  # grant steps, by pool
    charges: dict[int, Fraction | int] = field(
        default_factory=lambda: defaultdict(int)
    )  # of the same, what is no grant
    counts: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # activity, by rule row
    taken: set[int] = field(default_factory=set)

    def copy(self) -> "_State":
        pools, counts = defaultdict(int, self.pools), defaultdict(float, self.counts)
        return _State(self.grants.copy(), pools, defaultdict(int, self.charges), counts, set(self.taken))


class _List:
    def __init__(
        self, scenario: Scenario, candidates: Candidates, fundable: Fundable, formulation: Formulation
    ) -> None:
        self.scenario, self.formulation = scenario, formulation
        self.steps, self.plans = formulation.steps, formulation.plans
        self.ids = candidates.columns["id"]
        self.position = {id_: i for i, id_ in enumerate(self.ids)}
        self.order = [int(i) for i in jury_order(scenario, candidates, fundable)]
        self.state = _State(np.zeros(len(self.steps), dtype=np.int64))
        self.plans_of: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        made_of: dict[int, list[int]] = defaultdict(list)
        for p, s in zip(self.plans.plan.tolist(), self.plans.step.tolist(), strict=True):
            made_of[p].append(s)
        for p, i in enumerate(self.plans.candidate.tolist()):
            self.plans_of[i].append((p, made_of[p]))
        for plans in self.plans_of.values():
            # The plan that may bring most money first; of equal ones the earliest.
            plans.sort(key=lambda each: (-sum(int(self.steps.ceiling[s]) for s in each[1]), each[0]))
        self.limits = Limits(scenario, formulation)
        self.set_aside: int | None = None  # number of candidates that the transversal volets are paid for

    # ------------------------------------------------------------------------------------------------- reading

    def read(self) -> Ints:
        if not self.limits.transversal_pools:
            return self.read_once()
        # A jury sets aside what the transversal volets will cost before it serves anybody, else the first would take it: as much
        # as for all whom the money would serve without them.
        self.read_once()
        self.set_aside, self.state = len(self.state.taken), _State(np.zeros(len(self.steps), dtype=np.int64))
        return self.read_once()

    def read_once(self) -> Ints:
        for decision in self.scenario.decisions:
            if decision.decision == "fund":
                self.take(self.position[decision.candidate])
        for number, row in enumerate(self.formulation.rules):
            if row.funders is None and row.minimum is not None:
                self.call_up(number, row)
        is_moving = True
        while is_moving:
            is_moving = False
            for i in self.order:
                if i not in self.state.taken and self.plans_of.get(i) and self.take(i):
                    # Somebody passed over may have waited for this one.
                    is_moving = bool(self.scenario.links)
        return self.state.grants

    def call_up(self, number: int, row: RuleRow) -> None:
        """Serve a floor out of turn, best first, as far as possible."""
        step = self.scenario.envelope.grant_step
        is_member = np.zeros(len(self.steps), dtype=bool)
        is_member[row.steps] = True
        owners = set(self.steps.candidate[row.steps].tolist())
        needed = float(row.minimum or 0)
        if row.is_money:
            needed = float(steps_up(exact(row.minimum or 0) * self.limits.whole(row), step))
        for i in self.order:
            reached = float(self.state.grants[row.steps].sum()) if row.is_money else self.state.counts[number]
            if reached >= needed:
                return
            if i in owners and i not in self.state.taken:
                self.take(i, is_member)

    def take(self, i: int, members: npt.NDArray[np.bool_] | None = None) -> bool:
        """Fund a candidate, and those it cannot be funded without; say whether that was possible."""
        before = self.state.copy() if self.scenario.links else None
        if all(self._fund(each, members if each == i else None) for each in self._together(i)) and self._links_hold(i):
            return True
        if before is not None:
            self.state = before
        return False

    def _together(self, i: int) -> list[int]:
        """Return the candidate and those tied to it by `all or none`, not yet funded."""
        found, queue = [i], [i]
        while queue:
            id_ = self.ids[queue.pop()]
            for link in self.scenario.links:
                if link.all_or_none and id_ in link.candidates:
                    more = [self.position[each] for each in link.candidates]
                    queue += [each for each in more if each not in found]
                    found += [each for each in more if each not in found]
        return [each for each in found if each not in self.state.taken]

    def _links_hold(self, i: int) -> bool:
        taken = {self.ids[each] for each in self.state.taken}
        for link in self.scenario.links:
            members = taken.intersection(link.candidates)
            if link.at_most is not None and len(members) > link.at_most:
                return False
            if link.only_if is not None and members and link.only_if not in taken:
                return False
        return True

    def _fund(self, i: int, members: npt.NDArray[np.bool_] | None) -> bool:
        state = self.state
        for p, made_of in self.plans_of.get(i, []):
            if members is not None and not any(members[s] for s in made_of):
                continue
            if any(
                state.counts[number] + weight > self.limits.count_limit[number]
                for number, weight in self.limits.counts_of[p]
            ):
                continue
            for pool, charge in self.limits.charges_of.get(p, ()):
                state.charges[pool] += charge
            given: list[tuple[int, int]] = []
            for s in made_of:
                left = [self._left(pool) // share for pool, share in self.limits.pools_of[s]]
                grant = int(min(int(self.steps.ceiling[s]), *left))
                if grant < self.steps.floor[s]:
                    break
                given.append((s, grant))
                for pool, share in self.limits.pools_of[s]:
                    state.pools[pool] += grant * share
            if len(given) == len(made_of) and self._charges_hold(p):
                for s, grant in given:
                    state.grants[s] = grant
                for number, weight in self.limits.counts_of[p]:
                    state.counts[number] += weight
                state.taken.add(i)
                return True
            for s, grant in given:
                for pool, share in self.limits.pools_of[s]:
                    state.pools[pool] -= grant * share
            for pool, charge in self.limits.charges_of.get(p, ()):
                state.charges[pool] -= charge
        return False

    def _left(self, pool: int) -> Fraction | int:
        """Return what a pool has left once one more candidate is supported."""
        state = self.state
        supported = 0 if self.set_aside is None else max(self.set_aside, len(state.taken) + 1)
        return self.limits.left(pool, state.pools[pool], state.charges[pool], supported)

    def _charges_hold(self, p: int) -> bool:
        """Whether the charges that come with a plan can be paid, also where none of its grants is."""
        touched = {pool for pool, _ in self.limits.charges_of.get(p, ())} | self.limits.transversal_pools
        return all(self._left(pool) >= 0 for pool in touched)
