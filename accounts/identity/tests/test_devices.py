"""Devices and sessions: all that is live is listed, one or all others are ended, and what is ended is dead at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.identity import devices, selectors
from accounts.identity.tests.helpers import code_for, give_password, is_signed_in, sent_bodies, walk_in
from accounts.models import KnownDevice, PendingPassword, ResetLink, SignedInSession, User
from tests.factories import (
    PASSWORD,
    KnownDeviceFactory,
    PendingPasswordFactory,
    ResetLinkFactory,
    SignedInSessionFactory,
    UserFactory,
)
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A145) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
PAGE = "/settings/devices/"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku() -> User:
    return UserFactory()


def browser(user_agent: str, user: User, address: str = "41.90.1.2") -> Client:
    client = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=address)
    walk_in(client, user)
    return client


def session_of(client: Client) -> SignedInSession:
    from accounts.identity.guard import session_digest

    return SignedInSession.objects.get(session_key_digest=session_digest(client.cookies["wekeza_session"].value))


def page_of(client: Client) -> str:
    return client.get(PAGE).content.decode()


def end(client: Client, session: SignedInSession) -> Any:
    return client.post(f"{PAGE}sessions/{session.public_id}/end/")


def test_every_browser_that_is_signed_in_is_listed_with_place_and_times(
    wanjiku: User, nine: time_machine.Traveller
) -> None:
    browser(PHONE, wanjiku, "196.201.5.6")
    nine.shift(timedelta(minutes=3))
    here = browser(LAPTOP, wanjiku)
    page = page_of(here)
    assert "Firefox on Windows · this browser" in page
    assert "Chrome on Android" in page
    assert "address 196.201.5.6" in page
    assert "23/11/2026, 09:00" in page
    assert "23/11/2026, 09:03" in page
    lines = selectors.signed_in(wanjiku, session_of(here), "41.90.1.2")
    assert [(line.is_this, line.near) for line in lines] == [(True, "same"), (False, "")]


@pytest.mark.parametrize(
    ("address", "near"),
    [("41.90.1.2", "same"), ("41.90.1.77", "network"), ("41.90.2.2", ""), ("2c0f:fe38::1", ""), (None, "")],
)
def test_a_place_is_what_we_know_of_it_and_no_more(wanjiku: User, address: str | None, near: str) -> None:
    SignedInSessionFactory(user=wanjiku, ip=address)
    (line,) = selectors.signed_in(wanjiku, SignedInSessionFactory(user=UserFactory()), "41.90.1.2")
    assert (line.place, line.near) == (address or "", near)


def test_what_ended_ran_out_or_is_somebody_elses_is_not_listed(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    sign_in(client, wanjiku)
    now = clock.now()
    SignedInSessionFactory(user=wanjiku, ended_at=now)
    SignedInSessionFactory(user=wanjiku, last_seen_at=now - timedelta(minutes=10, seconds=1))
    SignedInSessionFactory(user=wanjiku, started_at=now - timedelta(hours=8, seconds=1))
    SignedInSessionFactory(user=UserFactory())
    assert len(selectors.signed_in(wanjiku, session_of(client), None)) == 1
    assert "You are signed in nowhere else." in page_of(client)


def test_a_session_that_is_ended_is_dead_at_its_next_request(wanjiku: User) -> None:
    here, there = browser(LAPTOP, wanjiku), browser(PHONE, wanjiku)
    assert is_signed_in(there)
    answer = end(here, session_of(there))
    assert answer.headers["Location"] == PAGE
    assert there.get("/").headers["Location"].startswith("/login/")
    assert there.post("/settings/password/", {"current": PASSWORD}).headers["Location"].startswith("/login/")
    assert is_signed_in(here)
    assert AuditEvent.objects.filter(verb="session.ended", customer_id=wanjiku.customer_id).count() == 1


def test_ending_it_twice_or_the_one_that_is_here_does_no_harm(wanjiku: User) -> None:
    here, there = browser(LAPTOP, wanjiku), browser(PHONE, wanjiku)
    row = session_of(there)
    end(here, row)
    first = SignedInSession.objects.get(pk=row.pk).ended_at
    assert end(here, row).status_code == 302
    assert SignedInSession.objects.get(pk=row.pk).ended_at == first
    end(here, session_of(here))
    assert not is_signed_in(here)


def test_all_others_are_ended_at_once(wanjiku: User) -> None:
    others = [browser(PHONE, wanjiku), browser(LAPTOP, wanjiku)]
    stranger = browser(PHONE, UserFactory())
    here = Client()
    sign_in(here, wanjiku)
    assert "Sign out everywhere else" in page_of(here)
    here.post(f"{PAGE}others/end/")
    assert [is_signed_in(other) for other in others] == [False, False]
    assert is_signed_in(here)
    assert is_signed_in(stranger)


def test_nobody_ends_or_forgets_what_is_somebody_elses(client: Client, wanjiku: User) -> None:
    there = browser(PHONE, wanjiku)
    sign_in(client, UserFactory())
    device = KnownDevice.objects.get(user=wanjiku)
    assert end(client, session_of(there)).status_code == 404
    assert client.post(f"{PAGE}{device.public_id}/forget/").status_code == 404
    assert is_signed_in(there)
    assert KnownDevice.objects.filter(pk=device.pk).exists()


def test_known_browsers_say_what_they_are_since_when_and_when_last(wanjiku: User, nine: time_machine.Traveller) -> None:
    phone = browser(PHONE, wanjiku, "196.201.5.6")
    phone.post("/logout/")
    nine.shift(timedelta(days=2))
    phone.defaults["REMOTE_ADDR"] = "196.201.9.9"
    walk_in(phone, wanjiku)
    (line,) = selectors.known_browsers(wanjiku, devices.digest(phone.cookies["wekeza_device"].value), None)
    assert (line.browser, line.place, line.is_this) == ("Chrome on Android", "196.201.9.9", True)
    assert line.last_at - line.since == timedelta(days=2)


def test_a_forgotten_browser_raises_the_alert_of_a_new_one(client: Client, wanjiku: User) -> None:
    walk_in(client, wanjiku)
    device = KnownDevice.objects.get()
    answer = client.post(f"{PAGE}{device.public_id}/forget/", follow=True)
    assert "That browser is forgotten" in answer.content.decode()
    assert is_signed_in(client), "it is forgotten, not signed out"
    client.post("/logout/")
    walk_in(client, wanjiku)
    alerts = [body for body in sent_bodies(wanjiku.customer) if body.startswith("New sign-in")]
    assert len(alerts) == 4  # by SMS and e-mail, twice


def test_a_browser_from_before_its_name_was_kept_is_listed_all_the_same(client: Client, wanjiku: User) -> None:
    KnownDeviceFactory(user=wanjiku)
    sign_in(client, wanjiku)
    page = page_of(client)
    assert "Unknown browser" in page
    assert "address not recorded" in page


def test_the_page_shows_at_most_fifty_of_each(client: Client, wanjiku: User) -> None:
    sign_in(client, wanjiku)
    for _time in range(55):
        KnownDeviceFactory(user=wanjiku)
    assert page_of(client).count("/forget/") == 50


def test_this_was_not_me_voids_what_is_under_way_and_leads_to_another_password(client: Client, wanjiku: User) -> None:
    thief = browser(PHONE, wanjiku)
    sign_in(client, wanjiku)
    ResetLinkFactory(user=wanjiku)
    PendingPasswordFactory(user=wanjiku)
    theirs = ResetLinkFactory()
    answer = client.post("/settings/sign-ins/not-me/")
    assert answer.headers["Location"] == "/settings/password/"
    assert "Now choose another password" in client.get("/settings/password/").content.decode()
    assert not is_signed_in(thief)
    assert not PendingPassword.objects.exists()
    assert [link.pk for link in ResetLink.objects.filter(used_at=None)] == [theirs.pk]


def test_both_pages_offer_it_and_lead_to_each_other(client: Client, wanjiku: User) -> None:
    sign_in(client, wanjiku)
    devices_page, history = page_of(client), client.get("/settings/sign-ins/").content.decode()
    for page in (devices_page, history):
        assert 'action="/settings/sign-ins/not-me/"' in page
    assert "/settings/sign-ins/" in devices_page
    assert PAGE in history
    assert PAGE in client.get("/settings/").content.decode()


def test_half_a_login_is_no_session_and_is_not_listed(client: Client, wanjiku: User) -> None:
    sign_in(client, wanjiku)
    other = Client()
    give_password(other, wanjiku)
    assert code_for(wanjiku.customer, other)
    assert len(selectors.signed_in(wanjiku, session_of(client), None)) == 1


def test_a_browser_that_calls_itself_an_attack_is_text(client: Client, wanjiku: User) -> None:
    SignedInSessionFactory(user=wanjiku, user_agent="<script>alert(1)</script> Chrome on =HYPERLINK(1)")
    sign_in(client, wanjiku)
    assert "<script>alert" not in page_of(client)
