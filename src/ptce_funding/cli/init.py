"""`ptce-fund init`."""

from pathlib import Path

import click

from ptce_funding.cli.main import Argument, Command, lang_option
from ptce_funding.messages import N_, message


@click.command(
    cls=Command,
    name="init",
    help=N_(
        "Make the folder NAME with a working scenario, synthetic candidates to replace by your own, and the schema for editors."
    ),
)
@click.argument("name", cls=Argument, metavar=N_("NAME"))
@lang_option
@click.pass_obj
def command(lang: str, name: str) -> None:
    """Make a folder to start from."""
    from ptce_funding.starter import make_starter

    scenario = make_starter(Path(name), lang)
    text = message(
        "Made {folder}. Try it: ptce-fund simulate {scenario}", folder=str(scenario.parent), scenario=str(scenario)
    )
    click.echo(text.render(lang))
