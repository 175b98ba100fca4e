"""What these tests begin with."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from accounts.models import (
    Account,
    ProofSheet,
)
from accounts.proofs import making
from accounts.tests.proofs.scenes import DAY, Clock, D, cash, tomorrow
from tests.factories import AccountFactory
from tests.payments import pay


@pytest.fixture
def nairobi() -> Iterator[Clock]:
    """Noon of the day in Nairobi."""
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(nairobi: Clock) -> Account:
    """An account that paid 100 with a fee of 30 and had a deposit, all on the day."""
    sender: Account = AccountFactory(balance=D("9000.00"))
    pay(sender, AccountFactory(balance=D("100.00")), D("100.00"), fee=D("30.00"))
    cash(sender, "55.00")
    return sender


@pytest.fixture
def sheet(account: Account, nairobi: Clock) -> ProofSheet:
    tomorrow(nairobi)
    return making.make_proof(DAY)
