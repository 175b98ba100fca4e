"""The one door for money: what it writes, what it refuses, how it is undone."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection, transaction

from accounts import ledger
from accounts.ledger import Leg, PostingKind, Side, money_operation, post, reverse
from accounts.limits import AllowanceExceeded, DailyLimitExceeded
from accounts.models import (
    Account,
    AccountTerms,
    AccountTransaction,
    Instruction,
    LimitUsage,
    Posting,
    PostingLeg,
)
from tests.factories import AccountFactory, BusinessFactory, InstructionFactory
from tests.payments import TELLER, instruct, pay, post_legs, transfer_legs
from tests.support import all_the_money
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def sender() -> Account:
    return AccountFactory(balance=D("10000.00"))


@pytest.fixture
def receiver() -> Account:
    return AccountFactory(balance=D("50.00"))


@pytest.fixture
def stranger() -> Account:
    return AccountFactory(balance=D("777.00"))


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


def test_a_transfer_moves_exactly_its_amount(sender: Account, receiver: Account, stranger: Account) -> None:
    before = sum(all_the_money().values())
    receipt = pay(sender, receiver, D("2500.25"))
    assert balance(sender) == D("7499.75")
    assert balance(receiver) == D("2550.25")
    assert balance(stranger) == D("777.00")
    assert sum(all_the_money().values()) == before
    assert receipt.balance_after(sender.account_id) == D("7499.75")


def test_each_leg_is_a_row_of_the_branch_in_its_own_words(sender: Account, receiver: Account) -> None:
    receipt = pay(sender, receiver, D("100.00"), fee=D("30.00"))
    rows = list(AccountTransaction.objects.order_by("transaction_id"))
    assert [(row.account_id, row.txn_type, row.amount) for row in rows] == [
        (sender.account_id, "TRANSFER_OUT", D("100.00")),
        (receiver.account_id, "TRANSFER_IN", D("100.00")),
        (sender.account_id, "TRANSFER_FEE", D("30.00")),
    ]
    assert [row.reference_code for row in rows] == [f"{receipt.reference}-{n}" for n in (1, 2, 3)]
    assert balance(sender) == D("9870.00")


def test_the_journal_balances_and_names_the_branch_rows(sender: Account, receiver: Account) -> None:
    pay(sender, receiver, D("100.00"), fee=D("30.00"))
    legs = list(PostingLeg.objects.order_by("position"))
    assert sum(leg.amount for leg in legs) == 0
    assert [leg.internal_account for leg in legs] == ["", "", "", "fees.income"]
    assert {leg.transaction_id for leg in legs[:3]} == set(
        AccountTransaction.objects.values_list("transaction_id", flat=True)
    )
    assert AuditEvent.objects.get(verb="payment.posted").data["amount"] == "100.00"


def test_the_same_instruction_returns_the_first_receipt(sender: Account, receiver: Account) -> None:
    instruction = instruct(sender, D("100.00"))
    first = pay(sender, receiver, D("100.00"), instruction=instruction)
    again = pay(sender, receiver, D("100.00"), instruction=instruction)
    assert again == first
    assert balance(sender) == D("9900.00")
    assert Posting.objects.count() == 1


def test_the_same_instruction_with_other_content_is_refused(
    sender: Account, receiver: Account, stranger: Account
) -> None:
    instruction = instruct(sender, D("100.00"))
    pay(sender, receiver, D("100.00"), instruction=instruction)
    with pytest.raises(ledger.ContentChanged):
        pay(sender, stranger, D("100.00"), instruction=instruction)
    assert balance(stranger) == D("777.00")


def test_the_savings_minimum_stays(sender: Account, receiver: Account) -> None:
    with pytest.raises(ledger.InsufficientFunds) as refused:
        pay(sender, receiver, D("9000.01"))
    assert refused.value.left == D("9000.00")
    assert "KES 9,000.00" in str(refused.value)
    assert "KES 1,000.00" in str(refused.value)
    pay(sender, receiver, D("9000.00"))
    assert balance(sender) == D("1000.00")


def test_the_fee_is_left_out_of_the_figure_that_would_work(sender: Account, receiver: Account) -> None:
    with pytest.raises(ledger.InsufficientFunds) as refused:
        pay(sender, receiver, D("9000.00"), fee=D("30.00"))
    assert refused.value.left == D("8970.00")


def test_a_current_account_may_be_emptied(sender: Account, receiver: Account) -> None:
    AccountTerms.objects.create(account_id=sender.account_id, kind=AccountTerms.Kind.CURRENT)
    pay(sender, receiver, D("10000.00"))
    assert balance(sender) == 0


@pytest.mark.parametrize("booked", [D("-500.00"), D("0.00"), D("999.99")])
def test_an_account_below_its_minimum_pays_nothing(booked: Decimal, receiver: Account) -> None:
    poor = AccountFactory(balance=booked)
    with pytest.raises(ledger.InsufficientFunds) as refused:
        pay(poor, receiver, D("0.01"))
    assert refused.value.left == 0


@pytest.mark.parametrize("status", ["FROZEN", "DORMANT", "DISABLED"])
def test_an_account_that_is_not_active_neither_pays_nor_receives(
    sender: Account, receiver: Account, status: str
) -> None:
    stopped = AccountFactory(balance=D("5000.00"), status=status)
    with pytest.raises(ledger.AccountCannotPay):
        pay(stopped, receiver, D("10.00"))
    with pytest.raises(ledger.AccountCannotReceive):
        pay(sender, stopped, D("10.00"))
    assert balance(stopped) == D("5000.00")
    assert not AccountTransaction.objects.exists()


def test_a_business_account_does_not_receive(sender: Account) -> None:
    business = AccountFactory(customer=None, business=BusinessFactory(), balance=D("5.00"))
    with pytest.raises(ledger.AccountCannotReceive):
        pay(sender, business, D("10.00"))


def test_nobody_debits_an_account_of_somebody_else(sender: Account, receiver: Account) -> None:
    instruction = InstructionFactory(customer=receiver.customer, amount=D("10.00"))
    with pytest.raises(ValueError, match="its own customer"):
        pay(sender, receiver, D("10.00"), instruction=instruction)


def test_what_leaves_must_be_what_was_instructed(sender: Account, receiver: Account) -> None:
    instruction = instruct(sender, D("10.00"))
    with pytest.raises(ValueError, match="amount and fee"):
        pay(sender, receiver, D("11.00"), instruction=instruction)


def test_a_cancelled_instruction_is_never_posted(sender: Account, receiver: Account) -> None:
    instruction = InstructionFactory(customer=sender.customer, amount=D("10.00"), state=Instruction.State.CANCELLED)
    with pytest.raises(ledger.ContentChanged):
        pay(sender, receiver, D("10.00"), instruction=instruction)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda legs: legs[:1],
        lambda legs: [legs[0], Leg(Side.CREDIT, D("9.99"), internal="fees.income")],
        lambda legs: [legs[0], Leg(Side.CREDIT, D("10.00"))],
        lambda legs: [legs[0], Leg(Side.CREDIT, D("10.00"), 1, internal="fees.income", txn_type="X", description="x")],
        lambda legs: [Leg(Side.DEBIT, D("-10.00"), internal="a"), Leg(Side.CREDIT, D("-10.00"), internal="b")],
        lambda legs: [Leg(Side.DEBIT, D("0.00"), internal="a"), Leg(Side.CREDIT, D("0.00"), internal="b")],
        lambda legs: [Leg(Side.DEBIT, D("0.001"), internal="a"), Leg(Side.CREDIT, D("0.001"), internal="b")],
        lambda legs: [Leg(Side.DEBIT, D("NaN"), internal="a"), Leg(Side.CREDIT, D("NaN"), internal="b")],
        lambda legs: [legs[0], Leg(Side.CREDIT, D("10.00"), 1, txn_type="TRANSFER_IN")],
    ],
)
def test_the_door_stays_shut_for_legs_that_are_not_right(sender: Account, receiver: Account, spoil: object) -> None:
    instruction = instruct(sender, D("10.00"))
    legs = spoil(transfer_legs(sender, receiver, D("10.00")))
    with pytest.raises(ValueError, match=r"leg|posting|amount|places"):
        post_legs(instruction, legs, PostingKind.TRANSFER_INTERNAL)
    assert balance(sender) == D("10000.00")


@pytest.mark.django_db(transaction=True)
def test_the_door_stays_shut_outside_a_transaction() -> None:
    sender, receiver = AccountFactory(balance=D("5000")), AccountFactory()
    instruction = instruct(sender, D("10.00"))
    with pytest.raises(RuntimeError, match="money operation"):
        post(
            instruction_id=instruction.id,
            kind=PostingKind.TRANSFER_INTERNAL,
            legs=transfer_legs(sender, receiver, D("10.00")),
            actor=TELLER,
        )


@pytest.mark.django_db(transaction=True)
def test_a_money_operation_is_never_inside_another_transaction() -> None:
    sender, receiver = AccountFactory(balance=D("5000")), AccountFactory()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        pay(sender, receiver, D("10.00"))
    assert balance(sender) == D("5000.00")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "seam",
    [
        "accounts.books.journal.write_rows",
        "accounts.books.journal.write_balances",
        "accounts.books.journal.write",
        "accounts.ledger.record",
    ],
)
def test_a_failure_between_two_lines_leaves_nothing(monkeypatch: pytest.MonkeyPatch, seam: str) -> None:
    sender, receiver = AccountFactory(balance=D("5000")), AccountFactory(balance=D("0"))
    instruction = instruct(sender, D("10.00"))
    module, _, name = seam.rpartition(".")
    real = getattr(import_module(module), name)

    def break_after(*args: object, **kwargs: object) -> object:
        real(*args, **kwargs)
        raise KeyError("the power went out")

    monkeypatch.setattr(seam, break_after)
    with pytest.raises(KeyError):
        pay(sender, receiver, D("10.00"), instruction=instruction)
    assert (balance(sender), balance(receiver)) == (D("5000.00"), D("0.00"))
    assert not AccountTransaction.objects.exists()
    assert not Posting.objects.exists()
    assert not LimitUsage.objects.filter(used__gt=0).exists()
    monkeypatch.undo()
    pay(sender, receiver, D("10.00"), instruction=instruction)
    assert balance(receiver) == D("10.00")


def test_a_transfer_to_somebody_else_counts_and_one_between_own_accounts_does_not(
    sender: Account, receiver: Account
) -> None:
    mine = AccountFactory(customer=sender.customer, balance=D("0.00"))
    pay(sender, mine, D("100.00"), kind=PostingKind.TRANSFER_OWN)
    assert not LimitUsage.objects.exists()
    pay(sender, receiver, D("200.00"), fee=D("30.00"))
    assert {usage.used for usage in LimitUsage.objects.all()} == {D("200.00")}


def test_the_daily_limit_is_to_the_cent(receiver: Account) -> None:
    rich = AccountFactory(balance=D("9000000.00"))
    pay(rich, receiver, D("499999.99"))
    with pytest.raises(DailyLimitExceeded) as refused:
        pay(rich, receiver, D("0.02"))
    assert refused.value.left == D("0.01")
    pay(rich, receiver, D("0.01"))


def test_above_the_allowance_a_code_is_due(sender: Account, receiver: Account) -> None:
    rich = AccountFactory(balance=D("100000.00"))
    pay(rich, receiver, D("20000.00"), stepped_up=False)
    with pytest.raises(AllowanceExceeded):
        pay(rich, receiver, D("0.01"), stepped_up=False)
    pay(rich, receiver, D("0.01"), stepped_up=True)


def test_a_code_given_too_long_ago_opens_nothing(sender: Account, receiver: Account) -> None:
    rich = AccountFactory(balance=D("900000.00"))
    draft = instruct(rich, D("150000.00"))
    Instruction.objects.filter(pk=draft.pk).update(stepped_up_at=clock.now() - timedelta(minutes=5, seconds=1))
    with pytest.raises(AllowanceExceeded):
        pay(rich, receiver, D("150000.00"), instruction=draft)
    assert balance(rich) == D("900000.00")


def test_no_account_pays_itself(sender: Account) -> None:
    with pytest.raises(ValueError, match="both sides"):
        pay(sender, sender, D("10.00"), kind=PostingKind.TRANSFER_OWN)


def test_an_account_without_a_balance_of_the_branchs_neither_pays_nor_receives(sender: Account) -> None:
    blank = AccountFactory(balance=None)
    with pytest.raises(ledger.AccountCannotReceive):
        pay(sender, blank, D("10.00"))
    with pytest.raises(ledger.AccountCannotPay):
        pay(blank, sender, D("10.00"))
    assert Account.objects.get(pk=blank.pk).balance is None


def test_money_of_another_currency_is_left_alone(sender: Account) -> None:
    foreign = AccountFactory(balance=D("5000.00"), currency="USD")
    with pytest.raises(ledger.AccountCannotReceive):
        pay(sender, foreign, D("10.00"))


def _reverse(reference: str, reason: str = "sent in error") -> ledger.Receipt:
    @money_operation
    def run() -> ledger.Receipt:
        return reverse(posting=Posting.objects.get(reference=reference), reason=reason, actor=TELLER)

    return run()


def test_a_reversal_is_an_opposite_posting_that_names_the_first(sender: Account, receiver: Account) -> None:
    before = all_the_money()
    receipt = pay(sender, receiver, D("400.00"), fee=D("30.00"))
    undone = _reverse(receipt.reference)
    assert all_the_money() == before
    assert Posting.objects.get(reference=undone.reference).reverses.reference == receipt.reference
    assert Posting.objects.get(reference=receipt.reference).legs.count() == 4
    types = AccountTransaction.objects.order_by("transaction_id").values_list("txn_type", flat=True)
    assert list(types)[3:] == ["REVERSAL_IN", "REVERSAL_OUT", "REVERSAL_IN"]


def test_a_posting_is_reversed_once(sender: Account, receiver: Account) -> None:
    receipt = pay(sender, receiver, D("40.00"))
    first = _reverse(receipt.reference)
    assert _reverse(receipt.reference) == first
    assert balance(sender) == D("10000.00")
    with pytest.raises(ValueError, match="not reversed"):
        _reverse(first.reference)


def test_a_reversal_gives_the_limits_back(sender: Account, receiver: Account) -> None:
    _reverse(pay(sender, receiver, D("400.00")).reference)
    assert {usage.used for usage in LimitUsage.objects.exclude(code="STEP_UP_ALLOWANCE")} == {D("0.00")}


def test_a_reversal_needs_the_money_to_be_there(sender: Account, receiver: Account, stranger: Account) -> None:
    AccountTerms.objects.create(account_id=receiver.account_id, kind=AccountTerms.Kind.CURRENT)
    receipt = pay(sender, receiver, D("400.00"))
    pay(receiver, stranger, D("450.00"))
    with pytest.raises(ledger.InsufficientFunds):
        _reverse(receipt.reference)
    assert balance(receiver) == 0


def test_money_returns_even_to_an_account_frozen_since(sender: Account, receiver: Account) -> None:
    receipt = pay(sender, receiver, D("40.00"))
    Account.objects.filter(pk=sender.pk).update(status="FROZEN")
    _reverse(receipt.reference)
    assert balance(sender) == D("10000.00")


def test_the_branch_sees_the_change_in_its_own_table(sender: Account, receiver: Account) -> None:
    pay(sender, receiver, D("12.34"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT balance FROM accounts WHERE account_number = %s", [receiver.account_number])
        assert D(str(cursor.fetchone()[0])).quantize(D("0.01")) == D("62.34")
