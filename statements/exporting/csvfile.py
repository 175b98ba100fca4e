"""CSV row by row onto disk, then sent: nothing is held but one batch."""

import csv
import tempfile
from collections.abc import Iterator
from typing import IO

from django.utils import translation

from accounts.models import BranchCustomer
from accounts.movements import Wanted
from statements.exporting.cells import for_csv
from statements.exporting.lines import Line, amounts, headings, left_out, lines, texts, too_many

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the machine's own code page."""


class _Echo:
    """A file that keeps nothing: what the writer writes comes back from `writerow`."""

    def write(self, text: str) -> str:
        return text


def written(customer: BranchCustomer, wanted: Wanted, language: str) -> IO[bytes]:
    """A temporary file, at its beginning, deleted when it is closed."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - handed on to the response, which closes it
    for piece in _pieces(customer, wanted, language):
        file.write(piece.encode())
    file.seek(0)
    return file


def _pieces(customer: BranchCustomer, wanted: Wanted, language: str) -> Iterator[str]:
    """The file in pieces: a heading, one line per movement, and a last line where it does not hold all of them."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    with translation.override(language):
        yield BYTE_ORDER_MARK + str(writer.writerow(headings()))
    for batch in lines(customer, wanted, language):
        if batch is None:
            with translation.override(language):
                yield str(writer.writerow([too_many()]))
        else:
            yield "".join(str(writer.writerow(_row(line))) for line in batch)
    if wanted.since is not None:
        with translation.override(language):
            yield str(writer.writerow([left_out(wanted.since.date())]))


def _row(line: Line) -> list[str]:
    at = f"{line.at:%Y-%m-%d %H:%M:%S}" if line.at else ""
    return [at, *map(for_csv, texts(line)), *("" if amount is None else str(amount) for amount in amounts(line))]
