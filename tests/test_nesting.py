"""Nested lists: nobody loses at a larger envelope, and what that costs is what brute force finds."""

import random
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pytest

from cases import build, case, programme_case
from conftest import scenario_data
from enumeration import Best, ranked
from enumeration_steps import step_of
from ptce_funding.conditions import envelope_changes
from ptce_funding.errors import ScenarioError
from ptce_funding.nesting import Nested, Rung, nested
from ptce_funding.problem import Status

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

Rows = list[dict[str, Any]]


def row(id_: str, score: float, cost: int, ask: int | None = None, **more: Any) -> dict[str, Any]:
    """Return a candidate who asks for the whole cost unless said."""
    cells = {"id": id_, "phase": "emerging", "region": "Corse", "score": score, "cost": cost, "ask": ask or cost}
    return cells | {"own": cost - (ask or cost)} | more


def split(rows: Rows) -> Rows:
    """Return rows whose money is that of the volet of their phase."""
    money = ("cost", "ask", "own")
    volet = {"emerging": "v", "project": "w"}
    return [
        {f"{volet[each['phase']]}.{key}" if key in money else key: cell for key, cell in each.items()} for each in rows
    ]


def whole(**changes: Any) -> dict[str, Any]:
    """Return a call in thousands of euros in which each is funded whole or not at all."""
    tables = {"envelope": {"total": 100_000, "grant_step": 1_000}}
    return scenario_data(
        **(tables | {"volets": {"v": {"phases": ["emerging", "project"], "tolerance": 0.0}}} | changes)
    )


def four() -> Rows:
    """Return the four: three small ones, which are dropped for a large one as soon as there is money for it."""
    return [row("a", 0.01, 1_000), row("b", 0.02, 2_000), row("c", 0.03, 3_000), row("d", 0.9, 100_000)]


def solved(scenario: dict[str, Any], rows: Rows, *envelopes: int, solver: str = "highs") -> Nested:
    return nested(*build(scenario, rows), envelopes, solver=solver)


# ------------------------------------------------------------------------------------------------------------ by hand


def test_the_three_are_kept_and_priced(solver: str) -> None:
    """With 6 k€ all three small ones, worth 0.06. With 100 k€ the large one alone, worth 0.9; kept, the three leave it 94 k€: too little.

    The promise costs 0.84, and the three free places are three candidates more.
    """
    found = solved(whole(solve={"gap": 0.0}), four(), 100_000, 6_000, solver=solver)
    small, large = found.rungs
    assert (small.envelope, large.envelope) == (6_000, 100_000)
    assert small.free == small.nested
    assert small.nested.supported == small.entered == ("a", "b", "c")
    assert large.free.supported == ("d",)
    assert large.nested.supported == large.dropped == ("a", "b", "c")
    assert large.entered == large.lowered == large.blockers == ()
    assert large.promised == {"a": 1_000, "b": 2_000, "c": 3_000}
    (price,) = large.prices
    assert (price.free, price.nested, price.loss) == pytest.approx((0.9, 0.06, 0.84))
    assert (price.least, price.most) == pytest.approx((0.84, 0.84), abs=1e-6)
    assert price.share == pytest.approx(0.84 / 0.9)
    assert [price.loss for price in small.prices] == [0.0]
    assert [(step.candidate, step.envelope, step.grants) for step in found.ladder] == [
        ("c", 6_000, (3_000, 3_000)),
        ("b", 6_000, (2_000, 2_000)),
        ("a", 6_000, (1_000, 1_000)),
    ]


#: Emerging candidates may get less than they ask, each euro of it worth the same; projects get all or nothing.
PARTS = {
    "v": {"phases": ["emerging"], "tolerance": 1.0},
    "w": {"phases": ["project"], "tolerance": 0.0},
}
BY_EURO = {"criteria": {"score": 1.0}, "fixed": 0.0}
HALF = {"name": "half", "measure": "share", "of": "envelope", "where": {"phase": "project"}, "min": 0.5}


def test_a_promise_is_of_money_too() -> None:
    """With 20 k€ all go to a, worth 12. With 40 k€ the project p takes 35, worth 70, and leaves a 5, worth 3: free 73.

    If a keeps its 20, p cannot be paid: 12, and the promise costs 61. With 55 k€ there is room for both.
    """
    rows = [row("a", 12.0, 20_000), row("p", 70.0, 35_000, phase="project")]
    found = solved(whole(value=BY_EURO, volets=PARTS), split(rows), 20_000, 40_000, 55_000)
    small, middle, large = found.rungs
    assert small.grants == {"a": 20_000}
    assert middle.free.supported == ("a", "p")
    assert (middle.dropped, middle.lowered) == ((), ("a",))
    assert middle.grants == {"a": 20_000}
    assert middle.prices[0].loss == pytest.approx(61.0)
    assert large.free == large.nested
    assert large.entered == ("p",)
    assert [step.grants for step in found.ladder] == [(20_000, 20_000, 20_000), (0, 0, 35_000)]


