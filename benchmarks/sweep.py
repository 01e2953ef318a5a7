"""Many scenarios of one programme: the package's sweep with one worker and with two, against a plain loop of the textbook."""

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contenders import CBC, CONTENDERS, Run, verdict, warm_up, worst_gap
from instances import SYNTHETIC, pool, programme
from parts import Claim, Outcome, Setting, Table, figure, gap, seconds
from ptce_funding.candidates import Candidates
from ptce_funding.problem import Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.sweeping.store import Results, content
from ptce_funding.sweeping.sweep import sweep
from ptce_funding.sweeping.workers import processes

ENVELOPE = 20_000_000
GAP = 1e-3
WORKERS = (1, 2)
#: What is varied: drawn evenly between two ends, all at once (a Latin hypercube).
VARIED: dict[str, tuple[float, float]] = {
    "envelope.total": (16_000_000, 24_000_000),
    "value.fixed": (0.3, 0.9),
    "value.discount": (0.0, 0.1),
    "rules.regions.max": (0.12, 0.25),
}


@dataclass(frozen=True)
class Swept:
    """One sweep.

    Parameters
    ----------
    workers, runs, seconds
        Processes that solved, scenarios solved, and the seconds of it all, from the start of the workers to the end of the store.
    statuses
        How many runs ended how.
    worst_gap
        Largest proved gap; None where a run has none.
    digest
        SHA-256 of what the store holds, apart from times.
    """

    workers: int
    runs: int
    seconds: float
    statuses: Mapping[str, int]
    worst_gap: float | None
    digest: str

    def __str__(self) -> str:
        return f"{self.runs:,} scenarios with {self.workers} at work: {seconds(self.seconds)} s"

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Held:
    """One scenario of the sweep that the plain loop solves as well.

    Parameters
    ----------
    number
        Its place in the sweep.
    ours, theirs
        What both found; the sweep keeps no seconds that compare.
    """

    number: int
    ours: Run
    theirs: Run

    def __str__(self) -> str:
        return f"scenario {self.number}, {CBC}: {seconds(self.theirs.solve)} s, {self.theirs.status.value}"

    @property
    def seconds(self) -> float:
        """What the plain loop took."""
        return self.theirs.build + self.theirs.solve

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return {"number": self.number, "ours": self.ours.plain(), "theirs": self.theirs.plain()}


def varied(samples: int, limit: float) -> Scenario:
    """Return the programme with its sweep."""
    scenario = programme(ENVELOPE).override("solve.gap", GAP).override("solve.time_limit", limit)
    vary = [{"path": path, "low": low, "high": high} for path, (low, high) in VARIED.items()]
    return scenario.override("sweep", {"design": "latin", "samples": samples, "seed": 1, "vary": vary})


def measure(setting: Setting) -> Iterator[Swept | Held]:
    """Sweep with each number of workers, then solve some of the scenarios one after the other by the textbook."""
    warm_up(CBC)
    scenario, candidates = varied(setting.samples, setting.limit), pool(setting.candidates, 1)
    results = None
    for workers in WORKERS:
        results, record = _swept(scenario, candidates, workers)
        yield record
    if results is not None:
        yield from _held(results, scenario, candidates, setting.held)


def _swept(scenario: Scenario, candidates: Candidates, workers: int) -> tuple[Results, Swept]:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "programme.sweep.sqlite"
        begin = time.perf_counter()
        results = sweep(scenario, lambda _: candidates, store, hire=processes(workers))
        taken = time.perf_counter() - begin
        digest = hashlib.sha256(repr(content(store)).encode()).hexdigest()
    runs = [cell.run for cell in results.cells]
    worst = worst_gap(_as_run(run.status, run.value, run.bound) for run in runs)
    statuses = dict(sorted(Counter(run.status for run in runs).items()))
    return results, Swept(workers, len(runs), taken, statuses, worst, digest)


