"""Who is compared: the package and the textbook, what each did with a call, and whether two of them agree."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from instances import pool, programme
from ptce_funding.allocation import allocated, relative_gap
from ptce_funding.call import prepare
from ptce_funding.candidates import Candidates
from ptce_funding.problem import Status
from ptce_funding.scenario import Scenario
from textbook import textbook


@dataclass(frozen=True)
class Run:
    """What one contender did with one call.

    Parameters
    ----------
    status, values, bounds
        How it ended; value and proved upper bound of each objective. Those of the package are of the audited allocation.
    columns, rows
        Size of the model.
    build, solve, rest
        Seconds. The package's build has all that it does before it solves, steps included, and its rest all that follows, down to
        the audit and the reasons of refusals; the textbook's build has its rows alone, and it has no rest.
    solver
        What solved it, where that was left open.
    """

    status: Status
    values: tuple[float, ...]
    columns: int
    rows: int
    build: float
    solve: float
    bounds: tuple[float | None, ...] = ()
    rest: float = 0.0
    solver: str = ""

    @property
    def value(self) -> float | None:
        """All objectives together; None without an allocation."""
        return sum(self.values) if self.values else None

    @property
    def bound(self) -> float | None:
        """What is proved of them together; None when that is not known."""
        known = [bound for bound in self.bounds if bound is not None]
        return sum(known) if known and len(known) == len(self.bounds) == len(self.values) else None

    @property
    def gap(self) -> float | None:
        """Relative gap between the two."""
        return relative_gap(self.value, self.bound)

    @property
    def is_stopped(self) -> bool:
        """Whether a limit stopped it."""
        return self.status in (Status.FEASIBLE, Status.UNKNOWN)

    @property
    def total(self) -> float:
        """Seconds from the table in memory to the result."""
        return self.build + self.solve + self.rest

    def plain(self) -> dict[str, Any]:
        """Return all of this as plain values."""
        told = {"value": self.value, "bound": self.bound, "gap": self.gap, "total": self.total}
        return asdict(self) | {"status": self.status.value} | told


def worst_gap(runs: Iterable[Run]) -> float | None:
    """Return the largest proved gap of runs with an allocation; None when one has none."""
    gaps = [run.gap for run in runs if run.values]
    known = [each for each in gaps if each is not None]
    return max(known) if known and len(known) == len(gaps) else None


Contender = Callable[[Scenario, Candidates], Run]


def package(solver: str) -> Contender:
    """Return a function that allocates by the package, audit included."""

    def run(scenario: Scenario, candidates: Candidates) -> Run:
        begin = time.perf_counter()
        call = prepare(scenario, candidates)
        built = time.perf_counter()
        allocation = allocated(call, solver)
        end = time.perf_counter()
        problem, stages = call.formulation.problem, allocation.stages
        return Run(
            status=allocation.status,
            values=tuple(stage.value or 0.0 for stage in stages) if allocation.has_allocation else (),
            columns=problem.n,
            rows=len(problem.rows),
            build=built - begin,
            solve=allocation.runtime,
            bounds=tuple(stage.bound for stage in stages),
            rest=end - built - allocation.runtime,
            solver=allocation.solver,
        )

    return run


def by_textbook(solver: str) -> Contender:
    """Return a function that solves by the textbook."""

    def run(scenario: Scenario, candidates: Candidates) -> Run:
        found = textbook(scenario, candidates, solver, scenario.solve.time_limit)
        return Run(
            status=found.status,
            values=found.values,
            columns=found.columns,
            rows=found.rows,
            build=found.build_time,
            solve=found.runtime,
            bounds=found.bounds,
            solver=solver,
        )

    return run


PACKAGE, WHOLE, HIGHS, CBC = "package", "package, whole MILP", "textbook, HiGHS", "textbook, CBC"
CONTENDERS: dict[str, Contender] = {
    PACKAGE: package("auto"),
    WHOLE: package("highs"),
    HIGHS: by_textbook("highs"),
    CBC: by_textbook("cbc"),
}


def warm_up(*names: str) -> None:
    """Let contenders load what they need before anything is timed; the package's decomposition as well."""
    scenario, candidates = programme(500_000), pool(20, 1)
    for run in [*(CONTENDERS[name] for name in names), package("decomposition")]:
        run(scenario, candidates)


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
