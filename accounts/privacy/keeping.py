"""What the bank keeps of a customer, for how long and why: the years are a dated figure."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.identity import keptforms
from accounts.models import PrivacyFigure
from accounts.privacy import figures

YEAR = 365


class Kept(NamedTuple):
    """One line of the table."""

    what: Any
    how_long: str
    why: Any


def lines() -> list[Kept]:
    """The whole table, in the active language."""
    after_you_leave = _years(figures.value(PrivacyFigure.Code.RECORD_YEARS))
    crime = gettext_lazy(
        "The law against money laundering makes every bank keep this. It comes before a wish to erase."
    )
    proof = gettext_lazy("To prove, to you and to a court, what was agreed and what was done.")
    return [
        Kept(gettext_lazy("Accounts, payments, loans, policies and deposits"), after_you_leave, crime),
        Kept(gettext_lazy("Who you are: national ID, photo, proof of income"), after_you_leave, crime),
        Kept(gettext_lazy("The record of who did what: you, our staff and our machines"), after_you_leave, proof),
        Kept(gettext_lazy("Terms you accepted, consents, requests about your data"), after_you_leave, proof),
        Kept(
            gettext_lazy("Where you live, next of kin, work and income, as you told us here"),
            _("Until you ask us to erase it"),
            gettext_lazy("To reach you, and to lend."),
        ),
        Kept(
            gettext_lazy("Messages in your inbox"),
            _days(settings.INBOX_KEEP_DAYS),
            gettext_lazy("So that you can read them again."),
        ),
        Kept(
            gettext_lazy("Forms you began and did not send"),
            _hours(keptforms.LIFE),
            gettext_lazy("So that nothing is lost when you are signed out. Encrypted, and never a password or code."),
        ),
    ]


def _years(number: Decimal) -> str:
    count = int(number)
    words = ngettext("%(count)s year after you leave us", "%(count)s years after you leave us", count)
    return words % {"count": count}


def _days(number: int) -> str:
    count = number // YEAR
    return ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def _hours(life: timedelta) -> str:
    count = int(life.total_seconds() // 3600)
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
