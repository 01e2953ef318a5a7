"""Processes of this machine that work for this one, and end with it, however it ends."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Protocol


class Submit(Protocol):
    """Hands a function and its arguments to a process."""

    def __call__(self, work: Callable[..., Any], /, *args: Any) -> "Future[Any]":
        """Return the future of what it returns."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def working_processes(n: int, begin: Callable[..., None], *args: Any) -> Iterator[Submit]:
    """Open `n` processes; what is not begun when this ends is dropped, and an error does not wait for what is.

    Parameters
    ----------
    begin, args
        Called in each process before it works.
    """
    context = get_context("spawn")
    # Nobody writes to this pipe. It ends with this process, however that ends, and the workers with it.
    ears, mouth = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(n, context, _enter, (ears, begin, args))

    def submit(work: Callable[..., Any], /, *given: Any) -> "Future[Any]":
        with _uninterrupted():
            return executor.submit(work, *given)

    try:
        yield submit
    except BaseException:
        mouth.close()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        mouth.close()
        ears.close()


def _enter(ears: Connection, begin: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Begin as a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(ears,), daemon=True).start()
    begin(*args)


def _end_with(ears: Connection) -> None:
    """End this process when the other end of a pipe does."""
    ears.poll(None)
    os._exit(1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back for a moment; processes begun meanwhile never see it, and end as they are told to."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
