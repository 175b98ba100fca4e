"""What is known of a card use, for the staff's page that follows one movement of money."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.cards import rules, wording
from accounts.models import CardUse
from wekeza_portal.registry import MoneyTrail


def find(typed: str) -> Sequence[str]:
    """The instruction of the use that the processor knows by this id."""
    rows = CardUse.objects.filter(processor_id=typed[:40], code=rules.APPROVED)
    return [str(public_id) for public_id in rows.values_list("public_id", flat=True)]


def rows(reference: str, instruction_id: str) -> list[tuple[Any, Any, bool]]:
    """Which card, where, and whether it was taken back."""
    try:
        use = CardUse.objects.select_related("card").filter(public_id=uuid.UUID(instruction_id)).first()
    except ValueError:
        use = None
    if use is None:
        return []
    where = ", ".join(filter(None, [use.merchant, use.city, use.country, use.category]))
    found: list[tuple[Any, Any, bool]] = [
        (_("Card"), f"...{use.card.last_four}", False),
        (_("Where"), f"{wording.CHANNELS.get(use.channel, use.channel)}: {where}", False),
        (_("The processor's id"), use.processor_id, False),
    ]
    if use.reversed_at is not None:
        found.append((_("Taken back"), use.reversed_at, True))
    return found


TRAIL = MoneyTrail(find, rows, gettext_lazy("Use of a card"))
