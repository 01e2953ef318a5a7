"""The ledger: each number is quoted only where its source stands behind it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, scenario_data
from ptce_funding.eligibility import SETS, criteria_of, read_criteria
from ptce_funding.errors import ScenarioError
from ptce_funding.ledger import LedgerLine, ledger
from ptce_funding.parts import Source
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden, read_scenario, scenario_from

BASE = """\
format = 1
name = "base"
first_year = 2020
[envelope]
total = 100_000
[[funders]]
name = "ville"
share = 0.3
pays = { priority_district = true }
[[funders]]
name = "ess"
share = 0.7
[volets.v]
phases = ["emerging", "consolidation"]
grant = { min = 10_000, max = 50_000 }
rate = 0.5
[eligibility]
criteria = "note-2011"
[eligibility.set.members]
min = 5
[value]
criteria = { score = 1.0 }
[[rules]]
name = "cap"
measure = "share"
of = "envelope"
where = { region = ["Bretagne", "Corse"] }
by = ["region"]
max = 0.5
[sources]
"first_year" = "quoted 002:34"
"envelope" = "quoted 002:34"
"funders.1" = "quoted 002:36"
"volets.v" = "quoted 002:26"
"volets.v.grant" = "quoted: a page"
"eligibility.set.members.min" = "quoted 003:635"
"rules.cap" = "computed: half"
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A sourced scenario."""
    path = tmp_path / "base.toml"
    path.write_text(BASE, encoding="utf-8")
    return path


def lines_of(scenario: Scenario) -> dict[str, LedgerLine]:
    """Return the ledger by path; every path has one line."""
    lines = ledger(scenario, criteria_of(scenario))
    assert len({line.path for line in lines}) == len(lines)
    return {line.path: line for line in lines}


def told(line: LedgerLine) -> tuple[Any, str, str]:
    """Return value, status and source in English."""
    return line.value, line.status, line.source.render("en")


def over(base: Path, text: str, name: str = "over", of: str = "base") -> Scenario:
    """Return a difference of the scenario."""
    path = base.parent / f"{name}.toml"
    path.write_text(f'extends = "{of}.toml"\nname = "{name}"\n{text}', encoding="utf-8")
    return read_scenario(path)


# ------------------------------------------------------------------------------------------------- changed values


def test_source_stands_behind_what_its_file_states(base: Path) -> None:
    """Stated values have the nearest source around them; an entry of a list may be meant by its position."""
    lines = lines_of(read_scenario(base))
    assert told(lines["envelope.total"]) == (100_000, "quoted", "002:34")
    assert told(lines["volets.v.rate"]) == (0.5, "quoted", "002:26")
    assert told(lines["volets.v.grant.max"]) == (50_000, "quoted", "a page")
    assert told(lines["funders.ville.share"]) == (0.3, "quoted", "002:36")
    assert told(lines["funders.ess.share"]) == (0.7, "missing", "no source is given")


def test_override_loses_its_source(base: Path) -> None:
    """A value changed on the command line is assumed, and the file's is told; neighbours keep their sources."""
    scenario = read_scenario(base, {"envelope.total": 200_000, "volets.v.grant": {"max": 50_000}})
    for each in (
        scenario,
        read_scenario(base).override("volets.v.grant", {"max": 50_000}).override("envelope.total", 2e5),
    ):
        lines = lines_of(each)
        text = "changed on the command line; in the file: €100,000 (quoted: 002:34)"
        assert told(lines["envelope.total"]) == (200_000, "assumed", text)
        text = "changed on the command line; in the file: €10,000 (quoted: a page)"
        assert told(lines["volets.v.grant.min"]) == (0, "assumed", text)
        assert lines["volets.v.grant.max"].status == "quoted"
        assert lines["first_year"].status == "quoted"


def test_override_of_what_the_file_leaves_open(base: Path) -> None:
    """There is no value of the file to tell, and the source around it does not cover it."""
    lines = lines_of(read_scenario(base, {"volets.v.public_cap": 0.8, "funders.ess.share": 0.7}))
    assert told(lines["volets.v.public_cap"]) == (0.8, "assumed", "set on the command line; the file does not state it")
    # Set to what it was, it is as the file says.
    assert lines["funders.ess.share"].status == "missing"


