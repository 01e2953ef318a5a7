"""Sources in the languages of their readers: two forms of one thing, restated whole, shown in the language asked for."""

import html
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import Candidates
from ptce_funding.cli.main import run
from ptce_funding.comparators import comparators
from ptce_funding.eligibility import SETS, criteria_of, read_criteria
from ptce_funding.errors import CandidatesError, ScenarioError
from ptce_funding.ledger import LedgerLine, ledger
from ptce_funding.loading import read_call
from ptce_funding.messages import LANGUAGES
from ptce_funding.parts import STATUSES, Source
from ptce_funding.report.document import as_json, document
from ptce_funding.report.html.report import report
from ptce_funding.report.workbook_tables import sources_table
from ptce_funding.scenario import Scenario
from ptce_funding.scenario_files import overridden, read_scenario, scenario_from
from ptce_funding.synthesis_profile import read_profile

BASE = """\
format = 1
name = "base"
first_year = 2020
[envelope]
total = 100_000
payments_max = [1_000, 2_000]
[volets.v]
phases = ["emerging", "consolidation"]
grant = { min = 10_000, max = 50_000 }
rate = 0.5
[value]
criteria = { score = 1.0 }
[[rules]]
name = "cap"
measure = "amount"
by = ["region"]
max = 25_000
[sources]
"first_year" = "quoted 002:34"
"envelope.total" = { status = "assumed", fr = "une hypothèse", en = "an assumption" }
"volets.v" = { status = "computed", en = "the half" }
"rules" = "assumed"
"""
#: What reads well in any language: lines of texts and pages.
REFERENCE = r"(\d{3}:\d+(-\d+)?|[\w-]+(\.[\w-]+)+(/[\w-]+)*)"
SHIPPED = [
    path
    for path in sorted(
        [
            *(ROOT / "scenarios").glob("*.toml"),
            *SETS.glob("*.toml"),
            *(SETS.parent / "profiles").glob("*.toml"),
            SETS.parent / "data" / "comparators.toml",
        ]
    )
    if path.stem != "none"
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A scenario whose sources take every form."""
    path = tmp_path / "base.toml"
    path.write_text(BASE, encoding="utf-8")
    return path


def lines_of(scenario: Scenario) -> dict[str, LedgerLine]:
    """Return the ledger by path."""
    return {line.path: line for line in ledger(scenario, criteria_of(scenario))}


def told(line: LedgerLine) -> tuple[str, str, str]:
    """Return status and source in both languages."""
    return line.status, line.source.render("fr"), line.source.render("en")


# --------------------------------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("quoted 002:34", {"status": "quoted", "fr": "002:34", "en": "002:34"}),
        ("quoted: 002:34", {"status": "quoted", "fr": "002:34"}),
        ("assumed\u00a0: une page", {"status": "assumed", "en": "une page"}),
        ("missing", {"status": "missing"}),
        ("assumed as in 2023: x", {"status": "assumed", "en": "as in 2023: x", "fr": ""}),
    ],
)
def test_two_forms_of_a_source(short: str, long: dict[str, str]) -> None:
    """A string is a table whose text is the same for everybody, and so is a table in one language."""
    assert Source.model_validate(short) == Source.model_validate(long)
    one, other = (scenario_from(scenario_data(sources={"years": each})) for each in (short, long))
    assert one == other
    assert one.digest() == other.digest()
    assert scenario_from(one.model_dump(mode="json", exclude_unset=True)) == one


def test_languages_differ() -> None:
    """Two languages are not one, and the text is that of the language asked for."""
    both = Source.model_validate({"status": "assumed", "fr": "une page", "en": "a page"})
    assert both.texts() == {"fr": "une page", "en": "a page"}
    assert both != Source.model_validate("assumed: a page")


def test_ledger_in_two_languages(base: Path) -> None:
    """Each line has its status and its source, in the languages that the file gives."""
    lines = lines_of(read_scenario(base))
    assert told(lines["envelope.total"]) == ("assumed", "une hypothèse", "an assumption")
    assert told(lines["volets.v.rate"]) == ("computed", "the half", "the half")
    assert told(lines["first_year"]) == ("quoted", "002:34", "002:34")
    assert told(lines["rules.cap.max"]) == ("assumed", "", "")


# -------------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("wrong", "words", "hint"),
    [
        ('"assumd: x"', "begins with quoted, computed, assumed or missing", "assumed"),
        ('"002:34"', "begins with quoted, computed, assumed or missing", None),
        ('""', "begins with quoted, computed, assumed or missing", None),
        ("3", "a text in quotes", None),
        ('{ status = "quotd", fr = "x" }', "one of: quoted, computed, assumed, missing", "quoted"),
        ('{ status = "assumed", fr = 3 }', "a text in quotes", None),
        ('{ fr = "x" }', "A required parameter is missing", None),
        ('{ status = "quoted" }', "say from where", None),
        ('{ status = "computed", en = "–" }', "say from where", None),
        ('"quoted –"', "say from where", None),
        ('{ status = "assumed", frr = "x" }', "Unknown key “frr”", "fr"),
    ],
)
def test_faults_of_sources(base: Path, tmp_path: Path, wrong: str, words: str, hint: str | None) -> None:
    """The same faults in a scenario, in a criterion and in a test, with their lines; told of a profile too."""
    base.write_text(BASE.replace('"quoted 002:34"', wrong), encoding="utf-8")
    line = BASE[: BASE.index('"quoted 002:34"')].count("\n") + 1
    with pytest.raises(ScenarioError) as caught:
        read_scenario(base)
    [fault] = caught.value.faults
    assert words in fault.message.render("en")
    assert (fault.place.line, fault.hint) == (line, hint)

    own = (
        f'format = 1\nname = "own"\n[[criteria]]\nname = "a"\nstatus = "hard"\nsource = {wrong}\n'
        f'tests = [\n{{ column = "jobs", min = 3, source = {wrong} }}]\n'
    )
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_criteria(tmp_path / "own.toml")
    assert all(words in each.message.render("en") for each in caught.value.faults)
    assert [(each.place.line, each.hint) for each in caught.value.faults] == [(6, hint), (8, hint)]

    text = (SETS.parent / "profiles" / "demo.toml").read_text(encoding="utf-8")
    (tmp_path / "profile.toml").write_text(text + f"phases = {wrong}\n", encoding="utf-8")
    with pytest.raises(CandidatesError) as profile:
        read_profile(tmp_path / "profile.toml")
    [fault] = profile.value.faults
    assert str(fault.place.path).startswith("sources.phases")
    assert fault.hint == hint


# ---------------------------------------------------------------------------------------------------- differences and changes


@pytest.mark.parametrize(
    ("stated", "status", "fr", "en"),
    [
        ('"envelope.total" = { status = "quoted", fr = "une page" }', "quoted", "une page", "une page"),
        ('"envelope.total" = { status = "quoted", fr = "une page", en = "a page" }', "quoted", "une page", "a page"),
        ('"envelope.total" = "quoted x"', "quoted", "x", "x"),
        ('"envelope" = { status = "quoted", en = "a page" }', "quoted", "a page", "a page"),
        ('[sources."envelope.total"]\nstatus = "quoted"\nen = "a page"', "quoted", "a page", "a page"),
    ],
)
def test_a_difference_restates_a_source_whole(base: Path, stated: str, status: str, fr: str, en: str) -> None:
    """Nothing is left of the old source, and the new one vouches for the value of its own file."""
    path = base.parent / "over.toml"
    path.write_text(f'extends = "base.toml"\nname = "over"\n[envelope]\ntotal = 200_000\n[sources]\n{stated}\n')
    lines = lines_of(read_scenario(path))
    assert told(lines["envelope.total"]) == (status, fr, en)
    path.write_text(f'extends = "base.toml"\nname = "over"\n[sources]\n{stated}\n')
    expected = ("assumed", "une hypothèse", "an assumption") if '"envelope" ' in stated else (status, fr, en)
    assert told(lines_of(read_scenario(path))["envelope.total"]) == expected


def test_a_difference_without_a_source(base: Path) -> None:
    """The source of the base is told in the language asked for, with its status."""
    path = base.parent / "over.toml"
    path.write_text('extends = "base.toml"\nname = "over"\n[envelope]\ntotal = 200_000\n')
    status, fr, en = told(lines_of(read_scenario(path))["envelope.total"])
    assert status == "assumed"
    assert en == "changed by over.toml, which states no source; in the base: assumed: an assumption"
    assert fr.endswith("\u00a0: supposé\u00a0: une hypothèse")


@pytest.mark.parametrize(
    ("path", "value", "fr", "en"),
    [
        (
            "envelope.total",
            5e6,
            "100\u202f000\u00a0€ (supposé\u00a0: une hypothèse)",
            "€100,000 (assumed: an assumption)",
        ),
        ("volets.v.rate", 0.6, "50\u00a0% (calculé\u00a0: the half)", "50% (computed: the half)"),
        ("volets.v.grant.max", 60_000, "50\u202f000\u00a0€ (calculé\u00a0: the half)", "€50,000 (computed: the half)"),
        ("rules.cap.max", 30_000, "25\u202f000\u00a0€ (supposé)", "€25,000 (assumed)"),
        ("first_year", 2021, "2020 (cité\u00a0: 002:34)", "2020 (quoted: 002:34)"),
        (
            "volets.v.phases",
            ["project"],
            "émergent, en consolidation (calculé\u00a0: the half)",
            "emerging, consolidation (computed: the half)",
        ),
        ("envelope.payments_max", [4, 5], "1\u202f000\u00a0€, 2\u202f000\u00a0€", "€1,000, €2,000"),
    ],
)
def test_a_change_tells_the_old_value(base: Path, path: str, value: Any, fr: str, en: str) -> None:
    """As the readers of the language write it, money as money, with status and source in their words."""
    status, *texts = told(lines_of(overridden(read_scenario(base), {path: value}))[path])
    assert status == "assumed"
    assert texts[0].endswith(f": {fr}")
    assert texts[1] == f"changed on the command line; in the file: {en}"


def test_sources_on_the_command_line(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table may be given, a language mended; a file's unsound source that is dropped there does no harm."""
    source = {"status": "quoted", "fr": "une page", "en": "a page"}
    scenario = read_scenario(base, {"envelope.total": 200_000, 'sources."envelope.total"': source})
    assert told(lines_of(scenario)["envelope.total"]) == ("quoted", "une page", "a page")
    scenario = read_scenario(base, {'sources."envelope.total".en': "a guess"})
    assert told(lines_of(scenario)["envelope.total"]) == ("assumed", "une hypothèse", "a guess")
    base.write_text(BASE.replace('"quoted 002:34"', '"unsound"'), encoding="utf-8")
    scenario = read_scenario(base, {"envelope.total": 200_000, "sources": {}})
    assert told(lines_of(scenario)["envelope.total"])[2].endswith("in the file: €100,000 (assumed: an assumption)")


# -------------------------------------------------------------------------------------------------------------- what is shipped


def stated_sources(value: Any, is_source: bool = False) -> Iterator[Any]:
    """Yield the sources of a file, in either form."""
    if is_source and (isinstance(value, str) or "fr" in value or "en" in value):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from stated_sources(each, is_source or key in ("source", "sources"))
    elif isinstance(value, list):
        for each in value:
            yield from stated_sources(each, is_source)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_sources_are_in_both_languages(path: Path) -> None:
    """A bare string is a status alone or nothing but references; prose is in French and in English, with the same figures."""
    found = list(stated_sources(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert found
    for each in found:
        if isinstance(each, str):
            assert re.fullmatch(rf"assumed|quoted:? {REFERENCE}(, {REFERENCE})*", each), each
            continue
        fr, en = each["fr"], each["en"]
        assert fr != en
        assert figures(fr) == figures(en)
        assert not re.search(
            r"[“”’]|[^\u202f][;?!]|[^\u00a0kM]€|[^\u00a0][kM]€|[^\u00a0][%»]|«[^\u00a0]|[^\u00a0\d]:(?!//)| [:;]", fr
        ), fr
        assert not re.search(r"[«»\u00a0\u202f]", en), en


def figures(text: str) -> list[str]:
    """Return the numbers of a text, however its language writes them."""
    text = re.sub(r"(?<=\d)[ \u202f.](?=\d{3}(?!\d))", "", text)
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", text)))


def test_a_source_in_one_language_would_be_noticed() -> None:
    """The check above sees English prose in a string, and other figures."""
    assert not re.fullmatch(rf"assumed|quoted:? {REFERENCE}(, {REFERENCE})*", "quoted 003:634-660: the criteria")
    assert not re.fullmatch(rf"assumed|quoted:? {REFERENCE}(, {REFERENCE})*", "assumed: no wait")
    assert (
        figures("2,75 M€, 45\u202f000 €, 003:634-660") == figures("2.75 M€, 45 000 €, 003:634-660") != figures("275 M€")
    )


def test_other_schemes_are_quoted_in_both_languages() -> None:
    for each in comparators():
        assert len({each.source.render(lang) for lang in LANGUAGES}) == 2


# ------------------------------------------------------------------------------------------------------------------ what is shown


def test_reports_of_the_call_of_2013_speak_one_language() -> None:
    """Page, workbook and ledger have the sources of their language and none of the other; the data have both."""
    scenario, candidates = read_call(ROOT / "scenarios" / "aap-2013.toml")
    allocation = allocate(scenario, candidates, solver="ranking")
    data = as_json(document(allocation, "ptce-fund simulate x.toml"))
    texts = [each.texts() for each in scenario.sources.values()]
    prose = [each for each in texts if each["fr"] != each["en"]]
    assert len(prose) > 10
    for lang, other in (("fr", "en"), ("en", "fr")):
        page = html.unescape(report(data.encode(), lang).decode())
        cells = [str(cell) for row in sources_table(allocation, lang).rows() for cell in row]
        assert all(each[lang] in page and each[lang] in cells for each in prose)
        assert not [each[other] for each in prose if each[other] in page or each[other] in cells]
        schemes = [each.source.texts() for each in comparators()]
        assert all(each[lang] in page and each[other] not in page for each in schemes)
    sources = {line["path"]: line for line in json.loads(data)["sources"]}
    assert sources["envelope.total"]["source"] == "002:34"
    assert sources["envelope.grant_step"]["source"] == scenario.sources["envelope.grant_step"].texts()
    assert {line["status"] for line in sources.values()} <= set(STATUSES)


@pytest.mark.parametrize(("lang", "other"), [("fr", "en"), ("en", "fr")])
def test_check_in_one_language(lang: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The ledger in the terminal."""
    path = ROOT / "scenarios" / "aap-2013.toml"
    source = read_scenario(path).sources["value.scale"]
    assert run(["check", str(path), "--lang", lang]) == 0
    shown = re.sub(r"\s+", "", capsys.readouterr().out)
    assert re.sub(r"\s+", "", source.render(lang)) in shown
    assert re.sub(r"\s+", "", source.render(other)) not in shown


def test_refusals_cite_sources_in_one_language(read_text: Callable[..., Candidates]) -> None:
    from ptce_funding.eligibility import screen
    from ptce_funding.explaining.words import failed

    criteria = read_criteria(SETS / "decree-2015.toml")
    scenario = scenario_from(scenario_data(eligibility={"criteria": "decree-2015"}))
    columns = {column: "oui" for criterion in criteria.criteria for test in criterion.tests for column in test.columns}
    columns |= dict.fromkeys(("legal_persons", "ess_enterprises", "non_ess_enterprises", "other_members"), "3")
    columns |= {"earlier_state_support": "non", "legal_persons": "2"}
    table = ";".join(("id", "phase", *columns)) + "\n" + ";".join(("a", "projet", *columns.values()))
    screening = screen(criteria, read_text(table, scenario))
    [failure] = screening.failures[0]
    assert failed(failure).render("fr").endswith("(cité\u00a0: décret n°\u00a02015-431, 2°)")
    assert failed(failure).render("en").endswith("(quoted: decree 2015-431, 2°)")
