"""Codes by SMS and by e-mail are switches of the bank's: off means off, also for a code that is out already."""

from typing import Any

import pytest
from django.test import Client

from accounts.identity import codes
from accounts.identity.tests.helpers import code_for, give_password, is_signed_in, walk_in
from accounts.models import BranchCustomer, OneTimeCode, User
from tests.factories import PASSWORD, CustomerFactory, PortalSwitchFactory, UserFactory
from tests.pages import Scene
from tests.support import sign_in
from wekeza_portal.notifications.models import Channel, OutboxMessage
from wekeza_portal.staff.models import PortalSwitch
from wekeza_portal.staff.switches import SwitchedOff

pytestmark = pytest.mark.django_db
NOTICE = "Codes by SMS are being repaired."
STEP_UP = OneTimeCode.Purpose.STEP_UP


@pytest.fixture
def user() -> User:
    made: User = UserFactory(customer=CustomerFactory(phone_number="0722000111"))
    return made


def switch_off(code: str) -> None:
    PortalSwitchFactory(code=code, notice_en=NOTICE, notice_sw="Misimbo inarekebishwa.")


def issue(customer: BranchCustomer, wanted: Channel = Channel.SMS, purpose: Any = STEP_UP) -> OneTimeCode:
    return codes.issue(purpose=purpose, customer=customer, binding="one", language="en", wanted=wanted)


def sent_by() -> list[str]:
    return list(OutboxMessage.objects.filter(is_secret=True).values_list("channel", flat=True))


def test_with_sms_off_the_sign_in_code_goes_by_email_and_the_page_says_why(user: User) -> None:
    switch_off("SMS_CODES")
    client = Client()
    page = client.get(give_password(client, user)["Location"]).content.decode()
    assert sent_by() == ["EMAIL"]
    assert NOTICE in page
    assert "Notice of" in page
    assert walk_in(client, user).status_code == 302
    assert is_signed_in(client)


def test_with_email_off_nobody_gets_one_by_email_and_the_page_offers_none(user: User) -> None:
    switch_off("EMAIL_CODES")
    client = Client()
    page = client.get(give_password(client, user)["Location"]).content.decode()
    assert 'value="EMAIL"' not in page
    assert NOTICE in page
    OneTimeCode.objects.all().delete()
    answer = client.post("/login/code/resend/", {"channel": "EMAIL"}, follow=True).content.decode()
    assert NOTICE in answer
    assert sent_by() == ["SMS"]


def test_an_sms_code_that_is_out_is_refused_once_sms_is_off_and_keeps_for_later(user: User) -> None:
    client = Client()
    give_password(client, user)
    assert user.customer is not None
    code = code_for(user.customer, client)
    switch_off("SMS_CODES")
    for _try in range(12):  # not counted: it is the bank's doing
        page = client.post("/login/code/", {"code": code}).content.decode()
        assert NOTICE in page
        assert 'value="EMAIL"' in page
    assert not is_signed_in(client)
    PortalSwitch.objects.update(is_on=True)
    client.post("/login/code/", {"code": code})
    assert is_signed_in(client)


def test_the_other_way_works_after_the_first_was_closed(user: User) -> None:
    client = Client()
    give_password(client, user)
    switch_off("SMS_CODES")
    OneTimeCode.objects.all().update(created_at="2026-01-01T00:00:00+03:00")
    client.post("/login/code/resend/", {"channel": "EMAIL"})
    assert user.customer is not None
    client.post("/login/code/", {"code": code_for(user.customer, client)})
    assert is_signed_in(client)


def test_a_step_up_is_guarded_alike_on_its_page() -> None:
    scene = Scene.set_up()
    client = Client()
    sign_in(client, scene.user)
    address = f"/step-up/?for={scene.draft.id}"
    scene.draft.payee_key = "somebody-new"
    client.get(address)
    assert scene.user.customer is not None
    code = code_for(scene.user.customer)
    switch_off("SMS_CODES")
    page = client.post(address, {"code": code}).content.decode()
    assert NOTICE in page
    scene.draft.refresh_from_db()
    assert (scene.draft.state, scene.draft.stepped_up_at) == ("DRAFT", None)


def test_activation_proves_the_known_number_so_email_is_no_way_round(user: User) -> None:
    customer = CustomerFactory(phone_number="0722000222", password_hash="mwanzo-secret")
    switch_off("SMS_CODES")
    client = Client()
    page = client.post("/enrol/", {"email": customer.email, "secret": "mwanzo-secret"}).content.decode()
    assert NOTICE in page
    assert sent_by() == []
    with pytest.raises(SwitchedOff):
        issue(customer, purpose=OneTimeCode.Purpose.ENROL)


def test_a_code_of_an_activation_that_is_out_is_refused_too() -> None:
    customer = CustomerFactory(phone_number="0722000222", password_hash="mwanzo-secret")
    client = Client()
    client.post("/enrol/", {"email": customer.email, "secret": "mwanzo-secret"})
    code = code_for(customer)
    switch_off("SMS_CODES")
    assert NOTICE in client.post("/enrol/code/", {"code": code}).content.decode()
    assert client.get("/enrol/password/").status_code == 302


def test_whoever_has_no_number_and_email_is_off_is_told_so() -> None:
    customer = CustomerFactory(phone_number=None)
    switch_off("EMAIL_CODES")
    with pytest.raises(SwitchedOff):
        issue(customer)
    assert sent_by() == []


def test_a_wrong_password_hears_nothing_of_switches(user: User) -> None:
    switch_off("SMS_CODES")
    page = give_password(Client(), user, "never the password 1").content.decode()
    assert NOTICE not in page
    assert PASSWORD not in page


def test_the_notice_is_in_the_readers_language(user: User) -> None:
    switch_off("SMS_CODES")
    client = Client()
    give_password(client, user)
    client.cookies["django_language"] = "sw"
    from django.utils import translation

    with translation.override("sw"):
        assert "Misimbo inarekebishwa." in codes.closed_ways()["SMS"]
