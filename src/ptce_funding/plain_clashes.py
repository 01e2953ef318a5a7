"""What cannot hold together and needs no solving to be seen: a sum that is too large, or that cannot become large enough."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
from ptce_funding.limits import Limits, rule_name
from ptce_funding.messages import Message, message
from ptce_funding.money import exact, steps_up
from ptce_funding.rules import RuleRow
from ptce_funding.vocabulary import ColumnLabel

Floats = npt.NDArray[np.float64]

#: Sums of floats that are closer to a limit than this share of it are left to the solver.
_CLEAR = 1e-6


def plain_clashes(call: Call) -> tuple[Message, ...]:
    """Return, without solving, why no allocation can exist; empty where nothing is plain to see.

    Candidates funded by hand that nobody may fund, or that need more than there is; floors above all that could count.
    """
    return (*call.impossible, *_forced(call), *_floors(call))


def _forced(call: Call) -> Iterator[Message]:
    """What those funded by hand need at least, each by the plan that needs least, against every limit."""
    formulation, position = call.formulation, call.candidates.position
    forced = sorted({position[each.candidate] for each in call.scenario.decisions if each.decision == "fund"})
    plans = formulation.plans
    owned = [np.flatnonzero(plans.candidate == i) for i in forced]
    if call.impossible or not forced or not all(map(len, owned)):
        return
    for row in formulation.rules:
        yield from _too_many(row, [np.isin(each, row.plans) for each in owned])
    if formulation.envelope is not None:
        return
    limits, unit = Limits(call.scenario, formulation), call.scenario.envelope.grant_step
    used = np.zeros_like(limits.limit)
    for own in owned:
        takes = np.zeros((len(own), len(limits.limit)), dtype=limits.limit.dtype)
        for nth, plan in enumerate(own.tolist()):
            for step in plans.step[plans.first[plan] : plans.first[plan + 1]].tolist():
                pools = limits.pool[step]  # one of each family; those of none share the last, which has no limit
                takes[nth, pools] += formulation.steps.floor[step] * limits.weight[pools, formulation.steps.slot[step]]
        of, charged, amount = limits.charges.among(own)
        np.add.at(takes, (of, limits.charged[charged]), amount)
        used += takes.min(axis=0)
    used[-1] = 0
    left, told = limits.left(used, np.array([len(forced)])), set()
    for pool in np.flatnonzero(left[:-1] < 0).tolist():
        limit, parts = int(limits.limit[pool]), limits.parts[pool]
        most, least = (float(Fraction(each, parts)) * unit for each in (limit, limit - int(left[pool])))
        if (most, least) in told:
            continue  # the same in other words: all that all funders bring, say
        told.add((most, least))
        yield message(
            "The candidates funded by hand take at least {least:euros} of what has a limit of {most:euros}: {limit}.",
            limit=limits.names[pool],
            most=most,
            least=least,
        )


def _too_many(row: RuleRow, is_counted: list[npt.NDArray[np.bool_]]) -> Iterator[Message]:
    """Those funded by hand alone pass the cap of a rule that counts candidates, whatever their plans."""
    if row.rule.measure != "count" or row.maximum is None:
        return
    n = sum(bool(each.all()) for each in is_counted)
    if n > row.maximum:
        yield message(
            "Of the candidates funded by hand {n} count, of whom at most {most:number} may: {rule}.",
            rule=_name(row, False),
            most=row.maximum,
            n=n,
        )


def _floors(call: Call) -> Iterator[Message]:
    """Floors above what all who count could come to together, were there money enough."""
    targets = {target.name for target in call.scenario.targets}
    for row in call.formulation.rules:
        asked, measure = row.minimum, row.rule.measure
        if asked is None or asked <= 0:
            continue
        if not row.is_money:
            by_candidate = _most_of(call, row.plans, row.weights)
        elif measure == "amount" or (row.rule.of == "envelope" and call.formulation.envelope is None):
            by_candidate, asked = _most_money(call, row), _euros(call, row)
        else:
            continue
        most, n = float(by_candidate.sum()), int(np.count_nonzero(by_candidate))
        if most >= asked - _CLEAR * max(asked, 1.0):
            continue
        name = _name(row, row.rule.name in targets)
        if not n and row.rule.by:
            yield message(
                "Out of reach: {rule}. Nobody who could count can be funded; only_possible = true leaves such groups out.",
                rule=name,
            )
        elif not n:
            yield message("Out of reach: {rule}. Nobody who could count can be funded.", rule=name)
        elif measure == "count":
            yield message(
                "Out of reach: {rule}. {asked:number} candidates are asked for, at most {most:number} could be funded.",
                rule=name,
                asked=asked,
                most=most,
            )
        elif row.is_money:
            yield message(
                "Out of reach: {rule}. {asked:euros} are asked for, the {n} candidates that count could get {most:euros} at most.",
                rule=name,
                asked=asked,
                most=most,
                n=n,
            )
        else:
            yield message(
                "Out of reach: {rule}. {asked:number} are asked for of “{column}”, the {n} who count bring {most:number} at most.",
                rule=name,
                asked=asked,
                column=ColumnLabel(measure),
                most=most,
                n=n,
            )


def _most_of(call: Call, plans: npt.NDArray[np.int64], worth: Floats) -> Floats:
    """Return the most that each candidate could come to by one of some plans."""
    most = np.zeros(len(call.candidates))
    np.maximum.at(most, call.formulation.plans.candidate[plans], worth)
    return most


def _most_money(call: Call, row: RuleRow) -> Floats:
    """Return the euros that each candidate could be granted at most of what a rule measures."""
    plans, steps, unit = call.formulation.plans, call.formulation.steps, call.scenario.envelope.grant_step
    counts = np.zeros(len(steps))
    counts[row.steps] = steps.ceiling[row.steps]
    by_plan = np.bincount(plans.plan, weights=counts[plans.step], minlength=len(plans)).astype(float)
    most = _most_of(call, np.arange(len(plans)), by_plan) * unit
    limit = call.scenario.envelope.candidate_max
    return most if limit is None else np.minimum(most, limit)


def _euros(call: Call, row: RuleRow) -> float:
    """Return the euros that the floor of a rule asks for, in whole grant steps where it does so in euros."""
    unit, stated = call.scenario.envelope.grant_step, exact(row.minimum or 0)
    if row.rule.measure == "amount":
        return float(steps_up(stated, unit) * unit)
    return float(stated * call.scenario.envelope.total)


def _name(row: RuleRow, is_target: bool) -> Message:
    if not is_target:
        return rule_name(row)
    title = row.rule.title or row.rule.name
    if not row.group:
        return message("the target “{target}”", target=title)
    return message("the target “{target}” ({group:list})", target=title, group=[value for _, value in row.group])
