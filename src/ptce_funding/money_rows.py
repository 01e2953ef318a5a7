"""Columns and rows of the money of a call: grants, who pays them, charges, tranches and payments.

A part of `formulation`; columns are laid out as it says.
"""

from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np
import numpy.typing as npt

from ptce_funding.funding import Funding, charges_paid_in, in_steps, payment_limits, payments_in, tranche_limits
from ptce_funding.money import exact, share_of
from ptce_funding.parts import LARGEST_ENVELOPE
from ptce_funding.plans import Plans
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import Scenario, transversal_cost
from ptce_funding.sheet import CLEARED, MARGIN, Sheet
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


#: Share of the steps from which on the money of some is counted over all.
_MANY = 0.05


class GrantColumns:
    """The columns ``x`` and ``z`` of plans and of what steps get above their floor.

    Parameters
    ----------
    steps, plans
        What they stand for.

    Attributes
    ----------
    topped
        Step of each column ``z``.
    z_of_step
        Column ``z`` of each step; -1 where floor and ceiling are the same.
    n
        Number of columns.
    by_step
        Pairs of plan and step in the order of the steps.
    """

    def __init__(self, steps: Steps, plans: Plans) -> None:
        self.steps, self.plans = steps, plans
        self.topped = np.flatnonzero(steps.ceiling > steps.floor)
        self.z_of_step = np.full(len(steps), -1, dtype=np.int64)
        self.z_of_step[self.topped] = len(plans) + np.arange(len(self.topped))
        self.n = len(plans) + len(self.topped)
        self.by_step = np.argsort(plans.step, kind="stable")
        self._first = np.zeros(len(steps) + 1, dtype=np.int64)
        np.cumsum(np.bincount(plans.step, minlength=len(steps)), out=self._first[1:])
        #: Floor of the step of each pair of plan and step.
        self._floor = steps.floor[plans.step].astype(np.float64)

    def money(self, chosen: Ints) -> tuple[Ints, Floats]:
        """Return columns and coefficients of the money granted to some steps, in grant steps."""
        z = self.z_of_step[chosen]
        z = z[z >= 0]
        plan, floor = self._floors(chosen)
        return np.concatenate([plan, z]), np.concatenate([floor, np.ones(len(z))])

    def _floors(self, chosen: Ints) -> tuple[Ints, Floats]:
        """Return plans and the floors of those of their steps that are chosen."""
        if len(chosen) > _MANY * len(self.steps):
            # Over all pairs, which are in order, each plan comes once and in its place.
            is_chosen = np.zeros(len(self.steps), dtype=bool)
            is_chosen[chosen] = True
            floors = np.asarray(
                np.bincount(self.plans.plan, self._floor * is_chosen[self.plans.step], len(self.plans)), float
            )
            plan: Ints = np.flatnonzero(floors)
            return plan, floors[plan]
        size = self._first[chosen + 1] - self._first[chosen]
        # Positions, one run for each step, of the pairs of plan and step.
        at = self.by_step[np.arange(int(size.sum())) + np.repeat(self._first[chosen] - np.cumsum(size) + size, size)]
        return self.plans.plan[at], self._floor[at]


