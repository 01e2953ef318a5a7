"""Data frames in and out: the only place, with `Candidates.to_frame`, that needs pandas."""

import pandas as pd

from ptce_funding.allocation import Allocation
from ptce_funding.candidates import Candidates, candidates_from_frame
from ptce_funding.matching import needed_kinds
from ptce_funding.outcomes import outcomes
from ptce_funding.scenario import Scenario

AWARD_COLUMNS = ["candidate", "volet", "aid", "year", "funder", "grant"]


def candidates_of(frame: pd.DataFrame, scenario: Scenario) -> Candidates:
    """Return a data frame as candidates, read as the scenario reads its table.

    Raises
    ------
    CandidatesError
        With every fault of the table.
    """
    return candidates_from_frame(
        frame,
        columns=scenario.candidates.columns,
        volets={name: tuple(volet.aids) for name, volet in scenario.step_volets.items()},
        kinds=needed_kinds(scenario),
        year=scenario.first_year,
    )


def awards_frame(allocation: Allocation) -> pd.DataFrame:
    """Return the awards: candidate, volet, aid, year, funder and grant (euros), one row each."""
    rows = [tuple(getattr(award, column) for column in AWARD_COLUMNS) for award in allocation.awards]
    return pd.DataFrame(rows, columns=AWARD_COLUMNS)


def candidates_frame(allocation: Allocation, lang: str = "fr") -> pd.DataFrame:
    """Return every candidate with its outcome, grant (euros) and reasons in `lang`.

    Without an allocation nobody has an outcome: None, with no grant and no reason.
    """
    frame = allocation.call.candidates.to_frame()
    found = outcomes(allocation)
    if not found:
        frame["outcome"] = pd.Series([None] * len(frame), index=frame.index, dtype=object)
        frame["grant"], frame["reasons"] = 0, ""
        return frame
    frame["outcome"] = [each.outcome for each in found]
    frame["grant"] = [each.grant for each in found]
    frame["reasons"] = ["; ".join(reason.render(lang) for reason in each.reasons) for each in found]
    return frame
