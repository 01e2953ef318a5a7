"""Faults that only show when a scenario is held against the candidates: columns, values and identifiers that it names."""

from collections.abc import Iterator
from typing import Any

from ptce_funding.candidates import Candidates
from ptce_funding.cells import alphabetical
from ptce_funding.eligibility import POINTS, CriteriaSet, column_faults
from ptce_funding.errors import Fault
from ptce_funding.geography import regions
from ptce_funding.messages import Message, message, nearest
from ptce_funding.parts import STEP_COLUMNS, as_tuple
from ptce_funding.scenario import Scenario, stated_rules
from ptce_funding.scenario_faults import expected_found
from ptce_funding.scenario_files import origin_of
from ptce_funding.steps import money_faults
from ptce_funding.toml_lines import Path

Faults = Iterator[Fault]

_NUMERIC = ("integer", "number", "share", "money")


def matching_faults(scenario: Scenario, criteria: CriteriaSet, candidates: Candidates) -> list[Fault]:
    """Return what the scenario names and the candidates lack."""
    matcher = _Matcher(scenario, candidates)
    origin = origin_of(scenario)
    return [
        *money_faults(scenario, candidates.kinds, origin),
        *column_faults(criteria, candidates, origin.place(("eligibility", "criteria"))),
        *matcher.value(),
        *matcher.bonuses(),
        *matcher.advantages(),
        *matcher.priority(),
        *matcher.conditions(),
        *matcher.rules(),
        *matcher.identifiers(),
    ]


def needed_kinds(scenario: Scenario) -> dict[str, str]:
    """Return the kind that the scenario gives to columns of the user's own: what is summed is a number, a bonus asks for a flag."""
    kinds = {column: "number" for column in scenario.value.criteria if column != POINTS}
    if scenario.value.scale not in ("candidate", "cost"):
        kinds[scenario.value.scale] = "number"
    kinds |= {
        rule.measure: "number" for _, rule in stated_rules(scenario) if rule.measure not in ("amount", "share", "count")
    }
    kinds |= {column: "number" for _, column in _advantage_columns(scenario)}
    for terms in scenario.supports().values():
        kinds |= dict.fromkeys(terms.rate_bonus or {}, "flag")
    return kinds


