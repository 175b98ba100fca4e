"""What the branch's words about accounts and customers mean, as a person at the counter would say it."""

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import clock

_FIGURE = re.compile(r"-?KES [0-9][0-9,]*(?:\.[0-9]{1,2})?", re.ASCII)

KINDS: dict[str, Any] = {
    "SAVINGS": gettext_lazy("Savings account"),
    "CURRENT": gettext_lazy("Current account"),
}

STATUS_HELP: dict[str, tuple[Any, Any]] = {
    "FROZEN": (
        gettext_lazy("The bank has frozen this account. You can look at it, but you can't send from it."),
        gettext_lazy("Call us or visit any branch with your national ID. We will tell you why and what lifts it."),
    ),
    "DORMANT": (
        gettext_lazy("This account has not been used for a long time and is asleep. You can look at it only."),
        gettext_lazy("To wake it, visit any branch with your national ID and make a deposit."),
    ),
    "DISABLED": (
        gettext_lazy("This account is closed for payments. You can still look at it."),
        gettext_lazy("If you did not ask for this, call us or visit any branch with your national ID."),
    ),
}
UNKNOWN_STATUS_HELP: tuple[Any, Any] = (
    gettext_lazy("Payments from this account are not possible at the moment. You can look at it only."),
    gettext_lazy("Call us or visit any branch with your national ID."),
)

UNKNOWN_BALANCE_HELP: tuple[Any, Any] = (
    gettext_lazy("The branch has not recorded a balance on this account yet."),
    gettext_lazy("Please ask at a branch."),
)
NOTHING_TO_SEND_HELP: tuple[Any, Any] = (
    gettext_lazy("There is no money to send in this account now."),
    gettext_lazy("As soon as money comes in, you can send from it."),
)

TIERS: dict[str, tuple[Any, Any]] = {
    "TIER_1": (gettext_lazy("Basic"), gettext_lazy("We know your name and your phone number.")),
    "TIER_2": (gettext_lazy("Standard"), gettext_lazy("We have seen your national ID.")),
    "TIER_3": (gettext_lazy("Full"), gettext_lazy("We have seen your national ID and where you live and work.")),
}


def greeting(now: datetime) -> str:
    """Good morning, afternoon or evening by the clock in Nairobi."""
    hour = now.astimezone(clock.NAIROBI).hour
    if 4 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 17 else _("Good evening")


def first_name(full_name: str) -> str:
    """The first of the names; the branch often writes them in capitals."""
    first = full_name.split(maxsplit=1)[0] if full_name.strip() else ""
    return first.capitalize() if first.isupper() else first


def without_figures(text: str) -> str:
    """The text with every amount of KES replaced by dots."""
    return _FIGURE.sub("KES •••••", text)


def refusal_for(user: Any, refusal: object) -> str:
    """A refusal as the user may read it: its figures tell a balance, so they are left out while amounts are hidden."""
    text = str(refusal)
    if not getattr(user, "hide_amounts", False) or without_figures(text) == text:
        return text
    how = _("Amounts are hidden. To see them, choose “Show amounts” on the Home page.")
    return f"{without_figures(text)} {how}"


def masked_end(value: str, shown: int = 3) -> str:
    """All but the last characters hidden: national ID, phone. Too short a value is hidden whole."""
    return f"{'•' * 5}{value[-shown:]}" if len(value) > shown + 2 else "•" * 5


def masked_email(address: str) -> str:
    """`em•••••@wekeza.com`; what is no e-mail address is hidden whole."""
    name, at, domain = address.rpartition("@")
    return f"{name[:2] if len(name) > 3 else name[:1]}{'•' * 5}@{domain}" if name and at else "•" * 5
