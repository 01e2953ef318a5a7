"""What targets cost, in a terminal and as data."""

from fractions import Fraction
from typing import Any

from ptce_funding.audit import RuleCheck
from ptce_funding.clash import Shortfall
from ptce_funding.costing import Costing
from ptce_funding.indicators import indicators
from ptce_funding.messages import N_, euros, message, number
from ptce_funding.problem import Status
from ptce_funding.report.document import document, rule_line
from ptce_funding.report.terminal import Terminal
from ptce_funding.report.terminal_money import beside_others, dimensions, money
from ptce_funding.report.words import labels


def show(page: Terminal, costing: Costing, replay: str) -> None:
    """Print what the targets cost, or why no envelope reaches them.

    Parameters
    ----------
    replay
        Command that simulates the scenario with that envelope.
    """
    page.head(costing.call)
    allocation = costing.allocation
    if allocation is None or costing.envelope is None:
        _absence(page, costing)
        return
    page.funnel(allocation)
    unit = costing.call.scenario.envelope.grant_step
    page.say(message("Smallest envelope that reaches the targets: {total:euros}.", total=costing.envelope), "bold")
    if costing.status is Status.OPTIMAL and costing.is_least_stated:
        # Nothing was excluded below it: a smaller one is no scenario.
        page.say(
            message("It is the least that a scenario may state: one grant step, or the smallest grant."), "bold green"
        )
    elif costing.status is Status.OPTIMAL:
        text = message(
            "Proved ({solver}, {seconds:number} s): with {less:euros}, one grant step less, no allocation reaches them.",
            solver=costing.solver,
            seconds=round(costing.runtime, 2),
            less=costing.envelope - unit,
        )
        page.say(text, "bold green")
    else:
        text = message(
            "Not proved smallest within {limit:number} s: it does, and none below {bound:euros} does.",
            limit=costing.call.scenario.solve.time_limit,
            bound=costing.bound or 0,
        )
        page.say(text, "bold yellow")
    _targets(page, costing)
    page.say(message("What follows is the allocation of greatest value with that envelope, audited in exact integers."))
    figures = indicators(allocation)
    money(page, allocation, figures)
    text = message(
        "Of the secured co-financing, {local:euros} come from collectivités: the plans of finance count on it.",
        local=figures.local,
    )
    if figures.local:
        page.say(text)
    dimensions(page, allocation, figures)
    beside_others(page, allocation)
    page.say(message("The same money the other way: {command}", command=replay))


def _targets(page: Terminal, costing: Costing) -> None:
    table = page.table(N_("Target"), N_("Wanted"), N_("Reached"), right=(1, 2))
    skipped = 0
    for check in costing.targets:
        if check.is_skipped:
            skipped += 1
        else:
            wanted = page.measure(check, check.rule.min)
            table.add_row(page.rule_name(check), wanted, page.measure(check, check.activity))
    page.console.print(table)
    if skipped:
        page.say(message("Groups left out because nobody in them can be funded: {n}.", n=skipped), "dim")


def _absence(page: Terminal, costing: Costing) -> None:
    if costing.status is not Status.INFEASIBLE or costing.clash is None:
        limit = costing.call.scenario.solve.time_limit
        text = message(
            "No envelope was found within {limit:number} s; there may be one. Raise solve.time_limit.", limit=limit
        )
        page.say(text, "bold red")
        return
    page.say(message("No envelope reaches the targets: proved."), "bold red")
    clash = costing.clash
    if clash.members:
        page.say(
            message("What cannot hold together, however much money there is: {members:list}.", members=clash.members)
        )
    for each in clash.shortfalls:
        page.say(_shortfall(page, each))
    funnel = message(
        "{received} received, {admissible} admissible, {fundable} fundable.",
        received=len(costing.call.candidates),
        admissible=int(costing.call.screening.admissible.sum()),
        fundable=len(set(costing.call.possible.candidate.tolist())),
    )
    page.say(funnel)


def _shortfall(page: Terminal, each: Shortfall) -> Any:
    def shown(value: Fraction) -> str:
        return euros(float(value), page.lang) if each.measure == "amount" else number(float(value), page.lang, 2)

    return message(
        "Out of reach even alone: {name}: {wanted} wanted, {reachable} at most; {n} candidates could count.",
        name=each.name,
        wanted=shown(each.wanted),
        reachable=shown(each.reachable),
        n=each.candidates,
    )


def costing_document(costing: Costing, command: str, replay: str) -> dict[str, Any]:
    """Return what the targets cost as nested plain values.

    Parameters
    ----------
    command, replay
        Commands that give the result again, and that simulate the scenario with that envelope.
    """
    scenario, clash = costing.call.scenario, costing.clash
    return {
        "scenario": scenario.name,
        "title": None if scenario.title is None else scenario.title.model_dump(),
        "labels": labels(scenario),
        "synthetic_candidates": costing.call.candidates.is_synthetic,
        "status": costing.status.value,
        "envelope": costing.envelope,
        "bound": costing.bound,
        "grant_step": scenario.envelope.grant_step,
        "targets": [_target(check) for check in costing.targets],
        "changes": costing.changes,
        "clash": None
        if clash is None
        else {
            "members": [each.texts() for each in clash.members],
            "shortfalls": [
                {
                    "name": each.name.texts(),
                    "measure": each.measure,
                    "wanted": float(each.wanted),
                    "reachable": float(each.reachable),
                    "candidates": each.candidates,
                }
                for each in clash.shortfalls
            ],
        },
        "command": command,
        "simulate": replay,
        "allocation": None if costing.allocation is None else document(costing.allocation, replay),
    }


def _target(check: RuleCheck) -> dict[str, Any]:
    line = rule_line(check)
    return {key: line[key] for key in ("name", "group", "measure", "of", "min", "activity", "kept", "skipped")}
