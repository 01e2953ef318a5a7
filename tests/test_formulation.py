"""The formulation: each kind of rule alone in a tiny call, as the LP that HiGHS writes.

The LPs are in ``tests/lp``, one for each kind; ``UPDATE_GOLDEN=1 pytest tests/test_formulation.py`` writes them anew. Read what
changed before keeping it: the LP is what the rule means.
"""

import os
import re
import subprocess
import typing
from pathlib import Path
from typing import Any

import highspy
import pytest
from pulp.apis.coin_api import pulp_cbc_path

from cases import build, case
from ptce_funding.allocation import Allocation, allocate
from ptce_funding.call import Call, prepare
from ptce_funding.costing import cost
from ptce_funding.export import export_model
from ptce_funding.scenario import Decision, Link, Priority, Rule
from ptce_funding.volets import Advantage, Volet

LP = Path(__file__).parent / "lp"

#: Money by thousands: every grant is 10 or 20 of 40, so that each coefficient can be told.
ROWS = [
    {"id": "a", "phase": "consolidation", "region": "Bretagne", "score": 7, "jobs": 2.5, "cost": 20_000, "ask": 20_000},
    {"id": "b", "phase": "emerging", "region": "Corse", "score": 5, "jobs": 1.0, "cost": 20_000, "ask": 20_000},
    {"id": "c", "phase": "project", "region": "Corse", "score": 3, "jobs": 0.5, "cost": 10_000, "ask": 10_000},
]
BOTH_AIDS = [
    {"id": id_, "phase": "project", "score": 1}
    | {"v.post.cost": 10_000, "v.post.ask": 10_000, "v.investment.cost": 20_000, "v.investment.ask": 20_000}
    for id_ in "ab"
]
FUNDERS = [{"name": "city", "amount": 10_000, "pays": {"region": "Corse"}}, {"name": "state", "amount": 30_000}]
AIDS = {"post": {}, "investment": {}}
TWO_YEARS = {"years": 2}
YEARLY = {
    "funders": [{"name": "city", "amounts": [10_000, 20_000]}, {"name": "state", "amounts": [20_000, 10_000]}],
    "envelope": {"total": 60_000, "grant_step": 10_000},
}


def rule(**terms: Any) -> dict[str, Any]:
    return {"rules": [{"name": "rule", **terms}]}


def link(**terms: Any) -> dict[str, Any]:
    return {"links": [{"name": "link", **terms}]}


def decision(word: str) -> dict[str, Any]:
    return {"decisions": [{"candidate": "c", "decision": word, "by": "the board", "reason": "known"}]}


def volet(**terms: Any) -> dict[str, Any]:
    return {"volets": {"v": {"phases": ["project", "emerging", "consolidation"], "tolerance": 1.0, **terms}}}


def envelope(**terms: Any) -> dict[str, Any]:
    return {"envelope": {"total": 40_000, "grant_step": 10_000, **terms}}


def with_capi(**terms: Any) -> dict[str, Any]:
    """Return the plain volet beside a transversal one."""
    capi = {"transversal": True, "fixed": 2_000, "per_ptce": 3_000, **terms}
    return {"volets": {**volet()["volets"], "capi": capi}}


def labelled(**terms: Any) -> dict[str, Any]:
    return volet(advantages={"relief": {"firms": 2, "jobs": "jobs", "euros": 500, "years": 2, **terms}})


TARGET = {"targets": [{"name": "two", "measure": "count", "min": 2}]}

