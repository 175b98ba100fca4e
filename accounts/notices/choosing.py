"""Choosing messages. Whoever makes themselves hear less of money going out hears of that, at every address.

Nobody needs a code for it: it opens nothing. But a stranger in the session must not make a customer deaf in silence.
"""

import uuid

from django.db import transaction

from accounts.identity.links import fingerprint
from accounts.models import BranchCustomer, LowBalanceTold, MessageChoice, MessageHabits, User
from accounts.notices import rules, telling
from accounts.notices.rules import Choice, Habits
from accounts.notices.wishes import habits_of, quiet_of, reach
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel, OutboxMessage


def chosen_by(customer: BranchCustomer) -> Habits:
    """What counts for this customer now, with two queries."""
    found = rules.defaults(has_phone=Channel.SMS in reach(customer))
    habits = habits_of(customer.user_id)
    if habits is None:
        return found
    rows = {Event(row.event): Choice(row.sms, row.email, row.at_least) for row in habits.choices.all()}
    return Habits({**found.choices, **rows}, quiet_of(habits), habits.low_balance)


def choose(user: User, wanted: Habits, actor: Actor) -> bool:
    """Let it count from the next message on, also for those that wait for the end of quiet hours; whether it is new."""
    customer = user.customer
    if customer is None:
        raise ValueError("staff get no messages")
    _make_sure_of(customer)
    with transaction.atomic():
        return _choose(user, customer, wanted, actor)


def _choose(user: User, customer: BranchCustomer, wanted: Habits, actor: Actor) -> bool:
    row = MessageHabits.objects.select_for_update().get(customer=customer)
    before = chosen_by(customer)
    if before == wanted:
        return False
    _write(row, customer, wanted)
    if before.quiet != wanted.quiet:
        _ask_again(customer)
    if before.low_balance != wanted.low_balance:
        LowBalanceTold.objects.filter(customer_id=customer.user_id).delete()
    data = {"before": _facts(before), "after": _facts(wanted)}
    record("messages.chosen", actor=actor, customer_id=customer.user_id, data=data)
    if less := rules.less(before, wanted):
        telling.less(user, less, str(uuid.uuid4()))
    return True


def _make_sure_of(customer: BranchCustomer) -> None:
    """The row whose lock lets tabs go one after the other. By itself: who waits for its insertion would deadlock."""
    fresh = MessageHabits(customer=customer, fingerprint=fingerprint(customer), changed_at=clock.now())
    MessageHabits.objects.bulk_create([fresh], ignore_conflicts=True)


def _write(row: MessageHabits, customer: BranchCustomer, wanted: Habits) -> None:
    row.fingerprint, row.changed_at = fingerprint(customer), clock.now()
    row.quiet_from, row.quiet_to = wanted.quiet or (None, None)
    row.low_balance = wanted.low_balance
    row.save(update_fields=["fingerprint", "changed_at", "quiet_from", "quiet_to", "low_balance"])
    row.choices.all().delete()
    MessageChoice.objects.bulk_create(
        MessageChoice(habits=row, event=event, sms=choice.sms, email=choice.email, at_least=choice.at_least)
        for event, choice in wanted.choices.items()
    )


def _ask_again(customer: BranchCustomer) -> None:
    """What waits untried, waits for the end of quiet hours that are others now: the sender decides anew."""
    waiting = OutboxMessage.objects.filter(customer_id=customer.user_id, state=OutboxMessage.State.QUEUED, attempts=0)
    waiting.update(due_at=clock.now())


def _facts(habits: Habits) -> dict[str, object]:
    """For the trail: what is ticked, and the figures as texts."""
    facts: dict[str, object] = {
        event.value: [*sorted(choice.channels), *([str(choice.at_least)] if choice.at_least else [])]
        for event, choice in habits.choices.items()
    }
    quiet = [f"{moment:%H:%M}" for moment in habits.quiet or ()]
    return {**facts, "quiet": quiet, "below": str(habits.low_balance or "")}