def test_override_with_its_source(base: Path) -> None:
    """A source may be given on the command line too, alone or with the value, in one go or in several."""
    paths = {"envelope.total": 200_000, 'sources."envelope.total"': "computed: twice"}
    assert told(lines_of(read_scenario(base, paths))["envelope.total"]) == (200_000, "computed", "twice")
    scenario = read_scenario(base)
    for path, value in paths.items():
        scenario = scenario.override(path, value)
    assert told(lines_of(scenario)["envelope.total"]) == (200_000, "computed", "twice")
    scenario = read_scenario(base, {'sources."first_year"': "assumed: doubtful"})
    assert told(lines_of(scenario)["first_year"]) == (2020, "assumed", "doubtful")


def test_override_of_a_threshold(base: Path) -> None:
    """The line of the criterion shows the changed threshold and is assumed too; its other tests are as they were."""
    before, after = (
        lines_of(each) for each in (read_scenario(base), read_scenario(base, {"eligibility.set.members.min": 10}))
    )
    assert told(before["eligibility.members.members"]) == ({"min": 5}, "quoted", "003:635")
    text = "changed on the command line; in the file: 5 (quoted: 003:635)"
    assert told(after["eligibility.set.members.min"]) == (10, "assumed", text)
    assert told(after["eligibility.members.members"]) == ({"min": 10}, "assumed", text)
    assert after["eligibility.members.voluntary"] == before["eligibility.members.voluntary"]
    assert after["eligibility.members.voluntary"].status == "quoted"


def test_overlay_without_source(base: Path) -> None:
    """What a difference states anew needs its source anew; what it leaves alone keeps the inherited one."""
    lines = lines_of(over(base, "[envelope]\ntotal = 200_000\n[eligibility.set.members]\nmin = 10\n"))
    text = "changed by over.toml, which states no source; in the base: quoted: 002:34"
    assert told(lines["envelope.total"]) == (200_000, "assumed", text)
    text = "changed by over.toml, which states no source; in the base: quoted: 003:635"
    assert told(lines["eligibility.set.members.min"]) == (10, "assumed", text)
    assert told(lines["eligibility.members.members"]) == ({"min": 10}, "assumed", text)
    assert lines["first_year"].status == "quoted"


def test_overlay_with_source(base: Path) -> None:
    """Its own source counts, be its path wider than the inherited one; inherited values keep theirs."""
    lines = lines_of(
        over(base, '[volets.v]\nrate = 0.4\ngrant = { max = 60_000 }\n[sources]\n"volets" = "assumed: mine"\n')
    )
    assert told(lines["volets.v.rate"]) == (0.4, "assumed", "mine")
    assert told(lines["volets.v.grant.max"]) == (60_000, "assumed", "mine")
    assert told(lines["volets.v.grant.min"]) == (10_000, "quoted", "a page")


def test_overlay_of_an_overlay(base: Path) -> None:
    """Each file vouches for itself and what it inherits unchanged; a named entry of a list is known by its name."""
    over(
        base,
        '[envelope]\ntotal = 200_000\n[[rules]]\nname = "cap"\nmax = 0.6\n[sources]\n"rules.cap.max" = "quoted x"\n',
        "one",
    )
    two = over(base, '[sources]\n"envelope.total" = "quoted y"\n', "two", "one")
    lines = lines_of(two)
    assert told(lines["envelope.total"]) == (200_000, "quoted", "y")
    assert told(lines["rules.cap.max"]) == (0.6, "quoted", "x")
    assert told(lines["rules.cap.measure"]) == ("share", "computed", "half")
    three = lines_of(over(base, '[[rules]]\nname = "cap"\nmax = 0.7\n', "three", "two"))
    text = "changed by three.toml, which states no source; in the base: quoted: x"
    assert told(three["rules.cap.max"]) == (0.7, "assumed", text)
    changed = lines_of(overridden(two, {"rules.cap.max": 0.8}))
    text = "changed on the command line; in the file: 60% (quoted: x)"
    assert told(changed["rules.cap.max"]) == (0.8, "assumed", text)


def test_removed_value_is_not_quoted(base: Path) -> None:
    """A default that takes the place of a removed value is not what the base quoted."""
    base.write_text(BASE.replace('"volets.v" =', '"volets.v.rate" ='), encoding="utf-8")
    lines = lines_of(over(base, "").override("solve.gap", 0.01))
    assert told(lines["volets.v.rate"]) == (0.5, "quoted", "002:26")
    (base.parent / "less.toml").write_text('extends = "base.toml"\nname = "less"\nremove = ["volets.v.rate"]\n')
    lines = lines_of(read_scenario(base.parent / "less.toml"))
    assert told(lines["volets.v.rate"]) == (1.0, "assumed", "default of the format")


