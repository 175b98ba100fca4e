"""What is said when an e-mail address or phone number changes: at the old one, the new one, and by the other way."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity import contacts
from accounts.models import BranchCustomer, ContactChange
from accounts.telling import language_of
from wekeza_portal.notifications import inbox
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.inbox import Category, Link
from wekeza_portal.notifications.models import Channel
from wekeza_portal.notifications.services import Message, enqueue_all

EMAIL = ContactChange.Detail.EMAIL


def hint(detail: str, value: str) -> str:
    """Enough of an address to know it again, in letters that every SMS has, and short enough for one."""
    if detail != EMAIL:
        return f"...{value[-3:]}"
    name, _at, domain = value.rpartition("@")
    return f"{name[:1]}...@{domain[:24]}"


def changed(customer: BranchCustomer, change: ContactChange, token: str) -> None:
    """Once it is in force. The link that undoes it goes to the old address alone, kept encrypted until it is sent."""
    with translation.override(language_of(customer)):
        subject, text = _words_of_change(change)
        _put(customer, change, "changed", subject, text)
        messages = [_message(change, "new", *_new(change), subject, text)]
        messages += [_message(change, "other", *way, subject, text) for way in _other_way(customer, change)]
        if change.old:
            messages.append(_with_link(customer, change, subject, token))
    enqueue_all([message for message in messages if message is not None])


def undone(customer: BranchCustomer, change: ContactChange) -> None:
    """Once the old one is back."""
    with translation.override(language_of(customer)):
        subject, text = _words_of_undoing(change)
        _put(customer, change, "undone", subject, text)
        ways = [("new", *_new(change)), ("old", *_old(change))]
        ways += [("other", *way) for way in _other_way(customer, change)]
        messages = [
            _message(change, f"undone-{name}", channel, address, subject, text) for name, channel, address in ways
        ]
    enqueue_all([message for message in messages if message is not None])


def _words_of_change(change: ContactChange) -> tuple[str, str]:
    values = {"bank": settings.BANK_NAME, "phone": settings.FRAUD_PHONE, "new": hint(change.detail, change.new)}
    if change.detail == EMAIL:
        text = _("%(bank)s: your e-mail address is now %(new)s. Not you? Call %(phone)s now.")
        return _("Your e-mail address was changed"), text % values
    text = _("%(bank)s: your phone number is now %(new)s. Not you? Call %(phone)s now.")
    return _("Your phone number was changed"), text % values


def _words_of_undoing(change: ContactChange) -> tuple[str, str]:
    values = {"bank": settings.BANK_NAME, "phone": settings.FRAUD_PHONE}
    if change.detail == EMAIL:
        text = _("%(bank)s: your old e-mail address is back and everybody is signed out. Not you? Call %(phone)s now.")
        return _("Your old e-mail address is back"), text % values
    text = _("%(bank)s: your old phone number is back and everybody is signed out. Not you? Call %(phone)s now.")
    return _("Your old phone number is back"), text % values


def _with_link(customer: BranchCustomer, change: ContactChange, subject: str, token: str) -> Message | None:
    channel, address = _old(change)
    if not address:
        return None
    link = f"{settings.PUBLIC_URL}{reverse('contact_undo', args=[token])}"
    values = {"bank": settings.BANK_NAME, "new": hint(change.detail, change.new), "link": link}
    text = _("%(bank)s: you are now reached at %(new)s. Not you? Undo it in 72 hours: %(link)s") % values
    cause = f"contact:{change.id}:old"
    return Message(
        cause,
        Event.SECURITY,
        channel,
        address,
        customer.user_id,
        subject,
        text,
        secret=True,
        expires_at=change.undo_until,
    )


def _put(customer: BranchCustomer, change: ContactChange, what: str, subject: str, text: str) -> None:
    inbox.put(
        cause=f"contact-{what}:{change.id}",
        customer_id=customer.user_id,
        category=Category.SECURITY,
        title=subject,
        text=text,
        link=Link("profile"),
    )


def _new(change: ContactChange) -> tuple[Channel, str]:
    return (Channel.EMAIL if change.detail == EMAIL else Channel.SMS), change.new


def _old(change: ContactChange) -> tuple[Channel, str]:
    """Where the old one can still be reached; "" where it never could be dialled."""
    if change.detail == EMAIL:
        return Channel.EMAIL, change.old
    return Channel.SMS, contacts.international(change.old)


def _other_way(customer: BranchCustomer, change: ContactChange) -> Iterator[tuple[Channel, str]]:
    channel = Channel.SMS if change.detail == EMAIL else Channel.EMAIL
    address = contacts.phone_of(customer) if channel == Channel.SMS else customer.email
    if address:
        yield channel, address


def _message(
    change: ContactChange, name: str, channel: Channel, address: str, subject: str, text: str
) -> Message | None:
    if not address:
        return None
    cause = f"contact:{change.id}:{name}"
    return Message(cause, Event.SECURITY, channel, address, change.customer_id, subject, text)
