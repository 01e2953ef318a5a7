"""Lists that a model cannot separate: the most different allocations within a stated loss of value, and who is in all of them.

The optimum is one list. Each further list is as far as possible from those found, in candidates that are on one and not on the other,
among all whose value is within the loss (diverse solutions of an integer programme; Danna, Fenelon, Gu and Wunderling, IPCO 2007).
Then the question is turned round: which is the best list on which anybody changes sides, in or out, who has not yet? Each answer is the
least that its candidates cost; once it loses more than was stated, that is proved of all the others at once.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import floor
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ptce_funding.allocation import Allocation, allocated, as_table
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.errors import AuditError
from ptce_funding.messages import message
from ptce_funding.problem import Status
from ptce_funding.restriction import Restricted, check_solver, farthest, restricted, turning
from ptce_funding.scenario import Scenario
from ptce_funding.solver_names import AUTO

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]

Kind = Literal["always", "sometimes", "never"]
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
        the optimum.
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


@dataclass(frozen=True)
class Membership:
    """On which lists a candidate is.

    Parameters
    ----------
    candidate
        Identifier.
    kind
        On all lists, on some or on none.
    is_proved
        Whether this is so of all lists within the loss, not only of those found.
    lists
        Positions of the lists found that it is on.
    cheapest
        Position of the best list on which it is on the other side than in the optimum; None where there is none within the loss, or
        where it was not sought.
    """

    candidate: str
    kind: Kind
    is_proved: bool
    lists: tuple[int, ...]
    cheapest: int | None


@dataclass(frozen=True)
class Draw:
    """A list drawn among those found.

    Parameters
    ----------
    seed
        Public text, as stated.
    digest
        Its SHA-256, hexadecimal: read as a number and divided by the number of lists, it leaves the position drawn.
    position
        Of the list drawn.
    """

    seed: str
    digest: str
    position: int


@dataclass(frozen=True)
class Alternatives:
    """The lists within a loss of value.

    Parameters
    ----------
    call
        What was asked.
    within
        The loss, as a share of the value of the optimum; of each group's where the priority is strict.
    variants
        The lists, the optimum first, then those farthest from all before them, then those that show who else may change sides. Empty
        without an allocation.
    best
        The optimum.
    is_all
        Whether no list within the loss has other candidates than one of those found: proved.
    is_settled
        Whether it is proved of every candidate on which lists it is.
    seed
        Public text by which a list is drawn; None where none is.
    """

    call: Call
    within: float
    variants: tuple[Variant, ...]
    best: Allocation
    is_all: bool
    is_settled: bool
    seed: str | None

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """Every candidate that could be funded, in order of identifier."""
        lists = [set(each.allocation.supported) for each in self.variants]
        cheapest = {id_: n for n, each in enumerate(self.variants) for id_ in each.shows}
        found = []
        for id_ in _fundable(self.call) if lists else ():
            on = tuple(n for n, each in enumerate(lists) if id_ in each)
            kind: Kind = "always" if len(on) == len(lists) else "sometimes" if on else "never"
            found.append(Membership(id_, kind, kind == "sometimes" or self.is_settled, on, cheapest.get(id_)))
        return tuple(found)

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Return the candidates on all lists, on some or on none."""
        return tuple(each.candidate for each in self.memberships if each.kind == kind)

    @cached_property
    def ties(self) -> tuple[tuple[str, ...], ...]:
        """Candidates that the model cannot tell apart and the optimum does: same value and same grants, some funded and some not.

        Those alone whom lists within the loss exchange; rules may still tell the others apart.
        """
        funded, groups = set(self.best.supported), dict[object, list[str]]()
        exchanged = self.of_kind("sometimes")
        for id_, likeness in zip(exchanged, _likeness(self.call, exchanged), strict=True):
            groups.setdefault(likeness, []).append(id_)
        return tuple(tuple(each) for each in groups.values() if 0 < len(funded.intersection(each)) < len(each))

    @property
    def draw(self) -> Draw | None:
        """The list drawn; None where none is."""
        if self.seed is None or not self.variants:
            return None
        digest = hashlib.sha256(self.seed.encode()).hexdigest()
        return Draw(self.seed, digest, int(digest, 16) % len(self.variants))


