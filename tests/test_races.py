"""Many at once on a real MariaDB: no shilling is paid twice, lost or made, and each race is first shown to exist."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts import checking, instructions, ledger, limits
from accounts.ledger import InsufficientFunds, Leg, PostingKind, Receipt
from accounts.models import (
    Account,
    AccountTerms,
    AccountTransaction,
    Limit,
    LimitUsage,
    Posting,
    PostingLeg,
)
from tests.factories import AccountFactory, CustomerFactory
from tests.payments import TELLER, instruct, pay
from tests.support import all_the_money
from tests.together import at_once, go, start_process
from wekeza_portal import clock
from wekeza_portal.registry import instruction_kinds

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

D = Decimal


def current_account(balance: str, **extra: object) -> Account:
    account = AccountFactory(balance=D(balance), **extra)
    AccountTerms.objects.create(account_id=account.account_id, kind=AccountTerms.Kind.CURRENT)
    return account


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


def assert_traced(opening: dict[int, Decimal]) -> None:
    """Per account, not only in sum: opening balance plus its own legs is the balance; and the second opinion agrees."""
    for account_id, now in all_the_money().items():
        legs = PostingLeg.objects.filter(account_id=account_id)
        assert now == opening[account_id] + sum((leg.amount for leg in legs), D(0))
    assert sum(all_the_money().values()) == sum(opening.values())
    assert list(checking.differences()) == []


def count(results: list[Receipt | Exception], kind: type) -> int:
    return sum(isinstance(result, kind) for result in results)


def without_the_lock(barrier: threading.Barrier) -> Callable[[list[Leg]], dict[int, Account]]:
    """What _lock_accounts would be without its lock; both payers stand at the seam with what they read."""

    def read_only(legs: list[Leg]) -> dict[int, Account]:
        ids = {leg.account_id for leg in legs if leg.account_id is not None}
        accounts = {row.account_id: row for row in Account.objects.filter(account_id__in=ids)}
        barrier.wait(timeout=30)
        return accounts

    return read_only


def test_without_the_lock_the_same_money_is_spent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver = current_account("1000.00"), current_account("0.00")
    drafts = [instruct(sender, D("1000.00")) for _ in range(2)]
    monkeypatch.setattr(ledger, "_lock_accounts", without_the_lock(threading.Barrier(2)))
    results = at_once([lambda d=d: pay(sender, receiver, D("1000.00"), instruction=d) for d in drafts])
    assert count(results, Receipt) == 2
    assert list(checking.differences()), "the second opinion must see it"


def test_two_hundred_transfers_from_money_for_ten_pay_exactly_ten() -> None:
    sender, receiver, stranger = current_account("1000.00"), current_account("0.00"), current_account("5.00")
    opening = all_the_money()
    in_threads = [instruct(sender, D("100.00")) for _ in range(80)]
    processes = []
    for _ in range(4):
        ids = [str(instruct(sender, D("100.00")).id) for _ in range(30)]
        processes.append(start_process("tests.paying_process", str(sender.account_id), str(receiver.account_id), *ids))
    for process in processes:
        go(process)
    results = at_once([lambda d=d: pay(sender, receiver, D("100.00"), instruction=d) for d in in_threads])
    outcomes = [[int(n) for n in process.communicate(timeout=120)[0].split()] for process in processes]
    assert count(results, Receipt) + sum(paid for paid, _refused, _odd in outcomes) == 10
    assert count(results, InsufficientFunds) + sum(refused for _paid, refused, _odd in outcomes) == 190
    assert (balance(sender), balance(receiver), balance(stranger)) == (D(0), D("1000.00"), D("5.00"))
    assert_traced(opening)


def test_one_instruction_confirmed_fifty_times_at_once_posts_once() -> None:
    sender, receiver = current_account("1000.00"), current_account("0.00")
    opening = all_the_money()
    draft = instruct(sender, D("10.00"))
    results = at_once([lambda: pay(sender, receiver, D("10.00"), instruction=draft)] * 50)
    receipts = {result.reference for result in results if isinstance(result, Receipt)}
    assert len(receipts) == 1
    assert count(results, Receipt) == 50
    assert balance(receiver) == D("10.00")
    assert_traced(opening)


def test_four_hundred_crossing_transfers_all_succeed() -> None:
    people = [current_account("10000.00") for _ in range(5)]
    opening = all_the_money()
    pairs = [(people[n % 5], people[(n * 3 + 1 + n // 5 % 3) % 5]) for n in range(400)]
    pairs = [(a, b) if a.pk != b.pk else (a, people[(people.index(b) + 1) % 5]) for a, b in pairs]

    def twenty(start: int) -> int:
        return len([pay(a, b, D("1.37")) for a, b in pairs[start : start + 20]])

    results = at_once([lambda start=start: twenty(start) for start in range(0, 400, 20)])
    assert results == [20] * 20
    assert Posting.objects.count() == 400
    assert_traced(opening)


def test_unordered_locks_deadlock_and_the_whole_operation_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shows the deadlock that ordering avoids, and that one more try gets through."""
    first, second = current_account("100.00"), current_account("100.00")
    opening = all_the_money()
    met: list[int] = []
    barrier = threading.Barrier(2)

    def in_the_order_of_the_legs(legs: list[Leg]) -> dict[int, Account]:
        accounts = {}
        for leg in legs:
            accounts[leg.account_id] = Account.objects.select_for_update().get(pk=leg.account_id)
            if len(accounts) == 1 and not barrier.broken and len(met) < 2:
                met.append(1)
                barrier.wait(timeout=30)
        return accounts

    monkeypatch.setattr(ledger, "_lock_accounts", in_the_order_of_the_legs)
    retried: list[object] = []
    monkeypatch.setattr(ledger.logger, "info", lambda *args: retried.append(args))
    results = at_once([lambda: pay(first, second, D("5.00")), lambda: pay(second, first, D("7.00"))])
    assert count(results, Receipt) == 2
    assert retried, "a deadlock was met"
    monkeypatch.undo()
    assert_traced(opening)


