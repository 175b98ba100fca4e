"""XLSX row by row onto disk, then sent: nothing is held but one batch."""

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

from django.utils import translation
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.writer.excel import save_workbook

from accounts.models import BranchCustomer
from accounts.movements import Wanted
from statements.exporting.cells import plain
from statements.exporting.lines import Line, amounts, headings, left_out, lines, texts, too_many

MONEY = "#,##0.00"
MOMENT = "yyyy-mm-dd hh:mm"
WIDTHS = (18, 14, 22, 30, 40, 22, 12, 16, 16, 16)


def written(customer: BranchCustomer, wanted: Wanted, language: str) -> IO[bytes]:
    """A temporary file, at its beginning, deleted when it is closed."""
    book = Workbook(write_only=True)
    with translation.override(language):
        sheet = book.create_sheet()
        for column, width in zip("ABCDEFGHIJ", WIDTHS, strict=True):
            sheet.column_dimensions[column].width = width
        sheet.freeze_panes = "A2"
        sheet.append([_bold(sheet, heading) for heading in headings()])
    for row in _rows(sheet, customer, wanted, language):
        sheet.append(row)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - handed on to the response, which closes it
    save_workbook(book, file)
    file.seek(0)
    return file


def _rows(sheet: Any, customer: BranchCustomer, wanted: Wanted, language: str) -> Iterator[list[Any]]:
    for batch in lines(customer, wanted, language):
        if batch is None:
            with translation.override(language):
                yield [_text(sheet, too_many())]
        else:
            yield from (_row(sheet, line) for line in batch)
    if wanted.since is not None:
        with translation.override(language):
            yield [_text(sheet, left_out(wanted.since.date()))]


def _row(sheet: Any, line: Line) -> list[Any]:
    moment = WriteOnlyCell(sheet, value=line.at)
    moment.number_format = MOMENT
    return [moment, *(_text(sheet, text) for text in texts(line)), *(_money(sheet, value) for value in amounts(line))]


def _text(sheet: Any, text: str) -> Any:
    """Text and nothing else: openpyxl would make a formula of what begins with an equals sign."""
    cell = WriteOnlyCell(sheet, value="")
    cell.value = plain(text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _money(sheet: Any, amount: Decimal | None) -> Any:
    cell = WriteOnlyCell(sheet, value=amount)
    cell.number_format = MONEY
    return cell


def _bold(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font = Font(bold=True)
    return cell
