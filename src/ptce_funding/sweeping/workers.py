"""Who runs the runs: processes of this machine, or a Dask cluster. Both take jobs and give futures; neither writes the store."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from ptce_funding.candidates import Candidates
from ptce_funding.errors import Fault, InputError, InternalError, Place
from ptce_funding.messages import message
from ptce_funding.pool import working_processes
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden
from ptce_funding.sweeping.runs import Run, Start, evaluate, versions

logger = logging.getLogger(__name__)

#: Jobs that wait for each worker, so that none is idle while results are written.
_AHEAD = 3


@dataclass(frozen=True)
class Setting:
    """What all runs of a sweep share; sent to each worker once.

    Parameters
    ----------
    scenario, candidates
        What is varied, and its table.
    solver
        Name of the solver; that of the scenario unless said.
    versions
        Name and version of what may decide a result.
    """

    scenario: Scenario
    candidates: Candidates
    solver: str | None
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Job:
    """One run to make.

    Parameters
    ----------
    hash
        Of all that decides it.
    changes
        What it changes in the scenario, by path.
    candidates
        Its table, where it is not that of the others.
    start
        What the base run left; None for the base run itself.
    """

    hash: str
    changes: Mapping[str, object]
    candidates: Candidates | None
    start: Start | None


@dataclass(frozen=True)
class Crew:
    """Workers that take jobs.

    Parameters
    ----------
    submit
        Hands a job over; the future gives the run and its seconds.
    width
        Returns how many jobs should be under way.
    lost
        Errors that tell that there are no workers any more.
    deadly
        Errors that tell that a job took its workers with it, again and again.
    """

    submit: Callable[[Job], "Future[tuple[Run, float]]"]
    width: Callable[[], int]
    lost: tuple[type[Exception], ...] = ()
    deadly: tuple[type[Exception], ...] = ()


#: Opens a crew for a setting.
Hire = Callable[[Setting], AbstractContextManager[Crew]]

_one_at_a_time = threading.Lock()


def work(setting: Setting, job: Job) -> tuple[Run, float]:
    """Make a run; return it with the seconds that it took.

    Raises
    ------
    InternalError
        When this worker has other versions than the one who asks.
    """
    if setting.versions != versions():
        theirs, ours = (
            ", ".join(f"{name} {number}" for name, number in each) for each in (versions(), setting.versions)
        )
        raise InternalError(
            message("A worker has other versions: {theirs}; expected {ours}.", theirs=theirs, ours=ours)
        )
    # Workers of a cluster may be threads; times are those of one run alone.
    with _one_at_a_time:
        begin = time.perf_counter()
        scenario = overridden(setting.scenario, job.changes)
        table = setting.candidates if job.candidates is None else job.candidates
        run = evaluate(job.hash, scenario, table, setting.solver or scenario.solve.solver, job.start)
        return run, time.perf_counter() - begin


# ------------------------------------------------------------------------------------------------------------- this machine

_setting: Setting | None = None


def processes(n: int) -> Hire:
    """Return who runs in `n` processes of this machine."""

    @contextmanager
    def hire(setting: Setting) -> Iterator[Crew]:
        with working_processes(n, _enter, setting) as submit:
            yield Crew(lambda job: submit(_work_here, job), lambda: (1 + _AHEAD) * n, lost=(BrokenProcessPool,))

    return hire


def _enter(setting: Setting) -> None:
    """Begin as a worker process."""
    global _setting
    _setting = setting


def _work_here(job: Job) -> tuple[Run, float]:
    assert _setting is not None
    return work(_setting, job)


# ---------------------------------------------------------------------------------------------------------------- a cluster


@dataclass(frozen=True)
class Tls:
    """Files of an encrypted connection.

    Parameters
    ----------
    ca, cert, key
        Certificate of the authority, own certificate, and its key.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None


def cluster(address: str, tls: Tls | None = None) -> Hire:
    """Return who runs on the Dask cluster whose scheduler has an address, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError
        When the crew is hired: Dask is not installed, or no scheduler answers.
    """

    @contextmanager
    def hire(setting: Setting) -> Iterator[Crew]:
        with _client(address, tls) as client:
            from distributed.comm.core import CommClosedError
            from distributed.scheduler import KilledWorker

            if not client.nthreads():
                logger.warning(message("The scheduler has no worker yet; the runs wait for one."))
            # A task of its own, so that the cluster makes it anew where the worker that holds it dies.
            held = client.submit(_same, setting, pure=False)
            executor = client.get_executor(pure=False)

            def width() -> int:
                threads: dict[str, int] = client.nthreads()
                return (1 + _AHEAD) * max(1, sum(threads.values()))

            def submit(job: Job) -> "Future[tuple[Run, float]]":
                future: Future[tuple[Run, float]] = executor.submit(work, held, job)
                return future

            try:
                yield Crew(submit, width, lost=(CancelledError, CommClosedError), deadly=(KilledWorker,))
            finally:
                executor.shutdown(wait=False)

    return hire


def _same(setting: Setting) -> Setting:
    return setting


@contextmanager
def _client(address: str, tls: Tls | None) -> Iterator[Any]:
    place = Place(path=address)
    try:
        from distributed import Client, Security
    except ImportError:
        text = message("A cluster needs Dask, which is not installed; install ptce-fund with the extra “dask”.")
        raise InputError([Fault(place, text)]) from None
    client, reason = None, ""
    try:
        security: Any = None
        if tls is not None or address.startswith("tls://"):
            files = tls or Tls()
            security = Security(  # type: ignore[no-untyped-call]
                tls_ca_file=files.ca, tls_client_cert=files.cert, tls_client_key=files.key, require_encryption=True
            )
        client = Client(address, security=security, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error)
    if client is None:
        # A client that found nobody must be cleared away before another begins, or Dask may wait for itself.
        gc.collect()
        text = message("No Dask scheduler answers at {address}: {reason}.", address=address, reason=reason)
        raise InputError([Fault(place, text)])
    # What befalls the connection is told by the errors of this program.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with client:
        yield client
