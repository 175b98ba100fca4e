"""What a browser sends about standing orders, and an order that waits for the evening."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from transfers.models import StandingOrder
from transfers.standing import paying
from transfers.tests.standing import an_order, made_of
from wekeza_portal import clock

D = Decimal
MONDAY = datetime(2026, 11, 30, 9, tzinfo=clock.NAIROBI)


def new(kind: str = "TRANSFER_INTERNAL", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"kind": kind, **more}.items())
    return f"{reverse('standing_new')}?{query}"


def typed(sender: Account, receiver: Account, **changes: str) -> dict[str, str]:
    values = {
        "from_account": sender.account_number,
        "to_account": receiver.account_number,
        "amount": "2,500",
        "note": "Rent",
        "rhythm": "MONTHLY",
        "begins": "2026-12-31",
        "until": "",
        "times": "",
        "on_holiday": "SAME",
        "mode": "PAY",
    }
    return {**values, **changes}


def act(browser: Client, name: str, order: StandingOrder, **data: str) -> Any:
    return browser.post(reverse(f"standing_{name}", args=[order.public_id]), data)


def waiting_once(sender: Account, receiver: Account, now: Any, **changes: Any) -> StandingOrder:
    """An order whose only date found too little money this morning and waits for the evening."""
    order = an_order(sender, receiver, **{"rhythm": "ONCE", "begins": date(2026, 12, 1), **changes})
    Account.objects.filter(pk=sender.pk).update(balance=D("1000.00"))
    now.move_to(datetime(2026, 12, 1, 7, tzinfo=clock.NAIROBI))
    assert paying.pay_due(date(2026, 12, 1)) == 1
    assert made_of(order) == [(date(2026, 12, 1), "WAITING")]
    Account.objects.filter(pk=sender.pk).update(balance=D("13400.00"))
    return order


def evening_of(now: Any) -> int:
    now.move_to(datetime(2026, 12, 1, 18, tzinfo=clock.NAIROBI))
    return paying.try_again(date(2026, 12, 1))


def order_user(order: StandingOrder) -> User:
    return User.objects.get(customer_id=order.customer_id)


def change(order: StandingOrder, **changes: str) -> dict[str, str]:
    values = {
        "from_account": order.from_number,
        "amount": str(order.amount),
        "note": order.payload["note"],
        "until": order.until.isoformat() if order.until else "",
        "times": str(order.times or ""),
        "on_holiday": order.on_holiday,
        "mode": order.mode,
    }
    return {**values, **changes}
