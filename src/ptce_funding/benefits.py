"""What volets bring beside their grants, such as the exemptions that a label opens (docs/model.md, Les avantages).

Each advantage is firms × jobs × euros × years, rounded up to whole euros for each candidate; 003:686-690 proposes them for
labelled clusters.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ptce_funding.awards import Award, Benefit
from ptce_funding.candidates import Candidates
from ptce_funding.money import exact
from ptce_funding.parts import LARGEST_ENVELOPE
from ptce_funding.scenario import Scenario
from ptce_funding.volets import Advantage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


#: Numbers with up to six decimals are what they are in millionths; others are asked one by one what their author meant.
_PARTS = 10**6


def advantage_costs(candidates: Candidates, advantage: Advantage) -> Ints:
    """Return what an advantage costs for each candidate, in whole euros, or more than any envelope; a blank cell counts zero."""
    return np.minimum(_costs(candidates, advantage), 2 * LARGEST_ENVELOPE).astype(np.int64)


def _costs(candidates: Candidates, advantage: Advantage) -> npt.NDArray[np.object_]:
    """Return what an advantage costs for each candidate, in Python's own numbers, which know no largest."""
    product = np.full(len(candidates), advantage.years, dtype=object)
    for stated in (advantage.firms, advantage.jobs, advantage.euros):
        if isinstance(stated, str):
            column = candidates.column(stated).astype(float)
            product *= _in_parts(np.where(column > 0, column, 0.0))
        else:
            product *= _in_parts(np.array([float(stated)]))
    # Upwards to whole euros.
    return np.asarray(-(-product // _PARTS**3))


def _in_parts(values: Floats) -> npt.NDArray[np.object_]:
    """Return numbers of at least zero as millionths, exactly: whole ones, or fractions where decimals are finer."""
    parts = np.rint(values * _PARTS)
    # A decimal of fifteen digits is told apart from all others.
    is_plain = (parts / _PARTS == values) & (parts < 10**15)
    found = np.where(is_plain, parts, 0).astype(np.int64).astype(object)
    found[~is_plain] = [exact(value) * _PARTS for value in values[~is_plain].tolist()]
    return found


def benefits(scenario: Scenario, candidates: Candidates, awards: Iterable[Award]) -> tuple[Benefit, ...]:
    """Return the advantages that awards open: one for each candidate, volet and advantage, in order."""
    costs = {
        volet: [
            (name, _costs(candidates, advantage).tolist(), advantage.charged == "inside")
            for name, advantage in stated.advantages.items()
        ]
        for volet, stated in scenario.volets.items()
    }
    return tuple(
        Benefit(candidate, volet, name, year, amounts[candidates.position[candidate]], is_inside)
        for candidate, volet, year in sorted({(award.candidate, award.volet, award.year) for award in awards})
        for name, amounts, is_inside in costs[volet]
    )
