"""A comparison in a terminal: scenarios as columns while they are few, as rows when they are many; the files hold all."""

import json
from collections.abc import Sequence
from textwrap import fill

from rich.table import Table

from ptce_funding.comparing.comparison import Comparison, Line, Parameter
from ptce_funding.comparing.figures import DIMENSIONS
from ptce_funding.comparing.moves import Exchange, Move
from ptce_funding.comparing.price import Price
from ptce_funding.messages import N_, euros, message, number, translate
from ptce_funding.report.compare_tables import labels_of
from ptce_funding.report.compare_words import change_of, exchange_of, gain_of, reasons_of, shown, source_of
from ptce_funding.report.printer import LONGEST, Printer
from ptce_funding.report.sweep_words import figure_word
from ptce_funding.report.words import titles_in, word

#: Scenarios that have room as columns; letters of a gain on one line.
_COLUMNS, _GAIN = 4, 16

#: Figures of the two tables that have scenarios as rows, with their headings.
_FIRST = {
    "granted": N_("Granted"),
    "supported": N_("PTCE"),
    "common_value": N_("Value"),
    "jobs": N_("Jobs"),
    "gini": N_("Gini"),
}
_SECOND = {
    "unspent": N_("Unspent"),
    "cofinancing_per_euro": N_("Leverage"),
    "cost_per_ptce": N_("Per PTCE"),
    "cost_per_job": N_("Per job"),
    "regions_without": N_("Regions without"),
}


def show_comparison(page: Printer, comparison: Comparison) -> None:
    """Print a comparison."""
    page.titles = titles_in(labels_of(comparison), page.lang)
    names = [entry.name for entry in comparison.entries]
    page.say(message("Baseline: {name}. Scenarios: {n}.", name=names[comparison.baseline], n=len(names)), "bold")
    if any(entry.document["synthetic_candidates"] for entry in comparison.entries):
        page.say(message("Synthetic candidates: no real dossier."), "bold yellow")
    for entry in comparison.entries:
        if not entry.has_allocation:
            text = source_of(entry.document["absence"], page.lang)
            page.say(message("{name}: {reason}", name=entry.name, reason=text), "bold red")
    if len(names) <= _COLUMNS:
        _as_columns(page, comparison)
    else:
        _as_rows(page, comparison)
    _common(page, comparison)
    for note in comparison.notes:
        page.say(note, "yellow")
    _moves(page, comparison)
    _parameters(page, comparison)
    _patterns(page, comparison)


# ------------------------------------------------------------------------------------------------------------------ figures


def _as_columns(page: Printer, comparison: Comparison) -> None:
    table = _beside_names(page, N_("Figure"), comparison)
    statuses = [word(entry.document["status"], page.lang) for entry in comparison.entries]
    table.add_row(translate(N_("Status"), page.lang), *statuses)
    lines = {line.name: line for line in comparison.lines}
    for name, line in lines.items():
        if "." in name or not any(line.values) or (name == "public_money" and line.values == lines["granted"].values):
            continue
        table.add_row(figure_word(name, page.lang), *(shown(name, value, page.lang) for value in line.values))
        if any(line.differences):
            cells = [
                "" if n == comparison.baseline else shown(name, value, page.lang, is_difference=True)
                for n, value in enumerate(line.differences)
            ]
            table.add_row(translate(N_("  difference"), page.lang), *cells, style="dim")
    page.console.print(table)
    for dimension in DIMENSIONS:
        _by(page, comparison, dimension)


def _beside_names(page: Printer, heading: str, comparison: Comparison) -> Table:
    """Return a table with a column for each scenario, under its own name."""
    table = page.table(heading)
    for entry in comparison.entries:
        table.add_column(entry.name, justify="right", overflow="fold")
    return table


def _by(page: Printer, comparison: Comparison, dimension: str) -> None:
    """Print candidates and euros by the groups of a dimension that have any; those with most first where not all are shown."""
    lines = {line.name: line for line in comparison.lines}
    start = f"granted.{dimension}."
    keys = [name.removeprefix(start) for name, line in lines.items() if name.startswith(start) and any(line.values)]
    if not keys:
        return
    most = sorted(keys, key=lambda key: -max(value or 0 for value in lines[start + key].values))[:LONGEST]
    table = _beside_names(page, word(dimension, page.lang).capitalize(), comparison)
    for key in [key for key in keys if key in most]:
        counts, amounts = lines[f"supported.{dimension}.{key}"].values, lines[start + key].values
        cells = [
            "–" if n is None or amount is None else f"{number(n, page.lang)} · {euros(amount, page.lang)}"
            for n, amount in zip(counts, amounts, strict=True)
        ]
        table.add_row(page.key(dimension, key), *cells)
    page.console.print(table)
    _more(page, len(keys))


