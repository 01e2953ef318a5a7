"""Words for what a sweep is told by: what varies, kinds of cells, how runs end, figures, methods, standings, where it turns."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ptce_funding.cells import alphabetical, fold
from ptce_funding.messages import N_, Message, euros, joined, message, translate, yes_no
from ptce_funding.parameters import parameter_label, parameter_value
from ptce_funding.report.columns import Form
from ptce_funding.report.words import Titles, key_word, stage_word, word
from ptce_funding.sweeping.analysis import Break
from ptce_funding.sweeping.lines import SAMPLE, is_number
from ptce_funding.sweeping.store import Results

_WORDS = {
    "base": N_("scenario as it stands"),
    "grid": N_("grid"),
    "sample": N_("sample"),
    "single": N_("one parameter at a time"),
    "frontier:tranches": N_("frontier, tranches as stated"),
    "frontier:total": N_("frontier, total alone"),
    "invalid": N_("value refused"),
    "failed": N_("failed"),
    "core": N_("always funded"),
    "borderline": N_("sometimes funded"),
    "exterior": N_("never funded"),
    "arc": N_("arc elasticity"),
    "regression": N_("elasticity by regression"),
    "rank": N_("rank correlation"),
}

_FIGURES = {
    "envelope": N_("Envelope (€)"),
    "value": N_("Value"),
    "common_value": N_("Value to the baseline"),
    "unvalued_steps": N_("Funded steps that the baseline does not know"),
    "granted": N_("Granted (€)"),
    "charged": N_("Transversal costs and advantages (€)"),
    "withdrawn": N_("Withdrawn by cuts (€)"),
    "unspent": N_("Unspent (€)"),
    "supported": N_("Supported candidates"),
    "mean_grant": N_("Mean grant (€)"),
    "smallest_grant": N_("Smallest grant (€)"),
    "largest_grant": N_("Largest grant (€)"),
    "cofinancing": N_("Secured co-financing (€)"),
    "local_cofinancing": N_("Co-financing of collectivités (€)"),
    "cofinancing_per_euro": N_("Co-financing per euro granted"),
    "jobs": N_("Jobs of the supported candidates"),
    "labelled": N_("Labelled candidates"),
    "advantages_inside": N_("Advantages paid by the envelope (€)"),
    "advantages_outside": N_("Advantages outside the envelope (€)"),
    "public_money": N_("Public money with the advantages (€)"),
    "cost_per_ptce": N_("Cost per PTCE (€)"),
    "cost_per_job": N_("Cost per job (€)"),
    "regions": N_("Regions served"),
    "regions_without": N_("Regions with nothing"),
    "gini": N_("Gini coefficient of euros per inhabitant, by region"),
    "granted_elsewhere": N_("Granted outside known regions (€)"),
    "supported_elsewhere": N_("Supported outside known regions"),
    "transversal": N_("Transversal costs and advantages (€)"),
    "committed": N_("Committed (AE)"),
    "paid": N_("Paid (CP)"),
    "jury.value": N_("Value of the jury's list"),
    "jury.supported": N_("Candidates on the jury's list"),
    "jury.granted": N_("Granted by the jury's list (€)"),
    "jury.common": N_("Candidates on both lists"),
}

#: Values told one by one, and turns told of each kind.
_VALUES, _TURNS = 12, 5

#: Stages of the funnel, which are figures too.
_STAGES = ("received", "admissible", "fundable", "funded")
#: Figures in the order in which they are told; those of one group of a dimension follow by name.
_ORDER = (*_STAGES, *_FIGURES)


def is_synthetic(meta: Mapping[str, str]) -> bool:
    """Return whether a store says that its candidates are made up."""
    return json.loads(meta.get("synthetic", "false")) is True


def sweep_word(key: str, lang: str) -> str:
    """Return the word of `lang` for a kind of cell, the end of a run, a method or a standing."""
    return translate(_WORDS[key], lang) if key in _WORDS else word(key, lang)


def figure_word(name: str, lang: str, titles: Titles | None = None) -> str:
    """Return the heading of a figure; one of a group of a dimension names both; an unknown one is its name."""
    if name in _STAGES:
        return message("{stage:capital}", stage=stage_word(name, lang)).render(lang)
    if name in _FIGURES:
        return translate(_FIGURES[name], lang)
    figure, _, rest = name.partition(".")
    dimension, dot, key = rest.partition(".") if figure != "transversal" else ("volet", ".", rest)
    if figure not in _FIGURES or not dot:
        return name
    told, kind, group = (
        translate(_FIGURES[figure], lang),
        word(dimension, lang),
        key_word(titles or {}, dimension, key, lang),
    )
    if fold(group).startswith(f"{fold(kind)} "):
        # A title may say itself what it is that it names.
        return message("{figure}, {group}", figure=told, group=group).render(lang)
    return message("{figure}, {dimension} {key}", figure=told, dimension=kind, key=group).render(lang)


def figure_order(name: str) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return what sorts figures: the whole before its parts."""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER), tuple(map(alphabetical, name.split(".", 2)))


