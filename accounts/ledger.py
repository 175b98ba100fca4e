"""The ledger: the only code that changes `accounts.balance` or inserts into `transactions`.

    post()              moves money for one instruction, once
    reverse()           undoes a posting by an opposite one that names it
    @money_operation    the outermost durable transaction around either

A posting has legs: amounts in KES on customer accounts or on internal ones such as `fees.income`, summing to zero.
Every customer leg becomes one row of the branch's `transactions` and one change of `accounts.balance`, computed in
`Decimal` from the locked row. Internal accounts have no balance of their own: it is the sum of their legs.

Order inside post(): lock the instruction, lock the accounts in primary-key order, look at what was locked, take from
the limits, write everything. Nothing slow happens in between and nothing outside is called.
"""

import functools
import hashlib
import json
import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

from accounts import limits, rules
from accounts.content import content_hash
from accounts.ledger_errors import (
    AccountCannotPay,
    AccountCannotReceive,
    BankIsBusy,
    ContentChanged,
    InsufficientFunds,
)
from accounts.models import Account, AccountTerms, AccountTransaction, Instruction, Limit, Posting, PostingLeg
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.identifiers import new_reference
from wekeza_portal.money import ZERO, exact

__all__ = [
    "AccountCannotPay",
    "AccountCannotReceive",
    "BankIsBusy",
    "ContentChanged",
    "InsufficientFunds",
    "Leg",
    "PostingKind",
    "Receipt",
    "ReceiptLeg",
    "money_operation",
    "post",
    "receipt_of",
    "reverse",
]

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

MOST_TRIES = 8
# MySQL: lock wait timeout, deadlock. Both mean "start again from the top".
RETRIED_ERRORS = frozenset({1205, 1213})


class PostingKind(models.TextChoices):
    TRANSFER_INTERNAL = "TRANSFER_INTERNAL"
    TRANSFER_OWN = "TRANSFER_OWN"
    REVERSAL = "REVERSAL"


COUNTED_KINDS = frozenset({PostingKind.TRANSFER_INTERNAL})
"""Kinds that leave the customer through Move and so count against the daily and monthly limits."""


class Side(models.TextChoices):
    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting: a positive amount of KES on a customer account (by id) or an internal one (by name).

    `txn_type` and `description` are what the branch's row will say; internal legs have none.
    """

    side: Side
    amount: Decimal
    account_id: int | None = None
    internal: str = ""
    txn_type: str = ""
    description: str = ""

    @property
    def signed(self) -> Decimal:
        return self.amount if self.side is Side.CREDIT else -self.amount


@dataclass(frozen=True, slots=True)
class ReceiptLeg:
    """A posted leg: signed KES, and for customer accounts the balance after it and the branch's reference_code."""

    account_id: int | None
    internal: str
    amount: Decimal
    balance_after: Decimal | None
    branch_reference: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a posting, the same however often it is asked for."""

    reference: str
    posted_at: datetime
    kind: str
    legs: tuple[ReceiptLeg, ...]

    def balance_after(self, account_id: int) -> Decimal | None:
        """What was booked on the account after its last leg of this posting."""
        found = [leg.balance_after for leg in self.legs if leg.account_id == account_id]
        return found[-1] if found else None


def money_operation(operation: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `operation` in the outermost durable transaction, again from the top after a deadlock or lock timeout.

    At most eight tries with growing, random pauses; then BankIsBusy, and nothing has changed. Must not be nested.
    """

    @functools.wraps(operation)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for attempt in range(MOST_TRIES):
            try:
                with transaction.atomic(durable=True):
                    return operation(*args, **kwargs)
            except OperationalError as error:
                if not _is_worth_another_try(error):
                    raise
                logger.info("money operation %s tried again after %s", operation.__name__, error.args[0])
                time.sleep(random.uniform(0, min(0.01 * 2**attempt, 0.4)))  # noqa: S311 - jitter, not a secret
        raise BankIsBusy()

    return wrapper


def _is_worth_another_try(error: OperationalError) -> bool:
    return bool(error.args) and (error.args[0] in RETRIED_ERRORS or error.args[0] == "database is locked")


def post(*, instruction_id: uuid.UUID, kind: PostingKind, legs: Sequence[Leg], actor: Actor) -> Receipt:
    """Move money for one instruction, once; called inside a money operation.

    The same instruction with the same legs returns the first receipt; with other legs raises ContentChanged. Raises
    AccountCannotPay, AccountCannotReceive, InsufficientFunds or a LimitExceeded with words for the customer; then the
    caller's transaction must roll back. RuntimeError or ValueError mean a mistake in our own code.
    """
    _assert_legs(legs)
    instruction = Instruction.objects.select_for_update().get(id=instruction_id)
    fingerprint = _fingerprint(kind, legs)
    if instruction.state == Instruction.State.POSTED:
        return _first_receipt(instruction, fingerprint)
    if instruction.state != Instruction.State.DRAFT:
        raise ContentChanged()
    accounts = _lock_accounts(legs)
    # One instant for the minimum, the limits and the posting, taken after the wait for the locks.
    now = clock.now()
    _look(instruction, kind, legs, accounts, now)
    if kind in COUNTED_KINDS:
        stepped_up = rules.step_up_is_fresh(instruction.stepped_up_at, now)
        limits.take(instruction.customer, instruction.amount, on=now.date(), stepped_up=stepped_up)
    return _write(instruction, kind, legs, accounts, fingerprint, actor, now)


