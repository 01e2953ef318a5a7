"""`ptce-fund schema`."""

from pathlib import Path

import click

from ptce_funding.cli.main import Command, lang_option
from ptce_funding.cli.options import file_option
from ptce_funding.messages import N_


@click.command(
    cls=Command, name="schema", help=N_("Print the JSON Schema of scenario files; editors complete and check with it.")
)
@file_option(N_("Write it to a file."))
@lang_option
def command(out: Path | None) -> None:
    """Print or write the schema."""
    from ptce_funding.files import write_whole
    from ptce_funding.schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
    else:
        write_whole({out: schema_text().encode()})
