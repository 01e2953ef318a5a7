"""Tables of every usual make, and broken ones."""

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, TableCell, TableRow
from odf.table import Table as OdsTable
from odf.text import P

from ptce_funding.errors import CandidatesError
from ptce_funding.tables import MOST_FAULTS, Table, delimiter, read_table


def xlsx(rows, sheet="Feuille1", **more):
    """Return the bytes of a workbook with one sheet, and others by name in `more`."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for name, content in {sheet: rows, **more}.items():
        page = book[name] if name in book.sheetnames else book.create_sheet(name)
        for row in content:
            page.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_cell(value):
    if value is None:
        return TableCell()
    if isinstance(value, bool):
        cell = TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    elif isinstance(value, (int, float)):
        cell = TableCell(valuetype="float", value=value)
    elif isinstance(value, datetime.date):
        cell = TableCell(valuetype="date", datevalue=value.isoformat())
    else:
        cell = TableCell(valuetype="string")
    cell.addElement(P(text=str(value)))
    return cell


def ods(rows, sheet="Feuille1"):
    """Return the bytes of an OpenDocument workbook with one sheet."""
    document = OpenDocumentSpreadsheet()
    table = OdsTable(name=sheet)
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(ods_cell(value))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def replaced(data, member, change):
    """Return the bytes of an archive with the text of one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == member else content)
    return out.getvalue()


@pytest.fixture
def save(tmp_path):
    def write(content, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def readable(error):
    """Check that an error says in words what is wrong."""
    assert all(error.render(lang).strip() for lang in ("fr", "en"))


def faults_of(path, **options):
    with pytest.raises(CandidatesError) as caught:
        read_table(path, **options)
    for fault in caught.value.faults:
        assert fault.render("fr").startswith(str(path))
        assert fault.render("en").startswith(str(path))
    return caught.value.faults


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a;b;c\n1,5;2,5;3", ";"),
        ("a,b,c\n1;2;3", ","),
        ("a\tb\n1,2\t3", "\t"),
        ("one\n1,5\n", ";"),  # one column: any mark that its heading lacks
        ('"a,b,c";d\n', ";"),
        ('"a ""x, y"" z";d\n', ";"),
        (";;\n;;\na,b\n", ","),
        ("", ";"),
        ("a,b;c", ";"),  # a tie goes to the semicolon
        ("a\rb,c", ";"),
    ],
)
def test_delimiters_are_counted_outside_quotes_in_the_heading(text, mark):
    assert delimiter(text) == mark


def test_rows_keep_the_line_on_which_they_begin(save):
    """A quoted line break makes the record of line 3 two lines long; line 5 is blank, line 6 only delimiters."""
    table = read_table(save('\nid;nom\n1;"a\nb"\n\n;;\n2;c\n'))
    assert table.headings == ("id", "nom")
    assert table.rows == (("1", "a\nb"), ("2", "c"))
    assert table.numbers == (3, 7)
    assert table.heading_number == 2
    assert table.sheet is None


def test_short_rows_are_filled_and_empty_columns_skipped(save):
    table = read_table(save("id;;nom;;\n1\n2;;c;;\n"))
    assert table.headings == ("id", "nom")
    assert table.rows == (("1", None), ("2", "c"))


def test_one_column(save):
    assert read_table(save("id\n1,5\n2\n")).rows == (("1,5",), ("2",))


