"""What an allocation comes to: money and candidates by phase, volet, region and funder, and what is left."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ptce_funding.accounts import by_year
from ptce_funding.allocation import Allocation
from ptce_funding.awards import Award
from ptce_funding.messages import Message, message
from ptce_funding.ranking import jury_order

#: Dimensions by which results are told, in order.
DIMENSIONS = ("phase", "volet", "aid", "year", "region", "funder")


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
class Indicators:
    """Key figures of an allocation.

    Parameters
    ----------
    mean, smallest, largest
        Grant of a supported candidate, all its awards together, in euros; None when nobody is supported.
    cofinancing
        Secured co-financing of what is supported, in euros.
    leverage
        Euros of co-financing for each euro granted; None when nothing is granted.
    jobs
        Jobs of the supported candidates; None when the table does not state them.
    slices
        Candidates and money by dimension; dimensions with nothing to tell apart are left out.
    years
        Commitments (AE) and payments (CP) by year, in euros.
    """

    mean: float | None
    smallest: int | None
    largest: int | None
    cofinancing: int
    leverage: float | None
    jobs: float | None
    slices: dict[str, tuple[Slice, ...]]
    years: dict[int, tuple[int, int]]


def indicators(allocation: Allocation) -> Indicators:
    """Compute the key figures."""
    call, awards, granted = allocation.call, allocation.awards, allocation.granted
    grants: dict[str, int] = defaultdict(int)
    for award in awards:
        grants[award.candidate] += award.grant
    cofinancing = _cofinancing(allocation)
    jobs = None
    if "jobs" in call.candidates.kinds:
        row = {id_: i for i, id_ in enumerate(call.candidates.ids)}
        jobs = float(np.nansum(call.candidates.column("jobs")[[row[id_] for id_ in sorted(grants)]])) if grants else 0.0
    return Indicators(
        mean=granted / len(grants) if grants else None,
        smallest=min(grants.values(), default=None),
        largest=max(grants.values(), default=None),
        cofinancing=cofinancing,
        leverage=cofinancing / granted if granted else None,
        jobs=jobs,
        slices={name: slices for name in DIMENSIONS if (slices := _slices(allocation, name))},
        years=by_year(call.scenario, awards),
    )


def _cofinancing(allocation: Allocation) -> int:
    """Sum the secured co-financing of the funded steps.

    Where the aids of a volet share their columns, only one of them is granted, so nothing counts twice.
    """
    steps, ids = allocation.call.formulation.steps, allocation.call.candidates.ids
    funded = {(award.candidate, award.volet, award.aid, award.year) for award in allocation.awards}
    return sum(
        int(steps.cofinancing[s])
        for s in range(len(steps))
        if (ids[steps.candidate[s]], steps.volets[steps.volet[s]], steps.aids[steps.aid[s]], int(steps.year[s]))
        in funded
    )


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
            "volet": list(call.scenario.volets),
            "aid": sorted({aid for volet in call.scenario.volets.values() for aid in volet.aids}),
            "year": [str(year) for year in call.scenario.horizon],
            "funder": [funder.name for funder in call.scenario.funders],
        }[dimension]
    else:
        if dimension not in call.candidates.kinds:
            return ()
        column = call.candidates.column(dimension)
        values = dict(zip(call.candidates.ids, column.tolist(), strict=True))
        own[dimension] = lambda award: str(values[award.candidate])
        known = sorted({str(value) for value in column[call.screening.admissible].tolist()})
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
    ids = call.candidates.ids
    order = [ids[i] for i in jury_order(call.scenario, call.candidates, call.fundable)]
    funded = set(allocation.supported)
    outranked = {refusal.candidate for refusal in allocation.refused if refusal.outcome == "outranked"}
    return [id_ for id_ in order if id_ in funded][-size:], [id_ for id_ in order if id_ in outranked][:size]


def unspent_reasons(allocation: Allocation) -> list[Message]:
    """Return why money is left; empty when none is."""
    left, call = allocation.unspent, allocation.call
    if not left or not allocation.has_allocation:
        return []
    unit, steps = call.scenario.envelope.grant_step, call.formulation.steps
    reasons = []
    if left < unit:
        return [message("less than one grant step of {unit:euros}", unit=unit)]
    paid: dict[str, int] = defaultdict(int)
    for award in allocation.awards:
        paid[award.funder] += award.grant
    for funder in call.scenario.funders:
        over = call.scenario.funder_amounts[funder.name] - paid[funder.name]
        if over >= unit and funder.pays:
            text = message(
                "{over:euros} of {funder}, who may pay only some projects",
                over=over,
                funder=funder.title or funder.name,
            )
            reasons.append(text)
    if call.formulation.funding.is_split:
        # Each funder pays whole grant steps, so what its amount leaves over is lost to all.
        odd = sum(amount % unit for amount in call.scenario.funder_amounts.values())
        if odd:
            reasons.append(message("{odd:euros} of the funders' amounts make no whole grant step", odd=odd))
    funded, ids = set(allocation.supported), call.candidates.ids
    waiting = [s for s in range(len(steps)) if ids[steps.candidate[s]] not in funded]
    if not waiting:
        return [*reasons, message("every fundable candidate is funded; the rest is held by ceilings and rules")]
    least = min(int(steps.floor[s]) for s in waiting) * unit
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
