"""What was chosen and what follows from it, without a database: defaults, quiet hours, what is less than before."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from wekeza_portal import clock
from wekeza_portal.money import ZERO
from wekeza_portal.notifications.events import CHOSEN, Event
from wekeza_portal.notifications.models import Channel

LONGEST_QUIET = timedelta(hours=12)
"""A night. Longer, and whoever holds the phone of somebody else could keep a day's payments from them."""
GUARDED = (Event.MONEY_OUT, Event.CARD)
"""By them a customer learns of a payment that is not theirs: less of them is told to every address."""
Quiet = tuple[time, time]
"""Nairobi time, from and to; over midnight where `to` is the earlier one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted of one event; `at_least` is KES, None for every amount."""

    sms: bool
    email: bool
    at_least: Decimal | None = None

    @property
    def channels(self) -> frozenset[str]:
        ticked = ((Channel.SMS, self.sms), (Channel.EMAIL, self.email))
        return frozenset(channel.value for channel, wanted in ticked if wanted)

    def leaves_out(self, amount: Decimal | None) -> bool:
        """Whether a message of so many KES is too small to be told."""
        return self.at_least is not None and amount is not None and amount < self.at_least


@dataclass(frozen=True, slots=True)
class Habits:
    """Everything a customer chose. `low_balance` is KES, None for never."""

    choices: Mapping[Event, Choice]
    quiet: Quiet | None = None
    low_balance: Decimal | None = None


def default(event: str, *, has_phone: bool) -> Choice:
    """By SMS, or by e-mail where there is no number."""
    return Choice(sms=True, email=not has_phone)


def defaults(*, has_phone: bool) -> Habits:
    """Of somebody who never chose."""
    return Habits({event: default(event, has_phone=has_phone) for event in CHOSEN})


def ticked(before: Choice, boxes: Collection[str], offered: Collection[str]) -> Choice:
    """The channels after a form that offered some of them.

    What could not be ticked stays as it was, but for somebody who unticked all they saw: they want none.
    """
    if not offered:
        return before
    sms, email = (
        channel in boxes if channel in offered else was and bool(boxes)
        for channel, was in ((Channel.SMS, before.sms), (Channel.EMAIL, before.email))
    )
    return Choice(sms=sms, email=email, at_least=before.at_least)


def how_long(quiet: Quiet) -> timedelta:
    """From the start to the end, over midnight where need be; nothing where both are the same."""
    begins, ends = ((moment.hour * 60 + moment.minute) for moment in quiet)
    return timedelta(minutes=(ends - begins) % (24 * 60))


def quiet_until(now: datetime, quiet: Quiet | None) -> datetime | None:
    """When the quiet hours end that are running; None where none are. The first minute is quiet, the last is not.

    Nairobi has no summer time: a day there always has 24 hours.
    """
    if quiet is None or quiet[0] == quiet[1]:
        return None
    local = now.astimezone(clock.NAIROBI)
    begins, ends = quiet
    moment = local.time()
    running = begins <= moment < ends if begins < ends else moment >= begins or moment < ends
    if not running:
        return None
    end = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Less:
    """What somebody hears less of than before: events muted altogether, events with fewer messages, new quiet hours."""

    muted: tuple[Event, ...] = ()
    fewer: tuple[Event, ...] = ()
    quiet: Quiet | None = None

    def __bool__(self) -> bool:
        return bool(self.muted or self.fewer or self.quiet)


def less(before: Habits, after: Habits) -> Less:
    """Of what a customer should hear that they hear less of it."""
    muted = tuple(_muted(before, after))
    fewer = tuple(event for event in GUARDED if event not in muted and _is_less(before, after, event))
    return Less(muted, fewer, after.quiet if after.quiet != before.quiet else None)


def _muted(before: Habits, after: Habits) -> Iterator[Event]:
    for event in GUARDED:
        if before.choices[event].channels and not after.choices[event].channels:
            yield event


def _is_less(before: Habits, after: Habits, event: Event) -> bool:
    was, now = before.choices[event], after.choices[event]
    return not was.channels <= now.channels or (now.at_least or ZERO) > (was.at_least or ZERO)
