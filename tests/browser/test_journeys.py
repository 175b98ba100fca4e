"""A person at a browser: activates access, signs in, sends money, and cannot pay twice however she clicks."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.models import Account, AccountTransaction, Instruction, Posting, SignedInSession, User
from tests.browser.conftest import DESKTOP, Visitor, newest_code
from tests.factories import PASSWORD, AccountFactory, CustomerFactory, UserFactory
from wekeza_portal import clock
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

D = Decimal
Visit = Callable[..., Visitor]


@pytest.fixture
def sender() -> Account:
    customer = CustomerFactory(full_name="Emmanuel Otieno", phone_number="0722000111")
    return AccountFactory(customer=customer, balance=D("84406.00"))


@pytest.fixture
def user(sender: Account) -> User:
    return UserFactory(customer=sender.customer)


@pytest.fixture
def receiver() -> Account:
    customer = CustomerFactory(full_name="Wanjiku Mwangi", phone_number="0733000222")
    return AccountFactory(customer=customer, balance=D("50.00"))


def fill_transfer(visitor: Visitor, to: Account, amount: str, note: str = "Rent for November") -> None:
    page = visitor.page
    visitor.go("/move/wekeza/")
    page.fill("[name=to_account]", to.account_number)
    page.fill("[name=amount]", amount)
    page.fill("[name=note]", note)
    visitor.press_submit()
    expect(page.locator("h1")).to_have_text("Check before you send")


CONFIRM = "form[action$='/confirm/'] button"


def give_step_up_code(visitor: Visitor, user: User) -> None:
    assert user.customer is not None
    visitor.page.fill("[name=code]", newest_code(user.customer.user_id))
    visitor.press_submit()
    visitor.page.wait_for_url(lambda url: "/step-up/" not in url)  # what it leads to is written by then


def balance(account: Account) -> Decimal:
    return Account.objects.get(pk=account.pk).balance or D(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_activation_to_receipt(visit: Visit, receiver: Account, javascript: bool) -> None:
    customer = CustomerFactory(full_name="Achieng Odhiambo", phone_number="0711222333", password_hash="branch-secret-1")
    sender = AccountFactory(customer=customer, balance=D("20000.00"))
    visitor = visit(javascript=javascript)
    page = visitor.page
    visitor.go("/enrol/")
    page.fill("[name=email]", customer.email)
    page.fill("[name=secret]", "branch-secret-1")
    visitor.press_submit()
    page.fill("[name=code]", newest_code(customer.user_id))
    visitor.press_submit()
    page.fill("[name=password]", "a long new password 7")
    if page.locator("[name=password_again]").count():
        page.fill("[name=password_again]", "a long new password 7")
    visitor.press_submit()
    visitor.press("form[action='/terms/accept/'] button")
    expect(page.locator("body")).to_contain_text("19,000.00")

    fill_transfer(visitor, receiver, "1,500.50")
    expect(page.locator("main")).to_contain_text("WANJIKU M.")
    expect(page.locator("main")).to_contain_text("KES 18,499.50")
    visitor.press(CONFIRM)
    assert newest_code(customer.user_id)
    page.fill("[name=code]", newest_code(customer.user_id))
    visitor.press_submit()

    posting = Posting.objects.get()
    expect(page.locator("main")).to_contain_text(posting.reference)
    assert (balance(sender), balance(receiver)) == (D("18499.50"), D("1550.50"))
    rows = AccountTransaction.objects.order_by("transaction_id")
    assert [(row.account_id, row.txn_type, row.amount) for row in rows] == [
        (sender.account_id, "TRANSFER_OUT", D("1500.50")),
        (receiver.account_id, "TRANSFER_IN", D("1500.50")),
    ]
    told = set(
        OutboxMessage.objects.filter(is_secret=False, body__contains=posting.reference).values_list("customer_id")
    )
    assert {(customer.user_id,), (receiver.customer_id,)} <= told
    visitor.go("/")
    expect(page.locator("main")).to_contain_text("17,499.50")
    assert visitor.complaints == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_double_click_on_confirm_pays_once(
    visit: Visit, user: User, sender: Account, receiver: Account, javascript: bool
) -> None:
    pay_once_before(visit, user, receiver)
    visitor = visit(javascript=javascript)
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "700")
    visitor.page.locator(CONFIRM).dblclick(no_wait_after=True)
    expect(visitor.page.locator("h1")).not_to_have_text("Check before you send")
    assert Posting.objects.count() == 2
    assert balance(receiver) == D("850.00")


def pay_once_before(visit: Visit, user: User, receiver: Account) -> None:
    """Make the receiver a known payee, so that no code stands between Confirm and the receipt."""
    visitor = visit(viewport=DESKTOP)
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "100")
    visitor.press(CONFIRM)
    give_step_up_code(visitor, user)
    expect(visitor.page.locator("main")).to_contain_text(Posting.objects.get().reference)


def test_back_and_again_leads_to_the_same_receipt(visit: Visit, user: User, sender: Account, receiver: Account) -> None:
    pay_once_before(visit, user, receiver)
    visitor = visit()
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "700")
    review = visitor.page.url
    visitor.press(CONFIRM)
    visitor.page.wait_for_url("**/move/payments/*/")
    receipt = visitor.page.url
    visitor.page.go_back()
    if visitor.page.locator(CONFIRM).count():
        visitor.press(CONFIRM)
    visitor.page.goto(review)
    visitor.page.wait_for_load_state()
    visitor.page.goto(receipt)
    expect(visitor.page.locator("main")).to_contain_text(Posting.objects.latest("id").reference)
    visitor.page.reload()
    assert Posting.objects.count() == 2
    assert balance(receiver) == D("850.00")


def test_two_tabs_confirming_the_same_payment_pay_once(
    visit: Visit, user: User, sender: Account, receiver: Account
) -> None:
    pay_once_before(visit, user, receiver)
    visitor = visit()
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "700")
    second = Visitor(visitor.page.context.new_page(), visitor.address)
    second.page.goto(visitor.page.url)
    visitor.press(CONFIRM)
    visitor.page.wait_for_url("**/move/payments/*/")
    second.press(CONFIRM)
    second.page.wait_for_url("**/move/payments/*/")
    assert second.page.url == visitor.page.url
    assert balance(receiver) == D("850.00")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_session_that_runs_out_in_mid_flow_keeps_what_was_typed(
    visit: Visit, user: User, sender: Account, receiver: Account, javascript: bool
) -> None:
    visitor = visit(javascript=javascript)
    visitor.sign_in(user, PASSWORD)
    page = visitor.page
    visitor.go("/move/wekeza/")
    page.fill("[name=to_account]", receiver.account_number)
    page.fill("[name=amount]", "1,234.50")
    page.fill("[name=note]", "Kwa mama ❤")
    long_ago = clock.now() - timedelta(minutes=11)
    SignedInSession.objects.filter(user=user).update(last_seen_at=long_ago)
    visitor.press_submit()
    assert visitor.path.startswith("/login/")
    visitor.give_password(user, PASSWORD)
    assert visitor.path.startswith("/move/wekeza/")
    expect(page.locator("[name=to_account]")).to_have_value(receiver.account_number)
    expect(page.locator("[name=amount]")).to_have_value("1,234.50")
    expect(page.locator("[name=note]")).to_have_value("Kwa mama ❤")
    assert not Instruction.objects.exists()


def test_a_session_that_runs_out_on_the_review_page_comes_back_to_it(
    visit: Visit, user: User, sender: Account, receiver: Account
) -> None:
    visitor = visit()
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "700")
    review = visitor.path
    SignedInSession.objects.filter(user=user).update(last_seen_at=clock.now() - timedelta(minutes=11))
    visitor.page.reload()
    assert visitor.path.startswith("/login/")
    visitor.give_password(user, PASSWORD)
    assert visitor.path == review
    assert not Posting.objects.exists()


def test_after_signing_out_the_back_button_shows_nothing(visit: Visit, user: User, sender: Account) -> None:
    visitor = visit(viewport=DESKTOP)
    visitor.sign_in(user, PASSWORD)
    expect(visitor.page.locator("body")).to_contain_text("83,406.00")
    visitor.press("form[action$='/logout/'] button")
    visitor.page.go_back()
    visitor.page.wait_for_load_state()
    expect(visitor.page.locator("body")).not_to_contain_text("83,406.00")
    visitor.go("/")
    assert visitor.path.startswith("/login/")


def test_a_branch_deposit_is_on_the_next_page(visit: Visit, user: User, sender: Account) -> None:
    visitor = visit()
    visitor.sign_in(user, PASSWORD)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts SET balance = balance + 594 WHERE account_number = %s", [sender.account_number])
    visitor.page.reload()
    expect(visitor.page.locator("body")).to_contain_text("84,000.00")


def test_a_wrong_code_moves_nothing_and_five_end_it(
    visit: Visit, user: User, sender: Account, receiver: Account
) -> None:
    visitor = visit()
    visitor.sign_in(user, PASSWORD)
    fill_transfer(visitor, receiver, "700")
    visitor.press(CONFIRM)
    assert user.customer is not None
    right = newest_code(user.customer.user_id)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        visitor.page.fill("[name=code]", wrong)
        visitor.press_submit()
    visitor.page.fill("[name=code]", right)
    visitor.press_submit()
    assert not Posting.objects.exists()
    assert balance(receiver) == D("50.00")


def test_kiswahili_is_one_press_away_on_every_page(visit: Visit, user: User, sender: Account) -> None:
    visitor = visit()
    visitor.go("/login/")
    visitor.press("button[name=language][value=sw], button:has-text('Kiswahili')")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "sw")
    visitor.give_password(user, PASSWORD)
    expect(visitor.page.locator("html")).to_have_attribute("lang", "sw")
    user.refresh_from_db()
    assert user.language == "sw"
