"""What an allocation comes to: money and candidates by phase, volet, region and funder, what comes beside it, and what is left."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ptce_funding.accounts import by_year
from ptce_funding.allocation import Allocation
from ptce_funding.awards import Award
from ptce_funding.benefits import advantage_costs
from ptce_funding.cells import alphabetical
from ptce_funding.comparators import per_pole
from ptce_funding.messages import Message, message
from ptce_funding.ranking import jury_order
from ptce_funding.refusals import with_outcome
from ptce_funding.scenario import transversal_cost

#: Dimensions by which results are told, in order.
DIMENSIONS = ("phase", "volet", "aid", "year", "region", "funder")

#: The volet that labels, whatever it brings; others label by the advantages that they open (003:686-690).
LABEL = "labelling"


@dataclass(frozen=True, slots=True)
class Slice:
    """One group of a dimension.

    Parameters
    ----------
    key
        Value of the dimension.
    supported
        Candidates with money in the group.
    granted
        Euros.
    """

    key: str
    supported: int
    granted: int


@dataclass(frozen=True, slots=True)
class AdvantageTotal:
    """What an advantage of a volet comes to.

    Parameters
    ----------
    volet, advantage
        Volet that brings it, and its name.
    supported
        Candidates that have it.
    amount
        Euros, all its years together.
    is_inside
        Whether the envelope pays it.
    """

    volet: str
    advantage: str
    supported: int
    amount: int
    is_inside: bool


@dataclass(frozen=True, slots=True)
class Indicators:
    """Key figures of an allocation.

    Parameters
    ----------
    mean, smallest, largest
        Grant of a supported candidate, all its awards together, in euros; None when nobody is supported.
    per_year
        Euros for a supported candidate and year from its first to its last payment; None when nobody is supported.
    cofinancing, local
        Secured co-financing of what is supported, and what of it collectivités bring, in euros.
    leverage
        Euros of co-financing for each euro granted; None when nothing is granted.
    jobs
        Jobs of the supported candidates; None when the table does not state them.
    labelled
        Candidates with an award in a volet that labels; None when no volet does.
    transversal
        Cost of each transversal volet, in euros.
    advantages
        What each advantage comes to.
    inside, outside
        Euros of the advantages that the envelope pays, and of the others.
    public
        What the envelope pays and the advantages outside it, in euros.
    slices
        Candidates and money by dimension; dimensions with nothing to tell apart are left out.
    years
        Commitments (AE) and payments (CP) by year, charges included, in euros.
    """

    mean: float | None
    smallest: int | None
    largest: int | None
    per_year: float | None
    cofinancing: int
    local: int
    leverage: float | None
    jobs: float | None
    labelled: int | None
    transversal: dict[str, int]
    advantages: tuple[AdvantageTotal, ...]
    inside: int
    outside: int
    public: int
    slices: dict[str, tuple[Slice, ...]]
    years: dict[int, tuple[int, int]]


def indicators(allocation: Allocation) -> Indicators:
    """Compute the key figures."""
    call, awards, granted = allocation.call, allocation.awards, allocation.granted
    grants: dict[str, int] = defaultdict(int)
    for award in awards:
        grants[award.candidate] += award.grant
    cofinancing, local = _cofinancing(allocation)
    advantages = _advantages(allocation)
    outside = sum(each.amount for each in advantages if not each.is_inside)
    jobs = None
    if "jobs" in call.candidates.kinds:
        rows = [call.candidates.position[id_] for id_ in sorted(grants)]
        jobs = float(np.nansum(call.candidates.column("jobs")[rows])) if grants else 0.0
    return Indicators(
        mean=granted / len(grants) if grants else None,
        smallest=min(grants.values(), default=None),
        largest=max(grants.values(), default=None),
        per_year=per_pole(allocation).per_year,
        cofinancing=cofinancing,
        local=local,
        leverage=cofinancing / granted if granted else None,
        jobs=jobs,
        labelled=_labelled(allocation),
        transversal={
            name: sum(charge.amount for charge in allocation.charges if charge.volet == name)
            for name in call.scenario.transversal_volets
        },
        advantages=advantages,
        inside=sum(each.amount for each in advantages if each.is_inside),
        outside=outside,
        public=granted + allocation.charged + outside,
        slices={name: slices for name in DIMENSIONS if (slices := _slices(allocation, name))},
        years=by_year(call.scenario, awards, allocation.charges),
    )


def _cofinancing(allocation: Allocation) -> tuple[int, int]:
    """Sum the secured co-financing of the funded steps, and what of it collectivités bring.

    Where the aids of a volet share their columns, only one of them is granted, so nothing counts twice.
    """
    steps, funded = allocation.call.formulation.steps, allocation.grants > 0
    return int(steps.cofinancing[funded].sum()), int(steps.local[funded].sum())


def _labelled(allocation: Allocation) -> int | None:
    volets = [name for name, volet in allocation.call.scenario.step_volets.items() if name == LABEL or volet.advantages]
    return len({award.candidate for award in allocation.awards if award.volet in volets}) if volets else None


def _advantages(allocation: Allocation) -> tuple[AdvantageTotal, ...]:
    found = []
    opened: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in allocation.benefits:
        opened[each.volet, each.advantage].append(each.amount)
    for volet, stated in allocation.call.scenario.step_volets.items():
        for name, advantage in stated.advantages.items():
            amounts = opened[volet, name]
            found.append(AdvantageTotal(volet, name, len(amounts), sum(amounts), advantage.charged == "inside"))
    return tuple(found)


def _slices(allocation: Allocation, dimension: str) -> tuple[Slice, ...]:
    call = allocation.call
    own: dict[str, Callable[[Award], str]] = {
        "volet": lambda award: award.volet,
        "aid": lambda award: award.aid,
        "year": lambda award: str(award.year),
        "funder": lambda award: award.funder,
    }
    if dimension in own:
        known = {
            "volet": list(call.scenario.step_volets),
            "aid": sorted({aid for volet in call.scenario.volets.values() for aid in volet.aids}, key=alphabetical),
            "year": [str(year) for year in call.scenario.horizon],
            "funder": [funder.name for funder in call.scenario.funders],
        }[dimension]
    else:
        if dimension not in call.candidates.kinds:
            return ()
        column = call.candidates.column(dimension)
        values = dict(zip(call.candidates.ids, column.tolist(), strict=True))
        own[dimension] = lambda award: str(values[award.candidate])
        known = sorted({str(value) for value in column[call.screening.admissible].tolist()}, key=alphabetical)
    if dimension in ("aid", "year", "funder") and len(known) < 2:
        return ()
    key_of = own[dimension]
    money: dict[str, int] = defaultdict(int)
    funded: dict[str, set[str]] = defaultdict(set)
    for award in allocation.awards:
        money[key_of(award)] += award.grant
        funded[key_of(award)].add(award.candidate)
    return tuple(Slice(key, len(funded[key]), money[key]) for key in known)


def line(allocation: Allocation, size: int = 3) -> tuple[list[str], list[str]]:
    """Return the funded who rank lowest and the outranked who rank highest in the jury's order, best first."""
    call = allocation.call
    if not allocation.has_allocation:
        return [], []
    order = jury_order(call.scenario, call.candidates, call.fundable)
    funded, outranked = (
        order[np.isin(order, with_outcome(call, allocation.grants, outcome))] for outcome in ("funded", "outranked")
    )
    ids = call.candidates.ids
    return [ids[i] for i in funded[-size:]], [ids[i] for i in outranked[:size]]


