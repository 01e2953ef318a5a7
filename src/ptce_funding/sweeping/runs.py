"""One run: a scenario solved, as the numbers and awards that a sweep keeps of it."""

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from operator import attrgetter
from typing import Any

from ptce_funding.allocation import Allocation, allocated
from ptce_funding.awards import Award
from ptce_funding.call import Call, prepare
from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import CriteriaSet
from ptce_funding.errors import FundingError, InputError
from ptce_funding.indicators import indicators
from ptce_funding.messages import LANGUAGES, message
from ptce_funding.parts import Text
from ptce_funding.scenario import Scenario
from ptce_funding.settlement import grants_of

#: What may decide a result besides the scenario and its candidates.
_LIBRARIES = ("ptce-fund", "highspy", "pulp")
#: An award as a row; `astuple` would copy every cell.
_row_of = attrgetter(*(each.name for each in fields(Award)))


@dataclass(frozen=True)
class Run:
    """What a sweep keeps of one run.

    Parameters
    ----------
    hash
        SHA-256 of all that decides the result; the same is solved once.
    status
        `optimal`, `feasible`, `infeasible` or `unknown` as solvers say; `invalid` where the scenario refuses a value; `failed`
        where the program or a solver did.
    reason
        Why there is no allocation; None where there is one.
    value, bound, gap
        Of the allocation; None where not known.
    indicators
        Figures by name, in order of name; empty without an allocation. Names are those of `figures`.
    packed
        The awards, compressed.
    """

    hash: str
    status: str
    reason: Text | None
    value: float | None
    bound: float | None
    gap: float | None
    indicators: Mapping[str, float | int]
    packed: bytes

    @property
    def has_allocation(self) -> bool:
        """Whether there is an allocation, proved best or not."""
        return self.value is not None

    def awards(self) -> tuple[Award, ...]:
        """Return the awards, in order."""
        return tuple(Award(*each) for each in json.loads(zlib.decompress(self.packed)))


@dataclass(frozen=True)
class Start:
    """What the scenario as it stands leaves for every other run to begin from.

    Parameters
    ----------
    awards
        Its awards; they stand in another run where they keep its rules and its own search ends with less.
    prices
        Prices of its rows, by what each stands for.
    """

    awards: tuple[Award, ...]
    prices: Mapping[str, float]


def start_of(run: Run, call: Call) -> Start | None:
    """Return what a run of a call that is decomposed leaves to begin from; None when it has no allocation."""
    from ptce_funding.solvers.decomposition import prices_of

    prices = prices_of(call.formulation.problem, call.scenario.solve) if run.has_allocation else None
    return None if prices is None else Start(run.awards(), call.formulation.price_list(prices))


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Return name and version of what may decide a result."""
    return tuple((name, version(name)) for name in _LIBRARIES)


def run_hash(scenario: Scenario, criteria: CriteriaSet, candidates_digest: str, solver: str, base: str = "") -> str:
    """Return the SHA-256 of all that decides a result.

    Parameters
    ----------
    base
        Hash of the run that it begins from, where it begins from one: within its gap, a search may end elsewhere for that.
    """
    parts = [scenario.canonical(), criteria.model_dump_json(), candidates_digest, solver, versions(), base]
    return hashlib.sha256(as_json(parts).encode()).hexdigest()


def refused_hash(scenario: Scenario, changes: Mapping[str, object]) -> str:
    """Return the SHA-256 that stands for changes that a scenario refuses."""
    return hashlib.sha256(as_json([scenario.canonical(), changes, versions()]).encode()).hexdigest()


def as_json(value: Any) -> str:
    """Write plain values, always in the same way."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def evaluate(hash_: str, scenario: Scenario, candidates: Candidates, solver: str, start: Start | None = None) -> Run:
    """Solve a scenario and keep what a sweep needs; whatever goes wrong is kept as the reason.

    Parameters
    ----------
    hash_
        As `run_hash` returns it.
    start
        What the base run left.
    """
    try:
        call = prepare(scenario, candidates)
        known = None if start is None else grants_of(call, start.awards)
        allocation = allocated(call, solver, known, prices=None if start is None else start.prices)
    except InputError as error:
        return refused(hash_, error)
    except FundingError as error:
        return _without(hash_, "failed", {lang: error.render(lang) for lang in LANGUAGES})
    except Exception as error:
        # A fault of this program in one run must not take the others with it; the table tells of it.
        text = message("The program failed: {what}.", what=f"{type(error).__name__}: {error}")
        return _without(hash_, "failed", text.texts())
    if allocation.absence is not None:
        return _without(hash_, allocation.status.value, allocation.absence.texts())
    rows = list(map(_row_of, allocation.awards))
    return Run(
        hash_,
        allocation.status.value,
        None,
        allocation.value,
        _finite(allocation.bound),
        _finite(allocation.gap),
        figures(allocation),
        packed(rows),
    )


def refused(hash_: str, error: InputError) -> Run:
    """Return the run of a scenario that refuses a value."""
    texts = {lang: " | ".join(fault.render(lang) for fault in error.faults) for lang in LANGUAGES}
    return _without(hash_, "invalid", texts)


def failed(hash_: str, texts: Mapping[str, str]) -> Run:
    """Return the run that the program could not finish, with the reason by language."""
    return _without(hash_, "failed", texts)


def packed(rows: list[tuple[Any, ...]]) -> bytes:
    """Return awards, as rows, compressed."""
    return zlib.compress(as_json(rows).encode(), 9)


def figures(allocation: Allocation) -> dict[str, float | int]:
    """Return the figures of an allocation by name, in order of name; money in euros, what does not apply left out.

    `granted.volet.NAME` and `supported.volet.NAME` tell one volet, and so for phases, regions and the other dimensions of
    `indicators`; `regions` counts the regions with a supported candidate; `jury.…` tells the jury's list.
    """
    told, listing = indicators(allocation), allocation.listing
    found: dict[str, float | int | None] = {
        "granted": allocation.granted,
        "charged": allocation.charged,
        "unspent": allocation.unspent,
        "supported": len(allocation.supported),
        "mean_grant": told.mean,
        "smallest_grant": told.smallest,
        "largest_grant": told.largest,
        "cofinancing": told.cofinancing,
        "local_cofinancing": told.local,
        "cofinancing_per_euro": told.leverage,
        "jobs": told.jobs,
        "labelled": told.labelled,
        "advantages_inside": told.inside,
        "advantages_outside": told.outside,
        "public_money": told.public,
    }
    for name, slices in told.slices.items():
        for each in slices:
            found[f"granted.{name}.{each.key}"] = each.granted
            found[f"supported.{name}.{each.key}"] = each.supported
    if "region" in told.slices:
        found["regions"] = sum(each.supported > 0 for each in told.slices["region"])
    for volet, cost in told.transversal.items():
        found[f"transversal.{volet}"] = cost
    for year, (committed, paid) in told.years.items():
        found[f"committed.year.{year}"], found[f"paid.year.{year}"] = committed, paid
    for name, number in allocation.funnel.items():
        found[name] = number
    if not listing.report.violations:
        found["jury.value"] = sum(listing.values)
        found["jury.supported"] = len(listing.order)
        found["jury.granted"] = sum(award.grant for award in listing.awards)
        found["jury.common"] = len(set(listing.order) & set(allocation.supported))
    stated = {name: number for name, number in found.items() if number is not None and math.isfinite(number)}
    return dict(sorted(stated.items()))


def _without(hash_: str, status: str, texts: Mapping[str, str]) -> Run:
    """Return a run without an allocation."""
    return Run(hash_, status, Text.said(texts), None, None, None, {}, packed([]))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
