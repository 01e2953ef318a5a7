"""What each candidate may receive: steps with a floor and a ceiling, each bound with the reason that set it.

A step is a candidate, a volet, an aid and a start year (docs/model.md, What a step may receive). Floors and ceilings are whole
numbers of grant steps, computed in exact integers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import Screening
from ptce_funding.errors import Fault
from ptce_funding.messages import N_, Message, message
from ptce_funding.money import exact
from ptce_funding.ondemand import OnDemand
from ptce_funding.parts import PHASES
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import Origin
from ptce_funding.value import merits, phase_weights, priority_groups, scales, served_order
from ptce_funding.volets import Support

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: What may set a ceiling, in the order in which ties are told.
CEILINGS = (
    N_("what is asked"),
    N_("the largest grant of the volet"),
    N_("the highest share of the eligible cost"),
    N_("the ceiling on public money"),
    N_("what the cost leaves to be financed"),
)
#: What may set a floor.
FLOORS = (N_("the smallest grant of the volet"), N_("the closing of the financing plan"), N_("one grant step"))

MONEY = ("cost", "ask", "local", "public", "own")


@dataclass(frozen=True)
class Steps:
    """The fundable steps, as columns of equal length, sorted by candidate, volet, aid and year.

    Parameters
    ----------
    candidate
        Position in the candidate table.
    volet, aid
        Positions in `volets` and `aids`; the aid "" is that of a volet without aids.
    year
        Start year.
    floor, ceiling
        Least and largest grant, in grant steps.
    floor_reason, ceiling_reason
        Positions in `FLOORS` and `CEILINGS`.
    cost, ask, local, cofinancing
        Euros; co-financing is local, other public and own money together.
    base
        Value of the step when its whole ask is granted; zero in an `Offer`, which knows of no values.
    """

    volets: tuple[str, ...]
    aids: tuple[str, ...]
    candidate: Ints
    volet: Ints
    aid: Ints
    year: Ints
    floor: Ints
    ceiling: Ints
    floor_reason: Ints
    ceiling_reason: Ints
    cost: Ints
    ask: Ints
    local: Ints
    cofinancing: Ints
    base: Floats

    def __len__(self) -> int:
        return len(self.candidate)

    @cached_property
    def slots(self) -> Ints:
        """The different combinations of volet, aid and year of the steps, in order; shape (slots, 3)."""
        return self._slotted[0]

    @cached_property
    def slot(self) -> Ints:
        """Position of each step's volet, aid and year in `slots`."""
        return self._slotted[1]

    @cached_property
    def _slotted(self) -> tuple[Ints, Ints]:
        first, last = int(self.year.min(initial=0)), int(self.year.max(initial=0))
        code = (self.volet * len(self.aids) + self.aid) * (last - first + 1) + self.year - first
        is_used = np.bincount(code) > 0
        rest, year = np.divmod(np.flatnonzero(is_used), last - first + 1)
        volet, aid = np.divmod(rest, len(self.aids))
        return np.stack([volet, aid, year + first], axis=1), (np.cumsum(is_used) - 1)[code]

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Steps":
        """Return some of the steps; the same object when it is all of them."""
        if which.all():
            return self
        names = [name for name in type(self).__dataclass_fields__ if name not in ("volets", "aids")]
        return replace(self, **{name: getattr(self, name)[which] for name in names})


@dataclass(frozen=True)
class Offer:
    """What candidates may receive, before it is known what it is worth and who pays.

    Parameters
    ----------
    steps
        The steps, their values zero.
    reasons
        Why a candidate lacks a step that its phase would allow, by position, worded when asked for.
    """

    steps: Steps
    reasons: Mapping[int, tuple[Message, ...]]


@dataclass(frozen=True)
class Fundable:
    """The steps of a call, and why others are none.

    Parameters
    ----------
    steps
        The fundable steps.
    merit
        Merit of each candidate.
    group
        Priority group of each candidate.
    groups
        Number of priority groups; the last one holds those that the order does not name, if there are any.
    reasons
        Why a candidate lacks a step, by position, worded when asked for; once the plans are known, only of admissible candidates
        without any plan.
    """

    steps: Steps
    merit: Floats
    group: Ints
    groups: int
    reasons: Mapping[int, tuple[Message, ...]]


