"""Faults of volets: who enters and when, what a grant may be, what serves the whole scheme."""

from collections.abc import Iterator

from ptce_funding.errors import Fault
from ptce_funding.messages import message, nearest
from ptce_funding.money import exact
from ptce_funding.scenario import Scenario, transversal_cost
from ptce_funding.scenario_faults import Origin, expected_found, repeated
from ptce_funding.toml_lines import Path
from ptce_funding.volets import Volet

Faults = Iterator[Fault]

#: What only a transversal volet states, and what any volet may.
_TRANSVERSAL = ("fixed", "per_ptce", "min_share", "max_share")
_COMMON = ("title", "transversal", "payments")


def volet_faults(scenario: Scenario, origin: Origin) -> Faults:
    """Return what is wrong with single volets, and with which one opens which."""
    if not scenario.step_volets:
        yield Fault(origin.place(("volets",)), message("Every volet is transversal: candidates can enter none."))
    for name, volet in scenario.volets.items():
        path: Path = ("volets", name)
        inside: list[tuple[str, Path]] = [(aid, (*path, "aids", aid)) for aid in volet.aids]
        inside += [(advantage, (*path, "advantages", advantage)) for advantage in volet.advantages]
        for word, where in [(name, path), *inside]:
            if not word.replace("_", "").replace("-", "").isalnum() or not word.isascii():
                text = message(
                    "Found the name “{found}”, expected letters without accents, digits, “_” or “-”.", found=word
                )
                yield Fault(origin.place(where), text)
        if volet.transversal:
            yield from _transversal(volet, path, origin)
        else:
            yield from _entered(scenario, name, origin)
    told = set()
    for (volet_name, aid), terms in scenario.supports().items():
        grant = terms.grant
        if grant is not None and grant.max is not None and grant.min > grant.max:
            text = message(
                "The smallest grant, {min:euros}, is above the largest, {max:euros}.", min=grant.min, max=grant.max
            )
            has_own = aid and scenario.volets[volet_name].aids[aid].grant is not None
            where = ("volets", volet_name, *(("aids", aid) if has_own else ()), "grant")
            if where not in told:
                yield Fault(origin.place(where), text)
            told.add(where)


def _transversal(volet: Volet, path: Path, origin: Origin) -> Faults:
    for key in sorted(volet.model_fields_set - {*_COMMON, *_TRANSVERSAL}):
        text = message("A transversal volet has no candidates, so it has no “{key}”.", key=key)
        yield Fault(origin.place((*path, key)), text)
    if volet.min_share is not None and volet.max_share is not None and volet.min_share > volet.max_share:
        text = message(
            "The least share, {min:percent}, is above the largest, {max:percent}.",
            min=volet.min_share,
            max=volet.max_share,
        )
        yield Fault(origin.place((*path, "min_share")), text)
    if not (volet.fixed or volet.per_ptce or volet.min_share):
        text = message("A transversal volet states what it costs: `fixed`, `per_ptce` or `min_share`.")
        yield Fault(origin.place(path), text)


def _entered(scenario: Scenario, name: str, origin: Origin) -> Faults:
    """Who may enter a volet, and when."""
    volet, path = scenario.volets[name], ("volets", name)
    for key in sorted(volet.model_fields_set & set(_TRANSVERSAL)):
        text = message("“{key}” belongs to a transversal volet: state `transversal = true`.", key=key)
        yield Fault(origin.place((*path, key)), text)
    if volet.aids_mode is not None and len(volet.aids) < 2:
        text = message("`aids_mode` chooses among several aids; this volet has {n}.", n=len(volet.aids))
        yield Fault(origin.place((*path, "aids_mode")), text)
    if volet.aids_mode is None and len(volet.aids) >= 2:
        text = message("A volet with several aids states `aids_mode`: either or both.")
        yield Fault(origin.place((*path, "aids")), text)
    for phase in repeated(volet.phases):
        yield Fault(origin.place((*path, "phases")), message("“{word}” stands here twice.", word=phase))
    if not volet.phases and not volet.after:
        yield Fault(
            origin.place(path), message("A volet states `phases`, who may enter, or `after`, which volets open it.")
        )
    for other in volet.after:
        if other not in scenario.step_volets or other == name:
            known = [each for each in scenario.step_volets if each != name]
            text = expected_found(message("one of: {known:list}", known=known), other)
            yield Fault(origin.place((*path, "after")), text, nearest(other, known))
    if volet.unit_cost is not None:
        terms = {"grant", "rate", "rate_bonus", "public_cap", "tolerance", "local_min", "local_required"}
        for key in sorted({"aids", *terms} & volet.model_fields_set):
            text = message("A volet with a unit cost is borne in full, so it has no “{key}”.", key=key)
            yield Fault(origin.place((*path, key)), text)
    if not volet.phases and volet.after and name not in _reachable(scenario):
        text = message("Nobody can ever enter this volet: none of those that open it can be entered.")
        yield Fault(origin.place((*path, "after")), text)


