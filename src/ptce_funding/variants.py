"""The search for lists within a stated loss of value: who may change sides, and what is farthest from all that was found.

The optimum is one list. Which is the best list on which anybody changes sides, in or out, who has not yet? Each answer is the least that
its candidates cost; once it loses more than was stated, that is proved of all the others at once. Between those who are settled, further
lists are sought, each as far as possible from those before it, in candidates that are on one and not on the other, among all whose
value is within the loss (diverse solutions of an integer programme; Danna, Fenelon, Gu and Wunderling, IPCO 2007).
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from ptce_funding.allocation import Allocation
from ptce_funding.call import Call
from ptce_funding.errors import AuditError
from ptce_funding.messages import message
from ptce_funding.problem import Status
from ptce_funding.restriction import farthest, restricted, turning
from ptce_funding.solver_names import AUTO

Ints = npt.NDArray[np.int64]

Origin = Literal["optimum", "far", "exchange"]

#: A whole number that a bound is above by less is that number.
_ROUNDING = 1e-6
#: Lists that are sought at most to settle who may change sides.
MOST_TURNS = 300
#: How far, relatively, a value may be below the least that is asked: solvers' tolerances.
_SLACK = 1e-6


@dataclass(frozen=True)
class Variant:
    """One list within the loss.

    Parameters
    ----------
    allocation
        The list, audited.
    origin
        `optimum`, `far` from the lists before it, or `exchange`: the best list on which some candidates change sides.
    loss, losses
        What it loses against the optimum as a share of it, in all and by objective; below zero where it is better, within the gap of
        the optimum. Of nothing there is no share: without end, as a gap is, where only the list has a value.
    distances
        To each earlier list: candidates on one and not on the other.
    farthest
        Proved upper bound of the distance that any list within the loss has to the nearest of the earlier ones; None where it was not
        asked for, or is not known.
    shows
        Candidates who change sides here against the optimum, and on no better list.
    """

    allocation: Allocation
    origin: Origin
    loss: float
    losses: tuple[float, ...]
    distances: tuple[int, ...] = ()
    farthest: int | None = None
    shows: tuple[str, ...] = ()

    @property
    def distance(self) -> int | None:
        """Distance to the nearest of the earlier lists; None for the first."""
        return min(self.distances, default=None)

    @property
    def is_farthest(self) -> bool:
        """Whether it is proved that no list within the loss is farther from the nearest of those before it."""
        return self.origin == "far" and self.farthest == self.distance


class Search:
    """Lists of a call within a loss, as they are found; what stops it leaves what was found before.

    Parameters
    ----------
    call
        What was asked.
    best
        The optimum.
    within
        The loss.
    name
        Name of the solver.
    told
        Called with the number of lists found so far.
    """

    def __init__(self, call: Call, best: Allocation, within: float, name: str, told: Callable[[int], None]) -> None:
        self.call, self.best, self.told = call, best, told
        # Distances know no blocks to be decomposed by.
        self.solver, self.whole = name, "highs" if name == AUTO else name
        self.worth = [stage.value or 0.0 for stage in best.stages]
        self.least = [value - within * abs(value) for value in self.worth]
        largest = [float(np.abs(each).max(initial=0.0)) for each in call.formulation.problem.objectives]
        self.slack = [_SLACK * max(abs(value), most) for value, most in zip(self.worth, largest, strict=True)]
        self.always, self.never = set(best.supported), set(fundable(call)).difference(best.supported)
        # Distances are whole numbers, of which the gap must leave none open.
        options = call.scenario.solve
        self.options = options.model_copy(update={"gap": min(options.gap, 0.5 / max(len(fundable(call)), 1))})
        self.far: list[tuple[Allocation, int | None]] = []
        self.exchanges: dict[tuple[str, ...], tuple[Allocation, tuple[str, ...]]] = {}
        self.is_all = self.is_settled = False

    def prove(self) -> None:
        """Settle who is on all lists within the loss, and on none: in turn the best list on which anybody else changes sides."""
        for _ in range(MOST_TURNS):
            self.told(1 + len(self.exchanges))
            # The bound tells what must be lost of the first objective; the others have to keep within the loss by a row.
            allocation, is_none = self.turned((-np.inf, *self.least[1:]))
            if allocation is None and not is_none:
                # Value and bound are on either side of what may be lost: asked again with a row in place of the bound.
                allocation, is_none = self.turned(self.least)
            if allocation is None:
                self.is_settled = is_none
                return
            supported = set(allocation.supported)
            changed = (self.always - supported) | (self.never & supported)
            if not changed:
                return
            self.exchanges[allocation.supported] = allocation, tuple(sorted(changed))
            self.always, self.never = self.always - changed, self.never - changed

    def turned(self, least: Sequence[float]) -> tuple[Allocation | None, bool]:
        """Return the best list within the loss on which anybody changes sides, and whether it is proved that there is none."""
        on, off = _positions(self.call, self.always), _positions(self.call, self.never)
        asked = partial(turning, always=on, never=off, least=least)
        found = restricted(self.call, self.solver, asked, self.best.listing)
        if found.allocation is not None and self.is_within(found.allocation):
            return found.allocation, False
        is_beyond = found.bound is not None and found.bound < self.least[0]
        return None, found.solution.status is Status.INFEASIBLE or is_beyond

    def diversify(self, count: int) -> None:
        """Find the lists farthest from those before them; who is proved on all or on none is taken as given."""
        settled = (self.always, self.never) if self.is_settled else ((), ())
        on, off = (_positions(self.call, each) for each in settled)
        while len(self.far) + 1 < count and not self.is_all:
            self.told(1 + len(self.exchanges) + len(self.far))
            lists = [self.best, *(each for each, _ in self.far)]
            sets = [_positions(self.call, each.supported) for each in lists]
            asked = partial(farthest, sets=sets, least=self.least, always=on, never=off)
            found = restricted(self.call, self.whole, asked, self.best.listing, self.options)
            if found.allocation is None:
                return
            most = None if found.bound is None else math.floor(found.bound + _ROUNDING)
            distance = min(_distances(found.allocation, lists))
            if most is not None and distance > most:
                raise AuditError(message("A list is farther away than was proved possible."))
            if not distance:
                self.is_all = most == 0
                return
            self.far.append((found.allocation, most))

    def variants(self) -> tuple[Variant, ...]:
        """Return the lists in their order, each set of candidates once."""
        found = [self.variant(self.best, "optimum", ())]
        exchanges = dict(self.exchanges)
        for allocation, most in self.far:
            better, changed = exchanges.pop(allocation.supported, (allocation, ()))
            # Of two lists of the same candidates the better one.
            own = max(allocation, better, key=lambda each: [stage.value or 0.0 for stage in each.stages])
            found.append(replace(self.variant(own, "far", found), farthest=most, shows=changed))
        for allocation, changed in exchanges.values():
            found.append(replace(self.variant(allocation, "exchange", found), shows=changed))
        return tuple(found)

    def variant(self, allocation: Allocation, origin: Origin, earlier: Sequence[Variant]) -> Variant:
        """Return a list with its losses and distances, recomputed from its awards."""
        if not self.is_within(allocation):
            raise AuditError(message("A list loses more than was stated."))
        values = [stage.value or 0.0 for stage in allocation.stages]
        losses = tuple(_lost(value, best) for value, best in zip(values, self.worth, strict=True))
        distances = _distances(allocation, [each.allocation for each in earlier])
        return Variant(allocation, origin, _lost(sum(values), sum(self.worth)), losses, distances)

    def is_within(self, allocation: Allocation) -> bool:
        """Whether a list is within the loss, by each objective."""
        values = [stage.value or 0.0 for stage in allocation.stages]
        return all(value >= least - own for value, least, own in zip(values, self.least, self.slack, strict=True))


def _distances(allocation: Allocation, others: Sequence[Allocation]) -> tuple[int, ...]:
    """Return the number of candidates on a list or on another and not on both, for each of some others."""
    own = set(allocation.supported)
    return tuple(len(own.symmetric_difference(each.supported)) for each in others)


def _lost(value: float, best: float) -> float:
    """Return what is lost as a share of the best; without end where that is nothing and the value is not."""
    if not best:
        return -math.copysign(math.inf, value) if value else 0.0
    return (best - value) / abs(best)


def fundable(call: Call) -> tuple[str, ...]:
    """Return the candidates that have a plan, in order of identifier."""
    return tuple(call.candidates.ids[i] for i in np.unique(call.formulation.plans.candidate).tolist())


def _positions(call: Call, ids: Iterable[str]) -> Ints:
    return np.array(sorted(call.candidates.position[id_] for id_ in ids), dtype=np.int64)
