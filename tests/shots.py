"""Photograph every page of the demo bank into var/shots: phone, tablet and desk, light and dark, both languages.

Usage: make shots. Starts the demo bank of today in a database of its own, gives Emmanuel a draft, a receipt and all
else that `tests.pages` names, signs in as him, and walks.
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
DEMO_PAGES = ["/demo/style/", "/demo/phone/"]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SUBMIT = "main form button[type=submit], main form button:not([type])"
CUSTOMER = ("emmanuel@wekeza.com", "password123")
PAYEE = "ACC1000003"


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
    for name in ("TESTING", "SECRET_KEY"):
        os.environ.pop(name, None)
    settings = "wekeza_portal.settings"
    os.environ |= {"DEMO": "1", "DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": settings}
    os.environ["RAILSIM_URL"] = f"http://127.0.0.1:{port + 1}"  # as rundemo sets it for a bank of its own
    command = [sys.executable, "manage.py", "rundemo"]
    environment = {**os.environ, "PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
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
            urllib.request.urlopen(address, timeout=2)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def newest_code(address: str) -> str:
    """The code last received by the demo phone."""
    for _ in range(100):
        with urllib.request.urlopen(f"{address}/demo/phone/?format=json", timeout=5) as answer:
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


def every_page() -> tuple[list[str], list[str]]:
    """Public addresses and those of Emmanuel, from the one list there is; what they need is written to his bank."""
    import django

    django.setup()
    from accounts.models import Account, User
    from tests.factories import AccountFactory
    from tests.pages import PUBLIC_PAGES, Scene, signed_in_pages

    AccountFactory.reset_sequence(5000)  # beyond the numbers of the demo bank
    user = User.objects.get(customer__email=CUSTOMER[0])
    account = Account.objects.filter(customer=user.customer).order_by("account_id")[0]
    scene = Scene.of(user, account, Account.objects.get(account_number=PAYEE))
    return PUBLIC_PAGES, [*signed_in_pages(scene), *DEMO_PAGES]


def photograph(
    browser: Browser, address: str, state: dict[str, object], paths: list[str], name: str, dark: bool
) -> None:
    width, height = SIZES[name]
    for language in ("en", "sw"):
        context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            storage_state=state,
        )
        context.add_cookies([{"name": "wekeza_language", "value": language, "url": address}])
        page = context.new_page()
        for number, path in enumerate(paths):
            page.goto(f"{address}{path}")
            slug = re.sub(r"[0-9a-f-]{36}|[^a-z]+", "-", path.lower()).strip("-") or "home"
            folder = SHOTS / f"{name}-{'dark' if dark else 'light'}-{language}"
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{number:02}-{slug}.png", full_page=True)
        context.close()


def main() -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    with demo_bank() as address:
        for_all, for_one = every_page()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
            public, signed_in = browser.new_context(), browser.new_context()
            sign_in(signed_in.new_page(), address)
            for state, wanted in ((public.storage_state(), for_all), (signed_in.storage_state(), for_one)):
                for name in SIZES:
                    for dark in (False, True):
                        photograph(browser, address, dict(state), wanted, name, dark)
            browser.close()
    print(f"Photographs are in {SHOTS}")


if __name__ == "__main__":
    main()
