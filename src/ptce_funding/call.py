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
from ptce_funding.plans import Plans, list_plans
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
    possible
        Steps that could be funded if there were money enough, without those of the rejected.
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
    possible: Steps
    formulation: Formulation
    rejected: frozenset[int]
    impossible: tuple[Message, ...]


def prepare(scenario: Scenario, candidates: Candidates, is_sought: bool = False, margin: int = 0) -> Call:
    """Hold a scenario against its candidates.

    Parameters
    ----------
    is_sought
        Whether the envelope is sought: its total then stands in nobody's way, and the problem is to make it small.
    margin
        Euros that limits keep clear of their bound where charges count.

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
    fundable, possible = _reachable(
        scenario, candidates, screening, fundable_steps(scenario, candidates, screening), is_sought
    )
    out = {decision.candidate for decision in scenario.decisions if decision.decision == "reject"}
    rejected = frozenset(i for i, id_ in enumerate(candidates.ids) if id_ in out)

    def kept(steps: Steps) -> Steps:
        return steps.chosen(~np.isin(steps.candidate, sorted(rejected)))

    possible, steps = kept(possible), kept(fundable.steps)
    plans = list_plans(scenario, candidates, steps)
    formulation = formulate(
        scenario,
        candidates,
        replace(fundable, steps=steps),
        plans,
        possible=possible,
        is_sought=is_sought,
        margin=margin,
    )
    impossible = _impossible(scenario, candidates, screening, fundable)
    return Call(scenario, candidates, criteria, screening, fundable, possible, formulation, rejected, impossible)


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


def _reachable(
    scenario: Scenario, candidates: Candidates, screening: Screening, fundable: Fundable, is_sought: bool
) -> tuple[Fundable, Steps]:
    """Keep the steps that some plan has, and the reasons of the admissible that have no plan; and what more money could fund."""
    steps, unit = fundable.steps, scenario.envelope.grant_step
    reasons_of: dict[int, list[Message]] = {i: list(each) for i, each in fundable.reasons.items()}
    most, is_any = payable(scenario, candidates, steps)
    if is_sought:
        most = np.where(is_any, steps.ceiling, 0)
    for s in np.flatnonzero(steps.floor > most):
        text = message(
            "the least grant, {floor:euros}, is above what could be paid to it, {most:euros}",
            floor=int(steps.floor[s]) * unit,
            most=int(most[s]) * unit,
        )
        told = reasons_of.setdefault(int(steps.candidate[s]), [])
        told += [text] if text not in told else []
    possible = steps.chosen(is_any)
    possible = possible.chosen(_is_used(list_plans(scenario, candidates, possible), possible))
    steps = steps.chosen(steps.floor <= most)
    plans = list_plans(scenario, candidates, steps)
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
    steps = steps.chosen(_is_used(plans, steps))
    # Nearly always the same: then it is one object, and need not be looked at twice.
    possible = steps if len(steps) == len(possible) else possible
    return replace(fundable, steps=steps, reasons=reasons), possible


def _is_used(plans: Plans, steps: Steps) -> npt.NDArray[np.bool_]:
    """Return which steps some plan has."""
    is_used = np.zeros(len(steps), dtype=bool)
    is_used[plans.step] = True
    return is_used
