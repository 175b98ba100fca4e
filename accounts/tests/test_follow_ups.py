"""What comes after a payment over a rail: settled between internal accounts, or given back, each step once."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError

from accounts import checking, instructions, ledger
from accounts.books.kinds import counted, kinds
from accounts.ledger import (
    Kind,
    Leg,
    PostingKind,
    Receipt,
    Side,
    follow_up,
    money_operation,
    register_kind,
    reverse,
)
from accounts.models import Account, AccountTerms, AccountTransaction, Instruction, LimitUsage, Posting, PostingLeg
from tests.factories import AccountFactory, LimitUsageFactory
from tests.payments import TELLER, instruct, pay, post_legs
from tests.support import all_the_money
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.registry import ledger_checks

pytestmark = pytest.mark.django_db

D = Decimal
AMOUNT, FEE = D("500.00"), D("33.00")


@pytest.fixture(autouse=True)
def a_rail() -> Iterator[None]:
    """A kind such as a rail registers: it leaves the customer, is settled later or comes back.

    Nobody keeps payments of it, so that check of the books is away meanwhile.
    """
    of_payments = ledger_checks._entries.pop("payments-out")
    register_kind("TEST_RAIL", Kind(counts=True))
    register_kind("TEST_RETURN", Kind(follows=True, gives_back=True, verb="payment.returned"))
    yield
    for name in ("TEST_RAIL", "TEST_RETURN"):
        del kinds._entries[name]
    ledger_checks.register("payments-out", of_payments)


@pytest.fixture
def sender() -> Account:
    return AccountFactory(balance=D("10000.00"))


@pytest.fixture
def sent(sender: Account) -> Instruction:
    """A posted payment into the rail, its fee not earned yet."""
    return send(sender)


def send(sender: Account) -> Instruction:
    instruction = instruct(sender, AMOUNT, fee=FEE)
    legs = [
        Leg(Side.DEBIT, AMOUNT, sender.account_id, txn_type="MOBILE_MONEY_OUT", description="To a phone - Online"),
        Leg(Side.CREDIT, AMOUNT, internal="rail.mpesa"),
        Leg(Side.DEBIT, FEE, sender.account_id, txn_type="MOBILE_MONEY_FEE", description="Fee - Online"),
        Leg(Side.CREDIT, FEE, internal="fees.pending"),
    ]
    post_legs(instruction, legs, "TEST_RAIL")
    return instruction


SETTLED = [
    Leg(Side.DEBIT, AMOUNT, internal="rail.mpesa"),
    Leg(Side.CREDIT, AMOUNT, internal="nostro.mpesa"),
    Leg(Side.DEBIT, FEE, internal="fees.pending"),
    Leg(Side.CREDIT, FEE, internal="fees.income"),
]


def returned(account: Account, *, with_fee: bool = True) -> list[Leg]:
    says = {"txn_type": "REVERSAL_IN", "description": "Could not be delivered - Online"}
    legs = [
        Leg(Side.DEBIT, AMOUNT, internal="rail.mpesa"),
        Leg(Side.CREDIT, AMOUNT, account.account_id, **says),
    ]
    if with_fee:
        legs += [Leg(Side.DEBIT, FEE, internal="fees.pending"), Leg(Side.CREDIT, FEE, account.account_id, **says)]
    return legs


@money_operation
def follow(sent: Instruction, legs: list[Leg], *, kind: str = "TEST_RETURN", step: str = "return") -> Receipt:
    return follow_up(instruction_id=sent.id, step=step, kind=kind, legs=legs, reason="the rail said so", actor=TELLER)


def settle(sent: Instruction, legs: list[Leg] | None = None) -> Receipt:
    return follow(sent, legs or SETTLED, kind=PostingKind.SETTLEMENT, step="settlement")


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


def internal(name: str) -> Decimal:
    return sum(PostingLeg.objects.filter(internal_account=name).values_list("amount", flat=True), D(0))


def used(account: Account) -> set[Decimal]:
    usages = LimitUsage.objects.filter(customer_id=account.customer_id).exclude(code="STEP_UP_ALLOWANCE")
    return {usage.used for usage in usages}


def test_a_rails_own_kind_counts_against_the_limits(sender: Account, sent: Instruction) -> None:
    assert "TEST_RAIL" in counted()
    assert used(sender) == {AMOUNT}
    assert balance(sender) == D("9467.00")
    assert list(checking.differences()) == []


def test_a_settlement_moves_between_internal_accounts_and_touches_no_customer(
    sender: Account, sent: Instruction
) -> None:
    before = all_the_money()
    receipt = settle(sent)
    assert all_the_money() == before
    assert (internal("rail.mpesa"), internal("nostro.mpesa")) == (D(0), AMOUNT)
    assert (internal("fees.pending"), internal("fees.income")) == (D(0), FEE)
    assert AccountTransaction.objects.count() == 2
    assert used(sender) == {AMOUNT}
    assert AuditEvent.objects.get(verb="payment.settled").subject == f"posting:{receipt.reference}"
    assert list(checking.differences()) == []


def test_each_step_is_posted_once(sent: Instruction) -> None:
    assert settle(sent) == settle(sent)
    assert Posting.objects.count() == 2


def test_the_same_step_with_other_legs_is_refused(sent: Instruction) -> None:
    settle(sent)
    with pytest.raises(ledger.ContentChanged):
        settle(sent, SETTLED[:2])
    assert Posting.objects.count() == 2


def test_a_return_gives_back_money_fee_and_limits(sender: Account, sent: Instruction) -> None:
    receipt = follow(sent, returned(sender))
    assert balance(sender) == D("10000.00")
    assert (internal("rail.mpesa"), internal("fees.pending")) == (D(0), D(0))
    assert used(sender) == {D(0)}
    posting = Posting.objects.select_related("reverses").get(reference=receipt.reference)
    assert posting.reverses is not None
    assert posting.reverses.instruction_id == sent.id
    assert AuditEvent.objects.get(verb="payment.returned").data["reverses"] == posting.reverses.reference
    assert list(checking.differences()) == []


def test_the_bank_may_keep_the_fee_of_what_it_gives_back(sender: Account, sent: Instruction) -> None:
    follow(sent, returned(sender, with_fee=False))
    assert balance(sender) == D("9967.00")
    assert internal("fees.pending") == FEE
    assert list(checking.differences()) == []


def test_money_comes_back_once_whoever_sends_it_back(sender: Account, sent: Instruction) -> None:
    first = follow(sent, returned(sender))
    assert follow(sent, returned(sender, with_fee=False), step="staff-refund") == first

    @money_operation
    def undo() -> Receipt:
        return reverse(posting=Posting.objects.get(instruction_id=sent.id), reason="again", actor=TELLER)

    assert undo() == first
    assert balance(sender) == D("10000.00")


def test_a_return_may_come_after_the_settlement(sender: Account, sent: Instruction) -> None:
    settle(sent)
    legs = [
        Leg(Side.DEBIT, AMOUNT, internal="nostro.mpesa"),
        Leg(Side.CREDIT, AMOUNT, sender.account_id, txn_type="REVERSAL_IN", description="Sent back - Online"),
    ]
    follow(sent, legs)
    assert balance(sender) == D("9967.00")
    assert list(checking.differences()) == []


def between(amount: str, source: str, target: str) -> list[Leg]:
    return [Leg(Side.DEBIT, D(amount), internal=source), Leg(Side.CREDIT, D(amount), internal=target)]


@pytest.mark.parametrize(
    "legs",
    [
        between("1000000.00", "rail.mpesa", "nostro.mpesa"),
        between("500.01", "rail.mpesa", "nostro.mpesa"),
        between("500.00", "suspense.mpesa", "rail.mpesa"),
        between("33.01", "fees.pending", "fees.income"),
        [*between("250.00", "rail.mpesa", "nostro.mpesa"), *between("250.01", "rail.mpesa", "nostro.mpesa")],
    ],
)
def test_a_settlement_moves_no_more_than_the_payment_put_there(sender: Account, sent: Instruction, legs: Any) -> None:
    send(sender)  # another payment's money lies in the same accounts
    with pytest.raises(ValueError, match="holds less of this payment"):
        settle(sent, legs)
    assert Posting.objects.count() == 2
    assert internal("rail.mpesa") == AMOUNT * 2


def test_a_second_settlement_under_another_name_finds_nothing_left(sent: Instruction) -> None:
    settle(sent)
    with pytest.raises(ValueError, match="holds less of this payment"):
        follow(sent, SETTLED, kind=PostingKind.SETTLEMENT, step="again")
    assert internal("nostro.mpesa") == AMOUNT


def test_a_settlement_may_come_in_parts(sent: Instruction) -> None:
    for step in ("first", "second"):
        legs = between("250.00", "rail.mpesa", "nostro.mpesa")
        follow(sent, legs, kind=PostingKind.SETTLEMENT, step=step)
    assert (internal("rail.mpesa"), internal("nostro.mpesa")) == (D(0), AMOUNT)
    assert list(checking.differences()) == []


def test_the_fee_is_divided_between_income_and_duty(sent: Instruction) -> None:
    legs = [
        *SETTLED[:3],
        Leg(Side.CREDIT, D("28.05"), internal="fees.income"),
        Leg(Side.CREDIT, D("4.95"), internal="tax.excise"),
    ]
    settle(sent, legs)
    assert (internal("fees.income"), internal("tax.excise")) == (D("28.05"), D("4.95"))
    assert list(checking.differences()) == []


def test_nothing_follows_a_return(sender: Account, sent: Instruction) -> None:
    follow(sent, returned(sender, with_fee=False))
    with pytest.raises(ValueError, match="nothing follows"):
        settle(sent, SETTLED[2:])
    assert internal("fees.pending") == FEE


def test_a_settled_payment_does_not_come_back_out_of_the_rails_account(sender: Account, sent: Instruction) -> None:
    """By then the rail's account holds other payments' money only."""
    send(sender)
    settle(sent)
    with pytest.raises(ValueError, match="holds less of this payment"):
        follow(sent, returned(sender))
    assert internal("rail.mpesa") == AMOUNT


def test_the_second_opinion_sees_a_settlement_beyond_the_payment(sender: Account, sent: Instruction) -> None:
    settled = Posting.objects.get(reference=settle(sent).reference)
    settled.legs.filter(internal_account="rail.mpesa").update(amount=D("-600.00"))
    settled.legs.filter(internal_account="nostro.mpesa").update(amount=D("600.00"))
    assert ("beyond_payment", settled.reference) in {(row.kind, row.subject) for row in checking.differences()}


def test_the_second_opinion_sees_what_follows_a_return_or_nothing(sender: Account, sent: Instruction) -> None:
    settled = Posting.objects.get(reference=settle(sent).reference)
    payment = Posting.objects.get(instruction_id=sent.id)
    Posting.objects.filter(pk=settled.pk).update(reverses=payment)
    other = send(sender)
    late = Posting.objects.get(reference=settle(other).reference)
    said = {"follows": payment.reference, "step": "x", "reason": "y"}
    Instruction.objects.filter(id=late.instruction_id).update(payload=said)
    assert ("after_return", late.reference) in {(row.kind, row.subject) for row in checking.differences()}
    Instruction.objects.filter(id=late.instruction_id).update(payload=said | {"follows": "NONE-0000-0000"})
    assert ("follows_nothing", late.reference) in {(row.kind, row.subject) for row in checking.differences()}


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_money_returns_whatever_became_of_the_account(sender: Account, sent: Instruction, status: str) -> None:
    Account.objects.filter(pk=sender.pk).update(status=status)
    follow(sent, returned(sender))
    assert balance(sender) == D("10000.00")


def test_the_limits_are_given_back_on_the_day_they_were_taken(sender: Account) -> None:
    with time_machine.travel("2026-11-30T20:59:59Z", tick=False):
        sent = send(sender)
    with time_machine.travel("2026-11-30T21:00:00Z", tick=False):
        today = LimitUsageFactory(customer=sender.customer, period=clock.today().isoformat(), used=D("70.00"))
        follow(sent, returned(sender))
    found = dict(LimitUsage.objects.exclude(code="STEP_UP_ALLOWANCE").values_list("period", "used"))
    assert found == {"2026-11-30": D(0), "2026-11": D(0), "2026-12-01": D("70.00")}
    assert today.period == "2026-12-01"


def test_a_payment_that_came_back_makes_nobody_known(sender: Account) -> None:
    sent = send(sender)
    Instruction.objects.filter(pk=sent.pk).update(payee_key="mpesa:254700000001")
    assert instructions.has_paid(sent.customer_id, "mpesa:254700000001")
    follow(sent, returned(sender))
    assert not instructions.has_paid(sent.customer_id, "mpesa:254700000001")


def more_than_was_paid(account: Account, stranger: Account) -> list[Leg]:
    return [
        Leg(Side.DEBIT, D("600.00"), internal="rail.mpesa"),
        Leg(Side.CREDIT, D("600.00"), account.account_id, txn_type="REVERSAL_IN", description="x"),
    ]


def less_than_was_paid(account: Account, stranger: Account) -> list[Leg]:
    return [
        Leg(Side.DEBIT, D("499.99"), internal="rail.mpesa"),
        Leg(Side.CREDIT, D("499.99"), account.account_id, txn_type="REVERSAL_IN", description="x"),
    ]


def to_somebody_else(account: Account, stranger: Account) -> list[Leg]:
    return returned(stranger)


def from_the_customer_again(account: Account, stranger: Account) -> list[Leg]:
    return [
        Leg(Side.CREDIT, AMOUNT, internal="rail.mpesa"),
        Leg(Side.DEBIT, AMOUNT, account.account_id, txn_type="REVERSAL_OUT", description="x"),
    ]


@pytest.mark.parametrize("spoil", [more_than_was_paid, less_than_was_paid, to_somebody_else, from_the_customer_again])
def test_a_return_goes_no_further_than_the_payment(sender: Account, sent: Instruction, spoil: object) -> None:
    stranger = AccountFactory(balance=D("777.00"))
    before = all_the_money()
    with pytest.raises(ValueError, match=r"no more than|gives back"):
        follow(sent, spoil(sender, stranger))
    assert all_the_money() == before
    assert used(sender) == {AMOUNT}
    assert Posting.objects.count() == 1


def test_a_settlement_reaches_into_no_customers_account(sender: Account, sent: Instruction) -> None:
    with pytest.raises(ValueError, match="between internal accounts"):
        settle(sent, returned(sender))
    assert balance(sender) == D("9467.00")


def test_what_was_not_posted_has_no_follow_up(sender: Account) -> None:
    draft = instruct(sender, AMOUNT, fee=FEE)
    with pytest.raises(ValueError, match="not posted"):
        settle(draft)
    draft.refresh_from_db()
    assert draft.state == Instruction.State.DRAFT


def test_a_follow_up_has_none_of_its_own(sender: Account, sent: Instruction) -> None:
    settled = Posting.objects.get(reference=settle(sent).reference)
    with pytest.raises(ValueError, match="of its own"):
        settle(Instruction.objects.get(id=settled.instruction_id))


def test_what_a_customer_confirms_and_what_the_bank_adds_are_two_doors(sender: Account, sent: Instruction) -> None:
    with pytest.raises(ValueError, match=r"see post\(\)"):
        follow(sent, returned(sender), kind=PostingKind.TRANSFER_OWN)
    with pytest.raises(ValueError, match=r"see follow_up\(\)"):
        post_legs(instruct(sender, AMOUNT), returned(sender), PostingKind.SETTLEMENT)
    with pytest.raises(LookupError, match="NOBODY_KNOWS"):
        post_legs(instruct(sender, AMOUNT), returned(sender), "NOBODY_KNOWS")


@pytest.mark.django_db(transaction=True)
def test_a_follow_up_is_part_of_a_money_operation() -> None:
    with pytest.raises(RuntimeError, match="money operation"):
        follow_up(
            instruction_id=instruct(AccountFactory(), AMOUNT).id,
            step="return",
            kind="TEST_RETURN",
            legs=SETTLED,
            reason="x",
            actor=TELLER,
        )


def test_a_kind_contradicts_neither_itself_nor_another() -> None:
    with pytest.raises(ValueError, match="follows"):
        register_kind("TEST_ODD", Kind(gives_back=True))
    with pytest.raises(ValueError, match="limits"):
        register_kind("TEST_ODD", Kind(counts=True, follows=True))
    with pytest.raises(LookupError, match="twice"):
        register_kind("TEST_RAIL", Kind())


@pytest.mark.parametrize(
    ("amount", "account", "words"),
    [
        (D("9.00"), "stranger", "moves KES 9.00 where the payment moved KES 0.00"),
        (D("-1.00"), "sender", "moves -KES 1.00 where the payment moved -KES 533.00"),
        (D("999.00"), "sender", "moves KES 1,532.00 where the payment moved -KES 533.00"),
    ],
)
def test_the_second_opinion_sees_a_return_that_goes_too_far(
    sender: Account, sent: Instruction, amount: Decimal, account: str, words: str
) -> None:
    receipt = follow(sent, returned(sender))
    posting = Posting.objects.get(reference=receipt.reference)
    owner = sender if account == "sender" else AccountFactory()
    if amount < 0:
        posting.legs.filter(account_id__isnull=False)._raw_delete("default")
    PostingLeg.objects.create(posting=posting, position=9, account=owner, amount=amount, balance_after=D(0))
    found = {difference.words for difference in checking.differences() if difference.kind == "beyond_payment"}
    assert found == {words}


def test_the_second_opinion_sees_a_settlement_that_reaches_a_customer(sender: Account, sent: Instruction) -> None:
    posting = Posting.objects.get(reference=settle(sent).reference)
    PostingLeg.objects.create(posting=posting, position=9, account=sender, amount=D("1.00"), balance_after=D(0))
    found = {difference.words for difference in checking.differences() if difference.kind == "beyond_payment"}
    assert found == {"moves a customer's money but gives nothing back"}


def test_a_receiver_who_spent_it_cannot_be_made_to_give_back(sender: Account) -> None:
    receiver, stranger = AccountFactory(balance=D("0.00")), AccountFactory()
    AccountTerms.objects.create(account_id=receiver.account_id, kind=AccountTerms.Kind.CURRENT)
    receipt = pay(sender, receiver, D("400.00"))
    pay(receiver, stranger, D("1.00"))
    paid = Instruction.objects.get(id=Posting.objects.get(reference=receipt.reference).instruction_id)
    legs = [
        Leg(Side.DEBIT, D("400.00"), receiver.account_id, txn_type="REVERSAL_OUT", description="x"),
        Leg(Side.CREDIT, D("400.00"), sender.account_id, txn_type="REVERSAL_IN", description="x"),
    ]
    with pytest.raises(ledger.InsufficientFunds):
        follow(paid, legs)
    assert Posting.objects.count() == 2


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_twenty_answers_of_the_rail_at_once_settle_once() -> None:
    sent = send(AccountFactory(balance=D("10000.00")))
    results = at_once([lambda: settle(sent)] * 20)
    assert len({result.reference for result in results if isinstance(result, Receipt)}) == 1
    assert [result for result in results if not isinstance(result, Receipt)] == []
    assert (internal("rail.mpesa"), internal("nostro.mpesa")) == (D(0), AMOUNT)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_a_return_and_a_refund_by_staff_at_once_pay_back_once() -> None:
    sender = AccountFactory(balance=D("10000.00"))
    sent = send(sender)
    steps = [lambda n=n: follow(sent, returned(sender), step=f"step-{n % 4}") for n in range(20)]
    results = at_once(steps)
    assert len({result.reference for result in results if isinstance(result, Receipt)}) == 1
    assert [result for result in results if not isinstance(result, Receipt)] == []
    assert balance(sender) == D("10000.00")
    assert used(sender) == {D(0)}
    assert list(checking.differences()) == []


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_payments_lock_two_returns_pass_and_only_the_unique_key_stops_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sender = AccountFactory(balance=D("10000.00"))
    sent = send(sender)
    barrier = threading.Barrier(2)
    real = ledger._lock_accounts

    def both_have_looked(legs: list[Leg]) -> dict[int, Account]:
        barrier.wait(timeout=30)
        return real(legs)

    monkeypatch.setattr(ledger, "lock_instruction", lambda key: Instruction.objects.filter(id=key).first())
    monkeypatch.setattr(ledger, "_lock_accounts", both_have_looked)
    results = at_once([lambda n=n: follow(sent, returned(sender), step=f"step-{n}") for n in range(2)])
    assert {type(result) for result in results} == {Receipt, IntegrityError}, "both had passed every look"
    assert balance(sender) == D("10000.00"), "the unique key on `reverses` is the backstop"
