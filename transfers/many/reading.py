"""CSV and XLSX into rows of text. Strict: only a plain small table is read, and nothing in it is evaluated."""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring, tostring

from transfers.errors import TransferRefused
from wekeza_portal.ratelimit import Policy

READS = Policy("payment-file-reads", 60, timedelta(hours=1))
"""Files looked at, whatever is in them: nobody mends one that often."""
LARGEST = 1024 * 1024
MOST_ROWS = 50
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
WORKBOOK = "xl/workbook.xml"
UTF8 = {b"utf-8", b"us-ascii"}
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
COLUMNS = ("kind", "number", "bank_or_biller", "name", "amount", "note")
SWAHILI = ("aina", "nambari", "benki_au_kampuni", "jina", "kiasi", "maelezo")
UNREADABLE = (
    ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, csv.Error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the readers raise at files that are not what they seem: broken, encrypted, of another kind."""
_ZIP = b"PK\x03\x04"


class FileRefused(TransferRefused):
    """The file can't be read as a table of payments."""

    field = "file"


class TooLarge(FileRefused):
    code = "file_too_large"
    message = _("The file is larger than 1 MB. Fifty payments need far less: save it without pictures.")


class NotATable(FileRefused):
    code = "file_not_a_table"
    message = _("We can't read this file. Save it as CSV or as an Excel workbook (XLSX), or use our template.")


class NoHeading(FileRefused):
    code = "file_no_heading"
    message = _("The first row must name the columns as our template does: %(columns)s.")


class NoRows(FileRefused):
    code = "file_no_rows"
    message = _("There are no payments in this file.")


class TooManyRows(FileRefused):
    code = "file_too_many_rows"
    message = _("A file can have up to %(most)s payments. Split it into several.")


def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(row number as the spreadsheet counts, texts by COLUMNS) of every row that is not empty.

    Raises FileRefused. A cell longer than LONGEST_CELL is cut there: no field is as long.
    """
    if len(content) > LARGEST:
        raise TooLarge()
    try:
        lines = _xlsx(content) if content.startswith(_ZIP) else _csv(content)
        table = [[_text(cell) for cell in line] for line in lines]
    except FileRefused:
        raise
    except UNREADABLE as error:
        raise NotATable() from error
    if not table:
        raise NoRows()
    return _rows(table)


def _rows(table: list[list[str]]) -> list[tuple[int, dict[str, str]]]:
    places = _places(table[0])
    rows = []
    for number, line in enumerate(table[1:], start=2):
        cells = {name: line[place] if place < len(line) else "" for name, place in places.items()}
        if any(cells.values()):
            rows.append((number, cells))
    if not rows:
        raise NoRows()
    if len(rows) > MOST_ROWS or len(table) > MOST_READ:
        raise TooManyRows(most=MOST_ROWS)
    return rows


def _places(heading: list[str]) -> dict[str, int]:
    """Which column is which, in English or Kiswahili, in any order."""
    names = [re.sub(r"[^a-z]+", "_", cell.casefold()).strip("_") for cell in heading]
    for words in (COLUMNS, SWAHILI):
        if {words[0], words[1], words[4]} <= set(names):
            return {name: names.index(word) for name, word in zip(COLUMNS, words, strict=True) if word in names}
    raise NoHeading(columns=", ".join(COLUMNS))


def _csv(content: bytes) -> Iterator[list[str]]:
    if b"\x00" in content:
        raise NotATable()
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
        raise NotATable()
    sheet = book.worksheets[0]
    return _at_most(sheet.iter_rows(max_row=MOST_READ + 1, max_col=20, values_only=True))


def _the_table_of(content: bytes) -> io.BytesIO:
    """The workbook with nothing in it but what is read.

    NotATable for what unpacks to more than it may, hides another table of contents, declares entities, or is written
    in other letters than UTF-8, in which such a declaration would not be seen.
    """
    table = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(table, "w") as kept:
        every = packed.infolist()
        parts = [part for part in every if READ_PARTS.fullmatch(part.filename)]
        if len(every) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
            raise NotATable()
        for part in parts:
            with packed.open(part) as opened:
                inside = opened.read(UNPACKED + 1)
            if len(inside) != part.file_size or not _is_plain_xml(inside):
                raise NotATable()
            kept.writestr(part.filename, _first_sheet_alone(inside) if part.filename == WORKBOOK else inside)
    return table


def _first_sheet_alone(workbook: bytes) -> bytes:
    """The workbook naming no other sheet: the library looks through the part of each, also where all name the same."""
    root = fromstring(workbook)
    for sheets in root.iter(f"{{{SHEET_MAIN_NS}}}sheets"):
        for extra in list(sheets)[1:]:
            sheets.remove(extra)
    said: bytes = tostring(root)
    return said


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
