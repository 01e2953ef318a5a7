"""The search for what clashes, as commands that found no allocation make it."""

from typing import TYPE_CHECKING

from ptce_funding.messages import N_

if TYPE_CHECKING:
    from ptce_funding.candidates import Candidates
    from ptce_funding.clash import Clash
    from ptce_funding.scenario import Scenario


def find_clash(
    lang: str, scenario: "Scenario", candidates: "Candidates", solver: str | None, is_sought: bool = False
) -> "Clash | None":
    """Return what clashes; None when the search is interrupted, so that what was found before it is told all the same."""
    from ptce_funding.clash import clash_of
    from ptce_funding.cli.progress import working

    try:
        with working(lang, N_("Looking for what clashes in {name}"), name=scenario.name):
            return clash_of(scenario, candidates, solver=solver, is_sought=is_sought)
    except KeyboardInterrupt:
        return None
