"""Who is admissible: sets of criteria as data, applied to the candidate table.

A set is a TOML file, packaged (``criteria/``) or the user's own. A criterion holds one or more tests of columns; what failing it
means is its status: ``hard`` (refused), ``exclusion`` (refused when the tests are *met*), ``scored`` (points, never a refusal) or
``ignored``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError

from ptce_funding.candidate_columns import column_named
from ptce_funding.candidates import Candidates
from ptce_funding.errors import Fault, Place, ScenarioError
from ptce_funding.messages import Message, message, nearest
from ptce_funding.ondemand import OnDemand
from ptce_funding.parts import Name, Number, Part, Phase, Scalar, Source, Text
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import Origin, shape_faults
from ptce_funding.scenario_files import frozen, origin_of, read_toml
from ptce_funding.vocabulary import ChoiceWord, ColumnLabel

Bools = npt.NDArray[np.bool_]

SETS = Path(__file__).parent / "criteria"

#: Column of the points that scored criteria bring; it may be named in `value.criteria`.
POINTS = "eligibility_points"


class Test(Part):
    """One condition on a candidate."""

    column: Name | None = None
    """Column that is tested; or `sum_of`."""
    sum_of: tuple[Name, ...] = ()
    """Columns whose sum is tested; or `column`."""
    min: Number | None = None
    """Least value."""
    max: Number | None = None
    """Largest value."""
    above: Number | None = None
    """Value to exceed."""
    below: Number | None = None
    """Value to stay under."""
    one_of: tuple[Scalar, ...] | None = None
    """Accepted values."""
    phases: tuple[Phase, ...] = ()
    """Phases of candidates that the test concerns; all unless said."""
    source: Source | None = None
    """Where its threshold comes from; the source of the criterion unless said."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the test reads."""
        return (self.column,) if self.column else self.sum_of

    def threshold(self) -> Message:
        """Return what is expected, in words."""
        if self.one_of is not None:
            column = str(self.column)
            values = [ChoiceWord(column, value) if isinstance(value, str) else value for value in self.one_of]
            return message("{values:or}", values=values)
        kinds = {column.kind for column in map(column_named, self.columns) if column is not None}
        told = _percent if kinds == {"share"} else _number
        bounds = {key: told(getattr(self, key)) for key in ("min", "max", "above", "below")}
        words = {
            "min": message("at least {value}", value=bounds["min"]),
            "max": message("at most {value}", value=bounds["max"]),
            "above": message("above {value}", value=bounds["above"]),
            "below": message("below {value}", value=bounds["below"]),
        }
        stated = [word for key, word in words.items() if getattr(self, key) is not None]
        return message("{words:list}", words=stated)


class Criterion(Part):
    """One criterion of a set."""

    name: Name
    """Name, unique in the set."""
    title: Text | None = None
    """What it asks, for readers."""
    status: Literal["hard", "scored", "exclusion", "ignored"]
    """What failing it means."""
    weight: Number = 1.0
    """Points, when it is scored."""
    source: Source | None = None
    """Where it and its thresholds come from."""
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]
    """Conditions, all of which must hold."""

    def render(self, lang: str) -> str:
        """Return the criterion for readers."""
        return (self.title.render(lang) if self.title else "") or self.name


class CriteriaSet(Part):
    """A set of criteria."""

    format: Literal[1]
    """Version of the format."""
    name: Name
    """Name of the set."""
    title: Text | None = None
    """Name for readers."""
    criteria: tuple[Criterion, ...] = ()
    """The criteria, in the order in which refusals list them."""

    @property
    def applied(self) -> tuple[Criterion, ...]:
        """Criteria that are not ignored."""
        return tuple(each for each in self.criteria if each.status != "ignored")


@dataclass(frozen=True, slots=True)
class Failure:
    """A criterion that a candidate fails.

    Parameters
    ----------
    criterion
        The criterion.
    message
        Each failed test with the value found and the threshold.
    tests
        The failed tests; those that are met, of an exclusion.
    """

    criterion: Criterion
    message: Message
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class Screening:
    """Who is admissible.

    Parameters
    ----------
    admissible
        One flag for each candidate.
    failures
        Failed criteria by position of the candidate, worded when asked for; only those refused are present.
    points
        Points of the scored criteria, by candidate.
    """

    admissible: Bools
    failures: Mapping[int, tuple[Failure, ...]]
    points: npt.NDArray[np.float64]


