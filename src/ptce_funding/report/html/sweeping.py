"""The page of a sweep: what changes with what was varied, and what does not."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ptce_funding.eligibility import criteria_of
from ptce_funding.errors import InputError
from ptce_funding.ledger import ledger
from ptce_funding.messages import N_, Message, message, percent, translate
from ptce_funding.parameters import parameter_label
from ptce_funding.report import sweep_tables
from ptce_funding.report.columns import Table as Export
from ptce_funding.report.document import ledger_line
from ptce_funding.report.documents import Source
from ptce_funding.report.html import charts
from ptce_funding.report.html.blocks import Block, Bullets, Column, Command, Figure, Page, Paragraph, Section, Table
from ptce_funding.report.html.result import notice, title_of
from ptce_funding.report.html.sources import sources
from ptce_funding.report.html.writer import Writer
from ptce_funding.report.sweep_words import figure_form, figure_word, is_synthetic, shown, turns, varied
from ptce_funding.report.words import titles
from ptce_funding.sweeping.analysis import Analysis, Bar, analyse, largest
from ptce_funding.sweeping.frontier import FrontierRow
from ptce_funding.sweeping.lines import settings
from ptce_funding.sweeping.store import Results

#: Bars of a chart; its table has all.
_BARS = 30
#: Intervals that are shown before all of them.
_BREAKS = 12
#: Columns of the runs that a page shows; the exports have all.
_FIGURES = ("value", "bound", "gap", "supported", "granted", "unspent", "status", "cell")


def sweep_page(results: Results, lang: str) -> Page:
    """Return the page of a sweep."""
    w = Writer(lang, titles(results.scenario, lang))
    told = _Sweep(results, analyse(results), {table.name: table for table in sweep_tables.tables(results, lang)}, w)
    title = results.scenario.title
    version = json.loads(results.meta["versions"]).get("ptce-fund", "")
    return Page(
        lang=lang,
        title=title_of(title, results.scenario.name, lang),
        name=results.scenario.name,
        kind=translate(N_("What changes when parameters change"), lang),
        notice=notice(is_synthetic(results.meta), lang),
        sections=[
            told.summary(),
            told.selection(),
            told.tornado(),
            told.frontier(),
            told.breaks(),
            told.elasticities(),
            told.runs(),
            told.sources(),
            told.replay(),
        ],
        credits=[message("Made by ptce-fund {version}.", version=version).render(lang)],
    )


@dataclass(frozen=True, slots=True)
class _Sweep:
    """Makes the sections of one sweep."""

    results: Results
    found: Analysis
    tables: dict[str, Export]
    w: Writer

    def summary(self) -> Section:
        return Section(
            "summary", translate(N_("In short"), self.w.lang), [Bullets([self.w.say(each) for each in self._lines()])]
        )

    def _lines(self) -> Iterator[Message]:
        cells, found = self.results.cells, self.found
        for position in range(len(self.results.axes)):
            yield message("Varied: {what}.", what=varied(self.results, position, self.w.lang))
        yield message(
            "{n} cases were solved, the scenario as it stands included; {solved} have an allocation.",
            n=len(cells),
            solved=sum(cell.run.has_allocation for cell in cells),
        )
        if self.results.pending:
            yield message("{n} cases are still to be solved: this report is of those that are.", n=self.results.pending)
        if found.selection:
            standings = Counter(each.standing for each in found.selection)
            yield message(
                "{core} candidates are funded in every case (the robust core), {borderline} in some, {exterior} in none.",
                **{standing: standings[standing] for standing in ("core", "borderline", "exterior")},
            )
        bars = [bar for bar in found.tornado if bar.measure == "supported"]
        strongest = [bar for bar in bars if bar.span and bar.least is not None and bar.most is not None]
        # Of parameters that never varied alone nothing is known, so that none can be called the strongest.
        if strongest and len(bars) == len(self.results.axes):
            yield message(
                "Of the parameters varied, “{what}” changes the number of funded candidates most: from {low:number} to {high:number}.",
                what=parameter_label(strongest[0].path, self.results.scenario),
                low=strongest[0].least,
                high=strongest[0].most,
            )
        if found.breaks:
            yield message("The list changes in {n} intervals between neighbouring values.", n=len(found.breaks))
        paths = [axis.path for axis in self.results.axes if axis.path.split(".")[0] == "value"]
        if paths:
            yield message(
                "What a value counts changes with {paths:list}: along it, compare candidates and money, not values.",
                paths=paths,
            )

    def selection(self) -> Section:
        lines = [each for each in self.found.selection if each.funded]
        lines.sort(key=lambda each: -each.funded)
        blocks: list[Block] = []
        if lines:
            title = translate(N_("How often each candidate is funded"), self.w.lang)
            sometimes = [each for each in lines if each.standing == "borderline"]
            bars = [
                (each.candidate, each.frequency, percent(each.frequency, self.w.lang)) for each in sometimes[:_BARS]
            ]
            table = self._table("selection", title)
            if bars:
                text = message(
                    "Each bar is a candidate funded in some of the cases, the most frequent first; those always or never "
                    "funded are not shown."
                )
                if len(sometimes) > len(bars):
                    text = message(
                        "Each bar is a candidate funded in some of the cases, the most frequent first: {shown} of {n}; those always or "
                        "never funded are not shown.",
                        shown=len(bars),
                        n=len(sometimes),
                    )
                blocks.append(Figure(title, self.w.say(text), charts.bars(bars, self.w.lang), table))
            else:
                text = message(
                    "The same candidates are funded in every case that has an allocation: {n}.", n=lines[0].runs
                )
                blocks += [Paragraph(self.w.say(text)), table]
            core = [each.candidate for each in lines if each.standing == "core"]
            if core:
                blocks.append(Paragraph(self.w.say(message("Always funded: {who:list}.", who=core)), "quiet"))
        return Section("selection", translate(N_("Who is funded in the cases that were solved"), self.w.lang), blocks)

    def tornado(self) -> Section:
        blocks: list[Block] = []
        for measure in dict.fromkeys(bar.measure for bar in self.found.tornado):
            bars = [bar for bar in self.found.tornado if bar.measure == measure]
            blocks += self._tornado(measure, bars)
        lacking = [axis.path for axis in self.results.axes if axis.path not in {bar.path for bar in self.found.tornado}]
        if blocks and lacking:
            text = message(
                "Not told, since no case varies them with the others as the scenario has them: {what:list}.",
                what=[parameter_label(path, self.results.scenario) for path in lacking],
            )
            blocks.append(Paragraph(self.w.say(text), "quiet"))
        return Section("tornado", translate(N_("Which of the parameters varied matters most"), self.w.lang), blocks)

    def _tornado(self, measure: str, bars: Sequence[Bar]) -> Iterator[Block]:
        name = figure_word(measure, self.w.lang)
        known = [(bar, [x for x in (bar.least, bar.most) if x is not None]) for bar in bars]
        spans = [
            (
                self.w.say(
                    message(
                        "{path}, {low} to {high}",
                        path=parameter_label(bar.path, self.results.scenario),
                        low=shown(bar.path, bar.ends[0], self.results, self.w.lang),
                        high=shown(bar.path, bar.ends[1], self.results, self.w.lang),
                    )
                ),
                min(reached),
                max(reached),
                "",
            )
            for bar, reached in known
            if reached
        ]
        base = next((bar.base for bar in bars if bar.base is not None), None)
        if not spans or base is None:
            return
        title = self.w.say(message("{measure}, one parameter at a time", measure=name))
        text = message(
            "Each bar goes from the least to the most that one parameter brings, the others as they are; the dashed line is the scenario."
        )
        tornado = self.tables["tornado"]
        columns = [column for column in tornado.columns if column.key not in ("synthetic", "path")]
        measures = next(column.values for column in columns if column.key == "measure")
        told_ends = {
            key: tuple(shown(bar.path, bar.ends[k], self.results, self.w.lang) for bar in self.found.tornado)
            for k, key in enumerate(("first", "last"))
        }
        columns = [
            replace(column, form="text", values=told_ends[column.key]) if column.key in told_ends else column
            for column in columns
        ]
        rows = [
            row
            for row, told in zip(zip(*(column.values for column in columns), strict=True), measures, strict=True)
            if told == name
        ]
        table = Table(title, [Column(column.heading, column.form) for column in columns], rows)
        form = "whole" if figure_form(measure) == "whole" else "number"
        yield Figure(title, self.w.say(text), charts.spans(spans, base, name, form, self.w.lang), table)

    def frontier(self) -> Section:
        blocks: list[Block] = []
        if self.found.frontier:
            blocks.append(self._frontier("value", translate(N_("Value against the envelope"), self.w.lang)))
            blocks.append(
                self._frontier("supported", translate(N_("Candidates funded against the envelope"), self.w.lang))
            )
            blocks.append(
                self._table("frontier", translate(N_("What each envelope gives"), self.w.lang), is_folded=True)
            )
        return Section("frontier", translate(N_("What more money brings"), self.w.lang), blocks)

    def _frontier(self, measure: str, title: str) -> Figure:
        lang = self.w.lang
        series = [translate(N_("total"), lang)]
        if self.results.scenario.envelope.tranches is not None:
            series = [translate(N_("tranches as stated"), lang)]
            if any(row.total is not None for row in self.found.frontier):
                series.append(translate(N_("total alone"), lang))

        def reached(row: FrontierRow, k: int) -> float | None:
            point = (row.tranches, row.total)[k]
            return None if point is None else point.value if measure == "value" else point.supported

        rows = [(row.envelope, *(reached(row, k) for k in range(len(series)))) for row in self.found.frontier]
        points = [
            (float(row.envelope), float(value), name)
            for row in self.found.frontier
            for k, name in enumerate(series)
            if (value := reached(row, k)) is not None
        ]
        name, form = figure_word(measure, lang), figure_form(measure)
        axes = (translate(N_("Envelope"), lang), name)
        svg = charts.curves(points, series, axes, ("euros", "whole" if form == "whole" else "number"), lang)
        columns = [self.w.column(N_("Envelope"), "euros"), *(Column(each, form) for each in series)]
        text = message(
            "Each mark is the best allocation of one envelope; where the line is flat, more money brings no more."
        )
        return Figure(title, self.w.say(text), svg, Table(title, columns, rows))

    def breaks(self) -> Section:
        blocks: list[Block] = []
        if self.found.breaks:
            ends = ("parameter", "low", "high", *(["others"] if len(self.results.axes) > 1 else []))
            keys = (*ends, "supported_before", "supported_after", "n_enter", "n_leave")
            title = translate(N_("Between which values the list changes"), self.w.lang)
            table = self._table("breaks", title, keys, self._ends())
            if len(table.rows) > _BREAKS:
                text = message(
                    "The {n} intervals in which the list changes most, of {all}:", n=_BREAKS, all=len(table.rows)
                )
                blocks.append(Paragraph(self.w.say(text)))
                at = {id(each): k for k, each in enumerate(self.found.breaks)}
                most = sorted(at[id(each)] for each in largest(self.found.breaks, _BREAKS))
                table = replace(table, rows=[table.rows[k] for k in most])
            blocks.append(table)
            title = translate(N_("All intervals in which the list changes, who enters and who leaves"), self.w.lang)
            blocks.append(self._table("breaks", title, (*keys, "enters", "leaves"), self._ends(), is_folded=True))
            blocks += [
                Paragraph(self.w.say(text), "warning") for text in turns(self.found.breaks, self.results, self.w.lang)
            ]
            text = message("Lists within solve.gap of each other may also change places without any other reason.")
            blocks.append(Paragraph(self.w.say(text), "quiet"))
        return Section("breaks", translate(N_("Where the list turns"), self.w.lang), blocks)

    def _ends(self) -> dict[str, list[Any]]:
        """Return between which values the list changes, in their units."""
        lines = self.found.breaks
        return {
            "low": [shown(each.path, each.low, self.results, self.w.lang) for each in lines],
            "high": [shown(each.path, each.high, self.results, self.w.lang) for each in lines],
        }

    def elasticities(self) -> Section:
        blocks: list[Block] = []
        if any(each.estimate is not None for each in self.found.elasticities):
            keys = ("parameter", "measure", "method", "estimate", "low", "high", "here", "n", "r2")
            title = translate(N_("Elasticities, by parameter and measure"), self.w.lang)
            blocks.append(self._table("elasticities", title, keys))
            text = message(
                "An elasticity says by how many per cent the measure moves when the parameter moves by one per cent."
            )
            blocks.append(Paragraph(self.w.say(text), "quiet"))
        return Section("elasticities", translate(N_("How strongly it answers"), self.w.lang), blocks)

    def runs(self) -> Section:
        keys = [
            column.key for column in self.tables[""].columns if column.key in _FIGURES or column.key.startswith("vary.")
        ]
        values = settings(self.results)
        varied_values = {
            f"vary.{axis.path}": [
                shown(axis.path, values[cell.number][k], self.results, self.w.lang) for cell in self.results.cells
            ]
            for k, axis in enumerate(self.results.axes)
        }
        title = translate(N_("Every case that was solved"), self.w.lang)
        table = self._table("", title, keys, varied_values, is_folded=True)
        return Section("runs", translate(N_("Cases"), self.w.lang), [table])

    def sources(self) -> Section:
        scenario = self.results.scenario
        try:
            lines = ledger(scenario, criteria_of(scenario), is_synthetic(self.results.meta))
        except InputError:
            text = message("The file of criteria of this sweep is not here any more, so its sources cannot be told.")
            return Section(
                "sources", translate(N_("Sources and audit"), self.w.lang), [Paragraph(self.w.say(text), "warning")]
            )
        told = tuple(Source.model_validate(ledger_line(line)) for line in lines)
        return sources(told, any(cell.run.has_allocation for cell in self.results.cells), self.w)

    def replay(self) -> Section:
        meta = self.results.meta
        versions = json.loads(meta["versions"])
        facts = self.w.facts(
            [
                (N_("Solver"), meta["solver"]),
                (N_("Scenario (SHA-256)"), meta["scenario_sha256"]),
                (N_("Candidates (SHA-256)"), meta["candidates_sha256"]),
                (N_("Versions"), ", ".join(f"{name} {version}" for name, version in versions.items())),
            ]
        )
        text = message("This command makes the same sweep again:")
        return Section(
            "replay",
            translate(N_("How to replay"), self.w.lang),
            [Paragraph(self.w.say(text)), Command(meta["command"]), facts],
        )

    def _table(
        self,
        name: str,
        caption: str,
        keys: Collection[str] = (),
        words: Mapping[str, Sequence[Any]] | None = None,
        is_folded: bool = False,
    ) -> Table:
        """Return a table of the exports as one of the page; with `keys` those columns only, and none without any value.

        Parameters
        ----------
        words
            Texts in place of the values of some columns.
        """
        words = words or {}
        told = [
            replace(column, form="text", values=tuple(words[column.key])) if column.key in words else column
            for column in self.tables[name].columns
            if column.key != "synthetic"
            and (not keys or column.key in keys)
            and any(value is not None for value in column.values)
        ]
        rows = list(zip(*(column.values for column in told), strict=True))
        return Table(caption, [Column(column.heading, column.form) for column in told], rows, is_folded)
