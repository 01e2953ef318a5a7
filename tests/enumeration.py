"""The optimum of a small call by brute force.

Written from the model's text alone: it reads the scenario and the candidates as plain dictionaries and shares no code with the
package. Everything that a rule can measure adds up over candidates, so each way to serve one candidate is a row of whole numbers,
and a call is the sum of one row for each candidate. All sums are listed, those that break a bound struck out, and the best of the
rest returned. For eight candidates with a handful of ways each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import chain, combinations, product
from math import floor, lcm, prod
from typing import Any

import numpy as np

from enumeration_steps import (
    Cells,
    Line,
    Payer,
    Way,
    amounts,
    cell_of,
    exact,
    is_admissible,
    listed,
    meets,
    payers_of,
    spans_of,
    step_of,
    ways_of,
    years_of,
)

STEP_COLUMNS = ("volet", "aid", "year", "funder")
#: Values closer than this are ties.
TIE = 1e-9


@dataclass
class Best:
    """The best allocation.

    Parameters
    ----------
    values
        Value by priority group; one value unless the priority is strict.
    lines
        What each funded candidate gets, in one of the best allocations.
    """

    values: tuple[float, ...]
    lines: dict[str, Way]


@dataclass
class _Bound:
    """``lower <= (weights of a way, added up over candidates) <= upper``; exact."""

    weights: list[list[Fraction]]  # by candidate and way
    lower: Fraction | None = None
    upper: Fraction | None = None


@dataclass
class _Call:
    scenario: dict[str, Any]
    rows: list[Cells]
    step: int
    ways: list[list[Way]] = field(default_factory=list)


def best(scenario: dict[str, Any], rows: list[Cells]) -> Best | None:
    """Return the best allocation, or None when no allocation keeps all the rules."""
    call = _Call(scenario, rows, step_of(scenario))
    call.ways = [ways_of(scenario, row) for row in rows]
    bounds = [*_money_bounds(call), *_rule_bounds(call), *_choice_bounds(call)]
    values = _value_bounds(call)
    table, chosen = _sums(call, bounds)
    keeps = np.ones(len(table), dtype=bool)
    for number, bound in enumerate(bounds):
        scale = _scale(bound)
        if bound.lower is not None:
            keeps &= table[:, number] >= int(bound.lower * scale)
        if bound.upper is not None:
            keeps &= table[:, number] <= int(bound.upper * scale)
    chosen = chosen[keeps]
    if not len(chosen):
        return None
    worth = np.zeros((len(chosen), len(values)))
    for group, by_way in enumerate(values):
        for i, weights in enumerate(by_way):
            worth[:, group] += np.array(weights, dtype=float)[chosen[:, i]]
    # Best first; ties in one group are settled by the next.
    rounded = np.round(worth / max(np.abs(worth).max(), 1.0) / TIE)
    order = np.lexsort(tuple(-rounded[:, group] for group in reversed(range(len(values)))))
    can_be_paid = _split_test(call)
    for position in order:
        lines = {str(row["id"]): call.ways[i][chosen[position, i]] for i, row in enumerate(rows)}
        if can_be_paid(lines):
            return Best(tuple(worth[position].tolist()), {id_: each for id_, each in lines.items() if each})
    return None


def value_of(scenario: dict[str, Any], rows: list[Cells], lines: dict[str, Way]) -> tuple[float, ...]:
    """Return the value by priority group of what is given to each candidate."""
    call = _Call(scenario, rows, step_of(scenario))
    call.ways = [[lines.get(str(row["id"]), ())] for row in rows]
    return tuple(sum(weights[0] for weights in by_way) for by_way in _value_bounds(call))


# ------------------------------------------------------------------------------------------------------------ what adds up


def _bound(call: _Call, weigh: Any, lower: Fraction | None = None, upper: Fraction | None = None) -> _Bound:
    weights = [[Fraction(weigh(row, way)) for way in ways] for row, ways in zip(call.rows, call.ways, strict=True)]
    return _Bound(weights, lower, upper)


def _money_bounds(call: _Call) -> Iterator[_Bound]:
    """The envelope, the tranches, the payments, and what each choice of funders and years can pay together."""
    scenario, step = call.scenario, call.step
    envelope, years = scenario["envelope"], years_of(scenario)

    def committed(span: Any) -> Any:
        return lambda row, way: sum(line[3] for line in way if line[2] - years[0] in span)

    def due(t: int) -> Any:
        return lambda row, way: sum(
            (line[3] * _share_paid(scenario, line, years[0] + t) for line in way), start=Fraction(0)
        )

    yield _bound(call, committed(range(len(years))), upper=Fraction(envelope["total"] // step))
    if envelope.get("tranches"):
        for span in spans_of(scenario):
            upper = Fraction(floor(sum(exact(envelope["tranches"][t]) for t in span) * envelope["total"] / step))
            yield _bound(call, committed(span), upper=upper)
    for t, most in enumerate(envelope.get("payments_max", ())):
        yield _bound(call, due(t), upper=Fraction(most, step))
    yield from _payer_bounds(call)


def _share_paid(scenario: dict[str, Any], line: Line, year: int) -> Fraction:
    """Return the share of a grant that is paid in a year."""
    profile = scenario["volets"][line[0]].get("payments", [1.0])
    return exact(profile[year - line[2]]) if 0 <= year - line[2] < len(profile) else Fraction(0)


def _payer_bounds(call: _Call) -> Iterator[_Bound]:
    """Hall's condition: for each choice of some years of each funder, the steps that nobody else could pay in another year.

    Whatever is given to those must come out of the money of these years.
    """
    payers = payers_of(call.scenario)
    known: dict[Any, Fraction] = {}
    for chosen in product(*(_spells(call, payer) for payer in payers)):

        def only_they_may_pay(row: Cells, way: Way, chosen: Any = chosen) -> int:
            return sum(
                line[3]
                for line in way
                if all(
                    line[2] in spell or not meets(row, line, payer.pays)
                    for payer, (spell, _) in zip(payers, chosen, strict=True)
                )
            )

        weights = tuple(
            tuple(only_they_may_pay(row, way) for way in ways) for row, ways in zip(call.rows, call.ways, strict=True)
        )
        upper = Fraction(sum(amount for _, amount in chosen))
        known[weights] = min(upper, known.get(weights, upper))
    for weights, upper in known.items():
        yield _Bound([[Fraction(weight) for weight in each] for each in weights], None, upper)


def _spells(call: _Call, payer: Payer) -> list[tuple[tuple[int, ...], int]]:
    """Return sets of years and the whole grant steps that a funder brings in them together: none, all, any or those up to one."""
    years, scenario = years_of(call.scenario), call.scenario
    if payer.by_year is None:
        return [((), 0), (tuple(years), floor(payer.brings / call.step))]
    if scenario["envelope"].get("carry_over", True):
        return [(tuple(years[:t]), sum(payer.by_year[:t]) // call.step) for t in range(len(years) + 1)]
    subsets = chain.from_iterable(combinations(range(len(years)), size) for size in range(len(years) + 1))
    return [(tuple(years[t] for t in some), sum(payer.by_year[t] // call.step for t in some)) for some in subsets]


def _stated_rules(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    priority, rules = scenario.get("priority", {}), list(scenario.get("rules", ()))
    if priority.get("mode") == "floor":
        first = {priority.get("column", "phase"): priority["order"][0]}
        rules.append(
            {"measure": "share", "of": priority.get("of", "granted"), "where": first, "min": priority["share"]}
        )
    return rules


def _conditions(call: _Call, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the condition of each group of a rule."""
    scenario, where = call.scenario, rule.get("where", {})
    declared = {
        "volet": list(scenario["volets"]),
        "aid": sorted({aid for whole in scenario["volets"].values() for aid in whole.get("aids", {})}),
        "year": years_of(scenario),
        "funder": [payer.name for payer in payers_of(scenario)],
    }
    own = [column for column in rule.get("by", ()) if column not in STEP_COLUMNS]
    others = [column for column in rule.get("by", ()) if column in STEP_COLUMNS]
    found = []
    for values in {tuple(cell_of(row, column) for column in own) for row in call.rows}:
        for rest in product(*(declared[column] for column in others)):
            group = dict(zip([*own, *others], [*values, *rest], strict=True))
            if all(group[column] in listed(where[column]) for column in group if column in where):
                found.append({**where, **group})
    return found


