"""Rules across candidates as group-bys over the table of steps.

A rule becomes one row for each group of its `by` columns. What a row measures is given by positions of steps or plans; the
`formulation` turns it into coefficients and the `ranking` into running totals. The check of the same rules over awards is in
`audit` and shares no code with this module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.parts import STEP_COLUMNS, Scalar, Text, as_tuple
from ptce_funding.plans import Plans
from ptce_funding.scenario import Rule, Scenario
from ptce_funding.selection import matches
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Name of the rule that the reading "floor" of a priority becomes.
PRIORITY_FLOOR = "(priority)"

Group = tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True)
class RuleRow:
    """One group of one rule.

    Parameters
    ----------
    rule
        The rule.
    group
        Column and value of each `by` column.
    steps
        Positions of the steps that are measured; for rules over money.
    plans, weights
        Positions of the plans that are measured and what each counts for; for counts and columns.
    funders
        Positions of the funders whose money is measured; None when the rule does not tell them apart.
    minimum, maximum
        Bounds; the minimum is None also where a floor is skipped because nobody in the group can be funded.
    """

    rule: Rule
    group: Group
    steps: Ints
    plans: Ints
    weights: Floats
    funders: Ints | None
    minimum: float | None
    maximum: float | None

    @property
    def is_money(self) -> bool:
        """Whether the rule measures money."""
        return self.rule.measure in ("amount", "share")


def effective_rules(scenario: Scenario) -> tuple[Rule, ...]:
    """Return rules and targets of a scenario, with the rule that the reading "floor" of its priority stands for."""
    priority = scenario.priority
    if priority.mode != "floor":
        return (*scenario.rules, *scenario.targets)
    floor = Rule(
        name=PRIORITY_FLOOR,
        title=Text(fr="Priorité : part minimale du premier groupe", en="Priority: least share of the first group"),
        measure="share",
        of=priority.of,
        where={priority.column: priority.order[0]},
        min=priority.share,
    )
    return (floor, *scenario.rules, *scenario.targets)


def rule_rows(scenario: Scenario, candidates: Candidates, steps: Steps, plans: Plans, possible: Steps) -> list[RuleRow]:
    """Return the rows of all rules, in the order of the scenario and of the groups' values.

    Parameters
    ----------
    possible
        Steps that could be funded if there were money enough; a floor is skipped where a group has none of them.
    """
    rows = []
    funders = [funder.name for funder in scenario.funders]
    for rule in effective_rules(scenario):
        chosen_by = _Measured(rule, candidates, steps)
        possible_by = chosen_by if possible is steps else _Measured(rule, candidates, possible)
        paying = [
            funders.index(str(name)) for name in as_tuple(rule.where.get("funder", tuple(funders))) if name in funders
        ]
        tells_funders = "funder" in rule.where or "funder" in rule.by
        for group in _groups(scenario, candidates, rule):
            chosen = chosen_by.steps(group)
            is_skipped = rule.only_possible and not len(possible_by.steps(group))
            of_group = [funders.index(str(value)) for column, value in group if column == "funder"]
            counted, weights = _counted(rule, candidates, plans, chosen)
            rows.append(
                RuleRow(
                    rule=rule,
                    group=group,
                    steps=chosen,
                    plans=counted,
                    weights=weights,
                    funders=np.array([f for f in paying if not of_group or f in of_group], dtype=np.int64)
                    if tells_funders
                    else None,
                    minimum=None if is_skipped else rule.min,
                    maximum=rule.max,
                )
            )
    return rows


class _Measured:
    """The steps that a rule measures, by group; who pays them is left aside."""

    def __init__(self, rule: Rule, candidates: Candidates, steps: Steps) -> None:
        self.columns = step_columns(candidates, steps)
        self.is_measured = np.ones(len(steps), dtype=bool)
        for column, accepted in rule.where.items():
            if column != "funder":
                self.is_measured &= matches(self.columns(column), as_tuple(accepted))

    def steps(self, group: Group) -> Ints:
        here = self.is_measured.copy()
        for column, value in group:
            if column != "funder":
                here &= matches(self.columns(column), (value,))
        return np.flatnonzero(here)


def step_columns(candidates: Candidates, steps: Steps) -> Callable[[str], npt.NDArray[np.generic]]:
    """Return a function from a column's name to its values, one for each step."""
    own: Mapping[str, npt.NDArray[np.generic]] = {
        "volet": np.array([steps.volets[v] for v in steps.volet], dtype=object),
        "aid": np.array([steps.aids[a] for a in steps.aid], dtype=object),
        "year": steps.year,
    }

    def column(name: str) -> npt.NDArray[np.generic]:
        return own[name] if name in own else candidates.column(name)[steps.candidate]

    return column


def _counted(rule: Rule, candidates: Candidates, plans: Plans, chosen: Ints) -> tuple[Ints, Floats]:
    """Return the plans that have one of the chosen steps, and what each counts for: once, whatever the number of steps."""
    if rule.measure in ("amount", "share"):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    counted = np.unique(plans.plan[np.isin(plans.step, chosen)])
    if rule.measure == "count":
        return counted, np.ones(len(counted))
    values = candidates.column(rule.measure).astype(float)[plans.candidate[counted]]
    is_blank = np.isnan(values) | ((candidates.kinds[rule.measure] == "flag") & (values < 0))
    return counted, np.where(is_blank, 0.0, values)


def _groups(scenario: Scenario, candidates: Candidates, rule: Rule) -> list[Group]:
    """Return the groups of a rule: values that the received candidates have, and all declared volets, aids, years and funders.

    A column that `where` restricts has only the values that it accepts.
    """
    declared: dict[str, list[Scalar]] = {
        "volet": list(scenario.step_volets),
        "aid": sorted({aid for volet in scenario.volets.values() for aid in volet.aids}),
        "year": list(scenario.horizon),
        "funder": [funder.name for funder in scenario.funders],
    }
    own = [column for column in rule.by if column not in STEP_COLUMNS]
    found: list[tuple[Scalar, ...]] = [()]
    if own:
        is_accepted = np.ones(len(candidates), dtype=bool)
        for column in own:
            if column in rule.where:
                is_accepted &= matches(candidates.column(column), as_tuple(rule.where[column]))
        columns = [_plain(candidates, column)[is_accepted] for column in own]
        found = sorted(
            set(zip(*columns, strict=True)), key=lambda values: [(str(type(value)), value) for value in values]
        )
    others = [
        [value for value in declared[column] if column not in rule.where or value in as_tuple(rule.where[column])]
        for column in rule.by
        if column in STEP_COLUMNS
    ]
    names = [*own, *(column for column in rule.by if column in STEP_COLUMNS)]
    groups = []
    for values in found:
        for rest in product(*others):
            by_name = dict(zip(names, (*values, *rest), strict=True))
            groups.append(tuple((column, by_name[column]) for column in rule.by))
    return groups


def _plain(candidates: Candidates, column: str) -> npt.NDArray[np.object_]:
    """Return a column as Python values: texts, numbers, and flags as true, false or "" for blank."""
    values = candidates.column(column)
    if candidates.kinds[column] == "flag":
        return np.array([{1: True, 0: False}.get(int(value), "") for value in values], dtype=object)
    if values.dtype == object:
        return values
    return np.array(["" if value != value else value.item() for value in values], dtype=object)
