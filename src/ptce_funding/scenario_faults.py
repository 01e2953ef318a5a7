"""Where the parts of a scenario stand, and what is wrong with their shape, in words."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ptce_funding import toml_lines
from ptce_funding.errors import Fault, Place
from ptce_funding.messages import Message, message, nearest
from ptce_funding.parts import FILE_KEYS, LARGEST_ENVELOPE, STATUSES, Part
from ptce_funding.scenario import Scenario
from ptce_funding.toml_lines import Path


@dataclass(frozen=True)
class Origin:
    """What a scenario was read from.

    Parameters
    ----------
    data
        The merged tables, as TOML gives them.
    places
        Where each path stands.
    files
        The files read, base last.
    before
        The same before parameters were overridden; None when none was.
    """

    data: Mapping[str, Any]
    places: Mapping[Path, Place]
    files: tuple[str, ...] = ()
    before: "Origin | None" = None

    def layer(self, path: Path) -> int:
        """Return which of `files` states `path`, or the nearest thing around it; -1 for what an override states."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                file = self.places[path[:length]].file
                return self.files.index(file) if file in self.files else -1
        return len(self.files)

    def place(self, path: Path) -> Place:
        """Return where `path`, or the nearest thing around it, stands."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                found = self.places[path[:length]]
                return Place(file=found.file, line=found.line, path=toml_lines.join(path))
        return Place(file=self.files[0] if self.files else None, path=toml_lines.join(path) if path else None)


def plain(value: Any) -> Any:
    """Return nested values as TOML gives them: lists and dicts."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json", exclude_unset=True))
    return value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value


def expected_found(expected: Message, found: object) -> Message:
    """Return the common sentence of a fault."""
    return message("Found {found}, expected {expected}.", found=shown(found), expected=expected)


def shown(value: object) -> str:
    """Write a value as TOML would, shortened."""
    bare = plain(value)
    try:
        text = json.dumps(bare, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(bare)
    return text if len(text) <= 60 else text[:57] + "…"


def repeated(words: Sequence[Any]) -> list[Any]:
    """Return the words that stand more than once."""
    return [word for word, times in Counter(words).items() if times > 1]


def shape_faults(error: ValidationError, origin: Origin, root: type[Part] = Scenario) -> list[Fault]:
    """Return one fault for each value that does not have the shape that the type `root` asks for."""
    errors = error.errors(include_url=False)
    faults: dict[tuple[Path, bool], Fault] = {}
    for each in errors:
        loc = each["loc"]
        if each["type"] == "too_short" and any(
            len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors
        ):
            continue  # pydantic counts only the sound entries; the others are reported by themselves
        is_key = each["type"] in ("missing", "extra_forbidden")
        path, is_union = _data_path(loc, origin.data, is_key)
        fault = _union_fault(path, origin) if is_union else _shape_fault(path, each, origin, root)
        faults.setdefault((path, each["type"] == "extra_forbidden"), fault)
    return list(faults.values())


def _data_path(loc: Sequence[int | str], data: Any, is_key: bool) -> tuple[Path, bool]:
    """Return the path of the data at pydantic's location, and whether the rest names the members of a union."""
    path: Path = ()
    here: Any = data
    for number, key in enumerate(loc):
        is_key_of = isinstance(here, Mapping) and key in here
        is_entry_of = isinstance(here, list) and isinstance(key, int) and key < len(here)
        if is_key_of or is_entry_of:
            here = here[key]
        elif isinstance(here, Mapping) and is_key and number == len(loc) - 1:
            here = None
        else:
            return path, key != "[key]"
        path = (*path, key)
    return path, False


def _union_fault(path: Path, origin: Origin) -> Fault:
    found: Any = origin.data
    for key in path:
        found = found[key]
    expected = message("a text, a number, true or false, or a list of these")
    if "advantages" in path:
        expected = message(
            "a number of at least 0 and at most {bound:number}, or the name of a column", bound=LARGEST_ENVELOPE
        )
    return Fault(origin.place(path), expected_found(expected, found))


def _shape_fault(path: Path, error: Any, origin: Origin, root: type[Part]) -> Fault:
    place, context, found = origin.place(path), error.get("ctx", {}), error["input"]
    match error["type"]:
        case "missing":
            return Fault(place, message("A required parameter is missing."))
        case "extra_forbidden":
            known = _known_keys(path[:-1], root)
            text = message("Unknown key “{key}”. Known here: {known:list}.", key=path[-1], known=known)
            return Fault(place, text, nearest(str(path[-1]), known))
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"]) or [context["expected"]]
            text = expected_found(message("one of: {known:list}", known=known), found)
            return Fault(place, text, nearest(found, known) if isinstance(found, str) else None)
        case "source_status" | "source_text":
            return source_fault(place, error)
        case "string_pattern_mismatch":
            return Fault(place, expected_found(message("letters, digits, “.”, “_” or “-”, at most 80"), found))
    return Fault(place, expected_found(_expectation(error["type"], context), found))


def source_fault(place: Place, error: Any) -> Fault:
    """Return the fault of a source without a status, or without the text that its status needs."""
    context, found = error["ctx"], error["input"]
    if error["type"] == "source_text":
        stated = found if isinstance(found, str) else context["status"]
        return Fault(place, message("Found “{found}” alone; say from where, such as “quoted 002:34”.", found=stated))
    expected = message("a text that begins with quoted, computed, assumed or missing")
    return Fault(place, expected_found(expected, found), nearest(context["word"], STATUSES))


def _expectation(kind: str, context: Mapping[str, Any]) -> Message:
    match kind:
        case "greater_than":
            return message("a number above {bound:number}", bound=context["gt"])
        case "greater_than_equal":
            return message("a number of at least {bound:number}", bound=context["ge"])
        case "less_than":
            return message("a number below {bound:number}", bound=context["lt"])
        case "less_than_equal":
            return message("a number of at most {bound:number}", bound=context["le"])
        case "finite_number":
            return message("a finite number")
        case "int_type" | "int_from_float" | "int_parsing" | "int_parsing_size":
            return message("a whole number, without quotes")
        case "float_type" | "float_parsing":
            return message("a number, without quotes")
        case "bool_type" | "bool_parsing":
            return message("true or false, without quotes")
        case "string_type":
            return message("a text in quotes")
        case "tuple_type" | "list_type":
            return message("a list in square brackets")
        case "dict_type" | "model_type" | "model_attributes_type" | "mapping_type":
            return message("a table")
        case "too_short" | "string_too_short":
            return message("at least one entry")
        case "string_too_long":
            return message("at most {n} characters", n=context["max_length"])
    return message("another type of value")


def _known_keys(path: Path, root: type[Part]) -> list[str]:
    """Return the keys that the type at `path` has."""
    here: Any = root
    for key in path:
        part = _direct_part(here)
        here = part.model_fields[str(key)].annotation if part is not None else _entry_type(here)
    part = _direct_part(here)
    return [*part.model_fields, *(FILE_KEYS if part is Scenario else ())] if part is not None else []


def _direct_part(annotation: Any) -> type[Part] | None:
    """Return the `Part` that an annotation such as ``Grant`` or ``Grant | None`` is."""
    for each in (annotation, *(get_args(annotation) if get_origin(annotation) in (UnionType, Union) else ())):
        if isinstance(each, type) and issubclass(each, Part):
            return each
    return None


def _entry_type(annotation: Any) -> Any:
    """Return the type of the entries of ``tuple[X, ...]`` or ``dict[str, X]``, with or without ``Annotated``."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _entry_type(arguments[0])
    return arguments[1] if get_origin(annotation) is dict else arguments[0]
