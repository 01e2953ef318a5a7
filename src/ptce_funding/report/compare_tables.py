"""A comparison as data: `compare.json`, and tables for spreadsheets."""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from ptce_funding.comparing.comparison import Comparison
from ptce_funding.comparing.price import Price
from ptce_funding.files import write_whole
from ptce_funding.geography import inhabitants
from ptce_funding.messages import LANGUAGES, N_, message, translate, yes_no
from ptce_funding.report.compare_words import reasons_of, source_of, status_of
from ptce_funding.report.document import as_json
from ptce_funding.report.rounding import rounded
from ptce_funding.report.sweep_words import figure_word, written
from ptce_funding.report.tables import as_csv
from ptce_funding.report.words import Labels, titles_in, word

#: Of `compare.json`.
FORMAT = 1

#: Decimals of figures that are no money.
_DIGITS = 6

Table = list[list[Any]]


def comparison_document(comparison: Comparison, prices: Sequence[Price] | None, command: str) -> dict[str, Any]:
    """Return a comparison as nested plain values, the same in every language.

    Parameters
    ----------
    prices
        What the rules of the baseline cost; None where it was not asked.
    command
        Command that gives it again.
    """
    names, base = [entry.name for entry in comparison.entries], comparison.entries[comparison.baseline]
    return {
        "format": FORMAT,
        "baseline": names[comparison.baseline],
        "first_year": base.parameter("first_year"),
        "labels": labels_of(comparison),
        "scenarios": [
            {
                "name": entry.name,
                "scenario": entry.document["scenario"],
                "title": entry.document["title"],
                "status": entry.document["status"],
                "gap": entry.document["gap"],
                "absence": entry.document["absence"],
                "synthetic_candidates": entry.document["synthetic_candidates"],
                "regions_without": None if equity is None or equity.without is None else list(equity.without),
                "scenario_sha256": entry.document["provenance"]["scenario_sha256"],
                "candidates_sha256": entry.document["provenance"]["candidates_sha256"],
                **{key: entry.document["provenance"][key] for key in ("solver", "versions", "date", "command")},
            }
            for entry, equity in zip(comparison.entries, comparison.equities, strict=True)
        ],
        "figures": [
            {
                "name": line.name,
                "values": [_rounded(value) for value in line.values],
                "differences": [_rounded(value) for value in line.differences],
            }
            for line in comparison.lines
        ],
        "regions": _regions(comparison, base.parameter("first_year")),
        "moves": [
            {
                "scenario": names[move.entry],
                "candidate": move.candidate,
                "name": move.name,
                "enters": move.enters,
                "grant": move.grant,
                "despite_more_money": move.is_despite_more,
                "outcome": move.outcome,
                "reasons": [{lang: reason.render(lang) for lang in LANGUAGES} for reason in move.reasons],
            }
            for move in comparison.moves
        ],
        "exchanges": [
            asdict(each)
            | {
                "entry": names[each.entry],
                "worth": rounded(each.worth),
                "lost": rounded(each.lost),
                "paths": list(each.paths),
            }
            for each in comparison.exchanges
        ],
        "parameters": [
            {
                "path": each.path,
                "lines": [
                    None
                    if line is None
                    else {key: line.get(key) for key in ("name", "value", "shown", "status", "source")}
                    for line in each.lines
                ],
            }
            for each in comparison.parameters
        ],
        "candidates": [
            {
                "candidate": each.candidate,
                "name": each.name,
                "region": each.region,
                "phase": each.phase,
                "synthetic": each.synthetic,
                "pattern": each.signs,
                "times": each.times,
                "grants": list(each.grants),
            }
            for each in comparison.patterns
        ],
        "prices": None if prices is None else [_price(each) for each in prices],
        "notes": [note.texts() for note in comparison.notes],
        "command": command,
    }


