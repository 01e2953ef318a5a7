"""Comparisons as `compare.json` holds them."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ptce_funding.report.documents import Count, Read, Stated, Texts, Whole, Words

#: Whole numbers stay whole: they are shown as they are written.
Figure = int | float | None


class Scenario(Read):
    """One of those that are compared."""

    name: str
    scenario: str
    title: Words | None
    status: str
    gap: float | None
    absence: Texts | None
    synthetic_candidates: bool
    regions_without: tuple[str, ...] | None
    scenario_sha256: str
    candidates_sha256: str
    solver: str
    versions: dict[str, str]
    date: str
    command: str


class Line(Read):
    """One figure of all scenarios, and its differences from the baseline."""

    name: str
    values: tuple[Figure, ...]
    differences: tuple[Figure, ...]


class Region(Read):
    """What a region gets in each scenario."""

    region: str
    inhabitants: Annotated[int, Field(gt=0, le=10**9)]
    granted: tuple[Count | None, ...]


class Move(Read):
    """A candidate whom one of two scenarios funds."""

    scenario: str
    candidate: str
    name: str | None
    enters: bool
    grant: Count
    despite_more_money: bool
    outcome: str | None
    reasons: tuple[Words, ...]


class Exchange(Read):
    """Whom the larger of two envelopes funds in place of others."""

    entry: str
    smaller: str
    larger: str
    entering: Count
    leaving: Count
    granted: Count
    freed: Count
    worth: float | None
    lost: float | None
    paths: tuple[str, ...]


class Parameter(Read):
    """A parameter that is not the same in all."""

    path: str
    lines: tuple[Stated | None, ...]


class Pattern(Read):
    """In which scenarios a candidate is funded."""

    candidate: str
    name: str | None
    region: str | None
    phase: str | None
    pattern: str
    times: Count
    grants: tuple[Count | None, ...]


class Price(Read):
    """What one change of one condition brings."""

    name: Texts
    before: float | None
    after: float | None
    measure: str | None
    status: str
    value: float | None
    least: float | None
    most: float | None
    is_separable: Annotated[bool, Field(alias="separable")]
    supported: Whole | None
    granted: Whole | None
    relaxed: Annotated[float | None, Field(alias="indication_of_the_relaxation")]


class Compared(Read):
    """The contents of `compare.json`."""

    format: Literal[1]
    baseline: str
    first_year: Annotated[int, Field(ge=0, le=9999)]
    labels: dict[str, dict[str, Texts]]
    scenarios: Annotated[tuple[Scenario, ...], Field(min_length=1)]
    figures: tuple[Line, ...]
    regions: tuple[Region, ...]
    moves: tuple[Move, ...]
    exchanges: tuple[Exchange, ...]
    parameters: tuple[Parameter, ...]
    candidates: tuple[Pattern, ...]
    prices: tuple[Price, ...] | None
    notes: tuple[Texts, ...]
    command: str

    @property
    def numbered(self) -> list[str]:
        """Names of the scenarios with their numbers, by which they are told apart however long they are."""
        return [f"{n}. {each.name}" for n, each in enumerate(self.scenarios, 1)]

    @property
    def marked(self) -> str:
        """Name of the baseline with its number."""
        return next(
            name for name, each in zip(self.numbered, self.scenarios, strict=True) if each.name == self.baseline
        )

    @property
    def held(self) -> list[str]:
        """Names of those whose candidates are held against those of the baseline: both have an allocation, and some in common."""
        names = [each.name for each in self.scenarios]
        base = names.index(self.baseline)
        return [
            name
            for n, name in enumerate(names)
            if n != base and any(None not in (each.grants[n], each.grants[base]) for each in self.candidates)
        ]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse lists that are not of all scenarios, and scenarios that are not compared."""
        names, n = {each.name for each in self.scenarios}, len(self.scenarios)
        lists = [
            *(each for line in self.figures for each in (line.values, line.differences)),
            *(each.granted for each in self.regions),
            *(each.lines for each in self.parameters),
            *(each.grants for each in self.candidates),
        ]
        named = {self.baseline, *(each.scenario for each in self.moves)}
        if len(names) < n or not named <= names or any(len(each) != n for each in lists):
            raise ValueError
        return self
