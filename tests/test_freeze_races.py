"""Stopping everything at the very moment in which money leaves: whoever is first is first, and nobody is sent twice."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts import checking, instructions
from accounts.books import looking
from accounts.freezing import stopping
from accounts.freezing.errors import Frozen
from accounts.ledger import Receipt
from accounts.models import Account, BranchCustomer, Freeze, Instruction, Posting
from tests.factories import UserFactory
from tests.support import all_the_money
from tests.together import at_once
from transfers.models import Payment
from transfers.outside import held, working
from transfers.tests.scripted import PAID, ScriptedRail, pay_out, prepare_out, scripted
from transfers.tests.support import an_account, as_actor, owner_of, prepare, say_own_idea

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mpesa() -> Iterator[ScriptedRail]:
    with scripted() as played:
        played["mpesa"].to_send = [PAID]
        yield played["mpesa"]


@pytest.fixture
def sender(mpesa: ScriptedRail) -> Account:
    account = an_account("Emmanuel Odenyire", "400000.00")
    UserFactory(customer=owner_of(account))
    return account


def stop(customer: BranchCustomer) -> Freeze:
    return stopping.stop(customer.user_id, by=Freeze.By.OUTSIDE, actor=as_actor(customer))


def confirm(draft: Instruction) -> Receipt:
    customer = BranchCustomer.objects.get(pk=draft.customer_id)
    return instructions.confirm(customer=customer, instruction_id=draft.id, actor=as_actor(customer))


def ready(draft: Instruction) -> Instruction:
    say_own_idea(draft)
    customer = BranchCustomer.objects.get(pk=draft.customer_id)
    instructions.approve(customer=customer, instruction_id=draft.id)
    return draft


class Seam:
    """The paying thread stands between its look at the stop and its posting until the other has done its work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looked, self.stopped = threading.Event(), threading.Event()
        look = looking.refuse_unless_allowed

        def look_and_wait(*what: Any, **how: Any) -> None:
            look(*what, **how)
            self.looked.set()
            self.stopped.wait(timeout=5)

        monkeypatch.setattr(looking, "refuse_unless_allowed", look_and_wait)


