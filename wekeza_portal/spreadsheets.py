"""CSV and XLSX into rows of text. Strict: only a plain small table is read, and nothing in it is evaluated."""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.xml.constants import REL_NS, SHEET_MAIN_NS
from openpyxl.xml.functions import Element, SubElement, fromstring, localname, tostring

from wekeza_portal.places import Places

LARGEST = 1024 * 1024
MOST_READ = 500
"""Lines looked at, empty ones too."""
LONGEST_CELL = 200
UNPACKED = 2 * 1024 * 1024
MOST_PARTS = 100
READ_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook|sharedStrings)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/[^/]+\.xml"
)
"""The table alone: styles, themes, pictures and all else a workbook may hold are never looked at."""
WORKBOOK, SHEETS = "xl/workbook.xml", "xl/worksheets/"
ROWS_BEGIN = re.compile(rb"<(\w+:)?sheetData[\s/>]")
LONGEST_WAY = 64 * 1024
"""Bytes of a sheet before its rows: column widths and the like."""
UTF8 = {b"utf-8", b"us-ascii"}
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
UNREADABLE = (
    ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, csv.Error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the readers raise at files that are not what they seem: broken, encrypted, of another kind."""
_ZIP = b"PK\x03\x04"


READ = Places(1)
"""Files looked into at once, in this process of the web server: one takes seconds where somebody made it so."""


class Unreadable(Exception):
    """Broken, encrypted, of another kind, or more than it seems."""


def table(content: bytes) -> list[list[str]]:
    """The lines of the first sheet, empty ones too, at most MOST_READ + 1. Raises Unreadable, AllTaken.

    A cell longer than LONGEST_CELL is cut there: no field is as long.
    """
    with READ.one_for("a file"):
        return _table(content)


def _table(content: bytes) -> list[list[str]]:
    try:
        lines = _xlsx(content) if content.startswith(_ZIP) else _csv(content)
        return [[_text(cell) for cell in line] for line in lines]
    except UNREADABLE as error:
        raise Unreadable from error


def _csv(content: bytes) -> Iterator[list[str]]:
    if b"\x00" in content:
        raise Unreadable
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    return _at_most(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))


def _xlsx(content: bytes) -> Iterator[Iterable[Any]]:
    book = load_workbook(_the_table_of(content), read_only=True, data_only=True, keep_links=False)
    if not book.worksheets:
        raise Unreadable
    sheet = book.worksheets[0]
    return _at_most(sheet.iter_rows(max_row=MOST_READ + 1, max_col=20, values_only=True))


def _the_table_of(content: bytes) -> io.BytesIO:
    """The workbook with nothing in it but what is read.

    Unreadable for what unpacks to more than it may, hides another table of contents, declares entities, or is written
    in other letters than UTF-8, in which such a declaration would not be seen.
    """
    table = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(table, "w") as kept:
        every = packed.infolist()
        parts = [part for part in every if READ_PARTS.fullmatch(part.filename)]
        if len(every) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
            raise Unreadable
        for part in parts:
            with packed.open(part) as opened:
                inside = opened.read(UNPACKED + 1)
            if len(inside) != part.file_size or not _is_plain_xml(inside):
                raise Unreadable
            if part.filename == WORKBOOK:
                inside = _with_the_first_sheet(inside)
            elif part.filename.startswith(SHEETS):
                _refuse_a_long_way_to_the_rows(inside)
            kept.writestr(part.filename, inside)
    return table


def _with_the_first_sheet(workbook: bytes) -> bytes:
    """A list of sheets of our own that names the first one alone: the library looks through the part of each that is
    named, in whatever namespace, also where thousands name the same."""
    root = fromstring(workbook)
    sheets = [node for node in root.iter() if isinstance(node.tag, str) and localname(node) == "sheet"]
    part = sheets[0].get(f"{{{REL_NS}}}id") if sheets else None
    if not part:
        raise Unreadable
    ours = Element(f"{{{SHEET_MAIN_NS}}}workbook")
    named = SubElement(ours, f"{{{SHEET_MAIN_NS}}}sheets")
    SubElement(named, f"{{{SHEET_MAIN_NS}}}sheet", {"name": "1", "sheetId": "1", f"{{{REL_NS}}}id": part})
    said: bytes = tostring(ours)
    return said


def _refuse_a_long_way_to_the_rows(sheet: bytes) -> None:
    """What stands before the rows is read element by element: a sheet says little there."""
    rows = ROWS_BEGIN.search(sheet[:LONGEST_WAY])
    if rows is None:
        raise Unreadable


def _is_plain_xml(inside: bytes) -> bool:
    """Whether it is UTF-8, by what it says of itself and by its first bytes, and declares nothing of its own."""
    start = inside.removeprefix(codecs.BOM_UTF8).lstrip()
    said = ENCODING.search(start.partition(b"?>")[0]) if start.startswith(b"<?xml") else None
    is_utf8 = start.startswith(b"<") and b"\x00" not in inside and (said is None or said[1].lower() in UTF8)
    return is_utf8 and b"<!DOCTYPE" not in inside and b"<!ENTITY" not in inside


def _at_most(lines: Iterable[Any]) -> Iterator[Any]:
    for number, line in enumerate(lines):
        if number > MOST_READ:
            return
        yield line


def _text(cell: Any) -> str:
    """As it would be typed. Spreadsheets make 722123456.0 of a phone number, and dates of much else."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return " ".join(str(cell)[:LONGEST_CELL].split())
