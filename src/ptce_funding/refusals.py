"""Why candidates get nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
from ptce_funding.messages import Message, message
from ptce_funding.obstacles import Obstacles
from ptce_funding.ranking import jury_order

Ints = npt.NDArray[np.int64]

Outcome = Literal["funded", "outranked", "rejected", "unfundable", "inadmissible"]


@dataclass(frozen=True)
class Refusal:
    """Why a candidate gets nothing.

    Parameters
    ----------
    candidate
        Identifier.
    outcome
        At which point it fell out.
    reasons
        In words; at least one.
    """

    candidate: str
    outcome: Outcome
    reasons: tuple[Message, ...]


def with_outcome(call: Call, grants: Ints, outcome: Outcome) -> Ints:
    """Return the positions of the candidates with some outcome.

    Parameters
    ----------
    grants
        Grant of each step, in grant steps.
    """
    n = len(call.candidates)
    told = np.full(n, "outranked", dtype=object)
    told[sorted(call.rejected)] = "rejected"
    told[list(call.fundable.reasons)] = "unfundable"
    told[list(call.screening.failures)] = "inadmissible"
    told[call.formulation.steps.candidate[grants > 0]] = "funded"
    return np.flatnonzero(told == outcome)


def standings(call: Call) -> tuple[Ints, int]:
    """Return the rank of each fundable candidate by priority and merit, from 1, by position; and how many there are."""
    order = jury_order(call.scenario, call.candidates, call.fundable)
    order = order[np.isin(order, call.fundable.steps.candidate)]
    rank = np.zeros(len(call.candidates), dtype=np.int64)
    rank[order] = 1 + np.arange(len(order))
    return rank, len(order)


def refusals(call: Call, grants: Ints, is_jury: bool = False) -> tuple[Refusal, ...]:
    """Return why each candidate that gets nothing does so, in order of identifier.

    Parameters
    ----------
    grants
        Grant of each step, in grant steps.
    is_jury
        Whether they are the jury's list, not chosen for their value.
    """
    ids = call.candidates.ids
    found: dict[int, Refusal] = {}
    for i in with_outcome(call, grants, "inadmissible").tolist():
        reasons = tuple(failure.message for failure in call.screening.failures[i])
        found[i] = Refusal(ids[i], "inadmissible", reasons)
    for i in with_outcome(call, grants, "unfundable").tolist():
        found[i] = Refusal(ids[i], "unfundable", call.fundable.reasons[i])
    by_hand = {each.candidate: each for each in call.scenario.decisions if each.decision == "reject"}
    for i in with_outcome(call, grants, "rejected").tolist():
        by, why = by_hand[ids[i]].by, by_hand[ids[i]].reason
        text = message("rejected by hand, by {by}: {reason}", by=by, reason=why)
        found[i] = Refusal(ids[i], "rejected", (text,))
    outranked = with_outcome(call, grants, "outranked")
    rank, n = standings(call)
    free = message("there would be room, but adding it would break a floor or lower the value")
    for i, ways in zip(outranked.tolist(), Obstacles(call, grants).of(outranked), strict=True):
        text = message(
            "fundable, rank {rank} of {n} by priority and merit ({merit:number})",
            rank=int(rank[i]),
            n=n,
            merit=float(call.fundable.merit[i]),
        )
        found[i] = Refusal(ids[i], "outranked", (text, _no_room(ways, is_jury) if ways else free))
    return tuple(found[i] for i in sorted(found))


def _no_room(limits: Sequence[Message], is_jury: bool) -> Message:
    """Say that the list leaves no room: whom it funds instead is a matter of value, or of rank."""
    if is_jury:
        return message("the list drawn up in order of rank leaves it no room: {limits:parts}", limits=limits)
    return message("the list retained for its overall value leaves it no room: {limits:parts}", limits=limits)
