"""The ledger against a bank of forty lines: whatever people do in whatever order, both come to the same balances.

500 steps in `make test`, the same ones every time; `SOAK_SECONDS=3600` draws new ones for that long (`make soak`).
"""

import os
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts import checking, instructions, ledger
from accounts.ledger import money_operation
from accounts.models import Account, Instruction, Limit, LimitUsage, Posting, PostingLeg, User
from tests.factories import AccountFactory, CustomerFactory, TransactionFactory, UserFactory
from tests.support import reset_committed_data
from transfers.services import prepare_transfer
from wekeza_portal.actors import Actor, system
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db(transaction=True)

D = Decimal
SOAK_SECONDS = float(os.environ.get("SOAK_SECONDS", "0"))
SEAMS = [
    "accounts.limits.take",
    "accounts.books.journal.write_rows",
    "accounts.books.journal.write_balances",
    "accounts.ledger.record",
    "transfers.services.notify_both",
]
AMOUNTS = st.sampled_from([D("0.01"), D("99.99"), D("100.00"), D("1000.00"), D("12345.67"), D("60000.00")])
EVERYTHING = {"paid", "paid already", "refused on the form", "reversed", "died"}


class Crash(Exception):
    """The process dies between two lines."""


# --- The model: what a bank is, in a few lines ---------------------------------------------------------------------


@dataclass
class Model:
    """Balances, who may pay, what was sent today. No locks, no tables, no journal."""

    balance: dict[int, Decimal] = field(default_factory=dict)
    owner: dict[int, int] = field(default_factory=dict)
    frozen: set[int] = field(default_factory=set)
    sent: dict[int, Decimal] = field(default_factory=dict)
    daily: Decimal = Decimal(500_000)
    paid: dict[uuid.UUID, tuple[int, int, Decimal, Decimal]] = field(default_factory=dict)
    undone: set[uuid.UUID] = field(default_factory=set)

    def may_pay(self, source: int, target: int, amount: Decimal, fee: Decimal) -> bool:
        own = self.owner[source] == self.owner[target]
        return (
            source not in self.frozen
            and target not in self.frozen
            and self.balance[source] - 1000 >= amount + fee
            and (own or self.sent.get(self.owner[source], D(0)) + amount <= self.daily)
        )

    def pay(self, key: uuid.UUID, source: int, target: int, amount: Decimal, fee: Decimal) -> None:
        self.balance[source] -= amount + fee
        self.balance[target] += amount
        if self.owner[source] != self.owner[target]:
            self.sent[self.owner[source]] = self.sent.get(self.owner[source], D(0)) + amount
        self.paid[key] = (source, target, amount, fee)

    def may_undo(self, key: uuid.UUID) -> bool:
        _source, target, amount, _fee = self.paid[key]
        return self.balance[target] >= amount

    def undo(self, key: uuid.UUID) -> None:
        source, target, amount, fee = self.paid[key]
        self.balance[source] += amount + fee
        self.balance[target] -= amount
        if self.owner[source] != self.owner[target]:
            self.sent[self.owner[source]] -= amount
        self.undone.add(key)


# --- The machine: the same deeds on both -----------------------------------------------------------------------------


