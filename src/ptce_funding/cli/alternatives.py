"""`ptce-fund alternatives`."""

import shlex
from pathlib import Path
from typing import Any

import click

from ptce_funding.cli.main import Command, Option
from ptce_funding.cli.options import (
    Override,
    changes_of,
    json_option,
    lang_of,
    out_option,
    replay_command,
    scenario_argument,
    scenario_options,
    solver_option,
)
from ptce_funding.messages import N_, message


class LossType(click.ParamType[float]):
    """A share of the value: ``0.5%`` or ``0.005``; a comma may stand for the point."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the share."""
        if isinstance(value, float):
            return value
        lang = lang_of(ctx)
        text = "".join(str(value).split()).replace(",", ".")
        number, is_percent = text.removesuffix("%"), text.endswith("%")
        try:
            # Through the decimal as written: 0.5 / 100 is not the double that is nearest to 0.005 for every number.
            share = float(f"{number}e-2") if is_percent else float(number)
        except ValueError:
            share = -1.0
        if not 0 <= share < 1:
            fault = message(
                "Found “{found}”, expected a share below the whole, such as 0.5% or 0.005.", found=str(value)
            )
            self.fail(fault.render(lang), param, ctx)
        return share


@click.command(
    cls=Command,
    name="alternatives",
    help=N_(
        "Find the most different lists of SCENARIO whose value is within a stated loss of the optimum, each solved and audited, and prove "
        "who is on all such lists, on some, on none."
    ),
)
@scenario_argument()
@click.option(
    "--within",
    type=LossType(),
    required=True,
    cls=Option,
    metavar=N_("LOSS"),
    help=N_("What a list may lose of the value of the optimum: 0.5% or 0.005."),
)
@click.option(
    "--count",
    type=click.IntRange(2, 100),
    default=5,
    cls=Option,
    metavar=N_("N"),
    help=N_("Different lists to seek, the optimum among them (5); those that the proof finds come on top."),
)
@click.option("--no-proof", is_flag=True, cls=Option, help=N_("Do not prove who is on all lists, on some, on none."))
@click.option(
    "--draw",
    is_flag=True,
    cls=Option,
    help=N_("Draw one of the lists by the public text of --seed; the draw is recorded."),
)
@click.option(
    "--seed",
    cls=Option,
    metavar=N_("TEXT"),
    help=N_("Public text or number by which a list is drawn, to be fixed before the lists are known."),
)
@solver_option
@out_option(N_("Write alternatives.json and the tables lists and members (.csv) there."))
@json_option(N_("Print alternatives.json alone on standard output."))
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenario: Path,
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
    folder: Path | None,
    as_json: bool,
    within: float,
    count: int,
    no_proof: bool,
    draw: bool,
    seed: str | None,
) -> int:
    """Seek the lists, print and write them."""
    from ptce_funding.cli.progress import working
    from ptce_funding.diversity import alternatives
    from ptce_funding.errors import Interrupted
    from ptce_funding.loading import read_call
    from ptce_funding.report.diversity import alternatives_document, show, write_alternatives
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.terminal import Terminal

    if draw != bool(seed):
        fault = message("--draw and --seed go together: a draw takes a public text that is not empty.")
        raise click.UsageError(fault.render(lang), click.get_current_context())
    asked, candidates = read_call(scenario, changes_of(overrides), candidates_file)
    with working(lang, N_("Seeking lists of {name}"), name=asked.name) as say:

        def told(n: int) -> None:
            say(message("Seeking lists of {name}: {n} found", name=asked.name, n=n))

        try:
            found = alternatives(
                asked, candidates, within, count=count, prove=not no_proof, seed=seed, solver=solver, told=told
            )
        except Interrupted as stopped:
            found = stopped.found
    words = ["--within", str(within), "--count", str(count), *(["--no-proof"] if no_proof else [])]
    words += ["--draw", "--seed", seed] if seed is not None else []
    replay = f"{replay_command('alternatives', scenario, overrides, candidates_file, solver)} {shlex.join(words)}"
    page = alternatives_document(found, replay)
    terminal = Terminal(lang, to_errors=as_json)
    show(terminal, found)
    if folder is not None and found.variants:
        terminal.written(write_alternatives(found, folder, page, lang))
    if as_json:
        click.echo(to_json(page), nl=False)
    if found.is_interrupted:
        raise KeyboardInterrupt
    return 0 if found.variants else 2
