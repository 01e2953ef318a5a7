"""Why no allocation exists, and what would let one: the smallest sets of conditions that clash, and the cheapest repairs.

All is asked of solves that say whether an allocation exists, so it is right for yes-or-no choices too; a set of rows that clash in
the relaxation, as solvers offer it, is not.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptce_funding.allocation import as_table
from ptce_funding.call import prepare
from ptce_funding.candidates import Candidates
from ptce_funding.conditions import Bound, Condition, Kind
from ptce_funding.errors import Place
from ptce_funding.feasibility import Feasibility
from ptce_funding.ledger import stated_source
from ptce_funding.messages import Message, message
from ptce_funding.parts import Status as SourceStatus
from ptce_funding.parts import Text
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.repairs import Repair, repairs_of
from ptce_funding.scenario import Scenario
from ptce_funding.toml_lines import dotted
from ptce_funding.unsatisfiable import Items, Unsettled, smallest

if TYPE_CHECKING:
    import pandas as pd

#: Sets of clashing conditions that are told.
MOST_SETS = 5
#: How many times the limit of one solve all of them may take together.
_TIME_LIMITS = 2


@dataclass(frozen=True, slots=True)
class Member:
    """A condition that clashes with others.

    Parameters
    ----------
    kind, key, name
        What it is, its name among its kind, and in words.
    stated
        What it demands, in words.
    place
        File and line that state it.
    status, source
        Where its number comes from; None where it has none.
    is_bendable
        Whether its author lets it be bent (`relax`).
    frees
        Whether an allocation exists once it alone is let go; None where that was not found out in time.
    """

    kind: Kind
    key: str
    name: Message
    stated: tuple[Message, ...]
    place: Place
    status: SourceStatus | None
    source: Text | Message | None
    is_bendable: bool
    frees: bool | None


@dataclass(frozen=True)
class ClashingSet:
    """Conditions that cannot hold together, even with all others let go, and can as soon as any one of them goes.

    Parameters
    ----------
    members
        The conditions; none where there is no allocation even without any of them.
    is_smallest
        Whether it is proved that no fewer conditions clash, of those that earlier sets leave.
    """

    members: tuple[Member, ...]
    is_smallest: bool


@dataclass(frozen=True)
class Clash:
    """Why no allocation exists, and what would let one.

    Parameters
    ----------
    plain
        What is plain to see without solving.
    sets
        Sets of conditions that clash, no two with a member in common; empty where an allocation exists, or nothing was found in time.
    are_all
        Whether it is proved that what the sets leave can hold together.
    repairs
        The cheapest changes after which an allocation exists, best first: the fewest conditions, then the least relative bend.
    is_cheapest
        Whether it is proved that there is no cheaper repair, or none at all.
    """

    plain: tuple[Message, ...]
    sets: tuple[ClashingSet, ...]
    are_all: bool
    repairs: tuple[Repair, ...]
    is_cheapest: bool


def clash_of(
    scenario: Scenario,
    candidates: "Candidates | pd.DataFrame",
    *,
    solver: str | None = None,
    is_sought: bool = False,
) -> Clash:
    """Find out why a scenario has no allocation, and the cheapest changes that let it have one.

    Takes at most twice as long as `solve.time_limit`; what was not found out until then is told to be open.

    Parameters
    ----------
    scenario
        The call.
    candidates
        The candidate table, or a data frame with its columns.
    solver
        Name of the solver; that of the scenario unless said.
    is_sought
        Whether any envelope will do, as where the cost of targets is asked; else the envelope is a condition among the others.

    Raises
    ------
    ScenarioError, CandidatesError
        When scenario and candidates do not fit together.
    SolverError
        When the solver fails or is not installed.
    """
    table = as_table(candidates, scenario)
    plain = plain_clashes(prepare(scenario, table, is_sought=is_sought))
    seconds = _TIME_LIMITS * scenario.solve.time_limit
    question = Feasibility(scenario, table, solver or scenario.solve.solver, is_sought, seconds)
    found, are_all = _sets(question)
    sets = tuple(
        ClashingSet(tuple(_member(question, number) for number in members), is_smallest)
        for members, is_smallest in found
    )
    if not sets:
        return Clash(plain, (), are_all, (), are_all)
    failing = [question.only(frozenset(members)) for members, _ in found]
    repairs, is_cheapest = repairs_of(question, failing)
    # Such a floor may come to hold when something else is loosened: what the search takes to be no looser need not be.
    skips = any(rule.only_possible and rule.min is not None for rule in (*scenario.rules, *scenario.targets))
    return Clash(plain, sets, are_all, repairs, is_cheapest and not skips)


def _sets(question: Feasibility) -> tuple[list[tuple[tuple[int, ...], bool]], bool]:
    """Return sets that clash, as numbers of conditions, each with whether it is proved smallest; and whether the rest holds."""
    found: list[tuple[tuple[int, ...], bool]] = []
    left = list(range(len(question.demands)))
    try:
        while question.fails(frozenset(left)):
            if len(found) == MOST_SETS:
                return found, False
            members, is_smallest = smallest(left, question.fails)
            found.append((members, is_smallest))
            if not members:
                break
            left = [each for each in left if each not in members]
    except Unsettled:
        return found, False
    return found, True


def _member(question: Feasibility, number: int) -> Member:
    condition, scenario = question.demands[number], question.scenario
    status, source = _source(scenario, condition)
    others: Items = frozenset(range(len(question.demands))) - {number}
    try:
        frees = not question.fails(others)
    except Unsettled:
        frees = None
    return Member(
        condition.kind,
        condition.key,
        condition.name,
        _stated(scenario, condition),
        condition.place(scenario),
        status,
        source,
        condition.is_bendable,
        frees,
    )


def _source(scenario: Scenario, condition: Condition) -> tuple[SourceStatus | None, Text | Message | None]:
    if condition.kind in ("link", "decision"):
        return None, None  # no parameters: a decision carries its own trace
    path = dotted(condition.bounds[0].path) if condition.bounds else tuple(map(str, condition.path))
    return stated_source(scenario, ("funders", condition.key, "pays") if condition.kind == "funder" else path)


def _stated(scenario: Scenario, condition: Condition) -> tuple[Message, ...]:
    """Return what a condition demands, in words."""
    if condition.kind == "decision":
        [decision] = [each for each in scenario.decisions if each.candidate == condition.key]
        if decision.decision == "fund":
            return (message("fund, by {by}: {reason}", by=decision.by, reason=decision.reason),)
        return (message("reject, by {by}: {reason}", by=decision.by, reason=decision.reason),)
    return tuple(map(_bound_in_words, condition.bounds))


def _bound_in_words(bound: Bound) -> Message:
    value = float(bound.value)
    match bound.measure, bound.is_floor:
        case "amount", True:
            return message("at least {value:euros}", value=value)
        case "amount", False:
            return message("at most {value:euros}", value=value)
        case "share", True:
            return message("at least {value:percent}", value=value)
        case "share", False:
            return message("at most {value:percent}", value=value)
        case _, True:
            return message("at least {value:number}", value=value)
    return message("at most {value:number}", value=value)
