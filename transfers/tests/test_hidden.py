"""Lists of payments leave out what is older than the customer wants shown; each opens by its address still."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.cards.selectors import uses_of
from accounts.models import BranchCustomer, CardUse, Instruction, User
from tests.pages import Scene
from tests.support import sign_in
from transfers.asking import selectors as asking
from transfers.many.selectors import files_of
from transfers.models import MoneyRequest, PaymentFile, StandingOrder, StandingRun
from transfers.recent import recent_payees
from transfers.standing.selectors import runs_of
from wekeza_portal import clock

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=366 + 30)


@pytest.fixture
def scene(client: Client) -> Scene:
    found = Scene.set_up()
    sign_in(client, found.user)
    return found


def reader(scene: Scene, years: int) -> BranchCustomer:
    User.objects.filter(pk=scene.user.pk).update(history_years=years)
    return BranchCustomer.objects.get(pk=scene.user.customer_id)


def test_people_paid_long_ago_are_not_offered_and_their_receipt_opens(client: Client, scene: Scene) -> None:
    Instruction.objects.filter(state="POSTED").update(posted_at=clock.now() - LONG_AGO)
    assert recent_payees(reader(scene, 0))
    assert recent_payees(reader(scene, 2))
    assert recent_payees(reader(scene, 1)) == []
    assert "is hidden by your choice" in client.get("/move/").content.decode()
    assert client.get(reverse("payment_receipt", args=[scene.paid.id])).status_code == 200


def test_old_requests_for_money_are_left_out(client: Client, scene: Scene) -> None:
    MoneyRequest.objects.update(created_at=clock.now() - LONG_AGO)
    assert asking.asked_of(reader(scene, 2))
    assert asking.asked_of(reader(scene, 1)) == []
    assert asking.asked_by(reader(scene, 1)) == []
    assert "is hidden by your choice" in client.get(reverse("money_requests")).content.decode()


def test_old_files_of_payments_are_left_out_and_open_by_their_address(client: Client, scene: Scene) -> None:
    PaymentFile.objects.update(created_at=clock.now() - LONG_AGO)
    assert files_of(reader(scene, 2))
    assert files_of(reader(scene, 1)) == []
    assert "is hidden by your choice" in client.get(reverse("move_many")).content.decode()
    assert client.get(reverse("payment_file", args=[scene.file.id])).status_code == 200


def test_what_came_of_an_order_long_ago_is_left_out(client: Client, scene: Scene) -> None:
    order: StandingOrder = scene.order
    run = StandingRun.objects.filter(order=order).first() or StandingRun(
        order=order, due_on=clock.today(), made_at=clock.now()
    )
    run.nominal = clock.today() - LONG_AGO
    run.save(force_insert=run._state.adding)
    count = len(runs_of(order))
    since = clock.midnight(clock.today() - timedelta(days=365))
    assert len(runs_of(order, since)) == count - 1
    reader(scene, 1)
    text = client.get(reverse("standing_order", args=[order.public_id])).content.decode()
    assert "is hidden by your choice" in text


def test_old_uses_of_a_card_are_left_out(client: Client, scene: Scene) -> None:
    CardUse.objects.filter(card=scene.card).update(at=clock.now() - LONG_AGO)
    assert uses_of(scene.card).uses
    assert uses_of(scene.card, since=clock.midnight(clock.today() - timedelta(days=365))).uses == []
    reader(scene, 1)
    assert "is hidden by your choice" in client.get(reverse("card_uses", args=[scene.card.pk])).content.decode()
