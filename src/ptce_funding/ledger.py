"""Where every parameter comes from: quoted, computed, assumed or missing.

A source vouches for a value as its file states it. A file that extends another and states a value anew must state its source
anew; a value changed on the command line has none, unless one is given there too; a default is vouched for by its own path only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from ptce_funding.eligibility import CriteriaSet, Criterion, Test
from ptce_funding.messages import Message, message
from ptce_funding.parameters import ParameterValue, measured_form, parameter_label, parameter_value
from ptce_funding.parts import STATUSES, Source, Status, Text
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import Origin
from ptce_funding.scenario_files import identity_of, origin_of
from ptce_funding.toml_lines import Path, dotted
from ptce_funding.vocabulary import ChoiceWord
from ptce_funding.volets import Support, Volet

_Finding = tuple[Status, Text | Message]

# Not parameters: words, files, technical settings, and decisions, which carry their own trace.
_OUTSIDE = ("format", "name", "title", "description", "candidates", "decisions", "links", "sources", "solve", "sweep")
_WORDS = ("name", "title", "relax", "only_possible", "column")
# Terms that hold in every volet, stated or not.
_TERMS = ("rate", "public_cap", "tolerance", "local_min", "local_required")
_THRESHOLDS = ("min", "max", "above", "below", "one_of")
_LISTS = (("funders",), ("rules",), ("targets",))
_ABSENT = object()


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
    name, shown
        What people call it, and its value as they write it.
    """

    path: str
    value: Any
    status: Status
    source: Text | Message
    name: Message
    shown: Message | ParameterValue


def ledger(scenario: Scenario, criteria: CriteriaSet, is_synthetic: bool = False) -> list[LedgerLine]:
    """Return every parameter with its source, in the order of the format.

    Parameters
    ----------
    scenario, criteria
        What is computed.
    is_synthetic
        Whether the candidates are made up.
    """
    sources = _Sources(origin_of(scenario), scenario)

    def line(path: tuple[str, ...], value: Any, status: Status, source: Text | Message) -> LedgerLine:
        name, shown = parameter_label(path, scenario, criteria), parameter_value(path, value, scenario)
        return LedgerLine(".".join(path), value, status, source, name, shown)

    lines = [line(path, value, *sources.of(path)) for path, value in _leaves(_effective(scenario), ())]
    for criterion in criteria.applied:
        for path, test, finding in _criterion_terms(criterion, scenario, sources):
            made = line(path, criterion.weight if test is None else _terms(test), *finding)
            lines.append(made if test is None else replace(made, shown=_threshold(test)))
    known = {line.path for line in lines}
    for path, (source, _) in sources.entries.items():
        # What a source says to be unknown has no value to show, and is worth saying all the same.
        if source.status == "missing" and not any(f"{each}.".startswith(".".join(path) + ".") for each in known):
            lines.append(line(path, None, source.status, source))
    if is_synthetic:
        drawn = message("synthetic candidates, drawn from a profile: no real dossier")
        lines.append(line(("candidates",), None, "assumed", drawn))
    return lines


def stated_source(scenario: Scenario, path: tuple[str, ...]) -> tuple[Status, Text | Message]:
    """Return where a parameter comes from; entries of lists by name."""
    return _Sources(origin_of(scenario), scenario).of(path)


