"""The programmes that were proposed (2011, 2012): pools, sourced figures, the way from a project to a label, the targets."""

import time
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.benefits import benefits
from ptce_funding.candidates import MONEY, Candidates, write_candidates
from ptce_funding.errors import CandidatesError
from ptce_funding.loading import read_call
from ptce_funding.problem import Status
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden, read_scenario
from ptce_funding.synthesis import read_profile, synthesise

NOTES = ("note-2011-50m", "note-2011-100m")
TARGETS = ("pole-target-50", "pole-target-100")
SCENARIOS = (*NOTES, "proposition-2012-20m", *TARGETS)
SEEDS = {"note-2011": 2011, "proposition-2012": 2011, "pole-target": 2011}
POST, INVESTMENT = "experimentation.post.", "experimentation.investment."


def scenario_of(name: str) -> Scenario:
    return read_scenario(ROOT / "scenarios" / f"{name}.toml")


def candidates_of(name: str) -> Candidates:
    return read_call(ROOT / "scenarios" / f"{name}.toml")[1]


def solved(name: str, **changes: object) -> Allocation:
    scenario, candidates = read_call(ROOT / "scenarios" / f"{name}.toml")
    return allocate(overridden(scenario, changes), candidates).raise_for_status()


def labelled(allocation: Allocation) -> set[str]:
    return {award.candidate for award in allocation.awards if award.volet == "labelling"}


def asks(candidates: Candidates, prefix: str) -> np.ndarray:
    return candidates.column(f"{prefix}ask") > 0


# ------------------------------------------------------------------------------------------------------------------- pools


@pytest.mark.parametrize(("name", "seed"), SEEDS.items())
def test_pools_are_current_to_the_byte(name: str, seed: int, tmp_path: Path) -> None:
    """The table is what its profile and its seed draw, and says that it is made up."""
    pool = synthesise(read_profile(name), seed)
    write_candidates(pool, tmp_path / "pool.csv")
    assert (tmp_path / "pool.csv").read_bytes() == (ROOT / "scenarios" / "data" / f"{name}.csv").read_bytes()
    assert pool.is_synthetic
    assert (pool.column("synthetic") == 1).all()


@pytest.mark.parametrize("name", SCENARIOS)
def test_who_came_and_who_was_admissible(name: str) -> None:
    """More than 160 replies (003:181), at the rate of 2013 (130 of 180, 002:36), which is the pool of the targets."""
    scenario, candidates = read_call(ROOT / "scenarios" / f"{name}.toml")
    funnel = allocate(scenario, candidates, solver="ranking").funnel
    expected = (180, 130) if name in TARGETS else (160, round(160 * 130 / 180))
    assert (funnel["received"], funnel["admissible"]) == expected


@pytest.mark.parametrize("name", SCENARIOS[:3])
def test_existing_clusters_of_2011(name: str) -> None:
    """23 of the replies are existing clusters (002:26); the others are halved."""
    phases, counts = np.unique(candidates_of(name).column("phase").astype(str), return_counts=True)
    assert dict(zip(phases.tolist(), counts.tolist(), strict=True)) == {
        "consolidation": 23,
        "emerging": 69,
        "project": 68,
    }


@pytest.mark.parametrize("name", ["note-2011-50m", "pole-target-100"])
def test_one_aid_and_studies_for_projects_only(name: str) -> None:
    """“Soit… soit” (003:680): a dossier asks for a post or an investment; only projects ask for a study (003:674)."""
    candidates = candidates_of(name)
    assert (asks(candidates, POST) ^ asks(candidates, INVESTMENT)).all()
    assert (asks(candidates, "feasibility.") == (candidates.column("phase") == "project")).all()
    for prefix in (POST, INVESTMENT, "feasibility."):
        silent = ~asks(candidates, prefix)
        assert not any(candidates.column(prefix + each)[silent].any() for each in MONEY)


def test_proposal_has_the_dossiers_of_the_note() -> None:
    """Same dossiers but for their money: some ask for both aids, nobody for neither."""
    note, proposal = candidates_of("note-2011-50m"), candidates_of("proposition-2012-20m")
    for name in note.columns:
        if not name.endswith(tuple(f".{each}" for each in MONEY)):
            assert note.column(name).tolist() == proposal.column(name).tolist(), name
    assert (asks(proposal, POST) | asks(proposal, INVESTMENT)).all()
    assert 30 < (asks(proposal, POST) & asks(proposal, INVESTMENT)).sum() < 80


def test_asks_have_the_size_of_their_precedents() -> None:
    """24 M€ for 126 grappes, 210 M€ for 376 pôles d'excellence rurale."""
    profile = read_profile("note-2011")
    post, investment = profile.money[0].ask, profile.money[1].ask
    assert post.mean == pytest.approx(24e6 / 126, rel=0.01)
    assert investment.mean == pytest.approx(210e6 / 376, rel=0.01)
    candidates = candidates_of("note-2011-50m")
    for prefix, quantity in ((POST, post), (INVESTMENT, investment)):
        ask = candidates.column(f"{prefix}ask")[asks(candidates, prefix)]
        assert ask.mean() == pytest.approx(quantity.mean, rel=0.08)
        assert quantity.min <= ask.min()
        assert ask.max() <= quantity.max


