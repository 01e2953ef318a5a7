"""The plans that candidates may follow: the columns of the problem.

What concerns one candidate alone is settled here: each volet at most once, aids one or several together, which volets open which,
one plan at most. Plans are listed by pattern, a set of slots (volet, aid, year) that does not depend on the candidate; a candidate
has the plan of a pattern when its phase may follow it and it has all its steps.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.parts import PHASES
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]


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

    @cached_property
    def first(self) -> Ints:
        """Position of the first pair of each plan, and the number of pairs at the end; shape (plans + 1,)."""
        return np.searchsorted(self.plan, np.arange(len(self) + 1))

    def within(self, which: npt.NDArray[np.bool_]) -> "Plans":
        """Return the plans all of whose steps are among some, counted anew with them; the same object when it is all of them."""
        if which.all():
            return self
        is_kept = np.ones(len(self), dtype=bool)
        is_kept[self.plan[~which[self.step]]] = False
        pairs = is_kept[self.plan]
        number, position = np.cumsum(is_kept) - 1, np.cumsum(which) - 1
        return Plans(self.candidate[is_kept], number[self.plan[pairs]], position[self.step[pairs]])


def list_plans(scenario: Scenario, candidates: Candidates, steps: Steps) -> Plans:
    """List the plans that can be made of the fundable steps."""
    listed = _patterns(scenario, steps)
    makes = np.zeros((len(listed), len(steps.slots)), dtype=bool)
    for k, (pattern, _) in enumerate(listed):
        makes[k, pattern] = True
    at = np.full((len(candidates), len(steps.slots)), -1, dtype=np.int64)
    at[steps.candidate, steps.slot] = np.arange(len(steps))
    phases, phase = candidates.codes("phase")
    enters = np.array([[each in entering for each in phases.tolist()] for _, entering in listed], dtype=bool)
    enters = enters.reshape(len(listed), len(phases))
    # In floating point, since that product of matrices is the quick one; what is counted is few.
    lacking = (at < 0).astype(np.float32) @ makes.T.astype(np.float32)
    is_open = (lacking == 0) & enters.T[phase]
    if scenario.envelope.candidate_max is not None:
        floors = np.append(steps.floor, 0)[at]
        is_open &= floors @ makes.T.astype(np.int64) <= scenario.envelope.candidate_max // scenario.envelope.grant_step
    candidate, made_as = np.nonzero(is_open)
    plan, slot = np.nonzero(makes[made_as])
    return Plans(candidate, plan, at[candidate[plan], slot])


def _patterns(scenario: Scenario, steps: Steps) -> list[tuple[list[int], list[str]]]:
    """Return the sets of slots that a plan may be made of, each with the phases that may follow it, in a fixed order."""
    position = {tuple(each): k for k, each in enumerate(steps.slots.tolist())}
    options: list[list[list[int]]] = []
    for name, volet in scenario.step_volets.items():
        v = steps.volets.index(name)
        aids = [steps.aids.index(aid) for aid in (volet.aids or ("",))]
        sizes = range(1, len(aids) + 1) if volet.aids_mode == "both" else (1,)
        together = [chosen for size in sizes for chosen in combinations(aids, size)]
        triples = [[(v, aid, year) for aid in chosen] for chosen in together for year in scenario.horizon]
        options.append([[], *([position[each] for each in some] for some in triples if position.keys() >= set(some))])
    slots = [(steps.volets[v], year) for v, _, year in steps.slots.tolist()]
    listed = []
    for chosen in product(*options):
        pattern = [k for part in chosen for k in part]
        phases = _phases(scenario, [slots[k] for k in pattern]) if pattern else []
        if phases:
            listed.append((pattern, phases))
    return listed


def _phases(scenario: Scenario, entered: list[tuple[str, int]]) -> list[str]:
    """Return the phases of candidates that may enter volets in some years: those open to every volet that no earlier one opens."""
    phases: list[str] = list(PHASES)
    for name, year in entered:
        volet = scenario.volets[name]
        is_opened = any(
            other in volet.after and start + scenario.volets[other].duration + volet.lag <= year
            for other, start in entered
        )
        if not is_opened:
            phases = [phase for phase in phases if phase in volet.phases]
    return phases