#: What each LP shows, and the tables of the plain call that it changes.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("plans, grants above the floor, the envelope", {}),
    "amount": (
        "at most 20,000 € in Corse: two grant steps",
        rule(measure="amount", where={"region": "Corse"}, max=20_000),
    ),
    "amount_not_whole": ("bounds of money are rounded inwards", rule(measure="amount", min=10_001, max=29_999)),
    "share_granted": (
        "25 % to 60 % of what is granted to Corse, free of fractions",
        rule(measure="share", of="granted", where={"region": "Corse"}, min=0.25, max=0.6),
    ),
    "share_envelope": (
        "25 % to 60 % of the envelope to Corse",
        rule(measure="share", of="envelope", where={"region": "Corse"}, min=0.25, max=0.6),
    ),
    "count": ("one or two candidates of Corse", rule(measure="count", where={"region": "Corse"}, min=1, max=2)),
    "column": ("at least two and a half jobs", rule(measure="jobs", min=2.5)),
    "by": ("one candidate at most in each region", rule(measure="count", by=["region"], max=1)),
    "only_possible": (
        "a floor for each phase, skipped in the one that asks for nothing",
        rule(measure="count", by=["phase"], min=1, only_possible=True),
    ),
    "funder": (
        "the state pays for Corse 10,000 € at most",
        {"funders": FUNDERS} | rule(measure="amount", where={"funder": "state", "region": "Corse"}, max=10_000),
    ),
    "funder_of_all": (
        "the same funders may pay everything, and a rule tells them apart",
        {"funders": [{"name": "city", "share": 0.5}, {"name": "state", "share": 0.5}]}
        | rule(measure="share", of="granted", where={"funder": "city"}, max=0.4),
    ),
    "pays": ("the city pays in Corse only", {"funders": FUNDERS}),
    "carry_over": (
        "half each year, what is left carried over",
        TWO_YEARS | envelope(tranches=[0.5, 0.5], carry_over=True),
    ),
    "no_carry_over": ("half each year", TWO_YEARS | envelope(tranches=[0.5, 0.5], carry_over=False)),
    "funder_by_year": (
        "the city brings 10,000 € and 20,000 €, the state 20,000 € and 10,000 €, what is left carried over",
        TWO_YEARS | YEARLY,
    ),
    "funder_by_year_no_carry_over": (
        "the city brings 10,000 € and 20,000 €, the state 20,000 € and 10,000 €, each for its year",
        TWO_YEARS | YEARLY | envelope(total=60_000, carry_over=False),
    ),
    "candidate_max": ("at most 10,000 € in whole steps to a candidate", envelope(candidate_max=15_000)),
    "payments": (
        "a quarter at once, the rest after the horizon: ceilings on both",
        volet(payments=[0.25, 0.75]) | envelope(payments_max=[10_000, 25_000]),
    ),
    "unit_cost": (
        "20,000 € each, in full",
        {"volets": {"v": {"phases": ["project", "emerging", "consolidation"], "unit_cost": 20_000}}},
    ),
    "after": (
        "a study of a year, a year of waiting, then a trial: c enters by the study, a directly",
        {
            "years": 3,
            "volets": {
                "study": {"phases": ["project"], "unit_cost": 10_000},
                "trial": {"phases": ["consolidation"], "after": ["study"], "lag": 1},
            },
        },
    ),
    "either": ("one of two aids", volet(aids=AIDS, aids_mode="either")),
    "both": ("one of two aids, or both", volet(aids=AIDS, aids_mode="both")),
    "transversal": (
        "2,000 € and 3,000 € for each candidate, 4,000 € at least, half each year, beside the grants",
        TWO_YEARS | with_capi(min_share=0.1) | envelope(tranches=[0.5, 0.5], payments_max=[20_000]),
    ),
    "transversal_capped": ("8,000 € of 40,000 € at most: from two candidates on", with_capi(max_share=0.2)),
    "transversal_paid": (
        "the city, who pays in Corse only, does not pay it",
        {"funders": FUNDERS} | with_capi(),
    ),
    "inside": (
        "2 firms of each job, 500 € a year, two years, half of it paid each year",
        labelled(charged="inside") | envelope(payments_max=[20_000, 20_000]),
    ),
    "outside": ("what the envelope does not pay is in no row", labelled(charged="outside")),
    "targets": ("two candidates", TARGET),
    "sought": (
        "the least envelope for two candidates, of which the first year commits a quarter at most",
        TARGET | TWO_YEARS | envelope(tranches=[0.25, 0.75]),
    ),
    "sought_shares": (
        "funders bring shares of it, a rule and a transversal volet take shares of it",
        TARGET
        | {"funders": [{"name": "city", "share": 0.3, "pays": {"region": "Corse"}}, {"name": "state", "share": 0.7}]}
        | with_capi(min_share=0.1, max_share=0.2, fixed=0)
        | {"rules": [{"name": "rule", "measure": "share", "of": "envelope", "where": {"region": "Corse"}, "max": 0.6}]},
    ),
    "at_most": ("one of two", link(candidates=["a", "b"], at_most=1)),
    "all_or_none": ("all three or none", link(candidates=["a", "b", "c"], all_or_none=True)),
    "only_if": ("b and c only with a", link(candidates=["b", "c"], only_if="a")),
    "fund": ("c must be funded", decision("fund")),
    "reject": ("c has no columns", decision("reject")),
    "none": ("no priority", {"priority": {"mode": "none"}}),
    "strict": (
        "the second group, the first held at its value",
        {"priority": {"mode": "strict", "order": [["consolidation"], ["emerging", "project"]]}},
    ),
    "floor": (
        "half of what is granted to the first group",
        {"priority": {"mode": "floor", "order": [["emerging"]], "share": 0.5}},
    ),
    "weight": (
        "b counts double",
        {"priority": {"mode": "weight"}, "value": {"criteria": {"score": 1.0}, "phases": {"emerging": 2.0}}},
    ),
}


