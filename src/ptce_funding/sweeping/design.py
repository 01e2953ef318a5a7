"""Designs: which combinations of values are run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ptce_funding.designs import SAMPLED
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_sweep import ENVELOPE
from ptce_funding.sweeping.axes import Axis, drawn, is_whole

#: Kinds of cells of the frontier: with yearly tranches as stated, and with the total alone.
WITH_TRANCHES, TOTAL_ALONE = "frontier:tranches", "frontier:total"

_SAMPLES = 64


@dataclass(frozen=True)
class Point:
    """One combination of values to run.

    Parameters
    ----------
    number
        Its place in the design; 0 is the scenario as it stands.
    kind
        `base`, `grid`, `sample`, `single`, `frontier:tranches` or `frontier:total`.
    values
        One for each axis; None where the scenario's own holds.
    """

    number: int
    kind: str
    values: tuple[Any, ...]

    def changes(self, axes: Sequence[Axis]) -> dict[str, object]:
        """Return what it changes in the scenario, by path."""
        changes = {axis.path: value for axis, value in zip(axes, self.values, strict=True) if value is not None}
        return changes | ({"envelope.tranches": None} if self.kind == TOTAL_ALONE else {})


def points(scenario: Scenario, axes: Sequence[Axis]) -> list[Point]:
    """Return what the sweep of a scenario runs: the scenario as it stands, the design, then the frontier.

    In a grid the last axis varies fastest.
    """
    own = (None,) * len(axes)
    found: list[tuple[str, tuple[Any, ...]]] = [("base", own)]
    design = scenario.sweep.design
    if design in SAMPLED:
        found += [("sample", values) for values in _samples(scenario)]
    elif design == "grid":
        found += [("grid", values) for values in product(*(axis.values for axis in axes))]
    else:
        found += [("single", values) for number in range(len(axes)) for values in _along(axes, number)]
    if scenario.sweep.frontier:
        along = next(number for number, axis in enumerate(axes) if axis.path == ENVELOPE)
        for kind in (WITH_TRANCHES, TOTAL_ALONE):
            found += [(kind, values) for values in _along(axes, along)]
    return [Point(number, kind, values) for number, (kind, values) in enumerate(found)]


def _along(axes: Sequence[Axis], number: int) -> Iterator[tuple[Any, ...]]:
    """Yield the values of one axis with the scenario's own elsewhere."""
    for value in axes[number].values:
        yield tuple(value if k == number else None for k in range(len(axes)))


def _samples(scenario: Scenario) -> list[tuple[Any, ...]]:
    wholes = [is_whole(scenario, vary) for vary in scenario.sweep.vary]
    return [
        tuple(drawn(vary, whole, u) for vary, whole, u in zip(scenario.sweep.vary, wholes, row, strict=True))
        for row in unit_samples(scenario)
    ]


def unit_samples(scenario: Scenario) -> list[list[float]]:
    """Return the samples of a design as probabilities, one row a sample and one column an axis, by scipy's quasi-Monte Carlo."""
    from scipy.stats import qmc

    sweep = scenario.sweep
    n, seed = sweep.samples or _SAMPLES, sweep.seed or 0
    if sweep.design == "latin":
        return _rows(qmc.LatinHypercube(len(sweep.vary), rng=seed).random(n))
    # The sequence comes in powers of two; its first points are those of any shorter one.
    return _rows(qmc.Sobol(len(sweep.vary), rng=seed).random_base2((n - 1).bit_length())[:n])


def _rows(samples: Any) -> list[list[float]]:
    return [[float(u) for u in row] for row in samples]
