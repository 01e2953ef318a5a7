"""From plans and rules to a problem, and back from its solution to grants.

Columns (docs/model.md, Formulation), money in grant steps:

- ``x[plan]``, binary: the plan is chosen;
- ``z[step]``, integer: what the step gets above its floor;
- ``y[class, funder]``: what a funder pays to a class of steps (integer) or to a charge, where funders differ in what they may pay;
- ``k[volet]``: what a transversal volet costs; ``b[volet]``, binary: its cap holds, where it can;
- ``envelope``, integer: where it is sought;
- ``total``: what is granted, where a share of it is asked.

A class is made of the steps that the same funders may pay, told apart further only where a rule speaks of funders. Feasibility
depends on the totals of classes alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.funding import (
    Funding,
    funding_of,
)
from ptce_funding.money import exact, steps_down, steps_up
from ptce_funding.money_rows import GrantColumns, MoneyRows
from ptce_funding.plans import Plans
from ptce_funding.problem import Blocks, Problem
from ptce_funding.rules import RuleRow, rule_rows
from ptce_funding.scenario import Scenario
from ptce_funding.sheet import BEYOND
from ptce_funding.steps import Fundable, Steps

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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
    transversal, capped
        Volet of each column ``k`` and ``b``.
    envelope
        Column of the envelope where it is sought.
    owners, limited
        Candidates of the first rows: at most one plan for each; and of the rows that follow those of ``z``: the ceiling of each.
    shared_row_names
        What each of the rows after these stands for.
    """

    problem: Problem
    steps: Steps
    plans: Plans
    rules: tuple[RuleRow, ...]
    funding: Funding
    topped: Ints
    flows: Ints
    transversal: tuple[str, ...]
    capped: tuple[str, ...]
    envelope: int | None
    owners: Ints
    limited: Ints
    shared_row_names: tuple[str, ...]

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
        names += [f"cost({name})" for name in self.transversal] + [f"capped({name})" for name in self.capped]
        names += ["envelope"] * (self.envelope is not None)
        return names + ["total_granted"] * (self.problem.n - len(names))

    def price_list(self, prices: Floats) -> dict[str, float]:
        """Return prices of the rows that couple candidates, by what each row stands for."""
        return dict(zip(self._shared_keys(), prices[len(prices) - len(self.shared_row_names) :].tolist(), strict=True))

    def prices_of(self, listed: Mapping[str, float]) -> Floats:
        """Return a price for each row, zero for rows that are not listed: the reverse of `price_list`."""
        local = np.zeros(len(self.problem.rows) - len(self.shared_row_names))
        return np.concatenate([local, [listed.get(key, 0.0) for key in self._shared_keys()]])

    def _shared_keys(self) -> list[str]:
        """Return names of shared rows, told apart where several have one name."""
        seen: Counter[str] = Counter()
        keys = []
        for name in self.shared_row_names:
            seen[name] += 1
            keys.append(f"{name}#{seen[name]}")
        return keys

    def row_names(self, ids: npt.NDArray[np.object_]) -> list[str]:
        """Return a readable name of each row; `ids` are the candidates' identifiers."""
        steps = self.steps
        names = [f"one_plan({ids[i]})" for i in self.owners]
        names += [
            f"within_ceiling({ids[steps.candidate[s]]}:{steps.volets[steps.volet[s]]}.{steps.year[s]}.{s})"
            for s in self.topped
        ]
        return names + [f"candidate_max({ids[i]})" for i in self.limited] + list(self.shared_row_names)


def formulate(
    scenario: Scenario,
    candidates: Candidates,
    fundable: Fundable,
    plans: Plans,
    possible: Steps | None = None,
    is_sought: bool = False,
    margin: int = 0,
) -> Formulation:
    """State a call as a problem.

    Parameters
    ----------
    scenario, candidates
        The call.
    fundable, plans
        Its steps and plans, those of candidates rejected by hand already left out.
    possible
        Steps that could be funded if there were money enough: they decide which floors are skipped; those of `fundable` unless said.
    is_sought
        Whether the smallest envelope is sought, in place of the greatest value.
    margin
        Euros that rows with charges keep clear of their bound.
    """
    return _Builder(scenario, candidates, fundable, plans, possible or fundable.steps, is_sought, margin).build()


