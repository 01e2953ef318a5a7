"""The optimum of a small call by brute force.

Written from the model's text alone: it reads the scenario and the candidates as plain dictionaries and shares no code with the
package. Everything that a rule can measure adds up over candidates, so each way to serve one candidate is a row of whole numbers,
and a call is the sum of one row for each candidate. All sums are listed, those that break a bound struck out, and the best of the
rest returned. For eight candidates with a handful of ways each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from math import lcm, prod
from typing import Any

import numpy as np

from enumeration_money import money_bounds, split_test
from enumeration_rules import Bound, Call, bound, choice_bounds, rule_bounds
from enumeration_steps import Cells, Way, amounts, cell_of, is_admissible, step_of, ways_of

#: Values closer than this are ties.
TIE = 1e-9


@dataclass
class Best:
    """An allocation, the best or one after it.

    Parameters
    ----------
    values
        Value by priority group; one value unless the priority is strict.
    lines
        What each funded candidate gets.
    """

    values: tuple[float, ...]
    lines: dict[str, Way]


def best(scenario: dict[str, Any], rows: list[Cells]) -> Best | None:
    """Return the best allocation, or None when no allocation keeps all the rules."""
    return next(ranked(scenario, rows), None)


def ranked(scenario: dict[str, Any], rows: list[Cells]) -> Iterator[Best]:
    """Give all allocations that keep all the rules, best first."""
    call = Call(scenario, rows, step_of(scenario))
    call.ways = [ways_of(scenario, row) for row in rows]
    supported = bound(call, lambda row, way: int(bool(way)))
    bounds = [supported, *money_bounds(call), *rule_bounds(call), *choice_bounds(call)]
    values = _value_bounds(call)
    table, chosen = _sums(call, bounds)
    keeps = np.ones(len(table), dtype=bool)
    for number, each in enumerate(bounds):
        if each.lower is not None:
            keeps &= table[:, number] >= int(each.lower * _scale(each))
        if each.upper is not None:
            keeps &= table[:, number] <= np.array(_limits(each, len(rows)), dtype=np.int64)[table[:, 0]]
    chosen = chosen[keeps]
    if not len(chosen):
        return
    worth = np.zeros((len(chosen), len(values)))
    for group, by_way in enumerate(values):
        for i, weights in enumerate(by_way):
            worth[:, group] += np.array(weights, dtype=float)[chosen[:, i]]
    # Best first; ties in one group are settled by the next.
    rounded = np.round(worth / max(np.abs(worth).max(), 1.0) / TIE)
    order = np.lexsort(tuple(-rounded[:, group] for group in reversed(range(len(values)))))
    can_be_paid = split_test(call)
    for position in order:
        lines = {str(row["id"]): call.ways[i][chosen[position, i]] for i, row in enumerate(rows)}
        if can_be_paid(lines):
            yield Best(tuple(worth[position].tolist()), {id_: each for id_, each in lines.items() if each})


def value_of(scenario: dict[str, Any], rows: list[Cells], lines: dict[str, Way]) -> tuple[float, ...]:
    """Return the value by priority group of what is given to each candidate."""
    call = Call(scenario, rows, step_of(scenario))
    call.ways = [[lines.get(str(row["id"]), ())] for row in rows]
    return tuple(sum(weights[0] for weights in by_way) for by_way in _value_bounds(call))


# --------------------------------------------------------------------------------------------------------------- value


def _value_bounds(call: Call) -> list[list[list[float]]]:
    """Return the value of each way, by priority group, candidate and way."""
    scenario = call.scenario
    stated, priority = scenario["value"], scenario.get("priority", {})
    is_strict = priority.get("mode") == "strict"
    order = [list(group) for group in priority.get("order", ())] if is_strict else []
    n_groups = len(order) + 1 if is_strict else 1
    largest = {}
    for column in stated["criteria"]:
        largest[column] = max(
            (abs(float(row.get(column) or 0)) for row in call.rows if is_admissible(row)), default=0.0
        )
    found: list[list[list[float]]] = [[] for _ in range(n_groups)]
    for row, ways in zip(call.rows, call.ways, strict=True):
        merit = 0.0
        for column, criterion in stated["criteria"].items():
            terms = criterion if isinstance(criterion, dict) else {"weight": criterion}
            cell = float(row.get(column) or 0)
            merit += terms["weight"] * (cell / largest[column] if terms.get("normalise") and largest[column] else cell)
        own = 0
        if is_strict:
            cell = cell_of(row, priority.get("column", "phase"))
            own = next((number for number, group in enumerate(order) if cell in group), len(order))
        worth = [_worth(call, row, way, merit) for way in ways]
        for group in range(n_groups):
            found[group].append(worth if group == own else [0.0] * len(worth))
    return found


def _worth(call: Call, row: Cells, way: Way, merit: float) -> float:
    stated, total = call.scenario["value"], 0.0
    fixed = stated.get("fixed", 0.5)
    for volet, aid, year, grant in way:
        money = amounts(call.scenario, row, volet, aid)
        by = stated.get("scale", "candidate")
        scale = 1.0 if by == "candidate" else float(money["cost"]) if by == "cost" else float(row[by])
        weights = stated.get("volets", {}).get(volet, 1.0) * stated.get("phases", {}).get(row["phase"], 1.0)
        waiting = (1 - stated.get("discount", 0.0)) ** (year - call.scenario["first_year"])
        total += merit * scale * weights * waiting * (fixed + (1 - fixed) * grant * call.step / money["ask"])
    return total


# ------------------------------------------------------------------------------------------------------------ all together


def _scale(one: Bound) -> int:
    """Return what makes the weights and limits of a bound whole."""
    limits = [each for each in (one.lower, one.upper) if each is not None]
    return reduce(lcm, (each.denominator for each in chain(limits, *one.weights)), 1)


def _limits(each: Bound, most: int) -> list[int]:
    """Return what the sum of a bound may be at most, in its own unit, by number of supported candidates."""
    assert each.upper is not None
    return [int((each.upper - charged) * _scale(each)) for charged in each.charged or (0,) * (most + 1)]


def _sums(call: Call, bounds: list[Bound]) -> tuple[Any, Any]:
    """Return the activity of every bound in every allocation that has enough money, and the ways that it is made of."""
    table = np.zeros((1, len(bounds)), dtype=np.int64)
    chosen = np.zeros((1, 0), dtype=np.int32)
    scales = [_scale(one) for one in bounds]
    # What can only grow may be cut off at once; charges are at least the smallest that they can be.
    grows = [
        n for n, one in enumerate(bounds) if one.upper is not None and all(w >= 0 for each in one.weights for w in each)
    ]
    limits = np.array([max(_limits(bounds[n], len(call.rows))) for n in grows], dtype=np.int64)
    for i, ways in enumerate(call.ways):
        own = np.array(
            [[int(one.weights[i][w] * s) for one, s in zip(bounds, scales, strict=True)] for w in range(len(ways))]
        )
        own = own.reshape(len(ways), len(bounds)).astype(np.int64)
        assert len(table) * len(ways) <= 4_000_000, "this call is too large to enumerate"
        table = (table[:, None, :] + own[None, :, :]).reshape(-1, len(bounds))
        chosen = np.hstack(
            [np.repeat(chosen, len(ways), axis=0), np.tile(np.arange(len(ways), dtype=np.int32), len(chosen))[:, None]]
        )
        keeps = (table[:, grows] <= limits).all(axis=1)
        table, chosen = table[keeps], chosen[keeps]
    return table, chosen


def count_ways(scenario: dict[str, Any], rows: list[Cells]) -> int:
    """Return the number of combinations before anything is struck out."""
    return prod(len(ways_of(scenario, row)) for row in rows)
