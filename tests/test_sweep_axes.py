"""Axes and designs of a sweep: what each form means, and what each fault says."""

from typing import Any

import pytest

from conftest import scenario_data
from ptce_funding.cli.vary import entry_of
from ptce_funding.errors import ScenarioError
from ptce_funding.messages import Message
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from
from ptce_funding.sweeping.axes import Axis, axes_of, drawn
from ptce_funding.sweeping.design import Point, points, unit_samples
from ptce_funding.variation import Vary

RANGE = {"path": "envelope.total", "low": 100_000, "high": 300_000, "count": 3}
SHARE = {"path": "value.fixed", "low": 0.1, "high": 0.5}


def sweeping(*vary: dict[str, Any], **table: Any) -> Scenario:
    """Return a scenario with a sweep."""
    return scenario_from(scenario_data(sweep={"vary": list(vary), **table}))


def faults(*vary: dict[str, Any], **table: Any) -> list[str]:
    """Return what is wrong with a sweep."""
    with pytest.raises(ScenarioError) as raised:
        sweeping(*vary, **table)
    return [fault.render() for fault in raised.value.faults]


# ------------------------------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("envelope.total=1e6:20e6:20", {"low": 1e6, "high": 20e6, "count": 20}),
        (" envelope.total = 1_000:2_000:2 ", {"low": 1000, "high": 2000, "count": 2}),
        ("value.fixed=-0.5:0.5", {"low": -0.5, "high": 0.5}),
        ("value.fixed=0.4,0.6", {"values": [0.4, 0.6]}),
        ("value.fixed=0.4", {"values": [0.4]}),
        ("envelope.carry_over=true,false", {"values": [True, False]}),
        ('priority.mode="strict","floor"', {"values": ["strict", "floor"]}),
        ("priority.mode=strict,floor", {"values": ["strict", "floor"]}),
        ("candidates.file=a.csv,'b,c.csv'", {"values": ["a.csv", "b,c.csv"]}),
        ("envelope.tranches=[0.5,0.5],[1,0]", {"values": [[0.5, 0.5], [1, 0]]}),
        (
            'rules=[],[{name="r",measure="count",max=2}]',
            {"values": [[], [{"name": "r", "measure": "count", "max": 2}]]},
        ),
        ("value.discount=normal(0.05,0.02)", {"distribution": "normal", "mean": 0.05, "deviation": 0.02}),
        ("value.discount=Uniform(0, 0.1)", {"distribution": "uniform", "low": 0, "high": 0.1}),
        ("years=triangular(1,2,5)", {"distribution": "triangular", "low": 1, "mode": 2, "high": 5}),
    ],
)
def test_each_form(text: str, entry: dict[str, Any]) -> None:
    """A range, a list, a distribution."""
    assert entry_of(text) == {"path": text.partition("=")[0].strip()} | entry


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("envelope.total", "expected path=values"),
        ("=1,2", "expected path=values"),
        ("value.fixed=", "expected path=values"),
        ("value.fixed=1:2:3:4", "expected low:high:count"),
        ("value.fixed=1:x", "expected low:high:count"),
        ("value.fixed=1:2:2.5", "expected low:high:count"),
        ("value.fixed=1:2:", "expected low:high:count"),
        ("value.fixed=a,,b", "expected values with a comma between them"),
        ("value.fixed=normal(1)", "expected normal(mean,deviation), each a number"),
        ("value.fixed=uniform(0,true)", "expected uniform(low,high), each a number"),
        ("value.fixed=triangular(0,,1)", "expected triangular(low,mode,high), each a number"),
        ("value.fixed=unifrom(0,1)", "expected a distribution: uniform, triangular or normal. Did you mean “uniform”?"),
        ("value.fixed=" + "[" * 100 + "]" * 100, "too deeply nested"),
        ("value.fixed=" + "9" * 5000, "too long"),
    ],
)
def test_each_bad_form(text: str, told: str) -> None:
    """One message with what was found and expected."""
    found = entry_of(text)
    assert isinstance(found, Message)
    assert told in found.render()


