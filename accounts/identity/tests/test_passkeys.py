"""Passkeys: added with another factor, asked for one thing, used once, believed only from our own address."""

import html
import json
import random
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
import webauthn
from django.conf import settings as project
from django.db.models import QuerySet
from django.test import Client
from webauthn.helpers import bytes_to_base64url

from accounts.identity.factors import passkeys
from accounts.identity.factors.errors import PasskeyNotTaken, TookTooLong, TooManyPasskeys, WrongPasskey
from accounts.identity.housekeeping import tidy
from accounts.identity.tests.helpers import code_for, confirm, give_password, is_signed_in
from accounts.models import Instruction, Passkey, PasskeyChallenge, SignInAttempt, User, Way
from tests.factories import CustomerFactory, PasskeyFactory, PortalSwitchFactory, UserFactory
from tests.pages import Scene
from tests.softkey import PRESENT, SoftKey
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db
ADD, REMOVE = "FACTOR_PASSKEY_ADD", "FACTOR_PASSKEY_REMOVE"
PAGE = "/settings/security/"
HERE = project.PUBLIC_URL


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def wanjiku(client: Client, nine: time_machine.Traveller) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number="0722000111", email="wanjiku@example.com"))
    sign_in(client, user)
    return user


def options_on(page: Any) -> str:
    found = re.search(r'data-options="([^"]+)"', page.content.decode())
    assert found is not None, "the page asks for no passkey"
    return html.unescape(found.group(1))


def with_passkey(user: User, *, first: bool = False, name: str = "My phone") -> SoftKey:
    """Give the user a working passkey, by the services."""
    key = SoftKey(HERE)
    act = Instruction(id=uuid.uuid4())
    challenge = passkeys.begin(user, act.id)
    passkeys.add(user, act.id, key.create(passkeys.options_of_new(challenge)), name, Actor("customer", str(user.pk)))
    if first:
        User.objects.filter(pk=user.pk).update(preferred_way=Way.PASSKEY)
    return key


def asked(user: User, key: SoftKey, binding: str = "one") -> str:
    return key.get(passkeys.options(passkeys.ask(user, binding)))


# --- Adding -----------------------------------------------------------------------------------------------------------


def test_it_is_added_with_a_code_by_sms_and_told_everywhere(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    key = SoftKey(HERE)
    options = options_on(client.get(address))
    asked_for = json.loads(options)
    assert asked_for["rp"]["id"] == "localhost"
    assert asked_for["authenticatorSelection"]["userVerification"] == "required"
    assert asked_for["user"]["name"] == "wanjiku@example.com"
    answer = client.post(address, {"name": " My  phone ", "code": key.create(options)}, follow=True).content.decode()
    assert "The passkey My phone is added." in answer
    row = Passkey.objects.get(user=wanjiku)
    assert (row.name, row.sign_count) == ("My phone", 0)
    words = "A passkey was added to your Wekeza account at 23/11/2026 09:00. Not you?"
    sent = OutboxMessage.objects.filter(cause__startswith="factor-added")
    assert {message.channel for message in sent} == {"SMS", "EMAIL"}
    assert InboxItem.objects.get(cause__startswith="factor-added").text.startswith(words)
    assert AuditEvent.objects.filter(verb="factor.added", customer_id=wanjiku.customer_id).count() == 1


def test_without_the_code_by_sms_nothing_is_asked_for(client: Client, wanjiku: User) -> None:
    client.post(f"{PAGE}change/", {"act": ADD})
    act = Instruction.objects.get(kind=ADD)
    assert client.get(f"{PAGE}passkey/{act.id}/").status_code == 404
    assert not PasskeyChallenge.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "x" * 10_000, "a\u202eb", "a\x00b"])
def test_it_needs_a_name_that_can_be_printed(client: Client, wanjiku: User, name: str) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    options = options_on(client.get(address))
    answer = client.post(address, {"name": name, "code": SoftKey(HERE).create(options)})
    assert "<title>Error:" in answer.content.decode()
    assert not Passkey.objects.exists()
    assert options_on(answer) == options


def test_a_name_is_text_and_nothing_else(client: Client, wanjiku: User) -> None:
    with_passkey(wanjiku, name="<script>alert(1)</script>")
    page = client.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nothing_is_added_after_ten_minutes_or_twice(
    client: Client, wanjiku: User, nine: time_machine.Traveller
) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    given = SoftKey(HERE).create(options_on(client.get(address)))
    nine.shift(timedelta(minutes=10))
    assert "took too long" in client.post(address, {"name": "late", "code": given}, follow=True).content.decode()
    assert not Passkey.objects.exists()
    nine.shift(timedelta(minutes=-1))
    client.post(address, {"name": "in time", "code": given})
    client.post(address, {"name": "again", "code": SoftKey(HERE).create('{"challenge": "AA"}')})
    assert list(Passkey.objects.values_list("name", flat=True)) == ["in time"]


