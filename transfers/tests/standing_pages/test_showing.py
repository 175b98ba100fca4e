"""Lists, home and history of standing orders."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.models import Account, User
from tests.factories import AccountFactory, PortalSwitchFactory
from transfers.models import StandingOrder, StandingRun
from transfers.standing import paying, reasons
from transfers.tests.standing import an_order, draft
from transfers.tests.standing_pages.scenes import new
from transfers.tests.support import owner_of
from transfers.tests.walking import page
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


def test_the_list_shows_next_dates_and_what_goes_by_itself(browser: Client, sender: Account, receiver: Account) -> None:
    own = AccountFactory(customer=owner_of(sender))
    an_order(sender, receiver, "100.00", rhythm="WEEKLY")
    an_order(sender, receiver, "900.00", mode="REMIND")
    an_order(sender, own, "7000.00")
    html = page(browser, reverse("standing"))
    assert "KES 500.00" in html, "five Tuesdays in 30 days"
    assert "Next: 01/12/2026" in html
    assert "only a reminder" in html


def test_hidden_amounts_are_hidden_here_too(browser: Client, user: User, sender: Account, receiver: Account) -> None:
    an_order(sender, receiver, "123.45")
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    assert "123.45" not in page(browser, reverse("standing"))


def test_home_knows_what_comes(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    html = page(browser, reverse("home"))
    assert "Standing order: WANJIKU M." in html
    assert reverse("standing_order", args=[order.public_id]) in html


def test_the_history_leads_to_the_receipt_and_says_why_not(
    browser: Client, sender: Account, receiver: Account, now: Any
) -> None:
    order = an_order(sender, receiver, rhythm="DAILY")
    paying.pay_due(date(2026, 12, 1))
    StandingRun.objects.create(
        order=order, nominal=date(2026, 12, 2), due_on=date(2026, 12, 2), state="FAILED", reason=reasons.MONEY,
        made_at=clock.now(),
    )  # fmt: skip
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert reverse("payment_receipt", args=[order.runs.earliest("nominal").instruction_id]) in html
    assert "There was not enough money on the account." in html


def test_while_transfers_are_off_nothing_new_is_set_up_at_any_step(
    browser: Client, sender: Account, receiver: Account
) -> None:
    instruction = draft(sender, receiver)
    PortalSwitchFactory(
        code="INTERNAL_TRANSFERS", notice_en="Transfers rest.", notice_sw="Zimesimama.", since=clock.today()
    )
    assert "Transfers rest." in page(browser, new())
    html = browser.post(reverse("standing_confirm", args=[instruction.id])).content.decode()
    assert "Transfers rest." in html
    instructions.approve(customer=owner_of(sender), instruction_id=instruction.id)
    browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert not StandingOrder.objects.exists()
