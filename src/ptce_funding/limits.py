"""Upper limits on what may still be given: money, tranches, payments, funders, caps, each with its name.

The jury's list fills them one by one; an explanation looks which of them leaves no room.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from ptce_funding.formulation import Formulation, payment_limits, payments_in, tranche_limits
from ptce_funding.funding import year_limits
from ptce_funding.messages import Message, message
from ptce_funding.money import exact, steps_down
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pool:
    """A limit on a sum of grants.

    Parameters
    ----------
    name
        What it is, in words.
    limit
        Grant steps.
    """

    name: Message
    limit: Fraction | int


class Limits:
    """The limits of a call.

    Parameters
    ----------
    scenario, formulation
        The call.
    granted
        Euros that shares of what is granted are taken of; a jury plans with the whole envelope.

    Attributes
    ----------
    pools
        Limits on sums of grants.
    pools_of
        Pool and the share of the grant that counts, by step.
    count_limit
        Largest activity, by number of the rule row that counts candidates or sums a column.
    counts_of
        Rule row and weight, by plan.
    """

    def __init__(self, scenario: Scenario, formulation: Formulation, granted: int | None = None) -> None:
        self.scenario, self.formulation, self.steps = scenario, formulation, formulation.steps
        self.granted = scenario.envelope.total if granted is None else granted
        self.pools: list[Pool] = []
        self.pools_of: dict[int, list[tuple[int, Fraction | int]]] = defaultdict(list)
        self.count_limit: dict[int, float] = {}
        self.counts_of: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._money_pools()
        for number, row in enumerate(formulation.rules):
            if row.funders is None:
                self._rule_pools(number, row)

    def _pool(self, name: Message, limit: Fraction | int, steps: Ints) -> None:
        self.pools.append(Pool(name, limit))
        self._into_pool(steps, 1)

    def _into_pool(self, steps: Ints, share: Fraction | int) -> None:
        for s in steps.tolist():
            self.pools_of[s].append((len(self.pools) - 1, share))

    def _money_pools(self) -> None:
        funding = self.formulation.funding
        self._pool(message("the envelope"), int(funding.amounts.sum()), np.arange(len(self.steps)))
        if self.scenario.envelope.candidate_max is not None:
            most = self.scenario.envelope.candidate_max // self.scenario.envelope.grant_step
            for i in np.unique(self.steps.candidate):
                self._pool(message("the ceiling of one candidate"), most, np.flatnonzero(self.steps.candidate == i))
        for years, limit in tranche_limits(self.scenario):
            self._pool(
                message("the tranches up to {year}", year=years[-1]),
                limit,
                np.flatnonzero(np.isin(self.steps.year, years)),
            )
        for year, most_paid in payment_limits(self.scenario):
            name = message("the payments of {year}", year=year)
            self._pool(name, Fraction(most_paid, self.scenario.envelope.grant_step), np.zeros(0, dtype=np.int64))
            for chosen, share in payments_in(self.scenario, self.steps, year):
                self._into_pool(chosen, share)
        self._funder_pools()

    def _funder_pools(self) -> None:
        """Steps that only some funders may pay, up to some year, share what those bring until then (Hall's condition).

        It need be stated only for the sets of funders that classes have and for their unions; where funders have amounts by
        year, for every choice of a last year for each of them.
        """
        if not self.scenario.funders:
            return
        funding = self.formulation.funding
        owned = sorted({frozenset(np.flatnonzero(row).tolist()) for row in funding.class_may_pay}, key=sorted)
        unions: set[frozenset[int]] = set()
        for each in owned:
            unions |= {each | other for other in unions} | {each}
        step_may_pay = funding.class_may_pay[funding.step_class]
        for payers in sorted(unions, key=sorted):
            others = [f for f in range(len(funding.names)) if f not in payers]
            bound_to = ~step_may_pay[:, others].any(axis=1)
            for spans in product(*(self._spans(f) for f in sorted(payers))):
                members = bound_to.copy()
                for f, (years, _) in zip(sorted(payers), spans, strict=True):
                    members &= ~step_may_pay[:, f] | np.isin(self.steps.year, years)
                if members.any():
                    titles = [self.scenario.funders[f].title or self.scenario.funders[f].name for f in sorted(payers)]
                    name = message("what {funders:list} may still pay", funders=titles)
                    self._pool(name, sum(amount for _, amount in spans), np.flatnonzero(members))

    def _spans(self, f: int) -> list[tuple[tuple[int, ...], int]]:
        """Return sets of years and what a funder brings in them, in grant steps."""
        yearly = self.scenario.funders[f].amounts if self.scenario.funders else None
        if yearly is None:
            return [(tuple(self.scenario.horizon), int(self.formulation.funding.amounts[f]))]
        limits = year_limits(self.scenario, yearly)
        if self.scenario.envelope.carry_over or all(each.amounts is not None for each in self.scenario.funders):
            return limits
        # Beside a funder whose money is of no year, several single years may be short together.
        return [
            (tuple(year for years, _ in some for year in years), sum(amount for _, amount in some))
            for size in range(1, len(limits) + 1)
            for some in combinations(limits, size)
        ]

    def _rule_pools(self, number: int, row: RuleRow) -> None:
        if not row.is_money:
            for p, weight in zip(row.plans.tolist(), row.weights.tolist(), strict=True):
                self.counts_of[p].append((number, weight))
            self.count_limit[number] = np.inf if row.maximum is None else float(row.maximum)
        elif row.maximum is not None:
            limit = steps_down(exact(row.maximum) * self.whole(row), self.scenario.envelope.grant_step)
            self._pool(rule_name(row), limit, row.steps)

    def whole(self, row: RuleRow) -> int:
        """Return the euros that a share of a rule is taken of; 1 for an amount."""
        if row.rule.measure != "share":
            return 1
        return self.scenario.envelope.total if row.rule.of == "envelope" else self.granted


def rule_name(row: RuleRow) -> Message:
    """Return a rule and its group in words."""
    title = row.rule.title or row.rule.name
    if not row.group:
        return message("the rule “{rule}”", rule=title)
    return message("the rule “{rule}” ({group:list})", rule=title, group=[value for _, value in row.group])
