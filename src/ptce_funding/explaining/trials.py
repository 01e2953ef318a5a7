"""Variants of a call, each solved once, to the optimum: what an explanation is proved by."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ptce_funding.allocation import Allocation, allocated
from ptce_funding.awards import Award
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import Condition
from ptce_funding.errors import AuditError, InputError, SplitError
from ptce_funding.messages import message
from ptce_funding.problem import Problem, Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.settlement import audited, lines_of
from ptce_funding.solvers import get_solver
from ptce_funding.tidying import tidied

Floats = npt.NDArray[np.float64]

#: Searches go on to the optimum: who is in must not depend on where a search was content to stop.
EXACT: Mapping[str, object] = {"solve.gap": 0}


@dataclass(frozen=True, order=True)
class Cell:
    """A cell of the candidate table and what it is set to.

    Parameters
    ----------
    candidate, column
        Which cell.
    value
        What it is set to.
    """

    candidate: str
    column: str
    value: int | float


@dataclass(frozen=True)
class Change:
    """What is changed in the files of a call.

    Parameters
    ----------
    values
        Values of the scenario by path, as for ``--set``.
    cells
        Cells of the candidate table.
    """

    values: tuple[tuple[str, object], ...] = ()
    cells: tuple[Cell, ...] = ()

    def table(self, candidates: Candidates) -> Candidates:
        """Return the candidates with the cells changed."""
        if not self.cells:
            return candidates
        columns = dict(candidates.columns)
        for cell in self.cells:
            column = columns[cell.column].copy()
            column[candidates.position[cell.candidate]] = cell.value
            columns[cell.column] = column
        return Candidates(columns, candidates.kinds, candidates.file, candidates.sheet, candidates.rows)


@dataclass(frozen=True)
class Trial:
    """How a variant ended.

    Parameters
    ----------
    supported
        Who is funded; nobody where there is no allocation.
    is_proved
        Whether the search ended; what a scenario refuses to state counts as ended.
    has_allocation
        Whether there is an allocation.
    """

    supported: frozenset[str]
    is_proved: bool
    has_allocation: bool


@dataclass(frozen=True)
class Outcome:
    """How a problem made of a call ended.

    Parameters
    ----------
    status
        What was proved.
    x
        Value of each column; None without a solution.
    values
        Value of each objective of that problem; empty without a solution.
    bounds
        Proved upper bounds of these; infinite where none is known.
    awards
        Audited.
    """

    status: Status
    x: Floats | None
    values: tuple[float, ...]
    bounds: tuple[float, ...]
    awards: tuple[Award, ...]

    @property
    def is_proved(self) -> bool:
        """Whether the search ended."""
        return self.status in (Status.OPTIMAL, Status.INFEASIBLE)


class Trials:
    """Variants of a call, each solved once.

    Parameters
    ----------
    scenario, candidates
        The call.
    solver
        Name of the solver.
    """

    def __init__(self, scenario: Scenario, candidates: Candidates, solver: str) -> None:
        self.gap = scenario.solve.gap
        self.scenario, self.candidates, self.solver = overridden(scenario, EXACT), candidates, solver
        self._known: dict[str, Trial] = {}

    @cached_property
    def base(self) -> Allocation:
        """The call as it stands."""
        return allocated(prepare(self.scenario, self.candidates), self.solver)

    def scenario_of(self, change: Change, without: Condition | None = None) -> Scenario:
        """Return the scenario with a change made and a condition let go.

        Raises
        ------
        ScenarioError
            When it refuses a value.
        """
        scenario = overridden(self.scenario, dict(change.values)) if change.values else self.scenario
        return scenario if without is None else without.without(scenario)

    def of(self, change: Change, without: Condition | None = None) -> Trial:
        """Solve a variant by the way of every simulation, or return what is known of it."""
        gone = None if without is None else (without.kind, without.key)
        key = json.dumps([change.values, [[*vars(cell).values()] for cell in change.cells], gone])
        if key not in self._known:
            self._known[key] = self._solved(change, without)
        return self._known[key]

    def _solved(self, change: Change, without: Condition | None) -> Trial:
        try:
            call = prepare(self.scenario_of(change, without), change.table(self.candidates))
        except InputError:
            return Trial(frozenset(), True, has_allocation=False)
        found = allocated(call, self.solver)
        is_proved = found.status in (Status.OPTIMAL, Status.INFEASIBLE)
        return Trial(frozenset(found.supported), is_proved, found.has_allocation)


def solved(call: Call, solver: str, bent: Callable[[Call], Problem], margin: int = 0) -> Outcome:
    """Solve a problem made of that of a call, and audit what comes of it.

    Parameters
    ----------
    bent
        Returns the problem; its columns are those of the call.
    margin
        As for `prepare`.

    Raises
    ------
    AuditError
        When the result breaks a rule: a fault of this program.
    """
    problem = bent(call)
    solution = get_solver(solver)(problem, call.scenario.solve)
    if solution.x is None:
        return Outcome(solution.status, None, (), (), ())
    x = tidied(replace(call.formulation, problem=problem), solution.x)
    try:
        awards, charges = lines_of(call, call.formulation.grants(x), may_break=False)
    except SplitError:
        more = len(call.formulation.funding.charges) if margin else 1
        if margin >= more:
            raise
        return solved(prepare(call.scenario, call.candidates, margin=more), solver, bent, more)
    report = audited(call, awards, charges)
    if report.violations or report.broken:
        raise AuditError(message("The result failed its audit: {faults:list}.", faults=report.violations))
    values = tuple(float(objective @ x) for objective in problem.objectives)
    stated = [stage.bound for stage in solution.stages]
    bounds = tuple(np.inf if bound is None else bound for bound in stated)
    bounds += (np.inf,) * (len(values) - len(bounds))
    return Outcome(solution.status, x, values, tuple(map(max, bounds, values)), awards)
