"""The pages of a deposit: form, review, what becomes of it, receipt and PDF; nobody else's."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Instruction, User
from tests.factories import AccountFactory, FeeFactory, UserFactory
from transfers.collecting import working
from transfers.models import Deposit, Incoming
from transfers.tests.collecting.scenes import (
    RECEIPT,
    D,
    State,
    ask,
    confirm,
    prepare,
    prompted,
    tell_c2b,
    tell_stk,
)
from transfers.tests.support import balance
from transfers.tests.walking import page, signed_in
from wekeza_portal import clock
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db
FORM = "/save/deposit/mpesa/"


def fill(client: Client, account: Account, **changes: str) -> tuple[int, str, str]:
    typed = {"to_account": account.account_number, "amount": "1500", "whose": "mine", "phone": "", **changes}
    response = client.post(FORM, typed)
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def at_page(deposit: Deposit | Instruction, rest: str = "") -> str:
    return f"{FORM}{deposit.pk}/{rest}"


def test_from_form_to_receipt(browser: Client, account: Account) -> None:
    status, location, _html = fill(browser, account)
    assert status == 303
    review = page(browser, location)
    for shown in ("0722 000 111", "KES 1,500.00", "Free", account.account_number, "KES 3,500.00"):
        assert shown in review
    instruction = Instruction.objects.get()
    response = browser.post(at_page(instruction, "confirm/"))
    assert (response.status_code, response.headers["Location"]) == (303, at_page(instruction))
    assert "Look at your phone" in page(browser, at_page(instruction))
    Deposit.objects.update(state=State.PROMPTED, checkout="ws_CO_1", sent_at=clock.now())
    assert browser.get(at_page(instruction, "state/")).json() == {"stamp": "prompted", "is_open": True}
    tell_stk()
    assert browser.get(at_page(instruction, "state/")).json() == {"stamp": "received", "is_open": False}
    receipt = browser.get(at_page(instruction), follow=True).content.decode()
    for shown in ("KES 1,500.00 came in from M-Pesa", RECEIPT, "KES 3,500.00", "Received"):
        assert shown in receipt


def test_a_double_click_asks_once(browser: Client, account: Account) -> None:
    instruction = prepare(account)
    answers = {browser.post(at_page(instruction, "confirm/")).headers["Location"] for _click in range(3)}
    assert (answers, Deposit.objects.count()) == ({at_page(instruction)}, 1)


def test_another_phone_leads_to_a_code_and_then_to_the_deposit(browser: Client, account: Account) -> None:
    status, location, _html = fill(browser, account, whose="other", phone="0711 222 333")
    assert status == 303
    assert "We send you a code first" in page(browser, location)
    instruction = Instruction.objects.get()
    response = browser.post(at_page(instruction, "confirm/"))
    assert response.headers["Location"] == f"/step-up/?for={instruction.pk}"
    assert not Deposit.objects.exists()
    assert "from M-Pesa 0711 222 333" in page(browser, response.headers["Location"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "NaN"}, "Enter an amount in shillings"),
        ({"amount": "1e9"}, "Enter an amount in shillings"),
        ({"amount": "١٥٠٠"}, "Enter an amount in shillings"),
        ({"amount": "9"}, "The smallest deposit from M-Pesa is KES 10.00."),
        ({"amount": "150001"}, "up to KES 150,000.00"),
        ({"amount": "100.5"}, "Phones take whole shillings only"),
        ({"amount": ""}, "Enter an amount"),
        ({"whose": "other", "phone": ""}, "Enter a Kenyan mobile number"),
        ({"whose": "other", "phone": "+1 555 0100"}, "Enter a Kenyan mobile number"),
        ({"whose": "other", "phone": "9" * 10_000}, "up to 30 characters"),
        ({"whose": "other", "phone": "<script>"}, "Enter a Kenyan mobile number"),
        ({"whose": "theirs"}, "Select a valid choice"),
        ({"to_account": ""}, "Choose one of your accounts"),
        ({"to_account": "ACC9999999"}, "Choose one of your own accounts for the money."),
    ],
)
def test_bad_input_is_said_beside_its_field_and_asks_nobody(
    browser: Client, account: Account, changes: dict[str, str], words: str
) -> None:
    status, _location, html = fill(browser, account, **changes)
    assert (status, words in html, Instruction.objects.count()) == (200, True, 0), html
    assert "<script>" not in html.replace('<script type="module"', "").replace("<script ", "")


def test_a_strangers_account_is_as_unknown_as_none(browser: Client, account: Account) -> None:
    theirs = AccountFactory(balance=D("9.00"))
    _status, _location, html = fill(browser, theirs)
    assert "Choose one of your own accounts for the money." in html


def test_what_is_anothers_is_404(account: Account, browser: Client) -> None:
    deposit, draft = prompted(account), prepare(account, "700")
    tell_stk()
    row = Incoming.objects.get()
    addresses = [
        at_page(deposit), at_page(deposit, "state/"), at_page(draft, "review/"), f"/save/received/{row.pk}/",
        f"/save/received/{row.pk}/receipt.pdf", f"{FORM}?like={draft.pk}",
    ]  # fmt: skip
    stranger = signed_in(UserFactory())
    for address in addresses:
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(at_page(draft, "confirm/")).status_code == 404
    assert browser.get(f"/save/received/{uuid.uuid4()}/").status_code == 404


def test_money_that_is_nobodys_has_no_page(browser: Client, account: Account) -> None:
    tell_c2b("NOBODY")
    assert browser.get(f"/save/received/{Incoming.objects.get().pk}/").status_code == 404


def test_the_receipt_of_a_paybill_payment_says_who_paid(browser: Client, account: Account) -> None:
    tell_c2b(account.account_number)
    receipt = page(browser, f"/save/received/{Incoming.objects.get().pk}/")
    for shown in ("PETER KAMAU", "KES 500.00", RECEIPT, "KES 2,500.00"):
        assert shown in receipt


def test_the_receipt_comes_as_a_pdf_that_can_be_verified(browser: Client, account: Account) -> None:
    tell_c2b(account.account_number)
    response = browser.get(f"/save/received/{Incoming.objects.get().pk}/receipt.pdf")
    assert (response.status_code, response.getvalue()[:5]) == (200, b"%PDF-")
    again = browser.get(f"/save/received/{Incoming.objects.get().pk}/receipt.pdf")
    assert again.getvalue() == response.getvalue()
    from wekeza_portal.documents.models import IssuedPaper

    shown = page(Client(), f"/verify/{IssuedPaper.objects.get().code}/")
    assert "KES 500.00" in shown
    assert account.account_number not in shown


def test_a_refused_one_says_why_and_what_next(browser: Client, account: Account) -> None:
    deposit = prompted(account)
    tell_stk(code=1)
    shown = page(browser, at_page(deposit))
    for words in ("Nothing was paid", "There was not enough money in the M-Pesa account.", "No money has moved."):
        assert words in shown
    assert '<span class="tag tag--warn">Not paid</span>' in shown
    assert "Refused" not in shown, "nobody refused anything where the phone was not answered"
    assert f"?like={deposit.pk}" in shown
    assert 'value="1,500"' in page(browser, f"{FORM}?like={deposit.pk}")


def test_when_nobody_knows_it_says_so_and_warns_of_doing_it_twice(browser: Client, account: Account, at: Any) -> None:
    deposit = prompted(account)
    at.shift(91)
    shown = page(browser, at_page(deposit))
    assert "We do not know yet whether it was paid" in shown
    assert "Please do not deposit it again." in shown
    Deposit.objects.update(with_staff_since=clock.now())
    assert "Our people are looking at your deposit" in page(browser, at_page(deposit))


def test_switched_off_every_page_shows_the_dated_notice(browser: Client, account: Account) -> None:
    draft = prepare(account)
    PortalSwitch.objects.create(
        code="MOBILE_MONEY", is_on=False, notice_en="We are mending it.", since=clock.today(), changed_at=clock.now()
    )
    for shown in (page(browser, FORM), page(browser, at_page(draft, "review/"))):
        assert "We are mending it. (Notice of" in shown
    assert "We are mending it." in browser.post(at_page(draft, "confirm/")).content.decode()
    assert "We are mending it." in fill(browser, account)[2]
    assert not Deposit.objects.exists()


def test_the_price_is_on_form_and_review(browser: Client, account: Account) -> None:
    FeeFactory(code="MOBILE_DEPOSIT", amount=D("23.00"), effective_from=clock.today())
    assert "Our fee is" in page(browser, FORM)
    review = page(browser, at_page(prepare(account), "review/"))
    for shown in ("KES 23.00", "KES 1,477.00", "KES 3,477.00"):
        assert shown in review


def test_a_cancelled_draft_says_that_no_phone_was_asked(browser: Client, account: Account) -> None:
    draft = prepare(account)
    response = browser.post(f"/move/payments/{draft.pk}/cancel/", follow=True)
    assert "You cancelled this deposit." in response.content.decode()
    assert browser.post(at_page(draft, "confirm/")).status_code == 200
    assert not Deposit.objects.exists()


def test_a_confirmed_deposit_under_the_addresses_of_a_payment_leads_to_its_own_page(
    browser: Client, account: Account
) -> None:
    deposit = ask(account)
    for address in ("", "review/"):
        response = browser.get(f"/move/payments/{deposit.pk}/{address}", follow=True)
        assert "Look at your phone" in response.content.decode()
    assert browser.get(f"/move/payments/{deposit.pk}/receipt.pdf").status_code == 404


def test_the_history_has_it_with_its_receipt_by_rail_receipt_and_in_the_export(
    browser: Client, account: Account
) -> None:
    tell_c2b(account.account_number)
    row = Incoming.objects.get()
    for address in (
        "/view/",
        "/view/?rail=MPESA",
        f"/view/?q={RECEIPT}",
        "/view/?q=kamau",
        "/view/?direction=in",
    ):
        assert f"/view/movements/{row.reference}-2/" in page(browser, address), address
    for address in ("/view/?rail=PESALINK", "/view/?q=nobody", "/view/?direction=out"):
        assert row.reference not in page(browser, address), address
    movement = page(browser, f"/view/movements/{row.reference}-2/")
    assert f"/save/received/{row.pk}/" in movement
    assert "PETER KAMAU" in movement


def test_it_works_for_somebody_whose_number_the_branch_does_not_have(account: Account, user: User) -> None:
    customer = account.customer
    assert customer is not None
    customer.phone_number = "020 123"
    customer.save(update_fields=["phone_number"])
    client = signed_in(user)
    shown = page(client, FORM)
    assert "My number" not in shown
    assert fill(client, account, whose="mine")[0] == 200
    assert fill(client, account, whose="other", phone="0711222333")[0] == 303


def test_move_and_save_lead_to_it(browser: Client, account: Account) -> None:
    for address in ("/move/", "/save/"):
        assert f'href="{FORM}"' in page(browser, address)


def test_hidden_amounts_stay_hidden(browser: Client, account: Account, user: User) -> None:
    user.hide_amounts = True
    user.save(update_fields=["hide_amounts"])
    assert "3,500.00" not in page(browser, at_page(prepare(account), "review/"))


def test_the_worker_is_what_sends_not_the_page(browser: Client, account: Account, phone: Any) -> None:
    confirm(prepare(account), with_code=False)
    assert phone.sent == []
    phone.to_send = [Outcome(Status.ACCEPTED, "0", rail_ids={"checkout": "ws_CO_1"})]
    working.work()
    assert len(phone.sent) == 1
    assert balance(account) == D("2000.00")
