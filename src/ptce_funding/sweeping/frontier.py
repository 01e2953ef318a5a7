"""What more money brings: value and supported candidates against the envelope."""

from collections.abc import Mapping
from dataclasses import dataclass

from ptce_funding.scenario_sweep import ENVELOPE
from ptce_funding.sweeping.design import TOTAL_ALONE, WITH_TRANCHES
from ptce_funding.sweeping.lines import GRID, SINGLE, figure, key_of, own_keys, settings
from ptce_funding.sweeping.runs import Run
from ptce_funding.sweeping.store import Results

#: Euros that what more money brings is told for.
FURTHER = 100_000
#: Part of a bound by which sums of the same numbers in another order differ.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """What one envelope gives.

    Parameters
    ----------
    status
        How the run ended.
    value, supported, granted
        What it comes to, the last in euros; None without an allocation.
    more_value, more_supported
        What each further `FURTHER` euros bring on the way from the envelope before; None for the first, and where one of the two
        has no allocation.
    """

    status: str
    value: float | None
    supported: int | None
    granted: int | None
    more_value: float | None
    more_supported: float | None


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One envelope on both curves.

    Parameters
    ----------
    envelope
        Euros.
    tranches, total
        With the yearly tranches as the scenario states them, and with the total cap alone; None where it was not run.
    is_apart
        Whether the two differ beyond what the proofs leave open: one has an allocation where the other has none, or the best of one
        is above the bound of the other.
    """

    envelope: int
    tranches: Point | None
    total: Point | None
    is_apart: bool


def frontier(results: Results) -> tuple[FrontierRow, ...]:
    """Return value and supported candidates against the envelope, with tranches and with the total cap alone.

    A cell of the design in which nothing but the envelope differs from the scenario is on the curve with tranches.
    """
    position = next((number for number, axis in enumerate(results.axes) if axis.path == ENVELOPE), None)
    if position is None:
        return ()
    runs: dict[str, dict[int, Run]] = {WITH_TRANCHES: {}, TOTAL_ALONE: {}}
    own, values = own_keys(results), settings(results)
    for cell in results.cells:
        value = cell.values[position]
        is_along = all(key_of(each) == own[k] for k, each in enumerate(values[cell.number]) if k != position)
        kind = WITH_TRANCHES if cell.kind in (GRID, SINGLE) and is_along else cell.kind
        if kind in runs and isinstance(value, int | float):
            runs[kind].setdefault(int(value), cell.run)
    tranches, total = (_curve(runs[kind]) for kind in (WITH_TRANCHES, TOTAL_ALONE))
    if not any(point.value is not None for curve in (tranches, total) for point in curve.values()):
        return ()
    return tuple(
        FrontierRow(
            envelope,
            tranches.get(envelope),
            total.get(envelope),
            _is_apart(runs[WITH_TRANCHES].get(envelope), runs[TOTAL_ALONE].get(envelope)),
        )
        for envelope in sorted({*tranches, *total})
    )


def _curve(runs: Mapping[int, Run]) -> dict[int, Point]:
    found, before = {}, None
    for envelope in sorted(runs):
        run = runs[envelope]
        value, supported, granted = (figure(run, name) for name in ("value", "supported", "granted"))
        more: list[float | None] = [None, None]
        if before is not None:
            ends = ((figure(runs[before], name), figure(run, name)) for name in ("value", "supported"))
            more = [
                None if low is None or high is None else (high - low) * FURTHER / (envelope - before)
                for low, high in ends
            ]
        found[envelope] = Point(
            run.status,
            value,
            None if supported is None else int(supported),
            None if granted is None else int(granted),
            *more,
        )
        before = envelope
    return found


def _is_apart(one: Run | None, other: Run | None) -> bool:
    if one is None or other is None:
        return False
    if one.has_allocation and other.has_allocation:
        return any(
            low.bound is not None
            and high.value is not None
            and high.value > low.bound + _SAME * max(1.0, abs(low.bound))
            for low, high in ((one, other), (other, one))
        )
    return (one.has_allocation or other.has_allocation) and "infeasible" in (one.status, other.status)