def test_what_is_no_passkey_of_ours_is_not_kept(wanjiku: User) -> None:
    actor = Actor("customer", "1")
    for number, key in enumerate(
        [SoftKey("https://wekeza.example.evil"), SoftKey(HERE, "evil.example"), SoftKey(HERE)]
    ):
        act = uuid.uuid4()
        options = passkeys.options_of_new(passkeys.begin(wanjiku, act))
        if number == 2:
            key.flags = PRESENT
        with pytest.raises(PasskeyNotTaken):
            passkeys.add(wanjiku, act, key.create(options), "evil", actor)
        with pytest.raises(TookTooLong):
            passkeys.add(wanjiku, act, key.create(options), "again", actor)
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "typed",
    ["{}", "[]", "null", "1e9", '"x"', "{", "=HYPERLINK(1)", "🎉", '{"id": 1}',
     '{"id":"AA","rawId":"AA","response":{}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","attestationObject":"AA"}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":null,"attestationObject":[]}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"A","signature":""}}',
     "[" * 9_000, "x" * 20_001],
)  # fmt: skip
def test_whatever_else_is_sent_is_refused_and_adds_and_opens_nothing(client: Client, wanjiku: User, typed: str) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    assert client.post(address, {"name": "x", "code": typed}, follow=True).status_code == 200
    assert not Passkey.objects.exists()
    with_passkey(wanjiku, first=True)
    door = Client()
    give_password(door, wanjiku)
    assert door.post("/login/code/", {"code": typed}).status_code == 200
    assert not is_signed_in(door)


