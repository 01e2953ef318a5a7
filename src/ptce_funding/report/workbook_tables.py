"""Tables that a workbook has beside those of the CSV files: rules, proof, the jury's list, sources, provenance, candidates."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.audit import RuleCheck
from ptce_funding.breakdown import texts
from ptce_funding.candidate_columns import column_name, column_named, heading_of
from ptce_funding.candidate_export import written
from ptce_funding.candidates import Candidates
from ptce_funding.cells import fold
from ptce_funding.ledger import LedgerLine, ledger
from ptce_funding.messages import N_, message, plain, translate, yes_no
from ptce_funding.problem import Stage
from ptce_funding.report.columns import Column, Form, Table, table_of
from ptce_funding.report.document import rule_line
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded
from ptce_funding.report.words import group_names, key_word, titles, word
from ptce_funding.report.xlsx import is_day
from ptce_funding.scenario import Rule, Scenario
from ptce_funding.vocabulary import ColumnLabel
from ptce_funding.workbooks import CANDIDATES_SHEET

_KINDS: Mapping[str, Form] = {"money": "euros", "share": "share", "integer": "number", "number": "number"}


def rules_table(checks: Iterable[RuleCheck], scenario: Scenario, name: str, title: str, lang: str) -> Table:
    """Return what each group of each rule came to, with its bounds and its slack, with a heading.

    Parameters
    ----------
    name, title
        Name and English title of the table.
    """
    headings = (
        N_("Rule"), N_("Group"), N_("Measure"), N_("Reached"), N_("Least"), N_("Largest"), N_("Slack"), N_("State"),
        N_("Rule code"),
    )  # fmt: skip
    known = titles(scenario, lang)
    rows, forms = [], list[Form]()
    for check in checks:
        line = rule_line(check)
        group = ", ".join(key_word(known, column, plain(value, lang), lang) for column, value in check.group)
        outcome = N_("left out: nobody there can be funded") if check.is_skipped else N_("kept")
        rows.append(
            [
                check.rule.label(lang),
                group,
                _measure(check.rule, lang),
                *(line[each] for each in ("activity", "min", "max", "slack")),
                translate(outcome if check.is_kept else N_("broken"), lang),
                check.rule.name,
            ]
        )
        measured: dict[str, Form] = {"amount": "euros", "share": "share"}
        forms.append(measured.get(check.rule.measure, "any"))
    return _formed(table_of(name, title, headings, rows, lang), forms, range(3, 7))


def proof_table(allocation: Allocation, lang: str) -> Table:
    """Return value and bound of each priority group and of all, beside the jury's list, with a heading."""
    headings = N_("Group"), N_("Value"), N_("Proved bound"), N_("Gap"), N_("Value of the jury's list")
    stages = list(zip(allocation.stages, allocation.listing.values, strict=False))
    named = (
        list(zip(group_names([*allocation.call.scenario.priority.order, None], lang), stages, strict=False))
        if len(stages) > 1
        else []
    )
    whole = Stage(allocation.value, allocation.bound), sum(allocation.listing.values)
    rows = [
        [
            name,
            rounded(stage.value),
            bound_shown(stage.value, stage.bound),
            gap_shown(stage.value, stage.bound),
            rounded(listed),
        ]
        for name, (stage, listed) in [*named, (translate(N_("all"), lang), whole)]
    ]
    return _formed(table_of("proof", N_("Proof"), headings, rows, lang), ["gap"] * len(rows), [3])


def jury_table(allocation: Allocation, lang: str) -> Table:
    """Return whom the jury's list supports, best first, and what each gets on both lists, with a heading."""
    candidates, listing = allocation.call.candidates, allocation.listing
    names, phases = (texts(candidates, column) for column in ("name", "phase"))
    merit = dict(zip(candidates.ids, allocation.call.fundable.merit.tolist(), strict=True))
    synthetic = dict(zip(candidates.ids, candidates.synthetic(), strict=True))
    listed, granted = Counter[str](), Counter[str]()
    for counter, awards in ((listed, listing.awards), (granted, allocation.awards)):
        for award in awards:
            counter[award.candidate] += award.grant
    headings = (
        N_("Rank"), N_("Candidate"), N_("Name"), N_("Phase"), N_("Merit"), N_("Granted by the jury's list (€)"),
        N_("Granted by this allocation (€)"), N_("Synthetic"),
    )  # fmt: skip
    rows = [
        [
            rank,
            id_,
            names[id_],
            word(phases[id_], lang),
            rounded(merit[id_]),
            listed[id_],
            granted[id_] if allocation.has_allocation else None,
            yes_no(synthetic[id_], lang),
        ]
        for rank, id_ in enumerate(listing.order, start=1)
    ]
    return table_of("jury", N_("Jury's list"), headings, rows, lang)


