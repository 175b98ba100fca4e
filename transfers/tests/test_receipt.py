"""The receipt: a page that keeps its address, and a paper that can be passed on."""

import io
import subprocess

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import instructions, ledger
from accounts.models import Account, BranchCustomer, Instruction, Posting
from tests.factories import UserFactory
from tests.support import sign_in
from transfers.papers import receipt_pdf
from transfers.selectors import paper_of
from transfers.tests.support import an_account, as_actor, owner_of, pay, prepare
from wekeza_portal.actors import system
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Account:
    return an_account("Emmanuel Odenyire")


@pytest.fixture
def posted(sender: Account) -> Instruction:
    return pay(sender, an_account("Wanjiku Mwangi"), "1234.50", "School fees")


@pytest.fixture
def browser(sender: Account) -> Client:
    client = Client()
    sign_in(client, UserFactory(customer=owner_of(sender)))
    return client


def words_in(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def pdf_of(browser: Client, instruction: Instruction) -> bytes:
    response = browser.get(reverse("payment_receipt_pdf", args=[instruction.id]))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    return bytes(response.content)


@ledger.money_operation
def give_back(instruction: Instruction) -> None:
    posting = Posting.objects.get(instruction_id=instruction.id)
    ledger.reverse(posting=posting, reason="sent twice", actor=system("test"))


def test_the_page_says_everything_and_says_it_again_tomorrow(
    browser: Client, sender: Account, posted: Instruction
) -> None:
    address = reverse("payment_receipt", args=[posted.id])
    reference = instructions.receipt(posted).reference
    first = browser.get(address).content.decode()
    wanted = (reference, "KES 1,234.50", "WANJIKU M.", "School fees", "Free", "KES 8,765.50", sender.account_number)
    for words in wanted:
        assert words in first
    pay(sender, an_account("Brian Otieno"))
    assert "KES 8,765.50" in browser.get(address).content.decode()


@pytest.mark.parametrize("name", ["payment_receipt", "payment_receipt_pdf"])
def test_a_receipt_rewritten_by_sql_is_neither_shown_nor_issued(
    browser: Client, posted: Instruction, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    Instruction.objects.filter(pk=posted.pk).update(payload=posted.payload | {"to_number": "ACC9999999"})
    answer = browser.get(reverse(name, args=[posted.id]))
    assert answer.status_code == 409
    assert "its record is being checked" in answer.content.decode()
    assert "ACC9999999" not in answer.content.decode()
    assert not IssuedPaper.objects.exists()
    assert "rewritten" in caplog.text


def test_a_second_confirm_of_a_rewritten_payment_leads_to_the_same_page(browser: Client, posted: Instruction) -> None:
    Instruction.objects.filter(pk=posted.pk).update(payload=posted.payload | {"to_number": "ACC9999999"})
    answer = browser.post(reverse("payment_confirm", args=[posted.id]), follow=True)
    assert answer.status_code == 409
    assert Posting.objects.count() == 1


def test_send_again_comes_filled_in(browser: Client, posted: Instruction) -> None:
    html = browser.get(reverse("payment_receipt", args=[posted.id])).content.decode()
    again = f"{reverse('move_wekeza')}?like={posted.id}"
    assert f'href="{again}"' in html
    assert 'value="1,234.50"' in browser.get(again).content.decode()


def test_a_returned_payment_says_so(browser: Client, posted: Instruction) -> None:
    give_back(posted)
    html = browser.get(reverse("payment_receipt", args=[posted.id])).content.decode()
    assert "This payment was returned to you." in html
    assert "It has arrived." not in html
    assert "Returned" in words_in(pdf_of(browser, posted))


def test_the_paper_says_what_was_paid_by_whom_to_whom(browser: Client, sender: Account, posted: Instruction) -> None:
    words = words_in(pdf_of(browser, posted))
    reference = instructions.receipt(posted).reference
    for wanted in (reference, "KES 1,234.50", "WANJIKU M.", "Emmanuel Odenyire", sender.account_number, "School fees"):
        assert wanted in words


def test_the_paper_can_be_passed_on_without_showing_the_balance(browser: Client, posted: Instruction) -> None:
    words = words_in(pdf_of(browser, posted))
    assert "8,765.50" not in words
    assert "Mwangi" not in words


def test_the_paper_is_saved_under_its_reference(browser: Client, posted: Instruction) -> None:
    response = browser.get(reverse("payment_receipt_pdf", args=[posted.id]))
    reference = instructions.receipt(posted).reference
    assert response["Content-Disposition"] == f'attachment; filename="wekeza-receipt-{reference}.pdf"'


def test_there_is_no_paper_before_the_money_moved(browser: Client, sender: Account) -> None:
    draft = prepare(sender, an_account("Wanjiku Mwangi"))
    assert browser.get(reverse("payment_receipt_pdf", args=[draft.id])).status_code == 404


def test_markup_in_names_and_notes_attaches_and_reads_nothing(browser: Client, sender: Account) -> None:
    evil = "<link rel=attachment href=file:///etc/passwd>"
    BranchCustomer.objects.filter(pk=owner_of(sender).pk).update(full_name=evil)
    instruction = pay(sender, an_account("Wanjiku <link rel=attachment href=file:///etc/passwd>"), note=evil)
    payer = BranchCustomer.objects.get(pk=owner_of(sender).pk)
    content = receipt_pdf(paper_of(instruction), customer=payer, language="en", actor=as_actor(payer))
    with pikepdf.open(io.BytesIO(content)) as document:
        assert not list(document.attachments)
    assert "root:" not in words_in(content)
    assert "rel=attachment" in words_in(content)


@pytest.mark.parametrize("note", ["", "Zawadi 🎉", "مبروك", "x" * 100, '=HYPERLINK("x")', "</td></tr></table><h1>"])
def test_any_note_makes_a_paper_of_one_page(browser: Client, sender: Account, note: str) -> None:
    content = pdf_of(browser, pay(sender, an_account("Wanjiku Mwangi"), note=note))
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) == 1


def test_the_paper_is_tagged_titled_and_in_the_readers_language(sender: Account, posted: Instruction) -> None:
    payer = owner_of(sender)
    with translation.override("en"):
        content = receipt_pdf(paper_of(posted), customer=payer, language="sw", actor=as_actor(payer))
    with pikepdf.open(io.BytesIO(content)) as document:
        assert str(document.Root.Lang) == "sw"
        assert document.Root.MarkInfo.Marked
        assert instructions.receipt(posted).reference in str(document.docinfo["/Title"])


# --- The receipt in the register of issued papers -----------------------------------------------------------------


def verified(code: str) -> str:
    """The public page, as a stranger without an account sees it."""
    return Client().get(reverse("verify_paper", args=[code])).content.decode()


def test_the_same_receipt_saved_twice_is_the_same_file(browser: Client, posted: Instruction) -> None:
    assert pdf_of(browser, posted) == pdf_of(browser, posted)
    assert IssuedPaper.objects.get().subject == instructions.receipt(posted).reference


def test_whoever_holds_it_can_verify_it(browser: Client, posted: Instruction) -> None:
    words = words_in(pdf_of(browser, posted))
    paper = IssuedPaper.objects.get()
    assert paper.code in words
    page = verified(paper.code)
    for wanted in ("KES 1,234.50", "EMMANUEL O.", "WANJIKU M.", instructions.receipt(posted).reference, "Confirmed"):
        assert wanted in page


def test_in_public_it_shows_no_account_no_balance_no_note_and_no_full_name(
    browser: Client, sender: Account, posted: Instruction
) -> None:
    pdf_of(browser, posted)
    paper = IssuedPaper.objects.get()
    private = [sender.account_number, posted.payload["to_number"], "8,765.50", "8765.50", "Odenyire", "School fees"]
    for text in private:
        assert text not in verified(paper.code)
        assert text not in str(paper.facts)


def test_a_receipt_from_before_the_money_went_back_says_so_in_public(browser: Client, posted: Instruction) -> None:
    pdf_of(browser, posted)
    first = IssuedPaper.objects.get()
    assert "Ask for a new paper." not in verified(first.code)
    give_back(posted)
    assert "Ask for a new paper." in verified(first.code)
    pdf_of(browser, posted)
    second = IssuedPaper.objects.exclude(pk=first.pk).get()
    assert "Returned" in verified(second.code)
    assert "Ask for a new paper." not in verified(second.code)


def test_its_owner_stops_it_from_being_verified(browser: Client, posted: Instruction) -> None:
    receipt = reverse("payment_receipt", args=[posted.id])
    button = reverse("payment_receipt_stop", args=[posted.id])
    assert button not in browser.get(receipt).content.decode()
    pdf_of(browser, posted)
    assert button in browser.get(receipt).content.decode()
    answer = browser.post(button)
    assert (answer.status_code, answer["Location"]) == (303, receipt)
    page = browser.get(receipt).content.decode()
    assert "nobody can verify the papers of this payment any more" in page
    assert button not in page
    assert "We did not issue this" in verified(IssuedPaper.objects.get().code)


def test_a_stranger_cannot_stop_it(browser: Client, posted: Instruction) -> None:
    pdf_of(browser, posted)
    stranger = Client()
    sign_in(stranger, UserFactory())
    for client in (stranger, Client()):
        assert client.post(reverse("payment_receipt_stop", args=[posted.id])).status_code in {302, 404}
    assert "This paper is ours" in verified(IssuedPaper.objects.get().code)


def test_nor_can_the_receiver_of_the_money(browser: Client, posted: Instruction) -> None:
    pdf_of(browser, posted)
    receiver = Client()
    account = Account.objects.get(account_number=posted.payload["to_number"])
    sign_in(receiver, UserFactory(customer=owner_of(account)))
    assert receiver.post(reverse("payment_receipt_stop", args=[posted.id])).status_code == 404
    assert "This paper is ours" in verified(IssuedPaper.objects.get().code)
