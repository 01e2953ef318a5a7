"""The page of a comparison: scenarios held against one of them."""

from collections.abc import Iterator, Sequence

from ptce_funding.messages import N_, Message, day, message, translate
from ptce_funding.report.compare_words import shown, source_of
from ptce_funding.report.comparisons import Compared, Parameter
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Bullets, Column, Command, Figure, Page, Paragraph, Section, Table
from ptce_funding.report.html.compared_places import MAPS, regions
from ptce_funding.report.html.compared_tables import figures, money
from ptce_funding.report.html.compared_who import OPEN, moves, patterns, prices
from ptce_funding.report.html.result import credits_of, title_of
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.sweep_words import figure_word
from ptce_funding.report.words import titles_in, word

#: Scenarios that are named in a sentence, and parameters.
_NAMED, _PATHS = 8, 3


def comparison_page(compared: Compared, lang: str) -> Page:
    """Return the page of a comparison."""
    w = Writer(lang, titles_in(compared.labels, lang))
    names = [each.name for each in compared.scenarios]
    is_alone = len(names) == 1
    base = next(each for each in compared.scenarios if each.name == compared.baseline)
    return Page(
        lang=lang,
        title=title_of(base.title, base.name, lang)
        if is_alone
        else w.say(message("Comparison of {n} scenarios", n=len(names))),
        name=", ".join(names) if len(names) <= _NAMED else "",
        kind=translate(N_("What the rules cost") if is_alone else N_("Scenarios side by side"), lang),
        notice=_notice(compared, w),
        sections=[_summary(compared, w), *_sections(compared, w), _replay(compared, w)],
        credits=credits_of(base.versions, lang, has_map=1 < len(names) <= MAPS),
    )


def _sections(compared: Compared, w: Writer) -> list[Section]:
    """Return what is told between the summary and the replay; where one scenario is alone, its rules were priced."""
    if len(compared.scenarios) == 1:
        return [prices(compared, w), figures(compared, w)]
    return [
        _overview(compared, w),
        _parameters(compared, w),
        figures(compared, w),
        money(compared, w),
        regions(compared, w),
        moves(compared, w),
        patterns(compared, w),
        prices(compared, w),
    ]


def _notice(compared: Compared, w: Writer) -> str:
    synthetic = [each.name for each in compared.scenarios if each.synthetic_candidates]
    if not synthetic:
        return ""
    if len(synthetic) == len(compared.scenarios):
        return w.say(message("Synthetic candidates: drawn from a profile; no real dossier."))
    text = message("Synthetic candidates in {names:list}: drawn from a profile; no real dossier.", names=synthetic)
    return w.say(text)


# --------------------------------------------------------------------------------------------------------------- in short


def _summary(compared: Compared, w: Writer) -> Section:
    blocks: list[Block] = [
        Paragraph(w.say(message("{name}: {reason}", name=each.name, reason=w.texts(each.absence))), "warning")
        for each in compared.scenarios
        if each.absence is not None
    ]
    if len(compared.scenarios) > 1 and (titles := _titles(compared, w)):
        blocks.append(Bullets(titles))
    blocks.append(Bullets([w.say(line) for line in _lines(compared, w)]))
    blocks += [Paragraph(w.texts(note), "quiet") for note in compared.notes]
    return Section("summary", translate(N_("In short"), w.lang), blocks)


def _titles(compared: Compared, w: Writer) -> list[str]:
    """Return the titles of scenarios, which are known by short names from there on; those of variants are the same."""
    found: dict[str, list[str]] = {}
    for each in compared.scenarios:
        if each.title is not None:
            found.setdefault(each.title.render(w.lang), []).append(each.name)
    return [w.say(message("{names:list}: {title}", names=names, title=title)) for title, names in found.items()]


