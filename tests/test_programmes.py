"""Plans over years: solvers and brute force agree on random programmes, and tiny programmes have the answer worked out by hand."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import PHASES, Case, build, programme_case, programme_cases
from enumeration import best
from ptce_funding.accounts import by_year, payments
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.awards import Award
from ptce_funding.call import prepare
from ptce_funding.errors import InputError
from ptce_funding.loading import read_call
from ptce_funding.messages import LANGUAGES
from ptce_funding.money import exact
from ptce_funding.problem import Status
from test_optimum import SOLVERS, assert_values, solved, values

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

quick = settings(max_examples=60, deadline=None, derandomize=True)

#: How many random programmes each solver is held against.
NUMBER = {"highs": 300, "cbc": 80}
CHUNKS = [("highs", start) for start in range(0, NUMBER["highs"], 20)] + [
    ("cbc", start) for start in range(0, NUMBER["cbc"], 20)
]


# ------------------------------------------------------------------------------------------------------ random programmes


def assert_agrees(seed: int, solver: str) -> None:
    one = programme_case(seed)
    expected = best(*one)
    allocation = solved(one, solver)
    if expected is None:
        assert allocation.status is Status.INFEASIBLE, f"programme {seed}: an allocation where there is none"
        return
    assert allocation.status is Status.OPTIMAL, f"programme {seed}: {allocation.status}, but {expected} keeps all rules"
    assert_values(allocation, expected.values, 1e-6, f"programme {seed}")


@pytest.mark.parametrize(("name", "start"), CHUNKS)
def test_solver_agrees_with_enumeration(name: str, start: int) -> None:
    """The value by priority group is that of the best of all allocations; there is none exactly when brute force finds none."""
    for seed in range(start, start + 20):
        assert_agrees(seed, name)


@pytest.mark.slow
def test_many_more_programmes_agree_with_enumeration() -> None:
    """Three thousand programmes that the other test does not draw."""
    for seed in range(10_000, 12_000):
        assert_agrees(seed, "highs")


def test_random_programmes_cover_the_model() -> None:
    """The comparison above means little unless every key occurs, and binds: without it the optimum would be another."""
    seen: set[Any] = set()
    binding: set[str] = set()
    infeasible = funded = opened = 0
    for seed in range(NUMBER["highs"]):
        scenario, rows = programme_case(seed)
        found = best(scenario, rows)
        infeasible += found is None
        envelope = scenario["envelope"]
        seen |= {("years", scenario["years"]), ("carry_over", envelope["carry_over"])}
        seen |= {key for key in ("candidate_max", "payments_max", "tranches") if key in envelope}
        if len(envelope.get("payments_max", ())) > scenario["years"]:
            seen.add("payments after the horizon")
        for volet in scenario["volets"].values():
            seen |= {key for key in ("after", "unit_cost", "aids", "payments") if key in volet}
            seen |= {("duration", volet["duration"]), ("lag", volet["lag"])}
        seen |= {("funder", key) for funder in scenario["funders"] for key in funder}
        for rule in scenario["rules"]:
            tells = "funder " if "funder" in rule["where"] or "funder" in rule["by"] else ""
            seen |= {(tells + rule["measure"], rule.get("of"), bound) for bound in ("min", "max") if bound in rule}
        seen |= {("priority", scenario["priority"].get("mode", "none"))}
        if found is None:
            continue
        funded += bool(found.lines)
        phase = {row["id"]: row["phase"] for row in rows}
        opened += any(
            phase[id_] not in scenario["volets"][line[0]].get("phases", ())
            for id_, way in found.lines.items()
            for line in way
        )
        for key in ("candidate_max", "payments_max"):
            if key in envelope and key not in binding:
                rest = {other: value for other, value in envelope.items() if other != key}
                without = best(scenario | {"envelope": rest}, rows)
                if without is None or sum(without.values) > sum(found.values) + 1e-6:
                    binding.add(key)
    expected: set[Any] = {"candidate_max", "payments_max", "tranches", "after", "unit_cost", "aids", "payments"}
    expected |= {"payments after the horizon", ("duration", 2), ("lag", 1), ("carry_over", True), ("carry_over", False)}
    expected |= {("years", years) for years in (1, 2, 3)} | {("funder", key) for key in ("amounts", "amount", "share")}
    expected |= {("priority", mode) for mode in ("none", "strict", "floor", "weight")}
    for bound in ("min", "max"):
        expected |= {(measure, None, bound) for measure in ("amount", "count", "jobs", "funder amount")}
        expected |= {(measure, of, bound) for measure in ("share", "funder share") for of in ("granted", "envelope")}
    assert expected - seen == set()
    assert binding == {"candidate_max", "payments_max"}
    assert 0 < infeasible < NUMBER["highs"] * 0.4
    assert funded > NUMBER["highs"] * 0.4
    assert opened >= 20


@pytest.mark.parametrize("seed", range(20))
def test_solvers_agree_on_larger_programmes(seed: int) -> None:
    """Forty candidates are too many to enumerate; two solvers that share no code agree within their gap."""
    scenario, rows = programme_case(seed + 1000, n=40, largest=None)
    scenario["solve"] = {"gap": 1e-6, "time_limit": 60.0}
    by_solver = [solved((scenario, rows), solver) for solver in SOLVERS]
    assert by_solver[0].status is by_solver[1].status
    assert by_solver[0].status in (Status.OPTIMAL, Status.INFEASIBLE)
    if by_solver[0].has_allocation:
        assert_values(by_solver[0], values(by_solver[1]), 2e-6, f"programme {seed + 1000}")


# ------------------------------------------------------------------------------------------------------------ by hand

STUDY = {"phases": ["project"]}
TRIAL = {"phases": ["emerging"], "after": ["study"]}


def candidate(id_: str, phase: str, score: float, **asks: int) -> dict[str, Any]:
    """Return a candidate that asks the whole cost of each volet."""
    row: dict[str, Any] = {"id": id_, "phase": phase, "score": score}
    for volet, amount in asks.items():
        row |= {f"{volet}.cost": amount, f"{volet}.ask": amount}
    return row


def programme(volets: dict[str, Any], years: int = 3, total: int = 100_000, **tables: Any) -> dict[str, Any]:
    """Return a programme in steps of 10,000 euros, in which any grant buys the whole value."""
    envelope = {"total": total, "grant_step": 10_000} | tables.pop("envelope", {})
    base: dict[str, Any] = {"format": 1, "name": "p", "first_year": 2020, "years": years, "volets": volets}
    base |= {"value": {"criteria": {"score": 1.0}, "fixed": 1.0}, "solve": {"gap": 0.0}, "envelope": envelope}
    return base | tables


def given_to(allocation: Allocation) -> set[tuple[str, str, int, int]]:
    """Return candidate, volet, year and euros of each step."""
    found: dict[tuple[str, str, int], int] = {}
    for award in allocation.awards:
        key = (award.candidate, award.volet, award.year)
        found[key] = found.get(key, 0) + award.grant
    return {(*key, grant) for key, grant in found.items()}


def answer(scenario: dict[str, Any], rows: list[dict[str, Any]], solver: str) -> Allocation:
    """Solve, with brute force as a witness."""
    allocation = solved((scenario, rows), solver)
    expected = best(scenario, rows)
    assert expected is not None
    assert_values(allocation, expected.values, 1e-6, "by hand")
    return allocation


def test_a_study_opens_the_trial(solver: str) -> None:
    """A project enters by the study (2020, two years), waits a year, and tries in 2023, the last of four years.

    An emerging candidate enters the trial directly; of equal years any serves it, so waiting costs a tenth a year.
    """
    volets = {"study": STUDY | {"duration": 2}, "trial": TRIAL | {"lag": 1}}
    rows = [
        candidate("a", "project", 1, study=10_000, trial=20_000),
        candidate("b", "emerging", 1, study=10_000, trial=20_000),
    ]
    value = {"criteria": {"score": 1.0}, "fixed": 1.0, "discount": 0.1}
    allocation = answer(programme(volets, years=4, value=value), rows, solver)
    assert given_to(allocation) == {
        ("a", "study", 2020, 10_000),
        ("a", "trial", 2023, 20_000),
        ("b", "trial", 2020, 20_000),
    }
    # With three years the trial of a no longer fits: its study stands alone.
    allocation = answer(programme(volets, years=3, value=value), rows, solver)
    assert given_to(allocation) == {("a", "study", 2020, 10_000), ("b", "trial", 2020, 20_000)}


def test_a_label_only_after_the_trial(solver: str) -> None:
    """Nobody enters the label directly. With 30,000 euros, a trial (20,000) and its label (10,000) are worth two; two trials do
    not fit; the label alone, cheaper than anything, is not to be had."""
    volets = {"trial": {"phases": ["emerging"]}, "label": {"after": ["trial"]}}
    rows = [candidate(id_, "emerging", 1, trial=20_000, label=10_000) for id_ in "ab"]
    allocation = answer(programme(volets, years=2, total=30_000), rows, solver)
    assert allocation.value == pytest.approx(2)
    assert sorted((volet, year) for _, volet, year, _ in given_to(allocation)) == [("label", 2021), ("trial", 2020)]
    assert len(allocation.supported) == 1
    # In one year there is no time for a label.
    allocation = answer(programme(volets, years=1, total=30_000), rows, solver)
    assert {volet for _, volet, _, _ in given_to(allocation)} == {"trial"}


def test_one_of_several_volets_opens(solver: str) -> None:
    """A label after a study or a trial: the shorter way serves."""
    volets = {"study": STUDY, "trial": TRIAL | {"duration": 2}, "label": {"after": ["study", "trial"]}}
    allocation = answer(
        programme(volets, years=2, total=20_000),
        [candidate("a", "project", 1, study=10_000, trial=0, label=10_000)],
        solver,
    )
    assert given_to(allocation) == {("a", "study", 2020, 10_000), ("a", "label", 2021, 10_000)}


def test_volets_that_open_each_other(solver: str) -> None:
    """In a circle somebody must still enter directly, and time goes one way."""
    volets = {"x": {"phases": ["project"], "after": ["y"]}, "y": {"phases": ["emerging"], "after": ["x"]}}
    rows = [candidate(id_, phase, 1, x=10_000, y=10_000) for id_, phase in zip("abc", PHASES, strict=True)]
    allocation = answer(programme(volets, years=2), rows, solver)
    assert given_to(allocation) == {
        ("a", "x", 2020, 10_000),
        ("a", "y", 2021, 10_000),
        ("b", "y", 2020, 10_000),
        ("b", "x", 2021, 10_000),
    }
    assert [refusal.candidate for refusal in allocation.refused] == ["c"]


def refusal_of(allocation: Allocation, id_: str) -> str:
    refusal = next(each for each in allocation.refused if each.candidate == id_)
    assert refusal.outcome == "unfundable"
    return "; ".join(reason.render("en") for reason in refusal.reasons)


def test_a_step_that_no_plan_reaches(solver: str) -> None:
    """The study of b asks for nothing, so nothing opens its trial; c is of a phase that enters nowhere."""
    rows = [
        candidate("a", "project", 1, study=10_000, trial=10_000),
        candidate("b", "project", 9, study=0, trial=10_000),
        candidate("c", "consolidation", 9, study=10_000, trial=10_000),
    ]
    allocation = answer(programme({"study": STUDY, "trial": TRIAL}), rows, solver)
    assert allocation.supported == ("a",)
    assert "nothing is asked" in refusal_of(allocation, "b")
    assert "consolidation" in refusal_of(allocation, "c")
    assert allocation.funnel["fundable"] == 1


def test_a_floor_skips_what_no_plan_reaches() -> None:
    """A trial whose study cannot be funded is no step: `only_possible` does not wait for it."""
    rule = {"name": "r", "measure": "count", "where": {"volet": "trial"}, "min": 1}
    rows = [candidate("b", "project", 9, study=0, trial=10_000)]
    for is_possible, status in ((True, Status.OPTIMAL), (False, Status.INFEASIBLE)):
        scenario = programme({"study": STUDY, "trial": TRIAL}, rules=[rule | {"only_possible": is_possible}])
        assert solved((scenario, rows), "highs").status is status


def test_a_ceiling_per_candidate_cuts_a_plan(solver: str) -> None:
    """Study and trial cost 30,000 euros together, 25,000 are allowed: the better of the two.

    The trial may be granted in part by half its cost: then study and half a trial fit.
    """
    volets = {"study": STUDY, "trial": TRIAL}
    rows = [candidate("a", "project", 1, study=10_000, trial=20_000)]
    capped = {"envelope": {"candidate_max": 25_000}}
    assert given_to(answer(programme(volets, **capped), rows, solver)) == {
        ("a", "study", year, 10_000)
        for year in {award.year for award in solved((programme(volets, **capped), rows), solver).awards}
    }
    volets["trial"] = TRIAL | {"tolerance": 0.5}
    allocation = answer(programme(volets, **capped), rows, solver)
    assert {(volet, grant) for _, volet, _, grant in given_to(allocation)} == {("study", 10_000), ("trial", 10_000)}


def test_a_candidate_that_its_ceiling_shuts_out(solver: str) -> None:
    """A least grant above the ceiling per candidate leaves no plan, and the reason is the ceiling, not the phase."""
    rows = [candidate("a", "project", 1, study=20_000)]
    allocation = answer(programme({"study": STUDY}, envelope={"candidate_max": 10_000}), rows, solver)
    text = refusal_of(allocation, "a")
    assert "20,000" in text
    assert "10,000" in text
    assert "no volet is open" not in text


def test_payments_after_the_horizon_bind(solver: str) -> None:
    """One year of commitments, paid 40 % at once and 60 % in 2021, after the horizon, where 13,000 euros may be paid.

    Two grants of 10,000 make 12,000 in 2021; three would make 18,000. Without the second ceiling all three are funded.
    """
    volets = {"study": STUDY | {"payments": [0.4, 0.6]}}
    rows = [candidate(id_, "project", score, study=10_000) for id_, score in zip("abc", (3, 2, 1), strict=True)]
    allocation = answer(programme(volets, years=1, envelope={"payments_max": [30_000, 13_000]}), rows, solver)
    assert allocation.supported == ("a", "b")
    assert by_year(allocation.call.scenario, allocation.awards) == {2020: (20_000, 8_000), 2021: (0, 12_000)}
    assert answer(programme(volets, years=1, envelope={"payments_max": [30_000]}), rows, solver).value == pytest.approx(
        6
    )


def test_payments_of_several_years_add_up(solver: str) -> None:
    """Half at once, half a year later; 10,000 euros a year may be paid from 2020 to 2022.

    A grant of 20,000 in each of 2020 and 2021 pays 10,000 + (10,000 + 10,000) + 10,000: too much in 2021. One grant of 20,000 and
    no other, or four years: 2020 and 2022.
    """
    volets = {"study": STUDY | {"payments": [0.5, 0.5]}}
    rows = [candidate(id_, "project", 1, study=20_000) for id_ in "ab"]
    ceilings = {"envelope": {"payments_max": [10_000, 10_000, 10_000]}}
    assert answer(programme(volets, years=2, **ceilings), rows, solver).granted == 20_000
    allocation = answer(programme(volets, years=3, **ceilings), rows, solver)
    assert sorted(award.year for award in allocation.awards) == [2020, 2022]


@pytest.mark.parametrize(
    ("step", "profile", "most"),
    [
        (1_000_000, [1 / 3, 1 / 3, 1 / 3], 333_333),
        (1_000, [0.3330001, 0.6669999], 333),
        (1_000, [0.333001, 0.666999], 333),
    ],
)
def test_payments_a_hair_above_their_ceiling(solver: str, step: int, profile: list[float], most: int) -> None:
    """A third of a million is above 333,333 euros, if by less than what a solver tolerates; one euro more is enough."""
    rows = [candidate("a", "project", 1, study=step)]
    volets = {"study": STUDY | {"payments": profile}}
    envelope = {"grant_step": step, "payments_max": [most]}
    assert answer(programme(volets, 1, step, envelope=envelope), rows, solver).supported == ()
    envelope["payments_max"] = [most + 1]
    assert answer(programme(volets, 1, step, envelope=envelope), rows, solver).supported == ("a",)


@pytest.mark.parametrize(("carry_over", "expected"), [(True, {2021}), (False, set())])
def test_funder_by_year(solver: str, carry_over: bool, expected: set[int]) -> None:
    """The city brings 10,000 euros in each of two years, and a study costs 20,000: only what 2020 leaves makes 2021 enough."""
    funders = [{"name": "city", "amounts": [10_000, 10_000]}]
    scenario = programme({"study": STUDY}, 2, 20_000, envelope={"carry_over": carry_over}, funders=funders)
    allocation = answer(scenario, [candidate("a", "project", 1, study=20_000)], solver)
    assert {award.year for award in allocation.awards} == expected
    if not expected:
        assert "10,000" in refusal_of(allocation, "a")


def test_funder_by_year_beside_one_for_all_years(solver: str) -> None:
    """Without carry-over: 10,000 euros a year for three years and 10,000 in all make 20,000 in one year only.

    The jury's list and the optimum serve one candidate of 20,000; the second has 10,000 left in each other year.
    """
    funders = [{"name": "city", "amounts": [10_000] * 3}, {"name": "bank", "amount": 10_000}]
    scenario = programme({"study": STUDY}, 3, 40_000, envelope={"carry_over": False}, funders=funders)
    rows = [candidate(id_, "project", score, study=20_000) for id_, score in zip("ab", (2, 1), strict=True)]
    allocation = answer(scenario, rows, solver)
    assert allocation.supported == ("a",)
    assert allocation.listing.order == ("a",)
    assert not allocation.listing.report.violations


def test_unit_cost(solver: str) -> None:
    """A study costs 20,000 euros whoever makes it, whatever the table says, and is borne in full: of 50,000, two."""
    volets = {"study": STUDY | {"unit_cost": 20_000}}
    rows = [candidate(id_, "project", score, study=1) for id_, score in zip("abc", (3, 2, 1), strict=True)]
    allocation = answer(programme(volets, 1, 50_000), rows, solver)
    assert given_to(allocation) == {("a", "study", 2020, 20_000), ("b", "study", 2020, 20_000)}
    bare = [{"id": row["id"], "phase": "project", "score": row["score"]} for row in rows]
    assert given_to(answer(programme(volets, 1, 50_000), bare, solver)) == given_to(allocation)


# ------------------------------------------------------------------------------------------------------------ accounts


@quick
@given(programme_cases())
def test_payments_add_up_to_commitments(one: Case) -> None:
    """To the euro, award by award and in all; no year pays more than its ceiling, and none less than nothing."""
    allocation = allocate(*build(*one))
    scenario = allocation.call.scenario
    for award in allocation.awards:
        assert sum(payments(scenario, award).values()) == award.grant
    accounts = by_year(scenario, allocation.awards)
    assert list(accounts) == list(range(2020, 2020 + len(accounts)))
    assert set(scenario.horizon) <= set(accounts)
    assert sum(committed for committed, _ in accounts.values()) == allocation.granted
    assert sum(paid for _, paid in accounts.values()) == allocation.granted
    assert all(paid >= 0 for _, paid in accounts.values())
    for most, (_, paid) in zip(scenario.envelope.payments_max or (), accounts.values(), strict=False):
        assert paid <= most


@quick
@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=8),
    st.lists(st.integers(0, 60), min_size=1, max_size=5).filter(any),
)
def test_payments_by_year_are_those_of_the_profile(grants: list[int], parts: list[int]) -> None:
    """Whatever the profile, what is paid until a year is within a euro of its share of all grants: rounding does not pile up."""
    profile = [round(part / sum(parts), 6) for part in parts]
    profile[-1] = float(1 - sum(map(exact, profile[:-1])))
    if profile[-1] < 0:
        return
    scenario, _ = build(
        programme({"study": STUDY | {"payments": profile}}, 1, 10**9), [candidate("a", "project", 1, study=1)]
    )
    awards = [Award(f"c{number}", "study", "", 2020, "", grant) for number, grant in enumerate(grants)]
    accounts = by_year(scenario, awards)
    until, share = 0, Fraction(0)
    for (_, paid), part in zip(accounts.values(), map(exact, profile), strict=True):
        until, share = until + paid, share + part
        assert abs(until - share * sum(grants)) < 1
    assert until == sum(grants)


# ----------------------------------------------------------------------------------------------------- broken scenarios

VALID = """\
format = 1
name = "base"
first_year = 2020
years = 2
[candidates]
file = "pool.csv"
[envelope]
total = 100_000
candidate_max = 40_000
payments_max = [60_000, 60_000, 60_000]
[[funders]]
name = "ville"
amounts = [10_000, 20_000]
[[funders]]
name = "ess"
amount = 70_000
[volets.study]
phases = ["project"]
unit_cost = 10_000
duration = 1
payments = [0.5, 0.5]
[volets.trial]
after = ["study"]
lag = 0
[value]
criteria = { score = 1.0 }
"""
POOL = "id;phase;score;trial.cost;trial.ask\nA;en projet;1;20000;20000\n"

# Each case: what is replaced, by what, line and path of the fault, and a word of what is expected.
BROKEN = [
    ("candidate_max = 40_000", "candidate_max = 0", 9, "envelope.candidate_max", "above 0"),
    ("candidate_max = 40_000", 'candidate_max = "40 000"', 9, "envelope.candidate_max", "whole number"),
    ("candidate_max = 40_000", "candidat_max = 40_000", 9, "envelope.candidat_max", "candidate_max"),
    ("[60_000, 60_000, 60_000]", "60_000", 10, "envelope.payments_max", "list"),
    ("[60_000, 60_000, 60_000]", "[60_000, -1]", 10, "envelope.payments_max.2", "at least 0"),
    ("[60_000, 60_000, 60_000]", "[0.6, 0.4]", 10, "envelope.payments_max.1", "whole number"),
    ("[10_000, 20_000]", "[10_000, 20_001]", 11, "funders", "€1 apart"),
    ("[10_000, 20_000]", "[30_000]", 13, "funders.1.amounts", "2 years"),
    ("[10_000, 20_000]", "[40_000, -10_000]", 13, "funders.1.amounts.2", "at least 0"),
    ("[10_000, 20_000]", "30_000", 13, "funders.1.amounts", "list"),
    ("[10_000, 20_000]", "[10_000, 20_000]\nshare = 0.3", 11, "funders.1", "one of"),
    ("amount = 70_000", "", 14, "funders.2", "one of"),
    ("unit_cost = 10_000", "unit_cost = 0", 19, "volets.study.unit_cost", "above 0"),
    ("unit_cost = 10_000", "unit_cost = 10_000\ngrant = { max = 5_000 }", 20, "volets.study.grant", "borne in full"),
    ("unit_cost = 10_000", "unit_cost = 10_000\naids = { post = {} }", 20, "volets.study.aids", "borne in full"),
    ("unit_cost = 10_000", "unit_cots = 10_000", 19, "volets.study.unit_cots", "unit_cost"),
    ("duration = 1", "duration = 0", 20, "volets.study.duration", "at least 1"),
    ("duration = 1", "duration = 1.5", 20, "volets.study.duration", "whole number"),
    ("[0.5, 0.5]", "[0.5, 0.4]", 21, "volets.study.payments", "90"),
    ("[0.5, 0.5]", "[1.5, -0.5]", 21, "volets.study.payments.1", "at most 1"),
    ("[0.5, 0.5]", "[]", 21, "volets.study.payments", "1"),
    ("[0.5, 0.5]", "1.0", 21, "volets.study.payments", "list"),
    ('after = ["study"]', 'after = ["studdy"]', 23, "volets.trial.after", "study"),
    ('after = ["study"]', 'after = ["trial"]', 23, "volets.trial.after", "study"),
    ('after = ["study"]', 'after = "study"', 23, "volets.trial.after", "list"),
    ('after = ["study"]', "", 22, "volets.trial", "who may enter"),
    ("lag = 0", "lag = -1", 24, "volets.trial.lag", "at least 0"),
    ("lag = 0", "lag = 31", 24, "volets.trial.lag", "at most 30"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the valid scenario and its pool."""
    (tmp_path / "base.toml").write_text(VALID, encoding="utf-8")
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def test_valid_programme_is_read(folder: Path) -> None:
    """The kit below breaks this programme one thing at a time; unbroken it has no fault."""
    scenario, candidates = read_call(folder / "base.toml")
    assert scenario.funder_amounts == {"ville": 30_000, "ess": 70_000}
    assert allocate(scenario, candidates).granted == 30_000
    assert scenario.override("funders.ville.amounts", [10_000, 20_000]) == scenario
    assert scenario.override("envelope.payments_max", [1]).envelope.payments_max == (1,)


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), BROKEN)
def test_broken_programme(folder: Path, old: str, new: str, line: int, path: str, words: str) -> None:
    """A fault is told with its line, its path and what is expected or nearest."""
    assert old in VALID
    (folder / "base.toml").write_text(VALID.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(*read_call(folder / "base.toml"))
    rendered = [fault.render("en") for fault in caught.value.faults]
    here = [text for fault, text in zip(caught.value.faults, rendered, strict=True) if fault.place.line == line]
    assert any(path in text and words in text for text in here), rendered
    for lang in LANGUAGES:
        assert all(fault.render(lang) for fault in caught.value.faults)
