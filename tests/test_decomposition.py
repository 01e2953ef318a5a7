"""Decomposition: on random calls it agrees with HiGHS on the whole problem, its prices prove what they say, and it survives bad calls."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from cases import Case, build
from cases_blocks import small_problem
from cases_midsize import FEATURES, features, midsize_case
from conftest import scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.call import prepare
from ptce_funding.problem import Blocks, Problem, RowBuilder, Rows, Solution, Status
from ptce_funding.scenario import Solve
from ptce_funding.solvers import LARGE, cores, decomposition, exchanges, get_solver, highs, pricing
from ptce_funding.solvers.stages import at_least

Floats = npt.NDArray[np.float64]

#: How the search is forced to work on calls that one core would hold: first core, share of the mix, blocks of a sample.
EFFORTS = {"usual": None, "core of 2": (2, 0.2, 10, 0), "core of 5": (5, 0.9, 10, 3)}
GAPS = (1e-3, 1e-3, 1e-4, 1e-6)


def force(patch: pytest.MonkeyPatch, effort: str) -> None:
    """Make first cores and samples small and exchanges few, so that cores grow, blocks are settled and samples are priced."""
    stated = EFFORTS[effort]
    if stated is not None:
        core, share, sample, most = stated
        patch.setattr(decomposition, "_CORE", core)
        patch.setattr(cores, "_SHARE", share)
        patch.setattr(pricing, "_SAMPLE", sample)
        patch.setattr(exchanges, "_MOST", most)


def problem_of(one: Case) -> Problem:
    return prepare(*build(*one)).formulation.problem


def margin(*values: float) -> float:
    return 1e-6 * max(map(abs, values)) + 1e-9


def assert_feasible(problem: Problem, x: Floats, name: str) -> None:
    """Row by row, in plain arithmetic; whole numbers are whole."""
    rows = problem.rows
    for number in range(len(rows)):
        entries = range(int(rows.start[number]), int(rows.start[number + 1]))
        terms = [float(rows.value[e]) * float(x[rows.column[e]]) for e in entries]
        slack = 1e-6 * max(1.0, max(map(abs, terms), default=0.0))
        assert rows.lower[number] - slack <= fsum(terms) <= rows.upper[number] + slack, f"{name}: row {number}"
    assert (x[problem.integer] == np.rint(x[problem.integer])).all(), name
    assert (x >= problem.lower - 1e-6).all(), name
    assert (x <= problem.upper + 1e-6).all(), name


def assert_agree(problem: Problem, options: Solve, name: str) -> Solution:
    """Neither value is above what the other proved, objective by objective; return what decomposition found.

    What comes first is held at what decomposition reached, so that later objectives are compared on equal terms.
    """
    ours = decomposition.solve(problem, options)
    held = problem
    for k, objective in enumerate(problem.objectives):
        whole = Problem((objective,), held.lower, held.upper, held.integer, held.rows)
        theirs = highs.solve(whole, options)
        if ours.status is Status.INFEASIBLE or theirs.status is Status.INFEASIBLE:
            assert (ours.status, theirs.status) == (Status.INFEASIBLE, Status.INFEASIBLE), name
            return ours
        if theirs.x is None:
            assert theirs.status is Status.UNKNOWN, name
            return ours
        if ours.x is None:
            assert ours.runtime > 0.9 * options.time_limit, f"{name}: given up, where HiGHS is {theirs.status.value}"
            return ours
        mine, its = ours.stages[k], theirs.stages[0]
        assert mine.value is not None
        assert its.value is not None
        assert mine.value == pytest.approx(float(objective @ ours.x), rel=1e-9, abs=1e-9) or k + 1 < len(ours.stages)
        assert mine.bound is None or its.value <= mine.bound + margin(its.value, mine.bound), f"{name}: {mine} {its}"
        assert its.bound is None or mine.value <= its.bound + margin(its.bound, mine.value), f"{name}: {mine} {its}"
        if ours.status is Status.OPTIMAL:
            assert mine.bound is not None
            assert mine.bound - mine.value <= options.gap * abs(mine.value) + margin(mine.value), f"{name}: {mine}"
        held = held.with_rows(at_least(objective, mine.value))
    assert ours.x is not None
    assert_feasible(problem, ours.x, name)
    return ours


def assert_agree_on(seed: int, time_limit: float) -> tuple[Solution, set[str]]:
    one = midsize_case(seed)
    options = Solve(gap=GAPS[seed % len(GAPS)], time_limit=time_limit)
    return assert_agree(problem_of(one), options, f"midsize {seed}"), features(one[0])


# ------------------------------------------------------------------------------------------------------ random calls


@pytest.mark.parametrize("effort", EFFORTS)
def test_agrees_with_the_whole_problem(effort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On seven random calls for each effort."""
    force(monkeypatch, effort)
    first = 1_000 + 7 * list(EFFORTS).index(effort)
    found = [assert_agree_on(seed, 1.0)[0] for seed in range(first, first + 7)]
    assert sum(solution.x is not None for solution in found) >= 4


