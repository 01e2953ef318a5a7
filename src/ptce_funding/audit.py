"""The audit: every rule recomputed from the awards alone, in exact integers.

It reads the scenario, the candidate table and the awards, and shares no code with steps, rules and formulation (only what a
written number means, `money.exact`): each tests the other. Slow and plain on purpose.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from ptce_funding.audit_money import Money
from ptce_funding.awards import Award, Charge
from ptce_funding.candidates import Candidates
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.parts import Condition, Text
from ptce_funding.scenario import Rule, Scenario
from ptce_funding.volets import Support

StepKey = tuple[str, str, str, int]  # candidate, volet, aid, year


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What one group of one rule came to.

    Parameters
    ----------
    rule
        The rule.
    group
        Column and value of each `by` column.
    activity
        Euros for an amount, a share for a share (None while nothing is granted), a number else.
    is_kept
        Whether the bounds hold.
    is_skipped
        Whether the floor does not apply because nobody in the group can be funded.
    """

    rule: Rule
    group: tuple[tuple[str, Any], ...]
    activity: Fraction | None
    is_kept: bool
    is_skipped: bool

    @property
    def slack(self) -> Fraction | None:
        """Distance to the nearer bound, in the unit of the activity; negative when the rule is broken."""
        if self.activity is None:
            return None
        distances = []
        if self.rule.min is not None and not self.is_skipped:
            distances.append(self.activity - exact(self.rule.min))
        if self.rule.max is not None:
            distances.append(exact(self.rule.max) - self.activity)
        return min(distances, default=None)


@dataclass(frozen=True)
class AuditReport:
    """Outcome of an audit.

    Parameters
    ----------
    violations
        What the awards break, of everything but the rules across candidates.
    rules
        Every group of every rule.
    """

    violations: tuple[Message, ...]
    rules: tuple[RuleCheck, ...]

    @property
    def broken(self) -> tuple[RuleCheck, ...]:
        """Rules that do not hold."""
        return tuple(check for check in self.rules if not check.is_kept)


def audit(
    scenario: Scenario,
    candidates: Candidates,
    admissible: Collection[str],
    fundable: Collection[StepKey],
    awards: Sequence[Award],
    charges: Sequence[Charge] = (),
) -> AuditReport:
    """Recompute every rule from the awards and charges.

    Parameters
    ----------
    scenario, candidates
        What was asked.
    admissible
        Identifiers of the admissible candidates.
    fundable
        Steps that could be funded if there were money enough; they decide which floors `only_possible` skips.
    awards, charges
        The result.
    """
    auditor = _Auditor(scenario, candidates, frozenset(admissible), frozenset(fundable), awards, charges)
    return AuditReport(tuple(auditor.violations()), tuple(auditor.rule_checks()))


