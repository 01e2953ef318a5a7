"""`ptce-fund report`, and the option of other commands that writes the same page."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptce_funding.cli.main import Argument, Command, Option, lang_option
from ptce_funding.languages import LANGUAGES, N_

if TYPE_CHECKING:
    from ptce_funding.sweeping.store import Results

#: Endings of a page.
_ENDINGS = (".html", ".htm")


def _page_name(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse names of other files: a report takes the place of no result and of no scenario."""
    from ptce_funding.messages import message

    if path is not None and path.suffix.lower() not in _ENDINGS:
        text = message("Found the ending “{found}”, expected one of: {known:list}.", found=path.suffix, known=_ENDINGS)
        raise click.BadParameter(text.render(context.obj or LANGUAGES[0]), context, parameter)
    return path


#: Taken by the commands that make results.
report_option = click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_page_name,
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Write a report of the result there, as one HTML page that needs no network."),
)


@click.command(
    cls=Command,
    name="report",
    help=N_(
        "Write RESULT as one HTML page that opens offline, from an e-mail too, and prints well. RESULT is allocation.json or cost.json, "
        "as --out writes them, or the file that a sweep keeps its runs in."
    ),
)
@click.argument("result", required=True, type=click.Path(path_type=Path), cls=Argument, metavar=N_("RESULT"))
@click.option(
    "-o",
    "--out",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_page_name,
    cls=Option,
    metavar=N_("FILE"),
    help=N_("The page; beside RESULT, with the ending .html, unless said."),
)
@click.option(
    "--pdf",
    "is_printed",
    is_flag=True,
    cls=Option,
    help=N_("Print it as PDF as well, beside the page; needs Chromium, Chrome or Edge."),
)
@lang_option
@click.pass_obj
def command(lang: str, result: Path, target: Path | None, is_printed: bool) -> None:
    """Write the page of a result."""
    from ptce_funding.cli.progress import working
    from ptce_funding.files import write_whole
    from ptce_funding.report.html.printing import browser, printed
    from ptce_funding.report.html.report import report_file
    from ptce_funding.report.terminal import Terminal

    target = target or result.with_suffix(_ENDINGS[0])
    program = browser() if is_printed else None
    contents = {target: report_file(result, lang)}
    if program is not None:
        with working(lang, N_("Printing {name}"), name=target.name):
            contents[target.with_suffix(".pdf")] = printed(contents[target], program)
    write_whole(contents)
    Terminal(lang).written(contents)


def write_report(result: "bytes | Results", target: Path, lang: str) -> None:
    """Write the page of a result that was just made."""
    from ptce_funding.files import write_whole
    from ptce_funding.report.html.report import report

    write_whole({target: report(result, lang)})
