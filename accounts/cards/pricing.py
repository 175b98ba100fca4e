"""What a card in the place of a lost one costs, and a courier: the bank's dated fees, excise duty inside."""

import logging
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.cards.errors import CardRefused
from accounts.models import Fee, Rate
from wekeza_portal.money import round_half_up

logger = logging.getLogger(__name__)


class NoCardFee(CardRefused):
    """A missing price must stop the order, not make it free."""

    code = "no_card_fee"
    message = _("The bank has set no price for this, so it can't be ordered now. Nothing was paid.")


@dataclass(frozen=True, slots=True)
class Price:
    """KES. `excise` is the duty inside `amount`, not on top."""

    amount: Decimal
    excise: Decimal
    row_id: int


def replacement(on: date) -> Price:
    """The fee in force on `on` (Nairobi). Raises NoCardFee where there is none."""
    return _price(Fee.Code.CARD_REPLACEMENT, on)


def courier(on: date) -> Price:
    """What bringing a card home costs. Raises NoCardFee where no fee is in force."""
    return _price(Fee.Code.CARD_COURIER, on)


def together(first: Price, second: Price | None) -> Price:
    """Both in one payment, under the row of the first; each has its duty inside, rounded by itself."""
    if second is None:
        return first
    return Price(first.amount + second.amount, first.excise + second.excise, first.row_id)


def _price(code: str, on: date) -> Price:
    fees = Fee.objects.filter(code=code, effective_from__lte=on)
    rates = Rate.objects.filter(code=Rate.Code.EXCISE_OTHER, effective_from__lte=on)
    row, duty = fees.order_by("-effective_from", "-id").first(), rates.order_by("-effective_from", "-id").first()
    if row is None or duty is None or row.amount <= 0:
        logger.error("there is no %s fee in force on %s", code, on)
        raise NoCardFee()
    return Price(row.amount, round_half_up(row.amount * duty.per_cent / (100 + duty.per_cent)), row.pk)
