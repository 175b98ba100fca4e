"""Payments out of the bank on their pages: every kind from form to receipt, and what each page says on the way."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Account, Instruction, User
from tests.factories import PortalSwitchFactory, UserFactory
from transfers.models import Biller, Broker, Payment, PhonePrefix
from transfers.outside.cheaper import cheaper_way
from transfers.tests.outside import (
    ARRIVED,
    FORMS,
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
from transfers.tests.support import balance, owner_of, what_was_written
from transfers.tests.walking import address, page, signed_in
from wekeza_portal import clock
from wekeza_portal.rails.base import Outcome, Receiver, Status
from wekeza_portal.rails.models import RailCircuit

pytestmark = pytest.mark.django_db
KINDS = sorted(FORMS)
RAIL = {"move_mobile": "MPESA", "move_airtime": "BILLS", "move_bank": "PESALINK", "move_bill": "BILLS",
        "move_cdsc": "CDSC"}  # fmt: skip
TOTALS = {"move_mobile": "5,075.00", "move_airtime": "100.00", "move_bank": "5,150.00", "move_bill": "1,550.00",
          "move_cdsc": "5,100.00"}  # fmt: skip
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
def test_the_button_of_the_review_says_the_whole_total(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    instruction = drafted(browser, name, sender)
    html = main_of(page(browser, address("payment_review", instruction)))
    assert re.search(rf"Pay KES {TOTALS[name]} to [^<]+</button>", html)
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


# --- What is refused, and where it is said ------------------------------------------------------------------------

BAD = [
    ("move_mobile", "phone", "12"),
    ("move_mobile", "phone", "0722 123 456 0722 123 456 07221"),
    ("move_mobile", "phone", "٠٧٢٢١٢٣٤٥٦"),
    ("move_mobile", "network", "VISA"),
    ("move_mobile", "name", "x" * 10_000),
    ("move_mobile", "note", "y" * 10_000),
    ("move_mobile", "amount", "100.50"),
    ("move_mobile", "amount", "150001"),
    ("move_mobile", "from_account", "ACC9999999"),
    ("move_airtime", "phone", "hello"),
    ("move_airtime", "amount", "1"),
    ("move_bank", "bank", "77"),
    ("move_bank", "bank", ""),
    ("move_bank", "account", "12"),
    ("move_bank", "account", "=HYPERLINK(1)"),
    ("move_bank", "name", ""),
    ("move_bank", "name", "x" * 10_000),
    ("move_bill", "account", "12"),
    ("move_bill", "account", "<script>alert(1)</script>"),
    ("move_bill", "amount", "99"),
    ("move_bill", "amount", "35001"),
    ("move_cdsc", "broker", "NOBODY"),
    ("move_cdsc", "cds_number", "0722123456789"),
    ("move_cdsc", "cds_number", "123456-EI"),
    ("move_cdsc", "client_type", "XX"),
    *[(name, "amount", amount) for name in KINDS for amount in
      ("", "NaN", "0", "-1", "1e9", "1000000000", "١٠٠", "100 000", "Infinity", "0x10", "99999999999999999999")],
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "value"), BAD)
def test_bad_input_is_refused_at_its_field_keeps_the_rest_and_changes_nothing(
    browser: Client, sender: Account, fakes: Fakes, name: str, field: str, value: str
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    before = what_was_written()
    status, _location, html = fill(browser, name, sender, **{field: value})
    assert status == 200
    at = "client_type" if value == "123456-EI" else field
    assert f'id="id_{at}_error"' in html
    assert '<a href="#id_' in html, "the summary leads to the field"
    assert "<title>Error: " in html
    assert ">Error: Error" not in html
    assert what_was_written() == before
    for kept, typed in FORMS[name].items():
        if kept != field and typed and kept not in {"bank", "broker", "client_type"}:
            assert f'value="{typed}"' in html, kept


@pytest.mark.parametrize("name", KINDS)
def test_several_problems_are_said_at_once(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    wrong = {"move_bank": "account", "move_bill": "account", "move_cdsc": "cds_number"}.get(name, "phone")
    _status, _location, html = fill(browser, name, sender, **{wrong: "1", "amount": "2000000"})
    assert f'id="id_{wrong}_error"' in html
    assert 'id="id_amount_error"' in html
    assert "can be up to KES" in html


def test_an_amount_the_account_does_not_hold_is_said_beside_a_wrong_number(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    _status, _location, html = fill(browser, "move_mobile", sender, phone="1", amount="13000")
    assert 'id="id_phone_error"' in html
    assert "must stay in a savings account. You can send up to" in html


@pytest.mark.parametrize("name", ["move_mobile", "move_bank"])
@pytest.mark.parametrize("said", ["<script>alert(1)</script>", "🎉 Jane 👨‍👩‍👧", "=1+1", '"><img src=x>'])
def test_odd_names_are_shown_as_text(browser: Client, sender: Account, fakes: Fakes, name: str, said: str) -> None:
    fakes[RAIL[name]].receiver = Receiver()
    status, location, html = fill(browser, name, sender, name=said)
    shown = page(browser, location) if status == 303 else html
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


def test_the_new_payee_cap_is_refused_with_what_would_pass(browser: Client, sender: Account, fakes: Fakes) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    posted(browser, "move_bank", sender, amount="60000")
    _status, _location, html = fill(browser, "move_bank", sender, amount="60000")
    assert "To somebody new you can send up to KES 40,000.00" in html


def test_what_is_left_to_a_new_receiver_and_until_when_stands_on_the_review(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    posted(browser, "move_bank", sender, amount="60000")
    first = Payment.objects.get().received_at.astimezone(clock.NAIROBI)
    html = page(browser, address("payment_review", drafted(browser, "move_bank", sender, amount="100")))
    assert "KES 40,000.00" in html
    assert f"The cap ends tomorrow at {first:%H:%M}." in html or f"The cap ends today at {first:%H:%M}." in html


def test_a_number_that_the_other_side_does_not_know_is_refused_at_its_field(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["PESALINK"].receiver = Receiver(refusal="wrong_account")
    _status, _location, html = fill(browser, "move_bank", sender)
    assert re.search(r'id="id_account_error".*does not know this account', html, re.DOTALL)


def test_a_rails_own_bounds_are_kept(browser: Client, sender: Account, fakes: Fakes) -> None:
    from wekeza_portal.rails.base import Limits

    fakes["MPESA"].limits = Limits(Decimal("10.00"), Decimal("3000.00"), whole=True)
    _status, _location, html = fill(browser, "move_mobile", sender, amount="3001")
    assert "up to KES 3,000.00" in html


# --- The form -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "least", "most", "price"), [
    ("move_mobile", "10.00", "150,000.00", "The fee depends on the amount."),
    ("move_bank", "", "", 'The fee is <span class="num">KES 150.00</span>'),
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
    for name in ("move_mobile", "move_airtime"):
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
    instruction = posted(browser, name, sender)
    receipt = page(browser, address("payment_receipt", instruction))
    again = re.search(rf'href="({reverse(name)}\?like=[^"]+)"', receipt)
    assert again is not None
    html = page(browser, again.group(1).replace("&amp;", "&"))
    assert f'value="{instruction.amount:,.2f}"' in html
    assert 'value="Thanks"' in html
    for field in ("phone", "account", "cds_number"):
        if field in FORMS[name]:
            assert re.search(rf'name="{field}" value="[^"]+"', html), field


def test_a_bill_is_not_filled_into_another_billers_form(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = posted(browser, "move_bill", sender)
    html = page(browser, page_of("move_bill", like=str(instruction.id), biller="KPLC_POSTPAID"))
    assert "14123456789" not in html.replace("Like 14123456789", "")


# --- Switched off, resting ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [
    ("move_mobile", "MOBILE_MONEY"), ("move_bank", "PESALINK"), ("move_bill", "BILLS"), ("move_airtime", "BILLS"),
    ("move_cdsc", "CDSC"),
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


@pytest.mark.parametrize(("name", "instead"), [
    ("move_mobile", "You can send to a bank account instead"), ("move_bank", "You can send to a phone instead"),
    ("move_bill", "Please try again in a few minutes"),
])  # fmt: skip
def test_a_rail_that_rests_is_said_and_another_way_named(
    browser: Client, sender: Account, fakes: Fakes, name: str, instead: str
) -> None:
    rest(RAIL[name])
    assert "is slow at the moment" in page(browser, page_of(name))
    assert "is slow at the moment" in page(browser, reverse("move"))
    _status, _location, html = fill(browser, name, sender)
    assert instead in html
    assert Instruction.objects.count() == 0


# --- The review ---------------------------------------------------------------------------------------------------


def test_who_confirmed_the_name_is_said(browser: Client, sender: Account, fakes: Fakes) -> None:
    typed = page(browser, address("payment_review", drafted(browser, "move_bank", sender)))
    assert "Nobody checked it" in typed
    fakes["PESALINK"].receiver = Receiver(name="JANE WAMBUI KAMAU")
    said = page(browser, address("payment_review", drafted(browser, "move_bank", sender)))
    assert "Name confirmed by PesaLink." in said
    assert "JANE WAMBUI KAMAU" in said
    assert re.search(r"Pay KES 5,150.00 to JANE K\.</button>", said)


@pytest.mark.parametrize(("name", "amount", "words"), [
    ("move_mobile", "60000", "To a bank account this amount costs KES 150.00, which is KES 165.00 less."),
    ("move_bank", "500", "To a phone this amount costs KES 22.00, which is KES 128.00 less."),
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


def test_no_hint_ever_tells_that_a_receiver_banks_here(
    browser: Client, sender: Account, receiver: Account, fakes: Fakes
) -> None:
    """The same page, to the letter, for a number of a Wekeza customer and for one of nobody."""
    customer = owner_of(receiver)
    customer.phone_number = "+254722123456"
    customer.save(update_fields=["phone_number"])
    pages = []
    for phone in ("0722 123 456", "0722 654 321"):
        html = main_of(page(browser, address("payment_review", drafted(browser, "move_mobile", sender, phone=phone))))
        html = re.sub(r"[0-9a-f-]{36}|value=\"[A-Za-z0-9]{64}\"", "X", html)
        pages.append(html.replace(phone, "PHONE"))
    assert pages[0] == pages[1]


# --- The life of a payment ----------------------------------------------------------------------------------------


def test_on_its_way_the_page_says_so_and_can_be_looked_at_again(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], TAKEN)
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "is on its way to" in html
    assert 'href="">Look again' in html
    assert f'data-watch="{address("payment_state", instruction)}"' in html
    assert "when the other side says so" in html
    assert ">Done<" not in html


def test_unknown_is_said_in_honest_words(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], SILENT)
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert "We do not know yet whether it arrived" in html
    assert "Please do not send it again" in html
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


def test_the_hub_offers_everybody_paid_one_tap_away(
    browser: Client, sender: Account, receiver: Account, fakes: Fakes
) -> None:
    from transfers.tests.support import pay

    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    pay(sender, receiver, "100.00")
    for name in KINDS:
        posted(browser, name, sender)
    posted(browser, "move_mobile", sender, amount="200")
    html = page(browser, reverse("move"))
    assert "Paid 2 times, last" in html
    assert html.count("Paid once, on") == 5
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
        assert re.search(r"Lipa KES [\d,.]+ kwa", page(browser, address("payment_review", draft)))
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
