"""How good the choice is: its value against what is proved and against a jury's list; who stands at the line; the rules."""

from collections.abc import Iterator

from ptce_funding.messages import N_, joined, message, number, translate
from ptce_funding.report.documents import Candidate, Result
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Figure, Paragraph, Section, Table, Value
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.rounding import bound_shown, rounded
from ptce_funding.report.words import group_names, tightness, word

#: Marks of a cloud; where there are more, every second or third or … candidate is drawn.
_POINTS = 800

#: How the scenario reads "first served"; the reading decides who wins.
_PRIORITY = {
    "strict": N_("Priority groups are served one after the other: no value of the first is given up for the next."),
    "floor": N_("At least a stated share of the money goes to the first priority group."),
    "weight": N_("Priority is a weight in the value of each candidate."),
}


def proof(result: Result, w: Writer) -> Section:
    """Return value, bound and gap, by priority group, and the jury's list beside them."""
    blocks: list[Block] = []
    if result.has_allocation:
        blocks += [*_verdict(result, w), _values(result, w)]
        if len(result.groups) > 1:
            blocks.append(_groups(result, w))
    blocks += _jury(result, w)
    return Section("proof", translate(N_("Value, bound and the jury's list"), w.lang), blocks)


def _verdict(result: Result, w: Writer) -> Iterator[Block]:
    told = {
        "solver": result.provenance.solver,
        "bound": bound_shown(result.value, result.bound, 2),
        "limit": result.provenance.options.time_limit,
    }
    if result.status == "optimal" and result.gap == 0:
        yield Paragraph(w.say(message("Proved best by the solver {solver}: the bound is reached.", **told)), "good")
    elif result.status == "optimal":
        text = message(
            "Proved best by the solver {solver}, within the gap that the scenario allows: no choice that keeps the same rules "
            "and priorities passes {bound:number}.",
            **told,
        )
        yield Paragraph(w.say(text), "good")
    else:
        text = message(
            "Not proved best within {limit:number} s: a better choice may exist, but none passes {bound:number}.",
            **told,
        )
        yield Paragraph(w.say(text), "warning")
    if result.priority in _PRIORITY:
        yield Paragraph(translate(_PRIORITY[result.priority], w.lang))
    if result.scale is None:
        text = message("Each project counts by its merit whatever its size, so the optimum favours small requests.")
    else:
        text = message("Each project counts by its merit times “{column}”.", column=w.texts(result.scale))
    yield Paragraph(w.say(text))


def _values(result: Result, w: Writer) -> Figure:
    title = translate(N_("Value of this choice, proved bound, and the jury's list"), w.lang)
    rows: list[tuple[str, float | None]] = [
        (translate(N_("this choice"), w.lang), rounded(result.value, 2)),
        (translate(N_("proved bound"), w.lang), bound_shown(result.value, result.bound, 2)),
        (translate(N_("jury's list"), w.lang), rounded(result.ranking.value, 2)),
    ]
    bars = [(name, value, number(value, w.lang, 2)) for name, value in rows if value is not None]
    description = w.say(
        message(
            "The nearer the first bar is to the second, the less a better choice could bring; the third is what ranking alone reaches."
        )
    )
    columns = [w.column(N_("Choice")), w.column(N_("Value"), "number")]
    return Figure(title, description, charts.bars(bars, w.lang), Table(title, columns, rows))


def _groups(result: Result, w: Writer) -> Table:
    columns = [
        w.column(N_("Group, first served first")),
        w.column(N_("Value"), "number"),
        w.column(N_("Proved bound"), "number"),
        w.column(N_("Gap"), "any"),
    ]
    names = group_names([each.group for each in result.groups], w.lang)
    rows = [
        (name, rounded(each.value, 2), bound_shown(each.value, each.bound, 2), w.gap(each.value, each.bound))
        for name, each in zip(names, result.groups, strict=True)
    ]
    return Table(translate(N_("Proof by priority group"), w.lang), columns, rows)


def _jury(result: Result, w: Writer) -> Iterator[Block]:
    funded = {each.candidate for each in result.candidates if each.outcome == "funded"}
    listed = set(result.ranking.list)
    told = {"n": len(listed), "granted": result.ranking.granted, "both": len(funded & listed)}
    if result.has_served_order:
        text = message(
            "The jury's list (by priority group and merit until the money is gone) supports {n} candidates with {granted:euros}; "
            "{both} are on both lists.",
            **told,
        )
    else:
        text = message(
            "The jury's list (by merit until the money is gone) supports {n} candidates with {granted:euros}; "
            "{both} are on both lists.",
            **told,
        )
    yield Paragraph(w.say(text))
    broken = [
        w.texts(each) if isinstance(each, dict) else w.with_group(each.name, each.group)
        for each in result.ranking.broken
    ]
    if broken:
        yield Paragraph(w.say(message("It breaks: {rules:list}.", rules=broken)), "warning")
    apart = [each for each in result.candidates if (each.candidate in funded) != (each.candidate in listed)]
    if apart:
        only_here, only_there = translate(N_("here only"), w.lang), translate(N_("on the jury's list only"), w.lang)
        columns = [
            w.column(N_("Candidate")),
            w.column(N_("Supported")),
            w.column(N_("Merit"), "number"),
            w.column(N_("Asked"), "euros"),
            w.column(N_("Granted here"), "euros"),
        ]
        rows = [
            (
                w.candidate(each),
                only_here if each.candidate in funded else only_there,
                each.merit,
                each.asked,
                each.grant,
            )
            for each in apart
        ]
        yield Table(translate(N_("Who is on one of the two lists only"), w.lang), columns, rows, is_folded=True)


