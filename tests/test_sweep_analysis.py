"""What a sweep says, against answers reckoned by hand."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from conftest import scenario_data
from ptce_funding.parts import Text
from ptce_funding.report.sweep import show_sweep
from ptce_funding.scenario_files import scenario_from
from ptce_funding.sweeping.analysis import Selection, analyse, breaks, grants_of, largest, selection, tornado
from ptce_funding.sweeping.axes import Axis
from ptce_funding.sweeping.elasticity import Elasticity, arc, elasticities, least_squares, rank_correlation
from ptce_funding.sweeping.frontier import frontier
from ptce_funding.sweeping.lines import lines, own_value
from ptce_funding.sweeping.runs import Run, packed
from ptce_funding.sweeping.store import Cell, Results

NAMES = ("a", "b", "c", "d")
TRANCHED = {"envelope": {"total": 100_000, "grant_step": 10_000, "tranches": [0.5, 0.5]}, "years": 2}


def run(grants: dict[str, int], value: float, bound: float | None = None, **figures: float) -> Run:
    """Return a run that gives each candidate a grant."""
    rows = [(name, "v", "", 2020, "", grant) for name, grant in grants.items()]
    told = {"supported": len(grants), "granted": sum(grants.values()), **figures}
    key = repr((grants, value, figures))
    return Run(
        key, "optimal", None, value, value if bound is None else bound, 0.0, dict(sorted(told.items())), packed(rows)
    )


def no_run(status: str = "infeasible", reason: str = "no money") -> Run:
    """Return a run without an allocation."""
    return Run(f"{status} {reason}", status, Text(en=reason), None, None, None, {}, packed([]))


def results(axes: dict[str, tuple[Any, ...]], cells: list[tuple[str, tuple[Any, ...], Run]], **changes: Any) -> Results:
    """Return a sweep: values by path, then kind, values and run of each cell."""
    return Results(
        scenario=scenario_from(scenario_data(**changes)),
        axes=tuple(Axis(path, "values" if values else "distribution", values) for path, values in axes.items()),
        cells=tuple(Cell(number, kind, values, run, 0.5) for number, (kind, values, run) in enumerate(cells)),
        pending=0,
        candidates=NAMES,
        meta={"synthetic": "false"},
    )


def by_envelope(kind: str, runs: dict[int, Run], **changes: Any) -> Results:
    """Return a sweep of the envelope alone, its base with 100 k€ giving a and b."""
    base = ("base", (None,), run({"a": 60_000, "b": 40_000}, 10.0))
    cells = [(kind, (total,), each) for total, each in runs.items()]
    return results({"envelope.total": tuple(runs)}, [base, *cells], **changes)


# ----------------------------------------------------------------------------------------------------------- selection


def test_selection_counts_cells_of_the_design() -> None:
    """Base and frontier are not counted, nor cells without an allocation; a run that two cells share counts twice."""
    twice = run({"a": 10, "b": 20}, 1.0)
    found = results(
        {"envelope.total": (1, 2, 3, 4)},
        [
            ("base", (None,), run({"d": 5}, 1.0)),
            ("grid", (1,), twice),
            ("grid", (2,), twice),
            ("grid", (3,), run({"a": 11}, 1.0)),
            ("grid", (4,), no_run()),
            ("frontier:total", (1,), run({"c": 5}, 1.0)),
        ],
    )
    # The mean of 10, 10 and 11 is 10⅓; of 20 and 20, 20.
    assert selection(found, grants_of(found)) == (
        Selection("a", 3, 3, 10),
        Selection("b", 2, 3, 20),
        Selection("c", 0, 3, None),
        Selection("d", 0, 3, None),
    )
    standings = [each.standing for each in selection(found, grants_of(found))]
    assert standings == ["core", "borderline", "exterior", "exterior"]
    assert selection(found, grants_of(found))[1].frequency == pytest.approx(2 / 3)


def test_mean_grant_is_rounded_half_up() -> None:
    found = results(
        {"envelope.total": (1, 2)},
        [("grid", (1,), run({"a": 10, "b": 1}, 1.0)), ("grid", (2,), run({"a": 11, "b": 1}, 1.0))],
    )
    assert [each.mean_grant for each in selection(found, grants_of(found))] == [11, 1, None, None]


def test_several_awards_of_a_candidate_count_once() -> None:
    rows = [("a", "v", "", 2020, "", 10), ("a", "v", "", 2020, "x", 20), ("b", "v", "", 2020, "", 5)]
    two = Run("h", "feasible", None, 1.0, 1.0, 0.0, {"supported": 2}, packed(rows))
    found = results({"envelope.total": (1,)}, [("grid", (1,), two)])
    assert selection(found, grants_of(found))[:2] == (Selection("a", 1, 1, 30), Selection("b", 1, 1, 5))


def test_no_allocation_at_all_says_nothing() -> None:
    found = analyse(results({"envelope.total": (1,)}, [("base", (None,), no_run()), ("grid", (1,), no_run())]))
    assert found.selection == found.breaks == found.frontier == found.tornado == found.elasticities == ()


# --------------------------------------------------------------------------------------------------------------- lines


def test_own_values() -> None:
    """Stated values, defaults, entries by name, and the short form of a criterion."""
    scenario = scenario_from(scenario_data(rules=[{"name": "r", "measure": "count", "max": 3}]))
    paths = ["envelope.total", "value.discount", "rules.r.max", "value.criteria.score", "envelope.candidate_max"]
    assert [own_value(scenario, path) for path in paths] == [100_000, 0.0, 3, 1.0, None]
    assert own_value(scenario, "rules.other.max") is None


def test_lines_of_a_grid() -> None:
    """Two axes of two values: two lines each way; the base fits a line of each axis only where the other has its value."""
    r = run({"a": 1}, 1.0)
    found = results(
        {"envelope.total": (50_000, 100_000), "value.fixed": (0.2, 0.4)},
        [("base", (None, None), r), *(("grid", (x, y), r) for x in (50_000, 100_000) for y in (0.2, 0.4))],
    )
    told = [
        (line.axis.path, line.others, [(value, cell.number) for value, cell in line.points])
        for line in lines(found, ("base", "grid"))
    ]
    # The scenario's own are 100 k€ and a fixed part of 1.
    assert told == [
        ("envelope.total", (("value.fixed", 0.2),), [(50_000, 1), (100_000, 3)]),
        ("envelope.total", (("value.fixed", 0.4),), [(50_000, 2), (100_000, 4)]),
        ("value.fixed", (("envelope.total", 100_000),), [(0.2, 3), (0.4, 4), (1.0, 0)]),
        ("value.fixed", (("envelope.total", 50_000),), [(0.2, 1), (0.4, 2)]),
    ]


def test_lines_of_what_has_no_order_keep_the_listed_one() -> None:
    r = run({"a": 1}, 1.0)
    modes = ("weight", "none", "strict")
    found = results({"priority.mode": modes}, [("base", (None,), r), *(("grid", (mode,), r) for mode in modes)])
    (line,) = lines(found, ("base", "grid"))
    # "none" is the scenario's own: the base comes first, and the cell of the same value is not told twice.
    assert [(value, cell.number) for value, cell in line.points] == [("weight", 1), ("none", 0), ("strict", 3)]


# -------------------------------------------------------------------------------------------------------- elasticities


def test_arc_is_the_same_both_ways() -> None:
    # From 10 to 20 (two thirds of the mean) y goes from 4 to 6 (two fifths).
    assert arc(10, 4, 20, 6) == pytest.approx(0.6)
    assert arc(20, 6, 10, 4) == pytest.approx(0.6)
    assert arc(10, 4, 20, 4) == 0
    assert [arc(0, 4, 20, 6), arc(10, 0, 20, 6), arc(10, 4, 10, 6), arc(-1, 4, 20, 6)] == [None] * 4


def test_arc_elasticities_of_a_line() -> None:
    """50, 100 (base), 150, 300 k€ with value 5, 10, 12, 12: twice as much for twice the money, then less, then nothing."""
    runs = {
        50_000: run({"a": 50_000}, 5.0),
        150_000: run({"a": 60_000, "b": 90_000}, 12.0),
        300_000: run({"a": 60_000, "b": 90_000}, 12.0),
    }
    found = {each.measure: each for each in elasticities(by_envelope("single", runs))}
    # 50→100: (5/15)/(50/150) = 1. 100→150: (2/22)/(50/250) = 5/11. 150→300: 0. The scenario's 100 k€ end the first two.
    value = found["value"]
    assert (value.path, value.method, value.n) == ("envelope.total", "arc", 3)
    assert [value.low, value.estimate, value.high, value.here] == pytest.approx([0, 5 / 11, 1, (1 + 5 / 11) / 2])
    # Supported 1, 2, 2, 2: (1/3)/(1/3) = 1, 0, 0.
    assert [found["supported"].estimate, found["supported"].high] == [0, pytest.approx(1)]
    assert set(found) == {"value", "supported", "granted"}


def test_arc_elasticities_skip_what_has_none() -> None:
    """Over a cell without an allocation there is no neighbour, and zero has no relative change."""
    runs = {25_000: run({}, 0.0), 50_000: run({"a": 1}, 5.0), 150_000: no_run(), 300_000: run({"a": 1}, 6.0)}
    found = next(each for each in elasticities(by_envelope("grid", runs)) if each.measure == "value")
    # Only 50→100 (the base) is left.
    assert (found.n, found.estimate, found.here) == (1, pytest.approx(1), pytest.approx(1))
    nothing = by_envelope("grid", {50_000: no_run(), 150_000: no_run()})
    value = elasticities(nothing)[0]
    assert value == Elasticity("envelope.total", "value", "arc", None, None, None, None, 0, None)


def test_least_squares() -> None:
    # y = 3 + 2 x - z exactly.
    xs, zs = [1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 0.0, 2.0, 1.0, 5.0]
    coefficients, r2 = least_squares([xs, zs], [3 + 2 * x - z for x, z in zip(xs, zs, strict=True)])
    assert coefficients == pytest.approx([2, -1])
    assert r2 == pytest.approx(1)
    # (0, 0), (1, 1), (2, 0): slope 0, nothing explained; (0, 0), (1, 2), (2, 1): slope ½, R² = ¼.
    assert least_squares([[0.0, 1.0, 2.0]], [0.0, 1.0, 0.0]) == ([pytest.approx(0)], pytest.approx(0))
    assert least_squares([[0.0, 1.0, 2.0]], [0.0, 2.0, 1.0]) == ([pytest.approx(0.5)], pytest.approx(0.25))


def test_least_squares_without_an_answer() -> None:
    xs = [1.0, 2.0, 3.0, 4.0]
    assert least_squares([xs, [2 * x for x in xs]], [1.0, 2.0, 3.0, 5.0]) == ([None, None], None)
    assert least_squares([[1.0, 2.0]], [1.0, 2.0]) == ([None], None)
    assert least_squares([[1.0, 1.0, 1.0, 1.0]], xs) == ([None], None)
    assert least_squares([xs], [7.0, 7.0, 7.0, 7.0]) == ([0.0], None)
    assert least_squares([], []) == ([], None)
    assert least_squares([xs, [1.0] * 4], xs)[0] == [pytest.approx(1), None]


def test_rank_correlation() -> None:
    assert rank_correlation([1, 2, 3], [10, 100, 1000]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    # Ranks 1, 2, 3, 4 and 1.5, 1.5, 3, 4: 4.5 / sqrt(5 × 4.5).
    assert rank_correlation([1, 2, 3, 4], [5, 5, 6, 7]) == pytest.approx(4.5 / math.sqrt(22.5))
    assert rank_correlation([1, 1], [1, 2]) is None


def test_regression_finds_the_powers() -> None:
    """value = 3 × total² / fixed: elasticities 2 and -1, and all is explained."""
    drawn = [(1_000, 0.1), (2_000, 0.5), (4_000, 0.2), (8_000, 0.9), (16_000, 0.4)]
    cells = [("sample", each, run({"a": 1}, 3 * each[0] ** 2 / each[1])) for each in drawn]
    found = elasticities(results({"envelope.total": (), "value.fixed": ()}, [("base", (None, None), no_run()), *cells]))
    told = {(each.path, each.measure): each for each in found}
    assert [each.method for each in found] == ["regression"] * 6
    assert told["envelope.total", "value"].estimate == pytest.approx(2)
    assert told["value.fixed", "value"].estimate == pytest.approx(-1)
    assert told["value.fixed", "value"].r2 == pytest.approx(1)
    assert told["value.fixed", "value"].n == 5
    # One candidate is supported whatever is drawn.
    assert (told["envelope.total", "supported"].estimate, told["envelope.total", "supported"].r2) == (0, None)


def test_regression_with_values_that_have_no_logarithm() -> None:
    """A discount of nought is told by its rank, and stays in the fit of the other."""
    drawn = [(1_000, 0.0), (2_000, 0.3), (4_000, 0.1), (8_000, 0.2), (16_000, 0.05)]
    cells = [("sample", each, run({"a": 1}, each[0] ** 0.5 * math.exp(-4 * each[1]))) for each in drawn]
    found = elasticities(results({"envelope.total": (), "value.discount": ()}, cells))
    total, _, _, discount, *_ = found
    assert (total.path, total.method, total.estimate) == ("envelope.total", "regression", pytest.approx(0.5))
    assert (discount.path, discount.method, discount.r2) == ("value.discount", "rank", None)
    # Values 32, 19, 42, 40, 104: ranks 2, 1, 4, 3, 5 against 1, 5, 3, 4, 2; ρ = 1 - 6 (1 + 16 + 1 + 1 + 9) / 120.
    assert discount.estimate == pytest.approx(1 - 6 * 28 / 120)


def test_a_measure_of_nought_is_told_by_ranks() -> None:
    drawn = [(1_000,), (2_000,), (4_000,), (8_000,)]
    cells = [("sample", each, run({"a": 1}, value)) for each, value in zip(drawn, [0.0, 1.0, 2.0, 3.0], strict=True)]
    found = elasticities(results({"envelope.total": ()}, cells))
    assert (found[0].measure, found[0].method, found[0].estimate) == ("value", "rank", pytest.approx(1))


def test_only_numbers_have_elasticities() -> None:
    r = run({"a": 1}, 1.0)
    cells = [("grid", (mode, flag), r) for mode in ("none", "strict") for flag in (True, False)]
    assert (
        elasticities(results({"priority.mode": ("none", "strict"), "envelope.carry_over": (True, False)}, cells)) == ()
    )


# -------------------------------------------------------------------------------------------------------- break points


def test_breaks_of_a_line() -> None:
    """a and b at the base, a and c, then c alone, then c alone again, and nothing possible below."""
    runs = {
        25_000: no_run(),
        50_000: run({"a": 50_000}, 5.0),
        150_000: run({"c": 60_000, "a": 90_000}, 12.0),
        200_000: run({"c": 200_000}, 13.0),
        250_000: run({"c": 200_000}, 13.0),
    }
    found = by_envelope("grid", runs)
    told = breaks(found, grants_of(found))
    assert [(each.low, each.high, each.enters, each.leaves, each.supported, each.cells) for each in told] == [
        (25_000, 50_000, (), (), (None, 1), (1, 2)),
        (50_000, 100_000, ("b",), (), (1, 2), (2, 0)),
        (100_000, 150_000, ("c",), ("b",), (2, 2), (0, 3)),
        (150_000, 200_000, (), ("a",), (2, 1), (3, 4)),
    ]
    assert [each.is_status for each in told] == [True, False, False, False]
    assert [each.is_paradox for each in told] == [False, False, False, True]
    assert [each.size for each in told] == [0, 1, 2, 1]
    assert [each.low for each in largest(told, 3)] == [25_000, 100_000, 50_000]


@pytest.mark.parametrize("status", ["unknown", "invalid", "failed"])
def test_what_is_not_proved_makes_no_break(status: str) -> None:
    found = by_envelope("grid", {50_000: no_run(status)})
    assert breaks(found, grants_of(found)) == ()


def test_breaks_name_the_other_axes() -> None:
    one, other = run({"a": 1}, 1.0), run({"b": 1}, 1.0)
    cells = [
        ("grid", (50_000, 0.2), one),
        ("grid", (50_000, 0.4), one),
        ("grid", (60_000, 0.2), one),
        ("grid", (60_000, 0.4), other),
    ]
    found = results({"envelope.total": (50_000, 60_000), "value.fixed": (0.2, 0.4)}, cells)
    told = breaks(found, grants_of(found))
    assert [(each.path, each.others, each.cells) for each in told] == [
        ("envelope.total", (("value.fixed", 0.4),), (1, 3)),
        ("value.fixed", (("envelope.total", 60_000),), (2, 3)),
    ]


def test_fewer_supported_is_a_paradox_only_for_money() -> None:
    cells = [("grid", (0.2,), run({"a": 1, "b": 1}, 1.0)), ("grid", (0.4,), run({"a": 3}, 1.0))]
    found = results({"value.fixed": (0.2, 0.4)}, cells)
    (told,) = breaks(found, grants_of(found))
    assert told.leaves == ("b",)
    assert not told.is_paradox


def test_breaks_of_the_frontier_are_told_apart_where_there_are_tranches() -> None:
    one, other = run({"a": 1}, 1.0), run({"b": 1}, 1.0)
    cells = [
        ("frontier:tranches", (50_000,), one),
        ("frontier:tranches", (60_000,), one),
        ("frontier:total", (50_000,), one),
        ("frontier:total", (60_000,), other),
    ]
    for changes, n in ((TRANCHED, 1), ({}, 0)):
        found = results({"envelope.total": (50_000, 60_000)}, cells, **changes)
        told = breaks(found, grants_of(found))
        assert [(each.without_tranches, each.cells) for each in told] == [(True, (2, 3))] * n


# ------------------------------------------------------------------------------------------------------------ frontier


def sweep_of_the_frontier() -> Results:
    """Return both curves at 100, 200 and 400 k€; with tranches the first has no allocation."""
    axes = {"envelope.total": (100_000, 200_000, 400_000)}
    cells = [
        ("base", (None,), no_run()),
        ("frontier:tranches", (100_000,), no_run()),
        ("frontier:tranches", (200_000,), run({"a": 200_000}, 8.0, 8.0)),
        ("frontier:tranches", (400_000,), run({"a": 200_000, "b": 150_000}, 11.0, 12.5)),
        ("frontier:total", (100_000,), run({"a": 100_000}, 6.0)),
        ("frontier:total", (200_000,), run({"a": 100_000, "b": 100_000}, 9.0)),
        ("frontier:total", (400_000,), run({"a": 200_000, "b": 100_000, "c": 100_000}, 12.0)),
    ]
    return results(axes, cells, **TRANCHED)


def test_frontier() -> None:
    first, second, third = frontier(sweep_of_the_frontier())
    assert [each.envelope for each in (first, second, third)] == [100_000, 200_000, 400_000]
    assert first.tranches is not None
    assert (first.tranches.status, first.tranches.value, first.tranches.more_value) == ("infeasible", None, None)
    # After an envelope without an allocation nothing can be said of what more money brings.
    assert second.tranches is not None
    assert (second.tranches.value, second.tranches.more_value, second.tranches.more_supported) == (8.0, None, None)
    assert third.tranches is not None
    # 3 of value and one candidate more for 200 k€.
    assert (third.tranches.more_value, third.tranches.more_supported) == (1.5, 0.5)
    assert third.tranches.granted == 350_000
    assert second.total is not None
    assert (second.total.more_value, second.total.more_supported) == (3.0, 1.0)
    # None against one; 9 above the bound of 8; 12 within the bound of 12.5.
    assert [each.is_apart for each in (first, second, third)] == [True, True, False]


def test_without_an_envelope_there_is_no_frontier() -> None:
    assert frontier(results({"value.fixed": (0.2,)}, [("grid", (0.2,), run({"a": 1}, 1.0))])) == ()


# ------------------------------------------------------------------------------------------------------------- tornado


def test_tornado() -> None:
    """The base gives 10 and two candidates; the envelope moves 7 to 12, the fixed part 10 to 9, an impossible end is not known."""
    cells = [
        ("base", (None, None, None), run({"a": 1, "b": 1}, 10.0)),
        ("single", (0.5, None, None), run({"a": 1, "b": 1}, 9.0)),
        ("single", (None, 50_000, None), run({"a": 1}, 7.0)),
        ("single", (None, 200_000, None), run({"a": 1, "b": 1, "c": 1}, 12.0)),
        ("single", (None, None, 0.1), run({"a": 1, "b": 1}, 9.5)),
        ("single", (None, None, 0.9), no_run()),
    ]
    axes = {"value.fixed": (0.5,), "envelope.total": (50_000, 200_000), "value.discount": (0.1, 0.9)}
    bars = tornado(results(axes, cells))
    assert [(bar.measure, bar.path, bar.ends, bar.low, bar.base, bar.high, bar.span) for bar in bars] == [
        ("value", "envelope.total", (50_000, 200_000), 7.0, 10.0, 12.0, 5.0),
        ("value", "value.fixed", (0.5, 1.0), 9.0, 10.0, 10.0, 1.0),
        ("value", "value.discount", (0.1, 0.9), 9.5, 10.0, None, 0.5),
        ("supported", "envelope.total", (50_000, 200_000), 1, 2, 3, 2),
        ("supported", "value.fixed", (0.5, 1.0), 2, 2, 2, 0),
        ("supported", "value.discount", (0.1, 0.9), 2, 2, None, 0),
    ]


def test_one_axis_of_a_grid_has_no_tornado() -> None:
    """There is nothing to hold it against."""
    assert tornado(by_envelope("grid", {50_000: run({"a": 1}, 1.0)})) == ()


def a_grid() -> Results:
    """Envelope and fixed part; the scenario itself has 100 k€ and 1, and lies in the grid."""
    axes = {"envelope.total": (50_000, 100_000, 200_000), "value.fixed": (0.2, 1.0)}
    values = {50_000: (2.0, 4.0), 100_000: (3.0, 6.0), 200_000: (5.0, 9.0)}
    cells = [
        ("grid", (total, fixed), run({"a": total}, values[total][k]))
        for total in axes["envelope.total"]
        for k, fixed in enumerate(axes["value.fixed"])
    ]
    return results(axes, [("base", (None, None), run({"a": 100_000}, 6.0)), *cells])


def test_tornado_of_a_grid() -> None:
    """Along each axis with the other as the scenario has it: 4 to 9 with the envelope, 3 to 6 with the fixed part."""
    values = [bar for bar in tornado(a_grid()) if bar.measure == "value"]
    assert [(bar.path, bar.ends, bar.low, bar.base, bar.high) for bar in values] == [
        ("envelope.total", (50_000, 200_000), 4.0, 6.0, 9.0),
        ("value.fixed", (0.2, 1.0), 3.0, 6.0, 6.0),
    ]


def test_bars_hold_what_lies_between_their_ends() -> None:
    """4 at both ends and 9 between: the bar is as long as what the parameter does; a value not asked for is no end."""
    axes = {"envelope.total": (50_000, 90_000, 95_000), "value.fixed": (1.0,)}
    cells = [("grid", (n, 1.0), run({"a": 1}, x)) for n, x in ((50_000, 4.0), (90_000, 9.0), (95_000, 4.0))]
    found = tornado(results(axes, [("base", (None, None), run({"a": 1}, 6.0)), *cells]))
    (bar,) = (each for each in found if each.measure == "value" and each.path == "envelope.total")
    assert (bar.ends, bar.low, bar.high, bar.least, bar.most, bar.span) == ((50_000, 95_000), 4.0, 4.0, 4.0, 9.0, 5.0)


def test_frontier_of_a_grid() -> None:
    """Cells that differ from the scenario in the envelope alone, without asking for them."""
    rows = frontier(a_grid())
    assert [(row.envelope, row.tranches and row.tranches.value, row.total) for row in rows] == [
        (50_000, 4.0, None),
        (100_000, 6.0, None),
        (200_000, 9.0, None),
    ]


def test_other_parameters_are_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines of the same ends differ in what else was varied."""
    monkeypatch.setenv("COLUMNS", "160")
    axes = {"envelope.total": (50_000, 200_000), "value.fixed": (0.2, 0.4)}
    cells = [("grid", (n, x), run({"a" if n < 60_000 else "b": 1}, x)) for n in (50_000, 200_000) for x in (0.2, 0.4)]
    show_sweep(results(axes, cells), "en", Path("x.sqlite"))
    text = " ".join(capsys.readouterr().out.split())
    for share in (20, 40):
        assert f"envelope.total €50,000 €200,000 value.fixed = {share}% 1 1 1 → 1" in text


