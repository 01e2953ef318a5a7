"""Maps of France: money by department or by region, the overseas ones and the inner suburbs of Paris drawn apart."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import escape

from ptce_funding.geography import department_names, departments, is_overseas, region_of
from ptce_funding.report.html.drawing import INK, clean

#: Lightness alone tells the classes apart, so that they survive colour-blind eyes and black-and-white print.
CLASSES = ("#cfe1f2", "#93c4de", "#4b97c9", "#1f64a8", "#0b2f5e")
#: Nobody is a candidate there; candidates, but no money.
NOBODY, NO_MONEY = "#ffffff", "#d9d9d9"

_LINE, _REGION = "#8c8c8c", "#1a1a1a"
#: Room between two maps; height of letters on one map, and on several, which are shown smaller.
_GAP, _LETTERS, _LARGE = 90, 21, 28
#: Room around a map.
_EDGE = 4


@dataclass(frozen=True, slots=True)
class Place:
    """What a department or region has.

    Parameters
    ----------
    name
        As readers see it.
    candidates, funded
        How many there are.
    granted
        Euros.
    """

    name: str
    candidates: int
    funded: int
    granted: int


def classes(places: Sequence[Place]) -> list[tuple[int, int]]:
    """Return the least and the largest amount of each class of money: round steps, so few that they can be told apart."""
    largest = max((place.granted for place in places), default=0)
    if largest <= 0:
        return []
    step = _round_step(largest / len(CLASSES))
    return [(step * k, step * (k + 1)) for k in range(-(-largest // step))]


def doubling(largest: int) -> list[tuple[int, int]]:
    """Return classes of amounts of which each is twice as wide as the one below, so that a few large ones leave room for the others."""
    if largest <= 0:
        return []
    step = _round_step(largest / 2 ** (len(CLASSES) - 1))
    found = [(0, step)]
    while found[-1][1] < largest:
        found.append((found[-1][1], 2 * found[-1][1]))
    return found


def _round_step(least: float) -> int:
    """Return the smallest of 1, 2, 2.5, 5 times a power of ten that is not below."""
    power = 1
    while True:
        for factor in (10, 20, 25, 50):
            if factor * power / 10 >= least and factor * power % 10 == 0:
                return factor * power // 10
        power *= 10


def colour(place: Place | None, bounds: Sequence[tuple[int, int]]) -> str:
    """Return the colour of a place; None stands for one without candidates."""
    if place is None or not place.candidates:
        return NOBODY
    if not place.granted:
        return NO_MONEY
    return palette(len(bounds))[next(k for k, (_, high) in enumerate(bounds) if place.granted <= high)]


def palette(n: int) -> tuple[str, ...]:
    """Return the colours of `n` classes, the darkest always among them."""
    return CLASSES[len(CLASSES) - n :]


def drawn(
    places: Mapping[str, Place], told: Mapping[str, str], legend: Sequence[tuple[str, str]], year: int, by_region: bool
) -> str:
    """Return the map as SVG.

    Parameters
    ----------
    places
        By code of department, or by name of region.
    told
        What is said of each of them when it is pointed at.
    legend
        Colours with their words.
    year
        Year whose regions are outlined: until 2015, or since 2016.
    by_region
        Whether `places` are regions.
    """
    page, bounds = _outlines(), classes(list(places.values()))
    parts = _map(places, told, bounds, year, by_region) + _legend(legend, page["height"])
    return _whole(parts, page["width"], page["height"] + _below(legend))


def beside(
    maps: Sequence[tuple[str, Mapping[str, Place], Mapping[str, str]]],
    bounds: Sequence[tuple[int, int]],
    legend: Sequence[tuple[str, str]],
    year: int,
) -> str:
    """Return maps by region as one SVG, two in a row, all in the same classes.

    Parameters
    ----------
    maps
        Title, and places with what is said of them, as for one map.
    bounds
        The classes.
    """
    page, size = _outlines(), _LARGE if len(maps) > 1 else _LETTERS
    width, height = page["width"] + _GAP, page["height"] + _GAP
    parts = []
    for k, (title, places, told) in enumerate(maps):
        parts.append(f'<g transform="translate({k % 2 * width},{k // 2 * height + _GAP})">')
        parts += [_text(10, -24, title, size + 8), *_map(places, told, bounds, year, by_region=True, size=size), "</g>"]
    below = -(-len(maps) // 2) * height + _GAP // 2
    parts += _legend(legend, below, size)
    return _whole(parts, width * min(len(maps), 2), below + _below(legend, size))


def _whole(parts: Sequence[str], width: int, height: int) -> str:
    """Return a drawing of parts; the size in which it is shown follows from its own."""
    shown = 640 if width < 2 * _outlines()["width"] else 860
    # Coasts that touch the edge keep the whole of their line.
    box = f"{-_EDGE} 0 {width + 2 * _EDGE} {height}"
    size = f'viewBox="{box}" width="{shown}" height="{round(shown * height / width)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "".join([head, *parts, "</svg>"])


def _map(
    places: Mapping[str, Place],
    told: Mapping[str, str],
    bounds: Sequence[tuple[int, int]],
    year: int,
    by_region: bool,
    size: int = _LETTERS,
) -> list[str]:
    """Return the shapes of a map with the borders of regions and the frames of what is drawn apart."""
    page, names = _outlines(), dict(zip(departments(), department_names(), strict=True))
    parts = []
    regions = {code: region_of(code, year) for code in page["departments"]}
    groups: dict[str, list[str]] = {}
    for code in page["departments"]:
        groups.setdefault(regions[code] if by_region else code, []).append(code)
    for key, codes in groups.items():
        shape = "".join(_path(page, ring) for code in codes for ring in page["departments"][code])
        text = escape(clean(told.get(key, key if by_region else f"{names[key]} ({key})")))
        line = "none" if by_region else _LINE
        parts.append(
            f'<path d="{shape}" fill="{colour(places.get(key), bounds)}" stroke="{line}" stroke-width="0.8"><title>{text}</title></path>'
        )
    parts.append(f'<path d="{_borders(page, regions)}" fill="none" stroke="{_REGION}" stroke-width="1.8"/>')
    for x, y, wide, high in page["frames"]:
        parts.append(
            f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" fill="none" stroke="{_LINE}" stroke-width="1"/>'
        )
    overseas = [code for code in page["departments"] if is_overseas(code)]
    words = ["75, 92, 93, 94", *(names[code] for code in overseas)]
    for k, ((x, y, _, high), word) in enumerate(zip(page["frames"], words, strict=True)):
        # The first frame has room above it only.
        parts.append(_text(x, y + high + size + 1 if k else y - 6, word, size))
    return parts


def _legend(legend: Sequence[tuple[str, str]], y: int, size: int = _LETTERS) -> list[str]:
    """Return colours with their words, one below the other."""
    parts = []
    for k, (fill, word) in enumerate(legend):
        top = y + _line(size) * k
        box = f'width="{2 * size}" height="{size + 3}"'
        parts.append(f'<rect x="10" y="{top}" {box} fill="{fill}" stroke="{INK}" stroke-width="1"/>')
        parts.append(_text(24 + 2 * size, top + size - 2, word, size))
    return parts


def _below(legend: Sequence[tuple[str, str]], size: int = _LETTERS) -> int:
    """Return the room that a legend takes."""
    return _line(size) * len(legend) + 20


def _line(size: int) -> int:
    """Return the height of a line of a legend."""
    return size * 8 // 5


def _text(x: int, y: int, word: str, size: int = _LETTERS) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" fill="{INK}">{escape(clean(word))}</text>'
    )


@cache
def _outlines() -> dict[str, Any]:
    page: dict[str, Any] = json.loads(files("ptce_funding").joinpath("data", "france.json").read_text("utf-8"))
    return page


def credit() -> str:
    """Return whose outlines they are."""
    return str(_outlines()["source"])


def _path(page: Mapping[str, Any], ring: Sequence[int]) -> str:
    """Return a ring of lines, some of them backwards, as an SVG path."""
    steps: list[str] = []
    for number in ring:
        line = page["arcs"][number if number >= 0 else ~number]
        x, y, moves = line[0], line[1], line[2:]
        if number < 0:
            x, y = x + sum(moves[::2]), y + sum(moves[1::2])
            moves = [-each for pair in zip(moves[-2::-2], moves[::-2], strict=True) for each in pair]
        if not steps:
            steps.append(f"M{x},{y}")
        steps.append("l" + " ".join(map(str, moves)) if moves else "")
    return "".join(steps) + "z"


def _borders(page: Mapping[str, Any], regions: Mapping[str, str]) -> str:
    """Return the lines that have one region alone on them, or two different ones."""
    beside: dict[int, list[str]] = {}
    for code, rings in page["departments"].items():
        for ring in rings:
            for number in ring:
                beside.setdefault(number if number >= 0 else ~number, []).append(regions[code])
    found = []
    for number, sides in beside.items():
        if len(sides) == 1 or len(set(sides)) > 1:
            line = page["arcs"][number]
            found.append(f"M{line[0]},{line[1]}l" + " ".join(map(str, line[2:])))
    return "".join(found)
