"""The authenticator app: added with another factor and one code of its own, used at both doors, each code once."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from pytest_django import Settings

from accounts.identity.factors import app
from accounts.identity.factors.errors import WrongAppCode
from accounts.identity.housekeeping import tidy
from accounts.identity.tests.helpers import (
    another,
    app_code,
    code_for,
    confirm,
    give_password,
    is_signed_in,
    sent_bodies,
)
from accounts.models import AuthenticatorApp, Instruction, OneTimeCode, SignedInSession, SignInAttempt, User, Way
from tests.factories import AuthenticatorAppFactory, CustomerFactory, PortalSwitchFactory, UserFactory
from tests.pages import Scene
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock, crypto, oath
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db
ADD, REMOVE = "FACTOR_APP_ADD", "FACTOR_APP_REMOVE"
PAGE = "/settings/security/"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(client: Client, nine: time_machine.Traveller) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number="0722000111", email="wanjiku@example.com"))
    sign_in(client, user)
    return user


def prefer_app(user: User) -> None:
    User.objects.filter(pk=user.pk).update(preferred_way=Way.APP)


# --- Adding ---------------------------------------------------------------------------------------------------------


def test_it_is_added_with_a_code_by_sms_and_one_of_its_own(client: Client, wanjiku: User) -> None:
    page = confirm(client, wanjiku, ADD)
    assert page.status_code == 303
    address = page["Location"]
    assert re.fullmatch(r"/settings/security/app/[0-9a-f-]{36}/", address)
    text = client.get(address).content.decode()
    assert oath.in_letters(app.key_of(AuthenticatorApp.objects.get(user=wanjiku))) in text
    assert '<svg class="qr-big"' in text
    answer = client.post(address, {"code": app_code(wanjiku)}, follow=True).content.decode()
    assert "Your authenticator app is added." in answer
    assert AuthenticatorApp.objects.get(user=wanjiku).is_proven


def test_the_message_with_the_code_says_what_it_is_for(client: Client, wanjiku: User) -> None:
    confirm(client, wanjiku, ADD)
    assert "is your Wekeza code to add an authenticator app." in sent_bodies(wanjiku.customer)[0]


def test_without_the_code_by_sms_there_is_no_key(client: Client, wanjiku: User) -> None:
    address = client.post(f"{PAGE}change/", {"act": ADD})["Location"]
    client.get(address)
    client.post(address, {"code": another(code_for(wanjiku.customer))})
    act = Instruction.objects.get(kind=ADD)
    assert client.get(f"{PAGE}app/{act.id}/").status_code == 404
    assert not AuthenticatorApp.objects.exists()


def test_until_a_code_of_it_was_given_it_opens_nothing(client: Client, wanjiku: User) -> None:
    confirm(client, wanjiku, ADD)
    other = Client()
    give_password(other, wanjiku)
    assert "authenticator" not in other.get("/login/code/").content.decode()
    other.post("/login/code/?way=APP", {"code": app_code(wanjiku)})
    assert not is_signed_in(other)
    with pytest.raises(WrongAppCode):
        app.use(wanjiku, app_code(wanjiku))


def test_a_wrong_code_does_not_prove_it(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    answer = client.post(address, {"code": another(app_code(wanjiku))})
    assert "That code is not right" in answer.content.decode()
    assert not AuthenticatorApp.objects.get(user=wanjiku).is_proven


@pytest.mark.parametrize("typed", ["", "12345", "x" * 10_000, "١٢٣٤٥٦", "=1+1", "🎉🎉🎉🎉🎉🎉", "<script>", "1e9"])
def test_what_is_no_code_is_said_so_and_proves_nothing(client: Client, wanjiku: User, typed: str) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    answer = client.post(address, {"code": typed})
    assert answer.status_code == 200
    assert "<title>Error:" in answer.content.decode()
    assert not AuthenticatorApp.objects.get(user=wanjiku).is_proven


def test_after_ten_wrong_codes_it_is_closed_also_to_the_right_one(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    for _ in range(10):
        client.post(address, {"code": another(app_code(wanjiku))})
    assert client.post(address, {"code": app_code(wanjiku)}).status_code == 429
    assert not AuthenticatorApp.objects.get(user=wanjiku).is_proven


def test_the_key_is_shown_for_ten_minutes_and_never_again(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    key = oath.in_letters(app.key_of(AuthenticatorApp.objects.get(user=wanjiku)))
    nine.shift(timedelta(minutes=9, seconds=59))
    assert key in client.get(address).content.decode()
    nine.shift(timedelta(seconds=1))
    late = client.post(address, {"code": app_code(wanjiku)}, follow=True).content.decode()
    assert "took too long" in late
    assert not AuthenticatorApp.objects.get(user=wanjiku).is_proven


def test_once_it_counts_its_key_is_shown_to_nobody(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    client.post(address, {"code": app_code(wanjiku)})
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "took too long" not in answer.content.decode()
    with pytest.raises(app.TookTooLong):
        app.prove(wanjiku, Instruction.objects.get(kind=ADD).id, app_code(wanjiku), _actor(wanjiku))


def test_the_qr_code_names_the_bank_and_the_customer(wanjiku: User) -> None:
    address = unquote(oath.address("00" * 20, "wanjiku@example.com"))
    assert address.startswith("otpauth://totp/Wekeza")
    assert "wanjiku@example.com?secret=" + "A" * 32 in address
    assert oath.in_letters("00" * 20) == " ".join(["AAAA"] * 8)


def test_the_customer_hears_of_it_by_sms_by_email_and_in_the_inbox(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    assert not InboxItem.objects.filter(cause__startswith="factor-added").exists()
    client.post(address, {"code": app_code(wanjiku)})
    words = "An authenticator app was added to your Wekeza account at 23/11/2026 09:00. Not you?"
    sent = OutboxMessage.objects.filter(cause__startswith="factor-added")
    assert {row.channel for row in sent} == {"SMS", "EMAIL"}
    assert all(row.body.startswith(words) and len(row.body) <= 160 for row in sent)
    assert InboxItem.objects.get(cause__startswith="factor-added").text.startswith(words)
    assert AuditEvent.objects.filter(verb="factor.added", customer_id=wanjiku.customer_id).count() == 1


def test_a_second_app_is_refused_at_the_button_and_behind_it(client: Client, wanjiku: User) -> None:
    act = client.post(f"{PAGE}change/", {"act": ADD})["Location"]
    client.get(act)
    code = code_for(wanjiku.customer)
    AuthenticatorAppFactory(user=wanjiku)
    answer = client.post(f"{PAGE}change/", {"act": ADD}, follow=True).content.decode()
    assert "You have an authenticator app already." in answer
    client.post(act, {"code": code})
    assert AuthenticatorApp.objects.filter(user=wanjiku).count() == 1


def test_beginning_again_voids_the_key_before(client: Client, wanjiku: User, nine: time_machine.Traveller) -> None:
    first = confirm(client, wanjiku, ADD)["Location"]
    nine.shift(timedelta(minutes=1))
    second = confirm(client, wanjiku, ADD)["Location"]
    assert first != second
    assert client.get(first).status_code == 302
    assert AuthenticatorApp.objects.filter(user=wanjiku).count() == 1


def test_a_key_that_never_counted_is_deleted_after_a_day(wanjiku: User, nine: time_machine.Traveller) -> None:
    AuthenticatorAppFactory(user=wanjiku, is_proven=False, created_at=clock.now())
    kept = AuthenticatorAppFactory(created_at=clock.now())
    nine.shift(timedelta(days=1, seconds=1))
    tidy(clock.today())
    assert list(AuthenticatorApp.objects.values_list("pk", flat=True)) == [kept.pk]


@pytest.mark.parametrize("act", ["", "TRANSFER_INTERNAL", "PAYEE_KEEP", "x" * 10_000, "\0"])
def test_only_changes_of_factors_can_be_asked_for_there(client: Client, wanjiku: User, act: str) -> None:
    assert client.post(f"{PAGE}change/", {"act": act}).status_code == 400
    assert not Instruction.objects.exists()


# --- At both doors --------------------------------------------------------------------------------------------------


def test_it_signs_in_and_no_sms_is_sent_when_it_comes_first(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    prefer_app(wanjiku)
    client = Client()
    give_password(client, wanjiku)
    text = client.get("/login/code/").content.decode()
    assert "Open your authenticator app" in text
    assert not OutboxMessage.objects.exists()
    client.post("/login/code/", {"code": app_code(wanjiku)})
    assert is_signed_in(client)
    assert AuditEvent.objects.get(verb="sign_in.done").data == {"way": "APP"}
    assert AuthenticatorApp.objects.get(user=wanjiku).used_at is not None


def test_it_can_be_used_instead_of_the_sms_and_the_sms_instead_of_it(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    client = Client()
    give_password(client, wanjiku)
    assert 'href="/login/code/?way=APP"' in client.get("/login/code/").content.decode()
    client.post("/login/code/?way=APP", {"code": app_code(wanjiku)})
    assert is_signed_in(client)
    prefer_app(wanjiku)
    other = Client()
    give_password(other, wanjiku)
    before = OutboxMessage.objects.filter(is_secret=True).count()
    answer = other.post("/login/code/resend/", {"channel": "SMS"})
    assert answer["Location"] == "/login/code/?way=SMS"
    assert OutboxMessage.objects.filter(is_secret=True).count() == before + 1
    assert "We sent a code by SMS" in other.get(answer["Location"]).content.decode()
    other.post(answer["Location"], {"code": code_for(wanjiku.customer, other)})
    assert is_signed_in(other)


def test_it_confirms_a_payment_which_is_then_paid_once() -> None:
    scene = Scene.set_up()
    AuthenticatorApp.objects.filter(user=scene.user).update(is_proven=True)
    prefer_app(scene.user)
    client = Client()
    sign_in(client, scene.user)
    sent = OutboxMessage.objects.filter(is_secret=True).count()
    address = f"/step-up/?for={scene.draft.id}"
    assert "You confirm only this" in client.get(address).content.decode()
    assert OutboxMessage.objects.filter(is_secret=True).count() == sent
    code = app_code(scene.user)
    assert client.post(address, {"code": code}).status_code == 303
    scene.draft.refresh_from_db()
    assert scene.draft.state == "POSTED"
    assert AuditEvent.objects.get(verb="step_up.given").data == {"way": "APP"}
    other = f"/step-up/?for={scene.large.id}&way=APP"
    assert client.post(other, {"code": code}).status_code in {200, 303}
    scene.large.refresh_from_db()
    assert (scene.large.state, scene.large.stepped_up_at) == ("DRAFT", None)


def test_a_code_used_at_the_door_opens_nothing_after_it(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    code = app_code(wanjiku)
    app.use(wanjiku, code)
    client = Client()
    give_password(client, wanjiku)
    answer = client.post("/login/code/?way=APP", {"code": code}).content.decode()
    assert "was used before" in answer
    assert not is_signed_in(client)


def test_wrong_codes_stand_in_the_history_and_are_stopped_at_ten_whatever_the_way(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    client = Client()
    give_password(client, wanjiku)
    for _ in range(5):
        client.post("/login/code/?way=APP", {"code": another(app_code(wanjiku))})
        client.post("/login/code/?way=SMS", {"code": another(code_for(wanjiku.customer, client))})
    assert SignInAttempt.objects.filter(outcome="WRONG_CODE").count() == 10
    for way, code in (("APP", app_code(wanjiku)), ("SMS", code_for(wanjiku.customer, client))):
        assert client.post(f"/login/code/?way={way}", {"code": code}).status_code == 429
    assert not is_signed_in(client)


def test_a_stranger_s_app_opens_nobody_elses_door(wanjiku: User) -> None:
    stranger = AuthenticatorAppFactory().user
    AuthenticatorAppFactory(user=wanjiku)
    client = Client()
    give_password(client, wanjiku)
    client.post("/login/code/?way=APP", {"code": app_code(stranger)})
    assert not is_signed_in(client)


@pytest.mark.parametrize("way", ["APP", "BACKUP", "PASSKEY", "nonsense", "x" * 5000, ""])
def test_a_way_the_customer_does_not_have_is_the_first_one_instead(wanjiku: User, way: str) -> None:
    client = Client()
    give_password(client, wanjiku)
    assert "We sent a code by SMS" in client.get("/login/code/", {"way": way}).content.decode()


def test_the_bank_can_close_it_also_between_page_and_code(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    prefer_app(wanjiku)
    client = Client()
    give_password(client, wanjiku)
    client.get("/login/code/")
    PortalSwitchFactory(code="TOTP_CODES", notice_en="No apps today.", notice_sw="Hakuna.")
    text = client.post("/login/code/?way=APP", {"code": app_code(wanjiku)}).content.decode()
    assert "No apps today." in text
    assert not is_signed_in(client)
    other = Client()
    give_password(other, wanjiku)
    assert "We sent a code by SMS" in other.get("/login/code/").content.decode()


def test_while_closed_none_is_added_but_one_may_be_removed(client: Client, wanjiku: User) -> None:
    PortalSwitchFactory(code="TOTP_CODES", notice_en="No apps today.", notice_sw="Hakuna.")
    assert "No apps today." in client.post(f"{PAGE}change/", {"act": ADD}, follow=True).content.decode()
    AuthenticatorAppFactory(user=wanjiku)
    assert "No apps today." in client.get(PAGE).content.decode()
    confirm(client, wanjiku, REMOVE)
    assert not AuthenticatorApp.objects.exists()


# --- Removing -------------------------------------------------------------------------------------------------------


def test_removing_needs_a_code_and_is_told_everywhere(client: Client, wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    prefer_app(wanjiku)
    address = client.post(f"{PAGE}change/", {"act": REMOVE})["Location"]
    assert AuthenticatorApp.objects.exists()
    answer = client.post(address, {"code": app_code(wanjiku)}, follow=True)
    assert "Done: remove your authenticator app." in answer.content.decode()
    assert not AuthenticatorApp.objects.exists()
    sent = OutboxMessage.objects.filter(cause__startswith="factor-removed")
    assert {row.channel for row in sent} == {"SMS", "EMAIL"}
    assert InboxItem.objects.get(cause__startswith="factor-removed").link_name == "security_settings"
    other = Client()
    give_password(other, wanjiku)
    assert "We sent a code by SMS" in other.get("/login/code/").content.decode()


def test_who_removes_it_twice_is_told_that_it_is_gone(client: Client, wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    confirm(client, wanjiku, REMOVE)
    answer = client.post(f"{PAGE}change/", {"act": REMOVE}, follow=True).content.decode()
    assert "This was removed already." in answer


def test_what_was_done_is_said_to_its_owner_alone(client: Client, wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    said = confirm(client, wanjiku, REMOVE)["Location"]
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert "Done:" not in stranger.get(said).content.decode()
    assert "Done:" not in client.get(f"{PAGE}?done=nonsense").content.decode()


def test_a_session_key_from_before_a_change_is_dead_after_it_and_its_owner_stays(client: Client, wanjiku: User) -> None:
    leaked = Client()
    leaked.cookies = client.cookies.__class__(client.cookies)
    assert is_signed_in(leaked)
    address = confirm(client, wanjiku, ADD)["Location"]
    assert is_signed_in(client)
    assert not is_signed_in(leaked)
    leaked.cookies = client.cookies.__class__(client.cookies)
    client.post(address, {"code": app_code(wanjiku)})
    assert is_signed_in(client)
    assert not is_signed_in(leaked)
    assert SignedInSession.objects.filter(user=wanjiku, ended_at=None).count() == 1


# --- Stored -----------------------------------------------------------------------------------------------------------


def test_the_key_is_not_readable_in_the_table(wanjiku: User) -> None:
    row = AuthenticatorAppFactory(user=wanjiku)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM portal_authenticator_app")
        everything = str(cursor.fetchall())
    key = app.key_of(row)
    assert key not in everything
    assert oath.in_letters(key).replace(" ", "") not in everything


def test_a_new_field_key_reads_what_the_old_one_wrote(wanjiku: User, settings: Settings) -> None:
    settings.FIELD_KEYS = ["the-first-key-of-this-test"]
    AuthenticatorAppFactory(user=wanjiku)
    settings.FIELD_KEYS = ["a-newer-key-of-this-test", "the-first-key-of-this-test"]
    app.use(wanjiku, app_code(wanjiku))


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_with_one_code_of_the_app_one_succeeds() -> None:
    user = AuthenticatorAppFactory().user
    code = app_code(user)
    answers = at_once([lambda: app.use(user, code)] * 20)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, WrongAppCode) for answer in answers) == 19


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_one_code_of_the_app_would_be_taken_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    user = AuthenticatorAppFactory().user
    code = app_code(user)
    barrier = threading.Barrier(5)
    compare = oath.step_of

    def held(key: str, code: str, last_step: int) -> int | None:
        barrier.wait(timeout=30)
        return compare(key, code, last_step)

    monkeypatch.setattr(oath, "step_of", held)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    assert at_once([lambda: app.use(user, code)] * 5) == [None] * 5


def test_no_code_of_an_app_is_a_one_time_code(wanjiku: User) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    app.use(wanjiku, app_code(wanjiku))
    assert not OneTimeCode.objects.exists()
    assert crypto.decrypt(AuthenticatorApp.objects.get().encrypted_key)


def _actor(user: User) -> object:
    from wekeza_portal.actors import Actor

    return Actor("customer", str(user.pk))
