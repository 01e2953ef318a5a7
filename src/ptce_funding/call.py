"""A scenario held against its candidates: all that is known before any choice is made."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet, Screening, criteria_of, screen
from ptce_funding.errors import ScenarioError
from ptce_funding.formulation import Formulation, formulate
from ptce_funding.matching import matching_faults
from ptce_funding.messages import message
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
    """

    scenario: Scenario
    candidates: Candidates
    criteria: CriteriaSet
    screening: Screening
    fundable: Fundable
    formulation: Formulation
    rejected: frozenset[int]


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
    return Call(scenario, candidates, criteria, screening, fundable, formulation, rejected)


def _reachable(scenario: Scenario, candidates: Candidates, screening: Screening, fundable: Fundable) -> Fundable:
    """Keep the steps that some plan has, and the reasons of the admissible that have no plan."""
    steps = fundable.steps
    plans = list_plans(scenario, candidates, steps)
    is_used = np.zeros(len(steps), dtype=bool)
    is_used[plans.step] = True
    has_plan = np.zeros(len(candidates), dtype=bool)
    has_plan[plans.candidate] = True
    reasons = {}
    for i in np.flatnonzero(screening.admissible & ~has_plan):
        phase = ChoiceWord("phase", str(candidates.column("phase")[i]))
        closed = message("no volet is open to the phase “{phase}”", phase=phase)
        reasons[int(i)] = fundable.reasons.get(int(i), (closed,))
    return replace(fundable, steps=_selected(steps, is_used), reasons=reasons)


def _selected(steps: Steps, which: npt.NDArray[np.bool_]) -> Steps:
    columns = {
        name: getattr(steps, name)[which] for name in Steps.__dataclass_fields__ if name not in ("volets", "aids")
    }
    return replace(steps, **columns)
