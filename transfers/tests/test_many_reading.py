"""Reading a file of payments: a plain small table and nothing else, and nothing in it is run."""

import csv
import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from transfers.many import reading, template
from transfers.many.reading import COLUMNS, FileRefused, NoHeading, NoRows, NotATable, TooLarge, TooManyRows, read
from wekeza_portal import spreadsheets

HEADING = ",".join(COLUMNS)


def as_csv(*lines: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *lines]).encode()


def as_xlsx(*lines: list[Any], heading: tuple[str, ...] = COLUMNS) -> bytes:
    book = Workbook()
    for line in [list(heading), *lines]:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


def test_both_formats_say_the_same() -> None:
    line = ["wekeza", "ACC1000015", "", "Wanjiku", "1500", "Wages"]
    expected = [(2, dict(zip(COLUMNS, line, strict=True)))]
    assert read(as_csv(",".join(line))) == expected
    assert read(as_xlsx(line)) == expected


def test_numbers_of_spreadsheets_become_what_was_meant() -> None:
    rows = read(as_xlsx(["phone", 722123456.0, "mpesa", None, 1500.5, 7]))
    assert rows[0][1] == {
        "kind": "phone", "number": "722123456", "bank_or_biller": "mpesa", "name": "", "amount": "1500.5", "note": "7",
    }  # fmt: skip


def test_columns_may_stand_in_any_order_in_kiswahili_and_behind_semicolons() -> None:
    rows = read(b"\xef\xbb\xbfKiasi;Nambari;Aina\r\n100;ACC1;wekeza\r\n\r\n;;\r\n5;ACC2;wekeza\r\n")
    assert [(number, typed["amount"], typed["number"]) for number, typed in rows] == [
        (2, "100", "ACC1"), (5, "5", "ACC2"),
    ]  # fmt: skip


def test_what_looks_like_a_formula_is_text_and_is_not_evaluated() -> None:
    rows = read(as_csv('wekeza,=1+1,,"=HYPERLINK(""x"")",=5*2,'))
    assert rows[0][1]["amount"] == "=5*2"
    assert read(as_xlsx(["wekeza", "ACC1", "", "", "=5*2", ""]))[0][1]["amount"] == "", "never worked out by us"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NoHeading), (b"\n\n", NoHeading), (b"hello", NoHeading), (HEADING.encode(), NoRows),
        (as_csv(*[",,,,,"] * 3), NoRows), (b"\x00" * 50, NotATable), (b"\x89PNG\r\n\x1a\n\x00\x00", NotATable),
        (b"%PDF-1.7\n1 0 obj", NoHeading), (b"PK\x03\x04 broken", NotATable), (b"x" * (1024 * 1024 + 1), TooLarge),
        (as_csv(*["wekeza,A,,,1,"] * 51), TooManyRows), (as_csv('wekeza,"never ends'), NotATable),
        (packed(hello=b"world"), NotATable), (as_xlsx(heading=("a", "b")), NoHeading), (as_xlsx(), NoRows),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_small_table(content: bytes, error: type[FileRefused]) -> None:
    with pytest.raises(FileRefused) as caught:
        read(content)
    assert type(caught.value) in {error, NoRows} if content in {b"", b"\n\n"} else type(caught.value) is error
    assert str(caught.value)


def test_fifty_are_read_and_empty_lines_do_not_count() -> None:
    lines = ["wekeza,A,,,1,", ",,,,,"] * 50
    assert len(read(as_csv(*lines))) == 50


