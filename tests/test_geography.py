"""The two maps of France."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptce_funding import geography
from ptce_funding.geography import department_code, is_overseas, region_name, region_of, regions, regions_in, successor


def test_there_are_101_departments_in_27_and_in_18_regions():
    assert len(geography.departments()) == 101
    assert len(regions(2015)) == 27
    assert len(regions(2016)) == 18
    for year in (2013, 2015, 2016, 2030):
        assert {region_of(each, year) for each in geography.departments()} == set(regions(year))


def test_sizes_of_the_former_regions():
    """As everybody could count on a map of 2015."""
    sizes = {
        "Alsace": 2, "Aquitaine": 5, "Auvergne": 4, "Basse-Normandie": 3, "Bourgogne": 4, "Bretagne": 4, "Centre": 6,
        "Champagne-Ardenne": 4, "Corse": 2, "Franche-Comté": 4, "Haute-Normandie": 2, "Île-de-France": 8,
        "Languedoc-Roussillon": 5, "Limousin": 3, "Lorraine": 4, "Midi-Pyrénées": 8, "Nord-Pas-de-Calais": 2,
        "Pays de la Loire": 5, "Picardie": 3, "Poitou-Charentes": 4, "Provence-Alpes-Côte d'Azur": 6, "Rhône-Alpes": 8,
        "Guadeloupe": 1, "Guyane": 1, "La Réunion": 1, "Martinique": 1, "Mayotte": 1,
    }  # fmt: skip
    found = sorted(region_of(each, 2015) for each in geography.departments())
    assert {region: len(list(group)) for region, group in groupby(found)} == sizes


def test_every_former_region_went_into_one_region_as_a_whole():
    for region in regions(2015):
        heirs = {region_of(each, 2016) for each in geography.departments() if region_of(each, 2015) == region}
        assert heirs == {successor(region)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "01"), ("01", "01"), (1, "01"), (1.0, "01"), ("001", "01"), ("2a", "2A"), ("2B", "2B"), ("13", "13"),
        (13.0, "13"), ("971", "971"), (976.0, "976"), ("Bouches-du-Rhône", "13"), ("bouches du rhone", "13"),
        ("BOUCHES-DU-RHONE", "13"), ("13 - Bouches-du-Rhône", "13"), ("Paris (75)", "75"), ("Réunion", "974"),
        ("La Réunion", "974"), ("cote d’or", "21"), ("Val-d'Oise", "95"), ("corse du sud", "2A"),
        ("2A Corse-du-Sud", "2A"),
        ("Paris (13)", None), ("20", None), ("96", None), ("975", None), ("0", None), ("", None), ("1.5", None),
        (1.5, None), ("Atlantide", None), (None, None), ("٢", None),
    ],
)  # fmt: skip
def test_departments_as_people_write_them(text, code):
    assert department_code(text) == code


@pytest.mark.parametrize(
    ("text", "year", "region"),
    [
        ("PACA", 2013, "Provence-Alpes-Côte d'Azur"),
        ("provence alpes cote d’azur", 2020, "Provence-Alpes-Côte d'Azur"),
        ("IDF", 2013, "Île-de-France"),
        ("Ile de France", 2016, "Île-de-France"),
        ("Centre", 2015, "Centre"),
        ("Centre-Val de Loire", 2015, "Centre"),
        ("Centre", 2016, "Centre-Val de Loire"),
        ("Rhône-Alpes", 2015, "Rhône-Alpes"),
        ("Rhône-Alpes", 2016, None),
        ("AURA", 2016, "Auvergne-Rhône-Alpes"),
        ("Occitanie", 2013, None),
        ("Réunion", 2013, "La Réunion"),
        ("", 2013, None),
    ],
)
def test_regions_as_people_write_them(text, year, region):
    assert region_name(text, year) == region


def test_regions_change_with_the_year():
    assert region_of("26", 2015) == "Rhône-Alpes"
    assert region_of("26", 2016) == "Auvergne-Rhône-Alpes"
    assert region_of("60", 2013) == "Picardie"
    assert region_of("76", 2013) == "Haute-Normandie"
    assert region_of("76", 2024) == "Normandie"


def test_overseas():
    assert [each for each in geography.departments() if is_overseas(each)] == ["971", "972", "973", "974", "976"]
    assert geography.is_overseas_region("Guyane")
    assert not geography.is_overseas_region("Corse")


def test_known_laureates_of_2013():
    """Fifteen regions, Pays de Bray counted with one of its two: a check of the map against the list of 2014."""
    rows = list(geography._rows("laureates-2013.csv"))
    assert len(rows) == 21
    counts: dict[str, int] = {}
    for row in rows:
        named = row["regions_2015"].split("; ")
        assert sorted({region_of(code, 2013) for code in row["departments"].split("; ")}) == sorted(named)
        counts[named[0]] = counts.get(named[0], 0) + 1
    assert len(counts) == 15
    assert counts["Île-de-France"] == 4
    assert counts["Rhône-Alpes"] == 3


@given(st.text())
def test_any_text_is_a_department_or_none(text):
    assert department_code(text) in {None, *geography.departments()}
    assert region_name(text, 2013) in {None, *regions(2013)}


@pytest.mark.parametrize(
    ("region", "department", "year", "found"),
    [
        ("Normandie", "14", 2013, ("Basse-Normandie",)),
        ("Normandie", None, 2013, ("Basse-Normandie", "Haute-Normandie")),
        ("Normandie", None, 2020, ("Normandie",)),
        # Centre-Val de Loire is another name of the former Centre.
        ("Centre-Val de Loire", None, 2013, ("Centre",)),
        ("Alsace", None, 2020, ("Grand Est",)),
        ("Atlantis", None, 2013, ()),
        ("", "", 2013, ()),
        (None, None, 2020, ()),
    ],
)
def test_where_a_candidate_may_be(region, department, year, found):
    """In several former regions where only what they went into is stated."""
    assert tuple(sorted(regions_in(region, department, year))) == found
