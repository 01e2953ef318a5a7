"""Options and arguments that several commands share."""

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from gettext import gettext
from pathlib import Path
from typing import Any, NamedTuple

import click

from ptce_funding.cli.main import Argument, Option, lang_option
from ptce_funding.languages import LANGUAGES
from ptce_funding.messages import N_, message
from ptce_funding.solver_names import NAMES
from ptce_funding.toml_lines import quoted

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

#: TOML demands no more of whole numbers.
_LONGEST_INTEGER = 2**63

#: No parameter is so deep.
_DEEPEST = 20


#: Endings of a page.
PAGE_ENDINGS = (".html", ".htm")


def lang_of(ctx: click.Context | None) -> str:
    """Return the language of a command line; the first one where there is none."""
    return (ctx.obj if ctx is not None else None) or LANGUAGES[0]


class Count(click.IntRange):
    """A whole number in a range, by a name that is translated when it is shown."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        self.name = gettext(N_("whole number"))
        return super().convert(value, param, ctx)


class Override(NamedTuple):
    """One ``--set``.

    Parameters
    ----------
    path
        Dotted path.
    value
        What it is set to.
    text
        What the user wrote, for the command that gives the result again.
    """

    path: str
    value: object
    text: str


class OverrideType(click.ParamType[Override]):
    """``path=value``, the value as TOML writes it; what is no TOML value is a text."""

    name = "path=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Override:
        """Return path, value and text."""
        if isinstance(value, Override):
            return value
        lang = lang_of(ctx)
        path, equals, text = assignment(str(value))
        if not equals or not path:
            fault = message("Found “{found}”, expected path=value, such as envelope.total=2700000.", found=value)
            self.fail(fault.render(lang), param, ctx)
        try:
            return Override(path, toml_value(text), str(value))
        except (ValueError, RecursionError):
            fault = message("The value of “{path}” is too long or too deeply nested.", path=path)
            self.fail(fault.render(lang), param, ctx)


def assignment(text: str) -> tuple[str, str, str]:
    """Split at the first equals sign, as `str.partition` does, but not at those of names in quotes."""
    found = re.match(r"((?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^=\"'])*)(=)(.*)", text, re.DOTALL)
    path, equals, value = found.groups() if found else text.partition("=")
    return path.strip(), equals, value.strip()


def changes_of(overrides: Iterable[Override]) -> dict[str, object]:
    """Return the values by path; of several for one path, or for parts of it before, the last."""
    changes: dict[str, object] = {}
    for each in overrides:
        changes = {path: value for path, value in changes.items() if not _is_within(path, each.path)}
        changes[each.path] = each.value
    return changes


def _is_within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def toml_value(text: str) -> object:
    """Return the value of a TOML expression, or the text itself when it is none.

    Raises
    ------
    ValueError, RecursionError
        When a number has more digits, or a list more depth, than anything that a scenario states.
    """
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    if set(table) != {"value"}:
        return text
    _check_extent(table["value"], _DEEPEST)
    return table["value"]


def toml_text(value: object) -> str:
    """Return a value as a TOML expression in one line."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(str(key))}={toml_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(toml_text, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def _key(name: str) -> str:
    """Write a key as TOML demands it, which is stricter than what may be typed in a path."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def _check_extent(value: object, depth: int) -> None:
    if depth < 0 or (isinstance(value, int) and not -_LONGEST_INTEGER <= value < _LONGEST_INTEGER):
        raise ValueError
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _check_extent(each, depth - 1)


def split_at(stated: str, separator: str) -> list[str]:
    """Split at a sign where it stands neither in brackets nor in quotes."""
    pieces, depth, quote = [""], 0, ""
    for sign in stated:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in ")}]":
            depth -= 1
        if sign == separator and not depth and not quote:
            pieces.append("")
        else:
            pieces[-1] += sign
    return [piece.strip() for piece in pieces]


def replay_command(
    name: str,
    path: Path,
    overrides: Sequence[Override],
    candidates_file: Path | None,
    solver: str | None,
    changes: Mapping[str, object] | None = None,
) -> str:
    """Return a command that gives a result again, with the values in the user's own words.

    Parameters
    ----------
    changes
        Parameters by path that it changes besides; they take the place of overrides of the same path, and of parts of it.
    """
    file, changes = path.as_posix(), changes or {}
    words = ["ptce-fund", name, f"./{file}" if file.startswith("-") else file]
    for each in overrides:
        words += ["--set", each.text] if not any(_is_within(each.path, changed) for changed in changes) else []
    for changed, value in changes.items():
        words += ["--set", f"{changed}={toml_text(value)}"]
    words += ["--candidates", candidates_file.as_posix()] if candidates_file is not None else []
    words += ["--solver", solver] if solver is not None else []
    return shlex.join(words)


def scenario_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command on a scenario takes: overrides, another table, the language."""
    decorators: list[Decorator] = [
        click.option(
            "--set",
            "overrides",
            multiple=True,
            type=OverrideType(),
            cls=Option,
            metavar=N_("PATH=VALUE"),
            help=N_("Change one parameter, e.g. envelope.total=2700000; may be repeated."),
        ),
        click.option(
            "--candidates",
            "candidates_file",
            type=click.Path(path_type=Path),
            cls=Option,
            metavar=N_("FILE"),
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
        cls=Argument,
        metavar=N_("SCENARIO") + ("..." if nargs == -1 else ""),
    )


def complete_solver(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Complete the names of solvers that come with the program."""
    return [name for name in NAMES if name.startswith(incomplete.lower())]


def _solver_name(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """Write the solvers that come with the program in one way; others by the name that they have."""
    return name.lower() if name is not None and name.lower() in NAMES else name


solver_option = click.option(
    "--solver",
    shell_complete=complete_solver,
    callback=_solver_name,
    cls=Option,
    metavar=N_("NAME"),
    help=N_("auto (default), highs, decomposition, cbc, ranking (the jury's list), or a solver that PuLP finds."),
)

workbook_option = click.option(
    "--workbook",
    type=click.Path(path_type=Path),
    cls=Option,
    metavar=N_("FILE"),
    help=N_(
        "Write the result as an .xlsx workbook: the tables of --out and more, a sheet each, and the candidates, which may be edited "
        "there and read again with --candidates."
    ),
)


def page_name(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse names of other files: a report takes the place of no result and of no scenario."""
    if path is not None and path.suffix.lower() not in PAGE_ENDINGS:
        text = message(
            "Found the ending “{found}”, expected one of: {known:list}.", found=path.suffix, known=PAGE_ENDINGS
        )
        raise click.BadParameter(text.render(lang_of(ctx)), ctx, parameter)
    return path


report_option = click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=page_name,
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Write a report of the result there, as one HTML page that needs no network."),
)


def out_option(text: str) -> Decorator:
    """Return the option of the folder that results are written into; `text` says which files."""
    return click.option(
        "--out",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        cls=Option,
        metavar=N_("FOLDER"),
        help=text,
    )


def json_option(text: str) -> Decorator:
    """Return the option that prints a result as data; `text` says which file of ``--out`` it is."""
    return click.option("--json", "as_json", is_flag=True, cls=Option, help=text)


def file_option(text: str, check: Callable[..., Any] | None = None, required: bool = False) -> Decorator:
    """Return the option of the one file that a command writes; `text` says what it is, and `check` refuses names."""
    return click.option(
        "-o",
        "--out",
        required=required,
        type=click.Path(path_type=Path, dir_okay=False),
        callback=check,
        cls=Option,
        metavar=N_("FILE"),
        help=text,
    )


def processes_option(name: str) -> Decorator:
    """Return the option, under a command's own name for it, of how many processes solve."""
    return click.option(
        name,
        type=Count(min=1, max=1024),
        cls=Option,
        metavar=N_("N"),
        help=N_("Processes that solve; as many as there are processors unless said."),
    )
