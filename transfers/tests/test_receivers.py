"""Who is paid, in the same words wherever the payer compares them."""

import re
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import translation

from accounts.identity import stepup
from accounts.identity.codes import _text
from accounts.models import Account, Instruction, OneTimeCode
from transfers import receivers
from transfers.kinds import describe
from transfers.models import Biller, Payment
from transfers.outside import held
from transfers.recent import recent_payees
from transfers.tests.outside import ARRIVED, FakeRail, drafted, ended, posted
from transfers.tests.support import owner_of
from transfers.tests.test_outside_papers import pdf
from transfers.tests.walking import address, page
from wekeza_portal import clock
from wekeza_portal.rails.base import Receiver

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeRail]
JANE = "Kenya Power prepaid for JANE W."


def button(html: str) -> str:
    found = re.search(r'/confirm/">.*?<button[^>]*>(.*?)</button>', html, re.DOTALL)
    assert found is not None
    return unescape(found[1]).strip()


def test_a_bill_names_the_company_first_on_every_page_and_paper(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    payment = ended(browser, "move_bill", sender, fakes["BILLS"], ARRIVED)
    assert stepup.describe(payment) == f"KES 1,500.00 to {JANE}, 14123456789"
    receipt = page(browser, address("payment_receipt", payment))
    assert f"KES 1,500.00 arrived at {JANE}" in receipt
    assert "Kenya Power prepaid (tokens)<small>for JANE WANJIKU," in receipt
    assert "for JANE WANJIKU, 14123456789" in pdf(browser, "payment_receipt_pdf", payment)
    browser.post(address("payment_share", payment))
    shared = re.search(r'href="(https://wa\.me/[^"]*)"', page(browser, address("payment_receipt", payment)))
    assert shared is not None
    said = parse_qs(urlsplit(unescape(shared[1])).query)["text"][0]
    assert said.startswith(f"KES 1,500.00 to {JANE}, ")
    assert "14123456789" not in said


def test_the_button_says_the_amount_of_the_code_and_the_total_behind_it(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    bill = drafted(browser, "move_bill", sender)
    assert bill.fee > 0
    total = f"KES {bill.amount + bill.fee:,.2f}"
    review = page(browser, address("payment_review", bill))
    assert button(review) == f"Pay KES 1,500.00 to {JANE} ({total} with the fee)"
    assert "Kenya Power prepaid (tokens)<small>for JANE WANJIKU," in review
    assert "Name confirmed by the bill payment service." in review


def test_without_a_fee_the_button_says_the_amount_alone(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_bill", sender)
    Instruction.objects.filter(pk=draft.pk).update(fee=Decimal("0.00"))
    assert button(page(browser, address("payment_review", draft))) == "Pay KES 1,500.00 to Kenya Power prepaid"


def test_a_phone_without_a_name_is_named_by_its_wallet(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_mobile", sender, name="", amount="300")
    assert describe(draft) == "KES 300.00 to M-Pesa 0722 123 456"
    assert button(page(browser, address("payment_review", draft))).startswith(
        "Send KES 300.00 to M-Pesa 0722 123 456 ("
    )


def test_airtime_is_for_its_number(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_airtime", sender)
    assert describe(draft) == "KES 100.00 to Airtel airtime for 0733 123 456"
    paid = ended(browser, "move_airtime", sender, fakes["BILLS"], ARRIVED, amount="200")
    assert "KES 200.00 arrived at Airtel airtime for 0733 123 456" in page(browser, address("payment_receipt", paid))
    browser.post(address("payment_share", paid))
    shared = re.search(r'data-share="([^"]*)"', page(browser, address("payment_receipt", paid)))
    assert shared is not None
    assert shared[1].startswith("KES 200.00 to Airtel airtime, ")
    assert "0733" not in shared[1]


def test_a_person_at_another_bank_is_named_as_before(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = Receiver("JANE WAMBUI")
    draft = drafted(browser, "move_bank", sender)
    assert describe(draft) == "KES 5,000.00 to JANE W., 1102345678"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_no_biller_makes_the_code_longer_than_one_message_or_cuts_the_number(language: str) -> None:
    number = "1" * 13
    for biller in Biller.objects.all():
        for name in ("MWANAHAMISI ABDALLAH", "ABCDEFGHIJKLMNOPQRSTUVWXYZ LONG", biller.name):
            payload = {"to_name": name, "to_at": biller.name, "to_number": number, "values": {"biller": biller.code}}
            bill = Instruction(kind="BILL_PAYMENT", amount=Decimal("35000.00"), payload=payload)
            with translation.override(language):
                about = describe(bill)
                text = _text(OneTimeCode.Purpose.STEP_UP, "123456", about, 160, True)
            assert len(text) <= 160
            assert f", {number}" in text, text


def test_what_a_paper_keeps_of_a_company_hangs_on_no_language() -> None:
    payload = {"to_name": "JANE WANJIKU", "to_at": "Kenya Power prepaid (tokens)", "to_number": "14123456789",
               "values": {"biller": "KPLC_PREPAID"}}  # fmt: skip
    with translation.override("sw"):
        kept = receivers.in_any_language(payload)
    assert kept == receivers.in_any_language(payload) == "Kenya Power prepaid, JANE W."


def test_the_list_of_the_recently_paid_names_the_company_first_too(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    ended(browser, "move_bill", sender, fakes["BILLS"], ARRIVED)
    (recent,) = recent_payees(owner_of(sender))
    assert (recent.name, recent.at, recent.number) == (JANE, "", "14123456789")


def test_a_cancelled_draft_says_to_whom_it_would_have_gone(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_mobile", sender, name="", amount="300")
    html = browser.post(address("payment_cancel", draft), follow=True).content.decode()
    assert "<dd>M-Pesa 0722 123 456<small" in html


def test_what_is_sent_after_all_is_named_like_the_payment(browser: Client, sender: Account, fakes: Fakes) -> None:
    paid = posted(browser, "move_mobile", sender, name="", amount="300")
    Payment.objects.filter(pk=paid.pk).update(held_at=clock.now(), due_at=None)
    act = held.prepare_sending(owner_of(sender), paid.pk)
    assert stepup.describe(act) == "send KES 300.00 to M-Pesa 0722 123 456 after all"
