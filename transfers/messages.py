"""What both sides of a transfer are told, each in their own language, written in the transfer's transaction."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.ledger import PostingKind, Receipt
from accounts.models import Instruction
from accounts.telling import News, Reader, tell_all
from transfers.rules import masked_name, plain_name
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link

Words = Callable[[dict[str, str]], tuple[str, str]]


class What(NamedTuple):
    """What a message is about, and the KES it tells of."""

    event: Event
    amount: Decimal


def notify_both(instruction: Instruction, receipt: Receipt, *, sender: Reader | None, receiver: Reader | None) -> None:
    """One message to the sender and one to the receiver; a single one between a customer's own accounts.

    No note, no balance, no account number: an SMS is read by others.
    """
    values = {
        "bank": settings.BANK_NAME,
        "amount": format_kes(instruction.amount),
        "reference": receipt.reference,
        "phone": settings.FRAUD_PHONE,
        "payee": plain_name(instruction.payload["to_name"]),
        "payer": plain_name(masked_name(sender.customer.full_name)) if sender else "",
    }
    out, came = (What(event, instruction.amount) for event in (Event.MONEY_OUT, Event.MONEY_IN))
    paid = Link("payment_receipt", {"instruction_id": instruction.id})
    if instruction.kind == PostingKind.TRANSFER_OWN:
        told = [_told(sender, f"transfer-moved:{instruction.id}", out, _moved, values, paid)]
    else:
        told = [
            _told(sender, f"transfer-sent:{instruction.id}", out, _sent, values, paid),
            _told(receiver, f"transfer-received:{instruction.id}", came, _received, values, _came_in(receipt)),
        ]
    tell_all([news for news in told if news is not None])


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


def _told(
    reader: Reader | None, cause: str, what: What, words: Words, values: dict[str, str], link: Link | None
) -> News | None:
    if reader is None:
        return None
    with translation.override(reader.language):
        subject, body = words(values)
    return News(reader.customer, cause, what.event, subject, body, what.amount, link=link)
