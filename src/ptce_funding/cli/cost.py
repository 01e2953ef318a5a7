"""`ptce-fund cost`."""

from functools import partial
from pathlib import Path

import click

from ptce_funding.cli.main import Command
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


@click.command(
    cls=Command,
    name="cost",
    help=N_(
        "Find the smallest envelope that reaches the targets of SCENARIO, prove it, and show who gets what with it, by volet, year "
        "and funder; or say which targets no envelope reaches, and why."
    ),
)
@scenario_argument()
@solver_option
@out_option(N_("Write cost.json and the files of `simulate` for that envelope there."))
@workbook_option
@json_option(N_("Print cost.json alone on standard output."))
@report_option
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenario: Path,
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
    folder: Path | None,
    workbook: Path | None,
    as_json: bool,
    report_file: Path | None,
) -> int:
    """Seek the envelope, print and write it."""
    from ptce_funding.cli.clash import find_clash
    from ptce_funding.cli.progress import working
    from ptce_funding.costing import cost
    from ptce_funding.files import write_whole
    from ptce_funding.loading import read_call
    from ptce_funding.problem import Status
    from ptce_funding.report.clash import clash_document, show_clash
    from ptce_funding.report.costing import costing_document, show
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.tables import write_result
    from ptce_funding.report.terminal import Terminal
    from ptce_funding.report.workbook import check_workbook, write_workbook

    asked, candidates = read_call(scenario, changes_of(overrides), candidates_file)
    if workbook is not None:
        check_workbook(workbook, candidates.file)
    with working(lang, N_("Seeking the envelope of {name}"), name=asked.name):
        costing = cost(asked, candidates, solver=solver)
    # The last word on a parameter counts, so that what was asked before may stay.
    replay = replay_command("simulate", scenario, overrides, candidates_file, solver, costing.changes)
    asked_by = replay_command("cost", scenario, overrides, candidates_file, solver)
    terminal = Terminal(lang, to_errors=as_json)
    show(terminal, costing, replay)
    clash, changed = None, partial(replay_command, "cost", scenario, overrides, candidates_file, solver)
    if costing.status is Status.INFEASIBLE:
        clash = find_clash(lang, asked, candidates, solver, is_sought=True)
        show_clash(terminal, clash, changed)
    page = costing_document(costing, asked_by, replay, clash_document(clash, changed))
    files = []
    if folder is not None:
        written = []
        if costing.allocation is not None:
            written = write_result(costing.allocation, folder, page["allocation"], lang)
        write_whole({folder / "cost.json": to_json(page).encode()})
        files += [folder / "cost.json", *written]
    if workbook is not None and costing.allocation is not None:
        write_workbook(costing.allocation, workbook, page["allocation"], lang, costing)
        files.append(workbook)
    elif workbook is not None:
        terminal.say(message("{file} is not written, since there is no allocation to put into it.", file=str(workbook)))
    if report_file is not None:
        write_report(to_json(page).encode(), report_file, lang)
        files.append(report_file)
    terminal.written(files)
    if as_json:
        click.echo(to_json(page), nl=False)
    return 0 if costing.allocation is not None else 2
