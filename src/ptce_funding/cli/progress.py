"""Signs of life on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ptce_funding.messages import Message, message


@contextmanager
def working(lang: str, text: str, **values: Any) -> Iterator[Callable[[Message], None]]:
    """Show that work goes on, on a terminal only; what is given says how far."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status(Message(text, tuple(values.items())).render(lang) + "…") as status:
        yield lambda text: status.update(text.render(lang) + "…")


@contextmanager
def counting(lang: str, text: str, **values: Any) -> Iterator[Callable[[int, int, int], None]]:
    """Show on a terminal how many runs are done, how many of them have no allocation, and the time left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, of, without: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[without]}"), console=console, transient=True) as bar:
        task = bar.add_task(Message(text, tuple(values.items())).render(lang), total=None, without="")

        def told(done: int, of: int, without: int) -> None:
            note = message("without allocation: {n}", n=without).render(lang) if without else ""
            if bar.tasks[0].total is None:
                # What was kept before took no time now, and must not promise any.
                bar.reset(task, total=of, completed=done)
            bar.update(task, total=of, completed=done, without=note)

        yield told
