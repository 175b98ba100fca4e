"""What is given out about payments out of the bank: receipts, the broker's note, receipts by e-mail."""

import subprocess
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from transfers import mailing
from transfers.models import Payment
from transfers.outside import working
from transfers.papers import RECEIPT
from transfers.selectors import paper_of
from transfers.tests.outside import ARRIVED, RAIL, REFUSED, TAKEN, FakeRail, drafted, ended, posted
from transfers.tests.support import owner_of, pay
from transfers.tests.walking import address, page
from wekeza_portal import ratelimit
from wekeza_portal.actors import system
from wekeza_portal.documents.models import IssuedPaper
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.rails.base import Receiver

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeRail]


def text_of(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def pdf(browser: Client, name: str, instruction: Any) -> str:
    response = browser.get(address(name, instruction))
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    return text_of(response.getvalue())


@pytest.mark.parametrize(("outcome", "word"), [(ARRIVED, "Confirmed"), (TAKEN, "On its way"), (REFUSED, "Returned")])
def test_the_receipt_says_the_state_of_the_payment(
    browser: Client, sender: Account, fakes: Fakes, outcome: Any, word: str
) -> None:
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], outcome)
    text = pdf(browser, "payment_receipt_pdf", instruction)
    assert word in text
    assert "KES 5,150.00" in text
    assert "excise duty inside" in text
    assert ("SKQ4XYZ123" in text) == (outcome is ARRIVED)


def test_a_receipt_that_said_on_its_way_is_a_new_edition_once_it_arrived(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = posted(browser, "move_bank", sender)
    assert "On its way" in pdf(browser, "payment_receipt_pdf", instruction)
    ended(browser, "move_mobile", sender, fakes["PESALINK"], ARRIVED)
    assert "Confirmed" in pdf(browser, "payment_receipt_pdf", instruction)
    assert IssuedPaper.objects.filter(kind=RECEIPT).count() == 2


def test_who_verifies_a_receipt_sees_no_number_and_no_full_name(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], ARRIVED)
    pdf(browser, "payment_receipt_pdf", instruction)
    html = page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.get().code]))
    assert "JANE W." in html.upper()
    for secret in ("Wambui", "1102345678", sender.account_number, "Odenyire"):
        assert secret not in html


def test_a_returned_payments_paper_is_headed_as_such_and_proves_nothing(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], REFUSED)
    text = pdf(browser, "payment_receipt_pdf", instruction)
    assert "Returned payment" in text
    assert "It is no proof that the receiver was paid." in text
    for word in ("Payment receipt", f"Receipt {paper_of(instruction).reference}", "Confirmed"):
        assert word not in text
    browser.post(address("payment_receipt_mail", instruction))
    (mail,) = mails()
    assert mail.subject.endswith(", returned")
    assert mail.body.startswith("Returned payment: ")


@pytest.mark.parametrize("name", ["move_bank", "move_mobile", "move_bank_phone"])
def test_a_name_that_only_the_payer_typed_is_never_passed_off_as_checked(
    browser: Client, sender: Account, fakes: Fakes, name: str
) -> None:
    instruction = ended(browser, name, sender, fakes[RAIL[name]], ARRIVED)
    html = page(browser, address("payment_receipt", instruction))
    assert "as you typed it, not checked" in html
    assert "arrived at Jane Wambui" not in html
    assert "as the payer typed it, not checked" in pdf(browser, "payment_receipt_pdf", instruction)
    public = page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.get().code]))
    assert "as the payer typed it, not checked" in public
    browser.post(address("payment_receipt_mail", instruction))
    assert "(as you typed it, not checked)" in mails()[0].body


@pytest.mark.parametrize("named", ["JANE  WAMBUI", "Peter Otieno"])
def test_a_name_that_the_other_side_gave_at_arrival_carries_no_such_words(
    browser: Client, sender: Account, fakes: Fakes, named: str
) -> None:
    instruction = ended(browser, "move_mobile", sender, fakes["MPESA"], replace(ARRIVED, name=named))
    assert "not checked" not in page(browser, address("payment_receipt", instruction))
    assert "not checked" not in pdf(browser, "payment_receipt_pdf", instruction)
    assert "not checked" not in page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.get().code]))


def test_a_name_confirmed_before_it_was_sent_carries_no_such_words(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["PESALINK"].receiver = Receiver("JANE WAMBUI")
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], ARRIVED)
    assert "not checked" not in page(browser, address("payment_receipt", instruction))
    assert "arrived at JANE WAMBUI" in page(browser, address("payment_receipt", instruction))


def test_the_brokers_note_names_all_a_broker_needs_and_verifies(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_cdsc", sender, fakes["CDSC"], ARRIVED, cds_number="987321")
    assert "Confirmation note for your broker" in page(browser, address("payment_receipt", instruction))
    text = pdf(browser, "payment_broker_note", instruction)
    for part in (
        "For Acacia Brokers",
        "987321",
        "LI: Kenyan, a person",
        "KES 5,000.00",
        "Emmanuel Odenyire",
        "Confirmed",
    ):
        assert part in text
    assert "8,300" not in text, "no balance"
    paper = IssuedPaper.objects.get()
    html = page(Client(), reverse("verify_paper", args=[paper.code]))
    assert "Acacia Brokers" in html
    assert "<bdi>321</bdi>" in html
    assert "987321" not in html


def test_a_note_of_money_that_came_back_stands_no_more(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = posted(browser, "move_cdsc", sender)
    pdf(browser, "payment_broker_note", instruction)
    before = page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.get().code]))
    ended(browser, "move_mobile", sender, fakes["CDSC"], REFUSED)
    after = page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.get().code]))
    changed = "What this paper says has changed since we issued it"
    assert changed not in before
    assert changed in after


