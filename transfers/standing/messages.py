"""What the owner of an order is told, in their language, in the transaction of its cause. No balance, no number."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.identity.links import fingerprint
from accounts.telling import readers, tell
from transfers.models import StandingOrder, StandingRun
from transfers.standing import reasons
from transfers.standing.wording import day_words, when
from wekeza_portal import clock
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.inbox import Link

Words = Callable[[dict[str, Any]], tuple[str, str]]


def set_up(order: StandingOrder) -> None:
    """A new order: whoever did not ask for it learns at once."""
    _tell(order, f"standing-new:{order.pk}", _set_up)


def changed(order: StandingOrder) -> None:
    """More, longer, or from elsewhere than before."""
    _tell(order, f"standing-changed:{order.pk}:{order.content_hash[:32]}", _changed)


def soon(order: StandingOrder) -> None:
    """A large one is paid tomorrow."""
    _tell(order, f"standing-soon:{order.pk}:{order.next_nominal}", _soon)


def remind(order: StandingOrder, run: StandingRun) -> None:
    """It is for the customer to pay; the message in the inbox opens the form, filled in."""
    _tell(order, f"standing-due:{order.pk}:{run.nominal}", _remind, run, link="standing_pay")


def waiting(order: StandingOrder, run: StandingRun) -> None:
    """Not paid, and when it is tried again."""
    _tell(order, f"standing-waits:{order.pk}:{run.nominal}", _waiting, run)


def given_up(order: StandingOrder, run: StandingRun) -> None:
    """Not paid and not tried again; and that the order is paused, where it is."""
    words = _stopped if order.was_stopped else _given_up
    _tell(order, f"standing-failed:{order.pk}:{run.nominal}", words, run)


def _set_up(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: you set up a payment of %(amount)s to %(payee)s, %(when)s. Not you? Call %(phone)s.")
    return _("You set up a payment for later") % values, text % values


def _changed(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: you changed a standing order: now %(amount)s to %(payee)s, %(when)s. Not you? Call %(phone)s.")
    return _("You changed a standing order") % values, text % values


def _soon(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: tomorrow your standing order pays %(amount)s to %(payee)s. Please see that the money is there.")
    return _("Tomorrow: %(amount)s to %(payee)s") % values, text % values


def _remind(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: you wanted to be reminded: %(amount)s to %(payee)s. Nothing was paid. Sign in to pay.")
    return _("Time to pay %(amount)s to %(payee)s") % values, text % values


def _waiting(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(amount)s to %(payee)s was not paid. %(why)s No fee. We try again on %(again)s.")
    return _("Not paid yet: %(amount)s to %(payee)s") % values, text % values


def _given_up(values: dict[str, Any]) -> tuple[str, str]:
    text = _("%(bank)s: %(amount)s to %(payee)s for %(date)s was not paid. %(why)s No fee. We won't try it again.")
    return _("Not paid: %(amount)s to %(payee)s") % values, text % values


def _stopped(values: dict[str, Any]) -> tuple[str, str]:
    text = _(
        "%(bank)s: %(amount)s to %(payee)s for %(date)s was not paid. %(why)s No fee. After 3 failed dates we paused "
        "the standing order. Sign in to resume it."
    )
    return _("Standing order paused: %(amount)s to %(payee)s") % values, text % values


def _tell(
    order: StandingOrder, cause: str, words: Words, run: StandingRun | None = None, link: str = "standing_order"
) -> None:
    """Nothing where the branch has no such person any more, or another one under that id."""
    reader = readers([order.customer_id]).get(order.customer_id)
    if reader is None or fingerprint(reader.customer) != order.fingerprint:
        return
    with translation.override(reader.language):
        subject, body = words(_values(order, run))
    to = Link(link, {"order_id": order.public_id})
    tell(reader.customer, cause=cause, subject=subject[:100], body=body, link=to)


def _values(order: StandingOrder, run: StandingRun | None) -> dict[str, Any]:
    again = run.again_from if run else None
    return {
        "bank": settings.BANK_NAME,
        "amount": format_kes(order.amount),
        "payee": order.receiver.rstrip("."),
        "when": when(order.rhythm, order.begins),
        "phone": settings.FRAUD_PHONE,
        "date": day_words(run.nominal) if run else "",
        "why": reasons.words(run.reason, run.notice) if run else "",
        "again": date_format(again.astimezone(clock.NAIROBI), "j F, H:i") if again else "",
    }
