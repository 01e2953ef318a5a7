"""The later rounds (2021, 2023, 2025): what is known of them comes out, and the pages tell what the program computes."""

import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.awards import Award
from ptce_funding.candidates import Candidates
from ptce_funding.loading import read_call
from ptce_funding.messages import euros, number
from ptce_funding.problem import Status
from ptce_funding.scenario_files import overridden, read_scenario
from ptce_funding.synthesis import read_profile, synthesise

ROUNDS = {"ami-2021": 2021, "ami-2023": 2023, "ami-2025": 2025}
EQUAL = ("ami-2021", "ami-2023")
PAGES = ("aap-2013", "aap-2015", *ROUNDS)
RULE = "rules.hors-territoires-prioritaires.max"


def path_of(name: str) -> Path:
    return ROOT / "scenarios" / f"{name}.toml"


def solved(name: str, solver: str = "highs") -> Allocation:
    return allocate(*read_call(path_of(name)), solver=solver).raise_for_status()


def grants(awards: Iterable[Award]) -> Counter[str]:
    """Return the grant of each candidate."""
    sums: Counter[str] = Counter()
    for award in awards:
        sums[award.candidate] += award.grant
    return sums


def in_priority(candidates: Candidates) -> np.ndarray:
    return (candidates.column("rural_revitalisation") == 1) | (candidates.column("priority_district") == 1)


@pytest.mark.parametrize("name", ROUNDS)
def test_proved_quickly_on_candidates_that_say_they_are_made_up(name: str, solver: str) -> None:
    started = time.perf_counter()
    allocation = solved(name, solver)
    assert time.perf_counter() - started < 10
    assert allocation.status is Status.OPTIMAL
    assert allocation.gap is not None
    assert allocation.gap <= 1e-4 * (1 + 1e-9)
    assert allocation.report is not None
    assert not allocation.report.violations
    assert not allocation.report.broken
    candidates = allocation.call.candidates
    assert candidates.is_synthetic
    assert (candidates.column("synthetic") == 1).all()


@pytest.mark.parametrize(
    ("name", "received", "admissible"), [("ami-2021", 134, 107), ("ami-2023", 72, 72), ("ami-2025", 79, 79)]
)
def test_who_came_and_who_was_admissible(name: str, received: int, admissible: int) -> None:
    """134 of whom 107 in 2021; 72 and 79, of whom nobody says how many were refused."""
    funnel = solved(name).funnel
    assert (funnel["received"], funnel["admissible"]) == (received, admissible)


@pytest.mark.parametrize(("name", "year"), ROUNDS.items())
def test_pools_are_those_of_their_profiles(name: str, year: int) -> None:
    """The table is drawn with the year as its seed, with the regions of its time."""
    pool = synthesise(read_profile(name), year)
    candidates = read_call(path_of(name))[1]
    assert candidates.digest() == pool.digest()
    assert "Occitanie" in set(pool.column("region"))
    assert "Midi-Pyrénées" not in set(pool.column("region"))


@pytest.mark.parametrize("name", EQUAL)
def test_fifteen_equal_grants(name: str, solver: str) -> None:
    """1.5 M€ is 15 grants of 100 k€, paid over two years."""
    allocation = solved(name, solver)
    assert sorted(grants(allocation.awards).values()) == [100_000] * 15
    assert sorted(grants(allocation.listing.awards).values()) == [100_000] * 15
    assert (allocation.granted, allocation.unspent) == (1_500_000, 0)
    scenario = read_scenario(path_of(name))
    assert (scenario.volets["animation"].duration, scenario.volets["animation"].payments) == (2, (0.5, 0.5))


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("seed", range(3))
def test_equal_grants_leave_nothing_to_optimise(name: str, seed: int) -> None:
    """Where all cost the same and no rule binds, the best list is the jury's: the first by merit."""
    allocation = allocate(read_scenario(path_of(name)), synthesise(read_profile(name), seed))
    assert allocation.value == pytest.approx(sum(allocation.listing.values), rel=1e-4)


def test_one_region_of_2021_is_known() -> None:
    """8 of the 107 are from Occitanie."""
    allocation = solved("ami-2021")
    region = allocation.call.candidates.column("region")
    assert (region[allocation.call.screening.admissible] == "Occitanie").sum() == 8