class _Builder:
    def __init__(
        self,
        scenario: Scenario,
        candidates: Candidates,
        fundable: Fundable,
        plans: Plans,
        possible: Steps,
        is_sought: bool,
        margin: int,
    ) -> None:
        self.scenario, self.candidates, self.fundable, self.plans = scenario, candidates, fundable, plans
        self.steps = fundable.steps
        self.rules = rule_rows(scenario, candidates, self.steps, plans, possible)
        self.funding = funding_of(scenario, candidates, self.steps, plans, self.rules, is_sought)
        self.grants = GrantColumns(self.steps, plans)
        self.money = MoneyRows(scenario, self.funding, self.rules, self.grants, is_sought, margin)
        self.sheet = self.money.sheet
        self.needs_total = any(row.rule.of == "granted" for row in self.rules)
        self.n = self.money.end + int(self.needs_total)

    def build(self) -> Formulation:
        is_forced = self.one_plan()
        self.top_ups()
        room = self.candidate_limits()
        # A forced candidate without any plan has a row of its own, but is no block: nothing can be chosen for it.
        is_sound = self.money.envelope is None and len(self.plans) > 0
        blocks = self.blocks(is_forced, room) if is_sound else None
        self.money.add()
        self.total()
        self.money.transversal_costs()
        for row in self.rules:
            self.rule(row)
        self.links()
        lower, upper, is_integer = np.zeros(self.n), np.ones(self.n), np.ones(self.n, dtype=bool)
        upper[len(self.plans) : self.grants.n] = (self.steps.ceiling - self.steps.floor)[self.grants.topped]
        self.money.fill(lower, upper, is_integer)
        if self.needs_total:
            upper[-1], is_integer[-1] = self.money.largest_grants(), False
        problem = Problem(
            objectives=self.objectives(),
            lower=lower,
            upper=upper,
            integer=is_integer,
            rows=self.sheet.rows.rows(),
            blocks=blocks,
        )
        return Formulation(
            problem,
            self.steps,
            self.plans,
            tuple(self.rules),
            self.funding,
            self.grants.topped,
            self.money.flows,
            self.money.transversal,
            self.money.capped,
            self.money.envelope,
            self.owners,
            self.limited,
            tuple(self.sheet.names),
        )

    def objectives(self) -> tuple[Floats, ...]:
        if self.money.envelope is not None:
            seek = np.zeros(self.n)
            seek[self.money.envelope] = -1.0
            return (seek,)
        steps, step = self.steps, self.scenario.envelope.grant_step
        fixed = self.scenario.value.fixed
        per_grant_step = steps.base * (1.0 - fixed) * step / steps.ask
        at_floor = steps.base * fixed + per_grant_step * steps.floor
        value = np.zeros(self.n)
        np.add.at(value, self.plans.plan, at_floor[self.plans.step])
        value[len(self.plans) : self.grants.n] = per_grant_step[self.grants.topped]
        if self.scenario.priority.mode != "strict":
            return (value,)
        owner = np.full(self.n, -1, dtype=np.int64)
        owner[: len(self.plans)] = self.plans.candidate
        owner[len(self.plans) : self.grants.n] = steps.candidate[self.grants.topped]
        groups = self.fundable.group
        group = np.where(owner >= 0, groups[owner], -1)
        return tuple(np.where(group == g, value, 0.0) for g in range(self.fundable.groups))

    # --------------------------------------------------------------------------------------------------- rows

    def one_plan(self) -> npt.NDArray[np.bool_]:
        """At most one plan for each candidate; exactly one for those funded by hand, who are returned among the owners of plans."""
        forced = sorted({each.candidate for each in self.scenario.decisions if each.decision == "fund"})
        must = np.flatnonzero(np.isin(self.candidates.columns["id"], forced))
        holders, row = np.unique(self.plans.candidate, return_inverse=True)
        # A candidate forced in without any plan gets an empty row that cannot hold: no allocation exists.
        self.owners = np.concatenate([holders, np.setdiff1d(must, holders)])
        is_forced = np.isin(self.owners, must)
        lower = np.where(is_forced, 1.0, -np.inf)
        self.sheet.rows.add_many(row, np.arange(len(self.plans)), np.ones(len(self.plans)), lower, np.ones(len(lower)))
        return is_forced[: len(holders)]

    def top_ups(self) -> None:
        """Nothing above the floor without a plan that has the step."""
        plans, topped, z = self.plans, self.grants.topped, self.grants.z_of_step
        # In the order of the rows: of each step first the plans that have it.
        pair = self.grants.by_step[z[plans.step[self.grants.by_step]] >= 0]
        step = plans.step[pair]
        count = np.bincount(z[step] - len(plans), minlength=len(topped))
        end = np.cumsum(count)
        self.sheet.rows.add_many(
            np.repeat(np.arange(len(topped)), count + 1),
            np.insert(plans.plan[pair], end, z[topped]),
            np.insert((self.steps.floor - self.steps.ceiling)[step].astype(float), end, 1.0),
            np.full(len(topped), -np.inf),
            np.zeros(len(topped)),
        )

    def candidate_limits(self) -> Floats:
        """What one candidate gets over the horizon stays within its ceiling, where its plans could pass it.

        Returns
        -------
        numpy.ndarray
            What the parts of each plan may come to together, in grant steps.
        """
        plans, self.limited = self.plans, np.zeros(0, dtype=np.int64)
        if self.scenario.envelope.candidate_max is None:
            return np.full(len(plans), np.inf)
        limit = self.scenario.envelope.candidate_max // self.scenario.envelope.grant_step
        most = np.bincount(plans.plan, weights=self.steps.ceiling[plans.step], minlength=len(plans))
        least = np.bincount(plans.plan, weights=self.steps.floor[plans.step], minlength=len(plans))
        self.limited = np.unique(plans.candidate[most > limit])
        is_own = np.isin(self.steps.candidate, self.limited)
        column, value = self.grants.money(np.flatnonzero(is_own))
        owner = np.concatenate([plans.candidate, self.steps.candidate[self.grants.topped]])[column]
        row, n = np.searchsorted(self.limited, owner), len(self.limited)
        self.sheet.rows.add_many(row, column, value, np.full(n, -np.inf), np.full(n, float(limit)))
        return np.where(most > limit, limit - least, np.inf)

    def blocks(self, is_forced: npt.NDArray[np.bool_], room: Floats) -> Blocks:
        """Say which columns belong to which candidate."""
        z = self.grants.z_of_step[self.plans.step]
        pairs = z >= 0
        return Blocks(
            owner=np.searchsorted(self.owners[: len(is_forced)], self.plans.candidate),
            parts=len(self.grants.topped),
            choice=self.plans.plan[pairs],
            part=z[pairs] - len(self.plans),
            room=room,
            is_forced=is_forced,
            rows=self.sheet.rows.count,
        )

    def total(self) -> None:
        """What is granted, where a rule asks for a share of it."""
        if self.needs_total:
            column, value = self.grants.money(np.arange(len(self.steps)))
            column, value = np.concatenate([column, [self.n - 1]]), np.concatenate([value, [-1.0]])
            self.sheet.add("total_granted", column, value, 0.0, 0.0)

    def rule(self, row: RuleRow) -> None:
        name = row.rule.name + (f"({', '.join(str(value) for _, value in row.group)})" if row.group else "")
        minimum, maximum = row.minimum, row.maximum
        if not row.is_money:
            lower = -np.inf if minimum is None else min(float(minimum), BEYOND)
            self.sheet.add(
                name, row.plans, row.weights, lower, np.inf if maximum is None else max(float(maximum), -BEYOND)
            )
            return
        if row.funders is None:
            column, value = self.grants.money(row.steps)
        else:
            classes = np.unique(self.funding.step_class[row.steps])
            is_in = np.isin(self.money.flows[:, 0], classes) & np.isin(self.money.flows[:, 1], row.funders)
            column = self.grants.n + np.flatnonzero(is_in)
            value = np.ones(len(column))
        if row.rule.of == "granted":
            for bound, is_floor in ((minimum, True), (maximum, False)):
                if bound is not None:
                    self.sheet.share_of(name, column, value, exact(bound), self.n - 1, is_floor)
            return
        bounds = [None if bound is None else exact(bound) for bound in (minimum, maximum)]
        if row.rule.measure == "share":
            self.sheet.between(name, column, value, *bounds)
            return
        step = self.scenario.envelope.grant_step
        lower = -np.inf if bounds[0] is None else min(float(steps_up(bounds[0], step)), BEYOND)
        upper = np.inf if bounds[1] is None else float(steps_down(bounds[1], step))
        self.sheet.add(name, column, value, lower, upper)

    def links(self) -> None:
        """What ties named candidates together."""
        position = {id_: i for i, id_ in enumerate(self.candidates.ids)}

        def plans_of(ids: tuple[str, ...]) -> Ints:
            return np.flatnonzero(np.isin(self.plans.candidate, [position[id_] for id_ in ids]))

        for link in self.scenario.links:
            if link.at_most is not None:
                column = plans_of(link.candidates)
                self.sheet.add(link.name, column, np.ones(len(column)), -np.inf, float(link.at_most))
                continue
            first = link.only_if if link.only_if is not None else link.candidates[0]
            for other in link.candidates:
                if other != first:
                    own, lead = plans_of((other,)), plans_of((first,))
                    coefficients = np.concatenate([np.ones(len(own)), -np.ones(len(lead))])
                    lower = -np.inf if link.only_if is not None else 0.0
                    self.sheet.add(f"{link.name}({other})", np.concatenate([own, lead]), coefficients, lower, 0.0)