@pytest.mark.slow
def test_agrees_on_two_hundred_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every kind of rule in several of those that have an allocation, and mostly without handing over."""
    seen: Counter[str] = Counter()
    statuses: Counter[Status] = Counter()
    solvers: Counter[str | None] = Counter()
    for seed in range(200):
        with monkeypatch.context() as patch:
            force(patch, list(EFFORTS)[seed % len(EFFORTS)])
            solution, stated = assert_agree_on(seed, 1.0)
        statuses[solution.status] += 1
        solvers[solution.solver] += 1
        if solution.x is not None:
            seen.update(stated)
    assert not [name for name in FEATURES if seen[name] < 5]
    assert statuses[Status.INFEASIBLE] >= 5
    assert statuses[Status.UNKNOWN] <= 6
    assert statuses[Status.OPTIMAL] >= 140
    assert solvers["decomposition"] >= 100


@pytest.mark.parametrize("effort", EFFORTS)
def test_what_it_allocates_passes_its_audit(effort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the scenario to the euro, and the result says who solved it."""
    force(monkeypatch, effort)
    for seed in range(2_000, 2_006):
        scenario, candidates = build(*midsize_case(seed))
        scenario = scenario.override("solve.time_limit", 1.0).override("solve.gap", 1e-3)
        allocation = allocate(scenario, candidates, solver="decomposition")
        assert allocation.has_allocation == (allocation.status in (Status.OPTIMAL, Status.FEASIBLE))
        if allocation.has_allocation:
            assert allocation.report is not None
            assert not allocation.report.violations
            assert not allocation.report.broken
            assert allocation.solver in ("decomposition", "decomposition+highs")


# --------------------------------------------------------------------------------------------------- random problems


