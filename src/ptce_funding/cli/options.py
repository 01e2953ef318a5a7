"""Options and arguments that several commands share."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ptce_funding.cli.main import Option, lang_option
from ptce_funding.messages import N_, message

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class OverrideType(click.ParamType[tuple[str, object]]):
    """``path=value``, the value as TOML writes it; what is no TOML value is a text."""

    name = "path=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, object]:
        """Return path and value."""
        if isinstance(value, tuple):
            return value
        path, equals, text = str(value).partition("=")
        if not equals or not path.strip():
            lang = (ctx.obj if ctx is not None else None) or "fr"
            self.fail(
                message("Found “{found}”, expected path=value, such as envelope.total=2700000.", found=value).render(
                    lang
                ),
                param,
                ctx,
            )
        return path.strip(), toml_value(text.strip())


def toml_value(text: str) -> object:
    """Return the value of a TOML expression, or the text itself when it is none."""
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return table["value"] if set(table) == {"value"} else text


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command on a scenario takes: overrides, another table, the language."""
    decorators: list[Decorator] = [
        click.option(
            "--set",
            "overrides",
            multiple=True,
            type=OverrideType(),
            cls=Option,
            metavar="PATH=VALUE",
            help=N_("Change one parameter, e.g. envelope.total=2700000; may be repeated."),
        ),
        click.option(
            "--candidates",
            "candidates_file",
            type=click.Path(path_type=Path),
            cls=Option,
            metavar="FILE",
            help=N_("Candidate table to read in place of the scenario's."),
        ),
        lang_option,
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def scenario_argument(nargs: int = 1) -> Decorator:
    """Return the argument that names scenario files."""
    name = "scenarios" if nargs == -1 else "scenario"
    return click.argument(
        name,
        nargs=nargs,
        required=True,
        type=click.Path(path_type=Path),
        metavar="SCENARIO" + ("..." if nargs == -1 else ""),
    )


def complete_solver(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Complete the names of solvers that come with the program."""
    return [name for name in ("highs", "cbc", "ranking") if name.startswith(incomplete)]


solver_option = click.option(
    "--solver",
    shell_complete=complete_solver,
    cls=Option,
    metavar="NAME",
    help=N_("highs (default), cbc, ranking (the jury's list), or a solver that PuLP finds."),
)
