"""Eligibility: who is refused, by which criteria, with what found and what expected."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from conftest import scenario_data
from ptce_funding.candidates import Candidates
from ptce_funding.eligibility import criteria_of, read_criteria, screen, set_names
from ptce_funding.errors import ScenarioError
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import read_scenario, scenario_from

NOTE = (
    "id;phase;ess_members;other_stakeholders;members;member_types;voluntary;strategy;local_member_share;"
    "social_utility_share;commitment_years;one_off_project;mutualised_functions;joint_investments;local_authorities;"
    "sole_function"
)
SOUND = "émergent;1;1;5;2;oui;signée;0,5;0,51;3;non;0;1;1;"


def under(criteria: str, **changes: object) -> Scenario:
    """Return a scenario under a set of criteria with changes."""
    return scenario_from(scenario_data(eligibility={"criteria": criteria, "set": changes}))


def refused(scenario: Scenario, candidates: Candidates) -> dict[str, list[str]]:
    """Return the names of the failed criteria by candidate."""
    failures = screen(criteria_of(scenario), candidates).failures
    return {candidates.ids[i]: [each.criterion.name for each in found] for i, found in failures.items()}


def test_packaged_sets() -> None:
    """The sets have the numbers of criteria that their texts have: 8 and 5 exclusions, 7, 8, none."""
    assert set_names() == ["cahier-2011", "decree-2015", "none", "note-2011"]
    counts = {}
    for name in set_names():
        criteria = criteria_of(under(name)).applied
        counts[name] = tuple(sum(each.status == status for each in criteria) for status in ("hard", "exclusion"))
        assert all(each.source for each in criteria)
    assert counts == {"cahier-2011": (7, 0), "decree-2015": (8, 0), "none": (0, 0), "note-2011": (8, 5)}


@pytest.mark.parametrize(
    ("row", "failed"),
    [
        (SOUND, []),
        ("émergent;0;1;5;2;oui;signée;0,5;0,51;3;non;0;1;1;", ["partners"]),
        ("émergent;1;1;4;2;oui;signée;0,5;0,51;3;non;0;1;1;", ["members"]),
        ("émergent;1;1;5;2;non;signée;0,5;0,51;3;non;0;1;1;", ["members"]),
        ("émergent;1;1;5;2;oui;ébauche;0,5;0,51;3;non;0;1;1;", ["strategy"]),
        ("en projet;1;1;5;2;oui;ébauche;0,5;0,51;3;non;0;1;1;", []),
        ("émergent;1;1;5;2;oui;signée;0,49;0,5;3;non;0;1;1;", ["local-roots", "social-utility"]),
        ("émergent;1;1;5;2;oui;signée;0,5;0,51;3;oui;0;1;1;", ["commitment"]),
        ("émergent;1;1;5;2;oui;signée;0,5;0,51;3;non;0;0;1;", ["economic-commitment"]),
        ("émergent;1;1;5;2;oui;signée;0,5;0,51;3;non;0;1;0;", ["local-authority"]),
        ("émergent;1;1;5;2;oui;signée;0,5;0,51;3;non;0;1;1;CCI", ["development-agency"]),
        ("émergent;;1;5;2;;signée;0,5;0,51;3;non;0;1;1;", ["partners", "members"]),
    ],
)
def test_note_of_2011(read_text: Callable[..., Candidates], row: str, failed: list[str]) -> None:
    """One candidate at the thresholds passes; each departure fails what it should, a blank cell meets nothing."""
    candidates = read_text(f"{NOTE}\na;{row}")
    assert refused(under("note-2011"), candidates) == ({"a": failed} if failed else {})


def test_cahier_lacks_the_local_authority(read_text: Callable[..., Candidates]) -> None:
    """The eighth criterion stands in the note only."""
    candidates = read_text(f"{NOTE}\na;émergent;1;1;5;2;oui;signée;0,5;0,51;3;non;0;1;0;CCI")
    assert refused(under("cahier-2011"), candidates) == {}


def test_decree_of_2015(read_text: Callable[..., Candidates]) -> None:
    """Three members instead of five, a firm outside the social economy, no second support."""
    head = (
        "id;phase;private_law;legal_persons;ess_enterprises;non_ess_enterprises;other_members;innovative;"
        "defined_territory;earlier_state_support"
    )
    rows = "a;émergent;oui;3;1;1;1;oui;oui;non\nb;émergent;oui;3;2;0;1;oui;oui;non\nc;émergent;oui;2;1;1;1;oui;oui;oui"
    expected = {"b": ["other-enterprise"], "c": ["legal-persons", "first-support"]}
    assert refused(under("decree-2015"), read_text(f"{head}\n{rows}")) == expected


def test_changes_of_a_criterion(read_text: Callable[..., Candidates]) -> None:
    """A threshold moves, a criterion is ignored, or scores."""
    candidates = read_text(f"{NOTE}\na;{SOUND}")
    assert refused(under("note-2011", members={"min": 10}), candidates) == {"a": ["members"]}
    assert refused(under("note-2011", members={"min": 10, "status": "ignored"}), candidates) == {}
    changes = {"members": {"status": "scored", "weight": 2.5}, "partners": {"status": "scored", "weight": 1.0}}
    screening = screen(criteria_of(under("note-2011", **changes)), candidates)
    assert screening.points.tolist() == [3.5]
    assert screening.admissible.tolist() == [True]


def test_reasons_have_figures(read_text: Callable[..., Candidates]) -> None:
    """A refusal tells what was found and what was expected, in both languages."""
    candidates = read_text(f"{NOTE}\na;émergent;1;1;4;2;oui;ébauche;0,5;0,51;3;non;0;0;1;")
    texts = [each.message.texts() for each in screen(criteria_of(under("note-2011")), candidates).failures[0]]
    assert "4, expected at least 5" in texts[0]["en"]
    assert "4" in texts[0]["fr"]
    assert "au moins 5" in texts[0]["fr"]
    assert "ébauche" in texts[1]["fr"]
    assert "signée" in texts[1]["fr"]
    assert "0, 0" in texts[2]["en"]


def test_own_criteria(tmp_path: Path, read_text: Callable[..., Candidates]) -> None:
    """A file of the user's own, beside the scenario; its faults have lines."""
    (tmp_path / "own.toml").write_text(
        'format = 1\nname = "own"\n[[criteria]]\nname = "rural"\nstatus = "hard"\ntests = [{ column = "rural", one_of = [true] }]\n'
    )
    data = (
        'format = 1\nname = "s"\nfirst_year = 2020\n[envelope]\ntotal = 1000\n[volets.v]\nphases = ["project"]\n'
        '[value]\ncriteria = { score = 1 }\n[eligibility]\ncriteria = "own.toml"\n'
    )
    (tmp_path / "s.toml").write_text(data)
    scenario = read_scenario(tmp_path / "s.toml")
    candidates = read_text("id;phase;rural\na;projet;oui\nb;projet;non\nc;projet;")
    assert refused(scenario, candidates) == {"b": ["rural"], "c": ["rural"]}
    (tmp_path / "own.toml").write_text(
        'format = 1\nname = "own"\n[[criteria]]\nname = "x"\nstatus = "hrd"\ntests = []\n'
    )
    with pytest.raises(ScenarioError) as caught:
        criteria_of(scenario)
    assert [fault.place.line for fault in caught.value.faults] == [5, 6]
    assert caught.value.faults[0].hint == "hard"


