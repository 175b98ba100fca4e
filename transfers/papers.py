"""The receipt as an issued paper: what it says to whoever verifies it, and how its owner stops that."""

from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Posting
from transfers.outside.selectors import life
from transfers.rules import masked_name
from transfers.selectors import TransferPaper
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment, one_of
from wekeza_portal.documents.models import IssuedPaper

RECEIPT = "TRANSFER_RECEIPT"
STATES = {"done": _("Confirmed"), "open": _("On its way"), "returned": _("Returned")}
NAMES = {"typed": _("as the payer typed it, not checked")}


def receipt_kind() -> PaperKind:
    """Names masked, no account number, no balance: this page is open to whoever holds the paper."""
    return PaperKind(
        title=_("Payment receipt"),
        template="documents/receipt.html",
        facts={
            "paid_at": Fact(_("Date"), as_moment),
            "reference": Fact(_("Reference")),
            "amount": Fact(_("Amount"), as_kes),
            "payer": Fact(_("From")),
            "payee": Fact(_("To")),
            "payee_name": Fact(_("Name of the receiver"), one_of(NAMES)),
            "state": Fact(_("State"), one_of(STATES)),
        },
        still_stands=still_stands,
    )


def receipt_pdf(paper: TransferPaper, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """The PDF of a receipt, entered in the register. Without the balance: this paper is passed on to others."""
    draft = papers.Draft(
        kind=RECEIPT,
        subject=paper.reference,
        customer_id=customer.user_id,
        language=language,
        facts=facts_of(paper, customer),
        context={
            "paper": paper,
            "payer": customer.full_name,
            "token": life(paper.payment).token if paper.payment else "",
        },
    )
    return papers.issue(draft, actor=actor)[1]


def given_out(paper: TransferPaper, customer: BranchCustomer) -> list[IssuedPaper]:
    """The papers of this payment that somebody may hold and that verify, newest first."""
    active = papers.active(kind=RECEIPT, subject=paper.reference, customer_id=customer.user_id)
    return list(active.order_by("-pk"))


def stop_checks(paper: TransferPaper, *, customer: BranchCustomer, actor: Actor) -> None:
    """Nobody can verify the papers given out so far about this payment."""
    papers.revoke(kind=RECEIPT, subject=paper.reference, customer_id=customer.user_id, actor=actor)


def facts_of(paper: TransferPaper, customer: BranchCustomer) -> dict[str, str]:
    """What anybody who verifies the paper is told."""
    payer = masked_name(customer.full_name)
    return {
        "paid_at": paper.posted_at.isoformat(),
        "reference": paper.reference,
        "amount": str(paper.amount),
        "payer": payer,
        "payee": payer if paper.is_own else _payee(paper),
        "state": state_of(paper),
    } | ({"payee_name": "typed"} if paper.is_as_typed and not paper.said_name else {})


def _payee(paper: TransferPaper) -> str:
    """Companies by their name, people masked; of a number without a name only where it is."""
    if not paper.to_at:
        return paper.to_name  # masked since it was looked up
    if paper.company:
        return paper.kept_payee
    name = paper.said_name or paper.to_name
    return paper.to_at if name in ("", paper.to_at) else masked_name(name)


def state_of(paper: TransferPaper) -> str:
    """A key of STATES."""
    if paper.is_returned:
        return "returned"
    return "open" if paper.is_open else "done"


def still_stands(paper: IssuedPaper) -> bool:
    """A receipt that says Confirmed is worth nothing once the money went back."""
    if paper.facts.get("state") == "returned":
        return True
    return not Posting.objects.filter(reverses__reference=paper.subject).exists()
