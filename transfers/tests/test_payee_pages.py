"""The pages of payees and of the pause, as a browser walks them; and those who try to walk around."""

from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from accounts.identity import keptforms
from accounts.identity.tests.helpers import code_for, sent_bodies
from accounts.models import Account, Instruction, OneTimeCode, User
from tests.factories import UserFactory
from transfers.models import Biller, SavedPayee, ScamPause
from transfers.tests.support import an_account, balance, owner_of, pay, prepare
from transfers.tests.walking import fill_in, page, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
NEW = "/move/payees/new/"


@pytest.fixture
def sender(db: None) -> Account:
    return an_account("Emmanuel Odenyire", "95000.00")


def last_code() -> str:
    """The code that was sent last, whoever asked for it."""
    return code_for(Instruction.objects.select_related("customer").latest("created_at").customer)


def kept(browser: Client, receiver: Account, **typed: str) -> SavedPayee:
    """Keep the receiver by hand, with the code."""
    answer = browser.post(f"{NEW}?kind=WEKEZA", {"to_account": receiver.account_number, **typed})
    assert answer.status_code == 303, answer.content.decode()
    act = Instruction.objects.latest("created_at")
    assert answer["Location"] == reverse("payee_review", args=[act.id])
    page(browser, answer["Location"])
    answer = browser.post(reverse("payee_confirm", args=[act.id]))
    assert answer["Location"] == f"/step-up/?for={act.id}"
    html = page(browser, answer["Location"])
    assert "as a payee" in html
    answer = browser.post(answer["Location"], {"code": last_code()})
    assert answer["Location"] == reverse("payee", args=[act.id])
    return SavedPayee.objects.get(pk=act.id)


def test_a_payee_is_kept_by_hand_with_a_code_and_paid(browser: Client, sender: Account, receiver: Account) -> None:
    row = kept(browser, receiver, nickname="Mama", own_limit="5,000")
    html = page(browser, reverse("payee", args=[row.id]))
    assert "WANJIKU M." in html
    assert "up to KES 100,000.00 can go there until" in html
    assert "Not paid yet" in html
    assert "Mama" in page(browser, reverse("payees"))
    form = page(browser, f"/move/wekeza/?payee={row.id}")
    assert f'value="{receiver.account_number}"' in form


def test_the_code_says_what_it_is_for(browser: Client, receiver: Account) -> None:
    browser.post(f"{NEW}?kind=WEKEZA", {"to_account": receiver.account_number})
    act = Instruction.objects.latest("created_at")
    browser.post(reverse("payee_confirm", args=[act.id]))
    browser.get(f"/step-up/?for={act.id}")
    body = sent_bodies(act.customer)[0]
    assert "code to keep WANJIKU M." in body
    assert "to pay" not in body


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"to_account": ""}, "Enter"),
        ({"to_account": "ACC7777777"}, "There is no Wekeza account"),
        ({"own_limit": "NaN"}, "amount"),
        ({"own_limit": "1e9"}, "amount"),
        ({"own_limit": "١٢٣"}, "amount"),
        ({"own_limit": "-5"}, "amount"),
        ({"nickname": "x" * 10_000}, "40 characters"),
        ({"nickname": "a\u202eb"}, "hidden character"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_keeps_nobody(
    browser: Client, receiver: Account, typed: dict[str, str], words: str
) -> None:
    answer = browser.post(f"{NEW}?kind=WEKEZA", {"to_account": receiver.account_number, **typed})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Instruction.objects.exists()


@pytest.mark.parametrize("nickname", ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "Mama 🎉"])
def test_odd_nicknames_are_shown_as_text(browser: Client, receiver: Account, nickname: str) -> None:
    row = kept(browser, receiver, nickname=nickname)
    assert row.nickname == nickname
    for address in (reverse("payees"), reverse("payee", args=[row.id])):
        assert "<script>alert" not in page(browser, address)


