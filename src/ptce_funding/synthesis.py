"""Made-up candidates for rehearsals, so that nobody needs real applications to try a rule.

The candidates are drawn from a `Profile` and a seed. What is known of a call (how many came, how many were
admissible, where from) is kept exactly, by quotas; the rest is drawn in strata, so that means hardly vary between
seeds. Every row says that it is synthetic.

Only raw uniform numbers of PCG64 are used, each attribute with a stream of its own keyed by its name. All else is done
by inverse distributions. So a seed gives the same candidates under every version of numpy, and a new attribute does not
change the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from ptce_funding import geography
from ptce_funding.candidate_columns import PHASES, column_named
from ptce_funding.candidate_set import Array, Candidates
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.messages import message
from ptce_funding.synthesis_profile import (
    CHOICES,
    CRITERIA,
    FLAGS,
    Amounts,
    Plans,
    Profile,
    Quantity,
    Score,
    profile_names,
    read_profile,
)

__all__ = ["Profile", "profile_names", "read_profile", "synthesise"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_NORMAL = NormalDist()

# The parts of a plan of finance are in steps of this many euros.
_STEP = 500


@dataclass(frozen=True)
class _Draws:
    """Uniform numbers for `count` candidates, by the name of what they decide."""

    seed: int
    count: int

    def uniform(self, name: str, count: int | None = None) -> Floats:
        """Return independent numbers in [0, 1)."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=tuple(name.encode()))
        return np.random.Generator(np.random.PCG64(sequence)).random(self.count if count is None else count)

    def order(self, name: str, count: int | None = None) -> npt.NDArray[np.intp]:
        """Return the positions in random order."""
        return np.argsort(self.uniform(f"{name}/order", count), kind="stable")

    def strata(self, name: str, group: Mask | None = None) -> Floats:
        """Return numbers of which one lies in each of as many equal parts of [0, 1) as there are candidates.

        With a `group`, so do the numbers of the group and those of the rest.
        """
        within = self.uniform(name)
        if group is None:
            return np.asarray((self.order(name) + within) / max(self.count, 1), np.float64)
        numbers = np.empty(self.count)
        for part, label in ((group, "in"), (~group, "out")):
            count = int(part.sum())
            numbers[part] = (self.order(f"{name}/{label}", count) + within[part]) / max(count, 1)
        return numbers

    def marked(self, name: str, share: float) -> Mask:
        """Return a mask of `share` of the candidates."""
        mask: Mask = self.order(name) < round(share * self.count)
        return mask

    def dealt(self, name: str, weights: Mapping[Any, float], *parts: Mask) -> Array:
        """Return one word per candidate, as often as its weight asks in each of the `parts` (None outside them)."""
        words = np.array([*weights], object)
        dealt = np.full(self.count, None, object)
        for number, part in enumerate(parts or (np.ones(self.count, bool),)):
            count = int(part.sum())
            pile = np.repeat(words, _apportioned(list(weights.values()), count))
            dealt[part] = pile[self.order(f"{name}/{number}", count)]
        return dealt


def _apportioned(weights: Sequence[float], seats: int) -> list[int]:
    """Return how many of `seats` each weight gets, by largest remainders; the first wins a tie."""
    total = sum(weights)
    exact = [weight * seats / total for weight in weights]
    counts = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda each: (counts[each] - exact[each], each))
    for each in by_rest[: seats - sum(counts)]:
        counts[each] += 1
    return counts


def _normal(uniform: Floats, low: float, high: float) -> Floats:
    """Return standard normal numbers between `low` and `high` by the inverse of their distribution."""
    bottom, top = _NORMAL.cdf(low), _NORMAL.cdf(high)
    tiny = 1e-15
    inside = np.clip(bottom + (top - bottom) * uniform, tiny, 1 - tiny)
    return np.asarray(np.clip([_NORMAL.inv_cdf(each) for each in inside.tolist()], low, high), np.float64)


def _quantiles(quantity: Quantity, uniform: Floats) -> Floats:
    """Return what a quantity is at these quantiles."""
    least, most, spread = log(quantity.min), log(quantity.max), quantity.spread

    def mean(middle: float) -> float:
        low, high = (least - middle) / spread, (most - middle) / spread
        mass = _NORMAL.cdf(high) - _NORMAL.cdf(low)
        return exp(middle + spread**2 / 2) * (_NORMAL.cdf(high - spread) - _NORMAL.cdf(low - spread)) / mass

    # The cut off distribution has the mean that the profile asks for: bisect the middle.
    low, high = least - 4 * spread, most + 4 * spread
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if mean(middle) < quantity.mean else (low, middle)
    normal = _normal(uniform, (least - low) / spread, (most - low) / spread)
    values = [exp(low + spread * each) for each in normal.tolist()]
    return np.asarray(np.clip(values, quantity.min, quantity.max), np.float64)


