"""Read a scenario and its candidates together, and say all that is wrong with either at once."""

from collections.abc import Mapping
from pathlib import Path

from ptce_funding.candidates import Candidates
from ptce_funding.candidates import read_candidates as read_table_of_candidates
from ptce_funding.errors import Fault, InputError, Place, ScenarioError
from ptce_funding.matching import needed_kinds
from ptce_funding.messages import message
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import candidates_path, origin_of, read_scenario


def read_call(
    path: str | Path, overrides: Mapping[str, object] | None = None, candidates_file: str | Path | None = None
) -> tuple[Scenario, Candidates]:
    """Read a scenario file and the candidates that it names.

    Parameters
    ----------
    path
        Scenario file.
    overrides
        Values by dotted path, set after the file is read.
    candidates_file
        Table to read in place of the one that the scenario names.

    Raises
    ------
    InputError
        With every fault of the scenario and of the table.
    """
    try:
        scenario = read_scenario(path, overrides)
    except ScenarioError as error:
        # The table can still be checked by itself, unless the scenario is needed to find it.
        raise InputError([*error.faults, *_table_faults(candidates_file)]) from None
    return scenario, read_candidates(candidates_file, scenario)


def read_candidates(path: str | Path | None = None, scenario: Scenario | None = None) -> Candidates:
    """Read a candidate table.

    Parameters
    ----------
    path
        CSV, XLSX or ODS file; the one that the scenario names unless said.
    scenario
        Names the user's headings, volets and columns; without it only the known columns are recognised.

    Raises
    ------
    ScenarioError
        When neither `path` nor the scenario names a file.
    CandidatesError
        With every fault of the table.
    """
    if scenario is None:
        return read_table_of_candidates(str(path))
    stated = candidates_path(scenario) if path is None else Path(path)
    if stated is None:
        place = Place(file=next(iter(origin_of(scenario).files), None), path="candidates.file")
        raise ScenarioError(
            [Fault(place, message("The scenario names no file of candidates; state one here or on the command line."))]
        )
    source = scenario.candidates
    return read_table_of_candidates(
        str(stated),
        columns=source.columns,
        volets={name: tuple(volet.aids) for name, volet in scenario.step_volets.items()},
        kinds=needed_kinds(scenario),
        year=scenario.first_year,
        encoding=source.encoding,
        sheet=source.sheet,
    )


def _table_faults(path: str | Path | None) -> tuple[Fault, ...]:
    if path is None:
        return ()
    try:
        read_table_of_candidates(str(path))
    except InputError as error:
        return error.faults
    return ()
