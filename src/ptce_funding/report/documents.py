"""Results as their files hold them: what this program writes, and nothing else."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ptce_funding.parts import Text


def _in_languages(texts: dict[str, str]) -> dict[str, str]:
    if not {"fr", "en"} <= set(texts):
        raise ValueError
    return texts


#: A text in each language that the program spoke when it was written.
Texts = Annotated[dict[str, str], AfterValidator(_in_languages)]

#: A text of an author in the languages that this program speaks; others are not read.
Words = Annotated[Text, BeforeValidator(lambda told: Text.said(told) if isinstance(told, dict) else told)]

_MOST = 10**15
#: A whole number, such as euros; and one that is not negative.
Whole = Annotated[int, Field(ge=-_MOST, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=_MOST)]


class Read(BaseModel):
    """A table of a result; what is not needed is not read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class Group(Read):
    """A priority group with its proof; no names for those whom the order does not name."""

    group: tuple[str | bool | int | float, ...] | None
    value: float | None
    bound: float | None
    gap: float | None


class Slice(Read):
    """Candidates and euros of one value of a dimension."""

    key: str
    supported: Count
    granted: Count


class YearTotal(Read):
    """Commitments and payments of a year, in euros."""

    year: Count
    committed: Count
    paid: Count


class Transversal(Read):
    """What a transversal volet costs."""

    volet: str
    cost: Count


class Advantage(Read):
    """What an advantage comes to."""

    volet: str
    advantage: str
    supported: Count
    amount: Count
    charged: str


class PublicMoney(Read):
    """Euros of the envelope and of the advantages beside it."""

    envelope: Count
    advantages_inside: Count
    advantages_outside: Count
    with_advantages: Count


class Indicators(Read):
    """Key figures."""

    mean_grant: float | None
    smallest_grant: Count | None
    largest_grant: Count | None
    mean_grant_per_year: float | None
    cofinancing: Count
    local_cofinancing: Count
    cofinancing_per_euro: float | None
    jobs: float | None
    labelled: Count | None
    transversal: tuple[Transversal, ...]
    advantages: tuple[Advantage, ...]
    public_money: PublicMoney
    by: dict[str, tuple[Slice, ...]]
    by_year: tuple[YearTotal, ...]


class Payment(Read):
    """Euros paid in a year."""

    year: Count
    paid: Count


class Award(Read):
    """A line of the result."""

    candidate: str
    volet: str
    aid: str | None
    year: Count
    funder: str | None
    grant: Count


class Entry(Read):
    """A funded step."""

    candidate: str
    name: str
    volet: str
    aid: str | None
    first_year: Count
    last_year: Count
    grant: Count
    payments: tuple[Payment, ...]


class Cell(Read):
    """Money of one volet, phase, year and region."""

    volet: str
    phase: str
    year: Count
    region: str
    supported: Count
    granted: Count


class Balance(Read):
    """What a funder brings and keeps in a year."""

    funder: str | None
    year: Whole
    brought: Whole
    granted: Whole
    charged: Whole
    carried: Whole
    unspent: Whole


class Comparator(Read):
    """Another scheme."""

    title: Words
    per_pole: Count
    years: Count
    per_pole_and_year: float
    status: str
    source: str | Texts


class Candidate(Read):
    """A candidate with what became of it."""

    candidate: str
    name: str | None
    region: str | None
    department: str | None
    phase: str | None
    merit: float | None
    outcome: str
    asked: Count | None
    grant: Count
    value: float
    synthetic: bool
    set_by: tuple[Texts, ...]


class Border(Read):
    """Identifiers just above and just below the line."""

    above: tuple[str, ...]
    below: tuple[str, ...]


class Refusal(Read):
    """Why a candidate gets nothing."""

    candidate: str
    reasons: tuple[Texts, ...]


class Rule(Read):
    """What one group of a rule came to."""

    name: str
    group: dict[str, Any]
    measure: str
    activity: float | None
    min: float | None
    max: float | None = None
    slack: float | None = None
    kept: bool
    skipped: bool


class Broken(Read):
    """A rule that the jury's list breaks."""

    name: str
    group: dict[str, Any]


class Ranking(Read):
    """The jury's list."""

    value: float | None
    list: tuple[str, ...]
    broken: tuple[Broken | Texts, ...]
    granted: Count


class Options(Read):
    """How the solver was asked."""

    gap: float
    time_limit: float


class Provenance(Read):
    """What is needed to get a result again."""

    scenario_sha256: str
    candidates_sha256: str
    criteria_sha256: str
    versions: dict[str, str]
    solver: str
    options: Options
    seed: Count
    date: str
    command: str


class Stated(Read):
    """What a scenario says of a parameter, and where that comes from."""

    value: Any
    status: str
    source: str | Texts
    name: Texts | None = None
    shown: Texts | None = None


class Source(Stated):
    """A parameter of the ledger."""

    path: str


class Funnel(Read):
    """Candidates at each stage."""

    received: Count
    admissible: Count
    fundable: Count
    funded: Count


class Member(Read):
    """A condition that clashes with others."""

    name: Texts
    demands: tuple[Texts, ...]
    file: str | None
    line: Count | None
    path: str | None
    status: str | None
    source: str | Texts | None
    relax: bool
    frees: bool | None


class ClashingSet(Read):
    """Conditions that cannot hold together."""

    members: tuple[Member, ...]
    smallest: bool


class Bend(Read):
    """A condition that a repair gives up, or bends: then both numbers are there."""

    name: Texts
    measure: str | None
    stated: float | None
    bent: float | None


class Repair(Read):
    """What would let an allocation exist."""

    bends: tuple[Bend, ...]
    relative: float
    command: str


class Clash(Read):
    """Why there is no allocation."""

    plain: tuple[Texts, ...]
    sets: tuple[ClashingSet, ...]
    all: bool
    repairs: tuple[Repair, ...]
    cheapest: bool


class Result(Read):
    """The contents of `allocation.json`."""

    format: Literal[1]
    scenario: str
    title: Words | None
    envelope: Count
    years: Annotated[tuple[Count, ...], Field(min_length=1)]
    priority: str
    has_served_order: bool
    scale: Texts | None
    labels: dict[str, dict[str, Texts]]
    status: str
    absence: Texts | None
    value: float | None
    bound: float | None
    gap: float | None
    groups: tuple[Group, ...]
    granted: Count
    charged: Count
    withdrawn: Count
    unspent: Count
    unspent_reasons: tuple[Texts, ...]
    supported: Count
    funnel: Funnel
    indicators: Indicators
    synthetic_candidates: bool
    awards: tuple[Award, ...]
    calendar: tuple[Entry, ...]
    breakdown: tuple[Cell, ...]
    balance: tuple[Balance, ...]
    comparators: tuple[Comparator, ...]
    candidates: tuple[Candidate, ...]
    line: Border
    refused: tuple[Refusal, ...]
    rules: tuple[Rule, ...]
    ranking: Ranking
    clash: Clash | None
    provenance: Provenance
    sources: tuple[Source, ...]

    @property
    def has_allocation(self) -> bool:
        """Whether there is an allocation."""
        return self.absence is None


class Costing(Read):
    """The contents of `cost.json`."""

    scenario: str
    title: Words | None
    labels: dict[str, dict[str, Texts]]
    synthetic_candidates: bool
    status: str
    envelope: Count | None
    bound: Count | None
    grant_step: Count
    targets: tuple[Rule, ...]
    clash: Clash | None
    command: str
    simulate: str
    allocation: Result | None
