"""What would let an allocation exist: the fewest conditions to bend, and by how much, each repair verified."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from ptce_funding.conditions import Condition, Kind
from ptce_funding.elastic import least_bends
from ptce_funding.feasibility import Feasibility, price
from ptce_funding.messages import Message
from ptce_funding.parts import LARGEST_ENVELOPE
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import identity_of, origin_of
from ptce_funding.toml_lines import join
from ptce_funding.unsatisfiable import FREE, Point, Unsettled, cheapest

#: Repairs that are told.
MOST_REPAIRS = 5
#: Steps further that a repair is tried, where odd euros of charges leave no allocation in the first.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Bend:
    """One condition that a repair bends or gives up.

    Parameters
    ----------
    kind, key, name
        The condition.
    path
        What is changed; "" where the condition is given up.
    measure
        `amount` (euros), `share`, `count` (candidates) or a column of the candidates.
    old, new
        The number as stated, and bent; None where the condition is given up.
    """

    kind: Kind
    key: str
    name: Message
    path: str
    measure: str
    old: Fraction | None
    new: Fraction | None


@dataclass(frozen=True)
class Repair:
    """Changes after which an audited allocation exists.

    Parameters
    ----------
    bends
        What is bent or given up.
    relative
        How far together, as shares of what is stated; 1 for each condition that is given up.
    changes
        Values by path that make the changes, as for ``--set``.
    """

    bends: tuple[Bend, ...]
    relative: float
    changes: Mapping[str, object] = field(hash=False)


def repairs_of(question: Feasibility, failing: Sequence[Point]) -> tuple[tuple[Repair, ...], bool]:
    """Return the cheapest repairs, best first, and whether it is proved that there is no cheaper one.

    Parameters
    ----------
    question
        The scenario that has no allocation.
    failing
        Points that are known to have none.
    """
    dimensions = question.dimensions
    points = cheapest(
        [number for number, each in enumerate(dimensions) if question.demands[each.condition].is_bendable],
        question.stated,
        failing,
        question.holds,
        partial(price, dimensions),
        lambda number: dimensions[number].room,
        partial(least_bends, question),
    )
    found: list[Repair] = []
    is_proved = True
    try:
        for repair in filter(None, (_verified(question, point) for point in points)):
            found.append(repair)
            if len(found) == MOST_REPAIRS:
                break
    except Unsettled:
        is_proved = bool(found)
    if not is_proved:
        found.extend(_known(question))
    return tuple(found), is_proved


def _known(question: Feasibility) -> Iterator[Repair]:
    """Return the cheapest of what was found to hold on the way, where the search had to end before its first result."""
    may = [question.demands[each.condition].is_bendable for each in question.dimensions]
    points = [
        point for point in question.holding if all(not steps or is_so for steps, is_so in zip(point, may, strict=True))
    ]
    for point in sorted(points, key=lambda point: (price(question.dimensions, point), point))[:1]:
        try:
            repair = _verified(question, point)
        except Unsettled:
            return
        if repair is not None:
            yield repair


def _verified(question: Feasibility, point: Point) -> Repair | None:
    """Return the repair of a point once an audited allocation exists after it; None where there is none."""
    for more in range(_TRIES):
        repair = _repair(question, tuple(steps + more if 0 < steps < FREE else steps for steps in point))
        if repair is not None and question.has_allocation(repair.changes):
            return repair
    return None


def _repair(question: Feasibility, point: Point) -> Repair | None:
    """Return what a point bends and gives up; None where a scenario cannot state that: it always has an envelope."""
    bends, changes, given_up = [], dict[str, object](), list[Condition]()
    for steps, dimension in zip(point, question.dimensions, strict=True):
        if not steps:
            continue
        condition, bound = question.demands[dimension.condition], dimension.bound
        told = (condition.kind, condition.key, condition.name)
        if bound is None or (steps == FREE and bound.last is None):
            if condition.kind == "envelope":
                return None
            given_up.append(condition)
            bends.append(Bend(*told, "", "", None, None))
        else:
            new = dimension.moved(steps)
            changes |= bound.changes(new)
            bends.append(Bend(*told, bound.path, bound.measure, bound.value, new))
    changes |= _without(question.scenario, given_up)
    return Repair(tuple(bends), price(question.dimensions, point)[1], changes)


def _without(scenario: Scenario, given_up: Sequence[Condition]) -> dict[str, object]:
    """Return values by path that give up conditions."""
    changes: dict[str, object] = {}
    envelope, data = scenario.envelope, origin_of(scenario).data
    for each in given_up:
        match each.kind:
            case "funder":
                changes[join(("funders", each.key, "pays"))] = {}
            case "tranches":
                # All in the first year, and what a year leaves may be committed later: no limit but the envelope.
                changes["envelope.tranches"] = [1.0, *[0.0] * (scenario.years - 1)]
                changes["envelope.carry_over"] = True
                if envelope.cuts is not None:
                    changes["envelope.cuts"] = [0.0] * len(envelope.cuts)
            case "payments":
                changes["envelope.payments_max"] = [LARGEST_ENVELOPE] * len(envelope.payments_max or ())
            case "candidate_max":
                changes["envelope.candidate_max"] = LARGEST_ENVELOPE
            case _:
                part = f"{each.kind}s"
                left = changes.get(part, data[part])
                assert isinstance(left, list)
                changes[part] = [entry for entry in left if identity_of(entry, part) != each.key]
    return changes
