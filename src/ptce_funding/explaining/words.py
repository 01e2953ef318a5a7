"""What explanations say."""

from collections.abc import Mapping
from fractions import Fraction

from ptce_funding.conditions import Bound
from ptce_funding.eligibility import Failure
from ptce_funding.explaining.margins import Margin
from ptce_funding.explaining.merit import Lever
from ptce_funding.ledger import cited
from ptce_funding.messages import N_, Message, message
from ptce_funding.refusals import Outcome
from ptce_funding.vocabulary import ColumnLabel

_PROVED = N_("Verified by solving, with the change and with one step less.")
_UNPROVED = N_("Not proved: a search did not end within its time limit.")

#: What becomes of a candidate once its financing plan closes.
_THEN: Mapping[Outcome | None, Message] = {
    "funded": message("It would then be funded."),
    "outranked": message("It would then be outranked."),
    "rejected": message("It would still be set aside by the decision on it."),
    "unfundable": message("The money of the scheme that could pay it would still not suffice."),
    None: message("No allocation would then keep the rules."),
}


def proof(is_proved: bool) -> Message:
    """Return what is said of how well something is known."""
    return message(_PROVED) if is_proved else message(_UNPROVED)


def _with_proof(text: Message, is_proved: bool) -> Message:
    return message("{claim} {proof}", claim=text, proof=proof(is_proved))


def failed(failure: Failure) -> Message:
    """Return a failed criterion with where it, or what it demands, comes from."""
    sources = [test.source or failure.criterion.source for test in failure.tests]
    told = [cited(source) for n, source in enumerate(sources) if source and source not in sources[:n]]
    if not told:
        return failure.message
    return message("{failure} ({sources:list})", failure=failure.message, sources=told)


# --------------------------------------------------------------------------------------------------------------- the candidate


def ask(start: int, end: int, before: int, is_made_up: bool, is_proved: bool) -> Message:
    """Return the least cut of the ask that lets a candidate in."""
    values = {"cut": start - end, "end": end, "start": start, "before": before}
    if is_made_up:
        text = message(
            "It would be funded if it asked for {end:euros} in place of {start:euros} ({cut:euros} less) and brought as much more of its "
            "own, but not with {before:euros}.",
            **values,
        )
    else:
        text = message(
            "It would be funded if it asked for {end:euros} in place of {start:euros} ({cut:euros} less), but not with {before:euros}.",
            **values,
        )
    return _with_proof(text, is_proved)


def ask_unreachable(end: int, start: int, is_made_up: bool, is_proved: bool) -> Message:
    """Return that no cut of the ask lets a candidate in."""
    if end == start:
        return message("It asks for {ask:euros}, the least with which it is fundable: no smaller ask helps.", ask=start)
    if is_made_up:
        text = message(
            "No smaller ask was found that would let it in, not even {end:euros} in place of {start:euros} with as much more of its own, "
            "the least with which it is fundable.",
            end=end,
            start=start,
        )
    else:
        text = message(
            "No smaller ask was found that would let it in, not even {end:euros} in place of {start:euros}, the least with which it is "
            "fundable.",
            end=end,
            start=start,
        )
    return message("{claim} {proof}", claim=text, proof=_once(is_proved))


def _once(is_proved: bool) -> Message:
    return message("Verified by solving.") if is_proved else message(_UNPROVED)


def merit_stuck(margin: Margin, group: int, is_funded: bool) -> Message | None:
    """Return why no merit turns a candidate, where rules or earlier groups decide; None where merit may."""
    if margin.kind == "needed":
        return message("Its place does not depend on its merit: the rules need it.")
    if margin.kind == "impossible":
        return message("No rise of its merit would let it in: with it, the rules and the envelope cannot both be kept.")
    decided = margin.group
    if decided is None or decided >= group:
        return None
    if is_funded:
        return message("Its place does not depend on its merit: without it, a group that is served earlier would lose.")
    return message("No rise of its merit would let it in: a group that is served earlier would lose.")


def merit_never(lever: Lever, is_funded: bool, is_proved: bool) -> Message:
    """Return that merit does not turn a candidate within the ends of its column."""
    if not is_proved:
        return message("What another merit would change was not found.")
    if is_funded and lever.column:
        return message(
            "It would keep its place even with {least:number} in “{column}”, where it has {start:number}.",
            column=ColumnLabel(lever.column),
            least=float(lever.at(-(lever.room(is_up=False) or 0))),
            start=float(lever.start),
        )
    if is_funded:
        return message("However far its merit fell, it would keep its place: tried down to nought.")
    if lever.most is not None:
        return message(
            "Not even with “{column}” at {most:number}, the most that it may be, would it be funded.",
            column=ColumnLabel(lever.column),
            most=float(lever.most),
        )
    return message("No rise of its merit would let it in: its merit counts for nothing.")


