"""Contenders that solve the same calls in turn, and what came of it; the ground of the parts `national` and `scenarios`."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from contenders import CONTENDERS, PACKAGE, Run, verdict, worst_gap
from parts import figure, gap, seconds
from ptce_funding.candidates import Candidates
from ptce_funding.scenario import Scenario

#: Headings of `summary_row` and `run_row`.
SUMMARY = (
    "call",
    "contender",
    "columns",
    "rows",
    "build (s)",
    "solve (s)",
    "solve ratio",
    "build + solve ratio",
    "largest gap",
    "stopped",
    "optima",
)
RUNS = ("call", "seed", "contender", "build (s)", "solve (s)", "value", "proved bound", "gap", "status")

MARKED = (
    "Medians. A ratio is the median of the ratios of runs with one seed: 9.0 means nine times the package's seconds. What a limit "
    "stopped would have taken longer: `≥` is a lower bound of a ratio, `≤` an upper one, `?` neither."
)
FAIR = (
    "The package's build has all that it does before it solves, reading the steps included; the textbook's has the statement of its "
    "rows alone, which errs in its favour. What the package does afterwards, splitting between funders, audit, reasons of refusals, "
    "has no counterpart and is in no ratio here."
)


@dataclass(frozen=True)
class Lap:
    """What one contender did with one call in one round.

    Parameters
    ----------
    call, seed, contender
        What was solved, in which round, by whom.
    asked
        Relative gap at which the search might stop.
    run
        What came of it.
    """

    call: str
    seed: int
    contender: str
    asked: float
    run: Run

    def __str__(self) -> str:
        return f"{self.call}, seed {self.seed}, {self.contender}: {seconds(self.run.solve)} s, {self.run.status.value}"

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return {
            "call": self.call,
            "seed": self.seed,
            "contender": self.contender,
            "asked": self.asked,
        } | self.run.plain()


def laps(
    call: str, seed: int, scenario: Scenario, candidates: Candidates, names: Sequence[str] = tuple(CONTENDERS)
) -> Iterator[Lap]:
    """Let contenders solve a call in turn."""
    for name in names:
        yield Lap(call, seed, name, scenario.solve.gap, CONTENDERS[name](scenario, candidates))


@dataclass(frozen=True)
class Ratio:
    """How many times the package's seconds another takes.

    Parameters
    ----------
    value
        Median over pairs of runs.
    mark
        `≥`, `≤` or `?` where limits left no more than that.
    """

    value: float
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.mark} {self.value:.1f}".strip()


@dataclass(frozen=True)
class Comparison:
    """A contender held against the package over all rounds of some calls.

    Parameters
    ----------
    contender, runs, stopped
        Who, how many runs, and how many of them a limit stopped.
    columns, rows
        Size of the first model.
    build, solve, rest, total
        Medians, in seconds.
    solve_ratio, both_ratio
        Of the seconds to solve, and of those to build and solve; None for the package itself.
    worst_gap
        Largest proved gap; None where a run has none.
    verdicts
        How the optima compare; for the package, how its runs ended.
    """

    contender: str
    runs: int
    stopped: int
    columns: int
    rows: int
    build: float
    solve: float
    rest: float
    total: float
    solve_ratio: Ratio | None
    both_ratio: Ratio | None
    worst_gap: float | None
    verdicts: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return asdict(self)


def compared(found: Sequence[Lap]) -> list[Comparison]:
    """Hold each contender against the package; rounds that one of the two has not run are left out."""
    ours = {(lap.call, lap.seed): lap for lap in found if lap.contender == PACKAGE}
    comparisons = []
    for name in dict.fromkeys(lap.contender for lap in found):
        theirs = [lap for lap in found if lap.contender == name and (lap.call, lap.seed) in ours]
        if not theirs:
            continue
        runs = [lap.run for lap in theirs]
        pairs = [(ours[lap.call, lap.seed].run, lap.run) for lap in theirs]
        times = (statistics.median(getattr(run, part) for run in runs) for part in ("build", "solve", "rest", "total"))
        build, solve, rest, total = times
        is_own = name == PACKAGE
        told = {run.status.value for run in runs}
        if not is_own:
            told = {verdict(a, b, lap.asked) for lap, (a, b) in zip(theirs, pairs, strict=True)}
        comparisons.append(
            Comparison(
                contender=name,
                runs=len(runs),
                stopped=sum(run.is_stopped for run in runs),
                columns=runs[0].columns,
                rows=runs[0].rows,
                build=build,
                solve=solve,
                rest=rest,
                total=total,
                solve_ratio=None if is_own else _ratio(pairs, [b.solve / a.solve for a, b in pairs]),
                both_ratio=None
                if is_own
                else _ratio(pairs, [(b.build + b.solve) / (a.build + a.solve) for a, b in pairs]),
                worst_gap=worst_gap(runs),
                verdicts=tuple(sorted(told)),
            )
        )
    return comparisons


def _ratio(pairs: Sequence[tuple[Run, Run]], ratios: Sequence[float]) -> Ratio:
    """Return the median, marked by what limits did to either side."""
    stopped = any(b.is_stopped for _, b in pairs), any(a.is_stopped for a, _ in pairs)
    mark = {(True, False): "≥", (False, True): "≤", (True, True): "?"}.get(stopped, "")
    return Ratio(statistics.median(ratios), mark)


def differing(found: Sequence[Lap]) -> int:
    """Return how many runs differ from the package's by more than the gaps leave open."""
    ours = {(lap.call, lap.seed): lap.run for lap in found if lap.contender == PACKAGE}
    others = [lap for lap in found if lap.contender != PACKAGE and (lap.call, lap.seed) in ours]
    return sum(verdict(ours[lap.call, lap.seed], lap.run, lap.asked) == "DIFFERS" for lap in others)


def summary_row(call: str, each: Comparison) -> tuple[str, ...]:
    """Return a comparison as texts."""
    return (
        call,
        each.contender,
        f"{each.columns:,}",
        f"{each.rows:,}",
        seconds(each.build),
        seconds(each.solve),
        "1" if each.solve_ratio is None else str(each.solve_ratio),
        "1" if each.both_ratio is None else str(each.both_ratio),
        gap(each.worst_gap),
        f"{each.stopped} of {each.runs}",
        ", ".join(each.verdicts),
    )


def run_row(lap: Lap) -> tuple[str, ...]:
    """Return one run as texts."""
    run = lap.run
    return (
        lap.call,
        str(lap.seed),
        lap.contender + (f" ({run.solver})" if lap.contender == PACKAGE else ""),
        seconds(run.build),
        seconds(run.solve),
        figure(run.value),
        figure(run.bound),
        gap(run.gap),
        run.status.value,
    )
