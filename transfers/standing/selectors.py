"""What the pages of standing orders show. Every query is scoped to the signed-in customer."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer
from transfers.models import Payment, StandingOrder, StandingRun
from transfers.outside.selectors import typed_again
from transfers.standing import reasons
from transfers.standing.wording import ending, when
from wekeza_portal import clock
from wekeza_portal.calendar import Calendar
from wekeza_portal.money import ZERO
from wekeza_portal.recurrence import Occurrence, between, occurrences

AHEAD = 5
MONTH = timedelta(days=30)
MOST_RUNS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One order in the list, with its days in words."""

    order: StandingOrder
    when: str
    ending: str
    waits: bool = False
    """Whether a date of it waits for another try, its last one perhaps."""

    @property
    def goes_on(self) -> bool:
        return self.waits or self.order.state != StandingOrder.State.ENDED


@dataclass(frozen=True, slots=True)
class PastRun:
    """One date that has passed, with what became of its payment outside the bank ("" where it stayed inside)."""

    run: StandingRun
    why: str
    payment_state: str


def line_of(order: StandingOrder, *, waits: bool = False) -> Line:
    return Line(order, when(order.rhythm, order.begins), ending(order.until, order.times), waits)


def orders_of(customer: BranchCustomer) -> list[Line]:
    """The customer's orders: those that go on first, soonest first, then what has ended, latest first."""
    rows = StandingOrder.objects.filter(customer_id=customer.user_id, fingerprint=fingerprint(customer))
    going = sorted((row for row in rows if row.next_due), key=lambda row: (row.next_due or date.max, row.pk))
    over = sorted((row for row in rows if not row.next_due), key=lambda row: -row.pk)
    tried_again = StandingRun.objects.filter(state=StandingRun.State.WAITING, order__customer_id=customer.user_id)
    waiting = set(tried_again.values_list("order_id", flat=True))
    return [line_of(row, waits=row.pk in waiting) for row in [*going, *over]]


def next_dates(order: StandingOrder, days: Calendar, most: int = AHEAD) -> list[Occurrence]:
    """The next dates of an order that is going on."""
    if order.next_nominal is None:
        return []
    nominal = order.next_nominal
    ahead = occurrences(order.rule, days, nominal - timedelta(days=14))
    return list(islice((one for one in ahead if one.nominal >= nominal), most))


def leaving_by_itself(lines: Iterable[Line], days: Calendar) -> Decimal:
    """KES that active orders pay in the next 30 days; between own accounts it leaves nobody and is left out."""
    today, total = clock.today(), ZERO
    for order in (line.order for line in lines):
        if order.state == StandingOrder.State.ACTIVE and order.pays and order.payee_key and order.next_nominal:
            coming = between(order.rule, days, today, today + MONTH)
            total += order.amount * sum(one.nominal >= order.next_nominal for one in coming)
    return total


def runs_of(order: StandingOrder, since: datetime | None = None) -> list[PastRun]:
    """What came of its dates, latest first; none from before `since`."""
    rows = order.runs.filter(nominal__gte=since.date()) if since else order.runs.all()
    runs = list(rows.order_by("-nominal")[:MOST_RUNS])
    ids = [run.instruction_id for run in runs if run.instruction_id]
    paid = Payment.objects.filter(pk__in=ids, customer_id=order.customer_id)
    states: dict[uuid.UUID | None, str] = dict(paid.values_list("pk", "state"))
    return [PastRun(run, reasons.words(run.reason, run.notice), states.get(run.instruction_id, "")) for run in runs]


def typed_of(customer: BranchCustomer, text: str, kind: str = "") -> dict[str, Any] | None:
    """The fields of a payment's form as an order fills them; None when there is no such order of this kind."""
    try:
        public_id = uuid.UUID(text)
    except ValueError:
        return None
    order = StandingOrder.objects.filter(public_id=public_id, customer_id=customer.user_id).first()
    if order is None or order.fingerprint != fingerprint(customer) or kind not in ("", order.kind):
        return None
    return {**fields_of(order), "biller": order.payload.get("values", {}).get("biller", "")}


def fields_of(order: StandingOrder) -> dict[str, Any]:
    """The fields of the form of this kind of payment."""
    if "values" in order.payload:
        return typed_again(order)
    payload = order.payload
    return {
        "from_account": payload["from_number"],
        "to_account": payload["to_number"],
        "amount": f"{order.amount:,.2f}",
        "note": payload["note"],
    }
