"""The optimum: HiGHS, CBC and brute force agree on random calls, and tiny calls have the answer worked out by hand."""

from collections.abc import Sequence
from typing import Any

import pytest

from cases import PHASES, RULE_KINDS, Case, build, case
from enumeration import best
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.errors import CandidatesError
from ptce_funding.problem import Status

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

SOLVERS = ("highs", "cbc")
CHUNKS = [range(start, start + 20) for start in range(0, 320, 20)]


def solved(one: Case, solver: str) -> Allocation:
    scenario, candidates = build(*one)
    allocation = allocate(scenario, candidates, solver=solver)
    if allocation.has_allocation:
        assert allocation.report is not None
        assert not allocation.report.violations
        assert not allocation.report.broken
    return allocation


def values(allocation: Allocation) -> list[float]:
    return [stage.value for stage in allocation.stages if stage.value is not None]


def assert_values(allocation: Allocation, expected: Sequence[float], tolerance: float, name: str) -> None:
    """Compare the values of the priority groups; a group that nobody is in may be left out, and is worth nothing."""
    found = values(allocation)
    n = max(len(found), len(expected))
    padded = [[*each, *[0.0] * (n - len(each))] for each in (found, expected)]
    assert padded[0] == pytest.approx(padded[1], rel=tolerance, abs=1e-6), name


# ---------------------------------------------------------------------------------------------------------- random calls


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_solver_agrees_with_enumeration(seeds: range, solver: str) -> None:
    """The value by priority group is that of the best of all allocations; there is none exactly when brute force finds none."""
    for seed in seeds:
        one = case(seed)
        expected = best(*one)
        allocation = solved(one, solver)
        if expected is None:
            assert allocation.status is Status.INFEASIBLE, f"case {seed}: an allocation where there is none"
            continue
        assert allocation.status is Status.OPTIMAL, (
            f"case {seed}: {allocation.status}, but {expected} keeps all the rules"
        )
        assert_values(allocation, expected.values, 1e-6, f"case {seed}")


@pytest.mark.slow
def test_many_more_calls_agree_with_enumeration() -> None:
    """A thousand calls that the other test does not draw."""
    test_solver_agrees_with_enumeration(range(10_000, 11_000), "highs")


def test_random_calls_cover_the_model() -> None:
    """The comparison above means little unless every kind of rule occurs, and calls without an allocation are a minority."""
    seen: set[Any] = set()
    infeasible = 0
    for seed in range(CHUNKS[-1].stop):
        scenario, rows = case(seed)
        infeasible += best(scenario, rows) is None
        seen |= {("priority", scenario["priority"].get("mode", "none")), ("years", scenario["years"])}
        seen |= {("scale", scenario["value"]["scale"]), ("funders", len(scenario["funders"]))}
        seen |= {
            ("link", key) for link in scenario["links"] for key in ("at_most", "all_or_none", "only_if") if key in link
        }
        seen |= {("decision", decision["decision"]) for decision in scenario["decisions"]}
        seen |= {("phase", row["phase"]) for row in rows}
        if "tranches" in scenario["envelope"]:
            seen.add(("carry_over", scenario["envelope"]["carry_over"]))
        for volet in scenario["volets"].values():
            seen |= {("aids", volet.get("aids_mode", "none"))} | {("term", term) for term in volet}
        for rule in scenario["rules"]:
            tells = "funder " if "funder" in rule["where"] or "funder" in rule["by"] else ""
            seen |= {
                ("rule", tells + rule["measure"], rule.get("of"), bound) for bound in ("min", "max") if bound in rule
            }
            seen |= {("by", column) for column in rule["by"]} | {("where", column) for column in rule["where"]}
            seen.add(("only_possible", rule.get("only_possible", False)))
    expected = {("priority", mode) for mode in ("none", "strict", "floor", "weight")}
    expected |= {("years", 1), ("years", 2), ("carry_over", True), ("carry_over", False), ("only_possible", True)}
    expected |= {("scale", scale) for scale in ("candidate", "cost", "jobs")} | {
        ("funders", number) for number in (0, 2, 3)
    }
    expected |= {("link", kind) for kind in ("at_most", "all_or_none", "only_if")} | {
        ("phase", phase) for phase in PHASES
    }
    expected |= {("decision", "fund"), ("decision", "reject")} | {("aids", mode) for mode in ("none", "either", "both")}
    expected |= {
        ("term", term)
        for term in ("grant", "rate", "rate_bonus", "public_cap", "tolerance", "local_min", "local_required")
    }
    for bound in ("min", "max"):
        expected |= {("rule", measure, None, bound) for measure in ("amount", "count", "jobs", "funder amount")}
        expected |= {
            ("rule", measure, of, bound) for measure in ("share", "funder share") for of in ("granted", "envelope")
        }
    expected |= {("by", column) for column in ("region", "phase", "year", "volet", "funder", "priority_district")}
    expected |= {
        ("where", column) for column in ("region", "phase", "year", "volet", "aid", "funder", "priority_district")
    }
    assert expected - seen == set()
    assert 0 < infeasible < CHUNKS[-1].stop / 3
    assert len(RULE_KINDS) == 7


