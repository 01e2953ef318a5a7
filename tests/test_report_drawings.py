"""Drawings of reports: bars as long as their numbers, numbers as each language writes them, a map without gaps."""

import re
from xml.etree import ElementTree

import pytest

from ptce_funding.geography import departments, is_overseas, region_of, regions
from ptce_funding.report.html import charts, drawing, france
from ptce_funding.report.html.france import CLASSES, NO_MONEY, NOBODY, Place, classes, colour, doubling

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """Return the words of a drawing."""
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(SVG + "text")]


def lengths(svg: str) -> list[float]:
    """Return the lengths of the bars of a drawing, in its order."""
    paths = [
        each.get("d") or ""
        for each in ElementTree.fromstring(svg).iter(SVG + "path")
        if each.get("fill") == drawing.DARK
    ]
    return [float(found[1]) for path in paths if (found := re.match(r"M[-.0-9]+,[-.0-9]+h([-.0-9]+)v", path))]


def test_bars_are_as_long_as_their_numbers() -> None:
    """3, 1 and 0: three times as long, and nothing."""
    svg = charts.bars([("c", 3.0, "three"), ("a", 1.0, "one"), ("b", 0.0, "none")], "en")
    long, short, none = lengths(svg)
    assert long == pytest.approx(3 * short, abs=0.2)
    assert none == 0
    # In the order of the rows, not of the alphabet.
    assert texts(svg) == ["c", "a", "b", "three", "one", "none"]


def test_bars_fit_a_telephone() -> None:
    """A long name and a long amount leave bars narrow enough to be shown whole, with letters that can be read."""
    svg = charts.bars([("Soutien au démarrage et à l'animation du pôle", 3e6, "3 000 000 €, 100 % (34)")], "fr")
    assert float(ElementTree.fromstring(svg).attrib["width"]) <= 640


def test_bars_of_nothing() -> None:
    """A drawing of no money at all is still a drawing."""
    assert texts(charts.bars([("a", 0.0, "€0")], "en")) == ["a", "€0"]


@pytest.mark.parametrize("is_one_scale", [False, True])
def test_panels_have_one_scale_or_each_its_own(is_one_scale: bool) -> None:
    """30 and 15 beside 3 and 1.5: as long on scales of their own, ten times as long on one scale."""
    rows = [("p", "base", 30.0, "30"), ("p", "x", 15.0, "15"), ("q", "base", 3.0, "3"), ("q", "x", 1.5, "1.5")]
    svg = charts.panels(rows, ["p", "q"], "base", is_one_scale, "en")
    first, second = lengths(svg)
    assert second == pytest.approx(first if not is_one_scale else first / 10, abs=0.3)
    (marked, _) = light = [
        float(found[1])
        for each in ElementTree.fromstring(svg).iter(SVG + "path")
        if each.get("fill") == drawing.LIGHT
        and (found := re.match(r"M[-.0-9]+,[-.0-9]+h([-.0-9]+)v", each.get("d") or ""))
    ]
    assert len(light) == 2
    assert marked == pytest.approx(2 * first, abs=0.3)
    assert {"p", "q", "base", "x", "30", "15", "3", "1.5"} == set(texts(svg))


def test_cells() -> None:
    """Each in its colour, in the order given; letters stand out from what is behind them."""
    rows = [("b", "1", CLASSES[0], "7"), ("b", "2", CLASSES[4], "9"), ("a", "1", NO_MONEY, "0")]
    svg = charts.cells(rows, ["1", "2"])
    assert texts(svg) == ["7", "9", "0", "1", "2", "b", "a"]
    root = ElementTree.fromstring(svg)
    inks = {"".join(each.itertext()): each.get("fill") for each in root.iter(SVG + "text")}
    assert (inks["7"], inks["9"]) == (drawing.INK, "#ffffff")
    assert {CLASSES[0], CLASSES[4], NO_MONEY} <= {each.get("fill") for each in root.iter(SVG + "path")}