def _scores(score: Score, uniform: Floats) -> Floats:
    normal = _normal(uniform, (score.min - score.mean) / score.deviation, (score.max - score.mean) / score.deviation)
    return np.round(score.mean + score.deviation * normal, 1)


def synthesise(profile: Profile, seed: int) -> Candidates:
    """Draw the candidates of a made-up call.

    Parameters
    ----------
    profile
        What is known or assumed of the call.
    seed
        Any whole number from 0; the same one gives the same candidates.

    Raises
    ------
    CandidatesError
        When the seed is negative.
    """
    if seed < 0:
        reason = message("Found {value}; expected {limit} or more.", value=str(seed), limit=0)
        raise CandidatesError([Fault(Place(path="seed"), reason)])
    draws = _Draws(seed, profile.received)
    admissible = draws.marked("admissible", profile.admissible / profile.received)
    failed = _failures(profile, draws, admissible)
    columns: dict[str, Array] = _identity(profile, draws, admissible)
    columns |= _members(profile, draws, failed)
    columns |= _project(profile, draws, failed, columns["phase"])
    columns |= _law(draws, failed, columns)
    _agree(columns, own=profile.criteria)
    for amounts, asked in zip(profile.money, _asked(profile, draws, columns["phase"]), strict=True):
        columns |= _finance(profile, amounts, draws, admissible, asked)
    kinds = {name: column.kind for name in columns if (column := column_named(name))}
    rows = np.arange(profile.received) + 2
    return Candidates(columns, kinds, f"{profile.name}#{seed}", None, rows)


def _failures(profile: Profile, draws: _Draws, admissible: Mask) -> dict[str, Mask]:
    """Return which candidates fail each criterion: of the call's own set by quota, of the other by a share."""
    own = CRITERIA[profile.criteria]
    first = draws.dealt("failure", dict.fromkeys(own, 1.0), admissible, ~admissible)
    second = draws.dealt("second failure", dict.fromkeys(own, 1.0), admissible, ~admissible)
    twice = draws.strata("twice", admissible) < profile.failures.second
    failed: dict[str, Mask] = {each: ~admissible & ((first == each) | (twice & (second == each))) for each in own}
    for names in CRITERIA.values():
        for each in names:
            if each not in failed:
                share = profile.failures.rates.get(each, profile.failures.other)
                failed[each] = draws.marked(f"{each} failure", share)
    return failed


def _identity(profile: Profile, draws: _Draws, admissible: Mask) -> dict[str, Array]:
    """Return who and where the candidates are, with the strong regions by quota."""
    width = max(3, len(str(profile.received)))
    numbers = [f"{each:0{width}d}" for each in range(1, profile.received + 1)]
    weights = dict.fromkeys(geography.regions(profile.year), 0.0)
    by_region: dict[str, list[str]] = {region: [] for region in weights}
    for code in geography.departments():
        region = geography.region_of(code, profile.year)
        weights[region] += 1.0
        by_region[region].append(code)
    weights |= profile.regions.weights
    located = _regions(profile, draws, admissible, weights)
    which = draws.uniform("department").tolist()
    department = [by_region[each][int(part * len(by_region[each]))] for each, part in zip(located, which, strict=True)]
    phases = {phase: profile.phases[phase] for phase in PHASES if phase in profile.phases}
    return {
        "id": _objects(profile.id_prefix + each for each in numbers),
        "name": _objects(profile.name_prefix + each for each in numbers),
        "synthetic": np.ones(profile.received, np.int8),
        "region": located,
        "department": _objects(department),
        "phase": draws.dealt("phase", phases, admissible, ~admissible),
        "overseas": np.array([geography.is_overseas(each) for each in department], np.int8),
        **{each: _flags(draws.marked(each, profile.flags.get(each, 0.0))) for each in FLAGS},
        "score": _scores(profile.score, draws.strata("score", admissible)),
    }


def _regions(profile: Profile, draws: _Draws, admissible: Mask, weights: Mapping[str, float]) -> Array:
    """Return the region of each candidate, the strong ones by quota among the admissible and among the others."""
    strong = {region: weights[region] for region in weights if region in profile.regions.strong}
    weak = {region: weights[region] for region in weights if region not in strong}
    share = profile.regions.strong_share
    if not strong or not weak:
        return draws.dealt("region", strong or weak, admissible, ~admissible)
    inside = draws.dealt("strong", {True: share, False: 1 - share}, admissible, ~admissible).astype(bool)
    return np.where(
        inside,
        draws.dealt("strong region", strong, admissible & inside, ~admissible & inside),
        draws.dealt("region", weak, admissible & ~inside, ~admissible & ~inside),
    )


