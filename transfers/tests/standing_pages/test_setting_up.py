"""Setting a standing order up as a browser does it, and what nobody should send."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import instructions
from accounts.identity import stepup
from accounts.identity.codes import _text
from accounts.identity.tests.helpers import code_for, sent_bodies
from accounts.models import Account, Instruction, OneTimeCode, User
from tests.factories import UserFactory
from tests.support import all_the_money
from transfers.models import StandingOrder
from transfers.standing.errors import NeverWithinTheLimit
from transfers.tests.standing import an_order, draft
from transfers.tests.standing import confirm as confirm_draft
from transfers.tests.standing_pages.scenes import (
    D,
    act,
    new,
    typed,
)
from transfers.tests.support import as_actor, owner_of, pay, what_was_written
from transfers.tests.walking import page, signed_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem

pytestmark = pytest.mark.django_db


def test_from_form_to_order_with_the_code(browser: Client, user: User, sender: Account, receiver: Account) -> None:
    opening = all_the_money()
    filled = browser.post(new(), typed(sender, receiver))
    assert filled.status_code == 303
    html = page(browser, filled["Location"])
    for words in (
        "Every month, on the 31st or the month&#x27;s last day",
        "Until you end it",
        "Thursday, 31/12/2026",
        "Sunday, 28/02/2027",
        "Let KES 2,500.00 go to WANJIKU M.",
        "there is no fee",
    ):
        assert words in html
    confirmed = browser.post(f"{filled['Location']}confirm/")
    instruction = Instruction.objects.get()
    assert confirmed["Location"] == f"{reverse('step_up')}?for={instruction.id}"
    code_page = page(browser, confirmed["Location"])
    assert "set up KES 2,500.00 to WANJIKU M., every month" in code_page
    assert "Confirm this standing order" in code_page
    assert "Confirm and pay" not in code_page, "nothing is paid now"
    (sent,) = sent_bodies(user.customer)
    assert "Wekeza code to set up KES 2,500.00 to WANJIKU M., every month. Nobody" in sent
    assert not StandingOrder.objects.exists()
    done = browser.post(confirmed["Location"], {"code": code_for(user.customer)}, follow=True)
    order = StandingOrder.objects.get()
    assert done.redirect_chain[-1][0] == reverse("standing_order", args=[order.public_id])
    assert all_the_money() == opening
    assert (order.next_due, order.content_hash) == (date(2026, 12, 31), order.digest())
    assert AuditEvent.objects.filter(verb="standing.set_up", customer_id=sender.customer_id).count() == 1
    assert InboxItem.objects.filter(cause=f"standing-new:{order.pk}").count() == 1


@pytest.mark.parametrize("language", ["en", "sw"])
@pytest.mark.parametrize("name", ["MWANAHAMISI ABDALLAH A.", "Nairobi City Water and Sewerage, MWANAHAMISI A."])
def test_the_code_says_how_many_times_and_fits_one_message(
    user: User, sender: Account, receiver: Account, language: str, name: str
) -> None:
    instruction = draft(sender, receiver, times=3, amount=D("12345.00"))
    instruction.payload["to_name"] = name
    with translation.override(language):
        about = stepup.describe(instruction)
        text = _text(OneTimeCode.Purpose.STEP_UP, "123456", about, 160, False)
    assert len(text) <= 160
    assert ("every month, 3 times." if language == "en" else "kila mwezi, mara 3.") in text
    assert "pay" not in text


def test_the_count_stands_wherever_the_rhythm_does(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver, times=3)
    assert ", 3 times" in page(browser, reverse("standing"))
    told = InboxItem.objects.get(cause=f"standing-new:{order.pk}")
    assert ", 3 times." in told.text


def test_ending_an_order_asks_once_before(browser: Client, sender: Account, receiver: Account) -> None:
    order = an_order(sender, receiver)
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    asked = html.split("<details", 1)[1].split("</details>", 1)[0]
    assert "End this order</summary>" in asked
    assert "Yes, end it now</button>" in asked
    assert html.count(reverse("standing_end", args=[order.public_id])) == 1, "nothing ends it without being asked"


def test_a_double_click_and_two_tabs_set_up_one_order(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver)
    first = confirm_draft(instruction, sender)
    again = browser.post(reverse("standing_confirm", args=[instruction.id]), follow=True)
    assert again.redirect_chain[-1][0] == reverse("standing_order", args=[first.public_id])
    instructions.approve(customer=owner_of(sender), instruction_id=instruction.id)
    instructions.confirm(customer=owner_of(sender), instruction_id=instruction.id, actor=as_actor(owner_of(sender)))
    assert StandingOrder.objects.count() == 1


def test_without_the_code_nothing_is_set_up_even_for_somebody_known(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = draft(sender, receiver)
    response = browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert response["Location"].startswith(reverse("step_up"))
    assert not StandingOrder.objects.exists()


def test_a_reminder_needs_no_code_for_it_moves_nothing(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = draft(sender, receiver, mode="REMIND")
    browser.post(reverse("standing_confirm", args=[instruction.id]))
    assert StandingOrder.objects.get().mode == "REMIND"


def test_what_is_not_on_the_account_today_can_be_planned_and_an_empty_account_offered(
    browser: Client, sender: Account, receiver: Account
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=D("0.00"))
    assert sender.account_number in page(browser, new())
    assert browser.post(new(), typed(sender, receiver, amount="400000")).status_code == 303


def test_more_than_the_daily_limit_can_never_be_planned(sender: Account, receiver: Account) -> None:
    with pytest.raises(NeverWithinTheLimit, match=r"KES 500,000.00"):
        draft(sender, receiver, "500000.01")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "NaN"}, "amount"),
        ({"amount": "1e9"}, "amount"),
        ({"amount": "١٢"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"begins": "2026-11-30"}, "01/12/2026"),
        ({"begins": "2020-01-01"}, "01/12/2026"),
        ({"begins": "9999-12-31"}, "30 years"),
        ({"begins": "31/31/2026"}, "31/12/2026"),
        ({"begins": ""}, "Choose the first day"),
        ({"until": "2026-12-30"}, "before the first one"),
        ({"until": "2027-12-30", "times": "3"}, "not both"),
        ({"times": "0"}, "1"),
        ({"times": "1e3"}, "whole number"),
        ({"times": "99999999999"}, "1000"),
        ({"rhythm": "HOURLY"}, "HOURLY"),
        ({"mode": ""}, "Choose one of the two"),
        ({"on_holiday": "NEVER"}, "NEVER"),
        ({"to_account": "ACC9999999"}, "no Wekeza account"),
        ({"note": "x" * 10_000}, "100 characters"),
        ({"note": "a\u202eb"}, "hidden character"),
    ],
)
def test_bad_input_keeps_what_was_typed_says_why_and_changes_nothing(
    browser: Client, sender: Account, receiver: Account, changes: dict[str, str], words: str
) -> None:
    before = what_was_written()
    response = browser.post(new(), typed(sender, receiver, **changes))
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert "Error: " in html
    assert what_was_written() == before


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", '=HYPERLINK("https://x")', "🎉👨‍👩‍👧"])
def test_odd_notes_are_shown_as_they_are(browser: Client, sender: Account, receiver: Account, note: str) -> None:
    filled = browser.post(new(), typed(sender, receiver, note=note))
    html = page(browser, filled["Location"])
    assert "<script>alert" not in html
    assert StandingOrder(payload=Instruction.objects.get().payload).payload["note"] == note


def test_a_first_day_moved_into_the_past_is_refused(user: User, sender: Account, receiver: Account, now: Any) -> None:
    """Saturday moved to the Friday before is today."""
    now.move_to(datetime(2026, 12, 4, 9, tzinfo=clock.NAIROBI))
    response = signed_in(user).post(new(), typed(sender, receiver, begins="2026-12-05", on_holiday="PREVIOUS"))
    assert "too early" in response.content.decode()
    assert not Instruction.objects.exists()


def test_another_customers_account_order_and_draft_are_not_found(
    browser: Client, sender: Account, receiver: Account
) -> None:
    UserFactory(customer=owner_of(receiver))
    theirs = an_order(receiver, sender)
    their_draft = draft(receiver, sender)
    html = browser.post(new(), typed(receiver, sender)).content.decode()
    assert "Choose one of your own accounts" in html
    for name in ("order", "change", "pay"):
        assert browser.get(reverse(f"standing_{name}", args=[theirs.public_id])).status_code == 404
    for name in ("skip", "pause", "resume", "end", "change"):
        assert act(browser, name, theirs, date="2026-12-01").status_code == 404
    assert browser.get(new(like=str(their_draft.id))).status_code == 404
    assert theirs.receiver not in page(browser, new(order=str(theirs.public_id)))
    assert str(theirs.public_id) not in page(browser, reverse("standing"))


def test_a_payment_is_no_draft_of_an_order_and_an_order_no_payment(
    browser: Client, sender: Account, receiver: Account
) -> None:
    paid, plan_ = pay(sender, receiver), draft(sender, receiver)
    for name in ("standing_review", "standing_confirm", "standing_cancel"):
        method = browser.get if name == "standing_review" else browser.post
        assert method(reverse(name, args=[paid.id])).status_code == 404
    response = browser.get(reverse("payment_review", args=[plan_.id]))
    assert response["Location"] == reverse("standing_review", args=[plan_.id])


def test_a_receipt_and_a_review_offer_to_repeat_and_the_form_is_filled_in(
    browser: Client, sender: Account, receiver: Account
) -> None:
    paid = pay(sender, receiver, "750.00", note="Chama")
    html = page(browser, reverse("payment_receipt", args=[paid.id]))
    assert f"kind=TRANSFER_INTERNAL&amp;like={paid.id}" in html
    form = page(browser, new(like=str(paid.id)))
    for value in (receiver.account_number, "750.00", "Chama"):
        assert f'value="{value}"' in form


def test_going_back_from_the_review_keeps_everything(browser: Client, sender: Account, receiver: Account) -> None:
    filled = browser.post(new(), typed(sender, receiver, times="12", mode="REMIND"))
    instruction = Instruction.objects.get()
    assert f"like={instruction.id}" in page(browser, filled["Location"])
    form = page(browser, new(like=str(instruction.id)))
    for value in ("2026-12-31", "2,500.00", "12"):
        assert f'value="{value}"' in form
