"""Transfers switched off: refused on the page, in the service, and between form and confirm."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from accounts import instructions
from accounts.models import AccountTransaction, Posting
from tests.factories import PortalSwitchFactory
from tests.pages import Scene
from tests.support import all_the_money, sign_in
from transfers import services
from wekeza_portal.actors import Actor
from wekeza_portal.staff import switches

pytestmark = pytest.mark.django_db


def switch_off() -> None:
    PortalSwitchFactory(
        code="INTERNAL_TRANSFERS",
        notice_en="Transfers rest.",
        notice_sw="Uhamishaji umepumzika.",
        since=date(2026, 11, 23),
    )


@pytest.fixture
def scene() -> Scene:
    return Scene.set_up()


@pytest.fixture
def client(scene: Scene) -> Client:
    visitor = Client()
    sign_in(visitor, scene.user)
    return visitor


def test_the_pages_say_so_with_the_date(client: Client) -> None:
    switch_off()
    for page in ("/move/", "/move/wekeza/", "/move/own/"):
        body = client.get(page).content.decode()
        assert "Transfers rest. (Notice of 23/11/2026)" in body, page
    assert "<form class" not in client.get("/move/wekeza/").content.decode().split("<main")[1].split("</main>")[0]


def test_the_form_is_refused_and_stores_nothing(scene: Scene, client: Client) -> None:
    switch_off()
    before = instructions.Instruction.objects.count()
    typed = {"from_account": scene.account.account_number, "to_account": "ACC1", "amount": "10", "note": ""}
    assert "Transfers rest." in client.post("/move/wekeza/", typed).content.decode()
    assert instructions.Instruction.objects.count() == before


def test_the_service_refuses_in_the_readers_language(scene: Scene) -> None:
    switch_off()
    assert scene.user.customer is not None
    with pytest.raises(switches.SwitchedOff) as refused:
        services.prepare_transfer(
            scene.user.customer,
            from_number=scene.account.account_number,
            to_number="ACC1",
            amount=Decimal("10.00"),
            note="",
            actor=Actor(kind="customer", id="1"),
        )
    with translation.override("sw"):
        assert str(refused.value).startswith("Uhamishaji umepumzika.")
        assert "Novemba" in str(refused.value)


def test_it_is_refused_between_form_and_confirm(scene: Scene, client: Client) -> None:
    assert client.get(f"/move/payments/{scene.draft.id}/review/").status_code == 200
    money, rows = all_the_money(), AccountTransaction.objects.count()
    switch_off()
    answer = client.post(f"/move/payments/{scene.draft.id}/confirm/")
    assert "Transfers rest." in answer.content.decode()
    assert all_the_money() == money
    assert AccountTransaction.objects.count() == rows
    assert not Posting.objects.filter(instruction_id=scene.draft.id).exists()


def test_a_code_given_for_it_does_not_help(scene: Scene) -> None:
    customer = scene.user.customer
    assert customer is not None
    instructions.approve(customer=customer, instruction_id=scene.draft.id)
    switch_off()
    with pytest.raises(switches.SwitchedOff):
        instructions.confirm(customer=customer, instruction_id=scene.draft.id, actor=Actor(kind="customer", id="1"))
    scene.draft.refresh_from_db()
    assert scene.draft.state == "DRAFT"


def test_no_code_is_sent_for_a_payment_to_somebody_new(scene: Scene, client: Client) -> None:
    from accounts.models import OneTimeCode

    instructions.Instruction.objects.filter(pk=scene.paid.pk).update(payee_key="wekeza:other")
    switch_off()
    answer = client.post(f"/move/payments/{scene.draft.id}/confirm/")
    assert answer.status_code == 200
    assert "Transfers rest." in answer.content.decode()
    assert not OneTimeCode.objects.exists()


def test_what_was_paid_keeps_its_receipt(scene: Scene, client: Client) -> None:
    switch_off()
    assert client.get(f"/move/payments/{scene.paid.id}/").status_code == 200
    assert client.post(f"/move/payments/{scene.paid.id}/confirm/").status_code in {302, 303}


def test_switched_on_again_it_goes_through(scene: Scene, client: Client) -> None:
    switch_off()
    switches.PortalSwitch.objects.update(is_on=True)
    assert client.post(f"/move/payments/{scene.draft.id}/confirm/").status_code in {302, 303}
    assert Posting.objects.filter(instruction_id=scene.draft.id).exists()
