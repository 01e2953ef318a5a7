"""Made-up pools: what is known of a call is kept exactly, for every seed."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptce_funding import synthesis_profile
from ptce_funding.candidates import COLUMNS, MONEY, read_candidates, write_candidates
from ptce_funding.errors import CandidatesError
from ptce_funding.geography import region_of
from ptce_funding.synthesis import _apportioned, _quantiles, profile_names, read_profile, synthesise
from ptce_funding.synthesis_profile import Quantity

STRONG = ("Aquitaine", "Rhône-Alpes", "Provence-Alpes-Côte d'Azur", "Midi-Pyrénées", "Île-de-France")
SEEDS = range(1, 6)


def admitted_by_note(pool):
    """The unavoidable criteria of the note of 2011, written out here again."""
    see = pool.column
    strategy = (see("strategy") == "signed") | ((see("strategy") == "draft") & (see("phase") == "project"))
    return (
        (see("members") >= 5)
        & (see("member_types") >= 2)
        & (see("voluntary") == 1)
        & (see("ess_members") >= 1)
        & (see("other_stakeholders") >= 1)
        & strategy
        & (see("local_member_share") >= 0.5)
        & (see("social_utility_share") > 0.5)
        & (see("commitment_years") >= 3)
        & (see("one_off_project") == 0)
        & (see("mutualised_functions") + see("joint_investments") >= 1)
        & (see("local_authorities") >= 1)
        & (see("sole_function") == "none")
    )


def admitted_by_decree(pool):
    """The criteria of the decree of 2015, written out here again."""
    see = pool.column
    return (
        (see("private_law") == 1)
        & (see("legal_persons") >= 3)
        & (see("ess_enterprises") >= 1)
        & (see("non_ess_enterprises") >= 1)
        & (see("other_members") >= 1)
        & (see("innovative") == 1)
        & (see("defined_territory") == 1)
        & (see("earlier_state_support") == 0)
    )


def uncovered(pool, prefix=""):
    cost, ask, local, public, own = (pool.column(prefix + name) for name in MONEY)
    return (cost - ask - local - public - own) / np.maximum(cost, 1)


def test_profiles():
    assert profile_names() == (
        "aap-2013",
        "aap-2015",
        "ami-2021",
        "ami-2023",
        "ami-2025",
        "demo",
        "note-2011",
        "pole-target",
        "proposition-2012",
    )
    for name in profile_names():
        assert read_profile(name).name == name


@pytest.mark.parametrize("seed", SEEDS)
def test_first_call(seed):
    """180 received, 130 admissible (002:36); near half from five regions; 130,000 € on average."""
    pool = synthesise(read_profile("aap-2013"), seed)
    assert len(pool) == 180
    assert pool.ids[16] == "2013-017"
    assert pool.column("name")[16] == "Candidature synthétique 017"
    assert (pool.column("synthetic") == 1).all()
    assert pool.is_synthetic
    admissible = admitted_by_note(pool)
    assert admissible.sum() == 130
    strong = np.isin(pool.column("region"), STRONG)
    assert strong[admissible].sum() == 64  # 0.49 of 130
    assert strong.sum() == 64 + 25  # and 0.49 of 50, rounded by the largest remainder
    assert len(set(pool.column("region")[admissible])) >= 15
    for department, region in zip(pool.column("department"), pool.column("region"), strict=True):
        assert region_of(department, 2013) == region
    phases, counts = np.unique(pool.column("phase")[admissible].astype(str), return_counts=True)
    assert dict(zip(phases.tolist(), counts.tolist(), strict=True)) == {
        "consolidation": 52,
        "emerging": 52,
        "project": 26,
    }
    # Many would also be admissible under the other set of criteria, but not all.
    assert 110 < admitted_by_decree(pool).sum() < 160


@pytest.mark.parametrize("seed", SEEDS)
def test_money_of_the_first_call(seed):
    pool = synthesise(read_profile("aap-2013"), seed)
    admissible = admitted_by_note(pool)
    ask, cost = pool.column("ask"), pool.column("cost")
    assert ask.min() >= 72_000
    assert ask.max() <= 290_000
    assert abs(ask[admissible].mean() - 130_000) < 2_000
    assert (ask % 500 == 0).all()
    assert (ask % 1_000 == 0).mean() > 0.8
    assert (ask / cost).min() >= 0.25
    assert (ask / cost).max() <= 0.5
    assert min(pool.column(name).min() for name in MONEY) >= 0
    gap = uncovered(pool)[admissible]
    without = pool.column("local")[admissible] == 0
    assert (gap >= 0).all()
    assert (gap > 0.15).sum() == 5
    assert without.sum() == 3
    assert ((gap > 0.1) & (gap <= 0.15)).sum() == 0
    assert 85 <= ((gap == 0) & ~without).sum() <= 100
    score = pool.column("score")
    assert abs(np.corrcoef(score, ask)[0, 1]) < 0.3
    means = {name: pool.column(name)[admissible].mean() for name in ("members", "annual_budget", "staff")}
    assert means == pytest.approx({"members": 20, "annual_budget": 247_000, "staff": 3.3}, rel=0.12)


@pytest.mark.parametrize("seed", SEEDS)
def test_second_call(seed):
    """125 received, 99 eligible under the decree; 2.7 M€ for 14 laureates is 193,000 € each."""
    pool = synthesise(read_profile("aap-2015"), seed)
    assert len(pool) == 125
    admissible = admitted_by_decree(pool)
    assert admissible.sum() == 99
    assert abs(pool.column("ask")[admissible].mean() - 193_000) < 3_000
    assert set(pool.column("phase")) == {"emerging", "consolidation"}
    assert "Rhône-Alpes" in set(pool.column("region"))
    assert 60 < admitted_by_note(pool).sum() < 110


@pytest.mark.parametrize("seed", SEEDS)
def test_demo_has_two_aids(seed):
    pool = synthesise(read_profile("demo"), seed)
    assert len(pool) == 40
    assert admitted_by_note(pool).sum() == 32
    post, investment = (pool.column(f"experimentation.{aid}.ask") for aid in ("post", "investment"))
    assert ((post > 0) | (investment > 0)).all()
    assert ((post > 0) & (investment > 0)).any()
    assert "cost" not in pool
    for aid in ("post", "investment"):
        assert (uncovered(pool, f"experimentation.{aid}.") >= 0).all()
        assert pool.column(f"experimentation.{aid}.cost")[pool.column(f"experimentation.{aid}.ask") == 0].sum() == 0


@pytest.mark.parametrize("name", ["aap-2013", "aap-2015", "demo"])
def test_pools_are_good_tables(name, tmp_path):
    """Every pool can be written, read under the checks of real tables, and holds every column of the criteria."""
    profile = read_profile(name)
    pool = synthesise(profile, 7)
    write_candidates(pool, tmp_path / "pool.csv")
    assert read_candidates(tmp_path / "pool.csv", year=profile.year).digest() == pool.digest()
    assert {column.name for column in COLUMNS} - set(pool.columns) <= set(MONEY)
    counts = {each: pool.column(each) for each in ("members", "ess_members", "ess_enterprises", "other_stakeholders")}
    assert (counts["ess_members"] <= counts["members"]).all()
    assert (counts["ess_enterprises"] <= counts["ess_members"]).all()


def test_a_seed_is_a_pool():
    profile = read_profile("aap-2013")
    assert synthesise(profile, 3).digest() == synthesise(profile, 3).digest()
    assert len({synthesise(profile, seed).digest() for seed in range(10)}) == 10
    with pytest.raises(CandidatesError, match="expected 0 or more"):
        synthesise(profile, -1)


def test_streams_of_pcg64_do_not_change():
    """The first raw number of a stream, which numpy promises to keep for its bit generators."""
    sequence = np.random.SeedSequence(1, spawn_key=tuple(b"score"))
    assert np.random.Generator(np.random.PCG64(sequence)).random() == 0.38960804421637474


def test_an_attribute_does_not_change_the_others():
    profile = read_profile("aap-2013")
    score = profile.score.model_copy(update={"mean": 40.0})
    one, other = synthesise(profile, 1), synthesise(profile.model_copy(update={"score": score}), 1)
    differing = [name for name in one.columns if one.column(name).tolist() != other.column(name).tolist()]
    assert differing == ["score"]


def test_ten_thousand_candidates_take_no_time():
    profile = read_profile("aap-2013").model_copy(update={"received": 10_000, "admissible": 7_000})
    started = time.perf_counter()
    pool = synthesise(profile, 1)
    assert time.perf_counter() - started < 3
    assert admitted_by_note(pool).sum() == 7_000
    assert pool.ids[:2] == ("2013-00001", "2013-00002")


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.integers(0, 500))
def test_seats_are_all_given_and_fairly(weights, seats):
    counts = _apportioned(weights, seats)
    assert sum(counts) == seats
    assert all(
        abs(count - weight * seats / sum(weights)) < 1 + 1e-9 for count, weight in zip(counts, weights, strict=True)
    )


def test_apportionment_by_largest_remainders():
    """Quotas 4.7, 3.4 and 1.9: the whole parts give 8, and the rests 0.9 and 0.7 get the two seats left."""
    assert _apportioned([47, 34, 19], 10) == [5, 3, 2]
    assert _apportioned([1, 1], 3) == [2, 1]


@settings(deadline=None, max_examples=30)
@given(st.floats(0.2, 1.2), st.floats(0.2, 0.6))
def test_cut_off_quantities_have_their_mean(spread, part):
    """A fine ladder of quantiles has the mean asked for, wherever it lies well inside the ends."""
    quantity = Quantity(mean=10 + 90 * part, spread=spread, min=10, max=100)
    ladder = _quantiles(quantity, (np.arange(4_000) + 0.5) / 4_000)
    assert (np.diff(ladder) >= 0).all()
    assert ladder[0] >= 10
    assert ladder[-1] <= 100
    assert ladder.mean() == pytest.approx(quantity.mean, rel=0.01)


GOOD = (synthesis_profile.files("ptce_funding") / "profiles" / "demo.toml").read_text("utf-8")

BROKEN = [
    ("received    = 40", "received    = 0", "received", "expected more than 0", None),
    ("received    = 40", "received    = 4.5", "received", "expected a whole number", None),
    ("received    = 40", "recieved    = 40", "received", "missing", None),
    ("received    = 40", "received    = 40\nrecieved = 3", "recieved", "unknown", "received"),
    ("received    = 40", "received    = 20", "admissible", "at most 20", None),
    ("short         = 0.20", "short         = 2", "plans.short", "expected 1 or less", None),
    ("short         = 0.20", "shot          = 0.20\nshort = 0.1", "plans.shot", "unknown", "short"),
    ("hopeless      = 1\n", "hopeless      = 40\n", "plans", "More are hopeless", None),
    ("consolidation = 0.40", "consolidation = 0.50", "phases", "shares make 1.1", None),
    ("consolidation = 0.40", "consolidaton  = 0.40", "phases", "“consolidaton” is unknown", "consolidation"),
    ("evaluation_plan       = 0.50", "evaluation            = 0.50", "flags", "unknown", "evaluation_plan"),
    ("premises = 0.40", "premise = 0.40", "choices.visible_place", "unknown", "premises"),
    ("staff         = {", "stuff         = {", "quantities.stuff", "expected", "staff"),
    ("mean = 3.3, spread", "mean = 33, spread", "quantities.staff", "any mean between", None),
    ("mean = 3.3, spread", "mean = inf, spread", "quantities.staff.mean", "", None),
    ('prefix = "experimentation.post"', 'prefix = "a.b.c"', "money.0.prefix", "no volet", None),
    ('prefix = "experimentation.post"', 'prefix = "experimentation.investment"', "money", "stands twice", None),
    ('criteria    = "note-2011"', 'criteria    = "note"', "criteria", "'note-2011' or 'decree-2015'", "note-2011"),
    ("[plans]", "[plan]", "plans", "missing", None),
    ("[failures]", "[regions]\nstrong = ['Bretagn']\n[failures]", "regions.strong", "unknown", "Bretagne"),
    ("other  = 0.03", "other  = 0.03\nrates = {membres = 0.1}", "failures.rates", "unknown", "members"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "words", "hint"), BROKEN)
def test_broken_profiles(tmp_path, old, new, path, words, hint):
    assert old in GOOD
    file = tmp_path / "own.toml"
    file.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(CandidatesError) as caught:
        read_profile(file)
    found = {fault.place.path: fault for fault in caught.value.faults}
    assert path in found, found
    assert words in found[path].message.render("en")
    assert found[path].hint == hint
    assert found[path].place.file == str(file)
    assert found[path].render("fr")


def test_profiles_that_cannot_be_read(tmp_path):
    file = tmp_path / "own.toml"
    for name, content, words in (
        ("aap2013", None, "Did you mean “aap-2013”?"),
        (tmp_path / "absent.toml", None, "no such file"),
        (tmp_path, None, "no profile"),
        (file, b"a = \n", "line 1"),
        (file, b"\xff", "not in UTF-8"),
        (file, b"", "format"),
    ):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(CandidatesError) as caught:
            read_profile(name)
        assert words in caught.value.render("en")
