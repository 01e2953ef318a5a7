"""What a comparison is asked to hold side by side: scenarios to solve, and results that were written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ptce_funding.candidates import Candidates
from ptce_funding.comparing.entries import Document, unique_names
from ptce_funding.comparing.written import is_written, read_written
from ptce_funding.eligibility import criteria_of
from ptce_funding.errors import Fault, InputError, Place, ScenarioError
from ptce_funding.matching import matching_faults
from ptce_funding.messages import message, nearest
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import origin_of, overridden, read_scenario
from ptce_funding.scenario_sweep import types_at
from ptce_funding.sweeping.sweep import Tables

Changes = Mapping[str, object]


@dataclass(frozen=True)
class Request:
    """One scenario of a comparison, before it is solved.

    Parameters
    ----------
    name
        What it is called.
    path
        File or folder that the user named.
    changes
        Parameters, by path, that it changes in that file.
    asked
        What is to be solved; None for a result that was written.
    document
        That result; None for what is to be solved.
    """

    name: str
    path: Path
    changes: Changes
    asked: tuple[Scenario, Candidates] | None
    document: Document | None


def read_requests(
    paths: Sequence[Path], changes: Changes, variants: Sequence[tuple[str, Changes]], tables: Tables
) -> list[Request]:
    """Read scenarios and written results, each under a name of its own; the faults of all of them are told together.

    Parameters
    ----------
    paths
        Scenario files, results, or folders of results.
    changes
        Values by path, set in every scenario.
    variants
        Name and further values of variants of the first scenario, which follow it.
    tables
        Gives the candidates of each scenario.

    Raises
    ------
    InputError
        With every fault.
    """
    found: list[Request] = []
    others: list[str] = []
    faults: dict[str, Fault] = {}
    left = list(variants)
    for path in paths:
        try:
            if is_written(path):
                document = read_written(path)
                found.append(Request(document["scenario"], path, {}, None, document))
                others.append((path if path.is_dir() else path.parent).resolve().name)
                continue
            stated = read_scenario(path)
        except InputError as error:
            faults |= {fault.render(): fault for fault in error.faults}
            continue
        own, left = left, []
        for name, more in [("", {}), *own]:
            try:
                changed = dict(_whole(stated, {**changes, **more}))
                scenario = overridden(stated, changed) if changed else stated
                found.append(Request(name or scenario.name, path, changed, _checked(scenario, tables), None))
                others.append(name or path.stem)
            except InputError as error:
                # What all share, such as a fault of the table, is told once.
                faults |= {fault.render(): fault for fault in error.faults}
    if left and not faults:
        text = message("Only written results are given; variants are of a scenario file (.toml).")
        faults["variants"] = Fault(Place(), text)
    if faults:
        raise InputError(faults.values())
    names = unique_names([each.name for each in found], others)
    return [
        Request(name, each.path, each.changes, each.asked, each.document)
        for name, each in zip(names, found, strict=True)
    ]


def _whole(scenario: Scenario, changes: Changes) -> Iterator[tuple[str, object]]:
    """Give changes with whole numbers where the format takes no others: 2e6 euros are 2000000."""
    for path, value in changes.items():
        if isinstance(value, float) and value.is_integer():
            try:
                types = types_at(origin_of(scenario).data, path)
            except KeyError:  # told when it is set
                types = ()
            yield path, int(value) if int in types and float not in types else value
        else:
            yield path, value


def _checked(scenario: Scenario, tables: Tables) -> tuple[Scenario, Candidates]:
    candidates = tables(scenario)
    faults = matching_faults(scenario, criteria_of(scenario), candidates)
    if faults:
        raise ScenarioError(faults)
    return scenario, candidates


def position_of(names: Sequence[str], baseline: str | None) -> int:
    """Return the position of a baseline that is named, or numbered from 1; the first unless said.

    Raises
    ------
    InputError
        When there is none.
    """
    if baseline is None:
        return 0
    if baseline in names:
        return names.index(baseline)
    if baseline.isdecimal() and len(baseline) < 10 and 1 <= int(baseline) <= len(names):
        return int(baseline) - 1
    text = message(
        "There is no scenario “{found}” to be the baseline; there are {names:list}, or their numbers.",
        found=baseline,
        names=list(names),
    )
    raise InputError([Fault(Place(), text, nearest(baseline, names))])
