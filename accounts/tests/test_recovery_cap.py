"""What may leave in the 24 hours after a way back in: capped like any limit, over midnight and in parallel."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from accounts import limits
from accounts.ledger import PostingKind, Receipt, money_operation, reverse
from accounts.models import Account, AccountTerms, BranchCustomer, Limit, LimitUsage, Posting, User
from tests.factories import AccountFactory, AccountTermsFactory, CustomerFactory, UserFactory
from tests.payments import TELLER, instruct, pay
from tests.support import all_the_money, sign_in
from tests.together import at_once
from wekeza_portal import clock

pytestmark = pytest.mark.django_db
D = Decimal
NINE = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller


def current_account(balance: str, customer: BranchCustomer | None = None) -> Account:
    account: Account = AccountFactory(balance=D(balance), customer=customer or CustomerFactory())
    AccountTermsFactory(account=account, kind=AccountTerms.Kind.CURRENT)
    return account


@pytest.fixture
def sender(nine: time_machine.Traveller) -> Account:
    return current_account("900000.00")


@pytest.fixture
def receiver() -> Account:
    return current_account("0.00")


def begin(account: Account) -> limits.Recovery:
    assert account.customer is not None
    return limits.begin_recovery(account.customer)


def room(account: Account) -> limits.Room:
    assert account.customer is not None
    return limits.room(account.customer)


def test_without_a_way_back_in_there_is_no_cap(sender: Account, receiver: Account) -> None:
    pay(sender, receiver, D("400000.00"))
    assert room(sender).recovery is None


def test_the_last_cent_passes_and_the_next_does_not_although_a_code_was_given(
    sender: Account, receiver: Account
) -> None:
    begin(sender)
    before = all_the_money()
    pay(sender, receiver, D("19999.99"))
    with pytest.raises(limits.RecoveryCapExceeded) as refused:
        pay(sender, receiver, D("0.02"))
    assert refused.value.left == D("0.01")
    assert "KES 0.01 until 24 November, 09:00" in str(refused.value)
    assert "KES 20,000.00" in str(refused.value)
    pay(sender, receiver, D("0.01"))
    after = all_the_money()
    assert sum(before.values()) == sum(after.values())
    assert after[receiver.account_id] == D("20000.00")


def test_it_holds_over_midnight_for_24_hours_to_the_second(
    sender: Account, receiver: Account, nine: time_machine.Traveller
) -> None:
    begin(sender)
    pay(sender, receiver, D("15000.00"))
    nine.shift(timedelta(hours=23, minutes=59, seconds=59))
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("5000.01"))
    assert room(sender).left == D("5000.00")
    nine.shift(timedelta(seconds=1))
    assert room(sender).recovery is None
    pay(sender, receiver, D("300000.00"))


def test_what_was_sent_before_it_began_does_not_count(sender: Account, receiver: Account) -> None:
    pay(sender, receiver, D("100000.00"))
    begin(sender)
    pay(sender, receiver, D("20000.00"))


def test_a_second_way_back_in_begins_anew_and_forgets_nothing(
    sender: Account, receiver: Account, nine: time_machine.Traveller
) -> None:
    begin(sender)
    pay(sender, receiver, D("18000.00"))
    nine.shift(timedelta(hours=5))
    again = begin(sender)
    assert (again.left, again.until) == (D("2000.00"), clock.now() + timedelta(hours=24))
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("2000.01"))
    nine.shift(timedelta(hours=23))
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("2000.01"))


def test_of_two_caps_that_hold_at_once_the_tighter_one_counts(
    sender: Account, receiver: Account, nine: time_machine.Traveller
) -> None:
    begin(sender)
    pay(sender, receiver, D("12000.00"))
    nine.shift(timedelta(hours=16))  # 01:00 the next day
    begin(sender)
    assert LimitUsage.objects.filter(code=Limit.Code.RECOVERED_DAY).count() == 2
    assert room(sender).left == D("8000.00")
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("8000.01"))


def test_a_payment_that_comes_back_gives_its_part_back(sender: Account, receiver: Account) -> None:
    begin(sender)
    pay(sender, receiver, D("20000.00"))
    _undo_the_last()
    assert room(sender).left == D("20000.00")


def test_a_payment_from_before_gives_nothing_to_it(
    sender: Account, receiver: Account, nine: time_machine.Traveller
) -> None:
    """Or whoever came in by a stolen phone could make room by having an older payment returned."""
    pay(sender, receiver, D("50000.00"))
    nine.shift(timedelta(hours=1))
    begin(sender)
    old = Posting.objects.get()
    pay(sender, receiver, D("20000.00"))
    _undo(old)
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("0.01"))


def _undo_the_last() -> None:
    _undo(Posting.objects.latest("pk"))


def _undo(posting: Posting) -> None:
    money_operation(lambda: reverse(posting=posting, reason="test", actor=TELLER))()


def test_between_ones_own_accounts_there_is_none(sender: Account) -> None:
    other = current_account("0.00", customer=sender.customer)
    begin(sender)
    pay(sender, other, D("100000.00"), kind=PostingKind.TRANSFER_OWN)


def test_it_is_one_customers_alone(sender: Account, receiver: Account) -> None:
    begin(receiver)
    pay(sender, receiver, D("100000.00"))


def test_the_bank_changes_it_by_a_dated_row(sender: Account, receiver: Account) -> None:
    Limit.objects.create(code=Limit.Code.RECOVERED_DAY, value=D("500.00"), effective_from=date(2026, 11, 23))
    begin(sender)
    with pytest.raises(limits.RecoveryCapExceeded):
        pay(sender, receiver, D("500.01"))


def test_a_missing_figure_stops_money_instead_of_letting_it_through(sender: Account, receiver: Account) -> None:
    begin(sender)
    Limit.objects.filter(code=Limit.Code.RECOVERED_DAY).delete()
    with pytest.raises(LookupError, match="RECOVERED_DAY"):
        pay(sender, receiver, D("1.00"))


def test_the_forms_say_so_and_refuse_more_before_a_code_is_asked_for(client: Client) -> None:
    user: User = UserFactory()
    account = current_account("90000.00", customer=user.customer)
    other = current_account("0.00")
    assert user.customer is not None
    sign_in(client, user)
    assert "You set a new password lately" not in client.get("/move/wekeza/").content.decode()
    limits.begin_recovery(user.customer)
    for page in ("/move/", "/move/wekeza/", "/move/mobile/", "/move/bank/"):
        assert "You set a new password lately" in client.get(page).content.decode(), page
    typed = {
        "from_account": account.account_number,
        "to_account": other.account_number,
        "amount": "20000.01",
        "note": "",
    }
    page = client.post("/move/wekeza/", typed).content.decode()
    assert "For 24 hours after a new password the most is KES 20,000.00" in page
    answer = client.post("/move/wekeza/", {**typed, "amount": "20000.00"})
    assert answer.status_code in (302, 303)
    assert "You set a new password lately" in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_it_holds_to_the_cent_under_fifty_payments_at_once() -> None:
    sender, receiver = current_account("900000.00"), current_account("0.00")
    begin(sender)
    drafts = [instruct(sender, D("1999.99")) for _ in range(50)]
    results = at_once([lambda d=d: pay(sender, receiver, D("1999.99"), instruction=d) for d in drafts])
    assert sum(isinstance(result, Receipt) for result in results) == 10
    assert sum(isinstance(result, limits.RecoveryCapExceeded) for result in results) == 40
    assert LimitUsage.objects.get(code=Limit.Code.RECOVERED_DAY).used == D("19999.90")
    assert all_the_money()[receiver.account_id] == D("19999.90")


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_it_more_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The race shown: counters read without a lock, the accounts' own locks kept out by paying from many of them."""
    import threading

    customer = CustomerFactory()
    accounts = [current_account("90000.00", customer=customer) for _ in range(4)]
    receivers = [current_account("0.00") for _ in range(4)]
    begin(accounts[0])
    pay(accounts[0], receivers[0], D("0.01"))  # the day's counters are there
    where = limits._usages.where
    monkeypatch.setattr(limits._usages, "where", lambda condition, values, lock=False: where(condition, values))
    together, add = threading.Barrier(4), limits._add

    def wait_and_add(*arguments: object) -> None:
        together.wait(timeout=30)
        add(*arguments)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(limits, "_add", wait_and_add)
    drafts = [instruct(account, D("15000.00")) for account in accounts]
    pairs = zip(accounts, receivers, drafts, strict=True)
    results = at_once([lambda a=a, r=r, d=d: pay(a, r, D("15000.00"), instruction=d) for a, r, d in pairs])
    assert sum(isinstance(result, Receipt) for result in results) == 4
