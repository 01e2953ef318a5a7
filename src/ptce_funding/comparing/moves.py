"""Who is funded in one result and not in another, and why not there."""

from collections.abc import Mapping
from dataclasses import dataclass

from ptce_funding.comparing.entries import Document, Entry
from ptce_funding.messages import Message, message
from ptce_funding.parts import Text

Reason = Text | Message


@dataclass(frozen=True)
class Move:
    """A candidate whom one of two results funds.

    Parameters
    ----------
    entry
        Position of the result that is held against the baseline.
    candidate, name
        Identifier, and name; None where the table has none.
    enters
        Whether it is funded there and not in the baseline; else it is the other way round.
    grant
        Euros, where it is funded.
    is_despite_more
        Whether it drops out of an envelope larger than that of the baseline.
    outcome
        What became of it where it is not funded; None where it is no candidate.
    reasons
        Why it is not funded there.
    """

    entry: int
    candidate: str
    name: str | None
    enters: bool
    grant: int
    is_despite_more: bool
    outcome: str | None
    reasons: tuple[Reason, ...]


def moves(entry: int, one: Entry, base: Entry) -> tuple[Move, ...]:
    """Return who enters, then who leaves, each in the order of the table; none unless both have an allocation.

    Parameters
    ----------
    entry
        Position of `one`.
    """
    if not (one.has_allocation and base.has_allocation):
        return ()
    is_more = one.parameter("envelope.total") > base.parameter("envelope.total")
    return (*_gone(entry, one, base, True, False), *_gone(entry, base, one, False, is_more))


def _gone(entry: int, funding: Entry, other: Entry, enters: bool, is_despite_more: bool) -> list[Move]:
    """Return whom one result funds and the other does not."""
    known = _outcomes(other.document)
    refused = {each["candidate"]: tuple(Text(**text) for text in each["reasons"]) for each in other.document["refused"]}
    found = []
    for each in funding.document["candidates"]:
        id_ = each["candidate"]
        if each["outcome"] == "funded" and known.get(id_) != "funded":
            reasons: tuple[Reason, ...] = refused.get(id_, ())
            if id_ not in known:
                reasons = (message("not among the candidates of “{name}”", name=other.name),)
            dropped = is_despite_more and id_ in known
            move = Move(entry, id_, each["name"], enters, each["grant"], dropped, known.get(id_), reasons)
            found.append(move)
    return found


def _outcomes(document: Document) -> Mapping[str, str]:
    return {each["candidate"]: each["outcome"] for each in document["candidates"]}
