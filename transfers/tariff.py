"""The bank's price list for moving money, from the dated rows: what is in force on a day and what will change after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from accounts.models import Fee, FeeBand, Rate
from transfers.pricing import excise_inside, missing
from wekeza_portal.money import ZERO

Row = TypeVar("Row", Fee, FeeBand, Rate)

TITLES: dict[str, Any] = {
    Fee.Code.INTERNAL_TRANSFER: _("To a Wekeza customer"),
    Fee.Code.BANK_TRANSFER: _("To another bank"),
    Fee.Code.BANK_BY_PHONE: _("To a bank account by phone number"),
    Fee.Code.BILL_PAYMENT: _("Paying a bill"),
    Fee.Code.CDSC_TRANSFER: _("To a stockbroker"),
    Fee.Code.AIRTIME: _("Airtime"),
    Fee.Code.MOBILE_DEPOSIT: _("Deposit from M-Pesa"),
    FeeBand.Code.MOBILE_MONEY: _("To a phone"),
}


@dataclass(frozen=True, slots=True)
class Price:
    """One line: KES all-in and the excise duty inside it. `up_to` KES for a band."""

    title: Any
    fee: Decimal
    excise: Decimal
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What will hold from a day on: new prices, or a new rate of the duty in per cent."""

    on: date
    prices: Sequence[Price] = ()
    bands: Sequence[Price] = ()
    excise_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """Everything that is charged for moving money on one day."""

    prices: Sequence[Price]
    bands: Sequence[Price]
    excise_rate: Decimal
    since: date
    """The youngest day on which something of it changed."""
    changes: Sequence[Change] = field(default=())


def tariff(on: date) -> Tariff:
    """The price list of `on` (EAT date). Raises pricing.NoFee where a price is missing: half a list would mislead."""
    fees = list(Fee.objects.order_by("effective_from", "id"))
    bands = list(FeeBand.objects.filter(code=FeeBand.Code.MOBILE_MONEY).order_by("effective_from", "up_to"))
    rates = list(Rate.objects.filter(code=Rate.Code.EXCISE_TRANSFERS).order_by("effective_from", "id"))
    flat = {code: _in_force([row for row in fees if row.code == code], on) for code in _flat_codes()}
    rate = _in_force(rates, on)
    table = _table(bands, on)
    used: list[Any] = [*flat.values(), rate, *table]
    return Tariff(
        prices=[_price(row, rate) for row in flat.values()],
        bands=[_price(row, rate) for row in table],
        excise_rate=rate.per_cent,
        since=max(row.effective_from for row in used),
        changes=_changes(fees, bands, rates, on),
    )


def _flat_codes() -> list[str]:
    return [code for code in Fee.Code.values if code in TITLES]


def _changes(fees: Sequence[Fee], bands: Sequence[FeeBand], rates: Sequence[Rate], after: date) -> list[Change]:
    known = [row for row in fees if row.code in TITLES]
    rows: list[Any] = [*known, *bands, *rates]
    return [_change(day, known, bands, rates) for day in sorted({r.effective_from for r in rows} - _past(rows, after))]


def _past(rows: Iterable[Any], after: date) -> set[date]:
    return {row.effective_from for row in rows if row.effective_from <= after}


def _change(day: date, fees: Sequence[Fee], bands: Sequence[FeeBand], rates: Sequence[Rate]) -> Change:
    rate = _in_force(rates, day)
    return Change(
        on=day,
        prices=[_price(row, rate) for row in fees if row.effective_from == day],
        bands=[_price(row, rate) for row in bands if row.effective_from == day],
        excise_rate=rate.per_cent if rate.effective_from == day else None,
    )


def _table(bands: Sequence[FeeBand], on: date) -> list[FeeBand]:
    begun = [row for row in bands if row.effective_from <= on]
    if not begun:
        raise missing(f"tariff of mobile money in force on {on}")
    return [row for row in begun if row.effective_from == begun[-1].effective_from]


def _in_force(rows: Sequence[Row], on: date) -> Row:
    """The last of `rows` (oldest first) that has begun."""
    begun = [row for row in rows if row.effective_from <= on]
    if not begun:
        raise missing(f"price or rate in force on {on}")
    return begun[-1]


def _price(row: Fee | FeeBand, rate: Rate) -> Price:
    up_to = row.up_to if isinstance(row, FeeBand) else None
    excise = excise_inside(row.amount, rate.per_cent) if row.amount else ZERO
    return Price(TITLES[row.code], row.amount, excise, up_to)
