"""A scenario held against its candidates: all that is known before any choice is made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet, Screening, criteria_of
from ptce_funding.errors import ScenarioError
from ptce_funding.formulation import Formulation, formulate
from ptce_funding.funding import payable
from ptce_funding.matching import matching_faults
from ptce_funding.messages import Message, message
from ptce_funding.ondemand import OnDemand
from ptce_funding.plans import Plans, list_plans
from ptce_funding.prospects import Prospects, prospects
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Fundable, Steps, valued
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
    found = prospects(scenario, criteria, candidates)
    screening = found.screening
    fundable, possible, plans = _reachable(
        scenario, found, valued(scenario, candidates, screening, found.offer), is_sought
    )
    rejected = frozenset(
        candidates.position[each.candidate] for each in scenario.decisions if each.decision == "reject"
    )
    is_left = np.ones(len(candidates), dtype=bool)
    is_left[sorted(rejected)] = False
    left = is_left[fundable.steps.candidate]
    steps, plans = fundable.steps.chosen(left), plans.within(left)
    # Nearly always the same: then it is one object, and need not be looked at twice.
    possible = steps if possible is fundable.steps else possible.chosen(is_left[possible.candidate])
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
    found = []
    for decision in scenario.decisions:
        if decision.decision != "fund":
            continue
        i = candidates.position[decision.candidate]
        reasons = [failure.message for failure in screening.failures.get(i, ())] or list(fundable.reasons.get(i, ()))
        if reasons:
            text = message(
                "The decision to fund {id} cannot hold: {reasons:list}.", id=decision.candidate, reasons=reasons
            )
            found.append(text)
    return tuple(found)


def _reachable(
    scenario: Scenario, found: Prospects, fundable: Fundable, is_sought: bool
) -> tuple[Fundable, Steps, Plans]:
    """Return the steps that some plan has, with why others have none; those that more money could fund; and the plans."""
    candidates, steps = found.candidates, fundable.steps
    most, is_any = payable(scenario, candidates, steps)
    if is_sought:
        most = np.where(is_any, steps.ceiling, 0)
    possible = steps.chosen(is_any)
    some_day = found.plans(is_any)
    is_short = steps.floor > most
    payable_now = steps.chosen(~is_short)
    plans = some_day.within(~is_short[is_any])
    has_plan = np.zeros(len(candidates), dtype=bool)
    has_plan[plans.candidate] = True
    is_used = _is_used(plans, payable_now)
    kept = payable_now.chosen(is_used)
    possible = possible.chosen(_is_used(some_day, possible))
    why = _Why(scenario, candidates, fundable, steps.chosen(is_short), most[is_short], {})
    if scenario.envelope.candidate_max is not None:
        why = replace(why, least=_least_plan(scenario, candidates, payable_now, has_plan))
    reasons = OnDemand(found.screening.admissible & ~has_plan, why.of)
    possible = kept if len(kept) == len(possible) else possible
    return replace(fundable, steps=kept, reasons=reasons), possible, plans.within(is_used)


def _is_used(plans: Plans, steps: Steps) -> npt.NDArray[np.bool_]:
    """Return which steps some plan has."""
    is_used = np.zeros(len(steps), dtype=bool)
    is_used[plans.step] = True
    return is_used


def _least_plan(
    scenario: Scenario, candidates: Candidates, steps: Steps, has_plan: npt.NDArray[np.bool_]
) -> dict[int, int]:
    """Return the grant steps that the smallest plan takes, of candidates that only the ceiling of one candidate leaves without any."""
    steps = steps.chosen(~has_plan[steps.candidate])
    free = scenario.envelope.model_copy(update={"candidate_max": None})
    plans = list_plans(scenario.model_copy(update={"envelope": free}), candidates, steps)
    floors = np.zeros(len(plans), dtype=np.int64)
    np.add.at(floors, plans.plan, steps.floor[plans.step])
    order = np.lexsort((floors, plans.candidate))
    owners, first = np.unique(plans.candidate[order], return_index=True)
    return dict(zip(owners.tolist(), floors[order][first].tolist(), strict=True))


@dataclass(frozen=True)
class _Why:
    """Why admissible candidates have no plan.

    Parameters
    ----------
    short, most
        Steps of which nobody could pay the floor, and the most that could be paid to each, in grant steps.
    least
        Grant steps of the smallest plan, by position of candidates that may not get so much.
    """

    scenario: Scenario
    candidates: Candidates
    fundable: Fundable
    short: Steps
    most: npt.NDArray[np.int64]
    least: Mapping[int, int]

    def of(self, i: int) -> tuple[Message, ...]:
        """Return the reasons of the candidate at position `i`."""
        unit, told = self.scenario.envelope.grant_step, list(self.fundable.reasons.get(i, ()))
        for s in range(*np.searchsorted(self.short.candidate, [i, i + 1]).tolist()):
            text = message(
                "the least grant, {floor:euros}, is above what could be paid to it, {most:euros}",
                floor=int(self.short.floor[s]) * unit,
                most=int(self.most[s]) * unit,
            )
            told += [text] if text not in told else []
        if i in self.least:
            text = message(
                "the least grant, {floor:euros}, is above what one candidate may get, {most:euros}",
                floor=self.least[i] * unit,
                most=self.scenario.envelope.candidate_max,
            )
            told.append(text)
        phase = ChoiceWord("phase", str(self.candidates.column("phase")[i]))
        return tuple(told) or (message("no volet is open to the phase “{phase}”", phase=phase),)
