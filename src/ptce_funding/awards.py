"""Lines of a result."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Award:
    """Money of one funder for one step.

    Parameters
    ----------
    candidate
        Identifier.
    volet, aid
        What is supported; the aid is "" in a volet without aids.
    year
        Year of the commitment.
    funder
        Who pays; "" when the scenario states no funders.
    grant
        Euros.
    """

    candidate: str
    volet: str
    aid: str
    year: int
    funder: str
    grant: int


@dataclass(frozen=True, slots=True, order=True)
class Charge:
    """Money of one funder for what is no grant: the cost of a transversal volet, or an advantage that the envelope pays.

    Parameters
    ----------
    candidate
        Identifier; "" for a transversal volet.
    volet, advantage
        What is paid; the advantage is "" for a transversal volet.
    year
        Year of the commitment.
    funder
        Who pays; "" when the scenario states no funders.
    amount
        Euros.
    """

    candidate: str
    volet: str
    advantage: str
    year: int
    funder: str
    amount: int


@dataclass(frozen=True, slots=True, order=True)
class Benefit:
    """An advantage of a volet for one candidate, whoever pays it.

    Parameters
    ----------
    candidate
        Identifier.
    volet, advantage
        What brings it, and its name.
    year
        Year of the award that opens it.
    amount
        Euros, all its years together.
    is_inside
        Whether the envelope pays it.
    """

    candidate: str
    volet: str
    advantage: str
    year: int
    amount: int
    is_inside: bool


def money_of(awards: Iterable[Award]) -> Counter[str]:
    """Return the euros of each funded candidate, in the order of the awards."""
    euros: Counter[str] = Counter()
    for award in awards:
        euros[award.candidate] += award.grant
    return euros
