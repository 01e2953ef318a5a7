"""`ptce-fund compare`."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptce_funding.cli.main import EXIT_DONE, EXIT_NO_ALLOCATION, Argument, Command, Option
from ptce_funding.cli.options import (
    Override,
    changes_of,
    json_option,
    out_option,
    replay_command,
    report_option,
    scenario_options,
    solver_option,
)
from ptce_funding.cli.report import write_report
from ptce_funding.cli.variant import Variant, VariantType
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.allocation import Allocation
    from ptce_funding.comparing.comparison import Comparison
    from ptce_funding.comparing.price import Price
    from ptce_funding.comparing.requests import Request


@click.command(
    cls=Command,
    name="compare",
    help=N_(
        "Hold several scenarios, results that were written, or variants of one scenario against a baseline: money, PTCE, regions, jobs, "
        "equity, who enters, who leaves and why; or price the rules of one."
    ),
)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    cls=Argument,
    metavar=N_("SCENARIO_OR_RESULT") + "...",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    type=VariantType(),
    cls=Option,
    metavar=N_("NAME: PATH=VALUE; ..."),
    help=N_("Add the first scenario with some parameters changed, e.g. “small: envelope.total=2e6”; may be repeated."),
)
@click.option(
    "--baseline",
    cls=Option,
    metavar=N_("NAME"),
    help=N_("Name or number of the scenario that the others are held against; the first unless said."),
)
@click.option(
    "--price-rules",
    is_flag=True,
    cls=Option,
    help=N_("Let go each rule of the baseline alone, move each bound that holds by one step, and show what it gains."),
)
@out_option(
    N_("Write compare.json and the tables compare, compare-moves, -parameters, -candidates and prices (.csv) there.")
)
@json_option(N_("Print compare.json alone on standard output."))
@report_option
@solver_option
@scenario_options
@click.pass_obj
def command(
    lang: str,
    paths: tuple[Path, ...],
    variants: tuple[Variant, ...],
    baseline: str | None,
    price_rules: bool,
    folder: Path | None,
    as_json: bool,
    report_file: Path | None,
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
) -> int:
    """Solve what is to be solved, hold it against the baseline, print and write it."""
    from ptce_funding.comparing.requests import position_of, read_requests
    from ptce_funding.report.compare import show_comparison, show_prices
    from ptce_funding.report.compare_tables import comparison_document, write_comparison
    from ptce_funding.report.document import as_json as to_json
    from ptce_funding.report.terminal import Terminal
    from ptce_funding.sweeping.sweep import tables_of

    own = [(each.name, changes_of(each.overrides)) for each in variants]
    requests = read_requests(paths, changes_of(overrides), own, tables_of(candidates_file))
    base = position_of([each.name for each in requests], baseline)
    _check(lang, requests, requests[base], bool(overrides or candidates_file or solver), price_rules)
    comparison, solved = _compared(lang, requests, base, candidates_file, solver)
    prices = _prices(lang, solved, solver) if price_rules and solved is not None else None
    terminal = Terminal(lang, to_errors=as_json)
    if len(requests) > 1 or prices is None:
        show_comparison(terminal, comparison)
    if prices is not None:
        show_prices(terminal, prices, requests[base].name)
    replay = _replay(paths, variants, baseline, price_rules, overrides, candidates_file, solver)
    page = comparison_document(comparison, prices, replay)
    files = write_comparison(comparison, prices, folder, page, lang) if folder is not None else []
    if report_file is not None:
        write_report(to_json(page).encode(), report_file, lang)
        files.append(report_file)
    terminal.written(files)
    if as_json:
        click.echo(to_json(page), nl=False)
    return EXIT_DONE if comparison.entries[base].has_allocation else EXIT_NO_ALLOCATION


def _check(lang: str, requests: Sequence["Request"], base: "Request", is_changed: bool, price_rules: bool) -> None:
    """Refuse options that would do nothing."""
    if is_changed and all(each.asked is None for each in requests):
        text = message("--set, --candidates and --solver are for scenarios; only written results are given.")
        raise click.UsageError(text.render(lang))
    if price_rules and base.asked is None:
        text = message("--price-rules solves the baseline anew, so it must be a scenario file (.toml).")
        raise click.UsageError(text.render(lang))


def _compared(
    lang: str, requests: Sequence["Request"], base: int, candidates_file: Path | None, solver: str | None
) -> tuple["Comparison", "Allocation | None"]:
    """Return the comparison, and the allocation of the baseline where it is solved here."""
    from dataclasses import replace

    from ptce_funding.allocation import allocate
    from ptce_funding.cli.progress import counting
    from ptce_funding.comparing.comparison import compare
    from ptce_funding.comparing.entries import Entry, entry_of

    entries: list[Entry] = []
    solved = None
    with counting(lang, N_("Solving {n} scenarios"), n=len(requests)) as progress:
        for n, each in enumerate(requests):
            progress(n, len(requests), sum(not entry.has_allocation for entry in entries))
            if each.asked is None:
                entries.append(Entry(each.name, each.document or {}))
                continue
            allocation = allocate(*each.asked, solver=solver)
            replay = replay_command("simulate", each.path, (), candidates_file, solver, each.changes)
            entry = entry_of(allocation, each.name, replay)
            solved = allocation if n == base else solved
            # Only the baseline is asked for more than its document; the others may go.
            entries.append(entry if n == base else replace(entry, call=None))
    return compare(entries, base), solved


def _prices(lang: str, allocation: "Allocation", solver: str | None) -> "tuple[Price, ...]":
    from ptce_funding.cli.progress import counting
    from ptce_funding.comparing.price import price_rules

    with counting(lang, N_("Pricing the rules of {name}"), name=allocation.call.scenario.name) as progress:
        return price_rules(allocation, solver, lambda done, of: progress(done, of, 0))


def _replay(
    paths: Sequence[Path],
    variants: Sequence[Variant],
    baseline: str | None,
    price_rules: bool,
    overrides: Sequence[Override],
    candidates_file: Path | None,
    solver: str | None,
) -> str:
    """Return the command that gives the comparison again, in the user's own words."""
    first, *others = paths
    words = [word for each in variants for word in ("--variant", each.text)]
    words += ["--baseline", baseline] if baseline is not None else []
    words += ["--price-rules"] if price_rules else []
    files = [path.as_posix() for path in others]
    files = [f"./{file}" if file.startswith("-") else file for file in files]
    return " ".join(
        filter(
            None, (replay_command("compare", first, overrides, candidates_file, solver), shlex.join([*files, *words]))
        )
    )
