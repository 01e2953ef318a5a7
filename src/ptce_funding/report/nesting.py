"""Nested lists in a terminal, as tables and as data."""

from pathlib import Path
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.breakdown import texts
from ptce_funding.files import write_whole
from ptce_funding.messages import N_, Message, euros, message, number, percent, translate
from ptce_funding.nesting import Nested, Price, Rung
from ptce_funding.problem import Status
from ptce_funding.report.document import as_json, provenance
from ptce_funding.report.lists import CANDIDATE, LONGEST, candidate_cells, list_document
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded, rounded_up
from ptce_funding.report.tables import as_csv
from ptce_funding.report.terminal import Terminal
from ptce_funding.report.words import word


def show(page: Terminal, nested: Nested) -> None:
    """Print the envelopes with the price of their promises, what each brings, and the ladder."""
    page.head(nested.call)
    page.say(message("Nobody funded at an envelope loses money at a larger one, and what that costs."), "bold")
    _envelopes(page, nested)
    for rung in nested.rungs:
        for text in _notes(rung):
            page.say(text)
    _ladder(page, nested)


def _envelopes(page: Terminal, nested: Nested) -> None:
    table = page.table(
        N_("Envelope"),
        N_("Free value"),
        N_("Nested value"),
        N_("Price"),
        N_("in %"),
        N_("PTCE"),
        N_("Promises"),
        right=range(7),
    )
    table.padding = (0, 1, 0, 0)
    for rung in nested.rungs:
        prices, lang, both = rung.prices, page.lang, (rung.free, rung.nested)
        values = [page.lines(stage.value for stage in each.stages) if each.has_allocation else "–" for each in both]
        table.add_row(
            euros(rung.envelope, lang),
            *values,
            page.lines(price.loss for price in prices) or "–",
            "\n".join("–" if price.share is None else percent(price.share, lang, 2) for price in prices) or "–",
            " → ".join(number(len(each.supported), lang) if each.has_allocation else "–" for each in both),
            number(len(rung.promised), lang) if rung.nested.has_allocation else "–",
        )
    page.console.print(table)
    page.say(
        message("PTCE: on the free list → on the nested list. Promises: candidates funded at a smaller envelope."),
        "dim",
    )
    if any(len(rung.free.stages) > 1 for rung in nested.rungs):
        page.say(message("Values and prices by priority group, the first group first."), "dim")


def _notes(rung: Rung) -> list[Message]:
    """Return what is to be said of an envelope beside its figures."""
    found = []
    total = rung.envelope
    if not rung.nested.has_allocation:
        found.append(_absence(rung))
    if rung.dropped:
        text = message(
            "{total:euros}: without the promises these would drop out: {ids:list}.", total=total, ids=rung.dropped
        )
        found.append(text)
    if rung.lowered:
        text = message(
            "{total:euros}: without the promises these would get less money: {ids:list}.", total=total, ids=rung.lowered
        )
        found.append(text)
    if rung.prices and rung.free.granted != rung.nested.granted:
        text = message(
            "{total:euros}: {free:euros} are granted freely, {nested:euros} with the promises.",
            total=total,
            free=rung.free.granted,
            nested=rung.nested.granted,
        )
        found.append(text)
    for price in rung.prices:
        if price.least is not None and price.most is not None and _is_open(price):
            text = message(
                "{total:euros}: the searches ended within their gaps; the price of the best lists lies between {least:number} and "
                "{most:number}.",
                total=total,
                least=rounded(price.least, 3),
                most=rounded_up(price.most, 3),
            )
            found.append(text)
    return found


def _is_open(price: Price) -> bool:
    """Whether the gaps leave more open than rounding does."""
    assert price.least is not None
    assert price.most is not None
    return price.most - price.least > 1e-6 * max(1.0, abs(price.free))


def _absence(rung: Rung) -> Message:
    """Return why an envelope has no list."""
    total = rung.envelope
    if not rung.free.has_allocation:
        if rung.free.status is Status.INFEASIBLE:
            return message("{total:euros}: no allocation keeps all the rules, with or without promises.", total=total)
        return message("{total:euros}: no allocation was found in time; there may be one.", total=total)
    if rung.nested.status is not Status.INFEASIBLE:
        return message(
            "{total:euros}: no list that keeps the promises was found in time; there may be one.", total=total
        )
    if not rung.blockers:
        return message("{total:euros}: no list keeps the promises and the rules: proved.", total=total)
    if rung.is_short:
        return message(
            "{total:euros}: no list keeps the promises and the rules: proved. What was promised to {ids:list} cannot be kept together; "
            "all could stay if some got less money.",
            total=total,
            ids=rung.blockers,
        )
    return message(
        "{total:euros}: no list keeps the promises and the rules: proved. What was promised to {ids:list} cannot be kept together.",
        total=total,
        ids=rung.blockers,
    )


