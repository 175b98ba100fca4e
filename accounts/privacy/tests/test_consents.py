"""Consents: off until given, each with its version, withdrawn at once, every change kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import BranchCustomer, Consent, LegalText, User
from accounts.privacy import consents
from accounts.privacy.consents import PURPOSES, may
from accounts.privacy.views.consents import CHANGES
from tests.factories import ConsentFactory, CustomerFactory
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
PAGE = "/settings/privacy/consents/"
SMS = "MARKETING_SMS"


def press(client: Client, purpose: str = SMS, give: str = "1", version: Any = 1) -> Any:
    return client.post(PAGE, {"purpose": purpose, "give": give, "version": version}, follow=True)


@pytest.fixture
def customer(wanjiku: User) -> BranchCustomer:
    assert wanjiku.customer is not None
    return wanjiku.customer


def test_everything_is_off_until_it_is_given(client: Client, customer: BranchCustomer) -> None:
    assert [may(customer, purpose) for purpose in PURPOSES] == [False] * len(PURPOSES)
    page = client.get(PAGE).content.decode()
    assert page.count("Allow it") == len(PURPOSES)
    assert "Take the consent back" not in page


def test_one_yes_is_for_one_purpose_with_version_time_and_how(client: Client, customer: BranchCustomer) -> None:
    press(client)
    assert [purpose for purpose in PURPOSES if may(customer, purpose)] == [SMS]
    row = Consent.objects.get()
    assert (row.purpose, row.is_given, row.text.version, row.how, row.ip) == (SMS, True, 1, "PORTAL", "127.0.0.1")
    event = AuditEvent.objects.get(verb="consent.given")
    assert (event.customer_id, event.data) == (customer.user_id, {"purpose": SMS, "version": 1})


def test_taking_back_is_one_button_and_holds_at_once(client: Client, customer: BranchCustomer) -> None:
    press(client)
    page = press(client, give="0").content.decode()
    assert not may(customer, SMS)
    assert "Allowed: News and offers by SMS" in page
    assert "Taken back: News and offers by SMS" in page


def test_a_double_click_is_one_change(client: Client) -> None:
    for _time in range(3):
        press(client)
    assert Consent.objects.count() == 1


def test_giving_needs_the_text_that_is_in_force_and_taking_back_needs_nothing(
    client: Client, customer: BranchCustomer
) -> None:
    LegalText(kind=SMS, version=2, effective_from=clock.today(), text_en="Every day.", text_sw="Kila siku.").save(
        force_insert=True
    )
    assert "replaced in the meantime" in press(client, version=1).content.decode()
    assert not may(customer, SMS)
    press(client, version=2)
    assert may(customer, SMS)
    press(client, give="0", version=1)
    assert not may(customer, SMS)


@pytest.mark.parametrize(
    ("purpose", "give", "version"),
    [
        ("TERMS", "1", "1"),
        ("NOTICE", "1", "1"),
        ("<script>", "1", "1"),
        (SMS, "yes", "1"),
        (SMS, "", "1"),
        (SMS, "1", "NaN"),
        (SMS, "1", "1e9"),
        (SMS, "1", ""),
        ("", "", ""),
        ("🎉", "0", "-1"),
    ],
)
def test_what_the_buttons_never_send_changes_nothing(client: Client, purpose: str, give: str, version: str) -> None:
    assert "Nothing was changed" in press(client, purpose, give, version).content.decode()
    assert not Consent.objects.exists()


def test_a_strangers_consents_are_not_mine(client: Client, customer: BranchCustomer) -> None:
    ConsentFactory(customer_id=CustomerFactory().user_id)
    assert not may(customer, SMS)
    assert "Allowed:" not in client.get(PAGE).content.decode()


def test_what_a_former_holder_of_the_id_allowed_is_nobodys(client: Client, customer: BranchCustomer) -> None:
    ConsentFactory(customer_id=customer.user_id, at=customer.created_at - timedelta(days=1))
    assert not may(customer, SMS)
    assert "Allowed:" not in client.get(PAGE).content.decode()


def test_asking_for_a_purpose_there_is_not_is_a_mistake_of_ours(customer: BranchCustomer) -> None:
    with pytest.raises(ValueError, match="no purpose"):
        may(customer, "SELLING_DATA")


def test_taking_back_is_never_counted(client: Client, customer: BranchCustomer) -> None:
    for _time in range(CHANGES.limit // 2):
        press(client)
        press(client, give="0")
    press(client)
    for _time in range(CHANGES.limit):
        client.post(PAGE, {"purpose": SMS, "give": "1", "version": 1})
    assert client.post(PAGE, {"purpose": SMS, "give": "1", "version": 1}).status_code == 429
    press(client, give="0")
    assert not may(customer, SMS)


def test_taking_all_back_names_that_it_was_asked_for_in_a_request(customer: BranchCustomer) -> None:
    actor = Actor(kind="customer", id="1", customer_id=customer.user_id)
    for purpose in ("OFFERS", "PARTNERS"):
        consents.change(customer, purpose, give=True, version=1, actor=actor)
    assert consents.withdraw_all(customer, actor=system("test")) == 2
    assert not any(may(customer, purpose) for purpose in PURPOSES)
    assert set(Consent.objects.filter(is_given=False).values_list("how", flat=True)) == {"REQUEST"}


@given(wishes=st.lists(st.tuples(st.sampled_from(list(PURPOSES)), st.booleans()), max_size=12))
def test_the_last_word_on_each_purpose_is_what_holds(wishes: list[tuple[str, bool]]) -> None:
    customer = CustomerFactory()
    actor = Actor(kind="customer", id="1", customer_id=customer.user_id)
    for purpose, give in wishes:
        consents.change(customer, purpose, give=give, version=1, actor=actor)
    last = dict(wishes)
    assert {purpose: may(customer, purpose) for purpose in PURPOSES} == {p: last.get(p, False) for p in PURPOSES}
    shown = {line.purpose: line.is_given for line in consents.standings(customer)}
    assert shown == {purpose: last.get(purpose, False) for purpose in PURPOSES}
