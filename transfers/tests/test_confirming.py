"""Checking and confirming: what was reviewed is what happens, once, and only for whom it belongs to."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.models import Account, AccountTransaction, Instruction, Posting, User
from tests.factories import FeeFactory, UserFactory
from tests.support import all_the_money, sign_in
from transfers.tests.support import an_account, balance, confirm, owner_of, pay, prepare, what_was_written
from transfers.tests.walking import address, fill_in, page, signed_in
from wekeza_portal import clock

pytestmark = pytest.mark.django_db


def test_change_leads_back_with_everything_typed(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = prepare(sender, receiver, "1234.50", "School fees")
    html = page(browser, address("payment_review", instruction))
    change = f"{reverse('move_wekeza')}?like={instruction.id}"
    assert f'href="{change}#id_amount"' in html
    form = page(browser, change)
    for value in ('value="1,234.50"', 'value="School fees"', f'value="{receiver.account_number}"'):
        assert value in form


def test_a_payment_of_somebody_else_fills_in_no_form(browser: Client, receiver: Account) -> None:
    stranger = an_account("Third Person")
    instruction = prepare(stranger, receiver)
    assert browser.get(f"{reverse('move_wekeza')}?like={instruction.id}").status_code == 404
    assert browser.get(f"{reverse('move_wekeza')}?like=nonsense").status_code == 200


def test_confirming_twice_pays_once_and_shows_the_same_receipt(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    first = browser.post(address("payment_confirm", instruction))
    second = browser.post(address("payment_confirm", instruction))
    assert first["Location"] == second["Location"] == address("payment_receipt", instruction)
    assert Posting.objects.filter(instruction_id=instruction.id).count() == 1
    assert balance(sender) == Decimal("12800.00")
    review = browser.get(address("payment_review", instruction))
    assert review["Location"] == address("payment_receipt", instruction)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": "FROZEN"}, "Money can&#x27;t leave this account now."),
        ({"balance": Decimal("1200.00")}, "You can send up to KES 200.00 from this account now."),
    ],
)
def test_a_refusal_at_the_end_says_why_and_nothing_was_sent(
    browser: Client, sender: Account, receiver: Account, change: dict[str, object], sentence: str
) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(**change)
    before = (what_was_written(), all_the_money())
    response = browser.post(address("payment_confirm", instruction))
    html = response.content.decode()
    assert response.status_code == 200
    assert sentence in html
    assert "This was not sent" in html
    assert "<title>Error: " in html
    assert (what_was_written(), all_the_money()) == before


def test_an_account_that_is_ones_own_no_longer_is_refused_in_words(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    Account.objects.filter(pk=sender.pk).update(customer=owner_of(an_account("Third Person")))
    html = browser.post(address("payment_confirm", instruction)).content.decode()
    assert "Something about these accounts has changed" in html
    assert "Balance after" not in html
    assert balance(sender) == Decimal("13300.00")


def test_a_frozen_account_is_refused_on_the_very_next_request(
    browser: Client, sender: Account, receiver: Account
) -> None:
    assert "KES 12,400.00" in page(browser, reverse("move_wekeza"))
    Account.objects.filter(pk=sender.pk).update(status="FROZEN")
    status, _location, html = fill_in(browser, sender, receiver)
    assert status == 200
    assert "This account is frozen" in html


def test_a_fee_that_changed_asks_to_check_again(browser: Client, sender: Account, receiver: Account) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    FeeFactory(amount=Decimal("25.00"), effective_from=clock.today())
    html = browser.post(address("payment_confirm", instruction)).content.decode()
    assert "The fee has changed to KES 25.00" in html
    _status, location, _html = fill_in(browser, sender, receiver)
    assert "KES 525.00" in page(browser, location)


def test_a_cancelled_payment_says_so_and_cannot_be_confirmed(
    browser: Client, sender: Account, receiver: Account
) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    done = browser.post(address("payment_cancel", instruction))
    assert done.status_code == 303
    assert "You cancelled this payment." in page(browser, done["Location"])
    assert "Nothing was sent" in browser.post(address("payment_confirm", instruction)).content.decode()
    assert balance(sender) == Decimal("13300.00")
    receipt = browser.get(address("payment_receipt", instruction))
    assert receipt["Location"] == address("payment_review", instruction)


def test_cancelling_what_was_sent_leads_to_its_receipt(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = pay(sender, receiver)
    browser.post(address("payment_cancel", instruction))
    assert browser.get(address("payment_review", instruction))["Location"] == address("payment_receipt", instruction)


def test_a_payment_left_for_a_day_says_that_nothing_was_sent(user: User, sender: Account, receiver: Account) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        browser = signed_in(user)
        assert "more than a day ago" in page(browser, address("payment_review", instruction))
        assert "Nothing was sent" in browser.post(address("payment_confirm", instruction)).content.decode()
    assert balance(sender) == Decimal("13300.00")


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("payment_review", "get"),
        ("payment_confirm", "post"),
        ("payment_cancel", "post"),
        ("payment_receipt", "get"),
        ("payment_receipt_pdf", "get"),
    ],
)
def test_nobody_else_sees_or_touches_a_payment_not_even_its_receiver(
    sender: Account, receiver: Account, name: str, method: str
) -> None:
    stranger = an_account("Third Person")
    drafted, posted = prepare(sender, receiver), pay(sender, receiver)
    for account in (receiver, stranger):
        client = signed_in(UserFactory(customer=owner_of(account)))
        bodies: list[str] = []
        for wanted in (drafted.id, posted.id, uuid.uuid4()):
            response = getattr(client, method)(reverse(name, args=[wanted]))
            assert response.status_code == 404
            bodies.append(response.content.decode())
        assert not [body for body in bodies if "WANJIKU" in body or "KES 500.00" in body]
    drafted.refresh_from_db()
    assert drafted.state == Instruction.State.DRAFT


def test_without_signing_in_nothing_opens(sender: Account, receiver: Account) -> None:
    instruction = pay(sender, receiver)
    addresses = [reverse("move"), reverse("move_own"), reverse("move_wekeza")]
    names = ("payment_review", "payment_receipt", "payment_receipt_pdf")
    addresses += [address(name, instruction) for name in names]
    for place in addresses:
        response = Client().get(place)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))


def test_acts_are_only_done_by_post_with_a_token(user: User, sender: Account, receiver: Account) -> None:
    pay(sender, receiver, "100.00")
    instruction = prepare(sender, receiver)
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, user)
    for name in ("payment_confirm", "payment_cancel"):
        assert strict.get(address(name, instruction)).status_code == 405
        assert strict.post(address(name, instruction)).status_code == 403
    assert strict.post(reverse("move_wekeza"), {}).status_code == 403
    assert balance(sender) == Decimal("13300.00")


def test_looking_at_pages_writes_nothing(browser: Client, sender: Account, receiver: Account) -> None:
    instruction = pay(sender, receiver)
    before = (what_was_written(), all_the_money(), AccountTransaction.objects.count())
    for place in (reverse("move"), reverse("move_wekeza"), address("payment_receipt", instruction)):
        browser.get(place)
    assert (what_was_written(), all_the_money(), AccountTransaction.objects.count()) == before


def test_straight_to_confirm_without_a_draft_is_not_found(browser: Client) -> None:
    assert browser.post(reverse("payment_confirm", args=[uuid.uuid4()])).status_code == 404


def test_the_code_for_one_payment_confirms_no_other(browser: Client, sender: Account, receiver: Account) -> None:
    approved, other = prepare(sender, receiver), prepare(sender, receiver, "9000.00")
    instructions.approve(customer=owner_of(sender), instruction_id=approved.id)
    done = browser.post(address("payment_confirm", other))
    assert done["Location"] == f"{reverse('step_up')}?for={other.id}"
    assert confirm(approved, with_code=False).reference
    assert balance(sender) == Decimal("12900.00")
