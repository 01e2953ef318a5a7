"""`ptce-fund simulate`."""

import shlex
from pathlib import Path
from typing import Any

import click

from ptce_funding.cli.main import Command, Option
from ptce_funding.cli.options import scenario_argument, scenario_options, solver_option
from ptce_funding.messages import N_


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
    metavar="FOLDER",
    help=N_(
        "Write allocation.json, awards.csv, candidates.csv and summary.csv there; one folder a scenario when there are several."
    ),
)
@click.option("--json", "as_json", is_flag=True, cls=Option, help=N_("Print allocation.json alone on standard output."))
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenarios: tuple[Path, ...],
    overrides: tuple[tuple[str, object], ...],
    candidates_file: Path | None,
    solver: str | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Solve each scenario, print and write its result."""
    from ptce_funding.allocation import allocate
    from ptce_funding.cli.progress import working
    from ptce_funding.loading import read_call
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.document import document
    from ptce_funding.report.tables import write_result
    from ptce_funding.report.terminal import Terminal

    changes = dict(overrides)
    calls = [read_call(path, changes, candidates_file) for path in scenarios]
    terminal = Terminal(lang, to_errors=as_json)
    documents: list[dict[str, Any]] = []
    code = 0
    for path, (scenario, candidates) in zip(scenarios, calls, strict=True):
        with working(lang, N_("Solving {name}"), name=scenario.name):
            allocation = allocate(scenario, candidates, solver=solver)
        replay = replay_command(path, changes, candidates_file, solver)
        documents.append(document(allocation, replay))
        if allocation.has_allocation:
            terminal.show(allocation)
        else:
            terminal.show_absence(allocation)
            code = 2
        if folder is not None:
            target = folder / scenario.name if len(scenarios) > 1 else folder
            terminal.written(write_result(allocation, target, replay, lang))
    if as_json:
        click.echo(to_json(documents[0] if len(documents) == 1 else documents), nl=False)
    return code


def replay_command(path: Path, changes: dict[str, object], candidates_file: Path | None, solver: str | None) -> str:
    """Return the command that gives a result again."""
    import json

    words = ["ptce-fund", "simulate", path.as_posix()]
    for key, value in changes.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        words += ["--set", f"{key}={text}"]
    words += ["--candidates", candidates_file.as_posix()] if candidates_file is not None else []
    words += ["--solver", solver] if solver is not None else []
    return shlex.join(words)
