"""A result as a workbook: the tables of the CSV files and more, a sheet each, and one before them that explains them.

The last sheet holds the candidates as they were read. Somebody may edit it, and run the scenario again on the workbook.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.costing import Costing
from ptce_funding.errors import Fault, InputError, NoAllocationError, Place
from ptce_funding.files import write_whole
from ptce_funding.indicators import unspent_reasons
from ptce_funding.messages import N_, Message, message, translate
from ptce_funding.report.columns import Column, Form, Table, form_named
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded
from ptce_funding.report.tables import awards_table, breakdown_table, calendar_table, candidates_table, summary_table
from ptce_funding.report.words import word
from ptce_funding.report.workbook_tables import (
    candidates_sheet,
    jury_table,
    proof_table,
    provenance_table,
    rules_table,
    sources_table,
)
from ptce_funding.report.xlsx import MOST_CHARACTERS, sheet_names, workbook

ENDING = ".xlsx"

# What each sheet is, by the name of its table.
_ABOUT = {
    "summary": N_("Key figures; then candidates and money by phase, volet, region, funder and year."),
    "targets": N_("What was asked for, and what the smallest envelope reaches."),
    "awards": N_("Who gets how much, for what, in which year and from whom. Adds up to what is committed."),
    "candidates": N_("Every candidate: funded or not, with how much, and why."),
    "calendar": N_("Every funded step: its years, its grant, and what of it is paid each year."),
    "breakdown": N_("Candidates and money by volet, phase, year and region."),
    "rules": N_("What every rule came to, and how far its bounds are."),
    "proof": N_("The value reached and the bound proved, for each priority group, beside the jury's list."),
    "jury": N_("Whom a jury would support that goes down its list until the money is gone."),
    "sources": N_("Every parameter, and where it comes from: quoted, computed, assumed or missing."),
    "provenance": N_("What is needed to get the same result again."),
    "pool": N_(
        "The candidates as they were read. Edit scores or amounts here, save the workbook, and run the command above again with "
        "--candidates and the name of the workbook."
    ),
}

_Line = tuple[str, Any, Form]


def check_workbook(path: Path, *read: str) -> None:
    """Raise when no workbook can be written to a file of this name, before anything is solved.

    Parameters
    ----------
    read
        Files of candidates, which are not to be written over.

    Raises
    ------
    InputError
        When the ending is not .xlsx, or the file is one of those read.
    """
    if path.suffix.lower() != ENDING:
        text = message(
            "A workbook is written as {ending}; found the ending “{found}”.", ending=ENDING, found=path.suffix
        )
        raise InputError([Fault(Place(file=str(path)), text, path.with_suffix(ENDING).name if path.name else None)])
    if os.path.realpath(path) in map(os.path.realpath, read):
        text = message(
            "The workbook would take the place of the candidates that it is made from; expected another name."
        )
        raise InputError([Fault(Place(file=str(path)), text)])


def write_workbook(
    allocation: Allocation, path: Path, page: Mapping[str, Any], lang: str, costing: Costing | None = None
) -> None:
    """Write the result as a workbook.

    Parameters
    ----------
    allocation
        The result.
    path
        File to write; it is replaced at once, or left as it was.
    page
        The result as `document` returns it.
    lang
        Language of sheets, headings and words.
    costing
        The question to which the allocation is the answer.

    Raises
    ------
    InputError
        As `check_workbook`, and when a table is too large for a sheet.
    OSError
        When the file cannot be written.
    """
    check_workbook(path)
    made = datetime.fromisoformat(page["provenance"]["date"])
    data = workbook(result_tables(allocation, page, lang, costing), path, allocation.call.scenario.name, made, lang)
    write_whole({path: data})


def result_tables(
    allocation: Allocation, page: Mapping[str, Any], lang: str, costing: Costing | None = None
) -> list[Table]:
    """Return the sheets of a result: the explanation, the results, the candidates.

    Parameters
    ----------
    allocation, page, lang, costing
        As `write_workbook` has them.
    """
    call, report = allocation.call, allocation.report
    checks = report.rules if report is not None else ()
    found = [summary_table(allocation, lang)]
    if costing is not None:
        found.append(rules_table(costing.targets, call.scenario, "targets", N_("Targets"), lang))
    found += [
        awards_table(allocation, lang),
        candidates_table(allocation, lang),
        calendar_table(allocation, lang),
        breakdown_table(allocation, lang),
        rules_table(checks, call.scenario, "rules", N_("Rules"), lang),
        proof_table(allocation, lang),
        jury_table(allocation, lang),
        sources_table(allocation, lang),
        provenance_table(page["provenance"], lang),
        candidates_sheet(call.candidates, call.scenario, lang),
    ]
    # The sheet that is read again has the first claim on its name.
    first, *names = sheet_names([found[-1].title, translate(N_("Read me"), lang), *(each.title for each in found[:-1])])
    title, *others = names
    sheets = [replace(each, title=name) for each, name in zip(found, [*others, first], strict=True)]
    return [_explanation(title, sheets, list(_facts(allocation, page, lang, costing)), allocation, lang), *sheets]


def _explanation(title: str, sheets: list[Table], facts: list[_Line], allocation: Allocation, lang: str) -> Table:
    """Return the first sheet: the result in short, and what the others are."""
    scenario = allocation.call.scenario
    lines: list[_Line] = [(translate(name, lang), value, form) for name, value, form in facts if value is not None]
    for sheet in sheets:
        name = message("Sheet “{sheet}”", sheet=sheet.title).render(lang)
        lines.append((name, translate(_ABOUT[sheet.name], lang), "text"))
    text = message(
        "A text is only a text, even where it looks like a formula or a link. Signs that a workbook cannot hold are shown by others; "
        "a text of more than {most:number} characters is cut and ends in “…”.",
        most=MOST_CHARACTERS,
    )
    lines.append((translate(N_("Texts"), lang), text.render(lang), "text"))
    names, values, forms = zip(*lines, strict=True)
    heading = scenario.title.render(lang) if scenario.title else scenario.name
    columns = (
        Column("what", translate(N_("About this workbook"), lang), "text", names),
        Column("value", heading, "text", values, forms),
    )
    return Table("about", title, columns, is_prose=True)


def _facts(allocation: Allocation, page: Mapping[str, Any], lang: str, costing: Costing | None) -> Iterator[_Line]:
    """Yield the result in short, under English names; None where there is nothing to say."""

    def said(name: str, text: Message | str | None) -> _Line:
        return name, text.render(lang) if isinstance(text, Message) else text, "text"

    def amount(name: str, value: int | None) -> _Line:
        return name, value, form_named(name)

    scenario, candidates, provenance = allocation.call.scenario, allocation.call.candidates, page["provenance"]
    has = allocation.has_allocation
    if candidates.is_synthetic:
        text = message(
            "Synthetic candidates: {n} of {all} rows are drawn from a profile; no real dossier.",
            n=sum(candidates.synthetic()),
            all=len(candidates),
        )
        yield said(N_("Warning"), text)
    yield said(N_("Scenario"), scenario.name)
    yield said(N_("Description"), scenario.description.render(lang) if scenario.description else None)
    yield said(N_("Status"), word(allocation.status.value, lang))
    yield said(N_("Reason"), _absence(allocation, lang))
    yield said(N_("Solver"), allocation.solver)
    if costing is not None:
        yield amount(N_("Smallest envelope that reaches the targets (€)"), costing.envelope)
        yield amount(N_("No envelope reaches them below (€)"), costing.bound)
    yield amount(N_("Envelope (€)"), scenario.envelope.total)
    yield amount(N_("Granted (€)"), allocation.granted if has else None)
    yield amount(N_("Transversal costs and advantages (€)"), allocation.charged or None)
    yield amount(N_("Withdrawn by cuts (€)"), scenario.withdrawn or None)
    yield amount(N_("Unspent (€)"), allocation.unspent if has else None)
    for reason in unspent_reasons(allocation) if has else ():
        yield said(N_("Unspent because"), reason)
    yield N_("Supported candidates"), len(allocation.supported) if has else None, "whole"
    yield N_("Value"), rounded(allocation.value), "number"
    yield N_("Proved bound"), bound_shown(allocation.value, allocation.bound), "number"
    yield N_("Gap"), gap_shown(allocation.value, allocation.bound), "gap"
    yield N_("Value of the jury's list"), rounded(sum(allocation.listing.values)), "number"
    if allocation.report is not None:
        text = message("Every rule was recomputed from the awards alone, in exact integers: passed.")
        yield said(N_("Audit"), text)
    yield N_("Date"), date.fromisoformat(provenance["date"]), "any"
    yield said(N_("Command"), provenance["command"])


def _absence(allocation: Allocation, lang: str) -> str | None:
    """Return why there is no allocation; None where there is one."""
    try:
        allocation.raise_for_status()
    except NoAllocationError as error:
        return error.render(lang)
    return None
