"""What the payer is told as a payment goes its way, in their language, written in the transaction that moved it.

One message when the money leaves, so that whoever did not ask for it learns at once; one when it comes back; and one
with the token of a prepaid meter. That it arrived stands on the receipt and in the history.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.ledger import Receipt
from accounts.models import BranchCustomer, Instruction, User
from accounts.telling import tell
from transfers.models import Payment
from transfers.outside.reasons import reason
from transfers.outside.tokens import grouped
from wekeza_portal import crypto
from wekeza_portal.money import format_kes


def received(instruction: Instruction, receipt: Receipt, customer: BranchCustomer | None) -> None:
    """The money has left the account."""
    if customer is None:
        return
    payload = instruction.payload
    with translation.override(_language_of(customer.user_id)):
        values = {
            "bank": settings.BANK_NAME,
            "amount": format_kes(instruction.amount),
            "fee": format_kes(instruction.fee),
            "where": f"{payload['to_at']} {_tail(payload['to_number'])}",
            "reference": receipt.reference,
            "phone": settings.FRAUD_PHONE,
        }
        subject = _("You are sending %(amount)s") % values
        body = _(
            "%(bank)s: %(amount)s and fee %(fee)s left your account for %(where)s. Ref %(reference)s. "
            "Not you? Call %(phone)s."
        )
        tell(customer, cause=f"payment-received:{instruction.id}", subject=subject, body=body % values)


def returned(payment: Payment, instruction: Instruction) -> None:
    """It did not arrive; amount and fee are back."""
    with translation.override(_language_of(payment.customer_id)):
        values = {
            "bank": settings.BANK_NAME,
            "amount": format_kes(payment.amount),
            "total": format_kes(payment.amount + payment.fee),
            "why": str(reason(payment.reason).why),
            "reference": payment.reference,
        }
        subject = _("%(total)s is back on your account") % values
        body = _("%(bank)s: your payment of %(amount)s did not arrive. %(why)s %(total)s is back. Ref %(reference)s.")
        cause = f"payment-returned:{payment.pk}"
        tell(instruction.customer, cause=cause, subject=subject, body=body % values)


def confirmed(payment: Payment, instruction: Instruction) -> None:
    """Only where the other side gave something to be typed into a meter."""
    if not payment.token:
        return
    customer = BranchCustomer.objects.get(user_id=payment.customer_id)
    with translation.override(_language_of(payment.customer_id)):
        values = {
            "bank": settings.BANK_NAME,
            "biller": instruction.payload["to_at"],
            "number": instruction.payload["to_number"],
            "amount": format_kes(payment.amount),
            "token": grouped(crypto.decrypt(payment.token)),
        }
        subject = _("Your token for meter %(number)s") % values
        body = _("%(bank)s: %(biller)s, meter %(number)s, %(amount)s. Token: %(token)s") % values
        tell(customer, cause=f"payment-token:{payment.pk}", subject=subject, body=body)


def _tail(number: str) -> str:
    """The last three characters: enough for the payer, too little for whoever reads along."""
    return f"...{number[-3:]}"


def _language_of(customer_id: int) -> str:
    language = User.objects.filter(customer_id=customer_id).values_list("language", flat=True).first()
    return language or settings.LANGUAGE_CODE