def line(result: Result, w: Writer) -> Section:
    """Return who stands just above and just below the line, and why, among all who could be funded."""
    by_id = {each.candidate: each for each in result.candidates}
    reasons = {each.candidate: each.reasons for each in result.refused}
    blocks: list[Block] = []
    if result.line.below:
        columns = [
            w.column(N_("Candidate")),
            w.column(N_("Phase")),
            w.column(N_("Merit"), "number"),
            w.column(N_("Asked"), "euros"),
            w.column(N_("Granted"), "euros"),
            w.column(N_("Why")),
        ]
        for title, ids in (
            (N_("Just above the line"), result.line.above),
            (N_("Just below the line"), result.line.below),
        ):
            rows: list[tuple[Value, ...]] = []
            for each in (by_id[id_] for id_ in ids if id_ in by_id):
                why = each.set_by or reasons.get(each.candidate, ())
                grant = each.grant or None
                told = joined(map(w.texts, why), w.lang)
                rows.append((w.candidate(each), w.key("phase", each.phase), each.merit, each.asked, grant, told))
            if rows:
                blocks.append(Table(translate(title, w.lang), columns, rows))
    cloud = [
        each
        for each in result.candidates
        if each.outcome in ("funded", "outranked") and None not in (each.merit, each.asked)
    ]
    if cloud:
        blocks.append(_cloud(cloud, w))
    return Section("line", translate(N_("Around the line"), w.lang), blocks)


def _cloud(cloud: list[Candidate], w: Writer) -> Figure:
    title = translate(N_("Merit and request of all who could be funded"), w.lang)
    groups = [word("funded", w.lang), word("outranked", w.lang)]
    step = -(-len(cloud) // _POINTS)
    points = [(float(each.asked or 0), each.merit or 0.0, word(each.outcome, w.lang)) for each in cloud[::step]]
    columns = [
        w.column(N_("Candidate")),
        w.column(N_("Merit"), "number"),
        w.column(N_("Asked"), "euros"),
        w.column(N_("Granted"), "euros"),
        w.column(N_("Outcome")),
    ]
    rows = [(each.candidate, each.merit, each.asked, each.grant, word(each.outcome, w.lang)) for each in cloud]
    description = w.say(
        message(
            "Each mark is a candidate: the higher, the greater its merit; the further right, the more it asks. Filled marks are funded."
        )
    )
    if step > 1:
        thinned = message("Of {n} candidates, one in {step} is drawn.", n=len(cloud), step=step)
        description += " " + w.say(thinned)
    svg = charts.points(
        points, groups, (translate(N_("Asked"), w.lang), translate(N_("Merit"), w.lang)), ("euros", "number"), w.lang
    )
    return Figure(title, description, svg, Table(title, columns, rows))


def rules(result: Result, w: Writer) -> Section:
    """Return the rules, the tightest first."""
    told = sorted(result.rules, key=lambda rule: (rule.kept, *tightness(rule.slack, (rule.min, rule.max))))
    columns = [
        w.column(N_("Rule")),
        *(w.column(each, "any") for each in (N_("Reached"), N_("Least"), N_("Largest"), N_("Slack"))),
    ]
    rows = [
        (
            w.rule_name(rule),
            *(w.measure(rule.measure, value) for value in (rule.activity, rule.min, rule.max, rule.slack)),
        )
        for rule in told
        if not rule.skipped
    ]
    blocks: list[Block] = []
    binding = sum(rule.slack == 0 and not rule.skipped for rule in told)
    if rows:
        blocks.append(Table(translate(N_("Rules across candidates, the tightest first"), w.lang), columns, rows))
    else:
        blocks.append(Paragraph(w.say(message("The scenario sets no rules across candidates."))))
    if binding:
        text = message("{n} of {all} have no slack left: they decide who is funded.", n=binding, all=len(rows))
        blocks.append(Paragraph(w.say(text), "quiet"))
    skipped = sum(rule.skipped for rule in told)
    if skipped:
        text = message("Groups left out because nobody in them can be funded: {n}.", n=skipped)
        blocks.append(Paragraph(w.say(text), "quiet"))
    return Section("rules", translate(N_("Rules and their slack"), w.lang), blocks)