def set_names() -> list[str]:
    """Return the names of the packaged sets."""
    return sorted(path.stem for path in SETS.glob("*.toml"))


@cache
def _packaged(name: str) -> CriteriaSet:
    """Return a packaged set, read once."""
    return read_criteria(SETS / f"{name}.toml")


def criteria_of(scenario: Scenario) -> CriteriaSet:
    """Return the criteria of a scenario with its changes made.

    Raises
    ------
    ScenarioError
        When the set does not exist, has faults, or lacks a criterion that the scenario changes.
    """
    origin = origin_of(scenario)
    stated = scenario.eligibility.criteria
    place = origin.place(("eligibility", "criteria"))
    if stated in set_names():
        criteria = _packaged(stated)
    else:
        path = Path(place.file).parent / stated if place.file and place.line else Path(stated)
        if not path.is_file():
            text = message("Found “{found}”, expected a file or one of: {known:list}.", found=stated, known=set_names())
            raise ScenarioError([Fault(place, text, nearest(stated, set_names()))])
        criteria = read_criteria(path)
    known = {criterion.name: number for number, criterion in enumerate(criteria.criteria)}
    changed, faults = list(criteria.criteria), []
    for name, change in scenario.eligibility.set.items():
        place = origin.place(("eligibility", "set", name))
        if name not in known:
            text = message("The set “{set}” has no criterion “{found}”.", set=criteria.name, found=name)
            faults.append(Fault(place, text, nearest(name, known)))
            continue
        old = changed[known[name]]
        stated_keys = {key: getattr(change, key) for key in change.model_fields_set}
        terms = {key: value for key, value in stated_keys.items() if key not in ("status", "weight")}
        if terms and old.tests[0].one_of is not None and set(terms) != {"one_of"}:
            text = message("The criterion “{name}” tests a list of values; change `one_of`.", name=name)
            faults.append(Fault(place, text))
        first = old.tests[0].model_copy(update=terms)
        own = {key: value for key, value in stated_keys.items() if key in ("status", "weight")}
        changed[known[name]] = old.model_copy(update={**own, "tests": (first, *old.tests[1:])})
    if faults:
        raise ScenarioError(faults)
    return criteria.model_copy(update={"criteria": tuple(changed)})