def test_a_bomb_is_never_unpacked() -> None:
    bomb = packed(**{"xl/worksheets/sheet1.xml": b"\x00" * (50 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    with pytest.raises(NotATable):
        read(bomb)
    with pytest.raises(NotATable):
        read(packed(**{f"part{number}": b"x" for number in range(200)}))


def test_entities_are_refused() -> None:
    good = as_xlsx(["wekeza", "A", "", "", "1", ""])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            inside = old.read(part)
            if part == "xl/workbook.xml":
                inside = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + inside
            new.writestr(part, inside)
    with pytest.raises(NotATable):
        read(out.getvalue())


def with_part(name: str, inside: bytes) -> bytes:
    """A good workbook, one of its parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx(["wekeza", "A", "", "", "1", ""]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, inside if part == name else old.read(part))
    return out.getvalue()


def test_styles_are_never_looked_at_however_many_there_are() -> None:
    """A million of them in 16 KB once cost a gigabyte and a quarter of a minute."""
    bomb = b"<styleSheet><cellXfs>" + b"<xf/>" * 1_600_000 + b"</cellXfs></styleSheet>"
    content = with_part("xl/styles.xml", bomb)
    assert len(content) < 40_000
    with zipfile.ZipFile(spreadsheets._the_table_of(content)) as kept:
        assert "xl/styles.xml" not in kept.namelist()
    assert len(read(content)) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp037", "latin-1", "utf-7"])
def test_entities_hide_in_no_other_letters(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><workbook/>'
    with pytest.raises(NotATable):
        read(with_part("xl/workbook.xml", text.encode(encoding)))


def test_a_part_that_says_it_is_written_in_other_letters_is_not_read() -> None:
    """What is hidden by them would not be seen: `+ADwAIQ-DOCTYPE` is one in UTF-7."""
    for encoding in ("utf-7", "latin-1", "UTF-16"):
        with pytest.raises(NotATable):
            read(with_part("xl/workbook.xml", f"<?xml version='1.0' encoding = '{encoding}' ?><workbook/>".encode()))


def test_a_long_cell_is_cut_and_a_million_empty_rows_are_not_walked() -> None:
    assert len(read(as_csv(f"wekeza,{'9' * 10_000},,,1,"))[0][1]["number"]) == reading.LONGEST_CELL
    with pytest.raises(TooManyRows):
        read(as_csv("wekeza,A,,,1,", *[",,,,,"] * 1000))


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_it(content: bytes) -> None:
    for start in (b"", HEADING.encode() + b"\n", b"PK\x03\x04"):
        try:
            rows = read(start + content)
        except FileRefused:
            continue
        assert 0 < len(rows) <= reading.MOST_ROWS


def test_the_templates_can_be_read_back() -> None:
    expected = [line[1] for line in template.EXAMPLES]
    for content in (template.as_csv().encode(), template.as_xlsx()):
        assert [typed["number"] for _number, typed in read(content)] == expected
    assert next(csv.reader(io.StringIO(template.as_csv().lstrip("\ufeff")))) == list(COLUMNS)


def with_sheets(count: int) -> bytes:
    """A workbook of ours in which the list of sheets names the first one `count` times."""
    given = zipfile.ZipFile(io.BytesIO(as_xlsx(["wekeza", "ACC1000015", "", "", "5", ""])))
    parts = {name: given.read(name) for name in given.namelist()}
    again = b"".join(
        b'<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        b' name="S%d" sheetId="%d" state="visible" r:id="rId1"/>' % (number, number)
        for number in range(2, count + 1)
    )
    parts[spreadsheets.WORKBOOK] = parts[spreadsheets.WORKBOOK].replace(b"</sheets>", again + b"</sheets>")
    return packed(**parts)


def test_of_many_sheets_the_first_alone_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part under forty thousand names kept a process busy for hours."""
    named: list[int] = []
    load = spreadsheets.load_workbook

    def counting(*arguments: Any, **options: Any) -> Any:
        book = load(*arguments, **options)
        named.append(len(book.worksheets))
        return book

    monkeypatch.setattr(spreadsheets, "load_workbook", counting)
    assert [number for number, _typed in read(with_sheets(200))] == [2]
    assert named == [1]


def test_what_is_no_workbook_inside_is_refused() -> None:
    given = zipfile.ZipFile(io.BytesIO(as_xlsx()))
    parts = {name: given.read(name) for name in given.namelist()}
    for inside in (b"", b"<", b"<workbook/>", b"not xml", b"<a><b></a>"):
        with pytest.raises(FileRefused):
            read(packed(**{**parts, spreadsheets.WORKBOOK: inside}))


@pytest.mark.parametrize("name", ["sheets", "x:sheets"])
def test_whatever_its_namespace_no_other_list_of_sheets_is_believed(name: str) -> None:
    given = zipfile.ZipFile(io.BytesIO(as_xlsx(["wekeza", "ACC1000015", "", "", "5", ""])))
    parts = {part: given.read(part) for part in given.namelist()}
    listed = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (number, number) for number in range(1, 301))
    opening = f'<{name} xmlns:x="urn:x">'.encode() + listed + f"</{name}>".encode()
    whole = parts[spreadsheets.WORKBOOK]
    before, _old, after = whole.partition(b"<sheets>")
    relations = b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    before = before.replace(b"<workbook ", b"<workbook " + relations + b" ", 1)
    parts[spreadsheets.WORKBOOK] = before + opening + after.partition(b"</sheets>")[2]
    kept = zipfile.ZipFile(spreadsheets._the_table_of(packed(**parts))).read(spreadsheets.WORKBOOK)
    assert kept.count(b"sheetId") == 1
    assert [number for number, _typed in read(packed(**parts))] == [2]


def test_a_long_way_to_the_rows_is_refused() -> None:
    """Each element before them is read one by one, whatever it says."""
    given = zipfile.ZipFile(io.BytesIO(as_xlsx(["wekeza", "ACC1000015", "", "", "5", ""])))
    parts = {part: given.read(part) for part in given.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"<sheetData>", b"<a/>" * 20_000 + b"<sheetData>")
    with pytest.raises(NotATable):
        read(packed(**parts))
