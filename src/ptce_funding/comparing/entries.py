"""What is compared: results as documents, whether they were just computed or written before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.call import Call

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One scenario of a comparison.

    Parameters
    ----------
    name
        What it is called there.
    document
        Its result, as `allocation.json` has it.
    call
        What was solved; None where only what was written of it is known, or where nothing more of it is wanted.
    """

    name: str
    document: Document
    call: Call | None = None

    @property
    def has_allocation(self) -> bool:
        """Whether there is an allocation, proved best or not."""
        return self.document["absence"] is None

    def parameter(self, path: str) -> Any:
        """Return the value of a parameter of the ledger; None where it has none."""
        return next((line["value"] for line in self.document["sources"] if line["path"] == path), None)


def entry_of(allocation: Allocation, name: str | None = None, command: str = "") -> Entry:
    """Return an allocation as an entry, by the name of its scenario unless said.

    Parameters
    ----------
    command
        Command that gives it again.
    """
    from ptce_funding.report.document import document

    return Entry(name or allocation.call.scenario.name, document(allocation, command), allocation.call)


def unique_names(names: Sequence[str], others: Iterable[str] | None = None) -> list[str]:
    """Return names that are each there once.

    Parameters
    ----------
    others
        What to call those that share a name; where these are shared too, a number tells them apart.
    """
    counts = Counter(names)
    chosen = [other if counts[name] > 1 else name for name, other in zip(names, list(others or names), strict=True)]
    found: list[str] = []
    for name in chosen:
        number, unique = 1, name
        while unique in found:
            number += 1
            unique = f"{name} ({number})"
        found.append(unique)
    return found
