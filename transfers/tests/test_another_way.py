"""While one rail rests, the customer is told what works instead, and goes there with what they typed."""

import html as html_of
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import unquote

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import instructions
from accounts.models import Account, BranchCustomer, FeeBand, Instruction, User
from tests.factories import CustomerFactory, FeeFactory, PortalSwitchFactory, UserFactory
from transfers import destinations
from transfers.models import PhonePrefix
from transfers.outside import carrying, errors
from transfers.outside.cheaper import cheaper_way
from transfers.outside.instead import other_way
from transfers.outside.preparing import Wish, prepare_payment
from transfers.tests.outside import REFUSED, FakeRail, drafted, ended, fill, page_of
from transfers.tests.support import as_actor, balance, confirm, owner_of, what_was_written
from transfers.tests.walking import address, page, signed_in
from wekeza_portal import clock, crypto
from wekeza_portal.rails.circuit import REST
from wekeza_portal.rails.models import RailCircuit

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeRail]
D = Decimal
M_PESA_RESTS = "M-Pesa is slow now; PesaLink to a phone works."
FORMS_TO_PEOPLE = ("move_mobile", "move_bank_phone", "move_bank")
RAILS = {"move_mobile": "MPESA", "move_bank_phone": "PESALINK", "move_bank": "PESALINK"}
PESALINK_RESTS = "PesaLink is slow now; M-Pesa works."


@pytest.fixture(autouse=True)
def _whose_numbers_they_are(db: None) -> None:
    PhonePrefix.objects.update_or_create(prefix="733", defaults={"operator": "Airtel", "wallet": "AIRTEL_MONEY"})


def rest(*rails: str) -> None:
    """These rails have not answered of late."""
    for rail in rails:
        RailCircuit.objects.update_or_create(rail=rail.lower(), defaults={"failures": 5, "opened_at": clock.now()})


def off(code: str) -> None:
    PortalSwitchFactory(code=code, is_on=False, notice_en="Back at six.", notice_sw="Saa kumi na mbili.")


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def link_to(html: str, name: str) -> str:
    """The address of the link to another way; "" where there is none."""
    found = re.search(rf'<a class="btn btn--quiet" href="({reverse(name)}(?:\?[^"]*)?)"', main_of(html))
    return html_of.unescape(found.group(1)) if found else ""


def has(html: str, **fields: str) -> bool:
    return all(re.search(rf'name="{name}" value="{re.escape(value)}"', html) for name, value in fields.items())


# --- What is named ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("resting", "kind", "phone", "named"), [
    (["MPESA"], "MOBILE_MONEY", "254722123456", "BANK_BY_PHONE"),
    (["MPESA", "PESALINK"], "MOBILE_MONEY", "254722123456", None),
    (["PESALINK"], "BANK_BY_PHONE", "254722123456", "MPESA"),
    (["PESALINK"], "BANK_BY_PHONE", "254733123456", "AIRTEL_MONEY"),
    (["PESALINK", "MPESA"], "BANK_BY_PHONE", "254722123456", None),
    (["PESALINK", "MPESA"], "BANK_BY_PHONE", "", "AIRTEL_MONEY"),
    (["PESALINK", "AIRTEL_MONEY"], "BANK_BY_PHONE", "254733123456", None),
    (["PESALINK"], "BANK_TRANSFER", "", "MPESA"),
    (["BILLS"], "BILL_PAYMENT", "", None),
    (["BILLS"], "AIRTIME", "254722123456", None),
    (["CDSC"], "CDSC_TRANSFER", "", None),
])  # fmt: skip
def test_only_a_way_that_works_itself_is_named(
    sender: Account, fakes: Fakes, resting: list[str], kind: str, phone: str, named: str | None
) -> None:
    rest(*resting)
    way = other_way(owner_of(sender), kind, phone=phone)
    assert (way and (way.kind if named in destinations.Kind.values else way.rail)) == named


@pytest.mark.parametrize("code", ["PESALINK"])
def test_a_way_that_is_switched_off_is_not_named(sender: Account, fakes: Fakes, code: str) -> None:
    rest("MPESA")
    off(code)
    assert other_way(owner_of(sender), "MOBILE_MONEY") is None


