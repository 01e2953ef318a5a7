"""Figures by region of scenarios of both maps of France, brought to that of the baseline, by hand."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from ptce_funding.cli.main import run
from ptce_funding.comparing.equity import Equity, equity, region_notes
from ptce_funding.geography import regions
from report_cases import Reader

#: Everybody is funded whole.
CALL = """format = 1
name = "{name}"
first_year = {year}
title = {{ fr = "Appel de {year}", en = "Call of {year}" }}
candidates.file = "{name}.csv"
envelope = {{ total = 100_000, grant_step = 10_000 }}
volets.v.phases = ["emerging"]
value = {{ criteria = {{ score = 1.0 }}, fixed = 1.0 }}
"""
HEADINGS = "id,phase,score,cost,ask,region,department\n"
BEFORE = """a,emerging,1,10000,10000,Aquitaine,33
b,emerging,1,20000,20000,Alsace,
i,emerging,1,10000,10000,Île-de-France,
"""
#: Nouvelle-Aquitaine has Aquitaine's department; Grand Est may be any of three former regions; nobody knows where f is.
AFTER = """c,emerging,1,30000,30000,Nouvelle-Aquitaine,33
d,emerging,1,20000,20000,Grand Est,
e,emerging,1,10000,10000,Bretagne,
f,emerging,1,10000,10000,,
"""
EAST = ("Alsace", "Champagne-Ardenne", "Lorraine")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a call on each map and one that tells no region, to run commands in."""
    monkeypatch.chdir(tmp_path)
    bare = BEFORE.replace("Aquitaine,33", ",").replace("Alsace", "").replace("Île-de-France", "")
    for name, year, rows in (("before", 2013, BEFORE), ("after", 2021, AFTER), ("bare", 2013, bare)):
        Path(f"{name}.csv").write_text(HEADINGS + rows, encoding="utf-8")
        Path(f"{name}.toml").write_text(CALL.format(name=name, year=year), encoding="utf-8")


def told(*names: str) -> tuple[dict[str, Any], dict[str, list[str]], str]:
    """Return what a comparison writes: its document, its table by first cell, and what readers of its page see."""
    words = ["--out", "o", "--report", "page.html", "--lang", "en"]
    assert run(["compare", *(f"{name}.toml" for name in names), *words]) == 0
    document = json.loads(Path("o/compare.json").read_text(encoding="utf-8"))
    text = Path("o/compare.csv").read_text(encoding="utf-8-sig")
    table = {row[0]: row[1:] for row in csv.reader(text.splitlines())}
    return document, table, Reader(Path("page.html").read_bytes()).said()


def by_region(document: dict[str, Any]) -> dict[str, tuple[list[int | None], list[int | None]]]:
    """Return euros and differences by region, in the order in which they are told."""
    start = "granted.region."
    return {
        line["name"].removeprefix(start): (line["values"], line["differences"])
        for line in document["figures"]
        if line["name"].startswith(start)
    }


def test_on_the_former_map(calls: None, capsys: pytest.CaptureFixture[str]) -> None:
    """By department; what the three regions of Grand Est get there is not known, and no face says that it is nothing."""
    document, table, page = told("before", "after")
    assert list(by_region(document).items()) == [
        ("Alsace", ([20_000, None], [0, None])),
        ("Aquitaine", ([10_000, 30_000], [0, 20_000])),
        ("Bretagne", ([0, 10_000], [0, 10_000])),
        ("Île-de-France", ([10_000, 0], [0, -10_000])),
        ("", ([0, 10_000], [0, 10_000])),
    ]
    figures = {line["name"]: line["values"] for line in document["figures"]}
    assert figures["supported.region.Alsace"] == [1, None]
    assert figures["supported.region.Aquitaine"] == [1, 1]
    # With what the rows hold it makes 70 k€ and four candidates: nothing is told twice, nothing left out.
    assert figures["granted_elsewhere"] == [None, 20_000]
    assert figures["supported_elsewhere"] == [None, 1]
    assert figures["regions_without"] == [24, None]
    assert figures["gini"][1] is None
    assert {each["region"]: each["granted"] for each in document["regions"]} == {
        region: [0, None if region in EAST else 0] for region in regions(2013)
    } | {
        "Alsace": [20_000, None],
        "Aquitaine": [10_000, 30_000],
        "Bretagne": [0, 10_000],
        "Île-de-France": [10_000, 0],
    }
    assert table["Granted (€), region Alsace"] == ["20000", "", "", "granted.region.Alsace"]
    assert table["Granted (€), region Aquitaine"] == ["10000", "30000", "20000", "granted.region.Aquitaine"]
    assert table["Supported outside known regions"] == ["", "1", "", "supported_elsewhere"]
    assert table["Regions of which nothing is known, by name"] == ["", ", ".join(EAST), "", ""]
    terminal = " ".join(capsys.readouterr().out.split())
    assert "Alsace 1 · €20,000 – Aquitaine 1 · €10,000 1 · €30,000" in terminal
    assert "Granted (€), region Alsace €20,000 – –" in page
    assert "Granted (€), region Aquitaine €10,000 €30,000 +€20,000" in page
    assert "Alsace €11 –" in page
    assert "Lorraine: not known" in page
    for note in (
        "else by their department: after.",
        "who count in no region of it: after: 2 (€30,000).",
        f"so that what they get is not known (“–”): {', '.join(EAST)}.",
    ):
        assert note in terminal
        assert note in page
        assert any(note in each["en"] for each in document["notes"])


