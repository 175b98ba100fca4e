"""Dates of birth of many customers from one file, as staff read them off the IDs: checked row by row, then proposed.

One proposal for the whole file; the second person's yes writes each row as the single one is written. The proposal
names customers by number and fingerprint: the ID numbers of the file are kept nowhere.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import links
from accounts.models import BranchCustomer
from accounts.profile import identifying
from accounts.profile.identifying import APPROVE, OLDEST, PROPOSE
from accounts.profile.rights import age_on
from wekeza_portal import clock, crypto, spreadsheets
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "birth-dates"
COLUMNS = ("national_id", "birth_date", "document")
DOCUMENTS: dict[str, Any] = {
    "ID": gettext_lazy("National ID"),
    "PASSPORT": gettext_lazy("Passport"),
    "ALIEN": gettext_lazy("Alien card"),
}
MOST_ROWS = 200
PURPOSE = "birth-dates:"
"""Begins what is encrypted, so that no other secret under the same key is taken for it."""
CHECK_HOLDS = timedelta(hours=1)
EXCEL_BEGINS = date(1899, 12, 30)
"""Day 0 of a workbook, as it counts from 1 March 1900 on."""


class FileUnfit(PortalError):
    code = "birth_file_unfit"
    field = "file"
    message = gettext_lazy(
        "We can't read this as a table. Use CSV or XLSX, up to 1 MB and 200 rows, with these columns: %(columns)s."
    )


class CheckAgain(PortalError):
    code = "check_again"
    message = gettext_lazy("This check is too old or not yours. Send the file again.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: what was typed, whose it is, and what is wrong with it ("" where nothing is)."""

    number: int
    national_id: str
    typed: str
    document: str
    customer: BranchCustomer | None
    born_on: date | None
    problem: str


def check(content: bytes) -> list[Row]:
    """Every row with its verdict, in the active language. Raises FileUnfit. Changes nothing."""
    lines = _lines(content)
    people = _people({cells[0] for _number, cells in lines})
    times = Counter(cells[0] for _number, cells in lines)
    return [_row(number, cells, people.get(cells[0], []), times[cells[0]]) for number, cells in lines]


def _lines(content: bytes) -> list[tuple[int, tuple[str, str, str]]]:
    try:
        table = spreadsheets.table(content) if len(content) <= spreadsheets.LARGEST else []
    except spreadsheets.Unreadable:
        table = []
    names = [re.sub(r"[^a-z]+", "_", cell.casefold()).strip("_") for cell in table[0]] if table else []
    if not set(COLUMNS) <= set(names):
        raise FileUnfit(columns=", ".join(COLUMNS))
    places = [names.index(name) for name in COLUMNS]
    found = []
    for number, line in enumerate(table[1:], start=2):
        first, second, third = (line[place].strip() if place < len(line) else "" for place in places)
        if first or second or third:
            found.append((number, (first, second, third)))
    if not 0 < len(found) <= MOST_ROWS:
        raise FileUnfit(columns=", ".join(COLUMNS))
    return found


def _people(ids: set[str]) -> dict[str, list[BranchCustomer]]:
    found: dict[str, list[BranchCustomer]] = {}
    for customer in BranchCustomer.objects.filter(national_id__in=ids - {""}, business__isnull=True):
        found.setdefault(customer.national_id or "", []).append(customer)
    return found


def _row(number: int, cells: tuple[str, str, str], people: list[BranchCustomer], times: int) -> Row:
    national_id, typed, document = cells
    born = _born(typed)
    customer = people[0] if len(people) == 1 else None
    problem = ""
    if times > 1:
        problem = _("This ID number stands in the file more than once.")
    elif customer is None:
        problem = (
            _("Several customers have this ID number.") if people else _("No personal customer has this ID number.")
        )
    elif born is None:
        problem = _("Write the date as 1990-03-14 or 14/03/1990.")
    elif not 0 <= age_on(born, clock.today()) <= OLDEST:
        problem = str(identifying.OddBirthDate.message)
    elif document.upper() not in DOCUMENTS:
        problem = _("Write the document as one of: %(documents)s.") % {"documents": ", ".join(DOCUMENTS)}
    return Row(number, national_id, typed, document.upper(), customer, born, problem)


def _born(typed: str) -> date | None:
    """ "1990-03-14" or "14/03/1990", or the number of days that a workbook has in their place; else None.

    Five digits, since 18 May 1927: a year alone is never taken for one.
    """
    text = typed if typed.isascii() else ""
    if re.fullmatch(r"[1-9]\d{4}", text):
        return EXCEL_BEGINS + timedelta(days=int(text))
    for pattern, shape in ((r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"), (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y")):
        if re.fullmatch(pattern, text):
            try:
                return datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day, not a moment
            except ValueError:
                return None
    return None


def carried(rows: list[Row], staff_id: int) -> str:
    """The checked rows for the form that proposes them, readable to nobody; "" while one of them is wrong."""
    if any(row.problem for row in rows):
        return ""
    content = {"of": staff_id, "at": clock.now().isoformat(), "rows": [_kept(row) for row in rows]}
    return crypto.encrypt(PURPOSE + json.dumps(content))


def _kept(row: Row) -> dict[str, Any]:
    assert row.customer is not None
    assert row.born_on is not None
    return {
        "customer": row.customer.user_id,
        "who": links.fingerprint(row.customer),
        "born_on": row.born_on.isoformat(),
        "document": row.document,
    }


def payload_of(text: str, staff_id: int) -> Payload:
    """What is proposed. Raises CheckAgain for what is not ours, another person's or older than an hour."""
    try:
        content = crypto.decrypt(text)
    except (InvalidToken, ValueError):
        raise CheckAgain() from None
    if not content.startswith(PURPOSE):
        raise CheckAgain()
    found = json.loads(content.removeprefix(PURPOSE))
    if found["of"] != staff_id or clock.now() - datetime.fromisoformat(found["at"]) > CHECK_HOLDS:
        raise CheckAgain()
    return {"rows": found["rows"]}


def _single(row: dict[str, Any]) -> Payload:
    return {"customer": row["customer"], "who": row["who"], "is_seen": True, "born_on": row["born_on"]}


def refuse_if_wrong(payload: Payload) -> None:
    """As for a single one, each row: one that no longer fits stops all of them."""
    for row in payload["rows"]:
        identifying.refuse_if_wrong(_single(row))


def describe(payload: Payload) -> str:
    """Every row, because the second person answers for each: "2 dates of birth: customer 7, 14 March 1990; ..."."""
    words = _("customer %(customer)s, %(born)s (%(document)s)")
    rows = [
        words
        % {
            "customer": row["customer"],
            "born": date_format(date.fromisoformat(row["born_on"])),
            "document": DOCUMENTS.get(row["document"], row["document"]),
        }
        for row in payload["rows"]
    ]
    return _("%(count)s dates of birth: %(rows)s") % {"count": len(rows), "rows": "; ".join(rows)}


def apply(proposal: Proposal) -> None:
    """Write each as a single one is written, with an event of its own; all of them or none."""
    for row in proposal.payload["rows"]:
        identifying.establish(_single(row), proposal, document=row["document"])


def register() -> None:
    """Once, when the staff's pages are made."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Dates of birth from a file"),
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
