"""One person on both sides: what is done at the played counter is on the customer's next page and on the demo phone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.models import Account, AuthorizationItem, BranchCustomer, User
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, AccountFactory, CustomerFactory, DemoMarkerFactory, UserFactory
from wekeza_portal.management.commands import runworker
from wekeza_portal.registry import waiting_steps, worker_steps

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]

D = Decimal
Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def _demo(settings: object) -> None:
    settings.DEMO = True
    DemoMarkerFactory()


@pytest.fixture
def user() -> User:
    return UserFactory(customer=CustomerFactory(full_name="Emmanuel Otieno", phone_number="0722000111"))


@pytest.fixture
def account(user: User) -> Account:
    return AccountFactory(customer=user.customer, balance=D("5000.00"))


def act(teller: Visitor, action: str) -> None:
    teller.press(f"button[value={action}]")
    expect(teller.page.locator(".messages")).to_contain_text(f"Done at the branch: {action}")


def test_a_deposit_at_the_counter_is_seen_and_told(visit: Visit, user: User, account: Account) -> None:
    runworker.run_round([*worker_steps.items(), *waiting_steps.items()])
    customer, teller = visit(), visit()
    customer.sign_in(user, PASSWORD)
    expect(customer.page.locator("main")).not_to_contain_text("1,234.50")
    teller.go("/demo/branch/")
    teller.page.fill("[name=account]", account.account_number)
    teller.page.fill("[name=amount]", "1,234.50")
    act(teller, "deposit")
    customer.go("/")
    expect(customer.page.locator("main")).to_contain_text("1,234.50")
    expect(customer.page.locator("main")).to_contain_text("5,234.50")
    runworker.run_round([*worker_steps.items(), *waiting_steps.items()])
    teller.go("/demo/phone/")
    expect(teller.page.locator("main")).to_contain_text("KES 1,234.50 came into your account. Deposit at a branch.")
    assert customer.complaints == teller.complaints == []


def test_a_wish_goes_to_the_branch_and_comes_back_done(visit: Visit, user: User, account: Account) -> None:
    customer, teller = visit(javascript=False), visit()
    customer.sign_in(user, PASSWORD)
    customer.go("/settings/details/")
    customer.page.select_option("[name=detail]", "phone_number")
    customer.page.fill("[name=value]", "0733 444 555")
    customer.press_submit()
    expect(customer.page.locator("main")).to_contain_text("+254733444555")
    customer.press("button[formaction$='/send/']")
    expect(customer.page.locator("main")).to_contain_text("has not decided yet")

    teller.go("/demo/branch/")
    expect(teller.page.locator("main")).to_contain_text(AuthorizationItem.objects.get().queue_id)
    teller.page.fill("[name=account]", account.account_number)
    teller.page.select_option("[name=detail]", "phone_number")
    teller.page.fill("[name=value]", "0733444555")
    act(teller, "change")
    act(teller, "approve")
    runworker.run_round([*worker_steps.items(), *waiting_steps.items()])
    customer.page.reload()
    expect(customer.page.locator("main")).to_contain_text("The branch has made the change")
    assert BranchCustomer.objects.get(pk=account.customer_id).phone_number == "0733444555"
    assert customer.complaints == teller.complaints == []