def reverse(*, posting: Posting, reason: str, actor: Actor) -> Receipt:
    """Undo a posting by an opposite one, once; called inside a money operation.

    The receiver's account must be able to give the money back (InsufficientFunds otherwise); the sender's is credited
    whatever its status. Gives back the limits the payment used. A second call returns the first reversal's receipt.
    """
    posting = Posting.objects.select_for_update().get(pk=posting.pk)
    if posting.kind == PostingKind.REVERSAL:
        raise ValueError("a reversal is not reversed: post the payment again")
    undone = Posting.objects.filter(reverses=posting).first()
    if undone is not None:
        return receipt_of(undone)
    original = Instruction.objects.get(id=posting.instruction_id)
    instruction = _reversal_instruction(original, posting, reason)
    legs = [_opposite(leg, posting, reason) for leg in posting.legs.order_by("-position")]
    accounts = _lock_accounts(legs)
    now = clock.now()
    _look(instruction, PostingKind.REVERSAL, legs, accounts, now)
    if posting.kind in COUNTED_KINDS:
        limits.give_back(original.customer, original.amount, on=posting.business_date)
    fingerprint = _fingerprint(PostingKind.REVERSAL, legs)
    return _write(instruction, PostingKind.REVERSAL, legs, accounts, fingerprint, actor, now, reverses=posting)


def receipt_of(posting: Posting) -> Receipt:
    """The receipt of a posting, rebuilt from the journal."""
    return _receipt(posting, posting.legs.order_by("position"))


def _receipt(posting: Posting, rows: Iterable[PostingLeg]) -> Receipt:
    legs = tuple(
        ReceiptLeg(
            account_id=leg.account_id,
            internal=leg.internal_account,
            amount=leg.amount,
            balance_after=leg.balance_after,
            branch_reference=f"{posting.reference}-{leg.position}" if leg.account_id else "",
        )
        for leg in rows
    )
    return Receipt(reference=posting.reference, posted_at=posting.posted_at, kind=posting.kind, legs=legs)


def _assert_legs(legs: Sequence[Leg]) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("money moves only inside a money operation")
    if len(legs) < 2:
        raise ValueError("a posting has at least two legs")
    for leg in legs:
        if exact(leg.amount) <= 0:
            raise ValueError(f"a leg's amount is positive: {leg}")
        if (leg.account_id is None) == (not leg.internal):
            raise ValueError(f"a leg names a customer account or an internal one: {leg}")
        if leg.account_id is not None and not (leg.txn_type and leg.description):
            raise ValueError(f"a customer leg says what the branch's row shall say: {leg}")
    if sum((leg.signed for leg in legs), ZERO) != ZERO:
        raise ValueError("the legs of a posting sum to zero")
    sides = {side: {leg.account_id for leg in legs if leg.side is side and leg.account_id} for side in Side}
    if sides[Side.DEBIT] & sides[Side.CREDIT]:
        raise ValueError("no account is on both sides of a posting")


def _fingerprint(kind: str, legs: Sequence[Leg]) -> str:
    content = [[leg.side, str(exact(leg.amount)), leg.account_id, leg.internal, leg.txn_type] for leg in legs]
    return hashlib.sha256(json.dumps([kind, content]).encode()).hexdigest()


def _first_receipt(instruction: Instruction, fingerprint: str) -> Receipt:
    posting = Posting.objects.get(instruction_id=instruction.id)
    if posting.content_hash != fingerprint:
        raise ContentChanged()
    return receipt_of(posting)


def _lock_accounts(legs: Sequence[Leg]) -> dict[int, Account]:
    """Lock every customer account of the legs in one query, in primary-key order, without joins."""
    ids = {leg.account_id for leg in legs if leg.account_id is not None}
    rows = Account.objects.select_for_update().filter(account_id__in=ids).order_by("account_id")
    accounts = {row.account_id: row for row in rows}
    if len(accounts) != len(ids):
        raise AccountCannotReceive()
    return accounts


