"""Who gets what when: the calendar of the funded steps, and money by volet, phase, year and region."""

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import accumulate

from ptce_funding.accounts import paid_by
from ptce_funding.allocation import Allocation
from ptce_funding.awards import Award
from ptce_funding.candidates import Candidates
from ptce_funding.parts import PHASES


@dataclass(frozen=True, slots=True)
class Entry:
    """One funded step.

    Parameters
    ----------
    candidate, name, region, phase
        Who; "" for what the table does not state.
    volet, aid
        What is supported; the aid is "" in a volet without aids.
    first_year, last_year
        Years of the support.
    grant
        Euros, of all funders.
    payments
        Euros by year, which add up to the grant. Each grant is rounded by itself here, the accounts round all of them together: in
        one year they may be a few euros apart.
    """

    candidate: str
    name: str
    region: str
    phase: str
    volet: str
    aid: str
    first_year: int
    last_year: int
    grant: int
    payments: dict[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """Candidates and money of one volet, phase, year and region.

    Parameters
    ----------
    volet, phase, year, region
        Year of the award; phase and region are "" where the table does not state them.
    supported
        Candidates with money.
    granted
        Euros.
    """

    volet: str
    phase: str
    year: int
    region: str
    supported: int
    granted: int


def calendar(allocation: Allocation) -> tuple[Entry, ...]:
    """Return the funded steps by candidate, year, volet and aid."""
    scenario, candidates = allocation.call.scenario, allocation.call.candidates
    name, region, phase = (texts(candidates, column) for column in ("name", "region", "phase"))
    # The award of a step, whoever pays it.
    whole: dict[tuple[str, int, int, str], Award] = {}
    number = {volet: position for position, volet in enumerate(scenario.volets)}
    until = {volet: tuple(accumulate(scenario.profile(volet))) for volet in scenario.volets}
    for award in allocation.awards:
        key = (award.candidate, award.year, number[award.volet], award.aid)
        before = whole[key].grant if key in whole else 0
        whole[key] = replace(award, funder="", grant=before + award.grant)
    return tuple(
        Entry(
            candidate=step.candidate,
            name=name[step.candidate],
            region=region[step.candidate],
            phase=phase[step.candidate],
            volet=step.volet,
            aid=step.aid,
            first_year=step.year,
            last_year=step.year + scenario.volets[step.volet].duration - 1,
            grant=step.grant,
            payments=paid_by(until[step.volet], step),
        )
        for _, step in sorted(whole.items())
    )


def breakdown(allocation: Allocation) -> tuple[Cell, ...]:
    """Return the cells with money, in the order of the volets, the phases, the years and the regions."""
    money: dict[tuple[str, str, int, str], int] = defaultdict(int)
    funded: dict[tuple[str, str, int, str], set[str]] = defaultdict(set)
    for entry in calendar(allocation):
        key = (entry.volet, entry.phase, entry.first_year, entry.region)
        money[key] += entry.grant
        funded[key].add(entry.candidate)
    volets, phases = list(allocation.call.scenario.volets), [*PHASES, ""]
    order = sorted(money, key=lambda key: (volets.index(key[0]), phases.index(key[1]), *key[2:]))
    return tuple(Cell(*key, len(funded[key]), money[key]) for key in order)


def texts(candidates: Candidates, column: str) -> dict[str, str]:
    """Return a column of texts by candidate; blank where the table does not have it."""
    values = candidates.column(column).tolist() if column in candidates.kinds else [""] * len(candidates)
    return dict(zip(candidates.ids, map(str, values), strict=True))
