"""The jury's list, what stands in the way of candidates and ties settled, as plainly as can be: one after the other, in fractions.

Slow, and the reference of what the package does for many candidates at once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, product
from math import floor

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
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
from ptce_funding.money import exact, steps_down, steps_up
from ptce_funding.ranking import jury_order
from ptce_funding.rules import RuleRow
from ptce_funding.scenario import transversal_cost

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def slow_list(call: Call) -> Ints:
    """Return the grant of each step on the jury's list, in grant steps."""
    return _List(call).read()


@dataclass(frozen=True, slots=True)
class _Pool:
    """A limit on a sum of grants, and one on grants and charges together, in grant steps."""

    limit: Fraction | int
    room: Fraction | int


def slow_obstacles(call: Call, grants: Ints) -> dict[int, int]:
    """Return how many limits stand in the way of each candidate that is not funded, by the plan with the fewest."""
    steps, plans = call.formulation.steps, call.formulation.plans
    limits = _Limits(call, int(grants.sum()) * call.scenario.envelope.grant_step)
    funded = {int(i) for i in steps.candidate[grants > 0]}
    made_of = [plans.step[plans.plan == p].tolist() for p in range(len(plans))]
    used: dict[int, Fraction | int] = defaultdict(int)
    charged: dict[int, Fraction | int] = defaultdict(int)
    counted: dict[int, float] = defaultdict(float)
    for s in np.flatnonzero(grants).tolist():
        for pool, share in limits.pools_of[s]:
            used[pool] += int(grants[s]) * share
    for p in range(len(plans)):
        own = np.flatnonzero((steps.candidate == plans.candidate[p]) & (grants > 0)).tolist()
        if made_of[p] == own:
            for number, weight in limits.counts_of[p]:
                counted[number] += weight
            for pool, charge in limits.charges_of.get(p, ()):
                charged[pool] += charge
    found: dict[int, int] = {}
    for p, i in enumerate(plans.candidate.tolist()):
        needed: dict[int, Fraction | int] = defaultdict(int)
        charges: dict[int, Fraction | int] = defaultdict(int)
        for s in made_of[p]:
            for pool, share in limits.pools_of[s]:
                needed[pool] += int(steps.floor[s]) * share
        for pool, charge in limits.charges_of.get(p, ()):
            charges[pool] += charge
        n = sum(
            needed[pool] > limits.left(pool, used[pool], charged[pool] + charges[pool], len(funded) + 1)
            for pool in {*needed, *charges}
        )
        n += sum(counted[number] + weight > limits.count_limit[number] for number, weight in limits.counts_of[p])
        if i not in funded:
            found[i] = min(n, found.get(i, n))
    return found


def slow_tidied(formulation: Formulation, x: Floats) -> Floats:
    """Return a solution of the same value and the same grants with the earliest plans that its rows allow."""
    return _Tidier(formulation, x).run()


