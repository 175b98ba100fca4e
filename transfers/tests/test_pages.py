"""The pages of Move as a browser meets them: filling in, checking, confirming, and what nobody should send."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Instruction, KeptForm, User
from tests.factories import AccountFactory
from tests.support import all_the_money
from transfers.tests.support import an_account, balance, owner_of, pay, prepare, what_was_written
from transfers.tests.walking import address, fill_in, page
from transfers.views import shared as views
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.ratelimit import Policy

pytestmark = pytest.mark.django_db


def test_move_offers_own_accounts_only_to_those_who_have_two(browser: Client, sender: Account) -> None:
    assert reverse("move_own") not in page(browser, reverse("move"))
    AccountFactory(customer=owner_of(sender))
    assert reverse("move_own") in page(browser, reverse("move"))


def test_move_shows_who_was_paid_and_what_is_left(browser: Client, sender: Account, receiver: Account) -> None:
    with time_machine.travel("2026-10-12T09:00:00Z", tick=False):
        pay(sender, receiver, "400.00")
    html = page(browser, reverse("move"))
    assert "WANJIKU M." in html
    assert "Paid once, on 12/10/2026" in html
    assert "KES 500,000.00" in html
    assert "Mwangi" not in html


def test_the_form_shows_what_can_be_sent_before_anything_is_typed(browser: Client) -> None:
    html = page(browser, reverse("move_wekeza"))
    assert "KES 12,400.00" in html
    assert "KES 2,000,000.00" in html
    assert "data-keep" in html


def test_hidden_amounts_are_not_in_the_page(browser: Client, user: User) -> None:
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    assert "12,400.00" not in page(browser, reverse("move_wekeza"))


def test_a_known_payee_comes_filled_in(browser: Client, receiver: Account) -> None:
    html = page(browser, f"{reverse('move_wekeza')}?to={receiver.account_number}")
    assert f'value="{receiver.account_number}"' in html


def test_opening_the_form_with_a_number_looks_nobody_up(browser: Client, receiver: Account) -> None:
    html = page(browser, f"{reverse('move_wekeza')}?to={receiver.account_number}")
    assert "WANJIKU" not in html


def test_from_form_to_receipt_with_someone_known(browser: Client, sender: Account, receiver: Account) -> None:
    pay(sender, receiver, "100.00")
    status, location, _html = fill_in(browser, sender, receiver, amount="1,500.50", note="School fees")
    assert status == 303
    html = page(browser, location)
    for words in ("WANJIKU M.", "KES 1,500.50", "Free", "KES 11,799.50", "School fees", "Nothing has been sent yet."):
        assert words in html
    assert "Send KES 1,500.50 to WANJIKU M." in html
    assert balance(sender) == Decimal("13300.00")
    instruction = Instruction.objects.get(state=Instruction.State.DRAFT)
    done = browser.post(address("payment_confirm", instruction))
    assert (done.status_code, done["Location"]) == (303, address("payment_receipt", instruction))
    assert balance(sender) == Decimal("11799.50")
    assert "KES 1,500.50 sent to WANJIKU M." in page(browser, done["Location"])


def test_someone_new_leads_to_the_code_and_the_review_says_so(
    browser: Client, sender: Account, receiver: Account
) -> None:
    instruction = prepare(sender, receiver)
    assert "make sure that it is you" in page(browser, address("payment_review", instruction))
    done = browser.post(address("payment_confirm", instruction))
    assert (done.status_code, done["Location"]) == (303, f"{reverse('step_up')}?for={instruction.id}")
    assert balance(sender) == Decimal("13400.00")


def test_between_own_accounts_from_form_to_receipt(browser: Client, sender: Account) -> None:
    second = AccountFactory(customer=owner_of(sender))
    typed = {"from_account": sender.account_number, "to_account": second.account_number, "amount": "400", "note": ""}
    review = browser.post(reverse("move_own"), typed)
    assert review.status_code == 303
    html = page(browser, review["Location"])
    assert "Your own account" in html
    assert "code" not in html.split("<main", 1)[1].split("</main>", 1)[0]
    instruction = Instruction.objects.get()
    assert browser.post(address("payment_confirm", instruction)).status_code == 303
    assert (balance(sender), balance(second)) == (Decimal("13000.00"), Decimal("10400.00"))
    assert "KES 400.00 moved" in page(browser, address("payment_receipt", instruction))


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "-1",
        "-0",
        "0.001",
        "NaN",
        "Infinity",
        "1e2",
        "1_000",
        "١٢٣",
        "１００",
        "10" * 8,
        "",
        "1\x00",
        "\u202e100",
        "9" * 10000,
    ],
)
def test_a_bad_amount_is_refused_on_the_page_and_nothing_is_written(
    browser: Client, sender: Account, receiver: Account, amount: str
) -> None:
    before = (what_was_written(), all_the_money())
    status, _location, html = fill_in(browser, sender, receiver, amount=amount)
    assert status == 200
    assert "<title>Error: " in html
    assert 'id="id_amount_error"' in html
    assert (what_was_written(), all_the_money()) == before


@pytest.mark.parametrize("note", ["x" * 10_000, "a\x00b", "a\u202eb", "a\u200fb"])
def test_a_note_that_cannot_be_printed_is_refused(
    browser: Client, sender: Account, receiver: Account, note: str
) -> None:
    status, _location, html = fill_in(browser, sender, receiver, note=note)
    assert status == 200
    assert 'id="id_note_error"' in html
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("note", ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "Zawadi 🎉", "{{ 7|add:1 }}"])
def test_a_strange_note_is_shown_as_text(browser: Client, sender: Account, receiver: Account, note: str) -> None:
    status, location, _html = fill_in(browser, sender, receiver, note=note)
    assert status == 303
    html = page(browser, location)
    assert "<script>alert" not in html
    assert Instruction.objects.get().payload["note"] == note
    assert ("&lt;script&gt;" if "script" in note else note.split("(")[0]) in html


def test_everything_typed_is_still_there_after_a_refusal(browser: Client, sender: Account, receiver: Account) -> None:
    _status, _location, html = fill_in(browser, sender, receiver, amount="99,999.00", note="Kodi")
    assert 'value="99,999.00"' in html
    assert 'value="Kodi"' in html
    assert f'value="{receiver.account_number}"' in html
    assert "You can send up to KES 12,400.00 now." in html


def test_paying_from_somebody_elses_account_is_refused_and_noted(
    browser: Client, sender: Account, receiver: Account
) -> None:
    stranger = an_account("Third Person", "50000.00")
    status, _location, html = fill_in(browser, sender, receiver, from_account=stranger.account_number)
    assert status == 200
    assert "Choose one of your own accounts" in html
    assert "50,000" not in html
    assert not Instruction.objects.exists()
    assert AuditEvent.objects.filter(verb="access.denied").count() == 1


def test_fields_nobody_asked_for_are_ignored(browser: Client, sender: Account, receiver: Account) -> None:
    extra = {
        "fee": "-100", "balance": "999999", "status": "POSTED", "state": "POSTED", "customer_id": "1",
        "kind": "TRANSFER_OWN", "payee_key": "", "is_staff": "1", "to_account_id": str(sender.account_id),
    }  # fmt: skip
    status, _location, _html = fill_in(browser, sender, receiver, **extra)
    instruction = Instruction.objects.get()
    assert status == 303
    assert (instruction.state, instruction.kind, instruction.fee) == ("DRAFT", "TRANSFER_INTERNAL", Decimal("0.00"))
    browser.post(
        address("payment_confirm", instruction), {"amount": "1.00", "to_account": sender.account_number, **extra}
    )
    instruction.refresh_from_db()
    assert (instruction.amount, instruction.state) == (Decimal("500.00"), "DRAFT")


def test_of_a_field_sent_twice_the_last_counts(browser: Client, sender: Account, receiver: Account) -> None:
    typed = {"from_account": [sender.account_number] * 2, "to_account": receiver.account_number, "amount": ["0", "5"]}
    assert browser.post(reverse("move_wekeza"), typed).status_code == 303
    assert Instruction.objects.get().amount == Decimal("5.00")


def test_the_sixth_stranger_of_a_day_is_a_sentence_on_the_page(browser: Client, sender: Account) -> None:
    for _ in range(5):
        assert fill_in(browser, sender, an_account("Some Body"))[0] == 303
    status, _location, html = fill_in(browser, sender, an_account("Wanjiku Mwangi"))
    assert status == 200
    assert "You have checked 5 new account numbers today" in html
    assert "WANJIKU" not in html


def test_what_was_typed_comes_back_after_signing_in_again(browser: Client, user: User) -> None:
    from django.http import QueryDict

    from accounts.identity import keptforms

    keptforms.keep(user.pk, reverse("move_wekeza"), QueryDict("to_account=ACC777&amount=12,5&note=Kodi"))
    html = page(browser, reverse("move_wekeza"))
    assert 'value="12,5"' in html
    assert 'value="Kodi"' in html
    assert "Error" not in html.split("</title>")[0]
    assert not KeptForm.objects.exists()


def test_preparing_without_end_is_stopped(
    browser: Client, sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "DRAFTS", Policy("transfer-drafts", 3, timedelta(hours=1)))
    typed = {"from_account": sender.account_number, "to_account": receiver.account_number, "amount": "10", "note": ""}
    answers = [browser.post(reverse("move_wekeza"), typed) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
    assert "Retry-After" in answers[-1]
    assert Instruction.objects.count() == 3


def test_forms_without_end_lock_nobody_out_of_paying_whom_they_know(
    browser: Client, sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(sender, receiver, "10.00")
    stranger = an_account("Grace Njeri", "5.00")
    monkeypatch.setattr(views, "DRAFTS", Policy("transfer-drafts", 3, timedelta(hours=1)))
    typed = {"from_account": sender.account_number, "amount": "10", "note": ""}
    new = {**typed, "to_account": stranger.account_number}
    answers = [browser.post(reverse("move_wekeza"), new).status_code for _ in range(4)]
    assert answers == [303, 303, 303, 429]
    known = browser.post(reverse("move_wekeza"), {**typed, "to_account": receiver.account_number})
    assert known.status_code == 303


def test_whom_they_know_waits_no_longer_than_a_minute(
    browser: Client, sender: Account, receiver: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(sender, receiver, "10.00")
    assert views.KNOWN_DRAFTS.window <= timedelta(minutes=1)
    monkeypatch.setattr(views, "KNOWN_DRAFTS", Policy("transfer-drafts-known", 2, timedelta(minutes=1)))
    typed = {"from_account": sender.account_number, "to_account": receiver.account_number, "amount": "10", "note": ""}
    answers = [browser.post(reverse("move_wekeza"), typed) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1]["Retry-After"]) <= 60


def test_a_form_that_is_wrong_stays_a_form_however_often_it_is_sent(
    browser: Client, sender: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the phone that was paid before is paid after it."""
    monkeypatch.setattr(views, "DRAFTS", Policy("transfer-drafts", 2, timedelta(hours=1)))
    wrong = {"from_account": sender.account_number, "phone": "12", "amount": "1200", "note": ""}
    for _ in range(5):
        answer = browser.post(reverse("move_mobile"), wrong)
        assert answer.status_code == 200
        assert "Enter a Kenyan mobile number" in answer.content.decode()
