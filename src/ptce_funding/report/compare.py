"""A comparison in a terminal: scenarios as columns while they are few, as rows when they are many; the files hold all."""

from collections.abc import Sequence

from ptce_funding.comparing.comparison import Comparison, Line, Parameter
from ptce_funding.comparing.price import Price
from ptce_funding.messages import N_, euros, message, number, percent, translate
from ptce_funding.report.compare_tables import reasons_of, source_of, status_of, value_shown
from ptce_funding.report.printer import LONGEST, Printer
from ptce_funding.report.sweep_words import figure_form, figure_word
from ptce_funding.report.words import word

#: Scenarios that have room as columns.
_COLUMNS = 4

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
    "cost_per_ptce": N_("Cost per PTCE"),
    "cost_per_job": N_("Cost per job"),
    "regions_without": N_("Regions with nothing"),
}


def show_comparison(page: Printer, comparison: Comparison) -> None:
    """Print a comparison."""
    names = [entry.name for entry in comparison.entries]
    page.say(message("Baseline: {name}. Scenarios: {n}.", name=names[comparison.baseline], n=len(names)), "bold")
    if any(entry.document["synthetic_candidates"] for entry in comparison.entries):
        page.say(message("Synthetic candidates: no real dossier."), "bold yellow")
    for entry in comparison.entries:
        if not entry.has_allocation:
            text = entry.document["absence"][page.lang]
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


def _shown(page: Printer, name: str, value: float | None, is_difference: bool = False) -> str:
    if value is None:
        return "–"
    sign = "+" if is_difference and value > 0 else ""
    is_money = figure_form(name) == "euros" or name == "mean_grant"
    return sign + (euros(value, page.lang) if is_money else number(value, page.lang, 3 if name == "gini" else 2))


def _as_columns(page: Printer, comparison: Comparison) -> None:
    names = [entry.name for entry in comparison.entries]
    table = page.table(N_("Figure"), *names, right=range(1, len(names) + 1))
    for column in table.columns:
        column.overflow, column.no_wrap = "fold", False
    statuses = [word(entry.document["status"], page.lang) for entry in comparison.entries]
    table.add_row(translate(N_("Status"), page.lang), *statuses)
    for line in comparison.lines:
        table.add_row(figure_word(line.name, page.lang), *(_shown(page, line.name, value) for value in line.values))
        others = [value for n, value in enumerate(line.differences) if n != comparison.baseline]
        if any(others):
            cells = [
                "" if n == comparison.baseline else _shown(page, line.name, value, is_difference=True)
                for n, value in enumerate(line.differences)
            ]
            table.add_row(translate(N_("  difference"), page.lang), *cells, style="dim")
    page.console.print(table)


def _as_rows(page: Printer, comparison: Comparison) -> None:
    lines = {line.name: line for line in comparison.lines}
    first = page.table("", N_("Scenario"), *_FIRST.values(), N_("In"), N_("Out"), right=(0, *range(2, 9)))
    for n, entry in enumerate(comparison.entries):
        own = [move for move in comparison.moves if move.entry == n]
        is_base = n == comparison.baseline or not entry.has_allocation
        counts = [
            "–" if is_base else str(sum(move.enters for move in own)),
            "–" if is_base else str(sum(not move.enters for move in own)),
        ]
        first.add_row(str(n + 1), entry.name, *_row(page, lines, _FIRST, n), *counts, style=_style(comparison, n))
    page.console.print(first)
    second = page.table("", *_SECOND.values(), N_("Value gained"), right=range(7))
    for column in second.columns:
        column.no_wrap = False
    for n in range(len(comparison.entries)):
        gained = lines["common_value"].differences[n] if "common_value" in lines else None
        cells = _row(page, lines, _SECOND, n)
        second.add_row(str(n + 1), *cells, _shown(page, "value", gained, True), style=_style(comparison, n))
    page.console.print(second)
    page.say(message("The files of --out hold all figures and their differences, by phase, volet and region."), "dim")


def _row(page: Printer, lines: dict[str, Line], names: dict[str, str], n: int) -> list[str]:
    return [_shown(page, name, lines[name].values[n]) if name in lines else "–" for name in names]