def test_round_of_2025() -> None:
    """The jury's list supports about 8 with 500 k€, the optimum no fewer; nobody outside the priority territories."""
    allocation = solved("ami-2025")
    assert 7 <= len(allocation.listing.order) <= 9
    assert len(allocation.supported) >= len(allocation.listing.order)
    assert allocation.granted == 500_000
    candidates = allocation.call.candidates
    first = dict(zip(candidates.ids, in_priority(candidates).tolist(), strict=True))
    assert not all(first.values())
    assert all(first[id_] for id_ in {*allocation.supported, *allocation.listing.order})
    # Both kinds of territory are served, not only one.
    for column in ("rural_revitalisation", "priority_district"):
        flag = dict(zip(candidates.ids, candidates.column(column).tolist(), strict=True))
        assert any(flag[id_] == 1 for id_ in allocation.supported)
        assert any(flag[id_] == 0 for id_ in allocation.supported)


def test_jury_of_2025_on_many_seeds() -> None:
    """Over twenty seeds the jury's list supports some 8, as the round did."""
    scenario, profile = read_scenario(path_of("ami-2025")), read_profile("ami-2025")
    counts = [len(allocate(scenario, synthesise(profile, seed), solver="ranking").supported) for seed in range(20)]
    assert min(counts) >= 6
    assert max(counts) <= 10
    assert 7.5 <= sum(counts) / 20 <= 8.5


def test_priority_of_2025_is_the_strict_reading() -> None:
    """The rule on those in neither territory gives what a strict order over “one or the other” gives."""
    scenario, candidates = read_call(path_of("ami-2025"))
    columns = dict(candidates.columns) | {"either": in_priority(candidates).astype(np.int8)}
    kinds = dict(candidates.kinds) | {"either": "flag"}
    told = Candidates(columns, kinds, candidates.file, candidates.sheet, candidates.rows)
    strict = {"priority.mode": "strict", "priority.column": "either", "priority.order": [[True]], RULE: 1.0}
    by_order, by_rule = allocate(overridden(scenario, strict), told), allocate(scenario, candidates)
    assert by_order.value == pytest.approx(by_rule.value, rel=1e-4)
    assert set(by_order.listing.order) == set(by_rule.listing.order)
    free = allocate(scenario.override(RULE, 1.0), candidates)
    assert free.value is not None
    assert by_rule.value is not None
    assert free.value > by_rule.value * 1.01


def table(allocation: Allocation) -> list[str]:
    """Return the lines of a page's result."""
    region = dict(
        zip(allocation.call.candidates.ids, allocation.call.candidates.column("region").tolist(), strict=True)
    )
    values = (sum(allocation.listing.values), allocation.value or 0.0)
    both = [grants(allocation.listing.awards), grants(allocation.awards)]
    rows = {
        "candidats financés": [str(len(each)) for each in both],
        "attribué": [euros(sum(each.values()), "fr") for each in both],
        "subvention moyenne": [euros(round(sum(each.values()) / len(each), -2), "fr") for each in both],
        "la plus petite": [euros(min(each.values()), "fr") for each in both],
        "la plus grande": [euros(max(each.values()), "fr") for each in both],
        "régions": [str(len({region[id_] for id_ in each})) for each in both],
        "valeur": [number(round(value), "fr") for value in values],
    }
    return [
        "| | liste du jury | optimum |",
        "|---|---|---|",
        *(f"| {key} | {a} | {b} |" for key, (a, b) in rows.items()),
    ]


@pytest.mark.parametrize("name", PAGES)
def test_pages_tell_the_result(name: str) -> None:
    """The page of a round shows what `simulate` finds today, its funnel, and that the candidates are synthetic."""
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    allocation = solved(name)
    wanted = "\n".join(table(allocation))
    assert wanted in page, wanted
    funnel = allocation.funnel
    assert f"{funnel['received']} reçus → {funnel['admissible']} recevables → {funnel['fundable']} finançables" in page
    shared = len(set(allocation.supported) & set(allocation.listing.order))
    assert re.search(rf"\b{shared} sont (dans les deux listes|communs)", page), shared
    assert "synthétiques" in page
