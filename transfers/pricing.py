"""What a payment costs, from the dated rows of the bank. One `quote()` feeds form, review, receipt and statement."""

import logging
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import Fee, FeeBand, Rate
from transfers.destinations import Kind
from transfers.errors import TransferRefused
from wekeza_portal import sql
from wekeza_portal.money import ZERO, round_half_up

logger = logging.getLogger(__name__)

_fees = sql.Rows(Fee)
FLAT = {
    Kind.BANK_TRANSFER: Fee.Code.BANK_TRANSFER,
    Kind.BANK_BY_PHONE: Fee.Code.BANK_BY_PHONE,
    Kind.BILL_PAYMENT: Fee.Code.BILL_PAYMENT,
    Kind.CDSC_TRANSFER: Fee.Code.CDSC_TRANSFER,
    Kind.AIRTIME: Fee.Code.AIRTIME,
}


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one payment in KES. `fee` is all-in: `excise` is the duty inside it, not on top."""

    amount: Decimal
    fee: Decimal
    excise: Decimal
    row_id: int
    """The portal_fee row, or the portal_fee_band row of kinds priced by band."""

    @property
    def total(self) -> Decimal:
        return self.amount + self.fee


class NoFee(TransferRefused):
    """The bank has set no price for this: a missing price must stop money, not make it free."""

    code = "no_fee"
    field = "amount"
    message = _("The bank has set no price for this amount, so it can't be sent now. Nothing was sent.")


def internal_fee(on: date) -> Fee:
    """The fee row in force on `on` (EAT date) for a transfer to somebody else's Wekeza account. Raises NoFee."""
    return _flat(Fee.Code.INTERNAL_TRANSFER, on)


def quote(kind: str, amount: Decimal, on: date) -> Quote:
    """What a payment of this kind out of the bank costs on `on` (EAT date).

    Raises NoFee where no row is in force or the amount is above the highest band.
    """
    row = _row(kind, amount, on)
    return Quote(amount=amount, fee=row.amount, excise=excise_inside(row.amount, excise_rate(on)), row_id=row.pk)


def deposit_quote(amount: Decimal, on: date) -> Quote:
    """What it costs to bring `amount` KES in from the customer's own M-Pesa on `on` (EAT date). Raises NoFee."""
    row = _flat(Fee.Code.MOBILE_DEPOSIT, on)
    return Quote(amount=amount, fee=row.amount, excise=excise_inside(row.amount, excise_rate(on)), row_id=row.pk)


def fee(kind: str, amount: Decimal, on: date) -> Decimal:
    """The all-in fee of `quote` alone, for comparing. Raises NoFee."""
    return _row(kind, amount, on).amount


def tariff(on: date) -> list[FeeBand]:
    """The bands of mobile money in force on `on`, lowest first. Raises NoFee."""
    return _bands(FeeBand.Code.MOBILE_MONEY, on)


def excise_rate(on: date) -> Decimal:
    """Per cent of excise duty inside fees for moving money, in force on `on`. Raises NoFee."""
    rows = Rate.objects.filter(code=Rate.Code.EXCISE_TRANSFERS, effective_from__lte=on)
    row = rows.order_by("-effective_from", "-id").first()
    if row is None:
        raise missing(f"excise rate in force on {on}")
    return row.per_cent


def excise_inside(fee: Decimal, per_cent: Decimal) -> Decimal:
    """The duty inside an all-in fee: fee x rate / (100 + rate), half-up to the cent. Source: Finance Act 2023."""
    return round_half_up(fee * per_cent / (100 + per_cent)) if fee else ZERO


def _row(kind: str, amount: Decimal, on: date) -> Fee | FeeBand:
    if kind == Kind.MOBILE_MONEY:
        return _band(FeeBand.Code.MOBILE_MONEY, amount, on)
    return _flat(FLAT[Kind(kind)], on)


def _flat(code: str, on: date) -> Fee:
    begins = sql.prepared(Fee._meta.get_field("effective_from"), on)
    newest = "code = %s AND effective_from <= %s ORDER BY effective_from DESC, id DESC LIMIT 1"
    for row in _fees.where(newest, [code, begins]):
        return row
    raise missing(f"{code} fee in force on {on}")


def _band(code: str, amount: Decimal, on: date) -> FeeBand:
    for band in _bands(code, on):
        if amount <= band.up_to:
            return band
    raise NoFee()


def _bands(code: str, on: date) -> list[FeeBand]:
    """The newest whole tariff that has begun."""
    rows = list(FeeBand.objects.filter(code=code, effective_from__lte=on).order_by("-effective_from", "up_to"))
    if not rows:
        raise missing(f"{code} tariff in force on {on}")
    return [row for row in rows if row.effective_from == rows[0].effective_from]


def missing(what: str) -> NoFee:
    """The refusal where a price is missing. Staff have to learn of it: until then nothing of this kind can be sent."""
    logger.error("there is no %s", what)
    return NoFee()
