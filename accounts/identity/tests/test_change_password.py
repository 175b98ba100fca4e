"""Changing one's password: the present one and a code, and nobody else stays in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.identity import passwordchange, sessions
from accounts.identity.tests.helpers import another, code_for, give_password, is_signed_in, sent_bodies, walk_in
from accounts.ledger import money_operation
from accounts.models import Instruction, OneTimeCode, PendingPassword, SignedInSession, User
from tests.factories import PASSWORD, PendingPasswordFactory, UserFactory
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import Channel, InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db
NEW = "kahawa chungu asubuhi"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(client: Client) -> User:
    user = UserFactory()
    sign_in(client, user)
    return user


def ask(client: Client, present: str = PASSWORD, new: str = NEW, again: str | None = None) -> Any:
    typed = {"current": present, "password": new, "password_again": new if again is None else again}
    return client.post("/settings/password/", typed)


def give_code(client: Client, user: User, page: str, code: str | None = None) -> Any:
    client.get(page)
    assert user.customer is not None
    return client.post(page, {"code": code or code_for(user.customer)})


def change(client: Client, user: User) -> Any:
    return give_code(client, user, ask(client).headers["Location"])


def opens(user: User, password: str) -> bool:
    return bool(User.objects.get(pk=user.pk).check_password(password))


def test_with_the_present_password_and_a_code_it_is_changed(client: Client, wanjiku: User) -> None:
    answer = ask(client)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/step-up/?for=")
    assert opens(wanjiku, PASSWORD)
    done = give_code(client, wanjiku, answer.headers["Location"])
    assert done.status_code == 303
    page = client.get(done.headers["Location"]).content.decode()
    assert "Every other browser was signed out" in page
    assert opens(wanjiku, NEW)
    assert not opens(wanjiku, PASSWORD)


def test_the_message_with_the_code_says_what_it_is_for(client: Client, wanjiku: User) -> None:
    client.get(ask(client).headers["Location"])
    assert sent_bodies(wanjiku.customer)[-1].endswith(
        "is your Wekeza code to change your password. Nobody from the bank will ask for it."
    )


def test_every_other_browser_is_signed_out_and_this_one_gets_a_new_session(client: Client, wanjiku: User) -> None:
    other, before = Client(), client.cookies["wekeza_session"].value
    sign_in(other, wanjiku)
    change(client, wanjiku)
    assert is_signed_in(client)
    assert client.cookies["wekeza_session"].value != before
    assert not is_signed_in(other)
    thief = Client()
    thief.cookies["wekeza_session"] = before
    assert not is_signed_in(thief)
    assert SignedInSession.objects.filter(user=wanjiku, ended_at=None).count() == 1


def test_the_old_password_opens_nothing_afterwards_and_the_new_one_does(client: Client, wanjiku: User) -> None:
    change(client, wanjiku)
    assert "not right" in give_password(Client(), wanjiku).content.decode()
    browser = Client()
    assert give_password(browser, wanjiku, NEW).status_code == 302
    browser.post("/login/code/", {"code": code_for(wanjiku.customer, browser)})
    assert is_signed_in(browser)


def test_the_customer_is_told_by_sms_by_e_mail_and_in_the_inbox(
    nine: time_machine.Traveller, client: Client, wanjiku: User
) -> None:
    change(client, wanjiku)
    told = OutboxMessage.objects.filter(cause__startswith="password-changed:")
    assert {row.channel for row in told} == {Channel.SMS, Channel.EMAIL}
    expected = (
        "Your Wekeza password was changed at 23/11/2026 09:00. Every other browser is signed out. "
        "Not you? Call +254 700 123 456."
    )
    assert {row.body for row in told} == {expected}
    assert len(expected) <= 160
    assert InboxItem.objects.filter(category="SECURITY", text=expected).count() == 1
    assert AuditEvent.objects.filter(verb="password.changed", customer_id=wanjiku.customer_id).count() == 1


def test_a_wrong_present_password_changes_nothing_and_is_noted(client: Client, wanjiku: User) -> None:
    page = ask(client, present="not the one I have").content.decode()
    assert "That is not the password you have now." in page
    assert "not the one I have" not in page
    assert not Instruction.objects.exists()
    assert AuditEvent.objects.filter(verb="password.refused").count() == 1


def test_guessing_it_in_a_session_left_open_ends_after_ten_tries(client: Client, wanjiku: User) -> None:
    for _time in range(10):
        assert ask(client, present="guess after guess").status_code == 200
    answer = ask(client)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert not Instruction.objects.exists()


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("too short", "at least 12 characters"),
        ("x7" * 64 + "y", "at most 128 characters"),
        ("password1234", "Many people use that password"),
        ("WekezaBank2026", "build it around the bank"),
        (PASSWORD, "That is the password you have now."),
        ("", "Choose a password."),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(client: Client, wanjiku: User, new: str, words: str) -> None:
    page = ask(client, new=new).content.decode()
    assert words.replace("'", "&#x27;") in page
    assert not PendingPassword.objects.exists()


def test_two_different_new_passwords_are_refused(client: Client, wanjiku: User) -> None:
    assert "not the same" in ask(client, again="something else again").content.decode()


def test_ones_own_phone_number_is_refused(client: Client) -> None:
    from tests.factories import CustomerFactory

    user = UserFactory(customer=CustomerFactory(phone_number="0722000111"))
    sign_in(client, user)
    assert "around your phone number" in ask(client, new="0722 000 111 !").content.decode()


def test_passwords_may_be_pasted_and_the_form_says_what_each_field_is(client: Client, wanjiku: User) -> None:
    page = client.get("/settings/password/").content.decode()
    assert 'autocomplete="current-password"' in page
    assert page.count('autocomplete="new-password"') == 2
    assert "onpaste" not in page
    assert "At least 12 characters" in page


def test_a_wrong_code_changes_nothing(client: Client, wanjiku: User) -> None:
    page = ask(client).headers["Location"]
    client.get(page)
    client.post(page, {"code": another(code_for(wanjiku.customer))})
    assert opens(wanjiku, PASSWORD)


def test_without_its_code_it_is_not_in_force_whatever_address_is_opened(client: Client, wanjiku: User) -> None:
    ask(client)
    act = Instruction.objects.get()
    assert client.get(f"/settings/password/{act.id}/").headers["Location"] == "/settings/password/"
    assert client.post(f"/move/payments/{act.id}/confirm/").status_code == 404
    assert opens(wanjiku, PASSWORD)


def test_a_new_password_waits_fifteen_minutes_for_its_code(
    nine: time_machine.Traveller, client: Client, wanjiku: User
) -> None:
    page = ask(client).headers["Location"]
    for _time in range(2):
        nine.shift(timedelta(minutes=7, seconds=31))
        client.get("/")
    give_code(client, wanjiku, page)
    assert opens(wanjiku, PASSWORD)
    assert is_signed_in(client)


def test_of_two_tabs_the_later_one_counts(client: Client, wanjiku: User) -> None:
    first = ask(client, new="kahawa ya kwanza kabisa").headers["Location"]
    second = ask(client).headers["Location"]
    give_code(client, wanjiku, first)
    assert opens(wanjiku, PASSWORD)
    give_code(client, wanjiku, second)
    assert opens(wanjiku, NEW)


def test_a_change_that_was_outrun_by_another_one_is_void(client: Client, wanjiku: User) -> None:
    page = ask(client).headers["Location"]
    meanwhile = User.objects.get(pk=wanjiku.pk)
    meanwhile.set_password("set at the bank meanwhile")
    User.objects.filter(pk=wanjiku.pk).update(password=meanwhile.password)
    sign_in(client, meanwhile)
    give_code(client, wanjiku, page)
    assert opens(wanjiku, "set at the bank meanwhile")


def test_a_second_press_changes_nothing_more(client: Client, wanjiku: User) -> None:
    page = ask(client).headers["Location"]
    give_code(client, wanjiku, page)
    assert client.get(page).headers["Location"].startswith("/settings/password/")
    assert OutboxMessage.objects.filter(cause__startswith="password-changed:").count() == 2


def test_nobody_else_can_give_the_code(client: Client, wanjiku: User) -> None:
    page = ask(client).headers["Location"]
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"code": "123456"}).status_code == 404


def test_the_new_password_is_kept_as_a_hash_and_only_until_it_is_in_force(client: Client, wanjiku: User) -> None:
    page = ask(client).headers["Location"]
    pending = PendingPassword.objects.get()
    assert pending.encoded.startswith("argon2$argon2id$")
    assert NEW not in str(Instruction.objects.values())
    give_code(client, wanjiku, page)
    assert not PendingPassword.objects.exists()


def test_what_never_got_its_code_is_forgotten_in_a_day() -> None:
    PendingPasswordFactory(created_at=clock.now() - timedelta(days=1, minutes=1))
    kept = PendingPasswordFactory()
    assert passwordchange.forget_old(clock.now() - timedelta(days=1)) == 1
    assert PendingPassword.objects.get().pk == kept.pk


def test_a_message_that_cannot_be_written_leaves_the_password_as_it_was(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    page = ask(client).headers["Location"]
    monkeypatch.setattr("accounts.identity.passwordchange.alerts.password_changed", broken)
    client.raise_request_exception = False
    give_code(client, wanjiku, page)
    assert opens(wanjiku, PASSWORD)
    assert is_signed_in(client)


def test_signing_in_by_hand_and_changing_goes_all_the_way(client: Client) -> None:
    user = UserFactory()
    walk_in(client, user)
    OneTimeCode.objects.all().delete()
    change(client, user)
    assert opens(user, NEW)


def test_a_sign_in_begun_with_the_old_password_does_not_end_after_the_change(client: Client, wanjiku: User) -> None:
    other = Client()
    give_password(other, wanjiku)
    code = code_for(wanjiku.customer, other)
    change(client, wanjiku)
    assert other.post("/login/code/", {"code": code}).headers["Location"] == "/login/"
    assert other.get("/login/code/").headers["Location"] == "/login/"
    assert not is_signed_in(other)


def test_without_that_look_at_the_password_it_would(
    client: Client, wanjiku: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "password_digest", lambda _user: "the same")
    other = Client()
    give_password(other, wanjiku)
    code = code_for(wanjiku.customer, other)
    change(client, wanjiku)
    other.post("/login/code/", {"code": code})
    assert is_signed_in(other)


def test_a_sign_in_that_is_outrun_in_its_last_step_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session is made with the password of before, which the next request holds against that of now."""
    from accounts.identity import signin

    user, browser, prove = UserFactory(), Client(), signin.prove_code
    give_password(browser, user)

    def prove_and_wait(*arguments: Any) -> None:
        prove(*arguments)
        passwordchange.put(User.objects.get(pk=user.pk), make_password(NEW))

    monkeypatch.setattr(signin, "prove_code", prove_and_wait)
    browser.post("/login/code/", {"code": code_for(user.customer, browser)})
    assert not is_signed_in(browser)


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_sign_ins_and_a_change_at_once_no_session_of_before_survives() -> None:
    user = UserFactory()
    browsers = [Client() for _ in range(3)]
    for browser in browsers:
        give_password(browser, user)
    sent = [code_for(user.customer, browser) for browser in browsers]

    def put() -> bool:
        money_operation(passwordchange.put)(User.objects.get(pk=user.pk), make_password(NEW))
        return True

    signing = [
        lambda b=b, c=c: b.post("/login/code/", {"code": c}).status_code for b, c in zip(browsers, sent, strict=True)
    ]
    assert at_once([*signing, put])[-1] is True
    assert not [browser for browser in browsers if is_signed_in(browser)]


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "=HYPERLINK(1)", "\0" * 20, "١٢٣٤٥٦٧٨٩٠١٢", "x" * 10_000]
)
def test_whatever_is_typed_is_never_shown_again(client: Client, wanjiku: User, typed: str) -> None:
    answer = ask(client, present=typed, new=typed)
    assert answer.status_code == 200
    assert typed not in answer.content.decode()
    assert opens(wanjiku, PASSWORD)
