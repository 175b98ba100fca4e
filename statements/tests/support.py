"""The cast and the rows of the tests about movements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.test import Client

from accounts.models import Account, AccountTransaction, BranchCustomer
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=clock.NAIROBI)


def signed_in_owner(**account: object) -> tuple[Client, BranchCustomer, Account]:
    """A customer with one account, signed in."""
    customer = CustomerFactory(full_name="EMMANUEL MUTUA OTIENO")
    owned = AccountFactory(customer=customer, **account)
    client = Client()
    sign_in(client, UserFactory(customer=customer))
    return client, customer, owned


def many_rows(account: Account, count: int, *, until: datetime, every: timedelta = timedelta(minutes=1)) -> None:
    """`count` deposits of KES 10.00 in the order of time, the last one at `until`."""
    AccountTransaction.objects.bulk_create(
        AccountTransaction(
            account=account,
            txn_type="DEPOSIT",
            amount=Decimal("10.00"),
            reference_code=f"DEP{uuid4().hex}",
            description="Cash deposit - Approved",
            created_at=until - every * (count - 1 - index),
        )
        for index in range(count)
    )


def references(movements: Iterable[object]) -> list[str]:
    return [movement.reference for movement in movements]  # type: ignore[attr-defined]
