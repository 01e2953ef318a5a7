"""A sweep in a terminal."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from ptce_funding.messages import N_, euros, joined, message, number, percent, translate
from ptce_funding.report.printer import LONGEST, Printer
from ptce_funding.report.rounding import gap_shown
from ptce_funding.report.sweep_exports import ENDINGS
from ptce_funding.report.sweep_words import figure_word, is_synthetic, shown, sweep_word, turns, varied
from ptce_funding.sweeping.analysis import Analysis, Break, Selection, analyse, largest
from ptce_funding.sweeping.design import TOTAL_ALONE, WITH_TRANCHES
from ptce_funding.sweeping.elasticity import Elasticity
from ptce_funding.sweeping.frontier import FURTHER, FrontierRow, Point
from ptce_funding.sweeping.lines import is_number, settings
from ptce_funding.sweeping.runs import Run
from ptce_funding.sweeping.store import Results

#: Rows of the table of runs, and reasons told.
_RUNS, _REASONS = 20, 5


def show_sweep(
    results: Results, lang: str, store: Path, all_runs: bool = False, to_errors: bool = False, is_exported: bool = False
) -> None:
    """Print what a sweep says.

    Parameters
    ----------
    results
        The sweep.
    lang
        Language.
    store
        Where it is kept.
    all_runs
        Whether to print every run of the design, and not the first ones.
    to_errors
        Whether to print on standard error.
    is_exported
        Whether the runs are written as tables as well.
    """
    page = _Page(results, lang, to_errors)
    found = analyse(results)
    page.head()
    page.runs(all_runs)
    page.selection(found.selection)
    page.yardstick()
    page.elasticities(found.elasticities)
    page.breaks(found.breaks)
    page.frontier(found.frontier)
    page.tornado(found)
    page.end(store, is_exported)


class _Page(Printer):
    """Prints the sections of one sweep."""

    def __init__(self, results: Results, lang: str, to_errors: bool) -> None:
        super().__init__(lang, to_errors)
        self.results = results
        self.values = settings(results)

    def head(self) -> None:
        results, scenario = self.results, self.results.scenario
        title = scenario.title.render(self.lang) if scenario.title else scenario.name
        self.console.print()
        self.console.print(Text(title, style="bold"), Text(f"({scenario.name})", style="dim"))
        if is_synthetic(results.meta):
            self.say(message("Synthetic candidates: drawn from a profile; no real dossier."), "bold yellow")
        for position in range(len(results.axes)):
            self.say(varied(results, position, self.lang))
        ends = Counter(cell.run.status for cell in results.cells)
        with_allocation = sum(cell.run.has_allocation for cell in results.cells)
        text = message(
            "Cells: {n}, that of the scenario as it stands and the frontier included, of which {solved} with an allocation; distinct "
            "runs: {runs}.",
            n=len(results.cells),
            solved=with_allocation,
            runs=len({cell.run.hash for cell in results.cells}),
        )
        self.say(text)
        if results.pending:
            text = message("Still to run: {n} cells; --resume goes on with them.", n=results.pending)
            self.say(text, "bold yellow")
        for status in ("infeasible", "unknown", "invalid", "failed"):
            if ends[status]:
                self._reasons(status, ends[status])

    def _reasons(self, status: str, n: int) -> None:
        """Say how many runs ended without an allocation, and why, the most frequent reasons first."""
        reasons = Counter(
            cell.run.reason.render(self.lang)
            for cell in self.results.cells
            if cell.run.status == status and cell.run.reason is not None
        )
        self.say(message("{status}: {n}", status=sweep_word(status, self.lang).capitalize(), n=n), "bold yellow")
        for reason, times in reasons.most_common(_REASONS):
            self.say(message("Runs: {n}. {reason}", n=times, reason=reason), "dim")
        if len(reasons) > _REASONS:
            self.say(message("{n} further reasons.", n=len(reasons) - _REASONS), "dim")

    def runs(self, all_runs: bool) -> None:
        told = [cell for cell in self.results.cells if cell.kind not in (WITH_TRANCHES, TOTAL_ALONE)]
        shown = told if all_runs else told[:_RUNS]
        columns = [(N_("Cell"), [str(cell.number) for cell in shown], True)]
        for position, axis in enumerate(self.results.axes):
            values = [self.values[cell.number][position] for cell in shown]
            # A path breaks at its points: cut short it would be no path. Numbers stay whole, lists and words may break.
            heading, is_numeric = axis.path.replace(".", ".\n"), all(map(is_number, values))
            columns.append((heading, [self._text(axis.path, value) for value in values], is_numeric))
        runs = [cell.run for cell in shown]
        supported = [self._number(run.indicators.get("supported"), 0) for run in runs]
        columns += [(N_("Value"), list(map(self._value, runs)), True), (N_("Candidates"), supported, True)]
        gaps = [gap_shown(run.value, run.bound, 6) for run in runs]
        columns += [
            (N_("Granted"), [self._euros(run.indicators.get("granted")) for run in runs], True),
            (N_("Gap"), ["–" if gap is None else percent(gap, self.lang, 4) for gap in gaps], True),
            ("s", [self._number(cell.seconds, 2) for cell in shown], True),
        ]
        # What a narrow page has no room for is left to the files: a number cut short is a wrong one.
        least = len(columns) - 3
        while len(columns) > least and sum(map(self._width, columns)) - 3 > self.console.width:
            columns.pop()
        table = self.table(
            *(heading for heading, _, _ in columns),
            right=[k for k, (_, _, is_numeric) in enumerate(columns) if is_numeric],
        )
        for row in zip(*(texts for _, texts, _ in columns), strict=True):
            table.add_row(*row)
        self.console.print(table)
        if len(shown) < len(told):
            self.say(message("{n} further cells.", n=len(told) - len(shown)), "dim")

    def _width(self, column: tuple[str, Sequence[str], bool]) -> int:
        heading, texts, _ = column
        return 3 + max(map(len, [*translate(heading, self.lang).split("\n"), *texts]))

    def _value(self, run: Run) -> str:
        """Return the value of a run, or why it has none."""
        return sweep_word(run.status, self.lang) if run.value is None else self._number(run.value, 2)

    def selection(self, lines: Sequence[Selection]) -> None:
        if not lines:
            return
        standings = Counter(each.standing for each in lines)
        text = message(
            "Over {runs} cells with an allocation: {core} candidates are always funded (the robust core), {borderline} sometimes, "
            "{exterior} never.",
            runs=lines[0].runs,
            core=standings["core"],
            borderline=standings["borderline"],
            exterior=standings["exterior"],
        )
        self.say(text, "bold")
        sometimes = sorted((each for each in lines if each.standing == "borderline"), key=lambda each: -each.funded)
        if not sometimes:
            return
        table = self.table(N_("Sometimes funded"), N_("Frequency"), N_("Mean grant"), right=(1, 2))
        for each in sometimes[:LONGEST]:
            table.add_row(each.candidate, percent(each.frequency, self.lang), self._euros(each.mean_grant))
        self.console.print(table)
        if len(sometimes) > LONGEST:
            self.say(message("{n} further candidates are sometimes funded.", n=len(sometimes) - LONGEST), "dim")

    def yardstick(self) -> None:
        """Warn where the measure moves with what is measured."""
        paths = [axis.path for axis in self.results.axes if axis.path.split(".")[0] == "value"]
        if paths:
            text = message(
                "What a value counts changes with {paths:list}: along it, compare candidates and money, not values.",
                paths=paths,
            )
            self.say(text, "bold yellow")

    def elasticities(self, lines: Sequence[Elasticity]) -> None:
        known = [each for each in lines if each.estimate is not None]
        if not known:
            return
        if any(each.method == "arc" for each in known):
            text = message(
                "Arc elasticity: by how many per cent the measure moves when the parameter moves by one per cent, between neighbouring "
                "values."
            )
            table = self.table(
                N_("Parameter"),
                N_("Measure"),
                N_("Median"),
                N_("Least"),
                N_("Largest"),
                N_("As it stands"),
                right=(2, 3, 4, 5),
            )
            for each in known:
                cells = (self._number(x, 3) for x in (each.estimate, each.low, each.high, each.here))
                table.add_row(each.path, figure_word(each.measure, self.lang), *cells)
        else:
            text = message(
                "Elasticity by regression: by how many per cent the measure moves when the parameter moves by one per cent, all else "
                "equal; where numbers have no logarithm, the rank correlation, from -1 to 1."
            )
            table = self.table(N_("Parameter"), N_("Measure"), N_("Method"), N_("Estimate"), "R²", right=(3, 4))
            for each in known:
                method, measure = sweep_word(each.method, self.lang), figure_word(each.measure, self.lang)
                table.add_row(each.path, measure, method, self._number(each.estimate, 3), self._number(each.r2, 3))
        self.say(text)
        self.console.print(table)

    def breaks(self, lines: Sequence[Break]) -> None:
        if not lines:
            return
        text = message("Break points: {n} intervals in which the list changes; those that change most:", n=len(lines))
        self.say(text)
        # With one parameter there are no others.
        others = [N_("Other parameters")] if len(self.results.axes) > 1 else []
        headings = [N_("Parameter"), N_("From"), N_("To"), *others, N_("Enter"), N_("Leave"), N_("Candidates")]
        table = self.table(*headings, right=range(len(headings) - 3, len(headings)))
        for each in largest(lines, LONGEST):
            before, after = (self._number(n, 0) for n in each.supported)
            name = each.path
            if each.without_tranches:
                name += " " + message("(total alone)").render(self.lang)
            told = [self._text(each.path, each.low), self._text(each.path, each.high)]
            told += [self._others(each.others)] * len(others)
            table.add_row(name, *told, str(len(each.enters)), str(len(each.leaves)), f"{before} → {after}")
        self.console.print(table)
        text = message("Lists within solve.gap of each other may also change places without any other reason.")
        self.say(text, "dim")
        for text in turns(lines, self.results, self.lang):
            self.say(text, "bold yellow")

    def frontier(self, lines: Sequence[FrontierRow]) -> None:
        if not lines:
            return
        has_tranches = self.results.scenario.envelope.tranches is not None
        self.say(
            message(
                "Frontier: what each envelope gives, and what each further {further:euros} bring after the one before.",
                further=FURTHER,
            )
        )
        # A line for each reading of the envelope: side by side they would not fit a narrow page.
        table = self.table(
            N_("Envelope"),
            N_("Limits"),
            N_("Value"),
            N_("More"),
            N_("Candidates"),
            N_("More"),
            right=(0, 2, 3, 4, 5),
        )
        for each in lines:
            envelope = euros(each.envelope, self.lang)
            if not has_tranches:
                table.add_row(envelope, translate(N_("total"), self.lang), *self._point(each.tranches))
                continue
            table.add_row(envelope, translate(N_("tranches"), self.lang), *self._point(each.tranches))
            if each.total is None:
                continue
            value, *others = self._point(each.total)
            mark = " *" if each.is_apart else ""
            table.add_row("", translate(N_("total alone"), self.lang), value + mark, *others)
        self.console.print(table)
        if has_tranches and any(each.is_apart for each in lines):
            self.say(message("*: the tranches cost value there, beyond what is proved of each."))

    def _point(self, point: Point | None) -> tuple[str, str, str, str]:
        if point is None:
            return "–", "", "–", ""
        if point.value is None:
            return sweep_word(point.status, self.lang), "", "–", ""
        more_value = "" if point.more_value is None else self._signed(point.more_value)
        more_supported = "" if point.more_supported is None else self._signed(point.more_supported)
        return self._number(point.value, 2), more_value, self._number(point.supported, 0), more_supported

    def tornado(self, found: Analysis) -> None:
        if not found.tornado:
            return
        self.say(message("One parameter at a time, the others as the scenario has them, from the strongest:"))
        table = self.table(
            N_("Parameter"),
            N_("Measure"),
            N_("From"),
            N_("To"),
            N_("At the first"),
            N_("As it stands"),
            N_("At the last"),
            right=(4, 5, 6),
        )
        for bar in found.tornado:
            ends = (self._text(bar.path, value) for value in bar.ends)
            figures = (self._number(value, 2) for value in (bar.low, bar.base, bar.high))
            table.add_row(bar.path, figure_word(bar.measure, self.lang), *ends, *figures)
        self.console.print(table)

    def end(self, store: Path, is_exported: bool) -> None:
        if is_exported:
            self.say(message("Kept in {store}.", store=str(store)))
            return
        text = message(
            "Kept in {store}. The same command with --resume --export FILE writes the runs as tables ({endings:or}); nothing is solved "
            "again.",
            store=str(store),
            endings=ENDINGS,
        )
        self.say(text)

    # --------------------------------------------------------------------------------------------------------- cells

    def _others(self, others: Sequence[tuple[str, object]]) -> str:
        return joined((f"{path} = {self._text(path, value)}" for path, value in others), self.lang)

    def _text(self, path: str, value: object) -> str:
        return shown(path, value, self.results, self.lang)

    def _number(self, value: object, digits: int) -> str:
        return number(value, self.lang, digits) if isinstance(value, int | float) else "–"

    def _signed(self, value: float) -> str:
        return ("+" if value >= 0 else "") + number(value, self.lang, 2)

    def _euros(self, value: object) -> str:
        return euros(value, self.lang) if isinstance(value, int | float) else "–"
