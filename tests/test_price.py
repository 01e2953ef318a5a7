"""What a rule costs, by hand on the small call of the sweeps: a 60 k€ worth 1, b 50 k€ worth 3, c 50 k€ worth 2, d 30 k€ worth 1."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cases import Case, build, case, programme_case
from clash_kits import money, reject, row, rule, whole
from ptce_funding.allocation import allocate
from ptce_funding.comparing.price import Price, price_rules
from ptce_funding.loading import read_candidates
from ptce_funding.messages import message
from ptce_funding.report.compare import show_prices
from ptce_funding.report.compare_words import gain_of
from ptce_funding.report.terminal import Terminal
from sweep_cases import small, write_table


def prices(folder: Path, solver: str = "highs", **changes: Any) -> dict[tuple[str, str], Price]:
    """Return the prices of the small call by path and change."""
    scenario = small(folder, **changes)
    allocation = allocate(scenario, read_candidates(scenario=scenario), solver=solver)
    return {(each.path, each.change): each for each in price_rules(allocation, solver)}


def gains(price: Price) -> tuple[Any, ...]:
    """Return what a change gains: value, candidates, euros, and in the relaxation."""
    return price.value, price.supported, price.granted, price.relaxed


def test_a_cap(tmp_path: Path, solver: str) -> None:
    """One laureate at most: b, worth 3. Two, or as many as like: b and c, worth 5, for 50 k€ more. Money alone changes nothing."""
    told = prices(tmp_path, solver, rules=[{"name": "one", "measure": "count", "max": 1, "relax": False}])
    assert list(told) == [("envelope.total", "moved"), ("rules.one", "dropped"), ("rules.one.max", "moved")]
    assert gains(told["envelope.total", "moved"]) == (0, 0, 0, 0)
    assert gains(told["rules.one", "dropped"]) == (2, 1, 50_000, pytest.approx(2))
    moved = told["rules.one.max", "moved"]
    assert gains(moved) == (2, 1, 50_000, pytest.approx(2))
    assert (moved.before, moved.after, moved.measure, moved.status) == (1, 2, "count", "optimal")
    assert moved.is_separable
    # CBC proves within the gap of the scenario.
    assert (moved.least, moved.most) == (pytest.approx(2, abs=1e-3), pytest.approx(2, abs=1e-3))


def test_a_floor(tmp_path: Path) -> None:
    """Two emerging ones cost 110 k€ and are worth 4; without the rule b and c are worth 5 for 10 k€ less."""
    rules = [{"name": "two", "measure": "count", "where": {"phase": "emerging"}, "min": 2}]
    envelope = {"total": 120_000, "grant_step": 10_000}
    told = prices(tmp_path, rules=rules, envelope=envelope)
    assert gains(told["rules.two", "dropped"])[:3] == (1, 0, -10_000)
    assert gains(told["rules.two.min", "moved"])[:3] == (1, 0, -10_000)
    # 130 k€ instead of 120: still a and b, since d would make it 140.
    assert gains(told["envelope.total", "moved"])[:3] == (0, 0, 0)


def test_a_bound_with_slack_is_not_moved(tmp_path: Path) -> None:
    """Two of at most five laureates: nothing would change."""
    told = prices(tmp_path, rules=[{"name": "five", "measure": "count", "max": 5}])
    assert list(told) == [("envelope.total", "moved"), ("rules.five", "dropped")]
    assert gains(told["rules.five", "dropped"]) == (0, 0, 0, 0)
    assert told["rules.five", "dropped"].is_separable


def test_a_bound_with_slack_may_hold_all_the_same(tmp_path: Path) -> None:
    """Jobs come in lumps: with 10 at most a's 7 leave 3 over, and one more, 11, lets the better b in."""
    scenario = small(tmp_path, rules=[{"name": "jobs", "measure": "jobs", "max": 10}])
    write_table(
        tmp_path, text="id,phase,ask,cost,score,jobs\na,emerging,50000,50000,1,7\nb,emerging,50000,50000,5,11\n"
    )
    allocation = allocate(scenario, read_candidates(scenario=scenario))
    told = {(each.path, each.change): each for each in price_rules(allocation)}
    assert gains(told["rules.jobs", "dropped"])[:3] == (5, 1, 50_000)
    assert gains(told["rules.jobs.max", "moved"])[:3] == (4, 0, 0)


def test_a_group_that_binds_suffices(tmp_path: Path) -> None:
    """One laureate a region binds in Brittany only when a is wanted too; b and c are one in each, so the bound is within one step."""
    told = prices(tmp_path, rules=[{"name": "each", "measure": "count", "by": ["region"], "max": 1}])
    assert ("rules.each.max", "moved") in told
    assert gains(told["rules.each.max", "moved"])[:3] == (0, 0, 0)


def test_one_more_grant_step(tmp_path: Path) -> None:
    """70 k€ fund b, worth 3; 80 k€ fund d as well, worth 1."""
    told = prices(tmp_path, envelope={"total": 70_000, "grant_step": 10_000})
    assert gains(told["envelope.total", "moved"])[:3] == (1, 1, 30_000)