class _Auditor:
    def __init__(
        self,
        scenario: Scenario,
        candidates: Candidates,
        admissible: frozenset[str],
        fundable: frozenset[StepKey],
        awards: Sequence[Award],
        charges: Sequence[Charge],
    ) -> None:
        self.scenario, self.admissible, self.fundable = scenario, admissible, fundable
        self.kinds = candidates.kinds
        self.columns = candidates.columns
        self.row = {id_: i for i, id_ in enumerate(candidates.columns["id"].tolist())}
        self.awards = [award for award in awards if award.candidate in self.row]
        self.unknown = sorted({award.candidate for award in awards} - set(self.row))
        self.money = Money(scenario, self.columns, self.row, self.awards, charges)
        self.by_step: dict[StepKey, int] = defaultdict(int)
        for award in self.awards:
            self.by_step[award.candidate, award.volet, award.aid, award.year] += award.grant
        self.funded = {award.candidate for award in self.awards}

    def cell(self, candidate: str, column: str) -> Any:
        """Return a cell as a scenario writes it: flags true or false, "" for blank."""
        value = self.columns[column][self.row[candidate]]
        value = value.item() if hasattr(value, "item") else value
        if self.kinds[column] == "flag":
            return {1: True, 0: False}.get(value, "")
        return "" if value != value else value

    def euros(self, candidate: str, volet: str, aid: str, what: str) -> int:
        """Return an amount that a candidate states for a volet and aid."""
        unit_cost = self.scenario.volets[volet].unit_cost
        if unit_cost is not None:
            return unit_cost if what in ("cost", "ask") else 0
        places = [f"{volet}.{aid}.{what}" if aid else f"{volet}.{what}"]
        if self.scenario.volets[volet].aids_mode != "both":
            places += [f"{volet}.{what}", what]
        for place in places:
            if place in self.columns:
                return int(self.columns[place][self.row[candidate]])
        return 0

    # ---------------------------------------------------------------------------------- everything but the rules

    def violations(self) -> Iterator[Message]:
        yield from self.lines()
        yield from self.money.violations(self.meets)
        terms = self.scenario.supports()
        for key in sorted(self.by_step):
            candidate, volet, aid, year = key
            if candidate not in self.row or (volet, aid) not in terms:
                yield message("audit: {line} is no step of the scenario", line=str(key))
                continue
            if candidate not in self.admissible:
                yield message("audit: {id} is funded without being admissible", id=candidate)
            if year not in self.scenario.horizon:
                yield message("audit: {id} is funded in {year}, outside the horizon", id=candidate, year=year)
            yield from self.financing(key, terms[volet, aid])
        yield from self.plans()
        yield from self.decisions_and_links()

    def lines(self) -> Iterator[Message]:
        for id_ in self.unknown:
            yield message("audit: there is no candidate {id}", id=id_)
        seen = set()
        for award in self.awards:
            if award.grant <= 0 or award.grant % self.scenario.envelope.grant_step:
                yield message(
                    "audit: {id} gets {grant}, not a whole multiple of the grant step",
                    id=award.candidate,
                    grant=award.grant,
                )
            line = (award.candidate, award.volet, award.aid, award.year, award.funder)
            if line in seen:
                yield message("audit: the award {line} stands twice", line=str(line))
            seen.add(line)

    def financing(self, key: StepKey, terms: Support) -> Iterator[Message]:
        """The grant against what the candidate asks and what its financing plan leaves."""
        candidate, volet, aid, _ = key
        grant = self.by_step[key]
        cost, ask, local, public, own = (
            self.euros(candidate, volet, aid, what) for what in ("cost", "ask", "local", "public", "own")
        )
        rate = exact(terms.rate if terms.rate is not None else 1)
        for flag, bonus in (terms.rate_bonus or {}).items():
            rate += exact(bonus) if self.cell(candidate, flag) is True else 0
        limits = terms.grant
        assert limits is not None
        step = self.scenario.envelope.grant_step
        tests = {
            "ask": grant <= ask,
            "largest grant": limits.max is None or grant <= limits.max,
            "smallest grant": grant >= limits.min,
            "rate": grant <= min(rate, Fraction(1)) * cost,
            "public cap": local + public + grant
            <= exact(terms.public_cap if terms.public_cap is not None else 1) * cost,
            "cost": local + public + own + grant <= cost,
            "closing": cost - local - public - own - grant < exact(terms.tolerance or 0) * cost + step,
            "local share": local >= exact(terms.local_min or 0) * cost and (local > 0 or not terms.local_required),
            "entry": self.may_enter(key),
        }
        for name, holds in tests.items():
            if not holds:
                yield message(
                    "audit: {id}, {volet}: {test} does not hold for {grant}",
                    id=candidate,
                    volet=volet,
                    test=name,
                    grant=grant,
                )

    def may_enter(self, key: StepKey) -> bool:
        """Whether the phase is open to the volet, or an earlier step of the candidate has opened it."""
        candidate, name, _, year = key
        volet = self.scenario.volets[name]
        earlier = [(other, start) for id_, other, _, start in self.by_step if id_ == candidate and other in volet.after]
        return self.cell(candidate, "phase") in volet.phases or any(
            start + self.scenario.volets[other].duration + volet.lag <= year for other, start in earlier
        )

    def plans(self) -> Iterator[Message]:
        """Each volet once, its aids as it allows."""
        most = self.scenario.envelope.candidate_max
        for candidate in sorted(self.funded):
            total = sum(award.grant for award in self.awards if award.candidate == candidate)
            if most is not None and total > most:
                yield message("audit: {id} gets {total}, more than one candidate may", id=candidate, total=total)
        years: dict[tuple[str, str], set[int]] = defaultdict(set)
        aids: dict[tuple[str, str], set[str]] = defaultdict(set)
        for candidate, volet, aid, year in self.by_step:
            years[candidate, volet].add(year)
            aids[candidate, volet].add(aid)
        for candidate, volet in sorted(years):
            is_once = len(years[candidate, volet]) == 1
            may_combine = volet in self.scenario.volets and self.scenario.volets[volet].aids_mode == "both"
            if not is_once or (len(aids[candidate, volet]) > 1 and not may_combine):
                yield message("audit: {id} gets {volet} more than once", id=candidate, volet=volet)

    def decisions_and_links(self) -> Iterator[Message]:
        for decision in self.scenario.decisions:
            if (decision.candidate in self.funded) != (decision.decision == "fund"):
                yield message("audit: the decision on {id} is not carried out", id=decision.candidate)
        for link in self.scenario.links:
            members = [id_ for id_ in link.candidates if id_ in self.funded]
            holds = (
                (link.at_most is None or len(members) <= link.at_most)
                and (not link.all_or_none or len(members) in (0, len(link.candidates)))
                and (link.only_if is None or not members or link.only_if in self.funded)
            )
            if not holds:
                yield message("audit: the link {name} does not hold", name=link.name)

    # --------------------------------------------------------------------------------------------------- the rules

    def meets(self, award: Award, condition: Mapping[str, Any]) -> bool:
        return all(self.attribute(award, column) in _listed(values) for column, values in condition.items())

    def attribute(self, award: Award, column: str) -> Any:
        own = {"volet": award.volet, "aid": award.aid, "year": award.year, "funder": award.funder}
        return own[column] if column in own else self.cell(award.candidate, column)

    def rule_checks(self) -> Iterator[RuleCheck]:
        for rule in self.stated_rules():
            for group in self.groups(rule):
                yield self.check(rule, group)

    def stated_rules(self) -> list[Rule]:
        rules = [*self.scenario.rules, *self.scenario.targets]
        priority = self.scenario.priority
        if priority.mode == "floor":
            title = Text(fr="Priorité : part minimale du premier groupe", en="Priority: least share of the first group")
            first: Condition = {priority.column: priority.order[0]}
            rules.insert(
                0,
                Rule(name="(priority)", title=title, measure="share", of=priority.of, where=first, min=priority.share),
            )
        return rules

    def groups(self, rule: Rule) -> list[tuple[tuple[str, Any], ...]]:
        """Combinations of values: of candidates as they occur, of volets, aids, years and funders as declared."""
        declared: dict[str, list[Any]] = {
            "volet": [name for name, volet in self.scenario.volets.items() if not volet.transversal],
            "aid": sorted({aid for volet in self.scenario.volets.values() for aid in volet.aids}),
            "year": list(self.scenario.horizon),
            "funder": [funder.name for funder in self.scenario.funders],
        }
        own = [column for column in rule.by if column not in declared]
        others = [column for column in rule.by if column in declared]
        occurring = {tuple(self.cell(id_, column) for column in own) for id_ in self.row}
        groups = []
        for values in sorted(occurring, key=lambda each: [(str(type(value)), value) for value in each]):
            for rest in product(*(declared[column] for column in others)):
                named = dict(zip([*own, *others], [*values, *rest], strict=True))
                if all(named[column] in _listed(rule.where[column]) for column in rule.by if column in rule.where):
                    groups.append(tuple((column, named[column]) for column in rule.by))
        return groups

    def check(self, rule: Rule, group: tuple[tuple[str, Any], ...]) -> RuleCheck:
        condition = {**rule.where, **dict(group)}
        here = [award for award in self.awards if self.meets(award, condition)]
        activity: Fraction | None
        if rule.measure in ("amount", "share"):
            euros = sum(award.grant for award in here)
            whole = sum(award.grant for award in self.awards) if rule.of == "granted" else self.scenario.envelope.total
            activity = Fraction(euros) if rule.measure == "amount" else Fraction(euros, whole) if whole else None
        else:
            counted = sorted({award.candidate for award in here})
            weights = [1 if rule.measure == "count" else self.cell(id_, rule.measure) or 0 for id_ in counted]
            # A flag counts one where it is set.
            activity = sum((exact(int(each) if isinstance(each, bool) else each) for each in weights), Fraction(0))
        skipped = rule.only_possible and not self.is_possible(condition)
        # Without any grant a share of what is granted holds trivially.
        is_kept = activity is None or (
            (rule.min is None or skipped or activity >= exact(rule.min))
            and (rule.max is None or activity <= exact(rule.max))
        )
        return RuleCheck(rule, group, activity, is_kept, skipped)

    def is_possible(self, condition: Mapping[str, Any]) -> bool:
        apart_from_funder = {column: values for column, values in condition.items() if column != "funder"}
        return any(self.meets(Award(*key, funder="", grant=0), apart_from_funder) for key in self.fundable)


def _listed(values: Any) -> tuple[Any, ...]:
    """Return accepted values as a tuple."""
    return values if isinstance(values, tuple) else (values,)
