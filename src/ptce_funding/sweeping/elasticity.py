"""How strongly what is reached answers to what is varied.

Two manners, by what the design gives. Cells that differ in one parameter alone give arc elasticities, reckoned from the midpoint so
that the way there and the way back agree (Allen, The concept of arc elasticity of demand, 1934). Samples, in which all parameters
move at once, give the coefficients of a least squares fit of logarithms, and rank correlations where a logarithm does not exist
(Saltelli et al., Global Sensitivity Analysis: The Primer, 2008, chapter 1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from ptce_funding.sweeping.lines import (
    BASE,
    GRID,
    SAMPLE,
    SINGLE,
    figure,
    is_number,
    lines,
    measures,
    own_value,
    settings,
)
from ptce_funding.sweeping.store import Results

Method = Literal["arc", "regression", "rank"]

#: Columns of a fit that are nearer to each other than this are one.
_COLLINEAR = 1e10


@dataclass(frozen=True, slots=True)
class Elasticity:
    """Relative change of a measure for a relative change of a parameter.

    Parameters
    ----------
    path, measure
        What is varied and what answers.
    method
        `arc`: median of arc elasticities between neighbours. `regression`: coefficient of ln(parameter) in the fit of ln(measure).
        `rank`: Spearman's rank correlation, which is no elasticity: the direction and the steadiness of the answer, from -1 to 1.
    estimate
        The figure; None where it is not defined (nothing varies, or too few cells).
    low, high
        `arc`: smallest and largest elasticity found; else None.
    here
        `arc`: median over the pairs of neighbours that hold the scenario's own value between them or at an end; else None.
    n
        `arc`: pairs of neighbours; else cells.
    r2
        `regression`: share of the variance of ln(measure) that the fit explains, all axes together; else None.
    """

    path: str
    measure: str
    method: Method
    estimate: float | None
    low: float | None
    high: float | None
    here: float | None
    n: int
    r2: float | None


def elasticities(results: Results) -> tuple[Elasticity, ...]:
    """Return the elasticities of every measure to every axis whose values are numbers, by axis, then by measure."""
    numeric = [
        position
        for position, axis in enumerate(results.axes)
        if all(is_number(cell.values[position]) for cell in results.cells if cell.values[position] is not None)
        and any(cell.values[position] is not None for cell in results.cells)
    ]
    names = measures(results)
    if any(cell.kind == SAMPLE for cell in results.cells):
        by_measure = [_sampled(results, numeric, name) for name in names]
    else:
        by_measure = [_arcs(results, numeric, name) for name in names]
    return tuple(found[position] for position in range(len(numeric)) for found in by_measure)


def arc(x1: float, y1: float, x2: float, y2: float) -> float | None:
    """Return the arc elasticity of y to x: the change of each relative to the mean of its ends.

    None where it is not defined: a value that is not positive has no relative change, and an unchanged x none at all.
    """
    if min(x1, y1, x2, y2) <= 0 or x1 == x2:
        return None
    return ((y2 - y1) / (y1 + y2)) / ((x2 - x1) / (x1 + x2))


# ------------------------------------------------------------------------------------------------------- one at a time


def _arcs(results: Results, numeric: Sequence[int], measure: str) -> list[Elasticity]:
    found: dict[str, list[tuple[bool, float]]] = {results.axes[position].path: [] for position in numeric}
    own = {path: own_value(results.scenario, path) for path in found}
    for line in lines(results, (BASE, GRID, SINGLE)):
        path = line.axis.path
        if path not in found:
            continue
        mine = own[path]
        for (x1, one), (x2, other) in line.pairs:
            y1, y2 = figure(one.run, measure), figure(other.run, measure)
            if not (isinstance(x1, int | float) and isinstance(x2, int | float)) or y1 is None or y2 is None:
                continue
            value = arc(x1, y1, x2, y2)
            if value is not None:
                found[path].append((isinstance(mine, int | float) and x1 <= mine <= x2, value))
    return [_summary(path, measure, pairs) for path, pairs in found.items()]


def _summary(path: str, measure: str, pairs: Sequence[tuple[bool, float]]) -> Elasticity:
    values = [value for _, value in pairs]
    here = [value for is_here, value in pairs if is_here]
    return Elasticity(
        path=path,
        measure=measure,
        method="arc",
        estimate=median(values) if values else None,
        low=min(values, default=None),
        high=max(values, default=None),
        here=median(here) if here else None,
        n=len(values),
        r2=None,
    )


# -------------------------------------------------------------------------------------------------------- all at once


def _sampled(results: Results, numeric: Sequence[int], measure: str) -> list[Elasticity]:
    """Return the answer of one measure to all numeric axes.

    An axis with values that have no logarithm stays in the fit as it is, so that what it does is not put down to the others, and
    is told by its rank correlation.
    """
    values = settings(results)
    told = [
        (values[cell.number], y)
        for cell in results.cells
        if cell.kind == SAMPLE and (y := figure(cell.run, measure)) is not None
    ]
    told = [(mine, y) for mine, y in told if all(is_number(mine[position]) for position in numeric)]
    ys = [float(y) for _, y in told]
    columns = [[float(mine[position]) for mine, _ in told] for position in numeric]  # type: ignore[arg-type]
    has_log = [bool(column) and min(column) > 0 for column in columns]
    fitted: list[float | None] = [None] * len(columns)
    r2 = None
    is_fit = bool(ys) and min(ys) > 0
    if is_fit:
        regressors = [
            [math.log(x) for x in column] if has else column for column, has in zip(columns, has_log, strict=True)
        ]
        fitted, r2 = least_squares(regressors, [math.log(y) for y in ys])
    found = []
    for position, column, has, coefficient in zip(numeric, columns, has_log, fitted, strict=True):
        is_elasticity = is_fit and has
        found.append(
            Elasticity(
                path=results.axes[position].path,
                measure=measure,
                method="regression" if is_elasticity else "rank",
                estimate=coefficient if is_elasticity else rank_correlation(column, ys),
                low=None,
                high=None,
                here=None,
                n=len(ys),
                r2=r2 if is_elasticity else None,
            )
        )
    return found


def least_squares(columns: Sequence[Sequence[float]], ys: Sequence[float]) -> tuple[list[float | None], float | None]:
    """Fit ``y = a + sum of b × column``.

    The sums are exact up to their last rounding, so that no number of threads and no library shows in them.

    Parameters
    ----------
    columns
        One sequence of n numbers for each regressor.
    ys
        n numbers.

    Returns
    -------
    list of float or None
        Coefficient of each column; None for a column that does not vary, and for all where there are no more observations than
        coefficients or columns depend on each other.
    float or None
        R², the share of the variance of y that is explained; None where y does not vary or nothing is fitted.
    """
    centred = [_centred(column) for column in columns]
    norms = [math.sqrt(math.fsum(x * x for x in column)) for column in centred]
    used = [i for i, column in enumerate(columns) if len(set(column)) > 1]
    nothing: list[float | None] = [None] * len(columns)
    if not used or len(ys) <= len(used) + 1:
        return nothing, None
    units = [[x / norms[i] for x in centred[i]] for i in used]
    matrix = np.array([[_dot(one, other) for other in units] for one in units])
    if np.linalg.cond(matrix) > _COLLINEAR:
        return nothing, None
    target = _centred(ys)
    moments = [_dot(column, target) for column in units]
    solved = np.linalg.solve(matrix, np.array(moments)).tolist() if len(set(ys)) > 1 else [0.0] * len(used)
    coefficients = nothing
    for i, value in zip(used, solved, strict=True):
        coefficients[i] = value / norms[i]
    variance = _dot(target, target)
    explained = math.fsum(value * moment for value, moment in zip(solved, moments, strict=True))
    return coefficients, min(1.0, max(0.0, explained / variance)) if len(set(ys)) > 1 else None


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, equal values sharing their mean rank; None where one of the two does not vary."""
    if len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    one, other = _centred(_ranks(xs)), _centred(_ranks(ys))
    return _dot(one, other) / math.sqrt(_dot(one, one) * _dot(other, other))


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    first = {value: rank for rank, value in reversed(list(enumerate(ordered, 1)))}
    last = {value: rank for rank, value in enumerate(ordered, 1)}
    return [(first[value] + last[value]) / 2 for value in values]


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values) if values else 0.0
    return [value - mean for value in values]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(one, other, strict=True))
