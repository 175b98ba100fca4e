"""A file of payments into rows of text, by the names in its first row. See wekeza_portal.spreadsheets."""

import re
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused
from wekeza_portal import spreadsheets
from wekeza_portal.ratelimit import Policy
from wekeza_portal.spreadsheets import LARGEST, LONGEST_CELL, MOST_READ

__all__ = ["COLUMNS", "LARGEST", "LONGEST_CELL", "MOST_ROWS", "FileRefused", "read"]

READS = Policy("payment-file-reads", 60, timedelta(hours=1))
"""Files looked at, whatever is in them: nobody mends one that often."""
MOST_ROWS = 50
COLUMNS = ("kind", "number", "bank_or_biller", "name", "amount", "note")
SWAHILI = ("aina", "nambari", "benki_au_kampuni", "jina", "kiasi", "maelezo")


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
        table = spreadsheets.table(content)
    except spreadsheets.Unreadable as error:
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
