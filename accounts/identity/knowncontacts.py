"""Phone and e-mail as the portal knows them: the branch's row is the truth, and every change of it is told.

It is told to the addresses of before too, so that whoever had them changed cannot keep it from their owner.
"""

from django.core.cache import cache
from django.db import transaction

from accounts.identity import alerts, contacts
from accounts.identity.backends import normalise_email
from accounts.identity.links import link_is_intact
from accounts.models import User
from wekeza_portal import actors, clock
from wekeza_portal.audit.services import record
from wekeza_portal.notifications.models import Channel

WATCHER = actors.system("contacts")
LOOK_EVERY = 30
"""Seconds between two walks over all customers."""
BATCH = 1000
COLUMNS = ["known_phone", "known_phone_since", "phone_changed_at", "known_email"]
_LAP, _FROM = "contacts-lap", "contacts-from"


def watch() -> int:
    """Compare a thousand customers with the branch; how many had changed. A worker step, safe with several workers.

    A walk that is under way goes on in the next round: codes must not wait behind it.
    """
    begin = cache.get(_FROM, 0)
    if not begin and not cache.add(_LAP, True, LOOK_EVERY):
        return 0
    rows = User.objects.filter(pk__gt=begin, customer__isnull=False, is_active=True).select_related("customer")
    batch = list(rows.order_by("pk")[:BATCH])
    cache.set(_FROM, batch[-1].pk if len(batch) == BATCH else 0, LOOK_EVERY)
    return sum(note(user) for user in batch)


def note(user: User) -> bool:
    """Remember what the branch has now, and since when; whether that is news. `user` carries it afterwards.

    An e-mail seen for the first time is no change. Each change is told once, however many look at the same time.
    """
    return _note(user, tell=True)


def note_told(user: User) -> bool:
    """Likewise in the transaction of a change that whoever makes it tells about."""
    return _note(user, tell=False)


def _note(user: User, *, tell: bool) -> bool:
    if user.customer is None or not _differs(user) or not link_is_intact(user, user.customer):
        return False
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        row.customer = user.customer
        is_news = _differs(row)
        if is_news:
            _take_note(row, tell)
    for name in COLUMNS:
        setattr(user, name, getattr(row, name))
    return is_news


def _differs(user: User) -> bool:
    return _known(user) != _at_the_branch(user)


def _known(user: User) -> dict[Channel, str]:
    return {Channel.SMS: contacts.international(user.known_phone), Channel.EMAIL: user.known_email}


def _at_the_branch(user: User) -> dict[Channel, str]:
    assert user.customer is not None
    return {Channel.SMS: contacts.phone_of(user.customer), Channel.EMAIL: normalise_email(user.customer.email)}


def _take_note(user: User, tell: bool) -> None:
    """Under the lock: write it down, and `tell` the addresses of before and of now."""
    now, before, after = clock.now(), _known(user), _at_the_branch(user)
    changed = [channel for channel in before if before[channel] != after[channel]]
    user.known_email = after[Channel.EMAIL]
    if Channel.SMS in changed:
        user.known_phone, user.known_phone_since, user.phone_changed_at = after[Channel.SMS], now, now
    user.save(update_fields=COLUMNS)
    if not before[Channel.EMAIL] and Channel.EMAIL in changed:
        changed.remove(Channel.EMAIL)  # seen for the first time
    if changed and tell:
        about = {"changed": [str(channel) for channel in changed]}
        event = record("contact.changed", actor=WATCHER, customer_id=user.customer_id, data=about)
        old = {channel: before[channel] for channel in changed if before[channel]}
        alerts.contact_changed(user, now, changed, old, f"contact-changed:{event.pk}")
