"""Signs of life on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ptce_funding.messages import Message


@contextmanager
def working(lang: str, text: str, **values: Any) -> Iterator[None]:
    """Show that work goes on, on a terminal only."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(Message(text, tuple(values.items())).render(lang) + "…"):
        yield
