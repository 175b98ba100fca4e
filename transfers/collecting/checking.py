"""Money that came in against the books: each piece booked once as its state says; suspense is what waits there."""

from collections.abc import Iterator
from decimal import Decimal

from accounts.books.kinds import arriving
from accounts.models import Posting, PostingLeg
from transfers.collecting.kinds import CREDIT, GIVEN_BACK, MATCHED, SUSPENSE, UNCLAIMED
from transfers.models import Deposit, Incoming
from wekeza_portal.money import ZERO, format_kes

BATCH = 2000
Found = Iterator[tuple[str, str, str]]
State = Incoming.State
WANTED = {
    State.CREDITED: (CREDIT, None),
    State.SUSPENSE: (UNCLAIMED, None),
    State.SENDING: (UNCLAIMED, None),
    State.MATCHED: (UNCLAIMED, MATCHED),
    State.RETURNED: (UNCLAIMED, GIVEN_BACK),
}
"""Which posting took money in, and which took it out of suspense again."""


def differences() -> Found:
    """(kind, reference or account, words) of everything that does not tie."""
    kinds = dict(Posting.objects.filter(kind__in=arriving()).values_list("reference", "kind").iterator(BATCH))
    amounts = _amounts()
    for row in Incoming.objects.iterator(BATCH):
        taken_in, taken_out = WANTED[State(row.state)]
        booked = (kinds.pop(row.reference, None), kinds.pop(row.ended_reference, None) if row.ended_reference else None)
        if booked != (taken_in, taken_out):
            yield "money_in", row.reference, f"is {row.state}, and its postings say {booked[0]} and {booked[1]}"
        elif amounts.get(row.reference) != row.amount:
            yield "money_in", row.reference, f"is {format_kes(row.amount)}, and another amount was posted"
    for reference, kind in kinds.items():
        yield "money_in", reference, f"{kind} was posted for money that nobody told us of"
    yield from _suspense()
    yield from _deposits()


def _amounts() -> dict[str, Decimal]:
    """What each arriving posting took from where it came, by its reference."""
    legs = PostingLeg.objects.filter(posting__kind__in=arriving(), amount__lt=0)
    return {name: -amount for name, amount in legs.values_list("posting__reference", "amount").iterator(BATCH)}


def _suspense() -> Found:
    stands = sum(PostingLeg.objects.filter(internal_account=SUSPENSE).values_list("amount", flat=True), ZERO)
    waiting = Incoming.objects.filter(state__in=Incoming.WAITING)
    wanted = sum(waiting.values_list("amount", flat=True), ZERO)
    if stands != wanted:
        words = f"holds {format_kes(stands)}, the money that is nobody's makes {format_kes(wanted)}"
        yield "suspense_account", SUSPENSE, words


def _deposits() -> Found:
    """A deposit is received where money of its own is on an account, and only there."""
    credited = Incoming.objects.filter(deposit__isnull=False, state__in=[State.CREDITED, State.MATCHED])
    paid = set(credited.values_list("deposit_id", flat=True).iterator(BATCH))
    for pk, reference, state in Deposit.objects.values_list("pk", "reference", "state").iterator(BATCH):
        if state == Deposit.State.RECEIVED and pk not in paid:
            yield "deposit_without_money", reference, "is received, and no money of it is on an account"
