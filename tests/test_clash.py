"""What clashes and what repairs it: the same as trying every set of conditions and every bend."""

import json
import re
import shlex
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest

from cases import build, case
from clash_kits import KITS, Kit, fund, money, reject, row, rows, rule, whole
from conftest import ROOT, scenario_data
from enumeration import best
from enumeration_clash import Brute
from ptce_funding.allocation import allocate
from ptce_funding.call import prepare
from ptce_funding.clash import Clash, ClashingSet, clash_of
from ptce_funding.cli.main import run
from ptce_funding.costing import cost
from ptce_funding.errors import ScenarioError
from ptce_funding.plain_clashes import plain_clashes
from ptce_funding.problem import Status
from ptce_funding.repairs import Repair
from ptce_funding.report.clash import show_clash
from ptce_funding.report.terminal import Terminal
from ptce_funding.scenario_files import overridden, scenario_from
from ptce_funding.solvers.highs import _load

# PuLP announces that its next version will bring CBC in a package of its own.
pytestmark = pytest.mark.filterwarnings("ignore:PULP_CBC_CMD is deprecated:DeprecationWarning")

every_kit = pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)


def keys_of(some: ClashingSet) -> frozenset[str]:
    """Return the members of a set as the kits name them."""
    return frozenset(f"{each.kind} {each.key}".strip() for each in some.members)


@cache
def found(name: str) -> Clash:
    """Return what the package finds in a kit."""
    kit = next(each for each in KITS if each.name == name)
    return clash_of(*build(kit.scenario, kit.rows))


def bent_by(repair: Repair) -> frozenset[str]:
    """Return the conditions that a repair bends as the kits name them."""
    return frozenset(f"{each.kind} {each.key}".strip() for each in repair.bends)


@cache
def brute(name: str) -> Brute:
    """Return a kit to be asked by trying everything."""
    kit = next(each for each in KITS if each.name == name)
    return Brute(kit.scenario, kit.rows)


def assert_cheapest(clash: Clash, expected: dict[frozenset[str], float]) -> None:
    """Every set of as few conditions as can be bent is told, with its least bend, the least of all first."""
    least: dict[frozenset[str], float] = {}
    for repair in clash.repairs:
        least.setdefault(bent_by(repair), repair.relative)
    assert clash.is_cheapest
    assert set(least) <= set(expected)
    assert len(clash.repairs) == 5 or set(least) == set(expected)
    assert least == pytest.approx({some: expected[some] for some in least})
    if expected:
        assert clash.repairs[0].relative == pytest.approx(min(expected.values()))
    assert [each.relative for each in clash.repairs] == sorted(each.relative for each in clash.repairs)


# --------------------------------------------------------------------------------------------------------------- the kits


def test_the_kits_cover_what_can_clash() -> None:
    """Every family several times, and every kind of condition."""
    assert len(KITS) >= 30
    families = [kit.name.split(":")[0] for kit in KITS]
    assert all(families.count(family) >= 3 for family in ("forced in and out", "integer only", "years", "funders"))
    assert sum(each.startswith(("forced above", "quota")) for each in families) >= 8
    kinds = {each.split(" ")[0] for kit in KITS for each in kit.clashing}
    limits = {"envelope", "payments", "tranches", "candidate_max", "transversal"}
    assert kinds == limits | {"funder", "link", "decision", "priority", "rule", "target"}


@every_kit
def test_the_set_is_smallest_and_the_repairs_cheapest(kit: Kit) -> None:
    """As few conditions clash, and as little is bent, as trying every set and every bend finds; the set by hand is one of these."""
    clash = found(kit.name)
    smallest = brute(kit.name).smallest()
    assert keys_of(clash.sets[0]) in smallest
    assert frozenset(kit.clashing) in smallest
    assert clash.sets[0].is_smallest
    assert clash.are_all
    assert bool(clash.plain) == kit.plain
    assert_cheapest(clash, brute(kit.name).repairs())


