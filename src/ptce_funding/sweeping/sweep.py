"""A sweep: list the cells, make the runs that are not kept yet, keep each as it comes."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import criteria_of
from ptce_funding.errors import Fault, FundingError, InputError, InternalError, Place
from ptce_funding.loading import read_candidates
from ptce_funding.matching import needed_kinds
from ptce_funding.messages import message
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import plain
from ptce_funding.scenario_files import candidates_path, origin_of, overridden
from ptce_funding.solver_names import RANKING
from ptce_funding.solvers import get_solver, is_decomposed
from ptce_funding.sweeping.axes import Axis, axes_of
from ptce_funding.sweeping.design import Point, points
from ptce_funding.sweeping.runs import Run, as_json, failed, refused, refused_hash, run_hash, start_of, versions
from ptce_funding.sweeping.store import Results, Store, read
from ptce_funding.sweeping.workers import Crew, Hire, Job, Setting, processes

#: Seconds after which Ctrl-C is heard at the latest.
_MOMENT = 0.2

#: Gives the candidates of a scenario.
Tables = Callable[[Scenario], Candidates]
#: Is told how many runs are done, of how many, and how many of them have no allocation.
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class _Plan:
    """What a sweep has to do.

    Parameters
    ----------
    axes, points
        What is varied, and every combination.
    hashes
        Of the run of each point.
    jobs
        By hash, in the order of the points; all of them, kept or not.
    refused
        Runs of points that the scenario refuses.
    candidates
        Identifiers of all candidates.
    """

    axes: tuple[Axis, ...]
    points: list[Point]
    hashes: list[str]
    jobs: dict[str, Job]
    refused: list[Run]
    candidates: tuple[str, ...]


def sweep(
    scenario: Scenario,
    tables: Tables,
    path: Path,
    *,
    solver: str | None = None,
    hire: Hire | None = None,
    is_resumed: bool = False,
    command: str = "",
    progress: Progress = lambda done, of, without: None,
) -> Results:
    """Run a scenario over the values of its `sweep` table, and keep every run in a store.

    Parameters
    ----------
    scenario
        What is varied.
    tables
        Gives the candidates of each scenario; see `tables_of`.
    path
        The store.
    solver
        Name of the solver; that of each scenario unless said.
    hire
        Who makes the runs; one process unless said.
    is_resumed
        Whether the store may be there already; runs that it keeps are not made again, except those that failed.
    command
        Command that gives the sweep again.
    progress
        Is told how far the sweep is.

    Returns
    -------
    Results
        What the store holds.

    Raises
    ------
    InputError
        When nothing is varied, the scenario as it stands has faults, it refuses every combination, or the store may not be
        written.
    InternalError
        When a worker process dies. What was finished is kept.
    KeyboardInterrupt
        When the user stops it. What was finished is kept.
    """
    name = solver or scenario.solve.solver
    if name.casefold() != RANKING:
        get_solver(name)
    candidates = tables(scenario)
    call = prepare(scenario, candidates)
    is_based = is_decomposed(name, call.formulation.problem)
    plan = _planned(scenario, tables, solver, is_based)
    setting = Setting(scenario, candidates, solver, versions())
    # Workers first: where there are none, no store is begun.
    with (hire or processes(1))(setting) as crew, Store(path, is_resumed) as store, _ears() as listen:
        listed = zip(plan.points, plan.hashes, strict=True)
        store.list_cells(
            _meta(scenario, candidates, plan, solver, command),
            plan.axes,
            [(point.number, point.kind, hash_, point.values) for point, hash_ in listed],
        )
        kept = store.kept()
        store.keep((run, None) for run in plan.refused if run.hash not in kept)
        todo = [job for hash_, job in plan.jobs.items() if kept.get(hash_, "failed") == "failed"]
        told = _Told(progress, len(plan.jobs), len(plan.jobs) - len(todo), _without(kept, plan.jobs))
        _make(todo, call, is_based, plan.hashes[0], crew, store, told, listen)
    return read(path)


def tables_of(file: Path | None = None) -> Tables:
    """Return what reads the candidates of each scenario, each table once.

    Parameters
    ----------
    file
        Table to read in place of the one that a scenario names.
    """
    known: dict[str, Candidates] = {}

    def tables(scenario: Scenario) -> Candidates:
        # What the scenario says of the reading; see `read_candidates`.
        source = scenario.candidates.model_dump(mode="json")
        volets = {name: sorted(volet.aids) for name, volet in scenario.step_volets.items()}
        where = str(candidates_path(scenario) if file is None else file)
        key = as_json([where, source, volets, needed_kinds(scenario), scenario.first_year])
        if key not in known:
            known[key] = read_candidates(file, scenario)
        return known[key]

    return tables


def _planned(scenario: Scenario, tables: Tables, solver: str | None, is_based: bool) -> _Plan:
    """List every combination with the hash of its run.

    Parameters
    ----------
    is_based
        Whether the runs begin from that of the scenario as it stands.

    Raises
    ------
    InputError
        When nothing is varied, or the scenario refuses all combinations.
    """
    axes = axes_of(scenario)
    if not axes:
        text = message("Nothing is varied: state a [[sweep.vary]], or --vary “path=values”.")
        raise InputError([Fault(Place(path="sweep.vary"), text)])
    base = tables(scenario)
    digests = {id(base): base.digest()}
    held: list[Candidates] = [base]
    criteria: dict[str, Any] = {}
    plan = _Plan(axes, points(scenario, axes), [], {}, [], ())
    told: dict[str, Fault] = {}
    for point in plan.points:
        changes = point.changes(axes)
        try:
            changed = overridden(scenario, changes) if changes else scenario
            table = tables(changed)
            if id(table) not in digests:
                digests[id(table)] = table.digest()
                held.append(table)
            # A file of criteria is found from where it is stated.
            place = origin_of(changed).place(("eligibility", "criteria"))
            eligibility = as_json([place.file, place.line is None, plain(changed.eligibility.model_dump(mode="json"))])
            if eligibility not in criteria:
                criteria[eligibility] = criteria_of(changed)
        except InputError as error:
            hash_ = refused_hash(scenario, changes)
            plan.refused.append(refused(hash_, error))
            told |= {fault.render(): fault for fault in error.faults}
        else:
            digest = digests[id(table)]
            used, base_hash = solver or changed.solve.solver, plan.hashes[0] if is_based and plan.hashes else ""
            hash_ = run_hash(changed, criteria[eligibility], digest, used)
            if hash_ != base_hash and base_hash:
                hash_ = run_hash(changed, criteria[eligibility], digest, used, base_hash)
            plan.jobs.setdefault(hash_, Job(hash_, changes, None if table is base else table, None))
        plan.hashes.append(hash_)
    if len(plan.refused) == len(plan.points) - 1:
        raise InputError(told.values())
    return replace(plan, candidates=tuple(dict.fromkeys(id_ for table in held for id_ in table.ids)))


def _meta(scenario: Scenario, candidates: Candidates, plan: _Plan, solver: str | None, command: str) -> dict[str, str]:
    """Return what a store says of its sweep besides axes, cells and runs."""
    return {
        "candidates": as_json(plan.candidates),
        "candidates_sha256": candidates.digest(),
        "command": command,
        "format": "1",
        "scenario": as_json(plain(scenario)),
        "scenario_sha256": scenario.digest(),
        "solver": solver or scenario.solve.solver,
        "synthetic": as_json(candidates.is_synthetic),
        "versions": as_json(dict(versions())),
    }


@dataclass
class _Told:
    """Counts runs and tells of them."""

    progress: Progress
    of: int
    done: int
    without: int

    def add(self, runs: Sequence[Run]) -> None:
        """Count runs that are kept."""
        self.done += len(runs)
        self.without += sum(not run.has_allocation for run in runs)
        self.progress(self.done, self.of, self.without)


def _without(kept: Mapping[str, str], jobs: Mapping[str, Job]) -> int:
    return sum(kept.get(hash_, "failed") not in ("failed", "optimal", "feasible") for hash_ in jobs)


def _make(
    todo: Sequence[Job],
    call: Call,
    is_based: bool,
    base: str,
    crew: Crew,
    store: Store,
    told: _Told,
    listen: Callable[[], None],
) -> None:
    """Make runs and keep each as it comes: the base run first, since every other may begin from what it left.

    Raises
    ------
    InternalError
        When workers are lost, or cannot work.
    """
    told.add(())
    try:
        _flow((job for job in todo if job.hash == base), crew, store, told, listen)
        run = store.run(base)
        start = None if run is None or not is_based else start_of(run, call)
        _flow((replace(job, start=start) for job in todo if job.hash != base), crew, store, told, listen)
    except crew.lost:
        text = message("The workers were lost, so the sweep stopped. What was finished is kept: go on by --resume.")
        raise InternalError(text) from None


def _flow(jobs: Iterator[Job], crew: Crew, store: Store, told: _Told, listen: Callable[[], None]) -> None:
    """Keep a few jobs under way until there are no more."""
    flying: dict[Future[tuple[Run, float]], Job] = {}
    while True:
        listen()
        for job in islice(jobs, max(0, crew.width() - len(flying))):
            flying[crew.submit(job)] = job
        if not flying:
            return
        done = wait(flying, _MOMENT, FIRST_COMPLETED).done
        finished: list[tuple[Run, float | None]] = []
        try:
            for future in [each for each in flying if each in done]:
                finished.append(_result(future, flying.pop(future), crew))
        finally:
            store.keep(finished)
        told.add([run for run, _ in finished])


@contextmanager
def _ears() -> Iterator[Callable[[], None]]:
    """Let Ctrl-C wait for the next call of what is yielded, when nothing is half done; a second one does not wait."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or current_thread() is not main_thread():
        yield lambda: None
        return
    heard: list[int] = []

    def hear(number: int, frame: object) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    def listen() -> None:
        if heard:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, hear)
    try:
        yield listen
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _result(future: "Future[tuple[Run, float]]", job: Job, crew: Crew) -> tuple[Run, float | None]:
    """Return the run of a future, or the failed run of a job that no worker survives."""
    try:
        return future.result()
    except crew.deadly:
        return failed(job.hash, message("Every worker that took this run died.").texts()), None
    except Exception as error:
        if isinstance(error, (FundingError, *crew.lost)):
            raise
        text = message("The workers cannot make the runs: {reason}.", reason=f"{type(error).__name__}: {error}")
        raise InternalError(text) from error