def _reachable(scenario: Scenario) -> set[str]:
    """Return the volets that some phase enters, or that such a volet opens."""
    found = {name for name, volet in scenario.volets.items() if volet.phases}
    while more := {name for name, volet in scenario.volets.items() if found & set(volet.after)} - found:
        found |= more
    return found


def payment_faults(scenario: Scenario, origin: Origin) -> Faults:
    """Return profiles of payment that do not make a whole, or that leave the horizon where they may not."""
    for name, volet in scenario.volets.items():
        if volet.payments is None:
            continue
        place, total = origin.place(("volets", name, "payments")), sum(map(exact, volet.payments))
        if total != 1:
            text = message("The payments add up to {total:percent}, expected 100 %.", total=float(total))
            yield Fault(place, text)
        if volet.transversal and len(volet.payments) > scenario.years:
            text = message(
                "Found {found} payments of a transversal volet, expected one for each of the {years} years at most.",
                found=len(volet.payments),
                years=scenario.years,
            )
            yield Fault(place, text)


#: Grant steps beside which single euros would drown in the tolerance of solvers.
_LARGEST_STEP = 100_000
#: More plans for one candidate than can be listed.
_MOST_PLANS = 100_000


def plan_faults(scenario: Scenario, origin: Origin) -> Faults:
    """Return more plans than can be listed: every volet may start in every year, with every set of its aids."""
    count = 1
    for volet in scenario.step_volets.values():
        aids = max(len(volet.aids), 1)
        count *= 1 + scenario.years * (2**aids - 1 if volet.aids_mode == "both" else aids)
    if count > _MOST_PLANS:
        text = message(
            "Volets, aids and years make {n:number} plans for one candidate, at most {most:number} can be listed: "
            "fewer years, volets or aids are needed.",
            n=float(count),
            most=_MOST_PLANS,
        )
        yield Fault(origin.place(("volets",)), text)


def envelope_faults(scenario: Scenario, origin: Origin) -> Faults:
    """Return grants, unit costs and transversal costs that no envelope of this size can pay."""
    total, step = scenario.envelope.total, scenario.envelope.grant_step
    smallest = {key: terms.grant.min for key, terms in scenario.supports().items() if terms.grant is not None}
    if smallest and min(smallest.values()) > total:
        text = message(
            "The smallest grant, {min:euros}, is above the whole envelope, {total:euros}.",
            min=min(smallest.values()),
            total=total,
        )
        yield Fault(origin.place(("volets", next(iter(smallest))[0], "grant")), text)
    for name, volet in scenario.volets.items():
        if volet.unit_cost is not None and volet.unit_cost < step:
            yield Fault(origin.place(("volets", name, "unit_cost")), message("The unit cost is below one grant step."))
        if volet.transversal and transversal_cost(scenario, name, 0) > total:
            text = message(
                "The volet costs {cost:euros} before anybody is supported, more than the whole envelope, {total:euros}.",
                cost=transversal_cost(scenario, name, 0),
                total=total,
            )
            yield Fault(origin.place(("volets", name)), text)
    is_charged = scenario.transversal_volets or any(
        advantage.charged == "inside" for volet in scenario.volets.values() for advantage in volet.advantages.values()
    )
    if is_charged and step > _LARGEST_STEP:
        text = message(
            "Beside transversal volets and advantages paid by the envelope, which come in single euros, expected a grant step of at "
            "most {most:euros}.",
            most=_LARGEST_STEP,
        )
        yield Fault(origin.place(("envelope", "grant_step")), text)
    if step > total:
        yield Fault(origin.place(("envelope", "grant_step")), message("The grant step is above the whole envelope."))
