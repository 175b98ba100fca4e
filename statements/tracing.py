"""From movements to the payments behind them: conditions for the filter, and what is told beside each row.

Everything is scoped to one customer: what a payment was made for is known to its payer alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.ledger import PostingKind
from accounts.models import BranchCustomer, Instruction, PostingLeg
from accounts.movements import Movement
from statements import searching
from transfers import phones
from transfers.addresses import PAGES, address_like
from transfers.collecting.kinds import CREDITS
from transfers.models import Incoming, Payment
from transfers.outside.rails import TITLES
from transfers.rules import same_name
from wekeza_portal import crypto
from wekeza_portal.errors import PortalError

ON_ITS_WAY, RETURNED, DONE = "on-its-way", "returned", "done"
STATES = [("", _("In any state")), (DONE, _("Confirmed")), (ON_ITS_WAY, _("On its way")), (RETURNED, _("Returned"))]
BRANCH, WEKEZA, MPESA = "branch", "wekeza", "MPESA"
INSIDE = (PostingKind.TRANSFER_INTERNAL, PostingKind.TRANSFER_OWN)
PAYEES_OFFERED = 100
_NAMED = ("to_name", "to_at", "to_number", "note")
_NUMBERS = ("msisdn", "account", "cds_number")
"""What a destination is known by at its rail, without the blanks that are shown."""


@dataclass(frozen=True, slots=True)
class PaidPayee:
    """Somebody the customer paid, as the filter offers them. `value` says nothing about who it is."""

    value: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one movement beyond its row. `payment_id` only of the customer's own payments."""

    state: Any
    payment_id: UUID | None = None
    payee: str = ""
    receipt_url: str = ""
    """The receipt of money that came in."""
    again_url: str = ""
    """Where the same payment is filled in again."""


def rail_choices() -> list[tuple[str, Any]]:
    """How money went: over the counter, inside the bank, or over one of the rails."""
    return [
        ("", _("By any way")),
        (BRANCH, _("At a branch, agent or by the bank")),
        (WEKEZA, _("Inside Wekeza")),
        *TITLES.items(),
    ]


def payees_of(customer: BranchCustomer) -> list[PaidPayee]:
    """Whom the customer paid through the portal, by name; the latest hundred."""
    paid = Instruction.objects.filter(customer_id=customer.user_id, state=Instruction.State.POSTED).exclude(
        payee_key=""
    )
    latest = paid.values("payee_key").annotate(last=Max("posted_at")).order_by("-last").values("last")[:PAYEES_OFFERED]
    rows = paid.filter(posted_at__in=[row["last"] for row in latest]).values_list("payee_key", "payload")
    found = {key: PaidPayee(_sealed(key), key, _label(payload)) for key, payload in rows}
    return sorted(found.values(), key=lambda payee: payee.label.casefold())


def _sealed(key: str) -> str:
    """A payee's key holds a fingerprint of a person: it stands in no address."""
    return crypto.keyed_digest("history-payee", key)[:16]


def _label(payload: dict[str, Any], said: str | None = "") -> str:
    """Name and number. Where the rail named somebody else when it arrived, who that is, and then what was written."""
    name = payload.get("to_name", "")
    if said and not same_name(said, name):
        name = f"{said} ({name})" if name else said
    name = name or payload.get("to_at", "")
    return " ".join(part for part in (name, payload.get("to_number", "")) if part)


def in_state(customer: BranchCustomer, state: str) -> Q:
    """Rows of payments in this state of STATES; what the branch wrote is done."""
    own = Payment.objects.filter(customer_id=customer.user_id)
    on_its_way = _rows_of(own.filter(state__in=Payment.OPEN).values("id"))
    if state == ON_ITS_WAY:
        return on_its_way
    taken_back = PostingLeg.objects.filter(transaction_id=OuterRef("transaction_id"))
    returned = Q(Exists(taken_back.filter(Q(posting__reverses__isnull=False) | Q(posting__reversed_by__isnull=False))))
    return returned if state == RETURNED else ~on_its_way & ~returned


def by_rail(customer: BranchCustomer, rail: str) -> Q:
    """Rows that moved this way, of `rail_choices`."""
    if rail == BRANCH:
        return ~Q(Exists(PostingLeg.objects.filter(transaction_id=OuterRef("transaction_id"))))
    if rail == WEKEZA:
        legs = PostingLeg.objects.filter(transaction_id=OuterRef("transaction_id"), posting__kind__in=INSIDE)
        return Q(Exists(legs))
    out = _rows_of(Payment.objects.filter(customer_id=customer.user_id, rail=rail).values("id"))
    return out | _rows_of(_came_in(customer).values("instruction_id")) if rail == MPESA else out


def to_payee(customer: BranchCustomer, payee_key: str) -> Q:
    """Rows of the customer's payments to this receiver, with their fees and returns."""
    return _rows_of(_own(customer).filter(payee_key=payee_key).values("id"))