def money_names(scenario: Scenario, volet: str, aid: str, what: str) -> tuple[list[str], list[str]]:
    """Return the columns that may hold an amount for one volet and aid, most specific first, and those that may not.

    A column without the aid may not serve where several aids may be granted together: the same money would count twice.
    """
    names = list(dict.fromkeys([".".join(filter(None, (volet, aid, what))), f"{volet}.{what}", what]))
    allowed = 1 if aid and scenario.volets[volet].aids_mode == "both" else len(names)
    return names[:allowed], names[allowed:]


def money_column(scenario: Scenario, kinds: Mapping[str, str], volet: str, aid: str, what: str) -> str | None:
    """Return the column that holds an amount for one volet and aid: the most specific that the table has."""
    return next((name for name in money_names(scenario, volet, aid, what)[0] if name in kinds), None)


def money_faults(scenario: Scenario, kinds: Mapping[str, str], origin: Origin) -> list[Fault]:
    """Return one fault for each column of money that the scenario needs and the table lacks, or has but cannot tell apart."""
    faults = []
    serves: dict[str, str] = {}  # volet by column
    for volet, aid in scenario.supports():
        if scenario.volets[volet].unit_cost is not None:
            continue
        place = origin.place(("volets", volet, *(("aids", aid) if aid else ())))
        for what in MONEY:
            allowed, shared = money_names(scenario, volet, aid, what)
            found = money_column(scenario, kinds, volet, aid, what)
            twice = next((name for name in shared if name in kinds), None)
            if found is not None and serves.setdefault(found, volet) != volet:
                twice = found
            elif found is not None:
                continue
            if twice is not None:
                text = message(
                    "The column “{shared}” would count twice here; give it as “{wanted}”.",
                    shared=twice,
                    wanted=allowed[0],
                )
                faults.append(Fault(place, text))
            elif what in ("cost", "ask"):
                faults.append(Fault(place, message("The candidates have no column {columns:or}.", columns=allowed)))
    return faults


def offer(scenario: Scenario, candidates: Candidates, screening: Screening) -> Offer:
    """List the steps that admissible candidates may receive."""
    volets = tuple(scenario.step_volets)
    aids = tuple(sorted({aid for _, aid in scenario.supports()}))
    bounds = []
    for (volet, aid), terms in scenario.supports().items():
        # A volet that others open may be entered from any phase: which plans lead there is settled with the plans.
        entering = PHASES if scenario.volets[volet].after else scenario.volets[volet].phases
        rows = np.flatnonzero(screening.admissible & candidates.having("phase", entering))
        bounds.append(StepBounds(scenario, candidates, volet, aid, terms, rows))
    refused = np.zeros(len(candidates), dtype=bool)
    for each in bounds:
        refused[each.rows[~each.is_fundable]] = True
    table = _joined(sorted(bounds, key=lambda each: (volets.index(each.volet), aids.index(each.aid))), volets, aids)
    # Each of them once for every year.
    years = np.tile(np.array(scenario.horizon, dtype=np.int64), len(table["candidate"]))
    table = {name: np.repeat(values, scenario.years) for name, values in table.items()}
    steps = Steps(volets=volets, aids=aids, year=years, base=np.zeros(len(years)), **table)
    return Offer(steps, OnDemand(refused, partial(_reasons, bounds)))


def valued(scenario: Scenario, candidates: Candidates, screening: Screening, offered: Offer) -> Fundable:
    """Return the steps of an offer with their values.

    Raises
    ------
    CandidatesError
        When a candidate leaves blank what its value needs.
    """
    merit = merits(scenario, candidates, screening)
    group = priority_groups(scenario, candidates)
    steps = offered.steps
    weight = np.array([scenario.value.volets.get(volet, 1.0) for volet in steps.volets])
    waiting = (1.0 - scenario.value.discount) ** np.arange(scenario.years)
    base = (
        merit[steps.candidate]
        * scales(scenario, candidates, steps.cost.astype(float), steps.candidate)
        * weight[steps.volet]
        * phase_weights(scenario, candidates)[steps.candidate]
        * waiting[steps.year - scenario.first_year]
    )
    groups = max(len(served_order(scenario)), int(group.max(initial=0)) + 1)
    return Fundable(replace(steps, base=base), merit, group, groups, offered.reasons)


