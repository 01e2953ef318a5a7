"""What clashes and what would repair it, in a terminal and as data."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ptce_funding.clash import Clash, ClashingSet, Member
from ptce_funding.messages import N_, Message, euros, message, number, percent, translate
from ptce_funding.repairs import Repair
from ptce_funding.report.document import told_source
from ptce_funding.report.printer import Printer
from ptce_funding.report.words import word

#: From changed values by path to the command that makes the changes.
Command = Callable[[Mapping[str, object]], str]


def show_clash(page: Printer, clash: Clash | None, command: Command) -> None:
    """Print what clashes and what would repair it; what is plain to see without solving has been told before.

    Parameters
    ----------
    clash
        What was found; None where the search was interrupted.
    """
    if clash is None:
        page.say(message("The search for what clashes was interrupted."), "yellow")
        return
    if not clash.sets:
        page.say(message("What clashes was not found out in time; raise solve.time_limit."), "yellow")
        return
    for position, each in enumerate(clash.sets):
        _show_set(page, each, is_first=not position)
    if not clash.are_all:
        page.say(message("Whether there are further clashes was not settled."), "yellow")
    _show_repairs(page, clash, command)


def _show_set(page: Printer, each: ClashingSet, is_first: bool) -> None:
    page.say(heading(len(each.members), is_first), "bold")
    if not each.members:
        return
    table = page.table(N_("Condition"), N_("Demands"), N_("Where"), N_("Source"))
    table.columns[2].overflow = table.columns[3].overflow = "fold"
    for member in each.members:
        demands = [text.render(page.lang) for text in _demands(member)]
        table.add_row(
            member.name.render(page.lang), ", ".join(demands), member.place.render(page.lang), _source(page, member)
        )
    page.console.print(table)
    for text in claims([member.frees for member in each.members], each.is_smallest):
        page.say(text)


def heading(n: int, is_first: bool) -> Message:
    """Return what is said of a set of clashing conditions before they are told.

    Parameters
    ----------
    n
        Number of conditions.
    is_first
        Whether no other set is told before.
    """
    if not n:
        return message(
            "Even with all rules, targets, links, decisions and limits let go there is no allocation: the terms of the volets, or what "
            "funders bring each year, leave none."
        )
    if n == 1:
        alone = message("This condition leaves no allocation by itself:")
        return alone if is_first else message("Besides, this condition leaves no allocation by itself:")
    together = message("These {n} conditions cannot hold together:", n=n)
    return together if is_first else message("Besides, these {n} conditions cannot hold together:", n=n)


def _demands(member: Member) -> list[Message]:
    fixed = [] if member.is_bendable else [message("not to be bent (relax = false)")]
    return [*member.stated, *fixed]


def _source(page: Printer, member: Member) -> str:
    if member.status is None or member.source is None:
        return "–"
    told = message("{status}: {source}", status=word(member.status, page.lang), source=member.source)
    return told.render(page.lang)


def claims(frees: Sequence[bool | None], is_smallest: bool) -> list[Message]:
    """Return what was proved of a set of clashing conditions, in words.

    Parameters
    ----------
    frees
        For each of them, whether an allocation exists once it alone is let go; None where that is not known.
    is_smallest
        Whether no fewer conditions clash.
    """
    n = len(frees)
    if not n:
        return []
    if all(frees):
        freed = message("Without it an allocation exists.")
        claims = [freed if n == 1 else message("Without any one of them an allocation exists.")]
    elif n > 1:
        claims = [message("Without any one of them the others in this table can hold together.")]
    else:
        claims = []
    if n > 1 and is_smallest:
        claims.append(message("No fewer conditions clash: proved."))
    elif n > 1:
        claims.append(message("Whether fewer conditions clash was not settled in time."))
    if any(each is False for each in frees):
        claims.append(message("Other conditions clash too: one change here is not always enough."))
    return claims


def _show_repairs(page: Printer, clash: Clash, command: Command) -> None:
    if not clash.repairs and clash.is_cheapest:
        page.say(message("Nothing that may be bent would let an allocation exist."), "bold")
        return
    if not clash.repairs:
        page.say(message("No repair was found; there may be one."), "yellow")
        return
    text = message(
        "Repairs, cheapest first: the fewest conditions, then the smallest change beside what is stated. After each an audited allocation "
        "exists."
    )
    page.say(text, "bold")
    headings = ("", N_("Condition"), N_("Stated"), N_("Bent to"), N_("Change"), N_("Relative"))
    table = page.table(*headings, right=(2, 3, 4, 5))
    for position, repair in enumerate(clash.repairs, 1):
        for bend in repair.bends:
            is_first = bend is repair.bends[0]
            share = percent(repair.relative, page.lang) if is_first else ""
            table.add_row(
                str(position) if is_first else "",
                bend.name.render(page.lang),
                *bent(bend.measure, bend.old, bend.new, page.lang),
                share,
            )
    page.console.print(table)
    if not clash.is_cheapest:
        page.say(message("Whether there is a cheaper repair was not settled."), "yellow")
    for position, repair in enumerate(clash.repairs, 1):
        page.command(message("Repair {n}: {command}", n=position, command=command(repair.changes)))


def bent(
    measure: str | None, old: Fraction | float | None, new: Fraction | float | None, lang: str
) -> tuple[str, str, str]:
    """Return what is stated of a condition, what takes its place, and the change between."""
    if old is None or new is None:
        return "", translate(N_("given up"), lang), ""
    change = new - old
    sign = "+" if change > 0 else ""
    return _amount(measure, float(old), lang), _amount(measure, float(new), lang), sign + _change(measure, change, lang)


def _amount(measure: str | None, value: float, lang: str) -> str:
    match measure:
        case "amount":
            return euros(value, lang)
        case "share":
            return percent(value, lang)
    return number(value, lang)


def _change(measure: str | None, change: Fraction | float, lang: str) -> str:
    match measure:
        case "share":
            return message("{points:number} points", points=float(100 * change)).render(lang)
        case "count":
            return message("{n:number} PTCE", n=float(change)).render(lang)
    return _amount(measure, float(change), lang)


def clash_document(clash: Clash | None, command: Command) -> dict[str, Any] | None:
    """Return what clashes and what would repair it as nested plain values."""
    if clash is None:
        return None
    return {
        "plain": [each.texts() for each in clash.plain],
        "sets": [
            {"members": [_member(member) for member in each.members], "smallest": each.is_smallest}
            for each in clash.sets
        ],
        "all": clash.are_all,
        "repairs": [_repair(repair, command) for repair in clash.repairs],
        "cheapest": clash.is_cheapest,
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "kind": member.kind,
        "key": member.key or None,
        "name": member.name.texts(),
        "demands": [each.texts() for each in member.stated],
        "file": member.place.file,
        "line": member.place.line,
        "path": member.place.path,
        "status": member.status,
        "source": None if member.source is None else told_source(member.source),
        "relax": member.is_bendable,
        "frees": member.frees,
    }


def _repair(repair: Repair, command: Command) -> dict[str, Any]:
    return {
        "bends": [
            {
                "kind": bend.kind,
                "key": bend.key or None,
                "name": bend.name.texts(),
                "path": bend.path or None,
                "measure": bend.measure or None,
                "stated": None if bend.old is None else float(bend.old),
                "bent": None if bend.new is None else float(bend.new),
            }
            for bend in repair.bends
        ],
        "relative": round(repair.relative, 9),
        "changes": dict(repair.changes),
        "command": command(repair.changes),
    }
