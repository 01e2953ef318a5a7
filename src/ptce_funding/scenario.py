"""What the user states: the types of a scenario.

A `Scenario` is frozen; a changed one is made by `Scenario.override`. Reading files, inheritance and the wording of faults
are in `scenario_files`, checks that span several parts in `scenario_checks`. The descriptions below are the reference of the
format: the JSON Schema and ``docs/scenario.md`` are made from them.
"""

import hashlib
import json
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from ptce_funding.money import exact, share_of
from ptce_funding.parts import (
    LARGEST_ENVELOPE,
    Condition,
    Euros,
    Name,
    Named,
    Number,
    Part,
    Phase,
    Scalar,
    Share,
    Source,
    Text,
)
from ptce_funding.variation import Sweep
from ptce_funding.volets import Grant, Support, Volet


class CandidatesSource(Part):
    """Where the candidates are."""

    file: str | None = None
    """CSV, XLSX or ODS file; relative to the file that states it."""
    sheet: str | None = None
    """Sheet of a workbook; the first unless said, or `Candidates` or `Candidats` where there is one."""
    encoding: str | None = None
    """Encoding of a CSV file; found by itself unless said."""
    columns: dict[str, str] = {}
    """The user's own headings, by column."""


class Envelope(Part):
    """The money of the scheme."""

    total: Annotated[Euros, Field(gt=0, le=LARGEST_ENVELOPE)]
    """Euros."""
    tranches: tuple[Share, ...] | None = None
    """Share of the total that may be committed each year; the whole in any year unless said."""
    carry_over: bool = True
    """Whether what one year leaves may be committed later."""
    cuts: tuple[Share, ...] | None = None
    """Share of what each year brings (its tranche, the amounts of funders) that is withdrawn; nothing unless said."""
    grant_step: Annotated[Euros, Field(gt=0, le=10**9)] = 1_000
    """Grants are whole multiples of this, in euros."""
    candidate_max: Annotated[Euros, Field(gt=0)] | None = None
    """Largest sum of the grants of one candidate over the horizon, in euros; no bound unless said."""
    payments_max: tuple[Annotated[Euros, Field(ge=0)], ...] | None = None
    """Largest payments of each year from the first, in euros; years beyond the list have no bound."""


class Funder(Named):
    """Who brings money of the envelope."""

    share: Share | None = None
    """Share of the envelope that it brings; or `amount`."""
    amount: Annotated[Euros, Field(ge=0)] | None = None
    """Euros that it brings; or `share`."""
    amounts: tuple[Annotated[Euros, Field(ge=0)], ...] | None = None
    """Euros that it brings each year; or `share` or `amount`."""
    pays: Condition = {}
    """What it may pay for: values of columns of the candidates, or of volet, aid and year."""


class CriterionChange(Part):
    """What the scenario changes in one criterion of its set."""

    status: Literal["hard", "scored", "exclusion", "ignored"] | None = None
    """What failing it means."""
    weight: Number | None = None
    """Points that a scored criterion brings."""
    min: Number | None = None
    """Least value of its first test."""
    max: Number | None = None
    """Largest value of its first test."""
    above: Number | None = None
    """Value that its first test must exceed."""
    below: Number | None = None
    """Value under which its first test must stay."""
    one_of: tuple[Scalar, ...] | None = None
    """Values that its first test accepts."""


class Eligibility(Part):
    """Who is admissible."""

    criteria: str = "none"
    """A set (note-2011, cahier-2011, decree-2015, none) or the user's own file."""
    set: dict[str, CriterionChange] = {}
    """Changes, by criterion."""


