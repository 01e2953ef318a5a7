"""Sets of things that cannot all hold, and the cheapest way to let enough of them go; knows nothing of PTCE.

What is asked of the outside is one question, answered by solving: does something hold? It is right for yes-or-no choices, since
nothing is read off a relaxation.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count

#: So far that a dimension of a `Point` is let go.
FREE = 2**62

#: How far each dimension is loosened, from 0 to `FREE`.
Point = tuple[int, ...]
Items = frozenset[int]

#: Steps beyond which a dimension is given up as one that no number of steps loosens enough.
_FARTHEST = 2**40


class Unsettled(Exception):
    """A question could not be answered within the limits."""


def irreducible(items: Sequence[int], fails: Callable[[Items], bool]) -> tuple[int, ...]:
    """Return some of the items that fail together, of which each alone makes the others hold when it goes (a deletion filter).

    Parameters
    ----------
    items
        Items that fail together, those first that are best let go.
    fails
        Whether some items cannot hold together.
    """
    while True:
        kept = list(items)
        for item in items:
            rest = [each for each in kept if each != item]
            if fails(frozenset(rest)):
                kept = rest
        # Once more: then each answer has been given for exactly what is left.
        if len(kept) == len(items):
            return tuple(kept)
        items = kept


def smallest(items: Sequence[int], fails: Callable[[Items], bool]) -> tuple[tuple[int, ...], bool]:
    """Return the fewest items that fail together, and whether it is proved that no fewer do.

    Whatever fails has an item in common with every set of items without which all others hold. So the smallest set that has is
    tried; where it holds, it is enlarged as far as it still does, and what is left out is one more such set (Ignatiev, Previti,
    Liffiton and Marques-Silva, Smallest MUS extraction with minimal hitting set dualization, CP 2015).

    Raises
    ------
    Unsettled
        When not even an irreducible set was found.
    """
    known = irreducible(items, fails)
    every = frozenset(items)
    try:
        corrections = [frozenset([item]) for item in known if not fails(every - {item})]
        while True:
            tried = _smallest_hitting(corrections)
            if len(tried) >= len(known):
                return known, True
            if fails(tried):
                return irreducible([item for item in items if item in tried], fails), True
            held = tried
            for item in items:
                if item not in held and not fails(held | {item}):
                    held |= {item}
            corrections.append(every - held)
    except Unsettled:
        return known, False


def _smallest_hitting(sets: Sequence[Items]) -> Items:
    """Return the fewest items of which each set has one."""
    return next(hit for size in count() for hit in _hitting(sets, frozenset(), size))


def _hitting(sets: Sequence[Items], chosen: Items, size: int) -> Iterator[Items]:
    missed = [each for each in sets if not each & chosen]
    if not missed:
        yield chosen
    elif len(chosen) < size:
        narrowest = min(missed, key=lambda each: (len(each), sorted(each)))
        for item in sorted(narrowest):
            yield from _hitting(sets, chosen | {item}, size)


def cheapest(
    dimensions: Sequence[int],
    origin: Point,
    failing: Sequence[Point],
    holds: Callable[[Point], bool],
    price: Callable[[Point], tuple[int, float]],
    room: Callable[[int], int | None],
    guess: Callable[[Point, Sequence[int]], Point | None],
) -> Iterator[Point]:
    """Yield points that hold, the cheapest first, as long as they touch as few things as the first.

    Of those that loosen the same dimensions, or more than another, there is the cheapest alone.

    To loosen is never to make fail. What fails at a point fails at all that are nowhere looser, so a point that holds is looser in
    one dimension at least: from each point that fails one search goes on in each of these, the cheapest first, so that the first
    that holds is the cheapest of all. Over yes-or-no dimensions this is the enumeration of minimal hitting sets.

    Parameters
    ----------
    dimensions
        Those that may be loosened.
    origin
        Where nothing is.
    failing
        Points that are known to fail.
    holds
        Whether a point holds.
    price
        Of a point: number of things touched, and how much; never less for a looser point.
    room
        Number of steps after which a dimension is free; None for no end.
    guess
        From a point and some dimensions to the cheapest point that differs in these alone and holds; None where that takes the
        questions of this search. Of one dimension it saves questions; of several it is believed, once it holds and nothing one step
        tighter does.
    """
    known = list(failing)
    # Of equals the one that loosens what stands first.
    queue = [(price(origin), tuple(-each for each in origin), origin)]
    seen = {origin}
    found: list[frozenset[int]] = []
    guessed: dict[frozenset[int], Point] = {}
    fewest = None
    while queue:
        (things, _), _, point = heappop(queue)
        if fewest is not None and things > fewest:
            return
        touched = frozenset(each for each in dimensions if point[each])
        if any(other <= touched for other in found) or guessed.get(touched, point) != point:
            continue
        limit = next((each for each in known if _covers(each, point)), None)
        if limit is None:
            if holds(point):
                found.append(touched)
                fewest = things
                yield point
                continue
            free = tuple(FREE if each in touched else 0 for each in range(len(point)))
            if len(touched) > 1 and holds(free):
                best = guess(origin, sorted(touched))
                if best is not None and _is_tight(best, holds, room):
                    guessed[touched] = best
                    heappush(queue, (price(best), tuple(-each for each in best), best))
                    continue
            limit = _loosest_failing(point, dimensions, holds, room, guess)
            known.append(limit)
        for each in dimensions:
            if limit[each] == FREE:
                continue
            further = _moved(point, each, limit[each] + 1, room(each))
            if further not in seen:
                seen.add(further)
                heappush(queue, (price(further), tuple(-each for each in further), further))


def _is_tight(point: Point, holds: Callable[[Point], bool], room: Callable[[int], int | None]) -> bool:
    """Return whether a point holds and none that is one step tighter does."""
    if not holds(point):
        return False
    for each, steps in enumerate(point):
        last = room(each) if steps == FREE else steps
        if last and holds(_moved(point, each, last - 1, None)):
            return False
    return True


def _covers(loose: Point, point: Point) -> bool:
    return all(one >= other for one, other in zip(loose, point, strict=True))


def _moved(point: Point, dimension: int, steps: int, room: int | None) -> Point:
    is_free = steps > _FARTHEST or (room is not None and steps >= room)
    return (*point[:dimension], FREE if is_free else steps, *point[dimension + 1 :])


def _loosest_failing(
    point: Point,
    dimensions: Sequence[int],
    holds: Callable[[Point], bool],
    room: Callable[[int], int | None],
    guess: Callable[[Point, Sequence[int]], Point | None],
) -> Point:
    """Return a point that fails, as loose as it can be in what is loosened already; where that is never enough, free elsewhere too."""
    is_enough = False
    for each in [each for each in dimensions if point[each]]:
        free = _moved(point, each, FREE, None)
        if holds(free):
            is_enough = True
            hint = guess(point, [each])
            point = _last_failing(point, each, holds, room(each), None if hint is None else hint[each])
        else:
            point = free
    if is_enough:
        return point
    # What is loosened already is not enough, however far: what else is not, either?
    for each in [each for each in dimensions if not point[each]]:
        free = _moved(point, each, FREE, None)
        point = point if holds(free) else free
    return point


def _last_failing(
    point: Point, dimension: int, holds: Callable[[Point], bool], room: int | None, hint: int | None
) -> Point:
    """Return the loosest point that fails when one dimension is moved, given that it holds where that is free."""
    low, high, stride = point[dimension], room, 1
    # Where the hint is right, it holds and the step before it fails: two questions.
    asked = [] if hint is None else [hint - 1, hint]
    while high is None or high - low > 1:
        middle = low + stride if high is None else min(low + stride, (low + high) // 2)
        hinted = asked.pop() if asked else low
        middle = hinted if low < hinted and (high is None or hinted < high) else middle
        if middle > _FARTHEST:
            return _moved(point, dimension, _FARTHEST, None)
        if holds(_moved(point, dimension, middle, room)):
            high = middle
        else:
            low, stride = middle, 2 * stride
    return _moved(point, dimension, low, None)
