"""How the money of compared scenarios falls on regions and on those who live there."""

from ptce_funding.geography import LAST_OLD_YEAR
from ptce_funding.messages import N_, message, number, translate
from ptce_funding.report.compare_words import shown
from ptce_funding.report.comparisons import Compared
from ptce_funding.report.html import charts, france
from ptce_funding.report.html.blocks import Block, Column, Figure, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.sweep_words import figure_word

#: Scenarios that have a map each; more are told in a table of colours.
MAPS = 4
#: Inhabitants by whom money is told, so that it is told in whole euros.
_HEADS = 1000

#: Figures of equity.
_FIGURES = ("gini", "regions_without", "granted_elsewhere")


def regions(compared: Compared, w: Writer) -> Section:
    """Return euros by inhabitants and region, how even they are, and which regions have nothing."""
    blocks: list[Block] = []
    if any(value for each in compared.regions for value in each.granted):
        blocks.append(_by_region(compared, w))
    blocks += _equity(compared, w)
    return Section("regions", translate(N_("Regions and equity"), w.lang), blocks)


def _by_region(compared: Compared, w: Writer) -> Figure:
    title = w.say(message("Euros per {n:number} inhabitants, by region", n=_HEADS))
    names = compared.numbered
    told = {
        # Rounded up: what is shown as nothing is nothing.
        each.region: [None if value is None else -(-value * _HEADS // each.inhabitants) for value in each.granted]
        for each in compared.regions
    }
    bounds = france.doubling(max(value or 0 for values in told.values() for value in values))
    columns = [w.column(N_("Region")), *(Column(name, "euros") for name in names)]
    table = Table(title, columns, [(region, *values) for region, values in told.items()])
    if len(names) > MAPS:
        description = w.say(
            message(
                "The darker, the more money by inhabitant; grey is nothing. Numbers above the columns are those of the scenarios: "
                "{names:list}.",
                names=names,
            )
        )
        cells = [
            (region, str(n), _colour(value, bounds), number(value, w.lang))
            for region, values in told.items()
            for n, value in enumerate(values, 1)
            if value is not None
        ]
        svg = charts.cells(cells, [str(n) for n in range(1, len(names) + 1)])
        return Figure(title, description, svg, table)
    maps = [
        (
            name,
            {
                region: france.Place(region, 1, 0, value)
                for region, values in told.items()
                if (value := values[n]) is not None
            },
            {region: _told(region, values[n], w) for region, values in told.items()},
        )
        for n, name in enumerate(names)
        if compared.scenarios[n].absence is None
    ]
    is_unknown = any(set(places) != set(told) for _, places, _ in maps)
    legend = [
        *([(france.NOBODY, w.say(message("not known")))] if is_unknown else []),
        (france.NO_MONEY, w.say(message("no money"))),
        *(
            (colour, w.say(message("above {low:euros}, up to {high:euros}", low=low, high=high)))
            for colour, (low, high) in zip(france.palette(len(bounds)), bounds, strict=True)
        ),
    ]
    description = w.say(
        message(
            "One map for each scenario, all in the same classes: the darker, the more money by inhabitant. The overseas regions and the "
            "inner suburbs of Paris are drawn apart, each to its own scale."
        )
    )
    return Figure(title, description, france.beside(maps, bounds, legend, compared.first_year), table)


def _told(region: str, value: int | None, w: Writer) -> str:
    if value is None:
        return w.say(message("{region}: not known", region=region))
    return w.say(message("{region}: {amount:euros} per {n:number} inhabitants", region=region, amount=value, n=_HEADS))


def _colour(value: int, bounds: list[tuple[int, int]]) -> str:
    return france.colour(france.Place("", 1, 0, value), bounds)


def _equity(compared: Compared, w: Writer) -> list[Block]:
    lines = {line.name: line.values for line in compared.figures}
    told = [name for name in _FIGURES if name in lines]
    if not told:
        return []
    columns = [
        w.column(N_("Scenario")),
        *(Column(figure_word(name, w.lang), "any") for name in told),
        w.column(N_("Regions with nothing, by name")),
    ]
    rows = [
        (
            each.name,
            *(shown(name, lines[name][n], w.lang) for name in told),
            ", ".join(each.regions_without or ()) or None,
        )
        for n, each in enumerate(compared.scenarios)
    ]
    table = Table(translate(N_("How evenly the money falls, and where none does"), w.lang), columns, rows)
    if compared.first_year <= LAST_OLD_YEAR:
        text = message(
            "The Gini coefficient is 0 when every inhabitant receives as much in all regions, and near 1 when a few receive all; the "
            "regions, with their inhabitants, are those of the map in force until 2015, which is that of the baseline."
        )
    else:
        text = message(
            "The Gini coefficient is 0 when every inhabitant receives as much in all regions, and near 1 when a few receive all; the "
            "regions, with their inhabitants, are those of the map in force since 2016, which is that of the baseline."
        )
    return [table, Paragraph(w.say(text), "quiet")] if "gini" in told else [table]
