"""What a customer is told about their cards, in their language, in the transaction that did it."""

import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Branch, Card, CardUse
from accounts.telling import readers, tell
from wekeza_portal import clock
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link

MERCHANT = 24
"""Characters of a merchant's name that leave room for the rest in one SMS."""
Values = dict[str, Any]
Words = Callable[[Values], tuple[str, str]]


def used(row: CardUse) -> None:
    """Money left with the card."""
    _tell(row.card, f"card-used:{row.public_id}", _used, _of(row), row.amount)


def taken_back(row: CardUse) -> None:
    """What a use took is back."""
    _tell(row.card, f"card-back:{row.public_id}", _back, _of(row), row.amount)


def arrived(card: Card) -> None:
    """It can be collected, or was brought home."""
    if card.delivered_to:
        _tell(card, f"card-arrived:{card.pk}", _delivered, {})
        return
    branch = Branch.objects.filter(branch_code=card.branch_code).values_list("branch_name", flat=True).first()
    _tell(card, f"card-arrived:{card.pk}", _arrived, {"branch": (branch or card.branch_code)[:30]})


def changed(card: Card, what: str, act_id: uuid.UUID | str, **values: Any) -> None:
    """Something about the card changed; `what` is a key of CHANGES, `act_id` what makes it happen once."""
    _tell(card, f"card-{what}:{act_id}", CHANGES[what], values)


def _of(row: CardUse) -> Values:
    return {"amount": format_kes(row.amount), "merchant": row.merchant[:MERCHANT], "reference": row.reference}


def _used(values: Values) -> tuple[str, str]:
    text = _(
        "%(bank)s: %(amount)s left your account with card ...%(four)s at %(merchant)s. Ref %(reference)s. "
        "Not you? Call %(phone)s."
    )
    return _("%(amount)s paid by card") % values, text % values


def _back(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: %(amount)s is back, paid with card ...%(four)s at %(merchant)s. Ref %(reference)s.")
    return _("%(amount)s is back on your account") % values, text % values


def _arrived(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: your card ...%(four)s is at %(branch)s. Bring your ID, then activate it under Settings, Cards.")
    return _("Your card has arrived"), text % values


def _sent(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: a courier is bringing your card ...%(four)s to your home. Not you? Call %(phone)s now.")
    return _("Your card is with the courier"), text % values


def _delivered(values: Values) -> tuple[str, str]:
    text = _(
        "%(bank)s: your card ...%(four)s was delivered. Activate it under Settings, Cards. "
        "Don't have it? Call %(phone)s now."
    )
    return _("Your card was delivered"), text % values


def _unfrozen(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: your card ...%(four)s works again. Not you? Call %(phone)s now.")
    return _("Your card works again"), text % values


def _lost(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: your card ...%(four)s is blocked for good. Ref %(reference)s. Not you? Call %(phone)s now.")
    return _("Your card is blocked"), text % values


def _loosened(values: Values) -> tuple[str, str]:
    values = {**values, "when": date_format(values["begins"].astimezone(clock.NAIROBI), "j F, H:i")}
    text = _("%(bank)s: your card ...%(four)s will be allowed more from %(when)s. Not you? Call %(phone)s now.")
    return _("The settings of your card will change"), text % values


def _shown(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: a secret of your card ...%(four)s is about to be shown. Not you? Call %(phone)s now.")
    return _("A secret of your card is about to be shown"), text % values


def _ordered(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: a new card was ordered on your account. Not you? Call %(phone)s now.")
    return _("A card was ordered"), text % values


def _refused(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: the card you ordered could not be made. If you paid for it, the money is back.")
    return _("Your card could not be made"), text % values


def _activated(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: your card ...%(four)s can be used now. Not you? Call %(phone)s now.")
    return _("Your card can be used"), text % values


def _blocked(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: we have blocked your card ...%(four)s. Please call us: %(phone)s.")
    return _("The bank has blocked your card"), text % values


def _unblocked(values: Values) -> tuple[str, str]:
    text = _("%(bank)s: we have unblocked your card ...%(four)s.")
    return _("The bank has unblocked your card"), text % values


CHANGES: Mapping[str, Words] = {
    "unfrozen": _unfrozen,
    "lost": _lost,
    "loosened": _loosened,
    "shown": _shown,
    "ordered": _ordered,
    "refused": _refused,
    "sent": _sent,
    "activated": _activated,
    "blocked": _blocked,
    "unblocked": _unblocked,
}


def _tell(card: Card, cause: str, words: Words, values: Values, used: Decimal | None = None) -> None:
    """Of a use of so many KES, or else of its security; nothing where the branch has no such person any more."""
    reader = readers([card.customer_id]).get(card.customer_id)
    if reader is None:
        return
    common = {"bank": settings.BANK_NAME, "four": card.last_four, "phone": settings.FRAUD_PHONE}
    with translation.override(reader.language):
        subject, body = words({**common, **values})
    link = Link("card", {"card_id": card.pk})
    tell(
        reader.customer,
        cause=cause,
        event=Event.SECURITY if used is None else Event.CARD,
        subject=subject,
        body=body,
        amount=used,
        category=Category.SECURITY if used is None else Category.MONEY,
        link=link,
    )
