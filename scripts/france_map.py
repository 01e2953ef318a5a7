"""Make `data/france.json`, the outlines of the departments that reports draw, from a GeoJSON file of them.

    python scripts/france_map.py departements-avec-outre-mer.geojson

The file is that of github.com/gregoiredavid/france-geojson (commit 5d34ee6d), made from IGN Admin Express COG 2018. What neighbours
share is simplified once (Visvalingam and Whyatt, Line generalisation by repeated elimination of points, 1993), so that no gap opens
between them, and an outline of regions is a choice of lines.
"""

import heapq
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]
Whole = tuple[int, int]

TARGET = Path(__file__).parents[1] / "src" / "ptce_funding" / "data" / "france.json"
SOURCE = "IGN, Admin Express COG, 2018 (Licence Ouverte), github.com/gregoiredavid/france-geojson"

WIDTH, HEIGHT = 1000, 1180
#: Boxes of what is drawn apart: x, y, width, height.
SUBURBS, SUBURBS_BOX = ("75", "92", "93", "94"), (20, 30, 190, 170)
OVERSEAS_BOXES = {code: (10 + 198 * k, 1000, 188, 140) for k, code in enumerate(("971", "972", "973", "974", "976"))}
#: Square units that a point must span to stay, and that an island must cover.
LEAST_TRIANGLE, LEAST_ISLAND = 6.0, 12.0