@pytest.mark.parametrize("code", ["MOBILE_MONEY", "MPESA"])
def test_a_wallet_that_is_switched_off_is_not_named(sender: Account, fakes: Fakes, code: str) -> None:
    rest("PESALINK")
    off(code)
    assert other_way(owner_of(sender), "BANK_BY_PHONE", phone="254722123456") is None


@pytest.mark.parametrize(("kind", "amount", "phone"), [
    ("MOBILE_MONEY", "99.00", "254722123456"),
    ("BANK_BY_PHONE", "150000.01", "254722123456"),
    ("BANK_BY_PHONE", "150001.00", "254722123456"),
    ("BANK_BY_PHONE", "500.50", "254722123456"),
    ("BANK_TRANSFER", "500.50", ""),
])  # fmt: skip
def test_a_way_that_does_not_take_the_amount_is_not_named(
    sender: Account, fakes: Fakes, kind: str, amount: str, phone: str
) -> None:
    rest("MPESA" if kind == "MOBILE_MONEY" else "PESALINK")
    assert other_way(owner_of(sender), kind, amount=D(amount), phone=phone) is None
    assert other_way(owner_of(sender), kind, amount=D("500.00"), phone=phone) is not None


# --- The form -----------------------------------------------------------------------------------------------------


def test_before_a_number_is_typed_the_page_says_what_works(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    html = page(browser, page_of("move_mobile"))
    assert M_PESA_RESTS in html
    assert "is slow at the moment" not in html
    assert link_to(html, "move_bank_phone").split("?")[0] == reverse("move_bank_phone")


def test_a_refusal_says_it_and_the_link_carries_amount_and_phone_over(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    rest("MPESA")
    before = what_was_written()
    status, _location, html = fill(browser, "move_mobile", sender, amount="1,234", note="Rent & food")
    assert (status, what_was_written()) == (200, before)
    assert "M-Pesa is slow now, so nothing was sent; PesaLink to a phone works." in html
    link = link_to(html, "move_bank_phone")
    other = page(browser, link)
    assert has(other, phone="0722 123 456", amount="1,234", name="Jane Wambui", note="Rent &amp; food")
    assert f'value="{sender.account_number}" selected' in other


def test_and_the_other_way_round(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("PESALINK")
    assert PESALINK_RESTS in page(browser, page_of("move_bank"))
    _status, _location, html = fill(browser, "move_bank_phone", sender, phone="0733 123 456", amount="700")
    assert "PesaLink is slow now, so nothing was sent; Airtel Money works." in html
    other = page(browser, link_to(html, "move_mobile"))
    assert has(other, phone="0733 123 456", amount="700")
    assert Instruction.objects.count() == 0


def test_an_account_number_is_never_carried_where_a_phone_is_asked_for(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    rest("PESALINK")
    _status, _location, html = fill(browser, "move_bank", sender, amount="700")
    other = page(browser, link_to(html, "move_mobile"))
    assert has(other, amount="700", name="Jane Wambui")
    assert "1102345678" not in other


def test_where_both_rest_patience_is_asked_for_and_nothing_named(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    rest("MPESA", "PESALINK")
    html = page(browser, page_of("move_mobile"))
    assert "M-Pesa is slow at the moment. It may work again in a few minutes." in html
    assert link_to(html, "move_bank_phone") == ""
    _status, _location, refused = fill(browser, "move_mobile", sender)
    assert "M-Pesa is slow at the moment, so nothing was sent. Please try again in a few minutes." in refused
    assert "PesaLink to a phone works" not in refused


@pytest.mark.parametrize("stop", [lambda: rest("PESALINK"), lambda: off("PESALINK")])
def test_the_page_for_wallets_offers_the_bank_account_only_while_that_works(
    browser: Client, sender: Account, fakes: Fakes, stop: Callable[[], None]
) -> None:
    words = "To their bank account instead, by phone number (PesaLink)"
    html = page(browser, page_of("move_mobile"))
    assert words in html
    assert "slow" not in main_of(html)
    stop()
    html = page(browser, page_of("move_mobile"))
    assert words not in html
    assert "slow" not in main_of(html), "nobody here asked for PesaLink"
    assert "Back at six." not in html


def test_another_network_goes_through_all_the_same(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    assert drafted(browser, "move_mobile", sender, phone="0733 123 456").payload["values"]["network"] == "AIRTEL_MONEY"


def test_after_the_rest_nothing_is_said_any_more(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    RailCircuit.objects.update(opened_at=clock.now() - REST - timedelta(seconds=1))
    html = page(browser, page_of("move_mobile"))
    assert "slow" not in main_of(html)
    assert link_to(html, "move_bank_phone") == ""


@pytest.mark.parametrize(("code", "name", "other"), [
    ("MOBILE_MONEY", "move_mobile", "move_bank_phone"), ("PESALINK", "move_bank_phone", "move_mobile"),
    ("PESALINK", "move_bank", "move_mobile"), ("MPESA", "move_mobile", "move_bank_phone"),
])  # fmt: skip
def test_what_is_switched_off_leads_to_what_works(
    browser: Client, sender: Account, fakes: Fakes, code: str, name: str, other: str
) -> None:
    off(code)
    html = page(browser, page_of(name))
    assert "Back at six." in html
    assert link_to(html, other)


def test_kiswahili_says_it_too(browser: Client, user: User, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    browser.cookies["wekeza_language"] = "sw"
    user.language = "sw"
    user.save(update_fields=["language"])
    html = page(browser, page_of("move_mobile"))
    assert "M-Pesa inachelewa sasa; PesaLink kwa nambari ya simu inafanya kazi." in html
    assert "Tuma kwenye akaunti yao ya benki kwa nambari ya simu" in html


# --- The link -----------------------------------------------------------------------------------------------------


def test_no_address_holds_a_number_a_name_or_an_amount(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    link = unquote(link_to(fill(browser, "move_mobile", sender)[2], "move_bank_phone"))
    for secret in ("0722", "722123456", "Jane", "5000", sender.account_number):
        assert secret not in link


def test_another_customer_gets_nothing_of_it(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    link = link_to(fill(browser, "move_mobile", sender)[2], "move_bank_phone")
    html = page(signed_in(UserFactory()), link)
    assert "0722 123 456" not in html


def test_it_ends_after_an_hour(sender: Account) -> None:
    customer = owner_of(sender)
    link = carrying.carried(customer, {"phone": "0722 123 456"})
    with time_machine.travel(clock.now() + carrying.LIFE - timedelta(seconds=5), tick=False):
        assert carrying.read(customer, link) == {"phone": "0722 123 456"}
    with time_machine.travel(clock.now() + carrying.LIFE + timedelta(seconds=5), tick=False):
        assert carrying.read(customer, link) == {}


@pytest.mark.parametrize("text", ["", "x", "x" * 10_000, "٠٧٢٢", "🎉", "<script>", "gAAAAAB", "%00", "=1+1"])
def test_what_is_no_link_of_ours_fills_in_nothing(browser: Client, sender: Account, fakes: Fakes, text: str) -> None:
    assert carrying.read(owner_of(sender), text) == {}
    html = browser.get(reverse("move_bank_phone"), {"with": text})
    assert html.status_code == 200


def test_other_secrets_of_the_bank_are_no_links(sender: Account) -> None:
    for secret in ("123456", "[]", '{"typed": {"phone": "1"}}'):
        assert carrying.read(owner_of(sender), crypto.encrypt(secret)) == {}


def test_nothing_too_long_to_be_meant_is_carried(browser: Client, sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    html = fill(browser, "move_mobile", sender, note="y" * 10_000, name="x" * 10_000, amount="700")[2]
    link = link_to(html, "move_bank_phone")
    assert len(link) < carrying.LONGEST
    assert has(page(browser, link), phone="0722 123 456", amount="700")


def test_it_is_read_only_by_the_forms_it_can_lead_to(browser: Client, sender: Account, fakes: Fakes) -> None:
    link = carrying.carried(owner_of(sender), {"phone": "0722 123 456", "amount": "700"})
    assert 'value="0722 123 456"' not in main_of(page(browser, page_of("move_airtime", **{"with": link})))


@given(typed=st.dictionaries(st.sampled_from([*carrying.FIELDS, "csrf", "to"]), st.text(max_size=120)))
@settings(max_examples=60, deadline=None)
def test_what_is_carried_comes_back_as_it_was(typed: dict[str, str]) -> None:
    customer = BranchCustomer(user_id=7)
    link = carrying.carried(customer, typed)
    back = carrying.read(customer, link)
    kept = {name: text for name, text in typed.items() if name in carrying.FIELDS and 0 < len(text) <= 100}
    assert back == (kept if link and len(link) <= carrying.LONGEST else {})
    assert carrying.read(BranchCustomer(user_id=8), link) == {}


# --- The review and the receipt -----------------------------------------------------------------------------------


def test_a_draft_whose_rail_went_to_rest_says_so_and_leads_on_with_what_was_typed(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    draft = drafted(browser, "move_mobile", sender, amount="700")
    assert "slow" not in main_of(page(browser, address("payment_review", draft)))
    rest("MPESA")
    html = page(browser, address("payment_review", draft))
    assert M_PESA_RESTS in html
    link = link_to(html, "move_bank_phone")
    assert link == f"{reverse('move_bank_phone')}?like={draft.id}"
    assert has(page(browser, link), phone="0722 123 456", amount="700.00", note="Thanks")


def test_a_draft_that_is_switched_off_leads_on_too_at_review_and_at_confirm(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    draft, before = drafted(browser, "move_bank_phone", sender, phone="0722 123 456", amount="700"), balance(sender)
    off("PESALINK")
    for html in (page(browser, address("payment_review", draft)),
                 browser.post(address("payment_confirm", draft)).content.decode()):  # fmt: skip
        assert "Back at six." in html
        assert link_to(html, "move_mobile") == f"{reverse('move_mobile')}?like={draft.id}"
    assert balance(sender) == before


def test_too_little_money_is_no_reason_for_another_way(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_bank_phone", sender, phone="0722 123 456")
    Account.objects.filter(pk=sender.pk).update(balance=D("1500.00"))
    instructions.approve(customer=owner_of(sender), instruction_id=draft.id)
    html = browser.post(address("payment_confirm", draft)).content.decode()
    assert 'role="alert"' in html
    assert link_to(html, "move_mobile") == ""


def test_a_payment_that_came_back_from_a_wallet_leads_to_the_bank_account(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    back = ended(browser, "move_mobile", sender, fakes["MPESA"], REFUSED, amount="700")
    html = page(browser, address("payment_receipt", back))
    link = link_to(html, "move_bank_phone")
    assert has(page(browser, link), phone="0722 123 456", amount="700.00")


def test_a_bill_that_came_back_leads_nowhere_else(browser: Client, sender: Account, fakes: Fakes) -> None:
    back = ended(browser, "move_bill", sender, fakes["BILLS"], REFUSED)
    html = page(browser, address("payment_receipt", back))
    assert not any(link_to(html, name) for name in ("move_bank_phone", "move_mobile", "move_bank"))


def test_somebody_elses_payment_fills_in_nothing(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_mobile", sender)
    stranger = signed_in(UserFactory())
    for name in ("move_bank_phone", "move_bank"):
        assert stranger.get(page_of(name, like=str(draft.id))).status_code == 404


@pytest.mark.parametrize("name", ["move_airtime", "move_cdsc"])
def test_a_payment_to_a_phone_is_not_filled_into_a_form_of_something_else(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    draft = drafted(browser, "move_mobile", sender)
    assert 'value="0722 123 456"' not in main_of(page(browser, page_of(name, like=str(draft.id))))


# --- The service, without any page --------------------------------------------------------------------------------


def test_the_service_names_it_too(sender: Account, fakes: Fakes) -> None:
    rest("MPESA")
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_phone("0722 123 456", "MPESA"), D("700.00"))
    with pytest.raises(errors.RailRests) as refused:
        prepare_payment(customer, wish, actor=as_actor(customer))
    assert str(refused.value) == "M-Pesa is slow now, so nothing was sent; PesaLink to a phone works."


def test_a_confirmed_payment_whose_rail_rests_waits_and_is_not_lost(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    draft = drafted(browser, "move_bank_phone", sender)
    rest("PESALINK")
    confirm(draft)
    assert "It has left your account" in page(browser, address("payment_receipt", draft))


# --- The cheaper way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "amount", "fee", "expected"), [
    ("MOBILE_MONEY", "60000.00", "315.00", ("BANK_BY_PHONE", "165.00")),
    ("MOBILE_MONEY", "10000.00", "115.00", None),
    ("BANK_BY_PHONE", "5000.00", "150.00", ("MOBILE_MONEY", "75.00")),
    ("BANK_BY_PHONE", "5000.50", "150.00", None),
    ("BANK_BY_PHONE", "60000.00", "150.00", None),
    ("BANK_TRANSFER", "5000.00", "150.00", ("MOBILE_MONEY", "75.00")),
])  # fmt: skip
def test_the_cheapest_other_way_is_named_and_a_dearer_one_never(
    sender: Account, fakes: Fakes, kind: str, amount: str, fee: str, expected: tuple[str, str] | None
) -> None:
    found = cheaper_way(owner_of(sender), kind, D(amount), D(fee), "254722123456")
    assert (found and (found.kind, str(found.saves))) == expected


def test_the_two_ways_to_a_bank_are_compared_by_their_own_rows(sender: Account, fakes: Fakes) -> None:
    FeeFactory(code="BANK_BY_PHONE", amount=D("40.00"), effective_from=clock.today())
    found = cheaper_way(owner_of(sender), "BANK_TRANSFER", D("5000.00"), D("150.00"))
    assert found is not None
    assert (found.kind, found.saves) == ("BANK_BY_PHONE", D("110.00"))
    FeeBand.objects.all().delete()
    FeeFactory(code="BANK_TRANSFER", amount=D("30.00"), effective_from=clock.today())
    found = cheaper_way(owner_of(sender), "BANK_BY_PHONE", D("5000.00"), D("40.00"), "254722123456")
    assert found is not None
    assert found.kind == "BANK_TRANSFER"


@pytest.mark.parametrize("rail", ["MPESA", "PESALINK"])
def test_a_cheaper_way_that_rests_is_not_named(sender: Account, fakes: Fakes, rail: str) -> None:
    rest(rail)
    kind, fee = ("BANK_BY_PHONE", "150.00") if rail == "MPESA" else ("MOBILE_MONEY", "315.00")
    amount = "5000.00" if rail == "MPESA" else "60000.00"
    assert cheaper_way(owner_of(sender), kind, D(amount), D(fee), "254722123456") is None


def test_the_cheaper_way_leads_on_with_phone_and_amount(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_bank_phone", sender, phone="0722 123 456", amount="500")
    html = page(browser, address("payment_review", draft))
    assert "To a phone this amount costs KES 22.00, which is KES 128.00 less." in html
    link = f"{reverse('move_mobile')}?like={draft.id}"
    assert f'href="{link}"' in html
    assert has(page(browser, link), phone="0722 123 456", amount="500.00")


def test_a_customer_of_another_tier_is_asked_by_their_own_rows(fakes: Fakes) -> None:
    customer = CustomerFactory(kyc_tier="TIER_1")
    rest("MPESA")
    assert other_way(customer, "MOBILE_MONEY", amount=D("500.00")) is not None


# --- Light enough -------------------------------------------------------------------------------------------------


def selects(browser: Client, path: str) -> list[str]:
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return [query["sql"] for query in asked.captured_queries if query["sql"].lstrip().upper().startswith("SELECT")]


@pytest.mark.parametrize("rail", ["MPESA", "PESALINK"])
def test_no_page_asks_more_than_ten_questions_while_a_rail_rests(
    browser: Client, sender: Account, fakes: Fakes, rail: str
) -> None:
    drafts = [drafted(browser, name, sender, phone="0722 123 456", amount="700") for name in FORMS_TO_PEOPLE]
    back = [ended(browser, name, sender, fakes[RAILS[name]], REFUSED, amount="700") for name in FORMS_TO_PEOPLE]
    rest(rail)
    places = [*(page_of(name) for name in FORMS_TO_PEOPLE), *(address("payment_review", row) for row in drafts)]
    for path in [*places, *(address("payment_receipt", row) for row in back)]:
        questions = selects(browser, path)
        assert len(questions) <= 10, f"{path}: {len(questions)}\n" + "\n".join(questions)