@pytest.mark.parametrize("seed", range(20))
def test_solvers_agree_on_larger_calls(seed: int) -> None:
    """Sixty candidates are too many to enumerate; two solvers that share no code agree within their gap."""
    scenario, rows = case(seed + 1000, n=60, largest=None)
    scenario["solve"] = {"gap": 1e-6, "time_limit": 60.0}
    by_solver = [solved((scenario, rows), solver) for solver in SOLVERS]
    assert by_solver[0].status is by_solver[1].status
    assert by_solver[0].status in (Status.OPTIMAL, Status.INFEASIBLE)
    if by_solver[0].has_allocation:
        assert_values(by_solver[0], values(by_solver[1]), 2e-6, f"case {seed + 1000}")


# ----------------------------------------------------------------------------------------------------- worked out by hand


def candidate(id_: str, score: float, cost: int, phase: str = "consolidation", **cells: Any) -> dict[str, Any]:
    """Return a candidate that needs its whole cost: funded in full or not at all, as nothing may stay uncovered."""
    return {"id": id_, "phase": phase, "score": score, "cost": cost, "ask": cost, **cells}


def call(rows: list[dict[str, Any]], total: int, **parts: Any) -> Case:
    """Return a call of one volet that is open to all, where each project counts by its score."""
    scenario = {
        "format": 1,
        "name": "by-hand",
        "first_year": 2013,
        "envelope": {"total": total, **parts.pop("envelope", {})},
        "volets": {"exp": {"phases": PHASES, **parts.pop("volet", {})}},
        "value": {"criteria": {"score": 1.0}, **parts.pop("value", {})},
        "solve": {"gap": 0.0},
        **parts,
    }
    return scenario, rows


def rule(**terms: Any) -> dict[str, Any]:
    return {"name": "the rule", **terms}


def test_greed_does_not_pay(solver: str) -> None:
    """a (10) takes the whole envelope; b and c (9 + 8) share it. The jury's list stops at a, the optimum leaves it out."""
    allocation = solved(
        call([candidate("a", 10, 50_000), candidate("b", 9, 25_000), candidate("c", 8, 25_000)], 50_000), solver
    )
    assert allocation.supported == ("b", "c")
    assert allocation.value == pytest.approx(17)
    assert allocation.listing.order == ("a",)
    assert allocation.listing.values == pytest.approx((10,))


THREE_READINGS = [candidate("a", 5, 50_000), candidate("b", 8, 25_000, "project"), candidate("c", 8, 25_000, "project")]


def test_priority_read_strictly(solver: str) -> None:
    """a is the only one of the first group and is served, though b and c are worth 16 against 5; no money is left for them."""
    allocation = solved(call(THREE_READINGS, 50_000, priority={"mode": "strict", "order": [["consolidation"]]}), solver)
    assert allocation.supported == ("a",)
    assert values(allocation) == pytest.approx([5, 0])


