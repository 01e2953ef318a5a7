"""Results as their files hold them, read back and checked: what this program writes, and nothing else."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.messages import Message, message
from ptce_funding.parts import Text

#: A text in each language.
Texts = dict[str, str]
#: Titles by dimension, name and language.
Labels = dict[str, dict[str, Texts]]

_MOST = 10**15
#: A whole number, such as euros; and one that is not negative.
Whole = Annotated[int, Field(ge=-_MOST, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=_MOST)]

#: Faults told of one file: a file of another version has hundreds.
_FAULTS = 3


class _Read(BaseModel):
    """A table of a result; what is not needed is not read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class Group(_Read):
    """A priority group with its proof; no names for those whom the order does not name."""

    group: tuple[str | bool | int | float, ...] | None
    value: float | None
    bound: float | None
    gap: float | None


class Slice(_Read):
    """Candidates and euros of one value of a dimension."""

    key: str
    supported: Count
    granted: Count


class YearTotal(_Read):
    """Commitments and payments of a year, in euros."""

    year: Count
    committed: Count
    paid: Count


class Transversal(_Read):
    """What a transversal volet costs."""

    volet: str
    cost: Count


class Advantage(_Read):
    """What an advantage comes to."""

    volet: str
    advantage: str
    supported: Count
    amount: Count
    charged: str


class PublicMoney(_Read):
    """Euros of the envelope and of the advantages beside it."""

    envelope: Count
    advantages_inside: Count
    advantages_outside: Count
    with_advantages: Count


class Indicators(_Read):
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


class Payment(_Read):
    """Euros paid in a year."""

    year: Count
    paid: Count


class Entry(_Read):
    """A funded step."""

    candidate: str
    name: str
    volet: str
    aid: str | None
    first_year: Count
    last_year: Count
    grant: Count
    payments: tuple[Payment, ...]


class Cell(_Read):
    """Money of one volet, phase, year and region."""

    volet: str
    phase: str
    year: Count
    region: str
    supported: Count
    granted: Count


class Balance(_Read):
    """What a funder brings and keeps in a year."""

    funder: str | None
    year: Whole
    brought: Whole
    granted: Whole
    charged: Whole
    carried: Whole
    unspent: Whole


class Comparator(_Read):
    """Another scheme."""

    title: Text
    per_pole: Count
    years: Count
    per_pole_and_year: float
    status: str
    source: str


class Candidate(_Read):
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
    set_by: tuple[Texts, ...]


class Border(_Read):
    """Identifiers just above and just below the line."""

    above: tuple[str, ...]
    below: tuple[str, ...]


class Refusal(_Read):
    """Why a candidate gets nothing."""

    candidate: str
    reasons: tuple[Texts, ...]


class Rule(_Read):
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


class Broken(_Read):
    """A rule that the jury's list breaks."""

    name: str
    group: dict[str, Any]


class Ranking(_Read):
    """The jury's list."""

    value: float | None
    list: tuple[str, ...]
    broken: tuple[Broken | Texts, ...]
    granted: Count


class Options(_Read):
    """How the solver was asked."""

    gap: float
    time_limit: float


class Provenance(_Read):
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


class Source(_Read):
    """Where a parameter comes from."""

    path: str
    value: Any
    status: str
    source: str | Texts


class Funnel(_Read):
    """Candidates at each stage."""

    received: Count
    admissible: Count
    fundable: Count
    funded: Count


class Result(_Read):
    """The contents of `allocation.json`."""

    scenario: str
    title: Text | None
    envelope: Count
    years: Annotated[tuple[Count, ...], Field(min_length=1)]
    priority: str
    has_served_order: bool
    scale: Texts | None
    labels: Labels
    status: str
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
    calendar: tuple[Entry, ...]
    breakdown: tuple[Cell, ...]
    balance: tuple[Balance, ...]
    comparators: tuple[Comparator, ...]
    candidates: tuple[Candidate, ...]
    line: Border
    refused: tuple[Refusal, ...]
    rules: tuple[Rule, ...]
    ranking: Ranking
    provenance: Provenance
    sources: tuple[Source, ...]

    @property
    def has_allocation(self) -> bool:
        """Whether there is an allocation."""
        return self.value is not None


class Shortfall(_Read):
    """A target out of reach even alone."""

    name: Texts
    measure: str
    wanted: float
    reachable: float
    candidates: Count


class Clash(_Read):
    """What cannot hold together."""

    members: tuple[Texts, ...]
    shortfalls: tuple[Shortfall, ...]


class Costing(_Read):
    """The contents of `cost.json`."""

    scenario: str
    title: Text | None
    labels: Labels
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


def parsed(content: bytes, file: Path | None = None) -> Result | Costing:
    """Read a result.

    Parameters
    ----------
    content
        Bytes of `allocation.json` or `cost.json`.
    file
        Where they come from, for what is said of faults.

    Raises
    ------
    InputError
        When they are neither, or not as this version writes them.
    """
    from pydantic_core import from_json

    try:
        page = from_json(content)
    except ValueError:
        raise _unknown(file) from None
    if isinstance(page, list):
        text = message(
            "This file holds several results; a report is of one of them: use --out, and give one of its files."
        )
        raise InputError([Fault(_place(file), text)])
    kind = _kind_of(page)
    if kind is None:
        raise _unknown(file)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        faults = [_fault(file, tuple(each["loc"])) for each in error.errors(include_url=False, include_input=False)]
        raise InputError(list(dict.fromkeys(faults))[:_FAULTS]) from None


def _kind_of(page: Any) -> type[Result] | type[Costing] | None:
    if not isinstance(page, dict) or "scenario" not in page:
        return None
    return Costing if "targets" in page else Result if "funnel" in page else None


def _fault(file: Path | None, path: tuple[int | str, ...]) -> Fault:
    text = message(
        "This is not as this version of the program writes it: it comes from another version, or was changed by hand. "
        "Make the result again."
    )
    return Fault(Place(file=None if file is None else str(file), path=".".join(map(str, path))), text)


def _place(file: Path | None) -> Place:
    return Place(file=None if file is None else str(file))


def _unknown(file: Path | None) -> InputError:
    text: Message = message(
        "This is no result of this program; expected allocation.json, cost.json, or the file that a sweep keeps its runs in."
    )
    return InputError([Fault(_place(file), text)])
