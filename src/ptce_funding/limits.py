"""Upper limits on what may still be given: money, tranches, payments, funders, caps, each with its name.

The jury's list fills them; an explanation looks which of them leaves no room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, groupby, product
from math import floor, lcm
from typing import Any

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
from ptce_funding.selection import spread

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[Any]
Rational = Fraction | int


@dataclass(frozen=True)
class Entries:
    """What plans take of something, sorted by plan.

    Parameters
    ----------
    plan
        Plan.
    of
        Number of what it takes from: a pool or a rule row.
    amount
        How much it takes.
    """

    plan: Ints
    of: Ints
    amount: Numbers

    def among(self, plans: Ints) -> tuple[Ints, Ints, Numbers]:
        """Return the entries of some plans: position among these plans, what is taken from, and how much."""
        if not len(self.plan):
            return self.plan, self.of, self.amount
        row, entry = spread(np.searchsorted(self.plan, plans), np.searchsorted(self.plan, plans, side="right"))
        return row, self.of[entry], self.amount[entry]


@dataclass(frozen=True)
class _Pool:
    """A limit on a sum of grants and charges, in grant steps.

    Parameters
    ----------
    name
        What it is, in words.
    limit
        Grant steps that may be taken, not always whole.
    grants
        Steps whose grants count, and the share that does.
    charges
        Charges that count, by position, and how many grant steps each of their euros takes.
    """

    name: Message
    limit: Rational
    grants: list[tuple[Ints, Rational]]
    charges: list[tuple[int, Fraction]]

    @property
    def parts(self) -> int:
        """Number of parts into which a grant step must be divided for all that counts to be whole."""
        numbers = [self.limit, *(share for _, share in self.grants), *(share for _, share in self.charges)]
        return lcm(*(each.denominator for each in numbers))


class Limits:
    """The limits of a call.

    A pool is a limit on a sum of grants and charges, counted in whole parts of a grant step. A family is made of pools that share
    no step.

    Parameters
    ----------
    scenario, formulation
        The call.
    granted
        Euros that shares of what is granted are taken of; a jury plans with the whole envelope.

    Attributes
    ----------
    most
        Grant steps that one candidate may get; None where there is no such ceiling.
    names
        What each pool is, in words.
    parts
        Number of parts of a grant step, by pool.
    limit
        Parts that may be taken, by pool. After the last pool stands one without limit, for steps that are in none of a family.
    pool
        Pool of each step, shape (steps, families).
    weight
        Parts that a grant step takes, by pool and slot of the step.
    charged, charged_in
        Pools that pay charges, each alone in its family; and these families.
    has_twin
        Which of these have a twin before them, which is a limit on grants alone.
    charges
        Parts that the advantages of plans take of charged pools, by position among these.
    count_limit
        Largest activity by rule row, of those that count candidates or sum a column; infinite for the others.
    counts
        What plans count for in rule rows.
    """

    def __init__(self, scenario: Scenario, formulation: Formulation, granted: int | None = None) -> None:
        self.scenario, self.formulation, self.steps = scenario, formulation, formulation.steps
        self.granted = scenario.envelope.total if granted is None else granted
        most = scenario.envelope.candidate_max
        self.most = None if most is None else most // scenario.envelope.grant_step
        self._holders = len(np.unique(formulation.plans.candidate))
        self._families: list[list[_Pool]] = []
        self._money_pools()
        self._rule_pools()
        self._lay_out()
        self._count()

    def left(self, used: Numbers, supported: Ints) -> Numbers:
        """Return the parts that each pool has left.

        Parameters
        ----------
        used
            Parts taken by grants and advantages, by pool.
        supported
            Number of supported candidates, which transversal volets cost by; shape (1,).
        """
        left = self.limit - used
        left[self.charged] -= self.transversal(supported)[0]
        return left

    def transversal(self, supported: Ints) -> Numbers:
        """Return the parts of charged pools that transversal volets take, by numbers of supported candidates; shape (numbers, pools)."""
        taken = np.zeros((len(supported), len(self.charged)), dtype=self.limit.dtype)
        for name, parts in self._shares.items():
            volet = self.scenario.volets[name]
            least, most = (transversal_cost(self.scenario, name, n) for n in (0, self._holders))
            cost = np.clip(volet.fixed + volet.per_ptce * supported, least, most)
            taken += cost.astype(taken.dtype)[:, None] * parts
        return taken

    # ------------------------------------------------------------------------------------------------------- the pools

    def _pool(self, name: Message, limit: Rational, steps: Ints, room: Rational, charges: Sequence[int]) -> None:
        """Add a pool for grants; and where there are charges, which come in euros, one for both together."""
        self._families.append([_Pool(name, limit, [(steps, 1)], [])])
        if charges:
            self._families.append([_Pool(name, room, [(steps, 1)], [(j, self._per_euro(j)) for j in charges])])

    def _per_euro(self, j: int) -> Fraction:
        """Return the grant steps that a euro of a charge takes: of a transversal volet, what falls in its year."""
        return (self.formulation.funding.charges[j].share or 1) * Fraction(1, self.scenario.envelope.grant_step)

    def _money_pools(self) -> None:
        funding, envelope = self.formulation.funding, self.scenario.envelope
        years = [group.year for group in funding.charges]

        def room(share: Fraction) -> Fraction:
            """Whole euros as grant steps: charges come in euros."""
            return Fraction(floor(share * envelope.total), envelope.grant_step)

        self._pool(
            message("the envelope"),
            sum(in_steps(self.scenario, share) for share in funding.shares),
            np.arange(len(self.steps)),
            sum(map(room, funding.shares)),
            range(len(years)),
        )
        for span, share in tranche_limits(self.scenario):
            self._pool(
                message("the tranches up to {year}", year=span[-1]),
                in_steps(self.scenario, share),
                np.flatnonzero(np.isin(self.steps.year, span)),
                room(share),
                [j for j, year in enumerate(years) if year in span],
            )
        for year, most_paid in payment_limits(self.scenario):
            name, limit = message("the payments of {year}", year=year), Fraction(most_paid, envelope.grant_step)
            charges = [(j, share * self._per_euro(j)) for j, share in charges_paid_in(funding, year)]
            self._families.append([_Pool(name, limit, [*payments_in(self.scenario, self.steps, year)], charges)])
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
        # What is told apart here: classes of steps by slot, and charges.
        slots = len(self.steps.slots)
        kind = funding.step_class * slots + self.steps.slot
        charge_year = np.array([group.year for group in funding.charges], dtype=np.int64)
        may_pay: Bools = np.repeat(
            funding.class_may_pay, [slots] * funding.first_charge + [1] * len(charge_year), axis=0
        )
        year = np.concatenate([np.tile(self.steps.slots[:, 2], funding.first_charge), charge_year])
        for payers in sorted(unions, key=sorted):
            others = [f for f in range(len(funding.names)) if f not in payers]
            bound_to = ~np.any(may_pay[:, others], axis=1)
            for spans in product(*(self._spans(f) for f in sorted(payers))):
                members: Bools = bound_to.copy()
                for f, (years, _) in zip(sorted(payers), spans, strict=True):
                    members &= ~may_pay[:, f] | np.isin(year, years)
                steps = np.flatnonzero(members[kind])
                charges = np.flatnonzero(members[slots * funding.first_charge :]).tolist()
                if len(steps) or charges:
                    titles = [self.scenario.funders[f].title or self.scenario.funders[f].name for f in sorted(payers)]
                    euros = sum(floor(share * self.scenario.envelope.total) for _, share in spans)
                    self._pool(
                        message("the projects that only {funders:list} may pay", funders=titles),
                        sum(in_steps(self.scenario, share) for _, share in spans),
                        steps,
                        Fraction(euros, self.scenario.envelope.grant_step),
                        charges,
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

    def _rule_pools(self) -> None:
        """A family for each rule that caps money: its groups share no step."""
        capping = [
            row for row in self.formulation.rules if row.is_money and row.funders is None and row.maximum is not None
        ]
        for _, rows in groupby(capping, key=lambda row: id(row.rule)):
            family = list(rows)
            limit = steps_down(exact(family[0].maximum or 0) * self.whole(family[0]), self.scenario.envelope.grant_step)
            self._families.append([_Pool(rule_name(row), limit, [(row.steps, 1)], []) for row in family])

    def whole(self, row: RuleRow) -> int:
        """Return the euros that a share of a rule is taken of; 1 for an amount."""
        if row.rule.measure != "share":
            return 1
        return self.scenario.envelope.total if row.rule.of == "envelope" else self.granted

    # ------------------------------------------------------------------------------------------------------ as numbers

    def _lay_out(self) -> None:
        """Lay the pools out as arrays of whole numbers, of 64 bits where nothing can be too large for these."""
        pools = [pool for family in self._families for pool in family]
        groups = self.formulation.funding.charges
        self.names = [pool.name for pool in pools]
        self.parts = [pool.parts for pool in pools]
        self.charged = np.array([number for number, pool in enumerate(pools) if pool.charges], dtype=np.int64)
        # More than all can take together, in grant steps: no pool need hold more.
        costs = [transversal_cost(self.scenario, name, self._holders) for name in self.scenario.transversal_volets]
        euros = sum(costs) + sum(int(group.euros.sum()) for group in groups)
        most = int(self.steps.ceiling.sum(dtype=float) * 1.001) + euros + 1
        largest = 8 * most * max(self.parts, default=1)
        kind = np.int64 if largest < 2**62 else object
        limits = [min(max(pool.limit, -1), most) * parts for pool, parts in zip(pools, self.parts, strict=True)]
        self.limit = np.array([*map(floor, limits), largest], dtype=kind)
        self.pool: Numbers = np.full((len(self.steps), len(self._families)), len(pools), dtype=np.int32)
        self.weight = np.repeat(np.array([*self.parts, 1], dtype=kind)[:, None], len(self.steps.slots), axis=1)
        in_family = [f for f, family in enumerate(self._families) for _ in family]
        self.has_twin = np.array(
            [pools[number - 1].name is pools[number].name for number in self.charged.tolist()], dtype=bool
        )
        self.charged_in = np.array([in_family[number] for number in self.charged.tolist()], dtype=np.int64)
        for number, pool in enumerate(pools):
            for steps, share in pool.grants:
                self.pool[steps, in_family[number]] = number
                if share != 1:
                    self.weight[number, np.unique(self.steps.slot[steps])] = int(share * self.parts[number])
        plan, of, amount = [], [], []
        self._shares = {name: np.zeros(len(self.charged), dtype=kind) for name in self.scenario.transversal_volets}
        for position, number in enumerate(self.charged.tolist()):
            for j, share in pools[number].charges:
                group, parts = groups[j], int(share * self.parts[number])
                if group.share:
                    self._shares[group.volet][position] += parts
                plan.append(group.plans)
                of.append(np.full(len(group.plans), position))
                amount.append(group.euros.astype(kind) * parts)
        self.charges = _sorted(plan, of, amount, kind)

    def _count(self) -> None:
        """What plans count for in rules over numbers of candidates and sums of columns."""
        rules = self.formulation.rules
        counting = [(number, row) for number, row in enumerate(rules) if not row.is_money and row.funders is None]
        self.count_limit = np.full(len(rules), np.inf)
        for number, row in counting:
            if row.maximum is not None:
                self.count_limit[number] = row.maximum
        of = [np.full(len(row.plans), number) for number, row in counting]
        self.counts = _sorted([row.plans for _, row in counting], of, [row.weights for _, row in counting], float)


def _sorted(plan: list[Ints], of: list[Ints], amount: list[Numbers], kind: type) -> Entries:
    """Return entries, of which there may be none, sorted by plan."""
    none = np.zeros(0, dtype=np.int64)
    plans = np.concatenate([none, *plan])
    order = np.argsort(plans, kind="stable")
    amounts = np.concatenate([none.astype(kind), *amount])
    return Entries(plans[order], np.concatenate([none, *of])[order], amounts[order])


def rule_name(row: RuleRow) -> Message:
    """Return a rule and its group in words."""
    title = row.rule.title or row.rule.name
    if not row.group:
        return message("the rule “{rule}”", rule=title)
    return message("the rule “{rule}” ({group:list})", rule=title, group=[value for _, value in row.group])
