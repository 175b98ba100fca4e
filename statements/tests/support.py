"""The cast and the rows of the tests about movements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.test import Client

from accounts.models import Account, AccountTransaction, BranchCustomer, Posting
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    InstructionFactory,
    PostingFactory,
    PostingLegFactory,
    TransactionFactory,
    UserFactory,
)
from tests.support import sign_in
from transfers.models import Payment
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
    return [movement.reference for movement in movements]


def a_payment_out(
    account: Account, *, state: str = "SENT", rail: str = "MPESA", name: str = "Baraka Shop", **payload: object
) -> tuple[Payment, AccountTransaction]:
    """A payment of KES 700.00 that left over a rail, with the row it wrote; what it gave back too once returned."""
    instruction = InstructionFactory(
        customer=account.customer,
        kind="MOBILE_MONEY",
        state="POSTED",
        amount=Decimal("700.00"),
        posted_at=clock.now(),
        payee_key=f"mobile:{name}",
        payload={
            "from_number": account.account_number,
            "to_number": "0722 123 456",
            "to_name": name,
            "to_at": "M-Pesa",
            "note": "Sugar",
            "values": {"network": "MPESA", "msisdn": "254722123456"},
            **payload,
        },
    )
    posting = PostingFactory(instruction_id=instruction.pk, kind="MOBILE_MONEY")
    row = _leg(account, posting, "MOBILE_MONEY_OUT")
    payment = Payment.objects.create(
        id=instruction.pk, customer_id=instruction.customer_id, rail=rail, reference=posting.reference,
        amount=instruction.amount, fee=Decimal("0.00"), destination={}, state=state, received_at=clock.now(),
        receipt="RKT7XY12" if state == "SETTLED" else "",
    )  # fmt: skip
    if state == "RETURNED":
        _leg(account, PostingFactory(kind="REVERSAL", reverses=posting), "REVERSAL_IN")
    return payment, row


def _leg(account: Account, posting: Posting, word: str) -> AccountTransaction:
    row: AccountTransaction = TransactionFactory(
        account=account, txn_type=word, amount=Decimal("700.00"), reference_code=f"{posting.reference}-1"
    )
    PostingLegFactory(posting=posting, account=account, internal_account="", transaction_id=row.pk)
    return row
