"""Near-optimal lists in a terminal, as tables and as data."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ptce_funding.awards import money_of
from ptce_funding.breakdown import texts
from ptce_funding.diversity import Alternatives, Kind, Membership
from ptce_funding.files import write_whole
from ptce_funding.messages import N_, Message, euros, message, number, percent, translate
from ptce_funding.report.document import as_json, provenance
from ptce_funding.report.lists import CANDIDATE, LONGEST, candidate_cells, list_document
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded, rounded_up
from ptce_funding.report.tables import as_csv
from ptce_funding.report.terminal import Terminal
from ptce_funding.report.words import word
from ptce_funding.variants import Variant

#: Candidates in a cell of it.
_MOST_IDS = 6
#: Decimals of losses in per cent, and in data.
_PERCENT_DIGITS, _DIGITS = 3, 9

_KINDS: dict[Kind, str] = {"always": N_("in all"), "sometimes": N_("in some"), "never": N_("in none")}


def show(page: Terminal, found: Alternatives) -> None:
    """Print the lists, who is on all, some and none of them, the ties and the draw."""
    if not found.variants:
        page.show_absence(found.best)
        return
    page.head(found.call)
    within = _loss(found.within, page.lang)
    page.say(message("Lists that lose at most {within} of the value of the optimum.", within=within), "bold")
    for note in _limits(found, page.lang):
        page.say(note, "yellow")
    _lists(page, found)
    _members(page, found)
    if found.inseparable:
        text = message(
            "The optimum itself does not separate {ids:list}: they change sides within its proved gap, {gap}.",
            ids=found.inseparable,
            gap=_gap(found, page.lang),
        )
        page.say(text)
    for tie in found.ties:
        funded = [id_ for id_ in tie if id_ in found.best.supported]
        text = message(
            "A tie at the line: {ids:list} have the same value and the same grants; the optimum takes {funded:list}, and could as well "
            "take others of them.",
            ids=tie,
            funded=funded,
        )
        page.say(text)
    _draw(page, found)


def _limits(found: Alternatives, lang: str) -> list[Message]:
    """Return what is to be known before anything is read from the lists."""
    gap, notes = gap_shown(found.best.value, found.best.bound), []
    if found.is_interrupted:
        notes.append(message("Interrupted: these are the lists found until then; there may be more."))
    if found.is_interrupted and found.seed is not None:
        notes.append(message("No list is drawn: whoever stops a search could choose what is drawn from."))
    if gap is None:
        notes.append(message("No bound of the optimum is known: losses are against the best list found."))
    elif gap > 0:
        text = message(
            "The optimum is proved within {gap}: losses are against the best list found, and a list may turn out better by as much.",
            gap=_gap(found, lang),
        )
        notes.append(text)
    return notes


def _lists(page: Terminal, found: Alternatives) -> None:
    table = page.table(
        N_("List"),
        N_("Value"),
        N_("Loss"),
        N_("PTCE"),
        N_("Granted"),
        N_("Distance"),
        N_("Enter"),
        N_("Leave"),
        right=range(6),
    )
    drawn = found.draw
    shown = [
        n
        for n, each in enumerate(found.variants)
        if each.origin != "exchange" or (drawn is not None and drawn.position == n)
    ]
    for n in shown:
        each = found.variants[n]
        entered, left = _changes(found, each)
        table.add_row(
            str(n + 1),
            page.lines(stage.value for stage in each.allocation.stages),
            _losses(each.losses, page.lang),
            number(len(each.allocation.supported), page.lang),
            euros(each.allocation.granted, page.lang),
            "–" if each.distance is None else number(each.distance, page.lang),
            _some(entered, page.lang),
            _some(left, page.lang),
        )
    page.console.print(table)
    page.say(message("Distance: candidates on the list or on the nearest of those before it, and not on both."), "dim")
    if len(found.best.stages) > 1:
        page.say(message("Values and losses by priority group, the first group first."), "dim")
    for n in shown:
        each = found.variants[n]
        if each.origin == "far" and each.farthest is None:
            page.say(message("List {n}: that none is farther is not proved.", n=n + 1), "yellow")
        elif each.origin == "far" and not each.is_farthest:
            text = message("List {n}: none is farther than {farthest}, proved.", n=n + 1, farthest=each.farthest)
            page.say(text, "yellow")
    if found.is_all:
        page.say(message("No other list loses so little: proved."), "bold green")
    elif len(found.variants) > len(shown):
        n = len(found.variants) - len(shown)
        page.say(message("{n} further lists come from the proof below; --out writes all of them.", n=n), "dim")


def _some(ids: Sequence[str], lang: str) -> str:
    """Write candidates below each other, as far as a cell of a table has room."""
    if len(ids) <= _MOST_IDS:
        return "\n".join(ids)
    more = message("and {n} more", n=len(ids) - _MOST_IDS + 1).render(lang)
    return "\n".join([*ids[: _MOST_IDS - 1], more])


def _changes(found: Alternatives, each: Variant) -> tuple[list[str], list[str]]:
    """Return who enters and who leaves against the optimum."""
    own, best = set(each.allocation.supported), set(found.best.supported)
    return sorted(own - best), sorted(best - own)


def _members(page: Terminal, found: Alternatives) -> None:
    counts = {kind: len(found.of_kind(kind)) for kind in _KINDS}
    if found.is_settled:
        text = message(
            "Of {n} candidates that could be funded, {always} are on every list that loses so little, {never} on none: both proved. "
            "{sometimes} are on some: value does not decide on them.",
            n=sum(counts.values()),
            **counts,
        )
        page.say(text, "bold green")
    else:
        text = message(
            "Of {n} candidates that could be funded, {always} are on all lists found, {never} on none, {sometimes} on some. Whether "
            "other lists that lose so little have or lack the others is not proved.",
            n=sum(counts.values()),
            **counts,
        )
        page.say(text, "bold yellow")
    exchanged = [each for each in found.memberships if each.kind == "sometimes"]
    if not exchanged:
        return
    table = page.table(
        N_("In some"), N_("Phase"), N_("Merit"), N_("In the optimum"), N_("Lists"), N_("Least loss"), right=(2, 4, 5)
    )
    phases, merit = texts(found.call.candidates, "phase"), found.call.fundable.merit
    # The cheapest to exchange first; those whose price was not sought last.
    order = {each.candidate: found.variants[each.cheapest].losses for each in exchanged if each.cheapest is not None}
    exchanged.sort(key=lambda each: (each.candidate not in order, order.get(each.candidate, ()), each.candidate))
    for each in exchanged[:LONGEST]:
        table.add_row(
            each.candidate,
            word(phases[each.candidate], page.lang),
            number(float(merit[found.call.candidates.position[each.candidate]]), page.lang, 2),
            translate(N_("funded") if 0 in each.lists else N_("not funded"), page.lang),
            f"{len(each.lists)}/{len(found.variants)}",
            _losses(order[each.candidate], page.lang) if each.candidate in order else "–",
        )
    page.console.print(table)
    if len(exchanged) > LONGEST:
        n = len(exchanged) - LONGEST
        page.say(message("{n} further candidates are on some; --out writes all of them.", n=n), "dim")
    page.say(
        message("Least loss: what the best list loses on which the candidate is in and not out, or out and not in."),
        "dim",
    )


def _draw(page: Terminal, found: Alternatives) -> None:
    draw = found.draw
    if draw is None:
        return
    text = message(
        "Drawn among the {n} lists with the public seed “{seed}”: list {number}. Anybody can repeat it: the SHA-256 of the seed is "
        "{digest}; as a number, divided by {n}, it leaves {position}.",
        n=len(found.variants),
        seed=draw.seed,
        number=draw.position + 1,
        digest=draw.digest,
        position=draw.position,
    )
    page.say(text, "bold")


def _losses(losses: Sequence[float], lang: str) -> str:
    """Write losses below each other; a share of nothing is not known."""
    return "\n".join(translate(N_("unknown"), lang) if math.isinf(loss) else _loss(loss, lang) for loss in losses)


def _gap(found: Alternatives, lang: str) -> str:
    """Return the proved gap of the optimum, rounded up."""
    return _loss(rounded_up(gap_shown(found.best.value, found.best.bound), _PERCENT_DIGITS + 2) or 0.0, lang)


def _loss(loss: float, lang: str) -> str:
    return percent(loss, lang, _PERCENT_DIGITS)


# ---------------------------------------------------------------------------------------------------------------- as data


def write_alternatives(found: Alternatives, folder: Path, page: dict[str, Any], lang: str) -> list[Path]:
    """Write alternatives.json, lists.csv and members.csv into a folder; “partial” in their names where the search was interrupted.

    Raises
    ------
    OSError
        When the folder cannot be written; files of the same names are then as they were.
    """
    # What was whole stays whole.
    mark = ".partial" if found.is_interrupted else ""
    contents = {
        folder / f"alternatives{mark}.json": as_json(page).encode(),
        folder / f"lists{mark}.csv": as_csv(lists_table(found, lang), lang),
        folder / f"members{mark}.csv": as_csv(members_table(found, lang), lang),
    }
    write_whole(contents)
    return list(contents)


def lists_table(found: Alternatives, lang: str) -> list[list[Any]]:
    """Return the lists with their losses and distances, with a heading; values and losses of all priority groups together."""
    headings = (
        N_("List"), N_("Value"), N_("Loss"), N_("PTCE"), N_("Granted (€)"), N_("Distance"), N_("Enter"), N_("Leave"), N_("Drawn"),
    )  # fmt: skip
    drawn = found.draw
    rows: list[list[Any]] = []
    for n, each in enumerate(found.variants):
        entered, left = _changes(found, each)
        rows.append(
            [
                n + 1,
                rounded(each.allocation.value),
                rounded(each.loss, _DIGITS),
                len(each.allocation.supported),
                each.allocation.granted,
                each.distance,
                " ".join(entered),
                " ".join(left),
                translate(N_("yes") if drawn is not None and drawn.position == n else N_("no"), lang),
            ]
        )
    return [[translate(each, lang) for each in headings], *rows]


def members_table(found: Alternatives, lang: str) -> list[list[Any]]:
    """Return every candidate that could be funded with the lists that it is on and its grant on each, with a heading."""
    cells, grants = candidate_cells(found.call, lang), [money_of(each.allocation.awards) for each in found.variants]
    headings = (*CANDIDATE, N_("Lists within the loss"), N_("Proved"), N_("Lists"), N_("Least loss"))
    numbered = [message("Grant on list {n} (€)", n=n + 1).render(lang) for n in range(len(grants))]
    rows = [
        [
            *cells[each.candidate],
            translate(_KINDS[each.kind], lang),
            translate(N_("yes") if each.is_proved else N_("no"), lang),
            len(each.lists),
            None if each.cheapest is None else rounded(found.variants[each.cheapest].loss, _DIGITS),
            *(own[each.candidate] for own in grants),
        ]
        for each in found.memberships
    ]
    return [[*(translate(each, lang) for each in headings), *numbered], *rows]


def alternatives_document(found: Alternatives, command: str) -> dict[str, Any]:
    """Return near-optimal lists as nested plain values.

    Parameters
    ----------
    command
        Command that gives them again.
    """
    best, draw = found.best, found.draw
    return {
        "scenario": found.call.scenario.name,
        "within": found.within,
        "status": best.status.value,
        "value": rounded(best.value),
        "bound": bound_shown(best.value, best.bound),
        "gap": gap_shown(best.value, best.bound),
        "lists": [_list(n, each) for n, each in enumerate(found.variants)],
        "is_all": found.is_all,
        "is_settled": found.is_settled,
        "is_interrupted": found.is_interrupted,
        "members": [_member(each) for each in found.memberships],
        "inseparable": list(found.inseparable),
        "ties": [list(tie) for tie in found.ties],
        "draw": None
        if draw is None
        else {
            "seed": draw.seed,
            "method": "SHA-256 of the seed (UTF-8) as a number, modulo the number of lists, plus one",
            "sha256": draw.digest,
            "lists": len(found.variants),
            "list": draw.position + 1,
        },
        "provenance": provenance(best, command),
    }


def _list(n: int, each: Variant) -> dict[str, Any]:
    return {
        "list": n + 1,
        "value": rounded(each.allocation.value),
        "origin": each.origin,
        "loss": rounded(each.loss, _DIGITS),
        "losses": [rounded(loss, _DIGITS) for loss in each.losses],
        "distances": list(each.distances),
        "distance": each.distance,
        "farthest": each.farthest,
        "change_sides": list(each.shows),
        **list_document(each.allocation),
    }


def _member(each: Membership) -> dict[str, Any]:
    return {
        "candidate": each.candidate,
        "lists_within": each.kind,
        "proved": each.is_proved,
        "lists": [n + 1 for n in each.lists],
        "cheapest_list": None if each.cheapest is None else each.cheapest + 1,
    }
