"""Who gets what when: the calendar of the funded steps, and money by volet, phase, year and region."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

from ptce_funding.accounts import paid_by
from ptce_funding.allocation import Allocation
from ptce_funding.candidates import Candidates
from ptce_funding.cells import alphabetical
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
    volets = list(scenario.volets)
    number = {volet: position for position, volet in enumerate(volets)}
    until = {volet: tuple(accumulate(scenario.profile(volet))) for volet in volets}
    # What a step gets, whoever pays it.
    grants: dict[tuple[str, int, int, str], int] = defaultdict(int)
    for award in allocation.awards:
        grants[award.candidate, award.year, number[award.volet], award.aid] += award.grant
    return tuple(
        Entry(
            candidate=candidate,
            name=name[candidate],
            region=region[candidate],
            phase=phase[candidate],
            volet=volets[v],
            aid=aid,
            first_year=year,
            last_year=year + scenario.volets[volets[v]].duration - 1,
            grant=grant,
            payments=paid_by(until[volets[v]], year, grant),
        )
        for (candidate, year, v, aid), grant in sorted(grants.items())
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
    order = sorted(money, key=lambda key: (volets.index(key[0]), phases.index(key[1]), key[2], alphabetical(key[3])))
    return tuple(Cell(*key, len(funded[key]), money[key]) for key in order)


def texts(candidates: Candidates, column: str) -> dict[str, str]:
    """Return a column of texts by candidate; blank where the table does not have it."""
    values = candidates.column(column).tolist() if column in candidates.kinds else [""] * len(candidates)
    return dict(zip(candidates.ids, map(str, values), strict=True))