class _Sources:
    """What the files of a scenario say of where its parameters come from."""

    def __init__(self, origin: Origin, scenario: Scenario) -> None:
        self.origin, self.scenario = origin, scenario
        self.base = origin.before or origin  # as the files state it
        stated = [
            (origin.layer(("sources", path)), path, source)
            for path, each in origin.data.get("sources", {}).items()
            if (source := _read(each)) is not None
        ]
        stated.sort(key=lambda each: -each[0])
        # Source and the file that states it, by path; of two spellings of a path the later file's counts.
        self.entries = {_named(dotted(path), origin.data): (source, layer) for layer, path, source in stated}

    def of(self, path: tuple[str, ...]) -> _Finding:
        """Return status and source of a parameter."""
        value = _found(self.origin.data, path)[1]
        keys, old = _found(self.base.data, path)
        around = [self.entries[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.entries]
        if value != old:
            given = next((source for source, layer in around if layer < 0), None)
            return (given.status, given) if given is not None else ("assumed", self._changed(path, old))
        if value is _ABSENT:
            source, layer = self.entries.get(path, (None, 0))
            # What another file quotes may be a value that this one removed.
            is_own = source is not None and (layer <= 0 or source.status not in ("quoted", "computed"))
            return (source.status, source) if source and is_own else ("assumed", message("default of the format"))
        at = self.base.layer(keys)
        covering = next((source for source, layer in around if layer <= at), None)
        if covering is not None:
            return covering.status, covering
        if around:
            return "assumed", message(
                "changed by {file}, which states no source; in the base: {source}",
                file=FilePath(self.base.files[at]).name,
                source=cited(around[0][0]),
            )
        return _vouched(None)

    def _changed(self, path: tuple[str, ...], old: Any) -> Message:
        if old is _ABSENT:
            return message("set on the command line; the file does not state it")
        source, stated = _Sources(self.base, self.scenario).of(path)[1], parameter_value(path, old, self.scenario)
        if path[0] in ("rules", "targets") and path[-1] in ("min", "max"):
            # What the file measured, whatever is measured now.
            stated = ParameterValue(old, measured_form(str(_found(self.base.data, (*path[:2], "measure"))[1])))
        if not isinstance(source, Source):
            return message("changed on the command line; in the file: {old}", old=stated)
        return message("changed on the command line; in the file: {old} ({source})", old=stated, source=cited(source))


def _criterion_terms(
    criterion: Criterion, scenario: Scenario, sources: _Sources
) -> Iterator[tuple[tuple[str, ...], Test | None, _Finding]]:
    """Give the path, the test and the source of each threshold, and those of the points of a scored criterion."""
    at = ("eligibility", criterion.name)
    change = scenario.eligibility.set.get(criterion.name)
    changed = change.model_fields_set if change is not None else set()
    columns = ["+".join(test.columns) for test in criterion.tests]
    for number, test in enumerate(criterion.tests):
        column = columns[number]
        # Tests of one column, each for its phases, are told apart by their rank.
        rank = (str(columns[: number + 1].count(column)),) if columns.count(column) > 1 else ()
        findings = [
            sources.of(("eligibility", "set", criterion.name, key))
            for key in _THRESHOLDS
            if number == 0 and key in changed
        ]
        finding = max(findings or [_vouched(test.source or criterion.source)], key=lambda each: STATUSES.index(each[0]))
        yield (*at, column, *rank), test, finding
    if criterion.status == "scored" and "weight" not in changed:
        is_stated = "weight" in criterion.model_fields_set
        default: _Finding = ("assumed", message("default of the format"))
        yield (*at, "weight"), None, _vouched(criterion.source) if is_stated else default


def _terms(test: Test) -> dict[str, Any]:
    return test.model_dump(mode="json", exclude_none=True, exclude_defaults=True, include={*_THRESHOLDS, "phases"})


def _threshold(test: Test) -> Message:
    """Return what a test expects, and of whom where that is not everybody."""
    if not test.phases:
        return test.threshold()
    phases = [ChoiceWord("phase", phase) for phase in test.phases]
    return message("{threshold} ({phases:list})", threshold=test.threshold(), phases=phases)


def _vouched(source: Source | None) -> _Finding:
    return ("missing", message("no source is given")) if source is None else (source.status, source)


def cited(source: Source) -> Message:
    """Return a source with its status."""
    status = message(source.status)
    return message("{status}: {source}", status=status, source=source) if source.render("fr") else status


def _read(stated: object) -> Source | None:
    """Return a source; None where it is unsound, in a file of which the command line drops it."""
    try:
        return Source.model_validate(stated)
    except ValidationError:
        return None


def _effective(scenario: Scenario) -> dict[str, Any]:
    """Return the parameters as data, with the terms that hold where neither a volet nor its aids state them."""
    data = scenario.model_dump(mode="json", exclude_none=True, exclude=set(_OUTSIDE))
    if scenario.priority.mode != "floor":
        data["priority"].pop("of", None)  # of no effect
    supports = scenario.supports()
    for name, volet in scenario.volets.items():
        stated = data["volets"][name]
        stated["payments"] = [float(share) for share in scenario.profile(name)]
        if volet.transversal:
            kept = ("transversal", "fixed", "per_ptce", "min_share", "max_share", "payments")
            data["volets"][name] = {key: stated[key] for key in kept if key in stated}
            continue
        for key in ("transversal", "fixed", "per_ptce"):
            stated.pop(key)
        for term in _TERMS:
            lacking = [aid for aid, support in volet.aids.items() if getattr(support, term) is None]
            if getattr(volet, term) is not None or (volet.aids and not lacking):
                continue
            value = getattr(supports[name, lacking[0] if lacking else ""], term)
            for holder in [stated] if len(lacking) == len(volet.aids) else [stated["aids"][aid] for aid in lacking]:
                holder[term] = value
        data["volets"][name] = _ordered(stated, Volet)
        if volet.aids:
            data["volets"][name]["aids"] = {aid: _ordered(each, Support) for aid, each in stated["aids"].items()}
    return data


def _ordered(stated: Mapping[str, Any], part: type[Support]) -> dict[str, Any]:
    return {key: stated[key] for key in part.model_fields if key in stated}


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        is_condition = path[-1:] in (("where",), ("pays",))  # its keys are columns
        for key, each in value.items():
            if is_condition or key not in _WORDS:
                yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list) and path in _LISTS:
        for entry in value:
            yield from _leaves(entry, (*path, str(identity_of(entry, path[0]))))
    elif value not in ([], {}):
        yield path, value


def _named(path: tuple[str, ...], data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a path with the names of entries of lists for their positions."""
    entries = data.get(path[0])
    if len(path) == 1 or path[:1] not in _LISTS or not isinstance(entries, list):
        return path
    names = [str(identity_of(entry, path[0])) for entry in entries]
    is_position = path[1] not in names and path[1].isdecimal() and 1 <= int(path[1]) <= len(names)
    return (path[0], names[int(path[1]) - 1], *path[2:]) if is_position else path


def _found(data: Any, path: tuple[str, ...]) -> tuple[Path, Any]:
    """Return where a parameter stands in the data and what is stated there."""
    keys: Path = ()
    for name in path:
        if isinstance(data, list):
            number = next((n for n, entry in enumerate(data) if identity_of(entry, path[0]) == name), None)
            if number is None:
                return keys, _ABSENT
            keys, data = (*keys, number), data[number]
        elif isinstance(data, Mapping) and name in data:
            keys, data = (*keys, name), data[name]
        else:
            # The short form of a criterion of merit is its bare weight.
            is_weight = path[:2] == ("value", "criteria") and name == "weight" and isinstance(data, int | float)
            return keys, data if is_weight else _ABSENT
    return keys, data