def call_of(kind: str) -> Call:
    tables = {
        "format": 1,
        "name": "golden",
        "first_year": 2020,
        **envelope(),
        **volet(),
        "value": {"criteria": {"score": 1.0}},
        **KINDS[kind][1],
    }
    rows = BOTH_AIDS if kind == "both" else ROWS
    if kind == "after":
        rows = [{f"trial.{key}" if key in ("cost", "ask") else key: cell for key, cell in row.items()} for row in rows]
    if kind == "only_possible":
        rows = [row | {"ask": 0} if row["id"] == "c" else row for row in rows]
    return prepare(*build(tables, rows), is_sought=kind.startswith("sought"))


def solved(call: Call) -> Allocation:
    return allocate(call.scenario, call.candidates)


def with_highs(path: Path) -> float | None:
    """Return the optimum of a file as HiGHS reads it; None when there is none."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    model.run()
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    if model.getModelStatus() == highspy.HighsModelStatus.kModelEmpty:
        # Nobody can be funded: no columns, and rows that hold without any.
        return 0.0
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return sense(path) * float(model.getInfo().objective_function_value)


def sense(path: Path) -> float:
    """Return 1 where a file maximises the value, -1 where it minimises its opposite: readers of MPS differ on the sense."""
    return -1.0 if path.suffix == ".mps" else 1.0


def with_cbc(path: Path) -> float | None:
    """Return the optimum of a file as CBC reads it."""
    command = [pulp_cbc_path, path.name, "-ratio", "0", "-solve", "-solution", "answer.txt", "-quit"]
    subprocess.run(command, cwd=path.parent, check=True, capture_output=True)
    words = (path.parent / "answer.txt").read_text(encoding="utf-8").splitlines()[0]
    if "nfeasible" in words:
        return None
    assert words.startswith("Optimal"), words
    return sense(path) * float(words.rsplit(maxsplit=1)[1])


@pytest.mark.parametrize("kind", KINDS)
def test_golden(kind: str, tmp_path: Path) -> None:
    """The LP of each kind is the one that was read and kept."""
    draft, golden = tmp_path / "model.lp", LP / f"{kind}.lp"
    export_model(call_of(kind), draft)
    text = f"\\ {KINDS[kind][0]}\n" + draft.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN") == "1":
        LP.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text, f"{golden} differs; UPDATE_GOLDEN=1 writes it anew"


def choices(model: Any, field: str) -> set[str]:
    """Return the words that a field of the scenario may hold."""
    annotation = model.model_fields[field].annotation
    literals = [annotation, *typing.get_args(annotation)]
    return {word for each in literals if typing.get_origin(each) is typing.Literal for word in typing.get_args(each)}


def test_every_kind_has_a_golden() -> None:
    """What the scenario's own types let an author write: whoever adds a kind adds its LP."""
    measures = set(re.findall(r"`(\w+)`", Rule.model_fields["measure"].description or "")) | {"column"}
    assert measures >= {"amount", "count", "share"}
    kinds = (measures - {"share"}) | {f"share_{of}" for of in choices(Rule, "of")}
    kinds |= set(Rule.model_fields) & {"by", "only_possible"}
    kinds |= set(Link.model_fields) - {"name", "title", "candidates"}
    kinds |= choices(Priority, "mode") | choices(Decision, "decision") | choices(Volet, "aids_mode")
    kinds |= {"carry_over", "no_carry_over", "pays", "funder", "funder_by_year", "funder_by_year_no_carry_over"}
    kinds |= {"candidate_max", "payments", "unit_cost", "after"}
    kinds |= {"transversal", "transversal_capped", "transversal_paid", "targets", "sought", "sought_shares"}
    kinds |= choices(Advantage, "charged")
    assert kinds - set(KINDS) == set()
    assert {path.stem for path in LP.glob("*.lp")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_golden_is_legible(kind: str) -> None:
    """Columns and rows carry names of the call, not numbers: HiGHS drops all names when one is not allowed."""
    text = (LP / f"{kind}.lp").read_text(encoding="utf-8")
    assert "fund(" in text
    assert "one_plan(a)" in text
    assert not re.search(r"\b[cr]\d+\b", text)


@pytest.mark.parametrize("kind", KINDS)
def test_written_model_has_the_optimum_of_the_call(kind: str, tmp_path: Path) -> None:
    """LP and MPS read by HiGHS and by CBC; of a strict priority the file states the last group."""
    call = call_of(kind)
    if kind.startswith("sought"):
        costing = cost(call.scenario, call.candidates)
        assert costing.envelope is not None
        value = -costing.envelope / 10_000
    else:
        allocation = solved(call)
        assert allocation.has_allocation
        value = allocation.stages[-1].value or 0.0
    expected = pytest.approx(value, rel=1e-6, abs=1e-6)
    for ending in ("lp", "mps"):
        n_rows, n_columns = export_model(call, tmp_path / f"model.{ending}")
        assert n_columns == call.formulation.problem.n
        assert n_rows >= len(call.formulation.problem.rows)
        assert with_highs(tmp_path / f"model.{ending}") == expected
    assert with_cbc(tmp_path / "model.mps") == expected
    assert with_cbc(tmp_path / "model.lp") == expected


@pytest.mark.parametrize("seed", range(30))
def test_written_model_of_a_random_call(seed: int, tmp_path: Path) -> None:
    """The same for calls with many rules, unless there is no allocation of the earlier groups to hold."""
    call = prepare(*build(*case(seed)))
    allocation = solved(call)
    if not allocation.has_allocation and len(call.formulation.problem.objectives) > 1:
        return
    value = allocation.stages[-1].value if allocation.has_allocation else None
    expected = None if value is None else pytest.approx(value, rel=1e-6, abs=1e-6)
    for ending in ("lp", "mps"):
        export_model(call, tmp_path / f"model.{ending}")
        assert with_highs(tmp_path / f"model.{ending}") == expected
    assert with_cbc(tmp_path / "model.mps") == expected


def test_a_column_of_money_is_a_multiple_of_the_step() -> None:
    """40,000 € in steps of 10,000 € are four; a gets one step with its plan and may get one more."""
    formulation = call_of("plain").formulation
    names = formulation.column_names(call_of("plain").candidates.columns["id"])
    upper = dict(zip(names, formulation.problem.upper.tolist(), strict=True))
    assert len(names) == 5  # three plans, and what a and b may get above the floor; c's floor is its ceiling
    assert set(upper.values()) == {1.0}
    rows = formulation.row_names(call_of("plain").candidates.columns["id"])
    bounds = dict(zip(rows, formulation.problem.rows.upper.tolist(), strict=True))
    assert bounds["envelope"] == 4.0
