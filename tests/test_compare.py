"""Results side by side: figures, moves, common value, patterns, by hand on the small call of the sweeps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cases import Case, build, case, programme_case
from clash_kits import row
from conftest import scenario_data
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.comparing.comparison import Comparison, compare
from ptce_funding.comparing.entries import Entry, entry_of, unique_names
from ptce_funding.comparing.yardstick import Worth, worth
from ptce_funding.loading import read_candidates
from ptce_funding.report.compare_tables import comparison_document
from ptce_funding.report.document import as_json
from sweep_cases import small, write_table

#: 100 k€ fund b and c, worth 5; 80 k€ fund b and d, worth 4; 40 k€ fund d alone, worth 1.


def solved(folder: Path, **changes: Any) -> Allocation:
    """Allocate the small call."""
    scenario = small(folder, **changes)
    return allocate(scenario, read_candidates(scenario=scenario))


def envelope(total: int) -> dict[str, int]:
    """Return an envelope in steps of 10 k€."""
    return {"total": total, "grant_step": 10_000}


@pytest.fixture
def three(tmp_path: Path) -> Comparison:
    """100 k€ against 80 k€ and 40 k€."""
    return compare([solved(tmp_path, name=f"{n}", envelope=envelope(n * 1000)) for n in (100, 80, 40)])


def values(comparison: Comparison) -> dict[str, tuple[float | int | None, ...]]:
    """Return the figures by name."""
    return {line.name: line.values for line in comparison.lines}


def test_figures(three: Comparison) -> None:
    """Money, candidates, jobs, what each costs, by phase and region."""
    told = values(three)
    assert told["envelope"] == (100_000, 80_000, 40_000)
    assert told["granted"] == (100_000, 80_000, 30_000)
    assert told["unspent"] == (0, 0, 10_000)
    assert told["supported"] == (2, 2, 1)
    assert told["value"] == told["common_value"] == (5.0, 4.0, 1.0)
    assert told["jobs"] == (5.0, 6.0, 4.0)
    assert told["cost_per_ptce"] == (50_000, 40_000, 30_000)
    assert told["cost_per_job"] == (20_000, 13_333.33, 7_500)
    assert told["supported.phase.emerging"] == (1, 1, 0)
    assert told["granted.region.Corse"] == (50_000, 50_000, 0)
    assert told["regions_without"] == (16, 16, 17)
    granted = next(line for line in three.lines if line.name == "granted")
    assert granted.differences == (0, -20_000, -70_000)


def test_who_enters_and_who_leaves(three: Comparison) -> None:
    """With 80 k€, d enters and c leaves; with 40 k€, d enters, b and c leave: d drops out of the larger envelope each time."""
    told = [(move.entry, move.candidate, move.enters, move.grant, move.is_despite_more) for move in three.moves]
    assert told == [
        (1, "d", True, 30_000, True),
        (1, "c", False, 50_000, False),
        (2, "d", True, 30_000, True),
        (2, "b", False, 50_000, False),
        (2, "c", False, 50_000, False),
    ]
    # Why d is not funded with 100 k€, and c not with 80 k€.
    assert "the envelope: €0 left, at least €30,000 needed" in three.moves[0].reasons[-1].render("en")
    assert "the envelope: €0 left, at least €50,000 needed" in three.moves[1].reasons[-1].render("en")
    one = three.exchanges[0]
    assert (one.smaller, one.larger, one.entering, one.leaving) == ("80", "100", 1, 1)
    assert (one.granted, one.freed, one.worth, one.lost, one.paths) == (50_000, 30_000, 2.0, 1.0, ())


def test_the_larger_envelope_may_be_the_other(tmp_path: Path) -> None:
    """Against 80 k€, 100 k€ drop d for c."""
    results = [solved(tmp_path, name=f"{n}", envelope=envelope(n * 1000)) for n in (80, 100)]
    comparison = compare(results)
    assert [(move.candidate, move.enters, move.is_despite_more) for move in comparison.moves] == [
        ("c", True, False),
        ("d", False, True),
    ]
    assert [(one.smaller, one.larger) for one in comparison.exchanges] == [("80", "100")]


def test_parameters_and_patterns(three: Comparison) -> None:
    """Only what differs; those funded most often first."""
    assert [each.path for each in three.parameters] == ["envelope.total"]
    assert [line and line["value"] for line in three.parameters[0].lines] == [100_000, 80_000, 40_000]
    assert [(each.candidate, each.signs, each.times) for each in three.patterns] == [
        ("d", "○●●", 2),
        ("b", "●●○", 2),
        ("c", "●○○", 1),
        ("a", "○○○", 0),
    ]
    assert three.patterns[1].grants == (50_000, 50_000, 0)


def test_the_common_value_is_that_of_the_baseline(tmp_path: Path) -> None:
    """By jobs, c and d are best (7 jobs); to a baseline that counts scores they are worth 2 + 1."""
    jobs = {"criteria": {"jobs": 1.0}, "fixed": 1.0}
    told = values(compare([solved(tmp_path, name="score"), solved(tmp_path, name="jobs", value=jobs)]))
    assert told["value"] == (5.0, 7.0)
    assert told["common_value"] == (5.0, 3.0)
    told = values(compare([solved(tmp_path, name="score"), solved(tmp_path, name="jobs", value=jobs)], 1))
    # b and c have 2 + 3 jobs.
    assert told["common_value"] == (5.0, 7.0)


def award(candidate: str, grant: int, volet: str = "v", year: int = 2020) -> dict[str, Any]:
    """Return an award of a document."""
    return {"candidate": candidate, "volet": volet, "aid": None, "year": year, "grant": grant}


def test_worth_by_hand(tmp_path: Path) -> None:
    """b: score 3 x weight 2 x (0.5 + 0.5 x 25/50) = 4.5; c a year later: 2 x 2 x 0.9 x 1 = 3.6; both funders of a step count once."""
    value = {"criteria": {"score": 1.0}, "volets": {"v": 2.0}, "fixed": 0.5, "discount": 0.1}
    call = solved(tmp_path, value=value).call
    assert worth(call, [award("b", 25_000)]) == Worth(pytest.approx(4.5), 1, 0)
    assert worth(call, [award("b", 10_000), award("b", 15_000)]) == Worth(pytest.approx(4.5), 1, 0)
    assert worth(call, [award("c", 50_000, year=2021)]) == Worth(pytest.approx(3.6), 1, 0)
    assert worth(call, []) == Worth(0.0, 0, 0)


@pytest.mark.parametrize("make", [case, programme_case])
@pytest.mark.parametrize("seed", range(12))
def test_the_yardstick_is_the_value(seed: int, make: Callable[..., Case]) -> None:
    """What the awards of a random call are worth to itself is its value, reckoned from the table and not from its steps."""
    allocation = allocate(*build(*make(seed, largest=None)))
    own = entry_of(allocation).document
    found = worth(allocation.call, own["awards"])
    if allocation.has_allocation:
        assert (found.value, found.unknown) == (pytest.approx(allocation.value), 0)
        assert sum(each["value"] for each in own["candidates"]) == pytest.approx(allocation.value, abs=1e-4)


def test_what_the_baseline_does_not_know_is_counted(tmp_path: Path) -> None:
    """Another candidate, volet or an earlier year has no value, which is not a value of nothing."""
    call = solved(tmp_path).call
    strange = [award("z", 1), award("b", 1, "w"), award("b", 1, year=2019)]
    assert worth(call, strange) == Worth(None, 3, 3)
    assert worth(call, [*strange, award("b", 50_000)]) == Worth(3.0, 4, 3)


def test_a_volet_that_the_baseline_lacks_has_no_value() -> None:
    """Nothing of the value differs, and yet the label of the other scenario is unknown to the baseline, written or not."""
    more = {"v": {"phases": ["emerging"], "tolerance": 1.0}, "label": {"phases": ["consolidation"], "tolerance": 1.0}}
    money = {f"label.{what}": row("a")[what] for what in ("cost", "ask", "local", "public", "own")}
    own = [row("a") | money, row("b", phase="consolidation") | money]
    base, other = (allocate(*build(scenario_data(volets=volets), own)) for volets in ({"v": more["v"]}, more))
    assert (base.value, other.value) == (1.0, 2.0)
    assert compare([base, other]).worths == (Worth(1.0, 1, 0), Worth(1.0, 2, 1))
    written = Entry("written", entry_of(base).document)
    assert compare([written, other]).worths == (Worth(1.0, 1, 0), Worth(None, 2, 2))
    assert compare([other, base]).worths == (Worth(2.0, 2, 0), Worth(1.0, 1, 0))


def test_blank_cells_have_no_value(tmp_path: Path) -> None:
    """Only the admissible must state score and size; others may be funded elsewhere, and have no value here."""
    own = 'format = 1\nname = "own"\n[[criteria]]\nname = "rural"\nstatus = "hard"\ntests = [{ column = "rural", one_of = [true] }]\n'
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    scenario = small(
        tmp_path,
        eligibility={"criteria": str(tmp_path / "own.toml")},
        value={"criteria": {"score": 1.0}, "scale": "size", "fixed": 1.0},
    )
    rows = ["id,phase,score,cost,ask,rural,size"]
    rows += ["a,emerging,1,50000,50000,yes,2", "b,emerging,,50000,50000,no,2", "c,emerging,1,50000,50000,no,"]
    rows += ["d,emerging,1,50000,0,no,2", "e,emerging,1,50000,50000,no,2"]
    path = write_table(tmp_path, "blank.csv", "\n".join(rows))
    call = allocate(scenario, read_candidates(path, scenario)).call
    found = {id_: worth(call, [award(id_, 50_000)]).value for id_ in "abcde"}
    assert found == {"a": 2.0, "b": None, "c": None, "d": None, "e": 2.0}


def test_a_scenario_without_an_allocation_stays(tmp_path: Path) -> None:
    """Nobody moves to or from it; its figures are those that it has."""
    rules = [{"name": "three", "measure": "count", "min": 3}]
    for baseline in (0, 1):
        comparison = compare([solved(tmp_path, name="a"), solved(tmp_path, name="b", rules=rules)], baseline)
        told = values(comparison)
        assert told["envelope"] == (100_000, 100_000)
        assert told["granted"] == (100_000, None)
        assert told["granted.region.Corse"] == (50_000, None)
        assert told["value"] == (5.0, None)
        assert comparison.moves == ()
        assert comparison.entries[1].document["absence"]["en"].startswith("No allocation keeps all the rules")
        assert {each.signs for each in comparison.patterns} == {"●·", "○·"}


def test_results_with_other_candidates(tmp_path: Path) -> None:
    """Those who are no candidates are told so; where nobody is, nobody moves."""
    other = write_table(
        tmp_path, "other.csv", "id,phase,score,cost,ask\nb,emerging,3,50000,50000\ne,emerging,9,50000,50000\n"
    )
    base = solved(tmp_path, name="base")
    mixed = allocate(base.call.scenario, read_candidates(other, base.call.scenario))
    comparison = compare([base, mixed])
    assert [entry.name for entry in comparison.entries] == ["base", "base (2)"]
    assert [(move.candidate, move.outcome) for move in comparison.moves] == [("e", None), ("c", None)]
    assert comparison.moves[0].reasons[0].render("en") == "not among the candidates of “base”"
    assert comparison.worths[1] == Worth(3.0, 2, 1)
    assert "matched by identifier" in comparison.notes[0].render("en")
    strange = write_table(tmp_path, "strange.csv", "id,phase,score,cost,ask\ne,emerging,9,50000,50000\n")
    strangers = compare([base, allocate(base.call.scenario, read_candidates(strange, base.call.scenario))])
    assert strangers.moves == ()
    assert strangers.strangers == (1,)


def test_what_the_ledger_does_not_list_is_told(tmp_path: Path) -> None:
    """A decision is no parameter of the ledger."""
    decisions = [{"candidate": "b", "decision": "reject", "by": "jury", "reason": "late"}]
    comparison = compare([solved(tmp_path, name="a"), solved(tmp_path, name="a", decisions=decisions)])
    assert comparison.parameters == ()
    assert "in what the ledger does not list" in comparison.notes[0].render("en")
    assert "rejected by hand" in next(move for move in comparison.moves if move.candidate == "b").reasons[0].render(
        "en"
    )


def test_documents_alone(three: Comparison, tmp_path: Path) -> None:
    """Without the call of the baseline, results with its value function keep their value, and others have none."""
    bare = [Entry(entry.name, entry.document) for entry in three.entries]
    again = compare(bare)
    assert values(again) == values(three)
    assert again.exchanges == three.exchanges
    jobs = entry_of(solved(tmp_path, name="jobs", value={"criteria": {"jobs": 1.0}, "fixed": 1.0}))
    assert compare([bare[0], jobs]).worths == (Worth(5.0, 2, 0), Worth(None, 2, 2))
    # c and d are funded there; what d is worth by scores, a bare baseline cannot say.
    less = entry_of(
        solved(tmp_path, name="less", envelope=envelope(80_000), value={"criteria": {"jobs": 1.0}, "fixed": 1.0})
    )
    assert {(one.worth, one.lost) for one in compare([bare[0], less]).exchanges} == {(3.0, None)}


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Twice the same comparison, twice the same document."""

    def written() -> str:
        results = [solved(tmp_path, name=f"{n}", envelope=envelope(n * 1000)) for n in (100, 80)]
        return as_json(comparison_document(compare(results), None, "x"))

    assert written() == written()


def test_names() -> None:
    """Each once: by the other name where the first is shared, by a number where that is shared too."""
    assert unique_names(["a", "b"]) == ["a", "b"]
    assert unique_names(["a", "a", "b"], ["x", "y", "z"]) == ["x", "y", "b"]
    assert unique_names(["a", "a", "x"], ["x", "x", "z"]) == ["x", "x (2)", "x (3)"]


def test_a_baseline_must_be_there(tmp_path: Path) -> None:
    """Positions are counted from nought and end with the last."""
    with pytest.raises(ValueError, match="among 1 results, found 1"):
        compare([solved(tmp_path)], 1)
    with pytest.raises(ValueError, match="among 0 results"):
        compare([])
