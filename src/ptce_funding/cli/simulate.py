"""`ptce-fund simulate`."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptce_funding.cli.main import Command, Option
from ptce_funding.cli.nested import EnvelopesType, simulate_nested
from ptce_funding.cli.options import (
    Override,
    changes_of,
    json_option,
    out_option,
    replay_command,
    report_option,
    scenario_argument,
    scenario_options,
    solver_option,
    workbook_option,
)
from ptce_funding.cli.report import write_report
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.candidates import Candidates
    from ptce_funding.scenario import Scenario


@click.command(
    cls=Command,
    name="simulate",
    help=N_(
        "Find the allocation of greatest value that keeps all the rules of each SCENARIO, prove it, audit it and show it beside "
        "the jury's list."
    ),
)
@scenario_argument(nargs=-1)
@solver_option
@out_option(
    N_(
        "Write allocation.json and the tables awards, candidates, summary, calendar and breakdown (.csv) there; one folder a scenario when "
        "there are several."
    )
)
@workbook_option
@json_option(N_("Print allocation.json alone on standard output."))
@report_option
@click.option(
    "--nested",
    "envelopes",
    type=EnvelopesType(),
    cls=Option,
    metavar=N_("AMOUNTS"),
    help=N_(
        "Solve one scenario at several envelopes, e.g. 3e6,5e6,20e6, such that nobody funded at one loses at a larger one, and say what "
        "that costs; with --out writes nested.json and the tables envelopes and ladder (.csv)."
    ),
)
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenarios: tuple[Path, ...],
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
    folder: Path | None,
    workbook: Path | None,
    as_json: bool,
    report_file: Path | None,
    envelopes: tuple[int, ...] | None,
) -> int:
    """Solve each scenario, print and write its result."""
    from ptce_funding.allocation import allocate
    from ptce_funding.cli.clash import find_clash
    from ptce_funding.cli.progress import working
    from ptce_funding.problem import Status
    from ptce_funding.report.clash import clash_document, show_clash
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.document import document
    from ptce_funding.report.tables import write_result
    from ptce_funding.report.terminal import Terminal
    from ptce_funding.report.workbook import write_workbook

    if report_file is not None and len(scenarios) > 1:
        text = message("A report is of one scenario: give one with --report.")
        raise click.UsageError(text.render(lang), click.get_current_context())
    calls = _read(scenarios, changes_of(overrides), candidates_file)
    if envelopes is not None:
        if len(calls) > 1 or workbook is not None or report_file is not None:
            text = message("--nested takes one scenario and writes neither a workbook nor a report.")
            raise click.UsageError(text.render(lang), click.get_current_context())
        asked_by = replay_command("simulate", scenarios[0], overrides, candidates_file, solver)
        return simulate_nested(lang, *calls[0], envelopes, solver, folder, as_json, asked_by)
    if folder is not None or workbook is not None:
        _check_names([scenario.name for scenario, _ in calls], lang)
    books = _books(workbook, calls)
    terminal = Terminal(lang, to_errors=as_json)
    pages: list[dict[str, Any]] = []
    code = 0
    for path, book, (scenario, candidates) in zip(scenarios, books, calls, strict=True):
        with working(lang, N_("Solving {name}"), name=scenario.name):
            allocation = allocate(scenario, candidates, solver=solver)
        replay = partial(replay_command, "simulate", path, overrides, candidates_file, solver)
        clash = None
        if allocation.has_allocation:
            terminal.show(allocation)
        else:
            terminal.show_absence(allocation)
            code = 2
        if allocation.status is Status.INFEASIBLE:
            clash = find_clash(lang, scenario, candidates, solver)
            show_clash(terminal, clash, replay)
        if as_json or report_file is not None or folder is not None or book is not None:
            pages.append(document(allocation, replay(), clash_document(clash, replay)))
        files = []
        if folder is not None:
            target = folder / scenario.name if len(scenarios) > 1 else folder
            files += write_result(allocation, target, pages[-1], lang)
        if book is not None:
            write_workbook(allocation, book, pages[-1], lang)
            files.append(book)
        if report_file is not None:
            write_report(to_json(pages[-1]).encode(), report_file, lang)
            files.append(report_file)
        terminal.written(files)
    if as_json:
        click.echo(to_json(pages[0] if len(pages) == 1 else pages), nl=False)
    return code


def _read(
    paths: Sequence[Path], changes: dict[str, object], candidates_file: Path | None
) -> list[tuple["Scenario", "Candidates"]]:
    """Read scenarios and their candidates; the faults of all of them are told together, before any is solved."""
    from ptce_funding.call import prepare
    from ptce_funding.errors import Fault, InputError
    from ptce_funding.loading import read_call

    calls, faults = [], dict[str, Fault]()
    for path in paths:
        try:
            calls.append(read_call(path, changes, candidates_file))
            if len(paths) > 1:
                prepare(*calls[-1])
        except InputError as error:
            # One that all share, such as an override, is told once.
            faults |= {fault.render(): fault for fault in error.faults}
    if faults:
        raise InputError(faults.values())
    return calls


def _books(workbook: Path | None, calls: Sequence[tuple["Scenario", "Candidates"]]) -> Sequence[Path | None]:
    """Return the workbook of each scenario, one beside the other when there are several; raise when one cannot be written."""
    from ptce_funding.report.workbook import check_workbook

    if workbook is None:
        return [None] * len(calls)
    check_workbook(workbook)
    names = [f"{workbook.stem}-{scenario.name}{workbook.suffix}" for scenario, _ in calls]
    books = [workbook.with_name(name) for name in names] if len(calls) > 1 else [workbook]
    for book in books:
        check_workbook(book, *(candidates.file for _, candidates in calls))
    return books


def _check_names(names: Sequence[str], lang: str) -> None:
    """Refuse scenarios whose results would take each other's place."""
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        text = message(
            "Several scenarios have the same name, and so the same file or folder: {names:list}.", names=twice
        )
        raise click.UsageError(text.render(lang), click.get_current_context())