def test_first_line_of_excel_names_the_delimiter(save):
    table = read_table(save("sep=,\nid,a;b;c\n1,2\n"))
    assert table.headings == ("id", "a;b;c")
    assert table.numbers == (3,)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(save, ending):
    table = read_table(save(ending.join(["id;nom", "1;a", "2;b", ""])))
    assert table.rows == (("1", "a"), ("2", "b"))
    assert table.numbers == (2, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
def test_encodings_are_found(save, encoding):
    assert read_table(save("id;école\n1;œuvre\n", encoding=encoding)).rows == (("1", "œuvre"),)


def test_an_encoding_can_be_forced(save):
    path = save("id;école\n1;¤\n", encoding="iso-8859-15".replace("15", "1"))
    assert read_table(path, encoding="iso-8859-15").rows == (("1", "€"),)
    assert read_table(save("id;é\n1;a\n", encoding="utf-16-le"), encoding="utf-16-le").headings == ("id", "é")


def test_workbooks_keep_types_and_row_numbers(save):
    day = datetime.date(2020, 1, 2)
    rows = [[], ["id", "n", "oui", "jour"], ["01", 1.5, True, day], [], [2, 3, False, None]]
    for data, name in ((xlsx(rows), "t.xlsx"), (ods(rows), "t.ods")):
        table = read_table(save(data, name))
        assert table.sheet == "Feuille1"
        assert table.headings == ("id", "n", "oui", "jour")
        assert table.rows == (("01", 1.5, True, day), (2.0, 3.0, False, None))
        assert table.numbers == (3, 5)
        assert table.heading_number == 2


def test_sheets_by_name_and_the_first_visible_one(save):
    path = save(xlsx([["a"], [1]], "Un", Deux=[["b"], [2]]), "t.xlsx")
    assert read_table(path).headings == ("a",)
    assert read_table(path, sheet="Deux").headings == ("b",)
    book = openpyxl.load_workbook(path)
    book["Un"].sheet_state = "hidden"
    book.save(path)
    assert read_table(path).headings == ("b",)


def test_failed_formulas_of_workbooks_are_not_blank(save):
    """python-calamine gives them as blank cells."""
    table = read_table(save(xlsx([["id", "cost"], ["a", "#N/A"], ["#REF!", 5]]), "t.xlsx"))
    assert table.rows == (("a", "#N/A"), ("#REF!", 5.0))
    document = OpenDocumentSpreadsheet()
    page = OdsTable(name="F")
    for values in (("id", "cost"), ("a", "#N/A")):
        row = TableRow()
        for value in values:
            row.addElement(ods_cell(value))
        page.addElement(row)
    document.spreadsheet.addElement(page)
    out = io.BytesIO()
    document.write(out)
    data = replaced(
        out.getvalue(),
        "content.xml",
        lambda text: text.replace(
            '<table:table-cell office:value-type="string"><text:p>#N/A',
            '<table:table-cell xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
            'office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A',
        ),
    )
    assert read_table(save(data, "t.ods")).rows == (("a", "#N/A"),)


def test_repeated_and_merged_cells_of_ods(save):
    document = OpenDocumentSpreadsheet()
    page = OdsTable(name="F")
    for cells in (
        [ods_cell("id"), ods_cell("a"), ods_cell("b")],
        [ods_cell("x"), TableCell(valuetype="float", value=3, numbercolumnsrepeated=2)],
        [ods_cell("y"), ods_cell("s"), CoveredTableCell()],
    ):
        row = TableRow()
        for cell in cells:
            row.addElement(cell)
        page.addElement(row)
    page.addElement(TableRow(numberrowsrepeated=1_000_000))
    document.spreadsheet.addElement(page)
    out = io.BytesIO()
    document.write(out)
    table = read_table(save(out.getvalue(), "t.ods"))
    assert table.rows == (("x", 3.0, 3.0), ("y", "s", None))


SHEET = "xl/worksheets/sheet1.xml"
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
END = "</sheetData>"

BROKEN = [
    # name, content, options, row, column, words
    ("t.csv", b"", {}, None, None, "empty"),
    ("t.csv", b"\xef\xbb\xbf", {}, None, None, "row of headings"),
    ("t.csv", b"\n\n;;\n", {}, None, None, "row of headings"),
    ("t.xls", b"x", {}, None, None, "expected one of: .csv"),
    ("t", b"x", {}, None, None, "expected one of: .csv"),
    ("t.csv", b"id;a;id\n1;2;3\n", {}, 1, "id", "stands twice"),
    ("t.csv", b"id;;a\n1;2;3\n", {}, 1, None, "Column 2 has cells but no heading"),
    ("t.csv", b"id;a\n1;2;3\n", {}, 2, None, "3 cells; expected at most 2"),
    ("t.csv", b"id;a\n1;2\n\n1;2;;;x\n", {}, 4, None, "5 cells"),
    ("t.csv", b"id;a\n1;\x81\n", {}, 2, None, "0x81 cannot be read as cp1252"),
    ("t.csv", b"\xef\xbb\xbfid;a\n1;2\n1;\xe9\n", {}, 3, None, "0xE9 cannot be read as utf-8-sig"),
    ("t.csv", "id;é\n".encode("cp1252"), {"encoding": "utf-8"}, 1, None, "0xE9 cannot be read as utf-8"),
    ("t.csv", b"id\n", {"encoding": "klingon"}, None, None, "“klingon” is unknown"),
    ("t.csv", b"id\n", {"encoding": "hex"}, None, None, "“hex” is unknown"),
    ("t.csv", b"id\n", {"encoding": "undefined"}, None, None, "cannot be read as undefined"),
    ("t.csv", b"id;a\n1;\x00\n", {}, 2, None, "NUL"),
    ("t.csv", "id;a\n1;2\n".encode("utf-16-le"), {}, 1, None, "NUL"),
    ("t.csv", b"\xff\xfea", {}, 1, None, "utf-16"),
    ("t.csv", b'id;a\n1;2\n2;"x\n3;4\n', {}, 3, None, "never closed"),
    ("t.csv", b'id;a\n1;"x"y\n', {}, 2, None, "cannot be read as CSV"),
    ("t.csv", b"id;a\n1;" + b"x" * 200_000 + b"\n", {}, 2, None, "cannot be read as CSV"),
    ("t.csv", xlsx([["id"]]), {}, None, None, "workbook under the name of a text file"),
    ("t.csv", b"id\n1\n", {"sheet": "F"}, None, None, "no sheets"),
    ("t.xlsx", b"", {}, None, None, "empty"),
    ("t.xlsx", b"id;a\n", {}, None, None, "not a workbook"),
    ("t.xlsx", xlsx([["id"], [1]])[:-100], {}, None, None, "not a workbook"),
    ("t.ods", b"PK\x03\x04rubbish", {}, None, None, "not a workbook"),
    ("t.xlsx", xlsx([]), {}, None, None, "row of headings"),
    ("t.xlsx", xlsx([["id"], [1]], "Candidats"), {"sheet": "Candidat"}, None, None, "no sheet “Candidat”"),
    ("t.ods", ods([["id"], [1]], "Candidats"), {"sheet": "x"}, None, None, "expected one of: Candidats"),
    ("t.xlsx", xlsx([["id", "a", "id"], [1, 2, 3]]), {}, 1, "id", "stands twice"),
    ("t.ods", ods([["id"], [], [1, 2]]), {}, 3, None, "2 cells"),
    ("t.xlsx", replaced(xlsx([["id"], [1]]), SHEET, lambda text: text.replace(END, FAR)), {}, None, None, "too large"),
    ("t.xlsx", replaced(xlsx([["id"], [1]]), SHEET, lambda text: text[:-30]), {}, None, None, "not a workbook"),
    ("t.xlsx", replaced(xlsx([["id"], [1]]), "xl/workbook.xml", lambda _: "<workbook/>"), {}, None, None, "no sheet"),
    ("t.ods", replaced(ods([["id"], [1]]), "content.xml", lambda text: text.replace(
        'office:value-type="float"', 'table:number-columns-repeated="999999999" office:value-type="float"')),
     {}, None, None, "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "options", "row", "column", "words"), BROKEN)
def test_broken_tables(save, name, content, options, row, column, words):
    path = save(content, name)
    (fault,) = faults_of(path, **options)
    assert (fault.place.row, fault.place.column) == (row, column)
    assert fault.place.file == str(path)
    assert words in fault.message.render("en")


def test_faults_of_the_file_system(tmp_path, save, monkeypatch):
    assert "no such file" in faults_of(tmp_path / "absent.csv")[0].render()
    (tmp_path / "folder.csv").mkdir()
    assert "folder" in faults_of(tmp_path / "folder.csv")[0].render()
    assert "cannot be read" in faults_of("a\0.csv")[0].render()
    path = save("id\n1\n")

    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert "permission" in faults_of(path)[0].render()


def test_all_faults_of_the_form_come_together(save):
    faults = faults_of(save('id;a;id;;b\n1;2;3;4;5;6\n2\n3;2;3;;5;6;7\n4;"'))
    assert [fault.place.row for fault in faults] == [5, 1, 1, 2, 4]


def test_many_faults_are_counted_and_not_listed(save):
    faults = faults_of(save("id\n" + "1;2\n" * 500))
    assert len(faults) == MOST_FAULTS + 1
    assert "300 more faults" in faults[-1].message.render("en")


@given(st.binary(max_size=200), st.sampled_from([".csv", ".xlsx", ".ods"]), st.sampled_from([None, "utf-8", "cp1252"]))
def test_any_bytes_give_a_table_or_faults(tmp_path_factory, data, suffix, encoding):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(data)
    try:
        table = read_table(path, encoding=encoding)
    except CandidatesError as error:
        readable(error)
    else:
        assert isinstance(table, Table)
        assert len(set(table.headings)) == len(table.headings)
        assert all(len(row) == len(table.headings) for row in table.rows)


WHOLE = {
    "t.xlsx": (xlsx([["id", "a"], ["x", 1.5], ["y", "#N/A"]]), SHEET),
    "t.ods": (ods([["id", "a"], ["x", 1.5], ["y", "#N/A"]]), "content.xml"),
}


@pytest.mark.parametrize("name", sorted(WHOLE))
@settings(deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
       inside=st.booleans())  # fmt: skip
def test_damaged_workbooks_give_a_table_or_faults(tmp_path_factory, name, places, inside):
    """Bytes of the archive are changed, or characters of the sheet within it."""

    def damaged(content):
        changed = list(content)
        for place, value in places:
            changed[int(place * len(changed))] = chr(value) if isinstance(content, str) else value
        return "".join(changed) if isinstance(content, str) else bytes(changed)

    data, member = WHOLE[name]
    path = tmp_path_factory.getbasetemp() / f"damaged-{name}"
    path.write_bytes(replaced(data, member, damaged) if inside else damaged(data))
    try:
        read_table(path)
    except CandidatesError as error:
        readable(error)


def test_formula_that_was_never_reckoned(tmp_path: Path) -> None:
    """A formula written by a program and never opened in a spreadsheet has no value: it is not a blank cell."""
    from openpyxl import Workbook

    book = Workbook()
    for row in (["id", "cost"], ["a", "=1+1"], ["b", 3]):
        book.active.append(row)
    book.save(tmp_path / "formula.xlsx")
    assert read_table(tmp_path / "formula.xlsx").rows == (("a", "=1+1"), ("b", 3))
