"""Profiles of made-up calls: how many candidates, of which kind, and where each figure comes from.

A profile is a TOML file of the package (``profiles/``) or the user's own.
"""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ptce_funding.candidate_columns import PHASES, column_named
from ptce_funding.errors import CandidatesError, Fault, Place
from ptce_funding.files import os_reason
from ptce_funding.geography import regions
from ptce_funding.messages import Message, message, nearest
from ptce_funding.parts import Source
from ptce_funding.scenario_faults import source_fault
from ptce_funding.toml_syntax import syntax_fault

# What the sets of criteria ask for, by the columns that decide it.
CRITERIA = {
    "note-2011": (
        "members",
        "member_types",
        "voluntary",
        "ess_members",
        "other_stakeholders",
        "strategy",
        "local_member_share",
        "social_utility_share",
        "commitment_years",
        "mutualised_functions",
        "local_authorities",
        "sole_function",
    ),
    "decree-2015": (
        "private_law",
        "legal_persons",
        "ess_enterprises",
        "non_ess_enterprises",
        "other_members",
        "innovative",
        "defined_territory",
        "earlier_state_support",
    ),
}

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Range = tuple[Share, Share]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Text(_Part):
    """A text in the languages of the program."""

    fr: str
    en: str


class Quantity(_Part):
    """A quantity whose logarithm is normal, cut off at `min` and `max`; `spread` is the deviation of the logarithm."""

    mean: Positive
    spread: Positive
    min: Positive
    max: Positive


class Score(_Part):
    """A normal quantity, cut off at `min` and `max`."""

    mean: float
    deviation: Positive
    min: float
    max: float


class Regions(_Part):
    """Where candidates come from: `strong` regions make up `strong_share`; weights not given are 1 per department."""

    strong: tuple[str, ...] = ()
    strong_share: Share = 0.0
    weights: dict[str, Positive] = {}


class Failures(_Part):
    """How refused candidates fail.

    Parameters
    ----------
    second
        Share of refused candidates that fail a second criterion.
    other
        Share of all candidates that fail a criterion of the other set.
    rates
        The same for single criteria.
    """

    second: Share
    other: Share
    rates: dict[str, Share] = {}


class Amounts(_Part):
    """Cost and ask of the whole (`prefix` ""), a volet or an aid.

    Parameters
    ----------
    phases
        Phases of the candidates that may ask for it; all unless said.
    asked
        Share of those candidates that ask for it; who asks for nothing that all may ask for asks for the first.
    ask
        Euros asked for, in steps of `step`; `fine_share` of the candidates use `fine_step`.
    rate
        Least and largest ask as a share of cost.
    """

    prefix: str = ""
    phases: tuple[str, ...] = ()
    asked: Share = 1.0
    ask: Quantity
    step: Annotated[int, Field(gt=0)] = 1_000
    fine_step: Annotated[int, Field(gt=0)] = 500
    fine_share: Share = 0.0
    rate: Range


class Plans(_Part):
    """How the plans of finance close.

    Parameters
    ----------
    short, gap
        Share of plans that are short, and by how much of the cost at most.
    hopeless, hopeless_gap
        Number of admissible candidates whose plans are far too short, and by how much of the cost.
    without_local
        Number of admissible candidates without local money.
    local, public
        Share of local and other public money in what the candidate has secured; the rest is own money.
    """

    short: Share
    gap: Share
    hopeless: Count
    hopeless_gap: Range
    without_local: Count
    local: Range
    public: Range


class Profile(_Part):
    """A made-up call; see the files in ``profiles/``."""

    format: Literal[1]
    name: str
    title: Text
    description: Text
    year: Annotated[int, Field(ge=1900, le=2200)]
    id_prefix: str
    name_prefix: str
    criteria: Literal["note-2011", "decree-2015"]
    received: Annotated[int, Field(gt=0, le=1_000_000)]
    admissible: Count
    regions: Regions = Regions()
    phases: dict[str, Share]
    failures: Failures
    score: Score
    quantities: dict[Literal["members", "jobs", "annual_budget", "staff"], Quantity]
    flags: dict[str, Share] = {}
    choices: dict[str, dict[str, Share]] = {}
    money: Annotated[tuple[Amounts, ...], Field(min_length=1)]
    plans: Plans
    sources: dict[str, Source] = {}


