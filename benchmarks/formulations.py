"""How long the package's formulation takes, held against the textbook's: `python benchmarks/formulations.py`.

Every call is solved by each contender in turn, and again with the next seed, so that what else the machine does hits all alike and
no claim rests on one lucky branch. Ratios are what is claimed; seconds are told for this machine alone. A line is printed as soon
as it is known, and Ctrl-C ends the table with what there is.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from ptce_funding.call import prepare
from ptce_funding.candidates import Candidates
from ptce_funding.errors import FundingError
from ptce_funding.loading import read_call
from ptce_funding.problem import Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from ptce_funding.solvers import get_solver
from ptce_funding.synthesis import synthesise
from ptce_funding.synthesis_profile import Amounts, Quantity, read_profile
from textbook import textbook

ROOT = Path(__file__).resolve().parent.parent
SIZES = ("130:3", "130:20", "500:3", "500:20")
HEADINGS = ("call", "contender", "columns", "rows", "build (s)", "solve (s)", "solve ratio", "whole ratio", "optimum")


@dataclass
class Run:
    """What one contender did once.

    Parameters
    ----------
    build, solve
        Seconds. The package's build has all that it does before it solves, steps included; the textbook's has its rows alone.
    """

    status: Status
    values: tuple[float, ...]
    columns: int
    rows: int
    build: float
    solve: float


@dataclass
class Entry:
    """A call, and what each contender did with it."""

    name: str
    scenario: Scenario
    candidates: Candidates
    runs: dict[str, list[Run]] = field(default_factory=dict)


def plans(scenario: Scenario, candidates: Candidates) -> Run:
    """Solve by the package: a binary for each plan, HiGHS fed by arrays."""
    begin = time.perf_counter()
    problem = prepare(scenario, candidates).formulation.problem
    built = time.perf_counter()
    solution = get_solver("highs")(problem, scenario.solve)
    seconds = time.perf_counter() - built
    values = () if solution.x is None else tuple(stage.value or 0.0 for stage in solution.stages)
    return Run(solution.status, values, problem.n, len(problem.rows), built - begin, seconds)


def by_textbook(solver: str) -> Callable[[Scenario, Candidates], Run]:
    """Return a function that solves by the textbook."""

    def run(scenario: Scenario, candidates: Candidates) -> Run:
        found = textbook(scenario, candidates, solver, scenario.solve.time_limit)
        return Run(found.status, found.values, found.columns, found.rows, found.build_time, found.runtime)

    return run


PACKAGE = "plans, HiGHS"
CONTENDERS: dict[str, Callable[[Scenario, Candidates], Run]] = {
    PACKAGE: plans,
    "textbook, HiGHS": by_textbook("highs"),
    "textbook, CBC": by_textbook("cbc"),
}


# --------------------------------------------------------------------------------------------------------------- calls


def pool(n: int, seed: int) -> Candidates:
    """Draw candidates of a programme: a study, an experimentation and a label, each with a plan of its own."""
    asks = {
        "study": (25_000, 5_000, 60_000),
        "experimentation": (130_000, 72_000, 290_000),
        "label": (40_000, 10_000, 90_000),
    }
    money = tuple(
        Amounts(prefix=volet, ask=Quantity(mean=mean, spread=0.4, min=low, max=high), rate=(0.25, 0.5))
        for volet, (mean, low, high) in asks.items()
    )
    profile = read_profile("aap-2013")
    return synthesise(profile.model_copy(update={"received": n, "admissible": n, "money": money}), seed)


def programme(total: int) -> Scenario:
    """Return a scheme with a bit of everything: plans over three years, three funders, caps, floors, tranches."""
    terms: dict[str, Any] = {"rate": 0.5, "tolerance": 0.1, "payments": [0.5, 0.5]}
    data: dict[str, Any] = {
        "format": 1,
        "name": "programme",
        "first_year": 2013,
        "years": 3,
        "envelope": {"total": total, "grant_step": 1_000, "tranches": [0.4, 0.3, 0.3]},
        "volets": {
            "study": {"phases": ["project", "emerging"], **terms},
            "experimentation": {"phases": ["emerging", "consolidation"], "after": ["study"], **terms},
            "label": {"phases": ["consolidation"], "after": ["experimentation"], **terms},
        },
        "funders": [
            {"name": "city", "share": 0.1, "pays": {"priority_district": True}},
            {"name": "bank", "share": 0.3, "pays": {"volet": ["experimentation", "label"]}},
            {"name": "state", "share": 0.6},
        ],
        "value": {"criteria": {"score": 1.0}, "fixed": 0.6, "discount": 0.05},
        "priority": {"mode": "floor", "order": [["consolidation", "emerging"]], "share": 0.6},
        "rules": [
            {"name": "regions", "measure": "share", "of": "envelope", "by": ["region"], "max": 0.15},
            {
                "name": "studies",
                "measure": "share",
                "of": "granted",
                "where": {"volet": "study"},
                "min": 0.05,
                "max": 0.2,
            },
            {"name": "labels", "measure": "share", "of": "granted", "where": {"volet": "label"}, "min": 0.1},
            {
                "name": "districts",
                "measure": "share",
                "of": "granted",
                "where": {"priority_district": True},
                "min": 0.3,
            },
        ],
    }
    return scenario_from(data)


def calls(paths: tuple[Path, ...], sizes: tuple[str, ...], pools: int, changes: dict[str, Any]) -> Iterator[Entry]:
    """Give the calls one by one; what cannot be read is told and left out."""
    for path in paths:
        try:
            yield Entry(path.stem, *read_call(path, changes))
        except FundingError as error:
            click.echo(f"{path.name} is left out: {str(error).splitlines()[0]}", err=True)
    for size in sizes:
        n, millions = size.split(":")
        scenario = programme(round(float(millions) * 1_000_000))
        for dotted, value in changes.items():
            scenario = scenario.override(dotted, value)
        for seed in range(1, pools + 1):
            yield Entry(f"{n} candidates, {millions} M€, pool {seed}", scenario, pool(int(n), seed))


# --------------------------------------------------------------------------------------------------------------- table


def verdict(ours: Run, theirs: Run, gap: float) -> str:
    """Say whether two runs agree: proved values differ by the gap at most, and no found value is above a proved one.

    Priority groups are compared one after the other as long as they are equal: what the first leaves, the next may take.
    """
    statuses = {ours.status, theirs.status}
    if Status.INFEASIBLE in statuses and len(statuses) == 1:
        return "none, both"
    if Status.UNKNOWN in statuses:
        return "limit"
    if Status.INFEASIBLE in statuses:
        return "DIFFERS"
    for one, other in zip(ours.values, theirs.values, strict=False):
        largest = max(abs(one), abs(other))
        allowed = max(gap, 1e-6) * largest + 1e-9
        if (ours.status is Status.OPTIMAL and other > one + allowed) or (
            theirs.status is Status.OPTIMAL and one > other + allowed
        ):
            return "DIFFERS"
        if abs(one - other) > 1e-9 * largest:
            break
    return "agrees" if statuses == {Status.OPTIMAL} else "limit"


def lines(entry: Entry) -> Iterator[str]:
    """Give the lines of a call: medians over its runs, and of the ratios of runs with the same seed."""
    ours = entry.runs[PACKAGE]
    for name, runs in entry.runs.items():
        if not runs:
            continue
        pairs = list(zip(ours, runs, strict=False))
        build, solve = (statistics.median(getattr(run, part) for run in runs) for part in ("build", "solve"))
        told = [entry.name, name, f"{runs[0].columns:,}", f"{runs[0].rows:,}", f"{build:.3f}"]
        told.append(("≥ " if is_stopped(runs) else "") + f"{solve:.3f}")
        if name == PACKAGE:
            told += ["1", "1", "limit" if is_stopped(runs) else runs[0].status.value]
        else:
            # What a limit stopped would have taken longer: the ratio is a bound, or nothing where both were stopped.
            mark = {(True, False): "≥ ", (False, True): "≤ ", (True, True): "? "}.get(
                (is_stopped(runs), is_stopped(ours)), ""
            )
            whole = statistics.median((b.build + b.solve) / (a.build + a.solve) for a, b in pairs)
            told += [f"{mark}{statistics.median(b.solve / a.solve for a, b in pairs):.1f}", f"{mark}{whole:.1f}"]
            told.append(", ".join(sorted({verdict(a, b, entry.scenario.solve.gap) for a, b in pairs})))
        yield "| " + " | ".join(told) + " |"


def is_stopped(runs: list[Run]) -> bool:
    """Say whether a limit stopped any of the runs."""
    return any(run.status in (Status.FEASIBLE, Status.UNKNOWN) for run in runs)


def race(entry: Entry, repeats: int) -> None:
    """Let the contenders run in turn, a seed for each round."""
    entry.runs = {name: [] for name in CONTENDERS}
    for seed in range(repeats):
        scenario = entry.scenario.override("solve.seed", seed)
        for name, run in CONTENDERS.items():
            entry.runs[name].append(run(scenario, entry.candidates))


@click.command()
@click.argument("scenarios", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--size", "sizes", multiple=True, help=f"Candidates and millions of a drawn pool; {', '.join(SIZES)} unless said."
)
@click.option("--pools", default=1, show_default=True, help="Pools to draw for each size.")
@click.option("--repeats", default=3, show_default=True, help="Rounds, each with its seed.")
@click.option("--time-limit", default=60.0, show_default=True, help="Seconds for each solve.")
@click.option("--gap", type=float, help="Relative gap; that of each scenario unless said.")
def main(
    scenarios: tuple[Path, ...], sizes: tuple[str, ...], pools: int, repeats: int, time_limit: float, gap: float | None
) -> None:
    """Compare formulations on SCENARIOS: those of the repository and drawn pools unless some are named."""
    if not scenarios and not sizes:
        scenarios, sizes = tuple(sorted((ROOT / "scenarios").glob("*.toml"))), SIZES
    changes: dict[str, Any] = {"solve.time_limit": time_limit} | ({} if gap is None else {"solve.gap": gap})
    versions = ", ".join(f"{name} {version(name)}" for name in ("highspy", "pulp", "ptce-fund"))
    click.echo(f"{versions}, Python {platform.python_version()}, {os.cpu_count()} cores; medians of {repeats} seeds\n")
    click.echo("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    entry = None
    try:
        for entry in calls(scenarios, sizes, pools, changes):
            race(entry, repeats)
            for line in lines(entry):
                click.echo(line)
            entry = None
    except KeyboardInterrupt:
        for line in lines(entry) if entry is not None and entry.runs.get(PACKAGE) else ():
            click.echo(line)
        click.echo("\nInterrupted: of the last call there are fewer runs.", err=True)


if __name__ == "__main__":
    main()
