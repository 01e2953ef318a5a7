"""Rules, targets, links and decisions as sums over candidates, by brute force.

A part of `enumeration`, written from the model's text alone.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from enumeration_charges import Gain, charged_gains
from enumeration_steps import (
    Cells,
    Way,
    cell_of,
    exact,
    listed,
    meets,
    payers_of,
    possible_lines,
    step_volets,
    years_of,
)

STEP_COLUMNS = ("volet", "aid", "year", "funder")


@dataclass
class Bound:
    """``lower <= (weights of a way, added up over candidates) <= upper``; exact.

    Parameters
    ----------
    weights
        By candidate and way.
    charged
        What is added to the sum before it is held against `upper`, by number of supported candidates; nothing unless said.
    """

    weights: list[list[Fraction]]
    lower: Fraction | None = None
    upper: Fraction | None = None
    charged: tuple[int, ...] = ()


@dataclass
class Call:
    """A scenario, its candidates, and every way to serve each of them."""

    scenario: dict[str, Any]
    rows: list[Cells]
    step: int
    ways: list[list[Way]] = field(default_factory=list)
    known_gains: dict[tuple[str, Way], list[Gain]] = field(default_factory=dict)

    def gains(self, row: Cells, way: Way) -> list[Gain]:
        """Return the advantages of a candidate that the envelope pays."""
        key = (str(row["id"]), way)
        if key not in self.known_gains:
            self.known_gains[key] = charged_gains(self.scenario, row, way)
        return self.known_gains[key]


def bound(
    call: Call,
    weigh: Any,
    lower: Fraction | None = None,
    upper: Fraction | None = None,
    charged: tuple[int, ...] = (),
) -> Bound:
    """Return the bound on what a function of candidate and way adds up to."""
    weights = [[Fraction(weigh(row, way)) for way in ways] for row, ways in zip(call.rows, call.ways, strict=True)]
    return Bound(weights, lower, upper, charged)


def stated_rules(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules, the targets, and the rule that a floor for the first group stands for."""
    priority, rules = scenario.get("priority", {}), [*scenario.get("rules", ()), *scenario.get("targets", ())]
    if priority.get("mode") == "floor":
        first = {priority.get("column", "phase"): priority["order"][0]}
        rules.append(
            {"measure": "share", "of": priority.get("of", "granted"), "where": first, "min": priority["share"]}
        )
    return rules


def conditions(call: Call, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the condition of each group of a rule."""
    scenario, where = call.scenario, rule.get("where", {})
    declared = {
        "volet": step_volets(scenario),
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


def is_skipped(call: Call, rule: dict[str, Any], condition: dict[str, Any]) -> bool:
    """Say whether the rule asks only for what is possible and nobody in the group can be funded, whatever the money."""
    if not rule.get("only_possible"):
        return False
    return not any(meets(row, line, condition) for row in call.rows for line in possible_lines(call.scenario, row))


def tells_funders(rule: dict[str, Any]) -> bool:
    """Say whether a rule measures the money of some funders."""
    return "funder" in rule.get("where", {}) or "funder" in rule.get("by", ())


def rule_bounds(call: Call) -> list[Bound]:
    """Return the bounds of the rules that do not tell funders apart; they measure grants, not charges."""
    bounds = []
    for rule in stated_rules(call.scenario):
        if tells_funders(rule):
            continue
        for condition in conditions(call, rule):
            lower = exact(rule["min"]) if "min" in rule and not is_skipped(call, rule, condition) else None
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
                        bound(call, lambda row, way, e=euros, s=lower: e(row, way) - s * total(way), lower=Fraction(0))
                    )
                if upper is not None:
                    bounds.append(
                        bound(call, lambda row, way, e=euros, s=upper: e(row, way) - s * total(way), upper=Fraction(0))
                    )
            elif rule["measure"] in ("share", "amount"):
                whole = call.scenario["envelope"]["total"] if rule["measure"] == "share" else 1
                limits = [None if each is None else each * whole for each in (lower, upper)]
                bounds.append(bound(call, euros, *limits))
            else:
                bounds.append(bound(call, counts, lower, upper))
    return bounds


def choice_bounds(call: Call) -> list[Bound]:
    """Return the bounds of decisions and links; they weigh whether a candidate is funded."""

    def funded(ids: list[str]) -> Any:
        return lambda row, way: int(bool(way) and row["id"] in ids)

    bounds = []
    for decision in call.scenario.get("decisions", ()):
        if decision["decision"] == "fund":
            bounds.append(bound(call, funded([decision["candidate"]]), lower=Fraction(1)))
    for link in call.scenario.get("links", ()):
        if "at_most" in link:
            bounds.append(bound(call, funded(link["candidates"]), upper=Fraction(link["at_most"])))
            continue
        lead = link.get("only_if", link["candidates"][0])
        for other in link["candidates"]:

            def more_than_lead(row: Cells, way: Way, other: str = other, lead: str = lead) -> int:
                return int(bool(way)) * ((row["id"] == other) - (row["id"] == lead))

            lower = Fraction(0) if link.get("all_or_none") else None
            bounds.append(bound(call, more_than_lead, lower=lower, upper=Fraction(0)))
    return bounds