def test_a_lock_that_never_comes_free_ends_in_a_plain_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver = current_account("100.00"), current_account("0.00")
    monkeypatch.setattr(ledger, "MOST_TRIES", 2)

    def with_a_short_wait() -> Receipt:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION innodb_lock_wait_timeout = 1")
        return pay(sender, receiver, D("5.00"))

    with transaction.atomic():
        Account.objects.select_for_update().get(pk=sender.pk)
        (result,) = at_once([with_a_short_wait])
    assert isinstance(result, ledger.BankIsBusy)
    assert balance(sender) == D("100.00")


def test_without_the_counters_lock_two_payments_pass_a_limit_that_had_room_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = CustomerFactory()
    mine = [current_account("600000.00", customer=customer) for _ in range(2)]
    theirs = [current_account("0.00") for _ in range(2)]
    pay(mine[0], theirs[0], D("1.00"))
    barrier = threading.Barrier(2)

    def read_only(customer_id: int, wanted: list[tuple[str, str]], _days: list[str]) -> limits.Counters:
        rows = LimitUsage.objects.filter(customer_id=customer_id, code__in=[code for code, _period in wanted])
        found = {row.code: row for row in rows}
        barrier.wait(timeout=30)
        return limits.Counters(found, [])

    monkeypatch.setattr(limits, "_lock", read_only)
    results = at_once([lambda n=n: pay(mine[n], theirs[n], D("400000.00")) for n in range(2)])
    assert count(results, Receipt) == 2
    assert sum((balance(account) for account in theirs), D(0)) > D("500000.00")
    assert "counter" in {difference.kind for difference in checking.differences()}


def test_the_daily_limit_holds_to_the_cent_under_fifty_payments_at_once() -> None:
    sender, receiver = current_account("9000000.00"), current_account("0.00")
    opening = all_the_money()
    pay(sender, receiver, D("490000.00"))
    drafts = [instruct(sender, D("999.99")) for _ in range(50)]
    results = at_once([lambda d=d: pay(sender, receiver, D("999.99"), instruction=d) for d in drafts])
    assert count(results, Receipt) == 10
    assert count(results, limits.DailyLimitExceeded) == 40
    assert LimitUsage.objects.get(code=Limit.Code.DAILY_OUT).used == D("499999.90")
    assert_traced(opening)


def test_the_allowance_without_a_code_holds_across_accounts_of_one_customer() -> None:
    customer = CustomerFactory()
    mine = [current_account("90000.00", customer=customer) for _ in range(4)]
    receiver = current_account("0.00")
    drafts = [(account, instruct(account, D("8000.00"), stepped_up=False)) for account in mine for _ in range(5)]
    results = at_once(
        [
            lambda a=account, d=draft: pay(a, receiver, D("8000.00"), instruction=d, stepped_up=False)
            for account, draft in drafts
        ]
    )
    assert count(results, Receipt) == 2
    assert count(results, limits.AllowanceExceeded) == 18
    assert balance(receiver) == D("16000.00")


