"""The money of a result in a terminal: what is granted, charged and left, by dimension and year, beside other schemes."""

from collections import Counter

from rich.table import Table

from ptce_funding.allocation import Allocation
from ptce_funding.breakdown import breakdown
from ptce_funding.cells import alphabetical
from ptce_funding.comparators import comparators, per_pole
from ptce_funding.indicators import Indicators, Slice, unspent_reasons
from ptce_funding.messages import N_, euros, message, number, percent, translate
from ptce_funding.report.printer import LONGEST, Printer
from ptce_funding.report.words import word


def money(page: Printer, allocation: Allocation, figures: Indicators) -> None:
    """Print what the envelope pays, what is left and why, and what comes beside it."""
    amounts = {
        "granted": allocation.granted,
        "total": allocation.call.scenario.envelope.total,
        "n": len(allocation.supported),
        "unspent": allocation.unspent,
    }
    if allocation.charges:
        text = message(
            "Granted {granted:euros} of {total:euros} to {n} candidates; transversal costs and advantages {charged:euros}; "
            "unspent {unspent:euros}.",
            charged=allocation.charged,
            **amounts,
        )
    else:
        text = message(
            "Granted {granted:euros} of {total:euros} to {n} candidates; unspent {unspent:euros}.", **amounts
        )
    page.say(text)
    if allocation.call.scenario.withdrawn:
        text = message("Withdrawn by cuts (envelope.cuts): {cut:euros}.", cut=allocation.call.scenario.withdrawn)
        page.say(text)
    for reason in unspent_reasons(allocation):
        page.say(message("Unspent because: {reason}.", reason=reason))
    if figures.mean is not None:
        text = message(
            "Grant: mean {mean:euros}, smallest {smallest:euros}, largest {largest:euros}. Secured co-financing: "
            "{cofinancing:euros}, {leverage:number} € for each euro granted.",
            mean=figures.mean,
            smallest=figures.smallest,
            largest=figures.largest,
            cofinancing=figures.cofinancing,
            leverage=round(figures.leverage or 0.0, 2),
        )
        page.say(text)
    if figures.transversal:
        costs = [
            message("{name}: {cost:euros}", name=page.key("volet", volet), cost=cost)
            for volet, cost in figures.transversal.items()
        ]
        page.say(message("Transversal costs: {costs:list}.", costs=costs))
    if figures.advantages:
        text = message(
            "Advantages: {inside:euros} paid by the envelope, {outside:euros} outside it. Public money: {envelope:euros} without the "
            "advantages outside, {public:euros} with them.",
            inside=figures.inside,
            outside=figures.outside,
            envelope=figures.public - figures.outside,
            public=figures.public,
        )
        page.say(text)
    if figures.labelled is not None:
        page.say(message("Labelled: {n} candidates.", n=figures.labelled))


def dimensions(page: Printer, allocation: Allocation, figures: Indicators) -> None:
    """Print candidates and money by dimension, then the accounts by year."""
    for dimension, slices in figures.slices.items():
        table = page.table(
            word(dimension, page.lang).capitalize(), N_("Candidates"), N_("Granted"), N_("Share"), right=(1, 2, 3)
        )
        shown = [each for each in slices if each.granted]
        if dimension == "region":
            shown.sort(key=lambda each: (-each.granted, alphabetical(each.key)))
        for each in shown[:LONGEST]:
            _slice_row(page, table, dimension, each, allocation.granted)
        hidden, without = shown[LONGEST:], [each for each in slices if not each.granted]
        if hidden:
            more = Slice(
                message("{n} others", n=len(hidden)).render(page.lang),
                sum(each.supported for each in hidden),
                sum(each.granted for each in hidden),
            )
            _slice_row(page, table, "", more, allocation.granted)
        page.console.print(table)
        if without and allocation.has_allocation:
            names = [page.key(dimension, each.key) for each in without]
            page.say(message("Without support: {names:list}.", names=names), "dim")
    _volets_by_year(page, allocation)
    if len(figures.years) > 1:
        table = page.table(N_("Year"), N_("Committed (AE)"), N_("Paid (CP)"), right=(1, 2))
        for year, (committed, paid) in figures.years.items():
            table.add_row(str(year), euros(committed, page.lang), euros(paid, page.lang))
        page.console.print(table)


def beside_others(page: Printer, allocation: Allocation) -> None:
    """Print what a supported candidate gets beside other schemes, for schemes of several years or volets."""
    scenario, own = allocation.call.scenario, per_pole(allocation)
    if own.mean is None or (scenario.years == 1 and len(scenario.volets) == 1):
        return
    table = page.table(
        N_("For each pole"), N_("Amount"), N_("Years"), N_("Amount a year"), N_("Status"), right=(1, 2, 3)
    )
    rows = [(translate(N_("this result"), page.lang), own.mean, own.years or 0.0, own.per_year or 0.0, "computed")]
    rows += [
        (each.title.render(page.lang), each.per_pole, each.years, each.per_year, each.status) for each in comparators()
    ]
    for title, amount, years, per_year, status in rows:
        cells = euros(amount, page.lang), number(years, page.lang, 1), euros(per_year, page.lang)
        table.add_row(title, *cells, word(status, page.lang))
    page.console.print(table)


def _volets_by_year(page: Printer, allocation: Allocation) -> None:
    """Print candidates and money by year and volet, where neither dimension alone tells all."""
    scenario = allocation.call.scenario
    volets = list(scenario.step_volets)
    if scenario.years == 1 or len(scenario.volets) == 1 or not allocation.has_allocation:
        return
    supported: Counter[tuple[int, str]] = Counter()
    granted: Counter[tuple[int, str]] = Counter()
    charged: Counter[int] = Counter()
    for cell in breakdown(allocation):
        supported[cell.year, cell.volet] += cell.supported
        granted[cell.year, cell.volet] += cell.granted
    for charge in allocation.charges:
        charged[charge.year] += charge.amount
    columns = [(N_("Year"), [str(year) for year in scenario.horizon])]
    for volet in volets:
        cells = [
            f"{supported[year, volet]} · {euros(granted[year, volet], page.lang)}" if granted[year, volet] else "–"
            for year in scenario.horizon
        ]
        columns.append((page.key("volet", volet), cells))
    if charged:
        cells = [euros(charged[year], page.lang) for year in scenario.horizon]
        columns.append((N_("Transversal costs and advantages"), cells))
    table = page.table(*(heading for heading, _ in columns), right=range(1, len(columns)))
    for column in table.columns:
        column.no_wrap = False  # titles are long
    width = sum(max(map(len, cells)) + 3 for _, cells in columns)
    for row in zip(*(cells for _, cells in columns), strict=True):
        table.add_row(*(cell if width <= page.console.width else cell.replace(" · ", "\n") for cell in row))
    page.console.print(table)


def _slice_row(page: Printer, table: Table, dimension: str, each: Slice, granted: int) -> None:
    share = percent(each.granted / granted, page.lang) if granted else "–"
    table.add_row(page.key(dimension, each.key), str(each.supported), euros(each.granted, page.lang), share)
