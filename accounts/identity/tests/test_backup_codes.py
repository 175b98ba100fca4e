"""Backup codes: ten, shown once, stored as digests, each used once, void when new ones are made."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity.factors import backup
from accounts.identity.factors.errors import CodesShown, TookTooLong, WrongBackupCode
from accounts.identity.tests.helpers import code_for, confirm, give_password, is_signed_in
from accounts.models import BackupCode, Instruction, SignInAttempt, User
from tests.factories import BackupCodeFactory, CustomerFactory, InstructionFactory, PortalSwitchFactory, UserFactory
from tests.pages import Scene
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db
MAKE = "FACTOR_BACKUP_CODES"
PAGE = "/settings/security/"
CODE = re.compile(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>")


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(client: Client, nine: time_machine.Traveller) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number="0722000111", email="wanjiku@example.com"))
    sign_in(client, user)
    return user


def made_act(user: User) -> Instruction:
    act: Instruction = InstructionFactory(customer=user.customer, kind=MAKE, state="DONE", posted_at=clock.now())
    return act


def made(user: User, seed: str = "s" * 43) -> list[str]:
    return backup.make(user, made_act(user), seed, Actor("customer", str(user.pk)))


def token_on(page: Any) -> str:
    found = re.search(r'name="token" value="([\w-]{43})"', page.content.decode())
    assert found is not None
    return found.group(1)


# --- Making -----------------------------------------------------------------------------------------------------------


def test_ten_are_shown_after_a_code_by_sms(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    page = client.get(address)
    assert CODE.findall(page.content.decode()) == []
    assert not BackupCode.objects.exists()
    shown = client.post(address, {"token": token_on(page)})
    codes = CODE.findall(shown.content.decode())
    assert len(set(codes)) == 10
    assert "no-store" in shown["Cache-Control"]
    assert BackupCode.objects.filter(user=wanjiku, used_at=None).count() == 10
    assert "10 left" in client.get(PAGE).content.decode()


def test_without_the_code_by_sms_there_are_none(client: Client, wanjiku: User) -> None:
    client.post(f"{PAGE}change/", {"act": MAKE})
    act = Instruction.objects.get(kind=MAKE)
    address = f"{PAGE}backup-codes/{act.id}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"token": "s" * 43}).status_code == 404
    assert not BackupCode.objects.exists()


def test_a_double_click_shows_the_same_ten_and_makes_them_once(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    token = token_on(client.get(address))
    first, second = (client.post(address, {"token": token}).content.decode() for _ in range(2))
    assert CODE.findall(first) == CODE.findall(second) != []
    assert BackupCode.objects.count() == 10
    assert AuditEvent.objects.filter(verb="factor.backup_codes_made").count() == 1


def test_nobody_else_and_no_other_tab_sees_them_again(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    one, two = token_on(client.get(address)), token_on(client.get(address))
    client.post(address, {"token": one})
    for answer in (client.post(address, {"token": two}, follow=True), client.get(address, follow=True)):
        assert CODE.findall(answer.content.decode()) == []
        assert "shown already" in answer.content.decode()
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.post(address, {"token": one}).status_code == 404


def test_after_ten_minutes_not_even_the_browser_that_made_them_does(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    token = token_on(client.get(address))
    client.post(address, {"token": token})
    nine.shift(timedelta(minutes=9, seconds=59))
    assert len(CODE.findall(client.post(address, {"token": token}).content.decode())) == 10
    nine.shift(timedelta(seconds=1))
    assert CODE.findall(client.post(address, {"token": token}, follow=True).content.decode()) == []


@pytest.mark.parametrize("token", ["", "x", "s" * 42, "s" * 44, "ș" * 43, "=HYPERLINK(1)", "<script>", "x" * 10_000])
def test_a_token_that_no_page_gave_makes_nothing(client: Client, wanjiku: User, token: str) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    assert CODE.findall(client.post(address, {"token": token}).content.decode()) == []
    assert not BackupCode.objects.exists()


def test_the_codes_of_one_customer_are_not_those_of_another_with_the_same_token() -> None:
    one, other = UserFactory(), UserFactory()
    assert not set(made(one)) & set(made(other))


def test_new_ones_void_the_old(client: Client, wanjiku: User) -> None:
    old = made(wanjiku)
    new = made(wanjiku)
    assert not set(old) & set(new)
    with pytest.raises(WrongBackupCode):
        backup.use(wanjiku, old[0])
    backup.use(wanjiku, new[0])


def test_the_customer_hears_of_new_ones_everywhere(client: Client, wanjiku: User) -> None:
    made(wanjiku)
    words = "Ten new backup codes were made for your Wekeza account at 23/11/2026 09:00. Not you?"
    sent = OutboxMessage.objects.filter(cause__startswith="backup-codes")
    assert {row.channel for row in sent} == {"SMS", "EMAIL"}
    assert all(row.body.startswith(words) and len(row.body) <= 160 for row in sent)
    assert InboxItem.objects.get(cause__startswith="backup-codes").text.startswith(words)


def test_a_page_confirmed_too_long_ago_makes_none(wanjiku: User, nine: time_machine.Traveller) -> None:
    act = made_act(wanjiku)
    nine.shift(timedelta(minutes=10))
    with pytest.raises(TookTooLong):
        backup.make(wanjiku, act, "s" * 43, Actor("customer", "1"))
    with pytest.raises(TookTooLong):
        backup.refuse_unless_fresh(wanjiku, act)


# --- Stored -----------------------------------------------------------------------------------------------------------


def test_no_code_stands_in_the_table(wanjiku: User) -> None:
    codes = made(wanjiku)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM portal_backup_code")
        everything = str(cursor.fetchall())
    assert not [code for code in codes if code in everything or code.replace("-", "") in everything]


@given(st.text())
def test_what_cannot_be_a_code_is_none_and_a_code_has_one_form(text: str) -> None:
    normal = backup.normal(text)
    assert normal == "" or re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", normal)
    assert backup.normal(normal) == normal


def test_small_letters_missing_dashes_and_misread_letters_are_forgiven() -> None:
    assert backup.normal(" 7k3m9qtx 2b4d-h8wO ") == "7K3M-9QTX-2B4D-H8W0"
    assert backup.normal("7k3m-9qtx-2b4d") == ""


# --- Using ------------------------------------------------------------------------------------------------------------


def test_one_signs_in_once(wanjiku: User) -> None:
    code = made(wanjiku)[3]
    client = Client()
    give_password(client, wanjiku)
    assert 'href="/login/code/?way=BACKUP"' in client.get("/login/code/").content.decode()
    client.post("/login/code/?way=BACKUP", {"code": code.lower().replace("-", " ")})
    assert is_signed_in(client)
    other = Client()
    give_password(other, wanjiku)
    answer = other.post("/login/code/?way=BACKUP", {"code": code}).content.decode()
    assert "was used before" in answer
    assert code not in answer
    assert not is_signed_in(other)
    assert SignInAttempt.objects.filter(outcome="WRONG_CODE").count() == 1


def test_one_confirms_a_payment() -> None:
    scene = Scene.set_up()
    code = made(scene.user)[0]
    client = Client()
    sign_in(client, scene.user)
    assert client.post(f"/step-up/?for={scene.draft.id}&way=BACKUP", {"code": code}).status_code == 303
    scene.draft.refresh_from_db()
    assert scene.draft.state == "POSTED"


def test_each_use_is_told_and_the_last_three_ask_for_new_ones(client: Client, wanjiku: User) -> None:
    codes = made(wanjiku)
    for code in codes[:7]:
        backup.use(wanjiku, code)
    bodies = list(
        OutboxMessage.objects.filter(cause__startswith="backup-code-used", channel="SMS")
        .order_by("pk")
        .values_list("body", flat=True)
    )
    assert len(bodies) == 7
    assert sorted("Only 3 left: make new ones in Settings." in body for body in bodies) == [False] * 6 + [True]
    assert all("Not you? Call" in body and len(body) <= 160 for body in bodies)
    text = client.get(PAGE).content.decode()
    assert "Only 3 left. Make new ones before you need them." in text


def test_once_all_are_used_the_way_is_gone(client: Client, wanjiku: User) -> None:
    for code in made(wanjiku):
        backup.use(wanjiku, code)
    other = Client()
    give_password(other, wanjiku)
    assert "way=BACKUP" not in other.get("/login/code/").content.decode()
    assert "Make ten backup codes" in client.get(PAGE).content.decode()


def test_a_strangers_code_opens_nobody_elses_door(wanjiku: User) -> None:
    made(wanjiku)
    strangers = made(UserFactory())[0]
    client = Client()
    give_password(client, wanjiku)
    client.post("/login/code/?way=BACKUP", {"code": strangers})
    assert not is_signed_in(client)
    assert BackupCode.objects.exclude(used_at=None).count() == 0


def test_ten_wrong_ones_close_the_door_to_the_right_one(wanjiku: User) -> None:
    code = made(wanjiku)[0]
    client = Client()
    give_password(client, wanjiku)
    for _ in range(10):
        client.post("/login/code/?way=BACKUP", {"code": "0000-0000-0000-0000"})
    assert client.post("/login/code/?way=BACKUP", {"code": code}).status_code == 429
    assert BackupCode.objects.exclude(used_at=None).count() == 0


@pytest.mark.parametrize("typed", ["", "1234", "x" * 10_000, "🎉" * 16, "<script>alert(1)", "NaN", "١٢٣٤" * 4])
def test_what_is_no_code_is_said_so(wanjiku: User, typed: str) -> None:
    made(wanjiku)
    client = Client()
    give_password(client, wanjiku)
    answer = client.post("/login/code/?way=BACKUP", {"code": typed})
    assert answer.status_code == 200
    assert "<title>Error:" in answer.content.decode()
    assert not is_signed_in(client)


def test_it_is_never_asked_first(client: Client, wanjiku: User) -> None:
    made(wanjiku)
    assert "Choose one" in client.post(f"{PAGE}first/", {"way": "BACKUP"}).content.decode()


def test_the_bank_can_close_them(client: Client, wanjiku: User) -> None:
    code = made(wanjiku)[0]
    door = Client()
    give_password(door, wanjiku)
    door.get("/login/code/?way=BACKUP")
    PortalSwitchFactory(code="BACKUP_CODES", notice_en="No paper today.", notice_sw="Hakuna.")
    assert "No paper today." in door.post("/login/code/?way=BACKUP", {"code": code}).content.decode()
    assert not is_signed_in(door)
    assert "No paper today." in client.post(f"{PAGE}change/", {"act": MAKE}, follow=True).content.decode()
    assert "No paper today." in client.get(PAGE).content.decode()
    assert BackupCode.objects.filter(used_at=None).count() == 10


def test_closed_between_the_code_and_the_button_none_are_made(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, MAKE)["Location"]
    token = token_on(client.get(address))
    PortalSwitchFactory(code="BACKUP_CODES", notice_en="No paper today.", notice_sw="Hakuna.")
    assert "No paper today." in client.post(address, {"token": token}, follow=True).content.decode()
    assert not BackupCode.objects.exists()


def test_another_way_still_works_beside_them(wanjiku: User) -> None:
    BackupCodeFactory(user=wanjiku)
    client = Client()
    give_password(client, wanjiku)
    client.post("/login/code/", {"code": code_for(wanjiku.customer, client)})
    assert is_signed_in(client)


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_with_one_backup_code_one_succeeds() -> None:
    user = UserFactory()
    code = made(user)[0]
    answers = at_once([lambda: backup.use(user, code)] * 20)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, WrongBackupCode) for answer in answers) == 19
    assert backup.left(user) == 9


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_one_backup_code_would_be_taken_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory()
    code = made(user)[0]
    barrier = threading.Barrier(5)
    mark = backup._mark_used
    told: list[str] = []

    def held(row: BackupCode) -> None:
        barrier.wait(timeout=30)
        mark(row)

    monkeypatch.setattr(backup, "_mark_used", held)
    monkeypatch.setattr(backup.telling, "code_used", lambda *_about: told.append("used"))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    assert at_once([lambda: backup.use(user, code)] * 5) == [None] * 5
    assert len(told) == 5


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_make_codes_at_once_one_set_counts() -> None:
    user = UserFactory()
    act = made_act(user)
    actor = Actor("customer", str(user.pk))
    answers = at_once([lambda seed=letter * 43: backup.make(user, act, seed, actor) for letter in "abcdef"])
    assert sum(isinstance(answer, CodesShown) for answer in answers) == 5
    kept = next(answer for answer in answers if isinstance(answer, list))
    assert backup.left(user) == 10
    backup.use(user, kept[9])
