"""Why a payment came back and what can be done next, in the customer's words."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from wekeza_portal.rails.base import CUSTOMER_REASONS


class Reason(NamedTuple):
    """What happened, and what the customer can do next."""

    why: Any
    next: Any


UNNAMED = _("The payment was refused on the other side.")
TRY_AGAIN = _("You can try again. If it happens a second time, call us with the reference.")
NEXT: dict[str, Any] = {
    "not_registered": _("Choose another network, or pay to a bank account instead."),
    "too_small": _("Send a larger amount."),
    "too_large": _("Send a smaller amount, or split it."),
    "daily_limit": _("Send a smaller amount, try again tomorrow, or pay to a bank account instead."),
    "wallet_full": _("Send a smaller amount, or pay to a bank account instead."),
    "wrong_account": _("Check the number with the person or company you are paying, and send it again."),
    "phone_not_linked": _("Ask the person you are paying for their account number, or send to M-Pesa or Airtel Money."),
    "account_closed": _("Ask the person or company you are paying for another account."),
    "account_blocked": _("Ask the person or company you are paying for another account, or pay another way."),
    "other_name": _("Check name and number with the person you are paying, and send it again."),
    "closed_now": _("Try again in the morning, or send to a phone instead."),
    "amount_refused": _("Send another amount."),
    "unknown_number": _("Check the number on your bill or card, and send it again."),
    "wrong_amount": _("Check the amount on your bill, and pay exactly that."),
    "bill_expired": _("Ask the company for a new bill or number, and pay that one."),
    "taken_back": _("If it was right after all, make the payment again."),
    "held_too_long": _("If it was right, make the payment again."),
    "later": _("Please try again in a few minutes, or pay another way."),
}


def reason(name: str) -> Reason:
    """The words for a key of `wekeza_portal.rails.base.CUSTOMER_REASONS`; general ones for anything else."""
    return Reason(CUSTOMER_REASONS.get(name, UNNAMED), NEXT.get(name, TRY_AGAIN))
