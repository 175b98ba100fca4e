"""How much may go to a person in the first 24 hours: a stranger's number is where stolen money goes.

A receiver is given by its payee key; what counts is the person behind it (transfers.payees.guards).

The counter is locked with the money. What comes back is given back. Source: the dated row NEW_PAYEE_DAY.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BranchCustomer, Instruction, Limit, Posting
from transfers.errors import TransferRefused
from transfers.models import KnownPayee
from transfers.payees.guards import guard_key, reached_by
from wekeza_portal import clock
from wekeza_portal.money import ZERO, format_kes

NEW_FOR = timedelta(hours=24)


class NewPayeeCap(TransferRefused):
    """More than may go to somebody new. `left` is what would still pass."""

    code = "new_payee_cap"
    field = "amount"
    message = _(
        "To somebody new you can send up to %(left)s in the first 24 hours (the most is %(cap)s). "
        "For more, wait until tomorrow or visit any branch with your ID."
    )


class WholeNewPayeeCap(NewPayeeCap):
    """Likewise where nothing of the cap is used: both figures are the same."""

    message = _(
        "To somebody new you can send up to %(cap)s in the first 24 hours. "
        "For more, wait until tomorrow or visit any branch with your ID."
    )


@dataclass(frozen=True, slots=True)
class Room:
    """What may still go to a receiver while it is new: KES left of the cap, and until when (EAT) the cap holds."""

    left: Decimal
    cap: Decimal
    until: datetime


def room(customer: BranchCustomer, payee_key: str, cap: Decimal | None = None, *, was_paid: bool = True) -> Room | None:
    """What the cap still lets through; None once the receiver is known for 24 hours. For showing.

    `cap` KES where it is known already, with other limits asked for once. `was_paid` is False where it is known that
    nothing was ever paid to it, which saves a question.
    """
    now = clock.now()
    row = _rows(customer.user_id, payee_key).first()
    paid_since = _paid_since(customer.user_id, payee_key) if row is None and was_paid else None
    since = row.first_at if row else paid_since or now
    if now >= since + NEW_FOR:
        return None
    if cap is None:
        cap = limits.value(Limit.Code.NEW_PAYEE_DAY, tier=customer.kyc_tier, on=now.date())
    used = row.first_day_sum if row else ZERO
    return Room(left=max(cap - used, ZERO), cap=cap, until=since + NEW_FOR)


def refuse_above_cap(customer: BranchCustomer, payee_key: str, amount: Decimal) -> None:
    """Raises NewPayeeCap. Asked when a payment is prepared; `take` decides under the lock."""
    if not payee_key:
        return
    left = room(customer, payee_key)
    if left is not None and amount > left.left:
        raise _above_cap(left.left, left.cap)


def _above_cap(left: Decimal, cap: Decimal) -> NewPayeeCap:
    return (NewPayeeCap if left < cap else WholeNewPayeeCap)(left=format_kes(left), cap=format_kes(cap))


def take(customer: BranchCustomer, payee_key: str, amount: Decimal) -> bool:
    """Count `amount` KES against the cap, under the receiver's row lock, inside the money operation; whether it is new.

    Raises NewPayeeCap. Nothing for the customer's own accounts (no key) and receivers known longer.
    """
    if not payee_key:
        return False
    row = _locked(customer.user_id, payee_key)
    now = clock.now()
    if now >= row.first_at + NEW_FOR:
        return False
    cap = limits.value(Limit.Code.NEW_PAYEE_DAY, tier=customer.kyc_tier, on=now.date())
    left = max(cap - row.first_day_sum, ZERO)
    if amount > left:
        raise _above_cap(left, cap)
    row.first_day_sum += amount
    row.save(update_fields=["first_day_sum"])
    return True


def give_back(customer_id: int, payee_key: str, amount: Decimal, *, paid_at: datetime) -> bool:
    """Undo `take` for a payment of `paid_at` that came back, never below zero; whether it was counted at all."""
    row = _rows(customer_id, payee_key).select_for_update().first()
    if row is None or paid_at >= row.first_at + NEW_FOR:
        return False
    row.first_day_sum = max(row.first_day_sum - amount, ZERO)
    row.save(update_fields=["first_day_sum"])
    return True


def known_among(customer_id: int, guards: Iterable[str]) -> dict[str, KnownPayee]:
    """What is written down of each of these persons, by guard key."""
    rows = KnownPayee.objects.filter(customer_id=customer_id, guard_key__in=set(guards))
    return {row.guard_key: row for row in rows}


def new_among(customer_id: int, payee_keys: Iterable[str], known: Mapping[str, KnownPayee]) -> set[str]:
    """Those of the receivers never paid by this customer, or known for less than 24 hours.

    In two questions however many they are; `known` of `known_among`. What was paid and came back makes nobody known.
    """
    guards = {key: guard_key(key) for key in payee_keys}
    posted = Instruction.objects.filter(
        reached_by(guards.values()), customer_id=customer_id, state=Instruction.State.POSTED
    )
    stands = Posting.objects.filter(instruction_id=OuterRef("id"), reversed_by__isnull=True)
    paid = {guard_key(key) for key in posted.filter(Exists(stands)).values_list("payee_key", flat=True).distinct()}
    since = _first_of(posted) | {guard: row.first_at for guard, row in known.items()}
    now = clock.now()
    return {key for key, guard in guards.items() if guard not in paid or now < since[guard] + NEW_FOR}


def sent_while_new(row: KnownPayee) -> Decimal:
    """KES that went so far to a person who is known for less than 24 hours; nothing for others."""
    return row.first_day_sum if clock.now() < row.first_at + NEW_FOR else ZERO


def _first_of(posted: QuerySet[Instruction]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for key, first in posted.values("payee_key").annotate(first=Min("posted_at")).values_list("payee_key", "first"):
        guard = guard_key(key)
        found[guard] = min(first, found.get(guard, first))
    return found


def begin(customer_id: int, payee_key: str) -> None:
    """The 24 hours begin now, if they have not begun before: a receiver was kept, or is about to be paid."""
    since = _paid_since(customer_id, payee_key) or clock.now()
    row = KnownPayee(customer_id=customer_id, guard_key=guard_key(payee_key), first_at=since, first_day_sum=ZERO)
    KnownPayee.objects.bulk_create([row], ignore_conflicts=True)


def _rows(customer_id: int, payee_key: str) -> QuerySet[KnownPayee]:
    return KnownPayee.objects.filter(customer_id=customer_id, guard_key=guard_key(payee_key))


def _locked(customer_id: int, payee_key: str) -> KnownPayee:
    rows = _rows(customer_id, payee_key).select_for_update()
    found = rows.first()
    if found is None:
        begin(customer_id, payee_key)
        found = rows.get()
    return found


def _paid_since(customer_id: int, payee_key: str) -> datetime | None:
    """When this person was first paid, for those paid before this counter existed."""
    posted = Instruction.objects.filter(
        reached_by([guard_key(payee_key)]), customer_id=customer_id, state=Instruction.State.POSTED
    )
    first: datetime | None = posted.aggregate(first=Min("posted_at"))["first"]
    return first