def alternatives(
    scenario: Scenario,
    candidates: "Candidates | pd.DataFrame",
    within: float,
    *,
    count: int = 5,
    prove: bool = True,
    seed: str | None = None,
    solver: str | None = None,
    told: Callable[[int], None] | None = None,
) -> Alternatives:
    """Find the most different allocations within a loss of value, and who is on all, some or none of all such lists.

    Parameters
    ----------
    scenario
        The call.
    candidates
        The candidate table, or a data frame with its columns.
    within
        Loss, a share in [0, 1) of the value of the optimum; of each group's where the priority is strict.
    count
        Number of lists to seek, the optimum among them; fewer where there are no more.
    prove
        Whether it is proved who is on all and on none; lists found on the way join the others.
    seed
        Public text, by which one of the lists is drawn.
    solver
        `auto`, `highs`, `decomposition`, `cbc` or a name that PuLP knows; that of the scenario unless said.
    told
        Called with the number of lists found so far.

    Returns
    -------
    Alternatives
        Without an allocation it has no lists, and `best` says why.

    Raises
    ------
    ScenarioError, CandidatesError
        When scenario and candidates do not fit together.
    SolverError
        When the solver fails or is not installed.
    AuditError
        When a list breaks a rule, or what is said of it: a fault of this program.
    """
    name = solver or scenario.solve.solver
    check_solver(scenario, name)
    call = prepare(scenario, as_table(candidates, scenario))
    best = allocated(call, name)
    if not best.has_allocation:
        return Alternatives(call, within, (), best, False, False, seed)
    search = _Search(call, best, within, name, told or (lambda n: None))
    search.diversify(count)
    if prove:
        search.prove()
    return Alternatives(call, within, tuple(search.variants), best, search.is_all, search.is_settled, seed)


