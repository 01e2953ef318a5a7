"""Upper limits on what may still be given: money, tranches, payments, funders, caps, each with its name.

The jury's list fills them one by one; an explanation looks which of them leaves no room.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import floor

import numpy as np
import numpy.typing as npt

from ptce_funding.formulation import Formulation
from ptce_funding.funding import (
    charges_paid_in,
    in_steps,
    payment_limits,
    payments_in,
    tranche_limits,
    year_limits,
    yearly_shares,
)
from ptce_funding.messages import Message, message
from ptce_funding.money import exact, steps_down
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario, transversal_cost

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pool:
    """A limit on a sum of grants and charges.

    Parameters
    ----------
    name
        What it is, in words.
    limit
        Grant steps that grants may take.
    room
        Grant steps that grants and charges may take together; not always whole.
    """

    name: Message
    limit: Fraction | int
    room: Fraction | int


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
        Limits on sums of grants and charges.
    pools_of
        Pool and the share of the grant that counts, by step.
    charges_of
        Pool and the grant steps that the advantages of a plan take of it, by plan.
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
        self.charges_of: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
        self._transversal: dict[int, list[tuple[str, Fraction]]] = defaultdict(
            list
        )  # volet and share of its cost, by pool
        self._costs: dict[tuple[str, int], Fraction] = {}
        self.count_limit: dict[int, float] = {}
        self.counts_of: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._money_pools()
        for number, row in enumerate(formulation.rules):
            if row.funders is None:
                self._rule_pools(number, row)

    def left(self, pool: int, grants: Fraction | int, charges: Fraction | int, supported: int) -> Fraction | int:
        """Return the grant steps that a pool has left.

        Parameters
        ----------
        grants, charges
            What it pays already, in grant steps; transversal volets left aside.
        supported
            Number of supported candidates, which transversal volets cost by.
        """
        transversal = sum(
            (share * self._cost(volet, supported) for volet, share in self._transversal.get(pool, ())), Fraction(0)
        )
        found = self.pools[pool]
        return min(found.limit - grants, found.room - grants - charges - transversal)

    @property
    def transversal_pools(self) -> frozenset[int]:
        """Pools that pay transversal volets."""
        return frozenset(self._transversal)

    def _cost(self, volet: str, supported: int) -> Fraction:
        if (volet, supported) not in self._costs:
            cost = transversal_cost(self.scenario, volet, supported)
            self._costs[volet, supported] = Fraction(cost, self.scenario.envelope.grant_step)
        return self._costs[volet, supported]

    def _pool(
        self,
        name: Message,
        limit: Fraction | int,
        steps: Ints,
        room: Fraction | int | None = None,
        charges: Sequence[int] = (),
    ) -> None:
        self.pools.append(Pool(name, limit, room if room is not None and charges else limit))
        self._into_pool(steps, 1)
        for j in charges:
            self._charge_pool(j, Fraction(1))

    def _into_pool(self, steps: Ints, share: Fraction | int) -> None:
        for s in steps.tolist():
            self.pools_of[s].append((len(self.pools) - 1, share))

    def _charge_pool(self, j: int, share: Fraction) -> None:
        """Let the last pool pay a share of a charge."""
        group, pool = self.formulation.funding.charges[j], len(self.pools) - 1
        if group.share:
            self._transversal[pool].append((group.volet, group.share * share))
        for p, euros in zip(group.plans.tolist(), group.euros.tolist(), strict=True):
            self.charges_of[p].append((pool, euros * share / self.scenario.envelope.grant_step))

    def _money_pools(self) -> None:
        funding, envelope = self.formulation.funding, self.scenario.envelope
        years = [group.year for group in funding.charges]

        def room(share: Fraction) -> Fraction:
            """Whole euros as grant steps: charges come in euros."""
            return Fraction(floor(share * envelope.total), envelope.grant_step)

        limit = sum(in_steps(self.scenario, share) for share in funding.shares)
        self._pool(
            message("the envelope"),
            limit,
            np.arange(len(self.steps)),
            sum(map(room, funding.shares)),
            range(len(years)),
        )
        if envelope.candidate_max is not None:
            most = envelope.candidate_max // envelope.grant_step
            for i in np.unique(self.steps.candidate):
                self._pool(message("the ceiling of one candidate"), most, np.flatnonzero(self.steps.candidate == i))
        for span, share in tranche_limits(self.scenario):
            self._pool(
                message("the tranches up to {year}", year=span[-1]),
                in_steps(self.scenario, share),
                np.flatnonzero(np.isin(self.steps.year, span)),
                room(share),
                [j for j, year in enumerate(years) if year in span],
            )
        for year, most_paid in payment_limits(self.scenario):
            name = message("the payments of {year}", year=year)
            self._pool(name, Fraction(most_paid, envelope.grant_step), np.zeros(0, dtype=np.int64))
            for chosen, share in payments_in(self.scenario, self.steps, year):
                self._into_pool(chosen, share)
            for j, share in charges_paid_in(funding, year):
                self._charge_pool(j, share)
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
        charge_year = np.array([group.year for group in funding.charges], dtype=np.int64)
        class_of = np.concatenate([funding.step_class, funding.first_charge + np.arange(len(charge_year))])
        may_pay, year = funding.class_may_pay[class_of], np.concatenate([self.steps.year, charge_year])
        for payers in sorted(unions, key=sorted):
            others = [f for f in range(len(funding.names)) if f not in payers]
            bound_to = ~may_pay[:, others].any(axis=1)
            for spans in product(*(self._spans(f) for f in sorted(payers))):
                members = bound_to.copy()
                for f, (years, _) in zip(sorted(payers), spans, strict=True):
                    members &= ~may_pay[:, f] | np.isin(year, years)
                if members.any():
                    titles = [self.scenario.funders[f].title or self.scenario.funders[f].name for f in sorted(payers)]
                    name = message("what {funders:list} may still pay", funders=titles)
                    self._pool(
                        name,
                        sum(in_steps(self.scenario, share) for _, share in spans),
                        np.flatnonzero(members[: len(self.steps)]),
                        Fraction(
                            sum(floor(share * self.scenario.envelope.total) for _, share in spans),
                            self.scenario.envelope.grant_step,
                        ),
                        np.flatnonzero(members[len(self.steps) :]).tolist(),
                    )

    def _spans(self, f: int) -> list[tuple[tuple[int, ...], Fraction]]:
        """Return sets of years and the share of the envelope that a funder brings in them."""
        yearly = yearly_shares(self.scenario, f)
        if yearly is None:
            return [(tuple(self.scenario.horizon), self.formulation.funding.shares[f])]
        limits = year_limits(self.scenario, yearly)
        if self.scenario.envelope.carry_over or all(each.amounts is not None for each in self.scenario.funders):
            return limits
        # Beside a funder whose money is of no year, several single years may be short together.
        return [
            (tuple(year for years, _ in some for year in years), sum((share for _, share in some), Fraction(0)))
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
