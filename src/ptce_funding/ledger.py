"""Where every parameter comes from: quoted, computed, assumed or missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ptce_funding.eligibility import CriteriaSet
from ptce_funding.messages import Message, message
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import plain
from ptce_funding.scenario_files import identity_of, origin_of
from ptce_funding.toml_lines import dotted

Status = Literal["quoted", "computed", "assumed", "missing"]
STATUSES: tuple[Status, ...] = ("quoted", "computed", "assumed", "missing")

# Not parameters: words, files, technical settings, and decisions, which carry their own trace.
_OUTSIDE = ("format", "name", "title", "description", "candidates", "decisions", "links", "sources", "solve")
_WORDS = ("name", "title", "relax", "by", "where", "pays", "measure", "of", "only_possible", "column")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One parameter.

    Parameters
    ----------
    path
        Dotted path.
    value
        What the scenario states, or the default.
    status
        Where it comes from.
    source
        The source, in the words of the scenario's author; a message where this program speaks.
    """

    path: str
    value: Any
    status: Status
    source: str | Message


def ledger(scenario: Scenario, criteria: CriteriaSet, is_synthetic: bool = False) -> list[LedgerLine]:
    """Return every parameter with its source, in the order of the format.

    Parameters
    ----------
    scenario, criteria
        What is computed.
    is_synthetic
        Whether the candidates are made up.
    """
    sources = {dotted(path): text for path, text in scenario.sources.items()}
    data = scenario.model_dump(mode="json", exclude_none=True, exclude=set(_OUTSIDE))
    stated = origin_of(scenario).data
    lines = []
    for path, value in _leaves(data, ()):
        source = next((sources[path[:n]] for n in range(len(path), 0, -1) if path[:n] in sources), None)
        shown = ".".join(path)
        if source is not None:
            status, text = _divided(source)
            lines.append(LedgerLine(shown, value, status, text))
        elif _is_stated(stated, path):
            lines.append(LedgerLine(shown, value, "missing", message("no source is given")))
        else:
            lines.append(LedgerLine(shown, value, "assumed", message("default of the format")))
    for criterion in criteria.applied:
        status, text = _divided(criterion.source) if criterion.source else ("missing", "")
        terms = [test.model_dump(mode="json", exclude_defaults=True) for test in criterion.tests]
        lines.append(LedgerLine(f"eligibility.{criterion.name}", terms, status, text or message("no source is given")))
    known = {line.path for line in lines}
    for path, source in sources.items():
        # What a source says to be unknown has no value to show, and is worth saying all the same.
        if source.startswith("missing") and not any(
            each == ".".join(path) or each.startswith(".".join(path) + ".") for each in known
        ):
            lines.append(LedgerLine(".".join(path), None, "missing", _divided(source)[1]))
    if is_synthetic:
        lines.append(
            LedgerLine(
                "candidates", None, "assumed", message("synthetic candidates, drawn from a profile: no real dossier")
            )
        )
    return lines


def _divided(source: str) -> tuple[Status, str]:
    word = next(each for each in STATUSES if source.startswith(each)) if source.startswith(STATUSES) else "assumed"
    return word, source.removeprefix(word).lstrip(" :")


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _WORDS:
                yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list) and path and path[0] in ("funders", "rules") and len(path) == 1:
        for entry in value:
            yield from _leaves(entry, (*path, str(identity_of(entry, path[0]))))
    elif value not in ([], {}):
        yield path, value


def _is_stated(data: Any, path: tuple[str, ...]) -> bool:
    here: Any = plain(data)
    for depth, key in enumerate(path):
        if isinstance(here, list):
            here = next((entry for entry in here if identity_of(entry, path[depth - 1]) == key), None)
        elif isinstance(here, Mapping):
            here = here.get(key)
        else:
            # A short form, such as the bare weight of a criterion.
            return here is not None
        if here is None:
            return False
    return True
