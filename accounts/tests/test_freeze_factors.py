"""The stop and the second factors: an app or a paper is enough to stop, and lifting takes what a payment would take."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import instructions
from accounts.freezing import lifting, stopping
from accounts.freezing.errors import Frozen
from accounts.freezing.state import freeze_of
from accounts.identity import outside, stepup
from accounts.identity.factors import app, backup, passkeys
from accounts.identity.factors.errors import WrongAppCode
from accounts.identity.tests.helpers import another, app_code, code_for, give_password, is_signed_in
from accounts.models import (
    AuthenticatorApp,
    BackupCode,
    BranchCustomer,
    Freeze,
    Instruction,
    KnownDevice,
    OneTimeCode,
    User,
    Way,
)
from tests.factories import (
    AccountFactory,
    AuthenticatorAppFactory,
    BankCallFactory,
    CustomerFactory,
    InstructionFactory,
    PortalSwitchFactory,
    UserFactory,
)
from tests.softkey import SoftKey
from tests.support import sign_in
from tests.together import at_once
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.models import Errand, RateCounter
from wekeza_portal.notifications.models import InboxItem, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, NOBODY = "ACC7000001", "nobody@example.com"
FREEZE, CALLING = OneTimeCode.Purpose.FREEZE, OneTimeCode.Purpose.CALLING


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(now: time_machine.Traveller) -> User:
    made: User = UserFactory()
    AccountFactory(customer=made.customer, balance=Decimal("5000.00"), account_number=NUMBER)
    AuthenticatorAppFactory(user=made)
    return made


@pytest.fixture
def me(user: User) -> BranchCustomer:
    assert isinstance(user.customer, BranchCustomer)
    return user.customer


def paper(user: User) -> list[str]:
    """Ten working codes."""
    act = InstructionFactory(
        customer=user.customer, kind="FACTOR_BACKUP_CODES", state=Instruction.State.DONE, posted_at=clock.now()
    )
    return backup.make(user, act, "s" * 43, Actor("customer", str(user.pk)))


def comes(who: str, way: str = "APP", page: str = "/freeze/", **extra: Any) -> Client:
    """A browser that said who it is and what it will type; no worker has been anywhere."""
    client = Client(**extra)
    assert client.post(page, {"who": who, "way": way}).status_code == 302
    return client


def types(client: Client, code: str, page: str = "/freeze/code/") -> Any:
    return client.post(page, {"code": code})


def stop(customer: BranchCustomer) -> Freeze:
    return stopping.stop(customer.user_id, by=Freeze.By.INSIDE, actor=Actor("customer", "1"))


# --- Stopping from outside with what one has in hand ---------------------------------------------------------------


@pytest.mark.parametrize("who", ["email", "number"])
def test_a_code_of_the_app_stops_everything_and_waits_for_no_message(user: User, me: BranchCustomer, who: str) -> None:
    client = comes(me.email if who == "email" else NUMBER)
    assert "Open your authenticator app" in client.get("/freeze/code/").content.decode()
    answer = types(client, app_code(user))
    assert (answer.status_code, answer["Location"]) == (303, "/freeze/done/")
    freeze = freeze_of(me.user_id)
    assert freeze is not None
    assert freeze.begun_by == Freeze.By.OUTSIDE
    assert not Errand.objects.exists()
    assert not OneTimeCode.objects.exists()
    assert not is_signed_in(client)


def test_a_backup_code_stops_everything_and_is_used_up_and_told(user: User, me: BranchCustomer) -> None:
    code = paper(user)[0]
    client = comes(NUMBER, "BACKUP")
    assert "ten codes on your paper" in client.get("/freeze/code/").content.decode()
    assert types(client, code.lower().replace("-", " ")).status_code == 303
    assert freeze_of(me.user_id) is not None
    assert BackupCode.objects.filter(user=user, used_at=None).count() == 9
    assert InboxItem.objects.filter(title="A backup code was used").count() == 1


def test_what_stopped_everything_opens_nothing_afterwards(user: User, me: BranchCustomer) -> None:
    code, paper_code = app_code(user), paper(user)[0]
    types(comes(NUMBER), code)
    types(comes(NUMBER, "BACKUP"), paper_code)
    for way, used in (("APP", code), ("BACKUP", paper_code)):
        client = Client()
        give_password(client, user)
        client.post(f"/login/code/?way={way}", {"code": used})
        assert not is_signed_in(client)


def test_what_signed_in_stops_nothing_afterwards(user: User, me: BranchCustomer) -> None:
    client, code = Client(), app_code(user)
    give_password(client, user)
    client.post("/login/code/?way=APP", {"code": code})
    assert is_signed_in(client)
    types(comes(NUMBER), code)
    assert freeze_of(me.user_id) is None


def test_another_customer_s_app_or_paper_stops_nobody(user: User, me: BranchCustomer) -> None:
    other: User = UserFactory()
    AuthenticatorAppFactory(user=other)
    codes = paper(other)
    types(comes(NUMBER), app_code(other))
    types(comes(NUMBER, "BACKUP"), codes[0])
    assert not Freeze.objects.exists()
    assert BackupCode.objects.filter(user=other, used_at=None).count() == 10
    assert AuthenticatorApp.objects.get(user=other).used_at is None


def test_an_app_that_was_never_proven_stops_nothing(user: User, me: BranchCustomer) -> None:
    AuthenticatorApp.objects.update(is_proven=False)
    types(comes(NUMBER), app_code(user))
    assert freeze_of(me.user_id) is None


def test_the_page_that_says_who_calls_takes_them_too(user: User, me: BranchCustomer) -> None:
    call = BankCallFactory(
        customer_id=me.user_id, open_for=me.user_id, ended_at=None, expires_at=clock.now() + timedelta(minutes=5)
    )
    client = comes(NUMBER, page="/calling/")
    assert types(client, app_code(user), "/calling/code/").status_code == 302
    assert call.caller in client.get("/calling/").content.decode()
    assert freeze_of(me.user_id) is None


@pytest.mark.parametrize("way", ["PASSKEY", "", "SMS OR 1=1", "app"])
def test_it_takes_no_other_way(me: BranchCustomer, way: str) -> None:
    assert Client().post("/freeze/", {"who": NUMBER, "way": way}).status_code == 200


@pytest.mark.parametrize(("way", "switch"), [("APP", "TOTP_CODES"), ("BACKUP", "BACKUP_CODES")])
def test_a_way_the_bank_has_closed_is_said_to_everybody_and_uses_up_nothing(
    user: User, me: BranchCustomer, way: str, switch: str
) -> None:
    code = app_code(user) if way == "APP" else paper(user)[0]
    began = {who: comes(who, way) for who in (NUMBER, NOBODY)}
    PortalSwitchFactory(code=switch, is_on=False, notice_en="Being mended.", notice_sw="Inarekebishwa.")
    assert "Being mended." in Client().get("/freeze/").content.decode()
    for client in began.values():
        assert "Being mended." in types(client, code).content.decode()
        assert "Being mended." in client.post("/freeze/", {"who": NUMBER, "way": way}).content.decode()
    PortalSwitch.objects.filter(code=switch).update(is_on=True)
    assert types(began[NUMBER], code).status_code == 303


# --- Nobody learns who is a customer, nor who has an app ------------------------------------------------------------


def without_tokens(page: bytes) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"|[0-9a-f]{32}|[0-9a-f-]{36}', "X", page.decode())


def statements(seen: CaptureQueriesContext) -> list[str]:
    return [re.sub(r"'[^']*'|\d+", "?", one["sql"].split("VALUES")[0])[:60] for one in seen]


@pytest.mark.parametrize(("way", "wrong"), [("APP", "000000"), ("BACKUP", "7K3M-9QTX-2B4D-H8WZ")])
def test_a_wrong_code_is_answered_alike_and_with_the_same_work(
    user: User, me: BranchCustomer, way: str, wrong: str
) -> None:
    paper(user)
    bare: User = UserFactory()
    AccountFactory(customer=bare.customer, account_number="ACC7000002")
    closed: User = UserFactory(customer=CustomerFactory(is_active=False))
    assert bare.customer is not None
    assert closed.customer is not None
    by_mail = [me.email, bare.customer.email, CustomerFactory().email, closed.customer.email, NOBODY]
    for names in (by_mail, [NUMBER, "ACC7000002", "ACC9999999"]):
        seen = [_seen(who, way, wrong) for who in names]
        assert all(one == seen[0] for one in seen), names


def _seen(who: str, way: str, wrong: str) -> list[Any]:
    RateCounter.objects.all().delete()  # whoever comes first from an address makes its row
    with CaptureQueriesContext(connection) as first:
        client = comes(who, way)
    with CaptureQueriesContext(connection) as second:
        answer = types(client, wrong)
    return [answer.status_code, without_tokens(answer.content), *statements(first), *statements(second)]


def test_who_guesses_at_an_app_has_ten_guesses_an_hour_and_is_not_told_so(
    user: User, me: BranchCustomer, now: time_machine.Traveller
) -> None:
    right = app_code(user)
    for number in range(5):
        for who in (me.email, NUMBER):
            types(comes(who, REMOTE_ADDR=f"10.0.{number}.1"), another(right))
    answer = types(comes(NUMBER, REMOTE_ADDR="10.9.9.9"), right)
    assert (answer.status_code, freeze_of(me.user_id)) == (200, None)
    assert "That code is not right" in answer.content.decode()
    now.shift(timedelta(hours=1))
    assert types(comes(NUMBER, REMOTE_ADDR="10.9.9.9"), app_code(user)).status_code == 303


def test_strangers_who_guess_close_neither_the_paper_nor_the_sign_in_to_the_owner(
    user: User, me: BranchCustomer
) -> None:
    codes, right = paper(user), app_code(user)
    for way, wrong in (("APP", another(right)), ("BACKUP", "7K3M-9QTX-2B4D-H8WZ")):
        stranger = comes(NUMBER, way, REMOTE_ADDR="10.1.1.1")
        answers = [types(stranger, wrong).status_code for _ in range(16)]
        assert answers[-1] == 429
    client = Client()
    give_password(client, user)
    client.post("/login/code/?way=APP", {"code": right})
    assert is_signed_in(client)
    assert types(comes(NUMBER, "BACKUP", REMOTE_ADDR="10.2.2.2"), codes[0]).status_code == 303


def test_a_browser_may_take_ten_minutes(user: User, me: BranchCustomer, now: time_machine.Traveller) -> None:
    client = comes(NUMBER)
    now.shift(outside.LIFE + timedelta(seconds=1))
    assert types(client, app_code(user))["Location"] == "/freeze/"
    assert freeze_of(me.user_id) is None


@pytest.mark.mariadb
def test_of_many_at_once_with_one_code_exactly_one_is_right_at_either_door(user: User, me: BranchCustomer) -> None:
    code, paper_code = app_code(user), paper(user)[0]
    RateCounter.objects.all().delete()
    outer = {way: [comes(NUMBER, way, REMOTE_ADDR=f"10.0.{n}.1") for n in range(4)] for way in ("APP", "BACKUP")}
    for way, used in (("APP", code), ("BACKUP", paper_code)):
        inner = [Client() for _ in range(3)]
        for client in inner:
            give_password(client, user)
        doors = [(client, "/freeze/code/") for client in outer[way]]
        doors += [(client, f"/login/code/?way={way}") for client in inner]
        answers = at_once([lambda door=door, used=used: types(door[0], used, door[1]) for door in doors])
        opened = [one for one in answers if getattr(one, "status_code", 0) in (302, 303)]
        assert len(opened) == 1, answers
        OneTimeCode.objects.all().delete()
        RateCounter.objects.all().delete()


# --- The stop takes the thief's trust, and lifting it takes a factor that counts -----------------------------------


def test_no_browser_is_trusted_any_more_after_a_stop(user: User, me: BranchCustomer) -> None:
    PortalSwitch.objects.filter(code="TRUSTED_DEVICES").update(is_on=True)
    thief = Client()
    give_password(thief, user)
    thief.post("/login/code/", {"code": code_for(me, thief), "trust": "on"})
    assert KnownDevice.objects.get().trusted_until is not None
    stop(me)
    assert KnownDevice.objects.get().trusted_until is None
    give_password(thief, user)
    assert not is_signed_in(thief)


def test_a_trusted_browser_s_cookie_opens_nobody_else_s_account_without_a_code(user: User, me: BranchCustomer) -> None:
    PortalSwitch.objects.filter(code="TRUSTED_DEVICES").update(is_on=True)
    mine, other = Client(), UserFactory()
    give_password(mine, user)
    mine.post("/login/code/", {"code": code_for(me, mine), "trust": "on"})
    thief = Client()
    for name, cookie in mine.cookies.items():
        if "session" not in name:
            thief.cookies[name] = cookie.value
    give_password(thief, other)
    assert not is_signed_in(thief)
    give_password(thief, user, password="wrong password 1")
    assert not is_signed_in(thief)


def lift_page(client: Client) -> str:
    answer = client.post("/settings/freeze/lift/")
    assert answer.status_code == 303
    return str(answer["Location"])


def test_the_app_begins_the_wait(user: User, me: BranchCustomer) -> None:
    stop(me)
    client = Client()
    sign_in(client, user)
    address = f"{lift_page(client)}&way=APP"
    client.post(address, {"code": another(app_code(user))})
    assert Freeze.objects.get().lift_at is None
    assert client.post(address, {"code": app_code(user)}).status_code == 303
    assert Freeze.objects.get().lift_at is not None
    assert freeze_of(me.user_id) is not None
    assert lifting.lift_due() == 0


def test_a_passkey_begins_the_wait(user: User, me: BranchCustomer) -> None:
    key, act = SoftKey(settings.PUBLIC_URL), uuid.uuid4()
    made = passkeys.begin(user, act)
    passkeys.add(user, act, key.create(passkeys.options_of_new(made)), "My phone", Actor("customer", str(user.pk)))
    stop(me)
    client = Client()
    sign_in(client, user)
    address = lift_page(client)
    page = client.post(address.replace("/step-up/", "/step-up/passkey/"))["Location"]
    challenge = passkeys.asked(user, binding_of_the_lift())
    assert challenge is not None
    assert client.post(page, {"code": key.get(passkeys.options(challenge))}).status_code == 303
    assert Freeze.objects.get().lift_at is not None


def binding_of_the_lift() -> str:
    return stepup.binding(Instruction.objects.get(kind=lifting.KIND))


def test_a_new_number_lifts_nothing_by_sms(user: User, me: BranchCustomer) -> None:
    stop(me)
    client = Client()
    sign_in(client, user)
    BranchCustomer.objects.filter(pk=me.pk).update(phone_number="0733999888")
    address = lift_page(client)
    client.get(f"{address}&way=SMS")
    client.post("/step-up/resend/?" + address.partition("?")[2], {"channel": "SMS"})
    assert not OutboxMessage.objects.filter(is_secret=True, channel="SMS").exists()
    assert Freeze.objects.get().lift_at is None


def test_a_stranger_cannot_confirm_it_with_a_factor_of_their_own(user: User, me: BranchCustomer) -> None:
    other: User = UserFactory()
    AuthenticatorAppFactory(user=other)
    stop(me)
    client, thief = Client(), Client()
    sign_in(client, user)
    sign_in(thief, other)
    address = lift_page(client)
    assert thief.post(f"{address}&way=APP", {"code": app_code(other)}).status_code == 404
    client.post(f"{address}&way=APP", {"code": app_code(other)})
    assert Freeze.objects.get().lift_at is None


def test_a_code_is_not_used_up_for_a_payment_that_is_stopped(user: User, me: BranchCustomer) -> None:
    codes = paper(user)
    draft = InstructionFactory(customer=me, kind="TRANSFER_INTERNAL")
    stop(me)
    instruction = instructions.get_any(me, draft.id)
    with pytest.raises(Frozen):
        stepup.prove_code(instruction, me, codes[0], Way.BACKUP)
    assert BackupCode.objects.filter(user=user, used_at=None).count() == 10


def test_nobody_has_an_app_that_takes_a_code() -> None:
    with pytest.raises(WrongAppCode):
        app.use(User(pk=0), "000000")