def _advantage_columns(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Yield the columns that the advantages of volets are made of, with their paths."""
    for volet_name, volet in scenario.volets.items():
        for name, advantage in volet.advantages.items():
            for key in ("firms", "jobs", "euros"):
                stated = getattr(advantage, key)
                if isinstance(stated, str):
                    yield ("volets", volet_name, "advantages", name, key), stated


class _Matcher:
    def __init__(self, scenario: Scenario, candidates: Candidates) -> None:
        self.scenario, self.candidates, self.kinds = scenario, candidates, candidates.kinds
        self.origin = origin_of(scenario)

    def missing(self, path: Path, column: str) -> Fault:
        text = message("The candidates have no column “{column}”.", column=column)
        return Fault(self.origin.place(path), text, nearest(column, self.kinds))

    def numeric(self, path: Path, column: str, allowed: tuple[str, ...] = ()) -> Faults:
        """One fault when a column cannot be summed."""
        if column in allowed:
            return
        kind = self.kinds.get(column)
        if kind is None:
            yield self.missing(path, column)
        elif kind not in (*_NUMERIC, "flag"):
            yield Fault(
                self.origin.place(path),
                message("The column “{column}” holds texts; numbers are needed here.", column=column),
            )

    def value(self) -> Faults:
        for column in self.scenario.value.criteria:
            yield from self.numeric(("value", "criteria", column), column, (POINTS,))
        yield from self.numeric(("value", "scale"), self.scenario.value.scale, ("candidate", "cost"))

    def bonuses(self) -> Faults:
        stated: list[tuple[Path, dict[str, float]]] = []
        for name, volet in self.scenario.volets.items():
            stated.append((("volets", name, "rate_bonus"), volet.rate_bonus or {}))
            stated += [
                (("volets", name, "aids", aid, "rate_bonus"), terms.rate_bonus or {})
                for aid, terms in volet.aids.items()
            ]
        for path, bonuses in stated:
            for flag in bonuses:
                if flag not in self.kinds:
                    yield self.missing((*path, flag), flag)
                elif self.kinds[flag] != "flag":
                    text = message("The column “{column}” must hold yes or no to earn a bonus.", column=flag)
                    yield Fault(self.origin.place((*path, flag)), text)

    def advantages(self) -> Faults:
        for path, column in _advantage_columns(self.scenario):
            yield from self.numeric(path, column)

    def priority(self) -> Faults:
        column = self.scenario.priority.column
        if not self.scenario.priority.order or column == "phase":
            return
        if column not in self.kinds:
            yield self.missing(("priority", "column"), column)
            return
        for group in self.scenario.priority.order:
            for each in group:
                yield from self.occurs(("priority", "order"), column, each)

    def conditions(self) -> Faults:
        stated: list[tuple[Path, dict[str, Any]]] = [
            ((*path, "where"), rule.where) for path, rule in stated_rules(self.scenario)
        ]
        stated += [(("funders", number, "pays"), funder.pays) for number, funder in enumerate(self.scenario.funders)]
        for path, condition in stated:
            for column, values in condition.items():
                if column in STEP_COLUMNS or column == "phase":
                    continue
                if column not in self.kinds:
                    yield self.missing((*path, column), column)
                    continue
                for each in as_tuple(values):
                    yield from self.occurs((*path, column), column, each)

    def occurs(self, path: Path, column: str, value: object) -> Faults:
        """One fault when a value is of the wrong type for its column, or a text that no candidate has."""
        kind, place = self.kinds[column], self.origin.place(path)
        expected: Message | None = None
        known: list[str] = []
        if kind == "flag":
            expected = None if isinstance(value, bool) else message("true or false, without quotes")
        elif kind in _NUMERIC:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            expected = None if is_number else message("a number, without quotes")
        else:
            known = sorted(set(self.candidates.codes(column)[0].tolist()) - {""}, key=alphabetical)
            if column == "region":
                known = sorted({*known, *regions(self.scenario.first_year)}, key=alphabetical)
            if not isinstance(value, str):
                expected = message("a text in quotes")
            elif value not in known:
                shown = known if len(known) <= 12 else [*known[:12], "…"]
                expected = message("a value of the column “{column}”: {known:list}", column=column, known=shown)
        if expected is not None:
            yield Fault(place, expected_found(expected, value), nearest(str(value), known) if known else None)

    def rules(self) -> Faults:
        for path, rule in stated_rules(self.scenario):
            allowed = ("amount", "share", "count")
            if rule.measure not in (*allowed, *self.kinds):
                text = message("The candidates have no column “{column}”.", column=rule.measure)
                hint = nearest(rule.measure, [*allowed, *self.kinds])
                yield Fault(self.origin.place((*path, "measure")), text, hint)
            else:
                yield from self.numeric((*path, "measure"), rule.measure, allowed)
            for column in rule.by:
                if column not in self.kinds and column not in STEP_COLUMNS:
                    text = message("The candidates have no column “{column}”.", column=column)
                    yield Fault(self.origin.place((*path, "by")), text, nearest(column, [*self.kinds, *STEP_COLUMNS]))
                if column == "funder" and not self.scenario.funders:
                    yield Fault(
                        self.origin.place((*path, "by")), message("The scenario states no funders to tell apart.")
                    )

    def identifiers(self) -> Faults:
        known = self.candidates.position
        stated: list[tuple[Path, str]] = [
            (("decisions", number, "candidate"), decision.candidate)
            for number, decision in enumerate(self.scenario.decisions)
        ]
        for number, link in enumerate(self.scenario.links):
            stated += [(("links", number, "candidates", position), id_) for position, id_ in enumerate(link.candidates)]
            stated += [(("links", number, "only_if"), link.only_if)] if link.only_if is not None else []
        for path, id_ in stated:
            if id_ not in known:
                yield Fault(
                    self.origin.place(path), message("There is no candidate “{id}”.", id=id_), nearest(id_, known)
                )
