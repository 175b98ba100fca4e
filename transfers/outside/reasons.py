"""Why a payment came back, in the customer's words. A rail's own codes are translated to these names by its module."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Reason(NamedTuple):
    """What happened, and what the customer can do next."""

    why: Any
    next: Any


UNNAMED = Reason(
    _("The payment was refused on the other side."),
    _("You can try again. If it happens a second time, call us with the reference."),
)
REASONS: dict[str, Reason] = {
    "wrong_receiver": Reason(
        _("There is no account or phone with this number on the other side."),
        _("Check the number with the person or company you are paying, and send it again."),
    ),
    "not_registered": Reason(
        _("This phone has no wallet with the network you chose."),
        _("Choose another network, or pay to a bank account instead."),
    ),
    "receiver_full": Reason(
        _("The receiver's wallet can't hold this much, or has reached its limit for today."),
        _("Send a smaller amount, try again tomorrow, or pay to a bank account instead."),
    ),
    "receiver_blocked": Reason(
        _("The receiver's account can't take money now."),
        _("Ask the receiver to speak to their provider, or pay them another way."),
    ),
    "name_differs": Reason(
        _("The name on the other side is not the one you confirmed."),
        _("Check the number and the name with the receiver before you send again."),
    ),
    "amount_refused": Reason(
        _("The amount is too small or too large for the other side."),
        _("Send another amount, or split it."),
    ),
    "biller_refused": Reason(
        _("The company did not accept the payment for this number and amount."),
        _("Check the number and the amount on your bill, and pay it again."),
    ),
    "ours": Reason(
        _("Something on our side stopped the payment. It was not your mistake."),
        _("We know about it. Please try again later or pay another way."),
    ),
}


def reason(name: str) -> Reason:
    """The words for a reason; general ones for a name nobody knows."""
    return REASONS.get(name, UNNAMED)
