"""`ptce-fund export-model`."""

from pathlib import Path

import click

from ptce_funding.cli.main import Argument, Command
from ptce_funding.cli.options import Override, changes_of, scenario_argument, scenario_options
from ptce_funding.messages import N_, message


@click.command(
    cls=Command,
    name="export-model",
    help=N_(
        "Write the optimisation model of a SCENARIO with readable names, as LP or MPS by the ending of FILE. With a strict priority "
        "the groups before the last are solved first and held at their value."
    ),
)
@scenario_argument()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), cls=Argument, metavar=N_("FILE"))
@scenario_options
@click.pass_obj
def command(
    lang: str, scenario: Path, file: Path, overrides: tuple[Override, ...], candidates_file: Path | None
) -> None:
    """Write the model."""
    from ptce_funding.call import prepare
    from ptce_funding.export import export_model
    from ptce_funding.loading import read_call

    if file.suffix not in (".lp", ".mps"):
        text = message("Found the ending “{found}”, expected .lp or .mps.", found=file.suffix)
        raise click.UsageError(text.render(lang))
    rows, columns = export_model(prepare(*read_call(scenario, changes_of(overrides), candidates_file)), file)
    text = message(
        "Written: {file} ({rows} rows, {columns} columns; money in grant steps).",
        file=str(file),
        rows=rows,
        columns=columns,
    )
    click.echo(text.render(lang), err=True)