def test_every_kind_has_its_page(browser: Client) -> None:
    biller = next(row for row in Biller.objects.exclude(category="AIRTIME") if row.can_be_paid)
    page(browser, NEW)
    for kind in ("WEKEZA", "MOBILE_MONEY", "BANK_TRANSFER", "BILL_PAYMENT", "CDSC_TRANSFER", "AIRTIME"):
        html = page(browser, f"{NEW}?kind={kind}")
        assert 'name="from_account"' not in html
    assert 'name="account"' in page(browser, f"{NEW}?kind=BILL_PAYMENT&biller={biller.code}")
    assert 'name="nickname"' in page(browser, f"{NEW}?kind=BILL_PAYMENT&biller={biller.code}")


def test_a_phone_is_kept_and_fills_in_its_page(browser: Client) -> None:
    answer = browser.post(f"{NEW}?kind=MOBILE_MONEY", {"phone": "+254 722 123456", "name": "Mama Wambui"})
    act = Instruction.objects.latest("created_at")
    browser.get(f"/step-up/?for={act.id}")
    browser.post(f"/step-up/?for={act.id}", {"code": last_code()})
    assert answer.status_code == 303
    form = page(browser, f"/move/mobile/?payee={act.id}")
    assert 'value="0722 123 456"' in form
    assert "Mama Wambui" in form


def test_the_receipt_keeps_its_receiver(browser: Client, sender: Account, receiver: Account) -> None:
    paid = pay(sender, receiver)
    assert "Keep this payee" in page(browser, reverse("payment_receipt", args=[paid.id]))
    answer = browser.post(reverse("payment_keep", args=[paid.id]))
    row = SavedPayee.objects.get()
    assert answer["Location"] == reverse("payee", args=[row.id])
    assert browser.post(reverse("payment_keep", args=[paid.id]))["Location"] == answer["Location"]
    assert "Paid once" in page(browser, reverse("payees"))


def test_the_page_lowers_at_once_and_raises_with_a_code(browser: Client, sender: Account, receiver: Account) -> None:
    browser.post(reverse("payment_keep", args=[pay(sender, receiver).id]))
    row = SavedPayee.objects.get()
    here = reverse("payee", args=[row.id])
    assert browser.post(here, {"nickname": "Rent", "own_limit": "2000"})["Location"] == here
    row.refresh_from_db()
    assert (row.nickname, row.own_limit) == ("Rent", D("2000.00"))
    answer = browser.post(here, {"nickname": "Rent", "own_limit": ""})
    act = Instruction.objects.get(kind="PAYEE_LIMIT")
    assert answer["Location"] == reverse("payee_review", args=[act.id])
    assert "KES 2,000.00" in page(browser, answer["Location"])
    assert browser.post(reverse("payee_confirm", args=[act.id]))["Location"].startswith("/step-up/")
    browser.get(f"/step-up/?for={act.id}")
    assert browser.post(f"/step-up/?for={act.id}", {"code": last_code()})["Location"] == here
    row.refresh_from_db()
    assert row.own_limit is None


def test_a_bad_limit_changes_nothing(browser: Client, sender: Account, receiver: Account) -> None:
    browser.post(reverse("payment_keep", args=[pay(sender, receiver).id]))
    row = SavedPayee.objects.get()
    answer = browser.post(reverse("payee", args=[row.id]), {"nickname": "Rent", "own_limit": "1e9"})
    assert answer.status_code == 200
    assert 'value="1e9"' in answer.content.decode()
    row.refresh_from_db()
    assert (row.nickname, row.own_limit) == ("", None)


def test_removing_leads_back_to_the_list(browser: Client, sender: Account, receiver: Account) -> None:
    browser.post(reverse("payment_keep", args=[pay(sender, receiver).id]))
    row = SavedPayee.objects.get()
    answer = browser.post(reverse("payee_remove", args=[row.id]), follow=True)
    assert "Removed from your payees" in answer.content.decode()
    assert browser.get(reverse("payee", args=[row.id])).status_code == 404