@pytest.mark.parametrize("core", [1, 3])
@pytest.mark.parametrize("gap", [0.0, 1e-6, 1e-2])
def test_agrees_on_small_problems(core: int, gap: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With cores of a block or two, whatever is left out must truly lose what the bound says; no proof runs into its limit."""
    monkeypatch.setattr(decomposition, "_CORE", core)
    monkeypatch.setattr(exchanges, "_MOST", core - 1)
    found = [assert_agree(small_problem(seed), Solve(gap=gap, time_limit=10.0), f"small {seed}") for seed in range(40)]
    assert {solution.status for solution in found} == {Status.OPTIMAL}
    assert max(solution.runtime for solution in found) < 5


def test_a_part_may_give_up_some_of_what_it_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seventeen for A, which is forced in at 1 and takes up to ten more, each worth 0.3, and for one of D (8, worth 2.39) and
    F (6, worth 1.788). Money costs what D brings, 0.29875 each: all ten of A gain 0.0125, more than the 0.0045 that F loses, yet
    giving up two of them loses a quarter of a hundredth, and with D makes 2.4 + 2.39 = 4.79 against 3 + 1.788 with F.
    """
    monkeypatch.setattr(decomposition, "_CORE", 1)
    monkeypatch.setattr(exchanges, "_MOST", 0)
    rows = RowBuilder()
    for choice, lower in ((0, 1.0), (1, -np.inf), (2, -np.inf)):
        rows.add(np.array([choice]), np.ones(1), lower, 1.0)
    rows.add(np.array([0, 3]), np.array([-10.0, 1.0]), -np.inf, 0.0)
    single = rows.count
    rows.add(np.arange(4), np.array([1.0, 8.0, 6.0, 1.0]), -np.inf, 17.0)
    problem = Problem(
        objectives=(np.array([0.0, 2.39, 1.788, 0.3]),),
        lower=np.zeros(4),
        upper=np.array([1.0, 1.0, 1.0, 10.0]),
        integer=np.ones(4, dtype=bool),
        rows=rows.rows(),
        blocks=Blocks(
            owner=np.arange(3),
            parts=1,
            choice=np.array([0]),
            part=np.array([0]),
            room=np.full(3, np.inf),
            is_forced=np.array([True, False, False]),
            rows=single,
        ),
    )
    solution = decomposition.solve(problem, Solve(gap=1e-6))
    assert solution.status is Status.OPTIMAL
    assert solution.x is not None
    assert solution.x.tolist() == [1.0, 1.0, 0.0, 8.0]


# ----------------------------------------------------------------------------------------------------------- pricing


def drawn_prices(problem: Problem, rng: np.random.Generator) -> Floats:
    """Prices of coupling rows, of any size and sign that a row allows."""
    assert problem.blocks is not None
    prices = np.zeros(len(problem.rows))
    coupling = slice(problem.blocks.rows, None)
    size = np.abs(problem.objectives[0]).max() * 10.0 ** rng.uniform(-6, 1)
    prices[coupling] = rng.normal(size=len(prices[coupling])) * size * (rng.random(len(prices[coupling])) < 0.7)
    return pricing.allowed(problem, prices)


def test_any_prices_prove_a_bound() -> None:
    """Above the value of whatever HiGHS finds: random prices, and those that pricing finds."""
    rng = np.random.default_rng(1)
    problems = [problem_of(midsize_case(seed)) for seed in range(3_000, 3_004)]
    problems += [small_problem(seed) for seed in range(40)]
    tried = 0
    for problem in problems:
        objective = problem.objectives[0]
        x = highs.run(problem, objective, Solve(gap=1e-2), 1.0).x
        if x is None or not objective.any():
            continue
        market, value = pricing.Market(problem, objective), float(objective @ x)
        found = pricing.price(market, 1e-6)
        for prices in (found.prices, *(drawn_prices(problem, rng) for _ in range(20))):
            tried += 1
            assert market.at(prices).bound >= value - margin(value)
        assert found.last.bound >= found.reached - margin(found.reached) or not found.is_sound
    assert tried > 400


def test_a_pass_is_the_best_that_blocks_can_do() -> None:
    """By brute force over choices and amounts of parts, room included; forced blocks choose whatever it costs."""
    rng = np.random.default_rng(2)
    short = 0
    for seed in range(150):
        problem = small_problem(seed, largest=4)
        blocks = problem.blocks
        assert blocks is not None
        market = pricing.Market(problem, problem.objectives[0])
        short += len(market._tight)
        prices = drawn_prices(problem, rng)
        found = market.at(prices)
        reduced = problem.objectives[0] - dense(problem).T @ prices
        column, value = market.columns(found)
        x = np.zeros(problem.n)
        x[column] = value
        for block in range(len(blocks.is_forced)):
            made = [-np.inf if blocks.is_forced[block] else 0.0]
            for choice in np.flatnonzero(blocks.owner == block).tolist():
                parts = len(blocks.owner) + blocks.part[blocks.choice == choice]
                amounts = product(*(range(int(problem.upper[part]) + 1) for part in parts))
                made += [
                    float(reduced[choice] + reduced[parts] @ np.array(each, dtype=float))
                    for each in amounts
                    if sum(each) <= blocks.room[choice]
                ]
            own = np.flatnonzero(blocks.owner == block)
            opened = len(blocks.owner) + np.unique(blocks.part[np.isin(blocks.choice, own)])
            columns = np.concatenate([own, opened])
            assert found.best[block] == pytest.approx(max(made), abs=1e-9)
            assert float(reduced[columns] @ x[columns]) == pytest.approx(max(made), abs=1e-9)
            assert (found.choice[block] >= 0) or not blocks.is_forced[block]
        rows, own = problem.rows, blocks.rows
        single = Rows(rows.start[: own + 1], rows.column, rows.value, rows.lower[:own], rows.upper[:own])
        assert_feasible(replace(problem, rows=single), x, f"small {seed}")
    assert short > 50


def dense(problem: Problem) -> Floats:
    matrix = np.zeros((len(problem.rows), problem.n))
    rows = problem.rows
    for number in range(len(rows)):
        for entry in range(int(rows.start[number]), int(rows.start[number + 1])):
            matrix[number, rows.column[entry]] += rows.value[entry]
    return matrix


def test_activity_is_that_of_the_rows() -> None:
    """Of a pass at random prices, against the dense matrix."""
    rng = np.random.default_rng(3)
    for problem in (problem_of(midsize_case(3_001)), *(small_problem(seed) for seed in range(20))):
        market = pricing.Market(problem, problem.objectives[0])
        column, value = market.columns(market.at(drawn_prices(problem, rng)))
        x = np.zeros(problem.n)
        x[column] = value
        assert market.activity((column, value)) == pytest.approx(
            dense(problem)[market.blocks.rows :] @ x, rel=1e-12, abs=1e-9
        )


@pytest.mark.parametrize("effort", EFFORTS)
def test_same_problem_same_bytes(effort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns and proof, with cores that grow, and with choices drawn anew."""
    force(monkeypatch, effort)
    for seed in (4_000, 4_001, 4_002):
        first, second = (decomposition.solve(plain_problem(seed), Solve(time_limit=20.0)) for _ in range(2))
        assert first.x is not None
        assert second.x is not None
        assert first.x.tobytes() == second.x.tobytes()
        assert (first.status, first.stages, first.solver) == (second.status, second.stages, second.solver)


# ---------------------------------------------------------------------------------------------------------- bad calls


def changed(change: Callable[[dict[str, Any], list[dict[str, Any]]], None], seed: int) -> Case:
    """Return a random call without rules, changed."""
    scenario, rows = midsize_case(seed)
    scenario |= {"rules": [], "targets": [], "links": [], "decisions": [], "priority": {}}
    scenario["value"]["scale"] = "candidate"
    change(scenario, rows)
    return scenario, rows


def plain_problem(seed: int = 4_000) -> Problem:
    """Return the problem of a random call without rules."""
    return problem_of(changed(lambda scenario, rows: None, seed))


def _same_merit(_: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row |= {"score": 10.0, "jobs": 1.0}


def _same_in_all(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    _same_merit(scenario, rows)
    for row in rows:
        row |= {key: value for key, value in rows[0].items() if key != "id"}


def _merit_times(factor: float) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        scenario["value"]["criteria"] = {"score": factor}

    return change


def _half_worth_nothing(_: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    for row in rows[::2]:
        row["score"] = 0.0


def _half_worth_less_than_nothing(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    scenario["value"]["criteria"] = {"score": 1.0}
    for row in rows[::2]:
        row["score"] = -row["score"]
    _decide("fund", 4)(scenario, rows)


def _first_group_worth_nothing(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    scenario["priority"] = {"mode": "strict", "order": [["consolidation"], ["emerging"]]}
    for row in rows:
        row |= {"score": 0.0, "jobs": 0.0} if row["phase"] == "consolidation" else {}


def _fixed(share: float) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(scenario: dict[str, Any], _: list[dict[str, Any]]) -> None:
        scenario["value"]["fixed"] = share

    return change


def _in_steps_of(euros: int) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(scenario: dict[str, Any], _: list[dict[str, Any]]) -> None:
        scenario["envelope"]["grant_step"] = euros

    return change


def _decide(decision: str, number: int) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        scenario["decisions"] = [
            {"candidate": row["id"], "decision": decision, "by": "a test", "reason": "to see"} for row in rows[:number]
        ]

    return change


def _exactly(share: float, measure: str, **more: Any) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        size = {"count": len(rows), "amount": scenario["envelope"]["total"], "share": 1}[measure]
        bound = size * share if measure == "share" else int(size * share)
        if measure == "amount":
            bound -= bound % scenario["envelope"]["grant_step"]
        scenario["rules"] = [{"name": "exactly", "measure": measure, "min": bound, "max": bound, **more}]

    return change


def _tight_for_everybody(scenario: dict[str, Any], _: list[dict[str, Any]]) -> None:
    scenario["envelope"]["candidate_max"] = 12_000
    scenario["envelope"]["grant_step"] = 1_000
    scenario["funders"] = []


def _whole_or_nothing(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """No step may get anything between nothing and all: there are no parts."""
    for volet in scenario["volets"].values():
        if not volet.get("transversal"):
            volet |= {"unit_cost": 20_000}
            for key in ("rate", "tolerance", "grant", "aids", "aids_mode"):
                volet.pop(key, None)


def _only(number: int) -> Callable[[dict[str, Any], list[dict[str, Any]]], None]:
    def change(_: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        del rows[number:]

    return change


def _pennies(scenario: dict[str, Any], _: list[dict[str, Any]]) -> None:
    scenario["envelope"] = {"total": 1, "grant_step": 1}
    scenario["funders"] = []


BAD_CALLS: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], None]] = {
    "same merit": _same_merit,
    "same in all": _same_in_all,
    "huge values": _merit_times(1e9),
    "tiny values": _merit_times(1e-9),
    "no value": _merit_times(0.0),
    "half worth nothing": _half_worth_nothing,
    "half worth less than nothing": _half_worth_less_than_nothing,
    "all worth less than nothing": _merit_times(-1.0),
    "first group worth nothing": _first_group_worth_nothing,
    "nothing fixed": _fixed(0.0),
    "all fixed": _fixed(1.0),
    "steps of a euro": _in_steps_of(1),
    "one large step": _in_steps_of(10_000),
    "exactly a tenth of them": _exactly(0.1, "count"),
    "exactly a third of the money": _exactly(1 / 3, "amount"),
    "exactly half of what is granted": _exactly(0.5, "share", of="granted", where={"phase": "emerging"}),
    "exactly a third of the envelope": _exactly(1 / 3, "share", of="envelope", where={"phase": "emerging"}),
    "everybody forced": _decide("fund", 1_000),
    "a few forced": _decide("fund", 4),
    "everybody rejected": _decide("reject", 1_000),
    "tight for everybody": _tight_for_everybody,
    "whole or nothing": _whole_or_nothing,
    "one candidate": _only(1),
    "two candidates": _only(2),
    "one euro": _pennies,
}


@pytest.mark.parametrize("effort", ["usual", "core of 2"])
@pytest.mark.parametrize("kind", BAD_CALLS)
def test_survives_bad_calls(kind: str, effort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Degenerate, huge, tiny, tight or empty: the same as HiGHS on the whole, without running into the limit."""
    force(monkeypatch, effort)
    for seed in (4_000, 4_001):
        problem = problem_of(changed(BAD_CALLS[kind], seed))
        solution = assert_agree(problem, Solve(gap=1e-4, time_limit=20.0), f"{kind} {seed}")
        assert solution.status in (Status.OPTIMAL, Status.INFEASIBLE)


@pytest.mark.parametrize("time_limit", [1e-6, 0.01, 0.1])
def test_a_short_limit_is_no_proof(time_limit: float) -> None:
    """Whatever it returns keeps the rows and claims no more than the truth."""
    for seed in (5_000, 5_001, 5_002):
        problem = problem_of(midsize_case(seed))
        objective = problem.objectives[0]
        best = highs.run(problem, objective, Solve(gap=1e-3), 1.0)
        solution = decomposition.solve(problem, Solve(gap=1e-4, time_limit=time_limit))
        assert solution.status is not Status.INFEASIBLE or best.status is Status.INFEASIBLE
        if best.x is not None and solution.stages and solution.stages[0].bound is not None:
            assert solution.stages[0].bound >= float(objective @ best.x) - margin(solution.stages[0].bound)
        if solution.x is not None:
            assert_feasible(problem, solution.x, f"short {seed}")


def test_a_stop_by_the_user_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not taken for the end of a core."""

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    problem = plain_problem()
    monkeypatch.setattr(exchanges, "_MOST", 0)
    monkeypatch.setattr(highs, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        decomposition.solve(problem, Solve())


def test_wrong_prices_to_begin_with_do_no_harm() -> None:
    """Whatever prices are given, of rows that reward nothing too: the same optimum, within the gap."""
    rng = np.random.default_rng(4)
    for seed in (4_000, 4_001):
        problem = plain_problem(seed)
        best = decomposition.solve(problem, Solve(gap=1e-4, time_limit=20.0))
        assert best.stages[0].value is not None
        for size in (0.0, 1e-3, 1e3):
            prices = rng.normal(size=len(problem.rows)) * size
            again = decomposition.solve(problem, Solve(gap=1e-4, time_limit=20.0), prices)
            assert again.x is not None
            assert again.status is Status.OPTIMAL
            assert_feasible(problem, again.x, f"prices {seed}")
            assert again.stages[0].value == pytest.approx(best.stages[0].value, rel=2e-4)


# ------------------------------------------------------------------------------------------------------- who solves it


def test_problems_without_blocks_are_handed_over() -> None:
    """Unknown blocks, or too many rows between them: HiGHS solves the whole, and the result says so."""
    problem = plain_problem()
    assert decomposition.solve(replace(problem, blocks=None), Solve()).solver == "highs"
    assert decomposition.solve(problem, Solve()).solver == "decomposition"


def test_too_many_coupling_rows_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices would take longer than they save."""
    monkeypatch.setattr(decomposition, "_MOST_ROWS", 0)
    assert decomposition.solve(plain_problem(), Solve()).solver == "highs"


def test_a_search_that_is_handed_over_says_so() -> None:
    """A first group that is worth nothing has no prices: HiGHS answers, and the next group is decomposed."""
    one = changed(_first_group_worth_nothing, 4_000)
    assert decomposition.solve(problem_of(one), Solve()).solver == "decomposition+highs"


def test_auto_decomposes_what_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of columns; what has no blocks never is."""
    problem = plain_problem()
    assert problem.n < LARGE
    assert get_solver("auto")(problem, Solve()).solver == "highs"
    monkeypatch.setattr("ptce_funding.solvers.LARGE", problem.n)
    assert get_solver("auto")(problem, Solve()).solver == "decomposition"
    assert get_solver("auto")(replace(problem, blocks=None), Solve()).solver == "highs"
    monkeypatch.setattr("ptce_funding.solvers.LARGE", problem.n + 1)
    assert get_solver("auto")(problem, Solve()).solver == "highs"


def test_a_plain_call_is_solved_by_hand() -> None:
    """One of two for 100 k€, each asking for it all: the better; and the allocation names the solver."""
    rows = [
        {"id": id_, "phase": "emerging", "score": score, "cost": 100_000, "ask": 100_000}
        for id_, score in (("a", 1), ("b", 2))
    ]
    allocation = allocate(
        *build(scenario_data(value={"criteria": {"score": 1.0}, "fixed": 0.0}), rows), solver="decomposition"
    )
    assert allocation.supported == ("b",)
    assert allocation.value == pytest.approx(2.0)
    assert allocation.solver == "decomposition"
