"""The plans that candidates may follow: the columns of the problem.

What concerns one candidate alone is settled here: each volet at most once, aids one or several together, one plan at most. Plans
are listed by pattern, a set of (volet, aid, year) that does not depend on the candidate; a candidate has the plan of a pattern
when it has all its steps.
"""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from ptce_funding.scenario import Scenario
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]

_Triple = tuple[int, int, int]  # positions of volet and aid, and the year


@dataclass(frozen=True)
class Plans:
    """Plans, sorted by candidate and pattern.

    Parameters
    ----------
    candidate
        Candidate of each plan.
    plan, step
        Pairs of plan and step that say which steps a plan is made of, sorted.
    """

    candidate: Ints
    plan: Ints
    step: Ints

    def __len__(self) -> int:
        return len(self.candidate)


def list_plans(scenario: Scenario, steps: Steps) -> Plans:
    """List the plans that can be made of the fundable steps."""
    n = int(steps.candidate.max(initial=-1)) + 1
    position = {triple: np.full(n, -1, dtype=np.int64) for pattern in patterns(scenario, steps) for triple in pattern}
    for triple, at in position.items():
        chosen = np.flatnonzero((steps.volet == triple[0]) & (steps.aid == triple[1]) & (steps.year == triple[2]))
        at[steps.candidate[chosen]] = chosen
    candidates, numbers, made_of = [], [], []
    for number, pattern in enumerate(patterns(scenario, steps)):
        at = np.array([position[triple] for triple in pattern])
        having = np.flatnonzero((at >= 0).all(axis=0))
        candidates.append(having)
        numbers.append(np.full(len(having), number, dtype=np.int64))
        made_of.append(at[:, having].T)
    candidate = np.concatenate(candidates) if candidates else np.zeros(0, dtype=np.int64)
    order = np.lexsort((np.concatenate(numbers), candidate)) if candidates else candidate
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    plan, step, start = [], [], 0
    for each in made_of:
        plan.append(np.repeat(rank[start : start + len(each)], each.shape[1]))
        step.append(each.ravel())
        start += len(each)
    pairs_plan = np.concatenate(plan) if plan else np.zeros(0, dtype=np.int64)
    pairs_step = np.concatenate(step) if step else np.zeros(0, dtype=np.int64)
    sort = np.lexsort((pairs_step, pairs_plan))
    return Plans(candidate[order], pairs_plan[sort], pairs_step[sort])


def patterns(scenario: Scenario, steps: Steps) -> list[tuple[_Triple, ...]]:
    """Return the sets of (volet, aid, year) that a plan may be made of, in a fixed order."""
    options: list[list[tuple[_Triple, ...]]] = []
    for name, volet in scenario.volets.items():
        v = steps.volets.index(name)
        aids = [steps.aids.index(aid) for aid in (volet.aids or ("",))]
        sizes = range(1, len(aids) + 1) if volet.aids_mode == "both" else (1,)
        together = [chosen for size in sizes for chosen in combinations(aids, size)]
        options.append([tuple((v, aid, year) for aid in chosen) for chosen in together for year in scenario.horizon])
    listed = (sum((each for each in chosen if each), ()) for chosen in product(*([(), *each] for each in options)))
    return [pattern for pattern in listed if pattern]
