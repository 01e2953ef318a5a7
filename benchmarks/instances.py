"""What is solved: candidates drawn from seeds, and the scheme that they apply to. Both are synthetic: no real call is like this."""

from pathlib import Path
from typing import Any

from ptce_funding.candidates import Candidates
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from ptce_funding.synthesis import synthesise
from ptce_funding.synthesis_profile import Amounts, Quantity, read_profile

ROOT = Path(__file__).resolve().parent.parent

#: Stands under every table of the programme.
SYNTHETIC = (
    "The programme is synthetic, made for these measurements: three years, three volets of which one opens the next, three funders, "
    "regional caps, floors, tranches. So are its candidates, drawn from the seed."
)


def pool(n: int, seed: int) -> Candidates:
    """Draw candidates of a programme: a study, an experimentation and a label, each with a plan of its own."""
    asks = {
        "study": (25_000, 5_000, 60_000),
        "experimentation": (130_000, 72_000, 290_000),
        "label": (40_000, 10_000, 90_000),
    }
    money = tuple(
        Amounts(prefix=volet, ask=Quantity(mean=mean, spread=0.4, min=low, max=high), rate=(0.25, 0.5))
        for volet, (mean, low, high) in asks.items()
    )
    profile = read_profile("aap-2013")
    return synthesise(profile.model_copy(update={"received": n, "admissible": n, "money": money}), seed)


def programme(total: int) -> Scenario:
    """Return a scheme with a bit of everything: plans over three years, three funders, caps, floors, tranches."""
    terms: dict[str, Any] = {"rate": 0.5, "tolerance": 0.1, "payments": [0.5, 0.5]}
    data: dict[str, Any] = {
        "format": 1,
        "name": "programme",
        "first_year": 2013,
        "years": 3,
        "envelope": {"total": total, "grant_step": 1_000, "tranches": [0.4, 0.3, 0.3]},
        "volets": {
            "study": {"phases": ["project", "emerging"], **terms},
            "experimentation": {"phases": ["emerging", "consolidation"], "after": ["study"], **terms},
            "label": {"phases": ["consolidation"], "after": ["experimentation"], **terms},
        },
        "funders": [
            {"name": "city", "share": 0.1, "pays": {"priority_district": True}},
            {"name": "bank", "share": 0.3, "pays": {"volet": ["experimentation", "label"]}},
            {"name": "state", "share": 0.6},
        ],
        "value": {"criteria": {"score": 1.0}, "fixed": 0.6, "discount": 0.05},
        "priority": {"mode": "floor", "order": [["consolidation", "emerging"]], "share": 0.6},
        "rules": [
            {"name": "regions", "measure": "share", "of": "envelope", "by": ["region"], "max": 0.15},
            {
                "name": "studies",
                "measure": "share",
                "of": "granted",
                "where": {"volet": "study"},
                "min": 0.05,
                "max": 0.2,
            },
            {"name": "labels", "measure": "share", "of": "granted", "where": {"volet": "label"}, "min": 0.1},
            {
                "name": "districts",
                "measure": "share",
                "of": "granted",
                "where": {"priority_district": True},
                "min": 0.3,
            },
        ],
    }
    return scenario_from(data)