def test_on_the_later_map(calls: None) -> None:
    """Each former region went into one as a whole, so that all is known but where f is."""
    document, table, page = told("after", "before")
    assert list(by_region(document).items()) == [
        ("Bretagne", ([10_000, 0], [0, -10_000])),
        ("Grand Est", ([20_000, 20_000], [0, 0])),
        ("Île-de-France", ([0, 10_000], [0, 10_000])),
        ("Nouvelle-Aquitaine", ([30_000, 10_000], [0, -20_000])),
        ("", ([10_000, 0], [0, -10_000])),
    ]
    assert "Regions of which nothing is known, by name" not in table
    assert "else by the region that took in theirs: before." in page
    assert "not known" not in page
    assert "who count in no region of it: after: 1 (€10,000)." in page


def test_a_table_that_tells_no_region(calls: None) -> None:
    """It has money, and nothing is known of where: no region gets nothing for that."""
    document, _, page = told("before", "bare")
    assert list(by_region(document).items()) == [
        ("Alsace", ([20_000, None], [0, None])),
        ("Aquitaine", ([10_000, None], [0, None])),
        ("Île-de-France", ([10_000, None], [0, None])),
    ]
    assert "Nobody funded has a known place on that map, so that what regions get is not known (“–”): bare." in page


def test_one_map_needs_no_note(calls: None) -> None:
    """Both know all of their regions."""
    document, _, _ = told("before", "before")
    assert not [note for note in document["notes"] if "map" in note["en"]]


def test_both_tables_of_the_page_agree(calls: None) -> None:
    """What a region gets is the same by itself and by inhabitant, in both orders."""
    for names in (("before", "after"), ("after", "before")):
        document, _, _ = told(*names)
        figures = by_region(document)
        for each in document["regions"]:
            if each["region"] in figures:
                assert figures[each["region"]][0] == each["granted"]
            else:
                assert not any(each["granted"])


def test_the_page_says_what_the_gini_coefficient_is(calls: None) -> None:
    """One sentence, with the map of the baseline."""
    said = "The Gini coefficient is 0 when every inhabitant receives as much in all regions, and near 1 when a few receive all"
    for names, period in ((("before", "after"), "in force until 2015"), (("after", "before"), "in force since 2016")):
        page = told(*names)[2]
        assert page.count(said) == 1
        assert f"are those of the map {period}, which is that of the baseline." in page


def test_titles_are_told_once(calls: None) -> None:
    """The heading is no row of short names; each has its title once, variants share theirs."""
    page = told("before", "after")[2]
    assert page.count("before: Call of 2013") == page.count("after: Call of 2021") == 1
    words = ["compare", "before.toml", "--variant", "less: envelope.total=50000", "--report", "v.html", "--lang", "en"]
    assert run(words) == 0
    read = Reader(Path("v.html").read_bytes())
    assert [text for tag, text in read.texts if tag == "h1"] == ["Comparison of 2 scenarios"]
    assert read.said().count("Call of 2013") == read.said().count("before, less: Call of 2013") == 1


def candidate(region: str | None, grant: int) -> dict[str, Any]:
    """Return a candidate of a document without a department."""
    return {"region": region, "department": None, "grant": grant}


def test_own_words_stand_for_themselves() -> None:
    """Territories of one's own come after the regions, as readers look for them; what is stated nowhere comes last."""
    rows = [
        candidate("Zone", 1),
        candidate(None, 2),
        candidate("Étoile", 4),
        candidate("Corse", 8),
        candidate("Aire", 0),
    ]
    found = equity({"candidates": rows}, 2020)
    assert list(found.granted.items())[18:] == [("Étoile", 4), ("Zone", 1), ("", 2)]
    assert (found.granted["Corse"], found.elsewhere, found.unplaced, found.unknown) == (8, 7, 3, ())
    # Who states nothing may be anywhere: no region is told to have nothing.
    assert (found.gini, found.without, found.rest, found.rest_supported) == (None, None, 0, 0)
    alone = equity({"candidates": rows[:1]}, 2020)
    assert (alone.unknown, alone.is_told) == (regions(2020), True)


def test_no_note_where_nobody_is_on_the_map() -> None:
    """Scenarios over territories of one's own have nothing to do with maps of France."""
    zone, corse = (equity({"candidates": [candidate(region, 1)]}, 2020) for region in ("Zone", "Corse"))

    def notes(*equities: Equity | None) -> list[str]:
        return [note.render("en") for note in region_notes("ab", (2020, 2020), equities, 2020)]

    assert notes(zone, zone) == notes(corse, None) == []
    assert "count in no region of it: b: 1 (€1)." in notes(corse, zone)[0]
