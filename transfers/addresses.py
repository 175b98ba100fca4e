"""Which page a payment is filled in on."""

from django.urls import reverse

from accounts.ledger import PostingKind
from accounts.models import Instruction
from transfers.destinations import Kind
from transfers.outside.selectors import bill_like

PAGES: dict[str, str] = {
    PostingKind.TRANSFER_OWN: "move_own",
    PostingKind.TRANSFER_INTERNAL: "move_wekeza",
    Kind.MOBILE_MONEY: "move_mobile",
    Kind.AIRTIME: "move_airtime",
    Kind.BANK_TRANSFER: "move_bank",
    Kind.BANK_BY_PHONE: "move_bank_phone",
    Kind.BILL_PAYMENT: "move_bill",
    Kind.CDSC_TRANSFER: "move_cdsc",
}


def address_like(instruction: Instruction) -> str:
    """The page on which a payment like this one is filled in, with what was typed."""
    address = f"{reverse(PAGES[instruction.kind])}?like={instruction.id}"
    biller = bill_like(instruction)
    return f"{address}&biller={biller}" if biller else address
