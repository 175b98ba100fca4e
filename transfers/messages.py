"""What both sides of a transfer are told, each in their own language, written in the transfer's transaction."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.ledger import PostingKind, Receipt
from accounts.models import BranchCustomer, Instruction
from accounts.telling import language_of, tell
from transfers.rules import masked_name, plain_name
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.inbox import Link


def notify_both(
    instruction: Instruction, receipt: Receipt, *, sender: BranchCustomer | None, receiver: BranchCustomer | None
) -> None:
    """One message to the sender and one to the receiver; a single one between a customer's own accounts.

    No note, no balance, no account number: an SMS is read by others.
    """
    values = {
        "bank": settings.BANK_NAME,
        "amount": format_kes(instruction.amount),
        "reference": receipt.reference,
        "phone": settings.FRAUD_PHONE,
        "payee": plain_name(instruction.payload["to_name"]),
        "payer": plain_name(masked_name(sender.full_name)) if sender else "",
    }
    paid = Link("payment_receipt", {"instruction_id": instruction.id})
    if instruction.kind == PostingKind.TRANSFER_OWN:
        _send(sender, f"transfer-moved:{instruction.id}", _moved, values, paid)
        return
    _send(sender, f"transfer-sent:{instruction.id}", _sent, values, paid)
    _send(receiver, f"transfer-received:{instruction.id}", _received, values, _came_in(receipt))


def _came_in(receipt: Receipt) -> Link | None:
    """The receiver's own row of the payment."""
    rows = [leg.branch_reference for leg in receipt.legs if leg.amount > 0 and leg.account_id is not None]
    return Link("movement", {"reference": rows[0]}) if rows else None


def _sent(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: you sent %(amount)s to %(payee)s Ref %(reference)s. Not you? Call %(phone)s.")
    return _("You sent %(amount)s") % values, text % _ended(values, "payee")


def _received(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: you received %(amount)s from %(payer)s Ref %(reference)s.")
    return _("You received %(amount)s") % values, text % _ended(values, "payer")


def _moved(values: dict[str, str]) -> tuple[str, str]:
    text = _("%(bank)s: you moved %(amount)s between your accounts. Ref %(reference)s. Not you? Call %(phone)s.")
    return _("You moved %(amount)s") % values, text % values


def _ended(values: dict[str, str], name: str) -> dict[str, str]:
    """The name with one full stop after it: "WANJIKU M." has its own, "W***" has none."""
    return {**values, name: values[name] if values[name].endswith(".") else f"{values[name]}."}


def _send(customer: BranchCustomer | None, cause: str, words: Any, values: dict[str, str], link: Link | None) -> None:
    if customer is None:
        return
    with translation.override(language_of(customer)):
        subject, body = words(values)
    tell(customer, cause=cause, subject=subject, body=body, link=link)
