"""What these tests begin with."""

import pytest

from accounts.models import Account
from tests.factories import UserFactory
from transfers.tests.support import an_account, owner_of


@pytest.fixture
def asker() -> Account:
    account = an_account("Wanjiku Mwangi")
    UserFactory(customer=owner_of(account))
    return account


@pytest.fixture
def payer() -> Account:
    account = an_account("Emmanuel Odenyire", "30000.00")
    UserFactory(customer=owner_of(account))
    return account
