"""The plans that candidates may follow: the columns of the problem.

What concerns one candidate alone is settled here: each volet at most once, aids one or several together, which volets open which,
one plan at most. Plans are listed by pattern, a set of (volet, aid, year) that does not depend on the candidate; a candidate has
the plan of a pattern when its phase may follow it and it has all its steps.
"""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.parts import PHASES
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


def list_plans(scenario: Scenario, candidates: Candidates, steps: Steps) -> Plans:
    """List the plans that can be made of the fundable steps."""
    n = len(candidates)
    phases = candidates.column("phase").astype(str)
    listed = patterns(scenario, steps)
    position = {triple: np.full(n, -1, dtype=np.int64) for pattern, _ in listed for triple in pattern}
    for triple, at in position.items():
        chosen = np.flatnonzero((steps.volet == triple[0]) & (steps.aid == triple[1]) & (steps.year == triple[2]))
        at[steps.candidate[chosen]] = chosen
    candidate: list[Ints] = []
    number: list[Ints] = []
    made_of: list[Ints] = []
    for k, (pattern, entering) in enumerate(listed):
        at = np.array([position[triple] for triple in pattern])
        is_open = (at >= 0).all(axis=0) & np.isin(phases, entering)
        if scenario.envelope.candidate_max is not None:
            least = np.where(at >= 0, steps.floor[at], 0).sum(axis=0) if len(steps) else np.zeros(n)
            is_open &= least <= scenario.envelope.candidate_max // scenario.envelope.grant_step
        having = np.flatnonzero(is_open)
        candidate.append(having)
        number.append(np.full(len(having), k, dtype=np.int64))
        made_of.append(at[:, having].T)
    owner = np.concatenate([*candidate, np.zeros(0, dtype=np.int64)])
    order = np.lexsort((np.concatenate([*number, np.zeros(0, dtype=np.int64)]), owner))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    plan, step, start = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], 0
    for each in made_of:
        plan.append(np.repeat(rank[start : start + len(each)], each.shape[1]))
        step.append(each.ravel())
        start += len(each)
    pairs_plan, pairs_step = np.concatenate(plan), np.concatenate(step)
    sort = np.lexsort((pairs_step, pairs_plan))
    return Plans(owner[order], pairs_plan[sort], pairs_step[sort])


def patterns(scenario: Scenario, steps: Steps) -> list[tuple[tuple[_Triple, ...], list[str]]]:
    """Return the sets of (volet, aid, year) that a plan may be made of, each with the phases that may follow it, in a fixed order."""
    options: list[list[tuple[_Triple, ...]]] = []
    for name, volet in scenario.step_volets.items():
        v = steps.volets.index(name)
        aids = [steps.aids.index(aid) for aid in (volet.aids or ("",))]
        sizes = range(1, len(aids) + 1) if volet.aids_mode == "both" else (1,)
        together = [chosen for size in sizes for chosen in combinations(aids, size)]
        options.append([tuple((v, aid, year) for aid in chosen) for chosen in together for year in scenario.horizon])
    listed = []
    for chosen in product(*([(), *each] for each in options)):
        pattern: tuple[_Triple, ...] = sum((each for each in chosen if each), ())
        phases = _phases(scenario, steps, pattern)
        if pattern and phases:
            listed.append((pattern, phases))
    return listed


def _phases(scenario: Scenario, steps: Steps, pattern: tuple[_Triple, ...]) -> list[str]:
    """Return the phases of candidates that may follow a pattern: those that may enter every volet that no earlier one opens."""
    volets = [(steps.volets[v], year) for v, _, year in pattern]
    phases = list(PHASES)
    for name, year in volets:
        volet = scenario.volets[name]
        is_opened = any(
            other in volet.after and start + scenario.volets[other].duration + volet.lag <= year
            for other, start in volets
        )
        if not is_opened:
            phases = [phase for phase in phases if phase in volet.phases]
    return [str(phase) for phase in phases]
