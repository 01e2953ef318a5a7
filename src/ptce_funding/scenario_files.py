"""Scenario files: read, lay over what they extend, override; every fault with its place.

A scenario file may state only its difference from another (`extends`). Tables are merged key by key; lists of named things
(funders, rules, links) by name and decisions by candidate; any other list is replaced. `remove` drops paths of the extended
scenario first.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ptce_funding import toml_lines
from ptce_funding.errors import Fault, Place, ScenarioError
from ptce_funding.files import os_reason
from ptce_funding.messages import message, nearest, nearest_file
from ptce_funding.parts import FILE_KEYS
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import Origin, expected_found, plain, shape_faults
from ptce_funding.toml_lines import Path
from ptce_funding.toml_syntax import syntax_fault

_IDENTITY = {"funders": "name", "rules": "name", "targets": "name", "links": "name", "decisions": "candidate"}


def read_scenario(path: str | FilePath, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path
        TOML file.
    overrides
        Values by dotted path, set after the file is read.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every fault of the file, of those that it extends, and of the overrides.
    """
    data, places, files = _read_merged(str(path), ())
    return _built(Origin(data, places, files), overrides or {})


def scenario_from(data: Mapping[str, Any]) -> Scenario:
    """Make a scenario of nested tables, as `tomllib.loads` gives them.

    Raises
    ------
    ScenarioError
        With every fault.
    """
    return _built(Origin(plain(data), {}), {})


def overridden(scenario: Scenario, overrides: Mapping[str, object]) -> Scenario:
    """Return `scenario` with the values of some dotted paths changed.

    Raises
    ------
    ScenarioError
        With every fault.
    """
    return _built(origin_of(scenario), overrides)


def origin_of(scenario: Scenario) -> Origin:
    """Return what `scenario` was read from; made of the scenario itself when it was not read."""
    origin = scenario._origin
    if isinstance(origin, Origin):
        return origin
    return Origin(plain(scenario.model_dump(mode="json", exclude_unset=True)), {})


def candidates_path(scenario: Scenario) -> FilePath | None:
    """Return the file of the candidates, relative to the file that states it; None when no file is stated."""
    stated = scenario.candidates.file
    if stated is None:
        return None
    place = origin_of(scenario).place(("candidates", "file"))
    is_from_file = place.file is not None and place.line is not None
    return FilePath(place.file or "").parent / stated if is_from_file else FilePath(stated)


# ---------------------------------------------------------------------------------------------------------------- reading


def _read_merged(path: str, chain: tuple[str, ...]) -> tuple[dict[str, Any], dict[Path, Place], tuple[str, ...]]:
    data, places = read_toml(path)
    faults = []
    base_name, remove = data.pop("extends", None), data.pop("remove", [])
    if base_name is not None and not isinstance(base_name, str):
        faults.append(Fault(places["extends",], expected_found(message("the name of a scenario file"), base_name)))
    if not isinstance(remove, list) or not all(isinstance(each, str) for each in remove):
        faults.append(Fault(places["remove",], expected_found(message("a list of dotted paths"), remove)))
    elif remove and base_name is None:
        faults.append(
            Fault(places["remove",], message("`remove` drops parts of an extended scenario; this file extends none."))
        )
    if faults:
        raise ScenarioError(faults)
    if base_name is None:
        return data, places, (path,)
    base_path = str(FilePath(path).parent / base_name)
    chain = (*chain, path)
    resolved = [str(FilePath(each).resolve()) for each in chain]
    if str(FilePath(base_path).resolve()) in resolved:
        text = message("The scenarios extend each other in a circle: {chain}.", chain=" → ".join((*chain, base_path)))
        raise ScenarioError([Fault(places["extends",], text)])
    if not FilePath(base_path).is_file():
        text = message(
            "Found “{found}”, expected a scenario file; there is none at {path}.", found=base_name, path=base_path
        )
        siblings = [each.name for each in FilePath(path).parent.glob("*.toml")]
        raise ScenarioError([Fault(places["extends",], text, nearest_file(base_name, siblings))])
    base, base_places, files = _read_merged(base_path, chain)
    for number, dotted in enumerate(remove):
        place = places.get(("remove", number), places["remove",])
        try:
            keys = resolve(base, dotted)
        except KeyError as error:
            faults.append(Fault(place, error.args[0], error.args[1]))
            continue
        if _has(base, keys):
            _drop(base, base_places, keys)
        else:
            text = message("The extended scenario states no “{path}”.", path=dotted)
            parent = _at(base, keys[:-1])
            faults.append(Fault(place, text, nearest(str(keys[-1]), map(str, parent)) if parent else None))
    if faults:
        raise ScenarioError(faults)
    return *_merge(base, base_places, data, places), (path, *files)


