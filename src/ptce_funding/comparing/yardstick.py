"""What the awards of other results are worth to one call: the same value function for all, whoever is admissible or fundable."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptce_funding.call import Call
from ptce_funding.comparing.entries import Document, Entry
from ptce_funding.steps import money_column
from ptce_funding.value import criterion_values, known_scales, phase_weights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Parameters by which a result has its value, beside its candidates and criteria.
_VALUE = ("value.", "first_year")


@dataclass(frozen=True, slots=True)
class Worth:
    """What the awards of a result are worth on a yardstick.

    Parameters
    ----------
    value
        Value of the steps that have one; None where none has.
    steps
        Funded steps.
    unknown
        Those of them that the yardstick does not know: their candidate, their volet, what is asked for them, or their year.
    """

    value: float | None
    steps: int
    unknown: int


def worths(entries: Sequence[Entry], baseline: int) -> tuple[Worth | None, ...]:
    """Return what the awards of each entry are worth by the value of the baseline; None without an allocation.

    Results whose own value is that of the baseline keep it; others need the call of the baseline, not only what was written of it.
    """
    base = entries[baseline]
    found: list[Worth | None] = []
    for entry in entries:
        steps = len({_step(award) for award in entry.document["awards"]})
        if not entry.has_allocation:
            found.append(None)
        elif has_same_value(entry.document, base):
            found.append(Worth(entry.document["value"], steps, 0))
        elif base.call is None:
            found.append(Worth(None, steps, steps))
        else:
            found.append(worth(base.call, entry.document["awards"]))
    return tuple(found)


def has_same_value(one: Document, base: Entry) -> bool:
    """Whether each award of a result is worth the same to the baseline, which knows all of their volets and aids."""
    other = base.document

    def terms(document: Document) -> list[tuple[str, object]]:
        return sorted(
            ((line["path"], line["value"]) for line in document["sources"] if _is_term(line["path"])),
            key=lambda term: term[0],
        )

    hashes = ("candidates_sha256", "criteria_sha256")
    is_same = all(one["provenance"][key] == other["provenance"][key] for key in hashes)
    return is_same and terms(one) == terms(other) and all(_is_known(award, base) for award in one["awards"])


def _is_known(award: Document, base: Entry) -> bool:
    """Whether the baseline has the volet and the aid of an award; of a result that was written, the volet is known alone."""
    if base.call is not None:
        return (award["volet"], award["aid"] or "") in base.call.scenario.supports()
    return any(line["path"].startswith(f"volets.{award['volet']}.") for line in base.document["sources"])


def _is_term(path: str) -> bool:
    return path.startswith(_VALUE) or path.endswith(".unit_cost")


def _step(award: Document) -> tuple[str, str, str, int]:
    return award["candidate"], award["volet"], award["aid"] or "", award["year"]


def worth(call: Call, awards: Sequence[Document]) -> Worth:
    """Return what the awards of a result are worth by the value function of a call."""
    grants: Counter[tuple[str, str, str, int]] = Counter()
    for award in awards:
        grants[_step(award)] += award["grant"]
    supports, position = call.scenario.supports(), call.candidates.position
    rows: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for (candidate, volet, aid, year), grant in sorted(grants.items()):
        if candidate in position and (volet, aid) in supports:
            rows[volet, aid].append((position[candidate], year, grant))
    known, total = 0, 0.0
    for (volet, aid), own in rows.items():
        values = _values(call, volet, aid, np.array(own, dtype=np.int64))
        known += int(np.isfinite(values).sum())
        total += float(np.nansum(values))
    return Worth(total if known or not grants else None, len(grants), len(grants) - known)


def _values(call: Call, volet: str, aid: str, rows: Ints) -> Floats:
    """Return the value of steps of one volet and aid; not a number where it is not known.

    Parameters
    ----------
    rows
        Position of the candidate, year, and grant in euros; shape (steps, 3).
    """
    scenario, candidates = call.scenario, call.candidates
    candidate, year, grant = rows.T
    merit = call.fundable.merit.copy()
    for _, _, values in criterion_values(scenario, candidates, call.screening):
        merit[np.isnan(values)] = np.nan
    ask, cost = (_money(call, volet, aid, what)[candidate].astype(float) for what in ("ask", "cost"))
    ask[(ask <= 0) | (year < scenario.first_year)] = np.nan
    stated = scenario.value
    base = (
        merit[candidate]
        * known_scales(scenario, candidates, cost, candidate)
        * stated.volets.get(volet, 1.0)
        * phase_weights(scenario, candidates)[candidate]
        * (1.0 - stated.discount) ** (year - scenario.first_year)
    )
    return np.asarray(base * (stated.fixed + (1.0 - stated.fixed) * grant / ask))


def _money(call: Call, volet: str, aid: str, what: str) -> Ints:
    """Return what each candidate asks for one volet and aid, or what it costs, in euros."""
    unit_cost = call.scenario.volets[volet].unit_cost
    if unit_cost is not None:
        return np.full(len(call.candidates), unit_cost, dtype=np.int64)
    column = money_column(call.scenario, call.candidates.kinds, volet, aid, what)
    assert column is not None  # or the call would have been refused
    return np.asarray(call.candidates.column(column))
