"""An instruction exists before it is confirmed, belongs to one customer, and is done once."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.http import Http404

from accounts import instructions
from accounts.instructions import InstructionCancelled, InstructionExpired, StepUpRequired
from accounts.ledger import ContentChanged, PostingKind, Receipt, money_operation, post, reverse
from accounts.models import Account, Instruction, Posting
from tests.factories import AccountFactory, CustomerFactory
from tests.payments import TELLER, transfer_legs
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.registry import InstructionKind, instruction_kinds

pytestmark = pytest.mark.django_db

D = Decimal
KIND = "TEST_TRANSFER"


@pytest.fixture
def sender() -> Account:
    return AccountFactory(balance=D("50000.00"))


@pytest.fixture
def receiver() -> Account:
    return AccountFactory(balance=D("0.00"))


@pytest.fixture(autouse=True)
def test_kind() -> Iterator[None]:
    """A kind that pays by account ids in its payload."""

    def execute(instruction: Instruction, actor: Actor) -> Receipt:
        sender = Account.objects.get(pk=instruction.payload["from"])
        receiver = Account.objects.get(pk=instruction.payload["to"])
        legs = transfer_legs(sender, receiver, instruction.amount)
        return post(instruction_id=instruction.id, kind=PostingKind.TRANSFER_INTERNAL, legs=legs, actor=actor)

    instruction_kinds.register(KIND, InstructionKind(execute, str, str, str))
    yield
    del instruction_kinds._entries[KIND]


def draft(sender: Account, receiver: Account, amount: str = "100.00", payee: str | None = None) -> Instruction:
    return instructions.draft(
        customer=sender.customer,
        kind=KIND,
        payload={"from": str(sender.pk), "to": str(receiver.pk)},
        amount=D(amount),
        fee=D("0.00"),
        fee_row_id=None,
        payee_key=receiver.account_number if payee is None else payee,
    )


def confirm(instruction: Instruction) -> Receipt:
    return instructions.confirm(customer=instruction.customer, instruction_id=instruction.id, actor=TELLER)


def give_code(instruction: Instruction) -> None:
    instructions.approve(customer=instruction.customer, instruction_id=instruction.id)


def test_a_draft_moves_nothing(sender: Account, receiver: Account) -> None:
    draft(sender, receiver)
    receiver.refresh_from_db()
    assert receiver.balance == 0


def test_a_new_payee_needs_a_code_and_a_known_one_does_not(sender: Account, receiver: Account) -> None:
    first = draft(sender, receiver)
    assert instructions.needs_step_up(first)
    with pytest.raises(StepUpRequired):
        confirm(first)
    give_code(first)
    confirm(first)
    second = draft(sender, receiver)
    assert not instructions.needs_step_up(second)
    confirm(second)
    receiver.refresh_from_db()
    assert receiver.balance == D("200.00")


def test_a_payee_known_to_somebody_else_is_new_to_me(sender: Account, receiver: Account) -> None:
    other = AccountFactory(balance=D("50000.00"))
    theirs = draft(other, receiver)
    give_code(theirs)
    confirm(theirs)
    with pytest.raises(StepUpRequired):
        confirm(draft(sender, receiver))


def test_above_the_days_allowance_a_known_payee_needs_a_code_too(sender: Account, receiver: Account) -> None:
    first = draft(sender, receiver, "1.00")
    give_code(first)
    confirm(first)
    confirm(draft(sender, receiver, "20000.00"))
    over = draft(sender, receiver, "0.01")
    assert instructions.needs_step_up(over)
    with pytest.raises(StepUpRequired):
        confirm(over)


def test_a_code_is_good_for_five_minutes(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver)
    give_code(instruction)
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=2), tick=False), pytest.raises(StepUpRequired):
        confirm(instruction)


def test_a_code_of_yesterday_does_not_open_a_large_payment_to_a_known_payee(sender: Account, receiver: Account) -> None:
    first = draft(sender, receiver, "1.00")
    give_code(first)
    confirm(first)
    large = draft(sender, receiver, "30000.00")
    give_code(large)
    with time_machine.travel(clock.now() + timedelta(hours=7), tick=False):
        assert instructions.needs_step_up(large)
        with pytest.raises(StepUpRequired):
            confirm(large)


def test_a_payment_taken_back_makes_nobody_known(sender: Account, receiver: Account) -> None:
    first = draft(sender, receiver)
    give_code(first)
    reference = confirm(first).reference

    @money_operation
    def take_back() -> None:
        reverse(posting=Posting.objects.get(reference=reference), reason="fraud", actor=TELLER)

    take_back()
    with pytest.raises(StepUpRequired):
        confirm(draft(sender, receiver))


def test_the_banks_own_reversal_is_no_instruction_of_the_customers(sender: Account, receiver: Account) -> None:
    first = draft(sender, receiver)
    give_code(first)
    posting = Posting.objects.get(reference=confirm(first).reference)

    @money_operation
    def take_back() -> None:
        reverse(posting=posting, reason="sent in error", actor=TELLER)

    take_back()
    reversal = Instruction.objects.get(kind=PostingKind.REVERSAL)
    with pytest.raises(Http404):
        instructions.get(sender.customer, reversal.id)
    with pytest.raises(Http404):
        confirm(reversal)


def test_a_code_for_one_payment_is_none_for_another(sender: Account, receiver: Account) -> None:
    approved, other = draft(sender, receiver), draft(sender, receiver, "101.00")
    give_code(approved)
    with pytest.raises(StepUpRequired):
        confirm(other)


@pytest.mark.parametrize(
    "change", [{"amount": D("9999.00")}, {"payee_key": "ACC1"}, {"payload": {"from": "8", "to": "9"}}, {"fee": D("1")}]
)
def test_what_was_reviewed_is_what_is_posted(sender: Account, receiver: Account, change: dict[str, object]) -> None:
    instruction = draft(sender, receiver)
    give_code(instruction)
    Instruction.objects.filter(pk=instruction.pk).update(**change)
    with pytest.raises(ContentChanged):
        confirm(instruction)


def test_confirming_again_gives_the_first_receipt(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver)
    give_code(instruction)
    assert confirm(instruction) == confirm(instruction)
    receiver.refresh_from_db()
    assert receiver.balance == D("100.00")


def test_a_draft_older_than_a_day_is_refused(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        with pytest.raises(InstructionExpired):
            confirm(instruction)
        with pytest.raises(InstructionExpired):
            give_code(instruction)


def test_a_receipt_outlives_the_draft(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    first = confirm(instruction)
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        assert confirm(instruction) == first
        assert instructions.receipt(instruction) == first


def test_a_cancelled_draft_stays_cancelled(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    for _ in range(2):
        instructions.cancel(customer=sender.customer, instruction_id=instruction.id, actor=TELLER)
    with pytest.raises(InstructionCancelled):
        confirm(instruction)


def test_a_posted_instruction_cannot_be_cancelled(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    receipt = confirm(instruction)
    instructions.cancel(customer=sender.customer, instruction_id=instruction.id, actor=TELLER)
    assert confirm(instruction) == receipt


def test_what_was_never_done_is_forgotten_and_what_was_posted_is_not(sender: Account, receiver: Account) -> None:
    left, posted = draft(sender, receiver, payee=""), draft(sender, receiver, payee="")
    confirm(posted)
    assert instructions.forget_undone(left.expires_at) == 0
    assert instructions.forget_undone(left.expires_at + timedelta(seconds=1)) == 1
    assert list(Instruction.objects.all()) == [posted]


def test_a_strangers_instruction_does_not_exist_for_me(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    stranger = CustomerFactory()
    for act in (
        lambda: instructions.get(stranger, instruction.id),
        lambda: instructions.confirm(customer=stranger, instruction_id=instruction.id, actor=TELLER),
        lambda: instructions.approve(customer=stranger, instruction_id=instruction.id),
        lambda: instructions.cancel(customer=stranger, instruction_id=instruction.id, actor=TELLER),
        lambda: instructions.get(sender.customer, uuid.uuid4()),
    ):
        with pytest.raises(Http404):
            act()
    instruction.refresh_from_db()
    assert instruction.state == Instruction.State.DRAFT


def test_a_draft_has_no_receipt_yet(sender: Account, receiver: Account) -> None:
    with pytest.raises(Http404):
        instructions.receipt(draft(sender, receiver))


def test_an_unknown_kind_is_a_mistake_of_ours(sender: Account, receiver: Account) -> None:
    with pytest.raises(LookupError, match="no instruction kind"):
        instructions.draft(
            customer=sender.customer, kind="GIFT", payload={}, amount=D("1"), fee=D("0"), fee_row_id=None, payee_key=""
        )


def test_the_actor_is_written_with_the_posting(sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, payee="")
    actor = replace(TELLER, kind="customer", id="7")
    instructions.confirm(customer=sender.customer, instruction_id=instruction.id, actor=actor)
    assert Posting.objects.get().actor_id == "7"
