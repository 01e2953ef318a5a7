"""Reports as pages: valid and accessible in structure, closed to scripts and networks, and true to the result that they tell."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import scenario_data
from ptce_funding.allocation import allocate
from ptce_funding.candidates import Candidates
from ptce_funding.clash import clash_of
from ptce_funding.costing import cost
from ptce_funding.errors import InputError
from ptce_funding.messages import LANGUAGES
from ptce_funding.report.clash import clash_document
from ptce_funding.report.costing import costing_document
from ptce_funding.report.document import as_json, document
from ptce_funding.report.html.blocks import LONGEST_TABLE, Column, Table
from ptce_funding.report.html.report import report, report_file
from ptce_funding.report.reading import parsed
from ptce_funding.scenario_files import scenario_from
from ptce_funding.sweeping.sweep import sweep, tables_of
from ptce_funding.sweeping.workers import processes
from report_cases import HOSTILE, TABLE, VOLETS, Reader, captions, compared, paths
from sweep_cases import small


@pytest.fixture
def result(solve: Callable[..., Any]) -> dict[str, Any]:
    """The result of the small call, as its file holds it."""
    allocation = solve(TABLE, volets=VOLETS, rules=[{"name": "two at most", "measure": "count", "max": 2}])
    page: dict[str, Any] = json.loads(as_json(document(allocation, "ptce-fund simulate small.toml")))
    return page


@pytest.fixture
def costing(read_text: Callable[..., Candidates]) -> dict[str, Any]:
    """What two candidates cost: 80 k€, b and d or c and d."""
    targets = [{"name": "two", "measure": "count", "min": 2}]
    scenario = scenario_from(scenario_data(targets=targets, volets=VOLETS))
    page = costing_document(
        cost(scenario, read_text(TABLE, scenario)), "ptce-fund cost x.toml", "ptce-fund simulate x.toml"
    )
    return json.loads(as_json(page))  # type: ignore[no-any-return]


@pytest.fixture
def pages(
    result: dict[str, Any], costing: dict[str, Any], read_text: Callable[..., Candidates], tmp_path: Path
) -> Callable[[str], Iterator[bytes]]:
    """A function that returns the pages of a result, a costing, comparisons of a few and of many, and a sweep in a language."""
    vary = [{"path": "envelope.total", "values": [50_000, 100_000]}, {"path": "value.fixed", "values": [0.5, 1.0]}]
    scenario = small(tmp_path, *vary, table={"design": "single", "frontier": True})
    swept = sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=processes(1), command="ptce-fund sweep small.toml")

    def made(lang: str) -> Iterator[bytes]:
        yield report(as_json(result).encode(), lang)
        yield report(as_json(costing).encode(), lang)
        for totals in ((100_000, 80_000), (100_000, 80_000, 50_000, 60_000, 30_000)):
            yield report(as_json(compared(read_text, *totals)).encode(), lang)
        yield report(swept, lang)

    return made


@pytest.mark.parametrize("lang", LANGUAGES)
def test_structure(pages: Callable[[str], Iterator[bytes]], lang: str) -> None:
    """What a screen reader, a strict browser and an e-mail need is there, in each kind of report."""
    for page in pages(lang):
        told = Reader(page)
        ids = [attributes["id"] for _, attributes, _ in told.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert told.all("html") == [{"lang": lang}]
        assert (
            len(told.all("h1"))
            == len(told.all("main"))
            == len(told.all("nav"))
            == len(told.all("title")) - _drawn(told)
            == 1
        )
        references = [
            word
            for _, attributes, _ in told.elements
            for name in ("aria-labelledby", "aria-describedby")
            for word in (attributes.get(name) or "").split()
        ]
        assert references
        assert set(references) <= set(ids)
        links = [attributes["href"] or "" for attributes in told.all("a")]
        assert {link[1:] for link in links} <= set(ids)
        assert all(link.startswith("#") for link in links)
        assert len(told.all("caption")) == len(told.all("table")) > 3
        assert len(set(captions(told))) == len(told.all("table"))
        assert all(attributes.get("scope") in ("row", "col") for attributes in told.all("th"))
        assert len(told.all("figure")) == len(told.all("figcaption")) == len(told.all("svg")) > 0
        for attributes in told.all("svg"):
            assert attributes["role"] == "img"
        assert not told.all("script", "img", "link", "iframe", "object", "form", "base")
        assert not [
            name
            for _, attributes, _ in told.elements
            for name in attributes
            if name == "style" or name.startswith("on")
        ]
        assert len(page) < 500_000


def _drawn(told: Reader) -> int:
    """Return the number of titles of drawings and of their parts."""
    return sum(tag == "title" and "svg" in inside for tag, _, inside in told.elements)


def test_every_figure_has_its_data(result: dict[str, Any]) -> None:
    """Each drawing has a title, a description, and its table in what can be opened below it."""
    told = Reader(report(as_json(result).encode(), "en"))
    known = captions(told)
    for title in (text for tag, text in told.texts if tag == "figcaption"):
        assert title in known
    inside = [where for tag, _, where in told.elements if tag == "table" and "figure" in where]
    assert len(inside) == len(told.all("figure"))
    assert all("details" in where for where in inside)
    assert len(told.all("desc")) == len(told.all("svg"))


def test_nothing_leaves_the_page(pages: Callable[[str], Iterator[bytes]]) -> None:
    """The policy allows the one style sheet, by its hash, and nothing else; no address is fetched."""
    for page in pages("en"):
        text = page.decode()
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = next(each["content"] for each in Reader(page).all("meta") if "http-equiv" in each)
        assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        assert text.count("<style") == 1
        assert "url(" not in style[1]
        assert set(re.findall(r"https?://[^\s\"<]+", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }


def test_colours_can_be_read() -> None:
    """Texts stand out from what is behind them by 4.5 to 1 and more, the least that WCAG 2 allows (level AA)."""
    folder = Path(__import__("ptce_funding").__file__).parent / "report" / "html" / "templates"
    style = (folder / "style.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    behind = [named["paper"], named["shade"], "#fdf4e3"]
    assert "#fdf4e3" in style
    for ink in (named["ink"], named["quiet"], named["accent"]):
        for paper in behind:
            assert _contrast(ink, paper) >= 4.5, (ink, paper)


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_what_a_result_says(result: dict[str, Any]) -> None:
    """The page tells the optimum that can be worked out by hand: b and c share 100 k€ whole."""
    said = Reader(report(as_json(result).encode(), "en")).said()
    for sentence in (
        "Asked: how best to share €100,000 in 2020 among 4 candidates.",
        "Of them, 4 are admissible, 4 could be funded, and 2 are.",
        "They receive €100,000, €50,000 on average; nothing is left.",
        "The value of this choice is 5: it is proved that no other choice that keeps the same rules and priorities has more.",
        "supports 2 candidates, 2 of them also here, for a value of 5.",
        "Proved best by the solver highs: the bound is reached.",
        "two at most 2 – 2 0",
        "Without a place on this map, since their table states none: 1 candidates, with €0 granted (d).",
        "La Réunion (974): €50,000, 1 funded of 1 received",
        "Bretagne: €0, 0 funded of 1 received",
        "ptce-fund simulate small.toml",
    ):
        assert sentence in said, sentence
    assert "Synthetic candidates" not in said


def test_what_a_costing_says(costing: dict[str, Any]) -> None:
    """Two candidates cost 80 k€: those of 50 and 30."""
    said = Reader(report(as_json(costing).encode(), "en")).said()
    assert "Smallest envelope that reaches the targets: €80,000." in said
    assert "Proved: no envelope smaller by one grant step, €10,000, reaches them." in said
    assert "two 2 2" in said
    assert "ptce-fund cost x.toml" in said


def test_what_a_sweep_says(pages: Callable[[str], Iterator[bytes]]) -> None:
    """With 50 k€ b alone is funded, with 100 k€ c as well."""
    *_, page = pages("en")
    said = Reader(page).said()
    assert "Varied: Amount of the envelope (envelope.total): €50,000; €100,000." in said
    assert "1 candidates are funded in every case (the robust core), 1 in some, 2 in none." in said
    assert "Always funded: b." in said
    assert (
        "Of the parameters varied, “Amount of the envelope” changes the number of funded candidates most: from 1 to 2."
        in said
    )
    assert "ptce-fund sweep small.toml" in said
    # On paper a section of folded tables alone would be a heading without anything.
    assert b'<section id="runs" class="folded"' in page
    assert b'<section id="breaks" aria' in page


def test_where_a_sweep_turns(tmp_path: Path) -> None:
    """Two must be funded: with 50 k€ none can, with 100 k€ b and c are."""
    vary = {"path": "envelope.total", "values": [50_000, 100_000]}
    scenario = small(tmp_path, vary, rules=[{"name": "two", "measure": "count", "min": 2}])
    swept = sweep(scenario, tables_of(), tmp_path / "s.sqlite", hire=processes(1), command="x")
    said = Reader(report(swept, "en")).said()
    assert "Amount of the envelope: no allocation exists at €50,000, one does at €100,000." in said
    assert "The same candidates are funded in every case that has an allocation: 1." in said


def test_synthetic_candidates_are_announced(result: dict[str, Any]) -> None:
    """Before anything else, right below the title."""
    told = Reader(report(as_json(result | {"synthetic_candidates": True}).encode(), "en"))
    words = [text for _, text in told.texts]
    assert words.index("Synthetic candidates: drawn from a profile; no real dossier.") < words.index(
        "Contents" if "Contents" in words else "In short"
    )


def test_no_allocation(solve: Callable[..., Any]) -> None:
    """Where the rules leave none, the page says so, and shows neither a map nor money."""
    allocation = solve(TABLE, volets=VOLETS, rules=[{"name": "three", "measure": "count", "min": 3}])
    told = Reader(report(as_json(document(allocation, "x")).encode(), "en"))
    assert "No allocation keeps all the rules: proved." in told.said()
    assert "Of them, 4 are admissible and 4 could be funded." in told.said()
    assert "It breaks: three." in told.said()
    assert not {"map", "money"} & {attributes.get("id") for attributes in told.all("section")}


@pytest.mark.parametrize("kind", ["result", "costing"])
def test_what_clashes(read_text: Callable[..., Candidates], kind: str) -> None:
    """Nobody asks for less than 30 k€, so two cannot be had for 50 k€; and nine of four never."""
    if kind == "result":
        scenario = scenario_from(
            scenario_data(
                envelope={"total": 50_000}, volets=VOLETS, rules=[{"name": "two", "measure": "count", "min": 2}]
            )
        )
        candidates = read_text(TABLE, scenario)
        told = clash_document(clash_of(scenario, candidates), lambda changes: f"again {sorted(changes)}")
        page = document(allocate(scenario, candidates), "x", told)
    else:
        scenario = scenario_from(scenario_data(volets=VOLETS, targets=[{"name": "nine", "measure": "count", "min": 9}]))
        candidates = read_text(TABLE, scenario)
        told = clash_document(
            clash_of(scenario, candidates, is_sought=True), lambda changes: f"again {sorted(changes)}"
        )
        page = costing_document(cost(scenario, candidates), "x", "y", told)
    read = Reader(report(as_json(page).encode(), "en"))
    assert told is not None
    assert told["sets"]
    assert told["repairs"]
    said = read.said()
    for each in told["sets"][0]["members"]:
        assert each["name"]["en"] in said
    assert told["repairs"][0]["command"] in said
    expected = ("These 2 conditions cannot hold together:", "€80,000") if kind == "result" else ("nine", "-5 PTCE")
    assert ("This command makes the same computation again:" in said) == (kind == "costing")
    assert "the same envelope" not in said
    for each in expected:
        assert each in said


def test_a_gap_is_told_rounded_up(result: dict[str, Any]) -> None:
    """What is proved stays true when it is rounded: 5.0001 is no more than 5.01, and no gap is shown as none."""
    said = Reader(report(as_json(result | {"bound": 5.0001, "gap": 0.00002}).encode(), "en")).said()
    assert (
        "it is proved that no other that keeps the same rules and priorities has more than 5.01, at most 0.002% more."
        in said
    )
    assert (
        "within the gap that the scenario allows: no choice that keeps the same rules and priorities passes 5.01."
        in said
    )


@pytest.mark.parametrize(("mode", "expected"), [("strict", 1), ("floor", 1), ("weight", 1), ("none", 0)])
def test_the_reading_of_the_priority(result: dict[str, Any], mode: str, expected: int) -> None:
    """The page says how the scenario reads who comes first."""
    said = Reader(report(as_json(result | {"priority": mode}).encode(), "en")).said()
    words = ("served one after the other", "a stated share of the money", "a weight in the value")
    assert sum(each in said for each in words) == expected


def test_nobody_receives_anything(result: dict[str, Any]) -> None:
    """A map without money is described as such."""
    for each in result["candidates"]:
        each |= {"grant": 0, "outcome": "outranked"}
    said = Reader(report(as_json(result).encode(), "en")).said()
    assert "Nobody receives anything." in said
    assert "most goes to" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_words(result: dict[str, Any], lang: str) -> None:
    """Whatever stands in a name stays a text: no element, no formula, no control character comes of it."""
    text = as_json(result)
    for each in HOSTILE:
        page = json.loads(text)
        for candidate in page["candidates"]:
            candidate |= {"name": each, "phase": each}
        page["candidates"][0] |= {"region": each, "department": each}
        for entry in page["calendar"]:
            entry["name"] = each
        page["title"] = {"fr": each, "en": each}
        page["labels"]["volet"] = {"v": {"fr": each, "en": each}}
        page["labels"]["rule"] = {"two at most": {"fr": each, "en": each}}
        page["indicators"]["by"]["region"][0]["key"] = each
        page["unspent_reasons"] = [{"fr": each, "en": each}]
        page["sources"][0] |= {"path": each, "value": {each: each}, "source": each}
        page["provenance"]["command"] = each
        written = report(as_json(page).encode(), lang)
        told = Reader(written)
        assert not told.all("script", "img")
        assert len(told.all("style")) == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", written.decode())
        copied = [line for tag, data in told.texts if tag == "pre" for line in data.split("\n")]
        assert not [cell for line in copied for cell in line.split("\t") if cell.startswith(("=", "@"))]
        assert told.all("h1") == [{}]


def test_same_result_same_bytes(result: dict[str, Any]) -> None:
    """Made twice, a page is the same to the byte, and needs nothing but what the file holds."""
    content = as_json(result).encode()
    assert report(content, "fr") == report(content, "fr")
    assert report(json.dumps(result).encode(), "fr") == report(content, "fr")


def test_long_tables_are_cut() -> None:
    """A table shows as many rows as a page holds, and says how many it leaves out."""
    table = Table("t", [Column("n", "whole"), Column("share", "share")], [(k, 0.125) for k in range(LONGEST_TABLE + 3)])
    assert len(table.shown("en")) == LONGEST_TABLE
    assert table.rest("en") == "3 further rows are not shown here."
    assert table.shown("fr")[1] == ["1", "12,5\xa0%"]
    assert Table("t", [Column("n")], [("a",)]).rest("en") == ""


def test_figures_to_copy() -> None:
    """Numbers are bare, with the decimal sign of the language; formulas and line breaks are no more than texts."""
    columns = [Column("name"), Column("money", "euros"), Column("share", "share")]
    table = Table("t", columns, [("=1+1", 1234567, 0.25), ("two\nlines\tand a tab", None, 2.0)])
    assert table.to_copy("fr") == "name\tmoney\tshare\n'=1+1\t1234567\t0,25\ntwo lines and a tab\t\t2"
    assert table.to_copy("en").split("\n")[1] == "'=1+1\t1234567\t0.25"
    assert table.shown("fr")[0] == ["=1+1", "1\u202f234\u202f567\xa0€", "25\xa0%"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "This is no result of this program"),
        (b"{", "This is no result of this program"),
        (b"\xff\xfe", "This is no result of this program"),
        (b"{}", "This is no result of this program"),
        (b"3", "This is no result of this program"),
        (b"[{}]", "This is no result of this program"),
        (b'[{"scenario": "x", "funnel": 3}]', "This file holds several results"),
        (b'{"scenario": "x", "funnel": 3}', "format: This is not as this version of the program writes it"),
        (b'{"scenario": "x", "targets": []}', "labels: This is not as this version of the program writes it"),
    ],
)
def test_what_is_no_result(content: bytes, expected: str, tmp_path: Path) -> None:
    """A file that is no result is named, with what was expected; never a traceback."""
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        report_file(path, "en")
    assert str(path) in caught.value.render("en")
    assert expected in caught.value.render("en")


def test_faults_name_the_place(result: dict[str, Any]) -> None:
    """A value changed by hand is told by its path."""
    result["candidates"][1]["grant"] = "much"
    with pytest.raises(InputError) as caught:
        parsed(as_json(result).encode(), Path("allocation.json"))
    assert [fault.place.path for fault in caught.value.faults] == ["candidates.2.grant"]


def test_another_database_is_no_sweep(tmp_path: Path) -> None:
    """A SQLite file of another program is refused."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "x.db")) as base:
        base.execute("CREATE TABLE t (x)")
        base.commit()
    with pytest.raises(InputError):
        report_file(tmp_path / "x.db", "en")