def _is_skipped(call: _Call, rule: dict[str, Any], condition: dict[str, Any]) -> bool:
    """Say whether the rule asks only for what is possible and nobody in the group can be funded."""
    lines = ((row, line) for row, ways in zip(call.rows, call.ways, strict=True) for way in ways for line in way)
    return bool(rule.get("only_possible")) and not any(meets(row, line, condition) for row, line in lines)


def _tells_funders(rule: dict[str, Any]) -> bool:
    return "funder" in rule.get("where", {}) or "funder" in rule.get("by", ())


def _rule_bounds(call: _Call) -> list[_Bound]:
    """Rules that do not tell funders apart."""
    bounds = []
    for rule in _stated_rules(call.scenario):
        if _tells_funders(rule):
            continue
        for condition in _conditions(call, rule):
            lower = exact(rule["min"]) if "min" in rule and not _is_skipped(call, rule, condition) else None
            upper = exact(rule["max"]) if "max" in rule else None

            def euros(row: Cells, way: Way, condition: Any = condition) -> int:
                return sum(line[3] for line in way if meets(row, line, condition)) * call.step

            def total(way: Way) -> int:
                return sum(line[3] for line in way) * call.step

            def counts(row: Cells, way: Way, condition: Any = condition, measure: str = rule["measure"]) -> Fraction:
                if not any(meets(row, line, condition) for line in way):
                    return Fraction(0)
                return Fraction(1) if measure == "count" else exact(row.get(measure) or 0)

            if rule["measure"] == "share" and rule["of"] == "granted":
                # A share of nothing holds: both sides are zero.
                if lower is not None:
                    bounds.append(
                        _bound(call, lambda row, way, e=euros, s=lower: e(row, way) - s * total(way), lower=Fraction(0))
                    )
                if upper is not None:
                    bounds.append(
                        _bound(call, lambda row, way, e=euros, s=upper: e(row, way) - s * total(way), upper=Fraction(0))
                    )
            elif rule["measure"] in ("share", "amount"):
                whole = call.scenario["envelope"]["total"] if rule["measure"] == "share" else 1
                limits = [None if each is None else each * whole for each in (lower, upper)]
                bounds.append(_bound(call, euros, *limits))
            else:
                bounds.append(_bound(call, counts, lower, upper))
    return bounds


