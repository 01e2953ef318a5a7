"""Results side by side, each held against one of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ptce_funding.allocation import Allocation
from ptce_funding.comparing.entries import Entry, entry_of, unique_names
from ptce_funding.comparing.equity import Equity, equity, region_notes
from ptce_funding.comparing.figures import DIMENSIONS, figures
from ptce_funding.comparing.moves import Exchange, Move, exchange, moves
from ptce_funding.comparing.yardstick import Worth, worths
from ptce_funding.messages import Message, message


@dataclass(frozen=True)
class Line:
    """One figure of all results.

    Parameters
    ----------
    name
        As sweeps name it.
    values
        One for each result; None where it does not apply.
    differences
        From the baseline; None where either does not apply.
    """

    name: str
    values: tuple[float | int | None, ...]
    differences: tuple[float | int | None, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter that is not the same in all results.

    Parameters
    ----------
    path
        Dotted path.
    lines
        What the ledger of each result says of it: value, status and source; None where it has no such parameter.
    """

    path: str
    lines: tuple[Mapping[str, Any] | None, ...]


@dataclass(frozen=True)
class Pattern:
    """In which results a candidate is funded.

    Parameters
    ----------
    candidate, name, region, phase
        Who, as the first result that knows it tells; None where the table does not state it.
    synthetic
        Whether it is made up.
    grants
        Euros in each result; None where it is no candidate, or there is no allocation.
    """

    candidate: str
    name: str | None
    region: str | None
    phase: str | None
    synthetic: bool
    grants: tuple[int | None, ...]

    @property
    def times(self) -> int:
        """Number of results that fund it."""
        return sum(bool(grant) for grant in self.grants)

    @property
    def signs(self) -> str:
        """One sign for each result: ● funded, ○ not funded, · no candidate or no allocation."""
        return "".join("·" if grant is None else "●" if grant else "○" for grant in self.grants)


@dataclass(frozen=True)
class Comparison:
    """Results side by side.

    Parameters
    ----------
    entries
        The results.
    baseline
        Position of the one that the others are held against.
    lines
        Their figures.
    strangers
        Positions of those that have no candidate in common with the baseline.
    worths
        What the awards of each are worth to the baseline; None without an allocation.
    equities
        How the money of each falls on the regions of the baseline's map; None without an allocation.
    moves
        Who enters and who leaves, by result.
    exchanges
        Whom larger envelopes fund in place of those who drop out of them, by result.
    parameters
        What is not the same in all, in the order of the ledger.
    patterns
        All candidates: those funded most often first.
    notes
        What a reader has to know of the comparison.
    """

    entries: tuple[Entry, ...]
    baseline: int
    lines: tuple[Line, ...]
    strangers: tuple[int, ...]
    worths: tuple[Worth | None, ...]
    equities: tuple[Equity | None, ...]
    moves: tuple[Move, ...]
    exchanges: tuple[Exchange, ...]
    parameters: tuple[Parameter, ...]
    patterns: tuple[Pattern, ...]
    notes: tuple[Message, ...]


def compare(results: Sequence[Entry | Allocation], baseline: int = 0) -> Comparison:
    """Hold results against one of them.

    Parameters
    ----------
    results
        Allocations, or entries made by `entry_of` or from what was written.
    baseline
        Position of the one that the others are held against.

    Raises
    ------
    ValueError
        When there is no result, or none at `baseline`.
    """
    if not 0 <= baseline < len(results):
        raise ValueError(f"Expected a baseline among {len(results)} results, found {baseline}.")
    made = [entry_of(each) if isinstance(each, Allocation) else each for each in results]
    names = unique_names([each.name for each in made])
    entries = tuple(Entry(name, each.document, each.call) for name, each in zip(names, made, strict=True))
    base = entries[baseline]
    year = base.parameter("first_year")
    worth = worths(entries, baseline)
    equities = tuple(equity(each.document, year) if each.has_allocation else None for each in entries)
    strangers = [n for n, each in enumerate(entries) if _is_stranger(each, base)]
    others = [n for n in range(len(entries)) if n != baseline and n not in strangers]
    moved = {n: moves(n, entries[n], base) for n in others}
    exchanges = [exchange(n, own, entries[n], base) for n, own in moved.items()]
    return Comparison(
        entries,
        baseline,
        _lines(entries, baseline, worth, equities),
        tuple(strangers),
        worth,
        equities,
        tuple(move for own in moved.values() for move in own),
        tuple(each for each in exchanges if each is not None),
        _parameters(entries),
        _patterns(entries),
        (*_notes(entries, base, strangers), *_region_notes(entries, equities, year)),
    )


