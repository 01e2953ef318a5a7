"""Explanations on calls so small that every margin, cut and rise is known by hand."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cases import Case, build, case, programme_case
from conftest import ROOT, scenario_data
from enumeration import best
from ptce_funding.allocation import allocate
from ptce_funding.candidates import Candidates
from ptce_funding.errors import InputError, ScenarioError
from ptce_funding.explaining.counterfactuals import Counterfactual
from ptce_funding.explaining.explain import Explainer, Explanation, explain
from ptce_funding.explaining.trials import EXACT, Change
from ptce_funding.loading import read_call
from ptce_funding.outcomes import outcomes
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden, scenario_from

Read = Callable[..., Candidates]

#: Each is funded whole or not at all: 100 k€ fund b and c, worth 5.
TABLE = """id,phase,score,cost,ask,own
a,emerging,1.5,60000,60000,0
b,emerging,3,50000,50000,0
c,project,2,50000,50000,0
d,emerging,1,30000,30000,0
"""


def whole(**changes: Any) -> Scenario:
    """Return the plain call, whose plans must close: who is funded is funded whole."""
    volets = {"v": {"phases": ["emerging", "project"]}}
    return scenario_from(scenario_data(**{"volets": volets, **changes}))


def with_envelope(total: int) -> dict[str, Any]:
    """Return the envelope, in steps of 10 k€."""
    return {"envelope": {"total": total, "grant_step": 10_000}}


def told(read_text: Read, solver: str = "highs", table: str = TABLE, **changes: Any) -> dict[str, Explanation]:
    """Return the explanations of the plain call, checked as `turns` does."""
    scenario = whole(**changes)
    candidates = read_text(table, scenario)
    found = explain(scenario, candidates, solver=solver)
    for each in found.explanations:
        for one in each.counterfactuals:
            turns(scenario, candidates, solver, each, one)
    return {each.candidate: each for each in found.explanations}


def is_in(scenario: Scenario, candidates: Candidates, solver: str, change: Change, id_: str) -> bool:
    """Whether a candidate is funded in the changed call, by the public way."""
    changed = overridden(scenario, {**dict(change.values), **EXACT})
    return id_ in allocate(changed, change.table(candidates), solver=solver).supported


def turns(scenario: Scenario, candidates: Candidates, solver: str, each: Explanation, one: Counterfactual) -> None:
    """What is said to be verified is: with the change the candidate turns, with one step less it does not."""
    if one.kind == "cofinancing" or one.verdict != "verified" or one.change is None:
        return
    assert is_in(scenario, candidates, solver, one.change, each.candidate) is (each.outcome != "funded")
    if one.less is not None:
        assert is_in(scenario, candidates, solver, one.less, each.candidate) is (each.outcome == "funded")


def one(each: Explanation, kind: str, key: str | None = None) -> Counterfactual:
    """Return the only counterfactual of a kind."""
    (found,) = [one for one in each.counterfactuals if one.kind == kind and key in (None, one.key)]
    return found


# ----------------------------------------------------------------------------------------------------------------- margins


def test_margins_of_a_knapsack(read_text: Read, solver: str) -> None:
    """Of 5: without b, c and d are worth 3; without c, b and d 4; with d, b and d 4; with a, a and d 2.5."""
    found = told(read_text, solver)
    margins = {id_: each.margin for id_, each in found.items()}
    assert {id_: margin.by_group for id_, margin in margins.items() if margin} == {
        "a": (-2.5,),
        "b": (2.0,),
        "c": (1.0,),
        "d": (-1.0,),
    }
    assert [found[id_].rank for id_ in "abcd"] == [4, 1, 2, 3]
    a, b = margins["a"], margins["b"]
    assert a is not None
    assert b is not None
    assert (a.leaving, a.entering, a.moved) == (("b", "c"), ("d",), 90_000)
    assert (b.leaving, b.entering, b.moved) == ((), ("d",), 30_000)
    assert all(each.is_proved for each in found.values())


def test_merit_at_which_candidates_turn(read_text: Read, solver: str) -> None:
    """With b, d is worth more than c from 2 on; with d, a is worth more than b and c from 4 on.

    With c, b is worth less than c and d from 1 on, downwards; c less than d likewise. On the line itself either may be taken.
    """
    found = told(read_text, solver)
    for id_, line in (("a", 4.0), ("b", 1.0), ("c", 1.0), ("d", 2.0)):
        turn = one(found[id_], "merit")
        assert turn.verdict == "verified"
        assert turn.end is not None
        assert turn.key == "score"
        assert abs(turn.end - line) < 0.0011
        assert f"At {line:.0f} itself two allocations" in turn.sentence.render()


@pytest.mark.parametrize(("total", "cut"), [(110_000, 20_000), (120_000, 10_000)])
def test_least_cut_of_an_ask(read_text: Read, total: int, cut: int) -> None:
    """B and c take 100 k€; d comes in beside them once it asks for no more than what is left, the rest being its own."""
    found = told(read_text, **with_envelope(total))
    turn = one(found["d"], "ask")
    assert (turn.verdict, turn.start, turn.end) == ("verified", 30_000, 30_000 - cut)
    assert turn.change is not None
    assert {(cell.column, cell.value) for cell in turn.change.cells} == {("ask", 30_000 - cut), ("own", cut)}


def test_no_cut_of_an_ask_helps(read_text: Read) -> None:
    """B and c take it all: d, worth 1, comes in at no price, down to the least of one step."""
    turn = one(told(read_text)["d"], "ask")
    assert (turn.verdict, turn.end) == ("unreachable", 10_000)


def test_an_ask_alone_is_cut_where_the_plan_stays_closed(read_text: Read) -> None:
    """Each euro counts, and any part may be granted: c is worth 0.04 a thousand; asking for 20 k€ d is worth 0.05, for 30 k€ a is."""
    volets = {"v": {"phases": ["emerging", "project"], "tolerance": 1.0}}
    found = told(read_text, volets=volets, value={"criteria": {"score": 1.0}, "fixed": 0.0})
    for id_, end in (("d", 20_000), ("a", 30_000)):
        turn = one(found[id_], "ask")
        assert (turn.verdict, turn.end) == ("verified", end)
        assert turn.change is not None
        assert {cell.column for cell in turn.change.cells} == {"ask"}


def test_least_envelope(read_text: Read) -> None:
    """D comes in beside b and c with 130 k€; a with 160, where a, b and c are worth 6.5."""
    found = told(read_text)
    assert one(found["d"], "envelope").end == 130_000
    assert one(found["a"], "envelope").end == 160_000


def test_an_envelope_of_several_funders(read_text: Read) -> None:
    """Each keeps its proportion: 130 k€ are 78 and 52, 7 and 5 whole steps; 140 are 84 and 56, 8 and 5, which pay b, c and d."""
    funders = [{"name": "state", "amount": 60_000}, {"name": "bank", "amount": 40_000}]
    turn = one(told(read_text, funders=funders)["d"], "envelope")
    assert turn.change is not None
    assert dict(turn.change.values) == {
        "envelope.total": 140_000,
        "funders.state.amount": 84_000,
        "funders.bank.amount": 56_000,
    }


def test_least_rule(read_text: Read) -> None:
    """Two at most, of an envelope for all: a comes in as the third, d as the fourth."""
    rule = {"name": "few", "measure": "count", "max": 2}
    found = told(read_text, rules=[rule], **with_envelope(200_000))
    assert [one(found[id_], "condition", "rules.few.max").end for id_ in "ad"] == [3, 4]
    assert one(found["a"], "envelope").verdict == "unreachable"
    found = told(read_text, rules=[{**rule, "relax": False}], **with_envelope(200_000))
    assert {one(found[id_], "condition").verdict for id_ in "ad"} == {"fixed"}


def test_a_rule_that_does_not_decide(read_text: Read) -> None:
    """Without it b and c are funded, in place of b alone; d is not."""
    rule = {"name": "few", "measure": "count", "max": 1}
    found = told(read_text, rules=[rule])
    assert one(found["c"], "condition").end == 2
    assert one(found["d"], "condition").verdict == "unreachable"


def test_a_rule_that_needs_a_candidate(read_text: Read) -> None:
    """C is the only project: whoever it pushes out, without it no allocation keeps the rule."""
    rule = {"name": "project", "measure": "count", "where": {"phase": "project"}, "min": 1}
    table = TABLE.replace("c,project,2", "c,project,0.5")
    found = told(read_text, table=table, rules=[rule])
    margin = found["c"].margin
    assert margin is not None
    assert (margin.kind, margin.is_proved, found["c"].rank) == ("needed", True, 1)
    assert one(found["c"], "merit").verdict == "stands"
    # B and c are worth 3.5; without the rule b and d 4.
    assert one(found["d"], "condition", "rules.project.min").end == 0


def test_a_link(read_text: Read) -> None:
    """Of b and c one only: b and d are worth 4; with both allowed, 5."""
    found = told(read_text, links=[{"name": "one", "candidates": ["b", "c"], "at_most": 1}])
    assert [id_ for id_, each in found.items() if each.outcome == "funded"] == ["b", "d"]
    assert one(found["c"], "condition").end == 2


def test_candidates_that_exclude_each_other_by_rules(read_text: Read) -> None:
    """D goes only with a, which is excluded: whatever its merit, it cannot be funded."""
    links = [{"name": "with", "candidates": ["d"], "only_if": "a"}]
    decisions = [{"candidate": "a", "decision": "reject", "by": "the jury", "reason": "late"}]
    found = told(read_text, links=links, decisions=decisions)
    margin = found["d"].margin
    assert margin is not None
    assert (margin.kind, margin.is_proved) == ("impossible", True)
    assert one(found["d"], "merit").verdict == "unreachable"


def test_strict_priority(read_text: Read, solver: str) -> None:
    """Emerging first: b and d are worth 4 and leave c no room; with c, b alone, so the first group loses 1."""
    found = told(read_text, solver, priority={"mode": "strict", "order": [["emerging"]]})
    assert [id_ for id_, each in found.items() if each.outcome == "funded"] == ["b", "d"]
    margin = found["c"].margin
    assert margin is not None
    assert margin.by_group == (-1.0, 2.0)
    assert one(found["c"], "merit").verdict == "unreachable"
    assert one(found["c"], "condition", "priority.mode").verdict == "verified"
    assert [found[id_].rank for id_ in "abcd"] == [4, 1, 3, 2]
    # Without b, a and d are worth 2.5 to the first group; without d, b alone 3, and c 2 to the second.
    losses = {id_: each.margin.by_group for id_, each in found.items() if each.margin and each.outcome == "funded"}
    assert losses == {"b": (1.5, 0.0), "d": (1.0, -2.0)}


def test_decisions(read_text: Read) -> None:
    """A by hand: with d it is worth 2.5, where b and c are worth 5. B out by hand: c and d are worth 3; b would be worth 2 more."""
    by = {"by": "the minister", "reason": "an island"}
    found = told(read_text, decisions=[{"candidate": "a", "decision": "fund", **by}])
    assert found["a"].margin is not None
    assert found["a"].margin.by_group == (-2.5,)
    assert "not be funded" in one(found["a"], "condition", "decisions.a").sentence.render()
    found = told(read_text, decisions=[{"candidate": "b", "decision": "reject", **by}])
    assert (found["b"].outcome, found["b"].margin and found["b"].margin.by_group) == ("rejected", (2.0,))
    assert "2 higher" in found["b"].standing[0].render()
    assert "would be funded" in one(found["b"], "condition").sentence.render()


def test_a_tie(read_text: Read) -> None:
    """Two alike, money for one: one is out by the order of ties, and says so."""
    table = "id,phase,score,cost,ask\na,emerging,2,60000,60000\nb,emerging,2,60000,60000\n"
    found = told(read_text, table=table)
    assert {each.margin and each.margin.by_group for each in found.values()} == {(0.0,)}
    assert {each.rank for each in found.values()} == {1}
    words = {each.outcome: each.standing[0].render() for each in found.values()}
    assert "same value" in words["funded"]
    assert "ties" in words["outranked"]


def test_at_the_line(read_text: Read) -> None:
    """D is out by 1 of 5: nearer than the quarter that the scenario is content with."""
    found = told(read_text, solve={"gap": 0.25})
    assert any("At the line" in each.render() for each in found["d"].standing)
    found = told(read_text, solve={"gap": 0.15})
    assert not any("At the line" in each.render() for each in found["d"].standing)


@pytest.mark.parametrize(
    ("criteria", "column"),
    [
        ({"score": {"weight": 1.0, "normalise": True}}, ""),
        ({"score": 0.5, "jobs": 0.5}, "score"),
        ({"jobs": 0.5, "score": 0.5}, "jobs"),
    ],
)
def test_what_carries_the_merit(read_text: Read, criteria: dict[str, Any], column: str) -> None:
    """The first column that nothing else reads; none where it is divided by the largest of all."""
    table = "\n".join(
        f"{line},{cell}" for line, cell in zip(TABLE.split(), ("jobs", "1.5", "3", "2", "1"), strict=True)
    )
    found = told(read_text, table=table, value={"criteria": criteria, "fixed": 1.0})
    turn = one(found["d"], "merit")
    assert (turn.key, turn.verdict) == (column, "verified")
    # One point of merit more, or a third of it where 3 counts as 1.
    rise = 1 / 3 if not column else 2.0
    assert turn.start is not None
    assert turn.end is not None
    assert turn.end - turn.start == pytest.approx(rise, abs=0.0021)


def test_merit_of_nought(read_text: Read) -> None:
    """D, worth nothing, comes in once it is worth more than c beside b."""
    found = told(read_text, table=TABLE.replace("d,emerging,1,", "d,emerging,0,"))
    end = one(found["d"], "merit").end
    assert end is not None
    assert abs(end - 2) < 0.0011


def test_a_cut_that_helps_where_the_largest_does_not(read_text: Read) -> None:
    """Each euro asked counts: with 20 k€ c, worth 20, displaces d, worth 15; 30 leave no room, 10 are worth less."""
    table = """id,phase,score,cost,ask,own
    b,emerging,1,80000,80000,0
    c,emerging,1,30000,30000,0
    d,emerging,0.75,20000,20000,0
    """
    turn = one(
        told(read_text, table=table, value={"criteria": {"score": 1.0}, "scale": "ask", "fixed": 1.0})["c"], "ask"
    )
    assert (turn.verdict, turn.end) == ("verified", 20_000)


def test_an_envelope_of_which_a_small_part_pays(read_text: Read) -> None:
    """Of all, 5 % may pay a, who needs 90 k€: it takes 1.8 M€."""
    table = "id,phase,region,score,cost,ask\na,emerging,Corse,1,90000,90000\nb,emerging,Bretagne,3,50000,50000\n"
    funders = [{"name": "state", "amount": 95_000, "pays": {"region": "Bretagne"}}, {"name": "bank", "amount": 5_000}]
    turn = one(told(read_text, table=table, funders=funders)["a"], "envelope")
    assert (turn.verdict, turn.end) == ("verified", 1_800_000)


def test_merit_that_is_money_is_no_lever(read_text: Read) -> None:
    """Merit is the cost: to move it in the table would move the plan too. A comes in where it is worth more than b and c less d."""
    turn = one(told(read_text, value={"criteria": {"cost": 0.001}, "fixed": 1.0})["a"], "merit")
    assert (turn.key, turn.verdict) == ("", "verified")
    assert turn.end == pytest.approx(70, abs=0.0011)


def test_merit_that_falls_in_part(read_text: Read) -> None:
    """Without a score b is still worth 90: it is said of the score alone that it may fall to nought."""
    table = "id,phase,score,jobs,cost,ask\na,emerging,1,9,60000,60000\nb,emerging,3,90,60000,60000\n"
    turn = one(
        told(read_text, table=table, value={"criteria": {"score": 1.0, "jobs": 1.0}, "fixed": 1.0})["b"], "merit"
    )
    assert turn.verdict == "stands"
    assert "even with 0 in “Score”, where it has 3" in turn.sentence.render()


def test_merit_that_counts_for_nothing_so_far(read_text: Read) -> None:
    """Forced in, a gets the study, which counts for nothing, beside b: 3. With the label and c it is worth more than b and c above 3."""
    table = """id,phase,score,study.cost,study.ask,label.cost,label.ask
    a,emerging,0.1,10000,10000,60000,60000
    b,emerging,3,0,0,60000,60000
    c,emerging,2,0,0,40000,40000
    """
    volets = {name: {"phases": ["emerging"]} for name in ("study", "label")}
    value = {"criteria": {"score": 1.0}, "fixed": 1.0, "volets": {"study": 0}}
    turn = one(told(read_text, table=table, volets=volets, value=value)["a"], "merit")
    assert turn.verdict == "verified"
    assert turn.end == pytest.approx(3, abs=0.0011)


def test_what_was_not_proved_is_not_claimed(read_text: Read) -> None:
    """No search ends within a millionth of a second."""
    scenario = whole(solve={"time_limit": 1e-6})
    found = explain(scenario, read_text(TABLE, scenario)).explanations
    assert found
    for each in found:
        assert each.margin is not None
        assert not each.is_proved
        assert one(each, "merit").verdict == "unproved"
        assert "as far as is known" in each.sentences[-1].render()
        assert not any(word in each.standing[0].render() for word in ("proved", "∞"))


# ------------------------------------------------------------------------------------------------ who could not be funded


def test_missing_cofinancing(read_text: Read) -> None:
    """20 k€ of 60 are asked and 25 are brought: 15 are uncovered; as less than a step may stay open, 5,001 € are missing."""
    table = TABLE + "e,emerging,9,60000,20000,25000\n"
    found = told(read_text, table=table)["e"]
    assert found.outcome == "unfundable"
    assert (found.plans[0].missing, found.plans[0].source) == (5_001, "anyone")
    turn = one(found, "cofinancing")
    assert (turn.key, turn.end) == ("own", 30_001)
    assert "then be funded" in turn.sentence.render()
    assert found.margin is None
    assert found.rank is None


def test_missing_cofinancing_of_the_rejected(read_text: Read) -> None:
    """Whatever is brought, the decision stands; a funder who pays others pays no more; a floor for two has one."""
    table = (
        TABLE.replace("own", "own,region").replace(",0\n", ",0,Corse\n") + "e,emerging,9,60000,20000,25000,Bretagne\n"
    )
    by = {"by": "the jury", "reason": "late"}
    found = told(read_text, table=table, decisions=[{"candidate": "e", "decision": "reject", **by}])["e"]
    assert "set aside by the decision" in one(found, "cofinancing").sentence.render()
    found = told(read_text, table=table, funders=[{"name": "city", "amount": 100_000, "pays": {"region": "Corse"}}])[
        "e"
    ]
    assert "still not suffice" in one(found, "cofinancing").sentence.render()
    rules = [{"name": "two", "measure": "count", "where": {"region": "Bretagne"}, "min": 2, "only_possible": True}]
    found = told(read_text, table=table, rules=rules)["e"]
    assert "No allocation would then" in one(found, "cofinancing").sentence.render()


def test_missing_money_of_collectivites(read_text: Read) -> None:
    """They must bring a tenth of 60 k€, and bring 1,000 €."""
    volets = {"v": {"phases": ["emerging", "project"], "local_min": 0.1, "tolerance": 0.5}}
    table = "id,phase,score,cost,ask,local\na,emerging,1,60000,50000,1000\n"
    found = told(read_text, table=table, volets=volets)["a"]
    assert (found.plans[0].missing, found.plans[0].source) == (5_000, "local")
    assert one(found, "cofinancing").end == 6_000


def test_an_envelope_too_small_for_the_least_grant(read_text: Read) -> None:
    """A needs 60 k€ of an envelope of 50: it is fundable, and alone, once that is there."""
    table = "id,phase,score,cost,ask\na,emerging,1,60000,60000\n"
    found = told(read_text, table=table, **with_envelope(50_000))["a"]
    assert found.outcome == "unfundable"
    assert one(found, "envelope").end == 60_000


def test_failed_criteria() -> None:
    """Each with what was found, what is demanded and where that comes from."""
    call = read_call(ROOT / "scenarios" / "aap-2013.toml")
    (found,) = explain(*call, ["2013-006"], is_ranked=False).explanations
    assert found.outcome == "inadmissible"
    tests = [test for failure in found.failures for test in failure.tests]
    assert [(test.column, test.min) for test in tests] == [("member_types", 2), ("commitment_years", 3)]
    assert all(re.search(r"\((quoted|computed|assumed): ", sentence.render()) for sentence in found.reasons)


# --------------------------------------------------------------------------------------------------------- by enumeration


def margins_by_enumeration(scenario: dict[str, Any], rows: list[dict[str, Any]], id_: str) -> list[Any]:
    """Return the best values with a candidate forced in, and out."""
    found = []
    for decision in ("fund", "reject"):
        by_hand = [{"candidate": id_, "decision": decision, "by": "a test", "reason": "to see"}]
        ended = best({**scenario, "decisions": by_hand}, rows)
        found.append(None if ended is None else ended.values)
    return found


def calls(make: Callable[..., Case], n: int, largest: int) -> list[Any]:
    """Return calls without decisions, and without floors that skip those whom nobody could fund."""
    found: list[Any] = []
    for seed in range(3_000, 10_000):
        scenario, rows = make(seed, largest=largest)
        is_plain = not any(rule.get("only_possible") for rule in scenario["rules"])
        if not scenario["decisions"] and is_plain:
            found.append(pytest.param(scenario, rows, id=f"{make.__name__}-{seed}"))
        if len(found) == n:
            return found
    raise AssertionError


@pytest.mark.parametrize(("scenario", "rows"), [*calls(case, 20, 1_000), *calls(programme_case, 12, 1_000)])
def test_margins_agree_with_enumeration(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """With a candidate forced in or out, the best value is that of brute force, objective by objective."""
    stated, candidates = build(scenario, rows)
    explainer = Explainer(stated, candidates, "highs")
    if not explainer.trials.base.has_allocation:
        return
    for each in outcomes(explainer.trials.base):
        margin = explainer.answer(each.candidate, is_whole=False).margin
        if margin is None:
            continue
        inside, outside = margins_by_enumeration(scenario, rows, each.candidate)
        if inside is None or outside is None:
            assert margin.kind == ("impossible" if inside is None else "needed")
            continue
        expected = [a - b for a, b in zip(inside, outside, strict=True)]
        # Brute force counts a group of the others even where nobody is in it.
        assert not any(expected[len(margin.by_group) :])
        assert margin.by_group == pytest.approx(expected[: len(margin.by_group)], abs=1e-6)


@pytest.mark.parametrize(("scenario", "rows"), [*calls(case, 4, 1_000), *calls(programme_case, 4, 1_000)])
def test_claims_hold_on_random_calls(scenario: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """What is said to be verified is found again by solving the changed call."""
    stated, candidates = build(scenario, rows)
    for each in explain(stated, candidates, solver="highs", is_ranked=False).explanations:
        for claim in each.counterfactuals:
            turns(stated, candidates, "highs", each, claim)


# -------------------------------------------------------------------------------------------------------------------- faults


def test_unknown_candidates(read_text: Read) -> None:
    """All of them at once, with the nearest."""
    scenario = whole()
    with pytest.raises(InputError) as caught:
        explain(scenario, read_text(TABLE.replace("a,", "alpha,"), scenario), ["alpa", "zz"])
    assert [fault.hint for fault in caught.value.faults] == ["alpha", None]


def test_the_jury_proves_nothing(read_text: Read) -> None:
    """A list is no proof."""
    scenario = whole()
    with pytest.raises(ScenarioError):
        explain(scenario, read_text(TABLE, scenario), solver="ranking")


def test_no_allocation(read_text: Read) -> None:
    """Nobody to explain."""
    scenario = whole(rules=[{"name": "many", "measure": "count", "min": 4}])
    found = explain(scenario, read_text(TABLE, scenario))
    assert not found.allocation.has_allocation
    assert found.explanations == ()