class MoneyRows:
    """The columns ``y``, ``k``, ``b`` and ``envelope``, and the rows of all money.

    Parameters
    ----------
    scenario, funding, rules
        The call.
    grants
        Columns of the grants, which stand before those made here.
    is_sought
        Whether the envelope is a column.
    margin
        Euros that rows with charges keep clear of their bound.
    """

    def __init__(
        self,
        scenario: Scenario,
        funding: Funding,
        rules: list[RuleRow],
        grants: GrantColumns,
        is_sought: bool,
        margin: int,
    ) -> None:
        self.scenario, self.funding, self.rules, self.grants = scenario, funding, rules, grants
        self.steps, self.plans = grants.steps, grants.plans
        self.flows = np.argwhere(funding.class_may_pay) if funding.is_split else np.zeros((0, 2), dtype=np.int64)
        self.y0 = grants.n
        self.k0 = self.y0 + len(self.flows)
        self.holders = np.unique(self.plans.candidate)
        self.transversal = tuple(scenario.transversal_volets)
        self.capped = tuple(name for name in self.transversal if self.may_be_capped(name, is_sought))
        self.b0 = self.k0 + len(self.transversal)
        self.end = self.b0 + len(self.capped) + int(is_sought)
        self.envelope = self.end - 1 if is_sought else None
        self.sheet = Sheet(scenario, self.envelope, margin)

    def fill(self, lower: Floats, upper: Floats, is_integer: npt.NDArray[np.bool_]) -> None:
        """Set the bounds of the columns made here, and which of them are integer."""
        total = self.steps_of(self.scenario.envelope.total)
        if self.envelope is not None:
            # As tight as it can be known: solvers err where an integer column may come to a thousand million.
            total = Fraction(ceil(self.largest_envelope()))
        is_step = self.flows[:, 0] < self.funding.first_charge
        upper[self.y0 : self.end] = float(total)
        if self.envelope is not None:
            # No envelope is smaller than the smallest grant: a scenario that states one is refused.
            smallest = min(terms.grant.min if terms.grant else 0 for terms in self.scenario.supports().values())
            lower[self.envelope] = max(1.0, float(ceil(self.steps_of(smallest))))
        if self.envelope is None:
            for y, (_, f) in enumerate(self.flows.tolist()):
                share = self.funding.shares[f]
                upper[self.y0 + y] = in_steps(self.scenario, share) if is_step[y] else float(share * total)
            for position, name in enumerate(self.transversal):
                lower[self.k0 + position] = float(self.steps_of(transversal_cost(self.scenario, name, 0)))
        upper[self.b0 : self.b0 + len(self.capped)] = 1.0
        is_integer[self.y0 : self.k0] = is_step
        is_integer[self.k0 : self.b0] = False

    def steps_of(self, euros: Fraction | int) -> Fraction:
        """Return euros as grant steps."""
        return Fraction(euros) / self.scenario.envelope.grant_step

    def largest_grants(self) -> float:
        """Return what all grants together cannot exceed, in grant steps."""
        if self.envelope is not None:
            return float(self.steps.ceiling.sum())
        return float(sum(in_steps(self.scenario, share) for share in self.funding.shares))

    def largest_envelope(self) -> Fraction:
        """Return an envelope that no allocation needs more than, in grant steps."""
        needed = Fraction(0)
        for i in self.holders.tolist():
            own = self.plans.candidate[self.plans.plan] == i
            needed += int(np.bincount(self.plans.plan[own], self.steps.ceiling[self.plans.step[own]]).max(initial=0))
        for group in self.funding.charges:
            needed += self.steps_of(int(group.euros.sum()))
        for volet in self.scenario.transversal_volets.values():
            needed += self.steps_of(volet.fixed + volet.per_ptce * len(self.holders))
        horizon = tuple(self.scenario.horizon)
        limits = [(horizon, Fraction(1)), *tranche_limits(self.scenario)]
        for limit in self.funding.limits:
            years = [group.year for group in self.funding.charges]
            own = limit.classes[self.funding.first_charge :]
            limits.append((tuple(year for year, is_in in zip(years, own, strict=True) if is_in), limit.share))
        # What the floors of transversal volets leave of each limit, were it to bear all of those of its years.
        shares = [share - self.floors(years) for years, share in limits if share > 0]
        shares += [exact(row.maximum) for row in self.rules if row.rule.of == "envelope" and row.maximum]
        most = self.steps_of(LARGEST_ENVELOPE)
        return min(needed / min(shares) + 1, most) if min(shares) > 0 else most

    def floors(self, years: tuple[int, ...]) -> Fraction:
        """Return the share of the envelope that transversal volets cost at least in some years."""
        return sum(
            (
                group.share * exact(self.scenario.volets[group.volet].min_share or 0)
                for group in self.funding.charges
                if group.share and group.year in years
            ),
            Fraction(0),
        )

    def charged(self, parts: list[tuple[int, Fraction]]) -> tuple[Ints, Floats]:
        """Return columns and coefficients of shares of some charges, in grant steps."""
        columns: list[Ints] = [np.zeros(0, dtype=np.int64)]
        values: list[Floats] = [np.zeros(0)]
        for j, share in parts:
            group = self.funding.charges[j]
            if group.share:
                columns.append(np.array([self.k0 + self.transversal.index(group.volet)]))
                values.append(np.array([float(group.share * share)]))
            else:
                columns.append(group.plans)
                values.append(np.asarray(group.euros * float(self.steps_of(share)), dtype=float))
        return np.concatenate(columns), np.concatenate(values)

    def add(self) -> None:
        """The envelope, by funder where they are told apart, the yearly tranches and the payments."""
        column, value = self.grants.money(np.arange(len(self.steps)))
        funding, sheet = self.funding, self.sheet
        everything = [(j, Fraction(1)) for j in range(len(funding.charges))]
        if funding.is_split:
            self.split_rows()
        elif funding.charges or self.envelope is not None:
            # Funders bring whole euros: what the rounding of their shares loses, nobody can spend.
            lost = 0
            if self.envelope is None:
                lost = sheet.total - sum(floor(share * sheet.total) for share in funding.shares)
            self.together("envelope", (column, value), everything, Fraction(sheet.total - lost, sheet.total))
        if not funding.is_split and self.envelope is None and (not funding.charges or len(funding.names) > 1):
            # Each funder pays whole grant steps.
            name = "grants" if funding.charges else "envelope"
            sheet.add(name, column, value, -np.inf, self.largest_grants())
        for years, share in tranche_limits(self.scenario):
            granted = self.grants.money(np.flatnonzero(np.isin(self.steps.year, years)))
            parts = [(j, part) for j, part in everything if funding.charges[j].year in years]
            self.together(f"tranche({'+'.join(map(str, years))})", granted, parts, share)
        for year, most_paid in payment_limits(self.scenario):
            sheet.add(f"payments({year})", *self.paid_in(year, most_paid))

    def together(
        self, name: str, granted: tuple[Ints, Floats], parts: list[tuple[int, Fraction]], share: Fraction
    ) -> None:
        """State that grants and shares of charges stay within a share of the envelope."""
        column, value = self.charged(parts)
        columns, values = np.concatenate([granted[0], column]), np.concatenate([granted[1], value])
        self.sheet.within(name, columns, values, share, is_whole=not parts)

    def split_rows(self) -> None:
        """What each class is paid, and by which funders."""
        funding = self.funding
        for c in range(len(funding.class_may_pay)):
            j = c - funding.first_charge
            of_class, paid = (
                self.charged([(j, Fraction(1))])
                if j >= 0
                else self.grants.money(np.flatnonzero(funding.step_class == c))
            )
            y = self.y0 + np.flatnonzero(self.flows[:, 0] == c)
            self.sheet.add(
                f"paid(class{c})",
                np.concatenate([of_class, y]),
                np.concatenate([paid, -np.ones(len(y))]),
                0.0,
                0.0,
            )
        for limit in funding.limits:
            is_in = (self.flows[:, 1] == limit.funder) & limit.classes[self.flows[:, 0]]
            y = np.flatnonzero(is_in)
            is_whole = bool((self.flows[y, 0] < funding.first_charge).all())
            loose = limit.stated if self.envelope is not None else 0
            self.sheet.within(f"funder({limit.name})", self.y0 + y, np.ones(len(y)), limit.share, is_whole, loose)

    def paid_in(self, year: int, most: int) -> tuple[Ints, Floats, float, float]:
        """Return the row of what is paid in a year: columns, coefficients and bounds, free of fractions where they are not too fine."""
        parts = payments_in(self.scenario, self.steps, year)
        charges = charges_paid_in(self.funding, year)
        scale = lcm(*(share.denominator for _, share in [*parts, *charges]))
        limit = self.steps_of(most)
        if scale <= CLEARED:
            upper = float((limit - self.steps_of(self.sheet.margin)) * scale if charges else limit * scale // 1)
        else:
            scale, upper = 1, float(limit) - 10 * MARGIN
        columns, values = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for chosen, share in parts:
            column, value = self.grants.money(chosen)
            columns.append(column)
            values.append(value * float(share * scale))
        column, value = self.charged([(j, share * scale) for j, share in charges])
        return np.concatenate([*columns, column]), np.concatenate([*values, value]), -np.inf, upper

    def may_be_capped(self, name: str, is_sought: bool) -> bool:
        """Whether a transversal volet could cost more than its largest share of the envelope."""
        volet = self.scenario.volets[name]
        if volet.max_share is None:
            return False
        most = volet.fixed + volet.per_ptce * len(self.holders)
        return is_sought or most > share_of(volet.max_share, self.scenario.envelope.total)

    def transversal_costs(self) -> None:
        """At least the affine cost and the floor, or the cap: nothing rewards a larger cost, so this is the cost."""
        plans = np.arange(len(self.plans))
        for position, name in enumerate(self.transversal):
            volet, k = self.scenario.volets[name], self.k0 + position
            each, fixed = float(self.steps_of(volet.per_ptce)), float(self.steps_of(volet.fixed))
            columns, values = np.append(plans, k), np.append(np.full(len(plans), -each), 1.0)
            if name in self.capped:
                # Above the cap the affine cost is let go, and the cap holds in its place.
                columns = np.append(columns, self.b0 + self.capped.index(name))
                values = np.append(values, fixed + each * len(self.holders))
            self.sheet.add(f"cost({name})", columns, values, fixed, np.inf)
            if name in self.capped:
                self.cap(name, k, self.b0 + self.capped.index(name))
            if self.envelope is not None and volet.min_share:
                column = np.array([k, self.envelope])
                self.sheet.add(f"floor({name})", column, np.array([1.0, -volet.min_share]), 0.0, np.inf)

    def cap(self, name: str, k: int, b: int) -> None:
        """State that a capped cost is that share of the envelope."""
        if self.envelope is None:
            most = float(self.steps_of(transversal_cost(self.scenario, name, len(self.holders))))
            self.sheet.add(f"cap({name})", np.array([k, b]), np.array([1.0, -most]), 0.0, np.inf)
            return
        share = float(exact(self.scenario.volets[name].max_share or 0))
        largest = share * float(self.largest_envelope())
        columns, values = np.array([k, self.envelope, b]), np.array([1.0, -share, -largest])
        self.sheet.add(f"cap({name})", columns, values, -largest, np.inf)
