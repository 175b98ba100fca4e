"""The worker step that finds whose number was asked, and tells them. The asker never learns whether it did.

Nobody is told whose account can't pay here: nobody's, the asker's own, a company's, a customer without a login, one who
wants to hear nothing from this asker.
"""

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import BranchCustomer, User
from accounts.telling import language_of, tell
from transfers.models import BlockedAsker, MoneyRequest
from transfers.rules import masked_name, plain_name
from transfers.selectors import find_account
from wekeza_portal import clock
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link


def deliver(limit: int = 50) -> int:
    """Look at up to `limit` new requests, each once; how many. Safe with several workers."""
    handled = 0
    while handled < limit and MoneyRequest.objects.filter(looked_at__isnull=True).exists() and _deliver_next():
        handled += 1
    return handled


@transaction.atomic
def _deliver_next() -> bool:
    skip = connection.features.has_select_for_update_skip_locked
    new = MoneyRequest.objects.select_for_update(skip_locked=skip).filter(looked_at__isnull=True)
    request = new.order_by("created_at").first()
    if request is None:
        return False
    request.looked_at = clock.now()
    payer = _payer_of(request) if request.state == MoneyRequest.State.OPEN else None
    request.payer_id = payer.user_id if payer else None
    request.save(update_fields=["looked_at", "payer_id"])
    asker = BranchCustomer.objects.filter(pk=request.asker_id).first()
    if payer is not None and asker is not None:
        _tell(payer, asker, request)
    return True


def _payer_of(request: MoneyRequest) -> BranchCustomer | None:
    account = find_account(request.payer_number)
    if account is None or account.business_id is not None:
        return None
    owner = account.customer
    if owner is None or owner.business_id is not None or owner.user_id == request.asker_id:
        return None
    has_login = User.objects.filter(customer_id=owner.user_id, is_active=True).exists()
    is_blocked = BlockedAsker.objects.filter(customer_id=owner.user_id, asker_id=request.asker_id).exists()
    return owner if has_login and not is_blocked else None


def _tell(payer: BranchCustomer, asker: BranchCustomer, request: MoneyRequest) -> None:
    """Without the asker's words: what strangers write goes into no SMS of the bank's."""
    values = {
        "bank": settings.BANK_NAME,
        "name": plain_name(masked_name(asker.full_name)),
        "amount": format_kes(request.amount),
        "phone": settings.FRAUD_PHONE,
    }
    with translation.override(language_of(payer)):
        body = _("%(bank)s: %(name)s asks you for %(amount)s. You need not pay. To answer, sign in and open Move.")
        subject = _("%(name)s asks you for %(amount)s") % values
    tell(
        payer,
        cause=f"money-request:{request.id}",
        event=Event.REQUESTS,
        subject=subject,
        body=body % values,
        link=Link("money_requests", {}),
    )
