"""A customer who chose, and what the sender makes of their messages."""

from dataclasses import replace
from datetime import time
from decimal import Decimal

from accounts.models import BranchCustomer, User
from accounts.notices.choosing import choose, chosen_by
from accounts.notices.rules import Choice, Quiet
from accounts.telling import tell
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from wekeza_portal.actors import Actor
from wekeza_portal.notifications.events import WITH_AMOUNT, Event
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.notifications.services import deliver_due

SMS, EMAIL = "SMS", "EMAIL"
BOTH, BY_SMS, BY_EMAIL = Choice(True, True), Choice(True, False), Choice(False, True)
NONE = Choice(sms=False, email=False)
NIGHT: Quiet = (time(22, 0), time(6, 0))
PHONE, ADDRESS = "+254722000111", "wanjiku@example.com"
Sent = list[tuple[str, str, str]]
"""Channel, address and body, in the order in which they went out."""


def somebody(phone: str | None = "0722000111", email: str = ADDRESS) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number=phone, email=email))
    AccountFactory(customer=user.customer, balance=Decimal("90000.00"))
    return user


def a_stranger() -> User:
    return somebody(phone="0733000222", email="stranger@example.com")


def customer_of(user: User) -> BranchCustomer:
    assert user.customer is not None
    return user.customer


def wants(
    user: User, choices: dict[Event, Choice] | None = None, quiet: Quiet | None = None, below: str | None = None
) -> bool:
    """Choose this and leave the rest as it was; whether anything was new."""
    before = chosen_by(customer_of(user))
    low = Decimal(below) if below else None
    wanted = replace(before, choices={**before.choices, **(choices or {})}, quiet=quiet, low_balance=low)
    return choose(user, wanted, Actor("customer", str(user.pk), customer_of(user).user_id))


def tells(user: User, event: Event, amount: str = "500.00", cause: str = "cause") -> OutboxMessage:
    """The bank tells one thing; its row in the outbox."""
    of_money = Decimal(amount) if event in WITH_AMOUNT else None
    name = f"{cause}:{event}"
    tell(customer_of(user), cause=name, event=event, subject="A title", body=f"About {event}.", amount=of_money)
    return OutboxMessage.objects.get(cause=name)


def deliver() -> None:
    while deliver_due():
        pass


def notices(user: User) -> list[OutboxMessage]:
    """What was said because of a choice."""
    told = OutboxMessage.objects.filter(customer_id=customer_of(user).user_id, cause__startswith="messages-less")
    return list(told.order_by("channel"))