class Bank(RuleBasedStateMachine):
    accounts: Bundle[Account] = Bundle("accounts")
    drafts: Bundle[Instruction] = Bundle("drafts")
    happened: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        clear_the_bank()
        # What is only asked or held back for somebody new has tests of its own: the model knows nobody's past.
        Limit.objects.filter(code__in=[Limit.Code.NEW_PAYEE_DAY, Limit.Code.SCAM_FLOOR]).update(value=D("9999999.00"))
        self.model = Model()
        self.opening: dict[int, Decimal] = {}
        self.users: dict[int, User] = {}

    @initialize(target=accounts)
    def the_first_customers(self) -> Any:
        return multiple(*self._open(D("300000.00"), 2), *self._open(D("300000.00"), 1))

    @precondition(lambda self: len(self.users) < 5)
    @rule(target=accounts, opening=st.sampled_from([D("0.00"), D("5000.00")]))
    def open_an_account(self, opening: Decimal) -> Any:
        return multiple(*self._open(opening, 1))

    def _open(self, opening: Decimal, count: int) -> list[Account]:
        customer = CustomerFactory()
        self.users[customer.user_id] = UserFactory(customer=customer)
        opened = [AccountFactory(customer=customer, balance=opening) for _ in range(count)]
        for account in opened:
            self.model.balance[account.account_id] = self.opening[account.account_id] = opening
            self.model.owner[account.account_id] = customer.user_id
        return opened

    @rule(account=accounts, amount=AMOUNTS)
    def teller_pays_in(self, account: Account, amount: Decimal) -> None:
        self._branch_moves(account, "DEPOSIT", amount)

    @rule(account=accounts, amount=AMOUNTS)
    def teller_pays_out_without_asking(self, account: Account, amount: Decimal) -> None:
        self._branch_moves(account, "WITHDRAWAL", -amount)

    def _branch_moves(self, account: Account, word: str, change: Decimal) -> None:
        """The branch's own way: the balance, then a row, no lock and no check."""
        row = Account.objects.get(pk=account.pk)
        row.balance = (row.balance or D(0)) + change
        row.save(update_fields=["balance"])
        TransactionFactory(account=row, txn_type=word, amount=abs(change))
        self.model.balance[account.account_id] += change
        self.opening[account.account_id] += change

    @precondition(lambda self: not self.model.frozen)
    @rule(account=accounts)
    def branch_freezes(self, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(status="FROZEN")
        self.model.frozen.add(account.account_id)

    @precondition(lambda self: self.model.frozen)
    @rule()
    def branch_thaws(self) -> None:
        Account.objects.filter(status="FROZEN").update(status="ACTIVE")
        self.model.frozen.clear()

    @rule(figure=st.sampled_from([D("50000.00"), D("100000.00"), D("500000.00")]))
    def bank_sets_the_daily_limit(self, figure: Decimal) -> None:
        Limit.objects.filter(code=Limit.Code.DAILY_OUT).update(value=figure)
        self.model.daily = figure

    @rule(target=drafts, source=accounts, to=accounts, amount=AMOUNTS)
    def prepare(self, source: Account, to: Account, amount: Decimal) -> Any:
        draft = self._prepare(source, to, amount)
        return draft if draft else multiple()

    @rule(target=drafts, source=accounts, to=accounts, amount=AMOUNTS)
    def pay_at_once(self, source: Account, to: Account, amount: Decimal) -> Any:
        draft = self._prepare(source, to, amount)
        if draft is None:
            return multiple()
        self._give_code(draft)
        assert len({self._confirm(draft), self._confirm(draft)}) == 1
        return draft

    def _prepare(self, source: Account, to: Account, amount: Decimal) -> Instruction | None:
        """A draft, if the form lets it through; then it was affordable when it was made."""
        if source.pk == to.pk:
            return None
        try:
            draft = prepare_transfer(
                source.customer,
                from_number=source.account_number,
                to_number=to.account_number,
                amount=amount,
                note="",
                actor=self._actor(source),
            )
        except PortalError:
            # The form knows what the model knows, only earlier; its fee may be the reason.
            assert not self.model.may_pay(source.pk, to.pk, amount, D("1000.00"))
            self.happened["refused on the form"] += 1
            return None
        assert self.model.may_pay(source.pk, to.pk, amount, draft.fee)
        return draft

    @rule(draft=drafts, with_code=st.booleans(), times=st.integers(1, 2))
    def confirm(self, draft: Instruction, with_code: bool, times: int) -> None:
        """Once or twice in a row, on a draft that may be paid already."""
        if with_code:
            self._give_code(draft)
        receipts = {self._confirm(draft) for _ in range(times)}
        assert len(receipts) == 1

    @rule(target=drafts, source=accounts, to=accounts, amount=AMOUNTS, seam=st.sampled_from(SEAMS))
    def crash_and_retry(self, source: Account, to: Account, amount: Decimal, seam: str) -> Any:
        """Dies at the seam: nothing has happened. Then the same instruction again."""
        draft = self._prepare(source, to, amount)
        if draft is None:
            return multiple()
        self._give_code(draft)
        module, name = seam.rsplit(".", 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(f"{module}.{name}", _dies)
            try:
                self._call(draft)
            except Crash:
                self.happened["died"] += 1
            except PortalError:
                self.happened["refused before it died"] += 1
            else:
                assert seam.endswith("limits.take"), "it should have died"
                self._note(draft)  # between own accounts no limit is asked
        self._confirm(draft)
        return draft

    @rule(draft=drafts)
    def cancel(self, draft: Instruction) -> None:
        customer = draft.customer
        instructions.cancel(customer=customer, instruction_id=draft.id, actor=system("test"))
        draft.refresh_from_db()
        assert (draft.state == "POSTED") == (draft.id in self.model.paid)
        self._confirm(draft)

    @rule(draft=drafts)
    def reverse(self, draft: Instruction) -> None:
        if draft.id not in self.model.paid:
            return
        try:
            _undo(Posting.objects.get(instruction_id=draft.id))
        except PortalError:
            assert draft.id not in self.model.undone
            assert not self.model.may_undo(draft.id)
        else:
            if draft.id not in self.model.undone:
                assert self.model.may_undo(draft.id)
                self.model.undo(draft.id)
                self.happened["reversed"] += 1

    def _give_code(self, draft: Instruction) -> None:
        try:
            instructions.approve(customer=draft.customer, instruction_id=draft.id)
        except instructions.InstructionCancelled:
            assert draft.id not in self.model.paid

    def _confirm(self, draft: Instruction) -> str:
        """Confirm and hold the outcome against the model. The reference, or the code of the refusal."""
        try:
            receipt = self._call(draft)
        except instructions.StepUpRequired:
            assert draft.id not in self.model.paid
            self.happened["asked for a code"] += 1
            return "step up"
        except PortalError as refusal:
            assert draft.id not in self.model.paid
            cancelled = isinstance(refusal, instructions.InstructionCancelled)
            assert cancelled or not self.model.may_pay(*_terms(draft))
            self.happened["cancelled" if cancelled else "refused"] += 1
            return refusal.code
        self._note(draft)
        return receipt.reference

    def _call(self, draft: Instruction) -> ledger.Receipt:
        return instructions.confirm(customer=draft.customer, instruction_id=draft.id, actor=system("test"))

    def _note(self, draft: Instruction) -> None:
        """It was paid: the model must allow it, and pays once."""
        if draft.id not in self.model.paid:
            assert self.model.may_pay(*_terms(draft)), "paid what the model forbids"
            self.model.pay(draft.id, *_terms(draft))
            self.happened["paid"] += 1
        else:
            self.happened["paid already"] += 1

    def _actor(self, account: Account) -> Actor:
        return Actor(kind="customer", id="1", customer_id=account.customer_id)

    @invariant()
    def balances_agree(self) -> None:
        assert {row.account_id: row.balance for row in Account.objects.all()} == self.model.balance

    @invariant()
    def every_account_is_traced(self) -> None:
        traced = dict(self.opening)
        for account_id, amount in PostingLeg.objects.filter(account__isnull=False).values_list("account_id", "amount"):
            traced[account_id] += amount
        assert traced == self.model.balance

    @invariant()
    def the_second_opinion_agrees(self) -> None:
        assert list(checking.differences()) == []

    @invariant()
    def each_payment_told_each_side_once(self) -> None:
        own = [
            key for key, (a, b, _amount, _fee) in self.model.paid.items() if self.model.owner[a] == self.model.owner[b]
        ]
        told = OutboxMessage.objects.filter(cause__startswith="transfer-").count()
        assert told == 2 * len(self.model.paid) - len(own)

    @invariant()
    def what_was_sent_today_is_counted(self) -> None:
        counted = {u.customer_id: u.used for u in LimitUsage.objects.filter(code=Limit.Code.DAILY_OUT) if u.used}
        assert counted == {customer: sent for customer, sent in self.model.sent.items() if sent}


def _terms(draft: Instruction) -> tuple[int, int, Decimal, Decimal]:
    payload = draft.payload
    return int(payload["from_account_id"]), int(payload["to_account_id"]), draft.amount, draft.fee


def _dies(*_: object, **__: object) -> None:
    raise Crash


@money_operation
def _undo(posting: Posting) -> ledger.Receipt:
    return ledger.reverse(posting=posting, reason="sent in error", actor=system("test"))


def clear_the_bank() -> None:
    """An empty bank for the next run of the machine; the figures as seeded."""
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    reset_committed_data()


def run(examples: int, steps: int, **how: Any) -> None:
    run_state_machine_as_test(
        Bank,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **how,
        ),
    )


def test_whatever_people_do_the_ledger_and_the_model_agree() -> None:
    """500 steps: ten banks of 50."""
    Bank.happened.clear()
    run(10, 50, derandomize=True, phases=[Phase.generate])
    never = {what for what in EVERYTHING if not Bank.happened[what]}
    assert not never, f"the dice must be loaded otherwise: {Bank.happened}"


@pytest.mark.skipif(not SOAK_SECONDS, reason="only in make soak")
def test_for_hours_with_new_dice() -> None:
    until = time.monotonic() + SOAK_SECONDS
    while time.monotonic() < until:
        run(10, 100)
