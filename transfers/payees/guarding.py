"""What a confirmed payment is held against because of whom it goes to, inside its money operation.

One question without a lock where the receiver is known for a day; locks and more questions only where it is new.
"""

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Instruction
from transfers.models import KnownPayee, SavedPayee, ScamPause
from transfers.payees import kept, newness, pausing
from wekeza_portal import clock


def take(instruction: Instruction) -> None:
    """Count the payment against the cap of a new receiver, and refuse what may not go to this one (yet).

    Raises AboveOwnLimit, accounts.instructions.Held or NewPayeeCap. Nothing between a customer's own accounts.
    """
    if not instruction.payee_key:
        return
    known = _as_it_stands(instruction)
    if known is None:
        kept.refuse_above_own_limit(instruction.customer_id, instruction.payee_key, instruction.amount)
    else:
        kept.refuse_above(known.own_limit, instruction.amount)  # type: ignore[attr-defined] # annotated above
    if known is None or clock.now() < known.first_at + newness.NEW_FOR:
        _take_from_somebody_new(instruction)
    if known is None or known.was_asked:  # type: ignore[attr-defined] # annotated above
        pausing.close(instruction, ScamPause.Outcome.PAID)


def _as_it_stands(instruction: Instruction) -> KnownPayee | None:
    """The receiver, with the customer's own limit and whether the scam question was asked, in one statement."""
    kept_as = SavedPayee.objects.filter(customer_id=OuterRef("customer_id"), payee_key=OuterRef("payee_key"))
    rows = KnownPayee.objects.filter(customer_id=instruction.customer_id, payee_key=instruction.payee_key)
    return rows.annotate(
        own_limit=Subquery(kept_as.values("own_limit")[:1]),
        was_asked=Exists(ScamPause.objects.filter(pk=instruction.id)),
    ).first()


def _take_from_somebody_new(instruction: Instruction) -> None:
    if newness.take(instruction.customer, instruction.payee_key, instruction.amount):
        pausing.refuse_while_held(instruction, is_new=True)