def test_a_promise_that_cannot_be_kept() -> None:
    """Half of the envelope goes to projects. With 20 k€: a and p. With 40 k€ q is needed, whose 30 leave room for one of the two.

    Without either promise the other can be kept, so both are named. With 50 k€ all three fit; with 60 k€ too.
    """
    rows = [row("a", 5.0, 10_000), row("p", 1.0, 10_000, phase="project"), row("q", 1.0, 30_000, phase="project")]
    found = solved(whole(rules=[HALF]), rows, 20_000, 40_000, 60_000)
    small, middle, large = found.rungs
    assert small.nested.supported == ("a", "p")
    assert middle.free.supported == ("a", "q")
    assert middle.nested.status is Status.INFEASIBLE
    assert middle.blockers == ("a", "p")
    assert not middle.is_short
    assert middle.prices == ()
    # What was promised stays promised.
    assert large.promised == {"a": 10_000, "p": 10_000}
    assert large.nested.supported == ("a", "p", "q")
    assert large.entered == ("q",)
    assert [step.grants for step in found.ladder] == [(10_000, None, 10_000), (10_000, None, 10_000), (0, None, 30_000)]


def test_a_promise_of_money_that_cannot_be_kept() -> None:
    """As before, but a may get less and q needs only 25: with 40 k€ all three can stay if a gets 5 in place of 10."""
    rows = [row("a", 5.0, 20_000), row("p", 1.0, 10_000, phase="project"), row("q", 1.0, 25_000, phase="project")]
    found = solved(whole(rules=[HALF], value=BY_EURO, volets=PARTS), split(rows), 20_000, 40_000)
    small, large = found.rungs
    assert small.grants == {"a": 10_000, "p": 10_000}
    assert large.nested.status is Status.INFEASIBLE
    assert large.blockers == ("a", "p")
    assert large.is_short


def test_an_envelope_without_any_allocation() -> None:
    """Half of 20 k€ is 10 for projects, of which the only one takes 30: nothing is promised before 60 k€."""
    rows = [row("a", 5.0, 10_000), row("q", 1.0, 30_000, phase="project")]
    small, large = solved(whole(rules=[HALF]), rows, 20_000, 60_000).rungs
    assert not small.free.has_allocation
    assert not small.nested.has_allocation
    assert small.blockers == ()
    assert large.promised == {}
    assert large.nested.supported == large.entered == ("a", "q")


def test_the_first_group_comes_first() -> None:
    """Strict: with 20 k€ the group of regions has nothing to fund but q; with 30 k€ free it funds r alone, worth 9 against 8."""
    priority = {"mode": "strict", "column": "region", "order": [["Corse"]]}
    rows = [row("q", 8.0, 20_000), row("r", 9.0, 30_000), row("s", 5.0, 10_000, region="Bretagne")]
    found = solved(whole(priority=priority), rows, 20_000, 30_000)
    large = found.rungs[1]
    assert large.free.supported == ("r",)
    assert large.nested.supported == ("q", "s")
    assert [price.loss for price in large.prices] == pytest.approx([1.0, -5.0])
    assert large.prices[1].least is None
    assert large.prices[1].most is None


def test_of_equal_lists_the_one_that_keeps_the_promise_is_taken() -> None:
    """With 20 k€ a and b are worth as much as c; nobody would drop out, for nothing."""
    rows = [row("a", 1.0, 10_000), row("b", 1.0, 10_000), row("c", 2.0, 20_000)]
    found = solved(whole(), rows, 10_000, 20_000)
    assert found.rungs[1].dropped == ()
    assert found.rungs[1].prices[0].loss == 0.0


def test_what_is_refused() -> None:
    """Two envelopes at least, each once, and each must be one that the scenario accepts; all faults together."""
    for envelopes in ((6_000,), (6_000, 6_000)):
        with pytest.raises(ScenarioError, match="two different envelopes or more"):
            solved(whole(), four(), *envelopes)
    with pytest.raises(ScenarioError) as caught:
        solved(whole(), four(), -5, 0, 6_000)
    assert len(caught.value.faults) == 2
    with pytest.raises(ScenarioError, match="jury"):
        solved(whole(), four(), 6_000, 7_000, solver="ranking")


# ------------------------------------------------------------------------------------------------------- random calls


def with_envelope(scenario: dict[str, Any], rows: Rows, total: int) -> dict[str, Any]:
    """Return the tables of a call with another envelope, in which funders bring what they bring in proportion."""
    changes = envelope_changes(build(scenario, rows)[0], total)
    funders = [
        each | {key: changes[f"funders.{each['name']}.{key}"] for key in ("amount", "amounts") if key in each}
        for each in scenario.get("funders", ())
    ]
    return scenario | {"envelope": scenario["envelope"] | {"total": total}, "funders": funders}


def euros(one: Best, step: int) -> dict[str, int]:
    return {id_: sum(grant for *_, grant in way) * step for id_, way in one.lines.items()}


