"""Several tabs and several workers at once, on a database that has more than one writer."""

import itertools
from decimal import Decimal

import pytest

from accounts.models import MessageChoice, MessageHabits, User
from accounts.notices.choosing import chosen_by
from accounts.notices.rules import Choice
from accounts.notices.tests.scenes import BOTH, Sent, customer_of, deliver, notices, tells, wants
from tests.together import at_once
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.events import CHOSEN, Event
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = [pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


def test_first_choices_in_several_tabs_go_one_after_the_other(user: User) -> None:
    def tab(number: int) -> bool:
        choice = Choice(sms=True, email=False, at_least=Decimal(f"{number}.00"))
        return wants(User.objects.get(pk=user.pk), {Event.MONEY_OUT: choice})

    results = at_once([lambda number=number: tab(number) for number in range(1, 7)])  # type: ignore[misc]
    assert results == [True] * 6
    assert (MessageHabits.objects.count(), MessageChoice.objects.count()) == (1, len(CHOSEN))
    events = list(AuditEvent.objects.filter(verb="messages.chosen").order_by("pk"))
    assert len(events) == 6
    for before, after in itertools.pairwise(events):
        assert after.data["before"] == before.data["after"], "each began where the one before ended"
    last = chosen_by(customer_of(user)).choices[Event.MONEY_OUT].at_least
    assert events[-1].data["after"]["MONEY_OUT"] == ["SMS", str(last)]
    amounts = [Decimal(0), *(Decimal(event.data["after"]["MONEY_OUT"][1]) for event in events)]
    rises = sum(later > earlier for earlier, later in itertools.pairwise(amounts))
    assert len(notices(user)) == 2 * rises, "told whenever it was less than just before"


def test_several_workers_send_each_message_once_by_each_channel(user: User, sent: Sent) -> None:
    wants(user, {Event.MONEY_IN: BOTH})
    for number in range(20):
        tells(user, Event.MONEY_IN, cause=f"cause{number}")
    assert at_once([deliver] * 4) == [None] * 4
    deliver()
    assert len(sent) == 40
    assert len(set(sent)) == 2, "two addresses"
    states = OutboxMessage.objects.values_list("state", flat=True).distinct()
    assert list(states) == [OutboxMessage.State.SENT]
