"""What targets cost, in a terminal and as data."""

from collections.abc import Mapping
from typing import Any

from ptce_funding.audit import RuleCheck
from ptce_funding.costing import Costing
from ptce_funding.indicators import indicators
from ptce_funding.messages import N_, message
from ptce_funding.plain_clashes import plain_clashes
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
    page.command(message("The same money the other way: {command}", command=replay))


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
    if costing.status is not Status.INFEASIBLE:
        limit = costing.call.scenario.solve.time_limit
        text = message(
            "No envelope was found within {limit:number} s; there may be one. Raise solve.time_limit.", limit=limit
        )
        page.say(text, "bold red")
        return
    page.say(message("No envelope reaches the targets: proved."), "bold red")
    for reason in plain_clashes(costing.call):
        page.say(reason, "bold red")
    funnel = message(
        "{received} received, {admissible} admissible, {fundable} fundable.",
        received=len(costing.call.candidates),
        admissible=int(costing.call.screening.admissible.sum()),
        fundable=len(set(costing.call.possible.candidate.tolist())),
    )
    page.say(funnel)


def costing_document(
    costing: Costing, command: str, replay: str, clash: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what the targets cost as nested plain values.

    Parameters
    ----------
    command, replay
        Commands that give the result again, and that simulate the scenario with that envelope.
    clash
        Why no envelope reaches the targets, as `clash_document` tells it; None where one does, or where it is not known.
    """
    scenario = costing.call.scenario
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
        "clash": clash,
        "command": command,
        "simulate": replay,
        "allocation": None if costing.allocation is None else document(costing.allocation, replay),
    }


def _target(check: RuleCheck) -> dict[str, Any]:
    line = rule_line(check)
    return {key: line[key] for key in ("name", "group", "measure", "of", "min", "activity", "kept", "skipped")}
