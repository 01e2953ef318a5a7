"""The optimum of a small call by brute force.

Written from the model's text alone: it reads the scenario and the candidates as plain dictionaries and shares no code with the
package. Everything that a rule can measure adds up over candidates, so each way to serve one candidate is a row of whole numbers,
and a call is the sum of one row for each candidate. All sums are listed, those that break a bound struck out, and the best of the
rest returned. For eight candidates with a handful of ways each.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import chain, combinations, product
from math import ceil, floor, lcm, prod
from typing import Any

import numpy as np

Cells = dict[str, Any]
#: What one step gets: volet, aid, year and grant in grant steps.
Line = tuple[str, str, int, int]

MONEY = ("cost", "ask", "local", "public", "own")
TERMS = ("grant", "rate", "rate_bonus", "public_cap", "tolerance", "local_min", "local_required")
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
    lines: dict[str, tuple[Line, ...]]


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
    ways: list[list[tuple[Line, ...]]] = field(default_factory=list)


def exact(number: float) -> Fraction:
    """Return the decimal that was written."""
    return Fraction(str(number))


def best(scenario: dict[str, Any], rows: list[Cells]) -> Best | None:
    """Return the best allocation, or None when no allocation keeps all the rules."""
    call = _Call(scenario, rows, scenario["envelope"].get("grant_step", 1000))
    call.ways = [_ways(call, row) for row in rows]
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


def value_of(scenario: dict[str, Any], rows: list[Cells], lines: dict[str, tuple[Line, ...]]) -> tuple[float, ...]:
    """Return the value by priority group of what is given to each candidate."""
    call = _Call(scenario, rows, scenario["envelope"].get("grant_step", 1000))
    call.ways = [[lines.get(str(row["id"]), ())] for row in rows]
    return tuple(sum(weights[0] for weights in by_way) for by_way in _value_bounds(call))


# ------------------------------------------------------------------------------------------------- one candidate alone


def terms_of(scenario: dict[str, Any], volet: str, aid: str) -> dict[str, Any]:
    """Return the terms of a volet or, inside it, of an aid."""
    stated = {
        "grant": {},
        "rate": 1.0,
        "rate_bonus": {},
        "public_cap": 1.0,
        "tolerance": 0.0,
        "local_min": 0.0,
        "local_required": False,
    }
    whole = scenario["volets"][volet]
    stated |= {key: whole[key] for key in TERMS if key in whole}
    if aid:
        stated |= {key: whole["aids"][aid][key] for key in TERMS if key in whole["aids"][aid]}
    return stated


def amounts(scenario: dict[str, Any], row: Cells, volet: str, aid: str) -> dict[str, int]:
    """Return cost, ask and co-financing of a candidate for a volet and aid: the most specific column that there is."""
    names = [f"{volet}.{aid}."] if aid else [f"{volet}.", ""]
    if aid and scenario["volets"][volet].get("aids_mode") != "both":
        names += [f"{volet}.", ""]
    found = {}
    for what in MONEY:
        found[what] = next((int(row[name + what] or 0) for name in names if name + what in row), 0)
    return found


def bounds_of(scenario: dict[str, Any], row: Cells, volet: str, aid: str) -> tuple[int, int] | None:
    """Return the least and largest grant in grant steps, or None when the step is not fundable."""
    step = scenario["envelope"].get("grant_step", 1000)
    terms, money = terms_of(scenario, volet, aid), amounts(scenario, row, volet, aid)
    cost, ask, local, public, own = (money[what] for what in MONEY)
    if row["phase"] not in scenario["volets"][volet]["phases"] or ask <= 0:
        return None
    if local < exact(terms["local_min"]) * cost or (terms["local_required"] and local < 1):
        return None
    rate = exact(terms["rate"]) + sum(
        exact(bonus) for flag, bonus in terms["rate_bonus"].items() if row.get(flag) is True
    )
    most = [
        Fraction(ask),
        min(rate, Fraction(1)) * cost,
        exact(terms["public_cap"]) * cost - local - public,
        Fraction(cost - local - public - own),
    ]
    if "max" in terms["grant"]:
        most.append(Fraction(terms["grant"]["max"]))
    closing = (1 - exact(terms["tolerance"])) * cost - local - public - own
    ceiling = floor(min(most) / step)
    least = max(ceil(Fraction(terms["grant"].get("min", 0)) / step), floor(closing / step), 1)
    return (least, ceiling) if least <= ceiling else None


def _is_admissible(row: Cells) -> bool:
    return bool(row.get("_admissible", True))


def _is_rejected(scenario: dict[str, Any], row: Cells) -> bool:
    return any(
        each["candidate"] == row["id"] and each["decision"] == "reject" for each in scenario.get("decisions", ())
    )


def _years(scenario: dict[str, Any]) -> list[int]:
    return [scenario["first_year"] + t for t in range(scenario.get("years", 1))]


def _ways(call: _Call, row: Cells) -> list[tuple[Line, ...]]:
    """Return every way to serve a candidate: nothing first, then each plan with each grant."""
    scenario = call.scenario
    if not _is_admissible(row) or _is_rejected(scenario, row):
        return [()]
    by_volet: list[list[tuple[Line, ...]]] = []
    for volet, whole in scenario["volets"].items():
        aids = list(whole.get("aids") or [""])
        together = [(aid,) for aid in aids]
        if whole.get("aids_mode") == "both":
            together = [tuple(each) for size in range(1, len(aids) + 1) for each in combinations(aids, size)]
        found: list[tuple[Line, ...]] = [()]
        for chosen in together:
            limits = [bounds_of(scenario, row, volet, aid) for aid in chosen]
            if any(each is None for each in limits):
                continue
            grants = [range(least, most + 1) for least, most in filter(None, limits)]
            for year in _years(scenario):
                found += [
                    tuple((volet, aid, year, grant) for aid, grant in zip(chosen, given, strict=True))
                    for given in product(*grants)
                ]
        by_volet.append(found)
    return [tuple(chain.from_iterable(each)) for each in product(*by_volet)]


# ------------------------------------------------------------------------------------------------------------ what adds up


def _bound(call: _Call, weigh: Any, lower: Fraction | None = None, upper: Fraction | None = None) -> _Bound:
    weights = [[Fraction(weigh(row, way)) for way in ways] for row, ways in zip(call.rows, call.ways, strict=True)]
    return _Bound(weights, lower, upper)


def _funders(scenario: dict[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    """Return name, whole grant steps and what it may pay, by funder."""
    envelope, found = scenario["envelope"], []
    step = envelope.get("grant_step", 1000)
    for funder in scenario.get("funders", ()):
        brings = Fraction(funder["amount"]) if "amount" in funder else exact(funder["share"]) * envelope["total"]
        found.append((funder["name"], floor(brings / step), funder.get("pays", {})))
    return found or [("", envelope["total"] // step, {})]


def _money_bounds(call: _Call) -> list[_Bound]:
    """The envelope and the tranches; whether the funders can pay is Hall's condition for each set of them."""
    scenario, step = call.scenario, call.step
    envelope, years = scenario["envelope"], _years(scenario)
    bounds = [_bound(call, lambda row, way: sum(line[3] for line in way), upper=Fraction(envelope["total"] // step))]
    if envelope.get("tranches"):
        shares = [exact(each) for each in envelope["tranches"]]
        for t in range(len(years)):
            first = 0 if envelope.get("carry_over", True) else t
            upper = Fraction(floor(sum(shares[first : t + 1]) * envelope["total"] / step))
            spent = years[first : t + 1]
            bounds.append(
                _bound(
                    call, lambda row, way, spent=spent: sum(line[3] for line in way if line[2] in spent), upper=upper
                )
            )
    funders = _funders(scenario)
    for size in range(len(funders) + 1):
        for some in combinations(funders, size):
            others = [funder for funder in funders if funder not in some]

            def only_they_may_pay(row: Cells, way: tuple[Line, ...], others: Any = others) -> int:
                return sum(line[3] for line in way if not any(_meets(row, line, pays) for _, _, pays in others))

            bounds.append(_bound(call, only_they_may_pay, upper=Fraction(sum(amount for _, amount, _ in some))))
    return bounds


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _cell(row: Cells, column: str) -> Any:
    value = row.get(column)
    return "" if value is None else value


def _meets(row: Cells, line: Line, condition: dict[str, Any]) -> bool:
    """Say whether a step meets a condition, the funder left aside."""
    own = {"volet": line[0], "aid": line[1], "year": line[2]}
    return all(
        own.get(column, _cell(row, column)) in _listed(values)
        for column, values in condition.items()
        if column != "funder"
    )


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
        "year": _years(scenario),
        "funder": [name for name, _, _ in _funders(scenario)],
    }
    own = [column for column in rule.get("by", ()) if column not in STEP_COLUMNS]
    others = [column for column in rule.get("by", ()) if column in STEP_COLUMNS]
    found = []
    for values in {tuple(_cell(row, column) for column in own) for row in call.rows}:
        for rest in product(*(declared[column] for column in others)):
            group = dict(zip([*own, *others], [*values, *rest], strict=True))
            if all(group[column] in _listed(where[column]) for column in group if column in where):
                found.append({**where, **group})
    return found


def _is_skipped(call: _Call, rule: dict[str, Any], condition: dict[str, Any]) -> bool:
    """Say whether the rule asks only for what is possible and nobody in the group can be funded."""
    lines = ((row, line) for row, ways in zip(call.rows, call.ways, strict=True) for way in ways for line in way)
    return bool(rule.get("only_possible")) and not any(_meets(row, line, condition) for row, line in lines)


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

            def euros(row: Cells, way: tuple[Line, ...], condition: Any = condition) -> int:
                return sum(line[3] for line in way if _meets(row, line, condition)) * call.step

            def total(way: tuple[Line, ...]) -> int:
                return sum(line[3] for line in way) * call.step

            def counts(
                row: Cells, way: tuple[Line, ...], condition: Any = condition, measure: str = rule["measure"]
            ) -> Fraction:
                if not any(_meets(row, line, condition) for line in way):
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

            def more_than_lead(row: Cells, way: tuple[Line, ...], other: str = other, lead: str = lead) -> int:
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
            (abs(float(row.get(column) or 0)) for row in call.rows if _is_admissible(row)), default=0.0
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
            cell = _cell(row, priority.get("column", "phase"))
            own = next((number for number, group in enumerate(order) if cell in group), len(order))
        worth = [_worth(call, row, way, merit) for way in ways]
        for group in range(n_groups):
            found[group].append(worth if group == own else [0.0] * len(worth))
    return found


def _worth(call: _Call, row: Cells, way: tuple[Line, ...], merit: float) -> float:
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
    chosen = np.zeros((1, 0), dtype=np.int8)
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
            [np.repeat(chosen, len(ways), axis=0), np.tile(np.arange(len(ways), dtype=np.int8), len(chosen))[:, None]]
        )
        keeps = (table[:, grows] <= limits).all(axis=1)
        table, chosen = table[keeps], chosen[keeps]
    return table, chosen


def count_ways(scenario: dict[str, Any], rows: list[Cells]) -> int:
    """Return the number of combinations before anything is struck out."""
    call = _Call(scenario, rows, scenario["envelope"].get("grant_step", 1000))
    return prod(len(_ways(call, row)) for row in rows)


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
    funders, step = _funders(call.scenario), call.step
    row_of = {row["id"]: row for row in call.rows}
    known: dict[Any, bool] = {}

    def can_be_paid(lines: dict[str, tuple[Line, ...]]) -> bool:
        # Steps that the same funders may pay and the same rules measure are alike.
        alike: dict[Any, int] = {}
        for id_, way in lines.items():
            for line in way:
                may_pay = tuple(_meets(row_of[id_], line, pays) for _, _, pays in funders)
                measured = tuple(_meets(row_of[id_], line, condition) for condition, *_ in rules)
                alike[may_pay, measured] = alike.get((may_pay, measured), 0) + line[3]
        key = tuple(sorted(alike.items()))
        if key not in known:
            known[key] = any(map(keeps_all, product(*(splits(kind, total) for kind, total in key))))
        return known[key]

    def splits(kind: Any, total: int) -> list[tuple[Any, tuple[int, ...]]]:
        shares = [range(total + 1 if may else 1) for may in kind[0]]
        return [(kind, parts) for parts in product(*shares) if sum(parts) == total]

    def keeps_all(split: tuple[Any, ...]) -> bool:
        for f, (_, amount, _) in enumerate(funders):
            if sum(parts[f] for _, parts in split) > amount:
                return False
        granted = sum(sum(parts) for _, parts in split) * step
        for number, (condition, measure, of, lower, upper) in enumerate(rules):
            measured = [f for f, (name, _, _) in enumerate(funders) if name in _listed(condition.get("funder", name))]
            euros = sum(parts[f] for (_, which), parts in split if which[number] for f in measured) * step
            whole = 1 if measure == "amount" else granted if of == "granted" else call.scenario["envelope"]["total"]
            if (lower is not None and euros < lower * whole) or (upper is not None and euros > upper * whole):
                return False
        return True

    return can_be_paid