def test_source_of_a_test(tmp_path: Path, read_text: Callable[..., Candidates]) -> None:
    """A test may say where its threshold comes from; who is refused does not depend on it."""
    head = 'format = 1\nname = "own"\n[[criteria]]\nname = "rural"\nstatus = "hard"\nsource = "quoted x"\n'
    candidates = read_text("id;phase;rural\na;projet;oui\nb;projet;non")
    for source in ("", ', source = "assumed: y"'):
        (tmp_path / "own.toml").write_text(head + f'tests = [{{ column = "rural", one_of = [true]{source} }}]\n')
        criteria = read_criteria(tmp_path / "own.toml")
        stated = criteria.criteria[0].tests[0].source
        assert (stated and (stated.status, stated.render("fr"))) == (("assumed", "y") if source else None)
        assert screen(criteria, candidates).admissible.tolist() == [True, False]
    (tmp_path / "own.toml").write_text(head + 'tests = [{ column = "rural", one_of = [true], source = 3 }]\n')
    with pytest.raises(ScenarioError, match="text in quotes"):
        read_criteria(tmp_path / "own.toml")


def test_nobody_is_refused_without_criteria(read_text: Callable[..., Candidates]) -> None:
    """The set `none` admits all."""
    assert np.all(screen(criteria_of(under("none")), read_text("id;phase\na;projet")).admissible)
