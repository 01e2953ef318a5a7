"""`ptce-fund report`, and the page as other commands write it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptce_funding.cli.main import Argument, Command, Option, lang_option
from ptce_funding.cli.options import PAGE_ENDINGS, file_option, page_name
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.sweeping.store import Results

#: Results that a folder may hold; the first is the one that says most.
_IN_FOLDERS = ("compare.json", "cost.json", "allocation.json")


@click.command(
    cls=Command,
    name="report",
    help=N_(
        "Write RESULT as one HTML page that opens offline, from an e-mail too, and prints well. RESULT is allocation.json, cost.json or "
        "compare.json, the folder that --out wrote it into, or the file that a sweep keeps its runs in. Several results of simulate are "
        "compared: the others with the first."
    ),
)
@click.argument(
    "results", nargs=-1, required=True, type=click.Path(path_type=Path), cls=Argument, metavar=N_("RESULT") + "..."
)
@file_option(
    N_("The page; beside RESULT, with the ending .html, unless said. Must be said when there are several."), page_name
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
def command(lang: str, results: tuple[Path, ...], out: Path | None, is_printed: bool) -> None:
    """Write the page of a result, or of several that are compared."""
    from ptce_funding.cli.progress import working
    from ptce_funding.comparing.written import file_in
    from ptce_funding.files import write_whole
    from ptce_funding.report.html.printing import browser, printed
    from ptce_funding.report.html.report import report, report_file
    from ptce_funding.report.terminal import Terminal

    program = browser() if is_printed else None
    if len(results) > 1:
        if out is None:
            text = message("The page of several results has no place of its own: say with -o where it goes.")
            raise click.UsageError(text.render(lang), click.get_current_context())
        target = out
        contents = {target: report(_compared(results, target, lang), lang)}
    else:
        file = file_in(results[0], _IN_FOLDERS)
        target = out or file.with_suffix(PAGE_ENDINGS[0])
        contents = {target: report_file(file, lang)}
    if program is not None:
        with working(lang, N_("Printing {name}"), name=target.name):
            contents[target.with_suffix(".pdf")] = printed(contents[target], program)
    write_whole(contents)
    Terminal(lang).written(contents)


def _compared(paths: tuple[Path, ...], target: Path, lang: str) -> bytes:
    """Return the comparison of results that were written, the first of them the baseline."""
    import shlex

    from ptce_funding.comparing.comparison import compare
    from ptce_funding.comparing.entries import Entry
    from ptce_funding.comparing.requests import read_requests
    from ptce_funding.comparing.written import is_written
    from ptce_funding.report.compare_tables import comparison_document
    from ptce_funding.report.document import as_json
    from ptce_funding.sweeping.sweep import tables_of

    others = [path for path in paths if not is_written(path)]
    if others:
        text = message(
            "Of several, all must be results of “ptce-fund simulate --out”; {files:list} cannot be. “ptce-fund compare” solves scenarios.",
            files=[str(path) for path in others],
        )
        raise click.UsageError(text.render(lang), click.get_current_context())
    entries = [Entry(each.name, each.document or {}) for each in read_requests(paths, {}, (), tables_of())]
    files = [path.as_posix() for path in (*paths, target)]
    *told, out = [f"./{file}" if file.startswith("-") else file for file in files]
    command = shlex.join(["ptce-fund", "report", *told, "-o", out])
    return as_json(comparison_document(compare(entries), None, command)).encode()


def write_report(result: "bytes | Results", target: Path, lang: str) -> None:
    """Write the page of a result that was just made."""
    from ptce_funding.files import write_whole
    from ptce_funding.report.html.report import report

    write_whole({target: report(result, lang)})
