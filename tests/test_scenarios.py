"""The national calls: what is known of them comes out, and everything that is promised of a result."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.call import prepare
from ptce_funding.ledger import ledger
from ptce_funding.loading import read_call
from ptce_funding.parts import Source
from ptce_funding.problem import Status
from ptce_funding.report.document import as_json, document
from ptce_funding.scenario_files import overridden, read_scenario
from ptce_funding.synthesis import synthesise
from ptce_funding.synthesis_profile import read_profile

SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))


def national(name: str, solver: str = "highs") -> Allocation:
    """Allocate a national call."""
    return allocate(*read_call(ROOT / "scenarios" / f"{name}.toml"), solver=solver)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_is_proved_and_sourced(path: Path) -> None:
    """Proved within its gap, audited, and no number without a source."""
    scenario, candidates = read_call(path)
    allocation = allocate(scenario, candidates).raise_for_status()
    assert allocation.status is Status.OPTIMAL
    assert allocation.gap is not None
    assert allocation.gap <= scenario.solve.gap
    assert allocation.report is not None
    assert not allocation.report.violations
    assert not allocation.report.broken
    call = prepare(scenario, candidates)
    assert not [
        line.path
        for line in ledger(scenario, call.criteria)
        if line.status == "missing" and not isinstance(line.source, Source)
    ]


def test_call_of_2013(solver: str) -> None:
    """180 received, 130 admissible, 3 M€, grants from 72 to 290 k€; the optimum is above the jury's list."""
    allocation = national("aap-2013", solver)
    assert allocation.status is Status.OPTIMAL
    funnel = allocation.funnel
    assert (funnel["received"], funnel["admissible"]) == (180, 130)
    assert allocation.granted + allocation.unspent == 3_000_000
    grants: Counter[str] = Counter()
    for award in allocation.awards:
        grants[award.candidate] += award.grant
    assert min(grants.values()) >= 72_000
    assert max(grants.values()) <= 290_000
    assert allocation.value is not None
    assert allocation.value > sum(allocation.listing.values)


def test_pool_of_2013_lands_on_the_known_round() -> None:
    """The jury's list supports 20 to 26 with a mean near 130 k€ in some 15 regions, as the round did (23, 130 k€, 15)."""
    listing = national("aap-2013").listing
    candidates = national("aap-2013").call.candidates
    region = dict(zip(candidates.ids, candidates.column("region").tolist(), strict=True))
    assert 20 <= len(listing.order) <= 26
    assert 120_000 <= sum(award.grant for award in listing.awards) / len(listing.order) <= 140_000
    assert 13 <= len({region[id_] for id_ in listing.order}) <= 17


def test_profile_of_2013_on_many_seeds() -> None:
    """Over twenty seeds the averages are those of the round: 23 supported, 130 k€; the admissible are always 130."""
    scenario, profile = read_scenario(ROOT / "scenarios" / "aap-2013.toml"), read_profile("aap-2013")
    supported, means = [], []
    for seed in range(20):
        allocation = allocate(scenario, synthesise(profile, seed), solver="ranking")
        assert allocation.funnel["admissible"] == 130
        supported.append(len(allocation.supported))
        means.append(allocation.granted / len(allocation.supported))
    assert 22 <= sum(supported) / 20 <= 25
    assert 122_000 <= sum(means) / 20 <= 138_000


def test_call_of_2015() -> None:
    """125 received, 99 eligible, 2.7 M€; the jury's list supports some 14 at some 193 k€."""
    allocation = national("aap-2015")
    funnel = allocation.funnel
    assert (funnel["received"], funnel["admissible"]) == (125, 99)
    assert 12 <= len(allocation.listing.order) <= 16
    mean = sum(award.grant for award in allocation.listing.awards) / len(allocation.listing.order)
    assert 175_000 <= mean <= 210_000


def test_ranking_as_the_solver() -> None:
    """The jury's list as the result is the baseline of the optimum; it claims no bound."""
    listed, best = national("aap-2013", "ranking"), national("aap-2013")
    assert listed.status is Status.FEASIBLE
    assert (listed.bound, listed.gap) == (None, None)
    assert listed.value == pytest.approx(sum(best.listing.values))
    assert sorted(listed.supported) == sorted(best.listing.order)


def test_three_readings_of_priority_differ() -> None:
    """Strict serves no project while money lasts; without priority projects win; a floor lies in between."""
    scenario, candidates = read_call(ROOT / "scenarios" / "aap-2013.toml")
    floor = overridden(scenario, {"priority.mode": "floor", "priority.share": 0.8})
    free = scenario.override("priority.mode", "none")
    projects = {}
    for name, each in (("strict", scenario), ("floor", floor), ("none", free)):
        allocation = allocate(each, candidates)
        phase = dict(zip(candidates.ids, candidates.column("phase").tolist(), strict=True))
        projects[name] = sum(award.grant for award in allocation.awards if phase[award.candidate] == "project")
    assert projects["strict"] == 0
    assert projects["strict"] < projects["none"]
    assert projects["floor"] <= 600_000


def test_document_is_the_same_for_the_same_input(solve: Callable[..., Allocation]) -> None:
    """The JSON of two runs is equal to the byte, and holds no number that is not one."""
    table = "id;phase;score;cost;ask\na;émergent;1;100000;30000\nb;émergent;2;100000;80000"
    one, two = (as_json(document(solve(table), "x")) for _ in range(2))
    assert one == two
    assert json.loads(one)["supported"] == 2
