"""What leaves no room for a candidate that could be funded and is not.

Looks at the limits that the allocation has filled, not at all others that could have been chosen: it says what stands in the way of
adding the candidate as things are.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
from ptce_funding.limits import Limits, rule_name
from ptce_funding.messages import Message, message

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
        unit = call.scenario.envelope.grant_step
        self.limits = Limits(call.scenario, call.formulation, int(grants.sum()) * unit)
        self.used: dict[int, Fraction | int] = defaultdict(int)
        for s in np.flatnonzero(grants).tolist():
            for pool, share in self.limits.pools_of[s]:
                self.used[pool] += int(grants[s]) * share
        steps_of: dict[int, list[int]] = defaultdict(list)
        for p, s in zip(self.plans.plan.tolist(), self.plans.step.tolist(), strict=True):
            steps_of[p].append(s)
        self.steps_of = steps_of
        self.plans_of: dict[int, list[int]] = defaultdict(list)
        for p, i in enumerate(self.plans.candidate.tolist()):
            self.plans_of[i].append(p)
        self.charged: dict[int, Fraction | int] = defaultdict(int)
        self.supported = len(np.unique(self.steps.candidate[grants > 0]))
        self.counted: dict[int, float] = defaultdict(float)
        ids = call.candidates.columns["id"]
        self.funded = {ids[i] for i in np.unique(self.steps.candidate[grants > 0])}
        for p in range(len(self.plans)):
            if steps_of[p] and all(grants[s] > 0 for s in steps_of[p]) and self._is_chosen(p, grants):
                for number, weight in self.limits.counts_of[p]:
                    self.counted[number] += weight
                for pool, charge in self.limits.charges_of.get(p, ()):
                    self.charged[pool] += charge

    def _is_chosen(self, p: int, grants: Ints) -> bool:
        """Whether a plan is the one that its candidate follows: it has all the funded steps."""
        owner = self.plans.candidate[p]
        return len(self.steps_of[p]) == int(((self.steps.candidate == owner) & (grants > 0)).sum())

    def of(self, i: int) -> list[Message]:
        """Return what stands in the way of the candidate at position `i`, by the plan that least does; empty when nothing does."""
        found = [self._of_plan(p) for p in self.plans_of.get(i, [])]
        ways = [*self._of_links(str(self.call.candidates.columns["id"][i]))]
        least = min(found, key=len, default=[])
        return [*least, *ways]

    def _of_plan(self, p: int) -> list[Message]:
        unit = self.call.scenario.envelope.grant_step
        found: list[Message] = []
        needed: dict[int, Fraction | int] = defaultdict(int)
        for s in self.steps_of[p]:
            for pool, share in self.limits.pools_of[s]:
                needed[pool] += int(self.steps.floor[s]) * share
        charges: dict[int, Fraction | int] = defaultdict(int)
        for pool, charge in self.limits.charges_of.get(p, ()):
            charges[pool] += charge
        for pool in [*needed, *(each for each in charges if each not in needed)]:
            least, taken = needed[pool], self.charged[pool] + charges[pool]
            left = self.limits.left(pool, self.used[pool], taken, self.supported + 1)
            if least > left:
                text = message(
                    "{limit}: {left:euros} left, at least {least:euros} needed",
                    limit=self.limits.pools[pool].name,
                    left=max(float(left), 0.0) * unit,
                    least=float(least) * unit,
                )
                found.append(text)
        for number, weight in self.limits.counts_of[p]:
            if self.counted[number] + weight > self.limits.count_limit[number]:
                found.append(message("{limit}: full", limit=rule_name(self.call.formulation.rules[number])))
        return found

    def _of_links(self, id_: str) -> Iterable[Message]:
        for link in self.call.scenario.links:
            title = link.title or link.name
            members = [each for each in link.candidates if each in self.funded]
            is_member = id_ in link.candidates
            if is_member and link.at_most is not None and len(members) >= link.at_most:
                yield message("the link “{link}”: full", link=title)
            if is_member and link.all_or_none:
                yield message("the link “{link}”: all or none", link=title)
            if is_member and link.only_if is not None and link.only_if not in self.funded:
                yield message("the link “{link}”: only with {other}", link=title, other=link.only_if)
