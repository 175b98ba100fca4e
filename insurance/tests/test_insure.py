"""The Insure page shows the customer's own policies as the branch holds them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.models import User
from insurance import selectors
from tests.factories import (
    AccountFactory,
    InsurancePolicyFactory,
    InsuranceProductFactory,
    PremiumPaymentFactory,
    UserFactory,
)
from tests.support import sign_in
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def number(user: User) -> str:
    return AccountFactory(customer=user.customer).account_number


def page(client: Client, user: User) -> str:
    sign_in(client, user)
    response = client.get("/insure/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_each_policy_with_cover_and_premium(client: Client, user: User, number: str) -> None:
    InsurancePolicyFactory(
        account_number=number,
        policy_type="Life Insurance",
        coverage_amount=Decimal("500000.00"),
        annual_premium=Decimal("25000.00"),
        beneficiary_name="Mercy Jepkosgei",
    )
    body = page(client, user)
    for shown in ("Life Insurance", "KES 500,000.00", "KES 25,000.00", "Mercy Jepkosgei", "In force", number):
        assert shown in body


def test_it_never_shows_a_strangers_policy_or_premium(client: Client, user: User, number: str) -> None:
    mine = InsurancePolicyFactory(account_number=number)
    theirs = InsurancePolicyFactory(beneficiary_name="Someone Else")
    PremiumPaymentFactory(policy_number=theirs.policy_number, payment_amount=Decimal("919.19"))
    body = page(client, user)
    assert mine.policy_number in body
    for hidden in (theirs.policy_number, "Someone Else", "919.19"):
        assert hidden not in body


def test_a_customer_without_policies_is_told_so(client: Client, user: User, number: str) -> None:
    InsurancePolicyFactory()
    assert "You have no policy with us." in page(client, user)


def test_it_shows_the_last_premium_recorded(client: Client, user: User, number: str) -> None:
    policy = InsurancePolicyFactory(account_number=number)
    for days, amount in ((40, "151.00"), (10, "152.00"), (70, "153.00")):
        PremiumPaymentFactory(
            policy_number=policy.policy_number,
            payment_date=clock.today() - timedelta(days=days),
            payment_amount=Decimal(amount),
        )
    body = page(client, user)
    assert "KES 152.00" in body
    assert "KES 151.00" not in body


def test_it_invents_no_premium_where_none_is_recorded(client: Client, user: User, number: str) -> None:
    InsurancePolicyFactory(account_number=number)
    body = page(client, user)
    assert "Last premium" not in body
    assert "KES 0.00" not in body


def test_a_policy_past_its_end_is_not_called_in_force(client: Client, user: User, number: str) -> None:
    InsurancePolicyFactory(account_number=number, maturity_date=clock.today() - timedelta(days=1))
    body = page(client, user)
    assert "Ended" in body
    assert "In force" not in body


def test_a_policy_that_ends_today_is_still_in_force(user: User, number: str) -> None:
    InsurancePolicyFactory(account_number=number, maturity_date=clock.today())
    assert not selectors.policies_of(user.customer)[0].is_over


@pytest.mark.parametrize(
    ("status", "words"),
    [("CANCELLED", "Cancelled"), ("LAPSED", "Lapsed"), ("EXPIRED", "Ended"), ("UNDER_QUERY", "Under query")],
)
def test_every_status_is_said_in_words(client: Client, user: User, number: str, status: str, words: str) -> None:
    InsurancePolicyFactory(account_number=number, status=status)
    assert words in page(client, user)


def test_it_survives_what_the_branch_leaves_empty(client: Client, user: User, number: str) -> None:
    InsurancePolicyFactory(
        account_number=number,
        product_id=None,
        policy_type=None,
        start_date=None,
        maturity_date=None,
        beneficiary_name=None,
        payment_frequency=None,
    )
    body = page(client, user)
    assert "Insurance policy" in body
    assert "None" not in body


def test_policies_in_force_come_first(user: User, number: str) -> None:
    active = InsurancePolicyFactory(account_number=number)
    gone = InsurancePolicyFactory(account_number=number, status="CANCELLED")
    held = [policy.number for policy in selectors.policies_of(user.customer)]
    assert held == [active.policy_number, gone.policy_number]


def test_it_lists_what_is_on_sale_only(client: Client, user: User) -> None:
    InsuranceProductFactory(product_name="Boda Cover", premium_amount=Decimal("175.00"))
    InsuranceProductFactory(product_name="Old Cover", is_active=False)
    body = page(client, user)
    assert "Boda Cover" in body
    assert "KES 175.00" in body
    assert "Old Cover" not in body


def test_it_says_truthfully_that_a_branch_sells_and_pays(client: Client, user: User) -> None:
    body = page(client, user)
    assert "A branch does it with you" in body
    assert "<form" not in body.split("<main")[1].split("</main>")[0]


def _fails(*args: object) -> None:
    raise DatabaseError("gone")


def test_a_policy_table_that_fails_says_so_alone(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    InsuranceProductFactory(product_name="Boda Cover")
    monkeypatch.setattr(selectors, "policies_of", _fails)
    body = page(client, user)
    assert "show this now" in body
    assert "You have no policy with us." not in body
    assert "Boda Cover" in body


def test_a_product_table_that_fails_says_so_alone(
    client: Client, user: User, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = InsurancePolicyFactory(account_number=number)
    monkeypatch.setattr(selectors, "products", _fails)
    body = page(client, user)
    assert policy.policy_number in body
    assert "No cover is on offer" not in body


def test_it_is_closed_to_visitors(client: Client) -> None:
    assert client.get("/insure/").headers["Location"].startswith("/login/")


def test_it_refuses_to_be_posted_to(client: Client, user: User) -> None:
    sign_in(client, user)
    assert client.post("/insure/").status_code == 405


def test_it_asks_the_database_no_more_often_for_many_policies(
    user: User, number: str, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        InsurancePolicyFactory(account_number=number)
    with django_assert_max_num_queries(5):
        assert len(selectors.policies_of(user.customer)) == 8
