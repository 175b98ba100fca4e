"""What a confirmed payment is held against because of whom it goes to, inside its money operation.

One question without a lock where the receiver is known for a day; locks and more questions only where it is new.
"""

from datetime import datetime
from typing import NamedTuple

from accounts.models import Instruction
from transfers.models import KnownPayee, ScamPause
from transfers.payees import kept, newness, pausing, together
from transfers.payees.guards import guard_key
from wekeza_portal import clock, sql

_FIRST_AT = KnownPayee._meta.get_field("first_at")
_HELD_UNTIL = ScamPause._meta.get_field("held_until")
_AS_IT_STANDS = (
    "SELECT k.first_at > %s,"
    " EXISTS(SELECT 1 FROM portal_saved_payee s WHERE s.customer_id = k.customer_id AND s.guard_key = k.guard_key"
    " AND (s.own_limit IS NOT NULL OR s.renamed_to <> '')),"
    " EXISTS(SELECT 1 FROM portal_scam_pause h WHERE h.customer_id = k.customer_id AND h.guard_key = k.guard_key"
    " AND h.held_until > %s),"
    " EXISTS(SELECT 1 FROM portal_scam_pause p WHERE p.instruction_id = %s)"
    " FROM portal_known_payee k WHERE k.customer_id = %s AND k.guard_key = %s"
)


class _Standing(NamedTuple):
    """The person paid: known for less than a day, kept with a limit or named otherwise since, held; and whether this
    payment was asked about as a scam."""

    is_new: bool = True
    is_kept_apart: bool = True
    is_held: bool = True
    was_asked: bool = True


def take(instruction: Instruction) -> None:
    """Count the payment against the cap of a new receiver, and refuse what may not go to this one (yet).

    Raises AboveOwnLimit, NameChanged, accounts.instructions.Held, NewPayeeCap or NewInFilesCap. Nothing between a
    customer's own accounts.
    """
    if not instruction.payee_key:
        return
    stands = _as_it_stands(instruction)
    if stands.is_kept_apart:
        kept.refuse_above_own_limit(instruction.customer_id, instruction.payee_key, instruction.amount)
        kept.refuse_if_named_otherwise(instruction.customer_id, instruction.payee_key)
    if stands.is_new:
        _take_from_somebody_new(instruction)
    elif stands.is_held:
        pausing.refuse_while_held(instruction)
    if stands.was_asked:
        pausing.close(instruction, ScamPause.Outcome.PAID)


def _as_it_stands(instruction: Instruction) -> _Standing:
    """Everything that could be in the way, in one statement; whoever was never paid may have all of it."""
    now = clock.now()
    oldest, held_from = sql.prepared(_FIRST_AT, now - newness.NEW_FOR), sql.prepared(_HELD_UNTIL, now)
    this = sql.prepared(Instruction._meta.pk, instruction.id)
    who = [instruction.customer_id, guard_key(instruction.payee_key)]
    rows = sql.run(_AS_IT_STANDS, [oldest, held_from, this, *who])
    return _Standing(*map(bool, rows[0])) if rows else _Standing()


def _take_from_somebody_new(instruction: Instruction) -> None:
    if newness.take(instruction.customer, instruction.payee_key, instruction.amount):
        together.take(instruction)
        pausing.refuse_while_held(instruction, is_counted=True)


def given_back(instruction: Instruction, paid_at: datetime) -> None:
    """The money of a payment of `paid_at` is being given back: what it used of the caps for new people too."""
    if not instruction.payee_key:
        return
    who, amount = instruction.customer_id, instruction.amount
    if newness.give_back(who, instruction.payee_key, amount, paid_at=paid_at):
        together.give_back(instruction, paid_at)
