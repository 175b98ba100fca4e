"""A payer with a browser that is signed in, a payee, and the ways to walk."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import Account, User
from tests.factories import UserFactory
from transfers.tests.outside import FakeRail, open_directory, standing_in
from transfers.tests.support import an_account, owner_of
from transfers.tests.walking import signed_in


@pytest.fixture
def sender(db: None) -> Account:
    """Can send KES 12,400.00: the savings minimum stays."""
    return an_account("Emmanuel Odenyire", "13400.00")


@pytest.fixture
def receiver(db: None) -> Account:
    return an_account("Wanjiku Mwangi")


@pytest.fixture
def user(sender: Account) -> User:
    user: User = UserFactory(customer=owner_of(sender))
    return user


@pytest.fixture
def browser(user: User) -> Client:
    return signed_in(user)


@pytest.fixture
def fakes(db: None) -> Iterator[dict[str, FakeRail]]:
    """Rails that answer what the test says, and a broker to pay."""
    open_directory()
    with standing_in() as found:
        yield found
