"""Rules across candidates as group-bys over the table of steps.

A rule becomes one row for each group of its `by` columns. What a row measures is given by positions of steps or plans; the
`formulation` turns it into coefficients and the `ranking` into running totals. The check of the same rules over awards is in
`audit` and shares no code with this module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from ptce_funding.candidates import Candidates
from ptce_funding.parts import STEP_COLUMNS, Condition, Scalar, Text, as_tuple
from ptce_funding.plans import Plans
from ptce_funding.scenario import Rule, Scenario
from ptce_funding.selection import matches
from ptce_funding.steps import Steps

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
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
        measured = _Measured(rule, candidates, steps)
        is_same = possible is steps or not rule.only_possible
        could = measured if is_same else _Measured(rule, candidates, possible)
        of_steps = measured.parts(np.arange(len(steps)))
        is_counted = rule.measure not in ("amount", "share")
        of_plans = measured.parts(plans.plan, plans.step) if is_counted else [np.zeros(0, dtype=np.int64)]
        paying = [
            funders.index(str(name)) for name in as_tuple(rule.where.get("funder", tuple(funders))) if name in funders
        ]
        tells_funders = "funder" in rule.where or "funder" in rule.by
        for group in _groups(scenario, candidates, rule):
            number = measured.number_of(group)
            is_skipped = rule.only_possible and could.number_of(group) not in could.occurring
            of_group = [funders.index(str(value)) for column, value in group if column == "funder"]
            counted = np.unique(of_plans[number if is_counted else 0])
            rows.append(
                RuleRow(
                    rule=rule,
                    group=group,
                    steps=of_steps[number],
                    plans=counted,
                    weights=_weights(rule, candidates, plans.candidate[counted]),
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
        own = [column for column in rule.by if column not in STEP_COLUMNS]
        told = [column for column in rule.by if column in STEP_COLUMNS and column != "funder"]
        keys, of_candidate = _combined([_cells(candidates, column) for column in own], len(candidates))
        others, of_slot = _combined([slot_cells(steps, column) for column in told], len(steps.slots))
        self.columns = (*own, *told)
        self.numbers = {(*one, *other): number for number, (one, other) in enumerate(product(keys, others))}
        where = {column: accepted for column, accepted in rule.where.items() if column != "funder"}
        number = of_candidate[steps.candidate] * len(others) + of_slot[steps.slot]
        #: Number of each step's group, that of no group where the rule does not measure it.
        self.number = np.where(steps_having(candidates, steps, where), number, len(self.numbers))

    def number_of(self, group: Group) -> int:
        """Return the number of a group, which nothing has where no step could be of it."""
        by_name = dict(group)
        return self.numbers.get(tuple(by_name[column] for column in self.columns), len(self.numbers) + 1)

    @cached_property
    def occurring(self) -> frozenset[int]:
        """The numbers that steps have."""
        return frozenset(np.unique(self.number).tolist())

    def parts(self, values: Ints, steps: Ints | slice = slice(None)) -> list[Ints]:
        """Return values that belong to steps, by number of the group and in their order."""
        n = len(self.numbers) + 2
        number = self.number[steps].astype(np.int16 if n < 2**15 else np.int64)  # sorted the quicker
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(n + 1))
        return [values[order[start:end]] for start, end in pairwise(ends.tolist())]


def _combined(columns: list[tuple[list[Scalar], Ints]], n: int) -> tuple[list[tuple[Scalar, ...]], Ints]:
    """Return the combinations of values that occur in some columns, and which of them each of the `n` rows has.

    Parameters
    ----------
    columns
        Values, and the position of each row's value among them.
    """
    keys: list[tuple[Scalar, ...]] = [()]
    number = np.zeros(n, dtype=np.int64)
    for values, code in columns:
        occurring, number = np.unique(number * len(values) + code, return_inverse=True)
        keys = [(*keys[each // len(values)], values[each % len(values)]) for each in occurring.tolist()]
    return keys, number


def _cells(candidates: Candidates, column: str) -> tuple[list[Scalar], Ints]:
    """Return the values of a column as a scenario writes them (flags true or false, "" for blank), and which one candidates have."""
    different, code = candidates.codes(column)
    flags: dict[int, Scalar] = {1: True, 0: False}
    if candidates.kinds[column] == "flag":
        return [flags.get(cell, "") for cell in different.tolist()], code
    return ["" if cell != cell else cell for cell in different.tolist()], code


def slot_cells(steps: Steps, column: str) -> tuple[list[Scalar], Ints]:
    """Return the values of the column volet, aid or year, and which one each slot has."""
    volet, aid, year = steps.slots.T
    if column == "year":
        years, code = np.unique(year, return_inverse=True)
        return years.tolist(), code
    return (list(steps.volets), volet) if column == "volet" else (list(steps.aids), aid)


def steps_having(candidates: Candidates, steps: Steps, condition: Condition) -> Bools:
    """Return which steps meet a condition on columns of the candidates, volet, aid and year."""
    by_candidate, by_slot = np.ones(len(candidates), dtype=bool), np.ones(len(steps.slots), dtype=bool)
    for column, stated in condition.items():
        if column in STEP_COLUMNS:
            values, code = slot_cells(steps, column)
            by_slot &= matches(np.array(values, dtype=None if column == "year" else object), as_tuple(stated))[code]
        else:
            by_candidate &= candidates.having(column, as_tuple(stated))
    return by_candidate[steps.candidate] & by_slot[steps.slot]


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


def _weights(rule: Rule, candidates: Candidates, counted: Ints) -> Floats:
    """Return what candidates at some positions count for in a rule over numbers of candidates or sums of a column."""
    if rule.measure in ("amount", "share", "count"):
        return np.ones(len(counted))
    values = candidates.column(rule.measure)[counted].astype(float)
    is_blank = np.isnan(values) | ((candidates.kinds[rule.measure] == "flag") & (values < 0))
    return np.where(is_blank, 0.0, values)


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
    is_accepted = np.ones(len(candidates), dtype=bool)
    for column in own:
        if column in rule.where:
            is_accepted &= candidates.having(column, as_tuple(rule.where[column]))
    keys, number = _combined([_cells(candidates, column) for column in own], len(candidates))
    occurring = [keys[each] for each in np.unique(number[is_accepted]).tolist()]
    found = sorted(occurring, key=lambda values: [(str(type(value)), value) for value in values])
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