@every_kit
def test_every_repair_can_be_applied(kit: Kit) -> None:
    """The values by path that it states give an audited allocation, and brute force finds one too where the set loses a member."""
    scenario, candidates = build(kit.scenario, kit.rows)
    clash = found(kit.name)
    assert allocate(scenario, candidates).status is Status.INFEASIBLE
    for repair in clash.repairs:
        assert allocate(overridden(scenario, repair.changes), candidates).has_allocation
    members = keys_of(clash.sets[0])
    assert brute(kit.name).fails(members)
    for position, each in enumerate(clash.sets[0].members):
        key = f"{each.kind} {each.key}".strip()
        assert not brute(kit.name).fails(members - {key}), position
        assert each.frees == (not brute(kit.name).fails(frozenset(brute(kit.name).conditions) - {key}))


@pytest.mark.parametrize(
    "kit", [kit for kit in KITS if "integer" in kit.name or "least of both" in kit.name], ids=lambda kit: kit.name
)
def test_solvers_find_the_same(kit: Kit, solver: str) -> None:
    """Sets and repairs do not depend on who solves."""
    assert clash_of(*build(kit.scenario, kit.rows), solver=solver) == found(kit.name)


# ------------------------------------------------------------------------------------------------------------ random calls


def assert_same_as_brute_force(seed: int) -> bool:
    """Compare one random call without an allocation; return whether it is such."""
    scenario, candidates = case(seed, largest=1_500)
    call = build(scenario, candidates)
    if best(scenario, candidates) is not None:
        assert not plain_clashes(prepare(*call)), f"case {seed}: plain, but there is an allocation"
        return False
    clash = clash_of(*call)
    assert clash.sets, f"case {seed}"
    assert keys_of(clash.sets[0]) in Brute(scenario, candidates).smallest(), f"case {seed}"
    assert clash.repairs, f"case {seed}"
    return True


def test_random_calls_clash_as_brute_force_says() -> None:
    """The set is one of the smallest, and some change repairs every one of them."""
    assert sum(map(assert_same_as_brute_force, range(16))) >= 4


@pytest.mark.slow
def test_many_more_random_calls_clash_as_brute_force_says() -> None:
    """Calls that the other test does not draw."""
    assert sum(map(assert_same_as_brute_force, range(1_000, 1_500))) >= 100


# ---------------------------------------------------------------------------------------------------------------- by hand


def test_a_floor_that_skips_groups_leaves_the_cheapest_open() -> None:
    """Two at least and one at most: one more or one less does it, and is verified; that nothing is cheaper is not claimed."""
    kit = KITS[0]
    rules = [
        {"name": "two", "measure": "count", "min": 2, "only_possible": True},
        {"name": "one", "measure": "count", "max": 1},
    ]
    plain = {key: value for key, value in kit.scenario.items() if key not in ("rules", "targets", "links", "decisions")}
    clash = clash_of(*build(plain | {"rules": rules, "envelope": {"total": 1_000_000, "grant_step": 10_000}}, kit.rows))
    assert keys_of(clash.sets[0]) == {"rule two", "rule one"}
    assert {bent_by(each) for each in clash.repairs} == {frozenset({"rule two"}), frozenset({"rule one"})}
    assert not clash.is_cheapest


def test_both_funded_and_rejected_is_a_fault() -> None:
    """The same candidate forced in and out is refused before anything is solved."""
    with pytest.raises(ScenarioError, match="both funded and rejected"):
        scenario_from(scenario_data(decisions=fund("a") + reject("a")))


def test_where_an_allocation_exists_nothing_clashes() -> None:
    """No set, no repair."""
    assert clash_of(*build(scenario_data(), rows("ab"))) == Clash((), (), True, (), True)


def test_what_may_not_be_bent_is_named_and_never_bent() -> None:
    """Two rules and a cap clash; of the two floors one stays, and so it is for the other or the cap to give."""
    clash = found("three rules: one not to be bent")
    assert {each.key: each.is_bendable for each in clash.sets[0].members} == {
        "Corse": True,
        "Brittany": False,
        "few": True,
    }
    assert [bent_by(each) for each in clash.repairs] == [{"rule few"}, {"rule Corse"}]
    few = clash.repairs[0].bends[0]
    assert (few.path, few.measure, few.old, few.new) == ("rules.few.max", "count", 3, 4)
    assert clash.repairs[0].changes == {"rules.few.max": 4}


