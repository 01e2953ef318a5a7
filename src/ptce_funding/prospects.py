"""What candidates may receive and which plans they may follow: all of it that neither the money, nor values, nor rules decide.

Scenarios that differ only in those, as the runs of a sweep mostly do, share it: it is made once for a table.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet, Screening, screen
from ptce_funding.plans import Plans, list_plans
from ptce_funding.scenario import Envelope, Scenario
from ptce_funding.steps import Offer, offer


@dataclass(frozen=True)
class Prospects:
    """What candidates may receive, whatever the money.

    Parameters
    ----------
    candidates
        The table.
    screening
        Who meets the criteria.
    offer
        The steps.
    """

    candidates: Candidates
    screening: Screening
    offer: Offer
    _terms: Scenario
    _key: str

    def plans(self, which: npt.NDArray[np.bool_] | None = None) -> Plans:
        """Return the plans that are made of some of the steps, numbered among them; of all unless said."""
        which = np.ones(len(self.offer.steps), dtype=bool) if which is None else which
        key = f"plans {self._key} {hashlib.sha256(np.packbits(which).tobytes()).hexdigest()}"
        return self.candidates.remembered(
            key, lambda: list_plans(self._terms, self.candidates, self.offer.steps.chosen(which))
        )


def prospects(scenario: Scenario, criteria: CriteriaSet, candidates: Candidates) -> Prospects:
    """Return what candidates may receive under the terms of a scenario and a set of criteria."""
    terms = _terms(scenario)
    key = f"{terms.model_dump_json()} {criteria.model_dump_json()}"

    def make() -> Prospects:
        screening = screen(criteria, candidates)
        return Prospects(candidates, screening, offer(terms, candidates, screening), terms, key)

    return candidates.remembered(f"prospects {key}", make)


def _terms(scenario: Scenario) -> Scenario:
    """Return a scenario that holds only what decides steps and plans.

    They are made of this and nothing else, so that what is left out of the key cannot be missed by them.
    """
    envelope = scenario.envelope
    return Scenario.model_construct(
        format=scenario.format,
        first_year=scenario.first_year,
        years=scenario.years,
        volets=scenario.volets,
        envelope=Envelope.model_construct(grant_step=envelope.grant_step, candidate_max=envelope.candidate_max),
    )
