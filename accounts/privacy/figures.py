"""The dated figures of privacy: days to answer a request, years to keep records."""

from datetime import date
from decimal import Decimal

from accounts.models import PrivacyFigure
from wekeza_portal import clock


def row(code: str, on: date | None = None) -> PrivacyFigure:
    """The row in force on a Nairobi day. LookupError where there is none."""
    rows = PrivacyFigure.objects.filter(code=code, effective_from__lte=on or clock.today())
    found = rows.order_by("effective_from", "pk").last()
    if found is None:
        raise LookupError(f"no figure {code}")
    return found


def value(code: str, on: date | None = None) -> Decimal:
    """Its figure."""
    return row(code, on).value


def values(on: date | None = None) -> dict[str, int]:
    """All figures in force, by code, with one query."""
    rows = PrivacyFigure.objects.filter(effective_from__lte=on or clock.today()).order_by("effective_from", "pk")
    return {each.code: int(each.value) for each in rows}
