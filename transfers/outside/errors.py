"""Why a payment out of the bank is refused before anything moves."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused


class BelowLeast(TransferRefused):
    code = "below_least"
    field = "amount"
    message = _("The smallest payment of this kind is %(least)s.")


class AboveMost(TransferRefused):
    code = "above_most"
    field = "amount"
    message = _("One payment of this kind can be up to %(most)s. You can send the rest in a second one.")


class AboveMostOfPesaLink(AboveMost):
    """PesaLink carries no more at once, and the portal has no other way to another bank."""

    message = _("Online, one payment to another bank can be up to %(most)s. A branch can send more at once, by RTGS.")


class WholeShillings(TransferRefused):
    code = "whole_shillings"
    field = "amount"
    message = _("Phones take whole shillings only: enter %(down)s or %(up)s.")


class RailRests(TransferRefused):
    """The other side does not answer at the moment. Carries another way, where there is one."""

    code = "rail_rests"

    def __init__(self, rail: Any, way: Any) -> None:
        super().__init__()
        self.rail, self.way = rail, way

    def __str__(self) -> str:
        if self.way is None:
            text = _("%(rail)s is slow at the moment, so nothing was sent. Please try again in a few minutes.")
            return str(text) % {"rail": self.rail}
        text = _("%(rail)s is slow now, so nothing was sent; %(other)s works.")
        return str(text) % {"rail": self.rail, "other": self.way.name}

    @property
    def afterwards(self) -> str:
        """The same for whoever reads it later: what works now may not work then."""
        return str(_("%(rail)s did not answer, so nothing was sent.")) % {"rail": self.rail}


def slow_words(rail: Any, way: Any) -> str:
    """That a rail rests, with the name of what works instead; `way` is None where nothing does."""
    if way is None:
        return str(_("%(rail)s is slow at the moment. It may work again in a few minutes.")) % {"rail": rail}
    return str(_("%(rail)s is slow now; %(other)s works.")) % {"rail": rail, "other": way.name}


class RailNotSetUp(TransferRefused):
    """The bank has no contract with the other side yet, or has not set it up."""

    code = "rail_not_set_up"
    message = _("%(rail)s is not available yet. Nothing was sent.")


class ReceiverRefused(TransferRefused):
    """The other side says that this receiver can't be paid."""

    code = "receiver_refused"
    message = "%(why)s"


class PhoneRefused(ReceiverRefused):
    field = "phone"


class AccountRefused(ReceiverRefused):
    field = "account"


class CdsNumberRefused(ReceiverRefused):
    field = "cds_number"


class ExactAmount(TransferRefused):
    code = "exact_amount"
    field = "amount"
    message = _("%(biller)s takes exactly %(amount)s for this number.")


class ReceiverGone(TransferRefused):
    """The biller, bank or broker was taken off the list between review and confirm."""

    code = "receiver_gone"
    message = _("This receiver can't be paid any more. Nothing was sent.")
