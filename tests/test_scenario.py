"""Scenario files: what is read, what is refused and how it is said."""

from pathlib import Path

import pytest

from conftest import scenario_data
from ptce_funding.call import prepare
from ptce_funding.errors import InputError, ScenarioError
from ptce_funding.loading import read_call
from ptce_funding.messages import LANGUAGES
from ptce_funding.scenario_files import candidates_path, origin_of, read_scenario, scenario_from
from ptce_funding.toml_lines import dotted, lines_of

VALID = """\
format = 1
name = "base"
first_year = 2020
years = 2
[candidates]
file = "pool.csv"
[envelope]
total = 100_000
tranches = [0.5, 0.5]
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
rate_bonus = { priority_district = 0.1 }
[value]
criteria = { score = 1.0 }
[priority]
mode = "strict"
order = [["consolidation"], ["emerging"]]
[[rules]]
name = "cap"
measure = "share"
of = "envelope"
by = ["region"]
max = 0.5
[[decisions]]
candidate = "A"
decision = "fund"
by = "comité"
reason = "engagement"
[sources]
"envelope.total" = "quoted 002:34"
"""

POOL = "id;phase;score;cost;ask;region;priority_district\nA;émergent;1;100000;20000;Bretagne;oui\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the valid scenario and its pool."""
    (tmp_path / "base.toml").write_text(VALID, encoding="utf-8")
    (tmp_path / "pool.csv").write_text(POOL, encoding="utf-8")
    return tmp_path


def test_valid_scenario_is_read(folder: Path) -> None:
    """The kit below breaks this scenario one thing at a time; unbroken it has no fault."""
    scenario, candidates = read_call(folder / "base.toml")
    assert scenario.envelope.total == 100_000
    assert scenario.funder_amounts == {"ville": 30_000, "ess": 70_000}
    assert candidates.ids == ("A",)


