"""`ptce-fund check`."""

from pathlib import Path

import click

from ptce_funding.cli.main import Command
from ptce_funding.cli.options import Override, changes_of, scenario_argument, scenario_options
from ptce_funding.messages import N_


@click.command(
    cls=Command,
    name="check",
    help=N_("Check a SCENARIO and its candidates without solving, and show where each number comes from."),
)
@scenario_argument()
@scenario_options
@click.pass_obj
def command(lang: str, scenario: Path, overrides: tuple[Override, ...], candidates_file: Path | None) -> int:
    """Validate and print the ledger."""
    from ptce_funding.call import prepare
    from ptce_funding.ledger import ledger
    from ptce_funding.loading import read_call
    from ptce_funding.messages import message
    from ptce_funding.plain_clashes import plain_clashes
    from ptce_funding.report.terminal import Terminal

    call = prepare(*read_call(scenario, changes_of(overrides), candidates_file))
    terminal = Terminal(lang)
    terminal.show_check(ledger(call.scenario, call.criteria, call.candidates.is_synthetic))
    text = message(
        "{file}: no fault. {received} candidates, {admissible} admissible, {fundable} fundable.",
        file=str(scenario),
        received=len(call.candidates),
        admissible=int(call.screening.admissible.sum()),
        fundable=len(set(call.fundable.steps.candidate.tolist())),
    )
    clashes = plain_clashes(call)
    terminal.say(text, "bold green" if not clashes else "")
    for each in clashes:
        terminal.say(each, "bold red")
    return 2 if clashes else 0
