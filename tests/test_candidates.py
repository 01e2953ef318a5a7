"""Candidate tables: what they say, and what is wrong with them."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from ptce_funding.candidate_columns import COLUMNS, MONEY, column_name, column_named, heading_of
from ptce_funding.candidates import (
    candidates_from_frame,
    natural_key,
    read_candidates,
)
from ptce_funding.cells import aliases, fold
from ptce_funding.errors import CandidatesError
from ptce_funding.messages import Message
from test_candidate_export import ROWS, as_csv
from test_tables import ods, xlsx

VOLETS = {"experimentation": ("post", "investment"), "feasibility": ()}


@pytest.fixture
def save(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def faults_of(path, **options):
    with pytest.raises(CandidatesError) as caught:
        read_candidates(path, **options)
    return caught.value.faults


def test_a_table_as_a_french_office_keeps_it(save):
    path = save(
        "N° dossier;Nom;Département;Phase;QPV;Note;Coût;Montant demandé;Part des membres locaux;Thème\n"
        "D10;Pôle A;13;témoin;oui;12,5;300 000 €;100 k€;75 %;bois\n"
        "D2;Pôle B;2a;en projet;;;80000;40000;;\n"
        "D9;Pôle C;La Réunion;émergent;non;15;;;0,5;vélo\n"
    )
    pool = read_candidates(path, year=2013)
    assert pool.ids == ("D2", "D9", "D10")
    assert len(pool) == 3
    assert pool.rows.tolist() == [3, 4, 2]
    assert pool.column("phase").tolist() == ["project", "emerging", "consolidation"]
    assert pool.column("department").tolist() == ["2A", "974", "13"]
    assert pool.column("region").tolist() == ["Corse", "La Réunion", "Provence-Alpes-Côte d'Azur"]
    assert pool.column("overseas").tolist() == [0, 1, 0]
    assert pool.column("priority_district").tolist() == [-1, 0, 1]
    assert pool.column("cost").tolist() == [80_000, 0, 300_000]
    assert pool.column("ask").tolist() == [40_000, 0, 100_000]
    assert np.isnan(pool.column("score")[0])
    assert pool.column("score").tolist()[1:] == [15.0, 12.5]
    assert pool.column("local_member_share").tolist()[1:] == [0.5, 0.75]
    assert pool.column("Thème").tolist() == ["", "vélo", "bois"]
    assert pool.kinds["Thème"] == "text"
    assert not pool.is_synthetic
    types = {name: pool.column(name).dtype for name in ("phase", "overseas", "score", "cost")}
    assert types == {"phase": np.dtype(object), "overseas": np.int8, "score": np.float64, "cost": np.int64}


def test_columns_cannot_be_written(save):
    pool = read_candidates(save("id;phase;cost\na;project;1\n"))
    with pytest.raises(ValueError, match="read-only"):
        pool.column("cost")[0] = 5
    with pytest.raises(TypeError):
        pool.columns["cost"] = np.zeros(1)
    with pytest.raises(KeyError):
        pool.column("score")
    assert "score" not in pool
    assert "Coût" in pool


def test_the_users_own_headings(save):
    path = save("Ref;Étape;id;Qualité\nb;project;1;3\na;emerging;2;4\n")
    pool = read_candidates(path, columns={"id": "ref", "phase": "Étape", "quality": "qualite"})
    assert pool.ids == ("a", "b")
    assert pool.column("quality").tolist() == [4.0, 3.0]


def test_amounts_of_volets_and_aids(save):
    path = save(
        "id;phase;Expérimentation.Post.Coût;experimentation.post.ask;feasibility.Local;autre.cost\na;project;10;5;2;9\n"
    )
    pool = read_candidates(path, volets=VOLETS)
    assert {"experimentation.post.cost", "experimentation.post.ask", "feasibility.local", "autre.cost"} < set(
        pool.columns
    )
    assert all(kind == "money" for name, kind in pool.kinds.items() if "." in name)


def test_kinds_of_free_columns(save):
    path = save("id;phase;a;b;c;d;e\nx;project;oui;1;0;01;1,5\ny;project;;0;;02;2\n")
    assert {each: read_candidates(path).kinds[each] for each in "abcde"} == {
        "a": "flag", "b": "number", "c": "number", "d": "text", "e": "number",
    }  # fmt: skip
    pool = read_candidates(path, kinds={"B": "flag", "d": "number"})
    assert pool.kinds["B"] == "flag"
    assert pool.column("B").tolist() == [1, 0]
    assert pool.column("d").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("year", "department", "region", "expected"),
    [
        (2013, "26", "", "Rhône-Alpes"),
        (2013, "26", "Auvergne-Rhône-Alpes", "Rhône-Alpes"),  # the other map, but right
        (2016, "26", "Rhône-Alpes", "Auvergne-Rhône-Alpes"),
        (2016, "", "Rhône-Alpes", "Auvergne-Rhône-Alpes"),  # went into it as a whole
        (2013, "", "PACA", "Provence-Alpes-Côte d'Azur"),
        (None, "", "Centre", "Centre-Val de Loire"),
        (None, "", "", ""),
    ],
)
def test_regions_of_the_year(save, year, department, region, expected):
    pool = read_candidates(save(f"id;phase;department;region\na;project;{department};{region}\n"), year=year)
    assert pool.column("region").tolist() == [expected]


def test_overseas_is_derived_unless_given(save):
    pool = read_candidates(save("id;phase;department;overseas\na;project;971;\nb;project;75;\nc;project;75;oui\n"))
    assert pool.column("overseas").tolist() == [1, 0, 1]
    assert read_candidates(save("id;phase;region\na;project;Mayotte\n")).column("overseas").tolist() == [1]
    assert "overseas" not in read_candidates(save("id;phase\na;project\n"))


HEAD = "id;phase;department;region;score;cost;ask;QPV;members;local_member_share\n"
GOOD = "a;project;13;PACA;1;10;5;oui;3;0,5\n"

BROKEN = [
    # text, options, row, column, candidate, words, hint
    (HEAD, {}, None, None, None, "no rows", None),
    ("phase;cost\nproject;1\n", {}, 1, None, None, "column Identifier (id) is missing", None),
    ("id;phse\na;project\n", {}, 1, None, None, "column Phase (phase) is missing", "phse"),
    ("id;phase;N° dossier\na;project;1\n", {}, 1, "N° dossier", None, "both mean Identifier (id)", None),
    ("id;phase;Coût;COUT\na;project;1;1\n", {}, 1, "COUT", None, "“Coût” and “COUT” both mean Eligible cost (cost)", None),
    ("id;phase\na;project\n", {"columns": {"score": "Note"}}, 1, None, None, "no heading “Note”", None),
    ("id;phase;Notes\na;project;1\n", {"columns": {"score": "Note"}}, 1, None, None, "for the column Score (score)", "Notes"),
    ("Ref;phase\na;project\n", {"columns": {"id": "Réf."}, "kinds": {}}, None, None, None, None, None),
    (HEAD + GOOD + ";project;;;;;;;;\n", {}, 3, "id", None, "blank", None),
    (HEAD + GOOD + GOOD, {}, 3, "id", "a", "“a” stands in row 2 already", None),
    (HEAD + "a;;;;;;;;;\n", {}, 2, "phase", "a", "blank", None),
    (HEAD + "a;emergnt;;;;;;;;\n", {}, 2, "phase", "a", "“emergnt” is unknown; expected one of: project", "emerging"),
    (HEAD + "a;project;99;;;;;;;\n", {}, 2, "department", "a", "“99” is not a department", None),
    (HEAD + "a;project;Bouche-du-Rhone;;;;;;;\n", {}, 2, "department", "a", "not a department", "Bouches-du-Rhône"),
    (HEAD + "a;project;;Bretagn;;;;;;\n", {"year": 2013}, 2, "region", "a", "in 2013", "Bretagne"),
    (HEAD + "a;project;13;Bretagne;;;;;;\n", {}, 2, "region", "a", "department 13, which is in “Provence", None),
    (HEAD + "a;project;;Occitanie;;;;;;\n", {"year": 2013}, 2, "region", "a", "since 2016 only", None),
    (HEAD + "a;project;;;abc;;;;;\n", {}, 2, "score", "a", "“abc” is not a number", None),
    (HEAD + "a;project;;;1e5;;;;;\n", {}, 2, "score", "a", "“1e5” is not a number", None),
    (HEAD + "a;project;;;nan;;;;;\n", {}, 2, "score", "a", "“nan” is not a number", None),
    (HEAD + "a;project;;;;-5;;;;\n", {}, 2, "cost", "a", "negative", None),
    (HEAD + "a;project;;;;1,234;;;;\n", {}, 2, "cost", "a", "thousands or as decimals", None),
    (HEAD + "a;project;;;;12,50;;;;\n", {}, 2, "cost", "a", "whole number of euros", None),
    (HEAD + "a;project;;;;2000000 M€;;;;\n", {}, 2, "cost", "a", "too large", None),
    (HEAD + "a;project;;;;#REF!;;;;\n", {}, 2, "cost", "a", "failed formula", None),
    (HEAD + "a;project;;;;10;11;;;\n", {}, 2, "ask", "a", "ask of €11 is above the cost of €10", None),
    (HEAD + "a;project;;;;;11;;;\n", {}, 2, "ask", "a", "above the cost of €0", None),
    (HEAD + "a;project;;;;;;bof;;\n", {}, 2, "QPV", "a", "“bof” is neither yes nor no", None),
    (HEAD + "a;project;;;;;;;3,5;\n", {}, 2, "members", "a", "not a whole number", None),
    (HEAD + "a;project;;;;;;;-1;\n", {}, 2, "members", "a", "below 0", None),
    (HEAD + "a;project;;;;;;;;50\n", {}, 2, "local_member_share", "a", "not a share", None),
    (HEAD + "a\x1b[2J;project;;;;;;;;\n", {}, 2, "id", None, "control character U+001B", None),
    ("id;phase;v.cost;v.ask\na;project;1;2\n", {}, 2, "v.ask", "a", "above the cost of €1", None),
    ("id;phase;x\na;project;9z\n", {"kinds": {"x": "number"}}, 2, "x", "a", "“9z” is not a number", None),
    (HEAD + GOOD + 'b;"project\n', {}, 3, None, None, "never closed", None),
    (HEAD + GOOD + "b;project;;;;;;;;;;7\n", {}, 3, None, None, "12 cells", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "row", "column", "candidate", "words", "hint"), BROKEN)
def test_broken_tables(save, text, options, row, column, candidate, words, hint):
    path = save(text)
    if words is None:
        assert read_candidates(path, **options).ids == ("a",)
        return
    (fault,) = faults_of(path, **options)
    place = fault.place
    assert (place.file, place.sheet, place.row, place.column, place.id) == (str(path), None, row, column, candidate)
    assert words in fault.message.render("en")
    assert hint == (str(fault.hint) if isinstance(fault.hint, Message) else fault.hint)
    for lang in ("fr", "en"):
        line = fault.render(lang)
        assert line.startswith(str(path))
        assert row is None or str(row) in line
        assert column is None or column in line


def test_all_faults_come_together_in_the_order_of_the_table(save):
    path = save(
        "id;phase;cost;ask;région;Note\n"
        "a;projt;x;5;Bretagn;1\n"
        "b;project;1;2;;abc\n"
        "a;project;3;1;;\n"
        "c;project;3;1;;;;9\n"
    )
    faults = faults_of(path, columns={"staff": "ETP"})
    assert [(fault.place.row, fault.place.column) for fault in faults] == [
        (5, None), (1, None), (2, "phase"), (2, "cost"), (2, "région"), (3, "ask"), (3, "Note"), (4, "id"),
    ]  # fmt: skip


def test_faults_of_workbooks_name_the_sheet(save):
    rows = [[], ["id", "phase", "coût"], ["a", "project", 1.5], ["b", "project", "#N/A"], ["c", "project", True]]
    for data, name in ((xlsx(rows, "Été"), "t.xlsx"), (ods(rows, "Été"), "t.ods")):
        faults = faults_of(save(data, name))
        places = [(fault.place.sheet, fault.place.row, fault.place.column, fault.place.id) for fault in faults]
        assert places == [("Été", 3, "coût", "a"), ("Été", 4, "coût", "b"), ("Été", 5, "coût", "c")]


def test_only_the_first_faults_are_listed(save):
    faults = faults_of(save("id;phase\n" + "".join(f"{n};x\n" for n in range(1_000))))
    assert len(faults) == 201
    assert faults[-1].message.render("en").startswith("There are 800 more faults")


def test_candidates_can_be_taken_and_sent(save):
    pool = read_candidates(save("id;phase;score\n" + "".join(f"{n};project;{n}\n" for n in (10, 9, 1))))
    assert pool.ids == ("1", "9", "10")
    assert pool.take(pool.column("score") > 5).ids == ("9", "10")
    assert pool.take([2, 0, 0, -1]).ids == ("1", "10")
    assert pool.take(np.array([2, 0])).rows.tolist() == [4, 2]
    assert len(pool.take([])) == 0
    sent = pickle.loads(pickle.dumps(pool))
    assert sent.digest() == pool.digest()
    assert not sent.column("score").flags.writeable


def test_frames(save):
    pool = read_candidates(save(as_csv(ROWS, ";")))
    frame = pool.to_frame()
    assert frame["id"].tolist() == ["7", "D2", "D10"]
    assert frame["priority_district"].isna().tolist() == [True, False, False]
    frame.loc[0, "cost"] = 5
    assert pool.column("cost")[0] == 0
    again = candidates_from_frame(pool.to_frame().sample(frac=1, random_state=1))
    assert again.digest() == pool.digest()
    frame["phase"] = ["project", "projet!!", None]
    with pytest.raises(CandidatesError) as caught:
        candidates_from_frame(frame, file="my frame")
    places = [(fault.place.file, fault.place.row, fault.place.column) for fault in caught.value.faults]
    assert places == [("my frame", 3, "phase")]


def test_natural_order():
    words = ["a10", "a2", "a", "10", "9", "b1", "a02", "", "a2b", "9" * 5_000]
    assert sorted(words, key=lambda each: (natural_key(each), each)) == [
        "", "9", "10", "9" * 5_000, "a", "a02", "a2", "a2b", "a10", "b1",
    ]  # fmt: skip


def test_every_column_is_known_by_its_name_and_label():
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    for column in COLUMNS:
        for word in (column.name, column.label, heading_of(column.name, "fr"), column.name.upper().replace("_", " ")):
            assert column_name(word) == column.name
    for name in MONEY:
        assert column_named(f"v.a.{name}").kind == "money"
        assert column_name(heading_of(f"v.a.{name}", "fr")) == f"v.a.{name}"
    assert column_named("free") is None
    assert column_name("a.b.c.cost") is None


def test_no_word_means_two_things():
    headings = [fold(word) for words in aliases()["headings"].values() for word in words]
    assert len(set(headings)) == len(headings)
    assert set(aliases()["headings"]) <= {column.name for column in COLUMNS}
    for name, choices in aliases()["choices"].items():
        words = [fold(word) for each in choices.values() for word in each]
        assert len(set(words)) == len(words), name
        assert set(choices) == set(column_named(name).choices)


def test_importing_is_light():
    """pandas and scipy take longer to import than the rest of the program together."""
    script = (
        "import sys, ptce_funding.candidates; print(sorted({'pandas', 'scipy', 'python_calamine'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