def _least_waiting(allocation: Allocation) -> int | None:
    """Return the fewest euros that one more candidate would cost the envelope, charges included; None when none is waiting."""
    call, n = allocation.call, len(allocation.supported)
    scenario, steps = call.scenario, call.formulation.steps
    more = sum(
        transversal_cost(scenario, name, n + 1) - transversal_cost(scenario, name, n)
        for name in scenario.transversal_volets
    )
    cost = steps.floor * scenario.envelope.grant_step + more
    for v, volet in enumerate(steps.volets):
        for advantage in scenario.volets[volet].advantages.values():
            if advantage.charged == "inside":
                cost += np.where(steps.volet == v, advantage_costs(call.candidates, advantage)[steps.candidate], 0)
    is_waiting = ~np.isin(steps.candidate, [call.candidates.position[id_] for id_ in allocation.supported])
    return int(cost[is_waiting].min()) if is_waiting.any() else None


def unspent_reasons(allocation: Allocation) -> list[Message]:
    """Return why money is left; empty when none is."""
    left, call = allocation.unspent, allocation.call
    if not left or not allocation.has_allocation:
        return []
    unit, reasons = call.scenario.envelope.grant_step, []
    if left < unit:
        return [message("less than one grant step of {unit:euros}", unit=unit)]
    paid: dict[str, int] = defaultdict(int)
    charged: dict[str, int] = defaultdict(int)
    for charge in allocation.charges:
        charged[charge.funder] += charge.amount
    for award in allocation.awards:
        paid[award.funder] += award.grant
    for funder in call.scenario.funders:
        over = call.scenario.funder_amounts[funder.name] - paid[funder.name] - charged[funder.name]
        if over >= unit and funder.pays:
            text = message(
                "{over:euros} of {funder}, who may pay only some projects",
                over=over,
                funder=funder.title or funder.name,
            )
            reasons.append(text)
    if call.formulation.funding.is_split:
        # Each funder pays grants in whole steps, so what its amount leaves over beside its charges is lost to all.
        odd = sum((amount - charged[name]) % unit for name, amount in call.scenario.funder_amounts.items())
        if odd:
            reasons.append(message("{odd:euros} of the funders' amounts make no whole grant step", odd=odd))
    least = _least_waiting(allocation)
    if least is None:
        if not len(call.fundable.steps):
            return [*reasons, message("no candidate can be funded")]
        text = message("every fundable candidate is funded, and what they ask, ceilings, years and rules allow no more")
        return [*reasons, text]
    if left < least:
        return [
            *reasons,
            message(
                "{left:euros} is below the smallest grant that anybody waiting can take, {least:euros}",
                left=left,
                least=least,
            ),
        ]
    return [*reasons, message("rules or tranches hold it back, or granting it would lower the value")]
