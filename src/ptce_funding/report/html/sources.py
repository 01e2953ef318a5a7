"""Where each number comes from, how the result was checked, how to get it again, and every candidate."""

from collections import Counter

from ptce_funding.messages import N_, day, joined, message, number, percent, translate
from ptce_funding.parts import STATUSES
from ptce_funding.report.documents import Provenance, Result, Source
from ptce_funding.report.html.blocks import Block, Command, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.words import word


def sources(lines: tuple[Source, ...], is_audited: bool, w: Writer) -> Section:
    """Return the ledger and the audit.

    Parameters
    ----------
    lines
        The ledger.
    is_audited
        Whether there is an allocation, which no result has without its audit.
    """
    blocks: list[Block] = []
    if is_audited:
        text = message(
            "Audit: all rules, ceilings, accounts and tranches were computed again from the awards alone, in exact integers, by code that "
            "shares nothing with the optimisation: passed. A result that does not pass is never written."
        )
        blocks.append(Paragraph(w.say(text), "good"))
    counts = Counter(each.status for each in lines)
    parts = [message("{status}: {n}", status=word(status, w.lang), n=counts[status]) for status in STATUSES]
    blocks.append(Paragraph(w.say(message("Parameters by source: {parts:list}.", parts=parts))))
    assumed = [each for each in lines if each.status in ("assumed", "missing")]
    titles = (
        (N_("What is assumed, and what has no source"), assumed, False),
        (N_("All parameters and their sources"), lines, True),
    )
    for title, told, is_folded in titles:
        if told:
            blocks.append(_ledger(translate(title, w.lang), told, is_folded, w))
    return Section("sources", translate(N_("Sources and audit"), w.lang), blocks)


def _ledger(title: str, lines: tuple[Source, ...] | list[Source], is_folded: bool, w: Writer) -> Table:
    # Paths are for those who will change the file: they look at all parameters.
    headings = [N_("Parameter"), N_("Value"), N_("Status"), N_("Source"), *([N_("Path")] if is_folded else [])]
    columns = [w.column(heading) for heading in headings]
    rows = [
        (
            *w.parameter(each.path, each),
            word(each.status, w.lang),
            w.texts(each.source),
            *([each.path] if is_folded else []),
        )
        for each in lines
    ]
    return Table(title, columns, rows, is_folded)


def replay(provenance: Provenance, w: Writer) -> Section:
    """Return how to get the result again."""
    options = provenance.options
    facts = w.facts(
        [
            (N_("Date"), day(provenance.date, w.lang)),
            (N_("Solver"), provenance.solver),
            (N_("Gap at which the search may stop"), percent(options.gap, w.lang, 6)),
            (N_("Time limit (s)"), number(options.time_limit, w.lang)),
            (N_("Seed"), number(provenance.seed, w.lang)),
            (N_("Scenario (SHA-256)"), provenance.scenario_sha256),
            (N_("Candidates (SHA-256)"), provenance.candidates_sha256),
            (N_("Criteria (SHA-256)"), provenance.criteria_sha256),
            (N_("Versions"), ", ".join(f"{name} {version}" for name, version in provenance.versions.items())),
        ]
    )
    text = message("This command gives the same result again, from the same scenario and the same table of candidates:")
    return Section(
        "replay", translate(N_("How to replay"), w.lang), [Paragraph(w.say(text)), Command(provenance.command), facts]
    )


def candidates(result: Result, w: Writer) -> Section:
    """Return every candidate with its outcome and the reasons, the funded first."""
    reasons = {each.candidate: each.reasons for each in result.refused}
    columns = [
        w.column(N_("Candidate")),
        w.column(N_("Place")),
        w.column(N_("Phase")),
        w.column(N_("Merit"), "number"),
        w.column(N_("Asked"), "euros"),
        w.column(N_("Granted"), "euros"),
        w.column(N_("Outcome")),
        w.column(N_("Why")),
    ]
    # Sorting keeps the order of identifiers within the two groups.
    told = sorted(result.candidates, key=lambda each: each.outcome != "funded")
    rows = [
        (
            w.candidate(each),
            ", ".join(place for place in (each.region, each.department) if place) or None,
            w.key("phase", each.phase),
            each.merit,
            each.asked,
            each.grant or None,
            word(each.outcome, w.lang),
            joined(map(w.texts, each.set_by or reasons.get(each.candidate, ())), w.lang),
        )
        for each in told
    ]
    blocks: list[Block] = []
    if rows:
        text = message(
            "{n} candidates, with what they ask, what they receive and every reason; --out writes the same table as candidates.csv.",
            n=len(rows),
        )
        blocks.append(Paragraph(w.say(text)))
        caption = translate(N_("All candidates, what they receive and why"), w.lang)
        blocks.append(Table(caption, columns, rows, is_folded=True))
    return Section("candidates", translate(N_("Candidates"), w.lang), blocks)
