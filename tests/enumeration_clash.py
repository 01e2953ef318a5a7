"""What clashes and the cheapest repair, by trying everything: every set of conditions, every bend.

Whether an allocation exists is asked of `enumeration`, which shares no code with the package. Conditions are read off the plain
dictionaries.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations, product
from math import floor
from typing import Any

from enumeration import best
from enumeration_steps import exact

#: Steps by which a limit without an end is raised at most.
FARTHEST = 40

Tables = dict[str, Any]


@dataclass(frozen=True)
class Bent:
    """A condition bent so far: how far it is, relative to what is stated, and what this makes of a call."""

    relative: float
    change: Callable[[Tables], Tables]


class Brute:
    """A call, asked for all that clashes in it.

    Parameters
    ----------
    scenario, rows
        The call.
    is_sought
        Whether any envelope does.
    """

    def __init__(self, scenario: Tables, rows: list[Tables], is_sought: bool = False) -> None:
        self.scenario, self.rows, self.is_sought = scenario, rows, is_sought
        self.known: dict[str, bool] = {}
        self.conditions = [each for each in _conditions(scenario) if each != "envelope" or not is_sought]

    def holds(self, scenario: Tables, any_envelope: bool = False) -> bool:
        """Return whether an allocation exists, in some larger envelope where any does."""
        key = json.dumps([scenario, any_envelope], sort_keys=True)
        if key not in self.known:
            if any_envelope:
                step, total = scenario["envelope"]["grant_step"], scenario["envelope"]["total"]
                totals = range(step if self.is_sought else total, total + FARTHEST * step, step)
                self.known[key] = any(self.holds(_with_total(scenario, each)) for each in totals)
            else:
                self.known[key] = best(scenario, self.rows) is not None
        return self.known[key]

    def fails(self, kept: frozenset[str]) -> bool:
        """Return whether some conditions cannot hold together when all others are let go."""
        scenario = self.scenario
        for each in self.conditions:
            if each not in kept and each != "envelope":
                scenario = without(scenario, each)
        return not self.holds(scenario, any_envelope=self.is_sought or "envelope" not in kept)

    def smallest(self) -> list[frozenset[str]]:
        """Return every set of as few conditions as can clash."""
        for size in range(len(self.conditions) + 1):
            found = [frozenset(each) for each in combinations(self.conditions, size) if self.fails(frozenset(each))]
            if found:
                return found
        return []

    def repairs(self) -> dict[frozenset[str], float]:
        """Return the least relative bend for each set of conditions, of as few as there can be."""
        may = [each for each in self.conditions if _entry(self.scenario, each).get("relax", True)]
        for size in range(1, min(len(may), 3) + 1):
            found = {
                frozenset(some): least for some in combinations(may, size) if (least := self._least(some)) is not None
            }
            if found:
                return found
        return {}

    def _least(self, some: tuple[str, ...]) -> float | None:
        """Return the least sum of relative bends of some conditions after which an allocation exists; every bend is tried."""
        if self.fails(frozenset(self.conditions) - set(some)):
            return None
        ways = list(product(*(_bends(self.scenario, one) for one in some)))
        # The least first: then the first that holds is it.
        for way in sorted(ways, key=lambda way: sum(each.relative for each in way)):
            tables = self.scenario
            for each in way:
                tables = each.change(tables)
            if self.holds(tables, self.is_sought):
                return sum(each.relative for each in way)
        return None


def _conditions(scenario: Tables) -> list[str]:
    envelope = scenario["envelope"]
    found = ["envelope"]
    found += [name for key, name in (("payments_max", "payments"), ("tranches", "tranches")) if key in envelope]
    found += ["candidate_max"] if "candidate_max" in envelope else []
    found += [f"transversal {name}" for name, volet in scenario["volets"].items() if "min_share" in volet]
    found += [f"funder {each['name']}" for each in scenario.get("funders", ()) if each.get("pays")]
    found += [f"link {each['name']}" for each in scenario.get("links", ())]
    found += [f"decision {each['candidate']}" for each in scenario.get("decisions", ())]
    found += ["priority"] if scenario.get("priority", {}).get("mode") == "floor" else []
    found += [f"rule {each['name']}" for each in scenario.get("rules", ())]
    return found + [f"target {each['name']}" for each in scenario.get("targets", ())]


def _part(condition: str) -> tuple[str, str, str]:
    kind, _, key = condition.partition(" ")
    return f"{kind}s", "candidate" if kind == "decision" else "name", key


def _entry(scenario: Tables, condition: str) -> Tables:
    part, name, key = _part(condition)
    return next((each for each in scenario.get(part, ()) if each.get(name) == key), {})


def _changed(scenario: Tables, condition: str, **changes: Any) -> Tables:
    part, name, key = _part(condition)
    return scenario | {part: [each | changes if each.get(name) == key else each for each in scenario[part]]}


def without(scenario: Tables, condition: str) -> Tables:
    """Return the call without a condition other than the envelope."""
    envelope, kind = scenario["envelope"], condition.split(" ")[0]
    if kind in ("payments", "tranches", "candidate_max"):
        gone = {"payments": "payments_max"}.get(kind, kind)
        return scenario | {"envelope": {key: each for key, each in envelope.items() if key != gone}}
    if kind == "transversal":
        return _transversal(scenario, condition)
    if kind == "priority":
        return scenario | {"priority": {}}
    if kind == "funder":
        return _changed(scenario, condition, pays={})
    part, name, key = _part(condition)
    return scenario | {part: [each for each in scenario[part] if each[name] != key]}


def _transversal(scenario: Tables, condition: str, share: float | None = None) -> Tables:
    name = condition.split(" ")[1]
    volet = {key: each for key, each in scenario["volets"][name].items() if key != "min_share"}
    volet |= {} if share is None else {"min_share": share}
    return scenario | {"volets": scenario["volets"] | {name: volet}}


# ----------------------------------------------------------------------------------------------------------------- bends


def _bends(scenario: Tables, condition: str) -> list[Bent]:
    """Return every way to bend a condition."""
    envelope, kind = scenario["envelope"], condition.split(" ")[0]
    step = envelope["grant_step"]
    match kind:
        case "envelope":
            return _larger_envelopes(scenario)
        case "payments":
            assert len(envelope["payments_max"]) == 1
            values = _values(envelope["payments_max"][0], step, False, None)
            return [Bent(relative, partial(_in_envelope, payments_max=[value])) for relative, value in values]
        case "candidate_max":
            values = _values(envelope["candidate_max"], step, False, None)
            return [Bent(relative, partial(_in_envelope, candidate_max=value)) for relative, value in values]
        case "transversal":
            shares = _shares(scenario["volets"][condition.split(" ")[1]]["min_share"], True)
            return [
                Bent(relative, partial(_transversal, condition=condition, share=value)) for relative, value in shares
            ]
        case "priority":
            shares = _shares(scenario["priority"]["share"], True)
            return [Bent(relative, partial(_in_priority, share=value)) for relative, value in shares]
        case "rule" | "target":
            return _rule_bends(scenario, condition)
    link = _entry(scenario, condition)
    if "at_most" in link:
        values = _values(link["at_most"], 1, False, len(link["candidates"]))
        return [Bent(relative, partial(_changed, condition=condition, at_most=value)) for relative, value in values]
    return [Bent(1.0, partial(without, condition=condition))]


def _in_envelope(scenario: Tables, **changes: Any) -> Tables:
    return scenario | {"envelope": scenario["envelope"] | changes}


def _in_priority(scenario: Tables, **changes: Any) -> Tables:
    return scenario | {"priority": scenario["priority"] | changes}


def _rule_bends(scenario: Tables, condition: str) -> list[Bent]:
    rule, found = _entry(scenario, condition), []
    sides: list[list[tuple[float, Any]]] = []
    for key in ("min", "max"):
        sides.append([(0.0, rule.get(key))])
        if key in rule and rule["measure"] == "share":
            sides[-1] += _shares(rule[key], key == "min")
        elif key in rule:
            step = scenario["envelope"]["grant_step"] if rule["measure"] == "amount" else 1
            sides[-1] += _values(rule[key], step, key == "min", None)
    for (one, least), (other, most) in product(*sides):
        if one + other > 0:
            changes = {key: each for key, each in (("min", least), ("max", most)) if each is not None}
            found.append(Bent(one + other, partial(_changed, condition=condition, **changes)))
    return found


def _values(stated: int, step: int, is_floor: bool, last: int | None) -> list[tuple[float, int]]:
    found = []
    for k in range(1, FARTHEST):
        value = max(stated - k * step, 0) if is_floor else stated + k * step
        if last is None or value <= last:
            found.append((abs(value - stated) / max(stated, step), value))
        if is_floor and value == 0:
            break
    return found


@cache
def _shares(stated: float, is_floor: bool) -> list[tuple[float, float]]:
    thousandths = int(exact(stated) * 1000)
    range_ = range(thousandths - 1, -1, -1) if is_floor else range(thousandths + 1, 1001)
    return [(abs(each - thousandths) / max(thousandths, 1), each / 1000) for each in range_]


def _larger_envelopes(scenario: Tables) -> list[Bent]:
    """Return larger envelopes, up to one that is large enough for all; what funders bring keeps its proportions."""
    total, step = scenario["envelope"]["total"], scenario["envelope"]["grant_step"]
    totals = range(total + step, total + FARTHEST * step, step)
    return [Bent((other - total) / total, partial(_with_total, total=other)) for other in totals]


def _with_total(scenario: Tables, total: int) -> Tables:
    tables: Tables = {"envelope": scenario["envelope"] | {"total": total}}
    if scenario.get("funders"):
        tables["funders"] = _scaled(scenario["funders"], total)
    return scenario | tables


def _scaled(funders: list[Tables], total: int) -> list[Tables]:
    """Return funders whose amounts keep their proportions in another envelope; the odd euros go to the largest remainders."""
    stated = [
        each for funder in funders for each in funder.get("amounts", [funder["amount"]] if "amount" in funder else [])
    ]
    brought = floor((1 - sum(exact(funder.get("share", 0)) for funder in funders)) * total)
    parts = [brought * each // max(sum(stated), 1) for each in stated]
    rests = sorted(range(len(parts)), key=lambda n: (-(brought * stated[n] % max(sum(stated), 1)), n))
    for n in rests[: brought - sum(parts)]:
        parts[n] += 1
    found = []
    for funder in funders:
        if "amounts" in funder:
            own, parts = parts[: len(funder["amounts"])], parts[len(funder["amounts"]) :]
            found.append(funder | {"amounts": own})
        elif "amount" in funder:
            found.append(funder | {"amount": parts.pop(0)})
        else:
            found.append(funder)
    return found
