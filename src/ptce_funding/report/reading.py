"""Files of results, read back and checked."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.messages import message
from ptce_funding.report.comparisons import Compared
from ptce_funding.report.documents import Costing, Result

#: What some editors and spreadsheets put before a text.
_MARK = b"\xef\xbb\xbf"

#: Faults told of one file: a file of another version has hundreds.
_FAULTS = 3


def parsed(content: bytes, file: Path | None = None) -> Result | Costing | Compared:
    """Read a result.

    Parameters
    ----------
    content
        Bytes of `allocation.json`, `cost.json` or `compare.json`.
    file
        Where they come from, for what is said of faults.

    Raises
    ------
    InputError
        When they are none of these, or not as this version writes them.
    """
    from pydantic_core import from_json

    content = content.removeprefix(_MARK)
    try:
        page = from_json(content)
    except ValueError:
        raise _unknown(file) from None
    if isinstance(page, list) and page and all(map(_kind_of, page)):
        text = message("This file holds several results; use --out, and give one of its files.")
        raise InputError([Fault(_place(file), text)])
    kind = _kind_of(page)
    if kind is None:
        raise _unknown(file)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        faults = [_fault(file, tuple(each["loc"])) for each in error.errors(include_url=False, include_input=False)]
        raise InputError(list(dict.fromkeys(faults))[:_FAULTS]) from None


def _kind_of(page: Any) -> type[Result] | type[Costing] | type[Compared] | None:
    if not isinstance(page, dict):
        return None
    if "baseline" in page and "scenarios" in page:
        return Compared
    if "scenario" not in page:
        return None
    return Costing if "targets" in page else Result if "funnel" in page else None


def _fault(file: Path | None, path: tuple[int | str, ...]) -> Fault:
    text = message(
        "This is not as this version of the program writes it: it comes from another version, or was changed by hand. "
        "Make the result again."
    )
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in path) or None
    return Fault(Place(file=None if file is None else str(file), path=place), text)


def _place(file: Path | None) -> Place:
    return Place(file=None if file is None else str(file))


def _unknown(file: Path | None) -> InputError:
    text = message(
        "This is no result of this program; expected allocation.json, cost.json, compare.json, or the file that a sweep keeps its runs in."
    )
    return InputError([Fault(_place(file), text)])