@pytest.mark.parametrize(("weight", "supported"), [(3.0, ("b", "c")), (4.0, ("a",))])
def test_priority_read_as_a_weight(solver: str, weight: float, supported: tuple[str, ...]) -> None:
    """a counts for 15 or 20 against the 16 of b and c: the weight decides, and 3.2 is the border."""
    one = call(THREE_READINGS, 50_000, priority={"mode": "weight"}, value={"phases": {"consolidation": weight}})
    assert solved(one, solver).supported == supported


@pytest.mark.parametrize(("share", "supported"), [(0.0, ("b", "c")), (0.01, ("a",)), (1.0, ("a",))])
def test_priority_read_as_a_floor(solver: str, share: float, supported: tuple[str, ...]) -> None:
    """Any share above zero of what is granted must go to a, and a leaves nothing for others."""
    priority = {"mode": "floor", "order": [["consolidation"]], "share": share, "of": "granted"}
    assert solved(call(THREE_READINGS, 50_000, priority=priority), solver).supported == supported


@pytest.mark.parametrize(
    ("of", "total", "value"),
    [
        ("granted", 60_000, 10),  # b or c beside a: 20 of 60 is a third, whatever the envelope
        ("granted", 70_000, 10),
        ("envelope", 60_000, 10),  # 30 % of 60,000 € is less than b or c needs
        ("envelope", 70_000, 14),  # 30 % of 70,000 € pays one of them, and b is the better
    ],
)
def test_share_of_what(solver: str, of: str, total: int, value: float) -> None:
    """At most 30 % to Corse: of what is granted, or of what might be."""
    rows = [candidate("a", 10, 40_000, region="Bretagne"), candidate("b", 4, 20_000, region="Corse")]
    rows.append(candidate("c", 3, 20_000, region="Corse"))
    cap = rule(measure="share", of=of, where={"region": "Corse"}, max=0.3)
    assert solved(call(rows, total, rules=[cap]), solver).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("of", "total", "value"),
    [("granted", 40_000, 14), ("granted", 60_000, 14), ("envelope", 40_000, 14), ("envelope", 60_000, None)],
)
def test_more_money_can_hurt_under_a_floor_of_the_envelope(
    solver: str, of: str, total: int, value: float | None
) -> None:
    """At least half to Corse, where only 20,000 € can be spent: half of 40,000 € but not of 60,000 €."""
    rows = [candidate("a", 10, 20_000, region="Bretagne"), candidate("b", 4, 20_000, region="Corse")]
    allocation = solved(
        call(rows, total, rules=[rule(measure="share", of=of, where={"region": "Corse"}, min=0.5)]), solver
    )
    assert allocation.value == (value if value is None else pytest.approx(value))
    assert (allocation.status is Status.INFEASIBLE) == (value is None)


@pytest.mark.parametrize("only_possible", [True, False])
def test_only_possible(solver: str, only_possible: bool) -> None:
    """One laureate in each region; in Corse only b applies, which asks for nothing. The floor skips Corse, or nothing can be done."""
    rows = [candidate("a", 10, 20_000, region="Bretagne"), candidate("b", 4, 20_000, region="Corse") | {"ask": 0}]
    allocation = solved(
        call(rows, 40_000, rules=[rule(measure="count", by=["region"], min=1, only_possible=only_possible)]), solver
    )
    assert allocation.supported == (("a",) if only_possible else ())
    assert allocation.has_allocation == only_possible
    if allocation.report is not None:
        assert {dict(check.group)["region"]: check.is_skipped for check in allocation.report.rules} == {
            "Bretagne": False,
            "Corse": True,
        }


@pytest.mark.parametrize(("mode", "aids"), [("either", ["investment"]), ("both", ["investment", "post"])])
def test_aids(solver: str, mode: str, aids: list[str]) -> None:
    """a asks for 10,000 € of one aid and 20,000 € of the other, and there is money for both. By cost, the larger is worth more."""
    row = {"id": "a", "phase": "project", "score": 1}
    row |= {
        "exp.post.cost": 10_000,
        "exp.post.ask": 10_000,
        "exp.investment.cost": 20_000,
        "exp.investment.ask": 20_000,
    }
    volet = {"aids": {"post": {}, "investment": {}}, "aids_mode": mode}
    allocation = solved(call([row], 50_000, volet=volet, value={"scale": "cost"}), solver)
    assert [award.aid for award in allocation.awards] == aids