QUANTITIES = ("members", "jobs", "annual_budget", "staff")

# Columns whose value is drawn by a share or a list of shares that the profile gives.
FLAGS = (
    "priority_district",
    "rural_revitalisation",
    "democratic_governance",
    "ess_policy",
    "ess_network",
    "evaluation_plan",
)
CHOICES = ("visible_place", "rd_approach")


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with the program."""
    folder = files("ptce_funding").joinpath("profiles")
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def read_profile(name_or_path: str | Path) -> Profile:
    """Read a profile.

    Parameters
    ----------
    name_or_path
        A name of `profile_names`, or a TOML file.

    Raises
    ------
    CandidatesError
        With every fault of the profile.
    """
    file = str(name_or_path)
    try:
        if file in profile_names():
            text = files("ptce_funding").joinpath("profiles", f"{file}.toml").read_text("utf-8")
        elif not file.lower().endswith(".toml"):
            known = profile_names()
            reason = message(
                "There is no profile “{name}”; expected a file or one of: {names:list}.", name=file, names=known
            )
            raise CandidatesError([Fault(Place(), reason, nearest(file, known))])
        else:
            text = Path(name_or_path).read_text("utf-8")
        tree = tomllib.loads(text)
    except FileNotFoundError as error:
        raise CandidatesError([Fault(Place(file=file), message("There is no such file."))]) from error
    except UnicodeDecodeError as error:
        reason = message("The file is not in UTF-8, which TOML demands; save it as UTF-8.")
        raise CandidatesError([Fault(Place(file=file), reason)]) from error
    except OSError as error:
        reason = message("The file cannot be read: {reason}.", reason=os_reason(error))
        raise CandidatesError([Fault(Place(file=file), reason)]) from error
    except tomllib.TOMLDecodeError as error:
        raise CandidatesError([syntax_fault(file, error, text)]) from error
    try:
        profile = Profile.model_validate(_tuples(tree))
    except ValidationError as error:
        raise CandidatesError(_fault(file, each) for each in error.errors(include_url=False)) from error
    faults = [Fault(Place(file=file, path=path), reason, hint) for path, reason, hint in _contradictions(profile)]
    if faults:
        raise CandidatesError(faults)
    return profile


def _tuples(tree: Any) -> Any:
    """Return a tree of TOML with tuples for its lists, as the frozen models hold them."""
    if isinstance(tree, dict):
        return {key: _tuples(each) for key, each in tree.items()}
    return tuple(map(_tuples, tree)) if isinstance(tree, list) else tree


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that a table of a profile may have, for the nearest one."""
    model: Any = Profile
    for step in location:
        field = model.model_fields.get(step) if isinstance(step, str) else None
        if field is not None:
            inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
            model = next((each for each in inner if isinstance(each, type) and issubclass(each, _Part | Source)), model)
    return list(model.model_fields)


def _fault(file: str, error: Any) -> Fault:
    """Return what pydantic found as a fault."""
    location = tuple(each for each in error["loc"] if each != "[key]")
    place = Place(file=file, path=".".join(map(str, location)))
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return Fault(place, message("This key is unknown."), nearest(str(location[-1]), _keys(location[:-1])))
    if kind == "missing":
        return Fault(place, message("This key is missing."))
    if kind in ("source_status", "source_text"):
        return source_fault(place, error)
    value = repr(error["input"])[:60]
    for limit, template in (
        ("gt", message("Found {value}; expected more than {limit}.", value=value, limit=context.get("gt"))),
        ("ge", message("Found {value}; expected {limit} or more.", value=value, limit=context.get("ge"))),
        ("le", message("Found {value}; expected {limit} or less.", value=value, limit=context.get("le"))),
        ("expected", message("Found {value}; expected {limit}.", value=value, limit=context.get("expected"))),
    ):
        if limit in context:
            words = re.findall(r"'([^']*)'", str(context["expected"])) if limit == "expected" else ()
            return Fault(place, template, nearest(str(error["input"]), words))
    expected = {
        "int_type": message("a whole number"),
        "float_type": message("a number"),
        "string_type": message("a text"),
        "tuple_type": message("a list"),
        "dict_type": message("a table"),
        "model_type": message("a table"),
    }.get(kind, message("{reason}", reason=error["msg"]))
    return Fault(place, message("Found {value}; expected {expected}.", value=value, expected=expected))