def test_clashes_that_have_nothing_in_common() -> None:
    """Two regions, each with a floor above its cap: two sets, and a repair bends one of each."""
    clash = found("three rules: two clashes")
    assert [keys_of(each) for each in clash.sets] == [
        {"rule Brittany", "rule no Brittany"},
        {"rule Corse", "rule no Corse"},
    ]
    assert all(member.frees is False for each in clash.sets for member in each.members)
    assert all(len(each.bends) == 2 for each in clash.repairs)
    assert clash.repairs[0].changes == {"rules.Corse.min": 1, "rules.Brittany.min": 1}


def test_the_envelope_is_raised_by_what_is_missing() -> None:
    """Four of 30,000 funded by hand, of 100,000: 20,000 more, a fifth; or one of the four given up."""
    scenario, candidates = build(whole(decisions=fund(*"abcd")), rows("abcde"))
    clash = clash_of(scenario, candidates)
    [plain] = clash.plain
    assert (
        str(plain)
        == "The candidates funded by hand take at least €120,000 of what has a limit of €100,000: the envelope."
    )
    assert clash.repairs[0].changes == {"envelope.total": 120_000}
    assert clash.repairs[0].relative == pytest.approx(0.2)
    assert [bent_by(each) for each in clash.repairs[1:]] == [{f"decision {id_}"} for id_ in "abcd"]
    left = clash.repairs[1].changes["decisions"]
    assert isinstance(left, list)
    assert [each["candidate"] for each in left] == ["b", "c", "d"]


def test_tranches_given_up_are_changes_too() -> None:
    """Committed when it is needed: the whole in the first year, and what is left later."""
    clash = found("years: a floor above a tranche")
    by = {bent_by(each): each.changes for each in clash.repairs}
    assert by[frozenset({"tranches"})] == {"envelope.tranches": [1.0, 0.0], "envelope.carry_over": True}


def test_targets_out_of_reach_of_any_envelope() -> None:
    """Payments of 40,000 pay one candidate of 30,000: one target less, or 20,000 more to pay; no envelope helps, and none is named."""
    tables = whole(envelope=money(100_000, payments_max=[40_000]), targets=[rule("poles", "count", min=2)])
    call = build(tables, rows("abc"))
    assert cost(*call).status is Status.INFEASIBLE
    clash = clash_of(*call, is_sought=True)
    assert (
        [keys_of(each) for each in clash.sets]
        == [{"payments", "target poles"}]
        == [set(Brute(tables, rows("abc"), is_sought=True).smallest()[0])]
    )
    assert [each.changes for each in clash.repairs] == [{"envelope.payments_max": [60_000]}, {"targets.poles.min": 1}]
    assert all(cost(overridden(call[0], each.changes), call[1]).envelope for each in clash.repairs)


def test_a_year_in_which_nobody_brings_anything() -> None:
    """A transversal volet is paid in both years, of which one has no money: no condition is to blame, and none is."""
    volets = {
        "v": {"phases": ["emerging"], "tolerance": 1.0},
        "t": {"transversal": True, "fixed": 10_000, "per_ptce": 0},
    }
    tables = scenario_data(years=2, volets=volets, funders=[{"name": "state", "amounts": [0, 100_000]}])
    call = build(tables, rows("a"))
    assert allocate(*call).status is Status.INFEASIBLE
    assert clash_of(*call) == Clash((), (ClashingSet((), True),), True, (), True)


def test_what_time_does_not_settle_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Without any time nothing is claimed, and the page says that it is open."""
    tables = whole(envelope=money(50_000), rules=[rule("spend", "amount", min=50_000)], solve={"time_limit": 1e-9})
    clash = clash_of(*build(tables, rows("abc")))
    assert clash == Clash((), (), False, (), False)
    show_clash(Terminal("en"), clash, lambda changes: "ptce-fund")
    assert "not found out in time" in capsys.readouterr().out


def test_highs_knows_the_relaxation_alone() -> None:
    """Its own irreducible sets (getIis) are valid for half candidates: on every kit whose relaxation has a solution it names none."""
    failed = 0
    for kit in KITS:
        problem = prepare(*build(kit.scenario, kit.rows)).formulation.problem
        relaxed = replace(problem, integer=np.zeros(problem.n, dtype=bool))
        model = _load(relaxed, np.zeros(problem.n), 1.0)
        model.solve()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            continue
        for strategy in (0, 4):
            model = _load(problem, np.zeros(problem.n), 1.0)
            model.setOptionValue("iis_strategy", strategy)
            _, iis = model.getIis()
            assert not iis.valid_ or not len(iis.row_index_), kit.name
        failed += 1
    assert failed == 6


# ------------------------------------------------------------------------------------------------------------ command line

CALL = """format = 1
name = "clash"
first_year = 2020
candidates = { file = "clash.csv" }
envelope = { total = 100_000, grant_step = 10_000 }
value = { criteria = { score = 1.0 } }

