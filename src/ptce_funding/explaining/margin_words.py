"""What explanations say of margins: what a candidate adds, or would cost."""

from collections.abc import Sequence
from math import isfinite

from ptce_funding.explaining.margins import Margin
from ptce_funding.messages import Message, message
from ptce_funding.scenario import Scenario
from ptce_funding.vocabulary import ChoiceWord


def group_of(scenario: Scenario, group: int) -> Message:
    """Return the name of a priority group."""
    order, column = scenario.priority.order, scenario.priority.column
    if group >= len(order):
        return message("the others")
    members = [ChoiceWord(column, each) if isinstance(each, str) else each for each in order[group]]
    return message("{words:list}", words=members)


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
        return message(
            "It cannot be funded whatever its merit: with it, no allocation keeps both the rules and the envelope (proved)."
        )
    if not margin.is_proved:
        return _between(scenario, margin, forced_in=True)
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
        return _between(scenario, margin, forced_in=False)
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


def _between(scenario: Scenario, margin: Margin, forced_in: bool) -> Message:
    """Return between which values a margin lies: of the first group for which that is open, on which the later ones depend."""
    ends = list(zip(margin.least, margin.most, strict=True))
    group = next((g for g, (low, high) in enumerate(ends) if low != high or low), 0)
    least, most = (-ends[group][1], -ends[group][0]) if forced_in else ends[group]
    values = {"least": least, "most": most}
    if not (isfinite(least) and isfinite(most)):
        if forced_in:
            return message(
                "What it would cost to force it in is not known: the search did not end within its time limit."
            )
        return message("What its loss would cost is not known: the search did not end within its time limit.")
    if len(ends) == 1 and forced_in:
        return message(
            "Forced in, it would cost between {least:number} and {most:number} of value: the search did not end within its time limit.",
            **values,
        )
    if len(ends) == 1:
        return message(
            "Its loss would cost between {least:number} and {most:number} of value: the search did not end within its time limit.",
            **values,
        )
    name = group_of(scenario, group)
    if forced_in:
        return message(
            "Forced in, it would cost the group “{group}” between {least:number} and {most:number} of value: the search did not end "
            "within its time limit.",
            group=name,
            **values,
        )
    return message(
        "Its loss would cost the group “{group}” between {least:number} and {most:number} of value: the search did not end within its "
        "time limit.",
        group=name,
        **values,
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


def rank(number: int, of: int, is_proved: bool) -> Message:
    """Return the rank of importance."""
    if not is_proved:
        return message(
            "Rank of importance: {rank} of {n} fundable candidates, as far as is known: not every search ended within its time limit.",
            rank=number,
            n=of,
        )
    return message(
        "Rank of importance: {rank} of {n} fundable candidates, by what each adds or would cost.", rank=number, n=of
    )
