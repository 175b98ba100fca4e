"""PesaLink to a phone: who it is and at which bank is said before anything is sent, and never that it is this one."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import instructions
from accounts.identity.tests.helpers import code_for
from accounts.models import Account, AccountTransaction, Instruction, User
from tests.factories import FeeFactory, LimitFactory, PortalSwitchFactory, UserFactory
from transfers import destinations
from transfers.errors import AboveOwnLimit, FeeChanged, NameChanged
from transfers.many.reading import COLUMNS
from transfers.many.rows import BankNotForPhones, order_of
from transfers.models import Bank, Payment, PaymentFile, SavedPayee
from transfers.outside import errors, working
from transfers.outside.preparing import Wish, prepare_payment
from transfers.standing import paying, setting
from transfers.standing import what as whats
from transfers.tests.outside import ARRIVED, REFUSED, SILENT, FakeRail, drafted, ended, fill, page_of, posted, state_of
from transfers.tests.standing import TOMORROW, made_of, plan
from transfers.tests.standing import confirm as confirm_order
from transfers.tests.support import as_actor, balance, confirm, owner_of, what_was_written
from transfers.tests.walking import address, page, signed_in
from wekeza_portal import clock
from wekeza_portal.notifications.models import InboxItem
from wekeza_portal.rails.base import Outcome, Receiver, Status
from wekeza_portal.rails.models import RailCircuit
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db
FORM = "move_bank_phone"
Fakes = dict[str, FakeRail]
JANE = Receiver(name="JANE WAMBUI KAMAU", bank="68")
UNLINKED = "This phone number is not linked to a bank account that PesaLink can pay."


def main_of(html: str) -> str:
    return html.split("<main", 1)[1].split("</main>", 1)[0]


def alike(html: str) -> str:
    """A page without what differs by itself: ids, tokens."""
    return re.sub(r"[0-9a-f-]{36}|value=\"[A-Za-z0-9]{64}\"", "X", main_of(html))


def speak_kiswahili(browser: Client, user: User) -> None:
    browser.cookies["wekeza_language"] = "sw"
    user.language = "sw"
    user.save(update_fields=["language"])


def prepared(sender: Account, amount: str = "5000.00", phone: str = "0711 123 456", **more: Any) -> Instruction:
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_bank_by_phone(phone), Decimal(amount), **more)
    return prepare_payment(customer, wish, actor=as_actor(customer))


def kept(sender: Account, *, name: str = "", own_limit: Decimal | None = None) -> SavedPayee:
    receiver = destinations.to_bank_by_phone("0711 123 456")
    said = {"to_number": receiver.number, "to_name": name, "to_at": "Equity Bank (Kenya)", "values": receiver.values}
    return SavedPayee.objects.create(
        customer_id=owner_of(sender).user_id, kind=receiver.kind, payee_key=receiver.key, destination=said,
        confirmed_name=name, confirmed_at=clock.now(), created_at=clock.now(), own_limit=own_limit,
    )  # fmt: skip


# --- Who it is, and where -----------------------------------------------------------------------------------------


def test_name_and_bank_are_shown_before_anything_is_sent_and_on_the_receipt(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["PESALINK"].receiver = JANE
    draft = drafted(browser, FORM, sender)
    review = main_of(page(browser, address("payment_review", draft)))
    assert "JANE WAMBUI KAMAU" in review
    assert "Equity Bank (Kenya)" in review
    assert "0711 123 456" in review
    assert "Name confirmed by PesaLink." in review
    assert re.search(r"Send KES 5,000.00 to JANE K\. \(KES 5,150.00 with the fee\)</button>", review)
    assert fakes["PESALINK"].sent == []
    confirm(draft)
    working.work()
    receipt = main_of(page(browser, address("payment_receipt", draft)))
    assert "arrived at JANE WAMBUI KAMAU" in receipt
    assert "Equity Bank (Kenya)" in receipt


def test_the_rail_is_given_the_phone_and_nothing_else(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    ended(browser, FORM, sender, fakes["PESALINK"], ARRIVED)
    (order,) = fakes["PESALINK"].sent
    assert (order.destination, order.amount) == ({"phone": "254711123456"}, Decimal("5000.00"))


def test_the_branch_reads_a_bank_transfer_with_the_bank_and_the_number(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    fakes["PESALINK"].receiver = JANE
    posted(browser, FORM, sender)
    rows = AccountTransaction.objects.filter(account=sender).order_by("transaction_id")
    assert [(row.txn_type, row.amount, row.description) for row in rows] == [
        ("TRANSFER_OUT", Decimal("5000.00"), "Bank transfer to Equity Bank (Kenya) 0711 123 456 - Thanks - Online"),
        ("TRANSFER_FEE", Decimal("150.00"), "Bank transfer to Equity Bank (Kenya): fee - Online"),
    ]


@pytest.mark.parametrize("answer", [None, Receiver()])
def test_where_no_answer_comes_the_typed_name_stays_and_says_so(
    browser: Client, sender: Account, fakes: Fakes, answer: Receiver | None
) -> None:
    fakes["PESALINK"].receiver = answer
    review = main_of(page(browser, address("payment_review", drafted(browser, FORM, sender))))
    assert "You typed this name. Nobody checked it." in review
    assert "PesaLink" in review


def test_without_any_name_the_number_stands_for_the_receiver(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = None
    review = main_of(page(browser, address("payment_review", drafted(browser, FORM, sender, name=""))))
    assert re.search(r"Send KES 5,000.00 to PesaLink 0711 123 456 \(", review)


def test_a_phone_linked_to_no_account_is_refused_at_its_field(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = Receiver(refusal="phone_not_linked")
    before = what_was_written()
    _status, _location, html = fill(browser, FORM, sender)
    assert re.search(rf'id="id_phone_error".*{UNLINKED}', html, re.DOTALL)
    assert what_was_written() == before


def test_no_look_up_ever_tells_that_somebody_banks_here(browser: Client, sender: Account, fakes: Fakes) -> None:
    """PesaLink names a bank that is in no list, as this one is not: the page is that of a phone linked to nothing."""
    pages = []
    for answer in (
        Receiver(refusal="phone_not_linked"),
        Receiver(name="GRACE ATIENO", bank="99"),
        Receiver(name="GRACE ATIENO", bank="WEKEKENX"),
        Receiver(name="GRACE ATIENO", bank="0" * 20),
    ):
        fakes["PESALINK"].receiver = answer
        pages.append(alike(fill(browser, FORM, sender)[2]))
    assert "GRACE" not in "".join(pages)
    assert len(set(pages)) == 1


def test_a_bank_that_was_taken_off_the_list_is_not_paid(sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    Bank.objects.filter(code="68").update(is_active=False)
    with pytest.raises(errors.PhoneRefused, match="not linked"):
        prepared(sender)


def test_a_customer_of_ours_and_a_stranger_are_asked_about_alike(
    sender: Account, receiver: Account, fakes: Fakes
) -> None:
    owner_of(receiver).phone_number = "+254711123456"
    owner_of(receiver).save(update_fields=["phone_number"])
    fakes["PESALINK"].receiver = JANE
    ours, theirs = (prepared(sender, phone=phone).payload for phone in ("0711 123 456", "0711 654 321"))
    assert {name: ours[name] for name in ("to_name", "to_at", "to_name_by")} == {
        name: theirs[name] for name in ("to_name", "to_at", "to_name_by")
    }


# --- Payees -------------------------------------------------------------------------------------------------------


def test_it_is_kept_with_the_confirmed_name_and_the_bank(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    typed = {"phone": "+254 711 123 456", "name": "", "nickname": "Aunt", "own_limit": "7000"}
    answer = browser.post(f"{reverse('payee_new')}?kind=BANK_BY_PHONE", typed)
    assert answer.status_code == 303, main_of(answer.content.decode())
    act = Instruction.objects.get(kind="PAYEE_KEEP")
    assert "JANE WAMBUI KAMAU" in page(browser, reverse("payee_review", args=[act.id]))
    instructions.approve(customer=owner_of(sender), instruction_id=act.id)
    instructions.carry_out(customer=owner_of(sender), instruction_id=act.id, actor=as_actor(owner_of(sender)))
    row = SavedPayee.objects.get()
    assert (row.kind, row.payee_key, row.confirmed_name) == ("BANK_BY_PHONE", "pesalink:254711123456", JANE.name)
    assert row.destination["to_at"] == "Equity Bank (Kenya)"
    listed = main_of(page(browser, reverse("payees")))
    assert "Bank accounts by phone number" in listed
    again = page(browser, f"{reverse(FORM)}?payee={row.id}")
    assert 'value="0711 123 456"' in again
    with pytest.raises(AboveOwnLimit):
        prepared(sender, "7000.01")


def test_a_payment_can_be_kept_from_its_receipt(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    instruction = ended(browser, FORM, sender, fakes["PESALINK"], ARRIVED)
    browser.post(reverse("payment_keep", args=[instruction.id]))
    assert SavedPayee.objects.get().confirmed_name == "JANE WAMBUI KAMAU"


def test_another_name_than_the_kept_one_stops_the_payment_and_the_same_name_at_another_bank_does_not(
    sender: Account, fakes: Fakes
) -> None:
    kept(sender, name="JANE WAMBUI KAMAU")
    fakes["PESALINK"].receiver = Receiver(name="MALLORY ODHIAMBO", bank="68")
    with pytest.raises(NameChanged, match="MALLORY"):
        prepared(sender)
    fakes["PESALINK"].receiver = Receiver(name="Jane Wambui Kamau", bank="01")
    assert prepared(sender).payload["to_at"] == "KCB Bank Kenya"


def test_a_strangers_payee_and_payment_are_not_found(browser: Client, sender: Account, fakes: Fakes) -> None:
    row, draft = kept(sender, name="JANE"), drafted(browser, FORM, sender)
    stranger = signed_in(UserFactory())
    assert stranger.get(f"{reverse(FORM)}?payee={row.id}").status_code == 404
    for name in (FORM, "move_mobile", "move_bank"):
        assert stranger.get(page_of(name, like=str(draft.id))).status_code == 404


# --- Price, bounds and caps ---------------------------------------------------------------------------------------


def test_its_bounds_and_its_price_are_rows_of_their_own(sender: Account, fakes: Fakes) -> None:
    today = clock.today()
    LimitFactory(code="BY_PHONE_MINIMUM", kyc_tier="", value=Decimal("200.00"), effective_from=today)
    LimitFactory(code="BY_PHONE_PER_PAYMENT", kyc_tier="", value=Decimal("4000.00"), effective_from=today)
    FeeFactory(code="BANK_BY_PHONE", amount=Decimal("90.00"), effective_from=today)
    with pytest.raises(errors.BelowLeast, match=r"200\.00"):
        prepared(sender, "199.99")
    with pytest.raises(errors.AboveMost, match=r"4,000\.00"):
        prepared(sender, "4000.01")
    assert prepared(sender, "4000.00").fee == Decimal("90.00")


def test_a_fee_that_changed_since_the_review_moves_nothing(sender: Account, fakes: Fakes) -> None:
    draft, before = prepared(sender), balance(sender)
    FeeFactory(code="BANK_BY_PHONE", amount=Decimal("160.00"), effective_from=clock.today())
    with pytest.raises(FeeChanged, match=r"160\.00"):
        confirm(draft)
    assert balance(sender) == before


def test_the_cap_of_a_new_receiver_counts_by_number_and_holds(browser: Client, sender: Account, fakes: Fakes) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    posted(browser, FORM, sender, amount="60000")
    _status, _location, html = fill(browser, FORM, sender, amount="60000", phone="+254711123456")
    assert "To somebody new you can send up to KES 40,000.00" in html


def test_a_large_payment_to_somebody_new_is_asked_about_once(browser: Client, sender: Account, fakes: Fakes) -> None:
    Account.objects.filter(pk=sender.pk).update(balance=Decimal("400000.00"))
    draft = drafted(browser, FORM, sender, amount="30000")
    before = balance(sender)
    answer = browser.post(address("payment_confirm", draft))
    assert (answer.status_code, answer["Location"]) == (303, address("payment_pause", draft))
    assert balance(sender) == before


def test_cents_go_to_a_bank_account(sender: Account, fakes: Fakes) -> None:
    assert prepared(sender, "1234.56").amount == Decimal("1234.56")


def test_the_price_list_names_it(client: Client, sender: Account) -> None:
    html = main_of(page(client, reverse("move_fees")))
    assert re.search(r"To a bank account by phone number</dt><dd><span class=\"num\">KES 150\.00", html)


# --- Off, silent, refused -----------------------------------------------------------------------------------------


def test_switched_off_it_is_refused_at_page_service_and_between_form_and_confirm(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    draft, before = prepared(sender), balance(sender)
    PortalSwitchFactory(code="PESALINK", is_on=False, notice_en="Back at six.", notice_sw="Saa kumi na mbili.")
    for place in (page_of(FORM), f"{reverse('payee_new')}?kind=BANK_BY_PHONE"):
        html = main_of(page(browser, place))
        assert "Back at six." in html
        assert "<form" not in html
    assert "<form" in main_of(page(browser, f"{reverse('standing_new')}?kind=BANK_BY_PHONE")), "it pays on another day"
    with pytest.raises(SwitchedOff):
        prepared(sender)
    assert "Back at six." in browser.post(address("payment_confirm", draft)).content.decode()
    assert balance(sender) == before


def test_a_rail_that_never_answers_keeps_the_money_waiting_and_then_calls_people(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    instruction = ended(browser, FORM, sender, fakes["PESALINK"], SILENT)
    after = balance(sender)
    with time_machine.travel(clock.now(), tick=False) as now:
        for wait in working.ASK_AGAIN:
            now.shift(wait + timedelta(seconds=61))
            working.work()
    payment = Payment.objects.get(pk=instruction.id)
    assert (payment.state, payment.with_staff_since is not None) == ("UNKNOWN", True)
    assert balance(sender) == after, "neither sent again nor given back on a guess"
    assert len(fakes["PESALINK"].sent) == 1


@pytest.mark.parametrize(("key", "why", "then"), [
    ("phone_not_linked", UNLINKED, "Ask the person you are paying for their account number"),
    ("account_closed", "account is closed", "another account"),
    ("", "The payment was refused on the other side.", "You can try again."),
])  # fmt: skip
def test_a_refused_payment_comes_back_with_its_fee_and_says_why(
    browser: Client, sender: Account, fakes: Fakes, key: str, why: str, then: str
) -> None:
    before = balance(sender)
    outcome = Outcome(Status.REFUSED, code="AC01", customer=key)
    instruction = ended(browser, FORM, sender, fakes["PESALINK"], outcome)
    assert (state_of(instruction), balance(sender)) == ("RETURNED", before)
    html = main_of(page(browser, address("payment_receipt", instruction)))
    assert why in html
    assert then in html
    told = InboxItem.objects.get(cause=f"payment-returned:{instruction.id}")
    assert "KES 5,150.00 is back" in told.text


def test_kiswahili_says_all_of_it(browser: Client, user: User, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = Receiver(refusal="phone_not_linked")
    speak_kiswahili(browser, user)
    html = fill(browser, FORM, sender)[2]
    assert "Tuma kwa akaunti ya benki kwa nambari ya simu" in html
    assert "haijaunganishwa na akaunti ya benki" in html


# --- Standing orders ----------------------------------------------------------------------------------------------


def an_order(sender: Account) -> Any:
    customer = owner_of(sender)
    wish = Wish(sender.account_number, destinations.to_bank_by_phone("0711 123 456"), Decimal("500.00"), "Rent")
    what = whats.payment(customer, wish, actor=as_actor(customer))
    return confirm_order(setting.prepare(customer, what, plan()), sender)


def test_a_standing_order_pays_the_same_person_at_the_same_bank(sender: Account, fakes: Fakes) -> None:
    UserFactory(customer=owner_of(sender))
    fakes["PESALINK"].receiver = JANE
    order, before = an_order(sender), balance(sender)
    assert (order.receiver, order.payload["to_at"]) == ("JANE WAMBUI KAMAU", "Equity Bank (Kenya)")
    fakes["PESALINK"].receiver = None
    with time_machine.travel(clock.now() + TOMORROW, tick=False):
        assert paying.pay_due(clock.today()) == 1
    paid = Instruction.objects.get(state="POSTED", kind="BANK_BY_PHONE")
    assert (paid.payload["to_name"], paid.payload["to_at"]) == ("JANE WAMBUI KAMAU", "Equity Bank (Kenya)")
    assert balance(sender) == before - Decimal("650.00")


def test_a_standing_order_waits_while_pesalink_is_off(sender: Account, fakes: Fakes) -> None:
    UserFactory(customer=owner_of(sender))
    order, before = an_order(sender), balance(sender)
    PortalSwitchFactory(code="PESALINK", is_on=False, notice_en="Back at six.", notice_sw="Saa kumi na mbili.")
    with time_machine.travel(clock.now() + TOMORROW, tick=False):
        paying.pay_due(clock.today())
    assert [state for _day, state in made_of(order)] == ["WAITING"]
    assert balance(sender) == before


def test_a_standing_order_that_met_a_resting_rail_names_nothing_that_may_rest_when_it_is_read(
    sender: Account, fakes: Fakes
) -> None:
    UserFactory(customer=owner_of(sender))
    order, before = an_order(sender), balance(sender)
    with time_machine.travel(clock.now() + TOMORROW, tick=False):
        RailCircuit.objects.create(rail="pesalink", failures=5, opened_at=clock.now())
        paying.pay_due(clock.today())
    run = order.runs.get()
    assert (run.state, run.notice["en"]) == ("WAITING", "PesaLink did not answer, so nothing was sent.")
    assert run.notice["sw"].startswith("PesaLink haikujibu")
    assert balance(sender) == before


def test_a_standing_order_is_set_up_on_its_page(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    assert "To a bank account by phone number" in page(browser, reverse("standing"))
    typed = {
        "from_account": sender.account_number, "phone": "01 11 123 456", "name": "", "amount": "500", "note": "",
        "rhythm": "MONTHLY", "begins": str(clock.today() + TOMORROW), "until": "", "times": "", "on_holiday": "SAME",
        "mode": "PAY",
    }  # fmt: skip
    answer = browser.post(f"{reverse('standing_new')}?kind=BANK_BY_PHONE", typed)
    assert answer.status_code == 303, main_of(answer.content.decode())
    review = main_of(page(browser, answer["Location"]))
    assert "JANE WAMBUI KAMAU" in review
    assert "0111 123 456" in review


# --- Files --------------------------------------------------------------------------------------------------------


def row(**changes: str) -> dict[str, str]:
    typed = {"kind": "pesalink", "number": "0711123456", "bank_or_biller": "", "name": "", "amount": "300", "note": ""}
    return {**typed, **changes}


@pytest.mark.parametrize("kind", ["pesalink", "PesaLink", "PESALINK"])
@pytest.mark.parametrize("number", ["711123456", "0711 123 456", "+254711123456"])
def test_a_row_of_a_file_can_go_to_a_bank_account_by_phone(kind: str, number: str) -> None:
    order = order_of(row(kind=kind, number=number))
    assert order.key == "pesalink:254711123456"


def test_a_row_that_names_a_bank_beside_the_phone_is_refused() -> None:
    with pytest.raises(BankNotForPhones):
        order_of(row(bank_or_biller="01"))


def test_a_file_is_checked_with_names_and_paid(browser: Client, sender: Account, fakes: Fakes) -> None:
    from transfers.many import paying as paying_files

    fakes["PESALINK"].receiver = JANE
    content = "\n".join([",".join(COLUMNS), "pesalink,0711123456,,,300,Wages"]).encode()
    upload = {"from_account": sender.account_number, "file": SimpleUploadedFile("wages.csv", content)}
    assert browser.post(reverse("move_many"), upload).status_code == 303
    while paying_files.work():
        pass
    file = PaymentFile.objects.get()
    assert (file.state, file.fees) == ("READY", Decimal("150.00"))
    assert "JANE WAMBUI KAMAU, 0711 123 456" in page(browser, reverse("payment_file", args=[file.id]))
    assert file.instruction_id is not None
    confirm(Instruction.objects.get(id=file.instruction_id))
    while paying_files.work():
        pass
    assert Payment.objects.get().destination == {"phone": "254711123456"}


def test_what_was_refused_at_the_rail_can_be_sent_again_under_a_new_draft(
    browser: Client, sender: Account, fakes: Fakes
) -> None:
    one = ended(browser, FORM, sender, fakes["PESALINK"], REFUSED)
    two = ended(browser, FORM, sender, fakes["PESALINK"], ARRIVED)
    assert (state_of(one), state_of(two)) == ("RETURNED", "SETTLED")
    assert len({order.id for order in fakes["PESALINK"].sent}) == 2


def test_the_whole_way_with_a_code(browser: Client, sender: Account, fakes: Fakes) -> None:
    fakes["PESALINK"].receiver = JANE
    draft = drafted(browser, FORM, sender)
    step = browser.post(address("payment_confirm", draft))
    assert (step.status_code, step["Location"]) == (303, f"{reverse('step_up')}?for={draft.id}")
    browser.get(step["Location"])
    done = browser.post(step["Location"], {"code": code_for(owner_of(sender))})
    assert done.status_code == 303, main_of(done.content.decode())
    working.work()
    assert state_of(draft) == "SETTLED"
