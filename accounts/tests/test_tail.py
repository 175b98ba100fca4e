"""Following the branch's rows: each once, out of order, with several workers, across a crash."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts import tail
from accounts.models import Account, AccountTransaction, TailPosition, TailSeen, User
from tests.factories import AccountFactory, BusinessFactory, CustomerFactory, TransactionFactory, UserFactory
from tests.payments import pay
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.registry import movement_listeners

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def account() -> Account:
    user = UserFactory(customer=CustomerFactory(phone_number="0722000111"))
    return AccountFactory(customer=user.customer, balance=D("5000.00"))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids that a listener was told of, as auto-save would be."""
    ids: list[int] = []
    monkeypatch.setitem(movement_listeners._entries, "test", lambda row: ids.append(row.transaction_id))
    return ids


@pytest.fixture(autouse=True)
def _followed(request: pytest.FixtureRequest) -> None:
    if "django_db_serialized_rollback" not in request.fixturenames:
        tail.follow()


def messages() -> list[str]:
    return list(OutboxMessage.objects.filter(cause__startswith="branch-credit").values_list("cause", flat=True))


def test_what_happened_before_the_portal_came_is_not_news(account: Account, heard: list[int]) -> None:
    TailPosition.objects.all().delete()
    TransactionFactory(account=account)
    assert [tail.follow(), tail.follow()] == [0, 0]
    assert (messages(), heard) == ([], [])


def test_a_deposit_at_the_branch_is_told_once(account: Account, heard: list[int]) -> None:
    row = TransactionFactory(account=account, amount=D("1234.50"), reference_code="DEP1A2B3C4D")
    assert [tail.follow(), tail.follow()] == [1, 0]
    message = OutboxMessage.objects.get(cause="branch-credit:DEP1A2B3C4D")
    assert (message.to, message.channel) == ("+254722000111", "SMS")
    assert message.body == ("Wekeza: KES 1,234.50 came into your account. Deposit at a branch. Ref DEP1A2B3C4D.")
    assert heard == [row.transaction_id]


def test_it_is_told_in_the_readers_language(account: Account) -> None:
    User.objects.update(language="sw")
    TransactionFactory(account=account)
    tail.follow()
    assert "came into your account" not in OutboxMessage.objects.get().body


@pytest.mark.parametrize("word", ["WITHDRAWAL", "TRANSFER_FEE", "ODD_WORD", "BILL_PAYMENT"])
def test_only_credits_are_told_but_every_row_is_heard(account: Account, heard: list[int], word: str) -> None:
    TransactionFactory(account=account, txn_type=word)
    tail.follow()
    assert (messages(), len(heard)) == ([], 1)


def test_only_the_enrolled_are_told(heard: list[int]) -> None:
    TransactionFactory(account=AccountFactory(customer=CustomerFactory()))
    TransactionFactory(account=AccountFactory(customer=None, business=BusinessFactory()))
    stranger = UserFactory()
    User.objects.filter(pk=stranger.pk).update(fingerprint="0" * 64)
    TransactionFactory(account=AccountFactory(customer=stranger.customer))
    gone = UserFactory(is_active=False)
    TransactionFactory(account=AccountFactory(customer=gone.customer))
    assert tail.follow() == 4
    assert (messages(), len(heard)) == ([], 4)


@pytest.mark.django_db(transaction=True)
def test_our_own_credits_are_not_told_a_second_time(heard: list[int]) -> None:
    payer = AccountFactory(customer=UserFactory().customer, balance=D("9000.00"))
    payee = AccountFactory(customer=UserFactory().customer)
    pay(payer, payee, D("500.00"))
    assert tail.follow() == 2
    assert (messages(), len(heard)) == ([], 2)


def insert(account: Account, transaction_id: int) -> AccountTransaction:
    return TransactionFactory(transaction_id=transaction_id, account=account, reference_code=f"DEP{transaction_id}")


def test_an_id_that_commits_late_is_still_counted_and_once(account: Account, heard: list[int]) -> None:
    base = TransactionFactory(account=account).transaction_id
    insert(account, base + 10)
    tail.follow()
    insert(account, base + 4)
    assert tail.follow() == 1
    assert heard == [base, base + 10, base + 4]
    assert tail.follow() == 0


