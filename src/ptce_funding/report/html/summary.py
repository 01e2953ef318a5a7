"""What was asked and answered, in a few lines with figures, and the funnel."""

from collections import Counter
from collections.abc import Iterator

from ptce_funding.messages import N_, Message, euros, message, number, translate
from ptce_funding.parts import STATUSES
from ptce_funding.report.documents import Result, Source
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Bullets, Facts, Figure, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.rounding import bound_shown
from ptce_funding.report.words import stage_word, word

_ABSENCE = {
    "infeasible": N_("No allocation keeps all the rules: proved. Nothing can be granted without changing one of them."),
    "unknown": N_("No allocation was found within the time that was allowed; there may be one."),
}


def summary(result: Result, w: Writer) -> Section:
    """Return the first section: six lines, and the figures that readers look for first."""
    blocks: list[Block] = []
    if not result.has_allocation:
        blocks.append(Paragraph(translate(_ABSENCE.get(result.status, _ABSENCE["unknown"]), w.lang), "warning"))
    blocks.append(Bullets([w.say(line) for line in _lines(result, w)]))
    if result.has_allocation:
        blocks.append(_figures(result, w))
    return Section("summary", translate(N_("In short"), w.lang), blocks)


def _lines(result: Result, w: Writer) -> Iterator[Message]:
    asked = {
        "total": result.envelope,
        "years": w.years(result.years[0], result.years[-1]),
        "received": result.funnel.received,
    }
    if len(result.years) > 1:
        yield message(
            "Asked: how best to share {total:euros} over the years {years} among {received} candidates.", **asked
        )
    else:
        yield message("Asked: how best to share {total:euros} in {years} among {received} candidates.", **asked)
    if not result.has_allocation:
        yield message(
            "Of them, {admissible} are admissible and {fundable} could be funded.",
            admissible=result.funnel.admissible,
            fundable=result.funnel.fundable,
        )
    else:
        yield message(
            "Of them, {admissible} are admissible, {fundable} could be funded, and {funded} are.",
            admissible=result.funnel.admissible,
            fundable=result.funnel.fundable,
            funded=result.funnel.funded,
        )
        yield _money(result)
        yield _proof(result, w)
        yield _jury(result)
    yield _assumptions(result.sources)


def _money(result: Result) -> Message:
    told = {
        "granted": result.granted,
        "charged": result.charged,
        "unspent": result.unspent,
        "mean": result.indicators.mean_grant,
    }
    if not result.supported:
        return message("Nobody is funded; {unspent:euros} are left.", **told)
    if result.charged and not result.unspent:
        return message(
            "They receive {granted:euros}, {mean:euros} on average; transversal costs and advantages take {charged:euros}, and "
            "nothing is left.",
            **told,
        )
    if result.charged:
        return message(
            "They receive {granted:euros}, {mean:euros} on average; transversal costs and advantages take {charged:euros}, and "
            "{unspent:euros} are left.",
            **told,
        )
    if result.unspent:
        return message("They receive {granted:euros}, {mean:euros} on average; {unspent:euros} are left.", **told)
    return message("They receive {granted:euros}, {mean:euros} on average; nothing is left.", **told)


def _proof(result: Result, w: Writer) -> Message:
    value = round(result.value or 0.0, 2)
    if result.bound is None:
        return message("The value of this choice is {value:number}; nothing is proved of a better one.", value=value)
    if result.gap == 0:
        return message(
            "The value of this choice is {value:number}: it is proved that no other choice that keeps the same rules and "
            "priorities has more.",
            value=value,
        )
    # Rounded up, so that what is proved stays true.
    return message(
        "The value of this choice is {value:number}: it is proved that no other that keeps the same rules and priorities has more than "
        "{bound:number}, at most {gap} more.",
        value=value,
        bound=bound_shown(result.value, result.bound, 2),
        gap=w.gap(result.value, result.bound),
    )


def _jury(result: Result) -> Message:
    funded = {each.candidate for each in result.candidates if each.outcome == "funded"}
    told = {
        "n": len(result.ranking.list),
        "both": len(funded.intersection(result.ranking.list)),
        "value": None if result.ranking.value is None else round(result.ranking.value, 2),
    }
    if result.ranking.broken:
        return message(
            "A jury's list, by rank until the money is gone, supports {n} candidates, {both} of them also here; it breaks rules that this "
            "choice keeps.",
            **told,
        )
    return message(
        "A jury's list, by rank until the money is gone, supports {n} candidates, {both} of them also here, for a value of "
        "{value:number}.",
        **told,
    )


def _assumptions(sources: tuple[Source, ...]) -> Message:
    counts = Counter(each.status for each in sources)
    return message(
        "Of the {n} parameters behind this, {quoted} are quoted from sources, {computed} computed, {assumed} assumed and {missing} without "
        "a source.",
        n=len(sources),
        **{status: counts[status] for status in STATUSES},
    )


def _figures(result: Result, w: Writer) -> Facts:
    figures, lang = result.indicators, w.lang
    leverage, jobs = figures.cofinancing_per_euro, figures.jobs
    return w.facts(
        [
            (N_("Granted"), euros(result.granted, lang)),
            (N_("Candidates funded"), number(result.supported, lang)),
            (N_("Unspent"), euros(result.unspent, lang)),
            (N_("Secured co-financing"), euros(figures.cofinancing, lang)),
            (N_("Co-financing per euro granted"), None if leverage is None else number(leverage, lang, 2)),
            (N_("Jobs of the supported candidates"), None if jobs is None else number(jobs, lang, 1)),
            (N_("Labelled candidates"), None if figures.labelled is None else number(figures.labelled, lang)),
        ],
        is_large=True,
    )


def funnel(result: Result, w: Writer) -> Section:
    """Return how many candidates are left after each stage, and why the others fell out."""
    stages = [(stage, n) for stage, n in result.funnel if stage != "funded" or result.has_allocation]
    title = translate(N_("From the candidates received to those funded"), w.lang)
    rows = [(stage_word(stage, w.lang), n) for stage, n in stages]
    table = Table(title, [w.column(N_("Stage")), w.column(N_("Candidates"), "whole")], rows)
    bars = [(name, float(n), number(n, w.lang)) for name, n in rows]
    description = w.say(
        message(
            "Each bar is a stage: who is received, admissible by the criteria, fundable by its plan of finance, and funded."
        )
    )
    blocks: list[Block] = [Figure(title, description, charts.bars(bars, w.lang), table)]
    outcomes = Counter(each.outcome for each in result.candidates)
    if outcomes:
        rows = [(word(outcome, w.lang), n) for outcome, n in outcomes.most_common()]
        caption = translate(N_("What became of the candidates"), w.lang)
        blocks.append(Table(caption, [w.column(N_("Outcome")), w.column(N_("Candidates"), "whole")], rows))
    return Section("funnel", translate(N_("Funnel"), w.lang), blocks)
