"""The limits of money, by brute force: envelope, tranches, payments, and whether the funders can pay.

A part of `enumeration`, written from the model's text alone. Grants are paid in whole grant steps by each funder, charges in
whole euros, so what a funder's money leaves over after its grants may still pay charges.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, combinations, product
from math import floor
from typing import Any, NamedTuple

from enumeration_charges import (
    has_charges,
    paid_in,
    pays_transversal,
    transversal_by_number,
    transversal_parts,
    transversal_volets,
)
from enumeration_rules import Bound, Call, bound, conditions, is_skipped, stated_rules, tells_funders
from enumeration_steps import Cells, Line, Payer, Way, exact, listed, meets, payers_of, spans_of, years_of

#: For some of the years of each funder, as positions: the years.
Spells = tuple[tuple[int, ...], ...]


def money_bounds(call: Call) -> Iterator[Bound]:
    """Return the bounds of envelope, tranches and payments, and of what each choice of funders and years can pay together."""
    scenario, step = call.scenario, call.step
    envelope, years = scenario["envelope"], years_of(scenario)

    def transversal(span: Any) -> tuple[int, ...]:
        return transversal_by_number(scenario, len(call.rows), lambda _, year: year - years[0] in span)

    def committed(span: Any) -> Any:
        return lambda row, way: (
            sum(line[3] for line in way if line[2] - years[0] in span) * step
            + sum(gain.euros for gain in call.gains(row, way) if gain.line[2] - years[0] in span)
        )

    def due(year: int) -> Any:
        return lambda row, way: (
            sum((line[3] * step * _share_paid(scenario, line, year) for line in way), start=Fraction(0))
            + sum((paid_in(gain, year) for gain in call.gains(row, way)), start=Fraction(0))
        )

    every = range(len(years))
    yield bound(call, committed(every), upper=Fraction(envelope["total"]), charged=transversal(every))
    if envelope.get("tranches"):
        for span in spans_of(scenario):
            upper = Fraction(floor(sum(exact(envelope["tranches"][t]) for t in span) * envelope["total"]))
            yield bound(call, committed(span), upper=upper, charged=transversal(span))
    for t, most in enumerate(envelope.get("payments_max", ())):
        yield bound(call, due(years[0] + t), upper=Fraction(most), charged=transversal([t]))
    yield from _payer_bounds(call)


def _share_paid(scenario: dict[str, Any], line: Line, year: int) -> Fraction:
    """Return the share of a grant that is paid in a year."""
    profile = scenario["volets"][line[0]].get("payments", [1.0])
    return exact(profile[year - line[2]]) if 0 <= year - line[2] < len(profile) else Fraction(0)


# ----------------------------------------------------------------------------------------------------------------- funders


def _payer_bounds(call: Call) -> Iterator[Bound]:
    """Hall's condition: for each choice of some years of each funder, what nobody else could pay in another year.

    Whatever is given to that must come out of the money of these years: grants in whole steps, all together in euros. Without
    charges the first is enough; with them both are necessary, and `split_test` settles what is left.
    """
    scenario, payers, first = call.scenario, payers_of(call.scenario), call.scenario["first_year"]
    known: dict[Any, Fraction] = {}

    def state(weigh: Any, charged: tuple[int, ...], upper: int) -> None:
        weights = tuple(tuple(weigh(row, way) for way in ways) for row, ways in zip(call.rows, call.ways, strict=True))
        known[weights, charged] = min(Fraction(upper), known.get((weights, charged), Fraction(upper)))

    for spells in product(*(_spells(scenario, payer) for payer in payers)):

        def is_theirs(row: Cells, line: Line, spells: Spells = spells) -> bool:
            return all(
                line[2] - first in spell or not meets(row, line, payer.pays)
                for payer, spell in zip(payers, spells, strict=True)
            )

        def grants(row: Cells, way: Way, is_theirs: Any = is_theirs) -> int:
            return sum(line[3] for line in way if is_theirs(row, line))

        def euros(row: Cells, way: Way, is_theirs: Any = is_theirs, grants: Any = grants) -> int:
            gains = call.gains(row, way)
            return call.step * grants(row, way) + sum(gain.euros for gain in gains if is_theirs(row, gain.line))

        def part_is_theirs(volet: str, year: int, spells: Spells = spells) -> bool:
            return all(
                year - first in spell or not pays_transversal(payer.pays, volet, year)
                for payer, spell in zip(payers, spells, strict=True)
            )

        steps = (_brought(scenario, payer, spell, call.step) for payer, spell in zip(payers, spells, strict=True))
        state(lambda *one, weigh=grants: call.step * weigh(*one), (), call.step * sum(steps))
        if has_charges(scenario):
            whole = (_brought(scenario, payer, spell, 1) for payer, spell in zip(payers, spells, strict=True))
            state(euros, transversal_by_number(scenario, len(call.rows), part_is_theirs), sum(whole))
    for (weights, charged), upper in known.items():
        yield Bound([[Fraction(weight) for weight in each] for each in weights], None, upper, charged)


def _spells(scenario: dict[str, Any], payer: Payer) -> Spells:
    """Return sets of years whose money belongs together: none, all, any or those up to one."""
    every = tuple(range(len(years_of(scenario))))
    if payer.by_year is None:
        return ((), every)
    if scenario["envelope"].get("carry_over", True):
        return tuple(every[:t] for t in range(len(every) + 1))
    return tuple(chain.from_iterable(combinations(every, size) for size in range(len(every) + 1)))


def _brought(scenario: dict[str, Any], payer: Payer, spell: tuple[int, ...], unit: int) -> int:
    """Return how many whole units a funder brings in some years together; without carry-over each year has its own."""
    if payer.by_year is None:
        return floor(payer.brings / unit) if spell else 0
    if scenario["envelope"].get("carry_over", True):
        return sum(payer.by_year[t] for t in spell) // unit
    return sum(payer.by_year[t] // unit for t in spell)


# ------------------------------------------------------------------------------------------------ who pays what, exactly


class _FunderRule(NamedTuple):
    """A rule on the money of some funders, for one group."""

    condition: dict[str, Any]
    measure: str
    of: str | None
    lower: Fraction | None
    upper: Fraction | None


def _funder_rules(call: Call) -> list[_FunderRule]:
    return [
        _FunderRule(
            condition,
            rule["measure"],
            rule.get("of"),
            exact(rule["min"]) if "min" in rule and not is_skipped(call, rule, condition) else None,
            exact(rule["max"]) if "max" in rule else None,
        )
        for rule in filter(tells_funders, stated_rules(call.scenario))
        for condition in conditions(call, rule)
    ]


def split_test(call: Call) -> Callable[[Mapping[str, Way]], bool]:
    """Return a function that says whether the funders can pay grants and charges and keep the rules about their money.

    Without such rules and charges Hall's condition has settled it. With them every split of the grants in whole grant steps is
    tried; the charges, which may be cut anywhere, can then be paid exactly when Hall's condition holds for what is left.
    """
    rules = _funder_rules(call)
    if not rules and not has_charges(call.scenario):
        return lambda lines: True
    scenario, payers = call.scenario, payers_of(call.scenario)
    first, n_years = scenario["first_year"], len(years_of(scenario))
    are_yearly = any(payer.by_year is not None for payer in payers)
    row_of = {str(row["id"]): row for row in call.rows}
    known: dict[Any, bool] = {}

    def may_pay(row: Cells, line: Line) -> tuple[bool, ...]:
        return tuple(meets(row, line, payer.pays) for payer in payers)

    def can_be_paid(lines: Mapping[str, Way]) -> bool:
        # Steps that the same funders may pay and the same rules measure are alike.
        grants: dict[Any, int] = {}
        charges: dict[Any, int] = {}
        for id_, way in lines.items():
            for line in way:
                measured = tuple(meets(row_of[id_], line, rule.condition) for rule in rules)
                kind = (may_pay(row_of[id_], line), measured, line[2] - first if are_yearly else 0)
                grants[kind] = grants.get(kind, 0) + line[3]
            for gain in call.gains(row_of[id_], way):
                demand = (may_pay(row_of[id_], gain.line), gain.line[2] - first)
                charges[demand] = charges.get(demand, 0) + gain.euros
        for volet in transversal_volets(scenario):
            for t, part in enumerate(transversal_parts(scenario, volet, sum(map(bool, lines.values())))):
                demand = (tuple(pays_transversal(payer.pays, volet, first + t) for payer in payers), t)
                charges[demand] = charges.get(demand, 0) + part
        key = (tuple(sorted(grants.items())), tuple(sorted(charges.items())))
        if key not in known:
            needs = needs_of(charges)
            known[key] = any(
                keeps_rules(split) and pays_all(split, needs)
                for split in product(*(splits(kind, total) for kind, total in key[0]))
            )
        return known[key]

    def splits(kind: Any, total: int) -> list[tuple[Any, tuple[int, ...]]]:
        shares = [range(total + 1 if may else 1) for may in kind[0]]
        return [(kind, parts) for parts in product(*shares) if sum(parts) == total]

    def needs_of(charges: dict[Any, int]) -> list[tuple[Spells, int]]:
        """Return, for each choice of some years of each funder, the charges that nobody else could pay in another year."""
        return [
            (
                spells,
                sum(
                    euros
                    for (may, t), euros in charges.items()
                    if all(t in spell or not each for each, spell in zip(may, spells, strict=True))
                ),
            )
            for spells in product(*(_spells(scenario, payer) for payer in payers))
        ]

    def pays_all(split: tuple[Any, ...], needs: list[tuple[Spells, int]]) -> bool:
        rooms = []
        for f, payer in enumerate(payers):
            given = [0] * n_years
            for (_, _, t), parts in split:
                given[t] += parts[f] * call.step
            room = _rooms(scenario, payer, given)
            if room is None:
                return False
            rooms.append(room)
        return all(
            need <= sum(room[spell] for room, spell in zip(rooms, spells, strict=True)) for spells, need in needs
        )

    def keeps_rules(split: tuple[Any, ...]) -> bool:
        granted = sum(sum(parts) for _, parts in split) * call.step
        for number, rule in enumerate(rules):
            wanted = [
                f for f, payer in enumerate(payers) if payer.name in listed(rule.condition.get("funder", payer.name))
            ]
            euros = sum(parts[f] for kind, parts in split if kind[1][number] for f in wanted) * call.step
            whole = (
                1 if rule.measure == "amount" else granted if rule.of == "granted" else scenario["envelope"]["total"]
            )
            if rule.lower is not None and euros < rule.lower * whole:
                return False
            if rule.upper is not None and euros > rule.upper * whole:
                return False
        return True

    return can_be_paid


def _rooms(scenario: dict[str, Any], payer: Payer, given: list[int]) -> dict[tuple[int, ...], int] | None:
    """Return the euros that a funder has left for some years together after its grants; None when these are too much."""
    spells = _spells(scenario, payer)
    if payer.by_year is None:
        left = [floor(payer.brings) - sum(given)]
        room = {spell: left[0] if spell else 0 for spell in spells}
    elif scenario["envelope"].get("carry_over", True):
        left = [sum(payer.by_year[: t + 1]) - sum(given[: t + 1]) for t in range(len(given))]
        # Money spent until a year is spent until each later one too.
        room = {spell: min(left[len(spell) - 1 :]) if spell else 0 for spell in spells}
    else:
        left = [brought - spent for brought, spent in zip(payer.by_year, given, strict=True)]
        room = {spell: sum(left[t] for t in spell) for spell in spells}
    return None if min(left) < 0 else room
