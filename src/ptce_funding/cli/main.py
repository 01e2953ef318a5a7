"""The `ptce-fund` command: commands by name, each loaded when it is asked for; errors as exit codes."""

import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from gettext import gettext
from typing import Any, NoReturn, TextIO

import click

from ptce_funding.cli.language import requested, speak
from ptce_funding.languages import LANGUAGES, N_

#: Module and help of each command; help is here so that listing commands loads none.
COMMANDS = {
    "simulate": ("simulate", N_("Find the best allocation of one or more scenarios, prove it and audit it.")),
    "compare": ("compare", N_("Hold several scenarios or results side by side, or price the rules of one.")),
    "cost": ("cost", N_("Find the smallest envelope that reaches the targets of a scenario.")),
    "alternatives": (
        "alternatives",
        N_("Find the most different lists within a loss of value, and who is on all, some and none of them."),
    ),
    "sweep": ("sweep", N_("Solve a scenario for many values of some parameters, and show what changes with them.")),
    "explain": (
        "explain",
        N_("Say why each candidate is or is not funded, and what would change it, proved by solving."),
    ),
    "report": ("report", N_("Write a result as one HTML page that opens offline and prints well.")),
    "check": ("check", N_("Check a scenario and its candidates, and show where each number comes from.")),
    "init": ("init", N_("Make a folder with a working scenario and its candidates to start from.")),
    "candidates": ("candidates", N_("Check a table of candidates, or draw a synthetic one.")),
    "export-model": ("export_model", N_("Write the optimisation model of a scenario as LP or MPS.")),
    "schema": ("schema", N_("Print the JSON Schema of scenario files, for editors.")),
}

EXIT_DONE, EXIT_INPUT, EXIT_NO_ALLOCATION, EXIT_INTERNAL, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


def language(ctx: click.Context | None) -> str:
    """Return the language of what is being read."""
    asked = ctx.obj if ctx is not None else None
    return asked if isinstance(asked, str) else LANGUAGES[0]


def _named(names: Sequence[str], ctx: click.Context | None) -> str:
    """Return the names of an option or an argument for an error, in the quotation marks of the language."""
    from ptce_funding.messages import message

    return " / ".join(message("“{text}”", text=name).render(language(ctx)) for name in names)


def _unknown(ctx: click.Context, text: str, name: str, known: Iterable[str]) -> NoReturn:
    """Say that something is not there, and what is nearest to it."""
    from ptce_funding.messages import Message, message, nearest

    told, bare = Message(text, (("name", name),)), {each.lstrip("-"): each for each in known}
    hint = nearest(name.lstrip("-"), bare)
    more = [message("Did you mean “{hint}”?", hint=bare[hint])] if hint else []
    ctx.fail(" ".join(each.render(language(ctx)) for each in (told, *more)))


class Choice(click.Choice[str]):
    """One of some words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what was found and what was expected."""
        from ptce_funding.messages import message

        text = message(
            "“{value}” is unknown; expected one of: {choices:list}.", value=value, choices=list(self.choices)
        )
        return text.render(language(ctx))


class Argument(click.Argument):
    """An argument whose name is translated when it is shown."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the name for an error."""
        return _named([self.make_metavar(ctx) if ctx is not None else self.human_readable_name], ctx)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the name; dots say that it may be repeated."""
        name = super().make_metavar(ctx)
        bare = name.removesuffix("...")
        return gettext(bare) + name[len(bare) :]


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the names for an error."""
        return _named(self.opts, ctx)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what stands for the value."""
        name = super().make_metavar(ctx)
        return gettext(name) if self.metavar is not None else name

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the names and the help."""
        plain, self.help = self.help, gettext(self.help) if self.help else None
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = plain


