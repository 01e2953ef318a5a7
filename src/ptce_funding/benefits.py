"""What volets bring beside their grants, such as the exemptions that a label opens (docs/model.md, Les avantages).

Each advantage is firms × jobs × euros × years, rounded up to whole euros for each candidate; 003:686-690 proposes them for
labelled clusters.
"""

from collections.abc import Iterable
from math import ceil

import numpy as np
import numpy.typing as npt

from ptce_funding.awards import Award, Benefit
from ptce_funding.candidates import Candidates
from ptce_funding.money import exact
from ptce_funding.parts import LARGEST_ENVELOPE
from ptce_funding.scenario import Scenario
from ptce_funding.volets import Advantage

Ints = npt.NDArray[np.int64]


def advantage_costs(candidates: Candidates, advantage: Advantage) -> Ints:
    """Return what an advantage costs for each candidate, in whole euros, or more than any envelope; a blank cell counts zero."""
    costs = [min(_cost(candidates, advantage, i), 2 * LARGEST_ENVELOPE) for i in range(len(candidates))]
    return np.array(costs, dtype=np.int64)


def _cost(candidates: Candidates, advantage: Advantage, i: int) -> int:
    product = exact(advantage.years)
    for stated in (advantage.firms, advantage.jobs, advantage.euros):
        value = stated
        if isinstance(stated, str):
            value = float(candidates.column(stated)[i])
            value = 0.0 if value != value or value < 0 else value
        product *= exact(float(value))
    return ceil(product)


def benefits(scenario: Scenario, candidates: Candidates, awards: Iterable[Award]) -> tuple[Benefit, ...]:
    """Return the advantages that awards open: one for each candidate, volet and advantage, in order."""
    row = {id_: i for i, id_ in enumerate(candidates.ids)}
    opened = sorted({(award.candidate, award.volet, award.year) for award in awards})
    found = []
    for candidate, volet, year in opened:
        for name, advantage in scenario.volets[volet].advantages.items():
            amount = _cost(candidates, advantage, row[candidate])
            found.append(Benefit(candidate, volet, name, year, amount, advantage.charged == "inside"))
    return tuple(found)
