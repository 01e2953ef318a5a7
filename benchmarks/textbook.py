"""The formulation that claims of speed are held against: the model's text written down row by row with PuLP.

A binary for each step, precedence rows between steps, an integer grant for each step and funder, a binary for each supported
candidate. Which steps there are, with their floors, ceilings and base values, is data that both formulations read; of the rows
nothing is shared, so that equal optima also say that both state the same model (`tests/test_textbook.py`). The opponent is meant
to be good at what it does: limits are rounded to whole grant steps where that is exact, and objectives are scaled.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, product
from math import ceil, floor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pulp

from ptce_funding.benefits import advantage_costs
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.money import exact
from ptce_funding.parts import as_tuple
from ptce_funding.problem import Status
from ptce_funding.rules import effective_rules, step_columns
from ptce_funding.scenario import Funder, Rule, Scenario, transversal_cost
from ptce_funding.selection import matches
from ptce_funding.steps import Steps
from through_pulp import run

#: What the largest coefficient of an objective is scaled to: solvers' tolerances are absolute.
SCALE = 100.0
#: How far an objective may fall, relative to its value, while later ones are maximised: rounding, not policy.
SLACK = 1e-9

Terms = list[tuple[pulp.LpVariable, Any]]
Profile = tuple[Fraction, ...]


@dataclass(frozen=True)
class Textbook:
    """What the textbook formulation found.

    Parameters
    ----------
    status, values
        How the solve ended; value of each objective, recomputed from whole grants, none without an allocation.
    build_time, runtime
        Seconds spent on stating the model, and on solving it; PuLP's translation for the solver is part of the latter.
    columns, rows
        Size of the model, before rows that fix earlier objectives.
    bounds
        Upper bound that the solver proved of each objective, as far as it got; None where it told none.
    """

    status: Status
    values: tuple[float, ...]
    build_time: float
    runtime: float
    columns: int
    rows: int
    bounds: tuple[float | None, ...]


def textbook(
    scenario: Scenario, candidates: Candidates, solver: str = "highs", time_limit: float = 60, gap: float | None = None
) -> Textbook:
    """Find the best allocation by the textbook formulation.

    Parameters
    ----------
    solver, time_limit, gap
        `highs` or `cbc`, both through PuLP; seconds for all objectives together; relative gap, that of the scenario unless said.
    """
    call = prepare(scenario, candidates)
    begin = time.perf_counter()
    model = Model(call)
    built = time.perf_counter()
    columns, rows = model.lp.numVariables(), model.lp.numConstraints()
    status, values, bounds = _solve(model, solver, time_limit, scenario.solve.gap if gap is None else gap)
    return Textbook(status, values, built - begin, time.perf_counter() - built, columns, rows, bounds)


def _solve(
    model: "Model", solver: str, time_limit: float, gap: float
) -> tuple[Status, tuple[float, ...], tuple[float | None, ...]]:
    """Maximise one objective after the other, each time fixing the value reached."""
    begin, status = time.perf_counter(), Status.OPTIMAL
    values: tuple[float, ...] = ()
    bounds: tuple[float | None, ...] = ()
    for k, objective in enumerate(model.objectives):
        scale = SCALE / (max((abs(coefficient) for _, coefficient in objective), default=0.0) or 1.0)
        scaled = [(each, coefficient * scale) for each, coefficient in objective]
        model.lp.setObjective(pulp.LpAffineExpression(scaled or [(model.nothing, 1.0)]))
        left = max(time_limit - (time.perf_counter() - begin), 1.0)
        outcome, bound = run(model.lp, solver, left, gap, model.scenario.solve.seed)
        bounds = (*bounds, None if bound is None else bound / scale)
        if outcome not in (Status.OPTIMAL, Status.FEASIBLE):
            # Without an answer to a later objective, the answer to the earlier ones stands.
            return (Status.FEASIBLE if values else outcome), values, bounds
        status = status if outcome is Status.OPTIMAL else outcome
        values = tuple(sum(n * round(each.varValue or 0) for each, n in terms) for terms in model.objectives)
        model.row(scaled, lower=values[k] * scale - SLACK * max(abs(values[k] * scale), SCALE))
    return status, values, bounds


class Model:
    """The model of a call: steps with their columns, lines of money that is committed in a year, rows, objectives."""

    def __init__(self, call: Call) -> None:
        self.call, self.scenario, self.candidates = call, call.scenario, call.candidates
        self.unit = self.scenario.envelope.grant_step
        self.funders = self.scenario.funders or (Funder.model_construct(name=""),)
        self.lp, self.number = pulp.LpProblem("textbook", pulp.LpMaximize), count(1)
        self.nothing = self.lp.add_variable("nothing", 0, 0)  # for rows without columns, which PuLP would drop
        self.steps = self.listed(call.formulation.steps)
        self.own_steps: dict[int, list[SimpleNamespace]] = defaultdict(list)
        for step in self.steps:
            self.own_steps[step.candidate].append(step)
        self.supported = {i: self.column() for i in self.own_steps}
        #: Year, share that is paid in it and in each that follows, column of each funder that may pay, whether it is a grant.
        self.lines: list[tuple[int, Profile, dict[int, pulp.LpVariable], bool]] = []
        for state in (self.plans, self.grants, self.transversal, self.advantages, self.money):
            state()
        for rule in effective_rules(self.scenario):
            self.rule(rule)
        self.choices()
        self.objectives = self.values()

    def column(self, upper: float | None = 1, category: str = pulp.LpInteger) -> pulp.LpVariable:
        """Add a column, a binary unless said."""
        return self.lp.add_variable(f"c{next(self.number)}", 0, upper, category)

    def row(self, terms: Iterable[tuple[Any, float]], lower: float | None = None, upper: float | None = None) -> None:
        """Add a row with one bound or two."""
        total: dict[pulp.LpVariable, float] = {}
        for column, coefficient in terms:
            total[column] = total.get(column, 0.0) + coefficient
        expression = pulp.LpAffineExpression(list(total.items()) or [(self.nothing, 1.0)])
        if lower is not None:
            self.lp += expression == lower if lower == upper else expression >= lower
        if upper is not None and lower != upper:
            self.lp += expression <= upper

    def meets(self, steps: Steps, *conditions: dict[str, Any]) -> Any:
        """Return which steps meet conditions, the funder left aside."""
        column, mask = step_columns(self.candidates, steps), np.ones(len(steps), dtype=bool)
        for name, values in (item for condition in conditions for item in condition.items()):
            mask &= True if name == "funder" else matches(column(name), as_tuple(values))
        return mask

    def listed(self, steps: Steps) -> list[SimpleNamespace]:
        """Return the fundable steps one by one, each with its binary and a grant for each funder that may pay it."""
        names = ("candidate", "volet", "aid", "year", "floor", "ceiling", "base", "ask")
        masks = [self.meets(steps, funder.pays) for funder in self.funders]
        found = []
        for k, values in enumerate(zip(*(getattr(steps, name).tolist() for name in names), strict=True)):
            step = SimpleNamespace(**dict(zip(names, values, strict=True)))
            step.volet, step.aid = steps.volets[step.volet], steps.aids[step.aid]
            step.funded = step.opens = self.column()
            step.grant = {f: self.column(step.ceiling) for f, mask in enumerate(masks) if mask[k]}
            found.append(step)
        return found

    def plans(self) -> None:
        """What a candidate may get: each volet once, entered by phase or opened by an earlier step, below its ceiling."""
        phases, volets = self.candidates.column("phase"), self.scenario.volets
        for i, own in self.own_steps.items():
            for step in own:
                volet = volets[step.volet]
                self.row([(step.funded, 1), (self.supported[i], -1)], upper=0)
                if phases[i] not in volet.phases:
                    # A volet lasts a year at least, so that volets in a circle cannot open themselves.
                    before = [each for each in own if each.volet in volet.after]
                    ends = [(each.funded, each.year + volets[each.volet].duration) for each in before]
                    opening = (funded for funded, end in ends if end + volet.lag <= step.year)
                    self.row([(step.funded, 1), *_sum(opening, -1)], upper=0)
            self.row([(self.supported[i], 1), *_sum((step.funded for step in own), -1)], upper=0)
            for name in dict.fromkeys(step.volet for step in own):
                self.once([step for step in own if step.volet == name], volets[name].aids_mode == "both")
            if (most := self.scenario.envelope.candidate_max) is not None:
                self.row(_sum(each for step in own for each in step.grant.values()), upper=most // self.unit)

    def once(self, steps: list[SimpleNamespace], are_cumulative: bool) -> None:
        """Grant a volet by one aid in one year, or by any of its aids in one year."""
        if not are_cumulative:
            self.row(_sum(step.funded for step in steps), upper=1)
            return
        starts = {year: self.column() for year in dict.fromkeys(step.year for step in steps)}
        self.row(_sum(starts.values()), upper=1)
        for step in steps:
            self.row([(step.funded, 1), (starts[step.year], -1)], upper=0)

    def grants(self) -> None:
        """What funders give to a step is between floor and ceiling together, or nothing."""
        profiles = {name: self.scenario.profile(name) for name in self.scenario.step_volets}
        for step in self.steps:
            given = _sum(step.grant.values())
            self.row([*given, (step.funded, -step.floor)], lower=0)
            self.row([*given, (step.funded, -step.ceiling)], upper=0)
            self.lines.append((step.year, profiles[step.volet], step.grant, True))

    def charge(self, year: int, profile: Profile, funders: Iterable[int], cost: Terms) -> None:
        """Charge a cost, in grant steps, to funders, in whatever parts."""
        paid = {f: self.column(None, pulp.LpContinuous) for f in funders}
        self.row([*_sum(paid.values()), *((each, -part) for each, part in cost)], 0, 0)
        self.lines.append((year, profile, paid, False))

    def transversal(self) -> None:
        """What serves the whole scheme: a binary for each number of supported candidates that its cost may depend on."""
        if not (volets := self.scenario.transversal_volets):
            return
        has_number = any(volet.per_ptce for volet in volets.values())
        numbers = [self.column() for _ in range(len(self.supported) + 1 if has_number else 1)]
        self.row(_sum(numbers), 1, 1)
        if has_number:
            self.row([*((each, n) for n, each in enumerate(numbers)), *_sum(self.supported.values(), -1)], 0, 0)
        for name in volets:
            costs = [(each, transversal_cost(self.scenario, name, n)) for n, each in enumerate(numbers)]
            for year, share in zip(self.scenario.horizon, self.scenario.profile(name), strict=False):
                own = {"volet": name, "year": year}
                pays = [[own.get(k) in as_tuple(each) for k, each in funder.pays.items()] for funder in self.funders]
                payers = [f for f, accepts in enumerate(pays) if all(accepts)]
                # The exact share, as the model has it; where a year's euros are odd, only the result rounds them.
                parts = [(each, float(share * cost / self.unit)) for each, cost in costs]
                self.charge(year, (Fraction(1),), payers, parts)

    def advantages(self) -> None:
        """What a volet brings beside its grants, where the envelope pays it: through the first aid that the candidate gets."""
        for name, volet in self.scenario.step_volets.items():
            steps = [step for step in self.steps if step.volet == name]
            inside = [each for each in volet.advantages.values() if each.charged == "inside"]
            if inside and volet.aids_mode == "both":
                self.first_aids(list(volet.aids), steps)
            for advantage in inside:
                costs = advantage_costs(self.candidates, advantage).tolist()
                profile = (Fraction(1, advantage.years),) * advantage.years
                for step in steps:
                    self.charge(step.year, profile, step.grant, [(step.opens, costs[step.candidate] / self.unit)])

    def first_aids(self, declared: list[str], steps: list[SimpleNamespace]) -> None:
        """Give each step a binary that says whether it is the first aid, in the order of the file, that its candidate gets."""
        for step in steps:
            before = declared[: declared.index(step.aid)]
            same_year = [each for each in self.own_steps[step.candidate] if each.year == step.year]
            earlier = [each.funded for each in same_year if each.volet == step.volet and each.aid in before]
            step.opens = self.column()
            self.row([(step.opens, 1), (step.funded, -1)], upper=0)
            self.row([(step.opens, 1), (step.funded, -1), *_sum(earlier)], lower=0)
            for each in earlier:
                self.row([(step.opens, 1), (each, 1)], upper=1)

    def money(self) -> None:
        """The envelope, tranches, what funders bring over all years or by year, cuts taken off, payments of each year."""
        scenario, envelope, everybody = self.scenario, self.scenario.envelope, range(len(self.funders))
        self.limit(scenario.horizon, everybody, envelope.total)
        for f, amount in enumerate(scenario.funder_amounts.values()):
            self.limit(scenario.horizon, [f], amount)
        for t in range(scenario.years):
            kept = {each: scenario.kept(each) for each in range(0 if envelope.carry_over else t, t + 1)}
            years = [scenario.first_year + each for each in kept]
            if (shares := envelope.tranches) is not None:
                self.limit(years, everybody, envelope.total * sum(exact(shares[each]) * kept[each] for each in kept))
            for f, funder in enumerate(self.funders):
                if (amounts := funder.amounts) is not None:
                    self.limit(years, [f], sum(amounts[each] * kept[each] for each in kept))
        for t, most in enumerate(envelope.payments_max or ()):
            late = [(scenario.first_year + t - year, profile, paid) for year, profile, paid, _ in self.lines]
            due = [(float(profile[n]), paid) for n, profile, paid in late if 0 <= n < len(profile)]
            self.row([(each, part) for part, paid in due for each in paid.values()], upper=most / self.unit)

    def limit(self, years: Iterable[int], funders: Iterable[int], euros: Fraction | int) -> None:
        """Bound what funders commit in some years: whole grant steps, or with charges whole euros."""
        lines = [line for line in self.lines if line[0] in years]
        columns = (paid[f] for _, _, paid, _ in lines for f in funders if f in paid)
        most = euros // self.unit if all(is_grant for *_, is_grant in lines) else floor(euros) / self.unit
        self.row(_sum(columns), upper=most)

    def rule(self, rule: Rule) -> None:
        """State a rule for each of its groups."""
        granted = [each for step in self.steps for each in step.grant.values()]
        for group in self.groups(rule):
            is_possible = not rule.only_possible or self.meets(self.call.possible, rule.where, group).any()
            least, most = rule.min if is_possible else None, rule.max
            steps = [self.steps[k] for k in np.flatnonzero(self.meets(self.call.formulation.steps, rule.where, group))]
            if rule.measure not in ("amount", "share"):
                self.row(self.counted(rule.measure, steps), least, most)
                continue
            named = [as_tuple(condition["funder"]) for condition in (rule.where, group) if "funder" in condition]
            paying = {f for f, funder in enumerate(self.funders) if all(funder.name in each for each in named)}
            money = _sum(each for step in steps for f, each in step.grant.items() if f in paying)
            if rule.of == "granted":
                for share, bounds in ((least, (0, None)), (most, (None, 0))):
                    if share is not None:
                        self.row([*money, *_sum(granted, -float(exact(share)))], *bounds)
                continue
            whole = Fraction(self.scenario.envelope.total if rule.measure == "share" else 1, self.unit)
            limits = [None if each is None else to(exact(each) * whole) for each, to in ((least, ceil), (most, floor))]
            self.row(money, *limits)

    def groups(self, rule: Rule) -> list[dict[str, Any]]:
        """Return the groups of a rule: values that candidates have, declared volets, aids, years, funders, where `where` has them."""
        declared: dict[str, Iterable[Any]] = {"volet": self.scenario.step_volets, "year": self.scenario.horizon}
        declared["aid"] = dict.fromkeys(aid for volet in self.scenario.volets.values() for aid in volet.aids)
        declared["funder"] = [funder.name for funder in self.funders]
        own = [name for name in rule.by if name not in declared]
        rest = [name for name in rule.by if name in declared]
        cells = dict.fromkeys(
            tuple(_cell(self.candidates, name, i) for name in own) for i in range(len(self.candidates))
        )
        told = product(cells, product(*(declared[name] for name in rest)))
        groups = [dict(zip([*own, *rest], [*each, *more], strict=True)) for each, more in told]
        accepted = {name: as_tuple(rule.where[name]) for name in rule.by if name in rule.where}
        return [group for group in groups if all(group[name] in values for name, values in accepted.items())]

    def counted(self, measure: str, steps: list[SimpleNamespace]) -> Terms:
        """Return what candidates count for: once, whatever the number of their steps that are measured."""
        by_candidate: dict[int, list[pulp.LpVariable]] = defaultdict(list)
        for step in steps:
            by_candidate[step.candidate].append(step.funded)
        terms: Terms = []
        for i, own in by_candidate.items():
            counts = own[0] if len(own) == 1 else self.supported[i]
            if 1 < len(own) < len(self.own_steps[i]):
                counts = self.column()
                self.row([(counts, 1), *_sum(own, -1)], upper=0)
                for each in own:
                    self.row([(each, 1), (counts, -1)], upper=0)
            terms.append((counts, float(1 if measure == "count" else _cell(self.candidates, measure, i) or 0)))
        return terms

    def choices(self) -> None:
        """Decisions by hand, and links."""
        ids = self.candidates.ids
        own: dict[str, Any] = dict.fromkeys(ids, ()) | {ids[i]: [(each, 1)] for i, each in self.supported.items()}
        for decision in self.scenario.decisions:
            if decision.decision == "fund":
                self.row(own[decision.candidate], lower=1)
        for link in self.scenario.links:
            if link.at_most is not None:
                self.row([each for id_ in link.candidates for each in own[id_]], upper=link.at_most)
                continue
            lead = link.only_if or link.candidates[0]
            for other in (id_ for id_ in link.candidates if id_ != lead):
                self.row([*own[other], *((each, -1) for each, _ in own[lead])], 0 if link.all_or_none else None, 0)

    def values(self) -> list[Terms]:
        """Return the objectives: one, or one for each priority group, first served first."""
        groups, fixed = self.call.fundable.group, self.scenario.value.fixed
        is_strict = self.scenario.priority.mode == "strict"
        objectives: list[Terms] = [[] for _ in range(self.call.fundable.groups if is_strict else 1)]
        for step in self.steps:
            grants = _sum(step.grant.values(), step.base * (1.0 - fixed) * self.unit / step.ask)
            objectives[groups[step.candidate] if is_strict else 0] += [(step.funded, step.base * fixed), *grants]
        return objectives


def _sum(columns: Iterable[pulp.LpVariable], coefficient: float = 1.0) -> Terms:
    return [(each, coefficient) for each in columns]


def _cell(candidates: Candidates, name: str, i: int) -> Any:
    """Return a cell as a text, a number or a flag, "" for a blank."""
    value = candidates.column(name)[i]
    if candidates.kinds[name] == "flag":
        return {1: True, 0: False}.get(int(value), "")
    return "" if value != value else value
