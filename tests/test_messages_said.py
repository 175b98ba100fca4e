"""What each message is about, across the apps: by it customers choose, so a wrong one would be heard by nobody."""

import pytest

from tests.pages import Scene
from wekeza_portal.notifications.events import ALWAYS, Event
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db

SAID = {
    "card-ordered": Event.SECURITY,
    "card-used": Event.CARD,
    "data-copy": Event.SECURITY,
    "letter-made": Event.MONEY_OUT,
    "money-received": Event.MONEY_IN,
    "own-limits": Event.SECURITY,
    "payment-received": Event.MONEY_OUT,
    "payment-returned": Event.MONEY_IN,
    "request-sent": Event.REQUESTS,
    "standing-new": Event.SECURITY,
    "test-message": Event.ASKED,
    "transfer-received": Event.MONEY_IN,
    "transfer-sent": Event.MONEY_OUT,
}
"""By the first word of its cause: everything that a customer with a life is told."""


def test_everything_a_customer_is_told_in_a_life_says_what_it_is_about() -> None:
    Scene.set_up()
    said = {(row.cause.partition(":")[0], row.event) for row in OutboxMessage.objects.all()}
    guarded = ("request-sent", Event.SECURITY)  # where it lets others at the money, or changes how one is reached
    assert said == {*SAID.items(), guarded}


def test_what_the_inbox_keeps_under_security_left_the_bank_as_what_nobody_can_mute() -> None:
    Scene.set_up()
    kept = InboxItem.objects.filter(category=InboxItem.Category.SECURITY).values_list("cause", flat=True)
    rows = OutboxMessage.objects.filter(cause__in=kept)
    assert rows
    assert {row.event for row in rows} <= ALWAYS
