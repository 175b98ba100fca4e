"""What a service costs: the bank's dated fee in KES, excise duty inside."""

import logging
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Fee, Rate
from accounts.servicing.errors import NoPrice
from wekeza_portal.money import ZERO, round_half_up

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Price:
    """KES. `excise` is the duty inside `amount`, not on top. Free where `amount` is zero."""

    amount: Decimal
    excise: Decimal
    row_id: int

    @property
    def is_free(self) -> bool:
        return self.amount == ZERO

    def times(self, count: int, duty: Decimal) -> "Price":
        amount = self.amount * count
        return Price(amount, excise_inside(amount, duty), self.row_id)


def excise_inside(amount: Decimal, per_cent: Decimal) -> Decimal:
    """KES of duty inside an amount that includes it, rounded half up to the cent."""
    return round_half_up(amount * per_cent / (100 + per_cent))


def prices(codes: list[str], on: date) -> dict[str, Price]:
    """The fees in force on `on` (Nairobi), those that there are, with two queries."""
    duty = duty_on(on)
    newest: dict[str, Fee] = {}
    rows = Fee.objects.filter(code__in=codes, effective_from__lte=on)
    for row in rows.order_by("effective_from", "id"):
        newest[row.code] = row
    sound = {code: row for code, row in newest.items() if duty is not None and row.amount >= 0}
    return {code: Price(row.amount, excise_inside(row.amount, duty or ZERO), row.pk) for code, row in sound.items()}


def price_of(code: str, on: date, *, count: int = 1) -> Price:
    """The fee for `count` of them. Raises NoPrice where none is in force."""
    found, duty = prices([code], on).get(code), duty_on(on) if count != 1 else ZERO
    if found is None or duty is None:
        logger.error("there is no %s fee in force on %s", code, on)
        raise NoPrice()
    return found if count == 1 else found.times(count, duty)


def duty_on(on: date) -> Decimal | None:
    """Per cent of excise duty inside such fees; None where the bank has set none."""
    rates = Rate.objects.filter(code=Rate.Code.EXCISE_OTHER, effective_from__lte=on)
    row = rates.order_by("-effective_from", "-id").first()
    return row.per_cent if row is not None else None