# --------------------------------------------------------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("vary", "table", "told"),
    [
        (SHARE | {"path": "value.fixd"}, {}, "Unknown key “fixd”"),
        (SHARE | {"path": "value.fixd"}, {}, "Did you mean “fixed”?"),
        (SHARE | {"path": "value.fixed.x"}, {}, "“value.fixed” is a single value and has no “x”"),
        (SHARE | {"path": "rules.none.min"}, {}, "“rules” has no entry “none”"),
        (SHARE | {"path": "a'b"}, {}, "expected a dotted path"),
        (SHARE | {"path": "extends"}, {}, "belongs to a file"),
        (SHARE | {"path": "sweep.seed"}, {}, "“sweep.seed” cannot be varied"),
        ({"path": "value.fixed"}, {}, "State `values`, or `low` and `high`, or a `distribution`"),
        (SHARE, {}, "“count” is missing"),
        ({"path": "value.fixed", "low": 0.1, "count": 3}, {}, "“high” is missing"),
        (SHARE | {"low": 0.5}, {"design": "sobol"}, "The least value, 0.5, is not below the largest, 0.5"),
        (SHARE | {"mean": 1.0}, {"design": "sobol"}, "“mean” does not belong here; expected low, high, count"),
        (SHARE | {"values": [0.1]}, {}, "A list of `values` stands alone: without “low”"),
        ({"path": "value.fixed", "values": [0.1, 0.1]}, {}, "“0.1” stands here twice"),
        ({"path": "value.fixed", "values": []}, {}, "expected at least one entry"),
        ({"path": "value.fixed", "values": [float("nan")]}, {}, "a text, a number, true or false"),
        (SHARE | {"distribution": "uniform"}, {}, "needs one of the designs latin or sobol"),
        (SHARE | {"distribution": "normal"}, {"design": "latin"}, "“mean” is missing"),
        (SHARE | {"distribution": "triangular", "mode": 2.0}, {"design": "latin"}, "a number between 0.1 and 0.5"),
        (SHARE | {"distribution": "uniforme"}, {"design": "latin"}, "Did you mean “uniform”?"),
        (SHARE | {"path": "priority.mode"}, {"design": "latin"}, "not a number: state the `values`"),
        (SHARE | {"count": 3}, {"samples": 3}, "“samples” goes with the designs latin or sobol"),
        (SHARE | {"count": 3}, {"seed": 3, "design": "single"}, "“seed” goes with the designs latin or sobol"),
        (SHARE | {"count": 3}, {"frontier": True}, "A frontier needs “envelope.total” to be varied"),
        (SHARE | {"path": "envelope.total"}, {"frontier": True, "design": "latin"}, "“count” is missing"),
        (SHARE | {"count": 100_001}, {}, "expected a number of at most 100,000"),
    ],
)
def test_each_bad_entry(vary: dict[str, Any], table: dict[str, Any], told: str) -> None:
    """One message with its place."""
    found = faults(vary, **table)
    assert any(told in each and each.startswith("sweep") for each in found), found


def test_a_parameter_is_varied_once() -> None:
    """Neither twice nor within another."""
    found = faults(RANGE, SHARE | {"path": "envelope", "values": [{}], "low": None, "high": None})
    assert found == ["sweep.vary.2.path: “envelope” is varied already, by “envelope.total”."]


def test_a_design_that_nobody_waits_for() -> None:
    """A hundred thousand cells at most."""
    found = faults(SHARE | {"count": 1000}, RANGE | {"count": 1000})
    assert found == ["sweep: The design has 1,000,000 cells, expected at most 100,000."]


def test_all_faults_at_once() -> None:
    """A bad path and a bad range are both told."""
    assert len(faults(SHARE | {"path": "value.fixd"}, RANGE | {"low": 400_000}, samples=2)) == 3


def test_the_table_decides_nothing() -> None:
    """What is varied does not change what the scenario is."""
    assert sweeping(RANGE).digest() == scenario_from(scenario_data()).digest()


# ---------------------------------------------------------------------------------------------------------------- designs


def test_ranges_are_exact() -> None:
    """A tenth and two tenths are three tenths; euros are whole, and each once."""
    scenario = sweeping(
        SHARE | {"count": 5},
        {"path": "envelope.total", "low": 100_000, "high": 100_003, "count": 3},
        {"path": "years", "low": 1, "high": 3, "count": 5},
        {"path": "envelope.carry_over", "values": [True, False]},
    )
    assert axes_of(scenario) == (
        Axis("value.fixed", "range", (0.1, 0.2, 0.3, 0.4, 0.5)),
        Axis("envelope.total", "range", (100_000, 100_002, 100_003)),
        Axis("years", "range", (1, 2, 3)),
        Axis("envelope.carry_over", "values", (True, False)),
    )
    assert all(isinstance(value, int) for value in axes_of(scenario)[1].values)


