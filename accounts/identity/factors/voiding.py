"""Taking every factor away that a customer added, at once: what was lost with the phone opens nothing any more."""

from accounts.identity import trusted
from accounts.models import AuthenticatorApp, BackupCode, Passkey, PasskeyChallenge, User, Way


def void_all(user: User) -> list[Way]:
    """No app, passkey, backup code or trust of before counts; codes sent by the bank are left. In the caller's
    transaction, which tells the customer; which ways there were.
    """
    rows = {Way.APP: AuthenticatorApp, Way.PASSKEY: Passkey, Way.BACKUP: BackupCode}
    taken = [way for way, model in rows.items() if model._default_manager.filter(user=user).delete()[0]]
    PasskeyChallenge.objects.filter(user=user).delete()
    trusted.forget(user)
    user.preferred_way = Way.SMS
    user.save(update_fields=["preferred_way"])
    return taken
