"""The home page."""

import re
from collections.abc import Generator
from datetime import UTC
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import dashboard, movements
from accounts.models import Account
from accounts.panels import panel
from accounts.wording import greeting
from statements.tests.support import NOON, many_rows, signed_in_owner
from tests.factories import AccountFactory, CustomerFactory, TransactionFactory, UserFactory
from tests.support import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon() -> Generator[None, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False):
        yield


def home(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_what_can_be_spent_what_is_booked_and_what_is_kept() -> None:
    client, _customer, account = signed_in_owner(balance=Decimal("84406.00"))
    page = home(client)
    assert "Good afternoon, Emmanuel" in page
    assert "You can spend now" in page
    for figure in ("83,406.00", "84,406.00", "1,000.00"):
        assert figure in page
    assert f'data-copy="{account.account_number}"' in page


@pytest.mark.parametrize(
    ("hour", "words"), [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (17, "evening")]
)
def test_the_greeting_follows_the_clock_in_nairobi(hour: int, words: str) -> None:
    assert greeting(NOON.replace(hour=hour)) == f"Good {words}"
    assert greeting(NOON.replace(hour=hour).astimezone(UTC)) == f"Good {words}"


def test_a_row_the_branch_wrote_is_on_the_next_page_load() -> None:
    client, _customer, account = signed_in_owner(balance=Decimal("5000.00"))
    assert "4,000.00" in home(client)
    account.balance = Decimal("7500.00")
    account.save(update_fields=["balance"])
    TransactionFactory(account=account, amount=Decimal("2500.00"), reference_code="DEP11223344")
    page = home(client)
    assert "6,500.00" in page
    assert "+2,500.00" in page
    assert "/view/movements/DEP11223344/" in page


def test_sums_have_the_right_signs_and_lead_to_the_rows_that_make_them() -> None:
    client, _customer, account = signed_in_owner()
    for txn_type, amount in [("INSURANCE_PREMIUM", "200.00"), ("TRANSFER_IN", "300.00"), ("WITHDRAWAL", "40.00")]:
        TransactionFactory(account=account, txn_type=txn_type, amount=Decimal(amount))
    page = home(client)
    for query, figure in [("today&amp;direction=in", "300.00"), ("month&amp;direction=out", "240.00")]:
        link = re.search(rf'\?period={query}">(.*?)</a>', page)
        assert link
        assert f"KES {figure}" in link[1]
    history = client.get("/view/?period=month&direction=out").content.decode()
    assert "KES 240.00" in history
    assert "−200.00" in history
    assert "−40.00" in history
    assert "+300.00" not in history


def test_a_word_nobody_knows_is_shown_and_left_out_of_the_sums() -> None:
    client, _customer, account = signed_in_owner()
    TransactionFactory(account=account, txn_type="MYSTERY_INTEREST", amount=Decimal("77.00"))
    page = home(client)
    assert "Mystery interest" in page
    assert "1 movement of this month is not in these sums" in page
    assert "?period=month&amp;type=OTHER" in page
    assert "+77.00" not in page
    assert "−77.00" not in page
    assert "77.00" in page


def test_it_shows_the_latest_ten_only() -> None:
    client, _customer, account = signed_in_owner()
    for number in range(12):
        TransactionFactory(account=account, reference_code=f"DEP{number:08}")
    page = home(client)
    shown = re.findall(r"/view/movements/(DEP\d{8})/", page)
    assert shown == [f"DEP{number:08}" for number in range(11, 1, -1)]


@pytest.mark.parametrize(
    ("status", "words"),
    [("FROZEN", "The bank has frozen this account"), ("DORMANT", "is asleep"), ("DISABLED", "closed for payments")],
)
def test_an_account_that_cannot_pay_says_why_and_what_to_do(status: str, words: str) -> None:
    client, *_ = signed_in_owner(balance=Decimal("9000.00"), status=status)
    page = home(client)
    assert words in page
    assert "branch" in page
    assert "9,000.00" in page
    assert "You can spend now" not in page


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_sending_is_not_offered_when_no_account_can_pay(status: str) -> None:
    client, customer, _account = signed_in_owner(status=status)
    page = home(client)
    assert "Send money" not in page
    assert "Find a branch" in page
    AccountFactory(customer=customer, balance=Decimal("5000.00"))
    assert "Send money" in home(client)


def test_further_accounts_come_after_the_quick_actions_with_all_that_matters() -> None:
    client, customer, account = signed_in_owner(balance=Decimal("9000.00"))
    second = AccountFactory(customer=customer, balance=Decimal("5000.00"))
    frozen = AccountFactory(customer=customer, balance=Decimal("700.00"), status="FROZEN")
    page = home(client)
    order = [f'data-copy="{account.account_number}"', 'class="do"', f'data-copy="{second.account_number}"']
    order.append(f'data-copy="{frozen.account_number}"')
    places = [page.index(mark) for mark in order]
    assert places == sorted(places)
    for words in ("4,000.00", "5,000.00", "700.00", "The bank has frozen this account"):
        assert words in page[places[1] :]


def test_an_overdrawn_account_shows_its_negative_balance_and_explains_it() -> None:
    client, *_ = signed_in_owner(balance=Decimal("-39000.00"))
    page = home(client)
    assert "−39,000.00" in page
    assert "overdrawn" in page
    assert "getting low" not in page


@pytest.mark.parametrize(
    ("balance", "words"), [("1999.99", "getting low"), ("2000.00", None), ("1000.00", "Nothing can be spent")]
)
def test_it_says_when_the_balance_is_low(balance: str, words: str | None) -> None:
    client, *_ = signed_in_owner(balance=Decimal(balance))
    page = home(client)
    for notice in ("getting low", "Nothing can be spent"):
        assert (notice in page) is (notice == words)


def test_an_unknown_balance_is_never_shown_as_zero() -> None:
    client, *_ = signed_in_owner(balance=None)
    page = home(client)
    assert "has not recorded a balance" in page
    assert "You can spend now" in page
    assert '<p class="amount' not in page


def test_a_customer_without_an_account_gets_a_plain_page() -> None:
    client = Client()
    sign_in(client, UserFactory(customer=CustomerFactory()))
    assert "You have no account with us yet" in home(client)


def test_a_strangers_account_and_rows_are_never_on_the_page() -> None:
    client, *_ = signed_in_owner()
    stranger = AccountFactory(balance=Decimal("123456.78"))
    TransactionFactory(account=stranger, reference_code="STRANGER1", amount=Decimal("8888.00"))
    page = home(client)
    assert stranger.account_number not in page
    assert "8,888.00" not in page
    assert "STRANGER1" not in page


def test_hidden_amounts_are_not_in_the_page_at_all() -> None:
    client, _customer, account = signed_in_owner(balance=Decimal("84406.00"))
    TransactionFactory(account=account, amount=Decimal("3210.00"))
    client.post("/settings/hide-amounts/", {"hide": "1", "next": "/"})
    for address in ("/", "/view/", "/view/?period=month", "/view/balance/"):
        page = client.get(address).content.decode()
        for figure in ("83,406", "84,406", "1,000.00", "3,210", "84k", "81,196", "<svg viewBox"):
            assert figure not in page, (address, figure)
        assert "•••••" in page
    client.post("/settings/hide-amounts/", {"hide": "0", "next": "/"})
    assert "83,406.00" in home(client)


@pytest.mark.parametrize("name", ["latest", "entries"])
def test_a_panel_that_fails_says_so_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    client, _customer, account = signed_in_owner(balance=Decimal("84406.00"))
    TransactionFactory(account=account, amount=Decimal("3210.00"))
    monkeypatch.setattr(movements, name, fail)
    page = home(client)
    assert "83,406.00" in page
    assert page.count("We can't show this now") == (1 if name == "latest" else 2)
    assert ("period=month" in page) is (name == "latest")
    assert ("+3,210.00" in page) is (name == "entries")


@pytest.mark.django_db(transaction=True)
def test_a_panel_outside_a_transaction_opens_none_so_that_reading_never_waits_for_writers() -> None:
    with CaptureQueriesContext(connection) as captured:
        shown = panel("one", lambda: (connection.in_atomic_block, Account.objects.count()))
    assert shown.value == (False, 0)
    assert len(captured) == 1


def test_when_the_accounts_cannot_be_read_no_zero_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(customer: object) -> None:
        raise OperationalError(2006, "gone away")

    client, *_ = signed_in_owner()
    monkeypatch.setattr(dashboard, "accounts_of", fail)
    page = home(client)
    assert "We can't show this now" in page
    assert "0.00" not in page
    assert "You have no account" not in page


def test_a_failed_sign_in_line_leaves_the_money_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(user: object) -> None:
        raise OperationalError(2006, "gone away")

    monkeypatch.setattr("accounts.views.last_sign_in", fail)
    client, *_ = signed_in_owner(balance=Decimal("84406.00"))
    page = home(client)
    assert "We can't show your last sign-in now" in page or "can&#x27;t show your last sign-in" in page
    assert "83,406.00" in page


def queries_for(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # Savepoints are there because tests run inside a transaction; a page does not.
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("address", ["/", "/view/", "/view/?period=month", "/view/?period=last-month&q=cash"])
def test_the_number_of_queries_does_not_grow_with_the_rows(address: str) -> None:
    client, _customer, account = signed_in_owner()
    many_rows(account, 10, until=NOON)
    few = queries_for(client, address)
    many_rows(account, 1000, until=NOON)
    cache.clear()
    assert queries_for(client, address) == few
    assert few <= 10, few
