"""Secrets that a customer types or is sent are known by heart here, and looked for wherever they must not be.

One walk through the portal: activation with the branch's secret, wrong password, sign-in, a payment with its code, a
crash. Everything that was logged at DEBUG and every text in every table of ours is searched afterwards.
"""

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.identity import codes
from accounts.identity.tests.helpers import code_for
from accounts.models import BranchCustomer, Posting, User
from tests.factories import AccountFactory, CustomerFactory
from wekeza_portal import crypto, logs
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage

pytestmark = pytest.mark.django_db

BRANCH_SECRET = "canary-branch-secret"
PASSWORD = "canary korongo anaruka juu"
WRONG_PASSWORD = "canary mbuni amelala chini"
NATIONAL_ID = "38177264"
CODES = (914_273, 826_351, 737_492, 648_513, 559_624)
BELONGS = {("django_session", "session_key"), ("portal_demo_message", "body")}
"""Django looks a session up by its key; the demo bank's phone shows what was sent, and exists in the demo only."""

OURS = ("portal_", "django_", "auth_")


@dataclass
class Walk:
    """What happened: the log as written, and the secrets that were about."""

    log: io.StringIO = field(default_factory=io.StringIO)
    secrets: set[str] = field(default_factory=lambda: {BRANCH_SECRET, PASSWORD, WRONG_PASSWORD, NATIONAL_ID})

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def walk() -> Iterator[Walk]:
    """Everything any logger says, at DEBUG, formatted as in production."""
    walk = Walk()
    handler = logging.StreamHandler(walk.log)
    handler.setFormatter(logs.JsonFormatter())
    known = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    loggers = [logging.root, *known]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    logging.root.addHandler(handler)
    yield walk
    logging.root.removeHandler(handler)
    for logger, level, disabled in before:
        logger.setLevel(level)
        logger.disabled = disabled


@pytest.fixture
def customer() -> BranchCustomer:
    customer = CustomerFactory(password_hash=BRANCH_SECRET, national_id=NATIONAL_ID)
    AccountFactory(customer=customer, balance=Decimal("90000.00"))
    return customer


def activate(walk: Walk, customer: BranchCustomer) -> None:
    browser = Client()
    browser.post("/enrol/", {"email": customer.email, "secret": BRANCH_SECRET})
    browser.post("/enrol/code/", {"code": code_for(customer)})
    browser.post("/enrol/password/", {"password": PASSWORD, "password_again": PASSWORD})
    browser.post("/terms/accept/", {"version": 1})
    walk.secrets.add(browser.session.session_key or "")


def sign_in(walk: Walk, customer: BranchCustomer) -> Client:
    browser = Client(raise_request_exception=False)
    browser.post("/login/", {"email": customer.email, "password": WRONG_PASSWORD})
    browser.post("/login/", {"email": customer.email, "password": PASSWORD})
    walk.secrets.add(browser.session.session_key or "")
    code = code_for(customer, browser)
    browser.post("/login/code/", {"code": str((int(code) + 1) % 1_000_000).zfill(6)})
    browser.post("/login/code/", {"code": code})
    walk.secrets.add(browser.session.session_key or "")
    return browser


def pay(browser: Client, customer: BranchCustomer) -> None:
    account, receiver = customer.accounts.get(), AccountFactory()
    typed = {"from_account": account.account_number, "to_account": receiver.account_number, "amount": "21000"}
    review = browser.post("/move/wekeza/", typed)["Location"]
    pause = browser.post(review.replace("/review/", "/confirm/"))["Location"]
    assert pause.endswith("/pause/"), "large, to somebody new: first one question"
    assert browser.get(pause).status_code == 200
    step_up = browser.post(pause, {"answer": "OWN_IDEA"})["Location"]
    browser.get(step_up)
    browser.post(step_up, {"code": code_for(customer)})


def crash(browser: Client, walk: Walk, monkeypatch: pytest.MonkeyPatch, customer: BranchCustomer) -> str:
    """A fault in our own code whose message repeats what it was given."""

    def fail(*args: object) -> None:
        session_key = browser.session.session_key
        raise ValueError(
            f"code={args[-1]} password={PASSWORD!r} wekeza_session={session_key} code was {args[-1]} "
            f"Duplicate entry '{NATIONAL_ID}' for key 'national_id' {{'secret': '{BRANCH_SECRET}'}}"
        )

    browser.post("/logout/")
    browser.post("/login/", {"email": customer.email, "password": PASSWORD})
    walk.secrets.add(browser.session.session_key or "")
    monkeypatch.setattr(codes, "_use", fail)
    response = browser.post("/login/code/", {"code": code_for(customer, browser)})
    assert response.status_code == 500
    return response.content.decode()