def _objects(words: Any) -> Array:
    return np.array(list(words), object)


def _flags(mask: Mask) -> Array:
    return mask.astype(np.int8)


def _whole(draws: _Draws, name: str, least: int, most: int) -> Floats:
    """Return whole numbers from `least` to `most`, all as likely."""
    return least + np.floor(draws.strata(name) * (most - least + 1))


def _members(profile: Profile, draws: _Draws, failed: Mapping[str, Mask]) -> dict[str, Array]:
    """Return how many and which members the candidates have."""
    drawn = np.round(_quantiles(profile.quantities["members"], draws.strata("members", failed["members"])))
    members = np.where(failed["members"], _whole(draws, "few members", 2, 4), np.maximum(drawn, 5))
    part = 0.4 + 0.4 * draws.strata("ess_members")
    ess = np.where(failed["ess_members"], 0, np.clip(np.round(members * part), 1, members - 1))
    ess = np.where(failed["other_stakeholders"] & ~failed["ess_members"], members, ess)
    return {
        "members": members,
        "member_types": np.where(failed["member_types"], 1, np.minimum(_whole(draws, "member_types", 2, 6), members)),
        "voluntary": _flags(~failed["voluntary"]),
        "ess_members": ess,
        "other_stakeholders": np.where(failed["other_stakeholders"], 0, members - ess),
        "local_member_share": _shares(draws, "local_member_share", failed, (0.5, 1.0), (0.1, 0.49)),
        "local_authorities": np.where(failed["local_authorities"], 0, _whole(draws, "local_authorities", 1, 4)),
    }


def _shares(
    draws: _Draws, name: str, failed: Mapping[str, Mask], good: tuple[float, float], bad: tuple[float, float]
) -> Floats:
    uniform = draws.strata(name)
    values = np.where(failed[name], bad[0] + (bad[1] - bad[0]) * uniform, good[0] + (good[1] - good[0]) * uniform)
    return np.asarray(np.round(values, 2), np.float64)


def _project(profile: Profile, draws: _Draws, failed: Mapping[str, Mask], phase: Array) -> dict[str, Array]:
    """Return what the candidates do together."""
    early = phase == "project"
    coin = draws.strata("strategy") < 0.5
    good = np.where(early & coin, "draft", "signed")
    bad = np.where(~early & coin, "draft", "none")
    one_off = failed["commitment_years"] & (draws.strata("one_off_project") < 0.5)
    brief = failed["commitment_years"] & ~one_off
    mutualised, joint = _whole(draws, "mutualised_functions", 0, 4), _whole(draws, "joint_investments", 0, 2)
    mutualised = np.where(mutualised + joint == 0, 1, mutualised)
    functions = np.array([each for each in _choices("sole_function") if each != "none"], object)
    only = functions[_whole(draws, "sole_function", 0, len(functions) - 1).astype(np.intp)]
    return {
        "strategy": np.where(failed["strategy"], bad, good).astype(object),
        "social_utility_share": _shares(draws, "social_utility_share", failed, (0.55, 1.0), (0.2, 0.5)),
        "commitment_years": np.where(
            brief, _whole(draws, "short commitment", 1, 2), _whole(draws, "commitment_years", 3, 6)
        ),
        "one_off_project": _flags(one_off),
        "mutualised_functions": np.where(failed["mutualised_functions"], 0, mutualised),
        "joint_investments": np.where(failed["mutualised_functions"], 0, joint),
        "sole_function": np.where(failed["sole_function"], only, "none").astype(object),
        **{each: draws.dealt(each, profile.choices.get(each, {"none": 1.0})) for each in CHOICES},
        "jobs": np.round(_quantiles(profile.quantities["jobs"], draws.strata("jobs")) * 2) / 2,
        "annual_budget": _stepped(
            _quantiles(profile.quantities["annual_budget"], draws.strata("annual_budget")), 1_000
        ),
        "staff": np.round(_quantiles(profile.quantities["staff"], draws.strata("staff")), 1),
    }


def _choices(name: str) -> tuple[str, ...]:
    column = column_named(name)
    return column.choices if column else ()


def _law(draws: _Draws, failed: Mapping[str, Mask], columns: Mapping[str, Array]) -> dict[str, Array]:
    """Return what the decree of 2015 asks for."""
    persons = np.maximum(3, np.round(columns["members"] * (0.6 + 0.4 * draws.strata("legal_persons"))))
    enterprises = np.maximum(1, np.round(columns["ess_members"] * (0.4 + 0.5 * draws.strata("ess_enterprises"))))
    return {
        "private_law": _flags(~failed["private_law"]),
        "legal_persons": np.where(failed["legal_persons"], _whole(draws, "few legal persons", 1, 2), persons),
        "ess_enterprises": np.where(failed["ess_enterprises"], 0, enterprises),
        "non_ess_enterprises": np.where(failed["non_ess_enterprises"], 0, _whole(draws, "non_ess_enterprises", 1, 4)),
        "other_members": np.where(failed["other_members"], 0, _whole(draws, "other_members", 1, 3)),
        "innovative": _flags(~failed["innovative"]),
        "defined_territory": _flags(~failed["defined_territory"]),
        "earlier_state_support": _flags(failed["earlier_state_support"]),
    }