def figure_form(name: str) -> Form:
    """Return what a figure counts."""
    if name in ("value", "common_value", "mean_grant", "jury.value", "jobs", "cofinancing_per_euro", "gini"):
        return "number"
    if name in (
        "labelled",
        "regions",
        "regions_without",
        "unvalued_steps",
        "jury.supported",
        "jury.common",
        *_STAGES,
    ) or name.startswith("supported"):
        return "whole"
    return "euros" if name.partition(".")[0] in _FIGURES or name in _FIGURES else "number"


def written(value: object, lang: str) -> str | float | None:
    """Return the value of a parameter for a table: numbers as they are, flags in words, lists and tables as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return yes_no(value, lang)
    if is_number(value):
        return value  # type: ignore[return-value]
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def shown(path: str, value: object, results: Results, lang: str) -> str:
    """Return the value of a parameter of the scenario in its unit."""
    return parameter_value(path, value, results.scenario).render(lang)


def beside(others: Iterable[tuple[str, object]], results: Results, lang: str) -> str:
    """Return what the other parameters are."""
    told = (
        message(
            "{what}: {value}", what=parameter_label(path, results.scenario), value=shown(path, value, results, lang)
        )
        for path, value in others
    )
    return joined((each.render(lang) for each in told), lang)


def varied(results: Results, position: int, lang: str) -> Message:
    """Say what an axis ran through."""
    axis = results.axes[position]
    what = message("{what} ({path})", what=parameter_label(axis.path, results.scenario), path=axis.path)
    told = [cell.values[position] for cell in results.cells if cell.values[position] is not None]
    is_drawn = axis.kind != "values" and any(cell.kind == SAMPLE for cell in results.cells)
    values = tuple(sorted(told, key=float)) if is_drawn else axis.values  # type: ignore[arg-type]
    if axis.kind == "values" and len(values) <= _VALUES:
        told_values = joined((shown(axis.path, value, results, lang) for value in values), lang)
        return message("{what}: {values}", what=what, values=told_values)
    if not values:
        return message("{what}: no value was run", what=what)
    low, high = (shown(axis.path, value, results, lang) for value in (values[0], values[-1]))
    if is_drawn:
        return message("{what}: {n} values drawn, from {low} to {high}", what=what, n=len(values), low=low, high=high)
    return message("{what}: {n} values, from {low} to {high}", what=what, n=len(values), low=low, high=high)


def turns(lines: Sequence[Break], results: Results, lang: str) -> Iterator[Message]:
    """Say where allocations begin or cease to exist, and where more money supports fewer candidates; the first few of each."""
    for each in islice((each for each in lines if each.is_status), _TURNS):
        what = parameter_label(each.path, results.scenario)
        low, high = (shown(each.path, value, results, lang) for value in (each.low, each.high))
        if each.statuses[0] == "infeasible":
            yield message("{what}: no allocation exists at {low}, one does at {high}.", what=what, low=low, high=high)
        else:
            yield message("{what}: an allocation exists at {low}, none does at {high}.", what=what, low=low, high=high)
    for each in islice((each for each in lines if each.is_paradox), _TURNS):
        low, high = (euros(value, lang) if is_number(value) else "–" for value in (each.low, each.high))  # type: ignore[arg-type]
        yield message(
            "With {high} instead of {low} fewer candidates are funded: {after} instead of {before}.",
            low=low,
            high=high,
            before=each.supported[0],
            after=each.supported[1],
        )
