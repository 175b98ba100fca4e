"""Every way in one line: how long it takes and what it costs today, for whoever asks before signing in."""

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from accounts.models import Fee, FeeBand
from transfers.destinations import Kind
from transfers.outside.kinds import KINDS
from transfers.pricing import NoFee
from transfers.tariff import TITLES, Price, Tariff, tariff
from wekeza_portal import clock
from wekeza_portal.money import ZERO

AT_ONCE = _("At once, day and night.")
_FLAT: tuple[tuple[str, Any], ...] = (
    (Fee.Code.INTERNAL_TRANSFER, AT_ONCE),
    (Fee.Code.BANK_TRANSFER, KINDS[Kind.BANK_TRANSFER].arrives),
    (Fee.Code.BANK_BY_PHONE, KINDS[Kind.BANK_BY_PHONE].arrives),
    (Fee.Code.BILL_PAYMENT, KINDS[Kind.BILL_PAYMENT].arrives),
    (Fee.Code.AIRTIME, KINDS[Kind.AIRTIME].arrives),
    (Fee.Code.CDSC_TRANSFER, KINDS[Kind.CDSC_TRANSFER].arrives),
)


@dataclass(frozen=True, slots=True)
class InShort:
    """One way. `least` and `most` are what one payment costs, KES all-in, by its amount; equal for a flat price."""

    title: Any
    arrives: Any
    least: Any = ZERO
    most: Any = ZERO


def ways_in_short() -> list[InShort]:
    """At today's prices; [] where the bank has set none, for half a list would mislead, or the database is away."""
    try:
        today = tariff(clock.today())
    except (NoFee, DatabaseError):
        return []
    bands = [band.fee for band in today.bands]
    phone = InShort(TITLES[FeeBand.Code.MOBILE_MONEY], KINDS[Kind.MOBILE_MONEY].arrives, min(bands), max(bands))
    flat = [InShort(price.title, arrives, price.fee, price.fee) for price, arrives in _priced(today)]
    return [InShort(_("Between your own accounts"), AT_ONCE), flat[0], phone, *flat[1:]]


def _priced(today: Tariff) -> list[tuple[Price, Any]]:
    by_title = {id(price.title): price for price in today.prices}
    return [(by_title[id(TITLES[code])], arrives) for code, arrives in _FLAT]
