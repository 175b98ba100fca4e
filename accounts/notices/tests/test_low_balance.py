"""An account below its owner's figure: told once, again after it was above, and to nobody else."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tail
from accounts.models import Account, LowBalanceTold, User
from accounts.notices import lowbalance
from accounts.notices.tests.scenes import (
    NONE,
    PHONE,
    SMS,
    Sent,
    a_stranger,
    customer_of,
    deliver,
    wants,
)
from tests.factories import AccountFactory, BusinessFactory, TransactionFactory
from tests.payments import pay
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def account(user: User) -> Account:
    wants(user, below="5000.00")
    tail.follow()
    return Account.objects.get(customer=user.customer)


def falls_to(account: Account, balance: str, word: str = "WITHDRAWAL") -> None:
    """The branch writes a movement; the worker finds it."""
    Account.objects.filter(pk=account.pk).update(balance=D(balance))
    TransactionFactory(account=account, txn_type=word)
    while tail.follow():
        pass


def told() -> list[str]:
    rows = OutboxMessage.objects.filter(event=Event.LOW_BALANCE).order_by("pk")
    return [row.body for row in rows]


def test_it_is_told_when_a_withdrawal_at_the_branch_takes_it_below(account: Account, sent: Sent) -> None:
    falls_to(account, "4999.99")
    assert told() == ["Wekeza: one of your accounts is below KES 5,000.00, the figure that you chose."]
    deliver()
    assert sent == [(SMS, PHONE, told()[0])]
    item = InboxItem.objects.get(title="An account is below KES 5,000.00")
    assert account.account_number[-3:] in item.text
    assert account.account_number not in item.text


def test_no_balance_and_no_account_goes_by_sms(account: Account) -> None:
    falls_to(account, "4321.00")
    assert "4,321" not in told()[0]
    assert account.account_number[-3:] not in told()[0].replace("5,000", "")


@pytest.mark.parametrize("balance", ["5000.00", "5000.01", "90000.00"])
def test_the_figure_itself_is_not_below(balance: str, account: Account) -> None:
    falls_to(account, balance)
    assert told() == []


def test_it_is_told_once_until_it_was_above_again(account: Account) -> None:
    for balance in ("4000.00", "3000.00", "2000.00"):
        falls_to(account, balance)
    assert len(told()) == 1
    falls_to(account, "4500.00", "DEPOSIT")
    falls_to(account, "4400.00")
    assert len(told()) == 1, "it was below all the time"
    falls_to(account, "5000.00", "DEPOSIT")
    falls_to(account, "4999.00")
    assert len(told()) == 2


def test_money_that_comes_in_sets_nothing_off(account: Account) -> None:
    falls_to(account, "100.00", "DEPOSIT")
    assert told() == []
    falls_to(account, "90.00")
    assert len(told()) == 1


@pytest.mark.parametrize("balance", ["-250.00", None])
def test_a_balance_below_nothing_or_unknown_is_below(balance: str | None, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D(balance) if balance else None)
    TransactionFactory(account=account, txn_type="WITHDRAWAL")
    tail.follow()
    assert len(told()) == 1


def test_a_payment_in_the_portal_sets_it_off_too(user: User) -> None:
    sender = AccountFactory(customer=user.customer, balance=D("6000.00"))
    wants(user, below="5000.00")
    receiver = Account.objects.get(customer=a_stranger().customer)
    tail.follow()
    pay(sender, receiver, D("1500.00"))
    tail.follow()
    assert len(told()) == 1


def test_each_account_is_told_of_by_itself(account: Account) -> None:
    other = AccountFactory(customer=account.customer, balance=D("10000.00"))
    falls_to(account, "4000.00")
    falls_to(other, "4000.00")
    assert len(told()) == 2


def test_a_whole_batch_of_movements_is_told_once(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(balance=D("1.00"))
    for _ in range(5):
        TransactionFactory(account=account, txn_type="WITHDRAWAL")
    tail.follow()
    assert len(told()) == 1
    assert LowBalanceTold.objects.count() == 1


def test_who_chose_no_figure_is_not_told_and_costs_one_query(user: User) -> None:
    row = TransactionFactory(account=Account.objects.get(customer=user.customer), txn_type="WITHDRAWAL")
    with CaptureQueriesContext(connection) as asked:
        lowbalance.watch(row)
    assert (len(asked), told()) == (1, [])


def test_who_chose_no_channel_finds_it_in_the_inbox(user: User, account: Account, sent: Sent) -> None:
    wants(user, {Event.LOW_BALANCE: NONE}, below="5000.00")
    falls_to(account, "10.00")
    deliver()
    assert sent == []
    assert InboxItem.objects.filter(title__startswith="An account is below").exists()


def test_a_company_account_and_one_in_dollars_are_not_theirs_to_hear_of(user: User, account: Account) -> None:
    dollars = AccountFactory(customer=user.customer, balance=D("1.00"), currency="USD")
    company = AccountFactory(customer=None, business=BusinessFactory(), balance=D("1.00"))
    for other in (dollars, company):
        TransactionFactory(account=other, txn_type="WITHDRAWAL")
    tail.follow()
    assert told() == []


def test_a_strangers_account_says_nothing_to_anybody(account: Account) -> None:
    other = Account.objects.get(customer=a_stranger().customer)
    falls_to(other, "1.00")
    assert told() == []


@pytest.mark.parametrize("how", ["closed", "somebody else's now"])
def test_nobody_is_told_who_may_not_come_in(how: str, user: User, account: Account) -> None:
    if how == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        customer = customer_of(user)
        customer.national_id = "99990000"
        customer.save(update_fields=["national_id"])
    falls_to(account, "1.00")
    assert told() == []


def test_it_is_said_in_the_owners_language(user: User, account: Account) -> None:
    User.objects.filter(pk=user.pk).update(language="sw")
    falls_to(account, "1.00")
    assert "is below" not in told()[0]
    assert len(told()[0]) <= 160
