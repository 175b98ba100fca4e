"""What the owner of an order is told, in their language, in the transaction of its cause. No balance, no number."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.identity.links import fingerprint
from accounts.telling import readers, tell
from transfers.models import StandingOrder, StandingRun
from transfers.standing import reasons
from transfers.standing.wording import when, with_count
from wekeza_portal import clock
from wekeza_portal.money import format_kes
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Link


class Texts(NamedTuple):
    """One message: its title, what fits an SMS, and what the inbox says."""

    subject: str
    sms: str
    full: str


Words = Callable[[dict[str, Any]], Texts]


def set_up(order: StandingOrder) -> None:
    """A new order: whoever did not ask for it learns at once, and nobody can mute it."""
    _tell(order, f"standing-new:{order.pk}", _set_up, event=Event.SECURITY)


def changed(order: StandingOrder) -> None:
    """More, longer, or from elsewhere than before."""
    _tell(order, f"standing-changed:{order.pk}:{order.content_hash[:32]}", _changed, event=Event.SECURITY)


def soon(order: StandingOrder) -> None:
    """A large one is paid tomorrow."""
    _tell(order, f"standing-soon:{order.pk}:{order.next_nominal}", _soon)


def remind(order: StandingOrder, run: StandingRun) -> None:
    """It is for the customer to pay; the message in the inbox opens the form, filled in."""
    _tell(order, f"standing-due:{order.pk}:{run.nominal}", _remind, run, link="standing_pay", event=Event.REMINDERS)


def waiting(order: StandingOrder, run: StandingRun) -> None:
    """Not paid, and when it is tried again."""
    _tell(order, f"standing-waits:{order.pk}:{run.nominal}", _waiting, run)


def given_up(order: StandingOrder, run: StandingRun) -> None:
    """Not paid and not tried again; and that the order is paused, where it is."""
    words = _stopped if order.was_stopped else _given_up
    _tell(order, f"standing-failed:{order.pk}:{run.nominal}", words, run)


def _set_up(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: you planned %(amount)s to %(payee)s from %(begins)s. Not you? Call %(phone)s.")
    full = _("You set up %(amount)s to %(payee)s, %(when)s. Was this not you? Call %(phone)s.")
    return _said(_("You set up a payment for later"), sms, full, values)


def _changed(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: you changed a standing order: %(amount)s to %(payee)s. Not you? Call %(phone)s.")
    full = _("It is now %(amount)s to %(payee)s, %(when)s. Was this not you? Call %(phone)s.")
    return _said(_("You changed a standing order"), sms, full, values)


def _soon(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: tomorrow your standing order pays %(amount)s to %(payee)s.")
    full = _("Tomorrow morning %(amount)s goes to %(payee)s. Please see that the money is there.")
    return _said(_("Tomorrow: %(amount)s to %(payee)s"), sms, full, values)


def _remind(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: reminder to pay %(amount)s to %(payee)s. Nothing was paid. Sign in to pay.")
    full = _("You wanted to be reminded. Nothing was paid: the form is filled in and waits for you.")
    return _said(_("Time to pay %(amount)s to %(payee)s"), sms, full, values)


def _waiting(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: %(amount)s to %(payee)s not paid: %(short)s. No fee. Next try %(again)s.")
    full = _("%(why)s Nothing was taken and there is no fee. We try again on %(again)s.")
    return _said(_("Not paid yet: %(amount)s to %(payee)s"), sms, full, values)


def _given_up(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: %(amount)s to %(payee)s (%(date)s) not paid: %(short)s. No fee. No more tries.")
    full = _("%(why)s Nothing was taken and there is no fee. The payment for %(date)s is not tried again.")
    return _said(_("Not paid: %(amount)s to %(payee)s"), sms, full, values)


def _stopped(values: dict[str, Any]) -> Texts:
    sms = _("%(bank)s: %(amount)s to %(payee)s not paid: %(short)s. No fee. 3 dates failed: order paused.")
    full = _(
        "%(why)s Nothing was taken and there is no fee. Three dates in a row failed, so we paused the order. You can "
        "resume it when the money is there again."
    )
    return _said(_("Standing order paused: %(amount)s to %(payee)s"), sms, full, values)


def _said(subject: str, sms: str, full: str, values: dict[str, Any]) -> Texts:
    return Texts(subject % values, sms % values, full % values)


def _tell(
    order: StandingOrder,
    cause: str,
    words: Words,
    run: StandingRun | None = None,
    *,
    link: str = "standing_order",
    event: Event = Event.STANDING,
) -> None:
    """Nothing where the branch has no such person any more, or another one under that id."""
    reader = readers([order.customer_id]).get(order.customer_id)
    if reader is None or fingerprint(reader.customer) != order.fingerprint:
        return
    with translation.override(reader.language):
        texts = words(_values(order, run))
    to = Link(link, {"order_id": order.public_id})
    tell(
        reader.customer,
        cause=cause,
        event=event,
        subject=texts.subject,
        body=texts.sms,
        in_full=texts.full,
        link=to,
    )


def _values(order: StandingOrder, run: StandingRun | None) -> dict[str, Any]:
    again = run.again_from if run else None
    return {
        "bank": settings.BANK_NAME,
        "amount": format_kes(order.amount),
        "payee": order.receiver[:26].rstrip("."),
        "begins": date_format(order.begins, "d/m/Y"),
        "when": with_count(when(order.rhythm, order.begins), order.times),
        "phone": settings.FRAUD_PHONE,
        "date": date_format(run.nominal, "d/m/Y") if run else "",
        "short": reasons.SHORT.get(run.reason, "") if run else "",
        "why": reasons.words(run.reason, run.notice) if run else "",
        "again": date_format(again.astimezone(clock.NAIROBI), "d/m H:i") if again else "",
    }
