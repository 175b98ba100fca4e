"""Payments out of the bank on their pages: every kind from form to review to receipt, once."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account
from tests.factories import UserFactory
from transfers.models import Payment
from transfers.outside.cheaper import cheaper_way
from transfers.tests.outside import (
    ARRIVED,
    FORMS,
    RAIL,
    FakeRail,
    drafted,
    ended,
    page_of,
    posted,
    state_of,
)
from transfers.tests.support import balance, owner_of, what_was_written
from transfers.tests.walking import address, page, signed_in
from wekeza_portal import clock
from wekeza_portal.rails.base import Receiver
from wekeza_portal.rails.models import RailCircuit

pytestmark = pytest.mark.django_db
KINDS = sorted(FORMS)
TOTALS = {"move_mobile": "5,075.00", "move_airtime": "100.00", "move_bank": "5,150.00", "move_bill": "1,550.00",
          "move_cdsc": "5,100.00", "move_bank_phone": "5,150.00"}  # fmt: skip
Fakes = dict[str, FakeRail]


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def rest(rail: str) -> None:
    """This rail has not answered of late."""
    RailCircuit.objects.create(rail=rail.lower(), failures=5, opened_at=clock.now())


# --- From form to receipt -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_goes_from_form_to_a_receipt_that_says_it_arrived(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    before = balance(sender)
    instruction = ended(browser, name, sender, fakes[RAIL[name]], ARRIVED)
    assert state_of(instruction) == "SETTLED"
    total = instruction.amount + instruction.fee
    assert balance(sender) == before - total
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "arrived at" in html
    assert "SKQ4XYZ123" in html
    assert re.search(r"Confirmed</strong> <span>\d", html)
    assert "data-watch" not in html, "nothing more to wait for"


@pytest.mark.parametrize("name", KINDS)
def test_the_button_of_the_review_says_the_amount_and_the_whole_total(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    instruction = drafted(browser, name, sender)
    html = main_of(page(browser, address("payment_review", instruction)))
    with_the_fee = rf" \(KES {TOTALS[name]} with the fee\)" if instruction.fee else ""
    assert re.search(rf"(Pay|Send) KES {instruction.amount:,.2f} to [^<(]+{with_the_fee}</button>", html)
    assert f"KES {TOTALS[name]}" in html
    after = balance(sender) - instruction.amount - instruction.fee
    assert f"KES {after:,.2f}" in html
    assert f"KES {after - 1000:,.2f}" in html, "what can be spent after it, the minimum left out"


@pytest.mark.parametrize("name", KINDS)
def test_a_double_click_pays_once(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    instruction = posted(browser, name, sender)
    paid = balance(sender)
    again = browser.post(address("payment_confirm", instruction))
    assert (again.status_code, again["Location"]) == (303, address("payment_receipt", instruction))
    assert balance(sender) == paid
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("name", KINDS)
def test_the_back_button_leads_to_the_receipt_not_to_a_second_payment(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    instruction = posted(browser, name, sender)
    back = browser.get(address("payment_review", instruction))
    assert (back.status_code, back["Location"]) == (302, address("payment_receipt", instruction))


def test_two_tabs_make_two_drafts_and_each_is_its_own_payment(browser: Client, sender: Account, fakes: Fakes) -> None:
    one = drafted(browser, "move_mobile", sender, amount="100")
    two = drafted(browser, "move_mobile", sender, amount="200", phone="0733 000 111")
    assert "KES 111.00" in page(browser, address("payment_review", one))
    assert "0733 000 111" in page(browser, address("payment_review", two))


@pytest.mark.parametrize("name", KINDS)
def test_a_stranger_finds_nothing_of_it(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    instruction = ended(browser, name, sender, fakes[RAIL[name]], ARRIVED)
    stranger = signed_in(UserFactory())
    for place in ("payment_review", "payment_receipt", "payment_state", "payment_receipt_pdf", "payment_broker_note"):
        assert stranger.get(address(place, instruction)).status_code == 404, place
    for place in ("payment_confirm", "payment_cancel", "payment_receipt_mail", "payment_receipt_stop"):
        assert stranger.post(address(place, instruction)).status_code == 404, place
    like = stranger.get(page_of(name, like=str(instruction.id)))
    assert like.status_code == 404


def test_an_ended_session_asks_to_sign_in_and_sends_nothing(sender: Account, fakes: Fakes, browser: Client) -> None:
    before = what_was_written()
    browser.logout()
    response = browser.post(page_of("move_mobile"), {"from_account": sender.account_number, **FORMS["move_mobile"]})
    assert response.status_code in (302, 401)
    assert what_was_written() == before


# --- The review ---------------------------------------------------------------------------------------------------


def test_who_confirmed_the_name_is_said(browser: Client, sender: Account, fakes: Fakes) -> None:
    typed = page(browser, address("payment_review", drafted(browser, "move_bank", sender)))
    assert "Nobody checked it" in typed
    fakes["PESALINK"].receiver = Receiver(name="JANE WAMBUI KAMAU")
    said = page(browser, address("payment_review", drafted(browser, "move_bank", sender)))
    assert "Name confirmed by PesaLink." in said
    assert "JANE WAMBUI KAMAU" in said
    assert re.search(r"Send KES 5,000.00 to JANE K\. \(KES 5,150.00 with the fee\)</button>", said)


@pytest.mark.parametrize(("name", "amount", "words"), [
    ("move_mobile", "60000", "To their bank account by phone number this amount costs KES 150.00, which is KES 165.00 "
     "less."),
    ("move_bank", "500", "To a phone this amount costs KES 22.00, which is KES 128.00 less."),
    ("move_bank_phone", "500", "To a phone this amount costs KES 22.00, which is KES 128.00 less."),
])  # fmt: skip
def test_the_cheaper_way_is_said_where_there_is_one(
    browser: Client, sender: Account, fakes: Fakes, name: str, amount: str, words: str
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    html = page(browser, address("payment_review", drafted(browser, name, sender, amount=amount)))
    assert words in html


def test_no_cheaper_way_is_named_that_does_not_work_or_costs_as_much(sender: Account, fakes: Fakes) -> None:
    customer = owner_of(sender)
    assert cheaper_way(customer, "BANK_TRANSFER", Decimal("500.50"), Decimal("150.00")) is None, "no cents to a phone"
    assert cheaper_way(customer, "BANK_TRANSFER", Decimal("40000.00"), Decimal("150.00")) is None
    assert cheaper_way(customer, "BILL_PAYMENT", Decimal("500.00"), Decimal("50.00")) is None
    assert cheaper_way(customer, "MOBILE_MONEY", Decimal("60000.00"), Decimal("315.00")) is not None
    rest("PESALINK")
    assert cheaper_way(customer, "MOBILE_MONEY", Decimal("60000.00"), Decimal("315.00")) is None


@pytest.mark.parametrize("form", ["move_mobile", "move_bank_phone"])
def test_no_hint_ever_tells_that_a_receiver_banks_here(
    browser: Client, sender: Account, receiver: Account, fakes: Fakes, form: str
) -> None:
    """The same page, to the letter, for a number of a Wekeza customer and for one of nobody."""
    customer = owner_of(receiver)
    customer.phone_number = "+254722123456"
    customer.save(update_fields=["phone_number"])
    pages = []
    for phone in ("0722 123 456", "0722 654 321"):
        html = main_of(page(browser, address("payment_review", drafted(browser, form, sender, phone=phone))))
        html = re.sub(r"[0-9a-f-]{36}|value=\"[A-Za-z0-9]{64}\"", "X", html)
        pages.append(html.replace(phone, "PHONE"))
    assert pages[0] == pages[1]


# --- The name that was typed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["move_bank", "move_bank_phone"])
def test_a_typed_name_that_the_other_side_answers_with_another_stands_beside_it(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    fakes["PESALINK"].receiver = Receiver(name="PETER <b>OTIENO</b>", bank="68")
    draft = drafted(browser, name, sender)
    html = main_of(page(browser, address("payment_review", draft)))
    assert "You typed <bdi>Jane Wambui</bdi>; the account belongs to <bdi>PETER &lt;b&gt;OTIENO" in html
    again = page(browser, f"{page_of(name)}?like={draft.id}")
    assert 'value="Jane Wambui"' in again, "what was typed is still in the form"


@pytest.mark.parametrize("confirmed", ["JANE WAMBUI", "jane   wambui", ""])
def test_the_same_name_in_other_letters_or_none_is_no_other_name(
    browser: Client, sender: Account, fakes: Fakes, confirmed: str
) -> None:
    fakes["PESALINK"].receiver = Receiver(name=confirmed)
    html = page(browser, address("payment_review", drafted(browser, "move_bank", sender)))
    assert "You typed <bdi>" not in html
