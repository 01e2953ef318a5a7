"""Who enters and who leaves from one scenario to another and why, who is funded whatever the scenario, and what rules cost."""

from collections.abc import Sequence

from ptce_funding.messages import N_, message, translate
from ptce_funding.report.compare_words import change_of, exchange_of, gain_of, reasons_of, shown
from ptce_funding.report.comparisons import Compared, Move
from ptce_funding.report.html.blocks import Block, Column, Paragraph, Section, Table
from ptce_funding.report.html.writer import Writer

#: Rows of a table that readers need not open.
OPEN = 40
#: Scenarios whose grants have room beside the pattern.
_GRANTS = 4


def moves(compared: Compared, w: Writer) -> Section:
    """Return who enters and who leaves, and who drops out although there is more money."""
    blocks: list[Block] = []
    plain = [move for move in compared.moves if not move.despite_more_money]
    dropped = [move for move in compared.moves if move.despite_more_money]
    tables = (
        (N_("Who enters"), [move for move in plain if move.enters], N_("Why not in the baseline")),
        (N_("Who leaves"), [move for move in plain if not move.enters], N_("Why not any more")),
        (N_("Who is not funded although there is more money"), dropped, N_("Why not any more")),
    )
    for title, told, why in tables:
        if told:
            blocks.append(_moves(translate(title, w.lang), told, why, w))
    if dropped:
        text = message(
            "The best use of more money need not contain the best use of less: it may fund others in its place."
        )
        blocks.append(Paragraph(w.say(text)))
    blocks += [Paragraph(" ".join(map(w.say, exchange_of(each)))) for each in compared.exchanges]
    if not blocks and compared.held:
        blocks.append(Paragraph(w.say(message("Nobody enters and nobody leaves."))))
    return Section("moves", translate(N_("Who enters and who leaves"), w.lang), blocks)


def _moves(title: str, told: Sequence[Move], why: str, w: Writer) -> Table:
    columns = [w.column(N_("Scenario")), w.column(N_("Candidate")), w.column(N_("Grant"), "euros"), w.column(why)]
    rows = [
        (
            move.scenario,
            f"{move.candidate}, {move.name}" if move.name else move.candidate,
            move.grant,
            reasons_of(move, w.lang, is_short=True),
        )
        for move in told
    ]
    return Table(title, columns, rows, is_folded=len(rows) > OPEN)


def patterns(compared: Compared, w: Writer) -> Section:
    """Return in which scenarios each candidate is funded."""
    n = sum(each.absence is None for each in compared.scenarios)
    funded = [each for each in compared.candidates if each.times]
    blocks: list[Block] = []
    if funded and compared.held:
        always = [each.candidate for each in funded if each.times == n]
        if always:
            blocks.append(Paragraph(w.say(message("Funded in all: {who:list}.", who=always))))
        is_narrow = len(compared.scenarios) <= _GRANTS
        columns = [
            w.column(N_("Candidate")),
            w.column(N_("Region")),
            w.column(N_("Phase")),
            w.column(N_("Pattern")),
            w.column(N_("Times funded"), "whole"),
            *(Column(each.name, "euros") for each in compared.scenarios if is_narrow),
        ]
        rows = [
            (
                f"{each.candidate}, {each.name}" if each.name else each.candidate,
                each.region,
                w.key("phase", each.phase),
                each.pattern,
                each.times,
                *(each.grants if is_narrow else ()),
            )
            for each in funded
        ]
        legend = message(
            "A sign for each scenario, in the order in which they are named above: ● funded, ○ not funded, · no candidate there, or no "
            "allocation."
        )
        blocks.append(Paragraph(w.say(legend), "quiet"))
        title = translate(N_("In which scenarios candidates are funded"), w.lang)
        blocks.append(Table(title, columns, rows, is_folded=len(rows) > OPEN))
    return Section("patterns", translate(N_("Who is funded whatever the scenario"), w.lang), blocks)


def prices(compared: Compared, w: Writer) -> Section:
    """Return what the rules of the baseline cost, where it was asked."""
    blocks: list[Block] = []
    if compared.prices:
        columns = [w.column(N_("Condition")), w.column(N_("Change"), "any")]
        columns += [
            w.column(each, "any")
            for each in (N_("Value gained"), N_("PTCE"), N_("Granted"), N_("Indication (relaxation)"))
        ]
        rows = [
            (
                w.texts(price.name),
                " → ".join(change_of(price, w.lang)),
                gain_of(price, w.lang),
                None if price.supported is None else shown("supported", price.supported, w.lang, True),
                None if price.granted is None else shown("granted", price.granted, w.lang, True),
                shown("value", price.relaxed, w.lang, True),
            )
            for price in compared.prices
        ]
        title = w.say(
            message("What the rules of “{name}” cost: each change alone, solved again", name=compared.baseline)
        )
        blocks.append(Table(title, columns, rows))
        text = message(
            "The indication is what the relaxation would gain, with grants and choices that need not be whole; it is no price."
        )
        blocks.append(Paragraph(w.say(text), "quiet"))
    return Section("prices", translate(N_("What the rules cost"), w.lang), blocks)
