"""The cells of a sweep as lines: those that differ in one parameter alone, in its order."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import origin_of, resolve
from ptce_funding.sweeping.axes import Axis
from ptce_funding.sweeping.design import TOTAL_ALONE
from ptce_funding.sweeping.runs import Run
from ptce_funding.sweeping.store import Cell, Results

#: Kinds of cells by which a design is told, in the words of the store.
BASE, GRID, SAMPLE, SINGLE = "base", "grid", "sample", "single"

#: What a sweep is told by, in order; a measure that no run has is left out.
MEASURES = ("value", "supported", "granted", "jobs")


@dataclass(frozen=True, slots=True)
class Line:
    """Cells that differ in one axis alone.

    Parameters
    ----------
    axis
        The axis.
    without_tranches
        Whether the scenario's tranches are removed in all of them.
    others
        Path and value of every other axis.
    points
        Value of the axis and cell, in the order of the axis: numbers by size, others as they are listed.
    """

    axis: Axis
    without_tranches: bool
    others: tuple[tuple[str, object], ...]
    points: tuple[tuple[object, Cell], ...]

    @property
    def pairs(self) -> Iterator[tuple[tuple[object, Cell], tuple[object, Cell]]]:
        """Neighbours: nothing of the sweep lies between them."""
        return pairwise(self.points)


def figure(run: Run, measure: str) -> float | None:
    """Return what a run comes to in a measure; None without an allocation, or where the measure is not known."""
    if not run.has_allocation:
        return None
    return run.value if measure == "value" else run.indicators.get(measure)


def measures(results: Results) -> tuple[str, ...]:
    """Return the measures that at least one run has."""
    return tuple(name for name in MEASURES if any(figure(cell.run, name) is not None for cell in results.cells))


def is_number(value: object) -> bool:
    """Return whether a value is a number; flags are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def own_value(scenario: Scenario, path: str) -> object:
    """Return what the scenario itself says of a parameter, its default where it says nothing; None where there is none."""
    stated = origin_of(scenario).data
    # What is stated first: the short form of a criterion is a number, its full form a table.
    for data in (stated, scenario.model_dump(mode="json")):
        try:
            here: object = data
            for key in resolve(data, path):
                here = here[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            continue
        if here is not None:
            return here
    return None


def settings(results: Results) -> dict[int, tuple[object, ...]]:
    """Return the value of every axis by number of the cell, the scenario's own where the cell does not change it."""
    own = [own_value(results.scenario, axis.path) for axis in results.axes]
    return {
        cell.number: tuple(mine if value is None else value for value, mine in zip(cell.values, own, strict=True))
        for cell in results.cells
    }


def key_of(value: object) -> tuple[str, object]:
    """Return what tells values apart: numbers by size (1 is 1.0, but not true), others by what is written."""
    return ("number", value) if is_number(value) else ("other", json.dumps(value, sort_keys=True, ensure_ascii=False))


def own_keys(results: Results) -> tuple[tuple[str, object], ...]:
    """Return what the scenario itself has on each axis, as `key_of` tells values apart."""
    return tuple(key_of(own_value(results.scenario, axis.path)) for axis in results.axes)


def lines(results: Results, kinds: Collection[str]) -> tuple[Line, ...]:
    """Return all lines of at least two cells.

    Parameters
    ----------
    kinds
        Kinds of cells to take. The base cell lies on every line that it fits.

    Returns
    -------
    tuple of Line
        Axis by axis, each in the order of its first cell.
    """
    found = []
    taken = [cell for cell in results.cells if cell.kind in kinds]
    values = settings(results)
    for position, axis in enumerate(results.axes):
        groups: dict[tuple[object, ...], dict[tuple[str, object], tuple[object, Cell]]] = {}
        for cell in taken:
            mine = values[cell.number]
            others = [key_of(value) for other, value in enumerate(mine) if other != position]
            group = groups.setdefault((cell.kind == TOTAL_ALONE, *others), {})
            group.setdefault(key_of(mine[position]), (mine[position], cell))
        for (is_total, *_), group in groups.items():
            points = _ordered(list(group.values()), axis)
            if len(points) > 1:
                first = values[points[0][1].number]
                rest = tuple((each.path, first[other]) for other, each in enumerate(results.axes) if other != position)
                found.append(Line(axis, bool(is_total), rest, points))
    return tuple(found)


def _ordered(points: Sequence[tuple[object, Cell]], axis: Axis) -> tuple[tuple[object, Cell], ...]:
    if all(is_number(value) for value, _ in points):
        return tuple(sorted(points, key=lambda point: point[0]))  # type: ignore[arg-type, return-value]
    listed = {key_of(value): number for number, value in reversed(list(enumerate(axis.values)))}
    known = [point for point in points if key_of(point[0]) in listed]
    return tuple(sorted(known, key=lambda point: listed[key_of(point[0])]))
