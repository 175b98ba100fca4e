"""The forms of payments out of the bank: what they say before, while off or slow, and what they fill in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction
from tests.factories import PortalSwitchFactory
from transfers.models import PhonePrefix
from transfers.tests.outside import (
    ARRIVED,
    FORMS,
    RAIL,
    FakeRail,
    drafted,
    ended,
    fill,
    page_of,
    posted,
)
from transfers.tests.support import balance, owner_of
from transfers.tests.walking import address, page
from wekeza_portal import clock
from wekeza_portal.rails.models import RailCircuit

pytestmark = pytest.mark.django_db
KINDS = sorted(FORMS)
Fakes = dict[str, FakeRail]


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def rest(rail: str) -> None:
    """This rail has not answered of late."""
    RailCircuit.objects.create(rail=rail.lower(), failures=5, opened_at=clock.now())


# --- The form -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "least", "most", "price"), [
    ("move_mobile", "10.00", "150,000.00", "The fee depends on the amount."),
    ("move_bank", "", "", 'The fee is <span class="num">KES 150.00</span>'),
    ("move_bank_phone", "100.00", "500,000.00", 'The fee is <span class="num">KES 150.00</span>'),
    ("move_bill", "100.00", "35,000.00", 'The fee is <span class="num">KES 50.00</span>'),
    ("move_cdsc", "", "", 'The fee is <span class="num">KES 100.00</span>'),
    ("move_airtime", "", "", "There is no fee."),
])  # fmt: skip
def test_bounds_fee_and_what_is_left_are_said_before_the_amount(
    browser: Client, sender: Account, fakes: Fakes, name: str, least: str, most: str, price: str
) -> None:
    html = main_of(page(browser, page_of(name)))
    said, typed = html.index('class="terms"'), html.index('name="amount"')
    assert said < typed
    terms = html[said:typed]
    assert least in terms
    assert most in terms
    assert price in terms
    assert "KES 500,000.00" in terms
    assert "KES 100,000.00" in terms, "the cap for somebody new"


def test_the_bands_are_those_in_force(browser: Client, sender: Account, fakes: Fakes) -> None:
    html = page(browser, page_of("move_mobile"))
    assert re.search(r'150,000.00</th><td class="num">315.00', html)


def test_my_own_number_is_one_tap_away_without_any_script(browser: Client, sender: Account, fakes: Fakes) -> None:
    customer = owner_of(sender)
    customer.phone_number = "+254722000111"
    customer.save(update_fields=["phone_number"])
    for name in ("move_mobile", "move_airtime", "move_bank_phone"):
        assert "Use my own number, 0722 000 111" in page(browser, page_of(name))
        assert 'value="0722 000 111"' in page(browser, page_of(name, me="1"))
    assert "Use my own number" not in page(browser, page_of("move_bank"))
    customer.phone_number = "+14155550100"
    customer.save(update_fields=["phone_number"])
    assert "Use my own number" not in page(browser, page_of("move_mobile", me="1"))


def test_the_network_is_guessed_from_the_number_and_can_be_changed(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    PhonePrefix.objects.update_or_create(prefix="733", defaults={"operator": "Airtel", "wallet": "AIRTEL_MONEY"})
    guessed = drafted(browser, "move_mobile", sender, phone="+254733123456")
    assert guessed.payload["values"]["network"] == "AIRTEL_MONEY"
    chosen = drafted(browser, "move_mobile", sender, phone="0733 123 456", network="MPESA")
    assert chosen.payload["values"]["network"] == "MPESA"
    assert "usually belongs to another network" in page(browser, address("payment_review", chosen))
    assert "usually belongs to another network" not in page(browser, address("payment_review", guessed))


def test_the_guess_while_typing_knows_prefixes_and_nobody(browser: Client, sender: Account, fakes: Fakes) -> None:
    html = page(browser, page_of("move_mobile"))
    pairs = re.search(r'data-prefixes="([^"]*)"', html)
    assert pairs is not None
    assert "722:MPESA" in pairs.group(1).split()
    assert all(re.fullmatch(r"\d{3}:[A-Z_]+", pair) for pair in pairs.group(1).split())


def test_airtime_is_sold_by_the_names_of_operators_even_while_a_wallet_is_off(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    PortalSwitchFactory(code="MPESA", is_on=False, notice_en="M-Pesa is being repaired.", notice_sw="Inatengenezwa.")
    html = page(browser, page_of("move_airtime"))
    assert ">Safaricom</option>" in html
    assert "M-Pesa is being repaired." not in html
    assert drafted(browser, "move_airtime", sender, phone="0722 123 456").kind == "AIRTIME"


def test_a_biller_that_is_not_offered_leads_back_to_the_list(browser: Client, sender: Account, fakes: Fakes) -> None:
    for code in ("NOBODY", "", "x" * 500):
        response = browser.get(reverse("move_bill"), {"biller": code})
        assert (response.status_code, response["Location"]) == (302, reverse("move_bills"))


@pytest.mark.parametrize("name", KINDS)
def test_pay_again_fills_in_what_was_typed(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    instruction = ended(browser, name, sender, fakes[RAIL[name]], ARRIVED)
    receipt = page(browser, address("payment_receipt", instruction))
    again = re.search(rf'href="({reverse(name)}\?like=[^"]+)"', receipt)
    assert again is not None
    html = page(browser, again.group(1).replace("&amp;", "&"))
    assert f'value="{instruction.amount:,.2f}"' in html
    assert 'value="Thanks"' in html
    for field in ("phone", "account", "cds_number"):
        if field in FORMS[name]:
            assert re.search(rf'name="{field}" value="[^"]+"', html), field


@pytest.mark.parametrize("said_by", ["customer", "PESALINK"])
def test_sending_again_to_a_bank_keeps_the_receivers_name_whoever_said_it(
    browser: Client, sender: Account, fakes: Fakes, said_by: str
) -> None:
    instruction = ended(browser, "move_bank", sender, fakes[RAIL["move_bank"]], ARRIVED)
    instruction.payload |= {"to_name": "Peter Kamau", "to_name_by": said_by}
    instruction.save(update_fields=["payload"])
    html = page(browser, page_of("move_bank", like=str(instruction.id)))
    assert re.search(r'name="name" value="Peter Kamau"', html)


def test_a_bill_is_not_filled_into_another_billers_form(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = posted(browser, "move_bill", sender)
    html = page(browser, page_of("move_bill", like=str(instruction.id), biller="KPLC_POSTPAID"))
    assert "14123456789" not in html.replace("Like 14123456789", "")


# --- Switched off, resting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [
    ("move_mobile", "MOBILE_MONEY"), ("move_bank", "PESALINK"), ("move_bill", "BILLS"), ("move_airtime", "BILLS"),
    ("move_cdsc", "CDSC"), ("move_bank_phone", "PESALINK"),
])  # fmt: skip
def test_a_kind_that_is_off_says_so_on_form_and_hub(
    browser: Client, sender: Account, fakes: Fakes, name: str, code: str
) -> None:
    draft = drafted(browser, name, sender)
    PortalSwitchFactory(code=code, is_on=False, notice_en="Back at six.", notice_sw="Saa kumi na mbili.")
    for place in (page_of(name), reverse("move"), address("payment_review", draft)):
        assert "Back at six." in page(browser, place), place
    assert "Off for now" in page(browser, reverse("move"))
    before = balance(sender)
    assert "Back at six." in browser.post(address("payment_confirm", draft)).content.decode()
    assert balance(sender) == before


def test_one_network_that_is_off_is_not_offered_and_its_notice_shown(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    PortalSwitchFactory(code="AIRTEL_MONEY", is_on=False, notice_en="Airtel rests.", notice_sw="Airtel imepumzika.")
    html = page(browser, page_of("move_mobile"))
    assert "Airtel rests." in html
    assert 'value="AIRTEL_MONEY"' not in html
    hub = page(browser, reverse("move"))
    assert "Airtel rests." in hub
    assert "Partly off or slow" in hub
    assert "Off for now" not in hub


@pytest.mark.parametrize("name", ["move_airtime", "move_bill", "move_cdsc"])
def test_a_rail_that_rests_and_has_no_other_way_asks_for_patience(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    rest(RAIL[name])
    assert "is slow at the moment. It may work again in a few minutes." in page(browser, page_of(name))
    assert "is slow at the moment" in page(browser, reverse("move"))
    _status, _location, html = fill(browser, name, sender)
    assert "so nothing was sent. Please try again in a few minutes." in html
    assert Instruction.objects.count() == 0