def whole_walk(walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The walk, every step of it proved to have happened; returns the page of the crash."""
    numbers = iter(CODES)
    monkeypatch.setattr("accounts.identity.codes.secrets.randbelow", lambda _: next(numbers))
    activate(walk, customer)
    browser = sign_in(walk, customer)
    pay(browser, customer)
    page = crash(browser, walk, monkeypatch, customer)
    assert User.objects.get(customer=customer).check_password(PASSWORD)
    assert Posting.objects.count() == 1
    walk.secrets |= {str(code) for code in CODES[: len(CODES) - len(list(numbers))]}
    assert len(walk.secrets) >= 4 + 4 + 3, "four words, at least four codes, three sessions"
    assert "" not in walk.secrets
    return page


def found_in(text: str, secrets: set[str]) -> set[str]:
    """Secrets in the text, standing alone: six digits inside of a longer number or digest are chance."""
    return {secret for secret in secrets if re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", text)}


def texts_of_our_tables() -> Iterator[tuple[str, str, str]]:
    """(table, column, value) of everything in our tables but dates and numbers."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(OURS)]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from (
                    (table, name, value.decode("latin-1") if isinstance(value, bytes) else value)
                    for name, value in zip(columns, row, strict=True)
                    if isinstance(value, str | bytes)
                )


def test_no_secret_is_in_any_log_line(walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = whole_walk(walk, customer, monkeypatch)
    assert "ValueError" in walk.log.getvalue(), "the crash is in the log"
    assert {line["level"] for line in walk.lines()} >= {"DEBUG", "INFO", "ERROR"}
    assert found_in(walk.log.getvalue(), walk.secrets) == set()
    assert found_in(page, walk.secrets) == set()
    assert mail.outbox == []


def test_no_secret_is_in_any_table_but_where_it_belongs(
    walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_walk(walk, customer, monkeypatch)
    searched = {(table, column) for table, column, _ in texts_of_our_tables()}
    assert {("portal_outbox_message", "body"), ("portal_audit_event", "data"), ("portal_user", "password")} <= searched
    leaks = [
        (table, column, secret)
        for table, column, value in texts_of_our_tables()
        if (table, column) not in BELONGS
        for secret in found_in(value, walk.secrets)
    ]
    assert leaks == []


def test_the_search_would_find_a_secret(walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are in the outbox, encrypted: opened, the same search finds them there."""
    whole_walk(walk, customer, monkeypatch)
    opened = " ".join(crypto.decrypt(row.body) for row in OutboxMessage.objects.filter(is_secret=True))
    assert len(found_in(opened, walk.secrets)) >= 4
    AuditEvent.objects.filter(verb="payment.posted").update(data={"note": f"said {PASSWORD} aloud"})
    assert any(found_in(value, walk.secrets) == {PASSWORD} for _, _, value in texts_of_our_tables())


def test_without_redaction_the_crash_would_have_told_them(
    walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "redact", str)
    whole_walk(walk, customer, monkeypatch)
    assert found_in(walk.log.getvalue(), walk.secrets) >= {PASSWORD, NATIONAL_ID, BRANCH_SECRET}


def test_lines_of_a_signed_in_request_name_the_customer_and_the_request(
    walk: Walk, customer: BranchCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_walk(walk, customer, monkeypatch)
    move = [line for line in walk.lines() if line["message"].startswith("POST /move/wekeza/")]
    assert [line.get("customer_id") for line in move] == [customer.user_id]
    assert AuditEvent.objects.get(verb="payment.posted").request_id in {line.get("request_id") for line in walk.lines()}
    before = [line for line in walk.lines() if line["message"].startswith("POST /enrol/ ")]
    assert before
    assert all("customer_id" not in line for line in before)


def test_every_table_of_ours_is_searched_whatever_it_is_called() -> None:
    ours = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    assert {table for table in ours if not table.startswith(OURS)} == set()
