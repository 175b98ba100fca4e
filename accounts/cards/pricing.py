"""What a card in the place of a lost one costs: the bank's dated fee, excise duty inside."""

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
    fees = Fee.objects.filter(code=Fee.Code.CARD_REPLACEMENT, effective_from__lte=on)
    rates = Rate.objects.filter(code=Rate.Code.EXCISE_OTHER, effective_from__lte=on)
    row, duty = fees.order_by("-effective_from", "-id").first(), rates.order_by("-effective_from", "-id").first()
    if row is None or duty is None or row.amount <= 0:
        logger.error("there is no CARD_REPLACEMENT fee in force on %s", on)
        raise NoCardFee()
    return Price(row.amount, round_half_up(row.amount * duty.per_cent / (100 + duty.per_cent)), row.pk)
