"""From plans and rules to a problem, and back from its solution to grants.

Columns (docs/model.md, Formulation), money in grant steps:

- ``x[plan]``, binary: the plan is chosen;
- ``z[step]``, integer: what the step gets above its floor;
- ``y[class, funder]``, integer: what a funder pays to a class of steps, where funders differ in what they may pay;
- ``total``: what is granted, where a share of it is asked.

A class is made of the steps that the same funders may pay, told apart further only where a rule speaks of funders. Feasibility
depends on the totals of classes alone.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.funding import Funding, funding_of, year_limits
from ptce_funding.money import exact, steps_down, steps_up
from ptce_funding.plans import Plans
from ptce_funding.problem import Problem, RowBuilder
from ptce_funding.rules import RuleRow, rule_rows
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Fundable, Steps

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: More than anything measured can come to; solvers take larger bounds for infinite.
_BEYOND = 1e15
#: Largest denominator of a share that is cleared from its row.
_CLEARED = 10_000
#: What rows with finer shares keep clear of their bound, in grant steps: the solver may use up as much of its tolerance.
_MARGIN = 2e-7


@dataclass(frozen=True)
class Formulation:
    """A call as a problem, with what is needed to read a solution back.

    Parameters
    ----------
    problem
        The problem.
    steps, plans, rules, funding
        What its columns and rows stand for.
    topped
        Step of each column ``z``.
    flows
        Class and funder of each column ``y``, shape (columns, 2).
    row_names
        What each row stands for.
    """

    problem: Problem
    steps: Steps
    plans: Plans
    rules: tuple[RuleRow, ...]
    funding: Funding
    topped: Ints
    flows: Ints
    row_names: tuple[str, ...]

    def grants(self, x: Floats) -> Ints:
        """Return the grant of each step in a solution, in grant steps; zero where it is not funded.

        The flows between funders and classes are left behind: `funding.split` settles them anew, so that equal grants are
        always paid by the same funders.
        """
        values = np.rint(x).astype(np.int64)
        n_plans, n_topped = len(self.plans), len(self.topped)
        chosen = values[:n_plans] > 0
        is_funded = np.zeros(len(self.steps), dtype=bool)
        is_funded[self.plans.step[chosen[self.plans.plan]]] = True
        grants = np.where(is_funded, self.steps.floor, 0)
        grants[self.topped] += values[n_plans : n_plans + n_topped]
        return grants

    def columns_of(self, grants: Ints) -> Floats:
        """Return columns that stand for grants, the flows between funders and classes left at zero: the reverse of `grants`."""
        x = np.zeros(self.problem.n)
        is_funded = grants > 0
        size = np.bincount(self.plans.plan, minlength=len(self.plans))
        funded = np.bincount(self.plans.plan, weights=is_funded[self.plans.step], minlength=len(self.plans))
        owned = np.bincount(
            self.steps.candidate, weights=is_funded, minlength=int(self.plans.candidate.max(initial=-1)) + 1
        )
        x[: len(self.plans)] = (size == funded) & (funded == owned[self.plans.candidate])
        x[len(self.plans) : len(self.plans) + len(self.topped)] = np.maximum(grants - self.steps.floor, 0)[self.topped]
        return x

    def column_names(self, ids: npt.NDArray[np.object_]) -> list[str]:
        """Return a readable name of each column; `ids` are the candidates' identifiers."""
        steps = self.steps

        def step_name(s: int) -> str:
            parts = (steps.volets[steps.volet[s]], steps.aids[steps.aid[s]], str(steps.year[s]))
            return ".".join(filter(None, parts))

        first = np.searchsorted(self.plans.plan, np.arange(len(self.plans) + 1))
        names = []
        for p in range(len(self.plans)):
            made_of = self.plans.step[first[p] : first[p + 1]]
            names.append(f"fund({ids[self.plans.candidate[p]]}:{'+'.join(step_name(int(s)) for s in made_of)})")
        names += [f"more({ids[steps.candidate[s]]}:{step_name(int(s))})" for s in self.topped]
        names += [f"pays({self.funding.names[f]}:class{c})" for c, f in self.flows]
        return names + ["total_granted"] * (self.problem.n - len(names))


def formulate(scenario: Scenario, candidates: Candidates, fundable: Fundable, plans: Plans) -> Formulation:
    """State a call as a problem.

    Parameters
    ----------
    scenario, candidates
        The call.
    fundable, plans
        Its steps and plans, those of candidates rejected by hand already left out.
    """
    return _Builder(scenario, candidates, fundable, plans).build()