def _contradictions(profile: Profile) -> list[tuple[str, Message, str | None]]:
    """Return what the parts of a profile say against each other: path, reason, nearest word."""
    wrong: list[tuple[str, Message, str | None]] = []

    def known(path: str, words: Any, allowed: tuple[str, ...]) -> None:
        for word in words:
            if word not in allowed:
                reason = message("“{value}” is unknown; expected one of: {choices:list}.", value=word, choices=allowed)
                wrong.append((path, reason, nearest(word, allowed)))

    def whole(path: str, shares: dict[str, float]) -> None:
        total = sum(shares.values())
        if abs(total - 1) > 1e-6:
            wrong.append((path, message("The shares make {total}; expected 1.", total=total), None))

    def ordered(path: str, least: float, most: float, mean: float | None = None) -> None:
        if least >= most or (mean is not None and not least < mean < most):
            reason = message(
                "Found {least} to {most}; expected the least first, and any mean between.", least=least, most=most
            )
            wrong.append((path, reason, None))

    if profile.admissible > profile.received:
        reason = message("More are admissible than received; expected at most {n}.", n=profile.received)
        wrong.append(("admissible", reason, None))
    if profile.plans.hopeless + profile.plans.without_local > profile.admissible:
        reason = message(
            "More are hopeless or without local money than admissible; expected at most {n}.", n=profile.admissible
        )
        wrong.append(("plans", reason, None))
    known("regions.strong", profile.regions.strong, regions(profile.year))
    known("regions.weights", profile.regions.weights, regions(profile.year))
    known("phases", profile.phases, PHASES)
    known("flags", profile.flags, FLAGS)
    known("choices", profile.choices, CHOICES)
    known("failures.rates", profile.failures.rates, tuple(each for names in CRITERIA.values() for each in names))
    whole("phases", profile.phases)
    for name, shares in profile.choices.items():
        column = column_named(name)
        known(f"choices.{name}", shares, column.choices if column else ())
        whole(f"choices.{name}", shares)
    for each in QUANTITIES:
        quantity = profile.quantities.get(each)  # type: ignore[call-overload]
        if quantity is None:
            wrong.append((f"quantities.{each}", message("This key is missing."), None))
        else:
            ordered(f"quantities.{each}", quantity.min, quantity.max, quantity.mean)
    ordered("score", profile.score.min, profile.score.max, profile.score.mean)
    for index, amounts in enumerate(profile.money):
        known(f"money.{index}.phases", amounts.phases, PHASES)
        ordered(f"money.{index}.ask", amounts.ask.min, amounts.ask.max, amounts.ask.mean)
        if not 0 < amounts.rate[0] <= amounts.rate[1]:
            ordered(f"money.{index}.rate", *amounts.rate)
        if amounts.prefix and not re.fullmatch(r"[\w-]+(\.[\w-]+)?", amounts.prefix):
            reason = message("“{value}” is no volet; expected <volet> or <volet>.<aid>.", value=amounts.prefix)
            wrong.append((f"money.{index}.prefix", reason, None))
    if len({amounts.prefix for amounts in profile.money}) < len(profile.money):
        wrong.append(("money", message("A prefix stands twice; expected each once."), None))
    return wrong