def _choice_bounds(call: _Call) -> list[_Bound]:
    """Decisions and links; they weigh whether a candidate is funded."""

    def funded(ids: list[str]) -> Any:
        return lambda row, way: int(bool(way) and row["id"] in ids)

    bounds = []
    for decision in call.scenario.get("decisions", ()):
        if decision["decision"] == "fund":
            bounds.append(_bound(call, funded([decision["candidate"]]), lower=Fraction(1)))
    for link in call.scenario.get("links", ()):
        if "at_most" in link:
            bounds.append(_bound(call, funded(link["candidates"]), upper=Fraction(link["at_most"])))
            continue
        lead = link.get("only_if", link["candidates"][0])
        for other in link["candidates"]:

            def more_than_lead(row: Cells, way: Way, other: str = other, lead: str = lead) -> int:
                return int(bool(way)) * ((row["id"] == other) - (row["id"] == lead))

            lower = Fraction(0) if link.get("all_or_none") else None
            bounds.append(_bound(call, more_than_lead, lower=lower, upper=Fraction(0)))
    return bounds


def _value_bounds(call: _Call) -> list[list[list[float]]]:
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


def _worth(call: _Call, row: Cells, way: Way, merit: float) -> float:
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


def _scale(bound: _Bound) -> int:
    """Return what makes the weights and limits of a bound whole."""
    limits = [each for each in (bound.lower, bound.upper) if each is not None]
    return reduce(lcm, (each.denominator for each in chain(limits, *bound.weights)), 1)


