"""The Borrow page shows the customer's own loans, and nothing that is not so."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.models import User
from lending import selectors
from lending.models import LoanAccount, LoanProduct
from tests.factories import AccountFactory, LoanAccountFactory, LoanProductFactory, UserFactory
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
    response = client.get("/borrow/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_each_loan_with_what_is_left_and_when_the_next_payment_is_due(
    client: Client, user: User, number: str
) -> None:
    due = clock.today() + timedelta(days=12)
    LoanAccountFactory(
        account_number=number,
        loan_type="Asset Finance",
        outstanding_balance=Decimal("48211.07"),
        monthly_payment=Decimal("4512.92"),
        next_payment_date=due,
    )
    body = page(client, user)
    for shown in ("Asset Finance", "KES 48,211.07", "KES 4,512.92", f"{due:%d/%m/%Y}", "Being repaid", number):
        assert shown in body


def test_it_never_shows_a_strangers_loan(client: Client, user: User, number: str) -> None:
    mine = LoanAccountFactory(account_number=number)
    theirs = LoanAccountFactory(outstanding_balance=Decimal("777777.77"))
    body = page(client, user)
    assert mine.loan_id in body
    assert theirs.loan_id not in body
    assert "777,777.77" not in body


def test_a_loan_and_an_offer_of_one_name_are_no_two_landmarks_of_one_name(
    client: Client, user: User, number: str
) -> None:
    for _ in range(2):
        LoanAccountFactory(account_number=number, loan_type="Asset Finance")
    LoanProductFactory(product_name="Asset Finance")
    body = page(client, user)
    assert body.count("<article") == 3
    labels = re.findall(r'<section[^>]* aria-label(?:ledby)?="([^"]*)"', body)
    assert len(labels) == len(set(labels))


def test_a_customer_without_an_account_sees_no_loan_though_others_have_some(client: Client, user: User) -> None:
    LoanAccountFactory()
    assert "You have no loan with us." in page(client, user)


def test_an_account_number_that_begins_like_ours_is_not_ours(user: User, number: str) -> None:
    LoanAccountFactory(account_number=f"{number}1")
    assert selectors.loans_of(user.customer) == []


def test_a_payment_date_in_the_past_is_said_as_such_and_never_called_next(
    client: Client, user: User, number: str
) -> None:
    LoanAccountFactory(account_number=number, next_payment_date=clock.today() - timedelta(days=3))
    body = page(client, user)
    assert "A payment was due on" in body
    assert "may not show here yet" in body
    assert "Next payment" not in body


def test_a_payment_due_today_is_not_past(user: User, number: str) -> None:
    LoanAccountFactory(account_number=number, next_payment_date=clock.today())
    assert not selectors.loans_of(user.customer)[0].is_past_due


def test_a_paid_off_loan_asks_for_nothing_more(client: Client, user: User, number: str) -> None:
    LoanAccountFactory(account_number=number, status=LoanAccount.Status.CLOSED, outstanding_balance=Decimal("0.00"))
    body = page(client, user)
    assert "Paid off" in body
    assert "Each month" not in body


def test_open_loans_come_before_closed_ones(user: User, number: str) -> None:
    closed = LoanAccountFactory(account_number=number, status="CLOSED", disbursement_date=clock.today())
    open_one = LoanAccountFactory(account_number=number, disbursement_date=date(2024, 1, 5))
    assert [loan.number for loan in selectors.loans_of(user.customer)] == [open_one.loan_id, closed.loan_id]


def test_it_survives_a_loan_without_dates(client: Client, user: User, number: str) -> None:
    LoanAccountFactory(account_number=number, next_payment_date=None, disbursement_date=None, maturity_date=None)
    assert "Left to repay" in page(client, user)


@pytest.mark.parametrize(
    ("target", "is_active", "shown"),
    [("individual", True, True), ("both", True, True), ("business", True, False), ("individual", False, False)],
)
def test_it_offers_what_the_branch_offers_to_persons(
    client: Client, user: User, target: str, is_active: bool, shown: bool
) -> None:
    product: LoanProduct = LoanProductFactory(
        product_name="Jenga Loan", target_customer=target, is_active=is_active, base_interest_rate=Decimal("13.75")
    )
    body = page(client, user)
    assert (product.product_name in body) is shown
    assert ("13.75 % a year" in body) is shown


def test_it_offers_nothing_when_the_branch_lists_nothing(client: Client, user: User) -> None:
    assert "No loan is on offer just now." in page(client, user)


def test_it_says_truthfully_that_applying_is_done_at_a_branch(client: Client, user: User) -> None:
    body = page(client, user)
    assert "A branch does both for you." in body
    main = body.split("<main")[1].split("</main>")[0]
    assert "<form" not in main


def _fails(*args: object) -> None:
    raise DatabaseError("gone")


def test_a_loan_table_that_fails_says_so_alone(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    LoanProductFactory(product_name="Jenga Loan")
    monkeypatch.setattr(selectors, "loans_of", _fails)
    body = page(client, user)
    assert "We can&#x27;t show this now." in body or "We can't show this now." in body
    assert "You have no loan with us." not in body
    assert "Jenga Loan" in body


def test_a_product_table_that_fails_says_so_alone(
    client: Client, user: User, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan = LoanAccountFactory(account_number=number)
    monkeypatch.setattr(selectors, "products", _fails)
    body = page(client, user)
    assert loan.loan_id in body
    assert "No loan is on offer" not in body


def test_it_is_closed_to_visitors(client: Client) -> None:
    response = client.get("/borrow/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")


def test_it_refuses_to_be_posted_to(client: Client, user: User) -> None:
    sign_in(client, user)
    assert client.post("/borrow/").status_code == 405


def test_it_asks_the_database_no_more_often_for_many_loans(
    user: User, number: str, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        LoanAccountFactory(account_number=number)
    with django_assert_max_num_queries(4):
        assert len(selectors.loans_of(user.customer)) == 8