def test_forced_in(solver: str) -> None:
    """c is worth least, but was promised its 25,000 €; with what is left b is the best."""
    rows = [candidate("a", 10, 50_000), candidate("b", 9, 25_000), candidate("c", 1, 25_000)]
    promise = {"candidate": "c", "decision": "fund", "by": "the board", "reason": "promised"}
    allocation = solved(call(rows, 50_000, decisions=[promise]), solver)
    assert allocation.supported == ("b", "c")
    assert allocation.value == pytest.approx(10)


def test_funder_of_priority_districts(solver: str) -> None:
    """The city pays in priority districts only, where just a is: b and c (19) would need 60,000 € of the state, which has 30,000 €."""
    rows = [candidate("a", 5, 30_000, priority_district=True), candidate("b", 10, 30_000, priority_district=False)]
    rows.append(candidate("c", 9, 30_000, priority_district=False))
    funders = [
        {"name": "city", "amount": 30_000, "pays": {"priority_district": True}},
        {"name": "state", "amount": 30_000},
    ]
    allocation = solved(call(rows, 60_000, funders=funders), solver)
    assert [(award.candidate, award.funder, award.grant) for award in allocation.awards] == [
        ("a", "city", 30_000),
        ("b", "state", 30_000),
    ]


TWO_FUNDERS = [{"name": "city", "amount": 50_000}, {"name": "state", "amount": 50_000}]
THIRTY_EACH = [candidate("a", 10, 30_000), candidate("b", 7, 30_000), candidate("c", 5, 30_000)]


@pytest.mark.parametrize(
    ("terms", "supported"),
    [
        # At most 10,000 € of the city and 50,000 € of the state: two of three.
        ({"measure": "amount", "where": {"funder": "city"}, "max": 10_000}, ("a", "b")),
        # 40,000 € of the city and 50,000 € of the state: all.
        ({"measure": "amount", "where": {"funder": "city"}, "min": 40_000}, ("a", "b", "c")),
        # The state may pay 40 % at most, so 60 % of 90,000 € are more than the city has; of 60,000 € they are 36,000 €.
        ({"measure": "share", "of": "granted", "where": {"funder": "state"}, "max": 0.4}, ("a", "b")),
        # A fifth of the envelope from each: 20,000 € are no trouble.
        ({"measure": "share", "of": "envelope", "by": ["funder"], "min": 0.2}, ("a", "b", "c")),
        # 30 % of the envelope from each: 60,000 € at most.
        ({"measure": "share", "of": "envelope", "by": ["funder"], "max": 0.3}, ("a", "b")),
    ],
)
def test_rule_on_the_money_of_a_funder_that_may_pay_all(
    solver: str, terms: dict[str, Any], supported: tuple[str, ...]
) -> None:
    """Both funders may pay everything, and still a rule about one of them binds."""
    allocation = solved(call(THIRTY_EACH, 100_000, funders=TWO_FUNDERS, rules=[rule(**terms)]), solver)
    assert allocation.supported == supported


@pytest.mark.parametrize("carry_over", [True, False])
def test_carry_over(solver: str, carry_over: bool) -> None:
    """a needs 50,000 €, more than a year's 30,000 €: possible only in the second year, with what the first has left."""
    envelope = {"tranches": [0.5, 0.5], "carry_over": carry_over}
    allocation = solved(call([candidate("a", 10, 50_000)], 60_000, years=2, envelope=envelope), solver)
    assert [award.year for award in allocation.awards] == ([2014] if carry_over else [])


def test_waiting_costs(solver: str) -> None:
    """Two need 30,000 € each, and each year has 30,000 €. Whoever waits loses a tenth: better of 4 than of 10."""
    rows = [candidate("a", 4, 30_000), candidate("b", 10, 30_000)]
    envelope = {"tranches": [0.5, 0.5], "carry_over": False}
    allocation = solved(call(rows, 60_000, years=2, envelope=envelope, value={"discount": 0.1}), solver)
    assert [(award.candidate, award.year) for award in allocation.awards] == [("a", 2014), ("b", 2013)]
    assert allocation.value == pytest.approx(13.6)


