"""`ptce-fund explain`."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from ptce_funding.cli.main import EXIT_DONE, EXIT_NO_ALLOCATION, Argument, Command, Option
from ptce_funding.cli.options import (
    Override,
    changes_of,
    json_option,
    out_option,
    processes_option,
    replay_command,
    scenario_argument,
    scenario_options,
    solver_option,
)
from ptce_funding.messages import N_


@click.command(
    cls=Command,
    name="explain",
    help=N_(
        "Say why each CANDIDATE of SCENARIO, or everybody, is or is not funded, and what would change it: money asked for, merit, "
        "envelope, rules. Each answer is verified by solving."
    ),
)
@scenario_argument()
@click.argument("ids", nargs=-1, cls=Argument, metavar=N_("CANDIDATE") + "...")
@processes_option("--processes")
@click.option(
    "--no-rank",
    is_flag=True,
    cls=Option,
    help=N_("Leave out the rank of importance, which takes a solve for each candidate."),
)
@solver_option
@out_option(N_("Write explanations.json, explanations.csv and letters.md, paragraphs for letters of refusal, there."))
@json_option(N_("Print explanations.json alone on standard output."))
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenario: Path,
    ids: tuple[str, ...],
    processes: int | None,
    no_rank: bool,
    solver: str | None,
    folder: Path | None,
    as_json: bool,
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
) -> int:
    """Explain, print and write."""
    from ptce_funding.cli.progress import counting
    from ptce_funding.explaining.explain import explain
    from ptce_funding.files import write_whole
    from ptce_funding.loading import read_call
    from ptce_funding.pool import processors
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.explanations import explained_document, explained_table, show_explained
    from ptce_funding.report.letters import letters
    from ptce_funding.report.tables import as_csv
    from ptce_funding.report.terminal import Terminal

    asked, candidates = read_call(scenario, changes_of(overrides), candidates_file)
    with counting(lang, N_("Explaining {name}"), name=asked.name) as progress:
        explained = explain(
            asked,
            candidates,
            ids or None,
            solver=solver,
            processes=processes or processors(),
            is_ranked=not no_rank,
            progress=lambda done, of: progress(done, of, 0),
        )
    terminal = Terminal(lang, to_errors=as_json)
    if not explained.allocation.has_allocation:
        terminal.show_absence(explained.allocation)
        return EXIT_NO_ALLOCATION
    show_explained(terminal, explained)

    def replay(changes: Mapping[str, object]) -> str:
        return replay_command("simulate", scenario, overrides, candidates_file, solver, changes)

    words = shlex.join([*ids, *(["--no-rank"] if no_rank else [])])
    asked_by = f"{replay_command('explain', scenario, overrides, candidates_file, solver)} {words}".strip()
    page = explained_document(explained, asked_by, replay)
    if folder is not None:
        contents = {
            folder / "explanations.json": to_json(page).encode(),
            folder / "explanations.csv": as_csv(explained_table(explained, lang), lang),
            folder / "letters.md": letters(explained, lang).encode(),
        }
        write_whole(contents)
        terminal.written(contents)
    if as_json:
        click.echo(to_json(page), nl=False)
    return EXIT_DONE