# ------------------------------------------------------------------------------------------------ what is listed


def test_defaults_are_assumed(base: Path) -> None:
    """Terms that no volet states hold all the same; a source of what surrounds them does not cover them, their own does."""
    text = BASE + '"volets.v.tolerance" = "quoted: none"\n"volets.v.local_min" = "missing: unknown"\n'
    base.write_text(text, encoding="utf-8")
    lines = lines_of(read_scenario(base))
    default = "default of the format"
    assert told(lines["volets.v.public_cap"]) == (1.0, "assumed", default)
    assert told(lines["volets.v.local_required"]) == (False, "assumed", default)
    assert told(lines["volets.v.tolerance"]) == (0.0, "quoted", "none")
    assert told(lines["volets.v.local_min"]) == (0.0, "missing", "unknown")
    assert told(lines["envelope.carry_over"]) == (True, "assumed", default)
    assert told(lines["value.criteria.score.weight"]) == (1.0, "missing", "no source is given")
    assert told(lines["value.criteria.score.normalise"]) == (False, "assumed", default)


def test_terms_of_aids() -> None:
    """A term is listed where it is stated, and once where neither the volet nor the aids state it."""
    aids = {"post": {}, "investment": {"rate": 0.3, "public_cap": 0.9}, "start": {"public_cap": 0.8}}
    volets = {"v": {"phases": ["project"], "aids_mode": "both", "rate": 0.5, "aids": aids}}
    lines = lines_of(scenario_from(scenario_data(volets=volets, sources={"volets.v": "assumed: x"})))
    listed = {path.removeprefix("volets.v."): line.value for path, line in lines.items() if path.startswith("volets.")}
    expected = {"rate": 0.5, "tolerance": 0.0, "local_min": 0.0, "local_required": False, "aids_mode": "both"}
    expected |= {"aids.investment.rate": 0.3, "aids.investment.public_cap": 0.9, "aids.start.public_cap": 0.8}
    expected |= {"aids.post.public_cap": 1.0, "phases": ["project"], "duration": 1, "lag": 0, "payments": [1.0]}
    assert listed == expected
    assert told(lines["volets.v.aids_mode"])[1:] == ("assumed", "x")
    assert lines["volets.v.aids.post.public_cap"].source.render("en") == "default of the format"


def test_conditions_are_listed(base: Path) -> None:
    """What a funder pays, and what a rule measures, of what, where and by what group."""
    lines = lines_of(read_scenario(base))
    assert told(lines["funders.ville.pays.priority_district"]) == (True, "quoted", "002:36")
    assert lines["rules.cap.where.region"].value == ["Bretagne", "Corse"]
    assert [lines[f"rules.cap.{key}"].value for key in ("measure", "of", "by")] == ["share", "envelope", ["region"]]
    assert {line.status for path, line in lines.items() if path.startswith("rules.")} == {"computed"}
    assert "priority.of" not in lines


def test_share_of_a_priority_floor() -> None:
    """What the share is a share of counts where there is one."""
    priority = {"mode": "floor", "order": [["consolidation"]], "share": 0.5}
    lines = lines_of(scenario_from(scenario_data(priority=priority)))
    assert told(lines["priority.of"]) == ("granted", "assumed", "default of the format")


def test_thresholds_of_criteria() -> None:
    """One line for each test: a number that the text does not give is assumed, though the criterion is quoted."""
    lines = lines_of(scenario_from(scenario_data(eligibility={"criteria": "note-2011"})))
    status = {path: line.status for path, line in lines.items() if path.startswith("eligibility.")}
    assert status["eligibility.members.members"] == "quoted"
    assert status["eligibility.social-utility.social_utility_share"] == "quoted"
    assert status["eligibility.local-authority.local_authorities"] == "quoted"
    numeric = {path for path, line in lines.items() if path in status and {"min", "above"} & set(line.value)}
    assert {path for path in numeric if status[path] == "quoted"} == {
        "eligibility.members.members",
        "eligibility.social-utility.social_utility_share",
        "eligibility.local-authority.local_authorities",
    }
    assert status["eligibility.commitment.commitment_years"] == "assumed"
    assert status["eligibility.economic-commitment.mutualised_functions+joint_investments"] == "assumed"
    assert lines["eligibility.strategy.strategy.2"].value == {"one_of": ["draft", "signed"], "phases": ["project"]}


