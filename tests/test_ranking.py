"""The jury's list, read by hand on tiny calls: thousands of euros, one volet open to all unless said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import PHASES, build
from ptce_funding.allocation import allocate
from ptce_funding.call import prepare
from ptce_funding.errors import NoAllocationError
from ptce_funding.settlement import Listing, list_by_rank

Rows = list[dict[str, Any]]


def candidate(id_: str, score: float, ask: int, phase: str = "consolidation", **cells: Any) -> dict[str, Any]:
    """Return a candidate that asks for `ask` thousand euros, its whole cost."""
    return {
        "id": id_,
        "phase": phase,
        "score": score,
        "cost": ask * 1000,
        "ask": ask * 1000,
        "region": "Corse",
        **cells,
    }


def tables(total: int, least: int = 0, **parts: Any) -> dict[str, Any]:
    """Return a scenario with `total` thousand euros; anything from `least` thousand euros helps."""
    volet = {"phases": PHASES, "tolerance": 1.0, "grant": {"min": least * 1000}, **parts.pop("volet", {})}
    envelope = {"total": total * 1000, **parts.pop("envelope", {})}
    return {
        "format": 1,
        "name": "listed",
        "first_year": 2013,
        "envelope": envelope,
        "volets": {"exp": volet},
        "value": {"criteria": {"score": 1.0}, **parts.pop("value", {})},
        **parts,
    }


def listed(rows: Rows, total: int, least: int = 0, **parts: Any) -> Listing:
    return list_by_rank(prepare(*build(tables(total, least, **parts), rows)))


def grants(listing: Listing) -> dict[str, int]:
    """Return thousands of euros by candidate, in the order of the list."""
    given_to = dict.fromkeys(listing.order, 0)
    for award in listing.awards:
        given_to[award.candidate] += award.grant // 1000
    return given_to


def broken(listing: Listing) -> list[tuple[str, dict[str, Any]]]:
    return [(check.rule.name, dict(check.group)) for check in listing.report.broken]


def rule(**terms: Any) -> dict[str, Any]:
    return {"name": "the rule", **terms}


# ---------------------------------------------------------------------------------------------------------------- order


def test_by_merit() -> None:
    """b has the best score and comes first, whatever it costs."""
    listing = listed([candidate("a", 5, 10), candidate("b", 9, 30), candidate("c", 7, 20)], 60)
    assert list(grants(listing).items()) == [("b", 30), ("c", 20), ("a", 10)]
    assert listing.values == pytest.approx((21,))


def test_groups_come_before_merit() -> None:
    """The first group is served before the second, and those whom the order does not name come last."""
    rows = [candidate("a", 9, 10, "project"), candidate("b", 1, 10, "consolidation"), candidate("c", 5, 10, "emerging")]
    priority = {"mode": "strict", "order": [["consolidation"], ["emerging"]]}
    listing = listed(rows, 30, priority=priority)
    assert listing.order == ("b", "c", "a")
    assert listing.values == pytest.approx((1, 5, 9))


def test_equal_merit_goes_by_identifier() -> None:
    """People count a2 before a10."""
    assert listed([candidate(id_, 5, 10) for id_ in ("a10", "a2", "a1")], 20).order == ("a1", "a2")


def test_weights_of_phases_count_where_priority_is_a_weight() -> None:
    """a has 3 × 4 = 12 against 10. Without the reading as a weight, a jury looks at merit alone."""
    rows = [candidate("a", 4, 10, "consolidation"), candidate("b", 10, 10, "project")]
    weights = {"phases": {"consolidation": 3.0}}
    assert listed(rows, 20, value=weights, priority={"mode": "weight"}).order == ("a", "b")
    assert listed(rows, 20, value=weights).order == ("b", "a")


# ---------------------------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("least", "expected"),
    [(11, {"a": 30, "b": 15}), (15, {"a": 30, "b": 15}), (16, {"a": 30}), (21, {"a": 30}), (31, {})],
)
def test_the_last_gets_what_is_left_if_it_helps(least: int, expected: dict[str, int]) -> None:
    """15 are left for b, which asks for 20: just enough for a floor of 15. Nobody asks for 31."""
    rows = [candidate("a", 9, 30), candidate("b", 7, 20)]
    assert grants(listed(rows, 45, least)) == expected


def test_who_does_not_fit_is_passed_over() -> None:
    """b must have its whole 20, as nothing may stay uncovered; 15 are left, enough for c."""
    rows = [candidate("a", 9, 30), candidate("b", 7, 20), candidate("c", 5, 10)]
    assert grants(listed(rows, 45, volet={"tolerance": 0.0})) == {"a": 30, "c": 10}


def test_tranches() -> None:
    """20 each year and nothing carried over: a takes the first year, b what is left of it, c comes too late for both years."""
    rows = [candidate("a", 9, 15), candidate("b", 7, 15), candidate("c", 5, 15)]
    envelope = {"tranches": [0.5, 0.5], "carry_over": False}
    listing = listed(rows, 40, least=10, years=2, envelope=envelope)
    assert [(award.candidate, award.year, award.grant) for award in listing.awards] == [
        ("a", 2013, 15_000),
        ("b", 2014, 15_000),
    ]


def test_funders() -> None:
    """The city pays in priority districts only: of the state's 20 a takes 15, so 5 are left for b, and the city's 30 serve c."""
    rows = [candidate("a", 9, 15, priority_district=False), candidate("b", 7, 15, priority_district=False)]
    rows.append(candidate("c", 5, 15, priority_district=True))
    funders = [
        {"name": "city", "amount": 30_000, "pays": {"priority_district": True}},
        {"name": "state", "amount": 20_000},
    ]
    listing = listed(rows, 50, funders=funders)
    assert [(award.candidate, award.funder, award.grant // 1000) for award in listing.awards] == [
        ("a", "state", 15),
        ("b", "state", 5),
        ("c", "city", 15),
    ]


def test_plan_that_brings_most() -> None:
    """Where both aids may be granted the jury grants both; where one of them, the larger."""
    row = {"id": "a", "phase": "project", "score": 1, "exp.post.cost": 10_000, "exp.post.ask": 10_000}
    row |= {"exp.investment.cost": 20_000, "exp.investment.ask": 20_000}
    for mode, expected in (("either", ["investment"]), ("both", ["investment", "post"])):
        aids = {"aids": {"post": {}, "investment": {}}, "aids_mode": mode}
        assert [award.aid for award in listed([row], 50, volet=aids).awards] == expected


# ----------------------------------------------------------------------------------------------------------------- rules


REGIONAL = [
    candidate("a", 9, 30, region="Bretagne"),
    candidate("b", 8, 30, region="Bretagne"),
    candidate("c", 1, 30, region="Corse"),
]


def test_cap_leaves_less() -> None:
    """40 for Bretagne: a has 30, b the 10 that the cap leaves, c its own."""
    listing = listed(REGIONAL, 90, rules=[rule(measure="amount", by=["region"], max=40_000)])
    assert grants(listing) == {"a": 30, "b": 10, "c": 30}
    assert broken(listing) == []


def test_cap_passes_over() -> None:
    """10 do not help b, so c is next."""
    listing = listed(REGIONAL, 90, least=20, rules=[rule(measure="amount", by=["region"], max=40_000)])
    assert grants(listing) == {"a": 30, "c": 30}


@pytest.mark.parametrize(
    ("most", "expected"), [(0, {}), (1, {"a": 30}), (2, {"a": 30, "b": 30}), (3, {"a": 30, "b": 30, "c": 30})]
)
def test_cap_on_a_count(most: int, expected: dict[str, int]) -> None:
    """The best so many."""
    listing = listed(REGIONAL, 90, rules=[rule(measure="count", max=most)])
    assert grants(listing) == expected
    assert broken(listing) == []


def test_floor_calls_up_out_of_turn() -> None:
    """60 for three that ask 30 each. One of Corse is called up, so that only a is left beside it; the list tells them by rank."""
    assert grants(listed(REGIONAL, 60)) == {"a": 30, "b": 30}
    listing = listed(REGIONAL, 60, rules=[rule(measure="count", by=["region"], min=1)])
    assert grants(listing) == {"a": 30, "c": 30}
    assert broken(listing) == []


def test_floor_of_money_calls_up_as_many_as_it_needs() -> None:
    """35 to the second phase: d and then e, though all of the other phase score more."""
    rows = [
        candidate("a", 9, 30),
        candidate("b", 8, 30),
        candidate("d", 3, 20, "project"),
        candidate("e", 2, 20, "project"),
    ]
    listing = listed(rows, 60, rules=[rule(measure="amount", where={"phase": "project"}, min=35_000)])
    assert grants(listing) == {"a": 20, "d": 20, "e": 20}


def test_floor_that_cannot_be_kept_is_named() -> None:
    """Two of Corse are asked for, and one applies."""
    listing = listed(REGIONAL, 60, rules=[rule(measure="count", by=["region"], min=2)])
    assert broken(listing) == [("the rule", {"region": "Corse"})]


def test_cap_on_what_is_granted_is_named_when_it_breaks() -> None:
    """A jury counts 60 % of the whole envelope of 100 for Bretagne: 60 for a and b; of the 90 that it grants they are two thirds."""
    listing = listed(REGIONAL, 100, rules=[rule(measure="share", of="granted", where={"region": "Bretagne"}, max=0.6)])
    assert grants(listing) == {"a": 30, "b": 30, "c": 30}
    assert broken(listing) == [("the rule", {})]


def test_rule_about_a_funder_is_named_when_it_breaks() -> None:
    """The list knows nothing of who pays: 60 of the 90 come from the city, which may give 20."""
    funders = [{"name": "city", "amount": 60_000}, {"name": "state", "amount": 30_000}]
    terms = rule(measure="amount", where={"funder": "city"}, max=20_000)
    listing = listed(REGIONAL, 90, funders=funders, rules=[terms])
    assert grants(listing) == {"a": 30, "b": 30, "c": 30}
    assert broken(listing) == [("the rule", {})]


# ------------------------------------------------------------------------------------------------ decisions and links


def test_decisions() -> None:
    """c is promised its 30 and served first, a is rejected, b has what is left."""
    decisions = [{"candidate": "c", "decision": "fund"}, {"candidate": "a", "decision": "reject"}]
    traced = [each | {"by": "the board", "reason": "known"} for each in decisions]
    assert grants(listed(REGIONAL, 45, decisions=traced)) == {"b": 15, "c": 30}


def test_promise_without_money_is_named() -> None:
    """Nobody can keep a promise to one who asks for nothing; the list is no allocation then."""
    rows = [candidate("a", 9, 30), candidate("b", 8, 0)]
    decisions = [{"candidate": "b", "decision": "fund", "by": "the board", "reason": "promised"}]
    listing = listed(rows, 60, decisions=decisions)
    assert grants(listing) == {"a": 30}
    assert "the decision on b is not carried out" in listing.report.violations[0].render("en")
    with pytest.raises(NoAllocationError, match="b"):
        allocate(*build(tables(60, decisions=decisions), rows), solver="ranking").raise_for_status()


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({"candidates": ["a", "b"], "at_most": 1}, {"a": 30, "c": 30}),
        ({"candidates": ["a", "b", "c"], "at_most": 0}, {}),
        (
            {"candidates": ["a", "c"], "all_or_none": True},
            {"a": 30, "c": 30},
        ),  # c comes up with a, and b finds no money
        ({"candidates": ["b", "c"], "all_or_none": True}, {"a": 30}),  # 30 left for two that must have 60
    ],
)
def test_links(link: dict[str, Any], expected: dict[str, int]) -> None:
    """60 for three that must have 30 each."""
    listing = listed(REGIONAL, 60, volet={"tolerance": 0.0}, links=[{"name": "the link", **link}])
    assert grants(listing) == expected
    assert not listing.report.violations


@pytest.mark.parametrize(("total", "expected"), [(90, {"a": 30, "b": 30, "c": 30}), (60, {"b": 30, "c": 30})])
def test_who_waits_may_come_too_late(total: int, expected: dict[str, int]) -> None:
    """a is funded only if c is: the list comes back to it after c, and of 60 nothing is left then."""
    link = {"name": "the link", "candidates": ["a"], "only_if": "c"}
    assert grants(listed(REGIONAL, total, volet={"tolerance": 0.0}, links=[link])) == expected


def test_chain_of_links() -> None:
    """a and b only together, b and c only together: all three or none."""
    links = [
        {"name": "1", "candidates": ["a", "b"], "all_or_none": True},
        {"name": "2", "candidates": ["b", "c"], "all_or_none": True},
    ]
    assert grants(listed(REGIONAL, 90, volet={"tolerance": 0.0}, links=links)) == {"a": 30, "b": 30, "c": 30}
    assert grants(listed(REGIONAL, 89, volet={"tolerance": 0.0}, links=links)) == {}


def test_as_a_solver() -> None:
    """The list as the result: feasible, and without a bound, as it proves nothing."""
    allocation = allocate(*build(tables(60), REGIONAL), solver="ranking")
    assert (allocation.status.value, allocation.value, allocation.bound, allocation.gap) == (
        "feasible",
        pytest.approx(17),
        None,
        None,
    )
    assert allocation.awards == allocation.listing.awards


@settings(deadline=None, derandomize=True)
@given(st.permutations(REGIONAL), st.integers(1, 100))
def test_order_of_rows_does_not_matter(rows: Rows, total: int) -> None:
    """The list is the same however the table is sorted."""
    assert listed(rows, total) == listed(REGIONAL, total)
