"""Why a second factor is not taken, not added or not removed."""

from django.utils.translation import gettext_lazy as _

from accounts.identity.codes import WrongCode
from wekeza_portal.errors import PortalError


class WrongAppCode(WrongCode):
    """Wrong, old, or used before: whoever guesses learns nothing from which."""

    message = _("That code is not right, or was used before. Wait for the next one in your app and try again.")


class AppThere(PortalError):
    code = "app_there"
    message = _("You have an authenticator app already. Remove it first, then add the new one.")


class WrongBackupCode(WrongCode):
    """Wrong, of an older set, or used before."""

    message = _("That backup code is not right, or was used before. Each one works once.")


class CodesShown(PortalError):
    code = "codes_shown"
    message = _("These backup codes were shown already, and nobody can read them again. You can make new ones.")


class WrongPasskey(WrongCode):
    """Not one of this customer's, not signed here, without the PIN or finger, or a copy: said alike."""

    message = _("That passkey could not be checked. Ask for it again, or use another way.")


class PasskeyNotTaken(PortalError):
    code = "passkey_not_taken"
    message = _("This device did not give us a passkey that we can use. Nothing was added. Please start again.")


class TooManyPasskeys(PortalError):
    code = "too_many_passkeys"
    message = _("You have %(most)s passkeys, which is the most. Remove one you don't use any more first.")


class FactorGone(PortalError):
    code = "factor_gone"
    message = _("This was removed already. Nothing was changed.")


class TookTooLong(PortalError):
    code = "took_too_long"
    message = _("That took too long, so nothing was added. Please start again.")
