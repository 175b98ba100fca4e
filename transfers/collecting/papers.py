"""The receipt of money that came in, as an issued paper that anybody can verify."""

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer
from transfers.collecting.selectors import ReceivedPaper
from transfers.rules import masked_name
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment

RECEIVED = "DEPOSIT_RECEIPT"


def received_kind() -> PaperKind:
    """The name masked, no account number, no balance: this page is open to whoever holds the paper."""
    return PaperKind(
        title=_("Deposit receipt"),
        template="documents/received.html",
        facts={
            "paid_at": Fact(_("Date"), as_moment),
            "reference": Fact(_("Reference")),
            "amount": Fact(_("Amount"), as_kes),
            "receipt": Fact(_("M-Pesa receipt")),
            "payee": Fact(_("To")),
        },
    )


def received_pdf(paper: ReceivedPaper, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """The PDF, entered in the register."""
    draft = papers.Draft(
        kind=RECEIVED,
        subject=paper.reference,
        customer_id=customer.user_id,
        language=language,
        facts={
            "paid_at": paper.posted_at.isoformat(),
            "reference": paper.reference,
            "amount": str(paper.amount),
            "receipt": paper.receipt or "-",
            "payee": masked_name(customer.full_name),
        },
        context={"paper": paper, "payee": customer.full_name},
    )
    return papers.issue(draft, actor=actor)[1]
