"""What an allocation is worth: merit of candidates, base value of steps (docs/model.md, Value)."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import POINTS, Screening
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.messages import message
from ptce_funding.parts import PHASES, Scalar
from ptce_funding.scenario import MeritCriterion, Scenario

Floats = npt.NDArray[np.float64]


def merits(scenario: Scenario, candidates: Candidates, screening: Screening) -> Floats:
    """Return the merit of each candidate: the weighted sum of the criteria, without the weight of its phase.

    Raises
    ------
    CandidatesError
        When an admissible candidate leaves a criterion of the merit blank.
    """
    total = np.zeros(len(candidates))
    faults = []
    for column, criterion, values in criterion_values(scenario, candidates, screening):
        blank = np.flatnonzero(np.isnan(values) & screening.admissible)
        faults += [blank_fault(candidates, int(i), column) for i in blank]
        values = np.where(np.isnan(values), 0.0, values)
        if criterion.normalise:
            largest = np.abs(values[screening.admissible]).max(initial=0.0)
            values = values / largest if largest > 0 else values
        total += criterion.weight * values
    if faults:
        raise CandidatesError(faults)
    return total


def criterion_values(
    scenario: Scenario, candidates: Candidates, screening: Screening
) -> Iterator[tuple[str, MeritCriterion, Floats]]:
    """Give the column of each criterion of the merit, the criterion and its values by candidate; not a number where blank."""
    for column, criterion in scenario.value.criteria.items():
        yield column, criterion, screening.points if column == POINTS else _numbers(candidates, column)


def _numbers(candidates: Candidates, column: str) -> Floats:
    values = candidates.column(column).astype(float)
    return np.where(values < 0, np.nan, values) if candidates.kinds[column] == "flag" else values


def phase_weights(scenario: Scenario, candidates: Candidates) -> Floats:
    """Return the weight of each candidate's phase."""
    phases, phase = candidates.codes("phase")
    weights = [scenario.value.phases.get(each, 1.0) if each in PHASES else 0.0 for each in phases.tolist()]
    return np.array(weights)[phase]


def scales(scenario: Scenario, candidates: Candidates, cost: Floats, candidate: npt.NDArray[np.int64]) -> Floats:
    """Return what each step counts for: 1, its eligible cost in euros, or a column of its candidate.

    Parameters
    ----------
    cost
        Eligible cost of each step, in euros.
    candidate
        Position of the candidate of each step.

    Raises
    ------
    CandidatesError
        When the column is blank for a candidate that has a step.
    """
    values = known_scales(scenario, candidates, cost, candidate)
    blank = np.unique(candidate[np.isnan(values)])
    if len(blank):
        raise CandidatesError([blank_fault(candidates, int(i), scenario.value.scale) for i in blank])
    return values


def known_scales(scenario: Scenario, candidates: Candidates, cost: Floats, candidate: npt.NDArray[np.int64]) -> Floats:
    """Return the same as `scales`, not a number where the column is blank."""
    column = scenario.value.scale
    if column == "candidate":
        return np.ones(len(candidate))
    if column == "cost":
        return cost
    return np.asarray(_numbers(candidates, column)[candidate], dtype=float)


def blank_fault(candidates: Candidates, i: int, column: str) -> Fault:
    """Return the fault of a blank cell that the scenario needs."""
    place = Place(
        file=candidates.file,
        sheet=candidates.sheet,
        row=int(candidates.rows[i]),
        column=column,
        id=str(candidates.ids[i]),
    )
    return Fault(place, message("The cell is blank; the scenario needs a value here for every admissible candidate."))


def served_order(scenario: Scenario) -> tuple[tuple[Scalar, ...], ...]:
    """Return the groups that are served one after the other; none where the reading of the priority knows no groups."""
    return scenario.priority.order if scenario.priority.mode in ("strict", "floor") else ()


def priority_groups(scenario: Scenario, candidates: Candidates) -> npt.NDArray[np.int64]:
    """Return the priority group of each candidate, 0 served first; values that the order does not name come last."""
    order = served_order(scenario)
    group = np.full(len(candidates), len(order), dtype=np.int64)
    if not order:
        return group
    for number, members in enumerate(order):
        group[candidates.having(scenario.priority.column, members)] = number
    return group
