"""Lists at several envelopes of which each keeps the promises of the smaller ones: nobody loses when there is more money.

The optimum of a larger envelope may drop whom a smaller one funds. Here the envelopes are taken upwards, and whoever is funded at one
is funded at all larger ones with no less money. What that costs is told against the free optimum of each envelope.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ptce_funding.allocation import Allocation, allocated, as_table
from ptce_funding.awards import money_of
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import envelope_changes
from ptce_funding.errors import AuditError, Fault, Place, ScenarioError
from ptce_funding.formulation import Formulation
from ptce_funding.messages import message
from ptce_funding.problem import Problem, Stage, Status
from ptce_funding.ranking import jury_order
from ptce_funding.restriction import check_solver, keeping, restricted
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.solvers import get_solver

if TYPE_CHECKING:
    import pandas as pd

#: Values that differ by less, relatively, are the same.
_SAME = 1e-9


@dataclass(frozen=True)
class Price:
    """What the promises cost of one objective at one envelope.

    Parameters
    ----------
    free, nested
        Value of the free optimum and of the list that keeps the promises.
    least, most
        Between which the price of the best lists lies, where searches end within a gap; None where it is not known.
    """

    free: float
    nested: float
    least: float | None
    most: float | None

    @property
    def loss(self) -> float:
        """What is lost."""
        return self.free - self.nested

    @property
    def share(self) -> float | None:
        """What is lost as a share of the free value; None where that is nothing."""
        return self.loss / abs(self.free) if self.free else None


@dataclass(frozen=True)
class Rung:
    """One envelope.

    Parameters
    ----------
    envelope
        Euros.
    free, nested
        The best allocation, and the best that keeps the promises; the same where that keeps them anyway.
    promised
        Euros promised by the smaller envelopes, by candidate.
    blockers
        Candidates whose promises cannot hold together here, and can without any one of them; empty where all can, or where that was
        not settled.
    is_short
        Whether they could all stay if some of them got less money.
    """

    envelope: int
    free: Allocation
    nested: Allocation
    promised: Mapping[str, int]
    blockers: tuple[str, ...] = ()
    is_short: bool = False

    @property
    def grants(self) -> dict[str, int]:
        """Euros of each funded candidate on the nested list."""
        return money_of(self.nested.awards)

    @property
    def dropped(self) -> tuple[str, ...]:
        """Candidates with a promise whom the free optimum would drop."""
        funded = set(self.free.supported)
        return tuple(id_ for id_ in self.promised if id_ not in funded) if self.free.has_allocation else ()

    @property
    def lowered(self) -> tuple[str, ...]:
        """Candidates with a promise to whom the free optimum would give less, and something."""
        euros = money_of(self.free.awards)
        return tuple(id_ for id_, least in self.promised.items() if 0 < euros.get(id_, 0) < least)

    @property
    def entered(self) -> tuple[str, ...]:
        """Candidates that are funded here and at no smaller envelope."""
        return tuple(id_ for id_ in self.nested.supported if id_ not in self.promised)

    @property
    def prices(self) -> tuple[Price, ...]:
        """What the promises cost, by objective; empty without both allocations."""
        if not (self.free.has_allocation and self.nested.has_allocation):
            return ()
        if not self.promised:
            return tuple(Price(stage.value or 0.0, stage.value or 0.0, 0.0, 0.0) for stage in self.free.stages)
        return tuple(
            _price(free, nested, is_first=k == 0)
            for k, (free, nested) in enumerate(zip(self.free.stages, self.nested.stages, strict=True))
        )


@dataclass(frozen=True)
class Step:
    """Where a candidate stands on the ladder.

    Parameters
    ----------
    candidate
        Identifier.
    envelope
        Smallest envelope that funds it.
    grants
        Euros at each envelope, upwards; None where there is no list.
    """

    candidate: str
    envelope: int
    grants: tuple[int | None, ...]


@dataclass(frozen=True)
class Nested:
    """Lists at several envelopes, each of which keeps the promises of the smaller ones.

    Parameters
    ----------
    call
        What was asked, with its own envelope.
    rungs
        The envelopes, upwards.
    """

    call: Call
    rungs: tuple[Rung, ...]

    @property
    def ladder(self) -> tuple[Step, ...]:
        """Every candidate that some envelope funds, first those who enter first, then in the jury's order: a ranking."""
        call, found = self.call, []
        order = [call.candidates.ids[i] for i in jury_order(call.scenario, call.candidates, call.fundable).tolist()]
        lists = [rung.grants if rung.nested.has_allocation else None for rung in self.rungs]
        for rung in self.rungs:
            entered = set(rung.entered)
            for id_ in order:
                if id_ in entered:
                    euros = tuple(None if grants is None else grants.get(id_, 0) for grants in lists)
                    found.append(Step(id_, rung.envelope, euros))
        return tuple(found)