def main(path: Path) -> None:
    """Read the departments and write their outlines."""
    shapes = {
        each["properties"]["code"]: list(rings_of(each["geometry"]))
        for each in json.loads(path.read_text("utf-8"))["features"]
    }
    home = {code: rings for code, rings in shapes.items() if not code.startswith("97")}
    arcs: list[list[int]] = []
    found: dict[str, list[list[int]]] = {code: [] for code in sorted(shapes)}
    parts = [(home, fitted(home, conic, (0, 0, WIDTH, 980)))]
    suburbs = {code: shapes[code] for code in SUBURBS}
    parts.append((suburbs, fitted(suburbs, conic, inner(SUBURBS_BOX))))
    for code, box in OVERSEAS_BOXES.items():
        one = {code: shapes[code]}
        parts.append((one, fitted(one, flat, inner(box))))
    for part, place in parts:
        for code, rings in topology(part, place, arcs).items():
            found[code] += rings
    frames = [SUBURBS_BOX, *OVERSEAS_BOXES.values()]
    page = {"source": SOURCE, "width": WIDTH, "height": HEIGHT, "frames": frames, "arcs": arcs, "departments": found}
    TARGET.write_text(json.dumps(page, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, {len(arcs)} lines, {sum(map(len, arcs)) // 2} points")


def rings_of(geometry: dict[str, list[list[list[list[float]]]]]) -> Iterator[list[Point]]:
    """Return the closed rings of a polygon or of several."""
    polygons = geometry["coordinates"] if str(geometry["type"]) == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(x), float(y)) for x, y in ring]  # type: ignore[misc]


def conic(point: Point) -> Point:
    """Project longitude and latitude as Lambert 93 does, on a sphere."""
    first, second, middle = math.radians(44), math.radians(49), math.radians(3)

    def height(angle: float) -> float:
        return math.tan(math.pi / 4 + angle / 2)

    n = math.log(math.cos(first) / math.cos(second)) / math.log(height(second) / height(first))
    scale = math.cos(first) * height(first) ** n / n
    longitude, latitude = map(math.radians, point)
    rho = scale / height(latitude) ** n
    return rho * math.sin(n * (longitude - middle)), rho * math.cos(n * (longitude - middle))


def flat(point: Point) -> Point:
    """Project a small country: Mercator."""
    longitude, latitude = map(math.radians, point)
    return longitude, -math.log(math.tan(math.pi / 4 + latitude / 2))


def inner(box: Sequence[int]) -> tuple[int, int, int, int]:
    """Return the room within a frame."""
    x, y, width, height = box
    return x + 10, y + 10, width - 20, height - 20


def fitted(
    shapes: dict[str, list[list[Point]]], project: Callable[[Point], Point], box: tuple[int, int, int, int]
) -> Callable[[Point], Point]:
    """Return the projection, moved and scaled so that the shapes fill a box."""
    points = [project(point) for rings in shapes.values() for ring in rings for point in ring]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    wide, high = max(x for x, _ in points) - left, max(y for _, y in points) - top
    x0, y0, width, height = box
    scale = min(width / wide, height / high)
    across, down = x0 + (width - scale * wide) / 2, y0 + (height - scale * high) / 2

    def place(point: Point) -> Point:
        x, y = project(point)
        return across + (x - left) * scale, down + (y - top) * scale

    return place


def topology(
    shapes: dict[str, list[list[Point]]], place: Callable[[Point], Point], arcs: list[list[int]]
) -> dict[str, list[list[int]]]:
    """Add the lines of the shapes to `arcs`, and return each shape's rings as numbers of lines; ``~n`` is line n backwards."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for rings in shapes.values():
        for ring in rings:
            for one, other in pairwise(ring):
                beside[one].add(other)
                beside[other].add(one)
    nodes = {point for point, others in beside.items() if len(others) > 2}
    numbers: dict[tuple[Point, ...], int | None] = {}
    found: dict[str, list[list[int]]] = {}
    for code, rings in shapes.items():
        largest = max(rings, key=lambda ring: area([place(point) for point in ring]))
        found[code] = []
        for ring in rings:
            refs: list[int] = []
            for piece in pieces(ring, nodes):
                key = min(piece, piece[::-1])
                if key not in numbers:
                    numbers[key] = added([place(point) for point in key], ring is largest, arcs)
                number = numbers[key]
                if number is not None:
                    refs.append(number if key == piece else ~number)
            if refs:
                found[code].append(refs)
    return found


def pieces(ring: list[Point], nodes: set[Point]) -> Iterator[tuple[Point, ...]]:
    """Cut a ring where three lines meet; one without such a point begins at its smallest, so that neighbours agree."""
    body = ring[:-1]
    cuts = [k for k, point in enumerate(body) if point in nodes] or [body.index(min(body))]
    turned = body[cuts[0] :] + body[: cuts[0]] + [body[cuts[0]]]
    ends = [k - cuts[0] for k in cuts] + [len(body)]
    for start, end in pairwise(ends):
        yield tuple(turned[start : end + 1])


def added(points: list[Point], is_kept: bool, arcs: list[list[int]]) -> int | None:
    """Simplify a line, add it as steps from its first point, and return its number; None for an island too small to see."""
    is_closed = points[0] == points[-1]
    if is_closed and not is_kept and area(points) < LEAST_ISLAND:
        return None
    whole = [(round(x), round(y)) for x, y in simplified(points, 4 if is_closed else 2)]
    steps, before = list(whole[0]), whole[0]
    for x, y in whole[1:]:
        if (x, y) != before:
            steps += [x - before[0], y - before[1]]
        before = (x, y)
    arcs.append(steps)
    return len(arcs) - 1


def area(ring: Sequence[Point]) -> float:
    """Return the area of a ring."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))) / 2


def simplified(points: list[Point], least: int) -> list[Point]:
    """Drop the points whose triangles are smallest, until each spans `LEAST_TRIANGLE` or `least` points are left."""
    before = list(range(-1, len(points) - 1))
    after = list(range(1, len(points) + 1))

    def spans(k: int) -> float:
        return area([points[before[k]], points[k], points[after[k]], points[before[k]]])

    queue = [(spans(k), k) for k in range(1, len(points) - 1)]
    heapq.heapify(queue)
    current = {k: size for size, k in queue}
    while queue and len(current) + 2 > least:
        size, k = heapq.heappop(queue)
        if current.get(k) != size:
            continue
        if size >= LEAST_TRIANGLE:
            break
        del current[k]
        after[before[k]], before[after[k]] = after[k], before[k]
        for near in (before[k], after[k]):
            if near in current:
                current[near] = max(size, spans(near))
                heapq.heappush(queue, (current[near], near))
    return [points[0], *(points[k] for k in sorted(current)), points[-1]]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
