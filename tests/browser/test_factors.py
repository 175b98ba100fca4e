"""Second factors in a real browser: a passkey by Chromium's virtual authenticator, an app and codes without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.identity.tests.helpers import app_code
from accounts.models import OneTimeCode, Passkey, User, Way
from tests.browser.conftest import Visitor, newest_code
from tests.factories import PASSWORD, AccountFactory, CustomerFactory, UserFactory
from tests.pages import Scene
from wekeza_portal import crypto
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = [pytest.mark.browser, pytest.mark.mariadb, pytest.mark.django_db(transaction=True)]
PAGE = "/settings/security/"


@pytest.fixture
def user() -> User:
    customer = CustomerFactory(phone_number="0722000111")
    AccountFactory(customer=customer)
    made: User = UserFactory(customer=customer)
    return made


def by_name(visit: Callable[..., Visitor], settings: Settings) -> Visitor:
    """A visitor of our public address, which has to be a name: passkeys belong to one, never to a number."""
    visitor = visit()
    visitor.address = settings.PUBLIC_URL = visitor.address.replace("127.0.0.1", "localhost")
    return visitor


def authenticator(visitor: Visitor, *, verifies: bool = True) -> Any:
    """Plug a virtual authenticator into this browser; `verifies` is whether its owner's finger is known to it."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda finger: session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": finger}
    )


def press_change(visitor: Visitor, words: str) -> None:
    """Press the button of a change and confirm it with the code by SMS."""
    visitor.go(PAGE)
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=words, exact=True).click()
    visitor.page.fill("[name=code]", code_of(visitor.path.rpartition("=")[2]))
    visitor.press_submit()


def code_of(instruction_id: str) -> str:
    """The code that is out for this change: of several in one second only one is its own."""
    row = OneTimeCode.objects.get(binding__startswith=instruction_id, used_at=None)
    return crypto.decrypt(OutboxMessage.objects.get(cause=f"code:{row.id}").body)[:6]


def add_passkey(visitor: Visitor) -> None:
    press_change(visitor, "Add a passkey")
    visitor.page.fill("[name=name]", "My phone")
    visitor.press("main form[data-passkey] button")
    expect(visitor.page.get_by_text("The passkey My phone is added.")).to_be_visible()


def test_a_passkey_is_added_signs_in_and_confirms_a_payment(visit: Callable[..., Visitor], settings: Settings) -> None:
    scene = Scene.set_up()
    visitor = by_name(visit, settings)
    authenticator(visitor)
    visitor.sign_in(scene.user, PASSWORD)
    add_passkey(visitor)
    User.objects.filter(pk=scene.user.pk).update(preferred_way=Way.PASSKEY)
    visitor.page.context.clear_cookies()
    visitor.go("/login/")
    assert scene.user.customer is not None
    visitor.page.fill("[name=email]", scene.user.customer.email)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.press_submit()
    visitor.press("main form[data-passkey] button")
    assert visitor.path == "/"
    visitor.go(f"/step-up/?for={scene.draft.id}")
    visitor.press("main form[data-passkey] button")
    assert visitor.path == f"/move/payments/{scene.draft.id}/"
    scene.draft.refresh_from_db()
    assert scene.draft.state == "POSTED"
    assert Passkey.objects.get().sign_count >= 2
    assert visitor.complaints == []


def test_without_the_finger_nothing_is_sent_and_another_way_is_offered(
    visit: Callable[..., Visitor], user: User, settings: Settings
) -> None:
    visitor = by_name(visit, settings)
    finger = authenticator(visitor)
    visitor.sign_in(user, PASSWORD)
    add_passkey(visitor)
    User.objects.filter(pk=user.pk).update(preferred_way=Way.PASSKEY)
    visitor.page.context.clear_cookies()
    finger(False)
    visitor.go("/login/")
    assert user.customer is not None
    visitor.page.fill("[name=email]", user.customer.email)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.press_submit()
    visitor.page.locator("main form[data-passkey] button").click()
    expect(visitor.page.locator("[data-passkey-failed]")).to_be_visible()
    assert visitor.path == "/login/code/"
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="A code by SMS").click()
    visitor.page.fill("[name=code]", newest_code(user.customer_id or 0))
    visitor.press_submit()
    assert visitor.path == "/"


def test_without_javascript_a_passkey_page_says_so_and_an_app_and_codes_are_added(
    visit: Callable[..., Visitor], user: User
) -> None:
    visitor = visit(javascript=False)
    visitor.sign_in(user, PASSWORD)
    press_change(visitor, "Add a passkey")
    expect(visitor.page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    press_change(visitor, "Add an authenticator app")
    visitor.page.fill("[name=code]", app_code(user))
    visitor.press_submit()
    expect(visitor.page.get_by_text("Your authenticator app is added.")).to_be_visible()
    press_change(visitor, "Make ten backup codes")
    visitor.press("main form button")
    codes = visitor.page.locator(".backup code").all_inner_texts()
    assert len(codes) == 10
    assert all(re.fullmatch(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", code) for code in codes)
    assert visitor.complaints == []
