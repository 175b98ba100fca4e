"""An account fell below the figure its owner chose: told once, and again only after it was not below in between.

A listener of the tail: it hears of every row of the branch, whoever wrote it, and looks at the balance as it is then.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity.links import fingerprint
from accounts.models import Account, AccountTransaction, LowBalanceTold, MessageHabits, User
from accounts.telling import tell
from accounts.vocabulary import Direction, direction_of
from accounts.wording import masked_end
from wekeza_portal import clock
from wekeza_portal.money import ZERO, format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link


def watch(row: AccountTransaction) -> None:
    """After one movement, in the transaction that marks it as seen. One query where the owner chose no figure."""
    own = Account.objects.filter(account_id=row.account_id, business__isnull=True, currency="KES")
    habits = (
        MessageHabits.objects.select_related("customer")
        .filter(low_balance__isnull=False, customer__in=own.values("customer_id"))
        .first()
    )
    if habits is None or habits.low_balance is None or habits.fingerprint != fingerprint(habits.customer):
        return
    account = own.get()
    if (account.balance or ZERO) >= habits.low_balance:
        LowBalanceTold.objects.filter(account_id=account.pk).delete()
    elif direction_of(row.txn_type) is not Direction.IN:
        _tell_once(habits, account, row)


def _tell_once(habits: MessageHabits, account: Account, row: AccountTransaction) -> None:
    user = User.objects.filter(customer_id=habits.customer_id, is_active=True).first()
    if user is None or habits.low_balance is None or LowBalanceTold.objects.filter(account_id=account.pk).exists():
        return
    LowBalanceTold.objects.create(account_id=account.pk, customer_id=habits.customer_id, told_at=clock.now())
    with translation.override(user.language):
        values = {
            "bank": settings.BANK_NAME,
            "limit": format_kes(habits.low_balance),
            "account": masked_end(account.account_number),
        }
        subject = _("An account is below %(limit)s") % values
        body = _("%(bank)s: one of your accounts is below %(limit)s, the figure that you chose.") % values
        in_full = _("Your account %(account)s is below %(limit)s, the figure that you chose.") % values
    tell(
        habits.customer,
        cause=f"low-balance:{account.pk}:{row.transaction_id}:{clock.now():%Y%m%d%H%M%S}",
        event=Event.LOW_BALANCE,
        subject=subject,
        body=body,
        in_full=in_full,
        link=Link("notifications"),
    )