[volets.v]
phases = ["emerging"]

[[decisions]]
candidate = "a"
decision = "fund"
by = "the jury's chair"
reason = "first"

[[rules]]
name = "some"
measure = "amount"
min = 90_000

[[targets]]
name = "all"
measure = "count"
min = 4

[sources]
"targets.all" = "quoted 003:670"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A call whose target takes 120,000 of 100,000."""
    table = [row(id_) for id_ in "abcd"]
    lines = [";".join(table[0]), *(";".join(map(str, each.values())) for each in table)]
    (tmp_path / "clash.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "clash.toml").write_text(CALL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_simulate_tells_what_clashes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines and sources of the members, repairs with their commands, which run; and the same in allocation.json."""
    assert run(["simulate", "clash.toml", "--lang", "en", "--out", "out"]) == 2
    printed = " ".join(capsys.readouterr().out.split())
    assert "These 2 conditions cannot hold together" in printed
    assert "quoted: 003:670" in printed
    assert "--set envelope.total=120000" in printed
    clash = json.loads((folder / "out" / "allocation.json").read_text(encoding="utf-8"))["clash"]
    members = [each for some in clash["sets"] for each in some["members"]]
    assert [(each["kind"], each["file"], each["line"]) for each in members] == [
        ("envelope", "clash.toml", 5),
        ("target", "clash.toml", 22),
    ]
    assert [each["bends"][0]["bent"] for each in clash["repairs"]] == [120_000, 3]
    for repair in clash["repairs"]:
        assert run(shlex.split(repair["command"])[1:]) == 0


