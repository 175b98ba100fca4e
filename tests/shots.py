"""Photograph every page of the demo bank into var/shots: phone, tablet and desk, light and dark, both languages.

Usage: make shots. Starts the demo bank of today in a database of its own, signs in as Emmanuel, and walks.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "var" / "shots"
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1280, 900)}
PATHS = [
    "/", "/move/", "/move/own/", "/move/wekeza/", "/move/payees/", "/move/payees/new/", "/move/standing/",
    "/move/mobile/", "/move/airtime/", "/move/bank/", "/move/bills/",
    "/move/bills/pay/?biller=KPLC_PREPAID", "/move/cdsc/", "/move/fees/",
    "/view/", "/view/balance/", "/borrow/", "/insure/", "/save/",
    "/settings/", "/settings/sign-ins/", "/inbox/", "/more/",
    "/help/", "/demo/style/", "/demo/phone/", "/no-such-page/",
]  # fmt: skip
SUBMIT = "main form button[type=submit], main form button:not([type])"
CUSTOMER = ("emmanuel@wekeza.com", "password123")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def demo_bank() -> Iterator[str]:
    """A demo bank on a free port with a database of its own, stopped at the end."""
    port = free_port()
    database = SHOTS / "shots.sqlite3"
    database.unlink(missing_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"TESTING", "SECRET_KEY"}},
        "DEMO": "1",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{database}",
    }
    command = [sys.executable, "manage.py", "rundemo"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603 - our own command
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310 - our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def newest_code(address: str) -> str:
    """The code last received by the demo phone."""
    for _ in range(100):
        with urllib.request.urlopen(f"{address}/demo/phone/?format=json", timeout=5) as answer:  # noqa: S310
            for message in json.load(answer):
                found = re.search(r"\b\d{6}\b", message["body"])
                if found:
                    return found.group()
        time.sleep(0.1)
    raise TimeoutError("no code arrived")


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("[name=email]", CUSTOMER[0])
    page.fill("[name=password]", CUSTOMER[1])
    page.click(SUBMIT)
    time.sleep(1.5)  # the worker delivers the code
    page.fill("[name=code]", newest_code(address))
    page.click(SUBMIT)
    page.wait_for_url(f"{address}/")


def prepare_payment(page: Page, address: str) -> list[str]:
    """A draft to review and the step-up page of it."""
    page.goto(f"{address}/move/wekeza/")
    page.fill("[name=to_account]", "ACC1000003")
    page.fill("[name=amount]", "2500")
    page.fill("[name=note]", "Rent for November")
    page.click(SUBMIT)
    review = page.url.removeprefix(address)
    instruction = review.split("/")[3]
    return [review, f"/step-up/?for={instruction}"]


def photograph(
    browser: Browser, address: str, state: dict[str, object], paths: list[str], name: str, dark: bool
) -> None:
    width, height = SIZES[name]
    for language in ("en", "sw"):
        context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            storage_state=state,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "wekeza_language", "value": language, "url": address}])
        page = context.new_page()
        for path in paths:
            page.goto(f"{address}{path}")
            slug = re.sub(r"[0-9a-f-]{36}|[^a-z]+", "-", path.lower()).strip("-") or "home"
            folder = SHOTS / f"{name}-{'dark' if dark else 'light'}-{language}"
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{slug}.png", full_page=True)
        context.close()


def main() -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with demo_bank() as address, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        public = browser.new_context()
        signed_in = browser.new_context()
        page = signed_in.new_page()
        sign_in(page, address)
        paths = [*PATHS, *prepare_payment(page, address)]
        states = [(public.storage_state(), ["/login/", "/enrol/"]), (signed_in.storage_state(), paths)]
        for state, wanted in states:
            for name in SIZES:
                for dark in (False, True):
                    photograph(browser, address, dict(state), wanted, name, dark)
        browser.close()
    print(f"Photographs are in {SHOTS}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