@pytest.mark.parametrize("name", ["move_mobile", "move_bank", "move_bill"])
def test_there_is_no_brokers_note_of_other_payments(browser: Client, sender: Account, fakes: Fakes, name: str) -> None:
    instruction = posted(browser, name, sender)
    assert browser.get(address("payment_broker_note", instruction)).status_code == 404
    assert "Confirmation note" not in page(browser, address("payment_receipt", instruction))


def test_there_is_no_paper_of_a_draft(browser: Client, sender: Account, fakes: Fakes) -> None:
    draft = drafted(browser, "move_cdsc", sender)
    for name in ("payment_broker_note", "payment_receipt_pdf"):
        assert browser.get(address(name, draft)).status_code == 404
    assert browser.post(address("payment_receipt_mail", draft)).status_code == 404


# --- By e-mail ----------------------------------------------------------------------------------------------------


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(cause__startswith="receipt-mail:"))


def test_the_receipt_goes_to_the_address_the_bank_knows_and_says_so_masked(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], ARRIVED)
    answer = browser.post(address("payment_receipt_mail", instruction), {"to": "thief@example.com"}, follow=True)
    (mail,) = mails()
    email = owner_of(sender).email
    assert (mail.channel, mail.to) == ("EMAIL", email)
    assert "KES 5,150.00" in mail.body
    assert "SKQ4XYZ123" in mail.body
    assert "http" not in mail.body, "what leaves the bank carries no links"
    shown = answer.content.decode()
    assert "Sent to" in shown
    assert email not in shown


@pytest.mark.parametrize("kind", ["inside", "outside"])
def test_receipts_of_every_kind_can_be_sent(
    browser: Client, sender: Account, receiver: Account, fakes: Fakes, kind: str
) -> None:
    instruction = pay(sender, receiver) if kind == "inside" else posted(browser, "move_mobile", sender)
    browser.post(address("payment_receipt_mail", instruction))
    assert len(mails()) == 1


@pytest.mark.usefixtures("fakes")
def test_no_mailbox_is_filled(browser: Client, sender: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "MAILS", ratelimit.Policy("receipt-mails-few", 2, mailing.MAILS.window))
    instruction = posted(browser, "move_mobile", sender)
    for _time in range(2):
        browser.post(address("payment_receipt_mail", instruction))
    refused = browser.post(address("payment_receipt_mail", instruction), follow=True)
    assert "Too many tries" in refused.content.decode()
    assert len(mails()) == 2


@pytest.mark.usefixtures("fakes")
def test_without_an_address_nothing_is_offered_and_nothing_sent(browser: Client, user: User, sender: Account) -> None:
    instruction = posted(browser, "move_mobile", sender)
    customer = owner_of(sender)
    customer.email = ""
    paper = paper_of(instruction)
    with pytest.raises(mailing.NoEmailAddress):
        mailing.mail_receipt(paper, customer=customer, actor=system("test"))
    assert mails() == []


def test_in_kiswahili_too(browser: Client, sender: Account, fakes: Fakes) -> None:
    instruction = ended(browser, "move_bank", sender, fakes["PESALINK"], ARRIVED, amount="1000")
    browser.cookies["wekeza_language"] = "sw"
    assert "Risiti" in pdf(browser, "payment_receipt_pdf", instruction)
    browser.post(address("payment_receipt_mail", instruction))
    assert "Kumbukumbu ya mpokeaji: SKQ4XYZ123" in mails()[0].body
    assert instruction.amount == Decimal("1000.00")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_paper_of_a_prepaid_bill_carries_its_token_on_one_page(
    browser: Client, sender: Account, fakes: Fakes, language: str
) -> None:
    fakes["BILLS"].receiver = Receiver("JANE WANJIKU")
    given = replace(ARRIVED, token="12345678901234567890", name="WANJIKU JANE MUTHONI")
    note = "For the house in Kahawa Sukari, second meter"
    instruction = ended(browser, "move_bill", sender, fakes["BILLS"], given, note=note)
    browser.post("/language/", {"language": language})
    content = browser.get(address("payment_receipt_pdf", instruction)).getvalue()
    assert "1234-5678-9012-3456-7890" in text_of(content)
    with pikepdf.open(BytesIO(content)) as opened:
        assert len(opened.pages) == 1


def test_a_paper_given_out_before_the_token_came_has_none_and_the_next_has_it(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = ended(browser, "move_bill", sender, fakes["BILLS"], TAKEN)
    assert "Token for the meter" not in pdf(browser, "payment_receipt_pdf", instruction)
    arrived = replace(ARRIVED, token="12345678901234567890")
    working.take_note(Payment.objects.get(pk=instruction.pk), arrived, asked=False)
    assert "Token for the meter 1234-5678-9012-3456-7890" in pdf(browser, "payment_receipt_pdf", instruction)
    public = page(Client(), reverse("verify_paper", args=[IssuedPaper.objects.latest("pk").code]))
    assert "1234-5678" not in public, "whoever verifies the paper learns no token"