def _is_stranger(one: Entry, base: Entry) -> bool:
    """Whether two results, both with an allocation, have no candidate in common."""
    return one.has_allocation and base.has_allocation and not set(_names(one)) & set(_names(base))


def _lines(
    entries: Sequence[Entry], baseline: int, worth: Sequence[Worth | None], equities: Sequence[Equity | None]
) -> tuple[Line, ...]:
    told = [figures(*each) for each in zip(entries, worth, equities, strict=True)]
    known = list(dict.fromkeys(name for each in told for name in each))
    # Groups of a dimension together, in the order in which the results tell them.
    parts = [tuple(name.split(".", 2)[:2]) for name in known]
    order = [name for name, part in zip(known, parts, strict=True) if len(part) == 1]
    for dimension in DIMENSIONS:
        for figure in ("supported", "granted"):
            order += [name for name, part in zip(known, parts, strict=True) if part == (figure, dimension)]
    lines = []
    for name in order:
        is_region = name.split(".")[1:2] == ["region"]
        values = tuple(
            each.get(name, _nothing(name, equity, is_region)) for each, equity in zip(told, equities, strict=True)
        )
        # Of regions only those are told to which something goes.
        if any(values) if is_region else any(value is not None for value in values):
            lines.append(Line(name, values, tuple(_difference(value, values[baseline]) for value in values)))
    return tuple(lines)


def _nothing(name: str, equity: Equity | None, is_region: bool) -> int | None:
    """Return the figure that a result does not tell: of a group that it does not have at all, such as a volet, it is nothing."""
    if equity is None or "." not in name or (is_region and not equity.is_told):
        return None
    return 0


def _difference(value: float | None, base: float | None) -> float | None:
    # Decimals of what is shown, not of the binary numbers behind it.
    return None if value is None or base is None else round(value - base, 9)


def _parameters(entries: Sequence[Entry]) -> tuple[Parameter, ...]:
    ledgers = [{line["path"]: line for line in each.document["sources"]} for each in entries]
    found = []
    for path in dict.fromkeys(path for each in ledgers for path in each):
        lines = tuple(each.get(path) for each in ledgers)
        if len({json.dumps(None if line is None else [line["value"]], sort_keys=True) for line in lines}) > 1:
            found.append(Parameter(path, lines))
    return tuple(found)


def _patterns(entries: Sequence[Entry]) -> tuple[Pattern, ...]:
    told: dict[str, Mapping[str, Any]] = {}
    grants: list[dict[str, int]] = []
    for entry in entries:
        for each in entry.document["candidates"]:
            told.setdefault(each["candidate"], each)
        grants.append({each["candidate"]: each["grant"] for each in entry.document["candidates"]})
    found = [
        Pattern(
            id_, each["name"], each["region"], each["phase"], each["synthetic"], tuple(own.get(id_) for own in grants)
        )
        for id_, each in told.items()
    ]
    # Sorting is stable: equals stay in the order of the table.
    return tuple(sorted(found, key=lambda pattern: (-pattern.times, pattern.signs)))


def _notes(entries: Sequence[Entry], base: Entry, strangers: Sequence[int]) -> Iterator[Message]:
    if strangers:
        yield message(
            "No candidate in common with the baseline, so that nobody enters or leaves and the awards have no value to it: "
            "{names:list}.",
            names=[entries[n].name for n in strangers],
        )
    own, names = base.document["provenance"], _names(base)
    for n, entry in enumerate(entries):
        stated = entry.document["provenance"]
        if n not in strangers and stated["candidates_sha256"] != own["candidates_sha256"]:
            yield message(
                "“{name}” has not the same table of candidates as the baseline; they are matched by identifier. Identifiers that "
                "stand for another name there: {n}.",
                name=entry.name,
                n=sum(names.get(id_, name) != name for id_, name in _names(entry).items()),
            )
        is_same = entry.document["sources"] == base.document["sources"]
        if is_same and stated["scenario_sha256"] != own["scenario_sha256"]:
            yield message(
                "“{name}” differs from the baseline in what the ledger does not list: words, decisions, links or technical "
                "settings.",
                name=entry.name,
            )


def _region_notes(entries: Sequence[Entry], equities: Sequence[Equity | None], year: int) -> Iterator[Message]:
    return region_notes(
        [each.name for each in entries], [each.parameter("first_year") for each in entries], equities, year
    )


def _names(entry: Entry) -> dict[str, str | None]:
    return {each["candidate"]: each["name"] for each in entry.document["candidates"]}
