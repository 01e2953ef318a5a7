"""What became of each candidate."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ptce_funding.allocation import Allocation
from ptce_funding.messages import Message, message
from ptce_funding.refusals import Outcome
from ptce_funding.steps import CEILINGS


@dataclass(frozen=True, slots=True)
class CandidateOutcome:
    """What became of one candidate.

    Parameters
    ----------
    candidate
        Identifier.
    outcome
        At which point it fell out, or `funded`.
    grant
        Euros, all awards together.
    reasons
        In words; for the funded, what sets each of its grants.
    """

    candidate: str
    outcome: Outcome
    grant: int
    reasons: tuple[Message, ...]


def outcomes(allocation: Allocation) -> list[CandidateOutcome]:
    """Return every candidate in order of identifier; none without an allocation."""
    if not allocation.has_allocation:
        return []
    grants: dict[str, int] = defaultdict(int)
    for award in allocation.awards:
        grants[award.candidate] += award.grant
    refused = {refusal.candidate: refusal for refusal in allocation.refused}
    set_by = _what_sets(allocation)
    found = []
    for id_ in allocation.call.candidates.ids:
        if id_ in refused:
            found.append(CandidateOutcome(id_, refused[id_].outcome, 0, refused[id_].reasons))
        else:
            found.append(CandidateOutcome(id_, "funded", grants[id_], tuple(set_by[id_])))
    return found


def asked(allocation: Allocation) -> dict[str, int]:
    """Return what each fundable candidate asks, in euros: for the steps that are funded, else for the plan that asks most."""
    call, plans, steps = allocation.call, allocation.call.formulation.plans, allocation.call.formulation.steps
    ids = call.candidates.ids
    found: dict[str, int] = defaultdict(int)
    by_plan = np.bincount(plans.plan, weights=steps.ask[plans.step], minlength=len(plans))
    for i, ask in zip(plans.candidate.tolist(), by_plan.tolist(), strict=True):
        found[ids[i]] = max(found[ids[i]], int(ask))
    funded = {(award.candidate, award.volet, award.aid, award.year) for award in allocation.awards}
    found |= dict.fromkeys(allocation.supported, 0)
    for s, i in enumerate(steps.candidate.tolist()):
        if (ids[i], steps.volets[steps.volet[s]], steps.aids[steps.aid[s]], int(steps.year[s])) in funded:
            found[ids[i]] += int(steps.ask[s])
    return found


def _what_sets(allocation: Allocation) -> dict[str, list[Message]]:
    """Return what sets each grant: its ceiling, its floor, or the choice in between."""
    steps, ids = allocation.call.formulation.steps, allocation.call.candidates.ids
    unit = allocation.call.scenario.envelope.grant_step
    by_hand = {each.candidate: each for each in allocation.call.scenario.decisions if each.decision == "fund"}
    set_by: dict[str, list[Message]] = defaultdict(list)
    for s in np.flatnonzero(allocation.grants).tolist():
        id_, grant = ids[steps.candidate[s]], int(allocation.grants[s]) * unit
        if id_ in by_hand and not set_by[id_]:
            text = message("funded by hand, by {by}: {reason}", by=by_hand[id_].by, reason=by_hand[id_].reason)
            set_by[id_].append(text)
        ceiling, floor = int(steps.ceiling[s]) * unit, int(steps.floor[s]) * unit
        if grant == ceiling:
            text = message(
                "{grant:euros}: its ceiling, set by {bound}",
                grant=grant,
                bound=message(CEILINGS[steps.ceiling_reason[s]]),
            )
        elif grant == floor:
            text = message("{grant:euros}: its floor, of at most {ceiling:euros}", grant=grant, ceiling=ceiling)
        else:
            text = message(
                "{grant:euros}: between {floor:euros} and {ceiling:euros}", grant=grant, floor=floor, ceiling=ceiling
            )
        volet = allocation.call.scenario.volets[steps.volets[steps.volet[s]]]
        if len(allocation.call.scenario.step_volets) > 1:
            text = message("{volet}: {reason}", volet=volet.title or steps.volets[steps.volet[s]], reason=text)
        set_by[id_].append(text)
    return set_by
