"""The cap of the first 24 hours holds for Wekeza customers as for payments out, and comes back with the money."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts import instructions
from accounts.ledger import InsufficientFunds, money_operation, reverse
from accounts.models import Account, Instruction, Posting
from tests.factories import AccountFactory
from transfers.models import KnownPayee
from transfers.payees.newness import NewPayeeCap, room
from transfers.selectors import payee_key
from transfers.tests.outgoing import prepare_to_phone
from transfers.tests.support import an_account, balance, confirm, owner_of, pay, prepare
from wekeza_portal import clock
from wekeza_portal.actors import system

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


@pytest.fixture
def rich() -> Account:
    return an_account("Emmanuel Odenyire", "400000.00")


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi", "0.00")


@money_operation
def give_back(paid: Instruction) -> None:
    reverse(posting=Posting.objects.get(instruction_id=paid.id), reason="test", actor=system("test"))


def left(rich: Account, receiver: Account) -> Decimal | None:
    found = room(owner_of(rich), payee_key(receiver))
    return found.left if found else None


def test_the_form_says_the_cap_and_the_way_round_it(rich: Account, receiver: Account) -> None:
    with pytest.raises(NewPayeeCap) as refused:
        prepare(rich, receiver, "100000.01")
    assert "up to KES 100,000.00" in str(refused.value)
    assert "any branch" in str(refused.value)
    assert str(refused.value).count("KES 100,000.00") == 1, "one figure is said once"
    assert refused.value.field == "amount"


def test_two_payments_together_do_not_pass_the_cap(rich: Account, receiver: Account) -> None:
    first, second = prepare(rich, receiver, "60000.00"), prepare(rich, receiver, "60000.00")
    confirm(first)
    with pytest.raises(NewPayeeCap) as refused:
        confirm(second)
    assert "up to KES 40,000.00 in the first 24 hours (the most is KES 100,000.00)" in str(refused.value)
    assert balance(receiver) == D("60000.00")
    assert left(rich, receiver) == D("40000.00")


def test_to_the_cent_it_goes(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "60000.00")
    pay(rich, receiver, "40000.00")
    with pytest.raises(NewPayeeCap):
        prepare(rich, receiver, "0.01")


def test_after_a_day_the_cap_is_over(rich: Account, receiver: Account) -> None:
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as traveller:
        pay(rich, receiver, "100000.00")
        traveller.move_to("2026-03-03T08:59:59Z")
        with pytest.raises(NewPayeeCap):
            prepare(rich, receiver, "1.00")
        traveller.move_to("2026-03-03T09:00:00Z")
        pay(rich, receiver, "150000.00")
    assert balance(receiver) == D("250000.00")


def test_a_reversed_transfer_gives_the_cap_back(rich: Account, receiver: Account) -> None:
    paid = pay(rich, receiver, "60000.00")
    give_back(paid)
    assert left(rich, receiver) == D("100000.00")
    give_back(paid)
    assert left(rich, receiver) == D("100000.00"), "once"


def test_a_reversal_after_the_day_changes_nothing(rich: Account, receiver: Account) -> None:
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as traveller:
        pay(rich, receiver, "60000.00")
        traveller.move_to("2026-03-04T09:00:00Z")
        late = pay(rich, receiver, "30000.00")
        give_back(late)
    assert KnownPayee.objects.get().first_day_sum == D("60000.00")


def test_ones_own_accounts_have_no_cap(rich: Account) -> None:
    mine = AccountFactory(customer=rich.customer, balance=D("0.00"))
    pay(rich, mine, "200000.00")
    assert not KnownPayee.objects.exists()


def test_a_receiver_paid_before_the_counter_existed_counts_from_then(rich: Account, receiver: Account) -> None:
    pay(rich, receiver, "100.00")
    KnownPayee.objects.all().delete()
    Instruction.objects.update(posted_at=clock.now() - timedelta(days=3))
    pay(rich, receiver, "150000.00")
    assert KnownPayee.objects.get().first_day_sum == D("0.00")


def test_a_payment_out_takes_from_the_cap_of_its_own_receiver(rich: Account, receiver: Account) -> None:
    confirm(prepare_to_phone(rich, "60000.00"))
    pay(rich, receiver, "60000.00")
    with pytest.raises(NewPayeeCap):
        prepare_to_phone(rich, "40001.00")


def test_what_is_refused_after_the_cap_was_taken_takes_nothing(rich: Account, receiver: Account) -> None:
    draft = prepare(rich, receiver, "60000.00")
    instructions.approve(customer=owner_of(rich), instruction_id=draft.id)
    Account.objects.filter(pk=rich.pk).update(balance=D("5000.00"))
    with pytest.raises(InsufficientFunds):
        confirm(draft)
    assert left(rich, receiver) == D("100000.00")