def test_after_fifteen_minutes_the_floor_rises_and_markers_go(account: Account, heard: list[int]) -> None:
    base = insert(account, 1000).transaction_id
    tail.follow()
    later = clock.now() + timedelta(minutes=14)
    with time_machine.travel(later):
        insert(account, 900)
        assert tail.follow() == 1
        insert(account, 1005)
        tail.follow()
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        tail.follow()
        position = TailPosition.objects.get()
        assert position.floor_id == base
        assert list(TailSeen.objects.values_list("transaction_id", flat=True)) == [1005]
        assert tail.follow() == 0
    assert heard == [1000, 900, 1005]


def test_a_backlog_is_worked_off_in_batches_however_old(account: Account, heard: list[int]) -> None:
    for _ in range(tail.BATCH + 5):
        TransactionFactory(account=account)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert [tail.follow(), tail.follow(), tail.follow()] == [tail.BATCH, 5, 0]
    assert len(messages()) == len(heard) == tail.BATCH + 5


def test_a_table_that_was_emptied_is_followed_from_its_new_end(account: Account, heard: list[int]) -> None:
    insert(account, 5000)
    tail.follow()
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        tail.follow()
        AccountTransaction.objects.all().delete()
        insert(account, 7)
        tail.follow()
        insert(account, 8)
        assert tail.follow() == 1
    assert heard == [5000, 8]


class Killed(BaseException):
    """As kill -9 between two lines: nothing after it runs."""


@pytest.mark.parametrize("at", ["tell", "hear", "mark"])
def test_a_kill_between_two_lines_loses_and_repeats_nothing(
    account: Account, heard: list[int], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    rows = [TransactionFactory(account=account) for _ in range(3)]

    def die(*_: Any, **__: Any) -> None:
        raise Killed()

    with monkeypatch.context() as patch:
        if at == "tell":
            patch.setattr(tail, "_tell", die)
        elif at == "hear":
            patch.setitem(movement_listeners._entries, "deadly", die)
        else:
            patch.setattr(TailSeen, "save", die)
        with pytest.raises(Killed):
            tail.follow()
    assert (messages(), TailSeen.objects.count()) == ([], 0)
    heard.clear()
    assert tail.follow() == 3
    assert len(messages()) == 3
    assert heard == [row.transaction_id for row in rows]


def test_one_row_that_a_listener_chokes_on_stops_nobody_else(
    account: Account, heard: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = TransactionFactory(account=account), TransactionFactory(account=account)

    def chokes(row: AccountTransaction) -> None:
        if row.transaction_id == bad.transaction_id:
            raise ValueError("odd")

    monkeypatch.setitem(movement_listeners._entries, "a-first", chokes)
    assert tail.follow() == 1
    assert (heard, messages()) == ([good.transaction_id], [f"branch-credit:{good.reference_code}"])
    monkeypatch.delitem(movement_listeners._entries, "a-first")
    assert tail.follow() == 1
    assert len(messages()) == 2


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_two_workers_count_every_row_once(account: Account, heard: list[int]) -> None:
    tail.follow()
    for _ in range(60):
        TransactionFactory(account=account)

    def work() -> int:
        return sum(tail.follow() for _ in range(20))

    results = at_once([work] * 4)
    assert sum(result for result in results if isinstance(result, int)) == 60, results
    assert len(messages()) == 60
    assert sorted(heard) == sorted(set(heard))


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_not_committed_yet_is_counted_when_it_is(account: Account, heard: list[int]) -> None:
    tail.follow()
    import threading

    from django.db import transaction

    inserted, may_commit = threading.Event(), threading.Event()

    def slow_teller() -> None:
        with transaction.atomic():
            TransactionFactory(account=account, reference_code="DEPSLOW")
            inserted.set()
            may_commit.wait(20)

    def fast_teller() -> None:
        inserted.wait(20)
        TransactionFactory(account=account, reference_code="DEPFAST")
        assert tail.follow() == 1
        may_commit.set()

    results = at_once([slow_teller, fast_teller])
    connection.close()
    assert results == [None, None]
    assert tail.follow() == 1
    assert set(messages()) == {"branch-credit:DEPFAST", "branch-credit:DEPSLOW"}
