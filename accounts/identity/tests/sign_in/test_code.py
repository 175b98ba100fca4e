"""The code: once, for this half of a login, for this customer."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.identity.tests.helpers import (
    another,
    code_box,
    code_for,
    give_password,
    is_signed_in,
    sent_bodies,
    walk_in,
)
from accounts.models import OneTimeCode, User
from tests.factories import CustomerFactory, UserFactory
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db


def test_a_code_works_once(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    stored, code = client.session["half_login"], code_for(wanjiku.customer, client)
    client.post("/login/code/", {"code": code})
    thief = Client()
    session = thief.session
    session["half_login"] = stored
    session.save()
    thief.cookies["wekeza_session"] = session.session_key
    page = thief.post("/login/code/", {"code": code}).content.decode()
    assert "no longer be used" in page
    assert not is_signed_in(thief)


def different_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter(range(100_000, 999_999, 1111))
    monkeypatch.setattr("accounts.identity.codes.secrets.randbelow", lambda _: next(numbers))


def test_the_code_of_another_half_login_does_not_fit(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    different_codes(monkeypatch)
    give_password(client, wanjiku)
    thief = Client()
    give_password(thief, wanjiku)
    first = code_for(wanjiku.customer, client)
    thief.post("/login/code/", {"code": first})
    assert not is_signed_in(thief)
    client.post("/login/code/", {"code": first})
    assert is_signed_in(client)


def test_somebody_elses_code_does_not_fit(client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch) -> None:
    different_codes(monkeypatch)
    stranger, browser = UserFactory(), Client()
    give_password(browser, stranger)
    give_password(client, wanjiku)
    client.post("/login/code/", {"code": code_for(stranger.customer)})
    assert not is_signed_in(client)


def test_a_resent_code_voids_the_one_before(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    give_password(client, wanjiku)
    first = code_for(wanjiku.customer)
    nine.shift(timedelta(seconds=31))
    client.post("/login/code/resend/")
    second = code_for(wanjiku.customer)
    if first != second:
        client.post("/login/code/", {"code": first})
        assert not is_signed_in(client)
    client.post("/login/code/", {"code": second})
    assert is_signed_in(client)


def test_a_new_code_is_not_sent_within_thirty_seconds(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    give_password(client, wanjiku)
    nine.shift(timedelta(seconds=29))
    page = client.post("/login/code/resend/", follow=True).content.decode()
    assert "another in 1 s." in page
    assert OutboxMessage.objects.count() == 1


def test_the_code_can_come_by_e_mail(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    give_password(client, wanjiku)
    nine.shift(timedelta(seconds=30))
    page = client.post("/login/code/resend/", {"channel": "EMAIL"}, follow=True).content.decode()
    assert OutboxMessage.objects.filter(channel=Channel.EMAIL, to=wanjiku.customer.email).count() == 1
    assert "•••@example.com" in page
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "fate", [{"state": "SENT", "delivery": "FAILED"}, {"state": "FAILED"}], ids=["reported", "refused"]
)
def test_a_code_that_cannot_arrive_is_offered_by_e_mail_at_once(
    client: Client, wanjiku: User, nine: time_machine.Traveller, fate: dict[str, str]
) -> None:
    give_password(client, wanjiku)
    assert "could not be delivered" not in client.get("/login/code/").content.decode()
    OutboxMessage.objects.update(**fate)
    page = client.get("/login/code/").content.decode()
    assert "could not be delivered" in page
    assert 'data-wait="0"' in page
    page = client.post("/login/code/resend/", {"channel": "EMAIL"}, follow=True).content.decode()
    assert "could not be delivered" not in page
    client.post("/login/code/", {"code": code_for(wanjiku.customer)})
    assert is_signed_in(client)


def test_codes_that_cannot_arrive_are_no_way_around_the_limit_on_sending(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    give_password(client, wanjiku)
    for _ in range(6):
        OutboxMessage.objects.update(state="FAILED")
        client.post("/login/code/resend/")
    assert OutboxMessage.objects.count() == 3


def test_without_a_number_the_code_comes_by_e_mail(client: Client) -> None:
    user = UserFactory(customer=CustomerFactory(phone_number=None))
    give_password(client, user)
    assert OutboxMessage.objects.get().channel == Channel.EMAIL


def test_codes_are_limited_to_three_in_ten_minutes(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    for _ in range(3):
        assert give_password(client, wanjiku).status_code == 302
    response = give_password(client, wanjiku)
    assert response.status_code == 429
    assert OutboxMessage.objects.count() == 3
    assert client.get("/login/code/").status_code == 302


def test_five_wrong_codes_void_the_code(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    for _ in range(5):
        client.post("/login/code/", {"code": another(code)})
    page = client.post("/login/code/", {"code": code}).content.decode()
    assert "no longer be used" in page
    assert not is_signed_in(client)


def test_the_code_page_never_shows_what_was_typed(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    for typed in (another(code_for(wanjiku.customer)), "12345", "4711471147114711"):
        page = client.post("/login/code/", {"code": typed}).content.decode()
        assert "<title>Error:" in page
        assert "value" not in code_box(page)


def test_ten_wrong_codes_in_half_an_hour_stop_the_guessing(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    for _ in range(2):
        give_password(client, wanjiku)
        for _ in range(5):
            client.post("/login/code/", {"code": another(code_for(wanjiku.customer))})
    give_password(client, wanjiku)
    assert client.post("/login/code/", {"code": code_for(wanjiku.customer)}).status_code == 429
    assert not is_signed_in(client)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34"])
def test_what_is_no_code_costs_no_try(client: Client, wanjiku: User, typed: str) -> None:
    give_password(client, wanjiku)
    page = client.post("/login/code/", {"code": typed}).content.decode()
    assert "<title>Error: Enter the code" in page
    assert OneTimeCode.objects.get().tries == 0


def test_the_message_fits_one_sms_and_warns(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    (body,) = sent_bodies(wanjiku.customer)
    assert len(body) <= 160
    assert body.isascii()
    assert body.endswith("Nobody from the bank will ask for it.")


def test_neither_outbox_nor_code_table_shows_the_code(client: Client, wanjiku: User) -> None:
    give_password(client, wanjiku)
    code = code_for(wanjiku.customer)
    message, row = OutboxMessage.objects.get(), OneTimeCode.objects.get()
    assert code not in message.body
    assert message.expires_at == row.expires_at
    assert code not in row.code_hash


def test_language_chosen_before_signing_in_is_remembered(client: Client, wanjiku: User) -> None:
    client.cookies["wekeza_language"] = "sw"
    walk_in(client, wanjiku)
    wanjiku.refresh_from_db()
    assert wanjiku.language == "sw"


def test_the_customers_language_is_set_where_none_was_chosen(client: Client, wanjiku: User) -> None:
    User.objects.filter(pk=wanjiku.pk).update(language="sw")
    assert walk_in(client, wanjiku).cookies["wekeza_language"].value == "sw"