def test_removing_one_with_a_limit_asks_for_a_code_first(browser: Client, sender: Account, receiver: Account) -> None:
    row = kept(browser, receiver, own_limit="5,000")
    assert "it needs a code" in page(browser, reverse("payee", args=[row.id]))
    act_page = browser.post(reverse("payee_remove", args=[row.id]))["Location"]
    act = Instruction.objects.get(kind="PAYEE_REMOVE")
    assert act_page == reverse("payee_review", args=[act.id])
    html = page(browser, act_page)
    assert "Your limit for this payee goes with it" in html
    assert "KES 5,000.00" in html
    to_the_code = browser.post(reverse("payee_confirm", args=[act.id]))["Location"]
    assert SavedPayee.objects.filter(pk=row.pk).exists()
    assert "from your payees, with your limit" in page(browser, to_the_code)
    assert browser.post(to_the_code, {"code": last_code()})["Location"] == reverse("payees")
    assert not SavedPayee.objects.exists()
    assert browser.get(act_page)["Location"] == reverse("payees")


def test_what_was_typed_for_one_kind_does_not_come_back_under_another(user: User) -> None:
    """All kinds have one address: a meter's number is no bank account."""
    typed = {"kind": "BILL_PAYMENT", "account": "14123456789", "biller": "KPLC_PREPAID", "nickname": "Home"}
    for other in ("BANK_TRANSFER", "MOBILE_MONEY", "BILL_PAYMENT&biller=KPLC_POSTPAID"):
        assert "14123456789" not in after_signing_in_again(user, typed, f"{NEW}?kind={other}")
    html = after_signing_in_again(user, typed, f"{NEW}?kind=BILL_PAYMENT&biller=KPLC_PREPAID")
    assert 'value="14123456789"' in html
    for hidden in ('name="kind" value="BILL_PAYMENT"', 'name="biller" value="KPLC_PREPAID"'):
        assert hidden in html, "kept with the rest the next time"


def after_signing_in_again(user: User, typed: dict[str, str], address: str) -> str:
    """The page at `address` after a session ran out over a form that held `typed`."""
    keptforms.keep(user.pk, NEW, QueryDict(urlencode(typed)))
    return page(signed_in(user), address)


def test_somebody_elses_payee_fills_in_nothing(browser: Client, sender: Account, receiver: Account) -> None:
    row = kept(browser, receiver)
    stranger = signed_in(UserFactory())
    for name in ("move_wekeza", "move_mobile", "move_bank", "move_cdsc", "move_airtime"):
        assert stranger.get(f"{reverse(name)}?payee={row.id}").status_code == 404
    assert browser.get(f"{reverse('move_mobile')}?payee={row.id}").status_code == 200


def test_an_act_is_on_none_of_the_payments_pages(browser: Client, receiver: Account) -> None:
    browser.post(f"{NEW}?kind=WEKEZA", {"to_account": receiver.account_number})
    act = Instruction.objects.latest("created_at")
    for name in ("payment_review", "payment_receipt", "payment_receipt_pdf", "payment_pause"):
        assert browser.get(reverse(name, args=[act.id])).status_code == 404, name
    for name in ("payment_confirm", "payment_keep", "payment_receipt_stop"):
        assert browser.post(reverse(name, args=[act.id])).status_code == 404, name


def test_a_payment_is_on_none_of_the_acts_pages(browser: Client, sender: Account, receiver: Account) -> None:
    draft = prepare(sender, receiver)
    assert browser.get(reverse("payee_review", args=[draft.id])).status_code == 404
    for name in ("payee_confirm", "payee_cancel"):
        assert browser.post(reverse(name, args=[draft.id])).status_code == 404, name
    draft.refresh_from_db()
    assert draft.state == "DRAFT"


# --- The pause -----------------------------------------------------------------------------------------------------


def large(browser: Client, sender: Account, receiver: Account) -> Instruction:
    status, _location, html = fill_in(browser, sender, receiver, amount="30000")
    assert status == 303, html
    return Instruction.objects.latest("created_at")


def here(draft: Instruction) -> str:
    return reverse("payment_pause", args=[draft.id])


def test_confirming_leads_to_the_question_and_sends_no_code(
    browser: Client, sender: Account, receiver: Account
) -> None:
    draft = large(browser, sender, receiver)
    assert browser.post(reverse("payment_confirm", args=[draft.id]))["Location"] == here(draft)
    assert "Did somebody ask you to make this payment" in page(browser, here(draft))
    assert not OneTimeCode.objects.filter(purpose="STEP_UP").exists()
    assert ScamPause.objects.get().answer == ""