# Each case: what is replaced, by what, line and path of the fault, and a word of what is expected.
BROKEN = [
    ("total = 100_000", "totl = 100_000", 8, "envelope.totl", "total"),
    ("total = 100_000", "", 7, "envelope.total", "missing"),
    ("total = 100_000", 'total = "100 000"', 8, "envelope.total", "whole number"),
    ("total = 100_000", "total = 0", 8, "envelope.total", "above 0"),
    ("total = 100_000", "total = 100_000.5", 8, "envelope.total", "whole number"),
    ("total = 100_000", "total = inf", 8, "envelope.total", "whole number"),
    ("[0.5, 0.5]", "[0.5, 0.6]", 9, "envelope.tranches", "110"),
    ("[0.5, 0.5]", "[1.0]", 9, "envelope.tranches", "2 years"),
    ("[0.5, 0.5]", "[0.5, -0.5]", 9, "envelope.tranches.2", "at least 0"),
    ("[0.5, 0.5]", "0.5", 9, "envelope.tranches", "list"),
    ("share = 0.7", "share = 0.8", 10, "funders", "10,000"),
    ("share = 0.7", "share = 0.7\namount = 70_000", 14, "funders.2", "one of"),
    ('name = "ess"', 'name = "ville"', 14, "funders.2", "taken"),
    ("pays = { priority_district = true }", "pays = { priority_distrct = true }", 13, "funders.1.pays", "priority_district"),
    ("pays = { priority_district = true }", 'pays = { priority_district = "oui" }', 13, "funders.1.pays", "true or false"),
    ("pays = { priority_district = true }", 'pays = { funder = "ess" }', 13, "funders.1.pays.funder", "depend"),
    ('["emerging", "consolidation"]', '["emergin", "consolidation"]', 18, "volets.v.phases.1", "emerging"),
    ('["emerging", "consolidation"]', '["emerging"]', 25, "priority.order", "No volet"),
    ('["emerging", "consolidation"]', "[]", 17, "volets.v", "who may enter"),
    ("max = 50_000 }", "max = 5_000 }", 19, "volets.v.grant", "above the largest"),
    ("max = 50_000 }", "max = 50_000, mean = 3 }", 19, "volets.v.grant.mean", "Unknown key"),
    ("grant = {", "rate = 1.5\ngrant = {", 19, "volets.v.rate", "at most 1"),
    ("rate_bonus = { priority_district", "rate_bonus = { region", 20, "rate_bonus.region", "flag|yes or no"),
    ("grant = {", "aids = { post = {}, investment = {} }\ngrant = {", 19, "volets.v.aids", "aids_mode"),
    ("criteria = { score = 1.0 }", "criteria = { skore = 1.0 }", 22, "value.criteria.skore", "score"),
    ("criteria = { score = 1.0 }", "criteria = { region = 1.0 }", 22, "value.criteria.region", "number|Bretagne"),
    ("criteria = { score = 1.0 }", 'criteria = { score = "a" }', 22, "value.criteria.score", "number|table"),
    ('mode = "strict"', 'mode = "strct"', 24, "priority.mode", "strict"),
    ('order = [["consolidation"], ["emerging"]]', "", 23, "priority", "order"),
    ('order = [["consolidation"], ["emerging"]]', 'order = [["consolidation"], ["consolidation"]]', 25, "priority.order", "twice"),
    ('by = ["region"]', 'by = ["regoin"]', 30, "rules.1.by", "region"),
    ("max = 0.5\n", "max = 50\n", 31, "rules.1.max", "0.15"),
    ("max = 0.5\n", "", 26, "rules.1", "min"),
    ('of = "envelope"', "", 26, "rules.1", "of"),
    ('measure = "share"\nof = "envelope"', 'measure = "jobbs"', 28, "rules.1.measure", "jobbs"),
    ('by = ["region"]', 'by = ["region"]\nwhere = { region = "Bretagn" }', 31, "rules.1.where.region", "Bretagne"),
    ('by = ["region"]', 'by = ["region"]\nwhere = { year = 2030 }', 31, "rules.1.where.year", "2020"),
    ('candidate = "A"', 'candidate = "B"', 33, "decisions.1.candidate", "no candidate"),
    ('decision = "fund"', 'decision = "funded"', 34, "decisions.1.decision", "fund"),
    ('reason = "engagement"', "", 32, "decisions.1.reason", "missing"),
    ('"envelope.total" =', '"envelope.totl" =', 38, "envelope.totl", "envelope.total"),
    ('"quoted 002:34"', '"002:34"', 38, "sources", "quoted"),
    ("format = 1", "format = 2", 1, "format", "1"),
    ('name = "base"', 'name = "a b"', 2, "name", "letters"),
    ("first_year = 2020", "first_year = 2020-01-01", 3, "first_year", "whole number"),
    ("years = 2", "years = true", 4, "years", "whole number"),
    ('file = "pool.csv"', 'file = "pol.csv"', None, "", "pol.csv"),
    ("format = 1", "format = = 1", 1, "", "TOML"),
    ("format = 1", "format = 1\nformat = 1", 2, "", "TOML"),
    ("[value]", "[eligibility]\ncriteria = 'note-2012'\n[value]", 22, "eligibility.criteria", "note-2011"),
    ("[value]", "[eligibility]\ncriteria = 'note-2011'\n[value]", 22, "eligibility.criteria", "candidates lack"),
    ("[value]", "[eligibility.set.members]\nmin = 5\n[value]", 21, "eligibility.set.members", "no criterion"),
    ("[value]", "[solve]\nsolver = 3\n[value]", 22, "solve.solver", "text in quotes"),
    ("[value]", "[[links]]\nname='l'\ncandidates=['A']\n[value]", 21, "links.1", "one of"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), BROKEN)
