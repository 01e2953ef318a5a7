"""What a sweep says: who is funded whatever is assumed, where the list changes, what more money brings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ptce_funding.scenario_sweep import ENVELOPE
from ptce_funding.sweeping.design import TOTAL_ALONE, WITH_TRANCHES
from ptce_funding.sweeping.elasticity import Elasticity, elasticities
from ptce_funding.sweeping.frontier import FrontierRow, frontier
from ptce_funding.sweeping.lines import (
    BASE,
    GRID,
    SAMPLE,
    SINGLE,
    Line,
    figure,
    key_of,
    lines,
    own_keys,
)
from ptce_funding.sweeping.store import Cell, Results

#: Euros of each candidate with money, by hash of the run.
Grants = Mapping[str, Mapping[str, int]]

Standing = Literal["core", "borderline", "exterior"]

#: Measures of a tornado.
_TORNADO = ("value", "supported")


@dataclass(frozen=True, slots=True)
class Selection:
    """How often a candidate is funded.

    Robust portfolio modelling calls those in every good portfolio core, those in none exterior, the rest borderline (Liesiö, Mild
    and Salo, Preference programming for robust portfolio modeling and project selection, 2007).

    Parameters
    ----------
    candidate
        Identifier.
    funded, runs
        Cells of the design with an allocation in which it is funded, and all of them.
    mean_grant
        Euros when it is funded, all its awards together, rounded half up; None when it never is.
    """

    candidate: str
    funded: int
    runs: int
    mean_grant: int | None

    @property
    def frequency(self) -> float:
        """Share of the cells with an allocation in which it is funded."""
        return self.funded / self.runs

    @property
    def standing(self) -> Standing:
        """`core` is funded in every cell, `borderline` in some, `exterior` in none."""
        return "core" if self.funded == self.runs else "borderline" if self.funded else "exterior"


@dataclass(frozen=True, slots=True)
class Break:
    """Two neighbouring values of a parameter between which the result turns.

    Parameters
    ----------
    path
        What is varied.
    low, high
        The neighbouring values, in the order of the axis.
    others
        Path and value of the other axes, the same in both.
    without_tranches
        Whether the scenario's tranches are removed in both.
    cells
        Numbers of the two cells.
    enters, leaves
        Candidates that only the second, and only the first supports; empty unless both have an allocation.
    statuses
        How the two runs ended.
    supported
        Candidates supported in each; None without an allocation.
    """

    path: str
    low: object
    high: object
    others: tuple[tuple[str, object], ...]
    without_tranches: bool
    cells: tuple[int, int]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    statuses: tuple[str, str]
    supported: tuple[int | None, int | None]

    @property
    def size(self) -> int:
        """Candidates that enter or leave."""
        return len(self.enters) + len(self.leaves)

    @property
    def is_status(self) -> bool:
        """Whether an allocation exists on one side, and none on the other, proved."""
        return "infeasible" in self.statuses

    @property
    def is_paradox(self) -> bool:
        """Whether fewer candidates are supported with a larger envelope."""
        before, after = self.supported
        return self.path == ENVELOPE and before is not None and after is not None and after < before


@dataclass(frozen=True, slots=True)
class Bar:
    """What one parameter does between its ends, all others as the scenario has them.

    Parameters
    ----------
    path, measure
        What is varied and what answers.
    ends
        First and last value of the axis.
    low, base, high
        The measure at the first value, as the scenario is, and at the last; None without an allocation.
    least, most
        The smallest and the largest of all values and of the scenario; None where no allocation is.
    """

    path: str
    measure: str
    ends: tuple[object, object]
    low: float | None
    base: float | None
    high: float | None
    least: float | None
    most: float | None

    @property
    def span(self) -> float:
        """Distance between the smallest and the largest, as far as they are known."""
        return 0.0 if self.least is None or self.most is None else self.most - self.least


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is said of a sweep.

    Parameters
    ----------
    selection
        Every candidate, in the order of the table; empty when no cell of the design has an allocation.
    elasticities
        By axis and measure.
    breaks
        By axis, in its order.
    frontier
        By envelope.
    tornado
        By measure, longest bar first.
    """

    selection: tuple[Selection, ...]
    elasticities: tuple[Elasticity, ...]
    breaks: tuple[Break, ...]
    frontier: tuple[FrontierRow, ...]
    tornado: tuple[Bar, ...]


def analyse(results: Results) -> Analysis:
    """Return what a sweep says."""
    grants = grants_of(results)
    return Analysis(
        selection=selection(results, grants),
        elasticities=elasticities(results),
        breaks=breaks(results, grants),
        frontier=frontier(results),
        tornado=tornado(results),
    )