def test_a_decision_given_up_can_be_typed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its command states the decisions that are left, in TOML and quoted for a shell."""
    call = (folder / "clash.toml").read_text(encoding="utf-8").replace("min = 4", "min = 1")
    decided = '[[decisions]]\ncandidate = "b"\ndecision = "reject"\nby = "x"\nreason = "late"\n'
    link = '[[links]]\nname = "both"\ncandidates = ["a", "b"]\nall_or_none = true\n'
    head, tail = call.split("[sources]")
    (folder / "clash.toml").write_text(
        f"{head}{decided}{link}[sources]{tail}".replace("90_000", "60_000"), encoding="utf-8"
    )
    assert run(["simulate", "clash.toml", "--json", "--lang", "en"]) == 2
    clash = json.loads(capsys.readouterr().out)["clash"]
    assert [each["bends"][0]["kind"] for each in clash["repairs"]] == ["link", "decision", "decision"]
    for repair in clash["repairs"]:
        assert run(shlex.split(repair["command"])[1:]) == 0


def test_printed_commands_can_be_pasted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However long, each stands in one line, and a shell reads it as it was meant: quotes, accents, equals signs, signs of control."""
    (folder / "clash.csv").write_text(
        (folder / "clash.csv").read_text(encoding="utf-8").replace("\na;", "\nl'été a=1;"), encoding="utf-8"
    )
    call = (folder / "clash.toml").read_text(encoding="utf-8").replace('candidate = "a"', 'candidate = "l\'été a=1"')
    call = call.replace('name = "all"', "name = 'x=1. \"dès\"'").partition("[sources]")[0]
    late = (
        '[[decisions]]\ncandidate = "b"\ndecision = "reject"\nby = "$HOME `x` \\\\ \\u007f"\nreason = "too  late\\n!"\n'
    )
    (folder / "clash.toml").write_text(call + late, encoding="utf-8")
    assert run(["simulate", "clash.toml", "--lang", "en"]) == 2
    commands = re.findall(r"^Repair \d: ptce-fund (.*)$", capsys.readouterr().out, re.MULTILINE)
    # Without b three can be funded.
    assert len(commands) == 1
    changed = shlex.split(commands[0])
    assert run(changed) == 0
    # Where it may not, b is let in, and 20,000 more are needed.
    (folder / "clash.toml").write_text((call + late).replace("min = 4", "min = 4\nrelax = false"), encoding="utf-8")
    assert run(["simulate", "clash.toml", "--lang", "en"]) == 2
    [pair] = re.findall(r"^Repair \d: ptce-fund (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert "decisions=[{" in pair
    assert run(shlex.split(pair)) == 0


def test_a_repair_takes_the_place_of_what_was_set_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two funded by hand of 50,000 one is given up; a word of it was changed, and has nowhere to go any more."""
    decided = ",".join(f'{{candidate="{each}",decision="fund",by="x",reason="y"}}' for each in "ab")
    changes = ["--set", f"decisions=[{decided}]", "--set", "decisions.b.reason=z", "--set", "envelope.total=50000"]
    changes += ["--set", "rules=[]", "--set", "targets=[]", "--set", "sources={}"]
    volets = ["--set", "volets.v.tolerance=0.0"]
    assert run(["simulate", "clash.toml", *changes, *volets, "--json", "--lang", "en"]) == 2
    repairs = json.loads(capsys.readouterr().out)["clash"]["repairs"]
    assert [each["bends"][0]["kind"] for each in repairs] == ["envelope", "decision", "decision"]
    for repair in repairs:
        assert run(shlex.split(repair["command"])[1:]) == 0


def test_check_and_cost_tell_it_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is plain is told without solving; a target that no envelope reaches is, with its repair."""
    assert run(["check", "clash.toml", "--set", "targets.all.min=5", "--lang", "en"]) == 2
    plain = "Out of reach: the target “all”. 5 candidates are asked for, at most 4 could be funded."
    assert plain in " ".join(capsys.readouterr().out.split())
    assert run(["cost", "clash.toml", "--set", "targets.all.min=5", "--lang", "en", "--json"]) == 2
    told = capsys.readouterr()
    assert plain in " ".join(told.err.split())
    clash = json.loads(told.out)["clash"]
    assert clash["plain"][0]["en"] == plain
    assert [each["changes"] for each in clash["repairs"]] == [{"targets.all.min": 4}]


def test_an_interrupted_search_leaves_the_result(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while clashes are looked for: the page and the files are there, and say so."""

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ptce_funding.clash.clash_of", interrupted)
    assert run(["simulate", "clash.toml", "--lang", "en", "--out", "out"]) == 2
    assert "was interrupted" in capsys.readouterr().out
    assert json.loads((folder / "out" / "allocation.json").read_text(encoding="utf-8"))["clash"] is None


def test_the_pages_exist_in_french(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same figures, as France writes them."""
    assert run(["simulate", "clash.toml", "--lang", "fr"]) == 2
    assert "120\xa0000\xa0€" in capsys.readouterr().out.replace("\u202f", "\xa0")


def test_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command of docs/clash.md finds no allocation and a repair; its example prints the repairs; its figures are those here."""
    text = (ROOT / "docs" / "clash.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^ptce-fund .*$", text, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert run([*shlex.split(command)[1:], "--lang", "en"]) == 2
        assert "Repair 1: ptce-fund" in " ".join(capsys.readouterr().out.split())
    [block] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(block, "clash.md", "exec"), {})
    assert "{'rules.poles-labellises.min': 16}" in capsys.readouterr().out
    assert f"Sur nos {len(KITS)} cas d'essai" in text


@pytest.mark.slow
def test_a_national_programme_in_seconds() -> None:
    """The note's 50 poles in 3 M€: either bends alone, the poles by less; each is one step from failing."""
    from ptce_funding.loading import read_call

    scenario, candidates = read_call(ROOT / "scenarios" / "note-2011-50m.toml", {"envelope.total": 3_000_000})
    clash = clash_of(scenario, candidates)
    assert [keys_of(each) for each in clash.sets] == [{"envelope", "rule poles-labellises"}]
    poles, envelope = clash.repairs
    assert poles.changes == {"rules.poles-labellises.min": 16}
    assert allocate(overridden(scenario, {"rules.poles-labellises.min": 17}), candidates).status is Status.INFEASIBLE
    less = {"envelope.total": int(str(envelope.changes["envelope.total"])) - 1_000}
    assert allocate(overridden(scenario, less), candidates).status is Status.INFEASIBLE
