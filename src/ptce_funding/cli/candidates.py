"""`ptce-fund candidates`."""

from pathlib import Path

import click

from ptce_funding.cli.main import Argument, Command, Commands, Option, lang_option
from ptce_funding.cli.options import Count, file_option
from ptce_funding.messages import N_, message


@click.group(
    cls=Commands,
    name="candidates",
    subcommand_metavar=N_("COMMAND [ARGS]..."),
    help=N_("Check a table of candidates, or draw a synthetic one."),
)
@lang_option
def command() -> None:
    """Hold the commands."""


@command.command(
    cls=Command, name="check", help=N_("Check a table (CSV, XLSX or ODS) and say everything that is wrong with it.")
)
@click.argument("file", type=click.Path(path_type=Path), cls=Argument, metavar=N_("FILE"))
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    cls=Option,
    metavar=N_("SCENARIO"),
    help=N_("Read it as this scenario reads it."),
)
@lang_option
@click.pass_obj
def check(lang: str, file: Path, scenario: Path | None) -> None:
    """Read a table."""
    from ptce_funding.loading import read_candidates
    from ptce_funding.scenario_files import read_scenario

    found = read_candidates(file, read_scenario(scenario) if scenario is not None else None)
    text = message(
        "{file}: no fault. {n} candidates, {columns} columns.", file=str(file), n=len(found), columns=len(found.kinds)
    )
    click.echo(text.render(lang))
    if found.is_synthetic:
        click.echo(message("The candidates are synthetic: no real dossier.").render(lang))


@command.command(
    cls=Command,
    name="synthesise",
    help=N_(
        "Draw a pool of synthetic candidates from a documented profile and a seed. Every row says that it is synthetic."
    ),
)
@click.option(
    "--profile",
    required=True,
    cls=Option,
    metavar=N_("NAME"),
    help=N_("A packaged profile (aap-2013, aap-2015, demo) or a file."),
)
@click.option(
    "--seed",
    required=True,
    type=Count(min=0),
    cls=Option,
    metavar=N_("N"),
    help=N_("Seed; the same gives the same pool."),
)
@file_option(N_("CSV file to write."), required=True)
@lang_option
@click.pass_obj
def synthesise(lang: str, profile: str, seed: int, out: Path) -> None:
    """Draw and write a pool."""
    from ptce_funding.candidates import write_candidates
    from ptce_funding.synthesis import synthesise as draw
    from ptce_funding.synthesis_profile import read_profile

    pool = draw(read_profile(profile), seed)
    write_candidates(pool, out, lang=lang)
    text = message(
        "Written: {file} ({n} synthetic candidates, profile {profile}, seed {seed}).",
        file=str(out),
        n=len(pool),
        profile=profile,
        seed=seed,
    )
    click.echo(text.render(lang))
