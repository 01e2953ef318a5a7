"""Allocations of a call under more than its scenario demands: further rows or other objectives, read back and audited as any other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ptce_funding.allocation import Allocation, settled
from ptce_funding.call import Call, prepare
from ptce_funding.errors import Fault, ScenarioError, SplitError
from ptce_funding.formulation import Formulation
from ptce_funding.messages import message
from ptce_funding.money_rows import GrantColumns
from ptce_funding.problem import Problem, RowBuilder, Solution, Status
from ptce_funding.scenario import Scenario, Solve
from ptce_funding.scenario_files import origin_of
from ptce_funding.settlement import Listing
from ptce_funding.solver_names import RANKING
from ptce_funding.solvers import get_solver
from ptce_funding.solvers.stages import at_least
from ptce_funding.tidying import tidied

Ints = npt.NDArray[np.int64]

#: From a call as a problem to the problem that is solved in its place; further columns come last.
Restriction = Callable[[Formulation], Problem]


@dataclass(frozen=True)
class Restricted:
    """What came of a restricted problem.

    Parameters
    ----------
    solution
        What the solver proved of it.
    allocation
        The solution, audited; None without one.
    """

    solution: Solution
    allocation: Allocation | None

    @property
    def bound(self) -> float | None:
        """Proved bound of what was asked first; None when none is known."""
        return self.solution.stages[0].bound if self.solution.stages else None


def restricted(
    call: Call,
    name: str,
    restriction: Restriction,
    listing: Listing,
    options: Solve | None = None,
    margin: int = 0,
) -> Restricted:
    """Solve a call under a restriction with the solver `name`, and audit the result by the rules of the call.

    Parameters
    ----------
    listing
        The jury's list of the call.
    options
        How it is solved; as the scenario says unless stated.
    margin
        Euros that the call keeps clear of limits where charges count.

    Raises
    ------
    AuditError
        When the result breaks a rule: a fault of this program.
    """
    problem = restriction(call.formulation)
    solution = get_solver(name)(problem, options or call.scenario.solve)
    if solution.x is None:
        return Restricted(solution, None)
    formulation = replace(call.formulation, problem=problem)
    grants = formulation.grants(tidied(formulation, solution.x))
    is_of_value = problem.objectives is call.formulation.problem.objectives
    # Of the value nothing is proved where something else was maximised.
    status, proved = (solution.status, solution.stages) if is_of_value else (Status.FEASIBLE, ())
    try:
        allocation = settled(call, solution.solver or name, status, grants, proved, listing, solution.runtime)
    except SplitError:
        # As for any allocation: clear of limits that the odd euros of charges could pass. The proof stays that of the wider problem.
        more = len(call.formulation.funding.charges) if margin else 1
        if margin >= more:
            raise
        clear = prepare(call.scenario, call.candidates, margin=more)
        return Restricted(solution, restricted(clear, name, restriction, listing, options, more).allocation)
    return Restricted(solution, allocation)


def keeping(formulation: Formulation, least: Mapping[int, int]) -> Problem:
    """Return the problem in which some candidates are funded with at least so much.

    Parameters
    ----------
    least
        Grant steps, all grants together, by position of the candidate.
    """
    problem, steps, plans = formulation.problem, formulation.steps, formulation.plans
    kept = np.array(sorted(least), dtype=np.int64)
    wanted = np.array([least[i] for i in kept.tolist()], dtype=np.float64)
    lower = problem.rows.lower.copy()
    lower[: len(formulation.owners)][np.isin(formulation.owners, kept)] = 1.0
    blocks = problem.blocks
    if blocks is not None:
        is_kept = np.isin(formulation.owners[: len(blocks.is_forced)], kept)
        blocks = replace(blocks, is_forced=blocks.is_forced | is_kept)
    more = RowBuilder()
    # Nothing can be chosen for those who have no plan: a row without columns, which cannot hold.
    lost = np.setdiff1d(kept, formulation.owners)
    none = np.zeros(0, dtype=np.int64)
    more.add_many(none, none, np.zeros(0), np.ones(len(lost)), np.full(len(lost), np.inf))
    # Those whose every plan gives as much anyway need no row.
    floors = np.bincount(plans.plan, weights=steps.floor[plans.step], minlength=len(plans))
    smallest = np.full(int(max(kept.max(initial=-1), plans.candidate.max(initial=-1))) + 1, np.inf)
    np.minimum.at(smallest, plans.candidate, floors)
    is_open = smallest[kept] < wanted
    kept, wanted = kept[is_open], wanted[is_open]
    column, value = GrantColumns(steps, plans).money(np.flatnonzero(np.isin(steps.candidate, kept)))
    owner = np.concatenate([plans.candidate, steps.candidate[formulation.topped]])[column]
    more.add_many(np.searchsorted(kept, owner), column, value, wanted, np.full(len(kept), np.inf))
    rows = replace(problem.rows, lower=lower)
    return replace(problem, rows=rows, blocks=blocks).with_rows(more.rows())


def farthest(
    formulation: Formulation, sets: Sequence[Ints], least: Sequence[float], always: Ints, never: Ints
) -> Problem:
    """Ask for the list farthest from the nearest of some, each given as positions of candidates; of equals the best.

    The distance is a further column: for each list at most the number of candidates on one and not on the other.

    Parameters
    ----------
    least
        Least value of each objective.
    always, never
        Positions of candidates who are on the list, and who are not.
    """
    problem = formulation.problem
    for objective, value in zip(problem.objectives, least, strict=True):
        problem = problem.with_rows(at_least(objective, value))
    lower = problem.rows.lower.copy()
    lower[: len(formulation.owners)][np.isin(formulation.owners, always)] = 1.0
    upper = problem.upper.copy()
    upper[: len(formulation.plans)][np.isin(formulation.plans.candidate, never)] = 0.0
    problem = replace(problem, upper=upper, rows=replace(problem.rows, lower=lower))
    owner, last = formulation.plans.candidate, problem.n
    column = np.append(np.arange(len(owner)), last)
    more = RowBuilder()
    for own in sets:
        sign = np.where(np.isin(owner, own), 1.0, -1.0)
        more.add(column, np.append(sign, 1.0), -np.inf, float(len(own)))
    distance = np.zeros(problem.n + 1)
    distance[last] = 1.0
    wider = replace(
        problem,
        objectives=(distance, *(np.append(objective, 0.0) for objective in problem.objectives)),
        lower=np.append(problem.lower, 0.0),
        upper=np.append(problem.upper, float(len(np.unique(owner)))),
        integer=np.append(problem.integer, True),
        blocks=None,
    )
    return wider.with_rows(more.rows())


def turning(formulation: Formulation, always: Ints, never: Ints, least: Sequence[float]) -> Problem:
    """Ask for the best list on which one of some candidates at least is missing, or one of some others found.

    Parameters
    ----------
    least
        Least value of each objective; without end where there is none.
    """
    problem, owner = formulation.problem, formulation.plans.candidate
    sign = np.where(np.isin(owner, never), 1.0, np.where(np.isin(owner, always), -1.0, 0.0))
    more = RowBuilder()
    more.add(np.arange(len(owner)), sign, 1.0 - len(always), np.inf)
    problem = problem.with_rows(more.rows())
    for objective, value in zip(problem.objectives, least, strict=True):
        if value > -np.inf:
            problem = problem.with_rows(at_least(objective, value))
    return problem


def check_solver(scenario: Scenario, name: str) -> None:
    """Refuse the jury's list where only a solver can answer.

    Raises
    ------
    ScenarioError
        When `name` is the jury's list.
    """
    if name.casefold() == RANKING:
        text = message("The jury's list cannot be held to more than its order; expected a solver: highs or cbc.")
        raise ScenarioError([Fault(origin_of(scenario).place(("solve", "solver")), text)])
