"""Money of the envelope that is no grant: transversal volets, and advantages that the envelope pays (docs/model.md, Les charges).

The cost of a transversal volet depends on the number of supported candidates, that of an advantage on the plan that opens it. Both
are gathered in groups of one year that the same funders may pay.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from ptce_funding.benefits import advantage_costs
from ptce_funding.candidates import Candidates
from ptce_funding.parts import as_tuple
from ptce_funding.plans import Plans
from ptce_funding.scenario import Scenario
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ChargeGroup:
    """Charges of one year that the same funders may pay.

    Parameters
    ----------
    volet, advantage
        What is paid; the advantage is "" for a transversal volet.
    year
        Year of the commitment.
    share
        Part of the cost of a transversal volet that falls in the year; zero for an advantage.
    plans, euros
        Plans that open an advantage, and what each costs; empty for a transversal volet.
    payments
        Share that is paid in the year and in each of the following ones.
    may_pay
        Which funders may pay it, shape (funders,).
    """

    volet: str
    advantage: str
    year: int
    share: Fraction
    plans: Ints
    euros: Ints
    payments: tuple[Fraction, ...]
    may_pay: Bools


def charge_groups(
    scenario: Scenario, candidates: Candidates, steps: Steps, plans: Plans, may_pay: Bools
) -> tuple[ChargeGroup, ...]:
    """Return the charges of a call.

    Parameters
    ----------
    may_pay
        Which funders may pay which steps, shape (steps, funders).
    """
    return (*_transversal(scenario), *_advantages(scenario, candidates, steps, plans, may_pay))


def _transversal(scenario: Scenario) -> list[ChargeGroup]:
    none, groups = np.zeros(0, dtype=np.int64), []
    for name in scenario.transversal_volets:
        for year, share in zip(scenario.horizon, scenario.profile(name), strict=False):
            if not share:
                continue
            own = {"volet": name, "year": year}
            # What no candidate has, a condition on candidates cannot accept.
            may_pay = [
                all(column in own and own[column] in as_tuple(accepted) for column, accepted in funder.pays.items())
                for funder in scenario.funders
            ]
            group = ChargeGroup(name, "", year, share, none, none, (Fraction(1),), np.array(may_pay or [True]))
            groups.append(group)
    return groups


def _advantages(
    scenario: Scenario, candidates: Candidates, steps: Steps, plans: Plans, may_pay: Bools
) -> list[ChargeGroup]:
    groups = []
    for name, volet in scenario.step_volets.items():
        inside = {
            each: advantage_costs(candidates, advantage)
            for each, advantage in volet.advantages.items()
            if advantage.charged == "inside"
        }
        if not inside:
            continue
        pairs = np.flatnonzero(steps.volet[plans.step] == steps.volets.index(name))
        # A plan with several aids opens the advantage once, through the aid that the volet states first.
        declared = [steps.aids.index(aid) for aid in (volet.aids or ("",))]
        rank = np.array([declared.index(aid) if aid in declared else 0 for aid in range(len(steps.aids))])
        order = np.lexsort((rank[steps.aid[plans.step[pairs]]], plans.plan[pairs]))
        _, first = np.unique(plans.plan[pairs[order]], return_index=True)
        opening = pairs[order][first]
        plan, step = plans.plan[opening], plans.step[opening]
        keys = np.hstack([steps.year[step][:, None], may_pay[step].astype(np.int64)])
        for key in np.unique(keys, axis=0) if len(keys) else ():
            members = plan[(keys == key).all(axis=1)]
            for each, costs in inside.items():
                euros, years = costs[plans.candidate[members]], volet.advantages[each].years
                parts = (Fraction(1, years),) * years
                paying = key[1:].astype(bool)
                groups.append(ChargeGroup(name, each, int(key[0]), Fraction(0), members, euros, parts, paying))
    return groups