def _lines(compared: Compared, w: Writer) -> Iterator[Message]:
    names = [each.name for each in compared.scenarios]
    if len(names) == 1:
        yield message("Priced: the rules of “{name}”, each changed alone and solved again.", name=names[0])
    elif len(names) <= _NAMED:
        yield message("Compared: {names:list}; the baseline is “{name}”.", names=names, name=compared.baseline)
    else:
        yield message("Compared: {n} scenarios; the baseline is “{name}”.", n=len(names), name=compared.baseline)
    if len(names) > 1:
        told_lines = [
            (each.path, next(line for line in each.lines if line is not None)) for each in compared.parameters
        ]
        paths = [w.parameter(*each)[0] for each in told_lines]
        told = [*paths[:_PATHS], *(["…"] if len(paths) > _PATHS else [])]
        if paths:
            yield message("Parameters in which they differ: {n} ({paths:list}).", n=len(paths), paths=told)
        else:
            yield message("They differ in no parameter of the ledger.")
    yield from _extremes(compared)
    n = sum(each.absence is None for each in compared.scenarios)
    if compared.held:
        always = sum(each.times == n for each in compared.candidates)
        never = sum(not each.times for each in compared.candidates)
        yield message(
            "Candidates funded in all {n} allocations: {always}; in some: {sometimes}; in none: {never}.",
            n=n,
            always=always,
            sometimes=len(compared.candidates) - always - never,
            never=never,
        )


def _extremes(compared: Compared) -> Iterator[Message]:
    """Say which scenario has least and most of what matters."""
    lines = {line.name: line.values for line in compared.figures}
    for name in ("granted", "supported", "common_value"):
        known = [
            (round(value, 2), each.name)
            for value, each in zip(lines.get(name, ()), compared.scenarios, strict=False)
            if value is not None
        ]
        if len(known) < 2:
            continue
        low, high = min(known, key=lambda each: each[0]), max(known, key=lambda each: each[0])
        told = {"low": low[0], "lowest": low[1], "high": high[0], "highest": high[1]}
        is_same = low[0] == high[0]
        match name:
            case "granted" if is_same:
                yield message("Granted in each: {low:euros}.", **told)
            case "granted":
                yield message("Granted: {low:euros} at least (“{lowest}”), {high:euros} at most (“{highest}”).", **told)
            case "supported" if is_same:
                yield message("Candidates funded in each: {low:number}.", **told)
            case "supported":
                yield message(
                    "Candidates funded: {low:number} at least (“{lowest}”), {high:number} at most (“{highest}”).",
                    **told,
                )
            case _ if is_same:
                yield message("Value of each, as the baseline counts it: {low:number}.", **told)
            case _:
                yield message(
                    "Value, as the baseline counts it: {low:number} at least (“{lowest}”), {high:number} at most (“{highest}”).",
                    **told,
                )


# ----------------------------------------------------------------------------------------------------------- side by side

#: Figures of the overview.
_FIGURES = ("envelope", "granted", "supported", "common_value")


def _overview(compared: Compared, w: Writer) -> Section:
    lines = {line.name: line.values for line in compared.figures}
    told = [name for name in _FIGURES if name in lines]
    held = compared.held
    counts = {
        (each.name, enters): sum(move.scenario == each.name and move.enters == enters for move in compared.moves)
        for each in compared.scenarios
        for enters in (True, False)
    }
    columns = [
        w.column(N_("Scenario")),
        w.column(N_("Status")),
        *(Column(figure_word(name, w.lang), "any") for name in told),
        w.column(N_("Enter"), "whole"),
        w.column(N_("Leave"), "whole"),
    ]
    rows = []
    for n, (name, each) in enumerate(zip(compared.numbered, compared.scenarios, strict=True)):
        is_base = each.name == compared.baseline
        rows.append(
            (
                w.say(message("{name} (baseline)", name=name)) if is_base else name,
                word(each.status, w.lang),
                *(shown(figure, lines[figure][n], w.lang) for figure in told),
                *(counts[each.name, enters] if each.name in held else None for enters in (True, False)),
            )
        )
    title = translate(N_("The scenarios and what they come to"), w.lang)
    bars = _bars(compared, [name for name in ("common_value", "supported", "granted") if name in lines], w)
    blocks: list[Block] = [Table(title, columns, rows), *bars]
    return Section("overview", translate(N_("Side by side"), w.lang), blocks)


