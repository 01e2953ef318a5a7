"""`ptce-fund simulate`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptce_funding.cli.main import Command, Option
from ptce_funding.cli.options import (
    Override,
    changes_of,
    replay_command,
    scenario_argument,
    scenario_options,
    solver_option,
)
from ptce_funding.cli.report import report_option, write_report
from ptce_funding.messages import N_, message
from ptce_funding.solver_names import NAMES

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
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    cls=Option,
    metavar=N_("FOLDER"),
    help=N_(
        "Write allocation.json and the tables awards, candidates, summary, calendar and breakdown (.csv) there; one folder a scenario when "
        "there are several."
    ),
)
@click.option("--json", "as_json", is_flag=True, cls=Option, help=N_("Print allocation.json alone on standard output."))
@report_option
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenarios: tuple[Path, ...],
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
    folder: Path | None,
    as_json: bool,
    report_file: Path | None,
) -> int:
    """Solve each scenario, print and write its result."""
    from ptce_funding.allocation import allocate
    from ptce_funding.cli.progress import working
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.document import document
    from ptce_funding.report.tables import write_result
    from ptce_funding.report.terminal import Terminal

    solver = solver.lower() if solver is not None and solver.lower() in NAMES else solver
    if report_file is not None and len(scenarios) > 1:
        text = message("A report is of one scenario: give one with --report.")
        raise click.UsageError(text.render(lang), click.get_current_context())
    calls = _read(scenarios, changes_of(overrides), candidates_file)
    if folder is not None:
        _check_names([scenario.name for scenario, _ in calls], lang)
    terminal = Terminal(lang, to_errors=as_json)
    pages: list[dict[str, Any]] = []
    code = 0
    for path, (scenario, candidates) in zip(scenarios, calls, strict=True):
        with working(lang, N_("Solving {name}"), name=scenario.name):
            allocation = allocate(scenario, candidates, solver=solver)
        if allocation.has_allocation:
            terminal.show(allocation)
        else:
            terminal.show_absence(allocation)
            code = 2
        if as_json or folder is not None or report_file is not None:
            pages.append(document(allocation, replay_command("simulate", path, overrides, candidates_file, solver)))
        if folder is not None:
            target = folder / scenario.name if len(scenarios) > 1 else folder
            terminal.written(write_result(allocation, target, pages[-1], lang))
    if report_file is not None:
        write_report(to_json(pages[0]).encode(), report_file, lang)
        terminal.written([report_file])
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


def _check_names(names: Sequence[str], lang: str) -> None:
    """Refuse scenarios whose results would take each other's place."""
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        text = message("Several scenarios have the same name, and so the same folder: {names:list}.", names=twice)
        raise click.UsageError(text.render(lang), click.get_current_context())
