"""What a candidate adds: the best value with it less the best value without it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ptce_funding.awards import money_of
from ptce_funding.call import Call
from ptce_funding.explaining.trials import Outcome, solved
from ptce_funding.problem import Problem, Status

Floats = npt.NDArray[np.float64]

#: How far values may lie apart, relative to their size, and be the same: what solvers can tell.
_SAME = 1e-8


@dataclass(frozen=True)
class Margin:
    """What a candidate adds: the best value with it less the best value without it.

    Parameters
    ----------
    kind
        `value`: both are known; `needed`: no allocation keeps the rules without it; `impossible`: none does with it.
    by_group
        Difference of each objective, most important first; empty unless the kind is `value`.
    least, most
        What is proved of each difference; the same as `by_group` where the search ended.
    values
        Best value of each objective without the candidate where it is funded, with it where it is not.
    is_proved
        Whether the search ended.
    leaving, entering
        Who of the others is funded as things stand and not in the other case, and the reverse.
    moved
        Euros that change hands between the two.
    """

    kind: Literal["value", "needed", "impossible"]
    by_group: tuple[float, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]
    values: tuple[float, ...]
    is_proved: bool
    leaving: tuple[str, ...] = ()
    entering: tuple[str, ...] = ()
    moved: int = 0

    @property
    def group(self) -> int | None:
        """The first objective that differs; None where none does: a tie."""
        return next((g for g, each in enumerate(self.by_group) if each), None)

    @property
    def order(self) -> tuple[float, ...]:
        """What candidates are ordered by, the most important last."""
        first = {"impossible": -1.0, "value": 0.0, "needed": 1.0}[self.kind]
        # Beyond nine digits, values differ by the order in which they are summed.
        return (first, *(float(f"{each:.9g}") for each in self.by_group))


def is_same(one: float, other: float, scale: float) -> bool:
    """Return whether solvers could tell two values apart, given what they are parts of."""
    return abs(one - other) <= _SAME * max(abs(scale), 1e-9)


def forcing(call: Call, i: int, is_in: bool) -> Problem:
    """Return the problem of a call with the candidate at position `i` forced in, or out; what else holds is as it was."""
    problem, formulation = call.formulation.problem, call.formulation
    row = int(np.flatnonzero(formulation.owners == i)[0])
    lower = problem.rows.lower.copy()
    lower[row] = 1.0 if is_in else -np.inf
    rows = replace(problem.rows, lower=lower)
    if is_in:
        blocks = problem.blocks
        if blocks is not None:
            is_forced = blocks.is_forced.copy()
            is_forced[row] = True
            blocks = replace(blocks, is_forced=is_forced)
        return replace(problem, rows=rows, blocks=blocks)
    upper = problem.upper.copy()
    upper[np.flatnonzero(formulation.plans.candidate == i)] = 0.0
    # A block none of whose choices may be made is none: the problem is solved whole.
    return replace(problem, rows=rows, upper=upper, blocks=None)


def forced(call: Call, solver: str, i: int, is_in: bool) -> Outcome:
    """Return the best of a call with the candidate at position `i` forced in, or out."""
    return solved(call, solver, lambda one: forcing(one, i, is_in))


def margin_of(candidate: str, base: Outcome, other: Outcome, is_funded: bool) -> Margin:
    """Return what a candidate adds.

    Parameters
    ----------
    base
        The best allocation.
    other
        The best with the candidate forced out where it is funded, in where it is not.
    """
    is_proved = base.is_proved and other.is_proved
    if other.x is None:
        # A search that found nothing within its time proves nothing.
        return Margin("needed" if is_funded else "impossible", (), (), (), (), other.status is Status.INFEASIBLE)
    sign = 1.0 if is_funded else -1.0
    by_group, least, most, is_open = [], [], [], False
    for mine, my_bound, its, its_bound in zip(base.values, base.bounds, other.values, other.bounds, strict=True):
        same = is_same(mine, its, max(sum(map(abs, base.values)), 1e-9))
        by_group.append(0.0 if same else sign * (mine - its))
        ends = sorted((sign * (mine - its_bound), sign * (my_bound - its)))
        if is_open:
            # What is proved of a later objective holds for given earlier ones.
            ends = [-np.inf, np.inf]
        least.append(by_group[-1] if is_proved else ends[0])
        most.append(by_group[-1] if is_proved else ends[1])
        is_open = least[-1] != most[-1]
    before, after = money_of(base.awards), money_of(other.awards)
    return Margin(
        "value",
        tuple(by_group),
        tuple(least),
        tuple(most),
        other.values,
        is_proved,
        tuple(id_ for id_ in before if id_ not in after and id_ != candidate),
        tuple(id_ for id_ in after if id_ not in before and id_ != candidate),
        sum(max(euros - before[id_], 0) for id_, euros in after.items()),
    )


def ranks(margins: dict[str, Margin]) -> dict[str, int]:
    """Return the rank of importance of each candidate: 1 for the one whose loss would cost most; ties share a rank."""
    order = {id_: margin.order for id_, margin in margins.items()}
    stated = sorted(order.values(), reverse=True)
    first: dict[tuple[float, ...], int] = {}
    for number, each in enumerate(stated, 1):
        first.setdefault(each, number)
    return {id_: first[each] for id_, each in order.items()}
