"""Two at once on a real MariaDB: two presses, two tabs, a stop in between; each race is first shown to exist."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import checking, instructions
from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.models import BankLetter, BranchCustomer, Freeze, Instruction, Posting, ServiceDone
from accounts.servicing import catalogue, letters, staff
from accounts.servicing.tests.scenes import a_customer, accounts, ask
from accounts.tests.approvals import ANYONE
from tests.support import all_the_money
from tests.together import at_once
from wekeza_portal.actors import Actor
from wekeza_portal.ratelimit import Policy

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
D = Decimal


@pytest.fixture
def customer(monkeypatch: pytest.MonkeyPatch) -> BranchCustomer:
    """Who may draft as many letters a day as a race needs."""
    monkeypatch.setattr(letters, "PAID_LETTERS", Policy("paid-letters", 50, timedelta(days=1)))
    return a_customer()


def prepare(customer: BranchCustomer) -> Instruction:
    savings, current = accounts(customer)
    return letters.prepare(
        customer, "BALANCE", account=savings.account_number, addressee="", pay_from=current.account_number
    )


def confirm(draft: Instruction) -> Any:
    actor = Actor(kind="customer", id="1", customer_id=draft.customer_id)
    return instructions.confirm(customer=draft.customer, instruction_id=draft.id, actor=actor)


def free(customer: BranchCustomer) -> BankLetter:
    number = accounts(customer)[0].account_number
    return letters.write_free(customer, "ACCOUNT", account=number, addressee="KCB", actor=ANYONE)


def stop(customer: BranchCustomer) -> None:
    stopping.stop(customer.user_id, by=Freeze.By.OUTSIDE, actor=ANYONE)


def test_eight_presses_pay_for_one_letter(customer: BranchCustomer) -> None:
    before, draft = sum(all_the_money().values()), prepare(customer)
    receipts = at_once([lambda: confirm(draft)] * 8)
    assert {receipt.reference for receipt in receipts} == {BankLetter.objects.get().reference}
    assert sum(all_the_money().values()) == before - D("300.00")
    assert list(checking.differences()) == []


def test_eight_letters_at_once_are_each_paid_and_written(customer: BranchCustomer) -> None:
    before = sum(all_the_money().values())
    at_once([lambda draft=draft: confirm(draft) for draft in [prepare(customer) for _ in range(8)]])
    assert BankLetter.objects.count() == Posting.objects.count() == 8
    assert sum(all_the_money().values()) == before - D("2400.00")
    assert list(checking.differences()) == []


def unlocked(monkeypatch: pytest.MonkeyPatch, seam: Callable[[], None]) -> None:
    """The same lookup before and after which another press comes."""
    found = letters._same

    def look(letter: BankLetter) -> Any:
        same = found(letter)
        seam()
        return same

    monkeypatch.setattr(letters, "_same", look)


def test_without_the_customers_lock_two_presses_write_two_free_letters(
    customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2)
    unlocked(monkeypatch, lambda: together.wait(30) and None)
    monkeypatch.setattr(type(BranchCustomer.objects.all()), "select_for_update", lambda self, **_: self)
    at_once([lambda: free(customer)] * 2)
    assert BankLetter.objects.count() == 2


def test_two_presses_write_one_free_letter(customer: BranchCustomer) -> None:
    made = at_once([lambda: free(customer)] * 8)
    assert len({letter.pk for letter in made if isinstance(letter, BankLetter)}) == 1
    assert BankLetter.objects.count() == 1


def test_once_a_stop_has_returned_no_letter_is_paid(customer: BranchCustomer) -> None:
    drafts = [prepare(customer) for _ in range(6)]
    paid: list[int] = []

    def stop_and_count() -> None:
        stop(customer)
        paid.append(Posting.objects.count())

    results = at_once([*[lambda draft=draft: confirm(draft) for draft in drafts], stop_and_count])
    assert Posting.objects.count() == BankLetter.objects.count() == paid[0]
    assert all(result is None or isinstance(result, Frozen) or result.reference for result in results)
    assert list(checking.differences()) == []


def test_without_the_question_under_the_lock_a_letter_is_paid_after_the_stop(
    customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = prepare(customer)
    was_asked, is_stopped = threading.Event(), threading.Event()
    lock = letters._lock

    def asks_before_it_locks(instruction: Instruction) -> None:
        letters_asked(instruction.customer_id)
        was_asked.set()
        assert is_stopped.wait(30)
        lock(instruction)

    letters_asked = letters.refuse_if_frozen
    monkeypatch.setattr(letters, "_lock", asks_before_it_locks)
    monkeypatch.setattr(letters, "refuse_if_frozen", lambda _customer_id: None)

    def stop_in_between() -> None:
        assert was_asked.wait(30)
        stop(customer)
        is_stopped.set()

    receipt, _stopped = at_once([lambda: confirm(draft), stop_in_between])
    assert receipt.reference == BankLetter.objects.get().reference


def test_two_of_the_staff_hand_over_one_cheque_book(customer: BranchCustomer) -> None:
    request = ask(customer, catalogue.CHEQUE_BOOK)
    type(request).objects.filter(pk=request.pk).update(state="APPROVED")
    results = at_once([lambda by=by: staff.finish(request.id, by=by, actor=ANYONE) for by in ("SUP001", "SUP002")])
    assert results == [None, None]
    assert ServiceDone.objects.count() == 1