class MeritCriterion(Part):
    """The weight of one column in the merit."""

    weight: Number
    """Points of merit per unit of the column."""
    normalise: bool = False
    """Whether the column is divided by its largest absolute value among the admissible."""

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: object) -> object:
        return {"weight": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Value(Part):
    """What an allocation is worth."""

    criteria: Annotated[dict[str, MeritCriterion], Field(min_length=1)]
    """Merit: weight of each column of the candidate table."""
    scale: str = "candidate"
    """`candidate`: each project counts by its merit; or a column (cost, jobs): each euro or each job does."""
    phases: dict[Phase, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    """Weight of each phase; 1 unless said."""
    volets: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    """Weight of each volet; 1 unless said."""
    fixed: Share = 0.5
    """Part of the value that any grant at or above the floor buys."""
    discount: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Loss of value for each year of waiting."""


class Priority(Part):
    """Who comes first."""

    mode: Literal["none", "strict", "floor", "weight"] = "none"
    """`strict` serves the groups one after the other, `floor` keeps a share of the money for the first group,
    `weight` relies on the weights in `value`."""
    column: str = "phase"
    """Column by which the groups are told apart."""
    order: tuple[tuple[Scalar, ...], ...] = ()
    """Groups, first served first; values that are not named form the last group."""
    share: Share | None = None
    """With `floor`: least share for the first group."""
    of: Literal["granted", "envelope"] = "granted"
    """With `floor`: what `share` is a share of."""


class Rule(Named):
    """A quota, floor, cap or target across candidates."""

    measure: str
    """`amount` (euros), `share`, `count` (candidates), or a numeric column of the candidates."""
    of: Literal["granted", "envelope"] | None = None
    """What a share is a share of."""
    where: Condition = {}
    """What is measured: values of columns of the candidates, or of volet, aid, year and funder."""
    by: tuple[str, ...] = ()
    """Columns; the rule holds for each group of their values."""
    min: Number | None = None
    """Least value in each group."""
    max: Number | None = None
    """Largest value in each group."""
    only_possible: bool = False
    """Whether a floor skips groups in which nobody can be funded."""
    relax: bool = True
    """Whether the rule may be bent or given up to repair a clash; it is named among what clashes all the same."""


class Link(Named):
    """What ties named candidates together."""

    candidates: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Identifiers."""
    at_most: Annotated[int, Field(ge=0)] | None = None
    """Largest number of them that may be funded."""
    all_or_none: bool | None = None
    """Whether they are funded together or not at all."""
    only_if: Name | None = None
    """The candidate without which none of them is funded."""


class Decision(Part):
    """A choice made by hand, with its trace."""

    candidate: Name
    """Identifier."""
    decision: Literal["fund", "reject"]
    """What was decided."""
    by: Name
    """Who decided."""
    reason: Name
    """Why."""


class Solve(Part):
    """How the scenario is solved."""

    solver: Name = "auto"
    """`auto` (the problem whole to `highs` while it is small, else `decomposition`), `highs`, `decomposition`, `cbc`, `ranking`, or
    another solver that PuLP finds."""
    gap: Annotated[float, Field(ge=0, lt=1)] = 1e-4
    """Relative gap between value and bound at which the search may stop."""
    time_limit: Annotated[float, Field(gt=0, le=10**7)] = 60.0
    """Seconds."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """Seed of the solver."""


class Scenario(Part):
    """One call or scheme: everything that decides an allocation except the candidates."""

    format: Literal[1]
    """Version of the format."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    """Short name: letters, digits, `.`, `_`, `-`."""
    title: Text | None = None
    """Title for readers."""
    description: Text | None = None
    """What the scenario is."""
    first_year: Annotated[int, Field(ge=1900, le=2200)]
    """First year in which money may be committed."""
    years: Annotated[int, Field(ge=1, le=30)] = 1
    """Number of years in which money may be committed."""
    candidates: CandidatesSource = CandidatesSource()
    envelope: Envelope
    funders: tuple[Funder, ...] = ()
    """Who brings the money; one funder brings the whole envelope unless said."""
    volets: Annotated[dict[Name, Volet], Field(min_length=1)]
    eligibility: Eligibility = Eligibility()
    value: Value
    priority: Priority = Priority()
    rules: tuple[Rule, ...] = ()
    targets: tuple[Rule, ...] = ()
    """What must be reached: rules with a `min`. `simulate` holds them like rules; `cost` seeks the envelope that they take."""
    links: tuple[Link, ...] = ()
    decisions: tuple[Decision, ...] = ()
    solve: Solve = Solve()
    sweep: Sweep = Sweep()
    """Which parameters `sweep` varies; of no effect elsewhere."""
    sources: dict[str, Source] = {}
    """Where each parameter comes from: `quoted`, `computed`, `assumed` or `missing`, and the source."""

    #: The data and places from which it was read; set by `scenario_files`.
    _origin: Any = PrivateAttr(default=None)

    @property
    def horizon(self) -> range:
        """Years in which money may be committed."""
        return range(self.first_year, self.first_year + self.years)

    @property
    def step_volets(self) -> dict[str, Volet]:
        """Volets that candidates enter."""
        return {name: volet for name, volet in self.volets.items() if not volet.transversal}

    @property
    def transversal_volets(self) -> dict[str, Volet]:
        """Volets that serve the whole scheme."""
        return {name: volet for name, volet in self.volets.items() if volet.transversal}

    def profile(self, volet: str) -> tuple[Fraction, ...]:
        """Return the share of a grant, or of the cost of a transversal volet, that is paid each year."""
        stated = self.volets[volet].payments
        if stated is not None:
            return tuple(map(exact, stated))
        parts = self.years if self.volets[volet].transversal else 1
        return (Fraction(1, parts),) * parts

    def kept(self, t: int) -> Fraction:
        """Return the share of what a year brings, counted from 0, that is not withdrawn."""
        cuts = self.envelope.cuts or ()
        return 1 - exact(cuts[t]) if t < len(cuts) else Fraction(1)

    @property
    def tranche_shares(self) -> tuple[Fraction, ...] | None:
        """Share of the envelope that each year brings, cuts taken off; None where years are not told apart."""
        stated = self.envelope.tranches
        return None if stated is None else tuple(exact(share) * self.kept(t) for t, share in enumerate(stated))

    @property
    def withdrawn(self) -> int:
        """Euros of the envelope that cuts withdraw."""
        total, shares = self.envelope.total, self.tranche_shares
        if shares is not None:
            return total - floor(sum(shares) * total)
        left = self.funder_amounts
        return sum(sum(funder.amounts) - left[funder.name] for funder in self.funders if funder.amounts is not None)

    @property
    def funder_amounts(self) -> dict[str, int]:
        """Euros of the envelope by funder, cuts taken off; one nameless funder brings all when none is stated."""
        if not self.funders:
            return {"": self.envelope.total}
        amounts = {}
        for funder in self.funders:
            if funder.amounts is not None:
                amounts[funder.name] = floor(sum(amount * self.kept(t) for t, amount in enumerate(funder.amounts)))
            else:
                stated = funder.amount
                amounts[funder.name] = share_of(funder.share or 0, self.envelope.total) if stated is None else stated
        return amounts

    def supports(self) -> dict[tuple[str, str], Support]:
        """Return the terms of each (volet, aid), with what an aid inherits filled in; the aid is "" in a volet without aids."""
        filled = {}
        defaults = Support(
            grant=Grant(), rate=1.0, rate_bonus={}, public_cap=1.0, tolerance=0.0, local_min=0.0, local_required=False
        )
        for volet_name, volet in self.step_volets.items():
            for aid_name, aid in (volet.aids or {"": Support()}).items():
                terms = {}
                for field in Support.model_fields:
                    stated = [getattr(each, field) for each in (aid, volet, defaults)]
                    terms[field] = next((value for value in stated if value is not None), None)
                filled[volet_name, aid_name] = Support.model_construct(**terms)
        return filled

    def override(self, path: str, value: object) -> "Scenario":
        """Return the scenario with one parameter changed.

        Parameters
        ----------
        path
            Dotted path, e.g. ``envelope.total`` or ``rules.regions.max``; entries of lists by name or position from 1.
        value
            Value as TOML would give it.

        Raises
        ------
        ScenarioError
            When the path does not exist or the changed scenario has faults.
        """
        from ptce_funding.scenario_files import overridden

        return overridden(self, {path: value})

    def canonical(self) -> str:
        """Return the parts that decide an allocation as canonical JSON; not where the candidates are kept nor what is varied."""
        data = self.model_dump(mode="json", exclude={"candidates", "sweep"})
        return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def digest(self) -> str:
        """Return the SHA-256 of `canonical`."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash(self.canonical())


def stated_rules(scenario: Scenario) -> list[tuple[tuple[str, int], Rule]]:
    """Return rules and targets with where they stand."""
    return [
        *((("rules", number), rule) for number, rule in enumerate(scenario.rules)),
        *((("targets", number), rule) for number, rule in enumerate(scenario.targets)),
    ]


def transversal_cost(scenario: Scenario, volet: str, supported: int) -> int:
    """Return what a transversal volet costs with a number of supported candidates, in whole euros.

    `fixed` and `per_ptce` for each of them, kept between the shares of the envelope that are its floor and its cap.
    """
    stated = scenario.volets[volet]
    cost = stated.fixed + stated.per_ptce * supported
    if stated.min_share is not None:
        cost = max(cost, ceil(exact(stated.min_share) * scenario.envelope.total))
    if stated.max_share is not None:
        cost = min(cost, share_of(stated.max_share, scenario.envelope.total))
    return cost