def with_words(customer: BranchCustomer, text: str) -> Q:
    """Rows of the customer's payments whose payee, place, number, note or receipt holds the text.

    Only what the payer was shown is looked at: the full name behind a masked one can't be found by trying letters.
    """
    named = reduce(or_, (Q(**{f"payload__{name}__icontains": text}) for name in _NAMED))
    number = _as_phone(text)
    if number:
        named |= Q(payload__values__msisdn=number) | Q(payload__values__account=number)
    digits = searching.digits_of(text)
    if digits:
        named |= Q(payload__to_number__icontains=digits)
        named |= reduce(or_, (Q(**{f"payload__values__{name}__icontains": digits}) for name in _NUMBERS))
    arrived = Q(receiver_name__icontains=text, state=Payment.State.SETTLED)  # shown since
    receipts = Payment.objects.filter(Q(receipt__icontains=text) | arrived, customer_id=customer.user_id)
    came_in = _came_in(customer).filter(receipt__icontains=text)
    rows = (_own(customer).filter(named).values("id"), receipts.values("id"), came_in.values("instruction_id"))
    return reduce(or_, map(_rows_of, rows))


def _came_in(customer: BranchCustomer) -> QuerySet[Incoming]:
    return Incoming.objects.filter(customer_id=customer.user_id, instruction_id__isnull=False)


def _as_phone(text: str) -> str:
    try:
        return phones.msisdn(text)
    except PortalError:
        return ""


def _own(customer: BranchCustomer) -> QuerySet[Instruction]:
    return Instruction.objects.filter(customer_id=customer.user_id, state=Instruction.State.POSTED)


def _rows_of(instruction_ids: QuerySet[Any, Any]) -> Q:
    """The rows these payments wrote, and those that gave them back."""
    legs = PostingLeg.objects.filter(transaction_id__isnull=False)
    paid = legs.filter(posting__instruction_id__in=instruction_ids)
    returned = legs.filter(posting__reverses__instruction_id__in=instruction_ids)
    return Q(transaction_id__in=paid.values("transaction_id")) | Q(transaction_id__in=returned.values("transaction_id"))


def traces(customer: BranchCustomer, movements: Sequence[Movement]) -> dict[int, Trace]:
    """What is known of these rows, by their id; rows the branch wrote are not in it."""
    legs = PostingLeg.objects.filter(transaction_id__in=[movement.row_id for movement in movements])
    columns = ("posting__instruction_id", "posting__reverses__instruction_id", "posting__reversed_by__id")
    return traces_of(customer, [Behind(*row) for row in legs.values_list("transaction_id", *columns)])


class Behind(NamedTuple):
    """A row, the instruction whose posting wrote it, the one this gave back, and the posting that gave it back."""

    row_id: int
    paid: UUID
    gave_back: UUID | None
    reversed_by: int | None

    @property
    def instruction_id(self) -> UUID:
        return self.gave_back or self.paid


def traces_of(customer: BranchCustomer, rows: Sequence[Behind]) -> dict[int, Trace]:
    """The same for rows whose postings are known already. One query."""
    outside = Payment.objects.filter(pk=OuterRef("pk"))
    own = _own(customer).filter(pk__in={row.instruction_id for row in rows})
    own = own.annotate(life=Subquery(outside.values("state")), said=Subquery(outside.values("receiver_name")))
    known = {instruction.pk: instruction for instruction in own}
    return {row.row_id: _trace(known.get(row.instruction_id), row) for row in rows}


def _trace(instruction: Any, row: Behind) -> Trace:
    """`instruction` is one of the customer's own, with its payment's state as `life` and the receiver's name there as
    `said`, or None: somebody else's."""
    is_back = bool(row.gave_back or row.reversed_by)
    if instruction is None:
        return Trace(_state_words(None, is_returned=is_back))
    if instruction.kind in CREDITS:
        address = reverse("received", args=[instruction.payload["incoming"]])
        return Trace(_("Done"), payee=_label(instruction.payload), receipt_url=address)
    return Trace(
        state=_state_words(instruction.life, is_returned=is_back),
        payment_id=instruction.pk,
        payee=_label(instruction.payload, instruction.said if instruction.life == Payment.State.SETTLED else ""),
        again_url=again_url(instruction),
    )


def again_url(instruction: Instruction) -> str:
    """The form with this payment's receiver, amount and note in it; "" for kinds that have none."""
    return address_like(instruction) if instruction.kind in PAGES else ""


def _state_words(state: str | None, *, is_returned: bool) -> Any:
    if is_returned:
        return Payment.State.RETURNED.label
    return Payment.State(state).label if state else Payment.State.SETTLED.label


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A payment whose end is not known yet. KES without the fee."""

    payment_id: UUID
    payee: str
    amount: Decimal
    state: Any
    since: Any


def on_their_way(customer: BranchCustomer, most: int = 20) -> list[OnItsWay]:
    """The customer's payments that are still to be confirmed or returned, newest first."""
    open_ones = Payment.objects.filter(customer_id=customer.user_id, state__in=Payment.OPEN).order_by("-received_at")
    rows = list(open_ones[:most])
    payloads = (
        dict(Instruction.objects.filter(pk__in=[row.pk for row in rows]).values_list("id", "payload")) if rows else {}
    )
    return [
        OnItsWay(row.pk, _label(payloads.get(row.pk, {})), row.amount, Payment.State(row.state).label, row.received_at)
        for row in rows
    ]
