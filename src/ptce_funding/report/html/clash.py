"""Why there is no allocation: what clashes, and what would repair it."""

from collections.abc import Iterator

from ptce_funding.errors import Place
from ptce_funding.messages import N_, message, percent, translate
from ptce_funding.report.clash import bent, claims, heading
from ptce_funding.report.documents import Clash, ClashingSet, Member
from ptce_funding.report.html.blocks import Block, Bullets, Command, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.words import word


def clash(found: Clash | None, w: Writer) -> Section:
    """Return what clashes and what would repair it; blank where it is not known."""
    blocks = [] if found is None else [*_clashing(found, w), *_repairs(found, w)]
    return Section("clash", translate(N_("What clashes, and what would repair it"), w.lang), blocks)


def _clashing(found: Clash, w: Writer) -> Iterator[Block]:
    if found.plain:
        yield Bullets([w.texts(each) for each in found.plain])
    if not found.sets:
        yield Paragraph(w.say(message("What clashes was not found out in time; raise solve.time_limit.")), "quiet")
    for position, each in enumerate(found.sets):
        yield Paragraph(w.say(heading(len(each.members), not position)))
        if each.members:
            yield _members(each, position, len(found.sets), w)
        for text in claims([member.frees for member in each.members], each.smallest):
            yield Paragraph(w.say(text), "quiet")
    if found.sets and not found.all:
        yield Paragraph(w.say(message("Whether there are further clashes was not settled.")), "quiet")


def _members(each: ClashingSet, position: int, sets: int, w: Writer) -> Table:
    if sets > 1:
        title = w.say(message("Conditions that clash ({k} of {n})", k=position + 1, n=sets))
    else:
        title = translate(N_("Conditions that clash"), w.lang)
    headings = (N_("Condition"), N_("Demands"), N_("Where"), N_("Source"))
    rows = [
        (
            w.texts(member.name),
            _demands(member, w),
            Place(file=member.file, line=member.line, path=member.path).render(w.lang),
            _source(member, w),
        )
        for member in each.members
    ]
    return Table(title, [w.column(each) for each in headings], rows)


def _demands(member: Member, w: Writer) -> str:
    fixed = [] if member.relax else [w.say(message("not to be bent (relax = false)"))]
    return ", ".join([*map(w.texts, member.demands), *fixed])


def _source(member: Member, w: Writer) -> str | None:
    if member.status is None or member.source is None:
        return None
    return w.say(message("{status}: {source}", status=word(member.status, w.lang), source=w.texts(member.source)))


def _repairs(found: Clash, w: Writer) -> Iterator[Block]:
    if not found.repairs and found.cheapest:
        yield Paragraph(w.say(message("Nothing that may be bent would let an allocation exist.")))
        return
    if not found.repairs:
        yield Paragraph(w.say(message("No repair was found; there may be one.")), "quiet")
        return
    text = message(
        "Repairs, cheapest first: the fewest conditions, then the smallest change beside what is stated. After each an audited allocation "
        "exists."
    )
    yield Paragraph(w.say(text))
    columns = [
        w.column(N_("Repair"), "whole"),
        w.column(N_("Condition")),
        *(w.column(each, "any") for each in (N_("Stated"), N_("Bent to"), N_("Change"), N_("Relative"))),
    ]
    rows = [
        (
            position,
            w.texts(bend.name),
            *bent(bend.measure, bend.stated, bend.bent, w.lang),
            percent(repair.relative, w.lang) if bend is repair.bends[0] else None,
        )
        for position, repair in enumerate(found.repairs, 1)
        for bend in repair.bends
    ]
    yield Table(translate(N_("Repairs"), w.lang), columns, rows)
    if not found.cheapest:
        yield Paragraph(w.say(message("Whether there is a cheaper repair was not settled.")), "quiet")
    for position, repair in enumerate(found.repairs, 1):
        yield Paragraph(w.say(message("Repair {n}:", n=position)))
        yield Command(repair.command)