def sources_table(allocation: Allocation, lang: str) -> Table:
    """Return every parameter with its value and where that comes from, with a heading."""
    call = allocation.call
    lines = ledger(call.scenario, call.criteria, call.candidates.is_synthetic)
    headings = N_("Parameter"), N_("Value"), N_("Status"), N_("Source"), N_("Path")
    rows = [
        [
            each.name.render(lang),
            _stated(each, lang),
            word(each.status, lang),
            each.source.render(lang),
            each.path,
        ]
        for each in lines
    ]
    return table_of("sources", N_("Sources"), headings, rows, lang)


def provenance_table(provenance: Mapping[str, Any], lang: str) -> Table:
    """Return what is needed to get the result again, with a heading; `provenance` is that of the document."""
    options = provenance["options"]
    told = [
        (N_("Command"), provenance["command"]),
        (N_("Date"), date.fromisoformat(provenance["date"])),
        (N_("Scenario (SHA-256)"), provenance["scenario_sha256"]),
        (N_("Candidates (SHA-256)"), provenance["candidates_sha256"]),
        (N_("Criteria (SHA-256)"), provenance["criteria_sha256"]),
        (N_("Solver"), provenance["solver"]),
        (N_("Gap allowed"), options["gap"]),
        (N_("Time limit (s)"), options["time_limit"]),
        (N_("Threads"), options["threads"]),
        (N_("Seed"), provenance["seed"]),
    ]
    rows = [[translate(name, lang), value] for name, value in told]
    rows += [
        [message("Version of {program}", program=program).render(lang), version]
        for program, version in provenance["versions"].items()
    ]
    return table_of("provenance", N_("Provenance"), (N_("What"), N_("Value")), rows, lang)


def candidates_sheet(candidates: Candidates, scenario: Scenario, lang: str) -> Table:
    """Return the candidates as they were read: a table that, read again for the same scenario, says the same.

    Columns have the user's own headings where the scenario names them, else those of the language. The title is the sheet that
    the scenario names, or the one that is looked for where it names none.
    """
    headings = _headings(candidates, scenario, lang)
    columns = []
    for name, kind in candidates.kinds.items():
        values: list[Any] = list(written(candidates, name, lang))
        form = _KINDS.get(kind, "text")
        if column_named(name) is None and kind == "text" and (days := _as_days(values)):
            values, form = days, "day"
        columns.append(Column(name, headings[name], form, tuple(values)))
    title = scenario.candidates.sheet or translate(CANDIDATES_SHEET, lang)
    return Table("pool", title, tuple(columns))


def _headings(candidates: Candidates, scenario: Scenario, lang: str) -> dict[str, str]:
    volets = {name: tuple(volet.aids) for name, volet in scenario.step_volets.items()}
    own = {column_name(key, volets) or key: heading for key, heading in scenario.candidates.columns.items()}
    own = {name: heading for name, heading in own.items() if name in candidates.kinds}
    taken = {fold(heading) for heading in own.values()}
    found = {}
    for name in candidates.kinds:
        usual = heading_of(name, lang)
        # A heading that the user has for something else would be read as that.
        found[name] = own.get(name) or (name if fold(usual) in taken else usual)
    return found


def _as_days(values: list[Any]) -> list[date | None]:
    """Return texts as days when all of them are, which read back as the same texts; else nothing."""
    days = []
    for value in values:
        try:
            day = None if value is None else date.fromisoformat(value)
        except ValueError:
            return []
        if day is not None and (day.isoformat() != value or not is_day(day)):
            return []
        days.append(day)
    return days if any(days) else []


def _measure(rule: Rule, lang: str) -> str:
    match rule.measure:
        case "amount":
            return translate(N_("euros"), lang)
        case "count":
            return translate(N_("candidates"), lang)
        case "share" if rule.of == "envelope":
            return translate(N_("share of the envelope"), lang)
        case "share":
            return translate(N_("share of what is granted"), lang)
    return ColumnLabel(rule.measure).render(lang)


def _stated(each: LedgerLine, lang: str) -> Any:
    is_number = isinstance(each.value, int | float) and not isinstance(each.value, bool)
    return each.value if each.value is None or is_number else each.shown.render(lang)


def _formed(table: Table, forms: Iterable[Form], among: Iterable[int]) -> Table:
    """Return the table with the forms of its rows in some columns."""
    told, which = tuple(forms), set(among)
    columns = (replace(each, forms=told) if n in which else each for n, each in enumerate(table.columns))
    return replace(table, columns=tuple(columns))
