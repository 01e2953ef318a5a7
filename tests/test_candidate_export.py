"""Candidate tables in every format, written and read back: nothing is lost."""

import csv
import datetime
import hashlib
import io
import math
import unicodedata

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptce_funding import geography
from ptce_funding.candidate_columns import COLUMNS, column_name, column_named, heading_of
from ptce_funding.candidates import Candidates, candidates_from_frame, read_candidates, write_candidates
from ptce_funding.errors import CandidatesError
from test_tables import ods, readable, save, xlsx

__all__ = ["save"]

HEADS = ["", "id;phase\n", "id;phase;department;region;score;cost;ask;QPV;members;local_member_share\n"]


ROWS = [
    ["id", "Nom", "Département", "phase", "QPV", "Note", "Coût", "Part des membres locaux", "Thème", "ouvert le"],
    ["D2", "Pôle « A »", 1, "témoin", True, 12.5, 300000, 0.125, "bois; paille", datetime.date(2020, 1, 2)],
    ["D10", "Pôle, B", "2A", "émergent", False, 7, 1234567, None, "l'eau", None],
    [7, None, 974, "en projet", None, None, None, 1, None, datetime.date(2021, 12, 31)],
]


def as_text(value, decimal=","):
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case float():
            return str(value).replace(".", decimal)
        case datetime.date():
            return value.isoformat()
    return str(value)


def as_csv(rows, delimiter, decimal=",", ending="\r\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(
        [as_text(value, decimal) for value in row] for row in rows
    )
    return out.getvalue()


def test_every_format_of_one_table_has_one_digest(save):
    shuffled = [ROWS[0], ROWS[3], ROWS[1], ROWS[2]]
    columns = [[row[each] for each in (3, 0, 9, 8, 1, 2, 4, 5, 6, 7)] for row in ROWS]
    accents = [[{"Coût": "COUT", "Note": "score"}.get(each, each) for each in ROWS[0]], *ROWS[1:]]
    grouped = as_csv(ROWS, "\t").replace("1234567", "1\u202f234\u202f567 €").replace("0,125", "12,5 %")
    made = {
        "semicolon.csv": as_csv(ROWS, ";").encode("utf-8-sig"),
        "comma.csv": as_csv(ROWS, ",", ".", "\n").encode(),
        "tab.tsv": as_csv(ROWS, "\t", ending="\r").encode("utf-16"),
        "windows.csv": as_csv(ROWS, ";").encode("cp1252"),
        "grouped.txt": grouped.encode(),
        "blank.csv": ("\n;;\n" + as_csv(ROWS, ";", ending="\n\n")).encode(),
        "shuffled.csv": as_csv(shuffled, ";").encode(),
        "columns.csv": as_csv(columns, ";").encode(),
        "accents.csv": as_csv(accents, ";").encode(),
        "book.xlsx": xlsx(ROWS),
        "shuffled.xlsx": xlsx([[], *shuffled]),
        "book.ods": ods(ROWS),
    }
    digests = {name: read_candidates(save(data, name)).digest() for name, data in made.items()}
    assert len(set(digests.values())) == 1, digests
    other = read_candidates(save(as_csv(ROWS, ";").replace("bois", "fer")))
    assert other.digest() not in digests.values()


def test_the_digest_is_that_of_the_sorted_columns(save):
    """Stored results name their input by it, so it must never change."""
    pool = read_candidates(save("id;phase;cost;score;QPV\nb;project;5;1,5;oui\na;emerging;;;\n"))
    content = (
        '["cost",[0,5]]["id",["a","b"]]["phase",["emerging","project"]]["priority_district",[null,true]]'
        '["score",[null,1.5]]'
    )
    assert pool.digest() == hashlib.sha256(content.encode()).hexdigest()


