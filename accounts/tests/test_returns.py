"""Payments that came back are neither money in nor money out on the home page."""

import re
from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import ledger, returns
from accounts.ledger import money_operation
from accounts.models import Account, Posting
from accounts.movements import Entry
from accounts.selectors import accounts_of
from statements.tests.support import NOON, signed_in_owner
from statements.year import summary
from tests.factories import AccountFactory, TransactionFactory
from tests.payments import TELLER, pay
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
D = Decimal
LAST_MONTH = NOON - timedelta(days=30)
MONTH = clock.month(NOON.date())


@pytest.fixture
def at() -> Generator[time_machine.Traveller, None, None]:
    cache.clear()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@money_operation
def give_back(reference: str) -> None:
    ledger.reverse(posting=Posting.objects.get(reference=reference), reason="refused", actor=TELLER)


def sums(client: Client) -> dict[str, str]:
    """The four sums of the home page, as they stand on it."""
    text = client.get("/").content.decode()
    names = ("In today", "Out today", "In this month", "Out this month")
    return {name: text.split(f">{name}</span>")[1].split("</li>")[0] for name in names}


def two_accounts() -> tuple[Client, Account, Account]:
    client, _customer, account = signed_in_owner(balance=D("9000.00"))
    return client, account, AccountFactory(balance=D("5000.00"))


def test_a_payment_and_its_return_in_one_month_cancel_each_other_out(at: time_machine.Traveller) -> None:
    client, mine, other = two_accounts()
    kept = pay(mine, other, D("300.00"))
    give_back(pay(mine, other, D("1200.00"), fee=D("22.00")).reference)
    TransactionFactory(account=mine, txn_type="DEPOSIT", amount=D("70.00"), created_at=NOON)
    shown = sums(client)
    assert kept
    for name, figure in (("In today", "70.00"), ("In this month", "70.00"), ("Out today", "300.00")):
        assert f"KES {figure}" in shown[name]
    assert "KES 300.00" in shown["Out this month"]
    for name in shown:
        assert "not counted" in shown[name]
        assert "KES 1,222.00" in shown[name]


def test_what_comes_back_of_an_earlier_month_is_not_money_in_and_takes_nothing_off_what_goes_out(
    at: time_machine.Traveller,
) -> None:
    client, mine, other = two_accounts()
    at.move_to(LAST_MONTH)
    paid = pay(mine, other, D("1200.00"))
    at.move_to(NOON)
    pay(mine, other, D("300.00"))
    give_back(paid.reference)
    shown = sums(client)
    assert "KES 0.00" in shown["In this month"]
    assert "KES 1,200.00" in shown["In this month"]
    assert "KES 300.00" in shown["Out this month"]
    assert "not counted" not in shown["Out this month"]


def test_nothing_is_asked_where_nothing_came_back(at: time_machine.Traveller) -> None:
    client, mine, other = two_accounts()
    pay(mine, other, D("300.00"))
    sums(client)
    with CaptureQueriesContext(connection) as asked:
        shown = sums(client)
    assert not any("reverses_id" in query["sql"] for query in asked.captured_queries)
    assert "not counted" not in "".join(shown.values())
    give_back(pay(mine, other, D("100.00")).reference)
    with CaptureQueriesContext(connection) as then:
        sums(client)
    assert len(then) == len(asked) + 1
    assert sum(query["sql"].lstrip().upper().startswith("SELECT") for query in then.captured_queries) <= 10


def test_what_moves_between_own_accounts_is_neither_in_nor_out(at: time_machine.Traveller) -> None:
    client, mine, other = two_accounts()
    savings = AccountFactory(customer=mine.customer, balance=D("50.00"))
    pay(mine, savings, D("2000.00"), kind=ledger.PostingKind.TRANSFER_OWN)
    pay(savings, mine, D("500.00"), kind=ledger.PostingKind.TRANSFER_OWN)
    pay(mine, other, D("300.00"))
    give_back(pay(mine, savings, D("40.00"), kind=ledger.PostingKind.TRANSFER_OWN).reference)
    TransactionFactory(account=savings, txn_type="DEPOSIT", amount=D("70.00"), created_at=NOON)
    shown = sums(client)
    for name in ("In today", "In this month"):
        assert "KES 70.00" in shown[name]
    for name in ("Out today", "Out this month"):
        assert "KES 300.00" in shown[name]
    html = client.get("/").content.decode()
    said = html.split("Between your own accounts this month, not counted:")[1].split("</p>")[0]
    assert "KES 2,540.00" in said
    assert len(re.findall("not counted", html)) == 1


