"""The audit: a sound allocation passes, and whatever is done to it, or to the scenario under it, is found."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cases import build
from ptce_funding.audit import AuditReport, audit
from ptce_funding.awards import Award

SCENARIO: dict[str, Any] = {
    "format": 1,
    "name": "audited",
    "first_year": 2013,
    "years": 2,
    "envelope": {"total": 200_000, "tranches": [0.45, 0.55], "carry_over": True},
    "funders": [
        {"name": "city", "amount": 80_000, "pays": {"priority_district": True}},
        {"name": "state", "amount": 120_000},
    ],
    "volets": {
        "exp": {
            "phases": ["emerging", "consolidation"],
            "grant": {"min": 10_000, "max": 60_000},
            "rate": 0.8,
            "public_cap": 0.9,
            "tolerance": 0.1,
            "local_min": 0.05,
            "aids": {"post": {}, "investment": {}},
            "aids_mode": "either",
        },
        "lab": {"phases": ["consolidation"]},
    },
    "value": {"criteria": {"score": 1.0}},
    "rules": [
        {"name": "Corse", "measure": "count", "by": ["region"], "where": {"region": "Corse"}, "min": 1},
        {"name": "jobs", "measure": "jobs", "min": 7.5},
        {"name": "city", "measure": "amount", "where": {"funder": "city"}, "max": 40_000},
        {"name": "consolidation", "measure": "share", "of": "granted", "where": {"phase": "consolidation"}, "min": 0.5},
        {"name": "region", "measure": "share", "of": "envelope", "by": ["region"], "max": 0.25},
        {"name": "first year", "measure": "count", "where": {"year": 2013}, "min": 1, "max": 2},
    ],
    "links": [
        {"name": "one of two", "candidates": ["b", "d"], "at_most": 1},
        {"name": "together", "candidates": ["a", "b"], "all_or_none": True},
        {"name": "after a", "candidates": ["b", "f"], "only_if": "a"},
    ],
    "decisions": [
        {"candidate": "a", "decision": "fund", "by": "the board", "reason": "promised"},
        {"candidate": "e", "decision": "reject", "by": "the board", "reason": "withdrawn"},
    ],
}


def row(id_: str, phase: str, region: str, district: bool, jobs: float, **money: int) -> dict[str, Any]:
    cells = {"id": id_, "phase": phase, "region": region, "priority_district": district, "jobs": jobs, "score": 1}
    amounts = {"cost": 50_000, "ask": 42_000, "local": 5_000, "public": 0, "own": 5_000} | money
    return cells | amounts | {"lab.cost": 20_000, "lab.ask": 10_000, "lab.local": 0, "lab.public": 0, "lab.own": 10_000}


ROWS = [
    # By the rate 40,000 € at most, 35,000 € at least, as 10 % may stay uncovered; the label needs exactly 10,000 €.
    row("a", "consolidation", "Bretagne", True, 4.5),
    # From 42,000 € (0.9 × 60 - 12) to 48,000 € (the rate).
    row("b", "emerging", "Corse", False, 3.5, cost=60_000, ask=50_000, local=6_000, own=6_000),
    row("c", "project", "Bretagne", True, 1),
    row("d", "emerging", "Bretagne", True, 1),
    row("e", "emerging", "Corse", True, 1),
    row("f", "emerging", "Corse", False, 1),
]

A = Award("a", "exp", "post", 2013, "city", 38_000)
LABEL = Award("a", "lab", "", 2014, "state", 10_000)
B = Award("b", "exp", "investment", 2013, "state", 45_000)
SOUND = (A, LABEL, B)


def audited(awards: tuple[Award, ...], **changes: Any) -> AuditReport:
    scenario, candidates = build(SCENARIO | changes, ROWS)
    admissible = {"a", "b", "c", "e", "f"}
    fundable = {(id_, "exp", aid, year) for id_ in "abef" for aid in ("post", "investment") for year in (2013, 2014)}
    fundable |= {("a", "lab", "", year) for year in (2013, 2014)}
    return audit(scenario, candidates, admissible, fundable, awards)


def found(report: AuditReport) -> str:
    """Return everything that is wrong, as one text."""
    broken = [f"broken: {check.rule.name} {dict(check.group)}" for check in report.broken]
    return "\n".join([*(violation.render("en") for violation in report.violations), *broken])


def test_sound_allocation_passes() -> None:
    """Each grant between its bounds, 83,000 € of the 90,000 € of 2013, 38,000 € of the city, 48 of 93 to consolidation."""
    assert found(audited(SOUND)) == ""


@pytest.mark.parametrize(
    "awards",
    [
        (replace(A, grant=35_000), LABEL, replace(B, grant=42_000)),  # both at the floor
        (replace(A, grant=40_000), LABEL, replace(B, grant=48_000)),  # both at the ceiling
        (replace(A, grant=30_000), replace(A, funder="state", grant=8_000), LABEL, B),  # one grant, two funders
        (A, replace(LABEL, year=2014), replace(B, year=2014)),  # later
        (replace(A, aid="investment"), LABEL, B),  # the other aid
    ],
)
def test_other_sound_allocations_pass(awards: tuple[Award, ...]) -> None:
    """The audit refuses no more than it must."""
    assert found(audited(awards)) == ""


TAMPERED: list[tuple[str, tuple[Award, ...], str]] = [
    ("a euro more", (replace(A, grant=38_001), LABEL, B), "a gets 38001, not a whole multiple"),
    ("a euro less", (replace(A, grant=37_999), LABEL, B), "a gets 37999, not a whole multiple"),
    ("nothing", (A, replace(LABEL, grant=0), B), "a gets 0, not"),
    ("less than nothing", (*SOUND, replace(A, funder="state", grant=-1_000)), "a gets -1000, not"),
    ("a step above the rate", (replace(A, grant=41_000), LABEL, B), "rate does not hold for 41000"),
    ("a step above the ask", (A, replace(LABEL, grant=11_000), B), "ask does not hold for 11000"),
    ("a step below the closing", (replace(A, grant=34_000), LABEL, B), "closing does not hold for 34000"),
    ("below the smallest grant", (replace(A, grant=9_000), LABEL, B), "smallest grant does not hold"),
    ("above the largest grant", (A, LABEL, replace(B, grant=61_000)), "largest grant does not hold"),
    ("above the cost", (A, replace(LABEL, grant=12_000), B), "cost does not hold"),
    ("a funder who may not pay", (A, LABEL, replace(B, funder="city")), "city may not pay b"),
    ("an unknown funder", (A, LABEL, replace(B, funder="bank")), "unknown funders bank"),
    ("no funder", (A, LABEL, replace(B, funder="")), "unknown funders"),
    ("a funder's pocket", (A, replace(A, year=2014, grant=43_000), LABEL, B), "city pays more than it brings"),
    ("too early", (replace(A, year=2012), LABEL, B), "in 2012, outside the horizon"),
    ("too late", (A, replace(LABEL, year=2015), B), "in 2015, outside the horizon"),
    ("all in the first year", (A, replace(LABEL, year=2013), B), "93000 committed up to 2013"),
    ("a line twice", (A, A, LABEL, B), "stands twice"),
    ("a line twice, halved", (replace(A, grant=19_000), replace(A, grant=19_000), LABEL, B), "stands twice"),
    ("not admissible", (*SOUND, replace(A, candidate="d")), "d is funded without being admissible"),
    ("not a candidate", (*SOUND, replace(A, candidate="z")), "there is no candidate z"),
    ("not a volet", (A, replace(LABEL, volet="office"), B), "is no step of the scenario"),
    ("not an aid of the volet", (A, LABEL, replace(B, aid="")), "is no step of the scenario"),
    ("not the phase", (*SOUND, replace(A, candidate="c")), "entry does not hold"),
    ("the label too early", (A, LABEL, B, replace(LABEL, candidate="b")), "entry does not hold"),
    ("a second aid", (*SOUND, replace(A, aid="investment", funder="state")), "a gets exp more than once"),
    ("a second year", (*SOUND, replace(A, year=2014, funder="state")), "a gets exp more than once"),
    ("a promise broken", (B,), "the decision on a is not carried out"),
    ("a rejection undone", (*SOUND, replace(B, candidate="e", grant=40_000)), "the decision on e is not carried out"),
    ("only one of two", (A, LABEL), "the link together does not hold"),
    ("both of two", (*SOUND, replace(A, candidate="d", year=2014)), "the link one of two does not hold"),
    ("without whom", (B, replace(B, candidate="f", grant=38_000)), "the link after a does not hold"),
    ("a floor on a count", (A, LABEL), "broken: Corse {'region': 'Corse'}"),
    ("a floor on a column", (A, LABEL), "broken: jobs"),
    ("a cap on an amount", (replace(A, grant=40_000), replace(LABEL, funder="city"), B), "broken: city"),
    ("a floor on a share", (replace(A, grant=35_000), LABEL, replace(B, grant=48_000)), "broken: consolidation"),
    ("a cap on a share", (replace(A, grant=41_000), LABEL, B), "broken: region {'region': 'Bretagne'}"),
    ("a cap on a count", (*SOUND, replace(B, candidate="f", grant=38_000)), "broken: first year"),
    (
        "the envelope",
        (*SOUND, replace(B, candidate="f", grant=108_000, year=2014)),
        "201000 spent of an envelope of 200000",
    ),
]


@pytest.mark.parametrize(("awards", "expected"), [each[1:] for each in TAMPERED], ids=[each[0] for each in TAMPERED])
def test_tampering_is_found(awards: tuple[Award, ...], expected: str) -> None:
    """The sound allocation with one thing changed."""
    assert expected in found(audited(awards))


def volet(**terms: Any) -> Callable[[], dict[str, Any]]:
    """Return the volets with some terms of the first changed."""
    return lambda: {"volets": SCENARIO["volets"] | {"exp": SCENARIO["volets"]["exp"] | terms}}


def part(name: str, **terms: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {name: SCENARIO[name] | terms}


def priority_floor(share: float, of: str) -> Callable[[], dict[str, Any]]:
    return lambda: {"priority": {"mode": "floor", "order": [["consolidation"]], "share": share, "of": of}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (volet(rate=0.75), "a, exp: rate does not hold for 38000"),  # 0.75 × 50
        (volet(rate=0.75, rate_bonus={"priority_district": 0.01}), ""),  # 0.76 × 50 is what a gets; b has 45 of 60
        (volet(public_cap=0.85), "a, exp: public cap does not hold for 38000"),  # 43 of 50 are public
        (volet(public_cap=0.86), ""),
        (volet(tolerance=0.02), "b, exp: closing does not hold for 45000"),  # 3,000 € uncovered
        (volet(local_min=0.11), "a, exp: local share does not hold"),
        (volet(grant={"min": 39_000}), "a, exp: smallest grant does not hold for 38000"),
        (volet(grant={"max": 44_000}), "b, exp: largest grant does not hold for 45000"),
        (volet(phases=("consolidation",)), "b, exp: entry does not hold"),
        (part("envelope", grant_step=5_000), "a gets 38000, not a whole multiple"),
        (part("envelope", tranches=[0.4, 0.6]), "83000 committed up to 2013"),
        (part("envelope", tranches=[0.96, 0.04]), ""),
        (part("envelope", tranches=[0.96, 0.04], carry_over=False), "10000 committed up to 2014"),
        (priority_floor(0.51, "granted"), ""),  # 48 of 93 are 51.6 %
        (priority_floor(0.52, "granted"), "broken: (priority)"),
        (priority_floor(0.25, "envelope"), "broken: (priority)"),  # 48 of 200
    ],
)  # fmt: skip
def test_sound_allocation_under_another_scenario(changes: Callable[[], dict[str, Any]], expected: str) -> None:
    """The awards stay; the terms move just past them."""
    report = found(audited(SOUND, **changes()))
    assert expected in report
    assert bool(report) == bool(expected)


def test_aids_together() -> None:
    """Where both aids may be granted, two of one year are sound, two years are not."""
    both = {"phases": ["consolidation"], "aids": {"post": {}, "investment": {}}, "aids_mode": "both"}
    scenario = {**SCENARIO, "volets": {"exp": both}, "funders": [], "rules": [], "links": [], "decisions": []}
    cells = {f"exp.{aid}.{what}": 10_000 for aid in ("post", "investment") for what in ("cost", "ask")}
    stated, candidates = build(scenario, [{"id": "a", "phase": "consolidation", "score": 1} | cells])
    post, investment = (Award("a", "exp", aid, 2013, "", 10_000) for aid in ("post", "investment"))
    assert not audit(stated, candidates, {"a"}, set(), (post, investment)).violations
    assert audit(stated, candidates, {"a"}, set(), (post, replace(investment, year=2014))).violations


def slacks(report: AuditReport) -> dict[str, tuple[Fraction | None, Fraction | None]]:
    return {
        check.rule.name + "".join(str(value) for _, value in check.group): (check.activity, check.slack)
        for check in report.rules
    }


def test_slack_by_hand() -> None:
    """38 + 10 thousand euros to a, 45 to b; 4.5 and 3.5 jobs. A share has its slack in shares, a euro its slack in euros."""
    assert slacks(audited(SOUND)) == {
        "CorseCorse": (1, 0),
        "jobs": (8, Fraction(1, 2)),
        "city": (38_000, 2_000),
        "consolidation": (Fraction(48, 93), Fraction(48, 93) - Fraction(1, 2)),
        "regionBretagne": (Fraction(48, 200), Fraction(1, 100)),
        "regionCorse": (Fraction(45, 200), Fraction(1, 40)),
        "first year": (2, 0),  # the nearer of 1 and 2
    }


def test_slack_of_a_broken_rule_is_negative() -> None:
    """Without b there are 4.5 jobs of 7.5, and nobody in Corse."""
    found_slacks = slacks(audited((A, LABEL)))
    assert found_slacks["jobs"] == (Fraction(9, 2), -3)
    assert found_slacks["CorseCorse"] == (0, -1)


def test_without_grants_a_share_of_them_is_nothing() -> None:
    """A share of nothing has no activity and no slack, and is not broken; a share of the envelope is zero."""
    report = audited(())
    assert slacks(report)["consolidation"] == (None, None)
    assert slacks(report)["regionCorse"] == (0, Fraction(1, 4))
    assert "consolidation" not in {check.rule.name for check in report.broken}


def test_floor_of_an_impossible_group_is_skipped() -> None:
    """In Bretagne nobody in the first phase can be funded: with `only_possible` the floor has no slack there and is kept."""
    floor = {"name": "floor", "measure": "count", "by": ["region"], "where": {"phase": "emerging"}, "min": 1}
    for only_possible in (True, False):
        report = audited(SOUND, rules=[floor | {"only_possible": only_possible}])
        by_region = {dict(check.group)["region"]: check for check in report.rules}
        assert by_region["Bretagne"].is_skipped == only_possible
        assert by_region["Bretagne"].is_kept == only_possible
        assert by_region["Bretagne"].slack == (None if only_possible else -1)
        assert by_region["Corse"].is_kept
        assert by_region["Corse"].slack == 0


def test_flag_as_a_measure() -> None:
    """a is in a priority district, b is not: one of them counts."""
    report = audited(SOUND, rules=[{"name": "districts", "measure": "priority_district", "min": 1}])
    assert slacks(report) == {"districts": (1, 0)}
