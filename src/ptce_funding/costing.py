"""The inverse question: the smallest envelope that reaches the targets of a scenario.

The envelope is a column of the same problem, in whole grant steps, and every limit that is a share of it follows: tranches, what
funders bring, rules that measure a share of the envelope, the floor and cap of transversal volets. Amounts that funders state keep
their proportions. What is absolute stays: ceilings on payments and candidates, rules that measure euros.
"""

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ptce_funding.allocation import Allocation, allocated, as_table
from ptce_funding.audit import RuleCheck
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import envelope_changes
from ptce_funding.errors import AuditError, Fault, ScenarioError
from ptce_funding.messages import message
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.problem import Solution, Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import origin_of, overridden
from ptce_funding.solver_names import RANKING
from ptce_funding.solvers import get_solver

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]

#: How far a bound may be above a whole number of grant steps and still be that number.
_ROUNDING = 1e-6
#: Envelopes that are tried from the one that the solver returns on. Its rows allow for every way in which shares may be rounded to
#: euros, so that it is never too large, and may be a few euros short.
_TRIES = 200


@dataclass(frozen=True)
class Costing:
    """What the targets of a scenario cost.

    Parameters
    ----------
    call
        What was asked, the envelope sought.
    solver
        Name of the solver.
    status
        `optimal`: no smaller envelope reaches the targets, proved. `feasible`: this one does, a smaller one might. `infeasible`: none
        does, proved. `unknown`: none was found in time.
    envelope
        Euros; None where none was found.
    bound
        Euros below which no envelope reaches the targets, proved; None where nothing is known.
    allocation
        The best allocation of that envelope, which holds the targets; None without an envelope.
    runtime
        Seconds spent in the solver for the envelope.
    """

    call: Call
    solver: str
    status: Status
    envelope: int | None
    bound: int | None
    allocation: Allocation | None
    runtime: float = field(compare=False, default=0.0)

    @property
    def targets(self) -> tuple[RuleCheck, ...]:
        """What each target came to, by group."""
        names = {target.name for target in self.call.scenario.targets}
        report = self.allocation.report if self.allocation is not None else None
        return tuple(check for check in report.rules if check.rule.name in names) if report is not None else ()

    @property
    def is_least_stated(self) -> bool:
        """Whether a scenario could state no smaller envelope: one grant step, or the smallest grant."""
        lowest = float(self.call.formulation.problem.lower[self.call.formulation.envelope])
        return self.envelope is not None and self.envelope <= lowest * self.call.scenario.envelope.grant_step

    @property
    def changes(self) -> dict[str, object]:
        """Parameters by path that give the scenario this envelope."""
        return {} if self.envelope is None else envelope_changes(self.call.scenario, self.envelope)


def cost(scenario: Scenario, candidates: "Candidates | pd.DataFrame", *, solver: str | None = None) -> Costing:
    """Find the smallest envelope that reaches the targets of a scenario, and its best allocation, audited.

    Parameters
    ----------
    scenario
        What is asked, with `targets`. Its own envelope gives the proportions of what funders bring, and nothing else.
    candidates
        The candidate table, or a data frame with its columns.
    solver
        `highs`, `cbc` or a name that PuLP knows; that of the scenario unless said.

    Returns
    -------
    Costing
        A multiple of the grant step; where it is proved, one grant step less reaches the targets by no allocation.

    Raises
    ------
    ScenarioError, CandidatesError
        When scenario and candidates do not fit together, or there are no targets.
    SolverError
        When the solver fails or is not installed.
    AuditError
        When the result breaks a rule: a fault of this program.
    """
    if not scenario.targets:
        text = message("The scenario states no `targets`: what should the envelope reach?")
        raise ScenarioError([Fault(origin_of(scenario).place(("targets",)), text)])
    name = solver or scenario.solve.solver
    if name.casefold() == RANKING:
        text = message("A jury's list cannot seek an envelope; expected a solver: highs or cbc.")
        raise ScenarioError([Fault(origin_of(scenario).place(("solve", "solver")), text)])
    table = as_table(candidates, scenario)
    call, solve = prepare(scenario, table, is_sought=True), get_solver(name)
    # To the grant step, whatever gap the scenario allows a value.
    options = scenario.solve.model_copy(update={"gap": 0.0})
    if plain_clashes(call):
        return Costing(call, name, Status.INFEASIBLE, None, None, None)
    solution = solve(call.formulation.problem, options)
    if solution.x is None:
        return Costing(call, solution.solver or name, solution.status, None, None, None, solution.runtime)
    return _confirmed(call, name, solution)


def _confirmed(call: Call, name: str, solution: Solution) -> Costing:
    """Return the envelope of a solution with the best of its allocations."""
    unit, column = call.scenario.envelope.grant_step, call.formulation.envelope
    assert solution.x is not None
    assert column is not None
    least = _tried_below(call, name, round(float(solution.x[column])))
    reached = solution.stages[0].bound
    known_bound = None if reached is None else min(ceil(-reached - _ROUNDING), least) * unit
    for steps in range(least, least + _TRIES):
        total = steps * unit
        given = prepare(overridden(call.scenario, envelope_changes(call.scenario, total)), call.candidates)
        allocation = allocated(given, name, _carried(call, given, call.formulation.grants(solution.x)))
        if allocation.has_allocation:
            # Each smaller one that was tried is excluded, so that a proof stays one.
            bound = total if solution.status is Status.OPTIMAL else known_bound
            return Costing(call, solution.solver or name, solution.status, total, bound, allocation, solution.runtime)
        if allocation.status is not Status.INFEASIBLE:
            return Costing(call, solution.solver or name, Status.UNKNOWN, None, known_bound, None, solution.runtime)
    raise AuditError(message("The envelope of {total:euros} was found to do, and does not.", total=least * unit))


def _tried_below(call: Call, name: str, least: int) -> int:
    """Return an envelope in grant steps, or a smaller one that has an allocation after all: one solve is no proof of two things."""
    lowest, unit = int(call.formulation.problem.lower[call.formulation.envelope]), call.scenario.envelope.grant_step
    for _ in range(_TRIES):
        if least <= lowest:
            break
        changes = envelope_changes(call.scenario, (least - 1) * unit)
        try:
            given = prepare(overridden(call.scenario, changes), call.candidates)
        except ScenarioError:
            break  # the envelope is too small to be stated: a transversal volet costs more
        problem = replace(given.formulation.problem, objectives=(np.zeros(given.formulation.problem.n),))
        if get_solver(name)(problem, call.scenario.solve).x is None:
            break
        least -= 1
    return least


def _carried(sought: Call, given: Call, grants: Ints) -> Ints:
    """Return grants by the steps of the call with its envelope given, which may have fewer."""
    old, new = sought.formulation.steps, given.formulation.steps
    keys = zip(old.candidate.tolist(), old.volet.tolist(), old.aid.tolist(), old.year.tolist(), strict=True)
    by_key = dict(zip(keys, grants.tolist(), strict=True))
    wanted = zip(new.candidate.tolist(), new.volet.tolist(), new.aid.tolist(), new.year.tolist(), strict=True)
    return np.array([by_key[key] for key in wanted], dtype=np.int64)
