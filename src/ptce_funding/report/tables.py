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
from ptce_funding.messages import N_, message, translate, yes_no
from ptce_funding.outcomes import outcomes
from ptce_funding.report.columns import Table, form_named, table_of
from ptce_funding.report.document import as_json
from ptce_funding.report.rounding import bound_shown, rounded
from ptce_funding.report.words import stage_word, word


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
    """Return the awards, then the charges, with a heading; amounts in euros, which add up to what is committed."""
    names = texts(allocation.call.candidates, "name")
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
    )
    synthetic = _synthetic(allocation)
    rows: list[list[Any]] = [
        [
            award.candidate,
            names[award.candidate],
            award.volet,
            award.aid,
            award.year,
            award.funder,
            award.grant,
            yes_no(synthetic[award.candidate], lang),
            word("grant", lang),
        ]
        for award in allocation.awards
    ]
    rows += [
        [
            charge.candidate,
            names.get(charge.candidate, ""),
            charge.volet,
            "",
            charge.year,
            charge.funder,
            charge.amount,
            yes_no(synthetic.get(charge.candidate, allocation.call.candidates.is_synthetic), lang),
            _kind(charge, lang),
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
    synthetic = _synthetic(allocation)
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
            entry.volet,
            entry.aid,
            entry.first_year,
            entry.last_year,
            entry.grant,
            *(entry.payments.get(year) for year in years),
            yes_no(synthetic[entry.candidate], lang),
        ]
        for entry in entries
    ]
    return table_of("calendar", N_("Calendar"), [*headings, *paid, N_("Synthetic")], rows, lang)


def breakdown_table(allocation: Allocation, lang: str) -> Table:
    """Return candidates and money by volet, phase, year and region, with a heading."""
    headings = (
        N_("Volet"), N_("Phase"), N_("Year"), N_("Region"), N_("Candidates"), N_("Granted (€)"), N_("Synthetic"),
    )  # fmt: skip
    synthetic = yes_no(allocation.call.candidates.is_synthetic, lang)
    rows = [
        [cell.volet, word(cell.phase, lang), cell.year, cell.region, cell.supported, cell.granted, synthetic]
        for cell in breakdown(allocation)
    ]
    return table_of("breakdown", N_("Breakdown"), headings, rows, lang)


def summary_table(allocation: Allocation, lang: str) -> Table:
    """Return key figures and money by dimension, one figure a line, with a heading."""
    figures = indicators(allocation)
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
    rows: list[tuple[str, str, str, Any]] = [("", "", name, value) for name, value in total if value is not None]
    rows += [
        (translate(N_("Funnel"), lang), stage_word(stage, lang), N_("Candidates"), n)
        for stage, n in allocation.funnel.items()
    ]
    for dimension, slices in figures.slices.items():
        for each in slices:
            label = (word(dimension, lang), word(each.key, lang) if dimension == "phase" else each.key)
            rows.append((*label, N_("Candidates"), each.supported))
            rows.append((*label, N_("Granted (€)"), each.granted))
    for year, (committed, paid) in figures.years.items():
        rows.append((word("year", lang), str(year), N_("Committed (AE)"), committed))
        rows.append((word("year", lang), str(year), N_("Paid (CP)"), paid))
    rows += _beside_grants(allocation, figures, lang)
    if allocation.call.candidates.is_synthetic:
        rows.insert(0, ("", "", N_("Synthetic candidates: no real dossier"), yes_no(True, lang)))
    headings = (N_("By"), N_("Group"), N_("Figure"), N_("Value"))
    names = [name for _, _, name, _ in rows]
    shown = [(by, group, translate(name, lang), value) for by, group, name, value in rows]
    table = table_of("summary", N_("Summary"), headings, shown, lang)
    *labels, values = table.columns
    return replace(table, columns=(*labels, replace(values, forms=tuple(map(form_named, names)))))


def _beside_grants(allocation: Allocation, figures: Indicators, lang: str) -> Iterator[tuple[str, str, str, Any]]:
    """Return the lines of the summary on charges, advantages, what funders bring and keep, and other schemes.

    Their figures have English names.
    """
    scenario = allocation.call.scenario
    for volet, cost in figures.transversal.items():
        yield word("transversal", lang), volet, N_("Charged (€)"), cost
    for each in figures.advantages:
        label = (word("advantage", lang), f"{each.volet}.{each.advantage}")
        yield *label, N_("Candidates"), each.supported
        yield *label, N_("Paid by the envelope (€)") if each.is_inside else N_("Outside the envelope (€)"), each.amount
    if scenario.years > 1 or len(scenario.funders) > 1:
        for line in balance(scenario, allocation.awards, allocation.charges):
            label = (translate(N_("balance"), lang), f"{line.funder or translate(N_('all'), lang)} {line.year}")
            yield *label, N_("Brought (€)"), line.brought
            yield *label, N_("Granted (€)"), line.granted
            yield *label, N_("Charged (€)"), line.charged
            yield *label, N_("Carried over (€)"), line.carried
            yield *label, N_("Unspent (€)"), line.unspent
    for other in comparators():
        label = (translate(N_("other scheme"), lang), other.title.render(lang))
        yield *label, N_("Per pole (€)"), other.per_pole
        yield *label, N_("Per pole and year (€)"), rounded(other.per_year, 2)


def _kind(charge: Charge, lang: str) -> str:
    if not charge.advantage:
        return word("transversal", lang)
    return message("advantage {name}", name=charge.advantage).render(lang)


def as_csv(table: Sequence[Sequence[Any]], lang: str) -> bytes:
    """Write a table as the spreadsheets of a language read it: in French with semicolons and decimal commas."""
    is_french = lang == "fr"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if is_french else ",", lineterminator="\r\n")
    writer.writerows([_cell(value, is_french) for value in row] for row in table)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: Any, is_french: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
        return text.replace(".", ",") if is_french else text
    return protected(value) if isinstance(value, str) else str(value)


def _synthetic(allocation: Allocation) -> dict[str, bool]:
    candidates = allocation.call.candidates
    return dict(zip(candidates.ids, candidates.synthetic(), strict=True))
