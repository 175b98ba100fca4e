"""A customer with a browser that is signed in."""

import pytest
from django.test import Client

from accounts.models import BranchCustomer, User
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in


@pytest.fixture
def customer(db: None) -> BranchCustomer:
    row: BranchCustomer = CustomerFactory(
        full_name="Wanjiku Mwangi", email="old@example.com", phone_number="0722000111", national_id="29876543"
    )
    return row


@pytest.fixture
def user(customer: BranchCustomer) -> User:
    made: User = UserFactory(customer=customer)
    return made


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client
