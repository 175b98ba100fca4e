"""What a confirmed payment is held against because of whom it goes to, inside its money operation.

One question without a lock where the receiver is known for a day; locks and more questions only where it is new.
"""

from typing import NamedTuple

from accounts.models import Instruction
from transfers.models import KnownPayee, ScamPause
from transfers.payees import kept, newness, pausing
from wekeza_portal import clock, sql

_FIRST_AT = KnownPayee._meta.get_field("first_at")
_AS_IT_STANDS = (
    "SELECT k.first_at > %s,"
    " EXISTS(SELECT 1 FROM portal_saved_payee s WHERE s.customer_id = k.customer_id AND s.payee_key = k.payee_key"
    " AND s.own_limit IS NOT NULL),"
    " EXISTS(SELECT 1 FROM portal_scam_pause p WHERE p.instruction_id = %s)"
    " FROM portal_known_payee k WHERE k.customer_id = %s AND k.payee_key = %s"
)


class _Standing(NamedTuple):
    """The receiver: first paid less than a day ago, given a limit of the customer's own, asked about as a scam."""

    is_new: bool = True
    has_own_limit: bool = True
    was_asked: bool = True


def take(instruction: Instruction) -> None:
    """Count the payment against the cap of a new receiver, and refuse what may not go to this one (yet).

    Raises AboveOwnLimit, accounts.instructions.Held or NewPayeeCap. Nothing between a customer's own accounts.
    """
    if not instruction.payee_key:
        return
    stands = _as_it_stands(instruction)
    if stands.has_own_limit:
        kept.refuse_above_own_limit(instruction.customer_id, instruction.payee_key, instruction.amount)
    if stands.is_new:
        _take_from_somebody_new(instruction)
    if stands.was_asked:
        pausing.close(instruction, ScamPause.Outcome.PAID)


def _as_it_stands(instruction: Instruction) -> _Standing:
    """Everything that could be in the way, in one statement; whoever was never paid may have all of it."""
    oldest = sql.prepared(_FIRST_AT, clock.now() - newness.NEW_FOR)
    this = sql.prepared(Instruction._meta.pk, instruction.id)
    rows = sql.run(_AS_IT_STANDS, [oldest, this, instruction.customer_id, instruction.payee_key])
    return _Standing(*map(bool, rows[0])) if rows else _Standing()


def _take_from_somebody_new(instruction: Instruction) -> None:
    if newness.take(instruction.customer, instruction.payee_key, instruction.amount):
        pausing.refuse_while_held(instruction, is_new=True)
