"""What tests of the proof of a day share."""

from datetime import date, timedelta
from decimal import Decimal

import time_machine

from accounts.models import (
    Account,
    User,
)
from tests.factories import TransactionFactory
from wekeza_portal import clock
from wekeza_portal.actors import Actor

D = Decimal
DAY = date(2026, 11, 20)
Clock = time_machine.Traveller


def tomorrow(nairobi: Clock, days: int = 1) -> None:
    nairobi.shift(timedelta(days=days))


def cash(account: Account, amount: str) -> None:
    """A teller's deposit: row and balance, as the branch writes them."""
    TransactionFactory(account=account, txn_type="DEPOSIT", amount=D(amount), created_at=clock.now())
    now = Account.objects.get(pk=account.pk)
    Account.objects.filter(pk=account.pk).update(balance=(now.balance or D(0)) + D(amount))


def actor(user: User) -> Actor:
    return Actor(kind="staff", id=str(user.pk))


def spoil_balance(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D("1.00"))
