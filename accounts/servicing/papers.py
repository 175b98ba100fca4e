"""The letter and its receipt as issued papers, with a code by which anybody sees that they are ours."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts import instructions
from accounts import wording as accounts_wording
from accounts.models import BankLetter, BranchCustomer, Instruction, Posting
from accounts.servicing.words import LETTERS
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment, one_of
from wekeza_portal.documents.models import IssuedPaper

LETTER, RECEIPT = "BANK_LETTER", "LETTER_RECEIPT"


def letter_kind() -> PaperKind:
    """In public neither name, account nor balance: that the bank wrote it, when, and what it is about. Whoever has the
    PDF compares it there."""
    return PaperKind(
        title=_("Letter from the bank"),
        template="documents/letter.html",
        facts={
            "what": Fact(_("What it is"), one_of(LETTERS)),
            "made_at": Fact(_("Date"), as_moment),
        },
    )


def receipt_kind() -> PaperKind:
    return PaperKind(
        title=_("Receipt for a letter"),
        template="documents/letter_receipt.html",
        facts={
            "paid_at": Fact(_("Date"), as_moment),
            "reference": Fact(_("Reference")),
            "amount": Fact(_("Amount"), as_kes),
        },
        still_stands=_still_stands,
    )


def letter_pdf(letter: BankLetter, *, language: str, actor: Actor) -> bytes:
    """The letter, in the language asked for. The same letter again is the same bytes."""
    facts = {"what": letter.kind, "made_at": letter.made_at.isoformat()}
    draft = papers.Draft(
        kind=LETTER,
        subject=str(letter.pk),
        customer_id=letter.customer_id,
        language=language,
        facts=facts,
        context={
            "letter": letter,
            "title": LETTERS[letter.kind],
            "national_id": accounts_wording.masked_end(letter.national_id, 3) if letter.national_id else "",
            "kind_words": accounts_wording.KINDS.get(letter.account_kind, letter.account_kind),
        },
    )
    return papers.issue(draft, actor=actor)[1]


def receipt_pdf(letter: BankLetter, *, customer: BranchCustomer, language: str, actor: Actor) -> bytes:
    """What was paid for it. Http404 for a free one. Raises NotAsPosted."""
    instruction = instructions.get(customer, letter.pk)
    receipt = instructions.receipt(instruction)
    draft = papers.Draft(
        kind=RECEIPT,
        subject=receipt.reference,
        customer_id=customer.user_id,
        language=language,
        facts={
            "paid_at": receipt.posted_at.isoformat(),
            "reference": receipt.reference,
            "amount": str(letter.fee),
        },
        context={
            "letter": letter,
            "title": LETTERS[letter.kind],
            "payer": customer.full_name,
            "from_number": instruction.payload["from_number"],
            "is_returned": is_returned(letter.reference),
        },
    )
    return papers.issue(draft, actor=actor)[1]


def is_returned(reference: str) -> bool:
    """Whether what was paid went back."""
    return Posting.objects.filter(reverses__reference=reference).exists()


def balance_after(instruction: Instruction) -> Decimal | None:
    """KES booked on the paying account once the fee was taken."""
    return instructions.receipt(instruction).balance_after(int(instruction.payload["from_account_id"]))


def _still_stands(paper: IssuedPaper) -> bool:
    return not is_returned(paper.subject)
