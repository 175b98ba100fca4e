"""What a customer is told of money that came in from M-Pesa, in the transaction that booked it."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.telling import readers, tell
from transfers.models import Deposit, Incoming
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link


def credited(row: Incoming) -> None:
    """It is on the account."""
    reader = readers([row.customer_id or 0]).get(row.customer_id or 0)
    if reader is None:
        return
    values: dict[str, Any] = {
        "bank": settings.BANK_NAME,
        "amount": format_kes(row.amount - row.fee),
        "account": f"...{row.account_number[-3:]}",
        "receipt": row.receipt or "-",
        "reference": row.ended_reference or row.reference,
    }
    with translation.override(reader.language):
        subject = _("%(amount)s came in from M-Pesa") % values
        text = _(
            "%(bank)s: %(amount)s came into your account %(account)s from M-Pesa. "
            "M-Pesa %(receipt)s. Ref %(reference)s."
        )
        body = text % values
    link = Link("received", {"incoming_id": row.pk})
    tell(
        reader.customer,
        cause=f"money-received:{row.pk}",
        event=Event.MONEY_IN,
        subject=subject,
        body=body,
        amount=row.amount,
        link=link,
    )


def held(deposit: Deposit) -> None:
    """M-Pesa paid, but not as was asked for: the bank has it, and people look."""
    reader = readers([deposit.customer_id]).get(deposit.customer_id)
    if reader is None:
        return
    values = {"bank": settings.BANK_NAME, "reference": deposit.reference, "phone": settings.SUPPORT_PHONE}
    with translation.override(reader.language):
        subject = _("Your deposit from M-Pesa is being checked")
        text = _(
            "%(bank)s: your deposit from M-Pesa has reached the bank and is being checked by our people. "
            "Ref %(reference)s. Questions? Call %(phone)s."
        )
        body = text % values
    link = Link("deposit_page", {"instruction_id": deposit.pk})
    tell(
        reader.customer,
        cause=f"deposit-held:{deposit.pk}",
        event=Event.REQUESTS,
        subject=subject,
        body=body,
        link=link,
    )
