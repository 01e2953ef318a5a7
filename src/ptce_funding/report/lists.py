"""What reports of several lists share: the columns that tell candidates, and one list as data."""

from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.breakdown import texts
from ptce_funding.call import Call
from ptce_funding.messages import N_
from ptce_funding.report.document import award_lines
from ptce_funding.report.rounding import rounded
from ptce_funding.report.words import word

#: Candidates of a table in the terminal; the files hold all.
LONGEST = 40

#: Headings of what `candidate_cells` returns.
CANDIDATE = (N_("Candidate"), N_("Name"), N_("Region"), N_("Phase"), N_("Merit"))


def candidate_cells(call: Call, lang: str) -> dict[str, list[Any]]:
    """Return what tables tell of each candidate before they come to what is their own."""
    names, regions, phases = (texts(call.candidates, column) for column in ("name", "region", "phase"))
    merit = call.fundable.merit.tolist()
    return {
        id_: [id_, names[id_], regions[id_], word(phases[id_], lang), rounded(merit[i])]
        for id_, i in call.candidates.position.items()
    }


def list_document(allocation: Allocation) -> dict[str, Any]:
    """Return who gets what on a list, and what it is worth, as nested plain values."""
    return {
        "values": [rounded(stage.value) for stage in allocation.stages],
        "granted": allocation.granted,
        "charged": allocation.charged,
        "supported": list(allocation.supported),
        "awards": award_lines(allocation),
    }
