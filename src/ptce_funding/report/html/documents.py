"""Results as their files hold them, read back and checked: what this program writes, and nothing else."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.messages import Message, message
from ptce_funding.parts import Text

#: A text in each language.
Texts = dict[str, str]
#: Titles by dimension, name and language.
Labels = dict[str, dict[str, Texts]]

#: Faults told of one file: a file of another version has hundreds.
_FAULTS = 3


class _Read(BaseModel):
    """A table of a result; what is not needed is not read."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Group(_Read):
    """A priority group with its proof; no names for those whom the order does not name."""

    group: tuple[str | bool | int | float, ...] | None
    value: float | None
    bound: float | None
    gap: float | None


class Slice(_Read):
    """Candidates and euros of one value of a dimension."""

    key: str
    supported: int
    granted: int


class YearTotal(_Read):
    """Commitments and payments of a year, in euros."""

    year: int
    committed: int
    paid: int


class Transversal(_Read):
    """What a transversal volet costs."""

    volet: str
    cost: int


class Advantage(_Read):
    """What an advantage comes to."""

    volet: str
    advantage: str
    supported: int
    amount: int
    charged: str


class PublicMoney(_Read):
    """Euros of the envelope and of the advantages beside it."""

    envelope: int
    advantages_inside: int
    advantages_outside: int
    with_advantages: int


class Indicators(_Read):
    """Key figures."""

    mean_grant: float | None
    smallest_grant: int | None
    largest_grant: int | None
    mean_grant_per_year: float | None
    cofinancing: int
    local_cofinancing: int
    cofinancing_per_euro: float | None
    jobs: float | None
    labelled: int | None
    transversal: tuple[Transversal, ...]
    advantages: tuple[Advantage, ...]
    public_money: PublicMoney
    by: dict[str, tuple[Slice, ...]]
    by_year: tuple[YearTotal, ...]


class Payment(_Read):
    """Euros paid in a year."""

    year: int
    paid: int


class Entry(_Read):
    """A funded step."""

    candidate: str
    name: str
    volet: str
    aid: str | None
    first_year: int
    last_year: int
    grant: int
    payments: tuple[Payment, ...]


class Cell(_Read):
    """Money of one volet, phase, year and region."""

    volet: str
    phase: str
    year: int
    region: str
    supported: int
    granted: int


class Balance(_Read):
    """What a funder brings and keeps in a year."""

    funder: str | None
    year: int
    brought: int
    granted: int
    charged: int
    carried: int
    unspent: int


class Comparator(_Read):
    """Another scheme."""

    title: Text
    per_pole: int
    years: int
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
    asked: int | None
    grant: int
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
    granted: int


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
    seed: int
    date: str
    command: str


class Source(_Read):
    """Where a parameter comes from."""

    path: str
    value: Any
    status: str
    source: str | Texts


class Result(_Read):
    """The contents of `allocation.json`."""

    scenario: str
    title: Text | None
    envelope: int
    years: tuple[int, ...]
    priority: str
    has_served_order: bool
    scale: Texts | None
    labels: Labels
    status: str
    value: float | None
    bound: float | None
    gap: float | None
    groups: tuple[Group, ...]
    granted: int
    charged: int
    withdrawn: int
    unspent: int
    unspent_reasons: tuple[Texts, ...]
    supported: int
    funnel: dict[str, int]
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
    candidates: int


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
    envelope: int | None
    bound: int | None
    grant_step: int
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