def _held(results: Results, scenario: Scenario, candidates: Candidates, n: int) -> Iterator[Held]:
    """Solve scenarios at equal distances; a hypercube has them in no order."""
    cells = [cell for cell in results.cells if cell.kind == "sample"]
    for cell in cells[:: max(1, len(cells) // n)][:n]:
        changes = {axis.path: value for axis, value in zip(results.axes, cell.values, strict=True)}
        theirs = CONTENDERS[CBC](overridden(scenario, changes), candidates)
        yield Held(cell.number, _as_run(cell.run.status, cell.run.value, cell.run.bound), theirs)


def _as_run(status: str, value: float | None, bound: float | None) -> Run:
    """Return what a store keeps as a run that can be held against another."""
    known = {each.value: each for each in Status}
    values, bounds = ((), ()) if value is None else ((value,), (bound,))
    return Run(known.get(status, Status.UNKNOWN), values, 0, 0, 0.0, 0.0, bounds)


def outcome(records: Sequence[Swept | Held]) -> Outcome:
    """Tell throughput, efficiency, and whether values agree."""
    sweeps = {each.workers: each for each in records if isinstance(each, Swept)}
    held = [each for each in records if isinstance(each, Held)]
    # A limit ends what would have taken longer: the loop took at least this.
    mark = "≥" if any(each.theirs.is_stopped for each in held) else ""
    pace = len(held) / sum(each.seconds for each in held) if held else None
    ratios = {n: each.runs / each.seconds / pace for n, each in sweeps.items()} if pace else {}
    one, two = (sweeps.get(n) for n in WORKERS)
    efficiency = one.seconds / (two.workers * two.seconds) if one and two else None
    unequal = float(one.digest != two.digest) if one and two else None
    verdicts = Counter(verdict(each.ours, each.theirs, GAP) for each in held)
    differing = verdicts["DIFFERS"] if held else None
    claims = (
        Claim("sweep: throughput of 2 workers over the plain loop's", 20.0, ratios.get(2), mark=mark),
        Claim("sweep: parallel efficiency of 2 workers", 0.85, efficiency),
        Claim("sweep: stores of 1 and 2 workers that differ", 0, unequal, is_least=False),
        Claim("sweep: values that differ from the plain loop's by more than the gaps", 0, differing, is_least=False),
    )
    rows = [_swept_row(each, ratios.get(n), mark) for n, each in sweeps.items()]
    ends = "; ".join(f"`{path}` {low:,} to {high:,}" for path, (low, high) in VARIED.items())
    notes = [
        SYNTHETIC,
        f"A Latin hypercube over {ends}; gap asked: {GAP:g}. The sweep's seconds have all of it: the workers' start, steps, audit, "
        "jury's list and store, and the scenario as it stands. The loop's have the textbook's rows and their solution alone. "
        "Throughput is scenarios a second.",
    ]
    if pace and one:
        long = f"{mark} {seconds(one.runs / pace)} s".strip()
        notes.append(f"The loop solved {len(held):,} of the scenarios; at its pace {one.runs:,} take {long}.")
        rows.append(_loop_row(held, pace))
    if efficiency is not None:
        same = "NOT the same" if unequal else "the same"
        notes.append(f"Parallel efficiency of 2 workers: {efficiency:.2f}. Both stores hold {same}.")
    if held:
        notes.append("Values: " + ", ".join(f"{n} {word}" for word, n in sorted(verdicts.items())) + ".")
    summary = Table(
        "Sweep",
        ("who", "scenarios", "seconds", "throughput", "ratio", "largest gap", "ended"),
        rows,
        tuple(notes),
    )
    runs = Table(
        "Sweep, every scenario that the loop solved as well",
        (
            "scenario",
            "value",
            "proved bound",
            "gap",
            "loop (s)",
            "loop's value",
            "loop's bound",
            "loop's gap",
            "optima",
        ),
        [_held_row(each) for each in held],
    )
    figures = {"ratios": ratios, "mark": mark, "pace": pace, "efficiency": efficiency, "verdicts": dict(verdicts)}
    return Outcome(claims, (summary, runs), [figures])


def _loop_row(held: Sequence[Held], pace: float) -> tuple[str, ...]:
    ended = Counter(each.theirs.status.value for each in held)
    return (
        f"plain loop, {CBC}",
        f"{len(held):,}",
        seconds(len(held) / pace),
        f"{pace:.2f}",
        "1",
        gap(worst_gap(each.theirs for each in held)),
        ", ".join(f"{n} {word}" for word, n in sorted(ended.items())),
    )


def _swept_row(each: Swept, ratio: float | None, mark: str) -> tuple[str, ...]:
    return (
        f"package, {each.workers} at work",
        f"{each.runs:,}",
        seconds(each.seconds),
        f"{each.runs / each.seconds:.2f}",
        f"{mark} {figure(ratio, '.1f')}".strip(),
        gap(each.worst_gap),
        ", ".join(f"{n} {word}" for word, n in each.statuses.items()),
    )


def _held_row(each: Held) -> tuple[str, ...]:
    ours, theirs = each.ours, each.theirs
    return (
        str(each.number),
        figure(ours.value),
        figure(ours.bound),
        gap(ours.gap),
        seconds(each.seconds),
        figure(theirs.value),
        figure(theirs.bound),
        gap(theirs.gap),
        verdict(ours, theirs, GAP),
    )
