"""What the customer is told when somebody with a code raised their limits: inbox, and SMS or else e-mail."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BranchCustomer, Limit
from accounts.telling import language_of, tell
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link

EACH: dict[str, Any] = {
    Limit.Code.DAILY_OUT: gettext_lazy("%(limit)s a day"),
    Limit.Code.MONTHLY_OUT: gettext_lazy("%(limit)s a month"),
}


def figures_in_words(figures: Mapping[str, Decimal | None]) -> str:
    """ "KES 300,000.00 a day, the bank's limit a month", in the active language; two of them fit an SMS."""
    return ", ".join(
        EACH[code] % {"limit": _("the bank's limit") if figure is None else format_kes(figure)}
        for code, figure in figures.items()
    )


def will_be_raised(
    customer: BranchCustomer, act_id: uuid.UUID, figures: Mapping[str, Decimal | None], begins: datetime
) -> None:
    """Before it counts, so that whoever did not ask for it has the time to stop it."""
    with translation.override(language_of(customer)):
        values = {
            "bank": settings.BANK_NAME,
            "limits": figures_in_words(figures),
            "time": date_format(begins, "j M H:i"),
            "phone": settings.FRAUD_PHONE,
        }
        subject = _("Your limits will be raised")
        text = _("%(bank)s: from %(time)s: %(limits)s. Not you? Stop it under Settings, Limits, or call %(phone)s.")
        body = text % values
    tell(
        customer,
        cause=f"own-limits:{act_id}",
        event=Event.SECURITY,
        subject=subject,
        body=body,
        category=Category.SECURITY,
        link=Link("own_limits"),
    )