def merit(lever: Lever, steps: int, before: int, is_funded: bool, is_proved: bool, tie: Fraction | None) -> Message:
    """Return the least rise of the merit that lets a candidate in, or the least fall that makes it drop out.

    Parameters
    ----------
    tie
        Where two allocations are worth the same.
    """
    values = {
        "start": float(lever.start),
        "end": float(lever.at(steps)),
        "before": float(lever.at(before)),
        "by": float(abs(steps) * lever.step),
    }
    if lever.column and is_funded:
        text = message(
            "It would keep its place down to {before:number} in “{column}”, where it has {start:number}, and drop out at {end:number}.",
            column=ColumnLabel(lever.column),
            **values,
        )
    elif lever.column:
        text = message(
            "It would be funded with {end:number} in “{column}” in place of {start:number} ({by:number} more), but not with "
            "{before:number}.",
            column=ColumnLabel(lever.column),
            **values,
        )
    elif is_funded:
        text = message(
            "It would keep its place down to a merit of {before:number}, where it has {start:number}, and drop out at {end:number}; no "
            "single column carries the merit.",
            **values,
        )
    else:
        text = message(
            "It would be funded with a merit of {end:number} in place of {start:number} ({by:number} more), but not with "
            "{before:number}; no single column carries the merit.",
            **values,
        )
    told = _with_proof(text, is_proved)
    if tie is None:
        return told
    return message("{claim} At {tie:number} itself two allocations are worth the same.", claim=told, tie=float(tie))


def cofinancing(euros: int, from_local: bool, fate: Outcome | None, is_proved: bool) -> Message:
    """Return the least co-financing that makes a candidate fundable, and what would come of it: None where nothing could."""
    if from_local:
        text = message("It would be fundable if collectivités brought {euros:euros} more, no euro less.", euros=euros)
    else:
        text = message(
            "It would be fundable if its own or others' money brought {euros:euros} more, no euro less.", euros=euros
        )
    return message("{claim} {then} {proof}", claim=text, then=_THEN[fate], proof=_once(is_proved))


# ---------------------------------------------------------------------------------------------------------------- the scenario


def envelope(start: int, end: int, before: int, is_proved: bool) -> Message:
    """Return the least envelope found that lets a candidate in."""
    text = message(
        "It would be funded with an envelope of {end:euros} ({rise:euros} more, the least found), but not with {before:euros}.",
        end=end,
        rise=end - start,
        before=before,
    )
    return _with_proof(text, is_proved)


def envelope_unreachable(end: int, is_proved: bool) -> Message:
    """Return that no envelope lets a candidate in."""
    text = message(
        "No larger envelope was found that would let it in, not even {end:euros}.",
        end=end,
    )
    return message("{claim} {proof}", claim=text, proof=_once(is_proved))


def strict() -> Message:
    """Return the name of the strict reading of the priority."""
    return message("the strict order of the priority groups")


def without(name: Message, is_in: bool, is_proved: bool) -> Message:
    """Return what comes of it for a candidate where a condition is let go."""
    if is_in:
        text = message("It would be funded without {name}.", name=name)
    else:
        text = message("Even without {name} it would not be funded.", name=name)
    return message("{claim} {proof}", claim=text, proof=_once(is_proved))


def undecided(is_in: bool, is_proved: bool) -> Message:
    """Return what would become of a candidate without the decision on it."""
    text = (
        message("Without that decision it would be funded.")
        if is_in
        else message("Without that decision it would not be funded.")
    )
    return message("{claim} {proof}", claim=text, proof=_once(is_proved))


def fixed(name: Message, is_proved: bool) -> Message:
    """Return that a condition that stands in the way is not to be bent."""
    text = message("It would be funded without {name}, which its author does not let be bent.", name=name)
    return message("{claim} {proof}", claim=text, proof=_once(is_proved))


def bent(name: Message, bound: Bound, steps: int, is_proved: bool) -> Message:
    """Return the least move found of a bound that lets a candidate in."""
    shown = [_shown(bound, bound.moved(each)) for each in (0, steps, steps - 1)]
    values = {"name": name, "path": bound.path, "start": shown[0], "end": shown[1], "before": shown[2]}
    text = message(
        "It would be funded with {name} at {end} in place of {start} ({path}; the least move found), but not at {before}.",
        **values,
    )
    return _with_proof(text, is_proved)


def _shown(bound: Bound, value: Fraction) -> Message:
    if bound.measure == "amount":
        return message("{value:euros}", value=float(value))
    if bound.measure == "share":
        return message("{value:percent}", value=float(value))
    return message("{value:number}", value=float(value))
