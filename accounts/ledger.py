"""The ledger: the only door to `accounts.balance` and `transactions`. Its rooms are in accounts/books/.

    post()              moves money for one instruction, once
    follow_up()         posts what comes after it, each step once: settled with the rail, or given back
    reverse()           undoes a posting by an opposite one that names it
    receive()           posts money that came in from outside, once for each piece of it
    @money_operation    the outermost durable transaction around any of them

A posting has legs: amounts in KES on customer accounts or on internal ones such as `fees.income`, summing to zero.
Every customer leg becomes one row of the branch's `transactions` and one change of `accounts.balance`, computed in
`Decimal` from the locked row. Internal accounts have no balance of their own: it is the sum of their legs.

Order inside post(): lock the instruction, lock the accounts in primary-key order, lock what was used of the limits,
read the limits, look at what was locked, take from the limits, write everything. Nothing slow happens in between and
nothing outside is called.
"""

import functools
import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from accounts import limits
from accounts.books import following, holding, journal, looking, proving, receiving
from accounts.books.kinds import Kind, PostingKind, kinds, register_kind
from accounts.books.legs import Leg, Receipt, ReceiptLeg, Side, account_ids, fingerprint, refuse_unless_sound
from accounts.ledger_errors import (
    AccountCannotPay,
    AccountCannotReceive,
    BankIsBusy,
    ContentChanged,
    InsufficientFunds,
)
from accounts.models import Account, Instruction, Posting, PostingLeg
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.identifiers import new_reference
from wekeza_portal.money import exact
from wekeza_portal.registry import instruction_kinds

__all__ = [
    "AccountCannotPay",
    "AccountCannotReceive",
    "BankIsBusy",
    "ContentChanged",
    "InsufficientFunds",
    "Kind",
    "Leg",
    "PostingKind",
    "Receipt",
    "ReceiptLeg",
    "Side",
    "follow_up",
    "is_same_account",
    "lock_accounts",
    "lock_instruction",
    "lock_same_account",
    "money_operation",
    "post",
    "receipt_of",
    "receive",
    "register_kind",
    "reverse",
]

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

MOST_TRIES = 8
# MySQL: lock wait timeout, deadlock. Both mean "start again from the top".
RETRIED_ERRORS = frozenset({1205, 1213})

lock_instruction = holding.lock_instruction
lock_accounts = holding.lock_accounts
lock_same_account = holding.lock_same_account
is_same_account = holding.is_same


