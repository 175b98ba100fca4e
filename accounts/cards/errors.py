"""Why something about a card is refused, in the customer's words."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class CardRefused(PortalError):
    """Something about a card that can't be done."""


class CardIsOver(CardRefused):
    code = "card_is_over"
    message = _("This card has ended. Nothing was changed.")


class CardBlocked(CardRefused):
    code = "card_blocked"
    message = _("The bank has blocked this card. Please call us: only the bank can unblock it.")


class CardsStopped(CardRefused):
    code = "cards_stopped"
    message = _("Your money is frozen, and your cards with it. Lift that freeze first.")


class NotThere(CardRefused):
    code = "card_not_there"
    message = _("This can be done once you have the card in your hands.")


class AboveBankLimit(CardRefused):
    code = "above_bank_limit"
    field = "atm_daily"
    message = _("The most a day at cash machines is %(most)s.")


class ControlsChanged(CardRefused):
    code = "controls_changed"
    message = _("The settings of this card have changed since. Nothing was done. Please start again.")


class SightOver(CardRefused):
    code = "sight_over"
    message = _("This was looked at already, or it has run out. Ask for it again.")


class ProcessorSilent(CardRefused):
    code = "processor_silent"
    message = _("The company that makes our cards does not answer just now. Nothing was shown. Please try again soon.")


class OneIsEnough(CardRefused):
    code = "one_is_enough"
    field = "account"
    message = _("There is a card on this account already.")


class TooManyCards(CardRefused):
    code = "too_many_cards"
    message = _("You have %(most)s cards that work or are on their way. More are not possible.")


class AccountNotActive(CardRefused):
    code = "account_not_active"
    field = "account"
    message = _("A card can't be made for this account now. Choose another one.")


class BranchGone(CardRefused):
    code = "branch_gone"
    field = "branch"
    message = _("Cards can't be collected at this branch any more. Choose another one.")


class NothingToReplace(CardRefused):
    code = "nothing_to_replace"
    message = _("Another card was ordered in the place of this one already, or it works.")


class FeeChanged(CardRefused):
    code = "fee_changed"
    message = _("The fee is now %(fee)s. Nothing was paid. Please check again.")


class AccountGone(CardRefused):
    code = "account_gone"
    message = _("The account is not the one you chose any more. Nothing was done. Please start again.")


class CardsNotSetUp(CardRefused):
    code = "cards_not_set_up"
    message = _("Cards can't be ordered here yet. Please ask at a branch.")


class NoHomeAddress(CardRefused):
    code = "no_home_address"
    field = "delivery"
    message = _("Your profile has no home address with a town. Add it there, or collect the card at a branch.")


class AddressTooNew(CardRefused):
    code = "address_too_new"
    field = "delivery"
    message = _(
        "Your home address was changed in the last %(days)s days, so no card is sent there yet. Collect it at a branch."
    )


class AddressChanged(CardRefused):
    code = "address_changed"
    message = _("Your home address is another one now. Nothing was paid or ordered. Please start again.")