def test_classes_that_double() -> None:
    """A large amount leaves the small ones classes of their own; the last class holds it."""
    assert doubling(551) == [(0, 50), (50, 100), (100, 200), (200, 400), (400, 800)]
    assert doubling(1) == [(0, 1)]
    assert doubling(3) == [(0, 1), (1, 2), (2, 4)]
    assert doubling(0) == []
    for largest in range(1, 3000, 7):
        assert len(doubling(largest)) <= len(CLASSES)
        assert doubling(largest)[-1][0] < largest <= doubling(largest)[-1][1]


def test_maps_beside_each_other() -> None:
    """The same amount has the same colour on each, whatever is largest there."""
    maps = [
        (name, {"Corse": Place("Corse", 1, 1, amount)}, {"Corse": f"Corse {name}"})
        for name, amount in (("x", 10), ("y", 40))
    ]
    svg = france.beside(maps, doubling(40), [(NO_MONEY, "none")], 2020)
    fills = {name: fill for fill, name in re.findall(r'fill="(#\w+)"[^>]*><title>(Corse \w)</title>', svg)}
    assert fills["Corse x"] == france.colour(Place("", 1, 1, 10), doubling(40))
    assert fills["Corse y"] == CLASSES[-1] != fills["Corse x"]
    assert {"x", "y", "none"} <= set(texts(svg))


@pytest.mark.parametrize(("lang", "expected"), [("fr", "2\u202f000\u202f000\xa0€"), ("en", "€2,000,000")])
def test_axes_speak_the_language(lang: str, expected: str) -> None:
    """An axis of euros writes them as the text does."""
    svg = charts.curves([(1e6, 1.0, "s"), (3e6, 2.5, "s")], ["s"], ("x", "y"), ("euros", "number"), lang)
    assert expected in texts(svg)
    assert ("2,5" if lang == "fr" else "2.5") in texts(svg)


def test_two_series_differ_without_colour() -> None:
    """Black-and-white print tells them apart: by dash and by shape."""
    rows = [(1.0, 1.0, "s"), (2.0, 2.0, "s"), (1.0, 2.0, "t"), (2.0, 3.0, "t")]
    svg = charts.curves(rows, ["s", "t"], ("x", "y"), ("number", "number"), "en")
    assert len(set(re.findall(r'stroke-dasharray="([^"]+)"', svg))) == 2
    cloud = charts.points(rows, ["s", "t"], ("x", "y"), ("number", "number"), "en")
    assert "white" in re.findall(r'fill="([^"]+)"', cloud)


def test_tornado_keeps_the_base_within() -> None:
    """A bar that lies wholly on one side of the base leaves the base in the drawing."""
    svg = charts.spans([("p", 4.0, 5.0, "")], 1.0, "m", "number", "en")
    labels = [float(text) for text in texts(svg) if re.fullmatch(r"[0-9.]+", text)]
    assert min(labels) <= 1.0
    assert max(labels) >= 4.0


def test_drawings_hold_no_style_and_no_role() -> None:
    """A strict policy forbids style attributes; parts of one picture have no roles of their own."""
    for svg in (
        charts.bars([("a", 1.0, "")], "en"),
        charts.pairs([("a", "s", 1.0, ""), ("a", "t", 2.0, "")], ["s", "t"], "en"),
        charts.points([(1.0, 1.0, "s")], ["s"], ("x", "y"), ("number", "number"), "en"),
        charts.spans([("p", 0.0, 2.0, "")], 1.0, "m", "number", "en"),
    ):
        assert not {name for each in ElementTree.fromstring(svg).iter() for name in each.attrib} & {
            "style",
            "role",
            "aria-label",
            "href",
        }


@pytest.mark.parametrize(
    "name", ["</svg><script>", "\x00\x1b", "\u202eabc", "x" * 300, "", " ", "👩‍👩‍👧", "]]>", "&amp;"]
)
def test_hostile_names_of_bars(name: str) -> None:
    """A name stays a text, whatever stands in it."""
    root = ElementTree.fromstring(charts.bars([(name, 1.0, name)], "en"))
    assert {each.tag for each in root.iter()} <= {
        SVG + tag for tag in ("svg", "g", "path", "rect", "line", "text", "tspan")
    }


