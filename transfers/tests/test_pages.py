"""The pages of Move as a browser meets them: filling in, checking, confirming, and what nobody should send."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.models import Account, AccountTransaction, Instruction, KeptForm, Posting, User
from tests.factories import AccountFactory, FeeFactory, UserFactory
from tests.support import all_the_money, sign_in
from transfers.tests.support import an_account, balance, confirm, owner_of, pay, prepare, what_was_written
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def sender() -> Account:
    return an_account("Emmanuel Odenyire", "13400.00")


@pytest.fixture
def receiver() -> Account:
    return an_account("Wanjiku Mwangi")


@pytest.fixture
def user(sender: Account) -> User:
    user: User = UserFactory(customer=owner_of(sender))
    return user


@pytest.fixture
def browser(user: User) -> Client:
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def fill_in(client: Client, sender: Account, receiver: Account, **changes: str) -> tuple[int, str, str]:
    """Send the form; the status, where it leads, and the page."""
    typed = {
        "from_account": sender.account_number,
        "to_account": receiver.account_number,
        "amount": "500",
        "note": "Rent",
        **changes,
    }
    response = client.post(reverse("move_wekeza"), typed)
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def address(name: str, instruction: Instruction) -> str:
    return reverse(name, args=[instruction.id])


def test_move_offers_own_accounts_only_to_those_who_have_two(browser: Client, sender: Account) -> None:
    assert reverse("move_own") not in page(browser, reverse("move"))
    AccountFactory(customer=owner_of(sender))
    assert reverse("move_own") in page(browser, reverse("move"))


def test_move_shows_who_was_paid_and_what_is_left(browser: Client, sender: Account, receiver: Account) -> None:
    with time_machine.travel("2026-10-12T09:00:00Z", tick=False):
        pay(sender, receiver, "400.00")
    html = page(browser, reverse("move"))
    assert "WANJIKU M." in html
    assert "Paid once, on 12 October" in html
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
    assert "send a code to your phone" in page(browser, address("payment_review", instruction))
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


def test_what_was_typed_comes_back_after_signing_in_again(browser: Client, user: User) -> None:
    from django.http import QueryDict

    from accounts.identity import keptforms

    keptforms.keep(user.pk, reverse("move_wekeza"), QueryDict("to_account=ACC777&amount=12,5&note=Kodi"))
    html = page(browser, reverse("move_wekeza"))
    assert 'value="12,5"' in html
    assert 'value="Kodi"' in html
    assert "Error" not in html.split("</title>")[0]
    assert not KeptForm.objects.exists()


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