def test_names_in_the_reader_s_language(solve: Callable[..., Any]) -> None:
    """Titles of volets and rules are those of the scenario, in the language of the page."""
    title = {"fr": "Étude préalable", "en": "Preliminary study"}
    volets = {"v": VOLETS["v"] | {"title": title}}
    content = as_json(document(solve(TABLE, volets=volets), "x")).encode()
    for lang, other in (("fr", "en"), ("en", "fr")):
        said = Reader(report(content, lang)).said()
        assert title[lang] in said
        assert title[other] not in said


def test_the_document_says_what_was_asked(result: dict[str, Any], read_text: Callable[..., Candidates]) -> None:
    """What a report needs is in the result: what is asked, by whom, and where the line runs."""
    assert (result["envelope"], result["years"], result["title"]) == (100_000, [2020], None)
    assert [(each["candidate"], each["asked"], bool(each["set_by"])) for each in result["candidates"]] == [
        ("a", 60_000, False),
        ("b", 50_000, True),
        ("c", 50_000, True),
        ("d", 30_000, False),
    ]
    assert result["line"] == {"above": ["b", "c"], "below": ["a", "d"]}
    scenario = scenario_from(scenario_data())
    assert document(allocate(scenario, read_text(TABLE, scenario)), "x")["priority"] == "none"


@pytest.mark.slow
@pytest.mark.parametrize("odd", [{"x": 1}, [], None, -(10**400)], ids=["table", "list", "nothing", "huge"])
def test_any_value_of_another_kind_is_told_or_shown(result: dict[str, Any], odd: object) -> None:
    """Whatever is changed by hand, a page comes of it or a fault that names the place; nothing else."""
    told: list[tuple[str, str]] = []
    for path in paths(result):
        changed = json.loads(as_json(result))
        here = changed
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = odd
        try:
            report(json.dumps(changed).encode(), "en")
        except InputError as error:
            told += [(str(path[0]), fault.place.path or "") for fault in error.faults]
    assert len(told) > 100
    assert all(place.startswith(first) for first, place in told)
