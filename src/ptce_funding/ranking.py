"""The jury's way: down a list until the money is gone.

Candidates are taken by priority group, then by merit, then by identifier. Each gets as much as its ceiling, the money left and
the rules allow, or nothing. Before the list is read, candidates funded by hand are served, then those whom a floor calls up out
of turn, best first. Caps are kept by granting less or passing over. What a list cannot keep (shares of what will have been
granted, rules about funders) is checked at the end, and the rules it breaks are named.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.formulation import Formulation
from ptce_funding.limits import Limits
from ptce_funding.money import exact, steps_up
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario
from ptce_funding.serving import Goal, Server
from ptce_funding.steps import Fundable
from ptce_funding.value import phase_weights

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def jury_order(scenario: Scenario, candidates: Candidates, fundable: Fundable) -> Ints:
    """Return the positions of all candidates as a jury ranks them, best first."""
    merit = fundable.merit
    if scenario.priority.mode == "weight":
        merit = merit * phase_weights(scenario, candidates)
    return np.lexsort((np.arange(len(candidates)), -merit, fundable.group))


def rank(scenario: Scenario, candidates: Candidates, fundable: Fundable, formulation: Formulation) -> Ints:
    """Return the grant of each step on the jury's list, in grant steps."""
    return _List(scenario, candidates, fundable, formulation).read()


class _List:
    def __init__(
        self, scenario: Scenario, candidates: Candidates, fundable: Fundable, formulation: Formulation
    ) -> None:
        self.scenario, self.candidates, self.formulation = scenario, candidates, formulation
        self.limits = Limits(scenario, formulation)
        has_plan = np.zeros(len(candidates), dtype=bool)
        has_plan[formulation.plans.candidate] = True
        order = jury_order(scenario, candidates, fundable)
        self.order = order[has_plan[order]]
        named = {candidates.position[id_] for link in scenario.links for id_ in link.candidates}
        self.is_linked = np.zeros(len(candidates), dtype=bool)
        self.is_linked[sorted(named)] = True
        self.server = Server(formulation, self.limits, len(candidates))

    # ------------------------------------------------------------------------------------------------- reading

    def read(self) -> Ints:
        if not any(group.share for group in self.formulation.funding.charges):
            return self.read_once()
        # A jury sets aside what the transversal volets will cost before it serves anybody, else the first would take it: as much
        # as for all whom the money would serve without them.
        self.read_once()
        set_aside = int(self.server.taken.sum())
        self.server = Server(self.formulation, self.limits, len(self.candidates), set_aside)
        return self.read_once()

    def read_once(self) -> Ints:
        for decision in self.scenario.decisions:
            if decision.decision == "fund":
                self.take(self.candidates.position[decision.candidate])
        for number, row in enumerate(self.formulation.rules):
            if row.funders is None and row.minimum is not None:
                self.call_up(number, row)
        is_moving = True
        while is_moving:
            before = int(self.server.taken.sum())
            self.go_down(self.order)
            # Somebody passed over may have waited for one of those.
            is_moving = bool(self.scenario.links) and int(self.server.taken.sum()) > before
        return self.server.grants

    def call_up(self, number: int, row: RuleRow) -> None:
        """Serve a floor out of turn, best first, as far as possible."""
        needed = float(row.minimum or 0)
        if row.is_money:
            needed = float(
                steps_up(exact(row.minimum or 0) * self.limits.whole(row), self.scenario.envelope.grant_step)
            )
        goal = Goal(row.steps, needed, None if row.is_money else number)
        if self.server.reached(goal) < needed:
            among, has_step = (
                np.zeros(len(self.formulation.steps), dtype=bool),
                np.zeros(len(self.candidates), dtype=bool),
            )
            among[row.steps] = True
            has_step[self.formulation.steps.candidate[row.steps]] = True
            self.go_down(self.order[has_step[self.order]], among, goal)

    def go_down(self, order: Ints, among: Bools | None = None, goal: Goal | None = None) -> None:
        """Serve candidates in order, until a goal is reached; those whom links name one by one."""
        for start, end in pairwise([-1, *np.flatnonzero(self.is_linked[order]).tolist(), len(order)]):
            self.server.serve(order[start + 1 : end], among, goal)
            if end < len(order) and (goal is None or self.server.reached(goal) < goal.needed):
                self.take(int(order[end]), among)

    def take(self, i: int, among: Bools | None = None) -> None:
        """Fund a candidate, and those it cannot be funded without, if that is possible; it alone may be bound to some plans."""
        tied = self.tied_to(i)
        before = self.server.copy() if self.scenario.links else self.server
        for each in tied:
            self.server.serve(np.array([each]), among if each == i else None)
            if not self.server.taken[each]:
                break
        if not (self.server.taken[tied].all() and self.links_hold()):
            self.server = before

    def tied_to(self, i: int) -> list[int]:
        """Return the candidate and those tied to it by `all or none`, not yet funded."""
        found, queue = [i], [i]
        while queue:
            id_ = self.candidates.ids[queue.pop()]
            for link in self.scenario.links:
                if link.all_or_none and id_ in link.candidates:
                    more = [self.candidates.position[each] for each in link.candidates]
                    queue += [each for each in more if each not in found]
                    found += [each for each in more if each not in found]
        return [each for each in found if not self.server.taken[each]]

    def links_hold(self) -> bool:
        position, taken = self.candidates.position, self.server.taken
        for link in self.scenario.links:
            members = sum(taken[position[id_]] for id_ in set(link.candidates))
            if link.at_most is not None and members > link.at_most:
                return False
            if link.only_if is not None and members and not taken[position[link.only_if]]:
                return False
        return True