def _as_rows(page: Printer, comparison: Comparison) -> None:
    lines = {line.name: line for line in comparison.lines}
    first = page.table("", N_("Scenario"), *_FIRST.values(), N_("In"), N_("Out"), right=(0, *range(2, 9)))
    # Names and headings get what room there is.
    first.columns[1].overflow, first.padding = "fold", (0, 1, 0, 0)
    for n, entry in enumerate(comparison.entries):
        own = [move for move in comparison.moves if move.entry == n]
        is_moving = n != comparison.baseline and n not in comparison.strangers and entry.has_allocation
        counts = [
            str(sum(move.enters for move in own)) if is_moving else "–",
            str(sum(not move.enters for move in own)) if is_moving else "–",
        ]
        first.add_row(str(n + 1), entry.name, *_row(page, lines, _FIRST, n), *counts, style=_style(comparison, n))
    page.console.print(first)
    gains = lines["common_value"].differences if "common_value" in lines else (None,) * len(comparison.entries)
    rows = [
        (str(n + 1), *_row(page, lines, _SECOND, n), shown("value", gain, page.lang, True))
        for n, gain in enumerate(gains)
    ]
    second = page.table("", *_SECOND.values(), N_("Value gained"), right=range(7))
    second.padding = (0, 1, 0, 0)
    for position, column in enumerate(second.columns):
        # Headings may break, figures may not.
        column.no_wrap, column.min_width = False, max(len(row[position]) for row in rows)
    for n, row in enumerate(rows):
        second.add_row(*row, style=_style(comparison, n))
    page.console.print(second)
    text = message(
        "The value is that of the awards to the baseline. All figures and their differences, by phase, volet and region, are in "
        "the files that --out writes."
    )
    page.say(text, "dim")


def _row(page: Printer, lines: dict[str, Line], names: dict[str, str], n: int) -> list[str]:
    return [shown(name, lines[name].values[n], page.lang) if name in lines else "–" for name in names]


def _style(comparison: Comparison, n: int) -> str | None:
    return "bold" if n == comparison.baseline else None


def _common(page: Printer, comparison: Comparison) -> None:
    """Say what the common value leaves out, and how equity is reckoned."""
    for n, (entry, worth) in enumerate(zip(comparison.entries, comparison.worths, strict=True)):
        if worth is not None and worth.unknown and n not in comparison.strangers:
            text = message(
                "Value to the baseline: {unknown} of the {n} funded steps of “{name}” are unknown to the baseline and left out of it.",
                unknown=worth.unknown,
                n=worth.steps,
                name=entry.name,
            )
            page.say(text, "yellow")
    equity = comparison.equities[comparison.baseline]
    if equity is not None and equity.without:
        text = message("Regions with nothing in the baseline: {regions:list}.", regions=list(equity.without))
        page.say(text)


# -------------------------------------------------------------------------------------------------------------- who and why


def _moves(page: Printer, comparison: Comparison) -> None:
    names = [entry.name for entry in comparison.entries]
    for enters, heading in ((True, N_("Enters")), (False, N_("Leaves"))):
        own = [move for move in comparison.moves if move.enters == enters and not move.is_despite_more]
        why = N_("Why not in the baseline") if enters else N_("Why not any more")
        _moves_table(page, own, heading, why, names)
    dropped = [move for move in comparison.moves if move.is_despite_more]
    ways = names.copy()
    for each in comparison.exchanges:
        ways[each.entry] = f"{each.smaller} → {each.larger}"
    _moves_table(page, dropped, N_("Drops out with more money"), N_("Why not any more"), ways)
    if dropped:
        text = message(
            "The best use of more money need not contain the best use of less: it may fund others in its place."
        )
        page.say(text)
    for each in comparison.exchanges[:LONGEST]:
        _exchange(page, each)
    _more(page, len(comparison.exchanges))


def _exchange(page: Printer, each: Exchange) -> None:
    first, *others = exchange_of(each)
    page.say(first, "bold")
    for text in others:
        page.say(text)


