"""Departments and regions of France, before and after the reform of 2016.

``data/departments.csv`` gives each of the 101 departments its region until 2015 and since 2016; ``data/regions.csv``
the regions of both maps with the shorter names in use and their inhabitants (INSEE, see NOTICE).
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ptce_funding.cells import fold, plain

# The map of 22 metropolitan regions was in force up to this year.
LAST_OLD_YEAR = 2015


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("ptce_funding").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def _departments() -> Mapping[str, dict[str, str]]:
    return {row["code"]: row for row in _rows("departments.csv")}


@cache
def _department_words() -> Mapping[str, str]:
    return {fold(row["name"]): code for code, row in _departments().items()} | {"reunion": "974"}


def _map(year: int) -> str:
    return "until 2015" if year <= LAST_OLD_YEAR else "since 2016"


@cache
def _region_words(period: str) -> Mapping[str, str]:
    rows = [row for row in _rows("regions.csv") if row["period"] == period]
    words = {fold(alias): row["name"] for row in rows for alias in row["aliases"].split("|") if alias}
    return words | {fold(row["name"]): row["name"] for row in rows}


@cache
def _names(period: str) -> tuple[str, ...]:
    return tuple(row["name"] for row in _rows("regions.csv") if row["period"] == period)


@cache
def _overseas_regions() -> frozenset[str]:
    return frozenset(row["region"] for code, row in _departments().items() if is_overseas(code))


def departments() -> tuple[str, ...]:
    """Return the codes of the departments in their usual order."""
    return tuple(_departments())


def department_names() -> tuple[str, ...]:
    """Return the names of the departments in the order of their codes."""
    return tuple(row["name"] for row in _departments().values())


@cache
def _code(text: str) -> str | None:
    word = fold(text)
    digits = word.lstrip("0").upper()
    for code in (digits.zfill(2), digits):
        if code in _departments():
            return code
    if word in _department_words():
        return _department_words()[word]
    # "13 - Bouches-du-Rhône" and "Bouches-du-Rhône (13)", if both parts agree.
    for pattern in (r"(?P<code>[0-9]{1,3}|2[ab]) (?P<name>.+)", r"(?P<name>.+) (?P<code>[0-9]{1,3}|2[ab])"):
        if found := re.fullmatch(pattern, word):
            code = found["code"].lstrip("0").upper().zfill(2)
            return code if _department_words().get(found["name"]) == code else None
    return None


def department_code(text: Any) -> str | None:
    """Return the code of the department that `text` names, or None.

    Parameters
    ----------
    text
        Code or name as people and workbooks write them: ``1``, ``1.0``, ``"01"``, ``"2a"``, ``"bouches du rhone"``,
        ``"13 - Bouches-du-Rhône"``.
    """
    return _code(plain(text))


def region_of(department: str, year: int) -> str:
    """Return the region of the department with this code on the map in force in `year`."""
    return _departments()[department]["region_2015" if year <= LAST_OLD_YEAR else "region"]


def region_name(text: str, year: int) -> str | None:
    """Return the region of the map in force in `year` that `text` names, in its official spelling, or None."""
    return _region_words(_map(year)).get(fold(text))


def successor(text: str) -> str | None:
    """Return the region since 2016 that took in the former region that `text` names, or None."""
    former = region_name(text, LAST_OLD_YEAR)
    return next((row["region"] for row in _departments().values() if row["region_2015"] == former), None)


def region_in(region: str | None, department: str | None, year: int) -> str | None:
    """Return the region on the map of a year of what a table states of a candidate; None where it does not tell."""
    found = region_name(region, year) if region else None
    if found is None and department and (code := department_code(department)) is not None:
        found = region_of(code, year)
    if found is None and region and year > LAST_OLD_YEAR:
        found = successor(region)
    return found


def regions_in(region: str | None, department: str | None, year: int) -> tuple[str, ...]:
    """Return the regions on the map of a year in which a candidate may be, by what a table states of it.

    One where the table tells, several where it states a later region that took in several, none where it states neither.
    """
    found = region_in(region, department, year)
    if found is not None:
        return (found,)
    later = region_name(region, LAST_OLD_YEAR + 1) if region else None
    return tuple(dict.fromkeys(row["region_2015"] for row in _departments().values() if row["region"] == later))


def regions(year: int) -> tuple[str, ...]:
    """Return the names of the regions of the map in force in `year`, in alphabetical order."""
    return _names(_map(year))


def inhabitants(year: int) -> Mapping[str, int]:
    """Return the inhabitants of the regions of the map in force in `year`, by name, in alphabetical order of the names.

    Those of 2011 for the map until 2015 and of 2021 for the map since, whatever the year.
    """
    return {row["name"]: int(row["inhabitants"]) for row in _rows("regions.csv") if row["period"] == _map(year)}


def is_overseas(department: str) -> bool:
    """Return whether the department with this code is one of the five overseas."""
    return department.startswith("97")


def is_overseas_region(region: str) -> bool:
    """Return whether the region of this name is one of the five overseas."""
    return region in _overseas_regions()
