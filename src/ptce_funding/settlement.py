"""From settled grants to audited awards, and the jury's list as the first to be settled."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ptce_funding.audit import AuditReport, audit
from ptce_funding.awards import Award
from ptce_funding.call import Call
from ptce_funding.errors import AuditError
from ptce_funding.messages import message
from ptce_funding.ranking import jury_order, rank
from ptce_funding.split import hand_down, split

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Listing:
    """The jury's list, the baseline of every optimum.

    Parameters
    ----------
    order
        Funded candidates, best first.
    grants
        Grant of each step, in grant steps.
    awards
        What they get.
    values
        Value by objective.
    report
        Audit of the list: the rules that it breaks.
    """

    order: tuple[str, ...]
    grants: Ints = field(compare=False, repr=False)
    awards: tuple[Award, ...]
    values: tuple[float, ...]
    report: AuditReport


def list_by_rank(call: Call) -> Listing:
    """Read the jury's list, and audit it."""
    grants = rank(call.scenario, call.candidates, call.fundable, call.formulation)
    awards = awards_of(call, grants, may_break=True)
    report = audited(call, awards)
    funded = {award.candidate for award in awards}
    ids = call.candidates.ids
    order = [ids[i] for i in jury_order(call.scenario, call.candidates, call.fundable)]
    return Listing(tuple(id_ for id_ in order if id_ in funded), grants, awards, values_of(call, grants), report)


def values_of(call: Call, grants: Ints) -> tuple[float, ...]:
    """Return the value of grants, given by step in grant steps, by objective."""
    steps, scenario = call.formulation.steps, call.scenario
    fixed = scenario.value.fixed
    funded = np.flatnonzero(grants > 0)
    share = grants[funded] * scenario.envelope.grant_step / steps.ask[funded]
    worth = steps.base[funded] * (fixed + (1.0 - fixed) * share)
    if scenario.priority.mode != "strict":
        return (float(worth.sum()),)
    group = call.fundable.group[steps.candidate[funded]]
    return tuple(float(worth[group == g].sum()) for g in range(call.fundable.groups))


def awards_of(call: Call, grants: Ints, may_break: bool) -> tuple[Award, ...]:
    """Return grants, given by step in grant steps, as awards paid by funders.

    Parameters
    ----------
    may_break
        Whether rules that speak of funders may be broken where they must be, as on a jury's list.

    Raises
    ------
    AuditError
        When no split keeps what must be kept: a fault of this program.
    """
    formulation, steps = call.formulation, call.formulation.steps
    paid = split(call.scenario, formulation.funding, formulation.rules, grants)
    if paid is None and may_break:
        paid = split(call.scenario, formulation.funding, (), grants)
    if paid is None:
        raise AuditError(message("The grants cannot be split between the funders."))
    ids = call.candidates.ids
    unit = call.scenario.envelope.grant_step
    awards = [
        Award(
            candidate=ids[steps.candidate[s]],
            volet=steps.volets[steps.volet[s]],
            aid=steps.aids[steps.aid[s]],
            year=int(steps.year[s]),
            funder=formulation.funding.names[f],
            grant=part * unit,
        )
        for s, f, part in hand_down(formulation.funding, paid, grants)
    ]
    return tuple(awards)


def audited(call: Call, awards: tuple[Award, ...]) -> AuditReport:
    """Return the audit of awards."""
    ids, steps = call.candidates.ids, call.formulation.steps
    admissible = {ids[i] for i in np.flatnonzero(call.screening.admissible)}
    fundable = {
        (ids[i], steps.volets[v], steps.aids[a], int(year))
        for i, v, a, year in zip(steps.candidate, steps.volet, steps.aid, steps.year, strict=True)
    }
    return audit(call.scenario, call.candidates, admissible, fundable, awards)
