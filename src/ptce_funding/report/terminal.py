"""The result in a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from ptce_funding.allocation import Allocation
from ptce_funding.call import Call
from ptce_funding.indicators import indicators, line
from ptce_funding.ledger import LedgerLine, ledger
from ptce_funding.messages import N_, euros, message, number, percent, translate
from ptce_funding.outcomes import asked
from ptce_funding.parts import STATUSES
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.problem import Stage, Status
from ptce_funding.report.printer import LONGEST, Printer
from ptce_funding.report.rounding import bound_shown, gap_shown
from ptce_funding.report.terminal_money import beside_others, dimensions, money
from ptce_funding.report.words import group_names, tightness, titles, word
from ptce_funding.solver_names import RANKING
from ptce_funding.value import served_order
from ptce_funding.vocabulary import ColumnLabel


class Terminal(Printer):
    """Print results in one language."""

    # ------------------------------------------------------------------------------------------------ whole pages

    def show(self, allocation: Allocation) -> None:
        """Print a result."""
        figures = indicators(allocation)
        self.head(allocation.call)
        self.funnel(allocation)
        money(self, allocation, figures)
        self.proof(allocation)
        dimensions(self, allocation, figures)
        beside_others(self, allocation)
        self.rules(allocation)
        self.border(allocation)
        self.sources(
            ledger(allocation.call.scenario, allocation.call.criteria, allocation.call.candidates.is_synthetic)
        )

    def show_absence(self, allocation: Allocation) -> None:
        """Print that there is no allocation, and what the jury's list would break."""
        self.head(allocation.call)
        self.funnel(allocation)
        violations = allocation.listing.report.violations
        reasons = plain_clashes(allocation.call)
        if reasons:
            for reason in reasons:
                self.say(reason, "bold red")
        elif allocation.solver.casefold() == RANKING:
            text = message("The jury's list breaks what no allocation may break; another allocation might keep it all.")
            self.say(text, "bold red")
        elif allocation.status is Status.INFEASIBLE:
            self.say(
                message(
                    "No allocation keeps all the rules: proved. Nothing can be granted without changing one of them."
                ),
                "bold red",
            )
        else:
            limit = allocation.call.scenario.solve.time_limit
            self.say(
                message(
                    "No allocation was found within {limit:number} s; there may be one. Raise solve.time_limit.",
                    limit=limit,
                ),
                "bold red",
            )
        broken = [self.rule_name(check) for check in allocation.listing.report.broken]
        broken += [violation.render(self.lang) for violation in violations]
        if broken:
            self.say(message("The jury's list would break: {rules:list}.", rules=broken))

    def show_check(self, lines: Sequence[LedgerLine]) -> None:
        """Print the ledger of sources."""
        table = self.table(N_("Parameter"), N_("Value"), N_("Status"), N_("Source"))
        table.columns[0].overflow = table.columns[3].overflow = "fold"
        for each in lines:
            value = "" if each.value is None else each.shown.render(self.lang)
            table.add_row(each.path, value, word(each.status, self.lang), each.source.render(self.lang))
        self.console.print(table)
        self.sources(lines)

    def written(self, files: Iterable[Path]) -> None:
        """Say which files were written, if any."""
        names = [str(path) for path in files]
        if not names:
            return
        self.say(message("Written: {files:list}", files=names))

    # ---------------------------------------------------------------------------------------------------- sections

    def head(self, call: Call) -> None:
        scenario, candidates = call.scenario, call.candidates
        self.titles = titles(scenario, self.lang)
        title = scenario.title.render(self.lang) if scenario.title else scenario.name
        self.console.print()
        self.console.print(Text(title, style="bold"), Text(f"({scenario.name})", style="dim"))
        if candidates.is_synthetic:
            n = int((candidates.column("synthetic") == 1).sum())
            text = message(
                "Synthetic candidates: {n} of {all} rows are drawn from a profile; no real dossier.",
                n=n,
                all=len(candidates),
            )
            self.say(text, "bold yellow")

    def funnel(self, allocation: Allocation) -> None:
        stages = allocation.funnel
        text = message("{received} received → {admissible} admissible → {fundable} fundable", **stages)
        if allocation.has_allocation:
            text = message(
                "{received} received → {admissible} admissible → {fundable} fundable → {funded} funded", **stages
            )
        self.say(text)

    def proof(self, allocation: Allocation) -> None:
        baseline = sum(allocation.listing.values)
        self.say(
            message(
                "Status: {status} ({solver}, {seconds:number} s); audited in exact integers: passed.",
                status=word(allocation.status.value, self.lang),
                solver=allocation.solver,
                seconds=round(allocation.runtime, 2),
            ),
            "bold green" if allocation.status is Status.OPTIMAL else "bold yellow",
        )
        table = self.table(
            N_("Value of the allocation"),
            N_("Reached"),
            N_("Proved bound"),
            N_("Gap"),
            N_("Jury's list"),
            right=(1, 2, 3, 4),
        )
        whole = Stage(allocation.value, allocation.bound)
        if len(allocation.stages) > 1:
            names = group_names([*allocation.call.scenario.priority.order, None], self.lang)
            for name, stage, value in zip(names, allocation.stages, allocation.listing.values, strict=False):
                self.proof_row(table, name, stage, value)
        self.proof_row(table, translate(N_("all"), self.lang), whole, baseline)
        self.console.print(table)
        funded = set(allocation.supported)
        both = len(funded.intersection(allocation.listing.order))
        figures = {
            "n": len(allocation.listing.order),
            "granted": sum(award.grant for award in allocation.listing.awards),
            "both": both,
        }
        if served_order(allocation.call.scenario):
            text = message(
                "The jury's list (by priority group and merit until the money is gone) supports {n} candidates with {granted:euros}; "
                "{both} are on both lists.",
                **figures,
            )
        else:
            text = message(
                "The jury's list (by merit until the money is gone) supports {n} candidates with {granted:euros}; "
                "{both} are on both lists.",
                **figures,
            )
        self.say(text)
        if allocation.listing.report.broken:
            broken = [self.rule_name(check) for check in allocation.listing.report.broken]
            self.say(message("It breaks: {rules:list}.", rules=broken))
        if allocation.call.scenario.value.scale == "candidate":
            self.say(
                message("Each project counts by its merit whatever its size, so the optimum favours small requests."),
                "dim",
            )
        else:
            column = allocation.call.scenario.value.scale
            self.say(message("Each project counts by its merit times “{column}”.", column=ColumnLabel(column)), "dim")

    def proof_row(self, table: Table, name: str, stage: Stage, baseline: float) -> None:
        # Rounded up like the bound: no gap is shown as none.
        gap, bound = gap_shown(stage.value, stage.bound, 6), bound_shown(stage.value, stage.bound, 2)
        table.add_row(
            name,
            "–" if stage.value is None else number(stage.value, self.lang, 2),
            "–" if bound is None else number(bound, self.lang, 2),
            "–" if gap is None else percent(gap, self.lang, 4),
            number(baseline, self.lang, 2),
        )

    def rules(self, allocation: Allocation) -> None:
        checks = allocation.report.rules if allocation.report else ()
        if not checks:
            return
        table = self.table(N_("Rule"), N_("Reached"), N_("Least"), N_("Largest"), N_("Slack"), right=(1, 2, 3, 4))
        tight = sorted(
            checks,
            key=lambda check: (check.is_kept, *tightness(check.slack, (check.rule.min, check.rule.max))),
        )
        for check in tight[:LONGEST]:
            cells = [
                self.measure(check, value) for value in (check.activity, check.rule.min, check.rule.max, check.slack)
            ]
            table.add_row(self.rule_name(check), *cells)
        self.console.print(table)
        if len(tight) > LONGEST:
            self.say(message("{n} further groups have more slack.", n=len(tight) - LONGEST), "dim")

    def border(self, allocation: Allocation) -> None:
        above, below = line(allocation)
        if not below:
            return
        call, ids = allocation.call, allocation.call.candidates.ids
        table = self.table(
            N_("Around the line, in the jury's order"),
            N_("Phase"),
            N_("Merit"),
            N_("Asked"),
            N_("Granted"),
            right=(2, 3, 4),
        )
        granted: Counter[str] = Counter()
        for award in allocation.awards:
            granted[award.candidate] += award.grant
        asks = asked(allocation)
        for id_ in [*above, *below]:
            i = ids.index(id_)
            phase = word(str(call.candidates.column("phase")[i]), self.lang)
            grant = euros(granted[id_], self.lang) if id_ in granted else "–"
            table.add_row(
                id_, phase, number(float(call.fundable.merit[i]), self.lang, 2), euros(asks[id_], self.lang), grant
            )
        self.console.print(table)

    def sources(self, lines: Sequence[LedgerLine]) -> None:
        counts = Counter(each.status for each in lines)
        parts = [message("{status}: {n}", status=word(status, self.lang), n=counts[status]) for status in STATUSES]
        self.say(message("Parameters by source: {parts:list}.", parts=parts), "dim")