def read_toml(path: str) -> tuple[dict[str, Any], dict[Path, Place]]:
    """Read a TOML file and where its values stand.

    Raises
    ------
    ScenarioError
        When the file is not there, not readable or not TOML.
    """
    place = Place(file=path)
    try:
        text = FilePath(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        text_fault = message("The file is not in UTF-8, which TOML demands; save it as UTF-8.")
        raise ScenarioError([Fault(Place(file=path, line=line), text_fault)]) from None
    except IsADirectoryError:
        raise ScenarioError([Fault(place, message("This is a folder; expected a scenario file (.toml)."))]) from None
    except FileNotFoundError:
        folder = FilePath(path).parent
        siblings = [str(folder / each.name) for each in folder.glob("*.toml")] if folder.is_dir() else []
        raise ScenarioError([Fault(place, message("There is no such file."), nearest_file(path, siblings))]) from None
    except OSError as error:
        reason = message("The file cannot be read: {reason}.", reason=os_reason(error))
        raise ScenarioError([Fault(place, reason)]) from None
    try:
        # CRLF is a line end of TOML; the scanner counts plain newlines.
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([syntax_fault(path, error, text)]) from None
    except (ValueError, RecursionError):
        # Numbers of thousands of digits, brackets nested by the thousand.
        raise ScenarioError(
            [Fault(place, message("A value of this file is too long or too deeply nested to be read."))]
        ) from None
    lines = toml_lines.lines_of(text.replace("\r\n", "\n"))
    return data, {key: Place(file=path, line=line) for key, line in lines.items()}


# ---------------------------------------------------------------------------------------------------------------- merging


def identity_of(entry: object, key: str) -> str | None:
    """Return the name by which an entry of the list `key` is known, as `scenario.Named` makes it."""
    if not isinstance(entry, Mapping):
        return None
    name = entry.get(_IDENTITY[key])
    if isinstance(name, Mapping):
        name = name.get("fr") or name.get("en")
    return name if isinstance(name, str) else None


def _merge(
    base: dict[str, Any], base_places: dict[Path, Place], over: dict[str, Any], over_places: Mapping[Path, Place]
) -> tuple[dict[str, Any], dict[Path, Place]]:
    places = dict(base_places)
    return _merge_tables(base, over, (), (), places, over_places), places


def _merge_tables(
    base: dict[str, Any],
    over: dict[str, Any],
    at: Path,
    over_at: Path,
    places: dict[Path, Place],
    over_places: Mapping[Path, Place],
) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        path, over_path = (*at, key), (*over_at, key)
        old = merged.get(key)
        # A source is restated whole: half of the old one would vouch for the new value.
        if isinstance(old, dict) and isinstance(value, dict) and at != ("sources",):
            merged[key] = _merge_tables(old, value, path, over_path, places, over_places)
        elif not at and key in _IDENTITY and isinstance(old, list) and isinstance(value, list):
            merged[key] = _merge_lists(key, old, value, places, over_places)
        else:
            merged[key] = value
            _copy_places(path, over_path, places, over_places)
    return merged


def _merge_lists(
    key: str, base: list[Any], over: list[Any], places: dict[Path, Place], over_places: Mapping[Path, Place]
) -> list[Any]:
    merged = list(base)
    known = {identity_of(entry, key): number for number, entry in enumerate(base)}
    for number, entry in enumerate(over):
        identity = identity_of(entry, key)
        at = known.get(identity) if identity is not None else None
        if at is None:
            merged.append(entry)
            _copy_places((key, len(merged) - 1), (key, number), places, over_places)
        else:
            merged[at] = _merge_tables(merged[at], entry, (key, at), (key, number), places, over_places)
    return merged


def _copy_places(path: Path, over_path: Path, places: dict[Path, Place], over_places: Mapping[Path, Place]) -> None:
    for old in [each for each in places if each[: len(path)] == path]:
        del places[old]
    for new, place in over_places.items():
        if new[: len(over_path)] == over_path:
            places[*path, *new[len(over_path) :]] = place


# ------------------------------------------------------------------------------------------------------- paths and overrides


def resolve(data: Mapping[str, Any], dotted: str) -> Path:
    """Return the keys of a dotted path in merged data; entries of lists by name or by position from 1.

    Only the last key may be new, and only in a table.

    Raises
    ------
    KeyError
        With a message and the nearest known word, when the path does not exist.
    """
    try:
        words = toml_lines.dotted(dotted)
    except ValueError:
        raise KeyError(
            message("Found “{found}”, expected a dotted path such as envelope.total.", found=dotted), None
        ) from None
    keys: Path = ()
    here: Any = data
    if words[0] in FILE_KEYS:
        raise KeyError(message("“{key}” belongs to a file and cannot be changed here.", key=words[0]), None)
    if words[0] in _IDENTITY and words[0] not in data:
        here = {**data, words[0]: []}
    for number, word in enumerate(words):
        if isinstance(here, list):
            names = [identity_of(entry, str(keys[0])) if keys[0] in _IDENTITY else None for entry in here]
            if word in names:
                key: str | int = names.index(word)
            elif word.isdecimal() and 1 <= int(word) <= len(here):
                key = int(word) - 1
            else:
                text = message("“{path}” has no entry “{found}”.", path=toml_lines.join(keys), found=word)
                raise KeyError(text, nearest(word, [name for name in names if name]))
        elif isinstance(here, Mapping):
            key = word
            if word not in here and number < len(words) - 1:
                # A section that the file leaves to its defaults may still be overridden.
                here = {**here, word: {}}
        else:
            text = message("“{path}” is a single value and has no “{found}”.", path=toml_lines.join(keys), found=word)
            raise KeyError(text, None)
        keys = (*keys, key)
        here = here[int(key)] if isinstance(here, list) else here.get(key)
    return keys


def _at(data: Any, keys: Path) -> Any:
    """Return what stands at a path; None when nothing does."""
    for key in keys:
        is_there = key in data if isinstance(data, Mapping) else isinstance(data, list) and key in range(len(data))
        data = data[key] if is_there else None
    return data


def _has(data: Any, keys: Path) -> bool:
    parent = _at(data, keys[:-1])
    return keys[-1] in parent if isinstance(parent, Mapping) else isinstance(parent, list)


def _drop(data: dict[str, Any], places: dict[Path, Place], keys: Path) -> None:
    parent: Any = data
    key: Any
    for key in keys[:-1]:
        parent = parent[key]
    last = keys[-1]
    if isinstance(last, str):
        parent.pop(last, None)
        return
    del parent[last]
    moved = {}
    for path in [each for each in places if each[: len(keys) - 1] == keys[:-1] and len(each) >= len(keys)]:
        place, number = places.pop(path), path[len(keys) - 1]
        if isinstance(number, int) and number != last:
            moved[*keys[:-1], number - (number > last), *path[len(keys) :]] = place
    places.update(moved)


def _set(data: Any, keys: Path, value: object) -> Any:
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if isinstance(data, list):
        return [_set(entry, rest, value) if number == first else entry for number, entry in enumerate(data)]
    return {**data, first: _set(data.get(first, {}), rest, value)}


# --------------------------------------------------------------------------------------------------------------- building


def _built(origin: Origin, overrides: Mapping[str, object]) -> Scenario:
    data, places, faults = dict(origin.data), dict(origin.places), []
    for dotted, value in overrides.items():
        try:
            keys = resolve(data, dotted)
        except KeyError as error:
            faults.append(Fault(Place(path=dotted), error.args[0], error.args[1]))
            continue
        data = _set(data, keys, plain(value))
        _copy_places(keys, (), places, {(): Place(path=dotted)})
    before = (origin.before or origin) if overrides else origin.before
    origin = Origin(data, places, origin.files, before)
    scenario, found = validated(origin)
    faults += found
    if faults or scenario is None:
        raise ScenarioError(faults)
    return scenario


def validated(origin: Origin) -> tuple[Scenario | None, list[Fault]]:
    """Check merged data: the shape of each part, then what spans the parts that are sound."""
    from ptce_funding.scenario_checks import spanning_faults

    data = frozen(origin.data)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        faults = shape_faults(error, origin)
        broken = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        partial = _partial(data, broken)
        return None, faults + spanning_faults(partial, origin, broken)
    scenario._origin = origin
    return scenario, spanning_faults(scenario, origin, set())


def _partial(data: Mapping[str, Any], broken: set[str]) -> Scenario:
    """Return a scenario of the sound parts alone; the others must not be read."""
    parts = {}
    for name, field in Scenario.model_fields.items():
        if name in data and name not in broken:
            kind: Any = field.annotation
            parts[name] = TypeAdapter(kind).validate_python(data[name], strict=True)
        elif not field.is_required():
            parts[name] = field.get_default()
    return Scenario.model_construct(**parts)


def frozen(value: Any) -> Any:
    """Return nested values with tuples for lists, which is what strict types ask for."""
    if isinstance(value, Mapping):
        return {key: frozen(each) for key, each in value.items()}
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value