def _joined(bounds: "list[StepBounds]", volets: tuple[str, ...], aids: tuple[str, ...]) -> dict[str, Ints]:
    """Return the columns of what is fundable, by candidate and then in the given order; years are not told apart yet."""
    size = [int(each.is_fundable.sum()) for each in bounds]
    columns = {
        "candidate": [each.rows for each in bounds],
        "floor": [each.floor for each in bounds],
        "ceiling": [each.ceiling for each in bounds],
        "floor_reason": [each.floor_reason for each in bounds],
        "ceiling_reason": [each.ceiling_reason for each in bounds],
        "cost": [each.money["cost"] for each in bounds],
        "ask": [each.money["ask"] for each in bounds],
        "local": [each.money["local"] for each in bounds],
        "cofinancing": [each.cofinancing for each in bounds],
    }
    table = {
        name: np.concatenate([part[each.is_fundable] for part, each in zip(parts, bounds, strict=True)])
        for name, parts in columns.items()
    }
    table["volet"] = np.repeat([volets.index(each.volet) for each in bounds], size)
    table["aid"] = np.repeat([aids.index(each.aid) for each in bounds], size)
    order = np.argsort(table["candidate"], kind="stable")
    return {name: np.asarray(values[order], dtype=np.int64) for name, values in table.items()}


def _reasons(bounds: "list[StepBounds]", i: int) -> tuple[Message, ...]:
    """Return why the candidate at position `i` lacks steps that its phase would allow."""
    found = []
    for each in bounds:
        k = int(np.searchsorted(each.rows, i))
        if k < len(each.rows) and each.rows[k] == i and not each.is_fundable[k]:
            found.append(message("{volet}: {reason}", volet=each.label, reason=each.reason(k)))
    return tuple(found)


