"""Where the money goes: by phase, volet, aid, region and funder, beside the grants, and year by year."""

from collections.abc import Iterator

from ptce_funding.messages import N_, euros, message, number, translate
from ptce_funding.report.documents import Result, Slice
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Column, Facts, Figure, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.words import word

#: Bars of a chart; its table has all.
_BARS = 24

_TITLES = {
    "phase": N_("Money by phase"),
    "volet": N_("Money by volet"),
    "aid": N_("Money by aid"),
    "region": N_("Money by region"),
    "funder": N_("Money by funder"),
}
_DESCRIPTION = N_(
    "Each bar is what is granted; at its end, the amount, its share of all grants and the number of candidates."
)


def money(result: Result, w: Writer) -> Section:
    """Return grants by dimension, and what comes beside them."""
    blocks: list[Block] = [_key_figures(result, w)]
    reasons = [w.texts(reason) for reason in result.unspent_reasons]
    blocks += [Paragraph(w.say(message("Unspent because: {reason}.", reason=reason)), "quiet") for reason in reasons]
    blocks += [
        _slices(result, dimension, slices, w)
        for dimension, slices in result.indicators.by.items()
        if dimension in _TITLES and any(each.granted for each in slices)
    ]
    blocks += _advantages(result, w)
    blocks += _others(result, w)
    return Section("money", translate(N_("Where the money goes"), w.lang), blocks)


def _key_figures(result: Result, w: Writer) -> Facts:
    figures, lang = result.indicators, w.lang

    def amount(value: float | None) -> str | None:
        return None if value is None else euros(value, lang)

    transversal = [
        message("{name}: {cost:euros}", name=w.key("volet", each.volet), cost=each.cost) for each in figures.transversal
    ]
    return w.facts(
        [
            (N_("Envelope"), euros(result.envelope, lang)),
            (N_("Withdrawn by cuts"), amount(result.withdrawn or None)),
            (N_("Granted"), euros(result.granted, lang)),
            (N_("Transversal costs and advantages"), amount(result.charged or None)),
            (N_("Transversal costs, by volet"), ", ".join(w.say(each) for each in transversal)),
            (N_("Unspent"), euros(result.unspent, lang)),
            (N_("Mean grant"), amount(figures.mean_grant)),
            (N_("Smallest grant"), amount(figures.smallest_grant)),
            (N_("Largest grant"), amount(figures.largest_grant)),
            (N_("Mean grant per candidate and year"), amount(figures.mean_grant_per_year)),
            (N_("Secured co-financing"), amount(figures.cofinancing)),
            (N_("Co-financing of collectivités"), amount(figures.local_cofinancing)),
        ]
    )


def _slices(result: Result, dimension: str, slices: tuple[Slice, ...], w: Writer) -> Figure:
    # Phases and volets have an order of their own; regions go by what they get.
    order = sorted(slices, key=lambda each: -each.granted) if dimension == "region" else list(slices)
    title = translate(_TITLES[dimension], w.lang)
    total = result.granted or 1
    rows = [(w.key(dimension, each.key), each.granted, each.granted / total, each.supported) for each in order]
    bars = [
        (
            name,
            float(granted),
            w.say(message("{amount:euros}, {share:percent} ({n})", amount=granted, share=share, n=number(n, w.lang))),
        )
        for name, granted, share, n in rows[:_BARS]
        if granted
    ]
    columns = [
        Column(word(dimension, w.lang).capitalize()),
        w.column(N_("Granted"), "euros"),
        w.column(N_("Share"), "share"),
        w.column(N_("Candidates"), "whole"),
    ]
    return Figure(title, translate(_DESCRIPTION, w.lang), charts.bars(bars, w.lang), Table(title, columns, rows))


def _advantages(result: Result, w: Writer) -> Iterator[Block]:
    figures = result.indicators
    if not figures.advantages:
        return
    yield Paragraph(
        w.say(
            message(
                "Advantages: {inside:euros} paid by the envelope, {outside:euros} outside it. Public money: {envelope:euros} without the "
                "advantages outside, {public:euros} with them.",
                inside=figures.public_money.advantages_inside,
                outside=figures.public_money.advantages_outside,
                envelope=figures.public_money.envelope,
                public=figures.public_money.with_advantages,
            )
        )
    )
    columns = [
        w.column(N_("Advantage")),
        w.column(N_("Volet")),
        w.column(N_("Candidates"), "whole"),
        w.column(N_("Amount"), "euros"),
        w.column(N_("Paid")),
    ]
    rows = [
        (
            w.key("advantage", each.advantage),
            w.key("volet", each.volet),
            each.supported,
            each.amount,
            word(each.charged, w.lang),
        )
        for each in figures.advantages
    ]
    yield Table(translate(N_("Advantages of the label"), w.lang), columns, rows)


