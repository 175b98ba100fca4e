"""The demo bank's inboxes: live ones, odd ones, and every message leads somewhere or nowhere on purpose."""

import pytest
from django.test import Client

from accounts.models import BranchCustomer, User
from tests.factories import SignInAttemptFactory
from tests.support import sign_in
from wekeza_portal.branch.demobank import filling
from wekeza_portal.notifications.models import InboxItem, OutboxMessage

pytestmark = pytest.mark.django_db


def test_emmanuel_and_nuria_have_live_inboxes_and_fatuma_the_odd_ones() -> None:
    bank = filling.fill()
    for key, at_least in (("emmanuel", 5), ("nuria", 5), ("fatuma", 4)):
        user_id = bank.customer(key).user_id
        items = list(InboxItem.objects.filter(customer_id=user_id))
        assert len(items) >= at_least
        assert any(item.is_unread for item in items)
        customer = BranchCustomer.objects.get(pk=user_id)
        assert all(item.created_at >= customer.created_at for item in items), "or nobody would see it"
        client = Client()
        user = User.objects.get(customer=customer)
        sign_in(client, user)
        SignInAttemptFactory(user=user)
        home = client.get("/").content.decode()
        assert "Chrome on Android" in home, "who has old messages has been here before"
        assert "first time here" not in home
        for item in items:
            page = client.get(f"/inbox/{item.public_id}/")
            assert page.status_code == 200
            if page.context["address"]:
                assert client.get(page.context["address"]).status_code == 200
    assert not InboxItem.objects.filter(customer_id=bank.customer("grace").user_id).exists()
    assert not OutboxMessage.objects.exists(), "nothing is sent for what lies in the past"
