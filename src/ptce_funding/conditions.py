"""What a scenario demands beyond its candidates: named conditions, each of which can be let go, and many of which can be bent.

What clashes, what a rule costs and what would let a candidate in are all asked of these, in the same words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import floor
from typing import Any, Literal

from ptce_funding.errors import Place
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.scenario import Rule, Scenario
from ptce_funding.scenario_files import origin_of
from ptce_funding.toml_lines import Path, join

Kind = Literal[
    "envelope",
    "payments",
    "tranches",
    "candidate_max",
    "transversal",
    "funder",
    "link",
    "decision",
    "priority",
    "rule",
    "target",
]

#: By how much a bound on a share is moved at a time.
SHARE_STEP = Fraction(1, 1000)


@dataclass(frozen=True)
class Bound:
    """A number that a condition sets, and that can be moved.

    Parameters
    ----------
    path
        Dotted path, as for ``--set``.
    value
        Where it stands.
    is_floor
        Whether a smaller number asks for less.
    step
        By how much it is moved at a time.
    measure
        `amount` (euros), `share`, `count` (candidates) or a column of the candidates.
    last
        The loosest that it can be, where there is such: 0 for a floor, 1 for a share; None for none.
    changes
        From a number to the values by path that put it in place of `value`.
    """

    path: str
    value: Fraction
    is_floor: bool
    step: Fraction
    measure: str
    last: Fraction | None
    changes: Callable[[Fraction], Mapping[str, object]]

    def moved(self, steps: int) -> Fraction:
        """Return the number some steps looser, tighter for a negative number of steps; never looser than `last`."""
        value = self.value - steps * self.step if self.is_floor else self.value + steps * self.step
        if self.last is None:
            return value
        return max(value, self.last) if self.is_floor else min(value, self.last)

    @property
    def room(self) -> int | None:
        """Number of steps to `last`; None where there is no end."""
        return None if self.last is None else -(-abs(self.value - self.last) // self.step)


@dataclass(frozen=True)
class Condition:
    """Something that a scenario demands.

    Parameters
    ----------
    kind, key
        What it is, and its name among its kind; empty where there is one only.
    name
        In words.
    path
        Where it stands in the scenario.
    bounds
        The numbers by which it can be bent; empty for what holds or does not.
    is_bendable
        Whether its author lets it be bent (`relax`).
    without
        From a scenario to the same without this condition; values by path are to be set before, since they are set in what was read.
    """

    kind: Kind
    key: str
    name: Message
    path: Path
    bounds: tuple[Bound, ...]
    is_bendable: bool
    without: Callable[[Scenario], Scenario]

    def place(self, scenario: Scenario) -> Place:
        """Return the file and line that state it."""
        return origin_of(scenario).place(self.path)


def conditions(scenario: Scenario) -> tuple[Condition, ...]:
    """Return all that could be let go, the least of it first: limits of the money, who pays what, links, decisions, rules, targets.

    The envelope is none of these: see `envelope_bound`.
    """
    return (
        *_limits(scenario),
        *_payers(scenario),
        *_choices(scenario),
        *_priority(scenario),
        *(_rule(scenario, "rules", "rule", n, rule) for n, rule in enumerate(scenario.rules)),
        *(_rule(scenario, "targets", "target", n, rule) for n, rule in enumerate(scenario.targets)),
    )


def envelope_bound(scenario: Scenario) -> Bound:
    """Return the envelope as a number that can be moved by grant steps; what funders bring keeps its proportions."""

    def changes(total: Fraction) -> Mapping[str, object]:
        return envelope_changes(scenario, floor(total))

    total, step = Fraction(scenario.envelope.total), Fraction(scenario.envelope.grant_step)
    return Bound("envelope.total", total, False, step, "amount", None, changes)


def envelope_changes(scenario: Scenario, total: int) -> dict[str, object]:
    """Return the parameters, by path, that give a scenario another envelope; what funders bring keeps its proportions.

    Parameters
    ----------
    total
        Euros.
    """
    changes: dict[str, object] = {"envelope.total": total}
    stated = [funder for funder in scenario.funders if funder.share is None]
    # Cuts withdraw shares of them, so they go on to be stated before cuts.
    amounts = [amount for funder in stated for amount in funder.amounts or (funder.amount or 0,)]
    # What funders with shares leave is divided as before; the odd euros go to the largest remainders.
    left = floor((1 - sum((exact(funder.share or 0) for funder in scenario.funders), Fraction(0))) * total)
    parts = divided(left, amounts)
    for funder in stated:
        size = len(funder.amounts or (0,))
        own, parts = parts[:size], parts[size:]
        if funder.amounts is not None:
            changes[join(("funders", funder.name, "amounts"))] = own
        else:
            changes[join(("funders", funder.name, "amount"))] = own[0]
    return changes


def divided(total: int, weights: list[int]) -> list[int]:
    """Divide euros in proportion to weights; the odd euros go to the largest remainders, the first of equals."""
    base = max(sum(weights), 1)
    parts = [weight * total // base for weight in weights]
    order = sorted(range(len(parts)), key=lambda n: (-(weights[n] * total % base), n))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts


# ------------------------------------------------------------------------------------------------------------------ by kind


def _limits(scenario: Scenario) -> Iterator[Condition]:
    envelope, step = scenario.envelope, Fraction(scenario.envelope.grant_step)

    def freed(one: Scenario, **changes: Any) -> Scenario:
        return one.model_copy(update={"envelope": one.envelope.model_copy(update=changes)})

    if envelope.payments_max is not None:
        stated = list(envelope.payments_max)

        def payments(total: Fraction) -> Mapping[str, object]:
            return {"envelope.payments_max": divided(floor(total), stated)}

        bound = Bound("envelope.payments_max", Fraction(sum(stated)), False, step, "amount", None, payments)
        name = message("the ceilings on payments (envelope.payments_max)")
        without = partial(freed, payments_max=None)
        yield Condition("payments", "", name, ("envelope", "payments_max"), (bound,), True, without)
    if envelope.tranches is not None:
        name, without = message("the tranches (envelope.tranches)"), partial(freed, tranches=None, cuts=None)
        yield Condition("tranches", "", name, ("envelope", "tranches"), (), True, without)
    if envelope.candidate_max is not None:
        path, limit = ("envelope", "candidate_max"), Fraction(envelope.candidate_max)
        bound = Bound(join(path), limit, False, step, "amount", None, _whole(path))
        name = message("the ceiling of one candidate (envelope.candidate_max)")
        yield Condition("candidate_max", "", name, path, (bound,), True, partial(freed, candidate_max=None))
    for volet_name, volet in scenario.transversal_volets.items():
        if volet.min_share is not None:

            def without_floor(one: Scenario, name: str = volet_name) -> Scenario:
                freed_volet = one.volets[name].model_copy(update={"min_share": None})
                return one.model_copy(update={"volets": {**one.volets, name: freed_volet}})

            at = ("volets", volet_name, "min_share")
            bound = Bound(join(at), exact(volet.min_share), True, SHARE_STEP, "share", Fraction(0), _decimal(at))
            name = message("the least cost of {volet} (min_share)", volet=volet.title or volet_name)
            yield Condition("transversal", volet_name, name, at, (bound,), True, without_floor)


def _payers(scenario: Scenario) -> Iterator[Condition]:
    for number, funder in enumerate(scenario.funders):
        if funder.pays:

            def paying_all(one: Scenario, name: str = funder.name) -> Scenario:
                funders = tuple(
                    each.model_copy(update={"pays": {}}) if each.name == name else each for each in one.funders
                )
                return one.model_copy(update={"funders": funders})

            name = message("what {funder} may pay for", funder=funder.title or funder.name)
            yield Condition("funder", funder.name, name, ("funders", number, "pays"), (), True, paying_all)


def _choices(scenario: Scenario) -> Iterator[Condition]:
    for number, link in enumerate(scenario.links):
        bounds: tuple[Bound, ...] = ()
        if link.at_most is not None:
            path, most = ("links", link.name, "at_most"), Fraction(len(set(link.candidates)))
            if link.at_most < most:
                bounds = (Bound(join(path), Fraction(link.at_most), False, Fraction(1), "count", most, _whole(path)),)
        name = message("the link “{link}”", link=link.title or link.name)
        yield Condition("link", link.name, name, ("links", number), bounds, True, _lacking("links", link.name))
    for number, decision in enumerate(scenario.decisions):
        name = message("the decision on {id}", id=decision.candidate)
        without = _lacking("decisions", decision.candidate)
        yield Condition("decision", decision.candidate, name, ("decisions", number), (), True, without)


def _priority(scenario: Scenario) -> Iterator[Condition]:
    priority = scenario.priority
    if priority.mode != "floor":
        return
    none = priority.model_copy(update={"mode": "none"})
    path = ("priority", "share")
    bound = Bound(join(path), exact(priority.share or 0), True, SHARE_STEP, "share", Fraction(0), _decimal(path))
    name = message("the least share of the first priority group")
    yield Condition("priority", "", name, path, (bound,), True, lambda one: one.model_copy(update={"priority": none}))


def _rule(scenario: Scenario, part: str, kind: Kind, number: int, rule: Rule) -> Condition:
    bounds = []
    for key in ("min", "max"):
        stated = getattr(rule, key)
        if stated is None:
            continue
        # Sums of a column may be negative: below zero there is no end.
        path, last = (part, rule.name, key), Fraction(0) if key == "min" and stated >= 0 else None
        step, changes = Fraction(1), _decimal(path)
        if rule.measure == "share":
            step, last = SHARE_STEP, Fraction(0) if key == "min" else Fraction(1)
        elif rule.measure == "amount":
            step, changes = Fraction(scenario.envelope.grant_step), _whole(path)
        bounds.append(Bound(join(path), exact(stated), key == "min", step, rule.measure, last, changes))
    if kind == "rule":
        name = message("the rule “{rule}”", rule=rule.title or rule.name)
    else:
        name = message("the target “{target}”", target=rule.title or rule.name)
    return Condition(kind, rule.name, name, (part, number), tuple(bounds), rule.relax, _lacking(part, rule.name))


_KEYS = {"links": "name", "decisions": "candidate", "rules": "name", "targets": "name"}


def _lacking(part: str, name: str) -> Callable[[Scenario], Scenario]:
    def without(one: Scenario) -> Scenario:
        kept = tuple(each for each in getattr(one, part) if getattr(each, _KEYS[part]) != name)
        return one.model_copy(update={part: kept})

    return without


def _whole(path: Path) -> Callable[[Fraction], Mapping[str, object]]:
    return lambda value: {join(path): floor(value)}


def _decimal(path: Path) -> Callable[[Fraction], Mapping[str, object]]:
    """Write a number as the decimal that it is, to nine places where it has more."""

    def changes(value: Fraction) -> Mapping[str, object]:
        if value.denominator == 1:
            return {join(path): int(value)}
        return {join(path): float(round(Decimal(value.numerator) / Decimal(value.denominator), 9))}

    return changes