def tranche_limits(scenario: Scenario) -> list[tuple[tuple[int, ...], int]]:
    """Return sets of years and the grant steps that they may commit together; the whole horizon is left to the envelope."""
    envelope = scenario.envelope
    if envelope.tranches is None:
        return []
    limits = year_limits(scenario, [exact(share) * envelope.total for share in envelope.tranches])
    return [limit for limit in limits if len(limit[0]) < scenario.years or not envelope.carry_over]


def payment_limits(scenario: Scenario) -> list[tuple[int, int]]:
    """Return the years whose payments have a ceiling, and the ceiling in euros."""
    stated = scenario.envelope.payments_max or ()
    return [(scenario.first_year + t, most) for t, most in enumerate(stated)]


def payments_in(scenario: Scenario, steps: Steps, year: int) -> list[tuple[Ints, Fraction]]:
    """Return steps of which a share is paid in a year, with that share."""
    found = []
    for v, name in enumerate(steps.volets):
        for delay, share in enumerate(scenario.volets[name].payments):
            chosen = np.flatnonzero((steps.volet == v) & (steps.year == year - delay))
            if share and len(chosen):
                found.append((chosen, exact(share)))
    return found


class _Builder:
    def __init__(self, scenario: Scenario, candidates: Candidates, fundable: Fundable, plans: Plans) -> None:
        self.scenario, self.candidates, self.fundable, self.plans = scenario, candidates, fundable, plans
        self.steps = fundable.steps
        self.rules = rule_rows(scenario, candidates, self.steps, plans)
        self.funding = funding_of(scenario, candidates, self.steps, self.rules)
        self.topped = np.flatnonzero(self.steps.ceiling > self.steps.floor)
        self.z_of_step = np.full(len(self.steps), -1, dtype=np.int64)
        self.z_of_step[self.topped] = len(plans) + np.arange(len(self.topped))
        self.flows = (
            np.argwhere(self.funding.class_may_pay) if self.funding.is_split else np.zeros((0, 2), dtype=np.int64)
        )
        self.y0 = len(plans) + len(self.topped)
        self.needs_total = any(row.rule.of == "granted" for row in self.rules)
        self.n = self.y0 + len(self.flows) + int(self.needs_total)
        self.rows, self.names = RowBuilder(), list[str]()

    def build(self) -> Formulation:
        self.blocks()
        self.top_ups()
        self.candidate_limits()
        self.money_rows()
        for row in self.rules:
            self.rule(row)
        self.links()
        problem = Problem(
            objectives=self.objectives(),
            lower=np.zeros(self.n),
            upper=self.upper(),
            integer=np.arange(self.n) < self.n - int(self.needs_total),
            rows=self.rows.rows(),
        )
        names = tuple(self.names)
        return Formulation(
            problem, self.steps, self.plans, tuple(self.rules), self.funding, self.topped, self.flows, names
        )

    # ------------------------------------------------------------------------------------------------ columns

    def upper(self) -> Floats:
        envelope = int(self.funding.amounts.sum())
        upper = np.full(self.n, float(envelope))
        upper[: len(self.plans)] = 1.0
        upper[len(self.plans) : self.y0] = (self.steps.ceiling - self.steps.floor)[self.topped]
        upper[self.y0 : self.y0 + len(self.flows)] = self.funding.amounts[self.flows[:, 1]]
        return upper

    def objectives(self) -> tuple[Floats, ...]:
        steps, step = self.steps, self.scenario.envelope.grant_step
        fixed = self.scenario.value.fixed
        per_grant_step = steps.base * (1.0 - fixed) * step / steps.ask
        at_floor = steps.base * fixed + per_grant_step * steps.floor
        value = np.zeros(self.n)
        np.add.at(value, self.plans.plan, at_floor[self.plans.step])
        value[len(self.plans) : self.y0] = per_grant_step[self.topped]
        if self.scenario.priority.mode != "strict":
            return (value,)
        owner = np.full(self.n, -1, dtype=np.int64)
        owner[: len(self.plans)] = self.plans.candidate
        owner[len(self.plans) : self.y0] = steps.candidate[self.topped]
        groups = self.fundable.group
        group = np.where(owner >= 0, groups[owner], -1)
        return tuple(np.where(group == g, value, 0.0) for g in range(self.fundable.groups))

    # --------------------------------------------------------------------------------------------------- rows

    def add(self, name: str, column: Ints, value: Floats, lower: float, upper: float) -> None:
        self.rows.add(column, value, lower, upper)
        self.names.append(name)

    def blocks(self) -> None:
        """At most one plan for each candidate; exactly one for those funded by hand."""
        forced = {each.candidate for each in self.scenario.decisions if each.decision == "fund"}
        ids = self.candidates.columns["id"]
        holders, row = np.unique(self.plans.candidate, return_inverse=True)
        # A candidate forced in without any plan gets an empty row that cannot hold: no allocation exists.
        missing = [i for i in np.flatnonzero(np.isin(ids, sorted(forced))) if i not in set(holders.tolist())]
        lower = np.array([1.0 if ids[i] in forced else -np.inf for i in holders] + [1.0] * len(missing))
        self.rows.add_many(row, np.arange(len(self.plans)), np.ones(len(self.plans)), lower, np.ones(len(lower)))
        self.names += [f"one_plan({ids[i]})" for i in [*holders, *missing]]

    def top_ups(self) -> None:
        """Nothing above the floor without a plan that has the step."""
        spread = (self.steps.ceiling - self.steps.floor)[self.plans.step]
        pairs = spread > 0
        row_of_step = np.full(len(self.steps), -1, dtype=np.int64)
        row_of_step[self.topped] = np.arange(len(self.topped))
        self.rows.add_many(
            np.concatenate([np.arange(len(self.topped)), row_of_step[self.plans.step[pairs]]]),
            np.concatenate([self.z_of_step[self.topped], self.plans.plan[pairs]]),
            np.concatenate([np.ones(len(self.topped)), -spread[pairs].astype(float)]),
            np.full(len(self.topped), -np.inf),
            np.zeros(len(self.topped)),
        )
        steps = self.steps
        self.names += [
            f"within_ceiling({self.candidates.columns['id'][steps.candidate[s]]}:{steps.volets[steps.volet[s]]}.{steps.year[s]}.{s})"
            for s in self.topped
        ]

    def candidate_limits(self) -> None:
        """What one candidate gets over the horizon stays within its ceiling, where its plans could pass it."""
        if self.scenario.envelope.candidate_max is None:
            return
        limit = self.scenario.envelope.candidate_max // self.scenario.envelope.grant_step
        most = np.bincount(self.plans.plan, weights=self.steps.ceiling[self.plans.step], minlength=len(self.plans))
        ids = self.candidates.columns["id"]
        for i in np.unique(self.plans.candidate[most > limit]):
            column, value = self.money(np.flatnonzero(self.steps.candidate == i))
            self.add(f"candidate_max({ids[i]})", column, value, -np.inf, float(limit))

    def money(self, chosen: Ints) -> tuple[Ints, Floats]:
        """Return columns and coefficients of the money granted to some steps, in grant steps."""
        is_chosen = np.zeros(len(self.steps), dtype=bool)
        is_chosen[chosen] = True
        pairs = is_chosen[self.plans.step]
        z = self.z_of_step[chosen]
        z = z[z >= 0]
        return (
            np.concatenate([self.plans.plan[pairs], z]),
            np.concatenate([self.steps.floor[self.plans.step[pairs]].astype(float), np.ones(len(z))]),
        )

    def money_rows(self) -> None:
        """The envelope, by funder where they are told apart, and the yearly tranches."""
        everything = np.arange(len(self.steps))
        column, value = self.money(everything)
        funding = self.funding
        if funding.is_split:
            for c in range(len(funding.class_may_pay)):
                of_class, granted = self.money(np.flatnonzero(funding.step_class == c))
                y = self.y0 + np.flatnonzero(self.flows[:, 0] == c)
                self.add(
                    f"paid(class{c})",
                    np.concatenate([of_class, y]),
                    np.concatenate([granted, -np.ones(len(y))]),
                    0.0,
                    0.0,
                )
            for limit in funding.limits:
                is_in = (self.flows[:, 1] == limit.funder) & limit.classes[self.flows[:, 0]]
                y = self.y0 + np.flatnonzero(is_in)
                self.add(f"funder({limit.name})", y, np.ones(len(y)), -np.inf, float(limit.amount))
        else:
            self.add("envelope", column, value, -np.inf, float(funding.amounts.sum()))
        for years, most in tranche_limits(self.scenario):
            of_years, granted = self.money(np.flatnonzero(np.isin(self.steps.year, years)))
            self.add(f"tranche({'+'.join(map(str, years))})", of_years, granted, -np.inf, float(most))
        for year, most_paid in payment_limits(self.scenario):
            self.add(f"payments({year})", *self.paid_in(year, most_paid))
        if self.needs_total:
            column = np.concatenate([column, [self.n - 1]])
            self.add("total_granted", column, np.concatenate([value, [-1.0]]), 0.0, 0.0)

    def paid_in(self, year: int, most: int) -> tuple[Ints, Floats, float, float]:
        """Return the row of what is paid in a year: columns, coefficients and bounds, free of fractions where they are not too fine."""
        parts = payments_in(self.scenario, self.steps, year)
        scale = lcm(*(share.denominator for _, share in parts))
        limit = Fraction(most, self.scenario.envelope.grant_step)
        if scale <= _CLEARED:
            upper = float(floor(limit * scale))
        else:
            scale, upper = 1, float(limit) - 10 * _MARGIN
        columns, values = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
        for chosen, share in parts:
            column, value = self.money(chosen)
            columns.append(column)
            values.append(value * float(share * scale))
        return np.concatenate(columns), np.concatenate(values), -np.inf, upper

    def rule(self, row: RuleRow) -> None:
        name = row.rule.name + (f"({', '.join(str(value) for _, value in row.group)})" if row.group else "")
        minimum, maximum = row.minimum, row.maximum
        if not row.is_money:
            lower = -np.inf if minimum is None else min(float(minimum), _BEYOND)
            self.add(name, row.plans, row.weights, lower, np.inf if maximum is None else max(float(maximum), -_BEYOND))
            return
        if row.funders is None:
            column, value = self.money(row.steps)
        else:
            classes = np.unique(self.funding.step_class[row.steps])
            is_in = np.isin(self.flows[:, 0], classes) & np.isin(self.flows[:, 1], row.funders)
            column = self.y0 + np.flatnonzero(is_in)
            value = np.ones(len(column))
        if row.rule.of == "granted":
            if minimum is not None:
                self.share_row(name, column, value, minimum, is_floor=True)
            if maximum is not None:
                self.share_row(name, column, value, maximum, is_floor=False)
            return
        step = self.scenario.envelope.grant_step
        whole = self.scenario.envelope.total if row.rule.measure == "share" else 1
        lower = -np.inf if minimum is None else min(float(steps_up(exact(minimum) * whole, step)), _BEYOND)
        self.add(
            name, column, value, lower, np.inf if maximum is None else float(steps_down(exact(maximum) * whole, step))
        )

    def share_row(self, name: str, column: Ints, value: Floats, bound: float, is_floor: bool) -> None:
        """State ``activity - share × total >= 0``, or ``<= 0`` for a cap."""
        share = exact(bound)
        column = np.concatenate([column, [self.n - 1]])
        if share.denominator <= _CLEARED:
            # Without fractions every coefficient is a whole number, and so is every activity: no tolerance can be used up.
            scale, slack = float(share.denominator), 0.0
        else:
            scale, slack = 1.0, _MARGIN
        coefficients = np.concatenate([value * scale, [-float(share) * scale]])
        bounds = (slack, np.inf) if is_floor else (-np.inf, 0.0 - slack)
        self.add(name, column, np.rint(coefficients) if slack == 0.0 else coefficients, *bounds)

    def links(self) -> None:
        """What ties named candidates together."""
        position = {id_: i for i, id_ in enumerate(self.candidates.ids)}

        def plans_of(ids: tuple[str, ...]) -> Ints:
            return np.flatnonzero(np.isin(self.plans.candidate, [position[id_] for id_ in ids]))

        for link in self.scenario.links:
            if link.at_most is not None:
                column = plans_of(link.candidates)
                self.add(link.name, column, np.ones(len(column)), -np.inf, float(link.at_most))
                continue
            first = link.only_if if link.only_if is not None else link.candidates[0]
            for other in link.candidates:
                if other != first:
                    own, lead = plans_of((other,)), plans_of((first,))
                    coefficients = np.concatenate([np.ones(len(own)), -np.ones(len(lead))])
                    lower = -np.inf if link.only_if is not None else 0.0
                    self.add(f"{link.name}({other})", np.concatenate([own, lead]), coefficients, lower, 0.0)
