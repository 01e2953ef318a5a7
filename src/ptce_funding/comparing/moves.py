"""Who is funded in one result and not in another, and why not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ptce_funding.comparing.entries import Document, Entry
from ptce_funding.comparing.yardstick import has_same_value, worth
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
        Whether the smaller envelope of the two funds it, and the larger does not.
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


@dataclass(frozen=True)
class Exchange:
    """Whom the larger of two envelopes funds in place of those whom only the smaller funds.

    Parameters
    ----------
    entry
        Position of the result that is held against the baseline.
    smaller, larger
        Names of the two by their envelopes.
    entering, leaving
        Number of candidates whom only the larger funds, and whom only the smaller does.
    granted, freed
        Euros that the ones get, and the others.
    worth, lost
        What both are worth to the baseline; None where it knows not all of them.
    paths
        Parameters that differ besides the envelope and what funders bring to it.
    """

    entry: int
    smaller: str
    larger: str
    entering: int
    leaving: int
    granted: int
    freed: int
    worth: float | None
    lost: float | None
    paths: tuple[str, ...]


def exchange(entry: int, own: Sequence[Move], one: Entry, base: Entry) -> Exchange | None:
    """Return what takes the place of candidates whom only the smaller envelope funds; None where there are none.

    Parameters
    ----------
    entry
        Position of `one`.
    own
        Who enters it and who leaves.
    """
    leaving = [move for move in own if move.is_despite_more]
    if not leaving:
        return None
    entering = [move for move in own if move.enters != leaving[0].enters]
    smaller, larger = (one, base) if leaving[0].enters else (base, one)
    differing = [each for each in differing_paths(one, base) if not _is_money(each)]
    return Exchange(
        entry,
        smaller.name,
        larger.name,
        len(entering),
        len(leaving),
        sum(move.grant for move in entering),
        sum(move.grant for move in leaving),
        _worth(base, larger, entering),
        _worth(base, smaller, leaving),
        tuple(differing),
    )


def differing_paths(one: Entry, base: Entry) -> list[str]:
    """Return the parameters that are not the same in both, in the order of the ledger."""
    ledgers = [{line["path"]: line["value"] for line in each.document["sources"]} for each in (base, one)]
    missing = object()
    paths = dict.fromkeys(path for ledger in ledgers for path in ledger)
    return [path for path in paths if ledgers[0].get(path, missing) != ledgers[1].get(path, missing)]


def _is_money(path: str) -> bool:
    return path == "envelope.total" or (
        path.startswith("funders.") and path.rpartition(".")[2] in ("amount", "amounts")
    )


def _worth(base: Entry, funding: Entry, own: Sequence[Move]) -> float | None:
    """Return what the awards of some candidates are worth to the baseline; None where it does not know all of them."""
    ids = {move.candidate for move in own}
    if has_same_value(funding.document, base):
        return float(sum(each["value"] for each in funding.document["candidates"] if each["candidate"] in ids))
    if base.call is None:
        return None
    found = worth(base.call, [award for award in funding.document["awards"] if award["candidate"] in ids])
    return None if found.unknown else found.value


def moves(entry: int, one: Entry, base: Entry) -> tuple[Move, ...]:
    """Return who enters, then who leaves, each in the order of the table; none unless both have an allocation.

    Parameters
    ----------
    entry
        Position of `one`.
    """
    if not (one.has_allocation and base.has_allocation):
        return ()
    return (*_gone(entry, one, base, True), *_gone(entry, base, one, False))


def _gone(entry: int, funding: Entry, other: Entry, enters: bool) -> list[Move]:
    """Return whom one result funds and the other does not."""
    is_more = other.parameter("envelope.total") > funding.parameter("envelope.total")
    known = _outcomes(other.document)
    refused = {
        each["candidate"]: tuple(Text.said(text) for text in each["reasons"]) for each in other.document["refused"]
    }
    found = []
    for each in funding.document["candidates"]:
        id_ = each["candidate"]
        if each["outcome"] == "funded" and known.get(id_) != "funded":
            reasons: tuple[Reason, ...] = refused.get(id_, ())
            if id_ not in known:
                reasons = (message("not among the candidates of “{name}”", name=other.name),)
            dropped = is_more and id_ in known
            move = Move(entry, id_, each["name"], enters, each["grant"], dropped, known.get(id_), reasons)
            found.append(move)
    return found


def _outcomes(document: Document) -> Mapping[str, str]:
    return {each["candidate"]: each["outcome"] for each in document["candidates"]}
