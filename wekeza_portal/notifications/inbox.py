"""The inbox: `put()` writes a message beside its cause; the rest is how its reader goes through them.

Every query takes an `Owner`, so that nobody's message can be loaded without saying whose it is.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.urls import NoReverseMatch, reverse

from wekeza_portal import clock, sql
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.registry import message_links

Category = InboxItem.Category

PAGE = 20
MOST_COUNTED = 100
"""A count of its own query stops here; every number from 100 on is shown as "99+"."""
FORGET_AT_ONCE = 1000


class Owner(NamedTuple):
    """Whose inbox, and since when that person is the one with this id: the branch's scripts drop and reuse ids."""

    customer_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """The page a message speaks of: the name of an address in `registry.message_links` and what it needs."""

    name: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)


class Entry(NamedTuple):
    """One message to be put into an inbox; title and text are in the reader's language already."""

    cause: str
    customer_id: int
    category: str
    title: str
    text: str
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Messages newest first; `older` is the cursor of the next page, None on the last one."""

    items: list[InboxItem]
    older: uuid.UUID | None

    @property
    def days(self) -> list[tuple[date, list[InboxItem]]]:
        """The messages under the Nairobi day they came."""
        by_day = groupby(self.items, key=lambda item: item.created_at.astimezone(clock.NAIROBI).date())
        return [(day, list(items)) for day, items in by_day]


def put_all(entries: Sequence[Entry]) -> None:
    """Write messages in the caller's transaction, in one statement.

    The same `cause` twice is one message, as first written. ValueError for a cause or category that does not fit,
    LookupError for a link nobody registered, NoReverseMatch for one that leads nowhere.
    """
    now = clock.now()
    rows = [_row(entry, now) for entry in entries]
    if rows:
        # One statement that neither fails nor needs a savepoint when a cause is there already.
        sql.insert(InboxItem, rows, ignore=True)


def put(*, cause: str, customer_id: int, category: str, title: str, text: str, link: Link | None = None) -> None:
    """Write one message; see `put_all`."""
    put_all([Entry(cause, customer_id, category, title, text, link)])


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    if not 0 < len(entry.cause) <= 120 or entry.category not in Category.values:
        raise ValueError("cause must have 1 to 120 characters, the category be one of the four")
    name, kwargs = "", {}
    if entry.link is not None:
        name = entry.link.name
        message_links.get(name)
        kwargs = {word: str(value) for word, value in entry.link.kwargs.items()}
        reverse(name, kwargs=kwargs)
    return {
        "cause": entry.cause,
        "customer_id": entry.customer_id,
        "category": entry.category,
        "title": entry.title[:200],
        "text": entry.text,
        "link_name": name,
        "link_kwargs": kwargs,
        "created_at": now,
    }


def get(owner: Owner, public_id: uuid.UUID) -> InboxItem:
    """One message of this reader; Http404 if there is none or it is somebody else's."""
    item = _of(owner).filter(public_id=public_id).first()
    if item is None:
        raise Http404
    return item


def page(owner: Owner, *, show: str = "all", before: uuid.UUID | None = None) -> Page:
    """Up to 20 messages: "all" but those put away, the "unread" among them, or the "archived" ones.

    `before` is the public id of the last message already seen; Http404 if it is not the reader's.
    """
    rows = _of(owner).filter(archived_at__isnull=show != "archived")
    if show == "unread":
        rows = rows.filter(read_at=None)
    if before is not None:
        last = get(owner, before)
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.pk))
    found = list(rows.order_by("-created_at", "-id")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].public_id if len(found) > PAGE else None)


def unread_of(customer_id: str, *, since: str) -> Subquery:
    """How many messages are unread, all of them, as a column of a query that is made anyway; None for none.

    Named are that query's columns with the reader's id and with the moment since which that id is theirs.
    """
    theirs = InboxItem.objects.filter(
        customer_id=OuterRef(customer_id), created_at__gte=OuterRef(since), read_at=None, archived_at=None
    )
    counted = theirs.order_by().values("customer_id").annotate(unread=Count("pk"))
    return Subquery(counted.values("unread"))


def count_unread(owner: Owner) -> int:
    """How many messages are unread, up to 100, by a query of its own."""
    return len(_unread(owner).values_list("pk", flat=True)[:MOST_COUNTED])


def mark_read(item: InboxItem) -> None:
    """The reader has opened it. The first time counts."""
    InboxItem.objects.filter(pk=item.pk, read_at=None).update(read_at=clock.now())


def mark_all_read(owner: Owner, until: datetime) -> int:
    """Mark what came up to `until`, the moment the list was shown: what came since was not seen. How many."""
    return _unread(owner).filter(created_at__lte=until).update(read_at=clock.now())


def set_archived(item: InboxItem, archived: bool) -> bool:
    """Put a message away, or take it out again; False for one about security, which can't be put away."""
    if archived and not item.can_be_archived:
        return False
    InboxItem.objects.filter(pk=item.pk, archived_at__isnull=archived).update(
        archived_at=clock.now() if archived else None
    )
    return True


def address_of(item: InboxItem) -> str | None:
    """The page it speaks of; None if it has none, or the portal has no such page any more."""
    if item.link_name not in message_links:
        return None
    try:
        return reverse(item.link_name, kwargs=item.link_kwargs)
    except NoReverseMatch:
        return None


def words_of_link(item: InboxItem) -> Any:
    return message_links.get(item.link_name) if item.link_name in message_links else ""


def forget_old(now: datetime) -> int:
    """Delete messages older than INBOX_KEEP_DAYS, at most a thousand at a time; how many."""
    before = now - timedelta(days=settings.INBOX_KEEP_DAYS)
    old: Sequence[int] = list(
        InboxItem.objects.filter(created_at__lt=before)
        .order_by("created_at")
        .values_list("pk", flat=True)[:FORGET_AT_ONCE]
    )
    return InboxItem.objects.filter(pk__in=old).delete()[0] if old else 0


def _of(owner: Owner) -> QuerySet[InboxItem]:
    return InboxItem.objects.filter(customer_id=owner.customer_id, created_at__gte=owner.since)


def _unread(owner: Owner) -> QuerySet[InboxItem]:
    return _of(owner).filter(read_at=None, archived_at=None)
