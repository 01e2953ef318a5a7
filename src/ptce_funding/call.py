"""A scenario held against its candidates: all that is known before any choice is made."""

from dataclasses import dataclass, replace

import numpy as np

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet, Screening, criteria_of, screen
from ptce_funding.errors import ScenarioError
from ptce_funding.formulation import Formulation, formulate
from ptce_funding.matching import matching_faults
from ptce_funding.plans import list_plans
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Fundable, Steps, fundable_steps


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
    fundable = fundable_steps(scenario, candidates, screening)
    out = {decision.candidate for decision in scenario.decisions if decision.decision == "reject"}
    rejected = frozenset(i for i, id_ in enumerate(candidates.ids) if id_ in out)
    kept = replace(fundable, steps=_without(fundable.steps, rejected))
    plans = list_plans(scenario, kept.steps)
    formulation = formulate(scenario, candidates, kept, plans)
    return Call(scenario, candidates, criteria, screening, fundable, formulation, rejected)


def _without(steps: Steps, rejected: frozenset[int]) -> Steps:
    keep = ~np.isin(steps.candidate, sorted(rejected))
    columns = {
        name: getattr(steps, name)[keep] for name in Steps.__dataclass_fields__ if name not in ("volets", "aids")
    }
    return replace(steps, **columns)
