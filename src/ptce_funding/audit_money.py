"""The audit of the money: the envelope, its years and payments, its funders, and what is no grant.

A part of `audit`, with the same duty to share nothing with the model.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil, floor
from typing import Any

from ptce_funding.awards import Award, Charge
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.scenario import Scenario
from ptce_funding.volets import Advantage

#: What the author of a number meant, asked again and again.
meant = lru_cache(maxsize=2**14)(exact)

Meets = Callable[[Award, Mapping[str, Any]], bool]


class Money:
    """The money of a result.

    Parameters
    ----------
    scenario
        What was asked.
    columns, row
        Columns of the candidates, and the row of each identifier.
    awards, charges
        The result.
    """

    def __init__(
        self,
        scenario: Scenario,
        columns: Mapping[str, Any],
        row: Mapping[str, int],
        awards: Sequence[Award],
        charges: Sequence[Charge],
    ) -> None:
        self.scenario, self.columns, self.row, self.awards, self.charges = scenario, columns, row, awards, charges
        #: Euros granted by volet and year, charged by volet, advantage and year, and both by year and funder.
        self.charged: Counter[tuple[str, str, int]] = Counter()
        self.granted: Counter[tuple[str, int]] = Counter()
        self.spent: Counter[tuple[int, str]] = Counter()
        for award in awards:
            self.granted[award.volet, award.year] += award.grant
            self.spent[award.year, award.funder] += award.grant
        for charge in charges:
            self.charged[charge.volet, charge.advantage, charge.year] += charge.amount
            self.spent[charge.year, charge.funder] += charge.amount

    def violations(self, meets: Meets) -> Iterator[Message]:
        """Yield what does not hold.

        Parameters
        ----------
        meets
            Whether an award meets a condition.
        """
        envelope = self.scenario.envelope
        spent = sum(award.grant for award in self.awards) + sum(charge.amount for charge in self.charges)
        if spent > envelope.total:
            yield message("audit: {spent} spent of an envelope of {total}", spent=spent, total=envelope.total)
        yield from self.transversal()
        yield from self.advantages()
        yield from self.funders(meets)
        yield from self.payments()
        yield from self.tranches()

    def committed(self, years: Sequence[int] | range, funder: str | None = None) -> int:
        """Return grants and charges of some years, of one funder or of all."""
        return sum(euros for (year, payer), euros in self.spent.items() if year in years and funder in (None, payer))

    def left(self, t: int) -> Fraction:
        """Return the share of what a year brings that no cut withdraws."""
        cuts = self.scenario.envelope.cuts or ()
        return 1 - exact(cuts[t]) if t < len(cuts) else Fraction(1)

    # ----------------------------------------------------------------------------------------------- what is no grant

    def transversal(self) -> Iterator[Message]:
        """Each transversal volet costs what its terms say, each year its share to the next euro."""
        supported = len({award.candidate for award in self.awards})
        total = self.scenario.envelope.total
        for name, volet in self.scenario.volets.items():
            lines = [charge for charge in self.charges if charge.volet == name and not charge.advantage]
            if not volet.transversal:
                if lines:
                    yield message("audit: {volet} is charged without being transversal", volet=name)
                continue
            cost = volet.fixed + volet.per_ptce * supported
            if volet.min_share is not None:
                cost = max(cost, ceil(exact(volet.min_share) * total))
            if volet.max_share is not None:
                cost = min(cost, floor(exact(volet.max_share) * total))
            paid = sum(charge.amount for charge in lines)
            if paid != cost:
                yield message("audit: {volet} is paid {paid}, it costs {cost}", volet=name, paid=paid, cost=cost)
            stated = volet.payments
            n = self.scenario.years
            shares = [Fraction(1, n)] * n if stated is None else [exact(share) for share in stated]
            due = dict(zip(self.scenario.horizon, shares, strict=False))
            for year in sorted({*due, *(charge.year for charge in lines)}):
                part = sum(charge.amount for charge in lines if charge.year == year)
                if abs(part - due.get(year, Fraction(0)) * cost) >= 1:
                    yield message("audit: {volet} is paid {part} in {year}", volet=name, part=part, year=year)

    def advantages(self) -> Iterator[Message]:
        """Each advantage that the envelope pays is paid once for each candidate that opens it, and no other."""
        expected: dict[tuple[str, str, str, int], int] = {}
        for award in self.awards:
            volet = self.scenario.volets.get(award.volet)
            for name, advantage in (volet.advantages if volet is not None else {}).items():
                if advantage.charged == "inside":
                    expected[award.candidate, award.volet, name, award.year] = self.cost(award.candidate, advantage)
        found: dict[tuple[str, str, str, int], int] = defaultdict(int)
        for charge in self.charges:
            if charge.advantage:
                found[charge.candidate, charge.volet, charge.advantage, charge.year] += charge.amount
        for key in sorted({*expected, *found}):
            if expected.get(key, 0) != found.get(key, 0):
                yield message(
                    "audit: the advantage {key} is paid {found}, it costs {expected}",
                    key=str(key),
                    found=found.get(key, 0),
                    expected=expected.get(key, 0),
                )

    def cost(self, candidate: str, advantage: Advantage) -> int:
        """Return what an advantage of a candidate comes to, to the next euro."""
        euros = Fraction(advantage.years)
        for factor in (advantage.firms, advantage.jobs, advantage.euros):
            euros *= self.quantity(candidate, factor)
        return ceil(euros)

    def quantity(self, candidate: str, given: float | str) -> Fraction:
        """Return a number, or the cell of a column; a blank counts zero."""
        if not isinstance(given, str):
            return meant(given)
        value = float(self.columns[given][self.row[candidate]])
        return meant(value) if value > 0 else Fraction(0)

    # ------------------------------------------------------------------------------------------------- funders, years

    def funders(self, meets: Meets) -> Iterator[Message]:
        """Each funder pays no more than it brings, each year, and only what it may."""
        envelope, first = self.scenario.envelope, self.scenario.first_year
        for funder in self.scenario.funders:
            brings = funder.amount if funder.amount is not None else exact(funder.share or 0) * envelope.total
            yearly = None if funder.amounts is None else [each * self.left(t) for t, each in enumerate(funder.amounts)]
            brings = brings if yearly is None else sum(yearly)
            if self.committed(self.scenario.horizon, funder.name) > brings:
                yield message("audit: {funder} pays more than it brings", funder=funder.name)
            for t, year in enumerate(self.scenario.horizon if yearly is not None else ()):
                start = 0 if envelope.carry_over else t
                most = sum((yearly or ())[start : t + 1])
                if self.committed(range(first + start, year + 1), funder.name) > most:
                    yield message(
                        "audit: {funder} pays more up to {year} than it brings", funder=funder.name, year=year
                    )
            for award in self.awards if funder.pays else ():
                if award.funder == funder.name and not meets(award, funder.pays):
                    yield message("audit: {funder} may not pay {id}", funder=funder.name, id=award.candidate)
            for charge in self.charges:
                if charge.funder == funder.name and not self.may_pay(charge, funder.pays, meets):
                    yield message("audit: {funder} may not pay {line}", funder=funder.name, line=str(charge))
        known = {funder.name for funder in self.scenario.funders} or {""}
        found = {each.funder for each in self.awards} | {each.funder for each in self.charges}
        if unknown := sorted(found - known):
            yield message("audit: unknown funders {names}", names=", ".join(unknown))

    def may_pay(self, charge: Charge, pays: Mapping[str, Any], meets: Meets) -> bool:
        """Whether a funder may pay a charge: of a transversal volet by volet and year, of an advantage as the step that opens it."""
        if not charge.advantage:
            own = {"volet": charge.volet, "year": charge.year}
            return all(
                column in own and own[column] in (values if isinstance(values, tuple) else (values,))
                for column, values in pays.items()
            )
        key = (charge.candidate, charge.volet, charge.year)
        declared = [aid for aid in (self.scenario.volets[charge.volet].aids or ("",)) if aid in self.aids[key]]
        return bool(declared) and meets(
            Award(charge.candidate, charge.volet, declared[0], charge.year, charge.funder, 0), pays
        )

    @cached_property
    def aids(self) -> dict[tuple[str, str, int], set[str]]:
        """Aids that candidates get of a volet in a year."""
        found: dict[tuple[str, str, int], set[str]] = defaultdict(set)
        for award in self.awards:
            found[award.candidate, award.volet, award.year].add(award.aid)
        return found

    def payments(self) -> Iterator[Message]:
        """Payments of each year stay below their ceiling."""
        for t, most in enumerate(self.scenario.envelope.payments_max or ()):
            year, due = self.scenario.first_year + t, Fraction(0)
            for (volet, start), euros in self.granted.items():
                profile = self.scenario.volets[volet].payments
                parts = [Fraction(1)] if profile is None else [exact(share) for share in profile]
                delay = year - start
                due += parts[delay] * euros if 0 <= delay < len(parts) else 0
            for (volet, advantage, start), euros in self.charged.items():
                years = self.scenario.volets[volet].advantages[advantage].years if advantage else 1
                due += Fraction(euros, years) if 0 <= year - start < years else 0
            if due > most:
                yield message("audit: {due} to pay in {year}, more than {most}", due=float(due), year=year, most=most)

    def tranches(self) -> Iterator[Message]:
        """Commitments stay within the tranches."""
        envelope = self.scenario.envelope
        for t, year in enumerate(self.scenario.horizon if envelope.tranches is not None else ()):
            first = 0 if envelope.carry_over else t
            shares = [exact((envelope.tranches or ())[n]) * self.left(n) for n in range(first, t + 1)]
            years = range(self.scenario.first_year if envelope.carry_over else year, year + 1)
            if self.committed(years) > sum(shares) * envelope.total:
                yield message(
                    "audit: {committed} committed up to {year}, more than the tranches",
                    committed=self.committed(years),
                    year=year,
                )
