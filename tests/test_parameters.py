"""Names and units of parameters."""

from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from conftest import scenario_data
from ptce_funding.eligibility import criteria_of
from ptce_funding.ledger import ledger
from ptce_funding.parameters import PARAMETERS, parameter_label, parameter_value
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import read_scenario, scenario_from

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.toml"))
#: Texts and files: not parameters. What is varied, tied and decided is told elsewhere, entry by entry.
OUTSIDE = ("format", "name", "title", "description", "sources", "sweep", "relax", "candidates", "links", "decisions")


def leaves(kind: Any, path: str = "") -> set[str]:
    """Return the paths of a type of the scenario, `*` for the names of tables and lists."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found: set[str] = set()
        for name, field in kind.model_fields.items():
            if name not in OUTSIDE:
                found |= leaves(field.annotation, f"{path}.{name}".lstrip("."))
        return found
    for each in get_args(kind):
        models = leaves(each, f"{path}.*" if get_origin(kind) in (dict, tuple) else path)
        if models - {path, f"{path}.*"}:
            return models
    return {path}


def test_leaves_are_found() -> None:
    """The walk through the types reaches what is nested in tables and lists."""
    assert {"envelope.total", "volets.*.aids.*.grant.min", "rules.*.max", "value.criteria.*.weight"} <= leaves(Scenario)


@pytest.mark.parametrize("path", sorted(leaves(Scenario)))
def test_every_parameter_has_a_name(path: str) -> None:
    """A new field of the format needs a name for readers."""
    above = [path.rsplit(".", n)[0] for n in range(path.count(".") + 1)]
    known = path in PARAMETERS or f"{path}.*" in PARAMETERS
    # The title of a volet is no parameter; a bonus by flag is told after the name of the bonuses.
    assert known or any(each in PARAMETERS for each in above if each.count(".") > 1), path


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_parameters_of_the_scenarios(file: Path) -> None:
    """No parameter of a shipped scenario shows its path, or a word of the format."""
    scenario = read_scenario(file)
    criteria = criteria_of(scenario)
    for line in ledger(scenario, criteria):
        words = line.path.split(".")
        label = parameter_label(words, scenario, criteria).render("en")
        assert label != line.path
        assert label[0].isupper() or not label[0].isalpha()


SCENARIO = scenario_from(
    scenario_data(
        volets={
            "exp": {
                "title": {"fr": "Expérimentation", "en": "Experiment"},
                "phases": ["emerging"],
                "aids": {"post": {"title": "Poste"}},
            }
        },
        rules=[
            {
                "name": "west",
                "title": "Ouest",
                "measure": "share",
                "of": "granted",
                "max": 0.25,
                "where": {"volet": "exp"},
            },
            {"name": "many", "measure": "count", "min": 3},
            {"name": "money", "measure": "amount", "max": 1_000_000},
        ],
    )
)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("envelope.total", "Amount of the envelope"),
        ("volets.exp.rate", "Experiment: highest share of the cost that is granted"),
        ("volets.exp.aids.post.grant.max", "Experiment, Poste: largest grant"),
        ("rules.west.max", "Ouest: maximum"),
        ("rules.1.max", "Ouest: maximum"),
        ("rules.many.min", "Many: minimum"),
        ("rules.west.where.region", "Ouest: what is counted, Region"),
        ("value.phases.emerging", "Emerging: weight of the phase"),
        ("value.volets.exp", "Experiment: weight of the volet"),
        ("nobody.knows", "nobody.knows"),
    ],
)
def test_names(path: str, label: str) -> None:
    """What it concerns by its title, then what it is."""
    assert parameter_label(path, SCENARIO).render("en") == label


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("envelope.total", 3_000_000, "3\u202f000\u202f000\xa0€"),
        ("envelope.tranches", [0.34, 0.66], "34\xa0%, 66\xa0%"),
        ("first_year", 2013, "2013"),
        ("years", 2, "2"),
        ("volets.exp.rate", 0.123456, "12,3456\xa0%"),
        ("volets.exp.grant", {"min": 1_000, "max": 2_500}, "min = 1\u202f000\xa0€, max = 2\u202f500\xa0€"),
        ("volets.exp.phases", ["emerging", "project"], "émergent, en projet"),
        ("rules.west.max", 0.25, "25\xa0%"),
        ("rules.many.min", 3, "3"),
        ("rules.money.max", 1_000_000, "1\u202f000\u202f000\xa0€"),
        ("rules.west.where.volet", "exp", "Expérimentation"),
        ("value.criteria.score.weight", 1.5, "1,5"),
        ("envelope.carry_over", True, "oui"),
        ("envelope.candidate_max", None, "non renseigné"),
    ],
)
def test_values(path: str, value: object, text: str) -> None:
    """Euros, per cents, years and words, as French writes them."""
    assert parameter_value(path, value, SCENARIO).render("fr") == text
