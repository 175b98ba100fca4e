"""What these tests begin with."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Account, User
from tests.factories import AccountFactory, CustomerFactory, UserFactory
from transfers.collecting import calling
from transfers.models import Incoming
from transfers.tests.collecting.scenes import D, tell_c2b
from transfers.tests.life.scenes import NOON
from transfers.tests.scripted import ScriptedRail
from transfers.tests.support import owner_of
from transfers.tests.walking import signed_in


@pytest.fixture
def at() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(db: None, at: Any) -> Account:
    """Of a customer whose phone the branch knows; with KES 2,000.00 on it."""
    customer = CustomerFactory(full_name="Emmanuel Odenyire", phone_number="0722000111")
    found: Account = AccountFactory(customer=customer, balance=D("2000.00"))
    return found


@pytest.fixture
def user(account: Account) -> User:
    found: User = UserFactory(customer=owner_of(account))
    return found


@pytest.fixture
def browser(user: User) -> Client:
    return signed_in(user)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> ScriptedRail:
    """M-Pesa's prompts, played by a script."""
    played = ScriptedRail("mpesa-stk")
    monkeypatch.setattr(calling, "prompts", played)
    return played


@pytest.fixture
def nobodys(account: Account) -> Incoming:
    """KES 500.00 for an account number with a slip in it."""
    tell_c2b("ACC999")
    return Incoming.objects.get()
