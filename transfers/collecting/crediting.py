"""Booking what M-Pesa says came in: once for each of its receipts, on the right account or else in suspense.

Called inside a money operation. A prompt is reported by M-Pesa up to three times: as its own result, as a payment to
the paybill under our reference, and as the answer to a question. All of them are one piece of money.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from accounts import ledger
from accounts.books.receiving import NOBODY, Arrival
from accounts.ledger import AccountCannotReceive, Leg, Receipt, Side
from accounts.models import Account, Posting
from transfers import phones
from transfers.collecting import messages
from transfers.collecting.kinds import CREDIT, EXCISE, FEE_INCOME, MATCHED, NOSTRO, SUSPENSE, TXN_TYPE, UNCLAIMED
from transfers.models import Deposit, Incoming
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO

logger = logging.getLogger(__name__)
State, Way = Incoming.State, Incoming.Way
RAIL = system("rails")


@dataclass(frozen=True, slots=True)
class Word:
    """What M-Pesa says came in. `amount` KES; `receipt` "" where only a question was answered."""

    way: str
    amount: Decimal
    receipt: str = ""
    payer: str = ""
    phone: str = ""
    typed: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Whose account it shall be on and what the bank keeps of it, or `why` it can be on nobody's."""

    account_id: int = 0
    number: str = ""
    customer_id: int = NOBODY
    fee: Decimal = ZERO
    excise: Decimal = ZERO
    why: str = ""


def known(receipt: str) -> Incoming | None:
    """The money of this receipt, locked; None while nobody has told us of it."""
    return Incoming.objects.select_for_update().filter(receipt=receipt).first() if receipt else None


def for_deposit(deposit: Deposit, word: Word) -> str:
    """M-Pesa says that this deposit (locked) was paid; a remark for staff.

    The first word of it counts. A receipt that comes later is kept; one that differs is other money, and suspense.
    """
    same = known(word.receipt)
    if same is not None:
        return _again(deposit, same)
    own = deposit.incoming.select_for_update().order_by("received_at", "pk").first()
    if own is None:
        return _first(deposit, word)
    if not word.receipt:
        return f"known {deposit.reference}"
    if own.receipt is None and own.amount == word.amount:
        own.receipt, own.payer = word.receipt, word.payer or own.payer
        own.paid_at = word.paid_at or own.paid_at
        own.save(update_fields=["receipt", "payer", "paid_at"])
        return f"receipt of {deposit.reference}"
    take_in(word, Target(why="second"), deposit)
    return f"second payment for {deposit.reference}"


def _again(deposit: Deposit, same: Incoming) -> str:
    """Told of money that is known; where nobody knew that it was this deposit's, it is given to it."""
    if same.deposit_id is None and same.state == State.SUSPENSE and same.why == "prompt":
        same.deposit = deposit
        same.save(update_fields=["deposit"])
        if same.amount == deposit.amount and not deposit.incoming.exclude(pk=same.pk).exists():
            target = target_of(deposit)
            if not target.why:
                match(same, target, RAIL)
                return f"PAID {deposit.reference}"
        _hold(deposit)
    return f"known {deposit.reference}"


def _first(deposit: Deposit, word: Word) -> str:
    if not word.payer:
        word = replace(word, phone=deposit.msisdn)  # a paybill's report hides it
    target = target_of(deposit) if word.amount == deposit.amount else Target(why="amount")
    row = take_in(word, target, deposit)
    if row.state == State.CREDITED:
        receive(deposit)
        return f"PAID {deposit.reference}"
    _hold(deposit)
    return f"{deposit.reference}: says {word.amount} where {deposit.amount} was asked, in suspense"


def target_of(deposit: Deposit) -> Target:
    """The account that the customer chose, if it is still what it was: branch scripts drop and reuse ids."""
    account = ledger.lock_same_account(deposit.account_id, deposit.account_number, deposit.customer_id)
    if account is None:
        return Target(why="closed")
    return Target(account.account_id, account.account_number, deposit.customer_id, deposit.fee, deposit.excise)


def target_at(account: Account | None) -> Target:
    """The account of the number that a payer typed."""
    if account is None:
        return Target(why="unknown")
    if account.customer_id is None:
        return Target(why="closed")
    return Target(account.account_id, account.account_number, account.customer_id)


def take_in(word: Word, target: Target, deposit: Deposit | None = None) -> Incoming:
    """Book it, once for its receipt: on the account, or in suspense where `why` says so or the account refuses."""
    row = Incoming(
        way=word.way, receipt=word.receipt or None, deposit=deposit, typed=word.typed, amount=word.amount,
        payer=word.payer, phone=word.phone, paid_at=word.paid_at, received_at=clock.now(),
    )  # fmt: skip
    if not target.why:
        try:
            _credited(row, target, _post(CREDIT, _key(row), row, target, NOSTRO, RAIL))
        except AccountCannotReceive:
            target = Target(why="closed")
    if target.why:
        row.state, row.why, row.reference = State.SUSPENSE, target.why, _post_unclaimed(row).reference
        logger.info("money %s came in and is nobody's: %s", row.receipt or row.reference, row.why)
    row.save(force_insert=True)
    if row.state == State.CREDITED:
        messages.credited(row)
    return row


