"""The year as a file: one line for each account and month."""

import csv
import io

from django.utils.translation import gettext as _

from statements.exporting.cells import for_csv
from statements.exporting.csvfile import BYTE_ORDER_MARK
from statements.exporting.lines import left_out
from statements.year.summary import Table, Year
from statements.year.words import GROUP_WORDS


def written(year: Year) -> str:
    """Every account's months, then all together; amounts in KES, in the active language."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    words = (GROUP_WORDS[group] for group in year.groups)
    amounts = [_("Money in"), _("Money out"), *map(str, words)]
    writer.writerow([_("Account"), _("Month"), *(_("%(what)s (KES)") % {"what": what} for what in amounts)])
    own = year.tables[1:] or year.tables
    for table in own:
        writer.writerows(_rows(table, year.year))
    if own is not year.tables:
        writer.writerows(_rows(year.tables[0], year.year))
    if year.since is not None:
        writer.writerow([left_out(year.since)])
    return BYTE_ORDER_MARK + file.getvalue()


def _rows(table: Table, year: int) -> list[list[str]]:
    name = for_csv(table.account.number) if table.account else _("All accounts")
    months = [[name, f"{line.month:%Y-%m}", *(str(figure.amount) for figure in line.figures)] for line in table.months]
    return [*months, [name, str(year), *(str(figure.amount) for figure in table.total.figures)]]
