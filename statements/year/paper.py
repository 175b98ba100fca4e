"""The year as an issued paper: what it says to whoever verifies it."""

import hashlib
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from statements.year.summary import Year
from statements.year.words import GROUP_WORDS
from transfers.rules import masked_name
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes

YEAR_SUMMARY = "YEAR_SUMMARY"


def _as_day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F Y")


def year_kind() -> PaperKind:
    """The name masked, no account number, no balance: this page is open to whoever holds the paper."""
    return PaperKind(
        title=_("Summary of a year"),
        template="documents/year.html",
        facts={
            "year": Fact(_("Year")),
            "until": Fact(_("Until"), _as_day),
            "holder": Fact(_("Name")),
            "money_in": Fact(_("Money in"), as_kes),
            "money_out": Fact(_("Money out"), as_kes),
        },
    )


def year_pdf(year: Year, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """The PDF, entered in the register. Asked for again with the same figures in it, it is the same paper."""
    draft = papers.Draft(
        kind=YEAR_SUMMARY,
        subject=f"{year.year}:{customer.user_id}:{_fingerprint(year)}",
        customer_id=customer.user_id,
        language=language,
        facts={
            "year": str(year.year),
            "until": year.until.isoformat(),
            "holder": masked_name(customer.full_name),
            "money_in": str(year.total.money_in.amount),
            "money_out": str(year.total.money_out.amount),
        },
        context={"year": year, "holder": customer.full_name, "words": [GROUP_WORDS[group] for group in year.groups]},
    )
    return papers.issue(draft, actor=actor)[1]


def _fingerprint(year: Year) -> str:
    """Of every figure: the same sums, spread otherwise over the months, are another paper."""
    said = [
        (table.account.number if table.account else "", str(line.month), *(str(each.amount) for each in line.figures))
        for table in year.tables
        for line in table.months
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]