def read_criteria(path: Path) -> CriteriaSet:
    """Read a set of criteria.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    data, places = read_toml(str(path))
    origin = Origin(data, places, (str(path),))
    try:
        criteria = CriteriaSet.model_validate(frozen(data))
    except ValidationError as error:
        raise ScenarioError(shape_faults(error, origin, CriteriaSet)) from None
    faults = []
    names: set[str] = set()
    for number, criterion in enumerate(criteria.criteria):
        if criterion.name in names:
            place = origin.place(("criteria", number, "name"))
            faults.append(Fault(place, message("The name “{name}” is taken already.", name=criterion.name)))
        names.add(criterion.name)
        for position, test in enumerate(criterion.tests):
            bounds = [test.min, test.max, test.above, test.below, test.one_of]
            if (test.column is None) == (not test.sum_of) or all(bound is None for bound in bounds):
                text = message("A test states `column` or `sum_of`, and a bound: min, max, above, below or one_of.")
                faults.append(Fault(origin.place(("criteria", number, "tests", position)), text))
    if faults:
        raise ScenarioError(faults)
    return criteria


def column_faults(criteria: CriteriaSet, candidates: Candidates, place: Place) -> list[Fault]:
    """Return one fault for each column that the applied criteria need and the table lacks or has of another kind."""
    faults = []
    for criterion in criteria.applied:
        for test in criterion.tests:
            for column in test.columns:
                kind = candidates.kinds.get(column)
                is_numeric = test.one_of is None
                if kind is None:
                    text = message(
                        "The criterion “{criterion}” reads the column “{column}” ({label}), which the candidates lack. "
                        "Map it in `candidates.columns`, or set the criterion to ignored.",
                        criterion=criterion.name,
                        column=column,
                        label=ColumnLabel(column),
                    )
                    faults.append(Fault(place, text, nearest(column, candidates.kinds)))
                elif is_numeric and kind in ("text", "choice", "flag"):
                    text = message(
                        "The criterion “{criterion}” needs numbers in the column “{column}”.",
                        criterion=criterion.name,
                        column=column,
                    )
                    faults.append(Fault(place, text))
    return faults


def screen(criteria: CriteriaSet, candidates: Candidates) -> Screening:
    """Apply a set of criteria.

    Parameters
    ----------
    criteria
        The set; its columns must be in the table (`column_faults`).
    candidates
        The table.
    """
    n = len(candidates)
    admissible = np.ones(n, dtype=bool)
    points = np.zeros(n)
    refusing: list[tuple[Criterion, list[Bools]]] = []
    for criterion in criteria.applied:
        outcomes = [_outcome(test, candidates) for test in criterion.tests]
        met = np.logical_and.reduce(outcomes)
        if criterion.status == "scored":
            points += criterion.weight * met
            continue
        admissible &= ~met if criterion.status == "exclusion" else met
        refusing.append((criterion, outcomes))
    return Screening(admissible, OnDemand(~admissible, partial(_failures, candidates, refusing)), points)


def _failures(candidates: Candidates, refusing: list[tuple[Criterion, list[Bools]]], i: int) -> tuple[Failure, ...]:
    """Return the criteria that the candidate at position `i` fails, given the outcomes of their tests for everybody."""
    failures = []
    for criterion, outcomes in refusing:
        met = [bool(outcome[i]) for outcome in outcomes]
        is_exclusion = criterion.status == "exclusion"
        if all(met) == is_exclusion:
            failed = [test for test, is_met in zip(criterion.tests, met, strict=True) if is_exclusion or not is_met]
            details = [_detail(test, candidates, i, criterion.status) for test in failed]
            text = message("{criterion}: {details:list}", criterion=criterion, details=details)
            failures.append(Failure(criterion, text, tuple(failed)))
    return tuple(failures)


def _outcome(test: Test, candidates: Candidates) -> Bools:
    """Return who meets a test; a blank cell meets none."""
    if test.one_of is not None:
        met = candidates.having(test.columns[0], test.one_of)
    else:
        total = sum(candidates.column(column).astype(float) for column in test.columns)
        value = np.asarray(total, dtype=float)
        met = ~np.isnan(value)
        for bound, holds in (
            (test.min, np.greater_equal),
            (test.max, np.less_equal),
            (test.above, np.greater),
            (test.below, np.less),
        ):
            if bound is not None:
                met &= holds(value, bound)
    if test.phases:
        met = met | ~candidates.having("phase", test.phases)
    return np.asarray(met, dtype=bool)


def _detail(test: Test, candidates: Candidates, i: int, status: str) -> Message:
    found = [shown_cell(candidates, column, i) for column in test.columns]
    labels = [ColumnLabel(column) for column in test.columns]
    if status == "exclusion":
        return message("{columns:list} is {found:list}", columns=labels, found=found)
    threshold = test.threshold()
    if test.sum_of:
        return message(
            "{columns:list}, added up: {found:list}, expected {threshold}",
            columns=labels,
            found=found,
            threshold=threshold,
        )
    return message(
        "{columns:list}: {found:list}, expected {threshold}", columns=labels, found=found, threshold=threshold
    )


def _percent(value: float | None) -> Message:
    """Return a share as readers write it."""
    return message("{value:percent}", value=value)


def _number(value: float | None) -> Message:
    return message("{value:number}", value=value)


def shown_cell(candidates: Candidates, column: str, i: int) -> Any:
    """Return a cell as a message shows it."""
    value = candidates.column(column)[i]
    kind = candidates.kinds[column]
    if (kind == "flag" and value < 0) or value == "" or (isinstance(value, float) and np.isnan(value)):
        return message("not stated")
    if kind == "flag":
        return bool(value)
    if kind == "choice":
        return ChoiceWord(column, str(value))
    if kind == "share":
        return _percent(float(value))
    return value.item() if hasattr(value, "item") else value