def _style(comparison: Comparison, n: int) -> str | None:
    return "bold" if n == comparison.baseline else None


def _common(page: Printer, comparison: Comparison) -> None:
    """Say what the common value leaves out, and how equity is reckoned."""
    for entry, worth in zip(comparison.entries, comparison.worths, strict=True):
        if worth is not None and worth.unknown:
            text = message(
                "Value to the baseline: {unknown} of the {n} funded steps of “{name}” are unknown to the baseline and count for nothing "
                "there.",
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
    if not comparison.moves:
        return
    for enters, heading in ((True, N_("Enters")), (False, N_("Leaves"))):
        own = [move for move in comparison.moves if move.enters == enters and not move.is_despite_more]
        why = N_("Why not in the baseline") if enters else N_("Why not any more")
        _moves_table(page, comparison, own, heading, why)
    dropped = [move for move in comparison.moves if move.is_despite_more]
    if dropped:
        text = message(
            "{n} times a candidate drops out although there is more money: the best use of more money need not contain the best use of "
            "less.",
            n=len(dropped),
        )
        page.say(text, "bold")
        _moves_table(page, comparison, dropped, N_("Drops out with more money"), N_("Why not any more"))


def _moves_table(page: Printer, comparison: Comparison, moves: Sequence[object], heading: str, why: str) -> None:
    if not moves:
        return
    table = page.table(N_("Scenario"), heading, N_("Grant"), why, right=(2,))
    own = [move for move in comparison.moves if move in moves]
    for move in own[:LONGEST]:
        reason = reasons_of(move, page.lang, is_short=True)
        table.add_row(comparison.entries[move.entry].name, move.candidate, euros(move.grant, page.lang), reason)
    page.console.print(table)
    _more(page, len(own))


def _more(page: Printer, n: int) -> None:
    if n > LONGEST:
        page.say(message("{n} further lines are in the files of --out.", n=n - LONGEST), "dim")


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
        found.setdefault("–" if line is None else value_shown(line["value"]), []).append(n)
    rows = []
    for numbers in found.values():
        line, value, source = parameter.lines[numbers[0]], "–", ""
        if line is not None:
            value = str(line["value"]) if parameter.path == "first_year" else page.plain(line["value"])
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
        N_("Change"),
        N_("Value gained"),
        N_("PTCE"),
        N_("Granted more"),
        N_("Indication (relaxation)"),
        right=(1, 2, 3, 4),
    )
    for column in (table.columns[1], table.columns[4]):
        column.no_wrap = False
    for price in prices:
        granted = "–" if price.granted is None else _shown(page, "granted", price.granted, True)
        supported = "–" if price.supported is None else _shown(page, "supported", price.supported, True)
        relaxed = _shown(page, "value", price.relaxed, True)
        table.add_row(_change(page, price), _gain(page, price), supported, granted, relaxed)
    page.console.print(table)
    text = message(
        "The indication is what the relaxation would gain, with grants and choices that need not be whole; it is no price."
    )
    page.say(text, "dim")


def _change(page: Printer, price: Price) -> str:
    if price.change == "dropped":
        return message("{name}: let go", name=price.name).render(page.lang)
    before, after = (_bound(page, price, value) for value in (price.before, price.after))
    return message("{name}: {before} → {after}", name=price.name, before=before, after=after).render(page.lang)


def _bound(page: Printer, price: Price, value: object) -> str:
    amount = float(value)  # type: ignore[arg-type]
    if price.measure == "amount":
        return euros(amount, page.lang)
    return percent(amount, page.lang, 2) if price.measure == "share" else number(amount, page.lang, 2)


def _gain(page: Printer, price: Price) -> str:
    """Return the value gained; where the gaps of the proofs overlap, between what it lies."""
    if price.value is None:
        return status_of(price, page.lang)
    shown = _shown(page, "value", price.value, True)
    if price.is_separable:
        return shown
    if price.least is None or price.most is None:
        return message("{value}, not separable", value=shown).render(page.lang)
    text = message(
        "not separable: {least} to {most}",
        least=_shown(page, "value", price.least, True),
        most=_shown(page, "value", price.most, True),
    )
    return text.render(page.lang)
