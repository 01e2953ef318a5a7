"""From settled grants to audited awards, and the jury's list as the first to be settled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ptce_funding.audit import AuditReport, audit
from ptce_funding.awards import Award, Charge
from ptce_funding.call import Call
from ptce_funding.errors import SplitError
from ptce_funding.messages import message
from ptce_funding.ranking import jury_order, rank
from ptce_funding.scenario import transversal_cost
from ptce_funding.split import Owed, hand_down, served, split

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Listing:
    """The jury's list, the baseline of every optimum.

    Parameters
    ----------
    order
        Funded candidates, best first.
    grants
        Grant of each step, in grant steps.
    awards, charges
        What they get, and what the envelope pays beside it.
    values
        Value by objective.
    report
        Audit of the list: the rules that it breaks.
    """

    order: tuple[str, ...]
    grants: Ints = field(compare=False, repr=False)
    awards: tuple[Award, ...]
    charges: tuple[Charge, ...]
    values: tuple[float, ...]
    report: AuditReport


def list_by_rank(call: Call) -> Listing:
    """Read the jury's list, and audit it."""
    grants = rank(call.scenario, call.candidates, call.fundable, call.formulation)
    awards, charges = lines_of(call, grants, may_break=True)
    report = audited(call, awards, charges)
    funded = {award.candidate for award in awards}
    ids = call.candidates.ids
    order = jury_order(call.scenario, call.candidates, call.fundable).tolist()
    listed = tuple(ids[i] for i in order if ids[i] in funded)
    return Listing(listed, grants, awards, charges, values_of(call, grants), report)


def values_of(call: Call, grants: Ints) -> tuple[float, ...]:
    """Return the value of grants, given by step in grant steps, by objective."""
    funded, worth = worth_of(call, grants)
    if call.scenario.priority.mode != "strict":
        return (float(worth.sum()),)
    group = call.fundable.group[call.formulation.steps.candidate[funded]]
    return tuple(float(worth[group == g].sum()) for g in range(call.fundable.groups))


def worth_of(call: Call, grants: Ints) -> tuple[Ints, Floats]:
    """Return the positions of the funded steps and the value of each; grants by step in grant steps."""
    steps, fixed = call.formulation.steps, call.scenario.value.fixed
    funded = np.flatnonzero(grants > 0)
    share = grants[funded] * call.scenario.envelope.grant_step / steps.ask[funded]
    return funded, steps.base[funded] * (fixed + (1.0 - fixed) * share)


def lines_of(call: Call, grants: Ints, may_break: bool) -> tuple[tuple[Award, ...], tuple[Charge, ...]]:
    """Return grants, given by step in grant steps, as awards and charges paid by funders.

    Parameters
    ----------
    may_break
        Whether rules that speak of funders, and what funders bring, may be broken where they must be, as on a jury's list.

    Raises
    ------
    SplitError
        When no split keeps what must be kept.
    """
    formulation, steps, scenario = call.formulation, call.formulation.steps, call.scenario
    funding = formulation.funding
    owed, opened = _owed(call, grants)
    paid = split(scenario, funding, steps, formulation.rules, grants, owed)
    if paid is None and may_break:
        paid = split(scenario, funding, steps, (), grants, owed)
    if paid is None and may_break:
        paid = split(scenario, funding, steps, (), grants, owed, is_bound=False)
    if paid is None:
        raise SplitError(message("The grants cannot be split between the funders."))
    ids, unit = call.candidates.ids, scenario.envelope.grant_step
    handed = hand_down(funding, paid, grants)
    own = np.array([s for s, _, _ in handed], dtype=np.int64)
    parts = zip(*(each[own].tolist() for each in (steps.candidate, steps.volet, steps.aid, steps.year)), strict=True)
    awards = [
        Award(ids[i], steps.volets[volet], steps.aids[aid], year, funding.names[f], part * unit)
        for (i, volet, aid, year), (_, f, part) in zip(parts, handed, strict=True)
    ]
    charges = []
    for j, group in enumerate(funding.charges):
        own = paid[funding.first_charge + j]
        needs = [(-1, int(own.sum()))] if group.share else opened[j]
        for i, f, part in served(needs, own):
            id_ = ids[i] if i >= 0 else ""
            charges.append(Charge(id_, group.volet, group.advantage, group.year, funding.names[f], part))
    return tuple(awards), tuple(sorted(charges))


def grants_of(call: Call, awards: Sequence[Award]) -> Ints | None:
    """Return the grant of each step, in grant steps: the reverse of `lines_of`; None where awards are no grants of this call."""
    steps, position, unit = call.formulation.steps, call.candidates.position, call.scenario.envelope.grant_step
    volets, aids = ({name: n for n, name in enumerate(names)} for names in (steps.volets, steps.aids))
    slots = {tuple(slot): n for n, slot in enumerate(steps.slots.tolist())}
    keys = []
    for award in awards:
        slot = slots.get((volets.get(award.volet), aids.get(award.aid), award.year))
        if slot is None or award.candidate not in position:
            return None
        keys.append(position[award.candidate] * len(slots) + slot)
    # Steps are sorted by candidate and slot.
    own = steps.candidate * len(slots) + steps.slot
    wanted = np.array(keys, dtype=np.int64)
    at = np.minimum(np.searchsorted(own, wanted), max(len(own) - 1, 0))
    if not np.array_equal(own[at] if len(own) else own, wanted):
        return None
    euros = np.zeros(len(steps), dtype=np.int64)
    np.add.at(euros, at, np.array([award.grant for award in awards], dtype=np.int64))
    grants, rest = np.divmod(euros, unit)
    is_grant = (grants == 0) | ((grants >= steps.floor) & (grants <= steps.ceiling))
    return grants if is_grant.all() and not rest.any() else None


def _owed(call: Call, grants: Ints) -> tuple[Owed, dict[int, list[tuple[int, int]]]]:
    """Return what is owed beside the grants; and by charge, which candidates open it, with the euros of each."""
    formulation = call.formulation
    n = len(np.unique(formulation.steps.candidate[grants > 0]))
    costs = {name: transversal_cost(call.scenario, name, n) for name in call.scenario.transversal_volets}
    advantages = {j: group for j, group in enumerate(formulation.funding.charges) if not group.share}
    opened: dict[int, list[tuple[int, int]]] = {}
    if advantages:
        is_chosen = formulation.columns_of(grants)[: len(formulation.plans)] > 0
        for j, group in advantages.items():
            chosen = is_chosen[group.plans]
            owners = formulation.plans.candidate[group.plans[chosen]].tolist()
            opened[j] = sorted(zip(owners, group.euros[chosen].tolist(), strict=True))
    return Owed(costs, {j: sum(euros for _, euros in each) for j, each in opened.items()}), opened


def audited(call: Call, awards: tuple[Award, ...], charges: tuple[Charge, ...]) -> AuditReport:
    """Return the audit of awards and charges."""
    ids = call.candidates.columns["id"]
    admissible = ids[call.screening.admissible].tolist()
    return audit(call.scenario, call.candidates, admissible, _possible(call), awards, charges)


def _possible(call: Call) -> Iterator[tuple[str, str, str, int]]:
    """Give the steps that could be funded if there were money enough, one after the other, if anybody asks."""
    ids, steps = call.candidates.columns["id"], call.possible
    for number, (volet, aid, year) in enumerate(steps.slots.tolist()):
        own = (steps.volets[volet], steps.aids[aid], year)
        yield from ((id_, *own) for id_ in ids[steps.candidate[steps.slot == number]].tolist())
