"""The figures of compared scenarios with their differences, and their money by phase and volet."""

from collections.abc import Iterator, Sequence

from ptce_funding.comparing.figures import DIMENSIONS
from ptce_funding.messages import N_, euros, message, translate
from ptce_funding.report.compare_words import shown
from ptce_funding.report.comparisons import Compared, Line
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Column, Figure, Paragraph, Section, Shown, Table, Value
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.sweep_words import figure_word
from ptce_funding.report.words import word

#: Scenarios beside the baseline that have room in one table, and panels of a chart; its table has all.
_BESIDE, _PANELS = 2, 12

_TITLES = {
    "phase": N_("Money by phase, side by side"),
    "volet": N_("Money by volet, side by side"),
}


def figures(compared: Compared, w: Writer) -> Section:
    """Return every figure of every scenario, as many scenarios to a table as have room, always beside the baseline."""
    names = [each.name for each in compared.scenarios]
    base = names.index(compared.baseline)
    others = [n for n in range(len(names)) if n != base]
    chunks = [others[k : k + _BESIDE] for k in range(0, len(others), _BESIDE)] or [[]]
    granted = next((line.values for line in compared.figures if line.name == "granted"), ())
    whole = [
        line
        for line in compared.figures
        # Public money is told where it is not the same as what is granted, and the value to the baseline where there are others.
        if "." not in line.name
        and any(line.values)
        and (line.name != "public_money" or line.values != granted)
        and (line.name != "common_value" or others)
    ]
    parts = [line for line in compared.figures if "." in line.name and any(line.values)]
    blocks: list[Block] = []
    for k, chunk in enumerate(chunks, 1):
        if len(chunks) > 1:
            title = w.say(message("Figures and differences from the baseline ({k} of {n})", k=k, n=len(chunks)))
            more = w.say(message("Figures by phase, volet and region ({k} of {n})", k=k, n=len(chunks)))
        else:
            title = N_("Figures and differences from the baseline") if others else N_("Figures of the scenario")
            title = translate(title, w.lang)
            more = translate(N_("Figures by phase, volet and region"), w.lang)
        blocks.append(_table(title, compared, whole, base, chunk, w))
        if parts:
            blocks.append(_table(more, compared, parts, base, chunk, w, is_folded=True))
    if any(line.name == "common_value" for line in whole):
        text = message(
            "“{value}” is what the awards of a scenario are worth by the value of the baseline, so that scenarios that weigh otherwise can "
            "be compared.",
            value=figure_word("common_value", w.lang),
        )
        blocks.append(Paragraph(w.say(text), "quiet"))
    return Section("figures", translate(N_("All figures"), w.lang), blocks)


def _table(
    title: str,
    compared: Compared,
    lines: Sequence[Line],
    base: int,
    others: Sequence[int],
    w: Writer,
    is_folded: bool = False,
) -> Table:
    names = [each.name for each in compared.scenarios]
    columns = [w.column(N_("Figure")), Column(names[base], "any")]
    for n in others:
        columns += [Column(names[n], "any"), Column(w.say(message("Difference: {name}", name=names[n])), "any")]
    rows: list[tuple[Value, ...]] = []
    for line in lines:
        cells = [_shown(line, line.values[base], w)]
        for n in others:
            cells += [_shown(line, line.values[n], w), _shown(line, line.differences[n], w, is_difference=True)]
        rows.append((figure_word(line.name, w.lang, w.titles), *cells))
    return Table(title, columns, rows, is_folded)


def _shown(line: Line, value: float | None, w: Writer, is_difference: bool = False) -> Shown:
    return Shown(value, shown(line.name, value, w.lang, is_difference))


def money(compared: Compared, w: Writer) -> Section:
    """Return what phases and volets get in each scenario."""
    blocks = [figure for dimension in DIMENSIONS if dimension in _TITLES for figure in _by(compared, dimension, w)]
    return Section("money", translate(N_("Where the money goes"), w.lang), blocks)


def _by(compared: Compared, dimension: str, w: Writer) -> Iterator[Figure]:
    start = f"granted.{dimension}."
    known = {line.name.removeprefix(start): line.values for line in compared.figures if line.name.startswith(start)}
    told = {key: values for key, values in known.items() if any(values)}
    if not told:
        return
    names = compared.numbered
    most = sorted(told, key=lambda key: -max(value or 0 for value in told[key]))[:_PANELS]
    heads = {key: w.key(dimension, key) for key in told if key in most}
    bars = [
        (heads[key], name, float(value), euros(value, w.lang))
        for key in heads
        for name, value in zip(names, told[key], strict=True)
        if value is not None
    ]
    title = translate(_TITLES[dimension], w.lang)
    description = w.say(
        message(
            "A panel for each {dimension}, all to one scale; the light bar is the baseline, “{name}”.",
            dimension=word(dimension, w.lang),
            name=compared.baseline,
        )
    )
    columns = [w.column(N_("Scenario")), *(Column(w.key(dimension, key), "euros") for key in told)]
    rows = [(name, *(values[n] for values in told.values())) for n, name in enumerate(names)]
    svg = charts.panels(bars, list(dict.fromkeys(heads.values())), compared.marked, True, w.lang)
    yield Figure(title, description, svg, Table(title, columns, rows))