class StepBounds:
    """Floors and ceilings of one volet and aid, for the candidates at `rows`, with the money that they are made of."""

    def __init__(
        self, scenario: Scenario, candidates: Candidates, volet: str, aid: str, terms: Support, rows: Ints
    ) -> None:
        self.volet, self.aid, self.rows = volet, aid, rows
        self.step, self.terms, stated = scenario.envelope.grant_step, terms, scenario.volets[volet]
        self.label = message("{volet}", volet=stated.title or volet)
        if aid:
            self.label = message("{volet} ({aid})", volet=self.label, aid=stated.aids[aid].title or aid)
        self.money: dict[str, Ints] = {}
        for what in MONEY:
            unit_cost = stated.unit_cost
            column = money_column(scenario, candidates.kinds, volet, aid, what) if unit_cost is None else None
            self.money[what] = candidates.column(column)[rows] if column else np.zeros(len(rows), dtype=np.int64)
            if unit_cost is not None and what in ("cost", "ask"):
                self.money[what] = np.full(len(rows), unit_cost, dtype=np.int64)
        cost, ask, local, public, own = (self.money[what] for what in MONEY)
        self.cofinancing = local + public + own
        grant = terms.grant
        assert grant is not None
        unbounded = np.full(len(rows), np.iinfo(np.int64).max // self.step)
        ceilings = np.array(
            [
                ask // self.step,
                unbounded if grant.max is None else np.full(len(rows), grant.max // self.step),
                self._rated(candidates, rows),
                _share_less(exact(terms.public_cap or 0.0), cost, local + public, self.step),
                (cost - self.cofinancing) // self.step,
            ]
        )
        closing = _share_less(1 - exact(terms.tolerance or 0.0), cost, self.cofinancing, self.step)
        self.smallest = max(-(-grant.min // self.step), 1)
        floors = np.array([np.full(len(rows), -(-grant.min // self.step)), closing, np.ones(len(rows), dtype=np.int64)])
        self.ceiling, self.ceiling_reason = ceilings.min(axis=0), ceilings.argmin(axis=0)
        self.floor, self.floor_reason = floors.max(axis=0), floors.argmax(axis=0)
        self.has_local = _share_less(-exact(terms.local_min or 0.0), cost, -local, 1) >= 0
        if terms.local_required:
            self.has_local &= local > 0
        self.is_fundable = (ask > 0) & self.has_local & (self.floor <= self.ceiling)

    def _rated(self, candidates: Candidates, rows: Ints) -> Ints:
        """Return rate × cost with each candidate's bonuses, in grant steps."""
        bonuses = self.terms.rate_bonus or {}
        flags = [candidates.column(flag)[rows] == 1 for flag in bonuses]
        combination = np.zeros(len(rows), dtype=np.int64)
        for number, flag in enumerate(flags):
            combination += flag.astype(np.int64) << number
        ceiling = np.zeros(len(rows), dtype=np.int64)
        for code in np.unique(combination):
            extra = sum(exact(bonus) for number, bonus in enumerate(bonuses.values()) if code >> number & 1)
            rate = min(exact(1 if self.terms.rate is None else self.terms.rate) + extra, Fraction(1))
            chosen = combination == code
            ceiling[chosen] = _share_less(
                rate, self.money["cost"][chosen], np.zeros(int(chosen.sum()), dtype=np.int64), self.step
            )
        return ceiling

    def reason(self, k: int) -> Message:
        """Return why the candidate at position `k` has no step here, with the figures."""
        cost, ask, local, _, _ = (int(self.money[what][k]) for what in MONEY)
        ceiling = max(int(self.ceiling[k]), 0) * self.step
        if ask <= 0:
            return message("nothing is asked")
        if not self.has_local[k]:
            needed = max(-(-exact(self.terms.local_min or 0.0) * cost // 1), 1)
            return message(
                "collectivités bring {found:euros}, at least {needed:euros} is demanded",
                found=local,
                needed=int(needed),
            )
        bound = message(CEILINGS[int(self.ceiling_reason[k])])
        missing = self.missing(k)
        if missing:
            uncovered = cost - int(self.cofinancing[k]) - ceiling
            return message(
                "{missing:euros} of co-financing is missing: {uncovered:euros} of the plan is uncovered, and at most {allowed:euros} may "
                "be, counting the tolerance and less than one grant step; the cost is {cost:euros}, secured co-financing "
                "{secured:euros}, the grant at most {ceiling:euros} ({bound})",
                missing=missing,
                uncovered=uncovered,
                allowed=uncovered - missing,
                cost=cost,
                secured=int(self.cofinancing[k]),
                ceiling=ceiling,
                bound=bound,
            )
        return message(
            "the grant may be at most {ceiling:euros} ({bound}), below {floor:euros} ({reason})",
            ceiling=ceiling,
            bound=bound,
            floor=self.smallest * self.step,
            reason=message(FLOORS[0 if self.terms.grant and self.terms.grant.min else 2]),
        )

    def missing(self, k: int) -> int:
        """Return the least euros of its own that would close the plan of the candidate at position `k`; 0 where none are wanted or help.

        The closing is rounded down to whole grant steps: less than one may stay open beside the tolerance.
        """
        ceiling = int(self.ceiling[k])
        if self.money["ask"][k] <= 0 or self.smallest > ceiling:
            return 0
        cost = int(self.money["cost"][k])
        tolerated = -(-exact(self.terms.tolerance or 0.0) * cost // 1)
        uncovered = cost - int(self.cofinancing[k]) - ceiling * self.step
        return max(uncovered - int(tolerated) - (self.step - 1), 0)


def _share_less(share: Fraction, amount: Ints, less: Ints, step: int) -> Ints:
    """Return ``(share × amount - less) / step`` rounded down, exactly."""
    top, bottom = share.numerator, share.denominator
    largest = int(np.abs(amount).max(initial=0)) * max(abs(top), 1) + int(np.abs(less).max(initial=0)) * bottom
    if largest < 2**62:
        return (amount * top - less * bottom) // (bottom * step)
    exactly = [(int(a) * top - int(b) * bottom) // (bottom * step) for a, b in zip(amount, less, strict=True)]
    return np.array(exactly, dtype=np.int64)
