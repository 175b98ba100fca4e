"""Passing a receipt on: plain words and an address that verifies, and nothing that tells more than that."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction, User
from tests.factories import AccountFactory, UserFactory
from transfers.models import Payment
from transfers.outside import working
from transfers.tests.outside import ARRIVED, FakeRail, posted
from transfers.tests.support import confirm, owner_of, pay, prepare
from transfers.tests.walking import address, page, signed_in
from wekeza_portal.documents.models import IssuedPaper

pytestmark = pytest.mark.django_db


def share(browser: Client, payment: Instruction) -> str:
    """Make it shareable; the receipt."""
    answer = browser.post(address("payment_share", payment))
    assert (answer.status_code, answer["Location"]) == (303, address("payment_receipt", payment) + "#share")
    return page(browser, address("payment_receipt", payment))


def link(html: str) -> str:
    found = re.search(r'href="(https://wa\.me/[^"]*)"', html)
    assert found is not None
    return unescape(found[1])


def words(html: str) -> str:
    """What WhatsApp would be given."""
    asked = urlsplit(link(html))
    assert (asked.scheme, asked.netloc, asked.path) == ("https", "wa.me", "/")
    return parse_qs(asked.query)["text"][0]


def test_the_words_say_what_was_paid_and_where_to_verify_it(
    browser: Client, sender: Account, receiver: Account
) -> None:
    payment = pay(sender, receiver, "500.00", "Rent & more")
    said = words(share(browser, payment))
    paper = IssuedPaper.objects.get()
    assert said.startswith("KES 500.00 to WANJIKU M., ")
    for part in ("Confirmed.", paper.subject, f"{settings.PUBLIC_URL.rstrip('/')}/verify/{paper.code}/"):
        assert part in said
    verified = Client().get(f"/verify/{paper.code}/").content.decode()
    assert "KES 500.00" in verified


def test_nothing_else_is_told(browser: Client, sender: Account, receiver: Account, user: User) -> None:
    payment = pay(sender, receiver, "500.00", "Rent & more")
    said = words(share(browser, payment))
    balance = f"{sender.balance:,.2f}"
    secrets = (sender.account_number, receiver.account_number, "Rent", balance, "12,900", "Mwangi", "Odenyire")
    assert not [secret for secret in secrets if secret in said]


def test_without_a_paper_there_is_a_button_and_no_link(browser: Client, sender: Account, receiver: Account) -> None:
    payment = pay(sender, receiver)
    html = page(browser, address("payment_receipt", payment))
    assert "wa.me" not in html
    assert "Make something to share" in html
    assert not IssuedPaper.objects.exists(), "looking gives nothing out"


def test_sharing_twice_gives_out_one_paper(browser: Client, sender: Account, receiver: Account) -> None:
    payment = pay(sender, receiver)
    assert link(share(browser, payment)) == link(share(browser, payment))
    assert IssuedPaper.objects.count() == 1


def test_once_stopped_it_is_shared_no_more(browser: Client, sender: Account, receiver: Account) -> None:
    payment = pay(sender, receiver)
    share(browser, payment)
    browser.post(address("payment_receipt_stop", payment))
    assert "wa.me" not in page(browser, address("payment_receipt", payment))


def test_what_was_said_on_its_way_is_not_shared_once_it_arrived(
    browser: Client, sender: Account, fakes: dict[str, FakeRail]
) -> None:
    payment = posted(browser, "move_mobile", sender)
    said = words(share(browser, payment))
    assert "On its way." in said
    assert "722" not in said.split("http")[0].replace(IssuedPaper.objects.get().subject, "")
    working.take_note(Payment.objects.get(pk=payment.id), ARRIVED, asked=False)
    assert "wa.me" not in page(browser, address("payment_receipt", payment))
    assert "Confirmed." in words(share(browser, payment))


def test_between_own_accounts_no_number_is_told_either(browser: Client, sender: Account) -> None:
    other = AccountFactory(customer=owner_of(sender))
    draft = prepare(sender, other)
    confirm(draft)
    said = words(share(browser, draft))
    assert "EMMANUEL O." in said
    assert other.account_number not in said


def test_it_is_said_in_the_language_of_the_page(browser: Client, sender: Account, receiver: Account) -> None:
    payment = pay(sender, receiver)
    share(browser, payment)
    browser.post("/language/", {"language": "sw"})
    said = words(page(browser, address("payment_receipt", payment)))
    assert "kwa WANJIKU M." in said
    assert " to " not in said


def test_a_name_that_means_mischief_stays_words(browser: Client, sender: Account, receiver: Account) -> None:
    payment = pay(sender, receiver)
    payment.payload["to_name"] = '"><script>alert(1)</script>&text=x 😀'
    Instruction.objects.filter(pk=payment.pk).update(payload=payment.payload)
    answer = browser.post(address("payment_share", payment), follow=True)
    html = answer.content.decode()
    assert "<script>alert(1)" not in html
    if "wa.me" in html:
        assert list(parse_qs(urlsplit(link(html)).query)) == ["text"]


def test_nobody_shares_anothers_payment_or_a_draft(browser: Client, sender: Account, receiver: Account) -> None:
    payment, draft = pay(sender, receiver), prepare(sender, receiver)
    stranger = signed_in(UserFactory())
    assert stranger.post(address("payment_share", payment)).status_code == 404
    assert browser.post(address("payment_share", draft)).status_code == 404
    assert browser.get(reverse("payment_share", args=[payment.id])).status_code == 405
    assert not IssuedPaper.objects.exists()


def test_the_link_opens_beside_the_bank_and_takes_nothing_along(
    browser: Client, sender: Account, receiver: Account
) -> None:
    answer = browser.post(address("payment_share", pay(sender, receiver)), follow=True)
    anchor = re.search(r"<a [^>]*wa\.me[^>]*>", answer.content.decode())
    assert anchor is not None
    assert 'rel="noopener noreferrer"' in anchor[0]
    assert "wa.me" not in answer["Content-Security-Policy"]