def labels_of(comparison: Comparison) -> Labels:
    """Return what readers see of volets, rules and the like; where scenarios differ, the baseline has the first word."""
    found: Labels = {}
    for entry in (comparison.entries[comparison.baseline], *comparison.entries):
        for dimension, named in entry.document["labels"].items():
            for name, told in named.items():
                found.setdefault(dimension, {}).setdefault(name, told)
    return found


def _regions(comparison: Comparison, year: int) -> list[dict[str, Any]]:
    """Return what each region of the baseline's map gets in each scenario, and how many live there."""
    return [
        {
            "region": region,
            "inhabitants": n,
            "granted": [None if each is None else each.granted[region] for each in comparison.equities],
        }
        for region, n in inhabitants(year).items()
    ]


def _price(price: Price) -> dict[str, Any]:
    return {
        "name": price.name.texts(),
        "kind": price.kind,
        "change": price.change,
        "path": price.path,
        "before": exactly(price.before),
        "after": exactly(price.after),
        "measure": price.measure,
        "status": price.status,
        "value": rounded(price.value),
        "least": rounded(price.least),
        "most": rounded(price.most),
        "separable": price.is_separable,
        "supported": price.supported,
        "granted": price.granted,
        "indication_of_the_relaxation": rounded(price.relaxed),
    }


