"""Follow the branch's `transactions`: every new row, whoever wrote it, counts once.

Ids are given when a row is inserted and become visible when it commits, so they appear out of order. Each pass reads
again all ids above a floor, the highest id that was seen 15 minutes ago; whatever was open longer than that is lost
to the tail (never to the customer: pages read the table itself). A marker per row, written with everything the row
causes, makes it count once; one worker at a time holds the position.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation

from accounts import arrivals
from accounts.identity.links import link_is_intact
from accounts.ledger import money_operation
from accounts.models import Account, AccountTransaction, PostingLeg, TailPosition, TailSeen, User
from accounts.telling import tell
from accounts.vocabulary import Direction, direction_of
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link
from wekeza_portal.registry import movement_listeners

logger = logging.getLogger(__name__)

NAME = "transactions"
READ_AGAIN = timedelta(minutes=15)
BATCH = 100
LISTENER_ERRORS = (PortalError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def follow() -> int:
    """Handle up to 100 rows not seen before; how many. A worker step, safe with several workers."""
    position = TailPosition.objects.filter(name=NAME).first()
    if position is None:
        _start()
        return 0
    newest = _newest_id()
    if newest < position.floor_id:
        _start_again(newest)
        return 0
    _raise_floor()
    return _handle_batch() if _unseen(position.floor_id).exists() else 0


def _start() -> None:
    """Begin at the newest row there is: what happened before the portal came is not news."""
    position = TailPosition(name=NAME, floor_id=_newest_id(), started_at=clock.now())
    TailPosition.objects.bulk_create([position], ignore_conflicts=True)


def _start_again(newest: int) -> None:
    """The branch's scripts emptied the table and its ids begin anew."""
    logger.error("transactions were emptied at the branch: following again from id %s", newest)
    with transaction.atomic():
        position = TailPosition.objects.select_for_update().get(name=NAME)
        TailSeen.objects.all().delete()
        position.floor_id = newest
        position.save(update_fields=["floor_id"])


def _newest_id() -> int:
    ids = AccountTransaction.objects.order_by("-transaction_id").values_list("transaction_id", flat=True)
    return ids.first() or 0


def _unseen(floor: int) -> QuerySet[AccountTransaction]:
    seen = TailSeen.objects.filter(transaction_id__gt=floor).values("transaction_id")
    above = AccountTransaction.objects.filter(transaction_id__gt=floor)
    return above.exclude(transaction_id__in=seen).order_by("transaction_id")


@money_operation
def _handle_batch() -> int:
    position = _hold_position()
    if position is None:
        return 0
    rows = list(_unseen(position.floor_id)[:BATCH])
    ours = _written_by_us(rows)
    readers = _readers(rows)
    return sum(_handle(row, None if row.transaction_id in ours else readers.get(row.account_id)) for row in rows)


def _hold_position() -> TailPosition | None:
    """The position under a lock; None while another worker holds it."""
    skip = connection.features.has_select_for_update_skip_locked
    return TailPosition.objects.select_for_update(skip_locked=skip).filter(name=NAME).first()


def _handle(row: AccountTransaction, reader: User | None) -> bool:
    """Mark the row, tell its owner if it is a credit at the branch, let the others know; all of it or nothing."""
    try:
        with transaction.atomic():
            TailSeen(transaction_id=row.transaction_id, seen_at=clock.now()).save(force_insert=True)
            if reader is not None and direction_of(row.txn_type) is Direction.IN:
                _tell(row, reader)
            for _name, listener in movement_listeners.items():
                listener(row)
    except LISTENER_ERRORS:
        logger.exception("movement %s could not be handled and is tried again", row.transaction_id)
        return False
    return True


def _written_by_us(rows: list[AccountTransaction]) -> set[int]:
    """Rows of our own postings: their customers were told by whoever posted them."""
    ids = [row.transaction_id for row in rows]
    known = PostingLeg.objects.filter(transaction_id__in=ids).values_list("transaction_id", flat=True)
    return {found for found in known if found is not None}


def _readers(rows: list[AccountTransaction]) -> Mapping[int, User]:
    """The enrolled owner of each account, by account id; none for businesses and links that no longer hold."""
    ids = {row.account_id for row in rows}
    accounts = Account.objects.filter(account_id__in=ids, business_id__isnull=True, currency="KES")
    owners = dict(accounts.exclude(customer_id__isnull=True).values_list("account_id", "customer_id"))
    users = User.objects.filter(customer_id__in=set(owners.values()), is_active=True).select_related("customer")
    enrolled = {user.customer_id: user for user in users if user.customer and link_is_intact(user, user.customer)}
    return {account: enrolled[owner] for account, owner in owners.items() if owner in enrolled}


def _tell(row: AccountTransaction, reader: User) -> None:
    if reader.customer is None:
        return
    with translation.override(reader.language):
        subject, body = arrivals.words_of(row)
    link = Link("movement", {"reference": row.reference_code})
    tell(
        reader.customer,
        cause=f"branch-credit:{row.reference_code}",
        event=Event.MONEY_IN,
        subject=subject,
        body=body,
        amount=row.amount,
        link=link,
    )


def _raise_floor() -> None:
    """What was seen 15 minutes ago is settled: raise the floor to it and forget the markers below."""
    settled = TailSeen.objects.filter(seen_at__lt=clock.now() - READ_AGAIN).order_by("-transaction_id").first()
    if settled is None:
        return
    with transaction.atomic():
        position = _hold_position()
        if position is None or settled.transaction_id <= position.floor_id:
            return
        position.floor_id = settled.transaction_id
        position.save(update_fields=["floor_id"])
        TailSeen.objects.filter(transaction_id__lte=position.floor_id).delete()
