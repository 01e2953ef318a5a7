"""Letters: whole sentences to each candidate, with figures that add up; and what a plan lacks, to the euro."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from conftest import ROOT, scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import Candidates
from ptce_funding.explaining.explain import explain
from ptce_funding.loading import read_call
from ptce_funding.report.letters import letters
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import scenario_from

Read = Callable[..., Candidates]

#: Each is funded whole or not at all: 100 k€ fund b and c, worth 5.
TABLE = """id,phase,score,cost,ask,own
a,emerging,1.5,60000,60000,0
b,emerging,3,50000,50000,0
c,project,2,50000,50000,0
d,emerging,1,30000,30000,0
"""

BY = {"by": "the minister", "reason": "an island"}


def whole(**changes: Any) -> Scenario:
    """Return the plain call, whose plans must close."""
    volets = {"v": {"phases": ["emerging", "project"]}}
    return scenario_from(scenario_data(**{"volets": volets, **changes}))


def sections(scenario: Scenario, candidates: Candidates, ids: list[str] | None = None) -> dict[str, str]:
    """Return what each candidate is told, in English; each paragraph made of whole sentences."""
    page = letters(explain(scenario, candidates, ids, is_ranked=False), "en")
    found = {}
    for section in page.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        found[heading.split(" ")[0]] = text
        for paragraph in filter(None, text.split("\n")):
            assert paragraph.endswith((".", ".*")), paragraph
            assert all(part.lstrip("*")[0].isupper() for part in re.split(r"(?<=\.)\s+(?=\w)", paragraph)), paragraph
    return found


def told(read_text: Read, table: str = TABLE, **changes: Any) -> dict[str, str]:
    """Return what each candidate of the plain call is told."""
    scenario = whole(**changes)
    return sections(scenario, read_text(table, scenario))


# ------------------------------------------------------------------------------------------------------------------ letters


def test_the_funded(read_text: Read) -> None:
    """B asks 50 k€ and gets it; half is paid a year later."""
    volets = {"v": {"title": {"fr": "Aide", "en": "Start"}, "phases": ["emerging", "project"], "payments": [0.5, 0.5]}}
    text = told(read_text, volets=volets, years=2)["b"]
    assert "Your application was retained for a grant of €50,000." in text
    assert "For “Start”, the grant is €50,000, committed in 2020. It is the whole of what you asked for." in text
    assert "The payments are planned as follows: €25,000 in 2020, €25,000 in 2021." in text


@pytest.mark.parametrize(
    ("volet", "ask", "left", "said"),
    [
        ({"tolerance": 1.0, "grant": {"max": 40_000}}, 90_000, 40_000, "is limited by the largest grant of the volet."),
        ({"tolerance": 1.0}, 59_000, 50_000, "is limited by what is asked."),
        (
            {"tolerance": 1.0, "grant": {"min": 30_000}},
            60_000,
            30_000,
            "is the least that could be granted; the most was €60,000.",
        ),
        ({"tolerance": 0.99}, 60_000, 40_000, "could range from €10,000 to €60,000."),
    ],
)
def test_what_set_a_grant(read_text: Read, volet: dict[str, Any], ask: int, left: int, said: str) -> None:
    """By its ceiling, its floor, or the money that is left: a, worth less a euro, has what b leaves."""
    rest = 100_000 - left
    table = f"id,phase,score,cost,ask,own\na,emerging,1,100000,{ask},0\nb,emerging,9,{rest},{rest},0\n"
    value = {"criteria": {"score": 1.0}, "fixed": 0.5}
    assert f"It {said}" in told(read_text, table, volets={"v": {"phases": ["emerging"], **volet}}, value=value)["a"]


def test_the_outranked(read_text: Read) -> None:
    """A and d would take the place of b or c; d comes in with more than 2, a with more than 4 points; no smaller ask helps."""
    found = told(read_text)
    assert "Your application ranks number 3 of 4 that could be funded, by mark." in found["a"]
    assert (
        "your request, of €60,000, would have taken the place of other projects, for a lower overall value."
        in found["a"]
    )
    assert (
        "would have been retained with 2.001 instead of 1 under “Score”." in found["d"]
        or "with 2 instead of 1" in found["d"]
    )
    assert "No smaller request was found with which your application would have been retained." in found["d"]
    assert "it promises nothing for another call" in found["d"]
    jargon = r"proved|[Vv]erified|Forced|group|push|envelope of|\b[abcd]\b(?! list)(?<!a)"
    assert not any(re.search(jargon, text) for text in found.values())


def test_a_smaller_request(read_text: Read) -> None:
    """B and c leave 10 k€: with these and 20 of its own, d comes in."""
    text = told(read_text, envelope={"total": 110_000, "grant_step": 10_000})["d"]
    assert "with a request of €10,000 instead of €30,000, the difference being brought by your own funds." in text


def test_what_stands_in_the_way(read_text: Read) -> None:
    """A rule, a link and the order of the groups are told by name; a decision on another is not."""
    rule = {"name": "few", "title": {"fr": "Peu", "en": "Few"}, "measure": "count", "max": 2}
    text = told(read_text, rules=[rule], envelope={"total": 200_000, "grant_step": 10_000})["a"]
    assert text.count("Your application would have been retained without the rule “Few”.") == 1
    text = told(read_text, links=[{"name": "one", "candidates": ["b", "c"], "at_most": 1}])["c"]
    assert "Your application would have been retained without the link “one”." in text
    text = told(read_text, priority={"mode": "strict", "order": [["emerging"]]})["c"]
    assert "your request, of €50,000, would have lowered the value of a group that is served before yours." in text
    assert "ranks number 4 of 4 that could be funded, by priority and by mark." in text
    assert "A higher mark would not have sufficed" in text
    assert "retained without the strict order of the priority groups." in text
    found = told(read_text, decisions=[{"candidate": "a", "decision": "fund", **BY}])
    assert "It was retained by a decision taken by the minister, for this reason: “an island”." in found["a"]
    assert "decision" not in found["b"]


def test_the_rejected(read_text: Read) -> None:
    """B by hand, which would be funded; a, which would not."""
    for id_, said in (("b", "would have been retained."), ("a", "would not have been retained either.")):
        text = told(read_text, decisions=[{"candidate": id_, "decision": "reject", **BY}])[id_]
        assert "set aside by a decision taken by the minister, for this reason: “an island”." in text
        assert f"Without this decision, your application {said}" in text


def test_ties_and_rules_that_leave_no_choice(read_text: Read) -> None:
    """Two alike, money for one; and d, who goes only with a, who is out."""
    table = "id,phase,score,cost,ask\na,emerging,2,60000,60000\nb,emerging,2,60000,60000\n"
    found = told(read_text, table)
    assert (
        "the order set for equal lists decided." in found["b"] or "the order set for equal lists decided." in found["a"]
    )
    links = [{"name": "with", "candidates": ["d"], "only_if": "a"}]
    text = told(read_text, links=links, decisions=[{"candidate": "a", "decision": "reject", **BY}])["d"]
    assert (
        "No choice that includes your request, of €30,000, can respect both the rules of the call and its envelope."
        in text
    )


def test_what_is_not_proved_is_not_told(read_text: Read) -> None:
    """No search ends within a millionth of a second."""
    for text in told(read_text, solve={"time_limit": 1e-6}).values():
        assert "retained for a grant" in text or "did not end within its time" in text
        assert "would have been retained" not in text


def test_the_synthetic_call_of_2013() -> None:
    """Letters say that nobody real is meant, what was found and required; sources stay in the explanation."""
    call = read_call(ROOT / "scenarios" / "aap-2013.toml")
    found = sections(*call, ["2013-001", "2013-002", "2013-003"])
    assert all("Synthetic candidate: no real application." in text for text in found.values())
    assert "“Types of members”, what was found is: 1; what is required is: at least 2." in found["2013-001"]
    assert "exclusion “Only function: political network of the social economy”" in found["2013-003"]
    assert not any(re.search(r"assumed|quoted|\d{3}:\d", text) for text in found.values())
    page = letters(explain(*call, ["2013-002"], is_ranked=False), "en")
    assert page.count("nothing here tells of a real application") == 1


# --------------------------------------------------------------------------------------------------- what a plan lacks


def figures(text: str) -> tuple[int, int, int]:
    """Return what is said to be missing, uncovered and allowed."""
    found = re.search(r"€([\d,]+) of co-financing is missing: €([\d,]+) .* at most €([\d,]+) may", text)
    assert found is not None, text
    missing, uncovered, allowed = (int(each.replace(",", "")) for each in found.groups())
    return missing, uncovered, allowed


@pytest.mark.parametrize("step", [1, 1_000, 10_000])
@pytest.mark.parametrize("tolerance", [0.0, 0.05, 0.333])
@pytest.mark.parametrize(
    ("cost", "ask", "own"), [(329_000, 112_000, 50_000), (100_003, 30_000, 7), (70_001, 10_000, 0)]
)
def test_what_is_missing_to_the_euro(
    read_text: Read, step: int, tolerance: float, cost: int, ask: int, own: int
) -> None:
    """Uncovered less missing is what may stay open; with what is missing the plan closes, with a euro less it does not."""
    volets = {"v": {"phases": ["emerging"], "tolerance": tolerance}}
    scenario = scenario_from(scenario_data(volets=volets, envelope={"total": 1_000_000, "grant_step": step}))

    def ended(more: int) -> Any:
        table = f"id,phase,score,cost,ask,own\na,emerging,1,{cost},{ask},{own + more}\n"
        return allocate(scenario, read_text(table, scenario))

    (refusal,) = ended(0).refused
    missing, uncovered, allowed = figures(refusal.reasons[0].render("en"))
    assert uncovered == cost - own - ask // step * step
    assert uncovered - missing == allowed
    assert tolerance * cost <= allowed < tolerance * cost + step
    assert ended(missing).supported == ("a",)
    assert ended(missing - 1).supported == ()
    assert figures(ended(missing - 1).refused[0].reasons[0].render("en")) == (1, allowed + 1, allowed)


def test_no_co_financing_where_none_helps(read_text: Read) -> None:
    """The grant may be 10 k€ and must be 20: money of its own closes the plan, and does not make it fundable."""
    volets = {"v": {"phases": ["emerging"], "grant": {"min": 20_000}}}
    scenario = scenario_from(scenario_data(volets=volets))
    candidates = read_text("id,phase,score,cost,ask,own\na,emerging,1,60000,10000,0\n", scenario)
    (found,) = explain(scenario, candidates).explanations
    assert (
        "may be at most €10,000 (what is asked), below €20,000 (the smallest grant of the volet)"
        in found.reasons[0].render()
    )
    assert (found.plans[0].missing, found.counterfactuals) == (0, ())


# ------------------------------------------------------------------------------------------------------- why others are in


def test_the_reason_is_the_list_that_was_chosen(read_text: Read) -> None:
    """B and c, worth 5, leave no room; on the jury's list, b and c by their rank."""
    scenario = whole()
    for solver, said in (("highs", "retained for its overall value"), ("ranking", "drawn up in order of rank")):
        refused = allocate(scenario, read_text(TABLE, scenario), solver=solver).refused
        assert [each.candidate for each in refused] == ["a", "d"]
        assert all(f"the list {said} leaves it no room: the envelope" in each.reasons[1].render() for each in refused)


def test_rules_and_envelope_together(read_text: Read) -> None:
    """With 90 k€ for b and c, both of whom the rule wants, d has no place at any merit; 30 k€ more would give it one."""
    rule = {"name": "both", "measure": "amount", "where": {"id": ["b", "c"]}, "min": 100_000}
    scenario = whole(rules=[rule])
    (found,) = explain(scenario, read_text(TABLE, scenario), ["d"]).explanations
    said = [sentence.render() for sentence in found.sentences]
    assert any("no allocation keeps both the rules and the envelope (proved)" in each for each in said)
    assert any("the rules and the envelope cannot both be kept" in each for each in said)
    assert any("with an envelope of €130,000" in each for each in said)
