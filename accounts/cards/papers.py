"""The receipt of what was paid for a card, as an issued paper."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts import instructions
from accounts.models import BranchCustomer, Instruction, Posting
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment
from wekeza_portal.documents.models import IssuedPaper

RECEIPT = "CARD_RECEIPT"


@dataclass(frozen=True, slots=True)
class CardPaper:
    """What was paid for a card. Amounts in KES; `excise` is inside `amount`."""

    reference: str
    posted_at: datetime
    amount: Decimal
    excise: Decimal
    from_number: str
    last_four: str
    """Of the card it comes in the place of; empty for a new one."""
    delivered_to: str
    balance_after: Decimal | None
    is_returned: bool


def paper_of(instruction: Instruction) -> CardPaper:
    """Http404 where nothing was paid. Raises NotAsPosted."""
    receipt, payload = instructions.receipt(instruction), instruction.payload
    return CardPaper(
        reference=receipt.reference,
        posted_at=receipt.posted_at,
        amount=instruction.amount,
        excise=Decimal(payload["excise"]),
        from_number=payload["from_number"],
        last_four=payload.get("last_four", ""),
        delivered_to=payload.get("delivered_to", ""),
        balance_after=receipt.balance_after(int(payload["from_account_id"])),
        is_returned=Posting.objects.filter(reverses__instruction_id=instruction.id).exists(),
    )


def receipt_kind() -> PaperKind:
    """In public neither name nor account: what it was for, when, and how much."""
    return PaperKind(
        title=_("Receipt for a card"),
        template="documents/card_receipt.html",
        facts={
            "paid_at": Fact(_("Date"), as_moment),
            "reference": Fact(_("Reference")),
            "amount": Fact(_("Amount"), as_kes),
            "last_four": Fact(_("In the place of card")),
        },
        still_stands=_still_stands,
    )


def receipt_pdf(paper: CardPaper, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """The PDF, entered in the register."""
    replaced = {"last_four": f"...{paper.last_four}"} if paper.last_four else {}
    draft = papers.Draft(
        kind=RECEIPT,
        subject=paper.reference,
        customer_id=customer.user_id,
        language=language,
        facts={
            "paid_at": paper.posted_at.isoformat(),
            "reference": paper.reference,
            "amount": str(paper.amount),
            **replaced,
        },
        context={"paper": paper, "payer": customer.full_name},
    )
    return papers.issue(draft, actor=actor)[1]


def _still_stands(paper: IssuedPaper) -> bool:
    """Worth nothing once the money went back."""
    return not Posting.objects.filter(reverses__reference=paper.subject).exists()