def match(row: Incoming, target: Target, actor: Actor) -> None:
    """Out of suspense onto an account (the row is locked and in SUSPENSE). Raises AccountCannotReceive."""
    receipt = _post(MATCHED, str(row.pk), row, target, SUSPENSE, actor)
    reference = row.reference
    _credited(row, target, receipt)
    row.reference, row.ended_reference = reference, receipt.reference
    row.state = State.MATCHED
    row.save(
        update_fields=[
            "state", "customer_id", "account_number", "fee", "excise", "finished_at", "instruction_id",
            "ended_reference",
        ]
    )  # fmt: skip
    messages.credited(row)
    deposit = row.deposit
    if deposit is not None and deposit.customer_id == target.customer_id:
        receive(deposit)


def receive(deposit: Deposit) -> None:
    """The deposit is on its account."""
    deposit.state, deposit.finished_at = Deposit.State.RECEIVED, clock.now()
    deposit.due_at = deposit.with_staff_since = None
    deposit.reason = deposit.reason_code = ""
    deposit.save(update_fields=["state", "finished_at", "due_at", "with_staff_since", "reason", "reason_code"])


def _hold(deposit: Deposit) -> None:
    """M-Pesa has the customer's money with us, and it is not on the account: people look."""
    deposit.state, deposit.due_at = Deposit.State.HELD, None
    deposit.with_staff_since = deposit.with_staff_since or clock.now()
    deposit.save(update_fields=["state", "due_at", "with_staff_since"])
    messages.held(deposit)


def contradict(deposit: Deposit, code: str) -> None:
    """M-Pesa says that it was not paid after it said that it was: nothing moves, people look. Written down once."""
    if deposit.contradicted_at is not None:
        return
    deposit.contradicted_at = clock.now()
    deposit.save(update_fields=["contradicted_at"])
    subject = f"deposit:{deposit.reference}"
    record("deposit.contradicted", actor=RAIL, customer_id=deposit.customer_id, subject=subject, data={"code": code})
    logger.error("deposit %s was paid, and now M-Pesa says %s", deposit.reference, code)


def _key(row: Incoming) -> str:
    """What names this money for ever: M-Pesa's receipt, or the deposit where M-Pesa only said that it was paid."""
    return f"mpesa:{row.receipt}" if row.receipt else f"deposit:{row.deposit.reference if row.deposit else row.pk}"


def _credited(row: Incoming, target: Target, receipt: Receipt) -> None:
    row.state, row.reference = State.CREDITED, receipt.reference
    row.customer_id, row.account_number = target.customer_id, target.number
    row.fee, row.excise, row.finished_at = target.fee, target.excise, receipt.posted_at
    row.instruction_id = Posting.objects.values_list("instruction_id", flat=True).get(reference=receipt.reference)


def _post(kind: str, key: str, row: Incoming, target: Target, source: str, actor: Actor) -> Receipt:
    arrival = Arrival(key, row.amount, target.customer_id, target.fee, _says(row, target))
    legs = [
        Leg(Side.DEBIT, row.amount, internal=source),
        Leg(Side.CREDIT, row.amount - target.fee, target.account_id, txn_type=TXN_TYPE, description=describe(row)),
    ]
    if target.fee > 0:
        legs.append(Leg(Side.CREDIT, target.fee - target.excise, internal=FEE_INCOME))
    if target.excise > 0:
        legs.append(Leg(Side.CREDIT, target.excise, internal=EXCISE))
    return ledger.receive(arrival=arrival, kind=kind, legs=legs, actor=actor)


def _post_unclaimed(row: Incoming) -> Receipt:
    arrival = Arrival(_key(row), row.amount, says=_says(row, Target()))
    legs = [Leg(Side.DEBIT, row.amount, internal=NOSTRO), Leg(Side.CREDIT, row.amount, internal=SUSPENSE)]
    return ledger.receive(arrival=arrival, kind=UNCLAIMED, legs=legs, actor=RAIL)


def _says(row: Incoming, target: Target) -> dict[str, str]:
    """For the books and the history: who paid, and where to read more."""
    return {
        "incoming": str(row.pk),
        "to_name": "M-Pesa",
        "to_number": sender_of(row),
        "to_account": target.number,
        "receipt": row.receipt or "",
        "note": "",
    }


def sender_of(row: Incoming) -> str:
    """Who paid, as far as M-Pesa says: the name, or the phone that was asked."""
    if row.payer:
        return row.payer
    is_whole = row.phone.isascii() and row.phone.isdigit() and len(row.phone) == 12
    return phones.shown(row.phone) if is_whole else row.phone


def describe(row: Incoming) -> str:
    """The branch's row, in English like all of them."""
    parts = ["M-Pesa deposit", f"from {sender_of(row)}" if sender_of(row) else "", row.receipt or ""]
    return f"{' '.join(part for part in parts if part)} - Online"[:255]
