"""Why a payee is not kept or not changed."""

from django.utils.translation import gettext_lazy as _

from transfers.errors import TransferRefused


class AlreadyKept(TransferRefused):
    code = "already_kept"
    message = _("You keep this payee already. You find it in your list.")


class OwnAccount(TransferRefused):
    code = "own_account"
    field = "to_account"
    message = _("This is your own account. It is always there under “Between my accounts”.")


class TooManyKept(TransferRefused):
    code = "too_many_kept"
    message = _("You keep %(most)s payees, which is the most. Remove one you don't need any more first.")


class PayeeGone(TransferRefused):
    code = "payee_gone"
    message = _("This payee is not in your list any more. Nothing was changed.")


class NotKeepable(TransferRefused):
    """Nothing was paid, or it came back."""

    code = "not_keepable"
    message = _("This payment did not arrive, so its receiver can't be kept from here.")


class BusyLimit(TransferRefused):
    code = "limit_changed"
    message = _("The limit was changed in the meantime. Please look at it again.")
