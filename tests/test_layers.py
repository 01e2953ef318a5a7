"""The house: imports point down, the public face is what it says, files stay small, docs keep up with the format."""

import ast
import doctest
import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import ptce_funding
from conftest import ROOT
from ptce_funding.parts import Part
from ptce_funding.scenario import Scenario

PACKAGE = ROOT / "src" / "ptce_funding"

#: The floors of the house, bottom first. A module imports from its own floor and those below.
FLOORS = [
    [
        "languages",
        "designs",
        "solver_names",
        "messages",
        "errors",
        "money",
        "toml_lines",
        "toml_syntax",
        "files",
        "selection",
        "ondemand",
        "cells",
        "geography",
        "pool",
        "unsatisfiable",
    ],
    [
        "parts",
        "volets",
        "variation",
        "scenario",
        "schema",
        "scenario_faults",
        "scenario_files",
        "scenario_checks",
        "scenario_volets",
        "scenario_sweep",
        "workbooks",
        "tables",
    ],
    [
        "candidate_columns",
        "vocabulary",
        "candidate_set",
        "candidate_export",
        "candidates",
        "eligibility",
        "matching",
        "loading",
        "conditions",
        "ledger",
        "parameters",
    ],
    ["synthesis_profile", "synthesis"],
    ["awards", "benefits", "value", "steps", "plans", "prospects", "rules", "charges", "funding", "problem"],
    ["sheet", "money_rows", "formulation"],
    ["call", "solvers", "split", "limits", "plain_clashes", "serving", "ranking", "obstacles", "refusals", "tidying"],
    [
        "audit",
        "audit_money",
        "audit_steps",
        "settlement",
        "allocation",
        "feasibility",
        "elastic",
        "repairs",
        "clash",
        "costing",
        "restriction",
        "nesting",
        "variants",
        "diversity",
    ],
    ["accounts", "outcomes", "breakdown", "comparators", "indicators", "export", "frames", "starter"],
    ["sweeping", "comparing", "explaining"],
    ["report"],
    ["cli", "__main__", "__init__"],
]
#: Exceptions, each with its reason.
ALLOWED = {
    ("matching", "steps"): "the names of money columns are settled where the money is used",
    ("comparing", "report"): "results are compared as they are written, those just computed like those written before",
    ("allocation", "frames"): "data frames at the public face, imported when asked for",
}


def floor_of(module: str) -> int:
    """Return the floor of a module."""
    return next(number for number, modules in enumerate(FLOORS) if module in modules)


def test_imports_point_down() -> None:
    """No module imports from a floor above its own."""
    for path in PACKAGE.rglob("*.py"):
        module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ptce_funding."):
                imported = node.module.split(".")[1]
                if (module, imported) not in ALLOWED and module != "__init__":
                    assert floor_of(imported) <= floor_of(module), f"{module} imports {imported}"


def test_public_names() -> None:
    """`__all__` is sorted, complete, and every name is there with a docstring."""
    assert ptce_funding.__all__ == sorted(ptce_funding._HOMES)
    for name in ptce_funding.__all__:
        assert getattr(ptce_funding, name).__doc__


def test_public_functions_have_docstrings() -> None:
    """Every module, and every function and class that is not private, says what it is."""
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_files_stay_small() -> None:
    """A file past 400 lines has a second job in it."""
    long = {
        path.name: n
        for path in PACKAGE.rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_no_print_in_the_library() -> None:
    """Printing belongs to the command line and its reports."""
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"^\s*print\(", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_no_text_hides_in_an_fstring() -> None:
    """Texts are collected for translators from the source, which looks into no f-string."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            inside = ast.walk(node) if isinstance(node, ast.JoinedStr) else ()
            called = {each.func.id for each in inside if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
            assert not called & {"N_", "message", "gettext"}, f"{path.name}: {ast.unparse(node)}"


def test_catalogues_are_current_and_complete() -> None:
    """No text is untranslated, none is orphaned, and what the program reads is what the translators wrote."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "catalogues.py"), "check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_translations_keep_their_fields() -> None:
    """A translation has the fields of its source, with their forms; click's quotation marks (!r) become those of the language."""
    from babel.messages.pofile import read_po

    with (PACKAGE / "locales" / "fr" / "LC_MESSAGES" / "ptce_funding.po").open("rb") as file:
        for each in read_po(file, locale="fr"):
            if isinstance(each.id, str) and each.id:
                fields = re.compile(r"\{[^{}]*\}")
                assert sorted(fields.findall(each.id.replace("!r", ""))) == sorted(
                    fields.findall(str(each.string).replace("!r", ""))
                ), each.id


def test_documented_keys_are_the_format() -> None:
    """docs/scenario.md names every key of the format."""
    text = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")

    def keys(part: type[Part]) -> set[str]:
        found = set(part.model_fields)
        for field in part.model_fields.values():
            for inner in re.findall(r"ptce_funding\.(?:scenario|parts)\.(\w+)", str(field.annotation)):
                kind = getattr(sys.modules["ptce_funding.scenario"], inner, None)
                if isinstance(kind, type) and issubclass(kind, Part) and kind is not part:
                    found |= keys(kind)
        return found

    missing = {key for key in keys(Scenario) - {"fr", "en"} if not re.search(rf"\b{key}\b", text)}
    assert not missing


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_schema_accepts_the_scenarios(path: Path) -> None:
    """Editors do not complain about what the program accepts."""
    import tomllib

    schema = json.loads((ROOT / "scenarios" / "ptce-scenario.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema)


def test_docstring_examples() -> None:
    """Examples in docstrings run."""
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(["ptce_funding", *path.relative_to(PACKAGE).with_suffix("").parts])
        if ">>>" in path.read_text(encoding="utf-8"):
            __import__(name)
            assert doctest.testmod(sys.modules[name]).failed == 0