def test_asks_may_be_limited_to_phases(tmp_path: Path) -> None:
    """The first amounts stay those of whoever asks for nothing; an unknown phase is a fault with the nearest word."""
    text = (ROOT / "src" / "ptce_funding" / "profiles" / "note-2011.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('phases = ["project"]', 'phases = ["emerging", "project"]'), "utf-8")
    pool = synthesise(read_profile(own), 3)
    assert (asks(pool, "feasibility.") == (pool.column("phase") != "consolidation")).all()
    assert (asks(pool, POST) | asks(pool, INVESTMENT)).all()
    own.write_text(text.replace('phases = ["project"]', 'phases = ["projet"]'), "utf-8")
    with pytest.raises(CandidatesError) as caught:
        read_profile(own)
    assert [(each.place.path, each.hint) for each in caught.value.faults] == [("money.2.phases", "project")]


# ---------------------------------------------------------------------------------------------------------------- figures


def test_what_the_note_says() -> None:
    """003:670-696: 50 to 100 M€ over 3 years, 50 clusters, four lines, post or investment, local money, 3 years of exemptions."""
    low, high = (scenario_of(name) for name in NOTES)
    assert (low.envelope.total, high.envelope.total) == (50_000_000, 100_000_000)
    assert low.years == high.years == 3
    assert list(low.volets) == ["feasibility", "experimentation", "labelling", "capitalisation"]
    assert low.volets["feasibility"].phases == ("project",)
    assert list(low.volets["experimentation"].aids) == ["post", "investment"]
    assert low.volets["experimentation"].aids_mode == "either"
    assert low.volets["experimentation"].local_required
    assert low.volets["labelling"].after == ("experimentation",)
    assert low.volets["labelling"].advantages["exemptions"].years == 3
    assert low.volets["capitalisation"].transversal
    assert [(rule.min, rule.where) for rule in low.rules] == [(50, {"volet": "labelling"})]
    # “3% à 6%” of 1.5 Md€ (003:481) is 3.3 to 6.7 %.
    shares = [each.envelope.total / 1.5e9 for each in (low, high)]
    assert shares == pytest.approx([0.0333, 0.0667], abs=1e-4)


def test_ends_of_the_note_differ_by_their_money_only() -> None:
    words = {"name", "title", "description", "sources"}
    low, high = (scenario_of(name) for name in NOTES)
    raised = overridden(low, {"envelope.total": 100_000_000})
    assert raised.model_dump(exclude=words) == high.model_dump(exclude=words)


def test_what_the_proposal_says() -> None:
    """003:209-215: 20 M€, a transversal line and direct support, at work and projects alike, post and investment."""
    scenario = scenario_of("proposition-2012-20m")
    assert (scenario.envelope.total, scenario.first_year) == (20_000_000, 2012)
    assert list(scenario.transversal_volets) == ["transversal"]
    direct = scenario.volets["experimentation"]
    assert set(direct.phases) == {"project", "emerging", "consolidation"}
    assert (list(direct.aids), direct.aids_mode) == (["post", "investment"], "both")
    assert direct.local_required
    assert scenario.sources["years"].startswith("assumed")


@pytest.mark.parametrize("name", SCENARIOS)
def test_nobody_is_said_to_pay(name: str) -> None:
    """Neither text names a payer, so no funder is stated, and the gap is told."""
    scenario = scenario_of(name)
    assert scenario.funders == ()
    assert scenario.sources["funders"].startswith("missing")


@pytest.mark.parametrize("name", SCENARIOS)
def test_terms_borrowed_from_precedents(name: str) -> None:
    """75 % and 45 000 € a year for a post; 33 %, 50 % in rural zones and 1 M€ for an investment; all told as assumed."""
    scenario = scenario_of(name)
    supports = scenario.supports()
    post, investment = supports["experimentation", "post"], supports["experimentation", "investment"]
    assert (post.rate, post.grant and post.grant.max) == (0.75, 4 * 2 * 45_000)
    assert (investment.rate, investment.rate_bonus) == (0.33, {"rural_revitalisation": 0.17})
    assert (investment.grant and investment.grant.max, investment.public_cap) == (1_000_000, 0.8)
    for path in ("post.rate", "post.grant", "investment.rate", "investment.rate_bonus", "investment.grant"):
        assert scenario.sources[f"volets.experimentation.aids.{path}"].startswith("assumed")
    (line,) = scenario.transversal_volets.values()
    assert line.fixed == 3 * 3 * 60_000
    assert line.per_ptce == pytest.approx(1_000_000 / 120, rel=0.05)


def test_exemptions_beside_the_envelope() -> None:
    """3 firms × 2 jobs × 10 500 € × 3 years for each label, told and not charged; 145 M€ for 59 % of 23 500 jobs in 2014."""
    allocation = solved("note-2011-50m")
    exemptions = allocation.call.scenario.volets["labelling"].advantages["exemptions"]
    assert exemptions.euros == pytest.approx(145e6 / (0.59 * 23_500), rel=0.01)
    found = benefits(allocation.call.scenario, allocation.call.candidates, allocation.awards)
    assert {each.candidate for each in found} == labelled(allocation)
    assert {each.amount for each in found} == {189_000}
    assert not any(each.is_inside for each in found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_statements_are_sourced(name: str) -> None:
    """A quotation names the line of a text or a page; what is assumed says so itself."""
    for path, text in scenario_of(name).sources.items():
        if text.startswith("quoted"):
            assert "00" in text or "decree" in text, path


# ------------------------------------------------------------------------------------------------------------ what comes out


@pytest.mark.parametrize("name", SCENARIOS)
def test_proved_in_a_few_seconds(name: str) -> None:
    started = time.perf_counter()
    allocation = solved(name)
    assert time.perf_counter() - started < 20
    assert allocation.status is Status.OPTIMAL
    assert allocation.report is not None
    assert not allocation.report.violations
    assert not allocation.report.broken


@pytest.mark.parametrize("name", NOTES)
def test_from_a_project_to_a_label(name: str) -> None:
    """A project has its study, then experimentation, then the label within three years; an existing cluster starts at once."""
    allocation = solved(name)
    assert len(labelled(allocation)) >= 50
    phase = dict(zip(allocation.call.candidates.ids, allocation.call.candidates.column("phase").tolist(), strict=True))
    years: dict[str, dict[str, int]] = defaultdict(dict)
    for award in allocation.awards:
        years[award.candidate][award.volet] = award.year
    paths = {phase[id_]: years[id_] for id_ in labelled(allocation)}
    assert paths["project"] == {"feasibility": 2012, "experimentation": 2013, "labelling": 2014}
    assert {"project", "emerging", "consolidation"} == set(paths)
    for id_ in labelled(allocation):
        volets = list(years[id_])
        assert sorted(volets, key=years[id_].__getitem__) == volets
        assert ("feasibility" in volets) == (phase[id_] == "project")
    existing = [years[id_] for id_ in labelled(allocation) if phase[id_] == "consolidation"]
    assert min(each["experimentation"] for each in existing) == 2012


def test_two_years_of_experimentation_leave_projects_without_label() -> None:
    """The duration that is assumed is the longest with which a project goes all the way."""
    allocation = solved("note-2011-50m", **{"volets.experimentation.duration": 2, "rules.poles-labellises.min": 0.0})
    phase = allocation.call.candidates.column("phase")
    of = dict(zip(allocation.call.candidates.ids, phase.tolist(), strict=True))
    assert {of[id_] for id_ in labelled(allocation)} == {"emerging", "consolidation"}


def test_targets_merge_by_name() -> None:
    """50 (003:670) and 100 (003:708), the same target; no rule of the note is left, and no tranche."""
    for name, least in zip(TARGETS, (50, 100), strict=True):
        scenario = scenario_of(name)
        (target,) = scenario.targets
        assert (target.name, target.min, target.max) == ("poles-labellises", least, None)
        assert (target.measure, target.where) == ("count", {"volet": "labelling"})
        assert scenario.rules == ()
        assert scenario.envelope.tranches is None
    stated = tomllib.loads((ROOT / "scenarios" / "pole-target-100.toml").read_text("utf-8"))
    assert set(stated) == {"extends", "name", "title", "description", "targets", "sources"}


@pytest.mark.parametrize(("name", "least"), [*zip(TARGETS, (50, 100), strict=True)])
def test_targets_are_within_reach(name: str, least: int) -> None:
    assert len(labelled(solved(name))) >= least


def test_a_hundred_labels_need_more_dossiers_than_came_in_2011() -> None:
    """With any money, fewer than 100 of 160 get as far as the label; of 180, as many as in 2013, 100 or more do."""
    scenario = overridden(scenario_of("pole-target-50"), {"envelope.total": 10**9})
    counts = {
        name: [len(labelled(allocate(scenario, synthesise(read_profile(name), seed)))) for seed in range(10)]
        for name in ("note-2011", "pole-target")
    }
    ends = {name: (min(found), max(found)) for name, found in counts.items()}
    assert ends == {"note-2011": (92, 99), "pole-target": (100, 108)}
    page = (ROOT / "docs" / "pole-target.md").read_text("utf-8")
    assert all(f"{least} à {most} avec les" in page for least, most in ends.values())
    for name, count in (("note-2011", 89), ("pole-target", 105)):
        assert len(labelled(allocate(scenario, synthesise(read_profile(name), SEEDS[name])))) == count


@pytest.mark.parametrize("name", SEEDS)
def test_pages_tell_where_the_pool_is_from(name: str) -> None:
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    assert f"Candidats **synthétiques** (profil `{name}`, graine {SEEDS[name]})" in text