def test_broken_scenario(folder: Path, old: str, new: str, line: int | None, path: str, words: str) -> None:
    """A fault is told with its line, its path and what is expected or nearest."""
    assert old in VALID
    (folder / "base.toml").write_text(VALID.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        prepare(*read_call(folder / "base.toml"))
    rendered = [fault.render("en") for fault in caught.value.faults]
    here = [
        text
        for fault, text in zip(caught.value.faults, rendered, strict=True)
        if line is None or fault.place.line == line
    ]
    assert any(path in text and any(word in text for word in words.split("|")) for text in here), rendered
    for lang in LANGUAGES:
        assert all(fault.render(lang) for fault in caught.value.faults)


def test_all_faults_at_once(folder: Path) -> None:
    """Faults of several parts come together, in the order of the file."""
    text = (
        VALID.replace("100_000", "-1", 1).replace('"strict"', '"strct"').replace("max = 0.5\n", "max = 0.5\nmaxx = 1\n")
    )
    (folder / "base.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_call(folder / "base.toml")
    assert [fault.place.line for fault in caught.value.faults] == [8, 24, 32]


def test_extends_to_any_depth(folder: Path) -> None:
    """A difference of a difference: tables merge, named entries merge, `remove` drops, places are told by file."""
    (folder / "sub").mkdir()
    (folder / "sub" / "one.toml").write_text(
        'extends = "../base.toml"\nname = "one"\nremove = ["decisions.A", "priority"]\n[[rules]]\nname = "cap"\nmax = 0.6\n'
        '[[rules]]\nname = "new"\nmeasure = "count"\nmin = 1\n'
    )
    (folder / "sub" / "two.toml").write_text('extends = "one.toml"\nname = "two"\n[envelope]\ntotal = 200_000\n')
    scenario = read_scenario(folder / "sub" / "two.toml")
    assert (scenario.name, scenario.envelope.total, scenario.envelope.tranches) == ("two", 200_000, (0.5, 0.5))
    assert [(rule.name, rule.max, rule.by) for rule in scenario.rules] == [("cap", 0.6, ("region",)), ("new", None, ())]
    assert scenario.decisions == ()
    assert scenario.priority.mode == "none"
    # The file of candidates is found beside the file that states it.
    path = candidates_path(scenario)
    assert path is not None
    assert path.resolve() == (folder / "pool.csv").resolve()
    place = origin_of(scenario).place(("rules", 0, "max"))
    assert Path(str(place.file)).name == "one.toml"
    assert place.line == 6


def test_extends_in_a_circle(folder: Path) -> None:
    """A circle is refused with its members."""
    (folder / "a.toml").write_text('extends = "b.toml"\n')
    (folder / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(ScenarioError, match=r"circle.*a\.toml.*b\.toml"):
        read_scenario(folder / "a.toml")


def test_extends_nothing(folder: Path) -> None:
    """A base that does not exist is named, with the nearest file."""
    (folder / "a.toml").write_text('extends = "bas.toml"\n')
    with pytest.raises(ScenarioError, match=r"bas\.toml.*base\.toml"):
        read_scenario(folder / "a.toml")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("envelope.total", 100_000),
        ("envelope.tranches", [0.5, 0.5]),
        ("funders.ville.share", 0.3),
        ("funders.1.share", 0.3),
        ('rules."cap".max', 0.5),
        ("priority.mode", "strict"),
        ("decisions.A.decision", "fund"),
    ],
)
def test_override_with_the_same_value_is_the_identity(folder: Path, path: str, value: object) -> None:
    """Nothing changes when a parameter is set to what it is."""
    scenario = read_scenario(folder / "base.toml")
    assert scenario.override(path, value) == scenario
    assert scenario.override(path, value).digest() == scenario.digest()


def test_override_changes_a_copy(folder: Path) -> None:
    """The scenario itself is frozen; a fault of an override is told by its path, not by a line of the file."""
    scenario = read_scenario(folder / "base.toml")
    other = scenario.override("envelope.total", 200_000).override("solve.gap", 0.01)
    assert (scenario.envelope.total, other.envelope.total, other.solve.gap) == (100_000, 200_000, 0.01)
    with pytest.raises(ScenarioError, match=r"^envelope\.total: Found -5") as caught:
        scenario.override("envelope.total", -5)
    assert caught.value.faults[0].place.line is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("envelope.totl", "total"),
        ("rules.capp.max", "cap"),
        ("enveloppe.total", "envelope"),
        ("rules.cap.max.x", "single value"),
        ("a..b", "dotted"),
    ],
)
def test_override_of_what_is_not_there(folder: Path, path: str, words: str) -> None:
    """A wrong path is refused with the nearest word."""
    with pytest.raises(ScenarioError, match=words):
        read_scenario(folder / "base.toml").override(path, 1)


def test_name_in_several_languages() -> None:
    """A name of texts is a title whose French text is the name."""
    scenario = scenario_from(
        scenario_data(rules=[{"name": {"fr": "Plafond", "en": "Cap"}, "measure": "count", "max": 3}])
    )
    assert scenario.rules[0].name == "Plafond"
    assert scenario.rules[0].label("en") == "Cap"
    assert scenario.override("rules.Plafond.max", 4).rules[0].max == 4


def test_lines_of_every_shape() -> None:
    """Inline tables, arrays over lines, quoted and dotted keys, strings that look like syntax."""
    text = 'a = """\n[no]\n"""\n[t."x y"]\nb.c = [\n  1, # ]\n  { d = "]" },\n]\n[[l]]\n[[l]]\n[l.m]\nk = \'#\'\n'
    lines = lines_of(text)
    expected = {
        ("a",): 1,
        ("t", "x y"): 4,
        ("t", "x y", "b", "c"): 5,
        ("t", "x y", "b", "c", 1, "d"): 7,
        ("l", 1): 10,
        ("l", 1, "m", "k"): 12,
    }
    assert {path: lines[path] for path in expected} == expected


def test_dotted_paths() -> None:
    """Quoted segments keep their dots; bare ones may hold spaces and accents."""
    assert dotted('rules."a.b".max') == ("rules", "a.b", "max")
    assert dotted("rules.Au plus 15 %.max") == ("rules", "Au plus 15 %", "max")
    with pytest.raises(ValueError, match=r"a\.\."):
        dotted("a..")
