"""`ptce-fund sweep`."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from ptce_funding.cli.main import EXIT_DONE, EXIT_INTERNAL, EXIT_NO_ALLOCATION, Choice, Command, Option, language
from ptce_funding.cli.options import (
    Count,
    Override,
    changes_of,
    processes_option,
    replay_command,
    report_option,
    scenario_argument,
    scenario_options,
    solver_option,
)
from ptce_funding.cli.report import write_report
from ptce_funding.cli.vary import Varied, VaryType
from ptce_funding.designs import SAMPLED, Design
from ptce_funding.messages import N_, message

if TYPE_CHECKING:
    from ptce_funding.scenario import Scenario
    from ptce_funding.sweeping.workers import Hire


@click.command(
    cls=Command,
    name="sweep",
    help=N_(
        "Solve SCENARIO for many values of some of its parameters, keep every run in a store, and show what changes with them: who is "
        "always funded, what the money buys, where the list turns."
    ),
)
@scenario_argument()
@click.option(
    "--vary",
    "varied",
    multiple=True,
    type=VaryType(),
    cls=Option,
    metavar=N_("PATH=VALUES"),
    help=N_(
        "Vary a parameter: envelope.total=1e6:20e6:20, value.fixed=0.4,0.6 or value.discount=normal(0.05,0.02); may be repeated; "
        "takes the place of the same path in the scenario's [sweep]."
    ),
)
@click.option(
    "--design",
    type=Choice(get_args(Design)),
    cls=Option,
    help=N_("Every combination (grid), samples (latin, sobol), or one parameter at a time (single)."),
)
@click.option("--samples", type=Count(min=1), cls=Option, metavar=N_("N"), help=N_("Number of samples."))
@click.option("--seed", type=Count(min=0), cls=Option, metavar=N_("N"), help=N_("Seed of the samples."))
@click.option(
    "--frontier",
    is_flag=True,
    cls=Option,
    help=N_("Run the values of envelope.total once more, with the yearly tranches and with the total alone."),
)
@processes_option("--workers")
@click.option(
    "--out",
    "store",
    type=click.Path(path_type=Path, dir_okay=False),
    cls=Option,
    metavar=N_("FILE"),
    help=N_("The store; NAME.sweep.sqlite in this folder unless said."),
)
@click.option("--resume", is_flag=True, cls=Option, help=N_("Go on with a store that is there already."))
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Write the tables as .csv, .xlsx or .parquet; may be repeated."),
)
@report_option
@click.option("--timings", is_flag=True, cls=Option, help=N_("Export the seconds of each run as well."))
@click.option("--all", "all_runs", is_flag=True, cls=Option, help=N_("Show every run, not the first ones."))
@click.option(
    "--cluster",
    cls=Option,
    metavar=N_("ADDRESS"),
    help=N_("Solve on the Dask cluster with this scheduler, e.g. tcp://10.0.0.1:8786 or tls://…"),
)
@click.option(
    "--tls-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Certificate of the authority of the cluster."),
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Own certificate for the cluster."),
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    cls=Option,
    metavar=N_("FILE"),
    help=N_("Key of that certificate."),
)
@solver_option
@scenario_options
@click.pass_obj
def command(
    lang: str,
    scenario: Path,
    varied: tuple[Varied, ...],
    design: Design | None,
    samples: int | None,
    seed: int | None,
    frontier: bool,
    workers: int | None,
    store: Path | None,
    resume: bool,
    exports: tuple[Path, ...],
    report_file: Path | None,
    timings: bool,
    all_runs: bool,
    cluster: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    overrides: tuple[Override, ...],
    candidates_file: Path | None,
    solver: str | None,
) -> int:
    """Make the runs, show and export what they say."""
    from ptce_funding.cli.progress import counting
    from ptce_funding.loading import read_call
    from ptce_funding.report.sweep import show_sweep
    from ptce_funding.report.sweep_exports import check_export, export
    from ptce_funding.report.terminal import Terminal
    from ptce_funding.sweeping.sweep import sweep, tables_of

    for path in exports:
        check_export(path)
    hire = _hire(lang, workers, cluster, (tls_ca, tls_cert, tls_key))
    asked, _ = read_call(scenario, changes_of(overrides), candidates_file)
    asked = _with_options(asked, varied, design, samples, seed, frontier)
    store = store or Path(f"{asked.name}.sweep.sqlite")
    words = _words(varied, design, samples, seed, frontier)
    replay = " ".join([replay_command("sweep", scenario, overrides, candidates_file, solver), *words])
    try:
        with counting(lang, N_("Sweeping {name}"), name=asked.name) as progress:
            results = sweep(
                asked,
                tables_of(candidates_file),
                store,
                solver=solver,
                hire=hire,
                is_resumed=resume,
                command=replay,
                progress=progress,
            )
    except KeyboardInterrupt:
        if store.is_file():
            where = {
                "--workers": workers,
                "--cluster": cluster,
                "--tls-ca": tls_ca,
                "--tls-cert": tls_cert,
                "--tls-key": tls_key,
            }
            again = [word for name, value in where.items() if value is not None for word in (name, str(value))]
            command_again = " ".join([replay, shlex.join([*again, "--out", str(store), "--resume"])])
            text = message(
                "The runs that were finished are in {store}. To go on: {command}",
                store=str(store),
                command=command_again,
            )
            click.echo(text.render(lang), err=True)
        raise
    show_sweep(results, lang, store, all_runs, is_exported=bool(exports))
    files = [file for path in exports for file in export(results, path, lang, timings)]
    if report_file is not None:
        write_report(results, report_file, lang)
        files.append(report_file)
    Terminal(lang).written(files)
    if any(cell.run.has_allocation for cell in results.cells):
        return EXIT_DONE
    return EXIT_INTERNAL if any(cell.run.status == "failed" for cell in results.cells) else EXIT_NO_ALLOCATION


def _hire(lang: str, workers: int | None, address: str | None, tls: tuple[Path | None, ...]) -> "Hire":
    """Return who makes the runs."""
    from ptce_funding.pool import processors
    from ptce_funding.sweeping.workers import Tls, cluster, processes

    files = [None if each is None else str(each) for each in tls]
    if address is None:
        if any(files):
            raise click.UsageError(message("--tls-ca, --tls-cert and --tls-key go with --cluster.").render(lang))
        return processes(workers or processors())
    if workers is not None:
        raise click.UsageError(message("--workers and --cluster exclude each other.").render(lang))
    return cluster(address, Tls(*files) if any(files) else None)


def _with_options(
    scenario: "Scenario",
    varied: tuple[Varied, ...],
    design: Design | None,
    samples: int | None,
    seed: int | None,
    frontier: bool,
) -> "Scenario":
    """Return the scenario with its table as the command line changes it."""
    from ptce_funding.scenario_faults import plain

    table: dict[str, Any] = plain(scenario.sweep)
    if design is not None:
        table["design"] = design
        if design not in SAMPLED:
            table = {key: value for key, value in table.items() if key not in ("samples", "seed")}
    table |= {key: value for key, value in (("samples", samples), ("seed", seed)) if value is not None}
    table |= {"frontier": True} if frontier else {}
    for each in varied:
        _check_range(each, table)
    entries: dict[str, Any] = {each["path"]: each for each in table.get("vary", [])}
    table["vary"] = list((entries | {each.entry["path"]: each.entry for each in varied}).values())
    return scenario.override("sweep", table)


def _check_range(varied: Varied, table: Mapping[str, Any]) -> None:
    """Refuse a range without a number of values, where its values are listed and not drawn."""
    from ptce_funding.scenario_sweep import ENVELOPE

    is_listed = table.get("design") not in SAMPLED or (table.get("frontier") and varied.entry["path"] == ENVELOPE)
    if is_listed and "low" in varied.entry and not varied.entry.keys() & {"count", "distribution"}:
        fault = message("Found “{found}”, expected low:high:count, such as 1e6:20e6:20.", found=varied.text)
        context = click.get_current_context()
        option = next(each for each in context.command.params if each.name == "varied")
        raise click.BadParameter(fault.render(language(context)), context, option)


def _words(
    varied: tuple[Varied, ...], design: str | None, samples: int | None, seed: int | None, frontier: bool
) -> list[str]:
    """Return the options that say what is varied, quoted for a shell."""
    words = [word for each in varied for word in ("--vary", each.text)]
    for name, value in (("--design", design), ("--samples", samples), ("--seed", seed)):
        words += [] if value is None else [name, str(value)]
    return [shlex.quote(word) for word in words] + (["--frontier"] if frontier else [])
