"""What falls due, from every app in one query, and the panel that shows the next five."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts import due
from accounts.due import due_items
from accounts.models import Account
from accounts.selectors import accounts_of
from insurance.due import MONTHS_BETWEEN, months_after, next_premium, premium
from statements.tests.support import signed_in_owner
from tests.factories import (
    AccountFactory,
    CustomerFactory,
    FixedDepositFactory,
    InsurancePolicyFactory,
    LoanAccountFactory,
    PremiumPaymentFactory,
)
from wekeza_portal import clock, registry
from wekeza_portal.registry import DashboardPanel, DueItem, Registry

TODAY = date(2026, 11, 23)
D = Decimal


@pytest.fixture
def account(db: None) -> Account:
    account: Account = AccountFactory(customer=CustomerFactory())
    return account


def items_of(account: Account, today: date = TODAY) -> list[DueItem]:
    assert account.customer is not None
    return due_items(accounts_of(account.customer), today=today)


def a_loan(account: Account, on: date | None, **values: object) -> None:
    LoanAccountFactory(
        account_number=account.account_number, next_payment_date=on, **{"monthly_payment": D("4850.50"), **values}
    )


def a_policy(account: Account, **values: object) -> str:
    policy = InsurancePolicyFactory(
        **{
            "account_number": account.account_number,
            "policy_type": "Life Insurance",
            "annual_premium": D("25000.00"),
            "payment_frequency": "Monthly",
            "start_date": date(2026, 11, 12),
            "maturity_date": date(2027, 11, 12),
            "status": "ACTIVE",
            **values,
        }
    )
    return str(policy.policy_number)


# --- What each app knows ------------------------------------------------------------------------------------------


def test_each_app_says_what_falls_due_soonest_first_in_one_question(account: Account) -> None:
    a_loan(account, date(2026, 12, 10), loan_id="LN-1", loan_type="Personal Loan")
    a_policy(account, policy_number="POL-1")
    FixedDepositFactory(
        account=account, fd_number="FD-1", maturity_date=date(2026, 12, 1), maturity_amount=D("52250.00")
    )
    assert account.customer is not None
    accounts = accounts_of(account.customer)
    with CaptureQueriesContext(connection) as asked:
        items = due_items(accounts, today=TODAY)
    assert len(asked) == 1
    number = account.account_number
    assert items == [
        DueItem(
            "Fixed deposit reaches its end (before tax)",
            date(2026, 12, 1),
            D("52250.00"),
            True,
            number,
            "/save/#deposit-FD-1",
        ),
        DueItem(
            "Loan instalment, Personal Loan", date(2026, 12, 10), D("4850.50"), False, number, "/borrow/#loan-LN-1"
        ),
        DueItem("Premium, Life Insurance", date(2026, 12, 12), D("2083.33"), False, number, "/insure/#policy-POL-1"),
    ]


def test_each_number_of_accounts_has_its_own_question_and_its_own_answers(account: Account) -> None:
    """The query is kept for the next customer: only the numbers in it may differ."""
    second, elsewhere = AccountFactory(customer=account.customer), AccountFactory(customer=CustomerFactory())
    for owned, name in ((account, "LN-1"), (second, "LN-2"), (elsewhere, "LN-3")):
        a_loan(owned, TODAY, loan_id=name)
        FixedDepositFactory(account=owned, fd_number=name.replace("LN", "FD"), maturity_date=TODAY)
    for _again in range(2):
        mine, theirs = items_of(account), items_of(elsewhere)
        assert {item.address.rpartition("-")[2] for item in mine} == {"1", "2"}
        assert {item.address.rpartition("-")[2] for item in theirs} == {"3"}
        assert (len(mine), len(theirs)) == (4, 2)


def test_a_stranger_and_a_customer_without_accounts_have_nothing(account: Account) -> None:
    a_loan(account, TODAY)
    a_policy(account)
    FixedDepositFactory(account=account, maturity_date=TODAY)
    assert items_of(AccountFactory(customer=CustomerFactory())) == []
    with CaptureQueriesContext(connection) as asked:
        assert due_items([], today=TODAY) == []
    assert not asked


def test_what_falls_due_today_is_listed_what_has_passed_is_not(account: Account) -> None:
    a_loan(account, TODAY, loan_id="LN-TODAY")
    a_loan(account, TODAY - timedelta(days=1), loan_id="LN-PAST")
    a_loan(account, None, loan_id="LN-NEVER")
    a_loan(account, TODAY, loan_id="LN-OVER", status="CLOSED")
    FixedDepositFactory(account=account, maturity_date=TODAY, status="CLOSED")
    assert [item.address for item in items_of(account)] == ["/borrow/#loan-LN-TODAY"]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "CANCELLED"},
        {"status": "LAPSED"},
        {"payment_frequency": None},
        {"payment_frequency": "When it rains"},
        {"start_date": None},
        {"maturity_date": date(2026, 12, 12)},
    ],
)
def test_a_premium_nobody_can_know_is_not_made_up(account: Account, values: dict[str, object]) -> None:
    a_policy(account, **values)
    assert items_of(account) == []


def test_the_next_premium_follows_the_last_one_paid(account: Account) -> None:
    number = a_policy(account, start_date=date(2026, 3, 12), policy_type=None)
    for month in (9, 11, 10):
        PremiumPaymentFactory(policy_number=number, payment_date=date(2026, month, 14))
    PremiumPaymentFactory(policy_number="SOMEBODY-ELSES", payment_date=date(2026, 12, 30))
    (item,) = items_of(account)
    assert (item.on, item.what) == (date(2026, 12, 14), f"Premium, {number}")


def test_words_the_branch_wrote_in_its_own_way_are_taken_as_they_are(account: Account) -> None:
    a_policy(account, status="active", payment_frequency="MONTHLY", policy_type="<b>Życie 🎉")
    (item,) = items_of(account)
    assert item.what == "Premium, <b>Życie 🎉"


# --- Rules --------------------------------------------------------------------------------------------------------


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_months_later_is_the_same_day_or_the_months_last(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(st.decimals(0, 10_000_000, places=2), st.sampled_from(sorted(MONTHS_BETWEEN)))
def test_a_years_premiums_add_up_to_the_year_within_half_a_cent_each(annual: Decimal, frequency: str) -> None:
    count = 12 // MONTHS_BETWEEN[frequency]
    assert abs(premium(annual, frequency) * count - annual) <= D("0.005") * count


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(MONTHS_BETWEEN)))
def test_a_premium_is_due_after_what_was_paid_and_before_the_cover_ends(day: date, frequency: str) -> None:
    due_on = next_premium(starts=None, last_paid=day, frequency=frequency.lower(), ends=None)
    assert due_on is not None
    assert due_on > day
    assert next_premium(starts=None, last_paid=day, frequency=frequency, ends=due_on) is None


# --- The panel ----------------------------------------------------------------------------------------------------


def home(client: Client) -> str:
    return client.get("/").content.decode()


@pytest.mark.django_db
def test_the_home_page_shows_the_next_five() -> None:
    client, _customer, account = signed_in_owner()
    assert "Coming up" not in home(client)
    for number in range(6):
        a_loan(account, clock.today() + timedelta(days=number), loan_id=f"LN-{number}", loan_type="=<script>🎉")
    page = home(client)
    assert "Coming up" in page
    assert [f"#loan-LN-{number}" in page for number in range(6)] == [True] * 5 + [False]
    assert page.count("KES 4,850.50") == 5
    assert "<script>🎉" not in page


@pytest.mark.django_db
def test_hidden_amounts_are_hidden_here_too() -> None:
    client, _customer, account = signed_in_owner()
    a_loan(account, clock.today())
    client.post("/settings/hide-amounts/", {"hide": "1"})
    page = home(client)
    assert "Coming up" in page
    assert "4,850.50" not in page


@pytest.mark.django_db
def test_a_panel_that_fails_says_so_alone_and_shows_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object) -> None:
        raise OperationalError("table is gone")

    panels: Registry[DashboardPanel] = Registry("dashboard panel")
    panels.register("10-coming-up", DashboardPanel("Coming up", "accounts/coming_up.html", gone))
    panels.register("20-silent", DashboardPanel("Nothing here", "accounts/coming_up.html", lambda *_args: None))
    monkeypatch.setattr("accounts.dashboard.dashboard_panels", panels)
    client, _customer, account = signed_in_owner(balance=D("84406.00"))
    page = home(client)
    assert page.count("show this now") == 1
    assert "Coming up" in page
    assert "Nothing here" not in page
    assert "84,406.00" in page
    assert account.account_number in page


def test_accounts_registers_the_panel_and_each_domain_its_source() -> None:
    assert [name for name, _ in registry.due_sources.items()] == ["insurance", "lending", "savings", "standing"]
    assert dict(registry.dashboard_panels.items())["10-coming-up"].load is due.coming_up
