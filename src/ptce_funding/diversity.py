"""Lists that a model cannot separate: the most different allocations within a stated loss of value, and who is in all of them."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from ptce_funding.allocation import Allocation, allocated, as_table, relative_gap
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.errors import Interrupted
from ptce_funding.restriction import check_solver
from ptce_funding.scenario import Scenario
from ptce_funding.variants import Search, Variant, fundable

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["always", "sometimes", "never"]

#: Losses that differ by less are the same.
_SAME = 1e-9


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
    is_interrupted
        Whether the user stopped the search: what is said is true, and more might have been found.
    """

    call: Call
    within: float
    variants: tuple[Variant, ...]
    best: Allocation
    is_all: bool
    is_settled: bool
    seed: str | None
    is_interrupted: bool = False

    @cached_property
    def memberships(self) -> tuple[Membership, ...]:
        """Every candidate that could be funded, in order of identifier."""
        lists = [set(each.allocation.supported) for each in self.variants]
        cheapest = {id_: n for n, each in enumerate(self.variants) for id_ in each.shows}
        found = []
        for id_ in fundable(self.call) if lists else ():
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
    def inseparable(self) -> tuple[str, ...]:
        """Candidates who change sides within the proved gap of the optimum: another optimum might have them otherwise."""
        gaps = [relative_gap(stage.value, stage.bound) for stage in self.best.stages]
        near = [n for n, each in enumerate(self.variants) if _is_near(each.losses, gaps)]
        return tuple(each.candidate for each in self.memberships if each.cheapest in near)

    @property
    def draw(self) -> Draw | None:
        """The list drawn; None where none is, and after an interruption: whoever stops a search could choose what is drawn from."""
        if self.seed is None or not self.variants or self.is_interrupted:
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
    Interrupted
        When the user stops the search once the optimum is known; it carries what was found.
    """
    name = solver or scenario.solve.solver
    check_solver(scenario, name)
    call = prepare(scenario, as_table(candidates, scenario))
    best = allocated(call, name)
    if not best.has_allocation:
        return Alternatives(call, within, (), best, False, False, seed)
    search = Search(call, best, within, name, told or (lambda n: None))
    is_interrupted = False
    try:
        if prove:
            search.prove()
        search.diversify(count)
    except KeyboardInterrupt:
        is_interrupted = True
    is_settled = search.is_settled or search.is_all
    found = Alternatives(call, within, search.variants(), best, search.is_all, is_settled, seed, is_interrupted)
    if is_interrupted:
        raise Interrupted(found)
    return found


def _is_near(losses: Sequence[float], gaps: Sequence[float | None]) -> bool:
    """Whether losses by objective are within its gaps, the first that is open deciding; what is not known separates."""
    for loss, gap in zip(losses, gaps, strict=True):
        if gap is None or math.isinf(gap) or loss > gap + _SAME:
            return False
        if gap > _SAME or loss < -_SAME:
            return True
    return True


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