def exactly(value: Fraction | None) -> float | int | None:
    """Return a bound as a number."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _rounded(value: float | None) -> float | int | None:
    return rounded(value, _DIGITS) if isinstance(value, float) else value


def write_comparison(
    comparison: Comparison, prices: Sequence[Price] | None, folder: Path, page: dict[str, Any], lang: str
) -> list[Path]:
    """Write a comparison into a folder: compare.json, and as CSV compare, -moves, -parameters, -candidates, and prices if asked.

    Parameters
    ----------
    folder
        Where to; made if it is missing.
    page
        The comparison as `comparison_document` returns it.
    lang
        Language of the tables.

    Raises
    ------
    OSError
        When the folder cannot be written; files of the same names are then as they were.
    """
    tables = {
        "compare": figures_table(comparison, lang),
        "compare-moves": moves_table(comparison, lang),
        "compare-parameters": parameters_table(comparison, lang),
        "compare-candidates": candidates_table(comparison, lang),
    }
    if prices is not None:
        tables["prices"] = prices_table(prices, lang)
    contents = {folder / "compare.json": as_json(page).encode()}
    contents |= {folder / f"{name}.csv": as_csv(table, lang) for name, table in tables.items()}
    write_whole(contents)
    return list(contents)


def figures_table(comparison: Comparison, lang: str) -> Table:
    """Return the figures, one a line, a column for each scenario and one for each difference from the baseline.

    The last column has the names of the figures for programs.
    """
    known = titles_in(labels_of(comparison), lang)
    entries, others = comparison.entries, [n for n in range(len(comparison.entries)) if n != comparison.baseline]
    names = [entry.name for entry in entries]
    differences = [message("Difference: {name}", name=names[n]).render(lang) for n in others]
    blank = [None] * len(others)
    absences = [entry.document["absence"] for entry in entries]
    table: Table = [
        [translate(N_("Figure"), lang), *names, *differences, translate(N_("Code"), lang)],
        [translate(N_("Status"), lang), *(word(entry.document["status"], lang) for entry in entries), *blank, "status"],
        [
            translate(N_("Synthetic candidates: no real dossier"), lang),
            *(yes_no(entry.document["synthetic_candidates"], lang) for entry in entries),
            *blank,
            "synthetic_candidates",
        ],
    ]
    if any(absences):
        table.append(
            [translate(N_("Reason"), lang), *(text and source_of(text, lang) for text in absences), *blank, "absence"]
        )
    for line in comparison.lines:
        values = [_rounded(value) for value in line.values]
        differing = [_rounded(line.differences[n]) for n in others]
        table.append([figure_word(line.name, lang, known), *values, *differing, line.name])
        if line.name == "regions_without":
            regions = [None if each is None else ", ".join(each.without or ()) for each in comparison.equities]
            table.append([translate(N_("Regions with nothing, by name"), lang), *regions, *blank, ""])
    if any(each is not None and each.is_told and each.unknown for each in comparison.equities):
        regions = [None if each is None else ", ".join(each.unknown) for each in comparison.equities]
        table.append([translate(N_("Regions of which nothing is known, by name"), lang), *regions, *blank, ""])
    return table


def moves_table(comparison: Comparison, lang: str) -> Table:
    """Return who enters and who leaves, one a line."""
    headings = (
        N_("Scenario"),
        N_("Candidate"),
        N_("Name"),
        N_("Change"),
        N_("Grant (€)"),
        N_("Not funded although there is more money"),
        N_("Outcome where it is not funded"),
        N_("Why it is not funded there"),
        N_("Synthetic"),
    )
    synthetic = {each.candidate: each.synthetic for each in comparison.patterns}
    rows = [
        [
            comparison.entries[move.entry].name,
            move.candidate,
            move.name,
            translate(N_("enters") if move.enters else N_("leaves"), lang),
            move.grant,
            yes_no(move.is_despite_more, lang),
            word(move.outcome, lang) if move.outcome else None,
            reasons_of(move, lang),
            yes_no(synthetic[move.candidate], lang),
        ]
        for move in comparison.moves
    ]
    return [[translate(each, lang) for each in headings], *rows]


def parameters_table(comparison: Comparison, lang: str) -> Table:
    """Return what is not the same in all, one line for each parameter and scenario."""
    headings = (N_("Parameter"), N_("Scenario"), N_("Value"), N_("Status"), N_("Source"))
    rows = []
    for each in comparison.parameters:
        for entry, line in zip(comparison.entries, each.lines, strict=True):
            told = ["–", None, None] if line is None else [written(line["value"], lang), word(line["status"], lang)]
            rows.append([each.path, entry.name, *told, *([] if line is None else [source_of(line["source"], lang)])])
    return [[translate(each, lang) for each in headings], *rows]


def candidates_table(comparison: Comparison, lang: str) -> Table:
    """Return all candidates with their pattern over the scenarios, those funded most often first."""
    headings = (N_("Candidate"), N_("Name"), N_("Region"), N_("Phase"), N_("Pattern"), N_("Times funded"))
    grants = [message("Grant (€): {name}", name=entry.name).render(lang) for entry in comparison.entries]
    rows = [
        [
            each.candidate,
            each.name,
            each.region,
            word(each.phase or "", lang),
            each.signs,
            each.times,
            *each.grants,
            yes_no(each.synthetic, lang),
        ]
        for each in comparison.patterns
    ]
    return [[*(translate(each, lang) for each in headings), *grants, translate(N_("Synthetic"), lang)], *rows]


def prices_table(prices: Sequence[Price], lang: str) -> Table:
    """Return what the rules cost, one change a line; what the relaxation gains is named an indication."""
    headings = (
        N_("Condition"),
        N_("Change"),
        N_("Parameter"),
        N_("From"),
        N_("To"),
        N_("Status"),
        N_("Value gained"),
        N_("Proved at least"),
        N_("Proved at most"),
        N_("Separable"),
        N_("Candidates gained"),
        N_("Granted more (€)"),
        N_("Indication (relaxation): value gained"),
    )
    rows = [
        [
            price.name.render(lang),
            translate(N_("let go") if price.change == "dropped" else N_("moved by one step"), lang),
            price.path,
            exactly(price.before),
            exactly(price.after),
            status_of(price, lang),
            rounded(price.value),
            rounded(price.least),
            rounded(price.most),
            yes_no(price.is_separable, lang),
            price.supported,
            price.granted,
            rounded(price.relaxed),
        ]
        for price in prices
    ]
    return [[translate(each, lang) for each in headings], *rows]
