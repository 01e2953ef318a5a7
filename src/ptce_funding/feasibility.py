"""Whether an allocation exists when some of what a scenario demands is bent or let go; every answer is a solve, and kept."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ptce_funding.allocation import allocated
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import Bound, Condition, conditions, envelope_bound, envelope_changes
from ptce_funding.errors import ScenarioError
from ptce_funding.messages import message
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.problem import Problem, Solution, Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.solver_names import AUTO, RANKING
from ptce_funding.solvers import get_solver
from ptce_funding.unsatisfiable import FREE, Items, Point, Unsettled

#: Solves that an analysis may take, however quick they are.
MOST_SOLVES = 2_000
#: Share of the time left that a solve may take that only saves others.
_HINT_SHARE = 0.2
#: Share of all the time that is left for the audit of a repair, however late it was found.
_GRACE = 0.1


@dataclass(frozen=True)
class Dimension:
    """One way in which a condition can be loosened.

    Parameters
    ----------
    condition
        Number of the condition.
    bound
        What is moved; None where it can only be let go.
    """

    condition: int
    bound: Bound | None

    @property
    def room(self) -> int | None:
        """Number of steps after which it is let go."""
        return 1 if self.bound is None else self.bound.room

    def relative(self, steps: int) -> float:
        """Return how far it is loosened, as a share of what is stated; 1 for a condition that is given up."""
        if self.bound is None:
            return float(steps > 0)
        if steps == FREE and self.bound.last is None:
            return 1e9  # told only where no number is enough
        return float(abs(self.moved(steps) - self.bound.value) / max(abs(self.bound.value), self.bound.step))

    def moved(self, steps: int) -> Fraction:
        """Return where the bound stands after some steps."""
        assert self.bound is not None
        room = self.bound.room
        return self.bound.moved(steps if room is None else min(steps, room))


class Feasibility:
    """The question whether an allocation exists, asked of a scenario of which some conditions are loosened.

    Parameters
    ----------
    scenario, candidates
        The call.
    solver
        Name of the solver.
    is_sought
        Whether any envelope will do; else that of the scenario is one more condition, the first.
    seconds
        How long all questions may take together.

    Attributes
    ----------
    demands
        The conditions.
    dimensions
        In which they can be loosened.
    solves
        Number of solves so far.
    """

    def __init__(
        self, scenario: Scenario, candidates: Candidates, solver: str, is_sought: bool, seconds: float
    ) -> None:
        self.scenario, self.candidates, self.is_sought = scenario, candidates, is_sought
        self.solver = AUTO if solver.casefold() == RANKING else solver
        self.demands = conditions(scenario) if is_sought else (_envelope(scenario), *conditions(scenario))
        self.dimensions = [
            Dimension(number, bound) for number, each in enumerate(self.demands) for bound in each.bounds or (None,)
        ]
        self.solves = 0
        self._end, self._grace = time.perf_counter() + seconds, _GRACE * seconds
        self._known: dict[Point, bool] = {}

    @property
    def stated(self) -> Point:
        """Where nothing is loosened."""
        return (0,) * len(self.dimensions)

    def only(self, kept: Items) -> Point:
        """Return where only some conditions are kept and the others let go."""
        return tuple(0 if each.condition in kept else FREE for each in self.dimensions)

    def fails(self, kept: Items) -> bool:
        """Return whether some conditions cannot hold together when the others are let go."""
        return not self.holds(self.only(kept))

    def holds(self, point: Point) -> bool:
        """Return whether an allocation exists where conditions are loosened so far.

        Raises
        ------
        Unsettled
            When that was not found out in time.
        """
        if point not in self._known:
            self._known[point] = self._is_possible(point)
        return self._known[point]

    @property
    def holding(self) -> list[Point]:
        """Points that are known to hold."""
        return [point for point, holds in self._known.items() if holds]

    # ------------------------------------------------------------------------------------------------------ scenarios

    def at(self, point: Point, kept: Items = frozenset()) -> Scenario:
        """Return the scenario loosened so far; an envelope that is let go is as stated.

        Parameters
        ----------
        kept
            Numbers of conditions that are bent as far as they can be where they would be let go.

        Raises
        ------
        ScenarioError
            When a number is one that a scenario cannot state.
        """
        freed = [number for number in self.freed(point) if number not in kept]
        changes: dict[str, object] = {}
        for steps, each in zip(point, self.dimensions, strict=True):
            if steps and each.bound is not None and each.condition not in freed:
                changes |= each.bound.changes(each.moved(_countable(steps)))
        scenario = overridden(self.scenario, changes) if changes else self.scenario
        for number in freed:
            scenario = self.demands[number].without(scenario)
        return scenario

    def freed(self, point: Point) -> list[int]:
        """Return the conditions that are let go in all their dimensions."""
        bound = {each.condition for steps, each in zip(point, self.dimensions, strict=True) if steps != FREE}
        return [number for number in range(len(self.demands)) if number not in bound]

    # ---------------------------------------------------------------------------------------------------------- solves

    def _is_possible(self, point: Point) -> bool:
        self._left()  # what needs no solve takes time too
        try:
            scenario = self.at(point)
            is_free = self.is_sought or 0 in self.freed(point)
            call = prepare(scenario, self.candidates, is_sought=is_free)
        except ScenarioError:
            return False  # such a number cannot be stated
        if plain_clashes(call):
            return False
        problem = call.formulation.problem
        if is_free and not self.is_sought:
            problem = self.from_total(call)
            column = call.formulation.envelope
            # Between whole grant steps nothing is sought; and no allocation needs more than the largest.
            is_odd = self.scenario.envelope.total % scenario.envelope.grant_step > 0
            is_enough = problem.lower[column] > problem.upper[column]
            if is_odd or is_enough:
                holds = self.holds((0, *point[1:]))
                if holds or is_enough:
                    return holds
        return self.solved(replace(problem, objectives=(np.zeros(problem.n),))).x is not None

    def from_total(self, call: Call) -> Problem:
        """Return the problem that seeks an envelope, from the stated one up."""
        problem, column = call.formulation.problem, call.formulation.envelope
        assert column is not None
        lower, unit = problem.lower.copy(), self.scenario.envelope.grant_step
        lower[column] = max(lower[column], float(-(-self.scenario.envelope.total // unit)))
        return replace(problem, lower=lower)

    def _left(self) -> float:
        """Return the seconds that are left."""
        left = self._end - time.perf_counter()
        if left <= 0 or self.solves >= MOST_SOLVES:
            raise Unsettled
        return left

    def solved(self, problem: Problem, is_hint: bool = False) -> Solution:
        """Return the solution of a problem within the time that is left.

        Parameters
        ----------
        is_hint
            Whether it only saves other solves, and must not take the time for them.

        Raises
        ------
        Unsettled
            When there is no time left, or it was not enough.
        """
        left = self._left()
        self.solves += 1
        limits = {"time_limit": left * _HINT_SHARE if is_hint else left, "gap": 0.0}
        solution = get_solver(self.solver)(problem, self.scenario.solve.model_copy(update=limits))
        if solution.x is None and solution.status is not Status.INFEASIBLE and not is_hint:
            raise Unsettled
        return solution

    def has_allocation(self, changes: Mapping[str, object]) -> bool:
        """Return whether an audited allocation exists once parameters by path are changed: what a repair is held against.

        Raises
        ------
        Unsettled
            When that was not found out in time.
        """
        try:
            scenario = overridden(self.scenario, changes)
            if not self.is_sought:
                return self._is_allocated(scenario)
            call = prepare(scenario, self.candidates, is_sought=True)
            solution = None if plain_clashes(call) else self.solved(call.formulation.problem)
            if solution is None or solution.x is None:
                return False
            least = round(float(solution.x[call.formulation.envelope]))
            # The envelope sought may be a few euros short, as where its cost is sought.
            totals = (steps * scenario.envelope.grant_step for steps in range(least, least + 5))
            return any(self._is_allocated(overridden(scenario, envelope_changes(scenario, each))) for each in totals)
        except ScenarioError:
            return False

    def _is_allocated(self, scenario: Scenario) -> bool:
        # What was found is worth a little more time than there was.
        left = max(self._end - time.perf_counter(), self._grace)
        solve = scenario.solve.model_copy(update={"time_limit": left})
        call = prepare(scenario.model_copy(update={"solve": solve}), self.candidates)
        problem = call.formulation.problem
        anything = replace(problem, objectives=(np.zeros(problem.n),) * len(problem.objectives))
        allocation = allocated(replace(call, formulation=replace(call.formulation, problem=anything)), self.solver)
        if allocation.status is Status.UNKNOWN:
            raise Unsettled
        return allocation.has_allocation


def price(dimensions: Sequence[Dimension], point: Point) -> tuple[int, float]:
    """Return how many conditions a point loosens, and how far together as shares of what is stated."""
    loosened = [(each, steps) for each, steps in zip(dimensions, point, strict=True) if steps]
    return len({each.condition for each, _ in loosened}), sum(each.relative(steps) for each, steps in loosened)


def _countable(steps: int) -> int:
    """Return a number of steps that is loose enough for anything, where a bound is let go beside another that is not."""
    return min(steps, 10**9)


def _envelope(scenario: Scenario) -> Condition:
    path, bounds = ("envelope", "total"), (envelope_bound(scenario),)
    return Condition("envelope", "", message("the envelope"), path, bounds, True, lambda one: one)
