"""Why a deposit was not paid and what to do next, in the customer's words; why money is nobody's, in the staff's."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from transfers.outside.reasons import Reason

REASONS: dict[str, Reason] = {
    "no_funds": Reason(
        _("There was not enough money in the M-Pesa account."),
        _("Deposit a smaller amount, or put money on M-Pesa first."),
    ),
    "cancelled": Reason(_("The request was cancelled on the phone."), _("If that was a slip, ask again.")),
    "no_answer": Reason(
        _("Nobody entered the PIN in time."), _("Keep the phone on and unlocked beside you, and ask again.")
    ),
    "wrong_pin": Reason(
        _("The M-Pesa PIN was wrong."), _("Ask again. After three wrong PINs M-Pesa locks it; Safaricom then helps.")
    ),
    "same_again": Reason(
        _("M-Pesa had the same amount from this phone a moment ago."),
        _("Wait two minutes, look at your history, then ask again."),
    ),
    "daily_limit": Reason(
        _("The phone has reached the most that M-Pesa lets it pay in a day."), _("Deposit less, or try again tomorrow.")
    ),
    "too_small": Reason(_("The amount is smaller than M-Pesa allows."), _("Deposit a larger amount.")),
    "too_large": Reason(_("The amount is larger than M-Pesa allows."), _("Deposit a smaller amount, or split it.")),
    "given_back": Reason(
        _("The money was not as you had asked for, and M-Pesa has given it back to the phone that paid."),
        _("Ask again with the amount that you want."),
    ),
    "later": Reason(_("M-Pesa was busy and did not ask the phone."), _("Ask again in a few minutes.")),
    "off": Reason(_("Mobile money was switched off before the phone was asked."), _("Ask again when it is back on.")),
}
UNNAMED = Reason(
    _("M-Pesa could not carry this out."), _("Ask again. If it happens twice, call us with the reference.")
)

WHY: dict[str, Any] = {
    "unknown": _("There is no account of this number"),
    "closed": _("The account can't receive money"),
    "amount": _("Another amount than the customer asked for"),
    "second": _("Paid a second time under a reference that was used up"),
    "prompt": _("M-Pesa speaks of a prompt that we do not know"),
}


def reason(key: str) -> Reason:
    """What happened and what next."""
    return REASONS.get(key, UNNAMED)
