"""Standing orders to phones: what becomes of a payment, and planning while the way there rests."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction
from tests.factories import PortalSwitchFactory
from transfers import destinations
from transfers.models import KnownPayee, Payment, StandingOrder
from transfers.outside.preparing import Wish
from transfers.standing import paying, reasons, setting
from transfers.standing import what as whats
from transfers.tests.outside import FakeRail
from transfers.tests.standing import confirm as confirm_draft
from transfers.tests.standing import plan
from transfers.tests.standing_pages.scenes import (
    D,
    act,
    change,
    new,
    typed,
)
from transfers.tests.support import as_actor, balance, owner_of
from transfers.tests.walking import page
from wekeza_portal import clock
from wekeza_portal.rails import circuit
from wekeza_portal.rails.base import Receiver

pytestmark = pytest.mark.django_db


def to_a_phone(sender: Account, amount: str = "1000.00", **changes: Any) -> StandingOrder:
    customer = owner_of(sender)
    wish = Wish(
        sender.account_number, destinations.to_phone("0722123456", "MPESA"), D(amount), "Mum", typed_name="Mama"
    )
    what = whats.payment(customer, wish, actor=as_actor(customer))
    return confirm_draft(setting.prepare(customer, what, plan(**changes)), sender)


def test_a_payment_out_lives_its_life_and_a_returned_one_is_shown_on_the_order(
    browser: Client, sender: Account
) -> None:
    order = to_a_phone(sender)
    paying.pay_due(date(2026, 12, 1))
    run = order.runs.get()
    payment = Payment.objects.get(pk=run.instruction_id)
    assert (payment.state, payment.amount) == ("RECEIVED", D("1000.00"))
    assert balance(sender) == D("13400.00") - payment.amount - payment.fee
    address = reverse("standing_order", args=[order.public_id])
    assert "On its way" in page(browser, address)
    Payment.objects.filter(pk=payment.pk).update(state="RETURNED")
    html = page(browser, address)
    assert "It did not arrive: amount and fee are back." in html
    assert "Returned" in html


def later_to_a_phone(sender: Account, **changes: str) -> dict[str, str]:
    values = {key: value for key, value in typed(sender, sender).items() if key != "to_account"}
    return {**values, "amount": "1000", "phone": "0722123456", "network": "MPESA", "name": "Mama", **changes}


def m_pesa_rests() -> None:
    for _ in range(circuit.FAILURES):
        circuit.failed("mpesa")
    assert circuit.is_open("mpesa")


def m_pesa_is_off() -> None:
    PortalSwitchFactory(code="MPESA", notice_en="M-Pesa is away.", notice_sw="M-Pesa haipo.", since=clock.today())


@pytest.mark.parametrize("outage", [m_pesa_rests, m_pesa_is_off])
def test_a_short_outage_keeps_nobody_from_planning_what_is_paid_later(
    browser: Client, sender: Account, outage: Any, now: Any
) -> None:
    outage()
    assert "You can plan all the same" in page(browser, new("MOBILE_MONEY"))
    response = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    assert response.status_code == 303, response.content.decode()
    draft = Instruction.objects.get()
    assert browser.post(reverse("standing_confirm", args=[draft.id]))["Location"].startswith(reverse("step_up"))
    order = confirm_draft(draft, sender)
    change_it = act(browser, "change", order, **change(order, amount="900"))
    assert change_it.status_code == 303
    now_typed = {
        name: later_to_a_phone(sender)[name] for name in ("from_account", "phone", "network", "name", "amount")
    }
    answer = browser.post(reverse("move_mobile"), {**now_typed, "note": ""})
    assert (answer.status_code, Payment.objects.count()) == (200, 0), "now it is refused"


def test_a_date_that_meets_the_outage_waits_for_it(browser: Client, sender: Account, now: Any) -> None:
    m_pesa_is_off()
    order = confirm_draft(planned_to_a_phone(browser, sender), sender)
    now.move_to(datetime(2026, 12, 31, 7, tzinfo=clock.NAIROBI))
    paying.pay_due(date(2026, 12, 31))
    run = order.runs.get()
    assert (run.state, run.reason) == ("WAITING", reasons.BANK)
    assert balance(sender) == D("13400.00")


def planned_to_a_phone(browser: Client, sender: Account) -> Instruction:
    browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    return Instruction.objects.get()


def test_the_whole_service_off_and_what_never_worked_are_refused_as_ever(browser: Client, sender: Account) -> None:
    html = page(browser, new("MOBILE_MONEY"))
    assert 'value="MPESA"' in html
    assert 'value="TKASH"' not in html, "T-Kash is off: it is not offered where it can't be done"
    answer = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender, phone="0770000111", network="TKASH"))
    assert answer.status_code == 200
    PortalSwitchFactory(code="MOBILE_MONEY", notice_en="No phones today.", notice_sw="Hakuna.", since=clock.today())
    assert "No phones today." in page(browser, new("MOBILE_MONEY"))
    answer = browser.post(new("MOBILE_MONEY"), later_to_a_phone(sender))
    assert (answer.status_code, Instruction.objects.count()) == (200, 0)


def test_the_new_payee_cap_counts_from_the_set_up(sender: Account, now: Any) -> None:
    to_a_phone(sender)
    known = KnownPayee.objects.get(customer_id=sender.customer_id)
    assert (known.guard_key, known.first_at) == ("phone:254722123456", clock.now())


@pytest.mark.usefixtures("user")
def test_money_that_misses_only_the_fee_is_missed_too(sender: Account) -> None:
    order = to_a_phone(sender)
    Account.objects.filter(pk=sender.pk).update(balance=D("2000.00"))
    paying.pay_due(date(2026, 12, 1))
    assert order.runs.get().reason == reasons.MONEY
    assert not Payment.objects.exists()
    assert balance(sender) == D("2000.00")


def test_the_reminder_opens_the_form_of_its_kind_filled_in(browser: Client, sender: Account) -> None:
    order = to_a_phone(sender, mode="REMIND")
    response = browser.get(reverse("standing_pay", args=[order.public_id]), follow=True)
    html = response.content.decode()
    assert response.redirect_chain[-1][0].startswith(reverse("move_mobile"))
    for value in ("0722 123 456", "1,000.00", "Mum"):
        assert f'value="{value}"' in html


def test_an_order_for_a_bill_names_the_company_first_and_once(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_biller("KPLC_PREPAID", "14123456789"), D("1500.00"))
    what = whats.payment(customer, wish, actor=as_actor(customer))
    order = confirm_draft(setting.prepare(customer, what, plan()), sender)
    html = page(browser, reverse("standing_order", args=[order.public_id]))
    assert "KES 1,500.00 to Kenya Power prepaid, JANE W." in html
    assert '<dd>Kenya Power prepaid, JANE W.<small><span class="num">14123456789</span>' in html
    assert order.payload["to_name"] == "JANE WANJIKU", "what its payments are checked against"
