"""What a rule costs: each condition let go alone, each bound that may hold moved by one step, and all solved again.

A price is a difference between two allocations that were both found and audited. What the relaxation (grants and choices that need
not be whole) would gain is told beside it, as an indication: it is no price, since nobody can be funded by halves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from ptce_funding.allocation import Allocation, allocated
from ptce_funding.audit import RuleCheck
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import Bound, Condition, conditions, envelope_bound
from ptce_funding.errors import InputError
from ptce_funding.messages import Message, message
from ptce_funding.problem import Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.settlement import grants_of
from ptce_funding.solvers import highs
from ptce_funding.toml_lines import join

#: Values whose difference is below this, relatively, are the same.
_SAME = 1e-9

Change = Literal["dropped", "moved"]


@dataclass(frozen=True)
class Price:
    """What one change of one condition brings.

    Parameters
    ----------
    name
        The condition, in words.
    kind
        What it is, as `Condition` names it, or `envelope`.
    change
        Whether it is let go, or its bound moved.
    path
        Dotted path of the bound; that of the condition where it is let go.
    before, after
        Where the bound stands, and where it is moved to; None where the condition is let go.
    measure
        What the bound counts, as `Bound` names it; None where the condition is let go.
    status
        What was proved with the change; `invalid` where the scenario refuses it.
    value
        Value gained, from one allocation to the other; None unless both are there.
    least, most
        Between which the gain of the best allocations is proved to lie; None where that is not known.
    supported, granted
        Candidates and euros gained; None without an allocation after the change.
    relaxed
        Value that the relaxation gains; an indication only.
    """

    name: Message
    kind: str
    change: Change
    path: str
    before: Fraction | None
    after: Fraction | None
    measure: str | None
    status: str
    value: float | None = None
    least: float | None = None
    most: float | None = None
    supported: int | None = None
    granted: int | None = None
    relaxed: float | None = None

    @property
    def is_separable(self) -> bool:
        """Whether what is proved tells the gain from nothing, or proves that there is none."""
        if self.value is None or self.least is None or self.most is None:
            return False
        return self.least > 0 or self.most < 0 or self.least == self.most


def price_rules(
    allocation: Allocation,
    solver: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Price, ...]:
    """Return what each rule of a scenario costs, its bounds, and one grant step of the envelope.

    Parameters
    ----------
    allocation
        The scenario as it stands, solved.
    solver
        Name of the solver; that of the scenario unless said.
    progress
        Is told how many changes are solved, and of how many.
    """
    scenario, candidates = allocation.call.scenario, allocation.call.candidates
    relaxed, name = _relaxed(allocation.call), solver or scenario.solve.solver
    changes = list(_changes(scenario, allocation))
    found = list[Price]()
    gains_nothing = False
    for done, change in enumerate(changes):
        progress(done, len(changes))
        if change.bound is None:
            gains_nothing = False
        elif gains_nothing and not change.is_tight:
            continue
        price = _price(allocation, change, candidates, name, relaxed)
        if change.bound is None:
            gains_nothing = price.value == 0
        found.append(price)
    progress(len(changes), len(changes))
    return tuple(found)


def _price(
    allocation: Allocation, change: "_Change", candidates: Candidates, solver: str, relaxed: float | None
) -> Price:
    """Return what a change brings.

    Parameters
    ----------
    relaxed
        Best value of the scenario as it stands without whole numbers.
    """
    try:
        call = prepare(change.scenario(), candidates)
    except InputError:
        return change.price("invalid")
    # What is there already stands where a search that may end within its gap finds less.
    changed = allocated(call, solver, grants_of(call, allocation.awards) if allocation.has_allocation else None)
    least, most = _proved(allocation, changed, change.kind != "envelope" and not _may_tighten(allocation.call.scenario))
    price = replace(
        change.price(changed.status.value),
        value=_difference(allocation.value, changed.value),
        least=least,
        most=most,
        relaxed=_difference(relaxed, _relaxed(call)),
    )
    if changed.has_allocation:
        more = len(changed.supported) - len(allocation.supported)
        price = replace(price, supported=more, granted=changed.granted - allocation.granted)
    return price


def _may_tighten(scenario: Scenario) -> bool:
    """Whether a floor skips groups in which nobody can be funded: what lets somebody in makes it hold there too."""
    return any(rule.only_possible and rule.min is not None for rule in (*scenario.rules, *scenario.targets))


@dataclass(frozen=True)
class _Change:
    """One change of one condition, and what makes the changed scenario.

    Parameters
    ----------
    bound
        What is moved; None where the condition is let go.
    is_tight
        Whether a bound holds: a tight one is moved even where letting its condition go gains nothing, to show that it does not.
    """

    name: Message
    kind: str
    path: str
    bound: Bound | None
    is_tight: bool
    scenario: Callable[[], Scenario]

    def price(self, status: str) -> Price:
        """Return the price of which only the status is known."""
        if self.bound is None:
            return Price(self.name, self.kind, "dropped", self.path, None, None, None, status)
        after = self.bound.moved(1)
        return Price(self.name, self.kind, "moved", self.path, self.bound.value, after, self.bound.measure, status)


def _changes(scenario: Scenario, allocation: Allocation) -> Iterator[_Change]:
    bound = envelope_bound(scenario)
    yield _Change(message("the envelope"), "envelope", bound.path, bound, True, _moving(scenario, bound))
    for each in conditions(scenario):
        path = join(tuple(each.key if isinstance(part, int) else part for part in each.path))
        yield _Change(each.name, each.kind, path, None, False, _without(scenario, each))
        for bound in each.bounds:
            if bound.moved(1) != bound.value:
                is_tight = _is_tight(allocation, each, bound)
                yield _Change(each.name, each.kind, bound.path, bound, is_tight, _moving(scenario, bound))


def _moving(scenario: Scenario, bound: Bound) -> Callable[[], Scenario]:
    return lambda: overridden(scenario, bound.changes(bound.moved(1)))


def _without(scenario: Scenario, condition: Condition) -> Callable[[], Scenario]:
    return lambda: condition.without(scenario)


def _is_tight(allocation: Allocation, condition: Condition, bound: Bound) -> bool:
    """Whether some group of a rule is nearer to its bound than one step.

    Other bounds are few, and without an allocation nothing is known of any: all of these count as tight.
    """
    if allocation.report is None or condition.kind not in ("rule", "target"):
        return True
    own = [check for check in allocation.report.rules if check.rule.name == condition.key]
    return any(_slack(check, bound) < bound.step for check in own)


def _slack(check: RuleCheck, bound: Bound) -> Fraction | float:
    if check.is_skipped and bound.is_floor:
        return float("inf")
    if check.activity is None:
        return 0
    return check.activity - bound.value if bound.is_floor else bound.value - check.activity


def _difference(one: float | None, other: float | None) -> float | None:
    """Return how much more the other is; nothing where only the order of sums sets them apart."""
    if one is None or other is None:
        return None
    return 0.0 if abs(other - one) <= _SAME * max(1.0, abs(one)) else other - one


def _proved(one: Allocation, other: Allocation, is_looser: bool) -> tuple[float | None, float | None]:
    """Return between what the gain of the best allocations is proved to lie.

    Bounds of several objectives hold for each given what was reached of the earlier ones, so they prove nothing of the best unless
    there is no gap.

    Parameters
    ----------
    is_looser
        Whether whatever was allowed before still is, so that nothing can be lost.
    """
    if one.value is None or other.value is None or one.bound is None or other.bound is None:
        return None, None
    least, most = _difference(one.bound, other.value), _difference(one.value, other.bound)
    if len(one.stages) > 1:
        return (least, most) if least == most else (None, None)
    return max(least or 0.0, 0.0) if is_looser else least, most


def _relaxed(call: Call) -> float | None:
    """Return the best value without whole numbers; None where there is none or several objectives come one after the other."""
    problem = call.formulation.problem
    if len(problem.objectives) > 1 or call.impossible:
        return None
    free = replace(problem, integer=np.zeros(problem.n, dtype=bool), blocks=None)
    done = highs.run(free, problem.objectives[0], call.scenario.solve, call.scenario.solve.time_limit)
    return float(problem.objectives[0] @ done.x) if done.status is Status.OPTIMAL and done.x is not None else None