def test_points_of_scored_criteria() -> None:
    """The weight of a scored criterion is a parameter, wherever it is stated."""
    change = {"members": {"status": "scored"}, "partners": {"status": "scored", "weight": 2.0}}
    lines = lines_of(scenario_from(scenario_data(eligibility={"criteria": "note-2011", "set": change})))
    assert told(lines["eligibility.members.weight"]) == (1.0, "assumed", "default of the format")
    assert lines["eligibility.set.partners.weight"].value == 2.0
    assert "eligibility.partners.weight" not in lines


@pytest.mark.parametrize("path", sorted(SETS.glob("*.toml")), ids=lambda path: path.stem)
def test_packaged_criteria_say_from_where(path: Path) -> None:
    """Every test has a source, and none quotes and assumes at once."""
    for criterion in read_criteria(path).criteria:
        for test in criterion.tests:
            source = test.source or criterion.source
            assert source is not None
            assert source.status in ("quoted", "assumed")
            assert not (source.status == "quoted" and "assumed" in source.render("en"))


# --------------------------------------------------------------------------------------------------- sources alone


@pytest.mark.parametrize("found", ["quoted", "computed", "quoted: ", "quoted –"])
def test_source_that_says_nothing(base: Path, found: str) -> None:
    """Quoted or computed from nowhere is a fault, with its line."""
    text = BASE.replace('"envelope" = "quoted 002:34"', f'"envelope" = "{found}"')
    base.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="say from where") as caught:
        read_scenario(base)
    assert [fault.place.line for fault in caught.value.faults] == [
        text.split("\n").index(f'"envelope" = "{found}"') + 1
    ]


@pytest.mark.parametrize("found", ["assumed", "missing", "quoted « là »", "computed: 1/2"])
def test_source_that_says_enough(base: Path, found: str) -> None:
    """What is assumed or missing needs no source."""
    base.write_text(BASE.replace('"envelope" = "quoted 002:34"', f'"envelope" = "{found}"'), encoding="utf-8")
    assert lines_of(read_scenario(base))["envelope.total"].status == found.split()[0].strip(":")


def test_bare_source_of_a_criterion(tmp_path: Path) -> None:
    """A criterion without a source counts as missing; one quoted from nowhere is a fault, with its line."""
    (tmp_path / "own.toml").write_text(
        'format = 1\nname = "own"\n[[criteria]]\nname = "a"\nstatus = "hard"\n'
        'tests = [{ column = "jobs", min = 3 }, { column = "rural", one_of = [true], source = "assumed: x" }]\n'
        '[[criteria]]\nname = "b"\nstatus = "hard"\ntests = [{ column = "jobs", max = 30 }]\n'
    )
    (tmp_path / "s.toml").write_text(
        BASE.replace('"note-2011"', '"own.toml"')
        .replace("[eligibility.set.members]\nmin = 5\n", "")
        .replace('"eligibility.set.members.min" = "quoted 003:635"\n', ""),
        encoding="utf-8",
    )
    lines = lines_of(read_scenario(tmp_path / "s.toml"))
    assert told(lines["eligibility.a.jobs"]) == ({"min": 3}, "missing", "no source is given")
    assert told(lines["eligibility.a.rural"]) == ({"one_of": [True]}, "assumed", "x")
    assert told(lines["eligibility.b.jobs"]) == ({"max": 30}, "missing", "no source is given")
    text = (tmp_path / "own.toml").read_text(encoding="utf-8").replace('"assumed: x"', '"quoted"')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="say from where") as caught:
        criteria_of(read_scenario(tmp_path / "s.toml"))
    assert [fault.place.line for fault in caught.value.faults] == [6]


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("aap-*.toml")), ids=lambda path: path.stem)
def test_national_calls(path: Path) -> None:
    """Their outcomes are not passed off as rules, and their ceiling of public money is stated and assumed."""
    scenario = read_scenario(path)
    lines = lines_of(scenario)
    assert "public_cap" in tomllib.loads(path.read_text(encoding="utf-8"))["volets"]["experimentation"]
    assert lines["volets.experimentation.public_cap"].status == "assumed"
    assert lines["volets.experimentation.grant.min"].status in ("assumed", "missing")
    assert isinstance(lines["volets.experimentation.public_cap"].source, Source)
    members = lines.get("eligibility.members.members")
    assert members is None or members.status == "assumed"
