"""The audit of the steps: each grant against what its candidate asks and may have, all of a candidate together.

A part of `audit`, with the same duty to share nothing with the model.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from ptce_funding.awards import Award
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.scenario import Scenario
from ptce_funding.volets import Support

StepKey = tuple[str, str, str, int]  # candidate, volet, aid, year
Ratio = tuple[int, int]  # numerator, denominator

#: What is asked of each step by itself.
_TESTS = ("ask", "largest grant", "smallest grant", "rate", "public cap", "cost", "closing", "local share", "entry")


class Steps:
    """The steps of a result.

    Parameters
    ----------
    scenario
        What was asked.
    columns, row
        Columns of the candidates, and the row of each identifier.
    cells
        Returns a column as a scenario writes it, by row.
    awards
        The result.
    """

    def __init__(
        self,
        scenario: Scenario,
        columns: Mapping[str, Any],
        row: Mapping[str, int],
        cells: Callable[[str], list[Any]],
        awards: Sequence[Award],
    ) -> None:
        self.scenario, self.columns, self.row, self.cells = scenario, columns, row, cells
        self.grants: dict[StepKey, int] = defaultdict(int)
        self.totals: Counter[str] = Counter()
        for award in awards:
            self.grants[award.candidate, award.volet, award.aid, award.year] += award.grant
            self.totals[award.candidate] += award.grant

    def violations(self, admissible: Collection[str]) -> Iterator[Message]:
        """Yield what does not hold.

        Parameters
        ----------
        admissible
            Identifiers of the admissible candidates.
        """
        terms = {key: _Terms(self, *key, stated) for key, stated in self.scenario.supports().items()}
        horizon = self.scenario.horizon
        for key in sorted(self.grants):
            candidate, volet, aid, year = key
            if (volet, aid) not in terms:
                yield message("audit: {line} is no step of the scenario", line=str(key))
                continue
            if candidate not in admissible:
                yield message("audit: {id} is funded without being admissible", id=candidate)
            if year not in horizon:
                yield message("audit: {id} is funded in {year}, outside the horizon", id=candidate, year=year)
            yield from self.financing(key, terms[volet, aid])
        yield from self.plans()

    def amounts(self, volet: str, aid: str, what: str) -> list[int]:
        """Return an amount that candidates state for a volet and aid, by row."""
        unit_cost = self.scenario.volets[volet].unit_cost
        if unit_cost is not None:
            return [unit_cost if what in ("cost", "ask") else 0] * len(self.row)
        places = [f"{volet}.{aid}.{what}" if aid else f"{volet}.{what}"]
        if self.scenario.volets[volet].aids_mode != "both":
            places += [f"{volet}.{what}", what]
        place = next((place for place in places if place in self.columns), None)
        return [0] * len(self.row) if place is None else self.columns[place].tolist()

    def financing(self, key: StepKey, terms: "_Terms") -> Iterator[Message]:
        """The grant against what the candidate asks and what its financing plan leaves."""
        candidate, volet, _, year = key
        row, grant, step = self.row[candidate], self.grants[key], self.scenario.envelope.grant_step
        cost, ask, local, public, own = terms.amounts[row]
        holds = (
            grant <= ask,
            terms.largest is None or grant <= terms.largest,
            grant >= terms.smallest,
            _beyond(grant, terms.rate(row), cost) <= 0,
            _beyond(local + public + grant, terms.public_cap, cost) <= 0,
            local + public + own + grant <= cost,
            _beyond(cost - local - public - own - grant - step, terms.tolerance, cost) < 0,
            _beyond(local, terms.local_min, cost) >= 0 and (local > 0 or not terms.local_required),
            terms.phase[row] in terms.phases or self.is_opened(candidate, volet, year),
        )
        if all(holds):
            return
        for name, is_kept in zip(_TESTS, holds, strict=True):
            if not is_kept:
                yield message(
                    "audit: {id}, {volet}: {test} does not hold for {grant}",
                    id=candidate,
                    volet=volet,
                    test=name,
                    grant=grant,
                )

    def is_opened(self, candidate: str, name: str, year: int) -> bool:
        """Whether an earlier step of a candidate has opened a volet by some year."""
        volet = self.scenario.volets[name]
        return any(
            other in volet.after and start + self.scenario.volets[other].duration + volet.lag <= year
            for other, start in self.starts[candidate]
        )

    @cached_property
    def starts(self) -> dict[str, list[tuple[str, int]]]:
        """Volet and year of the steps of each candidate."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for candidate, volet, _, year in self.grants:
            found[candidate].append((volet, year))
        return found

    def plans(self) -> Iterator[Message]:
        """Each volet once, its aids as it allows; no more for a candidate than it may get."""
        most = self.scenario.envelope.candidate_max
        for candidate, total in sorted(self.totals.items()):
            if most is not None and total > most:
                yield message("audit: {id} gets {total}, more than one candidate may", id=candidate, total=total)
        first: dict[tuple[str, str], int] = {}
        twice = set()
        for candidate, volet, _, year in self.grants:
            may_combine = volet in self.scenario.volets and self.scenario.volets[volet].aids_mode == "both"
            if (candidate, volet) in first and not (may_combine and first[candidate, volet] == year):
                twice.add((candidate, volet))
            first[candidate, volet] = year
        for candidate, volet in sorted(twice):
            yield message("audit: {id} gets {volet} more than once", id=candidate, volet=volet)


class _Terms:
    """What a volet and aid ask of a step, exactly, with the amounts that candidates state for them, by row."""

    def __init__(self, steps: Steps, volet: str, aid: str, terms: Support) -> None:
        stated = (steps.amounts(volet, aid, what) for what in ("cost", "ask", "local", "public", "own"))
        self.amounts = list(zip(*stated, strict=True))
        self.phase, self.phases = steps.cells("phase"), steps.scenario.volets[volet].phases
        assert terms.grant is not None
        self.smallest, self.largest = terms.grant.min, terms.grant.max
        self.public_cap = exact(terms.public_cap if terms.public_cap is not None else 1).as_integer_ratio()
        self.tolerance = exact(terms.tolerance or 0).as_integer_ratio()
        self.local_min = exact(terms.local_min or 0).as_integer_ratio()
        self.local_required = terms.local_required
        self._rate = exact(terms.rate if terms.rate is not None else 1)
        self._unraised = self._rate.as_integer_ratio()
        self._bonuses = [(steps.cells(flag), exact(bonus)) for flag, bonus in (terms.rate_bonus or {}).items()]

    def rate(self, row: int) -> Ratio:
        """Return the share of the cost that a grant may reach, with the bonuses of the candidate."""
        held = [bonus for flags, bonus in self._bonuses if flags[row] is True]
        return min(self._rate + sum(held), Fraction(1)).as_integer_ratio() if held else self._unraised


def _beyond(amount: int, share: Ratio, whole: int) -> int:
    """Return by how much an amount is beyond a share of a whole, in whole parts of a euro."""
    numerator, denominator = share
    return amount * denominator - numerator * whole
