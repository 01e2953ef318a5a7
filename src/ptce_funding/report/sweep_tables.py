"""A sweep as tables: runs, selection, elasticities, break points, frontier, tornado, awards."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ptce_funding.messages import N_, translate, yes_no
from ptce_funding.parameters import parameter_label
from ptce_funding.report.columns import Column, Form, Table
from ptce_funding.report.rounding import bound_shown, gap_shown, rounded
from ptce_funding.report.sweep_words import (
    beside,
    figure_form,
    figure_order,
    figure_word,
    is_synthetic,
    sweep_word,
    written,
)
from ptce_funding.report.words import StepTitles, titles
from ptce_funding.scenario import Scenario
from ptce_funding.sweeping.analysis import Analysis, analyse
from ptce_funding.sweeping.frontier import FrontierRow, Point
from ptce_funding.sweeping.lines import settings
from ptce_funding.sweeping.store import Results


def tables(results: Results, lang: str, timings: bool = False) -> tuple[Table, ...]:
    """Return the tables of a sweep: runs, selection, elasticities, breaks, frontier, tornado, awards."""
    found = analyse(results)
    synthetic = yes_no(is_synthetic(results.meta), lang)
    tell = _Teller(lang, synthetic, results.scenario)
    return (
        tell.runs(results, timings),
        tell.selection(found),
        tell.elasticities(found, results),
        tell.breaks(found, results),
        tell.frontier(found),
        tell.tornado(found, results),
        tell.awards(results),
    )


class _Teller:
    """Makes tables in one language."""

    def __init__(self, lang: str, synthetic: str, scenario: Scenario) -> None:
        self.lang, self.synthetic, self.scenario = lang, synthetic, scenario

    def column(self, key: str, heading: str, form: Form, values: Iterable[Any]) -> Column:
        return Column(key, translate(heading, self.lang), form, tuple(map(_shorter, values)))

    def table(self, name: str, title: str, columns: Iterable[Column]) -> Table:
        return Table(name, translate(title, self.lang), tuple(columns))

    def synthetic_column(self, n: int) -> Column:
        return self.column("synthetic", N_("Synthetic"), "text", [self.synthetic] * n)

    def parameters(self, paths: Sequence[str], results: Results) -> tuple[Column, Column]:
        """Return the columns that tell parameters: their paths and their names."""
        names = [parameter_label(path, results.scenario).render(self.lang) for path in paths]
        return self.column("path", N_("Path"), "text", paths), self.column("parameter", N_("Parameter"), "text", names)

    def runs(self, results: Results, timings: bool) -> Table:
        cells, runs = results.cells, [cell.run for cell in results.cells]
        values = settings(results)
        columns = [
            self.column("cell", N_("Cell"), "whole", [cell.number for cell in cells]),
            self.column("kind", N_("Kind"), "text", [sweep_word(cell.kind, self.lang) for cell in cells]),
        ]
        for position, axis in enumerate(results.axes):
            mine = tuple(written(values[cell.number][position], self.lang) for cell in cells)
            columns.append(Column(f"vary.{axis.path}", axis.path, "any", mine))
        columns += [
            self.column("status", N_("Status"), "text", [sweep_word(run.status, self.lang) for run in runs]),
            self.column("reason", N_("Reason"), "text", [run.reason and run.reason.render(self.lang) for run in runs]),
            self.column("value", N_("Value"), "number", [run.value for run in runs]),
            self.column("bound", N_("Proved bound"), "number", [bound_shown(run.value, run.bound) for run in runs]),
            # Not rounded again: what is proved stays true.
            Column(
                "gap", translate(N_("Gap"), self.lang), "gap", tuple(gap_shown(run.value, run.bound) for run in runs)
            ),
        ]
        names, known = (
            # The funded of the funnel are the supported.
            sorted({name for run in runs for name in run.indicators} - {"funded"}, key=figure_order),
            titles(self.scenario, self.lang),
        )
        headings = {name: figure_word(name, self.lang, known) for name in names}
        times = Counter(headings.values())
        for name, heading in headings.items():
            told = [run.indicators.get(name) for run in runs]
            # Two groups of one title would have one heading.
            whole = heading if times[heading] == 1 else f"{heading} ({name})"
            columns.append(Column(name, whole, figure_form(name), tuple(map(_shorter, told))))
        columns.append(self.synthetic_column(len(cells)))
        if timings:
            columns.append(self.column("seconds", N_("Seconds"), "number", [cell.seconds for cell in cells]))
        return self.table("", N_("Runs"), columns)

    def selection(self, found: Analysis) -> Table:
        lines = found.selection
        columns = [
            self.column("candidate", N_("Candidate"), "text", [each.candidate for each in lines]),
            self.column("funded", N_("Runs that fund it"), "whole", [each.funded for each in lines]),
            self.column("runs", N_("Runs with an allocation"), "whole", [each.runs for each in lines]),
            self.column("frequency", N_("Frequency"), "share", [each.frequency for each in lines]),
            self.column("mean_grant", N_("Mean grant when funded (€)"), "euros", [each.mean_grant for each in lines]),
            self.column("standing", N_("Standing"), "text", [sweep_word(each.standing, self.lang) for each in lines]),
            self.synthetic_column(len(lines)),
        ]
        return self.table("selection", N_("Selection"), columns)

    def elasticities(self, found: Analysis, results: Results) -> Table:
        lines = found.elasticities
        columns = [
            *self.parameters([each.path for each in lines], results),
            self.column("measure", N_("Measure"), "text", [figure_word(each.measure, self.lang) for each in lines]),
            self.column("method", N_("Method"), "text", [sweep_word(each.method, self.lang) for each in lines]),
            self.column("estimate", N_("Estimate"), "number", [each.estimate for each in lines]),
            self.column("low", N_("Smallest"), "number", [each.low for each in lines]),
            self.column("high", N_("Largest"), "number", [each.high for each in lines]),
            self.column("here", N_("At the scenario's value"), "number", [each.here for each in lines]),
            self.column("n", N_("Pairs or cells"), "whole", [each.n for each in lines]),
            self.column("r2", "R²", "number", [each.r2 for each in lines]),
        ]
        return self.table("elasticities", N_("Elasticities"), columns)

    def breaks(self, found: Analysis, results: Results) -> Table:
        lines, lang = found.breaks, self.lang
        others = [beside(each.others, results, lang) for each in lines]
        columns = [
            *self.parameters([each.path for each in lines], results),
            Column("low", translate(N_("From"), lang), "any", tuple(written(each.low, lang) for each in lines)),
            Column("high", translate(N_("To"), lang), "any", tuple(written(each.high, lang) for each in lines)),
            self.column("others", N_("Other parameters"), "text", others),
            self.column(
                "without_tranches",
                N_("Tranches removed"),
                "text",
                [yes_no(each.without_tranches, lang) for each in lines],
            ),
        ]
        for end, headings in enumerate(
            (
                (N_("Cell before"), N_("Status before"), N_("Supported before")),
                (N_("Cell after"), N_("Status after"), N_("Supported after")),
            )
        ):
            side = ("before", "after")[end]
            told: Sequence[tuple[str, Form, list[Any]]] = (
                ("cell", "whole", [each.cells[end] for each in lines]),
                ("status", "text", [sweep_word(each.statuses[end], lang) for each in lines]),
                ("supported", "whole", [each.supported[end] for each in lines]),
            )
            for (key, form, values), heading in zip(told, headings, strict=True):
                columns.append(self.column(f"{key}_{side}", heading, form, values))
        columns += [
            self.column("n_enter", N_("Number entering"), "whole", [len(each.enters) for each in lines]),
            self.column("n_leave", N_("Number leaving"), "whole", [len(each.leaves) for each in lines]),
            self.column("enters", N_("Entering"), "text", [", ".join(each.enters) for each in lines]),
            self.column("leaves", N_("Leaving"), "text", [", ".join(each.leaves) for each in lines]),
            self.column(
                "paradox",
                N_("Fewer supported with more money"),
                "text",
                [yes_no(each.is_paradox, lang) for each in lines],
            ),
        ]
        return self.table("breaks", N_("Break points"), columns)

    def frontier(self, found: Analysis) -> Table:
        lines = found.frontier
        columns = [self.column("envelope", N_("Envelope (€)"), "euros", [each.envelope for each in lines])]
        curves: tuple[tuple[str, str, Callable[[FrontierRow], Point | None]], ...] = (
            ("tranches", N_("tranches as stated"), lambda row: row.tranches),
            ("total", N_("total alone"), lambda row: row.total),
        )
        told: tuple[tuple[str, str, Form, Callable[[Point], Any]], ...] = (
            ("status", N_("Status"), "text", lambda point: sweep_word(point.status, self.lang)),
            ("value", N_("Value"), "number", lambda point: point.value),
            ("supported", N_("Supported candidates"), "whole", lambda point: point.supported),
            ("granted", N_("Granted (€)"), "euros", lambda point: point.granted),
            ("more_value", N_("Value per further €100,000"), "number", lambda point: point.more_value),
            ("more_supported", N_("Supported per further €100,000"), "number", lambda point: point.more_supported),
        )
        for curve, title, point_of in curves:
            points = [point_of(each) for each in lines]
            for key, heading, form, value_of in told:
                full = f"{translate(heading, self.lang)}, {translate(title, self.lang)}"
                values = [None if point is None else value_of(point) for point in points]
                columns.append(self.column(f"{curve}.{key}", full, form, values))
        apart = [
            None if each.tranches is None or each.total is None else yes_no(each.is_apart, self.lang) for each in lines
        ]
        columns.append(self.column("apart", N_("The two differ"), "text", apart))
        return self.table("frontier", N_("Frontier"), columns)

    def tornado(self, found: Analysis, results: Results) -> Table:
        lines, lang = found.tornado, self.lang
        columns = [
            *self.parameters([each.path for each in lines], results),
            self.column("measure", N_("Measure"), "text", [figure_word(each.measure, lang) for each in lines]),
            Column("first", translate(N_("From"), lang), "any", tuple(written(each.ends[0], lang) for each in lines)),
            Column("last", translate(N_("To"), lang), "any", tuple(written(each.ends[1], lang) for each in lines)),
            self.column("low", N_("Measure at the first value"), "number", [each.low for each in lines]),
            self.column("base", N_("Measure as the scenario is"), "number", [each.base for each in lines]),
            self.column("high", N_("Measure at the last value"), "number", [each.high for each in lines]),
            self.column("span", N_("Span"), "number", [each.span for each in lines]),
        ]
        return self.table("tornado", N_("Tornado"), columns)

    def awards(self, results: Results) -> Table:
        by_run: dict[str, tuple[Any, ...]] = {}
        for cell in results.cells:
            by_run.setdefault(cell.run.hash, cell.run.awards())
        lines = [(cell.number, award) for cell in results.cells for award in by_run[cell.run.hash]]
        shown = StepTitles(self.scenario, self.lang)
        columns = [
            self.column("cell", N_("Cell"), "whole", [number for number, _ in lines]),
            self.column("candidate", N_("Candidate"), "text", [award.candidate for _, award in lines]),
            self.column("volet_title", N_("Volet"), "text", [shown.volet(award.volet) for _, award in lines]),
            self.column("aid_title", N_("Aid"), "text", [shown.aid(award.volet, award.aid) for _, award in lines]),
            self.column("year", N_("Year"), "whole", [award.year for _, award in lines]),
            self.column("funder_title", N_("Funder"), "text", [shown.funder(award.funder) for _, award in lines]),
            self.column("grant", N_("Grant (€)"), "euros", [award.grant for _, award in lines]),
            self.synthetic_column(len(lines)),
            self.column("volet", N_("Volet code"), "text", [award.volet for _, award in lines]),
            self.column("aid", N_("Aid code"), "text", [award.aid for _, award in lines]),
            self.column("funder", N_("Funder code"), "text", [award.funder for _, award in lines]),
        ]
        return self.table("awards", N_("Awards"), columns)


def _shorter(value: Any) -> Any:
    """Return a number without the digits that are noise, and anything else as it is."""
    return rounded(value) if isinstance(value, float) else value