@pytest.mark.parametrize("seed", range(40))
def test_an_answer_with_any_bytes_changed_is_refused_and_never_an_error(wanjiku: User, seed: int) -> None:
    dice, key = random.Random(seed), with_passkey(wanjiku)
    act = uuid.uuid4()
    new = json.loads(SoftKey(HERE).create(passkeys.options_of_new(passkeys.begin(wanjiku, act))))
    old = json.loads(asked(wanjiku, key))
    for answer, part in ((new, "attestationObject"), (new, "clientDataJSON"), (old, "authenticatorData")):
        raw = bytearray(webauthn.base64url_to_bytes(answer["response"][part]))
        for _ in range(dice.randint(1, 4)):
            raw[dice.randrange(len(raw))] ^= dice.randint(1, 255)
        answer["response"][part] = bytes_to_base64url(bytes(raw[: dice.randint(len(raw) // 2, len(raw))]))
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", json.dumps(old))
    with pytest.raises(PasskeyNotTaken):
        passkeys.add(wanjiku, act, json.dumps(new), "x", Actor("customer", "1"))


def test_the_eleventh_of_two_tabs_is_refused_at_the_end_too(wanjiku: User) -> None:
    act = uuid.uuid4()
    given = SoftKey(HERE).create(passkeys.options_of_new(passkeys.begin(wanjiku, act)))
    PasskeyFactory.create_batch(10, user=wanjiku)
    with pytest.raises(TooManyPasskeys):
        passkeys.add(wanjiku, act, given, "eleventh", Actor("customer", "1"))


def test_a_passkey_known_already_is_not_added_again_to_anybody(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    for user in (wanjiku, UserFactory()):
        act = uuid.uuid4()
        options = passkeys.options_of_new(passkeys.begin(user, act))
        with pytest.raises(PasskeyNotTaken):
            passkeys.add(user, act, key.create(options), "again", Actor("customer", "1"))
    assert Passkey.objects.count() == 1


def test_ten_are_the_most(client: Client, wanjiku: User) -> None:
    PasskeyFactory.create_batch(10, user=wanjiku)
    answer = client.post(f"{PAGE}change/", {"act": ADD}, follow=True).content.decode()
    assert "You have 10 passkeys" in answer


# --- At both doors ----------------------------------------------------------------------------------------------------


def test_it_signs_in_and_no_sms_is_sent_when_it_comes_first(wanjiku: User) -> None:
    key = with_passkey(wanjiku, first=True)
    before = OutboxMessage.objects.count()
    client = Client()
    give_password(client, wanjiku)
    page = client.get("/login/code/")
    assert json.loads(options_on(page))["userVerification"] == "required"
    client.post("/login/code/", {"code": key.get(options_on(page))})
    assert is_signed_in(client)
    assert not OutboxMessage.objects.filter(is_secret=True).exists()
    assert OutboxMessage.objects.count() >= before
    row = Passkey.objects.get()
    assert (row.sign_count, row.used_at) == (1, clock.now())


def test_it_is_another_way_beside_the_sms(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    client = Client()
    give_password(client, wanjiku)
    assert 'action="/login/code/passkey/"' in client.get("/login/code/").content.decode()
    address = client.post("/login/code/passkey/")["Location"]
    assert address == "/login/code/?way=PASSKEY"
    client.post(address, {"code": key.get(options_on(client.get(address)))})
    assert is_signed_in(client)


def test_the_sms_is_another_way_beside_it(wanjiku: User) -> None:
    with_passkey(wanjiku, first=True)
    client = Client()
    give_password(client, wanjiku)
    address = client.post("/login/code/resend/", {"channel": "SMS"})["Location"]
    client.post(address, {"code": code_for(wanjiku.customer, client)})
    assert is_signed_in(client)


def test_it_confirms_a_payment_and_only_this_one() -> None:
    scene = Scene.set_up()
    PasskeyChallenge.objects.all().delete()
    key = with_passkey(scene.user, first=True)
    client = Client()
    sign_in(client, scene.user)
    address = f"/step-up/?for={scene.draft.id}"
    signed = key.get(options_on(client.get(address)))
    assert client.post(f"/step-up/?for={scene.plan.id}", {"code": signed}).status_code == 200
    scene.plan.refresh_from_db()
    assert (scene.plan.state, scene.plan.stepped_up_at) == ("DRAFT", None)
    assert client.post(address, {"code": signed}).status_code == 303
    scene.draft.refresh_from_db()
    assert scene.draft.state == "POSTED"


def test_a_payment_that_changed_no_longer_fits_what_was_signed() -> None:
    scene = Scene.set_up()
    key = with_passkey(scene.user, first=True)
    client = Client()
    sign_in(client, scene.user)
    address = f"/step-up/?for={scene.draft.id}"
    signed = key.get(options_on(client.get(address)))
    Instruction.objects.filter(pk=scene.draft.pk).update(payee_key="ACC6660001")
    client.post(address, {"code": signed})
    scene.draft.refresh_from_db()
    assert (scene.draft.state, scene.draft.stepped_up_at) == ("DRAFT", None)


def test_what_was_signed_works_once(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    signed = asked(wanjiku, key)
    passkeys.use(wanjiku, "one", signed)
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", signed)


def test_a_replay_for_a_new_request_is_no_answer_to_it(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    old = asked(wanjiku, key)
    passkeys.ask(wanjiku, "one")
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", old)
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "two", asked(wanjiku, key))


def test_five_minutes_and_it_is_over(wanjiku: User, nine: time_machine.Traveller) -> None:
    key = with_passkey(wanjiku)
    signed = asked(wanjiku, key)
    nine.shift(timedelta(minutes=5))
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", signed)


def test_it_is_believed_only_from_our_own_address_and_with_a_finger_or_pin(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    for spoil in ({"origin": "https://wekeza.example.evil"}, {"host": "evil.example"}, {"flags": PRESENT}):
        good = {name: getattr(key, name) for name in spoil}
        for name, value in spoil.items():
            setattr(key, name, value)
        with pytest.raises(WrongPasskey):
            passkeys.use(wanjiku, "one", asked(wanjiku, key))
        for name, value in good.items():
            setattr(key, name, value)
    passkeys.use(wanjiku, "one", asked(wanjiku, key))


def test_a_copy_whose_counter_lags_behind_is_refused(wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    key.counter = 10
    passkeys.use(wanjiku, "one", asked(wanjiku, key))
    key.counter = 5
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", asked(wanjiku, key))
    assert Passkey.objects.get().sign_count == 11


def test_somebody_elses_passkey_opens_nothing(wanjiku: User) -> None:
    with_passkey(wanjiku)
    strangers = with_passkey(UserFactory())
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", asked(wanjiku, strangers))


def test_another_key_under_the_same_id_opens_nothing(wanjiku: User) -> None:
    key, forged = with_passkey(wanjiku), SoftKey(HERE)
    forged.id = key.id
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", asked(wanjiku, forged))


def test_a_refused_one_is_said_stands_in_the_history_and_can_be_asked_for_again(wanjiku: User) -> None:
    key = with_passkey(wanjiku, first=True)
    client = Client()
    give_password(client, wanjiku)
    wrong = SoftKey("https://wekeza.example.evil").get(options_on(client.get("/login/code/")))
    page = client.post("/login/code/", {"code": wrong})
    assert "could not be checked" in page.content.decode()
    assert "Ask for my passkey again" in page.content.decode()
    assert SignInAttempt.objects.filter(outcome="WRONG_CODE").count() == 1
    address = client.post("/login/code/passkey/")["Location"]
    client.post(address, {"code": key.get(options_on(client.get(address)))})
    assert is_signed_in(client)


def test_asking_has_a_budget(wanjiku: User) -> None:
    with_passkey(wanjiku)
    client = Client()
    give_password(client, wanjiku)
    for _ in range(20):
        client.post("/login/code/passkey/")
    assert "Too many tries" in client.post("/login/code/passkey/", follow=True).content.decode()


def test_nobody_is_asked_without_the_password() -> None:
    assert Client().post("/login/code/passkey/")["Location"] == "/login/"
    assert not PasskeyChallenge.objects.exists()


def test_the_bank_can_close_them_also_in_between(client: Client, wanjiku: User) -> None:
    key = with_passkey(wanjiku, first=True)
    door = Client()
    give_password(door, wanjiku)
    signed = key.get(options_on(door.get("/login/code/")))
    PortalSwitchFactory(code="PASSKEYS", notice_en="No passkeys today.", notice_sw="Hakuna.")
    assert "No passkeys today." in door.post("/login/code/?way=PASSKEY", {"code": signed}).content.decode()
    assert not is_signed_in(door)
    assert "No passkeys today." in door.post("/login/code/passkey/", follow=True).content.decode()
    assert "No passkeys today." in client.post(f"{PAGE}change/", {"act": ADD}, follow=True).content.decode()
    other = Client()
    give_password(other, wanjiku)
    assert "We sent a code by SMS" in other.get("/login/code/").content.decode()


def test_closed_between_the_code_and_the_press_none_is_added(client: Client, wanjiku: User) -> None:
    address = confirm(client, wanjiku, ADD)["Location"]
    given = SoftKey(HERE).create(options_on(client.get(address)))
    PortalSwitchFactory(code="PASSKEYS", notice_en="No passkeys today.", notice_sw="Hakuna.")
    answer = client.post(address, {"name": "x", "code": given}, follow=True).content.decode()
    assert "No passkeys today." in answer
    assert not Passkey.objects.exists()


# --- Removing ---------------------------------------------------------------------------------------------------------


def test_removing_needs_a_code_names_the_passkey_and_is_told(client: Client, wanjiku: User) -> None:
    key = with_passkey(wanjiku)
    row = Passkey.objects.get()
    answer = confirm(client, wanjiku, REMOVE, passkey=str(row.public_id))
    assert "Done: remove the passkey My phone." in client.get(answer["Location"]).content.decode()
    assert not Passkey.objects.exists()
    assert OutboxMessage.objects.filter(cause__startswith="factor-removed").count() == 2
    with pytest.raises(WrongPasskey):
        passkeys.use(wanjiku, "one", asked(wanjiku, key))


@pytest.mark.parametrize("whose", ["a stranger's", "nobody's", "none", "nonsense"])
def test_somebody_elses_is_not_removed_and_looks_like_nobodys(client: Client, wanjiku: User, whose: str) -> None:
    theirs = PasskeyFactory()
    named = {"a stranger's": str(theirs.public_id), "nobody's": str(uuid.uuid4()), "none": ""}
    answer = client.post(f"{PAGE}change/", {"act": REMOVE, "passkey": named.get(whose, "=x")}, follow=True)
    assert answer.status_code == (400 if whose == "nonsense" else 200)
    assert whose == "nonsense" or "This was removed already." in answer.content.decode()
    assert Passkey.objects.filter(pk=theirs.pk).exists()
    assert not Instruction.objects.filter(kind=REMOVE).exists()


def test_old_challenges_are_deleted(wanjiku: User, nine: time_machine.Traveller) -> None:
    passkeys.ask(wanjiku, "one")
    nine.shift(timedelta(days=1, minutes=6))
    tidy(clock.today())
    assert not PasskeyChallenge.objects.exists()


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_tries_with_what_a_passkey_signed_one_succeeds() -> None:
    user = UserFactory()
    key = with_passkey(user)
    signed = asked(user, key)
    answers = at_once([lambda: passkeys.use(user, "one", signed)] * 20)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, WrongPasskey) for answer in answers) == 19


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_without_the_row_lock_it_would_be_taken_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory()
    key = with_passkey(user)
    signed = asked(user, key)
    barrier, mark = threading.Barrier(5), passkeys._mark_spent
    monkeypatch.setattr(passkeys, "_mark_spent", lambda row: (barrier.wait(timeout=30), mark(row)))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    counted, count = threading.Barrier(5), passkeys._counter
    monkeypatch.setattr(passkeys, "_counter", lambda *about: (count(*about), counted.wait(timeout=30))[0])
    assert at_once([lambda: passkeys.use(user, "one", signed)] * 5) == [None] * 5
