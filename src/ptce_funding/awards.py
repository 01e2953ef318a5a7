"""Lines of a result."""

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
