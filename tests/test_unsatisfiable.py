"""Smallest failing sets and cheapest points against trying all, on random questions whose answer is a formula."""

import random
from functools import partial
from itertools import combinations, product

import pytest

from ptce_funding.unsatisfiable import FREE, Items, Point, Unsettled, cheapest, irreducible, smallest


def question(seed: int, n: int) -> list[Items]:
    """Return sets of items that each fail; what contains none of them holds."""
    rng = random.Random(seed)
    return [frozenset(rng.sample(range(n), rng.randint(1, 4))) for _ in range(rng.randint(1, 5))]


@pytest.mark.parametrize("seed", range(60))
def test_the_smallest_of_all_sets_that_fail(seed: int) -> None:
    """As few items as the smallest of the sets; the irreducible one is one of them, too."""
    failing = question(seed, 9)

    def fails(items: Items) -> bool:
        return any(each <= items for each in failing)

    found, is_proved = smallest(range(9), fails)
    assert is_proved
    assert fails(frozenset(found))
    assert len(found) == min(map(len, failing))
    assert frozenset(irreducible(range(9), fails)) in failing


def test_the_smallest_need_not_be_what_the_filter_finds() -> None:
    """The filter lets go of 0 and 1 first, and ends with three others."""
    failing = [frozenset({0, 1}), frozenset({2, 3, 4})]

    def fails(items: Items) -> bool:
        return any(each <= items for each in failing)

    assert irreducible(range(5), fails) == (2, 3, 4)
    assert smallest(range(5), fails) == ((0, 1), True)


def test_without_more_answers_what_was_found_is_kept() -> None:
    """The filter takes eight answers; then no more are given, and nothing is claimed to be smallest."""
    failing = [frozenset({0, 1}), frozenset({2, 3, 4})]
    asked = []

    def fails(items: Items) -> bool:
        asked.append(items)
        if len(asked) > 8:
            raise Unsettled
        return any(each <= items for each in failing)

    assert smallest(range(5), fails) == ((2, 3, 4), False)


ROOMS = (4, None, 3, 1)
WEIGHTS = (0.3, 0.2, 0.5, 1.0)
STATED: Point = (0, 0, 0, 0)


def price(point: Point) -> tuple[int, float]:
    """Return the number of dimensions touched and a weighted sum of the steps."""
    steps = [room or 1 if each == FREE else each for each, room in zip(point, ROOMS, strict=True)]
    return sum(map(bool, point)), sum(weight * each for weight, each in zip(WEIGHTS, steps, strict=True))


def is_loose(point: Point, needs: list[tuple[tuple[int, ...], int]]) -> bool:
    """Return whether weighted sums of the steps each reach what is needed."""
    steps = [min(each, 100) if room is None else min(each, room) for each, room in zip(point, ROOMS, strict=True)]
    return all(sum(w * each for w, each in zip(weights, steps, strict=True)) >= need for weights, need in needs)


@pytest.mark.parametrize("seed", range(80))
def test_the_cheapest_of_all_points(seed: int) -> None:
    """The first point is the cheapest on the whole grid, and each of the others the cheapest of what it touches."""
    rng = random.Random(seed)
    needs = [(tuple(rng.randint(0, 3) for _ in ROOMS), rng.randint(1, 6)) for _ in range(rng.randint(1, 2))]
    grid = [tuple(point) for point in product(*(range((room or 6) + 1) for room in ROOMS))]
    holding = {point: price(point) for point in grid if is_loose(point, needs)}
    found = list(
        cheapest(range(4), STATED, [], partial(is_loose, needs=needs), price, ROOMS.__getitem__, lambda *_: None)
    )
    if not holding:
        assert not found
        return
    fewest, least = min(holding.values())
    assert price(found[0])[0] == fewest
    assert price(found[0])[1] == pytest.approx(least)
    for touched in combinations(range(4), fewest):
        own = [cost for point, (_, cost) in holding.items() if {n for n in range(4) if point[n]} == set(touched)]
        told = [price(point)[1] for point in found if {n for n in range(4) if point[n]} == set(touched)]
        assert told == pytest.approx([min(own)] if own else [])


def test_a_hint_saves_questions() -> None:
    """A thousand steps are needed: with the number given, two questions settle it."""
    asked = []

    def holds(point: Point) -> bool:
        asked.append(point)
        return point[0] >= 1_000

    def found(hint: int | None) -> Point:
        asked.clear()
        points = cheapest(
            [0], (0,), [(0,)], holds, lambda point: (1, point[0]), lambda each: None, lambda *_: hint and (hint,)
        )
        return next(points)

    assert found(None) == (1_000,)
    without = len(asked)
    assert found(1_000) == (1_000,)
    assert len(asked) < without / 3


@pytest.mark.parametrize("is_right", [True, False])
def test_a_guess_is_believed_only_when_it_is_tight(is_right: bool) -> None:
    """Two dimensions must come to 9 together, neither to more than 5: the cheapest is 4 and 5; guessed 5 and 5 it is searched for."""
    asked = []

    def holds(point: Point) -> bool:
        asked.append(point)
        return sum(min(each, 5) for each in point) >= 9

    def found(guess: Point | None) -> Point:
        asked.clear()
        points = cheapest(
            [0, 1],
            (0, 0),
            [],
            holds,
            lambda point: (sum(map(bool, point)), 2 * min(point[0], 5) + min(point[1], 5)),
            lambda each: 5,
            lambda point, chosen: guess if len(chosen) > 1 else None,
        )
        return tuple(min(each, 5) for each in next(points))

    assert found(None) == (4, 5)
    without = len(asked)
    assert found((4, FREE) if is_right else (FREE, FREE)) == (4, 5)
    assert (len(asked) < without) == is_right