def _moves_table(page: Printer, moves: Sequence[Move], heading: str, why: str, names: Sequence[str]) -> None:
    if not moves:
        return
    table = page.table(N_("Scenario"), heading, N_("Grant"), why, right=(2,))
    table.columns[0].overflow = "fold"
    for move in moves[:LONGEST]:
        reason = reasons_of(move, page.lang, is_short=True)
        table.add_row(names[move.entry], move.candidate, euros(move.grant, page.lang), reason)
    page.console.print(table)
    _more(page, len(moves))


def _more(page: Printer, n: int) -> None:
    if n > LONGEST:
        page.say(message("{n} further lines are not shown here; --out writes all of them.", n=n - LONGEST), "dim")


def _parameters(page: Printer, comparison: Comparison) -> None:
    if not comparison.parameters:
        return
    table = page.table(N_("Parameter that differs"), N_("Scenarios"), N_("Value"), N_("Source"))
    table.columns[0].overflow = table.columns[3].overflow = "fold"
    rows = [row for each in comparison.parameters for row in _distinct(page, each)]
    for row in rows[:LONGEST]:
        table.add_row(*row)
    page.console.print(table)
    _more(page, len(rows))


def _distinct(page: Printer, parameter: Parameter) -> list[tuple[str, str, str, str]]:
    """Return each value that a parameter takes, with the numbers of the scenarios that give it."""
    found: dict[str, list[int]] = {}
    for n, line in enumerate(parameter.lines):
        found.setdefault("–" if line is None else json.dumps(line["value"], sort_keys=True), []).append(n)
    rows = []
    for numbers in found.values():
        line, value, source = parameter.lines[numbers[0]], "–", ""
        if line is not None:
            shown = line.get("shown") or {}
            value = shown.get(page.lang) or page.plain(line["value"])
            source = message(
                "{status}: {source}",
                status=word(line["status"], page.lang),
                source=source_of(line["source"], page.lang),
            ).render(page.lang)
        rows.append((parameter.path, ", ".join(str(n + 1) for n in numbers), value, source))
    return rows


def _patterns(page: Printer, comparison: Comparison) -> None:
    n = sum(entry.has_allocation for entry in comparison.entries)
    if n < 2:
        return
    always = sum(each.times == n for each in comparison.patterns)
    sometimes = [each for each in comparison.patterns if 0 < each.times < n]
    text = message(
        "Candidates funded in all {n} allocations: {always}; in some: {sometimes}; in none: {never}.",
        n=n,
        always=always,
        sometimes=len(sometimes),
        never=len(comparison.patterns) - always - len(sometimes),
    )
    page.say(text)
    if not sometimes:
        return
    table = page.table(N_("Funded in some"), N_("Region"), N_("Pattern"), N_("Times"), right=(3,))
    for each in sometimes[:LONGEST]:
        table.add_row(each.candidate, each.region or "–", each.signs, str(each.times))
    page.console.print(table)
    _more(page, len(sometimes))


# ------------------------------------------------------------------------------------------------------------------- prices


def show_prices(page: Printer, prices: Sequence[Price], name: str) -> None:
    """Print what the rules of a scenario cost."""
    page.say(message("What the rules of “{name}” cost: each change alone, solved again.", name=name), "bold")
    table = page.table(
        N_("Condition"),
        N_("Change"),
        N_("Value gained"),
        N_("PTCE"),
        N_("Granted"),
        N_("Indication (relaxation)"),
        right=(1, 2, 3, 4, 5),
    )
    table.columns[0].overflow, table.columns[5].no_wrap = "fold", False
    for price in prices:
        granted = "–" if price.granted is None else shown("granted", price.granted, page.lang, True)
        supported = "–" if price.supported is None else shown("supported", price.supported, page.lang, True)
        relaxed = shown("value", price.relaxed, page.lang, True)
        cells = (
            "\n→ ".join(change_of(price, page.lang)),
            # Rich would break numbers at their no-break spaces.
            fill(gain_of(price, page.lang), _GAIN, break_long_words=False, break_on_hyphens=False),
            supported,
            granted,
            relaxed,
        )
        table.add_row(price.name.render(page.lang), *cells)
    page.console.print(table)
    text = message(
        "The indication is what the relaxation would gain, with grants and choices that need not be whole; it is no price."
    )
    page.say(text, "dim")
