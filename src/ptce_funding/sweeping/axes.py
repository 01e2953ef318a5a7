"""Axes of a sweep: what values a parameter takes."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, sqrt
from typing import Any, Literal

from ptce_funding.money import exact
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import plain
from ptce_funding.scenario_files import origin_of
from ptce_funding.scenario_sweep import types_at
from ptce_funding.variation import Vary

#: Digits that drawn numbers keep: enough for any parameter, and readable.
_DIGITS = 6


@dataclass(frozen=True)
class Axis:
    """One parameter that a sweep varies.

    Parameters
    ----------
    path
        Its dotted path.
    kind
        How its values are stated.
    values
        What it takes, in order; empty where values are only drawn.
    """

    path: str
    kind: Literal["range", "values", "distribution"]
    values: tuple[Any, ...]


def axes_of(scenario: Scenario) -> tuple[Axis, ...]:
    """Return what the sweep of a scenario varies; ranges of whole numbers hold whole numbers, each once."""
    return tuple(_axis(vary, is_whole(scenario, vary)) for vary in scenario.sweep.vary)


def is_whole(scenario: Scenario, vary: Vary) -> bool:
    """Whether a parameter takes whole numbers only."""
    types = types_at(origin_of(scenario).data, vary.path)
    return int in types and float not in types


def _axis(vary: Vary, whole: bool) -> Axis:
    if vary.values is not None:
        return Axis(vary.path, "values", tuple(plain(value) for value in vary.values))
    if vary.distribution is not None:
        return Axis(vary.path, "distribution", ())
    low, high, last = exact(vary.low or 0), exact(vary.high or 0), (vary.count or 1) - 1
    # By exact decimals: a tenth and two tenths are three tenths.
    steps = [low + (high - low) * Fraction(number, last) for number in range(last + 1)] if last else []
    return Axis(vary.path, "range", tuple(dict.fromkeys(_rounded(step) if whole else float(step) for step in steps)))


def drawn(vary: Vary, whole: bool, u: float) -> Any:
    """Return the value of a parameter at a probability.

    Lists are cut into equal cells, ranges are uniform; a distribution gives the value below which it has the probability `u`.

    Parameters
    ----------
    vary
        The parameter.
    whole
        Whether it takes whole numbers only.
    u
        Between 0 and 1, below 1.
    """
    if vary.values is not None:
        return plain(vary.values[min(int(u * len(vary.values)), len(vary.values) - 1)])
    value = _quantile(vary, u)
    return _rounded(Fraction(value)) if whole else float(f"{value:.{_DIGITS}g}")


def _quantile(vary: Vary, u: float) -> float:
    if vary.mean is not None and vary.deviation is not None:
        from scipy.special import ndtri

        # A probability of nought or one has no finite value.
        return vary.mean + vary.deviation * float(ndtri(min(max(u, 1e-12), 1 - 1e-12)))
    low, high = vary.low or 0.0, vary.high or 0.0
    if vary.mode is None:
        return low + (high - low) * u
    width, before, after = high - low, vary.mode - low, high - vary.mode
    return low + sqrt(u * width * before) if u * width < before else high - sqrt((1 - u) * width * after)


def _rounded(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