def test_links_and_decisions(tmp_path: Path) -> None:
    """b is rejected and c goes with d only, so c and d are worth 3; with b, b and d are worth 4 and b, c worth 5 are apart."""
    told = prices(
        tmp_path,
        decisions=[{"candidate": "b", "decision": "reject", "by": "jury", "reason": "late"}],
        links=[{"name": "pair", "candidates": ["c"], "only_if": "d"}],
    )
    assert gains(told["decisions.b", "dropped"])[:3] == (1, 0, 0)
    assert gains(told["links.pair", "dropped"])[:3] == (0, 0, 0)


def test_what_lets_somebody_in_may_cost_by_a_floor_that_then_holds() -> None:
    """60,000 pay two: a and c, worth 5. With b the floor of one a region holds in Brittany too: a and b, worth 4; proved to lose 1."""
    own = [row("a", score=3.0), row("b", region="Bretagne", score=1.0), row("c", score=2.0)]
    each = rule("each", "count", by=["region"], min=1, only_possible=True)
    tables = whole(envelope=money(60_000), rules=[each], decisions=reject("b"))
    [price] = [each for each in price_rules(allocate(*build(tables, own))) if each.kind == "decision"]
    assert (price.value, price.least, price.most) == pytest.approx((-1, -1, -1))


def test_without_an_allocation(tmp_path: Path) -> None:
    """Three cost 130 k€ at least: letting the rule go makes an allocation of two possible, which has no gain of value."""
    told = prices(tmp_path, rules=[{"name": "three", "measure": "count", "min": 3}])
    dropped = told["rules.three", "dropped"]
    assert (dropped.status, dropped.value, dropped.supported, dropped.granted) == ("optimal", None, 2, 100_000)
    assert gains(told["rules.three.min", "moved"])[1] == 2
    richer = told["envelope.total", "moved"]
    assert (richer.status, *gains(richer)) == ("infeasible", None, None, None, None)


def test_a_strict_priority_has_no_indication(tmp_path: Path) -> None:
    """Several objectives have no one relaxation."""
    told = prices(tmp_path, priority={"mode": "strict", "column": "phase", "order": [["emerging"]]})
    assert told["envelope.total", "moved"].relaxed is None
    assert told["envelope.total", "moved"].value is not None


def never_loses(seed: int, make: Callable[..., Case]) -> None:
    """Check that letting go and loosening lose nothing, here and in the relaxation, and that each gain lies within what is proved."""
    allocation = allocate(*build(*make(seed, largest=None)))
    is_strict = allocation.call.scenario.priority.mode == "strict"
    for price in price_rules(allocation):
        assert price.status != "invalid"
        if price.value is not None and price.least is not None and price.most is not None:
            assert price.least - 1e-6 <= price.value <= price.most + 1e-6
        # A decision that is let go may open a group to a floor that skips groups without candidates.
        if price.kind not in ("envelope", "decision") and not is_strict:
            assert (price.value or 0) >= -1e-6
            assert (price.relaxed or 0) >= -1e-6


@pytest.mark.parametrize("make", [case, programme_case])
@pytest.mark.parametrize("seed", range(3))
def test_a_looser_rule_never_loses(seed: int, make: Callable[..., Case]) -> None:
    """On some random calls."""
    never_loses(seed, make)


@pytest.mark.slow
@pytest.mark.parametrize("make", [case, programme_case])
@pytest.mark.parametrize("seed", range(3, 60))
def test_a_looser_rule_never_loses_on_many(seed: int, make: Callable[..., Case]) -> None:
    """On many random calls."""
    never_loses(seed, make)


@pytest.mark.parametrize(
    ("least", "most", "separable"),
    [
        (0.5, 2.0, True),
        (-2.0, -0.5, True),
        (0.0, 0.0, True),
        (0.0, 1.0, False),
        (-1.0, 1.0, False),
        (None, None, False),
    ],
)
def test_separable(least: float | None, most: float | None, separable: bool) -> None:
    """A gain is told from nothing when its interval leaves nothing out, or is nothing."""
    price = Price(message("x"), "rule", "dropped", "rules.x", None, None, None, "optimal", 1.0, least, most)
    assert price.is_separable == separable


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (0.0, 1.25, "inconclusive: between 0 and +1.25"),
        (-1.0, 1.0, "inconclusive: between -1 and +1"),
        (None, None, "inconclusive (gain unknown)"),
        (0.5, 2.0, "+1"),
    ],
)
def test_what_is_said_of_a_gain(least: float | None, most: float | None, told: str) -> None:
    """A sentence where it is not told from nothing, and no dashes with points between them."""
    price = Price(message("x"), "rule", "dropped", "rules.x", None, None, None, "optimal", 1.0, least, most)
    assert gain_of(price, "en") == told


def test_a_gain_is_read_whole_on_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither its words nor its numbers are cut in a terminal of 80 letters."""
    name = message("at least one candidate of each region")
    bounds = Fraction(1_000_000), Fraction(1_010_000)
    price = Price(name, "rule", "moved", "x", *bounds, "amount", "optimal", 1.0, -1000.25, 1234.5, 1, 10_000, 3.0)
    show_prices(Terminal("en"), [price, replace(price, least=None, most=None)], "x")
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    for each in ("inconclusive:", "-1,000.25", "+1,234.5", "(gain unknown)", "→ €1,010,000", "+€10,000"):
        assert each in text
    assert "…" not in text
