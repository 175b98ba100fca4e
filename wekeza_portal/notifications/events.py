"""What a message is about, so that its reader can choose which of them to get, and which nobody can mute.

Every message to a customer names its event when it is written. The sender asks what the reader wants when it takes the
message up, not before: see `services`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """Seven are the reader's choice, news needs their consent; the last three are always sent, at once."""

    MONEY_IN = "MONEY_IN", _("Money in")
    MONEY_OUT = "MONEY_OUT", _("Money out")
    CARD = "CARD", _("Card use")
    LOW_BALANCE = "LOW_BALANCE", _("Low balance")
    STANDING = "STANDING", _("Standing orders")
    REQUESTS = "REQUESTS", _("Requests")
    REMINDERS = "REMINDERS", _("Reminders")
    NEWS = "NEWS", _("News and offers")
    CODE = "CODE", _("Codes")
    SECURITY = "SECURITY", _("Security")
    ASKED = "ASKED", _("What you ask us to send")


ALWAYS = frozenset({Event.CODE, Event.SECURITY, Event.ASKED})
"""Never muted and never kept waiting: neither a preference nor a row written past the pages changes that."""
CHOSEN: tuple[Event, ...] = tuple(event for event in Event if event not in ALWAYS and event != Event.NEWS)
WITH_AMOUNT = frozenset({Event.MONEY_IN, Event.MONEY_OUT, Event.CARD})
"""Their messages name an amount in KES, so that small ones can be left out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants of one message: not before a moment, not by its channel, or by another one as well."""

    send: bool = True
    not_before: datetime | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    """Addresses by channel that get the same message; only asked of the first one."""
