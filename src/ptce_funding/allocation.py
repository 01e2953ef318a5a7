"""From a scenario and its candidates to an audited allocation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ptce_funding.audit import AuditReport
from ptce_funding.awards import Award, Benefit, Charge
from ptce_funding.benefits import benefits
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.errors import AuditError, NoAllocationError, SplitError
from ptce_funding.messages import Message, message
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.problem import Solution, Stage, Status
from ptce_funding.refusals import Refusal, refusals
from ptce_funding.scenario import Scenario
from ptce_funding.settlement import Listing, audited, grants_of, lines_of, list_by_rank, values_of
from ptce_funding.solver_names import RANKING
from ptce_funding.solvers import get_solver
from ptce_funding.tidying import tidied

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Allocation:
    """The result of a call.

    Parameters
    ----------
    call
        What was asked, and what could be funded.
    solver
        Name of the solver; of those that it was left to, the one that solved it.
    status
        What was proved.
    awards
        Money by candidate, volet, aid, year and funder; empty without an allocation.
    stages
        Value and bound of each objective: one, or one for each priority group when the priority is strict.
    report
        The audit; None without an allocation.
    charges
        Money of the envelope that is no grant: transversal volets, and advantages that the envelope pays.
    listing
        The jury's list.
    runtime
        Seconds spent in the solver.
    """

    call: Call
    solver: str
    status: Status
    awards: tuple[Award, ...]
    charges: tuple[Charge, ...]
    stages: tuple[Stage, ...]
    report: AuditReport | None
    listing: Listing
    runtime: float = field(compare=False, default=0.0)

    @property
    def has_allocation(self) -> bool:
        """Whether there is an allocation, proved best or not."""
        return self.report is not None

    @property
    def value(self) -> float | None:
        """Value of the allocation, all groups together."""
        return sum(stage.value or 0.0 for stage in self.stages) if self.has_allocation else None

    @property
    def bound(self) -> float | None:
        """Proved upper bound of the value; None when none is known.

        With several objectives the bounds are those of each given the earlier ones, and so is their sum.
        """
        bounds = [stage.bound for stage in self.stages]
        known = [bound for bound in bounds if bound is not None]
        return sum(known) if known and len(known) == len(bounds) else None

    @property
    def gap(self) -> float | None:
        """Relative gap between value and bound."""
        return relative_gap(self.value, self.bound)

    @property
    def granted(self) -> int:
        """Euros granted."""
        return sum(award.grant for award in self.awards)

    @property
    def charged(self) -> int:
        """Euros of the envelope that go to charges."""
        return sum(charge.amount for charge in self.charges)

    @property
    def unspent(self) -> int:
        """Euros of the envelope that are neither granted nor charged, nor withdrawn by cuts."""
        scenario = self.call.scenario
        return scenario.envelope.total - scenario.withdrawn - self.granted - self.charged

    @cached_property
    def grants(self) -> Ints:
        """Grant of each step, in grant steps."""
        grants = grants_of(self.call, self.awards)
        assert grants is not None
        return grants

    @cached_property
    def refused(self) -> tuple[Refusal, ...]:
        """Every candidate that gets nothing, with reasons; empty without an allocation. Worked out when it is asked for."""
        return refusals(self.call, self.grants, self.solver == RANKING) if self.has_allocation else ()

    @cached_property
    def benefits(self) -> tuple[Benefit, ...]:
        """What the awards bring beside their grants, inside and outside the envelope."""
        return benefits(self.call.scenario, self.call.candidates, self.awards)

    @cached_property
    def supported(self) -> tuple[str, ...]:
        """Funded candidates, in order of identifier."""
        funded = {award.candidate for award in self.awards}
        return tuple(id_ for id_ in self.call.candidates.ids if id_ in funded)

    @property
    def funnel(self) -> dict[str, int]:
        """Number of candidates received, admissible, fundable and funded."""
        fundable = np.unique(self.call.fundable.steps.candidate)
        return {
            "received": len(self.call.candidates),
            "admissible": int(self.call.screening.admissible.sum()),
            "fundable": len(fundable),
            "funded": len(self.supported),
        }

    @property
    def absence(self) -> Message | None:
        """Why there is no allocation; None where there is one."""
        if self.has_allocation:
            return None
        if self.call.impossible:
            return message("{reasons:list}", reasons=self.call.impossible)
        if self.solver.casefold() == RANKING:
            violations = self.listing.report.violations
            return message("The jury's list cannot keep: {violations:list}.", violations=violations)
        if self.status is Status.INFEASIBLE:
            return message("No allocation keeps all the rules of the scenario “{name}”.", name=self.call.scenario.name)
        limit = self.call.scenario.solve.time_limit
        return message("No allocation was found within {limit:number} s; there may be one.", limit=limit)

    def raise_for_status(self) -> "Allocation":
        """Return the allocation itself, or raise when there is none.

        Raises
        ------
        NoAllocationError
            When the rules leave no allocation, or none was found within the limits.
        """
        if self.absence is None:
            return self
        raise NoAllocationError(self.absence)

    def awards_frame(self) -> "pd.DataFrame":
        """Return the awards as a data frame: candidate, volet, aid, year, funder, grant (euros)."""
        from ptce_funding.frames import awards_frame

        return awards_frame(self)

    def candidates_frame(self) -> "pd.DataFrame":
        """Return every candidate with its outcome, grant (euros) and reasons as a data frame."""
        from ptce_funding.frames import candidates_frame

        return candidates_frame(self)


def relative_gap(value: float | None, bound: float | None) -> float | None:
    """Return how far the bound is above the value, relative to the value; None when it is not known."""
    if value is None or bound is None:
        return None
    if bound - value <= 0:
        return 0.0
    return (bound - value) / abs(value) if value else float("inf")


def allocate(
    scenario: Scenario,
    candidates: "Candidates | pd.DataFrame",
    *,
    solver: str | None = None,
) -> Allocation:
    """Find the allocation of greatest value that keeps all the rules, and audit it.

    Parameters
    ----------
    scenario
        The call.
    candidates
        The candidate table, or a data frame with its columns.
    solver
        `auto`, `highs`, `decomposition`, `cbc`, `ranking` or a name that PuLP knows; that of the scenario unless said.

    Returns
    -------
    Allocation
        Its status says what was proved; `raise_for_status` turns the absence of an allocation into an error.

    Raises
    ------
    ScenarioError, CandidatesError
        When scenario and candidates do not fit together.
    SolverError
        When the solver fails or is not installed.
    AuditError
        When the result breaks a rule: a fault of this program.
    """
    table = as_table(candidates, scenario)
    return allocated(prepare(scenario, table), solver or scenario.solve.solver)


def as_table(candidates: "Candidates | pd.DataFrame", scenario: Scenario) -> Candidates:
    """Return candidates as they are, or a data frame as candidates.

    Raises
    ------
    CandidatesError
        With every fault of the data frame.
    """
    if isinstance(candidates, Candidates):
        return candidates
    from ptce_funding.frames import candidates_of

    return candidates_of(candidates, scenario)


def allocated(
    call: Call, name: str, known: Ints | None = None, margin: int = 0, prices: Mapping[str, float] | None = None
) -> Allocation:
    """Find the allocation of greatest value of a call with the solver `name`, and audit it.

    Parameters
    ----------
    known
        Grants, by step in grant steps: the result where they keep all rules and the search finds nothing better.
    margin
        Euros that the call keeps clear of limits where charges count.
    prices
        Prices to begin with, by what each row stands for.
    """
    scenario, listing = call.scenario, list_by_rank(call)
    if plain_clashes(call):
        return Allocation(call, name, Status.INFEASIBLE, (), (), (), None, listing)
    if name.casefold() == RANKING:
        return _ranked(call, listing)
    begin = None if prices is None else call.formulation.prices_of(prices)
    solution = get_solver(name)(call.formulation.problem, scenario.solve, begin)
    told = solution.solver or name
    status, grants = _settled(call, solution, listing, known)
    if grants is None:
        return Allocation(call, told, status, (), (), solution.stages, None, listing, solution.runtime)
    try:
        return settled(call, told, status, grants, solution.stages, listing, solution.runtime)
    except SplitError:
        # The odd euros of charges by year may pass limits that their exact shares keep: so keep clear of these by as much.
        more = len(call.formulation.funding.charges) if margin else 1
        if margin >= more:
            raise
        clear = prepare(scenario, call.candidates, margin=more)
        return allocated(clear, name, known, more, prices)


def settled(
    call: Call, solver: str, status: Status, grants: Ints, proved: Sequence[Stage], listing: Listing, runtime: float
) -> Allocation:
    """Return grants, by step in grant steps, as an audited allocation.

    Parameters
    ----------
    proved
        What was proved of each objective, as far as the search got; values are recomputed from the grants.

    Raises
    ------
    SplitError
        When no split between funders keeps what must be kept.
    AuditError
        When the grants break a rule.
    """
    awards, charges = lines_of(call, grants, may_break=False)
    report = audited(call, awards, charges)
    if report.violations or report.broken:
        raise AuditError(_audit_message(report))
    stages = _stages(call, grants, proved)
    return Allocation(call, solver, status, awards, charges, stages, report, listing, runtime)


def _keeps_all(call: Call, grants: Ints) -> bool:
    """Whether grants keep all rules."""
    report = audited(call, *lines_of(call, grants, may_break=True))
    return not report.violations and not report.broken


def _settled(call: Call, solution: Solution, listing: Listing, known: Ints | None) -> tuple[Status, Ints | None]:
    """Return what was proved, and grants: the solver's, or those known or of the jury's list where they are better.

    A search ends within its gap, or at a limit.
    """
    status, grants = solution.status, None
    if solution.x is not None:
        grants = call.formulation.grants(tidied(call.formulation, solution.x))
    if known is not None and status is not Status.INFEASIBLE:
        is_better = grants is None or _is_better(values_of(call, known), values_of(call, grants))
        if is_better and _keeps_all(call, known):
            status, grants = Status.OPTIMAL if status is Status.OPTIMAL else Status.FEASIBLE, known
    if status is Status.INFEASIBLE or listing.report.violations or listing.report.broken:
        return status, grants
    if grants is None or _is_better(listing.values, values_of(call, grants)):
        return Status.OPTIMAL if status is Status.OPTIMAL else Status.FEASIBLE, listing.grants
    return status, grants


def _is_better(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether a value is greater, the first group first, by more than the order in which it is summed."""
    for mine, its in zip(one, other, strict=True):
        if abs(mine - its) > 1e-9 * max(1.0, abs(its)):
            return mine > its
    return False


def _ranked(call: Call, listing: Listing) -> Allocation:
    """Return the jury's list as the result; it proves nothing, so it has no bound."""
    if listing.report.violations:
        # The list cannot keep what no allocation may break; another allocation might.
        return Allocation(call, RANKING, Status.UNKNOWN, (), (), (), None, listing)
    stages = tuple(Stage(value, None) for value in listing.values)
    return Allocation(call, RANKING, Status.FEASIBLE, listing.awards, listing.charges, stages, listing.report, listing)


def _stages(call: Call, grants: Ints, proved: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return what was proved, with the values recomputed from the grants."""
    stages = []
    for k, value in enumerate(values_of(call, grants)):
        bound = proved[k].bound if k < len(proved) else None
        stages.append(Stage(value, None if bound is None else max(bound, value)))
    return tuple(stages)


def _audit_message(report: AuditReport) -> Message:
    broken = [
        message("{name} {group}", name=check.rule.name, group=str(dict(check.group) or "")) for check in report.broken
    ]
    return message("The result failed its audit: {faults:list}.", faults=[*report.violations, *broken])