def test_no_goes_on_to_the_code_and_the_receipt(browser: Client, sender: Account, receiver: Account) -> None:
    draft = large(browser, sender, receiver)
    browser.post(reverse("payment_confirm", args=[draft.id]))
    answer = browser.post(here(draft), {"answer": "OWN_IDEA"})
    assert answer["Location"] == f"/step-up/?for={draft.id}"
    browser.get(answer["Location"])
    answer = browser.post(answer["Location"], {"code": last_code()})
    assert answer["Location"] == reverse("payment_receipt", args=[draft.id])
    assert ScamPause.objects.get().outcome == "PAID"


def test_yes_holds_it_and_makes_cancel_the_way_out(browser: Client, sender: Account, receiver: Account) -> None:
    draft = large(browser, sender, receiver)
    assert browser.post(here(draft), {"answer": "ASKED"})["Location"] == here(draft)
    html = page(browser, here(draft))
    assert "This payment waits a little" in html
    assert here(draft) in page(browser, reverse("payees"))
    assert "tel:" in html
    assert reverse("payment_confirm", args=[draft.id]) not in html
    browser.post(reverse("payment_cancel", args=[draft.id]))
    assert ScamPause.objects.get().outcome == "CANCELLED"
    assert here(draft) not in page(browser, reverse("payees"))
    assert browser.get(here(draft))["Location"] == reverse("payment_review", args=[draft.id])


@pytest.mark.parametrize("answer", ["", "ASKED"])
def test_no_address_gets_around_it(browser: Client, sender: Account, receiver: Account, answer: str) -> None:
    draft = large(browser, sender, receiver)
    if answer:
        browser.post(here(draft), {"answer": answer})
    step_up = f"/step-up/?for={draft.id}"
    another_tab = Client()
    another_tab.cookies = browser.cookies
    for attempt in (
        lambda: browser.post(reverse("payment_confirm", args=[draft.id])),
        lambda: another_tab.post(reverse("payment_confirm", args=[draft.id])),
        lambda: browser.get(step_up),
        lambda: browser.post(step_up, {"code": "123456"}),
        lambda: browser.post(f"/step-up/resend/?for={draft.id}"),
    ):
        assert attempt()["Location"] == here(draft)
    assert not OneTimeCode.objects.filter(purpose="STEP_UP").exists()
    assert balance(receiver) == D("10000.00")


def test_a_code_that_was_out_before_is_worth_nothing_while_it_waits(
    browser: Client, sender: Account, receiver: Account
) -> None:
    draft = large(browser, sender, receiver)
    browser.post(here(draft), {"answer": "OWN_IDEA"})
    browser.get(f"/step-up/?for={draft.id}")
    code = last_code()
    browser.post(here(draft), {"answer": "ASKED"})
    assert browser.post(f"/step-up/?for={draft.id}", {"code": code})["Location"] == here(draft)
    assert balance(receiver) == D("10000.00")


@pytest.mark.parametrize("answer", ["", "NO", "x" * 10_000, "OWN_IDEA' OR 1=1"])
def test_another_answer_is_none(browser: Client, sender: Account, receiver: Account, answer: str) -> None:
    draft = large(browser, sender, receiver)
    assert browser.post(here(draft), {"answer": answer})["Location"] == here(draft)
    assert not ScamPause.objects.exists()


def test_a_small_payment_has_no_question(browser: Client, sender: Account, receiver: Account) -> None:
    fill_in(browser, sender, receiver, amount="100")
    draft = Instruction.objects.latest("created_at")
    assert browser.get(here(draft))["Location"] == reverse("payment_review", args=[draft.id])
    browser.post(here(draft), {"answer": "OWN_IDEA"})
    assert not ScamPause.objects.exists()


def test_the_question_is_the_same_whoever_receives(browser: Client, sender: Account, user: User) -> None:
    from transfers.tests.outgoing import prepare_to_phone

    customer_phone = owner_of(an_account("Grace Otieno")).phone_number or "0722000999"
    for phone in (customer_phone, "0722999888"):
        draft = prepare_to_phone(sender, "30000.00", phone)
        html = page(browser, here(draft))
        assert "Grace" not in html
        assert "Wekeza customer" not in html
