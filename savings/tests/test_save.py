"""The Save page shows the customer's savings with the minimum kept, and their fixed deposits."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.models import Account, AccountTerms, User
from savings import selectors
from tests.factories import AccountFactory, AccountTermsFactory, FixedDepositFactory, UserFactory
from tests.support import sign_in
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def account(user: User) -> Account:
    return AccountFactory(customer=user.customer, balance=Decimal("84406.50"))


def page(client: Client, user: User) -> str:
    sign_in(client, user)
    response = client.get("/save/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_what_is_saved_what_is_kept_and_what_can_be_spent(
    client: Client, user: User, account: Account
) -> None:
    body = page(client, user)
    for shown in (account.account_number, "KES 84,406.50", "KES 1,000.00", "KES 83,406.50"):
        assert shown in body


def test_it_shows_savings_accounts_only(client: Client, user: User, account: Account) -> None:
    current = AccountFactory(customer=user.customer, balance=Decimal("5150.25"))
    AccountTermsFactory(account=current, kind=AccountTerms.Kind.CURRENT)
    body = page(client, user)
    assert account.account_number in body
    assert current.account_number not in body


def test_it_never_shows_a_strangers_account_or_deposit(client: Client, user: User, account: Account) -> None:
    stranger = AccountFactory(balance=Decimal("31313.31"))
    theirs = FixedDepositFactory(account=stranger, principal_amount=Decimal("61616.16"))
    body = page(client, user)
    for hidden in (stranger.account_number, "31,313.31", theirs.fd_number, "61,616.16"):
        assert hidden not in body


def test_it_shows_a_fixed_deposit_with_rate_and_end(client: Client, user: User, account: Account) -> None:
    ends = clock.today() + timedelta(days=90)
    deposit = FixedDepositFactory(account=account, maturity_date=ends)
    body = page(client, user)
    for shown in (deposit.fd_number, "KES 50,000.00", "9.00 % a year", "KES 52,250.00", f"{ends:%d/%m/%Y}"):
        assert shown in body
    assert "Growing" in body


def test_a_deposit_whose_time_is_over_is_not_said_to_grow(client: Client, user: User, account: Account) -> None:
    FixedDepositFactory(account=account, maturity_date=clock.today())
    body = page(client, user)
    assert "Reached its end" in body
    assert "Growing" not in body
    assert "Its time is over." in body


@pytest.mark.parametrize(("status", "words"), [("CLOSED", "Closed"), ("RENEWED", "Renewed"), ("MATURED", "Reached")])
def test_every_status_is_said_in_words(client: Client, user: User, account: Account, status: str, words: str) -> None:
    FixedDepositFactory(account=account, status=status)
    assert words in page(client, user)


def test_open_deposits_come_first_and_the_next_to_end_before_the_others(user: User, account: Account) -> None:
    late = FixedDepositFactory(account=account, maturity_date=clock.today() + timedelta(days=300))
    closed = FixedDepositFactory(account=account, status="CLOSED")
    soon = FixedDepositFactory(account=account, maturity_date=clock.today() + timedelta(days=30))
    held = [deposit.number for deposit in selectors.deposits_of(user.customer)]
    assert held == [soon.fd_number, late.fd_number, closed.fd_number]


def test_without_accounts_and_deposits_it_says_so_and_shows_no_figure(client: Client, user: User) -> None:
    body = page(client, user)
    assert "You have no savings account with us." in body
    assert "You have no fixed deposit with us." in body
    assert "KES 0.00" not in body


def test_it_shows_a_balance_below_zero(client: Client, user: User) -> None:
    AccountFactory(customer=user.customer, balance=Decimal("-3400.00"))
    assert "-KES 3,400.00" in page(client, user)


def test_an_account_without_a_recorded_balance_shows_no_figure(client: Client, user: User) -> None:
    AccountFactory(customer=user.customer, balance=None)
    body = page(client, user)
    assert "KES 0.00" not in body
    assert "has not recorded a balance" in body


def test_a_frozen_account_is_not_said_to_be_spendable(client: Client, user: User) -> None:
    AccountFactory(customer=user.customer, status=Account.Status.FROZEN)
    body = page(client, user)
    assert "Saved" in body
    assert "You can spend now" not in body


def test_it_tells_every_way_to_pay_in(client: Client, user: User) -> None:
    body = page(client, user)
    for way in ("At any branch", "Paybill 522522", "From another bank", "2 to 3 working days"):
        assert way in body
    assert "<form" not in body.split("<main")[1].split("</main>")[0]


def test_hidden_amounts_are_not_in_the_page(client: Client, user: User, account: Account) -> None:
    FixedDepositFactory(account=account)
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    body = page(client, user)
    assert account.account_number in body
    for hidden in ("84,406.50", "50,000.00", "52,250.00"):
        assert hidden not in body


def _fails(*args: object) -> None:
    raise DatabaseError("gone")


def test_a_deposit_table_that_fails_says_so_alone(
    client: Client, user: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "deposits_of", _fails)
    body = page(client, user)
    assert "show this now" in body
    assert "You have no fixed deposit" not in body
    assert "KES 84,406.50" in body


def test_it_is_closed_to_visitors(client: Client) -> None:
    assert client.get("/save/").headers["Location"].startswith("/login/")


def test_it_refuses_to_be_posted_to(client: Client, user: User) -> None:
    sign_in(client, user)
    assert client.post("/save/").status_code == 405
