"""What a money operation holds locked is asked for once, and never believed beyond its lock."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.books import journal
from accounts.ledger import PostingKind, lock_accounts, lock_instruction, money_operation, post
from accounts.models import Account, AccountTransaction, PostingLeg
from tests.factories import AccountFactory
from tests.payments import TELLER, instruct, pay, transfer_legs

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def account() -> Account:
    return AccountFactory(balance=D("5000.00"))


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


def queries(do: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        do()
    return sum("SAVEPOINT" not in query["sql"] for query in seen)


def test_a_row_is_asked_for_once(account: Account) -> None:
    other, draft = AccountFactory(), instruct(account, D("1.00"))

    @money_operation
    def look() -> tuple[int, int, int]:
        first = queries(lambda: (lock_instruction(draft.id), lock_accounts([account.pk])))
        again = queries(lambda: (lock_instruction(draft.id), lock_accounts([account.pk])))
        return first, again, queries(lambda: lock_accounts([account.pk, other.pk]))

    assert look() == (2, 0, 1)


def test_outside_a_money_operation_nothing_is_remembered(account: Account) -> None:
    with transaction.atomic():
        assert queries(lambda: (lock_accounts([account.pk]), lock_accounts([account.pk]))) == 2


def test_the_next_operation_looks_anew(account: Account) -> None:
    @money_operation
    def seen() -> Decimal | None:
        return lock_accounts([account.pk])[account.pk].balance

    assert seen() == D("5000.00")
    Account.objects.filter(pk=account.pk).update(balance=D("7.00"))
    assert seen() == D("7.00")


def test_two_payments_in_one_operation_both_count(account: Account) -> None:
    receiver = AccountFactory(balance=D("0.00"))
    drafts = [instruct(account, D("100.00")) for _ in range(2)]

    @money_operation
    def both() -> None:
        for draft in drafts:
            _post(draft, account, receiver)

    both()
    assert (balance(account), balance(receiver)) == (D("4800.00"), D("200.00"))


def test_what_a_savepoint_took_back_is_forgotten(account: Account) -> None:
    """Or the next payment of the operation would be computed from a balance that never was."""
    receiver = AccountFactory(balance=D("0.00"))
    lost, kept = (instruct(account, D("100.00")) for _ in range(2))

    @money_operation
    def one_of_two() -> None:
        lock_accounts([account.pk, receiver.pk])
        with pytest.raises(KeyError):
            _post_and_break(lost, account, receiver)
        _post(kept, account, receiver)

    one_of_two()
    assert (balance(account), balance(receiver)) == (D("4900.00"), D("100.00"))
    lost.refresh_from_db()
    assert lost.state == "DRAFT"


@transaction.atomic
def _post_and_break(draft: object, account: Account, receiver: Account) -> None:
    _post(draft, account, receiver)
    raise KeyError("after everything was written")


def _post(draft: object, account: Account, receiver: Account) -> None:
    legs = transfer_legs(account, receiver, D("100.00"))
    post(instruction_id=draft.id, kind=PostingKind.TRANSFER_INTERNAL, legs=legs, actor=TELLER)


def test_a_database_that_tells_one_id_at_a_time_gets_one_row_at_a_time(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MySQL has no RETURNING."""
    monkeypatch.setattr(type(connection.features), "can_return_rows_from_bulk_insert", False)
    monkeypatch.delattr(journal, "_insert_returning")
    receipt = pay(account, AccountFactory(), D("100.00"), fee=D("30.00"))
    rows = dict(AccountTransaction.objects.values_list("reference_code", "transaction_id"))
    legs = PostingLeg.objects.filter(account__isnull=False).order_by("position")
    assert [rows[f"{receipt.reference}-{leg.position}"] for leg in legs] == [leg.transaction_id for leg in legs]
    assert len(rows) == 3


def test_a_posting_sends_few_statements(account: Account) -> None:
    """The locks are held for as long as these take: each one more is paid for by whoever waits."""
    receiver = AccountFactory(balance=D("0.00"))
    pay(account, receiver, D("1.00"), stepped_up=False)
    draft = instruct(account, D("1.00"), stepped_up=False)
    assert queries(lambda: pay(account, receiver, D("1.00"), instruction=draft, stepped_up=False)) <= 13
