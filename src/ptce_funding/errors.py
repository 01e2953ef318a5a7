"""What can go wrong, as one tree of exceptions.

::

    FundingError
    ├── InputError              the user's input; carries every fault found        exit code 1
    │   ├── ScenarioError       a scenario file or an override
    │   └── CandidatesError     a candidate table
    ├── NoAllocationError       the rules leave no allocation                      exit code 2
    └── InternalError           not the user's doing                               exit code 3
        ├── SolverError         a solver failed or is not installed
        └── AuditError          a result broke a rule that it should keep

`Interrupted` is no error: it is Ctrl-C, with what was found before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ptce_funding.messages import Message, message


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's input something stands; what does not apply is None.

    Parameters
    ----------
    file
        File as the user named it.
    line
        Line of a text file, counted from 1.
    path
        Dotted path of a parameter in a scenario.
    sheet, row, column, id
        Sheet of a workbook, row as a spreadsheet numbers it, heading of the column, and identifier of the candidate.
    """

    file: str | None = None
    line: int | None = None
    path: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    id: str | None = None

    def render(self, lang: str = "en") -> str:
        """Return the place in words, outermost first."""
        parts = []
        if self.file is not None:
            parts.append(message("{file}", file=self.file))
        if self.line is not None:
            parts.append(message("line {line}", line=self.line))
        if self.sheet is not None:
            parts.append(message("sheet “{sheet}”", sheet=self.sheet))
        if self.row is not None:
            parts.append(message("row {row}", row=self.row))
        if self.column is not None:
            parts.append(message("column “{column}”", column=self.column))
        if self.id:
            parts.append(message("candidate {id}", id=self.id))
        if self.path is not None:
            parts.append(message("{path}", path=self.path))
        return ", ".join(part.render(lang) for part in parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the user's input.

    Parameters
    ----------
    place
        Where it stands.
    message
        What was found and what was expected.
    hint
        The nearest valid word, in words of the user's or of the reader's, or None.
    """

    place: Place
    message: Message
    hint: str | Message | None = None

    def render(self, lang: str = "en") -> str:
        """Return the fault as one line."""
        place = self.place.render(lang)
        text = self.message.render(lang)
        if self.hint is not None:
            text += " " + message("Did you mean “{hint}”?", hint=self.hint).render(lang)
        return f"{place}{' : ' if lang == 'fr' else ': '}{text}" if place else text


class FundingError(Exception):
    """Root of all errors of this package."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.message = reason

    def render(self, lang: str = "en") -> str:
        """Return the error in words."""
        return self.message.render(lang)

    def __str__(self) -> str:
        return self.render()


class InputError(FundingError):
    """The user's input has faults; all of them are in `faults`."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(message("{n} faults found in the input.", n=len(self.faults)))

    def render(self, lang: str = "en") -> str:
        """Return the faults, one a line."""
        return "\n".join(fault.render(lang) for fault in self.faults)


class ScenarioError(InputError):
    """A scenario file or an override has faults."""


class CandidatesError(InputError):
    """A candidate table has faults."""


class NoAllocationError(FundingError):
    """No allocation keeps all the rules, or none was found within the limits."""


class InternalError(FundingError):
    """Something failed that is not the user's doing."""


class SolverError(InternalError):
    """A solver failed or is not installed."""


class AuditError(InternalError):
    """A result broke a rule that it should keep: a fault of this program."""


class SplitError(AuditError):
    """Grants and charges that no split between funders and years keeps within their limits."""


class Interrupted(KeyboardInterrupt):
    """The user's Ctrl-C; what was found before it is in `found`."""

    def __init__(self, found: Any) -> None:
        super().__init__()
        self.found = found
