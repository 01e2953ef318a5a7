"""What letters say of what would have changed a decision: to the candidate itself, in whole sentences, without how it was found."""

from collections.abc import Mapping

from ptce_funding.explaining.merit import Lever
from ptce_funding.messages import Message, message
from ptce_funding.refusals import Outcome
from ptce_funding.vocabulary import ColumnLabel

#: What would have become of a candidate once its financing plan closes.
_THEN: Mapping[Outcome | None, Message] = {
    "funded": message("It would then have been retained."),
    "outranked": message("It would not have been retained for all that."),
    "rejected": message("The decision that set it aside would have stood."),
    "unfundable": message("The money of the call that could pay it would still not have sufficed."),
    None: message("No choice could then have respected both the rules of the call and its envelope."),
}


def ask(start: int, end: int, is_made_up: bool) -> Message:
    """Return with which smaller request a candidate would have been retained."""
    if is_made_up:
        return message(
            "Your application would have been retained with a request of {end:euros} instead of {start:euros}, the difference being "
            "brought by your own funds.",
            end=end,
            start=start,
        )
    return message(
        "Your application would have been retained with a request of {end:euros} instead of {start:euros}.",
        end=end,
        start=start,
    )


def ask_unreachable(end: int, start: int) -> Message:
    """Return that no smaller request would have done."""
    if end == start:
        return message("Your request is the smallest with which your application could be funded.")
    return message("No smaller request was found with which your application would have been retained.")


def merit(lever: Lever, steps: int) -> Message:
    """Return with which higher mark a candidate would have been retained."""
    values = {"start": float(lever.start), "end": float(lever.at(steps))}
    if not lever.column:
        return message(
            "Your application would have been retained with an overall mark of {end:number} instead of {start:number}.",
            **values,
        )
    return message(
        "Your application would have been retained with {end:number} instead of {start:number} under “{column}”.",
        column=ColumnLabel(lever.column),
        **values,
    )


def merit_unreachable() -> Message:
    """Return that no mark would have done."""
    return message("A higher mark would not have sufficed for your application to be retained.")


def cofinancing(euros: int, from_local: bool, fate: Outcome | None, is_proved: bool) -> Message:
    """Return with how much more co-financing a candidate could have been funded, and what would have come of it where that is known."""
    if from_local:
        text = message(
            "Your application could have been funded if local authorities had brought at least {euros:euros} more.",
            euros=euros,
        )
    else:
        text = message(
            "Your application could have been funded if your own funds or other funders had brought at least {euros:euros} more.",
            euros=euros,
        )
    return message("{claim} {then}", claim=text, then=_THEN[fate]) if is_proved else text


def envelope(start: int, end: int) -> Message:
    """Return with which envelope a candidate would have been retained."""
    return message(
        "Your application would have been retained with an envelope of {end:euros} for the call instead of {start:euros}.",
        end=end,
        start=start,
    )


def without(name: Message) -> Message:
    """Return that a condition of the call stood in the way."""
    return message("Your application would have been retained without {name}.", name=name)


def undecided(is_in: bool) -> Message:
    """Return what would have become of a candidate without the decision on it."""
    if is_in:
        return message("Without this decision, your application would have been retained.")
    return message("Without this decision, your application would not have been retained either.")
