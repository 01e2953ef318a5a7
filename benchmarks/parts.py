"""What the parts of the benchmark have in common: what is asked of them, and what they tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Setting:
    """How much is measured.

    Parameters
    ----------
    seeds
        Draws of candidates of the national programme.
    limit
        Seconds for each solve.
    candidates
        Of the national programme and of the sweep.
    sizes, largest_whole, draws
        Numbers of candidates of the growth; up to which of them the problem is also solved whole; draws for each.
    samples, held
        Scenarios of the sweep, and how many of them the textbook solves as well.
    scenarios, rounds
        Scenario files, and seeds of the solver for each.
    starts
        Times that each command is started.
    is_quick
        Whether all this only shows that everything works.
    """

    seeds: int = 10
    limit: float = 60.0
    candidates: int = 130
    sizes: tuple[int, ...] = (130, 500, 2_000, 10_000, 30_000, 100_000)
    largest_whole: int = 2_000
    draws: int = 3
    samples: int = 1_000
    held: int = 50
    scenarios: tuple[Path, ...] = ()
    rounds: int = 3
    starts: int = 21
    is_quick: bool = False


class Record(Protocol):
    """One measurement; its text is a line that tells of it."""

    def plain(self) -> dict[str, Any]:
        """Return all of it as plain values."""


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Parameters
    ----------
    title, headings, rows
        What it shows.
    notes
        Paragraphs under it.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What is claimed, and what was measured.

    Parameters
    ----------
    text
        What is measured.
    target, is_least
        What it must be, at least or at most.
    measured
        None where it was not.
    mark
        `≥` or `≤` where a limit left only a bound of it, `?` where it left neither.
    """

    text: str
    target: float
    measured: float | None
    is_least: bool = True
    mark: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the claim holds; None where that is not known."""
        if self.measured is None or self.mark == "?":
            return None
        holds = self.measured >= self.target if self.is_least else self.measured <= self.target
        # A lower bound may show that enough was reached, never that it was not; and so the other way round.
        decides = {"": True, "≥": holds == self.is_least, "≤": holds != self.is_least}[self.mark]
        return holds if decides else None


@dataclass(frozen=True)
class Outcome:
    """What a part tells of its measurements.

    Parameters
    ----------
    claims, tables
        For readers.
    figures
        The figures of the tables as plain values.
    """

    claims: tuple[Claim, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: Sequence[dict[str, Any]] = field(default=())


class Part(Protocol):
    """A part of the benchmark: a module with two functions."""

    def measure(self, setting: Setting) -> Iterator[Any]:
        """Measure; give each record as soon as it is known."""

    def outcome(self, records: Sequence[Any]) -> Outcome:
        """Tell what records say, all of them or those that there are."""


def seconds(number: float) -> str:
    """Write seconds with as many digits as matter."""
    return f"{number:.3f}" if number < 1 else f"{number:.2f}" if number < 10 else f"{number:.1f}"


def figure(number: float | None, form: str = ",.2f") -> str:
    """Write a number, a dash where there is none."""
    return "–" if number is None else f"{number:{form}}"


def gap(number: float | None) -> str:
    """Write a relative gap."""
    return "0" if number == 0 else figure(number, ".1e")