def _others(result: Result, w: Writer) -> Iterator[Block]:
    """Return what one candidate gets, beside what one pole got of other schemes."""
    mean = result.indicators.mean_grant_per_year
    if not result.comparators or mean is None:
        return
    title = translate(N_("One pole, one year: this and other schemes"), w.lang)
    rows = [(translate(N_("this allocation"), w.lang), mean, result.indicators.mean_grant, None, None)]
    others = [
        (
            each.title.render(w.lang),
            each.per_pole_and_year,
            float(each.per_pole),
            word(each.status, w.lang),
            w.texts(each.source),
        )
        for each in result.comparators
    ]
    columns = [
        w.column(N_("Scheme")),
        w.column(N_("Per pole and year"), "euros"),
        w.column(N_("Per pole"), "euros"),
        w.column(N_("Status")),
        w.column(N_("Source")),
    ]
    told = [(row[0], float(row[1]), euros(row[1], w.lang)) for row in [*rows, *others]]
    description = w.say(
        message("Each bar is what one supported candidate gets for each year from its first to its last payment.")
    )
    yield Figure(title, description, charts.bars(told, w.lang), Table(title, columns, [*rows, *others]))


def calendar(result: Result, w: Writer) -> Section:
    """Return commitments and payments by year, what funders bring and keep, and who is supported when."""
    blocks: list[Block] = []
    years = result.indicators.by_year
    committed, paid = translate(N_("Committed (AE)"), w.lang), translate(N_("Paid (CP)"), w.lang)
    if years:
        title = translate(N_("Commitments (AE) and payments (CP) by year"), w.lang)
        rows = [(str(each.year), each.committed, each.paid) for each in years]
        bars = [
            (name, series, float(value), euros(value, w.lang))
            for name, *values in rows
            for series, value in zip((committed, paid), values, strict=True)
        ]
        columns = [w.column(N_("Year")), w.column(N_("Committed (AE)"), "euros"), w.column(N_("Paid (CP)"), "euros")]
        description = w.say(
            message(
                "Dark bars are commitments (autorisations d'engagement), light bars payments (crédits de paiement), transversal costs "
                "included."
            )
        )
        blocks.append(
            Figure(title, description, charts.pairs(bars, (committed, paid), w.lang), Table(title, columns, rows))
        )
    if len(result.balance) > 1:
        blocks.append(_balance(result, w))
        if len({each.funder for each in result.balance}) > 1:
            text = message(
                "The lines of all follow the yearly tranches; a funder that states no amounts by year brings its money in the first, so "
                "that all together are not the sum of the funders."
            )
            blocks.append(Paragraph(w.say(text), "quiet"))
    if result.calendar:
        blocks.append(_steps(result, w))
    return Section("calendar", translate(N_("Calendar"), w.lang), blocks)


def _balance(result: Result, w: Writer) -> Table:
    columns = [
        w.column(N_("Year")),
        w.column(N_("Funder")),
        w.column(N_("Brought"), "euros"),
        w.column(N_("Granted"), "euros"),
        w.column(N_("Charged"), "euros"),
        w.column(N_("Carried over"), "euros"),
        w.column(N_("Unspent"), "euros"),
    ]
    rows = [
        (
            str(each.year),
            w.key("funder", each.funder) if each.funder else translate(N_("all"), w.lang),
            each.brought,
            each.granted,
            each.charged,
            each.carried,
            each.unspent,
        )
        for each in result.balance
    ]
    return Table(translate(N_("What funders bring and keep"), w.lang), columns, rows)


def _steps(result: Result, w: Writer) -> Table:
    years = sorted({payment.year for entry in result.calendar for payment in entry.payments})
    columns = [
        w.column(N_("Candidate")),
        w.column(N_("Volet")),
        w.column(N_("Aid")),
        w.column(N_("Years")),
        w.column(N_("Grant"), "euros"),
        *(Column(w.say(message("Paid in {year}", year=str(year))), "euros") for year in years),
    ]
    rows = []
    for entry in result.calendar:
        paid = {payment.year: payment.paid for payment in entry.payments}
        rows.append(
            (
                w.candidate(entry),
                w.key("volet", entry.volet),
                w.key("aid", entry.aid) if entry.aid else None,
                w.years(entry.first_year, entry.last_year),
                entry.grant,
                *(paid.get(year) for year in years),
            )
        )
    return Table(translate(N_("Who is supported when"), w.lang), columns, rows, is_folded=True)


def cells(result: Result, w: Writer) -> Table:
    """Return the money by volet, phase, year and region."""
    columns = [
        w.column(N_("Volet")),
        w.column(N_("Phase")),
        w.column(N_("Year")),
        w.column(N_("Region")),
        w.column(N_("Candidates"), "whole"),
        w.column(N_("Granted"), "euros"),
    ]
    rows = [
        (
            w.key("volet", each.volet),
            w.key("phase", each.phase),
            str(each.year),
            w.key("region", each.region),
            each.supported,
            each.granted,
        )
        for each in result.breakdown
    ]
    return Table(translate(N_("Money by volet, phase, year and region"), w.lang), columns, rows, is_folded=True)
