"""A scenario held against its candidates: all that is known before any choice is made."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet, Screening, criteria_of, screen
from ptce_funding.errors import ScenarioError
from ptce_funding.formulation import Formulation, formulate
from ptce_funding.funding import payable
from ptce_funding.matching import matching_faults
from ptce_funding.messages import Message, message
from ptce_funding.plans import list_plans
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Fundable, Steps, fundable_steps
from ptce_funding.vocabulary import ChoiceWord


@dataclass(frozen=True)
class Call:
    """A scenario held against its candidates: all that is known before any choice is made.

    Parameters
    ----------
    scenario, candidates
        What was asked.
    criteria, screening
        The criteria, and who meets them.
    fundable
        What could be funded, including candidates that are rejected by hand.
    formulation
        The problem, without the rejected.
    rejected
        Positions of the candidates rejected by hand.
    impossible
        Decisions to fund that cannot hold, with the reason: no allocation exists.
    """

    scenario: Scenario
    candidates: Candidates
    criteria: CriteriaSet
    screening: Screening
    fundable: Fundable
    formulation: Formulation
    rejected: frozenset[int]
    impossible: tuple[Message, ...]


def prepare(scenario: Scenario, candidates: Candidates) -> Call:
    """Hold a scenario against its candidates.

    Raises
    ------
    ScenarioError
        When it names columns, values or candidates that the table lacks.
    CandidatesError
        When cells that it needs are blank.
    """
    criteria = criteria_of(scenario)
    faults = matching_faults(scenario, criteria, candidates)
    if faults:
        raise ScenarioError(faults)
    screening = screen(criteria, candidates)
    fundable = _reachable(scenario, candidates, screening, fundable_steps(scenario, candidates, screening))
    out = {decision.candidate for decision in scenario.decisions if decision.decision == "reject"}
    rejected = frozenset(i for i, id_ in enumerate(candidates.ids) if id_ in out)
    kept = replace(fundable, steps=_selected(fundable.steps, ~np.isin(fundable.steps.candidate, sorted(rejected))))
    plans = list_plans(scenario, candidates, kept.steps)
    formulation = formulate(scenario, candidates, kept, plans)
    impossible = _impossible(scenario, candidates, screening, fundable)
    return Call(scenario, candidates, criteria, screening, fundable, formulation, rejected, impossible)


def _impossible(
    scenario: Scenario, candidates: Candidates, screening: Screening, fundable: Fundable
) -> tuple[Message, ...]:
    position = {id_: i for i, id_ in enumerate(candidates.ids)}
    found = []
    for decision in scenario.decisions:
        i = position[decision.candidate]
        reasons = [failure.message for failure in screening.failures.get(i, ())] or list(fundable.reasons.get(i, ()))
        if decision.decision == "fund" and reasons:
            text = message(
                "The decision to fund {id} cannot hold: {reasons:list}.", id=decision.candidate, reasons=reasons
            )
            found.append(text)
    return tuple(found)


def _reachable(scenario: Scenario, candidates: Candidates, screening: Screening, fundable: Fundable) -> Fundable:
    """Keep the steps that some plan has, and the reasons of the admissible that have no plan."""
    steps, unit = fundable.steps, scenario.envelope.grant_step
    reasons_of: dict[int, list[Message]] = {i: list(each) for i, each in fundable.reasons.items()}
    most = payable(scenario, candidates, steps)
    for s in np.flatnonzero(steps.floor > most):
        text = message(
            "the least grant, {floor:euros}, is above what could be paid to it, {most:euros}",
            floor=int(steps.floor[s]) * unit,
            most=int(most[s]) * unit,
        )
        told = reasons_of.setdefault(int(steps.candidate[s]), [])
        told += [text] if text not in told else []
    steps = _selected(steps, steps.floor <= most)
    plans = list_plans(scenario, candidates, steps)
    is_used = np.zeros(len(steps), dtype=bool)
    is_used[plans.step] = True
    has_plan = np.zeros(len(candidates), dtype=bool)
    has_plan[plans.candidate] = True
    if scenario.envelope.candidate_max is not None and not has_plan.all():
        free = scenario.envelope.model_copy(update={"candidate_max": None})
        others = list_plans(scenario.model_copy(update={"envelope": free}), candidates, steps)
        floors = np.bincount(others.plan, weights=steps.floor[others.step], minlength=len(others))
        least = np.full(len(candidates), np.inf)
        np.minimum.at(least, others.candidate, floors)
        for i in np.flatnonzero(~has_plan & np.isfinite(least)):
            text = message(
                "the least grant, {floor:euros}, is above what one candidate may get, {most:euros}",
                floor=int(least[i]) * unit,
                most=scenario.envelope.candidate_max,
            )
            reasons_of.setdefault(int(i), []).append(text)
    reasons = {}
    for i in np.flatnonzero(screening.admissible & ~has_plan):
        phase = ChoiceWord("phase", str(candidates.column("phase")[i]))
        closed = message("no volet is open to the phase “{phase}”", phase=phase)
        reasons[int(i)] = tuple(reasons_of.get(int(i), (closed,)))
    return replace(fundable, steps=_selected(steps, is_used), reasons=reasons)


def _selected(steps: Steps, which: npt.NDArray[np.bool_]) -> Steps:
    columns = {
        name: getattr(steps, name)[which] for name in Steps.__dataclass_fields__ if name not in ("volets", "aids")
    }
    return replace(steps, **columns)
