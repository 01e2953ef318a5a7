"""Results that were written before: `allocation.json`, checked at the door."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from ptce_funding.cells import alphabetical
from ptce_funding.comparing.entries import Document
from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import os_reason
from ptce_funding.messages import Message, message
from ptce_funding.report.documents import Result
from ptce_funding.report.reading import parsed

#: Name of a result in its folder.
NAME = "allocation.json"


def is_written(path: Path) -> bool:
    """Return whether a path is meant for a result, and not for a scenario."""
    return path.is_dir() or path.suffix.lower() == ".json"


def file_in(path: Path, names: Sequence[str] = (NAME,)) -> Path:
    """Return the file of a result: a file itself, or in a folder the first of those names.

    Raises
    ------
    InputError
        When a folder holds none.
    """
    found = [path / name for name in names if (path / name).exists()] if path.is_dir() else [path]
    if found:
        return found[0]
    inside = sorted((each.parent.name for each in path.glob(f"*/{NAME}")), key=alphabetical)
    if inside:
        text = message("This folder holds several results; name them: {names:list}.", names=inside)
    else:
        text = message("This folder holds no {name}, as “ptce-fund simulate --out” writes it.", name=NAME)
    raise InputError([Fault(Place(file=str(path)), text)])


def read_written(path: Path) -> Document:
    """Read a result that `ptce-fund simulate --out` wrote.

    Parameters
    ----------
    path
        Its `allocation.json`, or the folder that holds it.

    Raises
    ------
    InputError
        When there is none, it cannot be read, or it is something else.
    """
    file = file_in(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        _refuse(file, message("The file cannot be read: {reason}.", reason=os_reason(error)))
    told = parsed(content, file)
    if not isinstance(told, Result):
        _refuse(
            file, message("Only results of “ptce-fund simulate” are held side by side; this file holds something else.")
        )
    faults = list(_inconsistencies(told))
    if faults:
        raise InputError([Fault(Place(file=str(file)), fault) for fault in faults])
    document: Document = json.loads(content.decode("utf-8-sig"))
    return document


def _refuse(path: Path, text: Message) -> NoReturn:
    raise InputError([Fault(Place(file=str(path)), text)])


def _inconsistencies(told: Result) -> Iterator[Message]:
    """Return what a result says against itself, where a comparison would be misled."""
    grants = Counter({each.candidate: each.grant for each in told.candidates})
    if len(grants) < len(told.candidates):
        yield message("The result names a candidate twice.")
    for award in told.awards:
        grants[award.candidate] -= award.grant
    if any(grants.values()):
        yield message("The awards of the result do not add up to the grants of its candidates.")
    for each in told.candidates:
        if (each.outcome == "funded") != (each.grant > 0):
            yield message("What the result says of {id} does not agree with what it grants it.", id=each.candidate)
    paths = {line.path: line.value for line in told.sources}
    if not all(type(paths.get(path)) is int for path in ("envelope.total", "first_year")):
        yield message("The result does not state its envelope or its first year.")
