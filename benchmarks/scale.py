"""Growth: from a hundred candidates to a hundred thousand, each size in a process of its own that tells its memory.

Run by itself with a number of candidates, a seed, a contender and a limit, it measures that one and writes it as JSON.
"""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contenders import CONTENDERS, PACKAGE, WHOLE, Run, warm_up
from instances import SYNTHETIC, pool, programme
from parts import Claim, Outcome, Setting, Table, figure, gap, seconds
from ptce_funding.problem import Status
from race import RUNS, Comparison, Lap, compared, run_row

#: Euros of the envelope for each candidate: what is asked exceeds it several times.
EUROS = 37_500
GAP = 1e-4
#: Between which sizes growth is told, and the sizes that claims are about.
MIDDLE, LARGE = 10_000, 100_000
_GIB = 2**30


@dataclass(frozen=True)
class Sized:
    """One size measured.

    Parameters
    ----------
    candidates, peak
        How many, and the largest resident memory of the process, in bytes.
    lap
        Who solved it, and what came of it.
    """

    candidates: int
    peak: int
    lap: Lap

    def __str__(self) -> str:
        return f"{self.lap}; {seconds(self.lap.run.total)} s in all"

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return {"candidates": self.candidates, "peak": self.peak} | self.lap.plain()


def measure(setting: Setting) -> Iterator[Sized]:
    """Measure every size, smallest first; whole problems only up to a size."""
    for n in setting.sizes:
        for seed in range(1, setting.draws + 1):
            for contender in (PACKAGE, WHOLE) if n <= setting.largest_whole else (PACKAGE,):
                words = [
                    sys.executable,
                    str(Path(__file__).resolve()),
                    str(n),
                    str(seed),
                    contender,
                    str(setting.limit),
                ]
                told = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
                run = told["run"]
                run |= {"status": Status(run["status"]), "values": tuple(run["values"]), "bounds": tuple(run["bounds"])}
                yield Sized(n, told["peak"], Lap(f"{n:,} candidates", seed, contender, GAP, Run(**run)))


def one(n: int, seed: int, contender: str, limit: float) -> dict[str, Any]:
    """Measure one size in this process; return the run and the memory as plain values."""
    warm_up(contender)
    scenario = programme(EUROS * n).override("solve.gap", GAP).override("solve.time_limit", limit)
    run = CONTENDERS[contender](scenario, pool(n, seed))
    kept = {name: value for name, value in run.plain().items() if name in Run.__dataclass_fields__}
    return {"peak": peak(), "run": kept}


def peak() -> int:
    """Return the largest resident memory of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux lets `getrusage` begin with the memory of the process that started this one.
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource  # not on every system

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


@dataclass(frozen=True)
class Size:
    """What one contender did at one size: medians over draws, the worst of gap and memory."""

    candidates: int
    peak: int
    told: Comparison

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        return {"candidates": self.candidates, "peak": self.peak} | self.told.plain()


def summed(records: Sequence[Sized]) -> list[Size]:
    """Return what there is of each size and contender."""
    found = []
    for n in dict.fromkeys(each.candidates for each in records):
        own = [each for each in records if each.candidates == n]
        for told in compared([each.lap for each in own]):
            peaks = [each.peak for each in own if each.lap.contender == told.contender]
            found.append(Size(n, max(peaks), told))
    return found


def exponent(small: tuple[int, float], large: tuple[int, float]) -> float:
    """Return the power of the size with which seconds grow, from two pairs of size and seconds."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def outcome(records: Sequence[Sized]) -> Outcome:
    """Tell every size, and how time grows."""
    sizes = summed(records)
    own = {each.candidates: each for each in sizes if each.told.contender == PACKAGE}
    claims: list[Claim] = []
    growth: dict[str, float] = {}
    if (middle := own.get(MIDDLE)) is not None:
        claims += _claims(middle, "seconds to solve", 2.0, middle.told.solve)
    if (large := own.get(LARGE)) is not None:
        claims += _claims(large, "seconds from the table in memory to audited awards", 15.0, large.told.total)
        text = f"growth: GiB of memory at {LARGE:,} candidates, the drawing of the table included"
        claims.append(Claim(text, 4.0, large.peak / _GIB, is_least=False))
    if middle is not None and large is not None:
        for name, told in (("solve", "to solve"), ("total", "in all")):
            growth[name] = exponent((MIDDLE, getattr(middle.told, name)), (LARGE, getattr(large.told, name)))
            text = f"growth: exponent of the seconds {told} between {MIDDLE:,} and {LARGE:,} candidates"
            claims.append(Claim(text, 1.15, growth[name], is_least=False))
    notes = [
        SYNTHETIC,
        f"{EUROS:,} € of envelope for each candidate; gap asked: {GAP:g}. Medians over draws; of gap and memory the worst. Prepare "
        "reads the steps and states the problem; after are the jury's list, the split between funders, the audit and the reasons of "
        "refusals. A ratio is of the seconds to solve; `≥` is a lower bound, where a limit stopped the whole. Memory is that of the "
        "whole process, the drawing of the table included.",
    ]
    if growth:
        notes.append(
            f"Between {MIDDLE:,} and {LARGE:,} candidates seconds to solve grow with the power {growth['solve']:.2f} of their number, "
            f"all seconds with the power {growth['total']:.2f}."
        )
    summary = Table(
        "Growth",
        (
            "candidates",
            "contender",
            "columns",
            "rows",
            "prepare (s)",
            "solve (s)",
            "after (s)",
            "total (s)",
            "solve ratio",
            "largest gap",
            "stopped",
            "memory (GiB)",
        ),
        [_size_row(each) for each in sizes],
        tuple(notes),
    )
    runs = Table("Growth, every run", RUNS, [run_row(each.lap) for each in records])
    figures = [each.plain() for each in sizes] + ([{"exponents": growth}] if growth else [])
    return Outcome(tuple(claims), (summary, runs), figures)


def _claims(size: Size, text: str, most: float, measured: float) -> list[Claim]:
    """Seconds at a size; and that they were not bought with quality."""
    n = f"growth, {size.candidates:,} candidates"
    return [
        Claim(f"{n}: {text}", most, measured, is_least=False),
        Claim(f"{n}: largest proved gap", GAP, size.told.worst_gap, is_least=False),
    ]


def _size_row(each: Size) -> tuple[str, ...]:
    told = each.told
    return (
        f"{each.candidates:,}",
        told.contender,
        f"{told.columns:,}",
        f"{told.rows:,}",
        *(seconds(time) for time in (told.build, told.solve, told.rest, told.total)),
        "1" if told.solve_ratio is None else str(told.solve_ratio),
        gap(told.worst_gap),
        f"{told.stopped} of {told.runs}",
        figure(each.peak / _GIB),
    )


if __name__ == "__main__":
    try:
        print(json.dumps(one(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))))
    except KeyboardInterrupt:
        sys.exit(130)
