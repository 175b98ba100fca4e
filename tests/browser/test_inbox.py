"""Opening a message reads it: by itself with the script, by a button without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, AccountFactory, InboxItemFactory, UserFactory
from wekeza_portal.notifications.models import InboxItem

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def user() -> User:
    return UserFactory(customer=AccountFactory().customer)


@pytest.fixture
def item(user: User) -> InboxItem:
    return InboxItemFactory(customer_id=user.customer_id, title="KES 500.00 came in")


def open_it(visitor: Visitor, user: User) -> None:
    visitor.sign_in(user, PASSWORD)
    InboxItem.objects.exclude(title="KES 500.00 came in").delete()  # the alert about this very sign-in
    visitor.go("/inbox/")
    expect(visitor.page.locator("[data-unread]")).to_have_text("1")
    visitor.page.get_by_role("link", name="KES 500.00 came in").click()


def test_a_message_that_was_opened_is_read_and_the_bell_falls_silent(
    visit: Callable[..., Visitor], user: User, item: InboxItem
) -> None:
    visitor = visit()
    open_it(visitor, user)
    expect(visitor.page.locator("[data-read-when-opened]")).to_be_hidden()
    expect(visitor.page.locator("[data-unread]")).to_be_hidden()
    item.refresh_from_db()
    assert not item.is_unread
    assert visitor.complaints == []


def test_without_javascript_the_button_marks_it(visit: Callable[..., Visitor], user: User, item: InboxItem) -> None:
    visitor = visit(javascript=False)
    open_it(visitor, user)
    item.refresh_from_db()
    assert item.is_unread
    visitor.press("form[data-read-when-opened] button")
    item.refresh_from_db()
    assert not item.is_unread
    expect(visitor.page.locator("[data-unread]")).to_be_hidden()