def keeps(one: Best, promised: Mapping[str, int], step: int) -> bool:
    given = euros(one, step)
    return all(given.get(id_, 0) >= least for id_, least in promised.items())


def assert_rungs(scenario: dict[str, Any], rows: Rows, solver: str, name: str) -> list[Rung]:
    """Compare each rung with the best of all allocations that keep its promises, and the free one with the best of all."""
    total, step = scenario["envelope"]["total"], step_of(scenario)
    try:
        found = solved(scenario, rows, *(max(part * total // 4, step) for part in (1, 2, 3, 4)), solver=solver)
    except ScenarioError:
        return []  # the smallest envelope is none
    promised: dict[str, int] = {}
    for rung in found.rungs:
        tables = with_envelope(scenario, rows, rung.envelope)
        listed = ranked(tables, rows)
        assert rung.promised == promised
        best = next(listed, None)
        assert (best is None) == (not rung.free.has_allocation), f"{name}, {rung.envelope}"
        if best is None:
            continue
        for allocation, expected in ((rung.free, best), (rung.nested, _first([best], listed, rung, step))):
            if expected is None:
                assert allocation.status is Status.INFEASIBLE, f"{name}, {rung.envelope}"
                assert_blockers(rung, [best, *ranked(tables, rows)], step)
            else:
                values = [stage.value for stage in allocation.stages]
                padded = [*values, *[0.0] * (len(expected.values) - len(values))]
                assert padded == pytest.approx(expected.values, rel=1e-6, abs=1e-6), f"{name}, {rung.envelope}"
        promised = rung.grants if rung.nested.has_allocation else promised
    return list(found.rungs)


def _first(best: list[Best], others: Iterator[Best], rung: Rung, step: int) -> Best | None:
    return next((each for each in chain(best, others) if keeps(each, rung.promised, step)), None)


def assert_blockers(rung: Rung, every: list[Best], step: int) -> None:
    """The promises named cannot hold together, and can without any one of them; some stay with less money exactly if it says so."""
    named = {id_: rung.promised[id_] for id_ in rung.blockers}
    assert named
    assert not any(keeps(each, named, step) for each in every)
    for id_ in named:
        others = {other: least for other, least in named.items() if other != id_}
        assert any(keeps(each, others, step) for each in every)
    assert rung.is_short == any(keeps(each, dict.fromkeys(rung.promised, 1), step) for each in every)


def lumpy(seed: int) -> tuple[dict[str, Any], Rows]:
    """Return a call in which more money changes much: some get all or nothing, and in half of the cases projects have a floor."""
    rng = random.Random(seed)
    rows = []
    for number in range(6):
        cost = rng.randint(2, 9) * 10_000
        # Each volet has somebody.
        phase = ["emerging", "project"][number] if number < 2 else rng.choice(["emerging", "project"])
        rows.append(row(f"c{number}", rng.randint(1, 20) * cost / 10_000, cost, phase=phase))
    rule = HALF | {"min": rng.choice([0.3, 0.5])}
    changes: dict[str, Any] = {"value": BY_EURO, "volets": PARTS, "rules": rng.choice([[], [rule]])}
    return scenario_data(envelope={"total": 200_000, "grant_step": 10_000}, solve={"gap": 0.0}, **changes), split(rows)


def test_nested_lists_agree_with_enumeration() -> None:
    """On each envelope the best of all lists that keep the promises; promises cost something, and some cannot be kept."""
    rungs = []
    for seed in range(14):
        rungs += assert_rungs(*case(seed, largest=300), "highs", f"case {seed}")
        rungs += assert_rungs(*lumpy(seed), "highs", f"lumpy {seed}")
    assert sum(bool(rung.dropped) for rung in rungs) >= 10
    assert sum(bool(rung.lowered) for rung in rungs) >= 5
    assert sum(bool(rung.blockers) for rung in rungs) >= 1
    assert sum(rung.is_short for rung in rungs) >= 1
    assert sum(rung.prices[0].loss > 1e-6 for rung in rungs if rung.prices) >= 10


def test_nested_lists_agree_on_every_solver(solver: str) -> None:
    """A few of them, promises that cannot be kept among them."""
    for seed in (0, 1, 10):
        assert_rungs(*lumpy(seed), solver, f"lumpy {seed}")


def test_nested_programmes_agree_with_enumeration() -> None:
    """The same with plans over years."""
    for seed in range(10):
        assert_rungs(*programme_case(seed, largest=1_000), "highs", f"programme {seed}")


@pytest.mark.slow
def test_many_more_nested_lists_agree_with_enumeration() -> None:
    """Calls and programmes that the other tests do not draw."""
    for seed in range(1_000, 1_150):
        assert_rungs(*case(seed, largest=5_000), "highs", f"case {seed}")
        assert_rungs(*lumpy(seed), "highs", f"lumpy {seed}")
        assert_rungs(*programme_case(seed, largest=3_000), "highs", f"programme {seed}")
