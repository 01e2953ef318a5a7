"""The result as CSV files for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.candidate_set import protected
from ptce_funding.files import write_whole
from ptce_funding.indicators import indicators
from ptce_funding.messages import N_, translate, yes_no
from ptce_funding.outcomes import outcomes
from ptce_funding.report.document import as_json
from ptce_funding.report.rounding import bound_shown, rounded
from ptce_funding.report.words import stage_word, word


def write_result(allocation: Allocation, folder: Path, page: Mapping[str, Any], lang: str) -> list[Path]:
    """Write the result into a folder: allocation.json, awards.csv, candidates.csv and summary.csv.

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
        folder / "awards.csv": _csv(awards_table(allocation, lang), lang),
        folder / "candidates.csv": _csv(candidates_table(allocation, lang), lang),
        folder / "summary.csv": _csv(summary_table(allocation, lang), lang),
    }
    write_whole(contents)
    return list(contents)


def awards_table(allocation: Allocation, lang: str) -> list[list[Any]]:
    """Return the awards with a heading; grants in euros."""
    names = _text_column(allocation, "name")
    headings = (
        N_("Candidate"),
        N_("Name"),
        N_("Volet"),
        N_("Aid"),
        N_("Year"),
        N_("Funder"),
        N_("Grant (€)"),
        N_("Synthetic"),
    )
    synthetic = _synthetic(allocation)
    rows = [
        [
            award.candidate,
            names[award.candidate],
            award.volet,
            award.aid,
            award.year,
            award.funder,
            award.grant,
            _flag(synthetic[award.candidate], lang),
        ]
        for award in allocation.awards
    ]
    return [[translate(each, lang) for each in headings], *rows]


def candidates_table(allocation: Allocation, lang: str) -> list[list[Any]]:
    """Return every candidate with its outcome and reasons, with a heading; grants in euros."""
    names, regions = _text_column(allocation, "name"), _text_column(allocation, "region")
    phases = _text_column(allocation, "phase")
    synthetic = _synthetic(allocation)
    merit = dict(zip(allocation.call.candidates.ids, allocation.call.fundable.merit.tolist(), strict=True))
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
            _flag(synthetic[each.candidate], lang),
        ]
        for each in outcomes(allocation)
    ]
    return [[translate(each, lang) for each in headings], *rows]


def summary_table(allocation: Allocation, lang: str) -> list[list[Any]]:
    """Return key figures and money by dimension, one figure a line, with a heading."""
    figures = indicators(allocation)
    total = [
        (N_("Envelope (€)"), allocation.call.scenario.envelope.total),
        (N_("Granted (€)"), allocation.granted),
        (N_("Unspent (€)"), allocation.unspent),
        (N_("Mean grant (€)"), rounded(figures.mean, 2)),
        (N_("Smallest grant (€)"), figures.smallest),
        (N_("Largest grant (€)"), figures.largest),
        (N_("Secured co-financing (€)"), figures.cofinancing),
        (N_("Co-financing per euro granted"), rounded(figures.leverage, 4)),
        (N_("Jobs of the supported candidates"), figures.jobs),
        (N_("Value"), rounded(allocation.value)),
        (N_("Proved bound"), bound_shown(allocation.value, allocation.bound)),
        (N_("Value of the jury's list"), rounded(sum(allocation.listing.values))),
    ]
    rows: list[list[Any]] = [["", "", translate(name, lang), value] for name, value in total if value is not None]
    rows += [
        [translate(N_("Funnel"), lang), stage_word(stage, lang), translate(N_("Candidates"), lang), n]
        for stage, n in allocation.funnel.items()
    ]
    for dimension, slices in figures.slices.items():
        for each in slices:
            label = (word(dimension, lang), word(each.key, lang) if dimension == "phase" else each.key)
            rows.append([*label, translate(N_("Candidates"), lang), each.supported])
            rows.append([*label, translate(N_("Granted (€)"), lang), each.granted])
    for year, (committed, paid) in figures.years.items():
        rows.append([word("year", lang), str(year), translate(N_("Committed (AE)"), lang), committed])
        rows.append([word("year", lang), str(year), translate(N_("Paid (CP)"), lang), paid])
    if allocation.call.candidates.is_synthetic:
        rows.insert(0, ["", "", translate(N_("Synthetic candidates: no real dossier"), lang), yes_no(True, lang)])
    headings = (N_("By"), N_("Group"), N_("Figure"), N_("Value"))
    return [[translate(each, lang) for each in headings], *rows]


def _csv(table: Sequence[Sequence[Any]], lang: str) -> bytes:
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


def _text_column(allocation: Allocation, column: str) -> dict[str, str]:
    candidates = allocation.call.candidates
    values: Iterable[str] = candidates.column(column).tolist() if column in candidates.kinds else [""] * len(candidates)
    return dict(zip(candidates.ids, values, strict=True))


def _synthetic(allocation: Allocation) -> dict[str, bool]:
    candidates = allocation.call.candidates
    flags = candidates.column("synthetic").tolist() if "synthetic" in candidates.kinds else [0] * len(candidates)
    return {id_: flag == 1 for id_, flag in zip(candidates.ids, flags, strict=True)}


def _flag(is_set: bool, lang: str) -> str:
    return yes_no(is_set, lang)
