"""The readable copy of a customer's data as a paper: who they are, accounts, latest movements, how much of what."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import movements, selectors, wording
from accounts.export import export_of
from accounts.models import BranchCustomer, Instruction, User
from accounts.privacy import consents, mydata, requests, terms
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_moment

PAPER = "DATA_COPY"
MOST_MOVEMENTS = 100
OTHER = _("Other records")
PARTS: dict[str, Any] = {
    "profile": _("Who you are"),
    "accounts": _("Accounts and movements"),
    "payments": _("Payments and limits"),
    "payments_out": _("Payments to other banks, phones and billers"),
    "payment_files": _("Payments in files"),
    "payees": _("Payees"),
    "standing_orders": _("Standing orders"),
    "requests_for_money": _("Requests for money"),
    "deposits_by_phone": _("Money in from your phone"),
    "cards": _("Cards"),
    "loans": _("Loans"),
    "insurance": _("Insurance"),
    "deposits": _("Fixed deposits"),
    "requests": _("Requests to the branch"),
    "online_access": _("Sign-ins and devices"),
    "stops_and_calls": _("Stops and calls of the bank"),
    "messages": _("Messages"),
    "papers": _("Papers we issued"),
    "uploads": _("Papers you sent"),
    "privacy": _("Consents, terms and requests about data"),
    "events": _("The record of who did what"),
}
"""What each part of the file is called. A part without a name of its own counts under "Other records"."""


def paper_kind() -> PaperKind:
    """In public nothing but when it was opened."""
    return PaperKind(
        title=_("Copy of a customer's data"),
        template="documents/data_copy.html",
        facts={"opened_at": Fact(_("Opened"), as_moment)},
    )


def pdf(customer: BranchCustomer, user: User, act: Instruction, *, language: str, actor: Actor) -> bytes:
    """The PDF, entered in the register; the same bytes again while the copy is open. Never inside a transaction."""
    assert act.posted_at is not None, "an open copy"
    with translation.override(language):
        context = _context(customer, user)
    draft = papers.Draft(
        kind=PAPER,
        subject=str(act.id),
        customer_id=customer.user_id,
        language=language,
        facts={"opened_at": act.posted_at.isoformat()},
        context=context,
    )
    content = papers.issue(draft, actor=actor)[1]
    mydata.note_taken(customer, act, actor, "pdf")
    return content


def _context(customer: BranchCustomer, user: User) -> dict[str, Any]:
    accounts = selectors.accounts_of(customer)
    tier, meaning = wording.TIERS.get(customer.kyc_tier, (customer.kyc_tier, ""))
    return {
        "customer": customer,
        "tier": tier,
        "meaning": meaning,
        "accounts": accounts,
        "movements": movements.latest(accounts, MOST_MOVEMENTS),
        "consents": consents.standings(customer),
        "terms": terms.accepted_by(user),
        "requests": requests.of(customer),
        "counts": counts(export_of(customer)["data"]),
    }


def counts(data: dict[str, Any]) -> list[tuple[Any, int]]:
    """How many records each part of the file has, in the order of PARTS; what has no name of its own together."""
    found = {name: _records(part) for name, part in data.items()}
    named = [(words, found[name]) for name, words in PARTS.items() if name in found]
    others = sum(number for name, number in found.items() if name not in PARTS)
    return [*named, (OTHER, others)] if others else named


def _records(part: Any) -> int:
    """Rows are lists; what groups them is not counted."""
    if isinstance(part, list):
        return len(part)
    return sum(_records(each) for each in part.values()) if isinstance(part, dict) else 0
