"""Results that were written before: `allocation.json`, checked at the door."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ptce_funding.comparing.entries import Document
from ptce_funding.errors import Fault, InputError, Place
from ptce_funding.files import os_reason
from ptce_funding.messages import Message, message

#: Name of a result in its folder.
NAME = "allocation.json"

Euros = Annotated[int, Field(ge=0, le=10**15)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Texts(_Part):
    fr: str
    en: str


class _Slice(_Part):
    key: str
    supported: Count
    granted: Euros


class _PublicMoney(_Part):
    with_advantages: Euros


class _Indicators(_Part):
    jobs: Figure | None
    labelled: Count | None
    cofinancing: Euros
    local_cofinancing: Euros
    cofinancing_per_euro: Figure | None
    mean_grant: Figure | None
    public_money: _PublicMoney
    by: dict[str, list[_Slice]]


class _Award(_Part):
    candidate: str
    volet: str
    aid: str | None
    year: Annotated[int, Field(ge=0, le=9999)]
    grant: Euros


class _Candidate(_Part):
    candidate: str
    name: str | None
    region: str | None
    department: str | None
    phase: str | None
    outcome: str
    grant: Euros
    value: Figure
    synthetic: bool


class _Refusal(_Part):
    candidate: str
    reasons: list[_Texts]


class _Provenance(_Part):
    scenario_sha256: str
    candidates_sha256: str
    criteria_sha256: str
    command: str


class _Parameter(_Part):
    path: str
    value: Any
    status: str
    source: str | _Texts


class _Result(_Part):
    """What a comparison reads of a result; the rest may be anything."""

    format: Literal[1]
    scenario: str
    status: str
    absence: _Texts | None
    value: Figure | None
    granted: Euros
    charged: Euros
    withdrawn: Euros
    unspent: Euros
    supported: Count
    funnel: dict[Literal["received", "admissible", "fundable", "funded"], Count]
    indicators: _Indicators
    synthetic_candidates: bool
    awards: list[_Award]
    candidates: list[_Candidate]
    refused: list[_Refusal]
    provenance: _Provenance
    sources: list[_Parameter]


def is_written(path: Path) -> bool:
    """Return whether a path is meant for a result, and not for a scenario."""
    return path.is_dir() or path.suffix.lower() == ".json"


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
    file = path / NAME if path.is_dir() else path
    if path.is_dir() and not file.exists():
        inside = sorted(each.parent.name for each in path.glob(f"*/{NAME}"))
        if inside:
            _refuse(path, message("This folder holds several results; name them: {names:list}.", names=inside))
        _refuse(path, message("This folder holds no {name}, as “ptce-fund simulate --out” writes it.", name=NAME))
    try:
        document = json.loads(file.read_bytes().decode("utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        _refuse(file, message("The file cannot be read: {reason}.", reason=os_reason(error)))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, numbers or brackets without end
        _refuse(file, message("This is not JSON, as “ptce-fund simulate --out” writes it."))
    try:
        _Result.model_validate(document)
    except ValidationError as error:
        _refuse(file, _fault(document, error))
    faults = list(_inconsistencies(document))
    if faults:
        raise InputError([Fault(Place(file=str(file)), fault) for fault in faults])
    return dict(document)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse(path: Path, text: Message) -> NoReturn:
    raise InputError([Fault(Place(file=str(path)), text)])


def _fault(document: Any, error: ValidationError) -> Message:
    """Say what a file is not, with the first place where it shows."""
    if isinstance(document, dict) and "scenario" in document and document.get("format") != 1:
        return message("This result was written in another format; write it again with “ptce-fund simulate --out”.")
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in error.errors()[0]["loc"])
    if not where:
        return message("This is not a result of “ptce-fund simulate”.")
    return message(
        "This is not a result of “ptce-fund simulate”: {path} is missing or not what it should be.", path=where
    )


def _inconsistencies(document: Document) -> list[Message]:
    """Return what a result says against itself, where a comparison would be misled."""
    found = []
    ids = [each["candidate"] for each in document["candidates"]]
    grants = dict.fromkeys(ids, 0)
    if len(grants) < len(ids):
        found.append(message("The result names a candidate twice."))
    for award in document["awards"]:
        grants[award["candidate"]] = grants.get(award["candidate"], 0) + award["grant"]
    if grants != {each["candidate"]: each["grant"] for each in document["candidates"]}:
        found.append(message("The awards of the result do not add up to the grants of its candidates."))
    paths = {line["path"]: line["value"] for line in document["sources"]}
    if not all(type(paths.get(path)) is int for path in ("envelope.total", "first_year")):
        found.append(message("The result does not state its envelope or its first year."))
    return found