def grants_of(results: Results) -> Grants:
    """Return what each candidate receives in each run with an allocation, in euros; each run is read once."""
    found: dict[str, dict[str, int]] = {}
    for cell in results.cells:
        if cell.run.hash not in found and cell.run.has_allocation:
            sums: Counter[str] = Counter()
            for award in cell.run.awards():
                sums[award.candidate] += award.grant
            found[cell.run.hash] = dict(sums)
    return found


def selection(results: Results, grants: Grants) -> tuple[Selection, ...]:
    """Return how often each candidate is funded in the cells of the design; base and frontier are not counted."""
    told = [cell for cell in results.cells if cell.kind in (GRID, SAMPLE, SINGLE) and cell.run.has_allocation]
    times: Counter[str] = Counter()
    money: Counter[str] = Counter()
    for cell in told:
        for candidate, grant in grants[cell.run.hash].items():
            times[candidate] += 1
            money[candidate] += grant
    return tuple(
        Selection(id_, times[id_], len(told), _half_up(money[id_], times[id_]))
        for id_ in (results.candidates if told else ())
    )


def breaks(results: Results, grants: Grants) -> tuple[Break, ...]:
    """Return where the list of supported candidates changes, or an allocation begins or ceases to exist, between neighbours.

    Lists of nearly the same value, within the gap at which the search may stop, may differ without any other reason; they are told.
    Runs that ended without a proof either way (no allocation found, a refused value, a failure) say nothing and make no break.
    """
    kinds = [BASE, GRID, SINGLE, WITH_TRANCHES]
    if results.scenario.envelope.tranches is not None:
        kinds.append(TOTAL_ALONE)
    order = {id_: number for number, id_ in enumerate(results.candidates)}
    found = []
    for line in lines(results, kinds):
        for (low, one), (high, other) in line.pairs:
            each = _break(line, (low, high), (one, other), grants, order)
            if each is not None:
                found.append(each)
    return tuple(found)


def _break(
    line: Line,
    ends: tuple[object, object],
    cells: tuple[Cell, Cell],
    grants: Grants,
    order: Mapping[str, int],
) -> Break | None:
    runs = [cell.run for cell in cells]
    ended = [run.has_allocation for run in runs]
    enters: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    if all(ended):
        before, after = (grants[run.hash].keys() for run in runs)
        enters, leaves = (tuple(sorted(each, key=order.__getitem__)) for each in (after - before, before - after))
        if not enters and not leaves:
            return None
    elif not (any(ended) and any(run.status == "infeasible" for run in runs)):
        return None
    one, other = ((len(grants[run.hash]) if run.has_allocation else None) for run in runs)
    return Break(
        path=line.axis.path,
        low=ends[0],
        high=ends[1],
        others=line.others,
        without_tranches=line.without_tranches,
        cells=(cells[0].number, cells[1].number),
        enters=enters,
        leaves=leaves,
        statuses=(runs[0].status, runs[1].status),
        supported=(one, other),
    )


def largest(found: Sequence[Break], n: int) -> tuple[Break, ...]:
    """Return the `n` breaks that change most: where allocations begin or cease to exist, then by who enters or leaves."""
    return tuple(sorted(found, key=lambda each: (not each.is_status, -each.size))[:n])


def tornado(results: Results) -> tuple[Bar, ...]:
    """Return what each axis does between its ends, the others as the scenario has them, longest bar first for each measure.

    One axis alone has nothing to be held against, unless it was asked for by itself.
    """
    if len(results.axes) < 2 and not any(cell.kind == SINGLE for cell in results.cells):
        return ()
    own = dict(zip((axis.path for axis in results.axes), own_keys(results), strict=True))
    along = [
        line
        for line in lines(results, (BASE, GRID, SINGLE))
        if all(key_of(value) == own[path] for path, value in line.others)
    ]
    base = next((cell.run for cell in results.cells if cell.kind == BASE), None)
    bars = []
    for measure in _TORNADO:
        mine = []
        for line in along:
            # The scenario's own value may be none of those that were asked for.
            listed = {key_of(value) for value in line.axis.values}
            asked = [point for point in line.points if key_of(point[0]) in listed]
            asked = asked if len(asked) > 1 else list(line.points)
            (first, one), (last, other) = asked[0], asked[-1]
            figures = figure(one.run, measure), figure(base, measure) if base else None, figure(other.run, measure)
            known = [x for _, cell in line.points if (x := figure(cell.run, measure)) is not None]
            known += [x for x in figures[1:2] if x is not None]
            mine.append(
                Bar(
                    line.axis.path, measure, (first, last), *figures, min(known, default=None), max(known, default=None)
                )
            )
        bars += sorted(mine, key=lambda bar: -bar.span)
    return tuple(bars)


def _half_up(total: int, n: int) -> int | None:
    return (2 * total + n) // (2 * n) if n else None
