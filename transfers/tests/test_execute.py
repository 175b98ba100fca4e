"""Doing a transfer: both rows, both balances, both messages, once, or nothing at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts import instructions, ledger, limits
from accounts.models import Account, AccountTransaction, Instruction, LimitUsage, Posting, PostingLeg
from tests.factories import AccountFactory, BusinessFactory, FeeFactory
from tests.support import all_the_money
from transfers import errors
from transfers.tests.support import (
    an_account,
    as_actor,
    balance,
    confirm,
    known_for_long,
    owner_of,
    pay,
    prepare,
    what_was_written,
)
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.registry import instruction_kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Account:
    return an_account("Emmanuel Odenyire")


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi")


@pytest.fixture
def stranger() -> Account:
    return an_account("Third Person", "777.77")


def refused(instruction: Instruction) -> PortalError:
    """The refusal of a confirm, after checking that not a cent moved and nothing was written."""
    before = (what_was_written(), all_the_money())
    with pytest.raises(PortalError) as caught:
        confirm(instruction)
    assert (what_was_written(), all_the_money()) == before
    return caught.value


def test_it_moves_the_money_to_the_cent_and_nobody_else_is_touched(
    sender: Account, receiver: Account, stranger: Account
) -> None:
    confirm(prepare(sender, receiver, "1234.56"))
    assert balance(sender) == Decimal("8765.44")
    assert balance(receiver) == Decimal("11234.56")
    assert balance(stranger) == Decimal("777.77")


def test_the_branch_sees_one_row_on_each_side_in_its_own_words(sender: Account, receiver: Account) -> None:
    receipt = confirm(prepare(sender, receiver, "500.00", "Rent May"))
    out, into = AccountTransaction.objects.order_by("transaction_id")
    assert (out.account_id, out.txn_type, out.amount) == (sender.account_id, "TRANSFER_OUT", Decimal("500.00"))
    assert out.description == f"Transfer to {receiver.account_number} - Rent May - Online"
    assert (into.account_id, into.txn_type, into.amount) == (receiver.account_id, "TRANSFER_IN", Decimal("500.00"))
    assert into.description == f"Transfer from {sender.account_number} - Rent May - Online"
    assert {out.reference_code, into.reference_code} == {f"{receipt.reference}-1", f"{receipt.reference}-2"}


@pytest.mark.parametrize(
    "note", ["ok - Approved", "- Approved", "x" * 89 + " - Approved", '=HYPERLINK("x")', "🎉 <script>"]
)
def test_a_note_never_looks_like_the_branchs_approval(sender: Account, receiver: Account, note: str) -> None:
    confirm(prepare(sender, receiver, note=note))
    for row in AccountTransaction.objects.all():
        assert row.description is not None
        assert row.description.endswith(f"{note} - Online")


def test_a_free_transfer_has_no_fee_row(sender: Account, receiver: Account) -> None:
    confirm(prepare(sender, receiver))
    assert not AccountTransaction.objects.filter(txn_type="TRANSFER_FEE").exists()


def test_a_fee_is_its_own_row_and_goes_to_the_banks_income(sender: Account, receiver: Account) -> None:
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    receipt = confirm(prepare(sender, receiver, "500.00"))
    assert balance(sender) == Decimal("9475.00")
    assert balance(receiver) == Decimal("10500.00")
    assert AccountTransaction.objects.get(txn_type="TRANSFER_FEE").amount == Decimal("25.00")
    assert PostingLeg.objects.get(internal_account="fees.income").amount == Decimal("25.00")
    assert receipt.balance_after(sender.account_id) == Decimal("9475.00")


def test_a_fee_that_changed_since_the_review_is_refused_with_the_new_one(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    told = refused(instruction)
    assert isinstance(told, errors.FeeChanged)
    assert "KES 25.00" in str(told)


def test_a_new_fee_row_at_the_same_price_stops_nobody(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    FeeFactory(effective_from=clock.today())
    assert confirm(instruction).reference


def test_a_second_confirm_gives_the_first_receipt(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    first = confirm(instruction)
    assert confirm(instruction, with_code=False) == first
    assert balance(sender) == Decimal("9500.00")
    assert Posting.objects.count() == 1
    assert OutboxMessage.objects.count() == 2


def test_someone_new_needs_a_code_and_nothing_happens_without_it(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    before = all_the_money()
    with pytest.raises(instructions.StepUpRequired):
        confirm(instruction, with_code=False)
    assert all_the_money() == before
    assert not OutboxMessage.objects.exists()


def test_someone_paid_before_needs_no_code_up_to_the_allowance(receiver: Account) -> None:
    sender = an_account("Emmanuel Odenyire", "100000.00")
    pay(sender, receiver)
    known_for_long(sender, receiver)
    assert confirm(prepare(sender, receiver, "20000.00"), with_code=False).reference
    with pytest.raises(instructions.StepUpRequired):
        confirm(prepare(sender, receiver, "0.01"), with_code=False)


def test_between_own_accounts_there_is_no_code_and_no_limit(sender: Account) -> None:
    customer = owner_of(sender)
    second = AccountFactory(customer=customer)
    confirm(prepare(sender, second, "9000.00"), with_code=False)
    assert (balance(sender), balance(second)) == (Decimal("1000.00"), Decimal("19000.00"))
    assert not LimitUsage.objects.filter(used__gt=0).exists()
    assert limits.room(customer).daily_left == Decimal("500000.00")


def test_what_leaves_counts_against_the_limits_without_the_fee(sender: Account, receiver: Account) -> None:
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    confirm(prepare(sender, receiver, "500.00"))
    room = limits.room(owner_of(sender))
    assert (room.daily_left, room.monthly_left) == (Decimal("499500.00"), Decimal("1999500.00"))


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_closed_between_form_and_confirm_is_refused(sender: Account, receiver: Account, status: str) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(status=status)
    assert refused(instruction).field == "from_account"


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_a_receiver_closed_between_form_and_confirm_is_refused(sender: Account, receiver: Account, status: str) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(status=status)
    assert isinstance(refused(instruction), errors.PayeeUnavailable)


def test_a_receiver_who_became_a_business_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(business=BusinessFactory())
    assert isinstance(refused(instruction), errors.BusinessPayee)


def test_money_spent_between_form_and_confirm_is_refused_with_what_is_left(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver, "9000.00")
    pay(sender, receiver, "4000.00")
    told = refused(instruction)
    assert isinstance(told, ledger.InsufficientFunds)
    assert "KES 5,000.00" in str(told)


def test_a_limit_reached_between_form_and_confirm_is_refused(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "2000000.00")
    known_for_long(rich, receiver)
    instruction = prepare(rich, receiver, "300000.00")
    pay(rich, receiver, "300000.00")
    told = refused(instruction)
    assert isinstance(told, limits.DailyLimitExceeded)
    assert "KES 200,000.00" in str(told)


def test_an_account_number_the_branch_gave_to_somebody_else_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(account_number="ACC5550001")
    assert isinstance(refused(instruction), errors.AccountsChanged)


def test_a_paying_account_that_changed_hands_is_refused(sender: Account, receiver: Account, stranger: Account) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(customer=owner_of(stranger))
    assert isinstance(refused(instruction), errors.AccountsChanged)


def test_a_strangers_account_that_became_ones_own_is_not_paid_as_a_strangers(
    sender: Account, receiver: Account
) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).update(customer=owner_of(sender))
    assert isinstance(refused(instruction), errors.AccountsChanged)


def test_an_account_that_is_gone_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=receiver.pk).delete()
    assert isinstance(refused(instruction), errors.AccountsChanged)


def test_a_draft_older_than_a_day_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        assert isinstance(refused(instruction), instructions.InstructionExpired)


def test_a_cancelled_draft_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    customer = owner_of(sender)
    instructions.cancel(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))
    assert isinstance(refused(instruction), instructions.InstructionCancelled)


def test_a_draft_edited_behind_the_customers_back_is_refused(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver)
    Instruction.objects.filter(pk=instruction.pk).update(amount=Decimal("9000.00"))
    assert isinstance(refused(instruction), ledger.ContentChanged)


def test_nobody_else_can_confirm_it(sender: Account, receiver: Account, stranger: Account) -> None:
    instruction = prepare(sender, receiver)
    before = all_the_money()
    for other in (receiver, stranger):
        with pytest.raises(Http404):
            instructions.confirm(
                customer=owner_of(other), instruction_id=instruction.id, actor=as_actor(owner_of(other))
            )
    assert all_the_money() == before


def test_a_payment_just_after_midnight_in_nairobi_counts_for_the_new_day(receiver: Account) -> None:
    rich = an_account("Emmanuel Odenyire", "2000000.00")
    with time_machine.travel("2026-02-28T20:59:59Z", tick=False):
        known_for_long(rich, receiver)
        pay(rich, receiver, "500000.00")
        late = prepare_at_the_limit(rich, receiver)
    with time_machine.travel("2026-02-28T21:00:00Z", tick=False):
        instruction = prepare(rich, receiver, "500000.00")
        confirm(instruction)
        assert limits.room(owner_of(rich)).monthly_left == Decimal("1500000.00")
    assert isinstance(late, errors.DailyLimitReached)
    assert balance(rich) == Decimal("1000000.00")


def prepare_at_the_limit(sender: Account, receiver: Account) -> PortalError:
    with pytest.raises(PortalError) as caught:
        prepare(sender, receiver, "0.01")
    return caught.value


def test_a_transfer_is_described_in_one_phrase(sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver, "500.00")
    phrase = instruction_kinds.get("TRANSFER_INTERNAL").describe(instruction)
    assert phrase == f"KES 500.00 to WANJIKU M., {receiver.account_number}"


def test_a_confirmed_transfer_sends_few_statements(receiver: Account) -> None:
    """Looks, locks, writes, both messages and both inboxes: docs/benchmarks.md measures what they take."""
    sender = an_account("Emmanuel Odenyire", "100000.00")
    pay(sender, receiver)
    confirm(prepare(sender, receiver), with_code=False)
    known_for_long(sender, receiver)
    instruction = prepare(sender, receiver)
    customer = owner_of(sender)
    with CaptureQueriesContext(connection) as seen:
        instructions.confirm(customer=customer, instruction_id=instruction.id, actor=as_actor(customer))
    assert sum("SAVEPOINT" not in query["sql"] for query in seen) <= 20
