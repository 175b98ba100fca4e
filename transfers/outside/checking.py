"""Payments out of the bank against the books: each ended as its state says, once; what waits is what stands there."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from accounts.books.kinds import PostingKind
from accounts.models import Instruction, Posting, PostingLeg
from transfers.models import Payment
from transfers.outside.amending import CAME_BACK
from transfers.outside.executing import FEES_PENDING, rail_account
from transfers.outside.kinds import KINDS
from wekeza_portal.money import ZERO, format_kes

BATCH = 2000
Found = Iterator[tuple[str, str, str]]
State = Payment.State


def differences() -> Found:
    """(kind, reference or account, words) of everything that does not tie."""
    yield from _ends()
    yield from _postings_without_payment()
    yield from _accounts()


def _ends() -> Found:
    steps = Instruction.objects.filter(kind=PostingKind.SETTLEMENT).values_list("payload", flat=True)
    settled = {payload["follows"] for payload in steps.iterator(BATCH)}
    undone = Posting.objects.filter(reverses__kind__in=KINDS)
    returned = set(undone.values_list("reverses__reference", flat=True).iterator(BATCH))
    late = set(undone.filter(kind=CAME_BACK).values_list("reverses__reference", flat=True))
    for reference, state in Payment.objects.values_list("reference", "state").iterator(BATCH):
        was = (reference in settled and reference not in late, reference in returned)
        if was == (True, True):
            yield "payment_ended_twice", reference, "was settled and given back"
        elif was != (state == State.SETTLED, state == State.RETURNED):
            ends = "settled" if was[0] else "given back" if was[1] else "neither settled nor given back"
            yield "payment_without_end", reference, f"is {state}, and its postings say {ends}"


def _postings_without_payment() -> Found:
    known = set(Payment.objects.values_list("reference", flat=True).iterator(BATCH))
    for reference in Posting.objects.filter(kind__in=KINDS).values_list("reference", flat=True).iterator(BATCH):
        if reference not in known:
            yield "payment_missing", reference, "left the bank, but no payment row carries it on"


def _accounts() -> Found:
    """What stands in the rails' accounts and in pending fees is what open payments make."""
    stands: dict[str, Decimal] = defaultdict(lambda: ZERO)
    legs = PostingLeg.objects.filter(account__isnull=True).values_list("internal_account", "amount")
    for name, amount in legs.iterator(BATCH):
        if name == FEES_PENDING or name.startswith("rail."):
            stands[name] += amount
    wanted: dict[str, Decimal] = defaultdict(lambda: ZERO)
    waiting = Payment.objects.filter(state__in=Payment.OPEN).values_list("rail", "amount", "fee")
    for rail, amount, fee in waiting.iterator(BATCH):
        wanted[rail_account(rail)] += amount
        wanted[FEES_PENDING] += fee
    for name in sorted(stands.keys() | wanted.keys()):
        if stands[name] != wanted[name]:
            words = f"holds {format_kes(stands[name])}, its open payments make {format_kes(wanted[name])}"
            yield "rail_account", name, words
