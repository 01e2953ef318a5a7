"""What would let a candidate in, or make it drop out: each the least found, tried, and tried one step less."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Literal

from ptce_funding.call import Call, prepare
from ptce_funding.conditions import Bound, Condition, conditions, envelope_bound
from ptce_funding.explaining import letter_words, words
from ptce_funding.explaining.financing import FinancingPlan, Purse, asked
from ptce_funding.explaining.margins import Margin
from ptce_funding.explaining.merit import Lever, lever_of, turning_point
from ptce_funding.explaining.trials import Change, Outcome, Trial, Trials
from ptce_funding.messages import Message
from ptce_funding.money import exact
from ptce_funding.parts import LARGEST_ENVELOPE
from ptce_funding.scenario import stated_rules
from ptce_funding.toml_lines import join

Kind = Literal["ask", "merit", "envelope", "condition", "cofinancing"]

#: What became of the search for a change.
Verdict = Literal["verified", "unreachable", "stands", "fixed", "unproved"]

#: Doublings after which a bound without an end is taken to be no way in.
_DOUBLINGS = 40

#: Smaller parts of an envelope are not what a larger one is sought for.
_LEAST_PART = Fraction(1, 1000)

STRICT = Change(values=(("priority.mode", "none"),))


@dataclass(frozen=True)
class Counterfactual:
    """What would let a candidate in, or make it drop out.

    Parameters
    ----------
    kind
        What is changed.
    key
        Path or column of it; "" for the merit itself.
    verdict
        `verified`: it turns with `change` and does not with `less`, both solved; `unreachable`: it does not, however much is changed,
        as was tried; `stands`: a funded candidate keeps its place however much is changed, as was tried; `fixed`: the condition stands
        in the way and is not to be bent; `unproved`: as `verified`, but a search did not end within its time.
    start, end
        Where it stands, and where the candidate turns; None where that is no number.
    change, less
        What is to be changed in the files; and the same one step less. None where there is no such.
    sentence
        All of it in words.
    letter
        What is told the candidate of it, once it is decided; None where that is nothing, or not proved.
    """

    kind: Kind
    key: str
    verdict: Verdict
    start: float | None
    end: float | None
    change: Change | None
    less: Change | None
    sentence: Message
    letter: Message | None = None


# ------------------------------------------------------------------------------------------------------------- the candidate


def ask(trials: Trials, call: Call, i: int) -> Iterator[Counterfactual]:
    """Give the least cut of what the candidate at position `i` asks that would let it in."""
    purse = Purse(call, i)
    if not purse.columns:
        return
    tried, last, smallest, helped, is_proved = 0, None, purse.ask, False, True
    for is_made_up in (False, True):
        most = purse.largest_cut(is_made_up)
        if most <= tried:
            continue
        tried, last, helped = most, purse.cut(most, is_made_up), is_made_up
        smallest = asked(last, purse.columns, purse.asks)

        def trial(steps: int, is_made_up: bool = is_made_up) -> Trial:
            return trials.of(purse.cut(steps, is_made_up))

        found = _least_found(trial, purse.id, most)
        if found is not None:
            end, before = (asked(purse.cut(n, is_made_up), purse.columns, purse.asks) for n in (found, found - 1))
            is_proved = trial(found).is_proved and trial(found - 1).is_proved
            yield Counterfactual(
                "ask",
                purse.columns[0].ask,
                "verified" if is_proved else "unproved",
                purse.ask,
                end,
                purse.cut(found, is_made_up),
                purse.cut(found - 1, is_made_up),
                words.ask(purse.ask, end, before, is_made_up, is_proved),
                letter_words.ask(purse.ask, end, is_made_up) if is_proved else None,
            )
            return
        is_proved &= all(trial(steps).is_proved for steps in _probes(most))
    sentence = words.ask_unreachable(smallest, purse.ask, helped, is_proved)
    verdict: Verdict = "unreachable" if is_proved else "unproved"
    letter = letter_words.ask_unreachable(smallest, purse.ask) if is_proved else None
    yield Counterfactual("ask", purse.columns[0].ask, verdict, purse.ask, smallest, last, None, sentence, letter)


def merit(
    trials: Trials, call: Call, i: int, margin: Margin, inside: Outcome, target: tuple[float, ...], is_funded: bool
) -> Counterfactual:
    """Return how the merit of the candidate at position `i` turns it: the least rise that lets it in, the least fall that does not.

    Parameters
    ----------
    inside
        The best with it in, as things stand.
    target
        The best value of each objective without it.
    """
    lever, group = lever_of(call, i), int(call.fundable.group[i]) if len(target) > 1 else 0
    key, start = lever.column, float(lever.start)
    stuck = words.merit_stuck(margin, group, is_funded)
    if stuck is not None and not margin.is_proved:
        # What rules or earlier groups decide is not known.
        sentence = words.merit_never(lever, is_funded, is_proved=False)
        return Counterfactual("merit", key, "unproved", start, None, None, None, sentence)
    if stuck is not None:
        letter = None if is_funded else letter_words.merit_unreachable()
        verdict: Verdict = "stands" if is_funded else "unreachable"
        return Counterfactual("merit", key, verdict, start, None, None, None, stuck, letter)
    turn = turning_point(trials, call, i, lever, group, inside, target[group], is_up=not is_funded)
    if turn is None or turn.steps is None:
        is_proved = turn is not None and turn.is_proved
        sentence = words.merit_never(lever, is_funded, is_proved)
        verdict = "unproved" if not is_proved else "stands" if is_funded else "unreachable"
        letter = letter_words.merit_unreachable() if verdict == "unreachable" else None
        return Counterfactual("merit", key, verdict, start, None, None, None, sentence, letter)
    sign = -1 if is_funded else 1
    steps, before = sign * turn.steps, sign * (turn.steps - 1)
    tie = None if turn.tie is None else lever.at(sign * turn.tie)
    return Counterfactual(
        "merit",
        key,
        "verified" if turn.is_proved else "unproved",
        start,
        float(lever.at(steps)),
        lever.change(call.candidates.ids[i], steps),
        _kept(lever, call.candidates.ids[i], before),
        words.merit(lever, steps, before, is_funded, turn.is_proved, tie),
        letter_words.merit(lever, steps) if turn.is_proved and not is_funded else None,
    )


def _kept(lever: Lever, candidate: str, steps: int) -> Change | None:
    return lever.change(candidate, steps) if steps or not lever.column else Change()


def cofinancing(trials: Trials, call: Call, i: int, plans: tuple[FinancingPlan, ...]) -> Iterator[Counterfactual]:
    """Give the least co-financing that would make the candidate at position `i` fundable, plan by plan, and what would come of it."""
    purse = Purse(call, i)
    for plan in plans:
        change = purse.cofinancing(plan)
        if change is None:
            continue
        (cell,) = change.cells
        start = int(call.candidates.column(cell.column)[i])
        trial = trials.of(change)
        less = Change(cells=(replace(cell, value=int(cell.value) - 1),))
        fate = "funded" if purse.id in trial.supported else _fate(trials, change, i) if trial.has_allocation else None
        sentence = words.cofinancing(int(cell.value) - start, plan.source == "local", fate, trial.is_proved)
        verdict: Verdict = "verified" if trial.is_proved else "unproved"
        letter = letter_words.cofinancing(int(cell.value) - start, plan.source == "local", fate, trial.is_proved)
        yield Counterfactual("cofinancing", cell.column, verdict, start, cell.value, change, less, sentence, letter)


def _fate(trials: Trials, change: Change, i: int) -> Literal["outranked", "rejected", "unfundable"]:
    """Return what becomes of a candidate with a change that does not have it funded."""
    call = prepare(trials.scenario, change.table(trials.candidates))
    if i in call.rejected:
        return "rejected"
    # Its plan closes, and yet no funder can pay it.
    return "unfundable" if i in call.fundable.reasons else "outranked"


# -------------------------------------------------------------------------------------------------------------- the scenario


def envelope(trials: Trials, call: Call, i: int) -> Counterfactual:
    """Return the least rise of the envelope found that would let the candidate at position `i` in."""
    bound, candidate = envelope_bound(trials.scenario), call.candidates.ids[i]
    room = _room(call, bound)
    found = _moved(trials, bound, candidate, room)
    if found is None:
        end = bound.moved(room)
        change = _change(bound, room)
        is_proved = all(trials.of(_change(bound, steps)).is_proved for steps in _probes(room))
        sentence = words.envelope_unreachable(int(end), is_proved)
        verdict: Verdict = "unreachable" if is_proved else "unproved"
        return Counterfactual("envelope", bound.path, verdict, float(bound.value), float(end), change, None, sentence)
    is_proved = _is_proved(trials, bound, found)
    return Counterfactual(
        "envelope",
        bound.path,
        "verified" if is_proved else "unproved",
        float(bound.value),
        float(bound.moved(found)),
        _change(bound, found),
        _change(bound, found - 1),
        words.envelope(int(bound.value), int(bound.moved(found)), int(bound.moved(found - 1)), is_proved),
        letter_words.envelope(int(bound.value), int(bound.moved(found))) if is_proved else None,
    )


def _room(call: Call, bound: Bound) -> int:
    """Return the steps with which all that is fundable could be paid at once, by whatever part of the envelope has to pay it."""
    scenario, total = call.scenario, call.scenario.envelope.total
    parts: list[list[Fraction]] = [
        [Fraction(each, total) for funder in scenario.funders for each in funder.amounts or ()],
        [Fraction(each, total) for each in scenario.funder_amounts.values()],
        list(scenario.tranche_shares or ()),
        [exact(rule.max) for _, rule in stated_rules(scenario) if rule.of == "envelope" and rule.max is not None],
    ]
    least = Fraction(1)
    for each in parts:
        least *= min((part for part in each if 0 < part <= 1), default=Fraction(1))
    wanted = int(call.possible.ceiling.sum()) * scenario.envelope.grant_step
    room = ceil(wanted / max(least, _LEAST_PART) / bound.step) + 1
    return max(min(room, int((LARGEST_ENVELOPE - total) // bound.step)), 0)


def rules(trials: Trials, call: Call, i: int) -> Iterator[Counterfactual]:
    """Give what each condition of the scenario that matters has to do with the candidate at position `i` staying out."""
    candidate = call.candidates.ids[i]
    if trials.scenario.priority.mode == "strict":
        trial = trials.of(STRICT)
        # The first group has nothing to fear from the order.
        if call.fundable.group[i] > 0 or candidate in trial.supported:
            yield from _let_go("priority.mode", words.strict(), trials, trial, candidate, STRICT)
    for condition in conditions(trials.scenario):
        if condition.kind == "decision" and condition.key == candidate:
            continue
        trial = trials.of(Change(), condition)
        path = _path(condition)
        if candidate not in trial.supported:
            if condition.kind in ("link", "decision"):
                continue
            yield from _let_go(path, condition.name, trials, trial, candidate, None)
        elif not condition.is_bendable:
            verdict: Verdict = "fixed" if trial.is_proved else "unproved"
            sentence = words.fixed(condition.name, trial.is_proved)
            letter = letter_words.without(condition.name) if trial.is_proved else None
            yield Counterfactual("condition", path, verdict, None, None, None, None, sentence, letter)
        else:
            bent = list(_bent(trials, condition, candidate, trial.is_proved))
            yield from bent or _let_go(path, condition.name, trials, trial, candidate, None)


def without_decision(trials: Trials, decision: Condition, candidate: str) -> Iterator[Counterfactual]:
    """Give what would become of a candidate without the decision on it."""
    trial, path = trials.of(Change(), decision), _path(decision)
    is_in = candidate in trial.supported
    sentence = words.undecided(is_in, trial.is_proved)
    verdict: Verdict = "verified" if trial.is_proved else "unproved"
    letter = letter_words.undecided(is_in) if trial.is_proved else None
    yield Counterfactual("condition", path, verdict, None, None, None, None, sentence, letter)


def _let_go(
    path: str, name: Message, trials: Trials, trial: Trial, candidate: str, change: Change | None
) -> Iterator[Counterfactual]:
    """Give what comes of it where a condition is let go, where anything does."""
    if trial.supported == frozenset(trials.base.supported) and trial.is_proved:
        return
    is_in = candidate in trial.supported
    verdict: Verdict = "unproved" if not trial.is_proved else "verified" if is_in else "unreachable"
    sentence = words.without(name, is_in, trial.is_proved)
    less = Change() if is_in and change is not None else None
    letter = letter_words.without(name) if is_in and trial.is_proved else None
    yield Counterfactual("condition", path, verdict, None, None, change, less, sentence, letter)


def _bent(trials: Trials, condition: Condition, candidate: str, is_letter: bool) -> Iterator[Counterfactual]:
    """Give the least move found of each bound of a condition that would let a candidate in.

    Parameters
    ----------
    is_letter
        Whether it is proved that it comes in without the condition.
    """
    for bound in condition.bounds:
        found = _moved(trials, bound, candidate, bound.room)
        if found is None:
            continue
        is_proved = _is_proved(trials, bound, found)
        yield Counterfactual(
            "condition",
            bound.path,
            "verified" if is_proved else "unproved",
            float(bound.value),
            float(bound.moved(found)),
            _change(bound, found),
            _change(bound, found - 1),
            words.bent(condition.name, bound, found, is_proved),
            letter_words.without(condition.name) if is_letter else None,
        )


def _path(condition: Condition) -> str:
    """Return the path of a condition as for ``--set``, where entries of lists have names."""
    return join(tuple(condition.key if isinstance(each, int) else each for each in condition.path))


def _change(bound: Bound, steps: int) -> Change:
    """Return the change that moves a bound; none at all where it stays."""
    return Change(values=tuple(bound.changes(bound.moved(steps)).items())) if steps else Change()


def _is_proved(trials: Trials, bound: Bound, steps: int) -> bool:
    return all(trials.of(_change(bound, each)).is_proved for each in (steps, steps - 1))


def _moved(trials: Trials, bound: Bound, candidate: str, room: int | None) -> int | None:
    """Return by how many steps a bound is to be moved for a candidate to come in: by doubling, then by halves; None for no number.

    Who is in need not come and go once only: it is the least found, with one step less known not to do.
    """
    return _least_found(lambda steps: trials.of(_change(bound, steps)), candidate, room)


def _probes(room: int | None) -> Iterator[int]:
    """Give numbers by doubling, up to the room and with it."""
    steps = 1
    for _ in range(_DOUBLINGS):
        if room is not None and steps >= room:
            break
        yield steps
        steps *= 2
    if room:
        yield room


def _least_found(trial: Callable[[int], Trial], candidate: str, room: int | None) -> int | None:
    """Return a number with which a candidate is in while it is not with one less, the first that doubling comes upon.

    None where it comes upon none. A trial that leaves the candidate out without proof ends the search: the next ones would take as long
    and prove as little.
    """
    low = 0
    for high in _probes(room):
        tried = trial(high)
        if candidate in tried.supported:
            return _halved(lambda steps: candidate in trial(steps).supported, low, high)
        if not tried.is_proved:
            return None
        low = high
    return None


def _halved(is_in: Callable[[int], bool], low: int, high: int) -> int:
    """Return a number that is in while one less is not, between one that is not and one that is."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_in(middle) else (middle, high)
    return high
