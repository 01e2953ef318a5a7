"""Allocate a funding envelope to territorial clusters of economic cooperation (PTCE).

Three lines do the main job::

    scenario = read_scenario("scenarios/aap-2013.toml")
    candidates = read_candidates(scenario=scenario)
    allocation = allocate(scenario, candidates).raise_for_status()

`candidates` may be a pandas DataFrame; `allocation.awards_frame()` and `allocation.candidates_frame()` return DataFrames.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptce_funding.allocation import Allocation, allocate
    from ptce_funding.awards import Award, Benefit, Charge
    from ptce_funding.candidate_set import Candidates
    from ptce_funding.clash import Clash, clash_of
    from ptce_funding.comparing.comparison import Comparison, compare
    from ptce_funding.comparing.price import Price, price_rules
    from ptce_funding.costing import Costing, cost
    from ptce_funding.diversity import Alternatives, alternatives
    from ptce_funding.errors import (
        AuditError,
        CandidatesError,
        FundingError,
        InputError,
        Interrupted,
        NoAllocationError,
        ScenarioError,
        SolverError,
    )
    from ptce_funding.explaining.explain import Explained, Explanation, explain
    from ptce_funding.loading import read_candidates
    from ptce_funding.nesting import Nested, nested
    from ptce_funding.problem import Status
    from ptce_funding.scenario import Scenario
    from ptce_funding.scenario_files import read_scenario, scenario_from
    from ptce_funding.synthesis import synthesise
    from ptce_funding.synthesis_profile import read_profile

# Where each public name lives; loaded when it is first asked for, so that the command line starts at once.
_HOMES = {
    "Allocation": "allocation",
    "Alternatives": "diversity",
    "AuditError": "errors",
    "Award": "awards",
    "Benefit": "awards",
    "Candidates": "candidate_set",
    "CandidatesError": "errors",
    "Charge": "awards",
    "Clash": "clash",
    "Comparison": "comparing.comparison",
    "Costing": "costing",
    "Explained": "explaining.explain",
    "Explanation": "explaining.explain",
    "FundingError": "errors",
    "InputError": "errors",
    "Interrupted": "errors",
    "Nested": "nesting",
    "NoAllocationError": "errors",
    "Price": "comparing.price",
    "Scenario": "scenario",
    "ScenarioError": "errors",
    "SolverError": "errors",
    "Status": "problem",
    "allocate": "allocation",
    "alternatives": "diversity",
    "clash_of": "clash",
    "compare": "comparing.comparison",
    "cost": "costing",
    "explain": "explaining.explain",
    "nested": "nesting",
    "price_rules": "comparing.price",
    "read_candidates": "loading",
    "read_profile": "synthesis_profile",
    "read_scenario": "scenario_files",
    "scenario_from": "scenario_files",
    "synthesise": "synthesis",
}

__all__ = [
    "Allocation",
    "Alternatives",
    "AuditError",
    "Award",
    "Benefit",
    "Candidates",
    "CandidatesError",
    "Charge",
    "Clash",
    "Comparison",
    "Costing",
    "Explained",
    "Explanation",
    "FundingError",
    "InputError",
    "Interrupted",
    "Nested",
    "NoAllocationError",
    "Price",
    "Scenario",
    "ScenarioError",
    "SolverError",
    "Status",
    "allocate",
    "alternatives",
    "clash_of",
    "compare",
    "cost",
    "explain",
    "nested",
    "price_rules",
    "read_candidates",
    "read_profile",
    "read_scenario",
    "scenario_from",
    "synthesise",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"ptce_funding.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
