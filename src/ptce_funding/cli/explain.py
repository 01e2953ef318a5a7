"""`ptce-fund explain`."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

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
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.explaining.explain import Explained

#: Files of a result; of one that was interrupted, so that it takes the place of no other; and what keeps it to go on from.
_WHOLE = ("explanations.json", "explanations.csv", "letters.md")
_PARTIAL = ("explanations.partial.json", "explanations.partial.csv", "letters.partial.md")
_STORE = "explanations.kept.jsonl"


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
@out_option(
    N_("Write explanations.json, explanations.csv and letters.md, paragraphs for the letters to candidates, there.")
)
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
    from ptce_funding.errors import Interrupted
    from ptce_funding.explaining.explain import explain
    from ptce_funding.files import write_whole
    from ptce_funding.loading import read_call
    from ptce_funding.pool import processors
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.explanations import explained_document, show_explained
    from ptce_funding.report.terminal import Terminal

    def replay(changes: Mapping[str, object]) -> str:
        return replay_command("simulate", scenario, overrides, candidates_file, solver, changes)

    words = shlex.join([*ids, *(["--no-rank"] if no_rank else [])])
    asked_by = f"{replay_command('explain', scenario, overrides, candidates_file, solver)} {words}".strip()
    asked, candidates = read_call(scenario, changes_of(overrides), candidates_file)
    try:
        with counting(lang, N_("Explaining {name}"), name=asked.name) as progress:
            explained = explain(
                asked,
                candidates,
                ids or None,
                solver=solver,
                processes=processes or processors(),
                is_ranked=not no_rank,
                progress=lambda done, of: progress(done, of, 0),
                store=None if folder is None else folder / _STORE,
            )
    except Interrupted as stopped:
        if folder is not None:
            page = explained_document(stopped.found, asked_by, replay)
            _write_partial(stopped.found, folder, to_json(page), lang)
        raise
    terminal = Terminal(lang, to_errors=as_json)
    if not explained.allocation.has_allocation:
        terminal.show_absence(explained.allocation)
        return EXIT_NO_ALLOCATION
    show_explained(terminal, explained)
    page = explained_document(explained, asked_by, replay)
    if folder is not None:
        contents = _contents(explained, folder, to_json(page), lang)
        write_whole(contents)
        for name in (*_PARTIAL, _STORE):
            (folder / name).unlink(missing_ok=True)
        terminal.written(contents)
    if as_json:
        click.echo(to_json(page), nl=False)
    return EXIT_DONE


def _write_partial(explained: "Explained", folder: Path, page: str, lang: str) -> None:
    """Write what was explained before an interruption, under names of its own, and say what is missing."""
    from ptce_funding.files import write_whole

    missing = len(explained.pending)
    if missing == explained.needed:
        return
    write_whole(_contents(explained, folder, page, lang, _PARTIAL))
    text = message(
        "Still to be solved: {missing} of {needed} candidates. What is finished is in {folder}, in files named “partial”; the same "
        "command goes on from there.",
        missing=missing,
        needed=explained.needed,
        folder=str(folder),
    )
    click.echo(text.render(lang), err=True)


def _contents(
    explained: "Explained", folder: Path, page: str, lang: str, names: tuple[str, str, str] = _WHOLE
) -> dict[Path, bytes]:
    """Return the files of explanations, by path."""
    from ptce_funding.report.explanations import explained_table
    from ptce_funding.report.letters import letters
    from ptce_funding.report.tables import as_csv

    contents = (page.encode(), as_csv(explained_table(explained, lang), lang), letters(explained, lang).encode())
    return {folder / name: content for name, content in zip(names, contents, strict=True)}