def test_without_the_lock_money_leaves_after_everything_was_stopped(
    sender: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready(prepare(sender, an_account("Wanjiku Mwangi", "0.00")))
    # Only the ledger's own look counts here: the early one of confirm is no lock.
    monkeypatch.setattr(instructions, "refuse_if_stopped", lambda instruction: None)
    monkeypatch.setattr(stopping, "_wait_for_what_is_being_paid", lambda customer_id: None)
    seam = Seam(monkeypatch)
    posted_after = threading.Event()

    def stop_meanwhile() -> Freeze:
        seam.looked.wait(timeout=30)
        freeze = stop(owner_of(sender))
        assert not Posting.objects.exists(), "the stop has been answered, and nothing had left"
        posted_after.set()
        seam.stopped.set()
        return freeze

    paid, freeze = at_once([lambda: confirm(draft), stop_meanwhile])
    assert isinstance(paid, Receipt)
    assert isinstance(freeze, Freeze)
    assert posted_after.is_set()


def test_with_it_the_stop_waits_for_the_payment_that_was_first(
    sender: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready(prepare(sender, an_account("Wanjiku Mwangi", "0.00")))
    monkeypatch.setattr(instructions, "refuse_if_stopped", lambda instruction: None)
    seam = Seam(monkeypatch)
    seen: list[int] = []

    def stop_meanwhile() -> Freeze:
        seam.looked.wait(timeout=30)
        threading.Timer(1.0, seam.stopped.set).start()
        freeze = stop(owner_of(sender))
        seen.append(Posting.objects.count())
        return freeze

    paid, freeze = at_once([lambda: confirm(draft), stop_meanwhile])
    assert isinstance(paid, Receipt), paid
    assert isinstance(freeze, Freeze), freeze
    assert seen == [1], "when the stop was answered, the payment of before it was in the books"


def test_thirty_payments_and_a_stop_at_once_leave_nothing_between(sender: Account, mpesa: ScriptedRail) -> None:
    opening = sum(all_the_money().values())
    drafts = [ready(prepare_out(sender, amount="100.00", number=number)) for number in range(12)]
    results = at_once([*(lambda d=d: confirm(d) for d in drafts[:6]), lambda: stop(owner_of(sender)),
                       *(lambda d=d: confirm(d) for d in drafts[6:])])  # fmt: skip
    odd = [one for one in results if not isinstance(one, Receipt | Frozen | Freeze)]
    assert odd == []
    working.work(100)
    assert mpesa.sent == [], "what was first is held back, what came later was refused"
    payments = list(Payment.objects.all())
    assert len(payments) == sum(isinstance(one, Receipt) for one in results)
    assert all(payment.is_held for payment in payments)
    gone = sum((payment.amount + payment.fee for payment in payments), Decimal(0))
    assert sum(all_the_money().values()) == opening - gone
    assert list(checking.differences()) == []


def test_without_its_lock_the_worker_sends_what_the_stop_said_was_held_back(
    sender: Account, mpesa: ScriptedRail, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = pay_out(sender)
    looked, stopped = threading.Event(), threading.Event()
    keep_back = held.keep_back

    def look_and_wait(row: Payment) -> bool:
        kept = keep_back(row)
        looked.set()
        stopped.wait(timeout=30)
        return kept

    class Unlocked:
        def __init__(self, rows: object) -> None:
            self.rows = rows

        def exists(self) -> bool:
            return bool(self.rows.exists())  # type: ignore[attr-defined] # a queryset

        def select_for_update(self, **_: object) -> object:
            return self.rows

    due = working._due
    monkeypatch.setattr(working, "_due", lambda now: Unlocked(due(now)))
    monkeypatch.setattr(held, "keep_back", look_and_wait)

    def stop_meanwhile() -> bool:
        looked.wait(timeout=30)
        stop(owner_of(sender))
        was_held = Payment.objects.get(pk=payment.pk).is_held
        stopped.set()
        return was_held

    sent, was_held = at_once([lambda: working.work(1), stop_meanwhile])
    assert (sent, was_held) == (1, True)
    assert len(mpesa.sent) == 1, "held back, said the stop, and it was sent all the same"


@pytest.mark.parametrize("round_", range(5))
def test_a_stop_against_four_workers_each_payment_is_held_or_sent_once(
    sender: Account, mpesa: ScriptedRail, round_: int
) -> None:
    payments = [pay_out(sender, amount="100.00", number=number) for number in range(12)]
    results = at_once([*([working.work] * 4), lambda: stop(owner_of(sender))])
    assert not [one for one in results if isinstance(one, Exception)], results
    held_ids = {row.pk for row in Payment.objects.all() if row.is_held}
    sent_ids = [order.id for order in mpesa.sent]
    assert len(sent_ids) == len(set(sent_ids))
    assert held_ids.isdisjoint(sent_ids)
    assert held_ids | set(sent_ids) == {payment.pk for payment in payments}
    working.work(100)
    assert [order.id for order in mpesa.sent] == sent_ids, "nothing is sent after the stop"
    assert list(checking.differences()) == []


def test_taking_back_and_sending_after_all_at_once_is_one_of_them(sender: Account, mpesa: ScriptedRail) -> None:
    customer = owner_of(sender)
    payment = pay_out(sender)
    opening = sum(all_the_money().values())
    stop(customer)
    Freeze.objects.update(open_for=None)
    draft = held.prepare_sending(customer, payment.pk)
    instructions.approve(customer=customer, instruction_id=draft.id)
    results = at_once([
        lambda: held.take_back(customer, payment.pk, as_actor(customer)),
        lambda: instructions.carry_out(customer=customer, instruction_id=draft.id, actor=as_actor(customer)),
    ])  # fmt: skip
    assert sum(isinstance(one, held.NotHeld) for one in results) == 1, results
    working.work(10)
    payment.refresh_from_db()
    back = opening + payment.amount + payment.fee
    assert (payment.state, len(mpesa.sent), sum(all_the_money().values())) in {
        ("RETURNED", 0, back), ("SETTLED", 1, opening),
    }  # fmt: skip
    assert list(checking.differences()) == []


def test_two_stops_at_once_are_one(sender: Account) -> None:
    results = at_once([lambda: stop(owner_of(sender))] * 6)
    assert all(isinstance(one, Freeze) for one in results), results
    assert Freeze.objects.count() == 1


def test_a_stop_inside_another_transaction_is_refused(sender: Account) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        stop(owner_of(sender))
