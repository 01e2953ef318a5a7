"""Reports of comparisons: the differences that can be worked out by hand, however many scenarios there are."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from ptce_funding.candidates import Candidates
from ptce_funding.cli.main import run
from ptce_funding.errors import InputError
from ptce_funding.messages import LANGUAGES, joined
from ptce_funding.report.document import as_json
from ptce_funding.report.html.report import report
from report_cases import HOSTILE, Reader, captions, compared, paths
from sweep_cases import write_call

#: 100 k€ fund b and c, worth 5; 80 k€ fund b and d, worth 4; 50 k€ fund b alone.
FEW = (100_000, 80_000)
MANY = (100_000, 80_000, 50_000, 60_000, 30_000)


@pytest.fixture
def few(read_text: Callable[..., Candidates]) -> dict[str, Any]:
    """Two envelopes side by side."""
    return compared(read_text, *FEW)


def page_of(compared: dict[str, Any], lang: str = "en") -> Reader:
    """Return the page of a comparison."""
    return Reader(report(as_json(compared).encode(), lang))


def sections(told: Reader) -> list[str]:
    """Return the sections of a page."""
    return [attributes["id"] or "" for attributes in told.all("section")]


def test_what_a_comparison_says(few: dict[str, Any]) -> None:
    """With 20 k€ less c makes room for d, who has no place on the map."""
    told = page_of(few)
    said = told.said()
    for sentence in (
        "Compared: 100 k, 80 k; the baseline is “100 k”.",
        "Parameters in which they differ: 1 (Amount of the envelope).",
        "Granted: €80,000 at least (“80 k”), €100,000 at most (“100 k”).",
        "Candidates funded in each: 2.",
        "Value, as the baseline counts it: 4 at least (“80 k”), 5 at most (“100 k”).",
        "Candidates funded in all 2 allocations: 1; in some: 2; in none: 1.",
        "1. 100 k (baseline) optimal €100,000 €100,000 2 5 – –",
        "2. 80 k optimal €80,000 €80,000 2 4 1 1",
        "Granted (€) €100,000 €80,000 -€20,000",
        "80 k c, Serre €50,000",
        "Who is not funded although there is more money Scenario Candidate Grant Why not any more 80 k d, Moulin €30,000",
        "Candidates taken in: 1, with €50,000, worth 2 to the baseline; dropped: 1, with €30,000, worth 1.",
        "Funded in all: b.",
        "c, Serre La Réunion project ●○ 1 €50,000 €0",
        "ptce-fund simulate small.toml # 80000",
    ):
        assert sentence in said, sentence
    # D, funded with 80 k€ alone, may be anywhere: how even that is cannot be told.
    (gini,) = (line["values"] for line in few["figures"] if line["name"] == "gini")
    assert gini[0] is not None
    assert gini[1] is None
    assert "Synthetic candidates" not in said
    assert sections(told) == [
        "summary",
        "overview",
        "parameters",
        "figures",
        "money",
        "regions",
        "moves",
        "patterns",
        "replay",
    ]


def test_euros_by_inhabitant(few: dict[str, Any]) -> None:
    """Corse gets 50 k€ in both, La Réunion in one; both divided by those who live there, rounded up."""
    lines = {each["region"]: each for each in few["regions"]}
    assert lines["Corse"]["granted"] == [50_000, 50_000]
    assert lines["La Réunion"]["granted"] == [50_000, 0]
    heads = {name: -(-50_000_000 // line["inhabitants"]) for name, line in lines.items() if any(line["granted"])}
    assert set(heads) == {"Corse", "La Réunion"}
    said = page_of(few).said()
    assert f"Corse: €{heads['Corse']} per 1,000 inhabitants" in said
    assert f"La Réunion €{heads['La Réunion']} €0" in said


def test_figures_are_copied_as_numbers(few: dict[str, Any]) -> None:
    """What a spreadsheet takes has neither signs of euros nor apostrophes; of projects c gets 50 k€, then d 30 k€."""
    text = report(as_json(few).encode(), "en").decode()
    assert "Granted (€), phase project\t50000\t30000\t-20000\n" in text
    assert "Granted (€), phase project €50,000 €30,000 -€20,000" in page_of(few).said()


def test_reasons_are_spaced_as_the_language_does() -> None:
    """French leaves a narrow no-break space before a semicolon, English none."""
    assert joined(["a", "b"], "fr") == "a\u202f; b"
    assert joined(["a", "b"], "en") == "a; b"


def test_wide_drawings_keep_their_width(few: dict[str, Any]) -> None:
    """Two maps beside each other are not squeezed on a telephone; charts of two panels are shown whole."""
    classes = {each["width"]: each.get("class") for each in page_of(few).all("svg")}
    assert classes["860"] == "wide"
    assert None in classes.values()


@pytest.mark.parametrize(("totals", "maps", "tables"), [(FEW, 2, 1), (MANY, 0, 2)])
def test_few_and_many(read_text: Callable[..., Candidates], totals: tuple[int, ...], maps: int, tables: int) -> None:
    """Up to four scenarios have a map each; more have coloured cells, and their figures a table for every two."""
    told = page_of(compared(read_text, *totals))
    # 13 regions and five overseas, each with a title.
    shapes = sum(tag == "title" and "g" in inside for tag, _, inside in told.elements)
    assert shapes == 18 * maps
    named = [each for each in captions(told) if each.startswith("Figures and differences")]
    assert len(named) == tables
    assert ("Outlines of the map" in told.said()) == bool(maps)


def test_without_an_allocation(read_text: Callable[..., Candidates]) -> None:
    """Two that must be funded cannot be for 50 k€: the scenario stays, with its reason, and nobody leaves it."""
    rules = [{"name": "two", "measure": "count", "min": 2}]
    said = page_of(compared(read_text, 100_000, 50_000, rules=rules)).said()
    assert "50 k: No allocation keeps all the rules of the scenario" in said
    assert "2. 50 k no allocation exists €50,000 – – – – –" in said
    assert "Nobody enters" not in said
    turned = page_of(compared(read_text, 50_000, 100_000, rules=rules))
    assert "2. 100 k optimal €100,000 €100,000 2 5 – –" in turned.said()
    assert not {"moves", "patterns"} & set(sections(turned))


def test_the_same_twice(read_text: Callable[..., Candidates]) -> None:
    """Nothing differs, and the page says so."""
    said = page_of(compared(read_text, 100_000, 100_000)).said()
    assert "They differ in no parameter of the ledger." in said
    assert "Nobody enters and nobody leaves." in said
    assert "Granted in each: €100,000." in said
    assert "Value of each, as the baseline counts it: 5." in said


def test_nobody_in_common(few: dict[str, Any]) -> None:
    """Scenarios with other candidates: nobody enters, leaves or is funded in both."""
    for each in few["candidates"]:
        each["grants"][1] = None
    few |= {"moves": [], "exchanges": []}
    told = page_of(few)
    assert "2. 80 k optimal €80,000 €80,000 2 4 – –" in told.said()
    assert not {"moves", "patterns"} & set(sections(told))


def test_synthetic_candidates_are_announced(few: dict[str, Any]) -> None:
    """Of all scenarios, or of those by name."""
    few["scenarios"][1]["synthetic_candidates"] = True
    assert "Synthetic candidates in 80 k: drawn from a profile; no real dossier." in page_of(few).said()
    few["scenarios"][0]["synthetic_candidates"] = True
    assert "Synthetic candidates: drawn from a profile; no real dossier." in page_of(few).said()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("totals", [FEW, MANY])
def test_hostile_words(read_text: Callable[..., Candidates], totals: tuple[int, ...], lang: str) -> None:
    """Whatever stands in a name stays a text, in tables and in drawings."""
    text = as_json(compared(read_text, *totals))
    for each in HOSTILE:
        page = json.loads(text)
        names = {one["name"]: f"{one['name']} {each}" for one in page["scenarios"]}
        page |= {
            "baseline": names[page["baseline"]],
            "labels": {"volet": {"v": {"fr": each, "en": each}}},
            "command": each,
        }
        for one in page["scenarios"]:
            one |= {"name": names[one["name"]], "command": each}
        for one in page["moves"]:
            one |= {"scenario": names[one["scenario"]], "name": each, "reasons": [{"fr": each, "en": each}]}
        for one in page["candidates"]:
            one |= {"name": each, "region": each, "phase": each, "pattern": each}
        for one in page["exchanges"]:
            one |= {"larger": each, "smaller": each, "paths": [each]}
        page["parameters"][0] |= {"path": each}
        page["parameters"][0]["lines"][0] |= {"value": {each: each}, "source": each}
        page["notes"] = [{"fr": each, "en": each}]
        page["figures"][-1]["name"] = f"granted.region.{each}"
        written = report(as_json(page).encode(), lang)
        told = Reader(written)
        assert not told.all("script", "img")
        assert len(told.all("style")) == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", written.decode())
        copied = [line for tag, data in told.texts if tag == "pre" for line in data.split("\n")]
        assert not [
            cell for line in copied for cell in line.split("\t") if cell.startswith(("=", "@")) and cell != each
        ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"format": 2}, "format"),
        ({"regions": [{"region": "x", "inhabitants": 0, "granted": [1, 2]}]}, "regions.1.inhabitants"),
        ({"regions": [{"region": "x", "inhabitants": 9, "granted": [1]}]}, None),
        ({"baseline": "another"}, None),
        ({"scenarios": []}, "scenarios"),
    ],
)
def test_faults(few: dict[str, Any], change: dict[str, Any], place: str | None) -> None:
    """What was changed by hand is told by its place; lists that are not of all scenarios are refused."""
    with pytest.raises(InputError) as caught:
        page_of(few | change)
    assert [fault.place.path for fault in caught.value.faults] == [place]
    assert "This is not as this version of the program writes it" in caught.value.render("en")


@pytest.mark.slow
@pytest.mark.parametrize("odd", [{"x": 1}, [], None, -(10**400)], ids=["table", "list", "nothing", "huge"])
def test_any_value_of_another_kind_is_told_or_shown(few: dict[str, Any], odd: object) -> None:
    """Whatever is changed by hand, a page comes of it or a fault; nothing else."""
    refused = 0
    for path in paths(few):
        changed = json.loads(as_json(few))
        here = changed
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = odd
        try:
            report(json.dumps(changed).encode(), "en")
        except InputError:
            refused += 1
    assert refused > 40


# ---------------------------------------------------------------------------------------------------------- command line


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small call and two results, to run commands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    write_call(tmp_path)
    assert run(["simulate", "small.toml", "--out", "a"]) == 0
    assert run(["simulate", "small.toml", "--set", "envelope.total=80000", "--out", "b"]) == 0
    return tmp_path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_compare_and_from_its_file(call: Path, lang: str) -> None:
    """The same bytes; a folder stands for the file in it."""
    words = ["compare", "small.toml", "--variant", "less: envelope.total=8e4", "--price-rules", "--lang", lang]
    assert run([*words, "--out", "out", "--report", "now.html"]) == 0
    assert run(["report", "out/compare.json", "-o", "file.html", "--lang", lang]) == 0
    assert run(["report", "out", "--lang", lang]) == 0
    page = Path("now.html").read_bytes()
    assert page == Path("file.html").read_bytes() == Path("out/compare.html").read_bytes()
    assert "prices" in sections(Reader(page))


def test_prices_of_one_scenario(call: Path) -> None:
    """One alone is held against nothing: the page is of what its rules cost. With 10 k€ more a takes the place of c."""
    assert run(["compare", "small.toml", "--price-rules", "--report", "page.html", "--lang", "en"]) == 0
    told = Reader(Path("page.html").read_bytes())
    assert sections(told) == ["summary", "prices", "figures", "replay"]
    assert "the envelope €100,000 → €110,000 0" in told.said()


def test_of_several_results(call: Path) -> None:
    """Results in folders and files are compared with the first; the page says how it was made."""
    assert run(["report", "a", "b/allocation.json", "-o", "page.html", "--lang", "en"]) == 0
    said = Reader(Path("page.html").read_bytes()).said()
    assert "Compared: a, b; the baseline is “a”." in said
    assert "ptce-fund report a b/allocation.json -o page.html" in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a", "b"], "say with -o where it goes"),
        (["a", "small.toml", "-o", "x.html"], "small.toml cannot be"),
        (["a", "cost", "-o", "x.html"], "Only results of “ptce-fund simulate” are held side by side"),
        (["a", "empty", "-o", "x.html"], "This folder holds no allocation.json"),
        (["empty"], "This folder holds no allocation.json"),
        (["a", "nowhere.json", "-o", "x.html"], "nowhere.json: The file cannot be read"),
    ],
)
def test_what_several_refuse(call: Path, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 1, nothing written."""
    Path("empty").mkdir()
    if "cost" in words:
        with Path("small.toml").open("a") as file:
            file.write('[[targets]]\nname = "two"\nmeasure = "count"\nmin = 2\n')
        assert run(["cost", "small.toml", "--out", "cost"]) == 0
        Path("cost/allocation.json").unlink()
        Path("cost/cost.json").rename("cost/allocation.json")
    capsys.readouterr()
    assert run(["report", *words, "--lang", "en"]) == 1
    error = capsys.readouterr().err
    assert expected in " ".join(error.split())
    assert "Traceback" not in error
    assert not Path("x.html").exists()


@pytest.mark.slow
def test_eight_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The national call at eight envelopes, 180 candidates each, is less than a megabyte."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    variants = [word for k in range(7) for word in ("--variant", f"e{k}: envelope.total={k + 1}_000_000")]
    assert run(["compare", "scenarios/aap-2013.toml", *variants, "--report", "page.html"]) == 0
    assert 100_000 < len(Path("page.html").read_bytes()) < 1_000_000
