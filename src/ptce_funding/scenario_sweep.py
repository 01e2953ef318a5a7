"""Faults of the `[sweep]` table, and what type of value stands at a path."""

import json
import math
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from ptce_funding import toml_lines
from ptce_funding.designs import DISTRIBUTIONS, SAMPLED
from ptce_funding.errors import Fault
from ptce_funding.messages import message, nearest
from ptce_funding.parts import Part
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_faults import Origin, expected_found, plain, repeated
from ptce_funding.toml_lines import Path
from ptce_funding.variation import LARGEST_DESIGN, Sweep, Vary

Faults = Iterator[Fault]

#: The parameter whose values make a frontier.
ENVELOPE = "envelope.total"

_OF_RANGE = ("low", "high")
_OF_DISTRIBUTION = ("low", "high", "mode", "mean", "deviation")


def sweep_faults(scenario: Scenario, origin: Origin) -> Faults:
    """Return what is wrong with the table as a whole, and with each parameter that is varied."""
    sweep, here = scenario.sweep, ("sweep",)
    if sweep.design not in SAMPLED:
        for key in ("samples", "seed"):
            if getattr(sweep, key) is not None:
                text = message(
                    "“{key}” goes with the designs {designs:or}, and only with them.", key=key, designs=SAMPLED
                )
                yield Fault(origin.place((*here, key)), text)
    faults = [list(_vary(each, sweep, (*here, "vary", number), origin)) for number, each in enumerate(sweep.vary)]
    for each in faults:
        yield from each
    yield from _paths(sweep, origin)
    if any(faults):
        return
    if sweep.frontier and not any(each.path == ENVELOPE and each.distribution is None for each in sweep.vary):
        text = message("A frontier needs “{path}” to be varied, by a range or a list.", path=ENVELOPE)
        yield Fault(origin.place((*here, "frontier")), text)
    size = _size(sweep)
    if size > LARGEST_DESIGN:
        text = message("The design has {n:number} cells, expected at most {most:number}.", n=size, most=LARGEST_DESIGN)
        yield Fault(origin.place(here), text)


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the types that an annotation admits, without `None`."""
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return tuple(each for part in get_args(annotation) for each in members(part))
    return () if annotation in (None, type(None)) else (annotation,)


def types_at(data: Mapping[str, Any], dotted: str) -> tuple[Any, ...]:
    """Return the types that the format admits at a path of merged data.

    Raises
    ------
    KeyError
        With a message and the nearest known word, when the path does not exist.
    """
    from ptce_funding.scenario_files import resolve

    path = resolve(data, dotted)
    here: tuple[Any, ...] = (Scenario,)
    for depth, key in enumerate(path):
        inner = tuple(each for kind in here for each in _inner(kind, key))
        if not inner:
            known = [name for kind in here if _is_part(kind) for name in kind.model_fields]
            if known:
                text = message("Unknown key “{key}”. Known here: {known:list}.", key=key, known=known)
                raise KeyError(text, nearest(str(key), known))
            text = message(
                "“{path}” is a single value and has no “{found}”.", path=toml_lines.join(path[:depth]), found=key
            )
            raise KeyError(text, None)
        here = inner
    return here


def _inner(kind: Any, key: str | int) -> tuple[Any, ...]:
    """Return the types of what a type holds under a key; none when it holds nothing there."""
    if _is_part(kind):
        field = kind.model_fields.get(str(key))
        return () if field is None else members(field.annotation)
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return members(arguments[1])
    return members(arguments[0]) if get_origin(kind) is tuple else ()


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Part)


def _vary(vary: Vary, sweep: Sweep, path: Path, origin: Origin) -> Faults:
    """One parameter: its path, and one of the three ways to vary it."""
    place = origin.place(path)
    try:
        types = types_at(origin.data, vary.path)
    except KeyError as error:
        yield Fault(origin.place((*path, "path")), error.args[0], error.args[1])
        return
    stated = [key for key in (*_OF_DISTRIBUTION, "count") if getattr(vary, key) is not None]
    if vary.values is not None:
        stated += ["distribution"] if vary.distribution is not None else []
        for key in stated:
            text = message("A list of `values` stands alone: without “{key}”.", key=key)
            yield Fault(origin.place((*path, key)), text)
        yield from _values(vary, (*path, "values"), origin)
        return
    if vary.distribution is None and not stated:
        yield Fault(place, message("State `values`, or `low` and `high`, or a `distribution`."))
        return
    needed = _OF_RANGE if vary.distribution is None else DISTRIBUTIONS[vary.distribution]
    allowed = (*needed, "count") if vary.distribution is None else needed
    for key in needed:
        if getattr(vary, key) is None:
            yield Fault(place, message("The parameter “{key}” is missing here.", key=key))
    for key in stated:
        if key not in allowed:
            text = message("“{key}” does not belong here; expected {known:list}.", key=key, known=allowed)
            yield Fault(origin.place((*path, key)), text)
    low, high, mode = vary.low, vary.high, vary.mode
    if low is not None and high is not None and low >= high:
        text = message("The least value, {min:number}, is not below the largest, {max:number}.", min=low, max=high)
        yield Fault(place, text)
    elif low is not None and high is not None and mode is not None and not low <= mode <= high:
        expected = message("a number between {low:number} and {high:number}", low=low, high=high)
        yield Fault(origin.place((*path, "mode")), expected_found(expected, mode))
    if not any(kind in (int, float, Any) or _is_part(kind) for kind in types):
        text = message("“{path}” is not a number: state the `values` that it takes.", path=vary.path)
        yield Fault(place, text)
    if sweep.design not in SAMPLED and vary.distribution is not None:
        text = message("A distribution is drawn from, so it needs one of the designs {designs:or}.", designs=SAMPLED)
        yield Fault(origin.place((*path, "distribution")), text)
    is_listed = sweep.design not in SAMPLED or (sweep.frontier and vary.path == ENVELOPE)
    if vary.distribution is None and vary.count is None and is_listed:
        yield Fault(place, message("The parameter “{key}” is missing here.", key="count"))


def _values(vary: Vary, path: Path, origin: Origin) -> Faults:
    """Values that a scenario could state, each once."""
    values = list(vary.values or ())
    for number, value in enumerate(values):
        if not _is_plain(plain(value)):
            expected = message("a text, a number, true or false, a list or a table of these")
            yield Fault(origin.place((*path, number)), expected_found(expected, value))
            return
    for word in repeated([json.dumps(plain(value), sort_keys=True, ensure_ascii=False) for value in values]):
        yield Fault(origin.place(path), message("“{word}” stands here twice.", word=word))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | dict):
        return all(_is_plain(each) for each in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def _paths(sweep: Sweep, origin: Origin) -> Faults:
    """Every parameter varied once, and none within another; nothing that is not of the call itself."""
    words: list[tuple[str, ...]] = []
    for number, vary in enumerate(sweep.vary):
        place = origin.place(("sweep", "vary", number, "path"))
        try:
            mine = toml_lines.dotted(vary.path)
        except ValueError:
            continue  # told by `types_at`
        if mine[0] in ("sweep", "format", "name"):
            yield Fault(place, message("“{path}” cannot be varied.", path=vary.path))
        for other in words:
            n = min(len(mine), len(other))
            if mine[:n] == other[:n]:
                text = message("“{path}” is varied already, by “{other}”.", path=vary.path, other=".".join(other))
                yield Fault(place, text)
                break
        words.append(mine)


def _size(sweep: Sweep) -> int:
    counts = [len(each.values) if each.values is not None else each.count or 1 for each in sweep.vary]
    if sweep.design in SAMPLED:
        return sweep.samples or 0
    return sum(counts) if sweep.design == "single" else math.prod(counts)