class Command(click.Command):
    """A command whose help is translated when it is shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line; of an unknown option say which one is nearest."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = [name for each in self.get_params(ctx) for name in each.opts if name.startswith("--")]
            _unknown(ctx, N_("There is no option “{name}”."), error.option_name, known)

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


class Commands(Command, click.Group):
    """A command with commands below it."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the words of the line of usage."""
        *pieces, rest = super().collect_usage_pieces(ctx)
        return [*pieces, gettext(rest)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which one is nearest."""
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            _unknown(ctx, N_("There is no command “{name}”."), args[0], known)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their help translated."""
        with formatter.section(gettext("Commands")):
            formatter.write_dl([(name, gettext(str(each.help))) for name, each in self.commands.items()])


class Group(Commands):
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


lang_option = click.option(
    "--lang",
    type=Choice(LANGUAGES),
    expose_value=False,
    cls=Option,
    help=N_("Language of what is printed; French unless said."),
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
    subcommand_metavar=N_("COMMAND [ARGS]..."),
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
@click.pass_obj
def cli(lang: str) -> None:
    """Hold the commands."""
    from ptce_funding.cli.notices import show_notices

    show_notices(lang)


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    lang = requested(arguments)
    speak(lang)
    try:
        outcome = cli.main(list(arguments), prog_name="ptce-fund", standalone_mode=False, obj=lang)
        # What cannot be written any more is said here, not by Python when it ends.
        click.echo(nl=False)
    except click.exceptions.NoArgsIsHelpError as error:
        _say(error.format_message())
        return EXIT_INPUT
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        if context is not None:
            _say(context.get_usage())
        _say(gettext("Error: {message}").format(message=error.format_message()))
        return EXIT_INPUT
    except (click.Abort, KeyboardInterrupt):
        _say(gettext("Interrupted. What was finished before is kept; nothing half-written is left."))
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has had enough; Python would complain once more when it closes the stream.
        _discard(sys.stdout)
        return EXIT_DONE
    except Exception as error:
        return _reported(error, lang)
    return outcome if isinstance(outcome, int) else EXIT_DONE


def _say(text: str) -> None:
    """Print on standard error; where even that cannot be written, the exit code has to do."""
    try:
        click.echo(text, err=True)
    except OSError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Let a stream that cannot be written lead nowhere, so that closing it does not fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _reported(error: Exception, lang: str) -> int:
    """Print an error and return its exit code; one that is not of this package is a fault of ours and shows where it comes from."""
    from ptce_funding.errors import FundingError, InputError, NoAllocationError
    from ptce_funding.messages import message

    if isinstance(error, OSError):
        _say(gettext("Error: {message}").format(message=_system_error(error).render(lang)))
        return EXIT_INPUT
    if isinstance(error, InputError):
        for fault in error.faults:
            _say(fault.render(lang))
        _say(message("Faults found: {n}.", n=len(error.faults)).render(lang))
        return EXIT_INPUT
    if isinstance(error, FundingError):
        _say(gettext("Error: {message}").format(message=error.render(lang)))
        return EXIT_NO_ALLOCATION if isinstance(error, NoAllocationError) else EXIT_INTERNAL
    import traceback

    _say("".join(traceback.format_exception(error)))
    text = message("This is a fault of the program, not of what you gave it; please report it with the lines above.")
    _say(gettext("Error: {message}").format(message=text.render(lang)))
    return EXIT_INTERNAL


def _system_error(error: OSError) -> Any:
    """Return what the system refused, with the name of the file or stream."""
    from ptce_funding.files import os_reason
    from ptce_funding.messages import message

    if error.filename is not None:
        return message("{file}: {reason}.", file=os.fsdecode(error.filename), reason=os_reason(error))
    stream = _stream_of(error)
    if stream is None:
        return message("The system refused something: {reason}.", reason=os_reason(error))
    _discard(stream)
    if stream is sys.stderr:
        return message("Standard error cannot be written: {reason}.", reason=os_reason(error))
    return message("Standard output cannot be written: {reason}.", reason=os_reason(error))


def _stream_of(error: OSError) -> TextIO | None:
    """Return the stream that was being printed to; the error itself does not say."""
    trace = error.__traceback__
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        printer = frame.f_globals.get("__name__")
        if printer in ("click.utils", "rich.console"):
            file = frame.f_locals.get("file") if printer == "click.utils" else frame.f_locals["self"].file
            return sys.stderr if file is sys.stderr else sys.stdout
    return None


def main() -> None:
    """Run the command line of this process."""
    # A terminal or pipe that cannot show a character gets a replacement, never a traceback.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))
