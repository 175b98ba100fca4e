"""Filling in a payment and watching it arrive: quicker with the script, possible without."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.models import Instruction
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD
from tests.pages import Scene
from transfers.models import Payment
from transfers.outside import working
from wekeza_portal import clock
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.rails.models import RailCircuit

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> tuple[Visitor, Scene]:
    scene = Scene.set_up()
    found = visit()
    found.sign_in(scene.user, PASSWORD)
    return found, scene


def test_the_network_is_said_while_the_number_is_typed_and_a_choice_stays(visitor: tuple[Visitor, Scene]) -> None:
    person, _scene = visitor
    person.go("/move/mobile/")
    page, first = person.page, person.page.locator("[name=network] option").first
    expect(first).to_have_text("By the number")
    page.get_by_role("link", name="Use my own number").click()
    expect(page.locator("[name=phone]")).to_have_value("0722 000 111")
    expect(first).to_have_text("By the number: M-Pesa")
    page.select_option("[name=network]", "MPESA")
    page.fill("[name=phone]", "+254 733 000 111")
    expect(first).to_have_text("By the number: Airtel Money")
    expect(page.locator("[name=network]")).to_have_value("MPESA")
    page.fill("[name=phone]", "07")
    expect(first).to_have_text("By the number")
    assert person.complaints == []


def test_a_payment_on_its_way_shows_by_itself_that_it_arrived(visitor: tuple[Visitor, Scene]) -> None:
    person, scene = visitor
    person.go(f"/move/payments/{scene.moving.id}/")
    expect(person.page.locator("h1")).to_contain_text("is on its way to")
    arrived = Outcome(Status.PAID, receipt="SKQ4XYZ999")
    working.take_note(Payment.objects.get(pk=scene.moving.id), arrived, asked=False)
    expect(person.page.locator("h1")).to_contain_text("arrived at", timeout=20_000)
    expect(person.page.locator("[data-watch]")).to_have_count(0)
    assert person.complaints == []


def test_while_mpesa_rests_one_link_leads_to_pesalink_with_what_was_typed(visitor: tuple[Visitor, Scene]) -> None:
    person, scene = visitor
    RailCircuit.objects.create(rail="mpesa", failures=5, opened_at=clock.now() + timedelta(hours=1))
    person.go("/move/mobile/")
    page = person.page
    page.fill("[name=phone]", "0722 345 678")
    page.fill("[name=amount]", "1,500")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("PesaLink to a phone works")
    page.get_by_role("link", name="Send to their bank account by phone number").click()
    expect(page.locator("h1")).to_have_text("Send to a bank account by phone number")
    assert "722" not in page.url
    expect(page.locator("[name=phone]")).to_have_value("0722 345 678")
    expect(page.locator("[name=amount]")).to_have_value("1,500")
    page.get_by_role("link", name="By account number").click()
    expect(page.locator("h1")).to_have_text("Send to another bank")
    page.go_back()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Check before you send")
    expect(page.get_by_role("button", name="KES 1,650.00 with the fee")).to_be_visible()
    draft = Instruction.objects.get(kind="BANK_BY_PHONE", state="DRAFT", amount=Decimal("1500.00"))
    assert (draft.payload["values"], draft.customer) == ({"msisdn": "254722345678"}, scene.user.customer)
    assert person.complaints == []


def test_a_receipt_is_shared_by_the_phones_own_sheet_where_it_has_one(visitor: tuple[Visitor, Scene]) -> None:
    person, scene = visitor
    person.go(f"/move/payments/{scene.moving.id}/")
    person.page.get_by_role("button", name="Make something to share").click()
    expect(person.page.get_by_role("link", name="Share by WhatsApp")).to_be_visible()
    expect(person.page.locator("[data-share]")).to_be_hidden()
    person.page.add_init_script("navigator.share = async (what) => { document.title = what.text }")
    person.go(f"/move/payments/{scene.moving.id}/")
    person.page.get_by_role("button", name="Share another way").click()
    expect(person.page).to_have_title(re.compile(r"KES 2,000\.00 to .*/verify/"))
    assert person.complaints == []
