"""What the payer is told as a payment goes its way, in their language, written in the transaction that moved it.

One message when the money leaves, so that whoever did not ask for it learns at once; one when it comes back; and one
with the token of a prepaid meter. That it arrived stands on the receipt and in the history.
"""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.ledger import Receipt
from accounts.models import Instruction
from accounts.telling import readers, tell
from transfers.models import Payment
from transfers.outside.reasons import reason
from transfers.outside.tokens import grouped
from wekeza_portal import crypto
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link

Words = Callable[[dict[str, Any]], tuple[str, str]]


def received(instruction: Instruction, receipt: Receipt) -> None:
    """The money has left the account."""
    payload = instruction.payload
    values = {
        "amount": format_kes(instruction.amount),
        "fee": format_kes(instruction.fee),
        "where": f"{payload['to_at']} {_tail(payload['to_number'])}",
        "reference": receipt.reference,
        "phone": settings.FRAUD_PHONE,
    }
    _tell(instruction.customer_id, instruction.id, "received", _received, values, Event.MONEY_OUT, instruction.amount)


def returned(payment: Payment) -> None:
    """It did not arrive; amount and fee are back."""
    values = {
        "amount": format_kes(payment.amount),
        "total": format_kes(payment.amount + payment.fee),
        "why": reason(payment.reason).why,
        "reference": payment.reference,
    }
    _tell(payment.customer_id, payment.pk, "returned", _returned, values, Event.MONEY_IN, payment.amount)


def confirmed(payment: Payment, instruction: Instruction) -> None:
    """Only where the other side gave something to be typed into a meter: it was bought for that, so nobody mutes it."""
    if not payment.token:
        return
    values = {
        "biller": instruction.payload["to_at"],
        "number": instruction.payload["to_number"],
        "amount": format_kes(payment.amount),
        "token": grouped(crypto.decrypt(payment.token)),
    }
    _tell(payment.customer_id, payment.pk, "token", _confirmed, values, Event.ASKED)


def _received(values: dict[str, Any]) -> tuple[str, str]:
    text = _(
        "%(bank)s: %(amount)s and fee %(fee)s left your account for %(where)s. Ref %(reference)s. "
        "Not you? Call %(phone)s."
    )
    return _("You are sending %(amount)s") % values, text % values


def _returned(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(amount)s did not arrive. %(why)s %(total)s is back. Ref %(reference)s.")
    return _("%(total)s is back on your account") % values, text % values


def _confirmed(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(biller)s, meter %(number)s, %(amount)s. Token: %(token)s")
    return _("Your token for meter %(number)s") % values, text % values


def _tell(
    customer_id: int,
    payment_id: uuid.UUID,
    what: str,
    words: Words,
    values: dict[str, Any],
    event: Event,
    amount: Decimal | None = None,
) -> None:
    """In the payer's language; nothing where the branch has no such person any more."""
    reader = readers([customer_id]).get(customer_id)
    if reader is None:
        return
    with translation.override(reader.language):
        subject, body = words({"bank": settings.BANK_NAME, **values})
    link = Link("payment_receipt", {"instruction_id": payment_id})
    tell(
        reader.customer,
        cause=f"payment-{what}:{payment_id}",
        event=event,
        subject=subject,
        body=body,
        amount=amount,
        link=link,
    )


def _tail(number: str) -> str:
    """The last three characters: enough for the payer, too little for whoever reads along."""
    return f"...{number[-3:]}"
