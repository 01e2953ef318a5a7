"""What explanations say."""

from collections.abc import Sequence
from fractions import Fraction

from ptce_funding.conditions import Bound
from ptce_funding.eligibility import Failure
from ptce_funding.explaining.margins import Margin
from ptce_funding.explaining.merit import Lever
from ptce_funding.messages import N_, Message, message
from ptce_funding.scenario import Scenario
from ptce_funding.vocabulary import ChoiceWord, ColumnLabel

_PROVED = N_("Verified by solving, with the change and with one step less.")
_UNPROVED = N_("Not proved: a search did not end within its time limit.")


def group_of(scenario: Scenario, group: int) -> Message:
    """Return the name of a priority group."""
    order, column = scenario.priority.order, scenario.priority.column
    if group >= len(order):
        return message("the others")
    members = [ChoiceWord(column, each) if isinstance(each, str) else each for each in order[group]]
    return message("{words:list}", words=members)


def proof(is_proved: bool) -> Message:
    """Return what is said of how well something is known."""
    return message(_PROVED) if is_proved else message(_UNPROVED)


def _with_proof(text: Message, is_proved: bool) -> Message:
    return message("{claim} {proof}", claim=text, proof=proof(is_proved))


def failed(failure: Failure) -> Message:
    """Return a failed criterion with where it, or what it demands, comes from."""
    sources = dict.fromkeys(test.source or failure.criterion.source for test in failure.tests)
    stated = [source for source in sources if source]
    if not stated:
        return failure.message
    return message("{failure} (source: {sources:list})", failure=failure.message, sources=stated)


# --------------------------------------------------------------------------------------------------------------------- margins


def loss(scenario: Scenario, margin: Margin, values: Sequence[float]) -> Message:
    """Return what forcing a candidate in would cost.

    Parameters
    ----------
    values
        Value of each objective as things stand.
    """
    if margin.kind == "impossible":
        if not margin.is_proved:
            return message("Forced in: no allocation was found within the time limit; there may be one.")
        return message("It cannot be funded whatever its merit: with it, no allocation keeps the rules (proved).")
    if not margin.is_proved:
        return _between(margin, forced_in=True)
    group = margin.group
    if group is None:
        return message("An allocation of the same value funds it: it is out by the order in which ties are settled.")
    fall, whole = -margin.by_group[group], values[group]
    if fall < 0:
        return message(
            "With it the value would be {gain:number} higher: it is a decision that keeps it out.", gain=-fall
        )
    if len(values) == 1:
        return message(
            "Forced in, it would cost {loss:number} of value, {share:percent} of {value:number}: proved.",
            loss=fall,
            share=fall / whole if whole else 0.0,
            value=whole,
        )
    return message(
        "Forced in, it would cost {loss:number} of value to the group “{group}”, {share:percent} of {value:number}: proved.",
        loss=fall,
        share=fall / whole if whole else 0.0,
        value=whole,
        group=group_of(scenario, group),
    )


def replacement(scenario: Scenario, margin: Margin, values: Sequence[float]) -> Message:
    """Return what the loss of a funded candidate would cost."""
    if margin.kind == "needed":
        if not margin.is_proved:
            return message("Without it no allocation was found within the time limit; there may be one.")
        return message("The rules need it: without it, no allocation keeps them (proved).")
    if not margin.is_proved:
        return _between(margin, forced_in=False)
    group = margin.group
    if group is None:
        return message("An allocation of the same value does without it: its place is a tie.")
    fall, whole = margin.by_group[group], values[group]
    if fall < 0:
        return message(
            "Without it the value would be {gain:number} higher: it is a decision that funds it.", gain=-fall
        )
    if len(values) == 1:
        return message(
            "Its loss would cost {loss:number} of value, {share:percent} of {value:number}, whoever took its place: proved.",
            loss=fall,
            share=fall / whole if whole else 0.0,
            value=whole,
        )
    return message(
        "Its loss would cost {loss:number} of value to the group “{group}”, {share:percent} of {value:number}, whoever took its place: "
        "proved.",
        loss=fall,
        share=fall / whole if whole else 0.0,
        value=whole,
        group=group_of(scenario, group),
    )


def _between(margin: Margin, forced_in: bool) -> Message:
    least, most = sum(margin.least), sum(margin.most)
    if forced_in:
        return message(
            "Forced in, it would cost between {least:number} and {most:number} of value: the search did not end within its time limit.",
            least=-most,
            most=-least,
        )
    return message(
        "Its loss would cost between {least:number} and {most:number} of value: the search did not end within its time limit.",
        least=least,
        most=most,
    )


def at_the_line(is_funded: bool) -> Message:
    """Return that a candidate is nearer to the line than the scenario asks to know."""
    if is_funded:
        return message(
            "At the line: it is in by less than the gap that the scenario allows (solve.gap); a search that stops there may leave it out."
        )
    return message(
        "At the line: it is out by less than the gap that the scenario allows (solve.gap); a search that stops there may take it in."
    )


def moves(margin: Margin, is_funded: bool) -> Message:
    """Return who would lose and gain a place in the other case."""
    leaving, entering, euros = margin.leaving, margin.entering, margin.moved
    if is_funded:
        if entering and leaving:
            return message(
                "Without it {entering:list} would be funded and {leaving:list} no longer; {euros:euros} would change hands.",
                entering=entering,
                leaving=leaving,
                euros=euros,
            )
        if entering:
            return message(
                "Without it {entering:list} would be funded; {euros:euros} would change hands.",
                entering=entering,
                euros=euros,
            )
        if leaving:
            return message(
                "Without it {leaving:list} would not be funded either; {euros:euros} would change hands.",
                leaving=leaving,
                euros=euros,
            )
        return message("Nobody would take its place; {euros:euros} would go to others.", euros=euros)
    if entering and leaving:
        return message(
            "It would push out {leaving:list}, while {entering:list} would come in too; {euros:euros} would change hands.",
            entering=entering,
            leaving=leaving,
            euros=euros,
        )
    if leaving:
        return message(
            "It would push out {leaving:list}; {euros:euros} would change hands.", leaving=leaving, euros=euros
        )
    if entering:
        return message(
            "It would push nobody out, and {entering:list} would come in too; {euros:euros} would change hands.",
            entering=entering,
            euros=euros,
        )
    return message("It would push nobody out; {euros:euros} would change hands.", euros=euros)


def rank(number: int, of: int) -> Message:
    """Return the rank of importance."""
    return message(
        "Rank of importance: {rank} of {n} fundable candidates, by what each adds or would cost.", rank=number, n=of
    )


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
            "Not even asking for {end:euros} in place of {start:euros} and bringing as much more of its own, the least with which it is "
            "fundable, would it be funded.",
            end=end,
            start=start,
        )
    else:
        text = message(
            "Not even asking for {end:euros} in place of {start:euros}, the least with which it is fundable, would it be funded.",
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
        return message("No rise of its merit would let it in: the rules exclude it.")
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


def cofinancing(euros: int, from_local: bool, is_in: bool, is_proved: bool) -> Message:
    """Return the least co-financing that makes a candidate fundable, and what would come of it."""
    if from_local:
        text = message("It would be fundable if collectivités brought {euros:euros} more, no euro less.", euros=euros)
    else:
        text = message(
            "It would be fundable if its own or others' money brought {euros:euros} more, no euro less.", euros=euros
        )
    then = message("It would then be funded.") if is_in else message("It would then be outranked.")
    return message("{claim} {then} {proof}", claim=text, then=then, proof=_once(is_proved))


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
        "No larger envelope was found that would let it in, not even {end:euros}, enough for all that could be funded.",
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
