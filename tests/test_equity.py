"""The Gini coefficient by hand, and the inhabitants of both maps."""

from typing import Any

import pytest

from ptce_funding.comparing.equity import equity, gini
from ptce_funding.geography import inhabitants, regions


def test_three_regions_by_hand() -> None:
    """One euro for one head, one for two, none for one: a quarter of the heads has nothing, three quarters have half.

    Twice the area below the curve is 1/4 x 0 + 1/2 x (0 + 1/2) + 1/4 x (1/2 + 1) = 5/8.
    """
    assert gini({"a": 0, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 2}) == 0.375


def test_extremes() -> None:
    """The same for each head is nought; all to one region of four heads leaves three quarters; no money, no coefficient."""
    assert gini({"a": 10, "b": 30}, {"a": 1, "b": 3}) == 0
    assert gini({"a": 7}, {"a": 1, "b": 1, "c": 2}) == 0.75
    assert gini({"a": 0}, {"a": 1, "b": 1}) is None


def candidate(region: str | None, department: str | None, grant: int) -> dict[str, Any]:
    """Return a candidate of a document."""
    return {"region": region, "department": department, "grant": grant}


@pytest.mark.parametrize(
    ("region", "department", "year", "found"),
    [
        ("Bretagne", None, 2020, "Bretagne"),
        ("PACA", None, 2020, "Provence-Alpes-Côte d'Azur"),
        (None, "67", 2013, "Alsace"),
        (None, "67", 2020, "Grand Est"),
        # A former region is on the new map as what took it in.
        ("Alsace", None, 2020, "Grand Est"),
        # A new one is not on the old map; its department is.
        ("Grand Est", "67", 2013, "Alsace"),
        ("Grand Est", None, 2013, None),
        ("Atlantis", None, 2020, None),
        (None, None, 2020, None),
    ],
)
def test_where_money_falls(region: str | None, department: str | None, year: int, found: str | None) -> None:
    """By the region where the map has it, else by the department; what cannot be placed is counted apart."""
    told = equity({"candidates": [candidate(region, department, 100), candidate("Corse", None, 0)]}, year)
    if found is None:
        assert told.without is None
    else:
        assert told.without == tuple(each for each in regions(year) if each != found)
    assert told.elsewhere == (0 if found else 100)
    assert (told.gini is None) == (found is None)


def test_nothing_granted() -> None:
    """Where there is no money, no region has any."""
    told = equity({"candidates": [candidate("Corse", None, 0)]}, 2020)
    assert (told.gini, told.without, told.elsewhere) == (None, regions(2020), 0)


def test_inhabitants() -> None:
    """The totals are those that INSEE publishes: France without Mayotte in 2011 and 2021, and Mayotte in 2012 and 2017."""
    before, since = inhabitants(2013), inhabitants(2020)
    assert tuple(before) == regions(2013)
    assert tuple(since) == regions(2020)
    assert sum(before.values()) == 64_933_400 + 212_645
    assert sum(since.values()) == 67_408_052 + 256_518