def _sums(call: _Call, bounds: list[_Bound]) -> tuple[Any, Any]:
    """Return the activity of every bound in every allocation that has enough money, and the ways that it is made of."""
    table = np.zeros((1, len(bounds)), dtype=np.int64)
    chosen = np.zeros((1, 0), dtype=np.int32)
    scales = [_scale(bound) for bound in bounds]
    # What can only grow may be cut off at once.
    grows = [
        n
        for n, bound in enumerate(bounds)
        if bound.upper is not None and all(w >= 0 for each in bound.weights for w in each)
    ]
    limits = np.array([int(bounds[n].upper * scales[n]) for n in grows], dtype=np.int64)
    for i, ways in enumerate(call.ways):
        own = np.array(
            [[int(bound.weights[i][w] * s) for bound, s in zip(bounds, scales, strict=True)] for w in range(len(ways))]
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


# ------------------------------------------------------------------------------------------------- rules about funders


def _split_test(call: _Call) -> Any:
    """Return a function that says whether the funders can pay some grants and keep the rules about their money.

    Without such rules Hall's condition has settled it. With them every split in whole grant steps is tried.
    """
    rules = []
    for rule in filter(_tells_funders, _stated_rules(call.scenario)):
        for condition in _conditions(call, rule):
            lower = exact(rule["min"]) if "min" in rule and not _is_skipped(call, rule, condition) else None
            rules.append(
                (condition, rule["measure"], rule.get("of"), lower, exact(rule["max"]) if "max" in rule else None)
            )
    if not rules:
        return lambda lines: True
    payers, step, first = payers_of(call.scenario), call.step, call.scenario["first_year"]
    are_yearly = any(payer.by_year is not None for payer in payers)
    row_of = {row["id"]: row for row in call.rows}
    known: dict[Any, bool] = {}

    def can_be_paid(lines: dict[str, Way]) -> bool:
        # Steps that the same funders may pay and the same rules measure are alike.
        alike: dict[Any, int] = {}
        for id_, way in lines.items():
            for line in way:
                may_pay = tuple(meets(row_of[id_], line, payer.pays) for payer in payers)
                measured = tuple(meets(row_of[id_], line, condition) for condition, *_ in rules)
                kind = (may_pay, measured, line[2] - first if are_yearly else 0)
                alike[kind] = alike.get(kind, 0) + line[3]
        key = tuple(sorted(alike.items()))
        if key not in known:
            known[key] = any(map(keeps_all, product(*(splits(kind, total) for kind, total in key))))
        return known[key]

    def splits(kind: Any, total: int) -> list[tuple[Any, tuple[int, ...]]]:
        shares = [range(total + 1 if may else 1) for may in kind[0]]
        return [(kind, parts) for parts in product(*shares) if sum(parts) == total]

    def keeps_all(split: tuple[Any, ...]) -> bool:
        for f, payer in enumerate(payers):
            if sum(parts[f] for _, parts in split) > floor(payer.brings / step):
                return False
            for span in spans_of(call.scenario) if payer.by_year is not None else ():
                if sum(parts[f] for kind, parts in split if kind[2] in span) * step > sum(
                    payer.by_year[t] for t in span
                ):
                    return False
        granted = sum(sum(parts) for _, parts in split) * step
        for number, (condition, measure, of, lower, upper) in enumerate(rules):
            measured = [
                f for f, payer in enumerate(payers) if payer.name in listed(condition.get("funder", payer.name))
            ]
            euros = sum(parts[f] for kind, parts in split if kind[1][number] for f in measured) * step
            whole = 1 if measure == "amount" else granted if of == "granted" else call.scenario["envelope"]["total"]
            if (lower is not None and euros < lower * whole) or (upper is not None and euros > upper * whole):
                return False
        return True

    return can_be_paid