def test_grid() -> None:
    """The scenario first, then every combination, the last axis fastest, then the frontier along the envelope alone."""
    scenario = sweeping({"path": "envelope.total", "values": [1, 2]}, SHARE | {"count": 2}, frontier=True)
    axes = axes_of(scenario)
    found = points(scenario, axes)
    assert [(point.kind, *point.values) for point in found] == [
        ("base", None, None),
        ("grid", 1, 0.1),
        ("grid", 1, 0.5),
        ("grid", 2, 0.1),
        ("grid", 2, 0.5),
        ("frontier:tranches", 1, None),
        ("frontier:tranches", 2, None),
        ("frontier:total", 1, None),
        ("frontier:total", 2, None),
    ]
    assert [point.number for point in found] == list(range(9))
    assert found[1].changes(axes) == {"envelope.total": 1, "value.fixed": 0.1}
    assert found[5].changes(axes) == {"envelope.total": 1}
    assert found[8].changes(axes) == {"envelope.total": 2, "envelope.tranches": None}


def test_single() -> None:
    """One axis at a time."""
    scenario = sweeping({"path": "envelope.total", "values": [1, 2]}, SHARE | {"count": 2}, design="single")
    found = points(scenario, axes_of(scenario))
    assert found[1:] == [
        Point(1, "single", (1, None)),
        Point(2, "single", (2, None)),
        Point(3, "single", (None, 0.1)),
        Point(4, "single", (None, 0.5)),
    ]


def test_latin_hypercube() -> None:
    """One sample in each of as many strata as there are samples, on each axis."""
    scenario = sweeping(SHARE, RANGE, design="latin", samples=20, seed=3)
    rows = unit_samples(scenario)
    for column in zip(*rows, strict=True):
        assert sorted(int(u * 20) for u in column) == list(range(20))


@pytest.mark.parametrize("design", ["latin", "sobol"])
def test_seeds(design: str) -> None:
    """The same seed gives the same points, another gives others; 64 samples and the seed 0 unless said."""
    own = unit_samples(sweeping(SHARE, RANGE, design=design))
    assert len(own) == 64
    assert own == unit_samples(sweeping(SHARE, RANGE, design=design, samples=64, seed=0))
    assert own != unit_samples(sweeping(SHARE, RANGE, design=design, seed=1))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("samples", [1, 2, 3, 24])
def test_sobol_of_any_size(samples: int) -> None:
    """A number that is no power of two gives the first points of the sequence, and no warning."""
    scenario = sweeping(SHARE, RANGE, design="sobol", samples=samples)
    assert unit_samples(scenario) == unit_samples(sweeping(SHARE, RANGE, design="sobol", samples=32))[:samples]


def test_samples_stay_readable() -> None:
    """Euros are whole, shares keep six digits, and both stay in their range."""
    scenario = sweeping(SHARE, RANGE, design="sobol", samples=16)
    for point in points(scenario, axes_of(scenario))[1:]:
        fixed, total = point.values
        assert point.kind == "sample"
        assert isinstance(total, int)
        assert 100_000 <= total <= 300_000
        assert 0.1 <= fixed <= 0.5
        assert float(f"{fixed:.6g}") == fixed


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"low": 10.0, "high": 20.0}, [10.0, 12.5, 15.0, 20.0]),
        ({"distribution": "uniform", "low": 10.0, "high": 20.0}, [10.0, 12.5, 15.0, 20.0]),
        # By hand: F(x) = x² / 2 below the mode 1, 1 - (2 - x)² / 2 above it.
        ({"distribution": "triangular", "low": 0.0, "mode": 1.0, "high": 2.0}, [0.0, 0.707107, 1.0, 2.0]),
        ({"distribution": "triangular", "low": 0.0, "mode": 0.0, "high": 1.0}, [0.0, 0.133975, 0.292893, 1.0]),
        ({"distribution": "normal", "mean": 5.0, "deviation": 2.0}, [None, 3.65102, 5.0, None]),
        ({"values": ["a", "b", "c", "d"]}, ["a", "b", "c", "d"]),
    ],
)
def test_quantiles(entry: dict[str, Any], expected: list[Any]) -> None:
    """The values at the probabilities 0, 1/4, 1/2 and nearly 1, by hand."""
    vary = Vary.model_validate(
        {"path": "value.fixed"} | entry | ({"values": tuple(entry["values"])} if "values" in entry else {})
    )
    for u, value in zip((0.0, 0.25, 0.5, 1 - 1e-12), expected, strict=True):
        if value is not None:
            assert drawn(vary, False, u) == (pytest.approx(value, rel=1e-5) if isinstance(value, float) else value)
        assert drawn(vary, False, u) is not None


def test_whole_numbers_are_drawn_whole() -> None:
    """Rounded half up."""
    vary = Vary.model_validate({"path": "years", "low": 1.0, "high": 2.0})
    assert [drawn(vary, True, u) for u in (0.0, 0.49, 0.5, 0.99)] == [1, 1, 2, 2]