def _branch_withdraws(account: Account, amount: str, times: int) -> int:
    """The branch's own way: no lock, no check, a relative update and a row."""
    for n in range(times):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts SET balance = balance - %s WHERE account_number = %s", [amount, account.account_number]
            )
            cursor.execute(
                "INSERT INTO transactions (account_id, txn_type, amount, reference_code, description, created_at)"
                " VALUES (%s, 'WITHDRAWAL', %s, %s, 'Cash withdrawal - Approved', %s)",
                [
                    account.account_id,
                    amount,
                    f"WDL{threading.get_ident()}-{n}",
                    clock.now().replace(tzinfo=None),
                ],
            )
    return times


def test_the_branchs_unguarded_updates_beside_ours_lose_nothing() -> None:
    shared, receiver = current_account("3000.00"), current_account("0.00")
    tellers = [lambda: _branch_withdraws(shared, "10.00", 25)] * 4
    drafts = [instruct(shared, D("100.00")) for _ in range(40)]
    payers = [lambda d=d: pay(shared, receiver, D("100.00"), instruction=d) for d in drafts]
    results = at_once([*tellers, *payers])
    assert [result for result in results if result == 25] == [25] * 4
    paid = count(results, Receipt)
    withdrawn = sum((row.amount for row in AccountTransaction.objects.filter(txn_type="WITHDRAWAL")), D(0))
    assert withdrawn == D("1000.00")
    assert count(results, InsufficientFunds) == 40 - paid
    assert balance(shared) == D("3000.00") - withdrawn - paid * 100
    assert balance(receiver) == D(paid * 100)
    assert paid in range(20, 31)
    assert list(checking.differences()) == []


def test_an_account_the_branch_overdrew_pays_nothing_more() -> None:
    account, receiver = current_account("100.00"), current_account("0.00")
    _branch_withdraws(account, "500.00", 1)
    assert balance(account) == D("-400.00")
    with pytest.raises(InsufficientFunds):
        pay(account, receiver, D("0.01"))
    assert balance(receiver) == D(0)


def test_confirming_and_cancelling_at_once_ends_in_one_of_the_two() -> None:
    sender, receiver = current_account("100.00"), current_account("0.00")
    draft = instruct(sender, D("10.00"))
    kind = instruction_kinds.get(draft.kind)
    assert kind is not None

    def cancel() -> None:
        instructions.cancel(customer=sender.customer, instruction_id=draft.id, actor=TELLER)

    results = at_once([lambda: pay(sender, receiver, D("10.00"), instruction=draft), cancel])
    draft.refresh_from_db()
    if isinstance(results[0], Receipt):
        assert (draft.state, balance(receiver)) == ("POSTED", D("10.00"))
    else:
        assert isinstance(results[0], ledger.ContentChanged)
        assert (draft.state, balance(receiver)) == ("CANCELLED", D(0))


def test_the_second_opinion_has_one_view_while_payments_go_on() -> None:
    sender, receiver = current_account("1000.00"), current_account("0.00")
    pay(sender, receiver, D("5.00"))
    report = checking.differences()
    seams = {"_legs_against_branch_rows": 0}
    real = checking._legs_against_branch_rows

    def pay_in_the_middle() -> Iterator[checking.Difference]:
        (result,) = at_once([lambda: pay(sender, receiver, D("7.00"))])
        assert isinstance(result, Receipt)
        seams["_legs_against_branch_rows"] += 1
        yield from real()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "_legs_against_branch_rows", pay_in_the_middle)
        assert list(report) == []
    assert seams["_legs_against_branch_rows"] == 1
    assert balance(receiver) == D("12.00")


def test_a_posting_reversed_twenty_times_at_once_is_reversed_once() -> None:
    sender, receiver = current_account("100.00"), current_account("0.00")
    opening = all_the_money()
    posting = Posting.objects.get(reference=pay(sender, receiver, D("10.00")).reference)

    @ledger.money_operation
    def undo() -> Receipt:
        return ledger.reverse(posting=posting, reason="sent in error", actor=TELLER)

    results = at_once([undo] * 20)
    assert len({result.reference for result in results if isinstance(result, Receipt)}) == 1
    assert all_the_money() == opening
    assert Posting.objects.filter(kind=PostingKind.REVERSAL).count() == 1
