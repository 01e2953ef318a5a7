"""The page of a costing: what targets cost, and who gets what with it."""

from dataclasses import replace

from ptce_funding.messages import N_, euros, message, number, translate
from ptce_funding.report.documents import Costing, Result
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Column, Command, Figure, Page, Paragraph, Section, Table
from ptce_funding.report.html.clash import clash
from ptce_funding.report.html.result import allocation_sections, credits_of, notice, title_of
from ptce_funding.report.html.sources import replay, sources
from ptce_funding.report.html.summary import funnel, summary
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.words import titles_in


def costing_page(costing: Costing, lang: str) -> Page:
    """Return the page of a costing."""
    w = Writer(lang, titles_in(costing.labels, lang))
    sections = [_answer(costing, w), clash(costing.clash, w)]
    result = costing.allocation
    if result is not None:
        sections += [_targets(costing, w), _by_volet_and_year(result, w)]
        short = summary(result, w)
        title = translate(N_("The best allocation of that envelope"), lang)
        sections += [replace(short, id="allocation", title=title), funnel(result, w), *allocation_sections(result, w)]
        sections.append(sources(result.sources, result.has_allocation, w))
    sections.append(_replay(costing, w))
    return Page(
        lang=lang,
        title=title_of(costing.title, costing.scenario, lang),
        name=costing.scenario,
        kind=translate(N_("What targets cost"), lang),
        notice=notice(costing.synthetic_candidates, lang),
        sections=sections,
        credits=() if result is None else credits_of(result.provenance.versions, lang, has_map=True),
    )


def _answer(costing: Costing, w: Writer) -> Section:
    told = {"total": costing.envelope, "bound": costing.bound or 0}
    blocks: list[Block] = []
    if costing.envelope is None:
        blocks.append(_absence(costing, w))
    else:
        blocks.append(Paragraph(w.say(message("Smallest envelope that reaches the targets: {total:euros}.", **told))))
        if costing.status == "optimal":
            text = message(
                "Proved: no envelope smaller by one grant step, {step:euros}, reaches them.", step=costing.grant_step
            )
            blocks.append(Paragraph(w.say(text), "good"))
        else:
            text = message(
                "Not proved smallest in the time allowed: it does, and none below {bound:euros} does.", **told
            )
            blocks.append(Paragraph(w.say(text), "warning"))
    if costing.allocation is not None:
        blocks.append(_money(costing.allocation, w))
    return Section("summary", translate(N_("In short"), w.lang), blocks)


def _money(result: Result, w: Writer) -> Block:
    figures, lang = result.indicators, w.lang
    outside = figures.public_money.advantages_outside
    return w.facts(
        [
            (N_("Envelope"), euros(result.envelope, lang)),
            (N_("Candidates funded"), number(result.supported, lang)),
            (N_("Secured co-financing"), euros(figures.cofinancing, lang)),
            (N_("Co-financing of collectivités"), euros(figures.local_cofinancing, lang)),
            (N_("Advantages outside the envelope"), euros(outside, lang) if outside else None),
            (
                N_("Public money with the advantages"),
                euros(figures.public_money.with_advantages, lang) if outside else None,
            ),
        ],
        is_large=True,
    )


def _absence(costing: Costing, w: Writer) -> Paragraph:
    if costing.status == "infeasible":
        text = message("No envelope reaches the targets: proved.")
    else:
        text = message("No envelope was found in the time allowed; there may be one.")
    return Paragraph(w.say(text), "warning")


def _targets(costing: Costing, w: Writer) -> Section:
    columns = [w.column(N_("Target")), w.column(N_("Wanted"), "any"), w.column(N_("Reached"), "any")]
    told = [each for each in costing.targets if not each.skipped]
    rows = [
        (w.rule_name(each), w.measure(each.measure, each.min), w.measure(each.measure, each.activity)) for each in told
    ]
    blocks: list[Block] = [Table(translate(N_("Targets, wanted and reached"), w.lang), columns, rows)]
    if len(told) < len(costing.targets):
        text = message("Groups left out because nobody in them can be funded: {n}.", n=len(costing.targets) - len(told))
        blocks.append(Paragraph(w.say(text), "quiet"))
    return Section("targets", translate(N_("Targets"), w.lang), blocks)


def _by_volet_and_year(result: Result, w: Writer) -> Section:
    """Return what the envelope is made of, by volet and year of commitment."""
    title = translate(N_("Grants by volet and year"), w.lang)
    volets = list(dict.fromkeys(each.volet for each in result.breakdown))
    years = sorted({each.year for each in result.breakdown})
    sums = {
        (volet, year): sum(each.granted for each in result.breakdown if (each.volet, each.year) == (volet, year))
        for volet in volets
        for year in years
    }
    columns = [w.column(N_("Volet")), *(Column(str(year), "euros") for year in years), w.column(N_("Total"), "euros")]
    rows = [
        (
            w.key("volet", volet),
            *(sums[volet, year] or None for year in years),
            sum(sums[volet, year] for year in years),
        )
        for volet in volets
    ]
    bars = [
        (
            w.say(message("{volet}, {year}", volet=w.key("volet", volet), year=str(year))),
            float(sums[volet, year]),
            euros(sums[volet, year], w.lang),
        )
        for volet in volets
        for year in years
        if sums[volet, year]
    ]
    description = w.say(message("Each bar is what one volet commits in one year; transversal costs are told below."))
    blocks: list[Block] = (
        [Figure(title, description, charts.bars(bars, w.lang), Table(title, columns, rows))] if rows else []
    )
    return Section("volets", translate(N_("By volet and year"), w.lang), blocks)


def _replay(costing: Costing, w: Writer) -> Section:
    blocks: list[Block] = [
        Paragraph(w.say(message("This command makes the same computation again:"))),
        Command(costing.command),
    ]
    if costing.allocation is not None:
        blocks.append(Paragraph(w.say(message("The same money the other way, as a scenario with that envelope:"))))
        blocks.append(Command(costing.simulate))
        blocks += replay(costing.allocation.provenance, w).blocks[2:]
    return Section("replay", translate(N_("How to replay"), w.lang), blocks)