def test_written_tables_are_for_french_spreadsheets(save, tmp_path):
    pool = read_candidates(save("id;phase;QPV;score;cost;name\na;emerging;1;1.5;2000;=1+1\nb;project;;;;\n"))
    path = tmp_path / "out.csv"
    path.write_text("old")
    write_candidates(pool, path)
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    lines = text.decode("utf-8-sig").split("\r\n")
    assert lines[0] == ";".join(heading_of(name, "fr") for name in pool.columns)
    assert lines[1:] == ["a;émergent;oui;1,5;2000;'=1+1", "b;en projet;;;0;", ""]
    write_candidates(pool, path, lang="en")
    assert path.read_text("utf-8-sig").splitlines()[1:] == ["a,emerging,yes,1.5,2000,'=1+1", "b,project,,,0,"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.csv", "t.csv"]


def test_a_table_that_cannot_be_written_is_a_fault(save, tmp_path):
    pool = read_candidates(save("id;phase\na;project\n"))
    with pytest.raises(CandidatesError, match="cannot be written"):
        write_candidates(pool, tmp_path / "t.csv" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CandidatesError, match="cannot be written"):
        write_candidates(pool, tmp_path / "folder.csv")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.csv", "t.csv"]


# Free text without what a text cell may not hold; no word that the columns know.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=12)
IDS = TEXTS.map(lambda word: "i" + word)
AMOUNTS = st.integers(0, 10**12)
CELLS = {
    "text": TEXTS,
    "flag": st.sampled_from(["oui", "non", ""]),
    "integer": st.one_of(st.just(""), st.integers(0, 10**9)),
    "number": st.one_of(st.just(""), st.floats(0, 10**12), st.integers(0, 10**6)),
    "share": st.one_of(st.just(""), st.floats(0, 1)),
}
SPECIAL = {"id", "phase", "region", "department", "overseas", "cost", "ask", "local", "public", "own"}


@st.composite
def tables(draw):
    """Draw the headings and rows of a good table."""
    known = draw(
        st.lists(st.sampled_from([each for each in COLUMNS if each.name not in SPECIAL]), unique=True, max_size=5)
    )
    free = draw(
        st.lists(TEXTS.map(lambda word: "zz" + word), unique_by=lambda each: " ".join(each.split()), max_size=3)
    )
    free = [each for each in free if column_name(each) is None and "." not in each]
    ids = draw(
        st.lists(
            IDS, min_size=1, max_size=6, unique_by=lambda each: " ".join(unicodedata.normalize("NFC", each).split())
        )
    )
    rows = []
    for identifier in ids:
        row = [identifier, draw(st.sampled_from(["project", "émergent", "témoin"]))]
        row.append(draw(st.sampled_from(["", *geography.departments()])))
        cost = draw(AMOUNTS)
        row += [cost, draw(st.integers(0, cost)), draw(AMOUNTS)]
        for column in known:
            row.append(
                draw(st.sampled_from(["", *column.choices]) if column.choices else CELLS.get(column.kind, AMOUNTS))
            )
        row += [draw(TEXTS if index % 2 else CELLS["number"]) for index in range(len(free))]
        rows.append(row)
    headings = ["id", "phase", "department", "cost", "ask", "experimentation.post.local"]
    return [headings + [column.name for column in known] + free, *rows]


def frame_of(rows):
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=object)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from(["fr", "en"]), st.randoms(use_true_random=False))
def test_what_is_written_reads_back_the_same(tmp_path_factory, rows, lang, random):
    try:
        pool = candidates_from_frame(frame_of(rows))
    except CandidatesError as error:  # a text that looks like a failed formula, or a free heading that stands twice
        if all("formula" in fault.render() or "twice" in fault.render() for fault in error.faults):
            return
        raise
    path = tmp_path_factory.getbasetemp() / "written.csv"
    write_candidates(pool, path, lang=lang)
    again = read_candidates(path)
    assert again.digest() == pool.digest()
    assert again.to_frame().shape == pool.to_frame().shape
    # A part is written as well; its free columns may look otherwise by themselves, so their kinds are given.
    part = pool.take([random.randrange(len(pool))])
    write_candidates(part, path, lang=lang)
    free = {name: kind for name, kind in part.kinds.items() if column_named(name) is None}
    renamed = {("'" + name if name.startswith(("=", "+", "-", "@")) else name): kind for name, kind in free.items()}
    assert read_candidates(path, kinds=renamed).digest() == part.digest()


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(rows, random):
    try:
        pool = candidates_from_frame(frame_of(rows))
    except CandidatesError:
        return
    body = rows[1:]
    random.shuffle(body)
    order = list(range(len(rows[0])))
    random.shuffle(order)
    shuffled = candidates_from_frame(frame_of([[row[each] for each in order] for row in (rows[0], *body)]))
    assert shuffled.ids == pool.ids
    assert shuffled.digest() == pool.digest()
    for name in pool.columns:
        same = zip(pool.column(name).tolist(), shuffled.column(name).tolist(), strict=True)
        assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in same)


HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from('";,\t\r\n=+-@\0\x1b\u202e€%#')), max_size=60)


@settings(deadline=None, max_examples=150)
@given(HOSTILE, st.sampled_from(HEADS))
def test_hostile_texts_give_candidates_or_faults(tmp_path_factory, text, head):
    path = tmp_path_factory.getbasetemp() / "hostile.csv"
    path.write_bytes((head + text).encode("utf-8", "surrogatepass"))
    try:
        pool = read_candidates(path)
    except CandidatesError as error:
        readable(error)
    else:
        assert isinstance(pool, Candidates)
        write_candidates(pool, path)
        assert read_candidates(path).digest() == pool.digest()