def _agree(columns: dict[str, Array], own: str) -> None:
    """Make the members of one set of criteria agree with those of the other; the call's own set has the last word."""
    ess, enterprises = columns["ess_members"], columns["ess_enterprises"]
    if own == "decree-2015":
        columns["ess_members"] = np.maximum(ess, enterprises)
        rest = columns["members"] - columns["ess_members"]
        columns["other_stakeholders"] = np.minimum(columns["other_stakeholders"], rest)
    else:
        columns["ess_enterprises"] = np.minimum(ess, enterprises)


def _stepped(values: Floats, step: int | Array) -> npt.NDArray[np.int64]:
    return (np.round(values / step) * step).astype(np.int64)


def _asked(profile: Profile, draws: _Draws, phase: Array) -> list[Mask]:
    """Return who asks for which of the profile's amounts; who would ask for none of those open to all asks for the first."""
    may = [np.isin(phase.astype(str), amounts.phases or PHASES) for amounts in profile.money]
    asked = [
        draws.marked(f"{amounts.prefix} asked", amounts.asked) & each
        for amounts, each in zip(profile.money, may, strict=True)
    ]
    general = [each for amounts, each in zip(profile.money, asked, strict=True) if not amounts.phases]
    asked[0] = asked[0] | (may[0] & ~np.logical_or.reduce(general or asked))
    return asked


def _finance(profile: Profile, amounts: Amounts, draws: _Draws, admissible: Mask, asked: Mask) -> dict[str, Array]:
    """Return the plan of finance of the whole, a volet or an aid; nothing for those who do not ask for it."""
    label, plans = amounts.prefix, profile.plans
    fine = draws.strata(f"{label} fine") < amounts.fine_share
    ask = _stepped(
        _quantiles(amounts.ask, draws.strata(f"{label} ask", admissible)),
        np.where(fine, amounts.fine_step, amounts.step),
    )
    rate = _between(amounts.rate, draws.strata(f"{label} rate", admissible))
    least = np.ceil(ask / amounts.rate[1] / _STEP) * _STEP
    most = np.maximum(np.floor(ask / amounts.rate[0] / _STEP) * _STEP, least)
    cost = np.clip(_stepped(ask / rate, _STEP), least, most).astype(np.int64)
    state = _states(plans, draws, label, admissible & asked, ~admissible & asked)
    uniform = draws.uniform(f"{label} gap")
    short = np.floor(plans.gap * uniform * cost / _STEP) * _STEP
    hopeless = np.ceil(_between(plans.hopeless_gap, uniform) * cost / _STEP) * _STEP
    gap = np.where(state == "short", short, np.where(state == "hopeless", hopeless, 0))
    secured = np.maximum(cost - ask - gap, 0)
    local = _between(plans.local, draws.strata(f"{label} local")) * secured
    local = np.where(state == "without local", 0, np.floor(local / _STEP) * _STEP)
    public = np.floor(_between(plans.public, draws.strata(f"{label} public")) * secured / _STEP) * _STEP
    public = np.minimum(public, secured - local)
    money = {"cost": cost, "ask": ask, "local": local, "public": public, "own": secured - local - public}
    prefix = f"{label}." if label else ""
    return {prefix + name: np.where(asked, values, 0).astype(np.int64) for name, values in money.items()}


def _between(ends: tuple[float, float], uniform: Floats) -> Floats:
    return ends[0] + (ends[1] - ends[0]) * uniform


def _states(plans: Plans, draws: _Draws, label: str, admissible: Mask, refused: Mask) -> Array:
    """Return whether each plan closes, is short or hopeless, or lacks local money.

    By quota for the admissible, and in the same proportions for the refused.
    """
    state = np.full(draws.count, "closed", object)
    base = max(int(admissible.sum()), 1)
    for part, name in ((admissible, "in"), (refused, "out")):
        count = int(part.sum())
        hopeless = round(plans.hopeless * count / base)
        without = round(plans.without_local * count / base)
        short = round(plans.short * max(count - hopeless - without, 0))
        names = ["hopeless"] * hopeless + ["without local"] * without + ["short"] * short
        pile = np.array((names + ["closed"] * count)[:count], object)
        state[part] = pile[draws.order(f"{label} plan/{name}", count)]
    return state