@pytest.mark.parametrize(("fixed", "grants"), [(0.0, [20_000]), (1.0, [10_000, 10_000])])
def test_fixed_part(solver: str, fixed: float, grants: list[int]) -> None:
    """20,000 € for two that ask 20,000 € and may live with 10,000 €. If only the first euro counts both get something (10 + 6); if
    every euro counts alike the better gets all (10 against 5 + 3)."""
    rows = [candidate("a", 10, 20_000), candidate("b", 6, 20_000)]
    one = call(rows, 20_000, value={"fixed": fixed}, volet={"tolerance": 0.5, "grant": {"min": 10_000}})
    assert [award.grant for award in solved(one, solver).awards] == grants


def test_flag_as_a_measure(solver: str) -> None:
    """A flag counts one for each candidate that has it, nothing where it is blank: b alone keeps the floor, and all are funded."""
    rows = [candidate("a", 10, 20_000, priority_district=False), candidate("b", 4, 20_000, priority_district=True)]
    rows.append(candidate("c", 5, 20_000, priority_district=None))
    terms = rule(measure="priority_district", min=1)
    assert solved(call(rows, 60_000, rules=[terms]), solver).supported == ("a", "b", "c")
    assert solved(call(rows, 40_000, rules=[terms]), solver).supported == ("a", "b")


def test_share_with_many_digits(solver: str) -> None:
    """A third, as a computer writes it, is a share like any other: each of three equal grants has a third of the money."""
    rows = [candidate(id_, 1, 30_000, zone=zone) for id_, zone in zip("abc", ["east", "west", "south"], strict=True)]
    floor = rule(measure="share", of="granted", by=["zone"], min=1 / 3)
    assert solved(call(rows, 90_000, rules=[floor]), solver).value == pytest.approx(3)


def test_column_with_many_digits(solver: str) -> None:
    """Three thirds of a job, as a spreadsheet computes them, are one job: the solver and the audit say so both."""
    rows = [candidate(id_, 1, 30_000, jobs=1 / 3) for id_ in "abc"]
    assert solved(call(rows, 90_000, rules=[rule(measure="jobs", min=1)]), solver).value == pytest.approx(3)


@pytest.mark.parametrize("terms", [{"min": 1e30}, {"max": -1e30}])
def test_bound_beyond_all_numbers(solver: str, terms: dict[str, float]) -> None:
    """No allocation has so many jobs, or so few: none exists, which is no failure of the solver."""
    rows = [candidate("a", 1, 30_000, jobs=2.0)]
    assert solved(call(rows, 90_000, rules=[rule(measure="jobs", **terms)]), solver).status is Status.INFEASIBLE


def test_cap_holds_where_the_floor_is_skipped(solver: str) -> None:
    """Every region must lose a ton. In Corse nobody can be funded, so its floor is skipped, but no tons lost are not one."""
    rows = [candidate("a", 1, 30_000, region="Bretagne", tons=-2.0)]
    rows.append(candidate("b", 1, 30_000, region="Corse", tons=-2.0) | {"ask": 0})
    terms = rule(measure="tons", by=["region"], min=-9, max=-1, only_possible=True)
    assert solved(call(rows, 90_000, rules=[terms]), solver).status is Status.INFEASIBLE


@pytest.mark.parametrize("unit", [1e-12, 1e-9, 1.0, 1e9])
def test_strict_priority_in_any_unit_of_merit(solver: str, unit: float) -> None:
    """Points of merit may be as small or large as one likes: the first group keeps its a."""
    priority = {"mode": "strict", "order": [["consolidation"]]}
    one = call(THREE_READINGS, 50_000, priority=priority, value={"criteria": {"score": unit}})
    assert solved(one, solver).supported == ("a",)


def test_blank_flag_as_the_scale() -> None:
    """A flag may scale the value; where it is blank the value is unknown, as with any other column."""
    rows = [candidate("a", 1, 30_000, priority_district=True), candidate("b", 1, 30_000, priority_district=None)]
    with pytest.raises(CandidatesError, match="b"):
        solved(call(rows, 60_000, value={"scale": "priority_district"}), "highs")
