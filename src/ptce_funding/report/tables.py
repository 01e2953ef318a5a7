"""The result as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ptce_funding.accounts import balance
from ptce_funding.allocation import Allocation
from ptce_funding.awards import Charge
from ptce_funding.breakdown import breakdown, calendar, texts
from ptce_funding.candidate_set import protected
from ptce_funding.comparators import comparators
from ptce_funding.files import write_whole
from ptce_funding.indicators import Indicators, indicators
from ptce_funding.messages import N_, message, signs, translate, yes_no
from ptce_funding.outcomes import outcomes
from ptce_funding.report.columns import Table, form_named, table_of
from ptce_funding.report.document import as_json
from ptce_funding.report.rounding import bound_shown, rounded
from ptce_funding.report.words import StepTitles, Titles, key_word, stage_word, titles, word
from ptce_funding.scenario import Scenario

#: One line of the summary: dimension, group, English name of the figure, its value, and what the scenario calls the group.
_Line = tuple[str, str, str, Any, str]


def write_result(allocation: Allocation, folder: Path, page: Mapping[str, Any], lang: str) -> list[Path]:
    """Write the result into a folder: allocation.json, and awards, candidates, calendar, breakdown and summary as CSV.

    Parameters
    ----------
    allocation
        The result.
    folder
        Where to; made if it is missing.
    page
        The result as `document` returns it.
    lang
        Language of the tables.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OSError
        When the folder cannot be written; files of the same names are then as they were.
    """
    contents = {
        folder / "allocation.json": as_json(page).encode(),
        folder / "awards.csv": as_csv(awards_table(allocation, lang).rows(), lang),
        folder / "candidates.csv": as_csv(candidates_table(allocation, lang).rows(), lang),
        folder / "calendar.csv": as_csv(calendar_table(allocation, lang).rows(), lang),
        folder / "breakdown.csv": as_csv(breakdown_table(allocation, lang).rows(), lang),
        folder / "summary.csv": as_csv(summary_table(allocation, lang).rows(), lang),
    }
    write_whole(contents)
    return list(contents)


def awards_table(allocation: Allocation, lang: str) -> Table:
    """Return the awards, then the charges, with a heading; amounts in euros, which add up to what is committed.

    The last columns have what the scenario calls volet, aid and funder, for programs.
    """
    names, shown = texts(allocation.call.candidates, "name"), StepTitles(allocation.call.scenario, lang)
    headings = (
        N_("Candidate"),
        N_("Name"),
        N_("Volet"),
        N_("Aid"),
        N_("Year"),
        N_("Funder"),
        N_("Amount (€)"),
        N_("Synthetic"),
        N_("Kind"),
        N_("Volet code"),
        N_("Aid code"),
        N_("Funder code"),
    )
    synthetic = _synthetic(allocation)
    rows: list[list[Any]] = [
        [
            award.candidate,
            names[award.candidate],
            shown.volet(award.volet),
            shown.aid(award.volet, award.aid),
            award.year,
            shown.funder(award.funder),
            award.grant,
            yes_no(synthetic[award.candidate], lang),
            word("grant", lang),
            award.volet,
            award.aid,
            award.funder,
        ]
        for award in allocation.awards
    ]
    rows += [
        [
            charge.candidate,
            names.get(charge.candidate, ""),
            shown.volet(charge.volet),
            "",
            charge.year,
            shown.funder(charge.funder),
            charge.amount,
            yes_no(synthetic.get(charge.candidate, allocation.call.candidates.is_synthetic), lang),
            _kind(charge, allocation.call.scenario, lang),
            charge.volet,
            "",
            charge.funder,
        ]
        for charge in allocation.charges
    ]
    return table_of("awards", N_("Awards"), headings, rows, lang)


def candidates_table(allocation: Allocation, lang: str) -> Table:
    """Return every candidate with its outcome and reasons, with a heading; grants in euros."""
    candidates = allocation.call.candidates
    names, regions, phases = (texts(candidates, column) for column in ("name", "region", "phase"))
    synthetic = _synthetic(allocation)
    merit = dict(zip(candidates.ids, allocation.call.fundable.merit.tolist(), strict=True))
    headings = (
        N_("Candidate"), N_("Name"), N_("Region"), N_("Phase"), N_("Merit"), N_("Outcome"), N_("Grant (€)"), N_("Reasons"), N_("Synthetic"),
    )  # fmt: skip
    rows = [
        [
            each.candidate,
            names[each.candidate],
            regions[each.candidate],
            word(phases[each.candidate], lang),
            rounded(merit[each.candidate]),
            word(each.outcome, lang),
            each.grant,
            " | ".join(reason.render(lang) for reason in each.reasons),
            yes_no(synthetic[each.candidate], lang),
        ]
        for each in outcomes(allocation)
    ]
    return table_of("candidates", N_("Outcomes"), headings, rows, lang)


def calendar_table(allocation: Allocation, lang: str) -> Table:
    """Return each funded step with its years, its grant and what of it is paid each year, with a heading."""
    entries, horizon = calendar(allocation), allocation.call.scenario.horizon
    last = max([horizon[-1], *(year for entry in entries for year in entry.payments)])
    years = range(horizon[0], last + 1)
    synthetic, shown = _synthetic(allocation), StepTitles(allocation.call.scenario, lang)
    headings = (
        N_("Candidate"), N_("Name"), N_("Region"), N_("Phase"), N_("Volet"), N_("Aid"), N_("First year"), N_("Last year"), N_("Grant (€)"),
    )  # fmt: skip
    paid = [message("Paid in {year} (€)", year=year) for year in years]
    rows = [
        [
            entry.candidate,
            entry.name,
            entry.region,
            word(entry.phase, lang),
            shown.volet(entry.volet),
            shown.aid(entry.volet, entry.aid),
            entry.first_year,
            entry.last_year,
            entry.grant,
            *(entry.payments.get(year) for year in years),
            yes_no(synthetic[entry.candidate], lang),
            entry.volet,
            entry.aid,
        ]
        for entry in entries
    ]
    last_headings = N_("Synthetic"), N_("Volet code"), N_("Aid code")
    return table_of("calendar", N_("Calendar"), [*headings, *paid, *last_headings], rows, lang)


def breakdown_table(allocation: Allocation, lang: str) -> Table:
    """Return candidates and money by volet, phase, year and region, with a heading."""
    headings = (
        N_("Volet"), N_("Phase"), N_("Year"), N_("Region"), N_("Candidates"), N_("Granted (€)"), N_("Synthetic"),
        N_("Volet code"),
    )  # fmt: skip
    synthetic, shown = (
        yes_no(allocation.call.candidates.is_synthetic, lang),
        StepTitles(allocation.call.scenario, lang),
    )
    rows = [
        [
            shown.volet(cell.volet),
            word(cell.phase, lang),
            cell.year,
            cell.region,
            cell.supported,
            cell.granted,
            synthetic,
            cell.volet,
        ]
        for cell in breakdown(allocation)
    ]
    return table_of("breakdown", N_("Breakdown"), headings, rows, lang)


def summary_table(allocation: Allocation, lang: str) -> Table:
    """Return key figures and money by dimension, one figure a line, with a heading.

    The last column has what the scenario calls the group, for programs.
    """
    figures, known = indicators(allocation), titles(allocation.call.scenario, lang)
    total = [
        (N_("Envelope (€)"), allocation.call.scenario.envelope.total),
        (N_("Granted (€)"), allocation.granted),
        (N_("Transversal costs and advantages (€)"), allocation.charged),
        (N_("Withdrawn by cuts (€)"), allocation.call.scenario.withdrawn or None),
        (N_("Unspent (€)"), allocation.unspent),
        (N_("Advantages outside the envelope (€)"), figures.outside if figures.advantages else None),
        (N_("Public money with the advantages (€)"), figures.public if figures.advantages else None),
        (N_("Mean grant (€)"), rounded(figures.mean, 2)),
        (N_("Smallest grant (€)"), figures.smallest),
        (N_("Largest grant (€)"), figures.largest),
        (N_("Mean grant per candidate and year (€)"), rounded(figures.per_year, 2)),
        (N_("Secured co-financing (€)"), figures.cofinancing),
        (N_("Co-financing of collectivités (€)"), figures.local),
        (N_("Co-financing per euro granted"), rounded(figures.leverage, 4)),
        (N_("Jobs of the supported candidates"), figures.jobs),
        (N_("Labelled candidates"), figures.labelled),
        (N_("Value"), rounded(allocation.value)),
        (N_("Proved bound"), bound_shown(allocation.value, allocation.bound)),
        (N_("Value of the jury's list"), rounded(sum(allocation.listing.values))),
    ]
    rows: list[_Line] = [("", "", name, value, "") for name, value in total if value is not None]
    rows += [
        (translate(N_("Funnel"), lang), stage_word(stage, lang), N_("Candidates"), n, stage)
        for stage, n in allocation.funnel.items()
    ]
    for dimension, slices in figures.slices.items():
        for each in slices:
            label = (word(dimension, lang), key_word(known, dimension, each.key, lang))
            rows.append((*label, N_("Candidates"), each.supported, each.key))
            rows.append((*label, N_("Granted (€)"), each.granted, each.key))
    for year, (committed, paid) in figures.years.items():
        rows.append((word("year", lang), str(year), N_("Committed (AE)"), committed, str(year)))
        rows.append((word("year", lang), str(year), N_("Paid (CP)"), paid, str(year)))
    rows += _beside_grants(allocation, figures, known, lang)
    if allocation.call.candidates.is_synthetic:
        rows.insert(0, ("", "", N_("Synthetic candidates: no real dossier"), yes_no(True, lang), ""))
    headings = (N_("By"), N_("Group"), N_("Figure"), N_("Value"), N_("Code"))
    names = [name for _, _, name, _, _ in rows]
    shown = [(by, group, translate(name, lang), value, code) for by, group, name, value, code in rows]
    table = table_of("summary", N_("Summary"), headings, shown, lang)
    *labels, values, codes = table.columns
    return replace(table, columns=(*labels, replace(values, forms=tuple(map(form_named, names))), codes))


def _beside_grants(allocation: Allocation, figures: Indicators, known: Titles, lang: str) -> Iterator[_Line]:
    """Return the lines of the summary on charges, advantages, what funders bring and keep, and other schemes.

    Their figures have English names.
    """
    scenario = allocation.call.scenario
    for volet, cost in figures.transversal.items():
        yield word("transversal", lang), key_word(known, "volet", volet, lang), N_("Charged (€)"), cost, volet
    for each in figures.advantages:
        code = f"{each.volet}.{each.advantage}"
        label = (word("advantage", lang), _advantage(scenario, each.volet, each.advantage, lang) or code)
        yield *label, N_("Candidates"), each.supported, code
        amount = N_("Paid by the envelope (€)") if each.is_inside else N_("Outside the envelope (€)")
        yield *label, amount, each.amount, code
    if scenario.years > 1 or len(scenario.funders) > 1:
        for line in balance(scenario, allocation.awards, allocation.charges):
            payer = key_word(known, "funder", line.funder, lang) if line.funder else translate(N_("all"), lang)
            label = (translate(N_("balance"), lang), f"{payer} {line.year}")
            code = f"{line.funder} {line.year}".strip()
            yield *label, N_("Brought (€)"), line.brought, code
            yield *label, N_("Granted (€)"), line.granted, code
            yield *label, N_("Charged (€)"), line.charged, code
            yield *label, N_("Carried over (€)"), line.carried, code
            yield *label, N_("Unspent (€)"), line.unspent, code
    for other in comparators():
        label = (translate(N_("other scheme"), lang), other.title.render(lang))
        yield *label, N_("Per pole (€)"), other.per_pole, ""
        yield *label, N_("Per pole and year (€)"), rounded(other.per_year, 2), ""


def _kind(charge: Charge, scenario: Scenario, lang: str) -> str:
    if not charge.advantage:
        return word("transversal", lang)
    name = _advantage(scenario, charge.volet, charge.advantage, lang) or charge.advantage
    return message("advantage {name}", name=name).render(lang)


def _advantage(scenario: Scenario, volet: str, name: str, lang: str) -> str:
    """Return the title of an advantage, "" where it has none."""
    title = scenario.volets[volet].advantages[name].title
    return title.render(lang) if title is not None else ""


def as_csv(table: Sequence[Sequence[Any]], lang: str) -> bytes:
    """Write a table as the spreadsheets of a language read it: with semicolons where decimals have a comma."""
    point = signs(lang)[1]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if point == "," else ",", lineterminator="\r\n")
    writer.writerows([_cell(value, point) for value in row] for row in table)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: Any, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
        return text.replace(".", point)
    return protected(value) if isinstance(value, str) else str(value)


def _synthetic(allocation: Allocation) -> dict[str, bool]:
    candidates = allocation.call.candidates
    return dict(zip(candidates.ids, candidates.synthetic(), strict=True))
