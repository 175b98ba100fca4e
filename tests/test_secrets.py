"""Secrets come from the environment: none is in the tree, and one can be changed without signing everybody out."""

import hashlib
import math
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings

from tests.factories import UserFactory
from tests.support import sign_in
from wekeza_portal.staff.tests.scenes import signed_in, staff

ROOT = Path(project.BASE_DIR)
OLD, NEW = "old-secret-" + "abcdefghij" * 5, "new-secret-" + "klmnopqrst" * 5
FIELD_KEY = "a-field-key-of-these-tests-0123456789"

WORD = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
KNOWN_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b|\bsk_live_\w+|\bxox[bap]-\w+"
    r"|://[^\s/:@'\"{]+:(?!password@|secret@)[^\s/@'\"{.]{6,}@"
)
RANDOM_FROM = 4.4
"""Bits for each character: words and paths stay below, what a generator made is above."""
# Random on purpose, and no secret: locks, digests of public files, invented ones of tests and of the demo.
NOT_SECRETS = ("requirements/", "tests/vendor/", "locale/")
MADE_HERE = {".venv", "var", ".env", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
INVENTED_IN = {
    "wekeza_portal/tests/test_checks.py": "a bank's settings as the start-up checks like them",
    "tests/transport/test_production.py": "the same, served over TLS for the length of the tests",
    "wekeza_portal/documents/tests/test_codes.py": "codes of papers that were never issued",
    "wekeza_portal/staff/tests/test_door.py": "a bcrypt hash whose format is counted",
}


def tracked_files() -> list[str]:
    """What the repository holds; where it came without its history, everything but what this machine made."""
    if not (ROOT / ".git").exists():
        files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return [path.as_posix() for path in files if not MADE_HERE & set(path.parts)]
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in done.stdout.split("\0") if name]


def bits_for_each_character(word: str) -> float:
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())


def looks_random(word: str) -> bool:
    """Upper and lower case and digits without a pattern: what people write has not all of these."""
    kinds = [any(test(c) for c in word) for test in (str.isupper, str.islower, str.isdigit)]
    return all(kinds) and bits_for_each_character(word) >= RANDOM_FROM


def suspicious(text: str) -> list[str]:
    return [*KNOWN_SHAPES.findall(text), *(word for word in WORD.findall(text) if looks_random(word))]


def test_no_file_of_ours_holds_a_secret() -> None:
    found = {}
    for name in tracked_files():
        path = ROOT / name
        if name.startswith(NOT_SECRETS) or name in INVENTED_IN or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content[:1000] and (hits := suspicious(content.decode("utf-8", "replace"))):
            found[name] = hits
    assert found == {}


def test_the_search_would_find_one() -> None:
    assert suspicious("KEY = 'pW4tXz9Kc2LmVb7N" + "qRs5HdJf8GyTe3Ua'")
    assert suspicious("mysql://root:" + "hunter2hunter@db/bank")
    assert suspicious("-----BEGIN " + "RSA PRIVATE KEY-----")
    assert not suspicious("test_it_refuses_to_start_with_a_weak_secret_or_without_one DJANGO_SETTINGS_MODULE2026")


def test_no_secret_file_is_tracked() -> None:
    names = {name.rpartition("/")[2] for name in tracked_files()}
    assert not names & {".env", "id_rsa", "credentials.json", "secrets.json"}
    assert not [name for name in names if name.endswith((".pem", ".key", ".p12", ".pfx", ".sqlite3", ".kdbx"))]


def test_files_of_others_are_as_their_makers_released_them() -> None:
    folder = ROOT / "tests" / "vendor"
    listed = dict(re.findall(r"`([\w.]+)`: .*sha256 `([0-9a-f]{64})`", (folder / "README.md").read_text("utf-8")))
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}
    assert {name: digest for name, digest in there.items() if name != "README.md"} == listed


def test_every_script_a_customer_runs_is_on_this_list() -> None:
    """Payment pages run these and no others; each is ours and has a reason."""
    reasons = {
        "portal.js": "starts the others",
        "amounts.js": "hides amounts at a press",
        "copy.js": "copies an account number or reference",
        "data.js": "adds up what the page cost the data bundle",
        "forms.js": "shows refusals first, stops a double press",
        "idle.js": "warns before the session ends",
        "inbox.js": "marks a message read when it is opened",
        "passwords.js": "counts the characters of a new password",
        "passkeys.js": "lets the browser make a passkey or sign with one",
        "payments.js": "guesses a phone's network, fills in one's own number, watches a payment on its way",
        "print.js": "prints a receipt",
        "share.js": "opens the phone's own sheet for sharing a receipt",
        "uploads.js": "names the chosen files before they are sent",
    }
    assert {path.name for path in (ROOT / "static" / "js").glob("**/*.js")} == set(reasons)


# --- A new SECRET_KEY ---------------------------------------------------------------------------------------------


@pytest.fixture
def rotating(settings: Settings) -> Settings:
    settings.FIELD_KEYS = [FIELD_KEY]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    return settings


@pytest.mark.django_db
def test_a_new_secret_key_signs_nobody_out_while_the_old_one_stands_behind_it(rotating: Settings) -> None:
    customer, member = Client(), signed_in(staff("audit"))
    sign_in(customer, UserFactory())
    rotating.SECRET_KEY, rotating.SECRET_KEY_FALLBACKS = NEW, [OLD]
    for _time in range(2):
        assert customer.get("/").status_code == 200
        assert member.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_pages_asked_for_at_once_under_a_new_secret_key_all_keep_their_session(rotating: Settings) -> None:
    """Each tab's request leaves with the cookie of before, whatever the answer to the first one brings."""
    customer, member = Client(), signed_in(staff("audit"))
    sign_in(customer, UserFactory())
    rotating.SECRET_KEY, rotating.SECRET_KEY_FALLBACKS = NEW, [OLD]
    for browser, address in ((customer, "/"), (member, "/admin/")):
        name = settings_of(browser)
        tabs = [Client() for _tab in range(4)]
        for tab in tabs:
            tab.cookies[name] = browser.cookies[name].value
        assert [tab.get(address).status_code for tab in tabs] == [200] * 4
        assert name not in {key for tab in tabs[1:] for key, cookie in tab.cookies.items() if not cookie.value}


def settings_of(browser: Client) -> str:
    """The name of the cookie that holds this browser's session."""
    return next(name for name in browser.cookies if "session" in name)


@pytest.mark.django_db
def test_whoever_came_back_meanwhile_stays_when_the_old_key_is_taken_away(rotating: Settings) -> None:
    came_back, stayed_away = Client(), Client()
    for browser in (came_back, stayed_away):
        sign_in(browser, UserFactory())
    rotating.SECRET_KEY, rotating.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert came_back.get("/").status_code == 200
    rotating.SECRET_KEY_FALLBACKS = []
    assert stayed_away.get("/").status_code == 302


@pytest.mark.django_db
def test_a_session_signed_with_a_key_that_is_gone_opens_nothing(rotating: Settings) -> None:
    browser = Client()
    sign_in(browser, UserFactory())
    rotating.SECRET_KEY = NEW
    assert browser.get("/").status_code == 302
