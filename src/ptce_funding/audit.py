"""The audit: every rule recomputed from the awards alone, in exact integers.

It reads the scenario, the candidate table and the awards, and shares no code with steps, rules and formulation (only what a
written number means, `money.exact`): each tests the other. Plain on purpose: every award is looked at by itself, once for each
question.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from ptce_funding.audit_money import Money
from ptce_funding.audit_steps import StepKey, Steps
from ptce_funding.awards import Award, Charge
from ptce_funding.candidates import Candidates
from ptce_funding.cells import alphabetical
from ptce_funding.messages import Message, message
from ptce_funding.money import exact
from ptce_funding.parts import Condition, Text
from ptce_funding.scenario import Rule, Scenario


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
    admissible: Iterable[str],
    fundable: Iterable[StepKey],
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
        Steps that could be funded if there were money enough; they decide which floors `only_possible` skips, and are asked for
        only where there are such.
    awards, charges
        The result.
    """
    auditor = _Auditor(scenario, candidates, frozenset(admissible), fundable, awards, charges)
    return AuditReport(tuple(auditor.violations()), tuple(auditor.rule_checks()))


#: What awards have of their own; all else is a column of the candidates.
_OWN = ("volet", "aid", "year", "funder")


class _Auditor:
    def __init__(
        self,
        scenario: Scenario,
        candidates: Candidates,
        admissible: frozenset[str],
        fundable: Iterable[StepKey],
        awards: Sequence[Award],
        charges: Sequence[Charge],
    ) -> None:
        self.scenario, self.admissible, self._fundable = scenario, admissible, fundable
        self.kinds, self.columns = candidates.kinds, candidates.columns
        self.row = {id_: i for i, id_ in enumerate(candidates.columns["id"].tolist())}
        self.awards = [award for award in awards if award.candidate in self.row]
        self.unknown = sorted({award.candidate for award in awards} - set(self.row))
        self._cells: dict[str, list[Any]] = {}
        self.money = Money(scenario, self.columns, self.row, self.awards, charges)
        self.granted = sum(award.grant for award in self.awards)
        self.funded = {award.candidate for award in self.awards}

    def cells(self, column: str) -> list[Any]:
        """Return a column as a scenario writes it: flags true or false, "" for blank."""
        if column not in self._cells:
            values, flags = self.columns[column].tolist(), {1: True, 0: False}
            if self.kinds[column] == "flag":
                self._cells[column] = [flags.get(value, "") for value in values]
            else:
                self._cells[column] = ["" if value != value else value for value in values]
        return self._cells[column]

    def attributes(self, column: str) -> list[Any]:
        """Return a column of the awards, their own or of their candidates."""
        if column in _OWN:
            return [getattr(award, column) for award in self.awards]
        cells = self.cells(column)
        return [cells[self.row[award.candidate]] for award in self.awards]

    # ---------------------------------------------------------------------------------- everything but the rules

    def violations(self) -> Iterator[Message]:
        yield from self.lines()
        yield from self.money.violations(self.meets)
        yield from Steps(self.scenario, self.columns, self.row, self.cells, self.awards).violations(self.admissible)
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
        return getattr(award, column) if column in _OWN else self.cells(column)[self.row[award.candidate]]

    def rule_checks(self) -> Iterator[RuleCheck]:
        for rule in self.stated_rules():
            here = [True] * len(self.awards)
            for column, values in rule.where.items():
                listed = _listed(values)
                here = [is_in and value in listed for is_in, value in zip(here, self.attributes(column), strict=True)]
            keys = (
                list(zip(*(self.attributes(column) for column in rule.by), strict=True))
                if rule.by
                else [()] * len(here)
            )
            members: dict[tuple[Any, ...], list[Award]] = defaultdict(list)
            for award, is_in, key in zip(self.awards, here, keys, strict=True):
                if is_in:
                    members[key].append(award)
            possible = self.possible(rule) if rule.only_possible else set()
            for group in self.groups(rule):
                is_skipped = rule.only_possible and _apart_from_funder(group) not in possible
                yield self.check(rule, group, members[tuple(value for _, value in group)], is_skipped)

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
        occurring = set(zip(*(self.cells(column) for column in own), strict=True)) if own else {()}
        groups = []
        for values in sorted(occurring, key=lambda each: [_sorting(value) for value in each]):
            for rest in product(*(declared[column] for column in others)):
                named = dict(zip([*own, *others], [*values, *rest], strict=True))
                if all(named[column] in _listed(rule.where[column]) for column in rule.by if column in rule.where):
                    groups.append(tuple((column, named[column]) for column in rule.by))
        return groups

    def check(self, rule: Rule, group: tuple[tuple[str, Any], ...], here: list[Award], is_skipped: bool) -> RuleCheck:
        activity: Fraction | None
        if rule.measure in ("amount", "share"):
            euros = sum(award.grant for award in here)
            whole = self.granted if rule.of == "granted" else self.scenario.envelope.total
            activity = Fraction(euros) if rule.measure == "amount" else Fraction(euros, whole) if whole else None
        else:
            counted = {award.candidate for award in here}
            weights = Counter(
                1 if rule.measure == "count" else self.cells(rule.measure)[self.row[id_]] or 0 for id_ in counted
            )
            # A flag counts one where it is set.
            activity = sum(
                (exact(int(each) if isinstance(each, bool) else each) * n for each, n in weights.items()), Fraction(0)
            )
        # Without any grant a share of what is granted holds trivially.
        is_kept = activity is None or (
            (rule.min is None or is_skipped or activity >= exact(rule.min))
            and (rule.max is None or activity <= exact(rule.max))
        )
        return RuleCheck(rule, group, activity, is_kept, is_skipped)

    def possible(self, rule: Rule) -> set[tuple[tuple[str, Any], ...]]:
        """Return the groups of a rule, funders left aside, in which somebody could be funded."""
        where = {column: _listed(values) for column, values in rule.where.items() if column != "funder"}
        own = [column for column in rule.by if column not in _OWN]
        values = list(zip(*(self.cells(column) for column in own), strict=True)) if own else [()] * len(self.row)
        meeting = set(range(len(self.row)))
        for column in where.keys() - set(_OWN):
            cells = self.cells(column)
            meeting = {i for i in meeting if cells[i] in where[column]}
        found = set()
        for (volet, aid, year), rows in self.fundable.items():
            line = {"volet": volet, "aid": aid, "year": year}
            if all(line[column] in where[column] for column in where.keys() & line.keys()):
                for each in {values[i] for i in rows if i in meeting}:
                    named = line | dict(zip(own, each, strict=True))
                    found.add(tuple((column, named[column]) for column in rule.by if column != "funder"))
        return found

    @cached_property
    def fundable(self) -> dict[tuple[str, str, int], list[int]]:
        """Rows of the candidates that could be funded, by volet, aid and year."""
        found: dict[tuple[str, str, int], list[int]] = defaultdict(list)
        for candidate, volet, aid, year in self._fundable:
            found[volet, aid, year].append(self.row[candidate])
        return found


def _apart_from_funder(group: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    return tuple((column, value) for column, value in group if column != "funder")


def _sorting(value: Any) -> tuple[str, Any]:
    return str(type(value)), alphabetical(value) if isinstance(value, str) else value


def _listed(values: Any) -> tuple[Any, ...]:
    """Return accepted values as a tuple."""
    return values if isinstance(values, tuple) else (values,)
