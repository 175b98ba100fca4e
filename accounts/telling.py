"""One way to tell a customer something that is no secret: in the inbox, and by SMS or else by e-mail.

A further way out (web push) is one more channel here: nobody who tells has to know of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from accounts.identity.contacts import address_for
from accounts.models import BranchCustomer, User
from wekeza_portal import sql
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications.events import ALWAYS, Event
from wekeza_portal.notifications.inbox import Category, Entry, Link
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import Message, enqueue_all

_customers = sql.Rows(BranchCustomer)


@dataclass(frozen=True, slots=True)
class Reader:
    """A customer and the language to write to them in."""

    customer: BranchCustomer
    language: str


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell one customer, in their language already, once per `cause`.

    `event` is what it is about: by it the customer has chosen whether it leaves the bank, and the inbox has it either
    way. `amount` is the KES it tells of, where the event has one. What is kept under security can't be muted.

    `body` fits one SMS; `in_full` is what the inbox says instead where there is more to say. `link` is the page it
    speaks of, for the inbox alone: messages that leave the bank carry no links, so that one that does is not ours;
    the only exception, the link that undoes a changed contact, is not sent from here.
    """

    customer: BranchCustomer
    cause: str
    event: Event
    subject: str
    body: str
    amount: Decimal | None = None
    category: str = Category.MONEY
    link: Link | None = None
    in_full: str = ""

    def __post_init__(self) -> None:
        if self.category == Category.SECURITY and self.event not in ALWAYS:
            raise ValueError("what is about security needs an event that nobody can mute")


def readers(customer_ids: Collection[int]) -> dict[int, Reader]:
    """Customers by id, each with the language of their login; the bank's own where there is none."""
    ids = list(customer_ids)
    if not ids:
        return {}
    logins = sql.run(f"SELECT customer_id, language FROM portal_user WHERE customer_id IN ({sql.marks(ids)})", ids)  # noqa: S608 - own names
    languages: dict[int, str] = dict(logins)
    return {
        row.user_id: Reader(row, languages.get(row.user_id) or settings.LANGUAGE_CODE)
        for row in _customers.where(f"user_id IN ({sql.marks(ids)})", ids)
    }


def tell_all(news: Sequence[News]) -> None:
    """Write all of it into inboxes and outbox in the caller's transaction, with one statement for each."""
    inbox.put_all([_entry(one) for one in news])
    enqueue_all([message for message in map(_message, news) if message is not None])


def tell(
    customer: BranchCustomer,
    *,
    cause: str,
    event: Event,
    subject: str,
    body: str,
    amount: Decimal | None = None,
    category: str = Category.MONEY,
    link: Link | None = None,
    in_full: str = "",
) -> None:
    """Tell one customer one thing; see `News`."""
    tell_all([News(customer, cause, event, subject, body, amount, category, link, in_full)])


def language_of(customer: BranchCustomer) -> str:
    """The language this customer reads; the bank's own where they never signed in."""
    language = User.objects.filter(customer_id=customer.user_id).values_list("language", flat=True).first()
    return language or settings.LANGUAGE_CODE


def _entry(news: News) -> Entry:
    text = news.in_full or news.body
    return Entry(news.cause, news.customer.user_id, news.category, news.subject, text, news.link)


def _message(news: News) -> Message | None:
    """By SMS, or by e-mail where the bank has no number; None where it has no address at all.

    The sender makes of it what the customer has chosen: see accounts/notices/wishes.py.
    """
    channel, to = address_for(news.customer, Channel.SMS)
    if not to:
        return None
    return Message(news.cause, news.event, channel, to, news.customer.user_id, news.subject, news.body, news.amount)
