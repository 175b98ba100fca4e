"""What KES are worth in foreign money, to be shown beside a balance and used for nothing else.

The rate is a dated row, proposed and approved by staff. One that is missing, too old or not above zero is no rate:
then no amount is shown, and the page says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache

from accounts.models import BranchCustomer, Currency, IndicativeRate, User
from wekeza_portal import clock
from wekeza_portal.money import round_half_up

KEPT_FOR = 10 * 60
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Foreign:
    """The money somebody wants beside their balances. `kes` for one unit, in force since `day`; both None: no rate."""

    code: str
    kes: Decimal | None = None
    day: date | None = None

    @property
    def days(self) -> int:
        """How old a rate may be."""
        return int(settings.INDICATIVE_RATE_DAYS)

    def worth(self, amount: Decimal) -> Decimal | None:
        """KES in this money, to the cent; None without a rate."""
        return round_half_up(amount / self.kes) if self.kes is not None else None


def wanted_by(customer: BranchCustomer) -> Foreign | None:
    """With today's rate, asked once in ten minutes per process; None for who wants none. No query for those."""
    user: User | None = customer._state.fields_cache.get("portal_user")
    if user is None or user.display_currency not in Currency.values:
        return None
    today = clock.today()
    key = f"indicative-rate-{user.display_currency}-{today}"
    kept = cache.get(key)
    if kept is None:
        kept = _in_force(user.display_currency, today) or _NONE
        cache.set(key, kept, KEPT_FOR)
    return Foreign(user.display_currency) if kept == _NONE else Foreign(user.display_currency, *kept)


def _in_force(code: str, on: date) -> tuple[Decimal, date] | None:
    """The rate of that day (Nairobi) and since when; None where it is too old, or the bank set it to nothing."""
    rows = IndicativeRate.objects.filter(code=code, effective_from__lte=on)
    row = rows.order_by("-effective_from", "-pk").first()
    oldest = on - timedelta(days=settings.INDICATIVE_RATE_DAYS)
    if row is None or row.effective_from < oldest or row.kes <= 0:
        return None
    return row.kes, row.effective_from
