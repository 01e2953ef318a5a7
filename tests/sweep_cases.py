"""What the tests of sweeps share: a small call on disk, and a crew that works in this process and counts."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import scenario_data
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from ptce_funding.sweeping.runs import Run
from ptce_funding.sweeping.workers import Crew, Job, Setting, work

#: Each is funded whole or not at all: 100 k€ fund b and c, worth 5; less than 80 k€ fund b alone, worth 3.
TABLE = """id,phase,score,cost,ask,region,jobs
a,emerging,1,60000,60000,Bretagne,1
b,emerging,3,50000,50000,Corse,2
c,project,2,50000,50000,Bretagne,3
d,project,1,30000,30000,Normandie,4
"""


def write_table(folder: Path, name: str = "candidates.csv", text: str = TABLE) -> Path:
    """Write a candidate table."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


#: The same call as a file, with nothing varied.
CALL = """format = 1
name = "small"
first_year = 2020
candidates.file = "candidates.csv"
envelope = { total = 100_000, grant_step = 10_000 }
volets.v.phases = ["emerging", "project"]
value = { criteria = { score = 1.0 }, fixed = 1.0 }
"""


def write_call(folder: Path, more: str = "") -> Path:
    """Write the small call and its table."""
    write_table(folder)
    path = folder / "small.toml"
    path.write_text(CALL + more, encoding="utf-8")
    return path


def small(folder: Path, *vary: dict[str, Any], table: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """Return a scenario whose candidates are on disk, with a sweep."""
    file = {"file": str(write_table(folder))}
    volets = {"v": {"phases": ["emerging", "project"]}}
    sweep = {"vary": list(vary), **(table or {})}
    return scenario_from(scenario_data(**({"candidates": file, "volets": volets, "sweep": sweep} | changes)))


class Here:
    """Makes runs in this process and notes the jobs; `stop_after` jobs it is interrupted."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.jobs: list[Job] = []
        self.stop_after = stop_after

    @contextmanager
    def __call__(self, setting: Setting) -> Iterator[Crew]:
        """Open the crew."""

        def submit(job: Job) -> "Future[tuple[Run, float]]":
            if len(self.jobs) == self.stop_after:
                raise KeyboardInterrupt
            self.jobs.append(job)
            future: Future[tuple[Run, float]] = Future()
            try:
                future.set_result(work(setting, job))
            except Exception as error:
                future.set_exception(error)
            return future

        yield Crew(submit, lambda: 1)


def envelope(*values: int) -> dict[str, Any]:
    """Return an axis of envelopes."""
    return {"path": "envelope.total", "values": list(values)}


@contextmanager
def hearing_interrupts() -> Iterator[None]:
    """Start processes that hear Ctrl-C, also where the tests run in the background of a shell, which has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