class _Limits:
    def __init__(self, call: Call, granted: int | None = None) -> None:
        self.scenario, self.formulation, self.steps = call.scenario, call.formulation, call.formulation.steps
        #: Euros that shares of what is granted are taken of; a jury plans with the whole envelope.
        self.granted = call.scenario.envelope.total if granted is None else granted
        self.pools: list[_Pool] = []
        self.pools_of: dict[int, list[tuple[int, Fraction | int]]] = defaultdict(list)
        self.charges_of: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
        # Volet and share of its cost, by pool.
        self._transversal: dict[int, list[tuple[str, Fraction]]] = defaultdict(list)
        self._costs: dict[tuple[str, int], Fraction] = {}
        self.count_limit: dict[int, float] = {}
        self.counts_of: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._money_pools()
        for number, row in enumerate(self.formulation.rules):
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
        limit: Fraction | int,
        steps: Ints,
        room: Fraction | int | None = None,
        charges: Sequence[int] = (),
    ) -> None:
        self.pools.append(_Pool(limit, room if room is not None and charges else limit))
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
            limit,
            np.arange(len(self.steps)),
            sum(map(room, funding.shares)),
            range(len(years)),
        )
        if envelope.candidate_max is not None:
            most = envelope.candidate_max // envelope.grant_step
            for i in np.unique(self.steps.candidate):
                self._pool(most, np.flatnonzero(self.steps.candidate == i))
        for span, share in tranche_limits(self.scenario):
            self._pool(
                in_steps(self.scenario, share),
                np.flatnonzero(np.isin(self.steps.year, span)),
                room(share),
                [j for j, year in enumerate(years) if year in span],
            )
        for year, most_paid in payment_limits(self.scenario):
            self._pool(Fraction(most_paid, envelope.grant_step), np.zeros(0, dtype=np.int64))
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
                    self._pool(
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
            self._pool(limit, row.steps)

    def whole(self, row: RuleRow) -> int:
        """Return the euros that a share of a rule is taken of; 1 for an amount."""
        if row.rule.measure != "share":
            return 1
        return self.scenario.envelope.total if row.rule.of == "envelope" else self.granted


@dataclass
class _State:
    """What has been given so far."""

    grants: Ints
    pools: dict[int, Fraction | int] = field(default_factory=lambda: defaultdict(int))  # grant steps, by pool
    charges: dict[int, Fraction | int] = field(
        default_factory=lambda: defaultdict(int)
    )  # of the same, what is no grant
    counts: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # activity, by rule row
    taken: set[int] = field(default_factory=set)

    def copy(self) -> "_State":
        pools, counts = defaultdict(int, self.pools), defaultdict(float, self.counts)
        return _State(self.grants.copy(), pools, defaultdict(int, self.charges), counts, set(self.taken))


class _List:
    def __init__(self, call: Call) -> None:
        self.scenario, self.formulation, candidates, formulation = (
            call.scenario,
            call.formulation,
            call.candidates,
            call.formulation,
        )
        self.steps, self.plans = formulation.steps, formulation.plans
        self.ids = candidates.columns["id"]
        self.position = {id_: i for i, id_ in enumerate(self.ids)}
        self.order = [int(i) for i in jury_order(call.scenario, candidates, call.fundable)]
        self.state = _State(np.zeros(len(self.steps), dtype=np.int64))
        self.plans_of: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        made_of: dict[int, list[int]] = defaultdict(list)
        for p, s in zip(self.plans.plan.tolist(), self.plans.step.tolist(), strict=True):
            made_of[p].append(s)
        for p, i in enumerate(self.plans.candidate.tolist()):
            self.plans_of[i].append((p, made_of[p]))
        for plans in self.plans_of.values():
            # The plan that may bring most money first; of equal ones the earliest.
            plans.sort(key=lambda each: (-sum(int(self.steps.ceiling[s]) for s in each[1]), each[0]))
        self.limits = _Limits(call)
        self.set_aside: int | None = None  # number of candidates that the transversal volets are paid for

    # ------------------------------------------------------------------------------------------------- reading

    def read(self) -> Ints:
        if not self.limits.transversal_pools:
            return self.read_once()
        # A jury sets aside what the transversal volets will cost before it serves anybody, else the first would take it: as much
        # as for all whom the money would serve without them.
        self.read_once()
        self.set_aside, self.state = len(self.state.taken), _State(np.zeros(len(self.steps), dtype=np.int64))
        return self.read_once()

    def read_once(self) -> Ints:
        for decision in self.scenario.decisions:
            if decision.decision == "fund":
                self.take(self.position[decision.candidate])
        for number, row in enumerate(self.formulation.rules):
            if row.funders is None and row.minimum is not None:
                self.call_up(number, row)
        is_moving = True
        while is_moving:
            is_moving = False
            for i in self.order:
                if i not in self.state.taken and self.plans_of.get(i) and self.take(i):
                    # Somebody passed over may have waited for this one.
                    is_moving = bool(self.scenario.links)
        return self.state.grants

    def call_up(self, number: int, row: RuleRow) -> None:
        """Serve a floor out of turn, best first, as far as possible."""
        step = self.scenario.envelope.grant_step
        is_member = np.zeros(len(self.steps), dtype=bool)
        is_member[row.steps] = True
        owners = set(self.steps.candidate[row.steps].tolist())
        needed = float(row.minimum or 0)
        if row.is_money:
            needed = float(steps_up(exact(row.minimum or 0) * self.limits.whole(row), step))
        for i in self.order:
            reached = float(self.state.grants[row.steps].sum()) if row.is_money else self.state.counts[number]
            if reached >= needed:
                return
            if i in owners and i not in self.state.taken:
                self.take(i, is_member)

    def take(self, i: int, members: npt.NDArray[np.bool_] | None = None) -> bool:
        """Fund a candidate, and those it cannot be funded without; say whether that was possible."""
        before = self.state.copy() if self.scenario.links else None
        if all(self._fund(each, members if each == i else None) for each in self._together(i)) and self._links_hold(i):
            return True
        if before is not None:
            self.state = before
        return False

    def _together(self, i: int) -> list[int]:
        """Return the candidate and those tied to it by `all or none`, not yet funded."""
        found, queue = [i], [i]
        while queue:
            id_ = self.ids[queue.pop()]
            for link in self.scenario.links:
                if link.all_or_none and id_ in link.candidates:
                    more = [self.position[each] for each in link.candidates]
                    queue += [each for each in more if each not in found]
                    found += [each for each in more if each not in found]
        return [each for each in found if each not in self.state.taken]

    def _links_hold(self, i: int) -> bool:
        taken = {self.ids[each] for each in self.state.taken}
        for link in self.scenario.links:
            members = taken.intersection(link.candidates)
            if link.at_most is not None and len(members) > link.at_most:
                return False
            if link.only_if is not None and members and link.only_if not in taken:
                return False
        return True

    def _fund(self, i: int, members: npt.NDArray[np.bool_] | None) -> bool:
        state = self.state
        for p, made_of in self.plans_of.get(i, []):
            if members is not None and not any(members[s] for s in made_of):
                continue
            if any(
                state.counts[number] + weight > self.limits.count_limit[number]
                for number, weight in self.limits.counts_of[p]
            ):
                continue
            for pool, charge in self.limits.charges_of.get(p, ()):
                state.charges[pool] += charge
            given: list[tuple[int, int]] = []
            for s in made_of:
                left = [self._left(pool) // share for pool, share in self.limits.pools_of[s]]
                grant = int(min(int(self.steps.ceiling[s]), *left))
                if grant < self.steps.floor[s]:
                    break
                given.append((s, grant))
                for pool, share in self.limits.pools_of[s]:
                    state.pools[pool] += grant * share
            if len(given) == len(made_of) and self._charges_hold(p):
                for s, grant in given:
                    state.grants[s] = grant
                for number, weight in self.limits.counts_of[p]:
                    state.counts[number] += weight
                state.taken.add(i)
                return True
            for s, grant in given:
                for pool, share in self.limits.pools_of[s]:
                    state.pools[pool] -= grant * share
            for pool, charge in self.limits.charges_of.get(p, ()):
                state.charges[pool] -= charge
        return False

    def _left(self, pool: int) -> Fraction | int:
        """Return what a pool has left once one more candidate is supported."""
        state = self.state
        supported = 0 if self.set_aside is None else max(self.set_aside, len(state.taken) + 1)
        return self.limits.left(pool, state.pools[pool], state.charges[pool], supported)

    def _charges_hold(self, p: int) -> bool:
        """Whether the charges that come with a plan can be paid, also where none of its grants is."""
        touched = {pool for pool, _ in self.limits.charges_of.get(p, ())} | self.limits.transversal_pools
        return all(self._left(pool) >= 0 for pool in touched)


class _Tidier:
    def __init__(self, formulation: Formulation, x: Floats) -> None:
        self.formulation, self.x = formulation, x.copy()
        self.problem, self.plans, self.steps = formulation.problem, formulation.plans, formulation.steps
        rows = self.problem.rows
        self.row = np.repeat(np.arange(len(rows)), np.diff(rows.start))
        self.activity = np.bincount(self.row, weights=rows.value * x[rows.column], minlength=len(rows))
        by_column = np.argsort(rows.column, kind="stable")
        self.entry = by_column
        self.first = np.searchsorted(rows.column[by_column], np.arange(self.problem.n + 1))
        self.z_of_step = np.full(len(self.steps), -1, dtype=np.int64)
        self.z_of_step[formulation.topped] = len(self.plans) + np.arange(len(formulation.topped))
        self.first_step = np.searchsorted(self.plans.plan, np.arange(len(self.plans) + 1))

    def run(self) -> Floats:
        first_plan = np.searchsorted(self.plans.candidate, np.arange(self.plans.candidate.max(initial=-1) + 2))
        for p in np.flatnonzero(self.x[: len(self.plans)] > 0.5).tolist():
            for other in range(int(first_plan[self.plans.candidate[p]]), p):
                if self.moved(p, other):
                    break
        return self.x

    def made_of(self, p: int) -> npt.NDArray[np.int64]:
        return self.plans.step[self.first_step[p] : self.first_step[p + 1]]

    def moved(self, p: int, other: int) -> bool:
        """Move a candidate from one plan to another, if that changes neither grants nor value and keeps all rows."""
        old, new = self.made_of(p), self.made_of(other)
        steps = self.steps
        if len(old) != len(new) or not (
            np.array_equal(steps.floor[old], steps.floor[new])
            and np.array_equal(steps.ceiling[old], steps.ceiling[new])
        ):
            return False
        change: dict[int, float] = defaultdict(float, {p: -1.0, other: 1.0})
        for from_, to in zip(self.z_of_step[old].tolist(), self.z_of_step[new].tolist(), strict=True):
            if from_ != to and from_ >= 0:
                change[from_] -= self.x[from_]
                change[to] += self.x[from_]
        columns = np.array(list(change))
        delta = np.array(list(change.values()))
        for objective in self.problem.objectives:
            if abs(float(objective[columns] @ delta)) > 1e-12 * float(np.abs(objective[columns]).max(initial=0.0)):
                return False
        activity = self.activity.copy()
        rows = self.problem.rows
        for column, step in zip(columns.tolist(), delta.tolist(), strict=True):
            entries = self.entry[self.first[column] : self.first[column + 1]]
            activity[self.row[entries]] += rows.value[entries] * step
        touched = activity != self.activity
        slack = 1e-9 * np.maximum(1.0, np.abs(activity))
        holds = (activity >= rows.lower - slack) & (activity <= rows.upper + slack)
        if not holds[touched].all():
            return False
        self.activity = activity
        self.x[columns] += delta
        return True