def _bars(compared: Compared, told: Sequence[str], w: Writer) -> Iterator[Figure]:
    lines = {line.name: line.values for line in compared.figures}
    names = compared.numbered
    heads = {name: figure_word(name, w.lang) for name in told}
    bars = [
        (heads[name], scenario, float(value), shown(name, value, w.lang))
        for name in told
        for scenario, value in zip(names, lines[name], strict=True)
        if value is not None
    ]
    if not bars:
        return
    title = translate(N_("Value, candidates and money by scenario"), w.lang)
    description = w.say(
        message(
            "Each panel has a scale of its own that begins at zero; the light bar is the baseline, “{name}”.",
            name=compared.baseline,
        )
    )
    columns = [
        w.column(N_("Scenario")),
        *(Column(heads[name], "number" if name != "granted" else "euros") for name in told),
    ]
    rows = [(scenario, *(lines[name][n] for name in told)) for n, scenario in enumerate(names)]
    svg = charts.panels(bars, list(heads.values()), compared.marked, False, w.lang)
    yield Figure(title, description, svg, Table(title, columns, rows))


# -------------------------------------------------------------------------------------------------------- what is not the same


def _parameters(compared: Compared, w: Writer) -> Section:
    blocks: list[Block] = []
    rows = [row for each in compared.parameters for row in _distinct(each, compared, w)]
    if rows:
        columns = [w.column(each) for each in (N_("Parameter"), N_("Scenarios"), N_("Value"), N_("Source"))]
        title = translate(N_("Parameters that differ, with their sources"), w.lang)
        blocks.append(Table(title, columns, rows, is_folded=len(rows) > OPEN))
    return Section("parameters", translate(N_("What differs"), w.lang), blocks)


def _distinct(parameter: Parameter, compared: Compared, w: Writer) -> Iterator[tuple[str, str, str, str]]:
    """Give each value that a parameter takes, with the scenarios that give it; not those that have no such parameter."""
    found: dict[str, list[int]] = {}
    for n, line in enumerate(parameter.lines):
        found.setdefault("" if line is None else repr(line.value), []).append(n)
    for numbers in found.values():
        line = parameter.lines[numbers[0]]
        names = ", ".join(compared.scenarios[n].name for n in numbers)
        if line is None:
            continue
        name, value = w.parameter(parameter.path, line)
        source = message("{status}: {source}", status=word(line.status, w.lang), source=source_of(line.source, w.lang))
        yield name, names, value, w.say(source)


def _replay(compared: Compared, w: Writer) -> Section:
    text = message("This command makes the same comparison again:")
    columns = [
        w.column(each) for each in (N_("Scenario"), N_("Date"), N_("Solver"), N_("Command that gives the result again"))
    ]
    rows = [(each.name, day(each.date, w.lang), each.solver, each.command) for each in compared.scenarios]
    hashes = [w.column(each) for each in (N_("Scenario"), N_("Scenario (SHA-256)"), N_("Candidates (SHA-256)"))]
    blocks: list[Block] = [
        Paragraph(w.say(text)),
        Command(compared.command),
        Table(translate(N_("Each scenario by itself"), w.lang), columns, rows),
        Table(
            translate(N_("Fingerprints of scenarios and candidates"), w.lang),
            hashes,
            [(each.name, each.scenario_sha256, each.candidates_sha256) for each in compared.scenarios],
            is_folded=True,
        ),
    ]
    return Section("replay", translate(N_("How to replay"), w.lang), blocks)
