"""Changing an order: less at once, more with a code, the slower of two tabs."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.models import Account, Instruction
from transfers.models import StandingOrder
from transfers.standing import setting
from transfers.standing import what as whats
from transfers.tests.standing import an_order, plan
from transfers.tests.standing import confirm as confirm_draft
from transfers.tests.standing_pages.scenes import D, act, change
from transfers.tests.support import as_actor, owner_of
from transfers.tests.walking import page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("changes", [{"amount": "400"}, {"times": "5"}, {"mode": "REMIND"}, {"until": "2027-06-01"}])
def test_less_holds_at_once(browser: Client, sender: Account, receiver: Account, changes: dict[str, str]) -> None:
    order = an_order(sender, receiver)
    response = act(browser, "change", order, **change(order, **changes))
    assert response["Location"] == reverse("standing_order", args=[order.public_id])
    before = order.content_hash
    order.refresh_from_db()
    assert order.content_hash == order.digest() != before


@pytest.mark.parametrize("changes", [{"amount": "500.01"}, {"times": ""}, {"on_holiday": "NEXT"}])
def test_more_longer_or_otherwise_needs_a_review_and_a_code(
    browser: Client, sender: Account, receiver: Account, changes: dict[str, str]
) -> None:
    order = an_order(sender, receiver, times=12)
    response = act(browser, "change", order, **change(order, **changes))
    wish = Instruction.objects.get(payload__order=str(order.public_id))
    assert response["Location"] == reverse("standing_review", args=[wish.id])
    page(browser, response["Location"])
    confirm = browser.post(reverse("standing_confirm", args=[wish.id]))
    assert confirm["Location"].startswith(reverse("step_up"))
    order.refresh_from_db()
    assert (order.amount, order.times, order.on_holiday) == (D("500.00"), 12, "SAME")
    changed = confirm_draft(wish, sender)
    assert changed.pk == order.pk
    assert changed.content_hash == changed.digest() != order.content_hash
    assert StandingOrder.objects.count() == 1


def test_from_a_reminder_to_paying_needs_the_code(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, mode="REMIND")
    response = act(browser, "change", order, **change(order, mode="PAY"))
    assert "/drafts/" in response["Location"]
    assert browser.post(f"{response['Location']}confirm/")["Location"].startswith(reverse("step_up"))


def test_of_two_tabs_the_slower_one_is_told_that_it_changed(
    browser: Client, sender: Account, receiver: Account
) -> None:
    order = an_order(sender, receiver)
    act(browser, "change", order, **change(order, amount="600"))
    wish = Instruction.objects.get(payload__order=str(order.public_id))
    act(browser, "change", order, **change(order, amount="300"))
    instructions.approve(customer=owner_of(sender), instruction_id=wish.id)
    html = browser.post(reverse("standing_confirm", args=[wish.id])).content.decode()
    assert "This order has changed since you opened it." in html
    order.refresh_from_db()
    assert order.amount == D("300.00")


def test_a_shorter_end_than_the_next_date_ends_it(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, begins=date(2026, 12, 31))
    act(browser, "change", order, **change(order, until="2026-12-15"))
    order.refresh_from_db()
    assert (order.state, order.next_due) == ("ENDED", None)


def test_the_review_of_a_change_reads_only_ones_own_order(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    customer, actor = owner_of(sender), as_actor(owner_of(sender))
    more = whats.changed_what(
        customer, order, from_number=sender.account_number, amount=D("900"), note="Rent", actor=actor
    )
    made = setting.change(customer, order, more, plan(begins=order.begins), actor=actor)
    assert made is not None
    StandingOrder.objects.filter(pk=order.pk).update(customer_id=receiver.customer_id)
    assert browser.get(reverse("standing_review", args=[made.id])).status_code == 404
