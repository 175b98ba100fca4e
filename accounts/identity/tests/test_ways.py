"""The settings of the second factor: what there is, what comes first, and what the bank has closed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.identity import codes
from accounts.identity.factors import choosing
from accounts.identity.factors.ways import ways_of
from accounts.identity.tests.helpers import code_for, confirm, give_password, is_signed_in, walk_in
from accounts.models import CodeDevice, OneTimeCode, User, Way
from tests.factories import AuthenticatorAppFactory, CustomerFactory, PortalSwitchFactory, UserFactory
from tests.pages import Scene
from tests.support import sign_in
from wekeza_portal.actors import Actor
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.notifications.models import OutboxMessage
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db
PAGE = "/settings/security/"
NOTICE = "Codes by SMS are being repaired."


@pytest.fixture
def wanjiku(client: Client) -> User:
    user: User = UserFactory(customer=CustomerFactory(phone_number="0722000111", email="wanjiku@example.com"))
    sign_in(client, user)
    return user


def page(client: Client) -> str:
    return str(client.get(PAGE).content.decode())


def prefer(user: User, way: Way) -> None:
    User.objects.filter(pk=user.pk).update(preferred_way=way)


def test_it_lists_every_way_with_its_masked_address_and_since_when(client: Client, wanjiku: User) -> None:
    User.objects.filter(pk=wanjiku.pk).update(known_phone_since=datetime(2026, 3, 4, 9, 0, tzinfo=UTC))
    text = page(client)
    assert "+254 ••• ••• 111" in text
    assert "w•••@example.com" in text
    assert "Since 04/03/2026" in text
    assert "0722000111" not in text
    assert "last used" not in text


def test_the_settings_lead_there(client: Client, wanjiku: User) -> None:
    assert f'href="{PAGE}"' in client.get("/settings/").content.decode()


def test_the_page_says_what_a_code_by_sms_risks_beside_the_safer_ways(client: Client, wanjiku: User) -> None:
    risk = "whoever gets a SIM card with your number gets your codes too"
    text = page(client)
    assert risk in text
    assert "Add an authenticator app" in text
    assert "Add a passkey" in text
    assert text.index(risk) < text.index("Add an authenticator app")


def test_a_used_code_leaves_when_it_was_used_at_the_way_it_came_by(wanjiku: User) -> None:
    client = Client()
    walk_in(client, wanjiku)
    device = CodeDevice.objects.get(user=wanjiku)
    assert device.sms_used_at is not None
    assert device.email_used_at is None
    assert "last used" in page(client)


def test_the_first_choice_is_where_the_sign_in_code_goes(client: Client, wanjiku: User) -> None:
    answer = client.post("/settings/security/first/", {"way": "EMAIL"}, follow=True).content.decode()
    assert "From now on we ask for this first: A code by e-mail." in answer
    other = Client()
    give_password(other, wanjiku)
    assert OutboxMessage.objects.get(is_secret=True).channel == "EMAIL"
    other.post("/login/code/", {"code": code_for(wanjiku.customer, other)})
    assert is_signed_in(other)
    assert CodeDevice.objects.get(user=wanjiku).email_used_at is not None


def test_it_is_where_the_code_of_a_payment_goes_too() -> None:
    scene = Scene.set_up()
    prefer(scene.user, Way.EMAIL)
    client = Client()
    sign_in(client, scene.user)
    client.get(f"/step-up/?for={scene.draft.id}")
    assert OutboxMessage.objects.filter(is_secret=True).latest("created_at").channel == "EMAIL"


@pytest.mark.parametrize("wanted", ["BACKUP", "APP", "PASSKEY", "", "sms", "=HYPERLINK(1)", "x" * 10_000, "\0"])
def test_what_the_customer_does_not_have_is_no_choice(client: Client, wanjiku: User, wanted: str) -> None:
    answer = client.post("/settings/security/first/", {"way": wanted})
    assert answer.status_code == 200
    assert "Choose one" in answer.content.decode()
    wanjiku.refresh_from_db()
    assert wanjiku.preferred_way == "SMS"


def test_the_service_refuses_it_too(wanjiku: User) -> None:
    assert wanjiku.customer is not None
    with pytest.raises(ValueError, match="APP"):
        choosing.begin_with(wanjiku, Way.APP, ways_of(wanjiku, wanjiku.customer), Actor("customer", str(wanjiku.pk)))


def test_the_choice_is_in_the_trail_once(client: Client, wanjiku: User) -> None:
    for _twice in range(2):
        client.post("/settings/security/first/", {"way": "EMAIL"})
        wanjiku.refresh_from_db()
    event = AuditEvent.objects.get(verb="factor.first")
    assert event.data == {"before": "SMS", "after": "EMAIL"}


def test_a_first_choice_that_the_bank_closed_gives_way_and_says_why(client: Client, wanjiku: User) -> None:
    prefer(wanjiku, Way.EMAIL)
    PortalSwitchFactory(code="EMAIL_CODES", notice_en=NOTICE, notice_sw="Inarekebishwa.")
    text = page(client)
    assert NOTICE in text
    assert 'value="EMAIL"' not in text
    other = Client()
    give_password(other, wanjiku)
    assert OutboxMessage.objects.get(is_secret=True).channel == "SMS"


def test_who_has_no_phone_has_no_sms(client: Client) -> None:
    user = UserFactory(customer=CustomerFactory(phone_number=None))
    sign_in(client, user)
    assert "A code by SMS" not in page(client)
    other = Client()
    walk_in(other, user)
    assert is_signed_in(other)


def test_nobody_looks_or_chooses_without_signing_in() -> None:
    assert Client().get(PAGE).status_code == 302
    assert Client().post("/settings/security/first/", {"way": "EMAIL"}).status_code == 302


def test_a_code_of_an_activation_notes_nothing(wanjiku: User) -> None:
    customer = CustomerFactory(phone_number="0722000222", password_hash="mwanzo-secret")
    client = Client()
    client.post("/enrol/", {"email": customer.email, "secret": "mwanzo-secret"})
    client.post("/enrol/code/", {"code": code_for(customer)})
    assert not CodeDevice.objects.exclude(sms_used_at=None).exists()


def test_a_wrong_code_notes_nothing(wanjiku: User) -> None:
    assert wanjiku.customer is not None
    codes.issue(purpose=OneTimeCode.Purpose.SIGN_IN, customer=wanjiku.customer, binding="one", language="en")
    right = code_for(wanjiku.customer)
    with pytest.raises(codes.WrongCode):
        codes.verify(
            purpose=OneTimeCode.Purpose.SIGN_IN,
            customer_id=wanjiku.customer_id or 0,
            binding="one",
            code=f"{(int(right) + 1) % 10**6:06d}",
        )
    assert CodeDevice.objects.get(user=wanjiku).sms_used_at is None


def test_times_are_nairobis(client: Client, wanjiku: User) -> None:
    CodeDevice.objects.filter(user=wanjiku).update(
        sms_used_at=datetime(2026, 11, 23, 22, 30, tzinfo=UTC) + timedelta(minutes=1)
    )
    assert "last used 24/11/2026, 01:31" in page(client)


def test_who_removes_everything_can_still_be_reached_and_the_bank_cannot_close_the_last_way(
    client: Client, wanjiku: User
) -> None:
    AuthenticatorAppFactory(user=wanjiku)
    prefer(wanjiku, Way.APP)
    confirm(client, wanjiku, "FACTOR_APP_REMOVE")
    assert wanjiku.customer is not None
    wanjiku.refresh_from_db()
    assert ways_of(wanjiku, wanjiku.customer).open == (Way.SMS, Way.EMAIL)
    PortalSwitchFactory(code="SMS_CODES", notice_en=NOTICE, notice_sw="Inarekebishwa.")
    assert ways_of(wanjiku, wanjiku.customer).open == (Way.EMAIL,)
    with pytest.raises(switches.LastWayToSendCodes):
        switches.refuse_if_wrong({"code": "EMAIL_CODES", "is_on": False, "notice_en": "x", "notice_sw": "x"})


def test_the_page_costs_at_most_ten_queries(client: Client) -> None:
    scene = Scene.set_up()
    sign_in(client, scene.user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{PAGE}?done={scene.making_codes.id}").status_code == 200
    assert sum(query["sql"].startswith("SELECT") for query in queries) <= 10
