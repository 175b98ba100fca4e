"""Security messages to the customer: by SMS, by e-mail and in the inbox, so that whoever holds one cannot hide it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity import browsers, contacts
from accounts.models import SignInAttempt, User
from wekeza_portal import clock
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications import services as outbox
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.notifications.models import Channel


def new_device(user: User, attempt: SignInAttempt) -> None:
    """Somebody signed in from a browser this user never used."""
    with translation.override(user.language):
        text = _("New sign-in to your %(bank)s account: %(browser)s, %(time)s. Not you? Call %(phone)s.")
        body = text % {"browser": browsers.in_words(attempt.user_agent), **_values(attempt)}
        everywhere(user, f"new-device:{attempt.public_id}", _("New sign-in"), body)


def blocked(user: User, attempt: SignInAttempt) -> None:
    """Too many tries: sign-in is closed for half an hour."""
    with translation.override(user.language):
        text = _("Too many tries to sign in to your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        everywhere(user, f"blocked:{attempt.public_id}", _("Sign-in closed for 30 minutes"), text % _values(attempt))


def activated(user: User, attempt: SignInAttempt) -> None:
    """Online access was activated and a password chosen."""
    with translation.override(user.language):
        text = _("Online access to your %(bank)s account was activated at %(time)s. Not you? Call %(phone)s.")
        everywhere(user, f"activated:{attempt.public_id}", _("Online access activated"), text % _values(attempt))


def password_changed(user: User, at: datetime, cause: str) -> None:
    """The password was changed by whoever knew the old one and gave a code."""
    with translation.override(user.language):
        text = _(
            "Your %(bank)s password was changed at %(time)s. Every other browser is signed out. "
            "Not you? Call %(phone)s."
        )
        everywhere(user, cause, _("Password changed"), text % _values_at(at))


def password_reset(user: User, at: datetime, cause: str) -> None:
    """Somebody who had forgotten the password set a new one, by the e-mail's link and a code."""
    with translation.override(user.language):
        text = _(
            "A new password for your %(bank)s account was set at %(time)s with a link by e-mail. "
            "Not you? Call %(phone)s."
        )
        everywhere(user, cause, _("New password set"), text % _values_at(at))


def activation_issued(user: User, at: datetime, cause: str) -> None:
    """A branch gave out a code that sets phone and password anew."""
    with translation.override(user.language):
        text = _("A branch gave out an activation code for your %(bank)s account at %(time)s. Not you? Call %(phone)s.")
        everywhere(user, cause, _("Activation code given out"), text % _values_at(at))


def activation_used(user: User, at: datetime, cause: str) -> None:
    """Phone and password were set anew with a code from a branch, and what else confirmed was taken away."""
    with translation.override(user.language):
        text = _(
            "Phone and password of your %(bank)s account were set anew at %(time)s; other ways to confirm were "
            "removed. Not you? Call %(phone)s."
        )
        everywhere(user, cause, _("Phone and password set anew"), text % _values_at(at))


def unlocked(user: User, at: datetime, cause: str) -> None:
    """The bank opened a sign-in that too many tries had closed."""
    with translation.override(user.language):
        text = _("The bank opened the sign-in to your %(bank)s account again at %(time)s. Not you? Call %(phone)s.")
        everywhere(user, cause, _("Sign-in open again"), text % _values_at(at))


def contact_changed(
    user: User, at: datetime, changed: Sequence[Channel], before: Mapping[Channel, str], cause: str
) -> None:
    """Phone, e-mail or both are others than `before`: told to those of before and of now."""
    with translation.override(user.language):
        both = _("Phone number and e-mail address of your %(bank)s account were changed at %(time)s.")
        phone = _("The phone number of your %(bank)s account was changed at %(time)s.")
        email = _("The e-mail address of your %(bank)s account was changed at %(time)s.")
        text = both if len(changed) > 1 else phone if Channel.SMS in changed else email
        warning = _("Not you? Call %(phone)s.")
        everywhere(user, cause, _("Phone or e-mail changed"), f"{text} {warning}" % _values_at(at), also=before)


def _values(attempt: SignInAttempt) -> dict[str, Any]:
    return _values_at(attempt.at)


def _values_at(at: datetime) -> dict[str, Any]:
    local = at.astimezone(clock.NAIROBI)
    return {"bank": settings.BANK_NAME, "time": f"{local:%d/%m/%Y %H:%M}", "phone": settings.FRAUD_PHONE}


def everywhere(
    user: User,
    cause: str,
    subject: str,
    body: str,
    link: Link | None = None,
    *,
    also: Mapping[Channel, str] | None = None,
) -> None:
    """Into the inbox, by SMS and by e-mail, in the caller's transaction: with what it is about, or not at all.

    `cause` names it (100 characters at most), texts are in the user's language; `link` is the page it speaks of, the
    sign-ins without one. `also` is where else it goes: addresses that were the customer's until now.
    """
    customer = user.customer
    if customer is None:
        return
    link = link or Link("sign_in_history")
    inbox.put(
        cause=cause, customer_id=customer.user_id, category=Category.SECURITY, title=subject, text=body, link=link
    )
    addresses = dict(contacts.address_for(customer, channel) for channel in (Channel.SMS, Channel.EMAIL))
    to = [(f"{cause}:{channel}", channel, address) for channel, address in addresses.items()]
    to += [(f"{cause}:{channel}:before", channel, address) for channel, address in (also or {}).items()]
    for name, channel, address in to:
        outbox.enqueue(
            cause=name,
            event=Event.SECURITY,
            channel=channel,
            to=address,
            customer_id=customer.user_id,
            subject=subject,
            body=body,
        )
