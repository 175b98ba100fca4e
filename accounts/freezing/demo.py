"""Demo data of stops and calls: Halima has stopped everything, Grace had a call yesterday and has one now.

The stop goes through its own service once the demo bank is filled: it is a transaction of its own.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.freezing import stopping
from accounts.models import BankCall, Freeze
from wekeza_portal.actors import Actor
from wekeza_portal.branch.demobank.bank import DemoBank

CALLER_CODE = "RISK001"
CALLER = "Lilian Chebet"
RUNS_FOR = timedelta(hours=12)
"""So long that whoever looks at the demo sees it run."""


def seed(bank: DemoBank) -> None:
    """Runs once, in the transaction that fills the demo bank."""
    transaction.on_commit(lambda: _stop(bank))
    grace = bank.customer("grace").user_id
    yesterday = bank.now - timedelta(days=1, hours=3)
    _call(grace, "Your new payee", yesterday, minutes=6)
    BankCall.objects.create(
        **_values(grace, "A payment that looked unusual"),
        open_for=grace,
        opened_at=bank.now,
        expires_at=bank.now + RUNS_FOR,
    )
    emmanuel = bank.customer("emmanuel").user_id
    _call(emmanuel, "Whether you asked for the payment to Peter Kamau", yesterday, minutes=4)


def _stop(bank: DemoBank) -> None:
    halima = bank.customer("halima").user_id
    stopping.stop(halima, by=Freeze.By.OUTSIDE, actor=Actor(kind="customer", id="", customer_id=halima))


def _values(customer_id: int, about: str) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "customer_id": customer_id,
        "reference": f"{customer_id % 1000:03d} 193",
        "staff_id": 0,
        "staff_code": CALLER_CODE,
        "caller": CALLER,
        "department": BankCall.Department.FRAUD,
        "about": about,
    }


def _call(customer_id: int, about: str, opened_at: datetime, *, minutes: int) -> None:
    BankCall.objects.create(
        **_values(customer_id, about),
        opened_at=opened_at,
        expires_at=opened_at + timedelta(minutes=30),
        ended_at=opened_at + timedelta(minutes=minutes),
    )
