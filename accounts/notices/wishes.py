"""What the sender asks before a message leaves the bank: whether its reader wants it, how, and whether now."""

from collections.abc import Mapping
from datetime import datetime

from accounts.identity import contacts
from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, LegalText, MessageHabits
from accounts.notices import rules
from accounts.notices.rules import Choice, Quiet
from accounts.privacy import consents
from wekeza_portal.notifications.events import Event, Wish
from wekeza_portal.notifications.models import Channel, OutboxMessage

Kind = LegalText.Kind


def wish_of(message: OutboxMessage, now: datetime) -> Wish:
    """By what its reader chose until now, with two queries. Never asked of codes and of what is about security."""
    habits = habits_of(message.customer_id or 0)
    if habits is None:
        is_wanted = message.event != Event.NEWS or message.channel in _agreed_to_news(message.customer_id).channels
        return Wish(send=is_wanted)
    choice = _choice(habits, message.event)
    wanted = _wanted(message, choice, reach(habits.customer))
    if not wanted or choice.leaves_out(message.amount):
        return Wish(send=False)
    if (waits := rules.quiet_until(now, quiet_of(habits))) is not None:
        return Wish(not_before=waits)
    also = {channel: address for channel, address in wanted.items() if channel != message.channel}
    return Wish(send=message.channel in wanted, also=also)


def habits_of(customer_id: int) -> MessageHabits | None:
    """What this person chose; None where they never did, or somebody else had their id then."""
    habits = MessageHabits.objects.select_related("customer").filter(customer_id=customer_id).first()
    return habits if habits is not None and habits.fingerprint == fingerprint(habits.customer) else None


def quiet_of(habits: MessageHabits) -> Quiet | None:
    if habits.quiet_from is None or habits.quiet_to is None:
        return None
    return habits.quiet_from, habits.quiet_to


def reach(customer: BranchCustomer) -> dict[str, str]:
    """The addresses the bank has, by channel: only what can be sent to is offered."""
    email = (customer.email or "").strip()
    known = {Channel.SMS.value: contacts.phone_of(customer), Channel.EMAIL.value: email if "@" in email else ""}
    return {channel: address for channel, address in known.items() if address}


def _agreed_to_news(customer_id: int | None) -> Choice:
    """News and offers need consent, for each channel by itself: given and taken back under Privacy."""
    customer = BranchCustomer.objects.filter(pk=customer_id or 0).first()
    if customer is None:
        return Choice(sms=False, email=False)
    sms, email = (consents.may(customer, kind) for kind in (Kind.MARKETING_SMS, Kind.MARKETING_EMAIL))
    return Choice(sms=sms, email=email)


def _choice(habits: MessageHabits, event: str) -> Choice:
    if event == Event.NEWS:
        return _agreed_to_news(habits.customer_id)
    row = habits.choices.filter(event=event).first()
    if row is None:
        return rules.default(event, has_phone=Channel.SMS in reach(habits.customer))
    return Choice(row.sms, row.email, row.at_least)


def _wanted(message: OutboxMessage, choice: Choice, known: Mapping[str, str]) -> dict[str, str]:
    """Where it goes; by the way it was written for, where every way that was chosen is gone at the branch."""
    wanted = {channel: address for channel, address in known.items() if channel in choice.channels}
    return wanted or ({message.channel: message.to} if choice.channels else {})
