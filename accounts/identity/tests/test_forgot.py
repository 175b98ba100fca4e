"""Forgotten password: nothing is revealed, the link works once, no factor is skipped, payments are capped."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import limits
from accounts.identity import resetlinks, tries
from accounts.identity.tests.helpers import WRONG, another, code_for, give_password, is_signed_in, walk_in
from accounts.models import BranchCustomer, LimitUsage, OneTimeCode, ResetLink, User
from tests.factories import PASSWORD, BusinessFactory, CustomerFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.models import Errand
from wekeza_portal.notifications.models import Channel, InboxItem, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db
NEW = "kahawa chungu asubuhi"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


def ask(client: Client, email: str) -> Any:
    return client.post("/forgot/", {"email": email})


def mails(to: str) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(to=to, channel=Channel.EMAIL, cause__startswith="reset-"))


def link_for(user: User) -> str:
    """The path in the newest e-mail."""
    assert user.customer is not None
    body = crypto.decrypt(mails(user.customer.email)[-1].body)
    found = re.search(r"http://localhost:\d+(/forgot/link/[0-9a-f]{32}/)", body)
    assert found is not None, body
    return found.group(1)


def asked(user: User) -> str:
    """Ask, let the worker work, read the mail."""
    assert user.customer is not None
    ask(Client(), user.customer.email)
    resetlinks.deliver()
    return link_for(user)


def open_link(client: Client, link: str) -> Any:
    """As a person does: open it, press the button."""
    client.get(link)
    return client.post("/forgot/link/")


def give_code(client: Client, user: User, code: str = "") -> Any:
    assert user.customer is not None
    return client.post("/forgot/code/", {"code": code or code_for(user.customer)})


def choose(client: Client, password: str = NEW) -> Any:
    return client.post("/forgot/password/", {"password": password, "password_again": password})


def reset(client: Client, user: User) -> Any:
    open_link(client, asked(user))
    give_code(client, user)
    return choose(client)


def opens(user: User, password: str) -> bool:
    return bool(User.objects.get(pk=user.pk).check_password(password))


# --- The way ------------------------------------------------------------------------------------------------------


def test_with_link_and_code_a_new_password_is_set_and_signed_in_with(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    assert open_link(client, link).headers["Location"] == "/forgot/code/"
    assert "••• •••" in client.get("/forgot/code/").content.decode()
    assert give_code(client, wanjiku).headers["Location"] == "/forgot/password/"
    done = choose(client)
    assert done.headers["Location"] == "/login/"
    assert "Your new password is set" in client.get("/login/").content.decode()
    assert opens(wanjiku, NEW)
    assert not is_signed_in(client)
    browser = Client()
    give_password(browser, wanjiku, NEW)
    assert not is_signed_in(browser), "the second factor is asked for as ever"
    browser.post("/login/code/", {"code": code_for(wanjiku.customer, browser)})
    assert is_signed_in(browser)


def test_the_sign_in_page_leads_there(client: Client) -> None:
    assert 'href="/forgot/"' in client.get("/login/").content.decode()


def test_every_session_ends_and_the_old_password_opens_nothing(client: Client, wanjiku: User) -> None:
    other = Client()
    sign_in(other, wanjiku)
    reset(client, wanjiku)
    assert not is_signed_in(other)
    assert "not right" in give_password(Client(), wanjiku).content.decode()


def test_all_contacts_are_told(nine: time_machine.Traveller, client: Client, wanjiku: User) -> None:
    reset(client, wanjiku)
    told = OutboxMessage.objects.filter(cause__startswith="password-reset:")
    expected = (
        "A new password for your Wekeza account was set at 23/11/2026 09:00 with a link by e-mail. "
        "Not you? Call +254 700 123 456."
    )
    assert {row.channel for row in told} == {Channel.SMS, Channel.EMAIL}
    assert {row.body for row in told} == {expected}
    assert len(expected) <= 160
    assert InboxItem.objects.filter(category="SECURITY", text=expected).count() == 1
    assert AuditEvent.objects.filter(verb="password.reset", customer_id=wanjiku.customer_id).count() == 1


def test_payments_are_capped_for_24_hours(nine: time_machine.Traveller, client: Client, wanjiku: User) -> None:
    reset(client, wanjiku)
    page = client.get("/login/").content.decode()
    assert "KES 20,000.00 at most can go to others until 24 November, 09:00" in page
    cap = limits.room(wanjiku.customer).recovery
    assert cap is not None
    assert cap.until == clock.now() + timedelta(hours=24)


def test_who_locked_the_sign_in_by_forgetting_can_sign_in_at_once(client: Client, wanjiku: User) -> None:
    for _time in range(10):
        give_password(Client(), wanjiku, WRONG)
    assert give_password(Client(), wanjiku).status_code == 429
    reset(client, wanjiku)
    assert ratelimit.peek(tries.LOGIN_ACCOUNT, wanjiku.customer.email) == 0
    assert give_password(Client(), wanjiku, NEW).status_code == 302


# --- Nothing is revealed --------------------------------------------------------------------------------------------


def everybody() -> list[str]:
    """Addresses of all sorts: enrolled, not yet enrolled, of a business, inactive, unknown."""
    return [
        UserFactory().customer.email,
        CustomerFactory().email,
        CustomerFactory(business=BusinessFactory()).email,
        CustomerFactory(is_active=False).email,
        "nobody@example.com",
    ]


def work_of(email: str) -> tuple[int, str, list[str]]:
    """Status, page and statements of asking with this address."""
    browser = Client()
    with CaptureQueriesContext(connection) as captured:
        answer = ask(browser, email)
        page = browser.get(answer.headers["Location"])
    work = [re.sub(r"SAVEPOINT.*|'[^']*'|\b\d+\b", "?", query["sql"]) for query in captured]
    text = re.sub(r'value="\w{64}"|data-used[^<]*<|<code>\w+</code>', "X", page.content.decode())
    return answer.status_code, text, work


def test_the_same_page_status_and_work_for_everybody_who_is_asked_for() -> None:
    people = everybody()
    ask(Client(), "first@example.com")  # the counters of this address and network are there
    found = [work_of(email) for email in people]
    assert all(one == found[0] for one in found)
    assert "If the address you gave is one of our customers'" in found[0][1]
    assert Errand.objects.count() == 6
    assert not OutboxMessage.objects.exists()


def test_the_worker_writes_to_whom_it_concerns_and_to_nobody_else() -> None:
    enrolled, not_yet, business, inactive, unknown = everybody()
    for email in (enrolled, not_yet, business, inactive, unknown):
        ask(Client(), email)
    assert resetlinks.deliver() == 5
    assert [row.is_secret for row in mails(enrolled)] == [True]
    (how,) = mails(not_yet)
    assert "/enrol/" in how.body
    assert OutboxMessage.objects.count() == 2
    assert ResetLink.objects.count() == 1


def test_a_fourth_time_in_half_an_hour_is_stopped_alike(nine: time_machine.Traveller, wanjiku: User) -> None:
    for email in (wanjiku.customer.email, "nobody@example.com"):
        for _time in range(3):
            assert ask(Client(), email).status_code == 302
        answer = ask(Client(), f" {email.upper()}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")
    assert Errand.objects.count() == 6


def test_strangers_cannot_use_up_the_tries_of_a_browser_the_owner_used_before(client: Client, wanjiku: User) -> None:
    walk_in(client, wanjiku)
    client.post("/logout/")
    for _time in range(4):
        ask(Client(), wanjiku.customer.email)
    assert ask(Client(), wanjiku.customer.email).status_code == 429
    assert ask(client, wanjiku.customer.email).status_code == 302


def test_one_address_asking_for_many_is_stopped_at_twenty(nine: time_machine.Traveller) -> None:
    statuses = [ask(Client(), f"customer-{n}@example.com").status_code for n in range(22)]
    assert statuses == [302] * 20 + [429] * 2


def test_a_request_that_waited_too_long_for_the_worker_is_dropped(nine: time_machine.Traveller, wanjiku: User) -> None:
    ask(Client(), wanjiku.customer.email)
    nine.shift(timedelta(minutes=15, seconds=1))
    assert resetlinks.deliver() == 1
    assert not ResetLink.objects.exists()


# --- The link -----------------------------------------------------------------------------------------------------


def test_opening_it_as_mail_scanners_do_uses_nothing_up(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    for scanner in (Client(), Client()):
        scanner.get(link, follow=True)
        scanner.head(link, follow=True)
    assert ResetLink.objects.get().used_at is None
    assert not OneTimeCode.objects.exists()
    assert open_link(client, link).headers["Location"] == "/forgot/code/"


def test_it_works_once(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    open_link(client, link)
    thief = Client()
    assert open_link(thief, link).headers["Location"] == "/forgot/"
    assert "can no longer be used" in thief.get("/forgot/").content.decode()
    assert thief.get("/forgot/code/").headers["Location"] == "/forgot/"
    give_code(client, wanjiku)
    choose(client)
    assert open_link(client, link).headers["Location"] == "/forgot/"


def test_it_lives_fifteen_minutes(nine: time_machine.Traveller, wanjiku: User) -> None:
    link = asked(wanjiku)
    nine.shift(timedelta(minutes=14, seconds=59))
    browser = Client()
    browser.get(link)
    nine.shift(timedelta(seconds=1))
    assert browser.post("/forgot/link/").headers["Location"] == "/forgot/"


def test_a_password_that_changed_meanwhile_voids_it(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    user = User.objects.get(pk=wanjiku.pk)
    user.set_password("set in the settings meanwhile")
    user.save(update_fields=["password"])
    assert open_link(client, link).headers["Location"] == "/forgot/"


def test_one_reset_voids_every_other_link(client: Client, wanjiku: User) -> None:
    first = asked(wanjiku)
    reset(client, wanjiku)
    assert open_link(Client(), first).headers["Location"] == "/forgot/"
    assert not ResetLink.objects.filter(used_at=None).exists()


def test_an_invented_link_looks_like_a_used_one(client: Client, wanjiku: User) -> None:
    used = asked(wanjiku)
    open_link(Client(), used)
    pages = []
    for link in (used, "/forgot/link/" + "0a" * 16 + "/", "/forgot/link/x/"):
        browser = Client()
        opened = browser.get(link, follow=True)
        assert (opened.status_code, opened.redirect_chain) == (200, [("/forgot/link/", 302)])
        page = browser.post("/forgot/link/", follow=True).content.decode()
        pages.append(re.sub(r'value="\w{64}"|data-used[^<]*<', "X", page))
    assert pages[0] == pages[1] == pages[2]


def test_guessing_links_is_stopped(nine: time_machine.Traveller, wanjiku: User) -> None:
    for _time in range(20):
        open_link(Client(), "/forgot/link/" + "0a" * 16 + "/")
    link, browser = asked(wanjiku), Client()
    open_link(browser, link)
    assert "Too many tries" in browser.get("/forgot/").content.decode()
    assert ResetLink.objects.get().used_at is None


def test_its_token_is_in_no_table_no_page_and_no_log_line(
    client: Client, wanjiku: User, caplog: pytest.LogCaptureFixture
) -> None:
    from wekeza_portal.logs import redact

    link = asked(wanjiku)
    token = link.rstrip("/").rpartition("/")[2]
    page = client.get(link, follow=True).content.decode()
    assert token not in page
    assert token not in str(ResetLink.objects.values())
    assert token not in str(OutboxMessage.objects.values())
    assert token not in str(client.session.items())
    assert token not in redact(f"GET {link} 302")
    assert token not in caplog.text
    assert client.get(link)["Referrer-Policy"] == "same-origin"
    assert client.get(link)["Location"] == "/forgot/link/"


@pytest.mark.parametrize("made", range(50))
def test_every_token_has_the_shape_that_logs_hide(made: int) -> None:
    from wekeza_portal.logs import HIDDEN, redact

    assert redact(f"GET /forgot/link/{resetlinks.new_token()}/") == f"GET /forgot/link/{HIDDEN}/"


def test_it_leads_to_the_banks_own_host_whatever_host_was_asked(wanjiku: User) -> None:
    Client(headers={"Host": "evil.example"}).post("/forgot/", {"email": wanjiku.customer.email})
    ask(Client(), wanjiku.customer.email)
    resetlinks.deliver()
    assert "evil.example" not in crypto.decrypt(mails(wanjiku.customer.email)[-1].body)


# --- The second factor is not skipped ---------------------------------------------------------------------------------


def test_the_link_alone_changes_nothing(client: Client, wanjiku: User) -> None:
    open_link(client, asked(wanjiku))
    assert client.get("/forgot/password/").headers["Location"] == "/forgot/"
    assert choose(client).headers["Location"] == "/forgot/"
    give_code(client, wanjiku, another(code_for(wanjiku.customer)))
    choose(client)
    assert opens(wanjiku, PASSWORD)
    other = Client()
    sign_in(other, wanjiku)
    assert is_signed_in(other), "and nobody is signed out by it"


def test_the_code_goes_by_sms_only_whatever_is_asked_for(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    """Who reads the e-mail would otherwise have both."""
    open_link(client, asked(wanjiku))
    assert "by e-mail instead" not in client.get("/forgot/code/").content.decode()
    nine.shift(timedelta(seconds=31))
    client.post("/forgot/code/resend/", {"channel": "EMAIL"})
    causes = [f"code:{row.pk}" for row in OneTimeCode.objects.all()]
    assert {row.channel for row in OutboxMessage.objects.filter(cause__in=causes)} == {Channel.SMS}


def test_where_sms_is_switched_off_e_mail_does_not_stand_in(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    PortalSwitch.objects.update_or_create(
        code="SMS_CODES",
        defaults={
            "is_on": False, "notice_en": "SMS is down.", "notice_sw": "SMS haifanyi kazi.",
            "since": clock.today(), "changed_at": clock.now(),
        },
    )  # fmt: skip
    open_link(client, link)
    assert "SMS is down." in client.get("/forgot/").content.decode()
    assert not OneTimeCode.objects.exists()
    assert ResetLink.objects.get().used_at is None


@pytest.mark.parametrize(
    "columns", [{"phone_number": None}, {"phone_number": "0799888777"}], ids=["no number", "a new number"]
)
def test_a_number_that_is_missing_or_new_vouches_for_nobody(
    client: Client, wanjiku: User, columns: dict[str, Any]
) -> None:
    link = asked(wanjiku)
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(**columns)
    assert open_link(client, link).headers["Location"] == "/forgot/"
    assert "missing or new" in client.get("/forgot/").content.decode()
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("columns", [{"is_active": False}, {"national_id": "1"}, {"password_hash": "newpass123"}])
def test_what_the_branch_changes_on_the_way_stops_it(client: Client, wanjiku: User, columns: dict[str, Any]) -> None:
    open_link(client, asked(wanjiku))
    give_code(client, wanjiku)
    BranchCustomer.objects.filter(pk=wanjiku.customer_id).update(**columns)
    assert choose(client).headers["Location"] == "/forgot/"
    assert opens(wanjiku, PASSWORD)


def test_half_a_reset_is_no_login_and_lasts_fifteen_minutes(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    open_link(client, asked(wanjiku))
    give_code(client, wanjiku)
    assert not is_signed_in(client)
    nine.shift(timedelta(minutes=15, seconds=1))
    assert choose(client).headers["Location"] == "/forgot/"
    assert opens(wanjiku, PASSWORD)


def test_a_code_for_signing_in_is_none_for_this(client: Client, wanjiku: User) -> None:
    give_password(Client(), wanjiku)
    signing_in = code_for(wanjiku.customer)
    open_link(client, asked(wanjiku))
    if code_for(wanjiku.customer) != signing_in:
        give_code(client, wanjiku, signing_in)
        assert client.get("/forgot/password/").headers["Location"] == "/forgot/"


def test_a_planted_session_does_not_come_along(client: Client, wanjiku: User) -> None:
    link = asked(wanjiku)
    thief = Client()
    thief.get(link)
    planted = thief.cookies["wekeza_session"].value
    client.cookies["wekeza_session"] = planted
    client.post("/forgot/link/")
    give_code(client, wanjiku)
    assert client.cookies["wekeza_session"].value != planted
    assert choose(thief).headers["Location"] == "/forgot/"


@pytest.mark.parametrize("password", ["short", "WekezaBank2026", "password1234"])
def test_a_bad_password_is_refused_and_may_be_chosen_again(client: Client, wanjiku: User, password: str) -> None:
    open_link(client, asked(wanjiku))
    give_code(client, wanjiku)
    assert choose(client, password).status_code == 200
    choose(client)
    assert opens(wanjiku, NEW)


def test_a_notice_that_cannot_be_written_leaves_everything_as_it_was(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    open_link(client, asked(wanjiku))
    give_code(client, wanjiku)
    monkeypatch.setattr("accounts.identity.recovery.alerts.password_reset", broken)
    client.raise_request_exception = False
    assert choose(client).status_code == 500
    assert opens(wanjiku, PASSWORD)
    assert not LimitUsage.objects.exists()


@pytest.mark.parametrize(
    "email", ["<script>alert(1)</script>", "=HYPERLINK(1)", "a" * 10_000, "\0", "١٢٣@example.com", "😀"]
)
def test_whatever_is_typed_is_an_address_nobody_has_or_a_refusal(client: Client, email: str) -> None:
    answer = client.post("/forgot/", {"email": email})
    assert answer.status_code in (200, 302)
    assert "<script>alert" not in answer.content.decode()
    resetlinks.deliver()
    assert not OutboxMessage.objects.exists()


def test_links_are_forgotten_in_a_day(nine: time_machine.Traveller, wanjiku: User) -> None:
    asked(wanjiku)
    nine.shift(timedelta(days=1, minutes=16))
    assert resetlinks.forget_old(clock.now() - timedelta(days=1)) == 1


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_five_browsers_that_press_at_once_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.identity import codes

    monkeypatch.setattr(codes, "CODE_SENDS", ratelimit.Policy("generous", 100, timedelta(minutes=30)))
    link = asked(UserFactory())
    browsers = [Client() for _ in range(5)]
    for browser in browsers:
        browser.get(link)
    answers = at_once([lambda b=browser: b.post("/forgot/link/").headers["Location"] for browser in browsers])
    assert sorted(map(str, answers)) == ["/forgot/"] * 4 + ["/forgot/code/"]
