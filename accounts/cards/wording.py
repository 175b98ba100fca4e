"""Words for states, controls and refusals of cards."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.cards.rules import Channel, Standing, Why
from accounts.models import Card


class Words(NamedTuple):
    """A state: its word, the tone of its tag, and what that means for the owner."""

    word: Any
    tone: str
    help: Any


KINDS: Mapping[str, Any] = {Card.Kind.PHYSICAL: _("Debit card"), Card.Kind.VIRTUAL: _("Virtual card")}
STANDINGS: Mapping[Standing, Words] = {
    Standing.REFUSED: Words(_("Not made"), "bad", _("This card could not be made. If you paid for it, it came back.")),
    Standing.LOST: Words(_("Lost"), "bad", _("You reported this card lost. It is blocked for good.")),
    Standing.STOLEN: Words(_("Stolen"), "bad", _("You reported this card stolen. It is blocked for good.")),
    Standing.EXPIRED: Words(_("Expired"), "quiet", _("This card has reached its last day. Cut it up.")),
    Standing.BLOCKED: Words(_("Blocked by the bank"), "bad", _("The bank has blocked this card. Please call us.")),
    Standing.FROZEN: Words(_("Frozen"), "warn", _("Nothing can be paid with this card until you unfreeze it.")),
    Standing.ORDERED: Words(_("Ordered"), "warn", _("We have your order and are passing it on.")),
    Standing.MAKING: Words(_("Being made"), "warn", _("Your card is being made.")),
    Standing.SENT: Words(_("On its way"), "warn", _("Your card is on its way to the branch.")),
    Standing.ARRIVED: Words(
        _("To be collected"), "warn", _("Collect it with your national ID. It works once you have activated it here.")
    ),
    Standing.ACTIVE: Words(_("Active"), "good", _("This card works.")),
}
BY_COURIER: Mapping[Standing, Words] = {
    Standing.SENT: Words(_("With the courier"), "warn", _("A courier is bringing your card to your home.")),
    Standing.ARRIVED: Words(
        _("Delivered: activate it"),
        "warn",
        _("The courier has delivered it. It works once you have activated it here."),
    ),
}
"""In the place of the words of STANDINGS for a card that is brought home."""
COURIER_STEPS = (_("Ordered"), _("Being made"), _("With the courier"), _("Delivered"), _("Activated"))
STEPS = (_("Ordered"), _("Being made"), _("On its way"), _("At the branch"), _("Activated"))
CHANNELS: Mapping[str, Any] = {
    Channel.ATM: _("Cash machine"),
    Channel.SHOP: _("In a shop"),
    Channel.CONTACTLESS: _("Contactless"),
    Channel.ONLINE: _("Online"),
}
CONTROLS: Mapping[str, Any] = {
    "atm_daily": _("Cash a day"),
    "online": _("Online payments"),
    "contactless": _("Contactless payments"),
    "abroad": _("Payments outside Kenya"),
    "gambling": _("Betting and gambling"),
}
REFUSALS: Mapping[str, Any] = {
    Why.LOST: _("The card was reported lost."),
    Why.STOLEN: _("The card was reported stolen."),
    Why.EXPIRED: _("The card had expired."),
    Why.BLOCKED: _("The bank had blocked the card."),
    Why.FROZEN: _("The card was frozen."),
    Why.NOT_ACTIVE: _("The card was not activated yet."),
    Why.STOPPED: _("All your cards were stopped."),
    Why.ONLINE: _("Online payments were switched off."),
    Why.CONTACTLESS: _("Contactless payments were switched off."),
    Why.ABROAD: _("Payments outside Kenya were switched off."),
    Why.GAMBLING: _("Betting and gambling was switched off."),
    Why.NO_CASH: _("A virtual card gives no cash."),
    Why.OWN_ATM_LIMIT: _("It was more than your limit for cash a day."),
    Why.ATM_LIMIT: _("It was more cash than all your cards may take in a day."),
    Why.RECOVERY: _("It was more than may leave your accounts in the 24 hours after a new password."),
    Why.NO_FUNDS: _("There was not enough money on the account."),
    Why.ACCOUNT: _("Money could not leave the account."),
    Why.TAKEN_BACK: _("The shop had taken the payment back."),
}
