"""The `ptce-fund` command: commands by name, each loaded when it is asked for; errors as exit codes."""

import importlib
import os
import sys
from collections.abc import Sequence
from gettext import gettext

import click

from ptce_funding.cli.language import requested, speak
from ptce_funding.languages import LANGUAGES, N_

#: Module and help of each command; help is here so that listing commands loads none.
COMMANDS = {
    "simulate": ("simulate", N_("Find the best allocation of one or more scenarios, prove it and audit it.")),
    "check": ("check", N_("Check a scenario and its candidates, and show where each number comes from.")),
    "init": ("init", N_("Make a folder with a working scenario and its candidates to start from.")),
    "candidates": ("candidates", N_("Check a table of candidates, or draw a synthetic one.")),
    "export-model": ("export_model", N_("Write the optimisation model of a scenario as LP or MPS.")),
    "schema": ("schema", N_("Print the JSON Schema of scenario files, for editors.")),
}

EXIT_DONE, EXIT_INPUT, EXIT_NO_ALLOCATION, EXIT_INTERNAL, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the names and the help."""
        plain, self.help = self.help, gettext(self.help) if self.help else None
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = plain


class Command(click.Command):
    """A command whose help is translated when it is shown."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Make the help option anew: click keeps the first one, in the language of that time."""
        self._help_option = None
        return super().get_help_option(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help."""
        plain, self.help = self.help, gettext(self.help) if self.help else None
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = plain


class Group(Command, click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ptce_funding.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section(gettext("Commands")):
            formatter.write_dl([(name, gettext(text)) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one is nearest."""
        from ptce_funding.messages import message, nearest

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            text = message("There is no command “{name}”.", name=name).render(ctx.obj or LANGUAGES[0])
            hint = nearest(name, COMMANDS)
            more = message("Did you mean “{hint}”?", hint=hint).render(ctx.obj or LANGUAGES[0]) if hint else ""
            ctx.fail(f"{text} {more}".strip())
        return super().resolve_command(ctx, args)


lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    cls=Option,
    help=N_("Language of what is printed: fr (default) or en."),
)


def _print_version(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"ptce-fund {version('ptce-fund')}")
        context.exit()


@click.command(
    cls=Group,
    name="ptce-fund",
    help=N_("Allocate a funding envelope to territorial clusters (PTCE): by optimum, with proof, audit and reasons."),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@lang_option
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    cls=Option,
    help=N_("Print the version."),
)
def cli() -> None:
    """Hold the commands."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    lang = requested(arguments)
    speak(lang)
    try:
        outcome = cli.main(list(arguments), prog_name="ptce-fund", standalone_mode=False, obj=lang)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return EXIT_INPUT
    except click.UsageError as error:
        if error.ctx is not None:
            click.echo(error.ctx.get_usage(), err=True)
        click.echo(gettext("Error: {message}").format(message=error.format_message()), err=True)
        return EXIT_INPUT
    except click.ClickException as error:
        click.echo(gettext("Error: {message}").format(message=error.format_message()), err=True)
        return EXIT_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo(gettext("Interrupted. What was finished before is kept; nothing half-written is left."), err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has had enough; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:
        return _reported(error, lang)
    return outcome if isinstance(outcome, int) else EXIT_DONE


def _reported(error: Exception, lang: str) -> int:
    """Print an error of this package and return its exit code; anything else is a fault of ours and keeps its traceback."""
    from ptce_funding.errors import FundingError, InputError, NoAllocationError
    from ptce_funding.messages import message

    if isinstance(error, OSError):
        text = message(
            "{file}: {reason}.", file=str(error.filename or ""), reason=error.strerror or type(error).__name__
        )
        click.echo(gettext("Error: {message}").format(message=text.render(lang)), err=True)
        return EXIT_INPUT
    if not isinstance(error, FundingError):
        raise error
    if isinstance(error, InputError):
        for fault in error.faults:
            click.echo(fault.render(lang), err=True)
        click.echo(message("Faults found: {n}.", n=len(error.faults)).render(lang), err=True)
        return EXIT_INPUT
    click.echo(gettext("Error: {message}").format(message=error.render(lang)), err=True)
    return EXIT_NO_ALLOCATION if isinstance(error, NoAllocationError) else EXIT_INTERNAL


def main() -> None:
    """Run the command line of this process."""
    # A terminal or pipe that cannot show a character gets a replacement, never a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))
