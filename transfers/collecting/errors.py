"""Why a deposit from M-Pesa is refused before a phone is asked."""

from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused


class UnknownAccount(TransferRefused):
    code = "unknown_account"
    field = "to_account"
    message = _("Choose one of your own accounts for the money.")


class AccountNotOpen(TransferRefused):
    code = "account_not_open"
    field = "to_account"
    message = _("This account can't receive money now. Choose another one, or call us and we will explain.")


class BelowLeast(TransferRefused):
    code = "below_least"
    field = "amount"
    message = _("The smallest deposit from M-Pesa is %(least)s.")


class AboveMost(TransferRefused):
    code = "above_most"
    field = "amount"
    message = _("One deposit from M-Pesa can be up to %(most)s. You can bring the rest in a second one.")


class FeeEatsAll(TransferRefused):
    code = "fee_eats_all"
    field = "amount"
    message = _("The fee for this deposit is %(fee)s. Deposit more than that.")


class NoOwnPhone(TransferRefused):
    code = "no_own_phone"
    field = "whose"
    message = _("The branch has no Kenyan mobile number of yours. Choose another number.")


class StillAsking(TransferRefused):
    code = "still_asking"
    message = _("This phone was asked a moment ago and has not answered yet. Answer it there, or wait two minutes.")


class PaybillNotConfirmed(TransferRefused):
    code = "paybill_not_confirmed"
    message = _("Deposits from M-Pesa are not available yet. Nobody was asked for anything.")
