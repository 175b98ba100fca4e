"""Changing what a customer chose about how the portal shows itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record


@dataclass(frozen=True, slots=True)
class Preferences:
    """Names and values are those of the columns of the login."""

    date_format: str
    theme: str
    text_size: str
    default_account: str
    display_currency: str
    history_years: int


NAMES = tuple(Preferences.__dataclass_fields__)
TOLD_APART = ("default_account", "history_years")
"""Choices somebody may ask about later: which account was meant to pay, and why a row was not to be seen."""


def of(user: User) -> Preferences:
    """What is chosen now."""
    return Preferences(*(getattr(user, name) for name in NAMES))


def change(user: User, wanted: Mapping[str, Any], *, actor: Actor) -> None:
    """Keep these choices of this login, by NAMES; others stay.

    What changes which money or which rows are looked at is recorded.
    """
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        changes = {name: wanted[name] for name in NAMES if name in wanted and wanted[name] != getattr(kept, name)}
        if not changes:
            return
        for name, value in changes.items():
            setattr(kept, name, value)
        kept.save(update_fields=list(changes))
        told: dict[str, Any] = {name: str(value) for name, value in changes.items() if name in TOLD_APART}
        if told:
            record("preferences.changed", actor=actor, subject=f"user:{user.pk}", data=told)
