"""The file to begin with: the headings and an example of each kind."""

import csv
import io

from openpyxl import Workbook
from openpyxl.writer.excel import save_workbook

from transfers.many.reading import COLUMNS

EXAMPLES = (
    ("wekeza", "ACC1000015", "", "Wanjiku Mwangi", "1500", "Wages"),
    ("phone", "0722123456", "mpesa", "Baraka Otieno", "2000", "Wages"),
    ("bank", "1234567890", "01", "Halima Abdi", "2500.50", "Wages"),
    ("pesalink", "0711123456", "", "Amina Yusuf", "3000", "Wages"),
    ("bill", "12345678901", "KPLC_PREPAID", "", "1000", "Office"),
    ("airtime", "0733123456", "airtel", "", "100", ""),
)


def as_csv() -> str:
    """With a byte order mark, so that Excel reads it as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *EXAMPLES])
    return f"\ufeff{text.getvalue()}"


def as_xlsx() -> bytes:
    """All cells are text, also those that are still empty: numbers keep their leading zeros."""
    book = Workbook()
    sheet = book.active
    for line in [COLUMNS, *EXAMPLES]:
        sheet.append(line)
    for row in sheet.iter_rows(min_row=1, max_row=51, max_col=len(COLUMNS)):
        for cell in row:
            cell.number_format = "@"
    for letter, width in zip("ABCDEF", (10, 18, 18, 24, 12, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    file = io.BytesIO()
    save_workbook(book, file)
    return file.getvalue()