# ------------------------------------------------------------------------------------------------------------ terminal


def test_the_page_of_a_grid(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """All sections, in order, with the figures of the analysis."""
    monkeypatch.setenv("COLUMNS", "120")
    runs = {
        25_000: no_run(),
        50_000: run({"a": 50_000}, 5.0),
        150_000: run({"c": 60_000, "a": 90_000}, 12.0),
        200_000: run({"c": 200_000}, 13.0),
    }
    show_sweep(by_envelope("grid", runs), "en", Path("small.sweep.sqlite"))
    text = " ".join(capsys.readouterr().out.split())
    expected = [
        "small (small)",
        "Amount of the envelope (envelope.total): €25,000; €50,000; €150,000; €200,000",
        "of which 4 with an allocation; distinct runs: 5.",
        "No allocation exists: 1",
        "Runs: 1. no money",
        "1 €25,000 no allocation exists – – – 0.5",
        "2 €50,000 5 1 €50,000 0% 0.5",
        "Over 3 cells with an allocation: 0 candidates are always funded (the robust core), 2 sometimes, 2 never.",
        "a 66.7% €70,000",
        "c 66.7% €130,000",
        "Amount of the envelope: no allocation exists at €25,000, one does at €50,000.",
        "With €200,000 instead of €150,000 fewer candidates are funded: 1 instead of 2.",
        "Kept in small.sweep.sqlite.",
    ]
    at = [text.find(each) for each in expected]
    assert -1 not in at, expected[at.index(-1)] + "\n" + text
    assert at == sorted(at)


def test_the_page_of_a_frontier(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    show_sweep(sweep_of_the_frontier(), "en", Path("x.sqlite"))
    text = " ".join(capsys.readouterr().out.split())
    assert "€100,000 tranches no allocation exists – total alone 6 * 1" in text
    assert "€400,000 tranches 11 +1.5 2 +0.5 total alone 12 +1.5 3 +0.5 *:" in text


def test_a_narrow_page_leaves_out_columns_and_cuts_no_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width, row in ((80, "1 €50,000 5 1 €50,000 0% 0.5"), (50, "1 €50,000 5 1 €50,000"), (40, "1 €50,000 5 1")):
        monkeypatch.setenv("COLUMNS", str(width))
        show_sweep(by_envelope("grid", {50_000: run({"a": 50_000}, 5.0)}), "en", Path("x.sqlite"))
        rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
        assert row in rows


def test_a_frontier_without_tranches_has_one_curve(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = ("frontier:tranches", "frontier:total")
    r = run({"a": 1}, 1.0)
    found = results({"envelope.total": (50_000, 60_000)}, [(kind, (n,), r) for kind in kinds for n in (50_000, 60_000)])
    show_sweep(found, "en", Path("x.sqlite"))
    text = " ".join(capsys.readouterr().out.split())
    assert "€50,000 total 1 1 €60,000 total 1 +0 1 +0 Kept" in text
    assert "total alone" not in text


def test_a_moving_yardstick_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Values are not comparable where what they count is what is varied."""
    cells = [("grid", (x,), run({"a": 1}, x)) for x in (0.2, 0.4)]
    show_sweep(results({"value.fixed": (0.2, 0.4)}, cells), "en", Path("x.sqlite"))
    assert "What a value counts changes with value.fixed" in " ".join(capsys.readouterr().out.split())
    show_sweep(by_envelope("grid", {50_000: run({"a": 1}, 1.0)}), "en", Path("x.sqlite"))
    assert "What a value counts" not in " ".join(capsys.readouterr().out.split())


def test_drawn_values_are_told_by_their_ends(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [("sample", (x,), run({"a": 1}, 1.0)) for x in (300_000, 100_000, 200_000)]
    show_sweep(results({"envelope.total": ()}, cells), "en", Path("x.sqlite"))
    text = " ".join(capsys.readouterr().out.split())
    assert "Amount of the envelope (envelope.total): 3 values drawn, from €100,000 to €300,000" in text


def test_what_was_not_run_yet_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    found = results({"envelope.total": ()}, [])
    show_sweep(dataclasses.replace(found, pending=7), "en", Path("x.sqlite"))
    text = capsys.readouterr().out
    assert "Amount of the envelope (envelope.total): no value was run" in text
    assert "Still to run: 7 cells" in text


def test_the_page_of_many_runs_is_short_unless_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    found = by_envelope("grid", {10_000 * n: run({"a": n}, float(n)) for n in range(1, 31)})
    show_sweep(found, "fr", Path("x.sqlite"))
    short = capsys.readouterr().out
    show_sweep(found, "fr", Path("x.sqlite"), all_runs=True)
    whole = capsys.readouterr().out
    assert len(whole.splitlines()) - len(short.splitlines()) == 10