def money_operation(operation: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `operation` in the outermost durable transaction, again from the top after a deadlock or lock timeout.

    At most eight tries with growing, random pauses; then BankIsBusy, and nothing has changed. Must not be nested.
    """

    @functools.wraps(operation)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        for attempt in range(MOST_TRIES):
            try:
                with transaction.atomic(durable=True), holding.holding():
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


def post(*, instruction_id: uuid.UUID, kind: str, legs: Sequence[Leg], actor: Actor) -> Receipt:
    """Move money for one instruction, once; called inside a money operation.

    The same instruction with the same legs returns the first receipt; with other legs raises ContentChanged. Raises
    AccountCannotPay, AccountCannotReceive, InsufficientFunds, a LimitExceeded or Frozen with words for the customer;
    then the caller's transaction must roll back. RuntimeError, LookupError or ValueError mean a mistake in our code.
    """
    _refuse_outside_an_operation()
    refuse_unless_sound(legs)
    kind_rules = kinds.get(kind)
    if kind_rules.follows or kind_rules.arrives:
        raise ValueError(f"{kind} is posted by the bank itself: see follow_up() and receive()")
    instruction = lock_instruction(instruction_id)
    if instruction is None:
        raise Instruction.DoesNotExist(f"no instruction {instruction_id}")
    content = fingerprint(kind, legs)
    if instruction.state == Instruction.State.POSTED:
        return _first_receipt(instruction.id, content)
    if instruction.state != Instruction.State.DRAFT:
        raise ContentChanged()
    accounts = _lock_accounts(legs)
    # One instant for the minimum, the limits and the posting, taken after the wait for the locks.
    now = clock.now()
    counters = looking.counters_of(instruction, kind_rules, now)
    figures = limits.figures_for_a_payment(
        instruction.customer, on=now.date(), counts=kind_rules.counts, is_capped=bool(counters.recovered)
    )
    looking.refuse_unless_allowed(instruction, legs, accounts, figures, leaves=kind_rules.counts)
    if kind_rules.counts:
        looking.take_limits(instruction, figures, counters, now)
    elif kind_rules.is_capped:
        limits.take_under_the_cap(instruction.amount, figures, counters.recovered)
    entry = journal.Entry(instruction, new_reference(), kind, content, now, actor)
    return _write(entry, legs, accounts, kind_rules)


def follow_up(
    *, instruction_id: uuid.UUID, step: str, kind: str, legs: Sequence[Leg], reason: str, actor: Actor
) -> Receipt:
    """Post what comes after a posted payment, each `step` of it once; called inside a money operation.

    Nobody confirms it: the bank does it when a rail settles, refuses or returns. A kind that settles moves between
    internal accounts only. One that gives back credits the customer whatever the account's status, gives the limits
    back on the payment's own business date, and happens once, whatever its step: whoever comes second, in parallel
    too, gets the first receipt. The same step with other legs raises ContentChanged.

    `reason` goes into the books, in English. ValueError for a payment that was not posted, for legs that go beyond it
    (out of an internal account, what this payment or an earlier step put there) or come after it was given back,
    InsufficientFunds where a receiver can't give the money back, AccountCannotReceive where an account is gone.
    """
    _refuse_outside_an_operation()
    refuse_unless_sound(legs)
    original = lock_instruction(instruction_id)
    posting = Posting.objects.filter(instruction_id=instruction_id).first()
    if original is None or posting is None:
        raise ValueError("what was not posted has no follow-up")
    kind_rules = _rules_to_follow(kind, posting)
    own_id, content = following.instruction_id_of(posting, step), fingerprint(kind, legs)
    if kind_rules.gives_back and (undone := Posting.objects.filter(reverses=posting).first()):
        return receipt_of(undone)
    if Posting.objects.filter(instruction_id=own_id).exists():
        return _first_receipt(own_id, content)
    following.refuse_beyond_the_payment(kind_rules, legs, posting.legs.all())
    following.refuse_what_is_not_there(kind_rules, legs, posting, following.earlier(original, posting))
    accounts = _lock_accounts(legs)
    now = clock.now()
    instruction = following.instruct(original, posting, step, kind, legs, reason, now)
    looking.refuse_unless_there(legs, accounts, instruction.fee)
    if kind_rules.gives_back and original.kind in instruction_kinds:
        instruction_kinds.get(original.kind).given_back(original, posting.posted_at)
    if kind_rules.gives_back:
        _give_limits_back(original, posting)
    reverses = posting if kind_rules.gives_back else None
    entry = journal.Entry(instruction, new_reference(), kind, content, now, actor, reverses)
    return _write(entry, legs, accounts, kind_rules, follows=posting)


def reverse(*, posting: Posting, reason: str, actor: Actor) -> Receipt:
    """Undo a posting by an opposite one, once; called inside a money operation.

    The receiver's account must be able to give the money back (InsufficientFunds otherwise); the sender's is credited
    whatever its status. Gives back the limits the payment used. A second call returns the first reversal's receipt.
    """
    if posting.kind == PostingKind.REVERSAL:
        raise ValueError("a reversal is not reversed: post the payment again")
    legs = [following.opposite(leg, posting, reason) for leg in posting.legs.order_by("-position")]
    return follow_up(
        instruction_id=posting.instruction_id,
        step="reversal",
        kind=PostingKind.REVERSAL,
        legs=legs,
        reason=reason,
        actor=actor,
    )


def receive(*, arrival: receiving.Arrival, kind: str, legs: Sequence[Leg], actor: Actor) -> Receipt:
    """Post money that came in from outside, once for each kind and `arrival.key`; called inside a money operation.

    Nobody here confirms it: another company says that the bank has it. Customers' accounts are only credited, and only
    active personal ones in shillings (AccountCannotReceive otherwise). The same again returns the first receipt, with
    other legs ContentChanged. ValueError for legs that take something from a customer.
    """
    _refuse_outside_an_operation()
    refuse_unless_sound(legs)
    kind_rules = kinds.get(kind)
    receiving.refuse_unless_arriving(kind, kind_rules, legs)
    own_id, content = receiving.instruction_id_of(kind, arrival), fingerprint(kind, legs)
    if Posting.objects.filter(instruction_id=own_id).exists():
        return _first_receipt(own_id, content)
    accounts = _lock_accounts(legs)
    looking.refuse_unless_it_can_receive(legs, accounts)
    now = clock.now()
    instruction = receiving.instruct(kind, arrival, now)
    entry = journal.Entry(instruction, new_reference(), kind, content, now, actor)
    return _write(entry, legs, accounts, kind_rules)


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


def _refuse_outside_an_operation() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("money moves only inside a money operation")


def _rules_to_follow(kind: str, posting: Posting) -> Kind:
    rules = kinds.get(kind)
    if not rules.follows:
        raise ValueError(f"{kind} is confirmed by a customer: see post()")
    if kinds.get(posting.kind).follows or kinds.get(posting.kind).arrives:
        raise ValueError("what the bank posted itself has no follow-up of its own")
    return rules


def _give_limits_back(original: Instruction, posting: Posting) -> None:
    """What the payment took from the limits, on its own business date."""
    rules = kinds.get(posting.kind)
    if rules.counts or rules.is_capped:
        limits.give_back(
            original.customer_id,
            original.amount,
            on=posting.business_date,
            paid_at=posting.posted_at,
            counts=rules.counts,
        )


def _first_receipt(instruction_id: uuid.UUID, content: str) -> Receipt:
    posting = Posting.objects.get(instruction_id=instruction_id)
    if posting.content_hash != content:
        raise ContentChanged()
    return receipt_of(posting)


def _lock_accounts(legs: Sequence[Leg]) -> dict[int, Account]:
    """Every customer account of the legs, locked."""
    ids = account_ids(legs)
    accounts = lock_accounts(ids)
    if len(accounts) != len(ids):
        raise AccountCannotReceive()
    return accounts


def _write(
    entry: journal.Entry,
    legs: Sequence[Leg],
    accounts: dict[int, Account],
    rules: Kind,
    follows: Posting | None = None,
) -> Receipt:
    receipt = journal.write(entry, legs, accounts)
    instruction = entry.instruction
    record(
        rules.verb,
        actor=entry.actor,
        customer_id=None if instruction.customer_id == receiving.NOBODY else instruction.customer_id,
        subject=f"posting:{entry.reference}",
        data={
            "instruction": str(instruction.id),
            "kind": entry.kind,
            "amount": str(exact(instruction.amount)),
            "fee": str(exact(instruction.fee)),
            **proving.facts_of(entry, instruction, rules.verb),
            **({"reverses" if entry.reverses else "follows": follows.reference} if follows else {}),
        },
    )
    return receipt
