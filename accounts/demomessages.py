"""What stands in the demo bank's inboxes: true of the branch's rows where they speak of money, odd where they test.

Everything is older than the day before the bank was filled: what happens from then on tells itself.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import arrivals
from accounts.models import AccountTransaction
from accounts.vocabulary import Direction, direction_of
from wekeza_portal.branch.demobank.bank import DemoBank, DemoCustomer
from wekeza_portal.notifications.inbox import Category
from wekeza_portal.notifications.models import InboxItem

CREDITS = 6
LONG = "The branch's reason, told at length. " * 270
ODD = (
    ('=HYPERLINK("https://example.com")', "<script>alert(1)</script> & 'quotes' \u202eesrever\u202c"),
    ("🎉 Karibu! 👨‍👩‍👧‍👦", "🎉" * 50),
    ("A title that does not know where to end " * 5, LONG),
    ("Nenolisilonanafasi" * 11, "Nenolisilonanafasi" * 60),
)


def seed(bank: DemoBank) -> None:
    """Emmanuel and Nuria have a live inbox, Fatuma has put one away and keeps odd ones, Grace has none."""
    for key in ("emmanuel", "nuria"):
        customer = bank.customer(key)
        rows = [*_credits(bank, customer), _activated(bank, customer), _news(bank, customer)]
        _keep(bank, sorted(rows, key=lambda row: row.created_at))
    _keep(bank, list(_odd(bank, bank.customer("fatuma"))))


def _keep(bank: DemoBank, rows: list[InboxItem]) -> None:
    """What is older than a week has been read."""
    for row in rows:
        if row.created_at < bank.now - timedelta(days=7):
            row.read_at = row.created_at + timedelta(hours=2)
    InboxItem.objects.bulk_create(rows)


def _credits(bank: DemoBank, customer: DemoCustomer) -> Iterator[InboxItem]:
    """The latest credits at the branch, in the words in which they are told."""
    ids = [account.account_id for account in customer.accounts]
    latest = AccountTransaction.objects.filter(account_id__in=ids, created_at__lt=bank.now - timedelta(days=1))
    credits_ = [row for row in latest.order_by("-transaction_id")[:100] if direction_of(row.txn_type) is Direction.IN]
    for row in credits_[:CREDITS]:
        with translation.override("en"):
            title, text = arrivals.words_of(row)
        item = _item(customer, f"branch-credit:{row.reference_code}", Category.MONEY, title, text, row.created_at)
        item.link_name, item.link_kwargs = "movement", {"reference": row.reference_code}
        yield item


def _activated(bank: DemoBank, customer: DemoCustomer) -> InboxItem:
    at = bank.now - timedelta(days=30)
    with translation.override("en"):
        values = {"bank": settings.BANK_NAME, "time": f"{at:%d/%m/%Y %H:%M}", "phone": settings.FRAUD_PHONE}
        title = _("Online access activated")
        text = _("Online access to your %(bank)s account was activated at %(time)s. Not you? Call %(phone)s.") % values
    item = _item(customer, f"demo-activated:{customer.user_id}", Category.SECURITY, title, text, at)
    item.link_name = "sign_in_history"
    return item


def _news(bank: DemoBank, customer: DemoCustomer) -> InboxItem:
    title, text = "Your messages now have a place", "What we tell you by SMS or e-mail stands here too, for two years."
    at = bank.now - timedelta(days=3)
    return _item(customer, f"demo-news:{customer.user_id}", Category.NEWS, title, text, at)


def _odd(bank: DemoBank, customer: DemoCustomer) -> Iterator[InboxItem]:
    for number, (title, text) in enumerate(ODD):
        at = bank.now - timedelta(days=20 - 5 * number)
        cause = f"demo-odd:{customer.user_id}:{number}"
        item = _item(customer, cause, Category.NEWS, title[:200], text, at)
        item.archived_at = at + timedelta(days=1) if number == 0 else None
        yield item


def _item(customer: DemoCustomer, cause: str, category: str, title: str, text: str, at: datetime) -> InboxItem:
    return InboxItem(
        cause=cause, customer_id=customer.user_id, category=category, title=title, text=text, created_at=at
    )