def test_every_department_is_on_the_map() -> None:
    """Each of the 101 has rings that close, and every line lies between at most two of them."""
    page = france._outlines()
    assert sorted(page["departments"]) == sorted(departments())
    uses: dict[int, int] = {}
    for rings in page["departments"].values():
        assert rings
        for ring in rings:
            ends = []
            for number in ring:
                line = page["arcs"][number if number >= 0 else ~number]
                uses[number if number >= 0 else ~number] = uses.get(number if number >= 0 else ~number, 0) + 1
                first = (line[0], line[1])
                last = (line[0] + sum(line[2::2]), line[1] + sum(line[3::2]))
                ends.append((first, last) if number >= 0 else (last, first))
            assert all(one[1] == other[0] for one, other in zip(ends, ends[1:] + ends[:1], strict=True))
    assert set(uses.values()) == {1, 2}
    assert len(uses) == len(page["arcs"])


def test_the_map_stays_within_its_frame() -> None:
    """Every point is on the sheet; the overseas ones are in their boxes."""
    page = france._outlines()
    boxes = dict(zip([code for code in departments() if is_overseas(code)], page["frames"][1:], strict=True))
    for code, rings in page["departments"].items():
        x0, y0, width, height = boxes.get(code, (0, 0, page["width"], page["height"]))
        for number in (number if number >= 0 else ~number for ring in rings for number in ring):
            x, y, *moves = page["arcs"][number]
            for dx, dy in [(0, 0), *zip(moves[::2], moves[1::2], strict=True)]:
                x, y = x + dx, y + dy
                assert x0 <= x <= x0 + width
                assert y0 <= y <= y0 + height


@pytest.mark.parametrize(("year", "expected"), [(2015, 27), (2016, 18)])
def test_regions_of_each_time(year: int, expected: int) -> None:
    """A map by region has one shape for each: 22 and five overseas until 2015, 13 and five since."""
    places = {name: Place(name, 1, 1, 10_000) for name in regions(year)}
    root = ElementTree.fromstring(france.drawn(places, {}, [], year, by_region=True))
    assert len(list(root.iter(SVG + "title"))) == expected == len(regions(year))
    assert {each.get("fill") for each in root.iter(SVG + "path") if each.get("fill") != "none"} == {CLASSES[-1]}


def test_borders_are_those_of_the_regions() -> None:
    """No line within a region is thick, each between two regions is: fewer since 2016."""
    page = france._outlines()
    thick = {
        year: france._borders(page, {code: region_of(code, year) for code in page["departments"]}).count("M")
        for year in (2015, 2016)
    }
    assert thick[2016] < thick[2015] < len(page["arcs"])


def test_classes_of_money() -> None:
    """Round steps that hold the largest amount; each amount has the colour of its class, bounds belong below."""
    assert classes([Place("a", 1, 1, 399_000)]) == [
        (0, 100_000),
        (100_000, 200_000),
        (200_000, 300_000),
        (300_000, 400_000),
    ]
    assert classes([Place("a", 1, 1, 1)]) == [(0, 1)]
    assert classes([Place("a", 1, 0, 0)]) == classes([]) == []
    bounds = classes([Place("a", 1, 1, 500)])
    assert bounds == [(0, 100), (100, 200), (200, 300), (300, 400), (400, 500)]
    assert [colour(Place("a", 1, 1, amount), bounds) for amount in (1, 100, 101, 500)] == [
        CLASSES[0],
        CLASSES[0],
        CLASSES[1],
        CLASSES[4],
    ]
    assert colour(Place("a", 1, 0, 0), bounds) == NO_MONEY
    assert colour(None, bounds) == colour(Place("a", 0, 0, 0), bounds) == NOBODY


def test_maps_without_money() -> None:
    """Candidates without any money have a map, too."""
    svg = france.drawn(
        {"35": Place("Ille-et-Vilaine", 2, 0, 0)}, {"35": "nothing <here>"}, [(NO_MONEY, "none")], 2020, False
    )
    assert "nothing &lt;here&gt;" in svg
    assert svg.count(NO_MONEY) == 2
