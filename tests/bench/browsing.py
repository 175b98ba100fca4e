"""What a phone loads the first time, and how long it takes from pressing Sign in to the balance, in Chromium."""

import re
import statistics
import time
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

from tests.chaos.bank import Portal, wait_until

TIMES = 5
PHONE = {"width": 390, "height": 844}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PASSWORD = "correct horse battery 9"  # noqa: S105 - of every customer in the tests


def measure(portal: Portal) -> dict[str, Any]:
    """Bytes as sent and requests of the first page and of the first dashboard; seconds until the balance is there."""
    email = portal.ask("tests.bench.people", "somebody")["email"]
    portal.start_web()
    portal.start_worker()
    waits = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for _ in range(TIMES):
            page = browser.new_context(viewport=PHONE).new_page()
            loaded = _watch(page)
            page.goto(f"http://127.0.0.1:{portal.port}/login/")
            login = (sum(loaded), len(loaded))
            waits.append(_sign_in(portal, page, email))
            both = (sum(loaded), len(loaded))
            page.context.close()
        browser.close()
    return {
        "sign-in page, first time: bytes": login[0],
        "sign-in page, first time: requests": login[1],
        "sign-in, code and dashboard: bytes": both[0],
        "sign-in, code and dashboard: requests": both[1],
        "from the last digit of the code to the balance, ms": round(statistics.median(waits) * 1000),
    }


def _watch(page: Page) -> list[int]:
    sizes: list[int] = []

    def note(response: Response) -> None:
        measured = response.request.sizes()
        sizes.append(measured["responseBodySize"] + measured["responseHeadersSize"])

    page.on("requestfinished", lambda request: note(request.response()))
    return sizes


def _sign_in(portal: Portal, page: Page, email: str) -> float:
    before = len(_codes(portal))
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
    wait_until(lambda: len(_codes(portal)) > before, "the code on the demo phone")
    page.fill("[name=code]", _codes(portal)[0])
    started = time.monotonic()
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.locator("[data-amount] .num, .num").first.wait_for()
    return time.monotonic() - started


def _codes(portal: Portal) -> list[str]:
    body: bytes = portal.get("/demo/phone/?format=json").body
    return re.findall(r"\b\d{6}\b", body.decode())
