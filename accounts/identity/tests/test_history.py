"""Sign-in history, known browsers, alerts, and "this wasn't me"."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.identity import browsers, contacts, housekeeping, selectors
from accounts.identity.tests.helpers import (
    WRONG,
    another,
    code_for,
    give_password,
    is_signed_in,
    sent_bodies,
    walk_in,
)
from accounts.models import KeptForm, KnownDevice, OneTimeCode, SignedInSession, SignInAttempt, User
from tests.factories import (
    ErrandFactory,
    KeptFormFactory,
    OneTimeCodeFactory,
    RateCounterFactory,
    SignedInSessionFactory,
    UserFactory,
)
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.jobs import engine
from wekeza_portal.jobs.models import JobRun
from wekeza_portal.models import Errand, RateCounter
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A145) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


def alerts(user: User) -> list[str]:
    return [body for body in sent_bodies(user.customer) if body.startswith("New sign-in")]


def test_a_new_browser_raises_one_alert_by_sms_and_e_mail(nine: time_machine.Traveller, wanjiku: User) -> None:
    browser = Client(headers={"User-Agent": PHONE})
    walk_in(browser, wanjiku)
    expected = (
        "New sign-in to your Wekeza account: Chrome on Android, 23/11/2026 09:00. Not you? Call +254 700 123 456."
    )
    assert alerts(wanjiku) == [expected, expected]
    assert len(expected) <= 160
    channels = OutboxMessage.objects.filter(cause__startswith="new-device").values_list("channel", flat=True)
    assert set(channels) == {Channel.SMS, Channel.EMAIL}


def test_the_same_browser_raises_no_second_alert(client: Client, wanjiku: User) -> None:
    walk_in(client, wanjiku)
    client.post("/logout/")
    walk_in(client, wanjiku)
    assert len(alerts(wanjiku)) == 2
    assert KnownDevice.objects.count() == 1


def test_a_browser_known_to_one_customer_is_new_to_another(client: Client, wanjiku: User) -> None:
    stranger = UserFactory()
    walk_in(client, wanjiku)
    client.post("/logout/")
    walk_in(client, stranger)
    assert len(alerts(stranger)) == 2


def test_an_invented_device_cookie_is_replaced(client: Client, wanjiku: User) -> None:
    client.cookies["wekeza_device"] = "mine"
    walk_in(client, wanjiku)
    assert len(client.cookies["wekeza_device"].value) == 43
    assert client.cookies["wekeza_device"]["httponly"]


def test_an_alert_that_cannot_be_written_stops_the_sign_in(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    give_password(client, wanjiku)
    monkeypatch.setattr("accounts.identity.signin.alerts.new_device", broken)
    client.raise_request_exception = False
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert not is_signed_in(client)
    assert not KnownDevice.objects.exists()


def test_the_alert_is_in_the_customers_language(client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import translation

    seen: list[str | None] = []
    User.objects.update(language="sw")
    monkeypatch.setattr("accounts.identity.alerts._", lambda text: seen.append(translation.get_language()) or text)
    walk_in(client, wanjiku)
    assert set(seen) == {"sw"}


def test_the_history_shows_good_and_bad_tries_of_this_customer_only(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    stranger = UserFactory()
    give_password(Client(), stranger, WRONG)
    give_password(client, wanjiku, WRONG)
    give_password(client, wanjiku)
    client.post("/login/code/", {"code": another(code_for(wanjiku.customer))})
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    outcomes = [line.outcome for line in selectors.sign_ins(wanjiku)]
    assert outcomes == ["SIGNED_IN", "WRONG_CODE", "WRONG_PASSWORD"]
    page = client.get("/settings/sign-ins/").content.decode()
    for words in ("Signed in", "Wrong password", "Wrong code", "23/11/2026, 09:00", "127.0.0.1", "new device"):
        assert words in page


def test_the_last_sign_in_is_the_one_before_this(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    walk_in(client, wanjiku)
    assert selectors.last_sign_in(wanjiku) is None
    nine.shift(timedelta(hours=1))
    give_password(client, wanjiku, WRONG)
    client.post("/logout/")
    walk_in(client, wanjiku)
    before = selectors.last_sign_in(wanjiku)
    assert before is not None
    assert before.at == clock.now() - timedelta(hours=1)


def test_this_was_not_me_signs_out_every_other_browser(client: Client, wanjiku: User) -> None:
    thief, stranger, stranger_browser = Client(), UserFactory(), Client()
    walk_in(thief, wanjiku)
    walk_in(client, wanjiku)
    walk_in(stranger_browser, stranger)
    answer = client.post("/settings/sign-ins/not-me/", follow=True)
    assert answer.redirect_chain == [("/settings/password/", 302)]
    page = answer.content.decode()
    assert "call the fraud line" in page
    assert "+254 700 123 456" in page
    assert is_signed_in(client)
    assert is_signed_in(stranger_browser)
    assert not is_signed_in(thief)
    assert KnownDevice.objects.filter(user=wanjiku).count() == 1
    assert AuditEvent.objects.filter(verb="sign_in.disowned", customer_id=wanjiku.customer_id).count() == 1


def test_every_try_leaves_an_audit_row_without_secrets(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku, WRONG)
    client.post("/login/", {"email": "nobody@example.com", "password": WRONG})
    code = give_password(client, wanjiku) and code_for(wanjiku.customer)
    client.post("/login/code/", {"code": code})
    client.post("/logout/")
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["sign_in.refused", "sign_in.refused", "sign_in.done", "sign_in.ended"]
    text = str(list(AuditEvent.objects.values()))
    assert WRONG not in text
    assert code not in text
    assert "nobody@example.com" not in text


def test_a_changed_number_is_remembered_with_its_day(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    type(wanjiku.customer).objects.filter(pk=wanjiku.customer_id).update(phone_number="0722000111")
    walk_in(client, wanjiku)
    wanjiku.refresh_from_db()
    assert wanjiku.known_phone == "+254722000111"
    assert wanjiku.known_phone_since == clock.now()


def test_another_spelling_of_the_number_is_no_change(client: Client, wanjiku: User) -> None:
    since = wanjiku.known_phone_since
    local = "0" + wanjiku.customer.phone_number.removeprefix("+254")
    type(wanjiku.customer).objects.filter(pk=wanjiku.customer_id).update(phone_number=local)
    walk_in(client, wanjiku)
    wanjiku.refresh_from_db()
    assert wanjiku.known_phone_since == since


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("Opera/9.80 (Android; Opera Mini/36.2) Presto/2.12", "Opera Mini on Android"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert browsers.in_words(user_agent) == words


@pytest.mark.parametrize(
    ("stored", "dialled"),
    [
        ("0712345678", "+254712345678"),
        ("254712345678", "+254712345678"),
        ("+254 712 345 678", "+254712345678"),
        ("+447911123456", "+447911123456"),
        ("12", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_a_number_is_dialled_from_anywhere(stored: str, dialled: str) -> None:
    assert contacts.international(stored) == dialled


def tidied() -> int:
    """What a pass over the jobs has the hourly one delete."""
    before = sum(JobRun.objects.filter(job="tidy-identity").values_list("done", flat=True))
    engine.run_due()
    return sum(JobRun.objects.filter(job="tidy-identity").values_list("done", flat=True)) - before


def test_the_worker_deletes_what_is_old_once_an_hour(nine: time_machine.Traveller) -> None:
    old, new = OneTimeCodeFactory(), OneTimeCodeFactory()
    OneTimeCode.objects.filter(pk=old.pk).update(expires_at=clock.now() - timedelta(days=2))
    KeptFormFactory(created_at=clock.now() - timedelta(days=2))
    assert tidied() == 2
    assert OneTimeCode.objects.get() == new
    OneTimeCode.objects.update(expires_at=clock.now() - timedelta(days=2))
    assert tidied() == 0
    nine.shift(timedelta(hours=1))
    assert tidied() == 1


def test_the_worker_deletes_sessions_counters_kept_forms_and_errands_in_their_time(
    nine: time_machine.Traveller, wanjiku: User
) -> None:
    now = clock.now()
    for days in (89, 91):
        ended = now - timedelta(days=days)
        SignedInSessionFactory(user=wanjiku, started_at=ended, last_seen_at=ended, ended_at=ended)
        SignedInSessionFactory(user=wanjiku, started_at=ended, last_seen_at=ended)
    for hours in (23, 25):
        KeptFormFactory(path=f"/move/{hours}/", user=wanjiku, created_at=now - timedelta(hours=hours))
        ErrandFactory(created_at=now - timedelta(hours=hours))
    for days in (1, 3):
        RateCounterFactory(window_start=now - timedelta(days=days))
    assert housekeeping.tidy(clock.today()) == 5
    assert SignedInSession.objects.filter(last_seen_at=now - timedelta(days=89)).count() == 2
    assert KeptForm.objects.get().path == "/move/23/"
    assert Errand.objects.get().created_at == now - timedelta(hours=23)
    assert RateCounter.objects.filter(window_start=now - timedelta(days=1)).exists()
    assert not RateCounter.objects.filter(window_start=now - timedelta(days=3)).exists()


def test_attempts_carry_a_public_id(wanjiku: User, client: Client) -> None:
    walk_in(client, wanjiku)
    assert SignInAttempt.objects.get().public_id