def nested(
    scenario: Scenario,
    candidates: "Candidates | pd.DataFrame",
    envelopes: Sequence[int],
    *,
    solver: str | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Nested:
    """Find a list for each of several envelopes such that nobody loses at a larger one, and what that costs.

    The smallest envelope gets its optimum; each larger one the best list on which whoever is funded below is funded with no less
    money, all grants together. Where several lists are best at one envelope, which of them is kept decides what is promised above.

    Parameters
    ----------
    scenario
        The call. What funders bring keeps its proportions.
    candidates
        The candidate table, or a data frame with its columns.
    envelopes
        Euros, in any order.
    solver
        `auto`, `highs`, `decomposition`, `cbc` or a name that PuLP knows; that of the scenario unless said.
    told
        Called with the number of envelopes done, and of all.

    Raises
    ------
    ScenarioError, CandidatesError
        When the scenario does not fit the candidates or one of the envelopes; with all faults of all envelopes.
    SolverError
        When the solver fails or is not installed.
    AuditError
        When a result breaks a rule or a promise: a fault of this program.
    """
    name = solver or scenario.solve.solver
    check_solver(scenario, name)
    totals = _distinct(envelopes)
    table = as_table(candidates, scenario)
    call = prepare(scenario, table)
    stated = _stated(scenario, totals)
    rungs: list[Rung] = []
    promised: Mapping[str, int] = {}
    for done, (total, one) in enumerate(zip(totals, stated, strict=True)):
        if told is not None:
            told(done, len(totals))
        rung = _rung(total, prepare(one, table), name, promised)
        rungs.append(rung)
        if rung.nested.has_allocation:
            _check(rung)
            promised = rung.grants
    if told is not None:
        told(len(totals), len(totals))
    return Nested(call, tuple(rungs))


def _distinct(envelopes: Sequence[int]) -> list[int]:
    """Return envelopes upwards; all must be there, and each once."""
    totals = sorted(envelopes)
    if len(set(totals)) < max(len(totals), 2):
        text = message("Found {found:list}, expected two different envelopes or more.", found=list(envelopes))
        raise ScenarioError([Fault(Place(path="envelope.total"), text)])
    return totals


def _stated(scenario: Scenario, totals: Sequence[int]) -> list[Scenario]:
    """Return the scenario with each envelope; the faults of all are told together."""
    found: list[Scenario] = []
    faults: dict[str, Fault] = {}
    for total in totals:
        try:
            found.append(overridden(scenario, envelope_changes(scenario, total)))
        except ScenarioError as error:
            faults |= {fault.render(): fault for fault in error.faults}
    if faults:
        raise ScenarioError(faults.values())
    return found


def _rung(total: int, call: Call, name: str, promised: Mapping[str, int]) -> Rung:
    """Solve one envelope, given the promises of the smaller ones."""
    free = allocated(call, name)
    euros = money_of(free.awards)
    is_kept = all(euros.get(id_, 0) >= least for id_, least in promised.items())
    if free.status is Status.INFEASIBLE or (free.has_allocation and is_kept):
        return Rung(total, free, free, promised)
    unit = call.scenario.envelope.grant_step
    least = {call.candidates.position[id_]: euros // unit for id_, euros in promised.items()}
    found = restricted(call, name, partial(keeping, least=least), free.listing)
    if found.allocation is None:
        none = Allocation(call, name, found.solution.status, (), (), found.solution.stages, None, free.listing)
        if found.solution.status is not Status.INFEASIBLE:
            return Rung(total, free, none, promised)
        order = [i for i in jury_order(call.scenario, call.candidates, call.fundable).tolist() if i in least]
        found_to_clash = _blockers(call, name, least, order) if free.has_allocation else ()
        blockers = tuple(call.candidates.ids[i] for i in sorted(found_to_clash))
        is_short = _holds(call, name, dict.fromkeys(least, 0)) is True
        return Rung(total, free, none, promised, blockers, is_short)
    nested = found.allocation
    if not free.has_allocation or not _is_better(free, nested):
        # A search ends within its gap, and several lists may be best: of these the one that keeps the promises.
        bounds = [stage.bound for stage in free.stages]
        bounds += [None] * (len(nested.stages) - len(bounds))
        stages = tuple(
            Stage(stage.value, bound if bound is None else max(bound, stage.value or 0.0))
            for stage, bound in zip(nested.stages, bounds, strict=True)
        )
        free = replace(nested, status=free.status if free.has_allocation else nested.status, stages=stages)
    return Rung(total, free, nested, promised)


def _is_better(one: Allocation, other: Allocation) -> bool:
    """Whether one allocation is worth more than another, the first group first."""
    for mine, its in zip(one.stages, other.stages, strict=True):
        if abs((mine.value or 0.0) - (its.value or 0.0)) > _SAME * max(1.0, abs(its.value or 0.0)):
            return (mine.value or 0.0) > (its.value or 0.0)
    return False


def _price(free: Stage, nested: Stage, is_first: bool) -> Price:
    assert free.value is not None
    assert nested.value is not None
    # What is proved of a later objective holds for given earlier ones, which differ between the two.
    above = free.bound if is_first else None
    below = nested.bound if is_first else None
    least = None if below is None else max(free.value - below, 0.0)
    most = None if above is None else max(above - nested.value, 0.0)
    return Price(free.value, nested.value, least, most)


def _check(rung: Rung) -> None:
    """Hold the list against its promises, in whole euros."""
    grants = rung.grants
    broken = [id_ for id_, least in rung.promised.items() if grants.get(id_, 0) < least]
    if broken:
        raise AuditError(message("The result broke what was promised to {ids:list}.", ids=broken))


# ------------------------------------------------------------------------------------------------------ broken promises


class _UnsettledError(Exception):
    """Whether promises can hold together was not settled in time."""


def _holds(call: Call, name: str, least: Mapping[int, int]) -> bool | None:
    """Return whether promises can hold together; None where that was not settled in time."""

    def anything(formulation: Formulation) -> Problem:
        problem = keeping(formulation, least)
        return replace(problem, objectives=(np.zeros(problem.n),))

    solution = get_solver(name)(anything(call.formulation), call.scenario.solve)
    return {Status.INFEASIBLE: False, Status.UNKNOWN: None}.get(solution.status, True)


def _blockers(call: Call, name: str, least: Mapping[int, int], order: Sequence[int]) -> tuple[int, ...]:
    """Return candidates whose promises clash, and do not without any one of them; none where that was not settled in time.

    By halves (QuickXplain; Junker, AAAI 2004).
    """

    def clashes(held: tuple[int, ...]) -> bool:
        holds = _holds(call, name, {i: least[i] for i in held})
        if holds is None:
            raise _UnsettledError
        return not holds

    def among(held: tuple[int, ...], is_more: bool, open_: tuple[int, ...]) -> tuple[int, ...]:
        if is_more and clashes(held):
            return ()
        if len(open_) == 1:
            return open_
        half = len(open_) // 2
        first, rest = open_[:half], open_[half:]
        of_rest = among(held + first, bool(first), rest)
        return among(held + of_rest, bool(of_rest), first) + of_rest

    try:
        # All promises clash, and none of them alone does: the call has an allocation without.
        return among((), False, tuple(order))
    except _UnsettledError:
        return ()