def test_a_transfer_to_a_namesake_is_money_out(at: time_machine.Traveller) -> None:
    client, mine, other = two_accounts()
    AccountFactory(customer=mine.customer, balance=D("50.00"))
    pay(mine, other, D("300.00"))
    assert "KES 300.00" in sums(client)["Out today"]
    assert "Between your own accounts" not in client.get("/").content.decode()


def test_home_and_the_year_say_the_same_of_a_month(at: time_machine.Traveller) -> None:
    client, mine, other = two_accounts()
    savings = AccountFactory(customer=mine.customer, balance=D("50.00"))
    pay(mine, savings, D("2000.00"), kind=ledger.PostingKind.TRANSFER_OWN)
    give_back(pay(mine, other, D("1200.00"), fee=D("22.00")).reference)
    pay(mine, other, D("300.00"), fee=D("5.00"))
    TransactionFactory(account=mine, txn_type="DEPOSIT", amount=D("70.00"), created_at=NOON)
    shown = sums(client)
    year = summary.of(accounts_of(mine.customer), NOON.year)  # type: ignore[arg-type] # it has an owner
    together, first, second = (table.months[-1] for table in year.tables)
    assert [each.amount for each in together.figures] == [D("70.00"), D("305.00"), D("5.00")]
    assert [each.amount for each in year.total.figures] == [each.amount for each in together.figures]
    assert "KES 70.00" in shown["In this month"]
    assert "KES 305.00" in shown["Out this month"]
    assert sorted((line.money_in.amount, line.money_out.amount) for line in (first, second)) == [
        (D("70.00"), D("2305.00")), (D("2000.00"), D("0.00")),
    ]  # fmt: skip


def test_what_came_back_of_an_earlier_year_is_in_no_sum_of_this_one(at: time_machine.Traveller) -> None:
    _client, mine, other = two_accounts()
    at.move_to(NOON - timedelta(days=365))
    paid = pay(mine, other, D("1200.00"))
    at.move_to(NOON)
    give_back(paid.reference)
    cache.clear()
    accounts = accounts_of(mine.customer)  # type: ignore[arg-type] # it has an owner
    assert summary.of(accounts, NOON.year).total.money_in.amount == D("0.00")
    assert summary.of(accounts, NOON.year - 1).total.money_out.amount == D("1200.00")


def test_a_return_that_the_branch_wrote_itself_counts_as_it_stands(at: time_machine.Traveller) -> None:
    client, mine, _other = two_accounts()
    TransactionFactory(account=mine, txn_type="REVERSAL_IN", amount=D("70.00"), created_at=NOON)
    shown = sums(client)
    assert "KES 70.00" in shown["In this month"]
    assert "not counted" not in shown["In this month"]


AMOUNTS = st.integers(1, 999_999).map(lambda cents: D(cents) / 100)
TIMES = st.integers(0, 120 * 24).map(lambda hours: NOON - timedelta(days=90) + timedelta(hours=hours))
ROWS = st.tuples(st.sampled_from(["DEPOSIT", "TRANSFER_OUT", "REVERSAL_IN", "REVERSAL_OUT"]), AMOUNTS, TIMES)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ROWS, max_size=6), st.dictionaries(st.integers(1, 6), TIMES, max_size=6))
def test_what_is_left_out_and_what_is_counted_are_all_there_is(
    rows: list[tuple[str, Decimal, datetime]], paid: dict[int, datetime]
) -> None:
    entries = [Entry(*row, number) for number, row in enumerate(rows, start=1)]
    undone = {row.id: paid[row.id] for row in entries if row.id in paid and row.txn_type.startswith("REVERSAL")}
    found, plain = returns.flow(entries, MONTH, undone), returns.flow(entries, MONTH, {})
    assert found.money_in + found.not_in == plain.money_in
    assert found.money_out + found.not_out == plain.money_out
