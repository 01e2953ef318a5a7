"""How much merit a candidate lacks to come in, or may lose before it drops out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import floor

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call, prepare
from ptce_funding.candidate_columns import column_named
from ptce_funding.eligibility import POINTS
from ptce_funding.explaining.margins import forcing, is_same
from ptce_funding.explaining.trials import Cell, Change, Outcome, Trials, solved
from ptce_funding.money import exact
from ptce_funding.problem import Problem, Status
from ptce_funding.scenario import Scenario, stated_rules
from ptce_funding.steps import MONEY, money_column

Floats = npt.NDArray[np.float64]

#: By how much the merit, or the cell that carries it, is moved at a time.
STEP = Fraction(1, 1000)

#: How near to a whole number of steps values are the same, as far as solvers can tell.
_HAIR = Fraction(1, 1000)

#: Solves after which a turning point that is not found is none.
_MOST = 30


@dataclass(frozen=True)
class Lever:
    """What moves the merit of one candidate, step by step.

    Parameters
    ----------
    column
        The column that carries it; "" where no single cell does, and the merit itself is moved.
    start
        Where it stands.
    step
        By how much it is moved at a time.
    weight
        Points of merit for one unit of it.
    least, most
        The ends of the column; None for none.
    """

    column: str
    start: Fraction
    step: Fraction
    weight: Fraction
    least: Fraction | None
    most: Fraction | None

    def at(self, steps: int) -> Fraction:
        """Return where it stands some steps up; down for a negative number."""
        return self.start + steps * self.step

    def room(self, is_up: bool) -> int | None:
        """Return the number of steps to the end of the column, or down to nothing; None for no end."""
        end = self.most if is_up else max(self.least or Fraction(0), Fraction(0))
        return None if end is None else max(floor((end - self.start if is_up else self.start - end) / self.step), 0)

    def change(self, candidate: str, steps: int) -> Change | None:
        """Return the change of the table that moves it; None where no single cell carries it."""
        if not self.column:
            return None
        value = self.at(steps)
        cell = int(value) if value.denominator == 1 else round(float(value), 9)
        return Change(cells=(Cell(candidate, self.column, cell),))


def lever_of(call: Call, i: int) -> Lever:
    """Return what moves the merit of the candidate at position `i`: the first column that nothing else reads, or the merit."""
    scenario, candidates = call.scenario, call.candidates
    read = columns_read(call)
    for column, criterion in scenario.value.criteria.items():
        if column == POINTS or criterion.normalise or criterion.weight <= 0 or column in read:
            continue
        kind, cell = candidates.kinds[column], float(candidates.column(column)[i])
        if kind == "flag" or np.isnan(cell):
            continue
        step = Fraction(1) if kind in ("integer", "money") else STEP
        known = column_named(column)
        ends = [None if each is None else exact(each) for each in ((known.minimum, known.maximum) if known else ())]
        return Lever(column, exact(cell), step, exact(criterion.weight), *(ends or (None, None)))
    return Lever("", exact(float(call.fundable.merit[i])), STEP, Fraction(1), None, None)


def columns_read(call: Call) -> set[str]:
    """Return the columns that decide something else than the merit."""
    scenario, kinds = call.scenario, call.candidates.kinds
    read = {column for each in call.criteria.applied for test in each.tests for column in test.columns}
    read |= {scenario.value.scale, scenario.priority.column, *_bonuses(scenario)}
    amounts = (money_column(scenario, kinds, *support, what) for support in scenario.supports() for what in MONEY)
    read |= {each for each in amounts if each is not None}
    for _, rule in stated_rules(scenario):
        read |= {rule.measure, *rule.where, *rule.by}
    for funder in scenario.funders:
        read |= set(funder.pays)
    for volet in scenario.volets.values():
        for advantage in volet.advantages.values():
            read |= {str(each) for each in (advantage.firms, advantage.jobs, advantage.euros)}
    return read


def _bonuses(scenario: Scenario) -> set[str]:
    return {flag for terms in scenario.supports().values() for flag in terms.rate_bonus or {}}


@dataclass(frozen=True)
class Turn:
    """Where a candidate comes in, or drops out, as its merit moves.

    Parameters
    ----------
    steps
        Least number of steps of the lever at which it does, while with one less it does not; None where it does not to the end.
    is_proved
        Whether that was seen by solves that ended.
    tie
        Number of steps at which two allocations are worth the same; None where they never are.
    """

    steps: int | None
    is_proved: bool
    tie: int | None = None


def turning_point(
    trials: Trials, call: Call, i: int, lever: Lever, group: int, start: Outcome, target: float, is_up: bool
) -> Turn | None:
    """Return where the candidate at position `i` comes in (`is_up`), or drops out; None where nothing tells what merit adds.

    With the candidate in, the best value is convex and piecewise linear in its merit, and rises; without it, it is constant. So Newton's
    method finds where they meet from the right, in as many solves as there are pieces on the way.

    Parameters
    ----------
    group
        The objective that the merit enters.
    start
        The best with it in, as things stand.
    target
        The best value of that objective without it.
    """
    unit = _unit_of(call, i, group, lever)
    if unit is None or start.x is None:
        return None
    rise, found = 0.0, start
    for _ in range(_MOST):
        assert found.x is not None
        slope = float(unit @ found.x)
        if slope <= 0 and is_up and found is start and unit.any():
            # So far its merit counts for nothing: with so much of it, it counts wherever it can.
            least = float(unit[unit > 0].min(initial=np.inf))
            rise = (1.0 + float(np.abs(call.formulation.problem.objectives[group]).sum())) / least
            found = solved(call, trials.solver, partial(_moved, i=i, group=group, by=rise * unit, is_forced=True))
            if found.x is None:
                return None
            continue
        if slope <= 0:
            return Turn(None, found.is_proved)
        fixed = found.values[group] - slope * rise
        closer = (target - fixed) / slope
        if found is not start and is_same(found.values[group], target, target):
            break
        rise = closer
        found = solved(call, trials.solver, partial(_moved, i=i, group=group, by=rise * unit, is_forced=True))
        if found.x is None:
            # A search that found nothing in its time: what is known so far must do.
            break
    steps = Fraction(abs(rise)).limit_denominator(10**9) / (lever.weight * lever.step)
    # A hair's breadth before a whole number is that number.
    near = max(floor(steps + _HAIR), 0)
    is_known = trials.base.status is Status.OPTIMAL
    turn = _least(_probe(trials, call, i, lever, group, unit), near, lever.room(is_up), is_up, is_known)
    is_tie = abs(steps - near) <= _HAIR and turn.steps in (near, near + 1)
    return replace(turn, tie=near if is_tie else None)


def _least(is_in: Callable[[int], tuple[bool, bool]], near: int, room: int | None, is_up: bool, is_known: bool) -> Turn:
    """Return the least number of steps that turns a candidate, looking around a number that nearly does.

    Parameters
    ----------
    is_known
        Whether it is proved that it has not turned as things stand.
    """
    sign = 1 if is_up else -1

    def turned(steps: int) -> tuple[bool, bool]:
        if steps == 0:
            return False, is_known
        inside, is_proved = is_in(sign * steps)
        return inside is is_up, is_proved

    steps = near if room is None else min(near, room)
    if turned(steps)[0]:
        # Ties and rounding may turn it a step earlier.
        while steps > 0 and turned(steps - 1)[0]:
            steps -= 1
        return Turn(steps, turned(steps)[1] and turned(steps - 1)[1])
    for _ in range(_MOST):
        if room is not None and steps >= room:
            return Turn(None, turned(steps)[1])
        steps += 1
        if turned(steps)[0]:
            return Turn(steps, turned(steps)[1] and turned(steps - 1)[1])
    return Turn(None, False)


def _probe(
    trials: Trials, call: Call, i: int, lever: Lever, group: int, unit: Floats
) -> Callable[[int], tuple[bool, bool]]:
    """Return what tells whether the candidate is funded some steps up, and whether that is proved.

    It solves the changed files, or the problem with another merit where no single cell carries it.
    """
    candidate, known = call.candidates.ids[i], dict[int, tuple[bool, bool]]()

    def is_in(steps: int) -> tuple[bool, bool]:
        change = lever.change(candidate, steps)
        if change is not None:
            trial = trials.of(change)
            return candidate in trial.supported, trial.is_proved
        if steps not in known:
            by = float(steps * lever.step) * unit
            found = solved(call, trials.solver, partial(_moved, i=i, group=group, by=by, is_forced=False))
            known[steps] = any(award.candidate == candidate for award in found.awards), found.is_proved
        return known[steps]

    return is_in


def _unit_of(call: Call, i: int, group: int, lever: Lever) -> Floats | None:
    """Return what one point of merit of the candidate at position `i` adds to an objective; None where nothing tells."""
    merit = float(call.fundable.merit[i])
    if merit == 0:
        raised = lever.change(call.candidates.ids[i], int(1 / lever.step))
        if raised is None:
            return None
        call = prepare(call.scenario, raised.table(call.candidates))
        merit = float(call.fundable.merit[i])
    formulation, objective = call.formulation, call.formulation.problem.objectives[group]
    owner = np.concatenate([formulation.plans.candidate, formulation.steps.candidate[formulation.topped]])
    own = np.flatnonzero(owner == i)
    unit = np.zeros(len(objective))
    unit[own] = objective[own] / merit
    return unit


def _moved(call: Call, i: int, group: int, by: Floats, is_forced: bool) -> Problem:
    """Return the problem with an objective moved, and perhaps the candidate at position `i` forced in."""
    problem = forcing(call, i, is_in=True) if is_forced else call.formulation.problem
    objectives = list(problem.objectives)
    objectives[group] = objectives[group] + by
    return replace(problem, objectives=tuple(objectives))