def _look(
    instruction: Instruction, kind: PostingKind, legs: Sequence[Leg], accounts: dict[int, Account], now: datetime
) -> None:
    """Refuse what the locked rows do not allow. A reversal is the bank's act: status and minimum are not asked."""
    is_reversal = kind is PostingKind.REVERSAL
    debited: dict[int, Decimal] = {}
    for leg in legs:
        if leg.account_id is None:
            continue
        account = accounts[leg.account_id]
        if (account.currency or "KES") != "KES" or account.balance is None:
            # Without a balance of the branch's there is nothing to add to: inventing one would make money.
            raise AccountCannotReceive() if leg.side is Side.CREDIT else AccountCannotPay(status=account.status)
        if leg.side is Side.DEBIT:
            debited[account.account_id] = debited.get(account.account_id, ZERO) + leg.amount
        if not is_reversal:
            _refuse_by_status(instruction, leg, account)
    minimum = None if is_reversal else _savings_minimum(instruction, now)
    terms = {row.account_id: row.kind for row in AccountTerms.objects.filter(account_id__in=debited)}
    for account_id, amount in debited.items():
        kept = rules.kept_as_minimum(terms.get(account_id, AccountTerms.Kind.SAVINGS), minimum or ZERO)
        booked = accounts[account_id].balance or ZERO
        if rules.available(booked, kept) < amount:
            raise InsufficientFunds(available=rules.available(booked, kept), fee=instruction.fee, minimum=kept)
    if not is_reversal and sum(debited.values(), ZERO) != instruction.amount + instruction.fee:
        raise ValueError("what is debited is the instruction's amount and fee")


def _refuse_by_status(instruction: Instruction, leg: Leg, account: Account) -> None:
    if leg.side is Side.DEBIT:
        if account.customer_id != instruction.customer_id or account.business_id is not None:
            raise ValueError("an instruction debits its own customer's accounts")
        if account.status != Account.Status.ACTIVE:
            raise AccountCannotPay(status=account.status)
    elif account.status != Account.Status.ACTIVE or account.business_id is not None:
        raise AccountCannotReceive()


def _savings_minimum(instruction: Instruction, now: datetime) -> Decimal:
    return limits.value(Limit.Code.SAVINGS_MINIMUM, tier=instruction.customer.kyc_tier, on=now.date())


def _write(
    instruction: Instruction,
    kind: PostingKind,
    legs: Sequence[Leg],
    accounts: dict[int, Account],
    fingerprint: str,
    actor: Actor,
    now: datetime,
    reverses: Posting | None = None,
) -> Receipt:
    posting = Posting.objects.create(
        instruction_id=instruction.id,
        reference=new_reference(),
        kind=kind,
        content_hash=fingerprint,
        posted_at=now,
        business_date=now.date(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        reverses=reverses,
    )
    rows = [_write_leg(posting, position, leg, accounts, now) for position, leg in enumerate(legs, start=1)]
    PostingLeg.objects.bulk_create(rows)
    for account in accounts.values():
        account.save(update_fields=["balance"])
    instruction.state = Instruction.State.POSTED
    instruction.posted_at = now
    instruction.save(update_fields=["state", "posted_at"])
    record(
        "payment.reversed" if reverses else "payment.posted",
        actor=actor,
        customer_id=instruction.customer_id,
        subject=f"posting:{posting.reference}",
        data={
            "instruction": str(instruction.id),
            "kind": kind,
            "amount": str(instruction.amount),
            "fee": str(instruction.fee),
            **({"reverses": reverses.reference} if reverses else {}),
        },
    )
    return _receipt(posting, rows)


def _write_leg(posting: Posting, position: int, leg: Leg, accounts: dict[int, Account], now: datetime) -> PostingLeg:
    """Insert the branch's row of a customer leg and bring the locked account's balance forward in memory."""
    row = PostingLeg(posting=posting, position=position, amount=leg.signed, internal_account=leg.internal)
    if leg.account_id is not None:
        account = accounts[leg.account_id]
        account.balance = exact((account.balance or ZERO) + leg.signed)
        written = AccountTransaction(
            account_id=leg.account_id,
            txn_type=leg.txn_type,
            amount=leg.amount,
            reference_code=f"{posting.reference}-{position}",
            description=leg.description[:255],
            created_at=now,
        )
        written.save(force_insert=True)
        row.account_id = leg.account_id
        row.balance_after = account.balance
        row.transaction_id = written.transaction_id
    return row


def _reversal_instruction(original: Instruction, posting: Posting, reason: str) -> Instruction:
    now = clock.now()
    instruction = Instruction(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"reversal:{posting.reference}"),
        customer_id=original.customer_id,
        kind=PostingKind.REVERSAL,
        payload={"reverses": posting.reference, "reason": reason},
        amount=original.amount,
        fee=original.fee,
        created_at=now,
        expires_at=now,
    )
    instruction.content_hash = content_hash(instruction)
    instruction.save(force_insert=True)
    return instruction


def _opposite(leg: PostingLeg, posting: Posting, reason: str) -> Leg:
    side = Side.DEBIT if leg.amount > 0 else Side.CREDIT
    return Leg(
        side=side,
        amount=abs(leg.amount),
        account_id=leg.account_id,
        internal=leg.internal_account,
        txn_type="" if leg.account_id is None else ("REVERSAL_OUT" if side is Side.DEBIT else "REVERSAL_IN"),
        description="" if leg.account_id is None else f"Reversal of {posting.reference} - {reason} - Online",
    )
