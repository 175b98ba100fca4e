"""Chromium on a live server: what the browser journeys share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from accounts.identity.tests.helpers import code_for
from accounts.models import BranchCustomer, User

AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe.min.js"
QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person's browser, and everything it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(f"console {message.type}: {message.text}")

        self.page.on("console", on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def sign_in(self, user: User, password: str) -> None:
        """Walk through password and code, as a person would."""
        assert user.customer is not None
        self.go("/login/")
        self.give_password(user, password)

    def give_password(self, user: User, password: str) -> None:
        assert user.customer is not None
        self.page.fill("[name=email]", user.customer.email)
        self.page.fill("[name=password]", password)
        self.press_submit()
        self.page.fill("[name=code]", newest_code(user.customer.user_id))
        self.press_submit()

    def press_submit(self) -> None:
        self.press("main form button[type=submit], main form button:not([type])")

    def press(self, button: str) -> None:
        """Press a button and wait for the page it leads to: what the server wrote is then there to be read."""
        with self.page.expect_navigation():
            self.page.locator(button).first.click()


def newest_code(customer_id: int) -> str:
    """The six digits that are out for this customer, which no page and no log ever shows."""
    return code_for(BranchCustomer.objects.get(pk=customer_id))


@pytest.fixture
def visit(chromium: Browser, live_server: object) -> Iterator[object]:
    """Open a browser of one's own: visit(javascript=True, viewport=PHONE, scheme="light", language="en")."""
    contexts: list[BrowserContext] = []

    def start(
        *, javascript: bool = True, viewport: dict[str, int] | None = None, scheme: str = "light", language: str = "en"
    ) -> Visitor:
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport=viewport or PHONE,
            color_scheme=scheme,
            locale=language,
            extra_http_headers={"Accept-Language": language},
        )
        contexts.append(context)
        visitor = Visitor(context.new_page(), str(live_server))
        visitor.watch()
        return visitor

    yield start
    for context in contexts:
        context.close()