def _ladder(page: Terminal, nested: Nested) -> None:
    ladder, call = nested.ladder, nested.call
    if not ladder:
        return
    table = page.table(
        N_("The ladder"),
        N_("Phase"),
        N_("Merit"),
        N_("Enters at"),
        N_("Grant there"),
        N_("Largest grant"),
        right=(2, 3, 4, 5),
    )
    table.padding = (0, 1, 0, 0)
    phases = texts(call.candidates, "phase")
    for step in ladder[:LONGEST]:
        merit = float(call.fundable.merit[call.candidates.position[step.candidate]])
        grants = [grant for grant in step.grants if grant]
        table.add_row(
            step.candidate,
            word(phases[step.candidate], page.lang),
            number(merit, page.lang, 2),
            *(euros(each, page.lang) for each in (step.envelope, grants[0], grants[-1])),
        )
    page.console.print(table)
    if len(ladder) > LONGEST:
        page.say(message("{n} further candidates enter; --out writes all of them.", n=len(ladder) - LONGEST), "dim")


# ---------------------------------------------------------------------------------------------------------------- as data


def write_nested(nested: Nested, folder: Path, page: dict[str, Any], lang: str) -> list[Path]:
    """Write nested.json, envelopes.csv and ladder.csv into a folder.

    Raises
    ------
    OSError
        When the folder cannot be written; files of the same names are then as they were.
    """
    contents = {
        folder / "nested.json": as_json(page).encode(),
        folder / "envelopes.csv": as_csv(envelopes_table(nested, lang), lang),
        folder / "ladder.csv": as_csv(ladder_table(nested, lang), lang),
    }
    write_whole(contents)
    return list(contents)


def envelopes_table(nested: Nested, lang: str) -> list[list[Any]]:
    """Return the envelopes with the price of their promises, with a heading; values of all priority groups together."""
    headings = (
        N_("Envelope (€)"), N_("Free value"), N_("Nested value"), N_("Price"), N_("Price, least"), N_("Price, most"), N_("Free PTCE"),
        N_("Nested PTCE"), N_("Free grants (€)"), N_("Nested grants (€)"), N_("Promises"), N_("Would drop out"), N_("Would get less"),
        N_("Cannot be kept together"),
    )  # fmt: skip
    rows: list[list[Any]] = []
    for rung in nested.rungs:
        prices = rung.prices
        alone = prices[0] if len(prices) == 1 else None
        rows.append(
            [
                rung.envelope,
                rounded(rung.free.value),
                rounded(rung.nested.value),
                rounded(sum(price.loss for price in prices)) if prices else None,
                rounded(alone.least) if alone is not None else None,
                rounded_up(alone.most) if alone is not None else None,
                *(len(each.supported) if each.has_allocation else None for each in (rung.free, rung.nested)),
                *(each.granted if each.has_allocation else None for each in (rung.free, rung.nested)),
                len(rung.promised),
                " ".join(rung.dropped),
                " ".join(rung.lowered),
                " ".join(rung.blockers),
            ]
        )
    return [[translate(each, lang) for each in headings], *rows]


def ladder_table(nested: Nested, lang: str) -> list[list[Any]]:
    """Return every candidate that some envelope funds, with where it enters and what it gets at each, with a heading."""
    cells, headings = candidate_cells(nested.call, lang), (*CANDIDATE, N_("Enters at (€)"))
    grants = [message("Grant at {total:euros}", total=rung.envelope).render(lang) for rung in nested.rungs]
    rows = [[*cells[step.candidate], step.envelope, *step.grants] for step in nested.ladder]
    return [[*(translate(each, lang) for each in headings), *grants], *rows]


def nested_document(nested: Nested, command: str) -> dict[str, Any]:
    """Return nested lists as nested plain values.

    Parameters
    ----------
    command
        Command that gives them again.
    """
    scenario = nested.call.scenario
    return {
        "scenario": scenario.name,
        "envelopes": [_rung(rung) for rung in nested.rungs],
        "ladder": [
            {"candidate": step.candidate, "envelope": step.envelope, "grants": list(step.grants)}
            for step in nested.ladder
        ],
        # Of the scenario as it was read; the envelopes are what changes.
        "provenance": provenance(nested.rungs[0].free, command) | {"scenario_sha256": scenario.digest()},
    }


def _rung(rung: Rung) -> dict[str, Any]:
    return {
        "envelope": rung.envelope,
        "free": _list(rung.free),
        "nested": _list(rung.nested),
        "prices": [
            {
                "loss": rounded(price.loss),
                "share": rounded(price.share, 9),
                "least": rounded(price.least),
                "most": rounded_up(price.most),
            }
            for price in rung.prices
        ],
        "promised": [{"candidate": id_, "grant": grant} for id_, grant in rung.promised.items()],
        "would_drop_out": list(rung.dropped),
        "would_get_less": list(rung.lowered),
        "entered": list(rung.entered),
        "cannot_be_kept": list(rung.blockers),
        "could_stay_with_less": rung.is_short,
    }


def _list(allocation: Allocation) -> dict[str, Any]:
    return {
        "status": allocation.status.value,
        "solver": allocation.solver,
        "value": rounded(allocation.value),
        "bound": bound_shown(allocation.value, allocation.bound),
        "gap": gap_shown(allocation.value, allocation.bound),
        **list_document(allocation),
    }
