"""Skipping a date, pausing, ending, and what waits for the evening."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from tests.factories import UserFactory
from transfers.standing import paying, reasons
from transfers.tests.standing import an_order, made_of
from transfers.tests.standing_pages.scenes import (
    D,
    act,
    change,
    evening_of,
    order_user,
    waiting_once,
)
from transfers.tests.support import balance, owner_of
from transfers.tests.walking import page, signed_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_skipping_leaves_out_one_date_however_often_it_is_clicked(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver, begins=date(2026, 12, 31))
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert "Skip 31/12/2026" in html
    for _ in range(2):
        act(browser, "skip", order, date="2026-12-31")
    for odd in ("", "x" * 10_000, "2099-01-01", "31/12/2026"):
        act(browser, "skip", order, date=odd)
    order.refresh_from_db()
    assert order.next_nominal == date(2027, 1, 31)
    assert made_of(order) == [(date(2026, 12, 31), "SKIPPED")]
    paying.pay_due(date(2026, 12, 31))
    assert balance(sender) == D("13400.00")


def test_skipping_the_last_date_ends_it(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, times=1)
    act(browser, "skip", order, date="2026-12-01")
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)


def test_the_last_date_that_waits_for_the_evening_is_offered_and_can_be_stopped(
    sender: Account, receiver: Account, user: User, now: Any
) -> None:
    order = waiting_once(sender, receiver, now)
    browser = signed_in(user)
    assert "Will be tried again" in page(browser, reverse("standing")).split("Set up a new one")[0]
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert "There was not enough money on the account." in html
    assert "Don't pay 01/12/2026" in html or "Don&#x27;t pay 01/12/2026" in html
    for _ in range(2):
        act(browser, "skip", order, date="2026-12-01")
    assert evening_of(now) == 0
    assert made_of(order) == [(date(2026, 12, 1), "SKIPPED")]
    assert balance(sender) == D("13400.00")
    assert AuditEvent.objects.filter(verb="standing.skipped").count() == 1


@pytest.mark.parametrize("name", ["end", "pause"])
@pytest.mark.parametrize("rhythm", ["ONCE", "MONTHLY"])
def test_ending_gives_up_what_waits_whatever_the_state(
    sender: Account, receiver: Account, user: User, now: Any, rhythm: str, name: str
) -> None:
    order = waiting_once(sender, receiver, now, rhythm=rhythm)
    browser = signed_in(user)
    for _ in range(2):
        act(browser, name, order)
    if (rhythm, name) == ("ONCE", "pause"):  # over: its page offers no pause, and a forged one changes nothing
        act(browser, "end", order)
    assert evening_of(now) == 0
    run = order.runs.get()
    assert (run.state, run.reason, run.again_from) == ("FAILED", reasons.STOPPED, None)
    assert balance(sender) == D("13400.00")
    verbs = AuditEvent.objects.filter(verb__in=["standing.ended", "standing.paused"])
    assert verbs.count() == 1


def test_another_customer_cannot_stop_what_waits(sender: Account, receiver: Account, user: User, now: Any) -> None:
    order = waiting_once(sender, receiver, now)
    stranger = signed_in(UserFactory(customer=owner_of(receiver)))
    assert act(stranger, "skip", order, date="2026-12-01").status_code == 404
    assert act(stranger, "end", order).status_code == 404
    assert evening_of(now) == 1
    assert made_of(order) == [(date(2026, 12, 1), "PAID")]


def test_only_a_reminder_from_now_on_holds_for_what_waits_too(
    sender: Account, receiver: Account, user: User, now: Any
) -> None:
    order = waiting_once(sender, receiver, now, rhythm="MONTHLY")
    address = reverse("standing_change", args=[order.public_id])
    assert signed_in(user).post(address, change(order, mode="REMIND")).status_code == 303
    assert evening_of(now) == 0
    assert balance(sender) == D("13400.00")


def test_pause_resume_and_end_hold_at_once_and_twice_is_once(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    act(browser, "pause", order)
    act(browser, "pause", order)
    assert paying.pay_due(date(2026, 12, 1)) == 0
    act(browser, "resume", order)
    act(browser, "end", order)
    act(browser, "resume", order)
    act(browser, "pause", order)
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)
    verbs = list(AuditEvent.objects.filter(verb__startswith="standing.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["standing.set_up", "standing.paused", "standing.resumed", "standing.ended"]
    assert browser.get(reverse("standing_change", args=[order.public_id])).status_code == 302


def test_dates_missed_while_paused_are_not_paid_afterwards(
    browser: Client, sender: Account, receiver: Account, now: Any
) -> None:
    order = an_order(sender, receiver, rhythm="WEEKLY")
    act(browser, "pause", order)
    now.move_to(datetime(2026, 12, 10, 9, tzinfo=clock.NAIROBI))
    act(signed_in(order_user(order)), "resume", order)
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ACTIVE", date(2026, 12, 15))
