"""The pages that are looked at show every state of a payment out of the bank, and what each page says is so."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.lives import STATES
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from transfers.models import Payment

pytestmark = pytest.mark.django_db
SAYS = {
    "moving": ("is on its way to", "Next we pass it on (M-Pesa)."),
    "taken": ("is on its way to", "We have passed it on (PesaLink)."),
    "unknown": ("We do not know yet whether it arrived", "we keep asking"),
    "with_staff": ("We do not know yet whether it arrived", "Our people are asking the other side"),
    "arrived": ("arrived at", "The other side says that the receiver has it."),
    "by_phone": ("arrived at 0711 456 789", "The other side says that the receiver has it."),
    "held": ("is held back", "We keep it until you decide. We have not passed it on (M-Pesa)."),
    "returned": ("is back on your account", "It could not be delivered: amount and fee are back on your account."),
}


def test_there_is_a_page_for_every_state_and_it_says_what_is_so() -> None:
    scene = Scene.set_up()
    client = Client()
    sign_in(client, scene.user)
    pages = signed_in_pages(scene)
    for name, (state, with_staff) in STATES.items():
        payment = Payment.objects.get(pk=getattr(scene, name).id)
        assert (payment.state, payment.with_staff_since is not None) == (state, with_staff), name
        address = reverse("payment_receipt", args=[payment.pk])
        assert address in pages
        html = client.get(address).content.decode()
        for words in SAYS[name]:
            assert words in html, (name, words)
        assert ("never left the bank" in html) is False, name
    reached = {state for state, _with_staff in STATES.values()}
    assert reached | {"SENDING"} == set(Payment.State.values), "while it is being sent a page says what UNKNOWN says"
