"""The life of a payment out of the bank on its own page, on the hub and in Kiswahili."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Account, User
from transfers.models import Biller, Broker, Payment
from transfers.outside import working
from transfers.tests.outside import (
    ARRIVED,
    FORMS,
    RAIL,
    REFUSED,
    SILENT,
    TAKEN,
    FakeRail,
    drafted,
    ended,
    fill,
    page_of,
    posted,
    state_of,
)
from transfers.tests.support import balance
from transfers.tests.walking import address, page, signed_in
from wekeza_portal import clock
from wekeza_portal.clock import NAIROBI
from wekeza_portal.rails.base import Outcome, Status

pytestmark = pytest.mark.django_db
KINDS = sorted(FORMS)
Fakes = dict[str, FakeRail]


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


# --- The life of a payment ----------------------------------------------------------------------------------------


def test_on_its_way_the_page_says_so_and_can_be_looked_at_again(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], TAKEN)
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "is on its way to" in html
    assert 'href="">Look again' in html
    assert f'data-watch="{address("payment_state", instruction)}"' in html
    assert "not yet</span> <small>Once the other side says that the receiver has it." in html
    assert "tag--good" not in html


@pytest.mark.parametrize("outcome", [TAKEN, SILENT])
def test_a_payment_that_takes_long_says_by_when_it_is_known(
    browser: Client, sender: Account, fakes: Fakes, outcome: Outcome
) -> None:
    begun = datetime(2026, 7, 1, 10, 0, tzinfo=NAIROBI)
    with time_machine.travel(begun, tick=False):
        instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], outcome)
    stamps = []
    with time_machine.travel(begun + timedelta(minutes=3), tick=False):
        working.work()
        browser = signed_in(User.objects.get())
        assert "longer than usual" not in page(browser, address("payment_receipt", instruction))
        stamps.append(browser.get(address("payment_state", instruction)).json()["stamp"])
    with time_machine.travel(begun + timedelta(minutes=6), tick=False):
        html = main_of(page(browser, address("payment_receipt", instruction)))
        stamps.append(browser.get(address("payment_state", instruction)).json()["stamp"])
    # Asked after 3 minutes; then 2 minutes, 10 and 60 later: people look at it.
    assert "This takes longer than usual. Please do not pay again: we know today at 11:16 at the latest" in html
    assert stamps[0] != stamps[1], "the open page sees it by itself"
    Payment.objects.update(with_staff_since=begun + timedelta(minutes=5))
    with time_machine.travel(begun + timedelta(minutes=7), tick=False):
        html = page(browser, address("payment_receipt", instruction))
    assert "longer than usual" not in html
    assert "Our people are asking the other side" in html


def test_unknown_is_said_in_honest_words(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], SILENT)
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "We do not know yet whether it arrived" in html
    assert "Please do not send it again" in html
    assert ">Send again<" not in html
    assert "arrived at" not in html
    Payment.objects.update(with_staff_since=clock.now())
    assert "Our people are asking" in page(browser, address("payment_receipt", instruction))


def test_a_returned_one_says_why_where_the_money_is_and_what_next(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    before = balance(sender)
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], REFUSED)
    assert balance(sender) == before
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "KES 5,075.00 is back on your account" in html
    assert "This number is not registered for the service." in html
    assert "Amount KES 5,000.00 and fee KES 75.00 are back on" in html
    assert "Choose another network, or pay to a bank account instead." in html
    assert re.search(r"Returned</strong> <span>\d", html)
    assert "Balance after" not in html, "it would be that of before the return"


def test_what_the_page_asks_by_itself_is_small_and_changes_with_the_state(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = posted(browser, "move_mobile", sender)
    first = browser.get(address("payment_state", instruction))
    assert first.json() == {"stamp": "RECEIVED", "is_open": True}
    assert len(first.content) < 100
    ended(browser, "move_bank", sender, fakes["PESALINK"], ARRIVED)
    assert browser.get(address("payment_state", instruction)).json() == {"stamp": "SETTLED", "is_open": False}
    Payment.objects.filter(pk=instruction.id).update(state="UNKNOWN", with_staff_since=clock.now())
    assert browser.get(address("payment_state", instruction)).json()["stamp"] == "UNKNOWN-staff"


def test_asking_by_itself_does_not_keep_an_idle_session_alive(browser: Client, sender: Account, fakes: Fakes) -> None:
    from accounts.models import SignedInSession

    instruction = posted(browser, "move_mobile", sender)
    long_ago = clock.now() - timedelta(minutes=2)
    SignedInSession.objects.update(last_seen_at=long_ago)
    assert browser.get(address("payment_state", instruction)).status_code == 200
    assert SignedInSession.objects.get().last_seen_at == long_ago


def test_there_is_nothing_to_watch_of_a_draft(browser: Client, sender: Account, fakes: Fakes) -> None:
    assert browser.get(address("payment_state", drafted(browser, "move_mobile", sender))).status_code == 404


def test_a_token_stands_in_groups_of_four(browser: Client, sender: Account, fakes: Fakes) -> None:
    token = Outcome(Status.PAID, receipt="B1", token="41772093518264071935")
    instruction = ended(browser, "move_bill", sender, fakes["BILLS"], token)
    html = page(browser, address("payment_receipt", instruction))
    for group in ("4177", "2093", "5182", "6407", "1935"):
        assert f"<span>{group}</span>" in html
    assert 'data-copy="4177-2093-5182-6407-1935"' in html


def test_a_token_of_what_came_back_after_all_is_not_to_be_typed_any_more(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    token = Outcome(Status.PAID, receipt="B1", token="41772093518264071935")
    instruction = ended(browser, "move_bill", sender, fakes["BILLS"], token)
    assert ">Send again" in page(browser, address("payment_receipt", instruction))
    Payment.objects.update(state="RETURNED", reason="not_possible")
    html = page(browser, address("payment_receipt", instruction))
    assert "4177" not in html
    assert "Where your money is" in html


def test_hidden_amounts_stay_hidden_where_they_tell_a_balance(
    browser: Client, user: User, sender: Account, fakes: Fakes
) -> None:
    instruction = posted(browser, "move_mobile", sender)
    draft = drafted(browser, "move_mobile", sender, amount="100")
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    for place in (
        page_of("move_mobile"), reverse("move"), address("payment_review", draft),
        address("payment_receipt", instruction),
    ):  # fmt: skip
        html = main_of(page(browser, place))
        for figure in ("8,325", "7,325", "495,000", "1,995,000", "8,214", "7,214"):
            assert figure not in html, place


# --- The hub ------------------------------------------------------------------------------------------------------


def test_the_hub_offers_the_six_paid_last_one_tap_away(
    browser: Client, sender: Account, receiver: Account, fakes: Fakes
) -> None:
    from transfers.tests.support import pay

    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    with time_machine.travel(clock.now(), tick=False) as now:
        pay(sender, receiver, "100.00")
        for name in KINDS:
            now.shift(timedelta(seconds=1))
            posted(browser, name, sender)
        now.shift(timedelta(seconds=1))
        posted(browser, "move_mobile", sender, amount="200")
        html = page(browser, reverse("move"))
    assert "Paid 2 times, last" in html
    assert html.count("Paid once, on") == 5
    assert receiver.account_number not in html, "the seventh is found in the history"
    for name in KINDS:
        assert f"{reverse(name)}?like=" in html, name
    assert "Acacia Brokers" in html


def test_who_was_never_paid_because_it_came_back_is_not_on_the_hub(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    ended(browser, "move_mobile", sender, fakes["MPESA"], REFUSED)
    assert "Jane Wambui" not in page(browser, reverse("move"))


# --- In Kiswahili -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_every_page_speaks_kiswahili(browser: Client, user: User, sender: Account, fakes: Fakes, name: str) -> None:
    instruction = ended(browser, name, sender, fakes[RAIL[name]], ARRIVED)
    draft = drafted(browser, name, sender)
    browser.cookies["wekeza_language"] = "sw"
    user.language = "sw"
    user.save(update_fields=["language"])
    with translation.override("sw"):
        assert "Malipo moja yanaweza kuwa" in page(browser, page_of(name))
        assert re.search(r"(Lipa|Tuma) KES [\d,.]+ kwa", page(browser, address("payment_review", draft)))
        assert "imefika kwa" in page(browser, address("payment_receipt", instruction))


@pytest.mark.parametrize("name", ["move_cdsc", "move_airtime"])
def test_where_nobody_can_be_paid_yet_the_page_says_so_and_asks_nothing(
    browser: Client, sender: Account, name: str
) -> None:
    Broker.objects.update(is_active=False)
    html = main_of(page(browser, page_of(name)))
    assert "Nobody can be paid this way at the moment." in html
    assert "Continue" not in html
    assert "Nobody can be paid" in fill(browser, name, sender)[2]


def test_airtime_of_a_network_that_is_not_sold_asks_for_another(browser: Client, sender: Account, fakes: Fakes) -> None:
    Biller.objects.filter(code="AIRTIME_AIRTEL").update(is_active=False)
    _status, _location, html = fill(browser, "move_airtime", sender, phone="0733 123 456")
    assert 'id="id_network_error"' in html


def test_what_never_reached_its_rail_is_not_called_sent(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], Outcome(Status.NOT_SENT, customer="later"))
    assert state_of(instruction) == "RECEIVED"
    html = page(browser, address("payment_receipt", instruction))
    assert re.search(r"Sent</strong> <span>in a moment", html)
