"""A number that is new confirms nothing by SMS for 72 hours; it signs in, and every other way confirms."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.identity import stepup
from accounts.identity.simguard import NumberIsNew
from accounts.identity.tests.helpers import app_code, code_for, give_password, is_signed_in
from accounts.models import BranchCustomer, Instruction, OneTimeCode, User, Way
from tests.factories import PortalSwitchFactory
from tests.pages import Scene
from tests.support import sign_in
from wekeza_portal import clock
from wekeza_portal.notifications.models import Channel, OutboxMessage

pytestmark = pytest.mark.django_db
SENTENCE = "codes by SMS confirm no payments and no changes"


@pytest.fixture
def nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 23, 6, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def scene(nine: time_machine.Traveller) -> Scene:
    return Scene.set_up()


@pytest.fixture
def inside(scene: Scene) -> Client:
    client = Client()
    sign_in(client, scene.user)
    return client


def swap(scene: Scene, number: str | None = "0733999888") -> None:
    """The branch changes the number, as its own software does."""
    BranchCustomer.objects.filter(pk=scene.user.customer_id).update(phone_number=number)


def address(scene: Scene) -> str:
    return f"/step-up/?for={scene.draft.id}"


def secret_channels() -> list[str]:
    return list(OutboxMessage.objects.filter(is_secret=True).order_by("created_at").values_list("channel", flat=True))


def state(instruction: Instruction) -> str:
    instruction.refresh_from_db()
    return instruction.state


def test_after_a_change_the_code_comes_by_email_and_the_page_says_why(scene: Scene, inside: Client) -> None:
    swap(scene)
    text = inside.get(address(scene)).content.decode()
    assert SENTENCE in text
    assert "changed on 23/11/2026, 09:00. Until 26/11/2026, 09:00" in text
    assert 'value="SMS"' not in text
    assert secret_channels() == ["EMAIL"]
    assert inside.post(address(scene), {"code": code_for(scene.user.customer)}).status_code == 303
    assert state(scene.draft) == "POSTED"


def test_asking_for_it_by_sms_all_the_same_sends_none(scene: Scene, inside: Client) -> None:
    swap(scene)
    answer = inside.post(f"/step-up/resend/?for={scene.draft.id}", {"channel": "SMS"}, follow=True)
    assert SENTENCE in answer.content.decode()
    assert "SMS" not in secret_channels()
    scene.user.refresh_from_db()
    customer = BranchCustomer.objects.get(pk=scene.user.customer_id)
    with pytest.raises(NumberIsNew):
        stepup.send_code(scene.draft, customer, "en", Channel.SMS)


def test_a_code_by_sms_that_is_out_already_confirms_nothing_once_the_number_changed(
    scene: Scene, inside: Client
) -> None:
    inside.get(address(scene))
    code = code_for(scene.user.customer)
    swap(scene)
    for way in ("", "&way=SMS", "&way=EMAIL"):
        text = inside.post(f"{address(scene)}{way}", {"code": code}).content.decode()
        assert SENTENCE in text
    assert state(scene.draft) == "DRAFT"
    assert scene.draft.stepped_up_at is None


def test_no_factor_is_added_or_removed_by_it_either(scene: Scene, inside: Client) -> None:
    swap(scene)
    page = inside.post("/settings/security/change/", {"act": "FACTOR_BACKUP_CODES"})["Location"]
    assert SENTENCE in inside.get(page).content.decode()
    assert secret_channels() == ["EMAIL"]


def test_it_ends_after_72_hours_to_the_second(scene: Scene, inside: Client, nine: time_machine.Traveller) -> None:
    swap(scene)
    inside.get(address(scene))
    nine.shift(timedelta(hours=72) - timedelta(seconds=1))
    fresh = Client()
    sign_in(fresh, scene.user)
    Instruction.objects.filter(pk=scene.draft.pk).update(expires_at=clock.now() + timedelta(hours=1))
    assert SENTENCE in fresh.get(address(scene)).content.decode()
    nine.shift(timedelta(seconds=1))
    OneTimeCode.objects.all().delete()
    text = fresh.get(address(scene)).content.decode()
    assert SENTENCE not in text
    assert secret_channels()[-1] == "SMS"


def test_it_begins_when_the_portal_sees_the_number_not_before(
    scene: Scene, inside: Client, nine: time_machine.Traveller
) -> None:
    swap(scene)
    nine.shift(timedelta(days=20))
    door = Client()
    give_password(door, scene.user)
    door.post("/login/code/", {"code": code_for(scene.user.customer, door)})
    assert is_signed_in(door)
    scene.user.refresh_from_db()
    assert scene.user.phone_changed_at == clock.now()
    assert scene.user.known_phone == "+254733999888"


def test_there_and_back_is_a_change_too(scene: Scene, inside: Client) -> None:
    original = BranchCustomer.objects.get(pk=scene.user.customer_id).phone_number
    swap(scene)
    inside.get("/settings/security/")
    swap(scene, original)
    assert SENTENCE in inside.get(address(scene)).content.decode()


def test_taken_away_and_given_anew_is_a_change_too(scene: Scene, inside: Client) -> None:
    swap(scene, None)
    inside.get("/settings/security/")
    swap(scene, "0733999888")
    assert SENTENCE in inside.get(address(scene)).content.decode()


@pytest.mark.parametrize("same", ["+254722000111", "254722000111", " 0722 000 111 ", "0722-000-111"])
def test_the_same_number_written_otherwise_is_no_change(scene: Scene, inside: Client, same: str) -> None:
    swap(scene, same)
    assert SENTENCE not in inside.get(address(scene)).content.decode()
    assert secret_channels() == ["SMS"]


def test_the_number_one_activated_with_is_not_a_changed_one(scene: Scene, inside: Client) -> None:
    User.objects.filter(pk=scene.user.pk).update(known_phone_since=clock.now())
    assert SENTENCE not in inside.get(address(scene)).content.decode()


def test_an_app_confirms_as_ever(scene: Scene, inside: Client) -> None:
    scene.user.authenticator_app.__class__.objects.update(is_proven=True)
    swap(scene)
    assert "way=APP" in inside.get(address(scene)).content.decode()
    inside.post(f"{address(scene)}&way=APP", {"code": app_code(scene.user)})
    assert state(scene.draft) == "POSTED"


def test_with_email_switched_off_too_nothing_is_sent_and_the_review_says_why(scene: Scene, inside: Client) -> None:
    swap(scene)
    PortalSwitchFactory(code="EMAIL_CODES", notice_en="No mail today.", notice_sw="Hakuna.")
    answer = inside.get(address(scene), follow=True)
    assert answer.redirect_chain[0][0] == f"/move/payments/{scene.draft.id}/review/"
    assert SENTENCE in answer.content.decode()
    assert secret_channels() == []
    assert state(scene.draft) == "DRAFT"


def test_the_settings_say_so_and_signing_in_goes_on(scene: Scene, inside: Client) -> None:
    swap(scene)
    text = inside.get("/settings/security/").content.decode()
    assert SENTENCE in text
    assert "Since 23/11/2026" in text.partition("+254 ••• ••• 888")[2][:400]
    door = Client()
    give_password(door, scene.user)
    assert secret_channels() == ["SMS"]
    door.post("/login/code/", {"code": code_for(scene.user.customer, door)})
    assert is_signed_in(door)


def test_who_prefers_sms_is_asked_by_sms_again_afterwards(scene: Scene, inside: Client) -> None:
    swap(scene)
    inside.get(address(scene))
    scene.user.refresh_from_db()
    assert scene.user.preferred_way == Way.SMS
