"""Keeping whom one pays: by hand after a code, from a receipt at once; the customer's own limit; taking one off.

Keeping somebody by hand is how a thief would prepare: it needs a code, is told to the customer, and the 24 hours of a
new receiver begin with it. A receipt is of somebody who was paid with a code already.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import instructions
from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction
from transfers.destinations import Destination
from transfers.errors import NoteTooLong
from transfers.models import Payment, SavedPayee
from transfers.outside import names
from transfers.outside.kinds import KINDS
from transfers.outside.preparing import require_on
from transfers.payees import errors, newness, telling
from transfers.payees.guards import guard_key
from transfers.rules import renamed
from transfers.selectors import look_up_payee
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO, exact, format_kes
from wekeza_portal.staff import switches

WEKEZA = "WEKEZA"
"""The kind of a kept Wekeza account; the others are `transfers.destinations.Kind`."""
KEEP, RAISE_LIMIT, REMOVE = "PAYEE_KEEP", "PAYEE_LIMIT", "PAYEE_REMOVE"
MOST = 300
NICKNAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Extras:
    """What the customer adds: what they call the payee, and their own limit of one payment in KES (None: no limit)."""

    nickname: str = ""
    own_limit: Decimal | None = None
    typed_name: str = ""
    """The receiver's name in the customer's words, where the other side names nobody."""


def prepare_wekeza(customer: BranchCustomer, number: str, extras: Extras) -> Instruction:
    """A draft of keeping a Wekeza account. The look-up counts like that of a payment, and the name stays masked.

    Raises SwitchedOff, OwnAccount, AlreadyKept, TooManyKept, or what a payment to it would be refused with.
    """
    switches.require_on(switches.INTERNAL_TRANSFERS)
    _refuse_at_the_most(customer)
    found = look_up_payee(customer, number)
    if found.is_own:
        raise errors.OwnAccount()
    receiver = {"to_name": found.masked_name, "to_name_by": "bank", "to_at": "", "values": {}}
    return _draft(customer, WEKEZA, found.key, {"to_number": found.account_number, **receiver}, extras)


def prepare_outside(customer: BranchCustomer, destination: Destination, extras: Extras) -> Instruction:
    """A draft of keeping a receiver outside the bank, with the name the other side gives where it gives one.

    Raises SwitchedOff, AlreadyKept, TooManyKept, ReceiverRefused or TooMany (look-ups).
    """
    require_on(KINDS[destination.kind], destination)
    _refuse_at_the_most(customer)
    _refuse_twice(customer.user_id, destination.key)
    said = names.confirmed(customer, destination, None)
    receiver = {
        "to_number": destination.number,
        "to_name": said.name or extras.typed_name or destination.name,
        "to_name_by": said.said_by or ("customer" if extras.typed_name else ""),
        "to_at": said.at or destination.at,
        **renamed(extras.typed_name, said.name),
        "values": dict(destination.values),
    }
    return _draft(customer, destination.kind, destination.key, receiver, extras)


def _draft(customer: BranchCustomer, kind: str, key: str, receiver: Mapping[str, Any], extras: Extras) -> Instruction:
    _refuse_twice(customer.user_id, key)
    if len(extras.nickname) > NICKNAME_LENGTH:
        raise NoteTooLong(limit=NICKNAME_LENGTH)
    limit = "" if extras.own_limit is None else str(exact(extras.own_limit))
    payload = {"payee_kind": kind, "key": key, "nickname": extras.nickname, "own_limit": limit, **receiver}
    return _act(customer, KEEP, payload)


def _act(customer: BranchCustomer, kind: str, payload: Mapping[str, Any]) -> Instruction:
    return instructions.draft(
        customer=customer, kind=kind, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def execute_keep(instruction: Instruction, actor: Actor) -> None:
    """Keep the payee that was reviewed, and begin its 24 hours. Raises AlreadyKept, TooManyKept."""
    payload = instruction.payload
    _wait_for_ones_turn(instruction.customer)
    _refuse_at_the_most(instruction.customer)
    _refuse_twice(instruction.customer_id, payload["key"])
    row = _row(instruction.customer_id, payload["payee_kind"], payload["key"], payload)
    row.id = instruction.id
    row.nickname = payload["nickname"]
    row.own_limit = Decimal(payload["own_limit"]) if payload["own_limit"] else None
    row.save(force_insert=True)
    newness.begin(instruction.customer_id, row.payee_key)
    _record("payee.kept", row, actor, by="hand")
    telling.kept(row)


@transaction.atomic
def keep_paid(customer: BranchCustomer, instruction_id: uuid.UUID, actor: Actor) -> tuple[SavedPayee, bool]:
    """Keep the receiver of a payment that arrived or is on its way; the payee, and whether it is a new one.

    Raises Http404 for somebody else's payment, NotKeepable, TooManyKept.
    """
    paid = instructions.get(customer, instruction_id)
    if not paid.payee_key or paid.state != Instruction.State.POSTED:
        raise errors.NotKeepable()
    _wait_for_ones_turn(customer)
    row = SavedPayee.objects.filter(customer_id=customer.user_id, payee_key=paid.payee_key).first()
    if row is not None:
        return row, False
    if not instructions.has_paid(customer.user_id, paid.payee_key):
        raise errors.NotKeepable()
    _refuse_at_the_most(customer)
    kind = WEKEZA if paid.kind == PostingKind.TRANSFER_INTERNAL else paid.kind
    row = _row(customer.user_id, kind, paid.payee_key, {"to_name_by": "bank", **paid.payload})
    said = names.said_at_arrival(Payment.objects.filter(pk=paid.pk).first(), paid.payload["to_name"])
    if said:
        row.confirmed_name, row.confirmed_at = said, row.created_at
    row.save(force_insert=True)
    _record("payee.kept", row, actor, by="receipt")
    return row, True


@transaction.atomic
def rename(customer: BranchCustomer, payee_id: uuid.UUID, nickname: str, actor: Actor) -> None:
    """What the customer calls the payee: their own word, changed at once. Raises PayeeGone."""
    row = _mine(customer, payee_id)
    row.nickname = nickname[:NICKNAME_LENGTH]
    row.save(update_fields=["nickname"])
    _record("payee.renamed", row, actor)


@transaction.atomic
def set_limit(customer: BranchCustomer, payee_id: uuid.UUID, limit: Decimal | None, actor: Actor) -> Instruction | None:
    """Lower the own limit at once, or draft raising or lifting it, which needs a code: then the draft is returned.

    `limit` in KES of one payment; None lifts it. Raises PayeeGone.
    """
    row = _mine(customer, payee_id)
    if limit == row.own_limit:
        return None
    if limit is None or (row.own_limit is not None and limit > row.own_limit):
        return _act(customer, RAISE_LIMIT, _limit_payload(row, limit))
    row.own_limit = exact(limit)
    row.save(update_fields=["own_limit"])
    _record("payee.limit_lowered", row, actor, limit=str(row.own_limit))
    return None


def execute_limit(instruction: Instruction, actor: Actor) -> None:
    """Raise or lift the own limit as reviewed. Raises PayeeGone, or BusyLimit where it is another one by now."""
    row = _mine(instruction.customer, uuid.UUID(instruction.payload["payee_id"]))
    if str(row.own_limit) != instruction.payload["before"]:
        raise errors.BusyLimit()
    limit = instruction.payload["own_limit"]
    row.own_limit = Decimal(limit) if limit else None
    row.save(update_fields=["own_limit"])
    _record("payee.limit_raised", row, actor, limit=limit)
    telling.limit_raised(row, format_kes(row.own_limit) if row.own_limit is not None else "", instruction.id)


def _limit_payload(row: SavedPayee, limit: Decimal | None) -> dict[str, str]:
    return {
        "payee_id": str(row.id),
        "to_name": row.nickname or row.confirmed_name or row.destination["to_name"],
        "to_number": row.destination["to_number"],
        "to_at": row.destination["to_at"],
        "before": str(row.own_limit),
        "own_limit": "" if limit is None else str(exact(limit)),
    }


@transaction.atomic
def remove(customer: BranchCustomer, payee_id: uuid.UUID, actor: Actor) -> Instruction | None:
    """Take the payee off the list; what was paid stays in the history, and the day of a new receiver runs on.

    With it goes the customer's own limit, and taking that away needs a code: then the draft of removing is returned
    and nothing has changed. Raises PayeeGone.
    """
    row = _mine(customer, payee_id)
    if row.own_limit is not None:
        return _act(customer, REMOVE, _limit_payload(row, None))
    _record("payee.removed", row, actor)
    row.delete()
    return None


def execute_remove(instruction: Instruction, actor: Actor) -> None:
    """Remove the payee and its limit as reviewed. Raises PayeeGone, or BusyLimit where the limit is another by now."""
    row = _mine(instruction.customer, uuid.UUID(instruction.payload["payee_id"]))
    if str(row.own_limit) != instruction.payload["before"]:
        raise errors.BusyLimit()
    telling.removed(row, instruction.id)
    _record("payee.removed", row, actor, limit=instruction.payload["before"])
    row.delete()


def _mine(customer: BranchCustomer, payee_id: uuid.UUID) -> SavedPayee:
    rows = SavedPayee.objects.select_for_update().filter(customer_id=customer.user_id, pk=payee_id)
    row = rows.first()
    if row is None:
        raise errors.PayeeGone()
    return row


def _row(customer_id: int, kind: str, key: str, payload: Mapping[str, Any]) -> SavedPayee:
    is_confirmed = payload["to_name_by"] not in ("", "customer")
    now = clock.now()
    return SavedPayee(
        customer_id=customer_id,
        kind=kind,
        payee_key=key,
        guard_key=guard_key(key),
        destination={
            "to_number": payload["to_number"],
            "to_name": payload["to_name"],
            "to_at": payload.get("to_at", ""),
            "values": dict(payload.get("values", {})),
        },
        confirmed_name=payload["to_name"][:100] if is_confirmed else "",
        confirmed_at=now if is_confirmed else None,
        created_at=now,
    )


def _wait_for_ones_turn(customer: BranchCustomer) -> None:
    """One at a time: a double click or a second tab keeps nobody twice."""
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)


def _refuse_twice(customer_id: int, key: str) -> None:
    if SavedPayee.objects.filter(customer_id=customer_id, payee_key=key).exists():
        raise errors.AlreadyKept()


def _refuse_at_the_most(customer: BranchCustomer) -> None:
    if SavedPayee.objects.filter(customer_id=customer.user_id).count() >= MOST:
        raise errors.TooManyKept(most=MOST)


def _record(verb: str, row: SavedPayee, actor: Actor, **data: str) -> None:
    what = {"kind": row.kind, **data}
    record(verb, actor=actor, customer_id=row.customer_id, subject=f"payee:{row.id}", data=what)
