"""Faults that span several parts of a scenario.

Each check names the parts that it reads; it runs only when those are sound, so that all that can be said is said at once.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ptce_funding.errors import Fault
from ptce_funding.messages import message, nearest
from ptce_funding.money import exact
from ptce_funding.parts import PHASES, Phase, as_tuple
from ptce_funding.scenario import Scenario, stated_rules
from ptce_funding.scenario_faults import Origin, expected_found, repeated
from ptce_funding.scenario_sweep import sweep_faults
from ptce_funding.scenario_volets import envelope_faults, payment_faults, plan_faults, volet_faults
from ptce_funding.toml_lines import Path

Faults = Iterator[Fault]


def spanning_faults(scenario: Scenario, origin: Origin, broken: set[str]) -> list[Fault]:
    """Return the faults that only show when parts are held against each other.

    Parameters
    ----------
    scenario
        The scenario, of which the parts in `broken` must not be read.
    origin
        Where its parts stand.
    broken
        Parts that are missing or have faults of shape.
    """
    faults: list[Fault] = []
    for check, parts in _CHECKS:
        if not broken & set(parts):
            faults.extend(check(scenario, origin))
    return faults


def _tranches(scenario: Scenario, origin: Origin) -> Faults:
    tranches = scenario.envelope.tranches
    if tranches is None:
        return
    place = origin.place(("envelope", "tranches"))
    if len(tranches) != scenario.years:
        text = message(
            "Found {found} tranches, expected one for each of the {years} years.",
            found=len(tranches),
            years=scenario.years,
        )
        yield Fault(place, text)
    total = sum(map(exact, tranches))
    if total != 1:
        yield Fault(place, message("The tranches add up to {total:percent}, expected 100 %.", total=float(total)))


def _cuts(scenario: Scenario, origin: Origin) -> Faults:
    cuts, place = scenario.envelope.cuts, origin.place(("envelope", "cuts"))
    if cuts is None:
        return
    if len(cuts) > scenario.years:
        text = message(
            "Found {found} cuts, expected one for each of the {years} years at most.",
            found=len(cuts),
            years=scenario.years,
        )
        yield Fault(place, text)
    if scenario.envelope.tranches is None and all(funder.amounts is None for funder in scenario.funders):
        text = message(
            "A year can be cut only where years are told apart: by `envelope.tranches`, or by `amounts` of funders."
        )
        yield Fault(place, text)


def _funders(scenario: Scenario, origin: Origin) -> Faults:
    yield from _unique([funder.name for funder in scenario.funders], "funders", origin)
    is_stated = True
    for number, funder in enumerate(scenario.funders):
        if [funder.share, funder.amount, funder.amounts].count(None) != 2:
            is_stated = False
            text = message("A funder states one of `share`, `amount` and `amounts`.")
            yield Fault(origin.place(("funders", number)), text)
        if funder.amounts is not None and len(funder.amounts) != scenario.years:
            text = message(
                "Found {found} amounts, expected one for each of the {years} years.",
                found=len(funder.amounts),
                years=scenario.years,
            )
            yield Fault(origin.place(("funders", number, "amounts")), text)
    if not scenario.funders or not is_stated:
        return
    brought = sum(
        exact(funder.share) * scenario.envelope.total
        if funder.share is not None
        else funder.amount or sum(funder.amounts or ())
        for funder in scenario.funders
    )
    # Beside amounts in whole euros, shares may leave the fraction of one.
    is_mixed = len({funder.share is None for funder in scenario.funders}) > 1
    missing = abs(Fraction(brought) - scenario.envelope.total)
    if missing >= 1 or (missing and not is_mixed):
        text = message(
            "The funders bring {brought:euros}, the envelope is {total:euros}: {missing:euros} apart.",
            brought=float(brought),
            total=scenario.envelope.total,
            missing=float(missing),
        )
        yield Fault(origin.place(("funders",)), text)


def _served_phases(scenario: Scenario) -> list[Phase]:
    return [phase for phase in PHASES if any(phase in volet.phases for volet in scenario.step_volets.values())]


def _phases(scenario: Scenario, origin: Origin) -> Faults:
    served = _served_phases(scenario)
    for phase in scenario.value.phases:
        if phase not in served:
            yield Fault(origin.place(("value", "phases", phase)), _without_volet(phase))
    for volet in scenario.value.volets:
        if volet not in scenario.step_volets:
            text = expected_found(message("a volet of this scenario that candidates enter"), volet)
            yield Fault(origin.place(("value", "volets", volet)), text, nearest(volet, scenario.step_volets))


def _weights(scenario: Scenario, origin: Origin) -> Faults:
    """Weights that can be computed with: beyond, sums overflow or vanish."""
    for column, criterion in scenario.value.criteria.items():
        if criterion.weight and not 1e-12 <= abs(criterion.weight) <= 1e12:
            text = message(
                "Found {found}, expected 0 or a weight between 1e-12 and 1e12 in size.", found=criterion.weight
            )
            yield Fault(origin.place(("value", "criteria", column)), text)


def _without_volet(phase: str) -> Any:
    return message("No volet is open to the phase “{phase}”.", phase=phase)


def _priority(scenario: Scenario, origin: Origin) -> Faults:
    priority = scenario.priority
    place = origin.place(("priority",))
    if priority.mode in ("strict", "floor") and not priority.order:
        yield Fault(
            place, message("The reading “{mode}” needs `order`: the groups, first served first.", mode=priority.mode)
        )
    if (priority.mode == "floor") != (priority.share is not None):
        yield Fault(place, message("`share` goes with the reading “floor”, and only with it."))
    if (
        priority.mode == "weight"
        and len({scenario.value.phases.get(phase, 1.0) for phase in _served_phases(scenario)}) < 2
    ):
        text = message(
            "The reading “weight” rests on `value.phases`; those weights are all the same, so nobody comes first."
        )
        yield Fault(place, text)
    values = [value for group in priority.order for value in group]
    for word in repeated(values):
        yield Fault(origin.place(("priority", "order")), message("“{word}” stands here twice.", word=word))
    if priority.column == "phase":
        served = _served_phases(scenario)
        for value in values:
            if value not in served:
                known = value in PHASES
                text = (
                    _without_volet(str(value))
                    if known
                    else expected_found(message("one of: {known:list}", known=PHASES), value)
                )
                yield Fault(origin.place(("priority", "order")), text, None if known else nearest(str(value), PHASES))


def _rules(scenario: Scenario, origin: Origin) -> Faults:
    yield from _unique([rule.name for rule in scenario.rules], "rules", origin)
    yield from _unique([rule.name for rule in scenario.targets], "targets", origin)
    names = {rule.name for rule in scenario.rules}
    for path, rule in stated_rules(scenario):
        place = origin.place(path)
        if path[0] == "targets":
            if rule.name in names:
                yield Fault(place, message("A rule has the name “{name}” already.", name=rule.name))
            if rule.min is None or rule.max is not None:
                yield Fault(place, message("A target states `min`, what must be reached, and no `max`."))
        elif rule.min is None and rule.max is None:
            yield Fault(place, message("A rule states `min` or `max`, or both."))
        if rule.min is not None and rule.max is not None and rule.min > rule.max:
            text = message(
                "The least value, {min:number}, is above the largest, {max:number}.", min=rule.min, max=rule.max
            )
            yield Fault(place, text)
        if (rule.measure == "share") != (rule.of is not None):
            yield Fault(place, message("`of` (granted or envelope) goes with the measure “share”, and only with it."))
        for key in ("min", "max"):
            bound = getattr(rule, key)
            if bound is None:
                continue
            if rule.measure == "share" and not 0 <= bound <= 1:
                expected = message("a share between 0 and 1 (15 % is 0.15)")
                yield Fault(origin.place((*path, key)), expected_found(expected, bound))
            elif bound < 0 and rule.measure in ("amount", "count"):
                yield Fault(
                    origin.place((*path, key)),
                    expected_found(message("a number of at least {bound:number}", bound=0), bound),
                )
        if rule.only_possible and rule.min is None:
            yield Fault(
                origin.place((*path, "only_possible")),
                message("`only_possible` concerns a floor; this rule has no `min`."),
            )
        if rule.measure not in ("amount", "share") and ("funder" in rule.where or "funder" in rule.by):
            text = message("Only money can be told apart by funder: the measure must be “amount” or “share”.")
            yield Fault(place, text)
        for column in repeated(list(rule.by)):
            yield Fault(origin.place((*path, "by")), message("“{word}” stands here twice.", word=column))


def _conditions(scenario: Scenario, origin: Origin) -> Faults:
    known: dict[str, list[Any]] = {
        "volet": list(scenario.step_volets),
        "aid": sorted({aid for volet in scenario.step_volets.values() for aid in volet.aids}),
        "year": list(scenario.horizon),
        "funder": [funder.name for funder in scenario.funders],
        "phase": _served_phases(scenario),
    }
    stated: list[tuple[Path, dict[str, Any]]] = [
        ((*path, "where"), rule.where) for path, rule in stated_rules(scenario)
    ]
    for number, funder in enumerate(scenario.funders):
        path: Path = ("funders", number, "pays")
        if "funder" in funder.pays:
            yield Fault(
                origin.place((*path, "funder")), message("What a funder may pay for cannot depend on the funder.")
            )
        stated.append((path, {column: each for column, each in funder.pays.items() if column != "funder"}))
    for path, condition in stated:
        for column, values in condition.items():
            for value in as_tuple(values):
                if column == "volet" and path[0] == "funders" and value in scenario.transversal_volets:
                    continue
                if column in known and value not in known[column]:
                    if column == "phase" and value in PHASES:
                        yield Fault(origin.place((*path, column)), _without_volet(str(value)))
                        continue
                    text = expected_found(message("one of: {known:list}", known=known[column]), value)
                    yield Fault(origin.place((*path, column)), text, nearest(str(value), map(str, known[column])))


def _payers(scenario: Scenario, origin: Origin) -> Faults:
    """Somebody who may pay each part of a transversal volet."""
    for name in scenario.transversal_volets if scenario.funders else ():
        for year, share in zip(scenario.horizon, scenario.profile(name), strict=False):
            own = {"volet": name, "year": year}
            if share and not any(
                all(column in own and own[column] in as_tuple(each) for column, each in funder.pays.items())
                for funder in scenario.funders
            ):
                text = message("No funder may pay this volet in {year}: see their `pays`.", year=year)
                yield Fault(origin.place(("volets", name)), text)
                break


def _links(scenario: Scenario, origin: Origin) -> Faults:
    yield from _unique([link.name for link in scenario.links], "links", origin)
    for number, link in enumerate(scenario.links):
        place = origin.place(("links", number))
        kinds = [link.at_most is not None, bool(link.all_or_none), link.only_if is not None]
        if sum(kinds) != 1:
            yield Fault(place, message("A link states one of `at_most`, `all_or_none = true` and `only_if`."))
        for word in repeated(list(link.candidates)):
            yield Fault(place, message("“{word}” stands here twice.", word=word))
        if link.only_if in link.candidates:
            yield Fault(place, message("“{word}” cannot depend on itself.", word=link.only_if))


def _decisions(scenario: Scenario, origin: Origin) -> Faults:
    for candidate in repeated([decision.candidate for decision in scenario.decisions]):
        numbers = [number for number, each in enumerate(scenario.decisions) if each.candidate == candidate]
        if len({scenario.decisions[number].decision for number in numbers}) > 1:
            text = message("Candidate {id} is both funded and rejected by hand.", id=candidate)
        else:
            text = message("Candidate {id} is decided twice.", id=candidate)
        yield Fault(origin.place(("decisions", numbers[-1])), text)


def _sources(scenario: Scenario, origin: Origin) -> Faults:
    from ptce_funding.scenario_files import resolve

    data = scenario.model_dump(mode="json", exclude={"sources", "candidates"})
    data |= {"candidates": {"file": scenario.candidates.file}}
    for dotted in scenario.sources:
        try:
            keys = resolve(data, dotted)
        except KeyError as error:
            yield Fault(origin.place(("sources", dotted)), error.args[0], error.args[1])
            continue
        here: Any = data
        for depth, key in enumerate(keys):
            if isinstance(here, dict) and key not in here:
                text = message("No parameter of the scenario has the path “{path}”.", path=dotted)
                words = [".".join(map(str, (*keys[:depth], each))) for each in here]
                yield Fault(origin.place(("sources", dotted)), text, nearest(dotted, words))
                break
            here = here[key]


def _unique(names: list[str], part: str, origin: Origin) -> Faults:
    for name in repeated(names):
        last = len(names) - 1 - names[::-1].index(name)
        yield Fault(origin.place((part, last)), message("The name “{name}” is taken already.", name=name))


_CHECKS: tuple[tuple[Callable[[Scenario, Origin], Faults], tuple[str, ...]], ...] = (
    (_tranches, ("envelope", "years")),
    (_cuts, ("envelope", "funders", "years")),
    (_funders, ("funders", "envelope", "years")),
    (volet_faults, ("volets",)),
    (payment_faults, ("volets", "years")),
    (envelope_faults, ("volets", "envelope")),
    (_phases, ("value", "volets")),
    (_weights, ("value",)),
    (plan_faults, ("volets", "years")),
    (_priority, ("priority", "value", "volets")),
    (_rules, ("rules", "targets")),
    (_conditions, ("rules", "targets", "funders", "volets", "first_year", "years")),
    (_payers, ("funders", "volets", "first_year", "years")),
    (_links, ("links",)),
    (_decisions, ("decisions",)),
    (sweep_faults, ("sweep",)),
    (_sources, tuple(Scenario.model_fields)),
)