class _Search:
    def __init__(self, call: Call, best: Allocation, within: float, name: str, told: Callable[[int], None]) -> None:
        self.call, self.best, self.told = call, best, told
        # Distances know no blocks to be decomposed by.
        self.solver, self.whole = name, "highs" if name == AUTO else name
        self.worth = [stage.value or 0.0 for stage in best.stages]
        self.least = [value - within * abs(value) for value in self.worth]
        largest = [float(np.abs(each).max(initial=0.0)) for each in call.formulation.problem.objectives]
        self.slack = [_SLACK * max(abs(value), most) for value, most in zip(self.worth, largest, strict=True)]
        self.fundable = _fundable(call)
        # Distances are whole numbers, of which the gap must leave none open.
        options = call.scenario.solve
        self.options = options.model_copy(update={"gap": min(options.gap, 0.5 / max(len(self.fundable), 1))})
        self.variants = [Variant(best, "optimum", 0.0, (0.0,) * len(self.worth))]
        self.is_all = self.is_settled = False

    def diversify(self, count: int) -> None:
        """Find the lists farthest from those before them."""
        while len(self.variants) < count and not self.is_all:
            self.told(len(self.variants))
            sets = [_positions(self.call, each.allocation.supported) for each in self.variants]
            asked = partial(farthest, sets=sets, least=self.least)
            found = restricted(self.call, self.whole, asked, self.best.listing, self.options)
            bound = _bound(found)
            if found.allocation is None:
                return
            variant = self.variant(found.allocation, "far", None if bound is None else floor(bound + _ROUNDING))
            if not variant.distance:
                self.is_all = self.is_settled = variant.farthest == 0
                return
            self.variants.append(variant)

    def prove(self) -> None:
        """Settle who is on all lists within the loss, and on none: in turn the best list on which anybody else changes sides."""
        always, never = set(self.best.supported), set(self.fundable).difference(self.best.supported)
        for _ in range(MOST_TURNS):
            self.told(len(self.variants))
            # The bound tells what must be lost of the first objective; the others have to keep within the loss by a row.
            allocation, is_none = self.turned(always, never, (-np.inf, *self.least[1:]))
            if allocation is None and not is_none:
                # Value and bound are on either side of what may be lost: asked again with a row in place of the bound.
                allocation, is_none = self.turned(always, never, self.least)
            if allocation is None:
                self.is_settled |= is_none
                return
            supported = set(allocation.supported)
            changed = (always - supported) | (never & supported)
            if not changed:
                return
            self.note(allocation, tuple(sorted(changed)))
            always, never = always - changed, never - changed

    def turned(self, always: set[str], never: set[str], least: Sequence[float]) -> tuple[Allocation | None, bool]:
        """Return the best list within the loss on which anybody changes sides, and whether it is proved that there is none."""
        on, off = _positions(self.call, always), _positions(self.call, never)
        asked = partial(turning, always=on, never=off, least=least)
        found = restricted(self.call, self.solver, asked, self.best.listing)
        if found.allocation is not None and self.is_within(found.allocation):
            return found.allocation, False
        bound = _bound(found)
        is_beyond = bound is not None and bound < self.least[0]
        return None, found.solution.status is Status.INFEASIBLE or is_beyond

    def note(self, allocation: Allocation, changed: tuple[str, ...]) -> None:
        """Keep a list on which candidates change sides; where the same candidates are on one of the others, the better of the two."""
        new = replace(self.variant(allocation, "exchange"), shows=changed)
        for n, each in enumerate(self.variants):
            if each.allocation.supported == allocation.supported:
                kept = new if new.losses < each.losses else each
                self.variants[n] = replace(
                    each, allocation=kept.allocation, loss=kept.loss, losses=kept.losses, shows=changed
                )
                return
        self.variants.append(new)

    def is_within(self, allocation: Allocation) -> bool:
        """Whether a list is within the loss, by each objective."""
        values = [stage.value or 0.0 for stage in allocation.stages]
        return all(value >= least - own for value, least, own in zip(values, self.least, self.slack, strict=True))

    def variant(self, allocation: Allocation, origin: Origin, farthest: int | None = None) -> Variant:
        """Return a list with its distances and losses, recomputed from its awards."""
        if not self.is_within(allocation):
            raise AuditError(message("A list loses more than was stated."))
        own = set(allocation.supported)
        distances = tuple(len(own.symmetric_difference(each.allocation.supported)) for each in self.variants)
        if farthest is not None and min(distances) > farthest:
            raise AuditError(message("A list is farther away than was proved possible."))
        values = [stage.value or 0.0 for stage in allocation.stages]
        losses = tuple(_lost(value, best) for value, best in zip(values, self.worth, strict=True))
        return Variant(allocation, origin, _lost(sum(values), sum(self.worth)), losses, distances, farthest)


def _lost(value: float, best: float) -> float:
    """Return what is lost as a share of the best; none where that is nothing."""
    return (best - value) / abs(best) if best else 0.0


def _bound(found: Restricted) -> float | None:
    """Return the proved bound of what was asked first."""
    return found.solution.stages[0].bound if found.solution.stages else None


def _fundable(call: Call) -> tuple[str, ...]:
    """Return the candidates that have a plan, in order of identifier."""
    return tuple(call.candidates.ids[i] for i in np.unique(call.formulation.plans.candidate).tolist())


def _positions(call: Call, ids: Iterable[str]) -> Ints:
    return np.array(sorted(call.candidates.position[id_] for id_ in ids), dtype=np.int64)


def _likeness(call: Call, ids: Sequence[str]) -> list[object]:
    """Return for each of some candidates what is equal for those of the same plans, grants and values."""
    plans, steps, scenario = call.formulation.plans, call.formulation.steps, call.scenario
    fixed, unit = scenario.value.fixed, scenario.envelope.grant_step
    values = [steps.base * (fixed + (1.0 - fixed) * grant * unit / steps.ask) for grant in (steps.floor, steps.ceiling)]
    whole = (steps.slot, steps.floor, steps.ceiling, *values)
    told: list[object] = []
    for id_ in ids:
        i = call.candidates.position[id_]
        own = range(*np.searchsorted(plans.candidate, [i, i + 1]).tolist())
        at = [plans.step[plans.first[p] : plans.first[p + 1]] for p in own]
        listed = tuple(tuple(tuple(column[made_of].tolist()) for column in whole) for made_of in at)
        told.append((int(call.fundable.group[i]), listed))
    return told
