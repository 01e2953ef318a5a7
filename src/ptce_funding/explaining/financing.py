"""The money of one candidate: what its financing plan lacks, and how much less it would have to ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ptce_funding.call import Call
from ptce_funding.conditions import divided
from ptce_funding.explaining.trials import Cell, Change
from ptce_funding.money import exact
from ptce_funding.parts import PHASES
from ptce_funding.prospects import prospects
from ptce_funding.steps import StepBounds, money_column


@dataclass(frozen=True)
class FinancingPlan:
    """The financing plan of a candidate for one volet and aid.

    Parameters
    ----------
    volet, aid
        What is asked for; the aid is "" in a volet without aids.
    cost, ask, local, public, own
        Euros.
    least, most
        Euros that the grant must and may be; `most` is below `least` where the plan does not close.
    missing
        The least euros more that close the plan; 0 where it closes, or where no such money would do.
    source
        Who would have to bring what is missing: `local`, where collectivités bring less than is demanded, `anyone` else; None where
        money of others would not help.
    """

    volet: str
    aid: str
    cost: int
    ask: int
    local: int
    public: int
    own: int
    least: int
    most: int
    missing: int
    source: Literal["local", "anyone"] | None


@dataclass(frozen=True)
class Columns:
    """The columns of a candidate's money for one ask.

    Parameters
    ----------
    ask, own, local
        Column names; None where the table has none.
    """

    ask: str
    own: str | None
    local: str | None


def plans_of(call: Call, i: int) -> tuple[FinancingPlan, ...]:
    """Return the financing plans of the candidate at position `i` that its phase allows, those that do not close among them."""
    scenario, candidates, unit = call.scenario, call.candidates, call.scenario.envelope.grant_step
    found = []
    for (volet, aid), terms in scenario.supports().items():
        entering = PHASES if scenario.volets[volet].after else scenario.volets[volet].phases
        if not candidates.having("phase", entering)[i] or scenario.volets[volet].unit_cost is not None:
            continue
        bounds = StepBounds(scenario, candidates, volet, aid, terms, np.array([i]))
        money = {what: int(values[0]) for what, values in bounds.money.items()}
        ceiling, floor = max(int(bounds.ceiling[0]), 0) * unit, int(bounds.floor[0]) * unit
        missing = bounds.missing(0)
        source: Literal["local", "anyone"] | None = "anyone" if missing else None
        if not bounds.has_local[0]:
            needed = max(-(-exact(terms.local_min or 0.0) * money["cost"] // 1), 1)
            missing, source = int(needed) - money["local"], "local"
        found.append(FinancingPlan(volet, aid, **money, least=floor, most=ceiling, missing=missing, source=source))
    return tuple(found)


def asks_of(call: Call, i: int) -> tuple[Columns, ...]:
    """Return the columns of what the candidate at position `i` asks for."""
    scenario, kinds = call.scenario, call.candidates.kinds
    found: dict[str, Columns] = {}
    for volet, aid in scenario.supports():
        if scenario.volets[volet].unit_cost is not None:
            continue
        ask, own, local = (money_column(scenario, kinds, volet, aid, what) for what in ("ask", "own", "local"))
        if ask is not None and call.candidates.column(ask)[i] > 0:
            found.setdefault(ask, Columns(ask, own, local))
    return tuple(found.values())


class Purse:
    """The money of one candidate, changed.

    Parameters
    ----------
    call
        The call.
    i
        Position of the candidate.
    """

    def __init__(self, call: Call, i: int) -> None:
        self.call, self.i, self.id = call, i, call.candidates.ids[i]
        self.columns = asks_of(call, i)
        self.unit = call.scenario.envelope.grant_step
        self.asks = [self._cell(each.ask) for each in self.columns]
        self._alone = call.candidates.take([i])

    @property
    def ask(self) -> int:
        """Euros asked for, all columns together."""
        return sum(self.asks)

    def _cell(self, column: str) -> int:
        return int(self.call.candidates.column(column)[self.i])

    def cut(self, steps: int, is_made_up: bool) -> Change:
        """Return the change that asks some grant steps less, in proportion where there are several asks.

        Parameters
        ----------
        is_made_up
            Whether as much more of its own money is brought.
        """
        less = divided(steps * self.unit, self.asks)
        cells: dict[str, int] = {}
        for columns, ask, cut in zip(self.columns, self.asks, less, strict=True):
            if cut:
                cells[columns.ask] = ask - cut
            if cut and is_made_up and columns.own is not None:
                cells[columns.own] = cells.get(columns.own, self._cell(columns.own)) + cut
        return self._change(cells)

    def largest_cut(self, is_made_up: bool) -> int:
        """Return the largest number of grant steps that it may ask less and still be fundable."""
        if is_made_up and any(each.own is None for each in self.columns):
            return 0
        return _last(lambda steps: self.is_fundable(self.cut(steps, is_made_up)), max((self.ask - 1) // self.unit, 0))

    def cofinancing(self, plan: FinancingPlan) -> Change | None:
        """Return the change that brings the least that is missing in a plan; None where no such money makes it fundable."""
        scenario, kinds = self.call.scenario, self.call.candidates.kinds
        words = ("local",) if plan.source == "local" else ("own", "public", "local")
        named = (money_column(scenario, kinds, plan.volet, plan.aid, what) for what in words)
        column = next((each for each in named if each is not None), None)
        if plan.source is None or column is None:
            return None
        start = self._cell(column)

        def more(euros: int) -> Change:
            return self._change({column: start + euros})

        open_ = max(plan.cost - plan.local - plan.public - plan.own - plan.most, 0)
        # Money that is not its own may lower the ceiling, too, so that more is wanted than what is missing.
        enough = (euros for euros in (plan.missing, open_) if euros > 0 and self.is_fundable(more(euros)))
        most = next(enough, None)
        if most is None:
            return None
        return more(1 + _last(lambda euros: not self.is_fundable(more(euros)), most - 1))

    def is_fundable(self, change: Change) -> bool:
        """Return whether it has a plan, were there money enough."""
        found = prospects(self.call.scenario, self.call.criteria, change.table(self._alone))
        return len(found.plans()) > 0

    def _change(self, cells: dict[str, int]) -> Change:
        return Change(cells=tuple(Cell(self.id, column, value) for column, value in cells.items()))


def asked(change: Change, columns: Sequence[Columns], asks: Sequence[int]) -> int:
    """Return what is asked for with a change."""
    cells = {cell.column: int(cell.value) for cell in change.cells}
    return sum(cells.get(each.ask, ask) for each, ask in zip(columns, asks, strict=True))


def _last(holds: Callable[[int], bool], most: int) -> int:
    """Return the last number up to `most` for which something holds that holds from 1 up to it; 0 where it does not for 1."""
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
