"""What was being typed when the session ran out is there again, on every page that promises it."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.identity import keptforms
from accounts.models import Account
from tests.pages import Scene, signed_in_pages
from tests.support import sign_in
from transfers.models import Biller, StandingOrder
from wekeza_portal.models import RateCounter

pytestmark = pytest.mark.django_db
FORM = re.compile(r"<form[^>]*data-keep.*?</form>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(kind|biller)" value="([^"]*)"')
METER = "/move/standing/new/?kind=BILL_PAYMENT&biller=KPLC_PREPAID"
# Texts for fields of which every such form has one.
TYPED = {
    "note": "Kodi ya Juma", "text": "It was never me", "value": "juma@example.com", "nickname": "Mama Juma",
    "home_address": "Nyumba ya Juma", "kin_name": "Juma Mwangi", "employer": "Duka la Juma",
    "monthly": "123,456.00", "phone": "0722 999 888", "purpose": "Shule ya Juma", "addressee": "Ubalozi wa Juma",
    "money_in_from": "4,567.00",
    "details": "The name of Juma is wrong.",
}  # fmt: skip


@pytest.fixture
def scene(client: Client) -> Scene:
    Biller.objects.filter(category=Biller.Category.AIRTIME).update(paybill="654321")
    scene = Scene.set_up()
    sign_in(client, scene.user)
    return scene


def pages(client: Client, scene: Scene) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(address, a text, what is kept with that text in one of the fields of its form, and in those that say for what
    it was typed)."""
    for path in [*signed_in_pages(scene), METER]:
        form = FORM.search(client.get(path).getvalue().decode("utf-8", "replace"))
        if form:
            name = next(name for name in TYPED if f'name="{name}"' in form[0])
            yield path, TYPED[name], {name: TYPED[name], **dict(HIDDEN.findall(form[0]))}


def keep(client: Client, path: str, **typed: str) -> None:
    assert client.post("/session/keep/", {"_path": path.split("?")[0], **typed}).status_code == 204


def test_every_page_with_such_a_form_gives_back_what_was_typed(client: Client, scene: Scene) -> None:
    """Also those whose form goes to the address it is on, which no template names. Once."""
    found = list(pages(client, scene))
    assert {resolve(path.split("?")[0]).url_name for path, _text, _typed in found} == keptforms.KEEPS
    for path, text, typed in found:
        RateCounter.objects.all().delete()  # keeping too often has a test of its own
        keep(client, path, **typed)
        assert text in client.get(path).content.decode(), path
        assert text not in client.get(path).content.decode(), f"{path}: once"


def test_a_change_of_an_order_comes_back_whole_and_changes_nothing(client: Client, scene: Scene) -> None:
    path = reverse("standing_change", args=[scene.order.public_id])
    other = Account.objects.filter(customer=scene.user.customer).exclude(account_number=scene.order.from_number).get()
    typed = {"from_account": other.account_number, "amount": "4,321.00", "mode": "REMIND", "times": "7"}
    before = list(StandingOrder.objects.values())
    keep(client, path, note="", **typed)
    form = client.get(path).context["form"]
    assert {name: form[name].value() for name in typed} == typed
    assert not form["note"].value(), "emptied, not what the order says"
    assert list(StandingOrder.objects.values()) == before


@pytest.mark.parametrize("address", ["kind=BANK_TRANSFER", "kind=BILL_PAYMENT&biller=NAIROBI_WATER"])
def test_a_meters_number_comes_back_to_its_own_biller_alone(client: Client, scene: Scene, address: str) -> None:
    path = f"{reverse('standing_new')}?{address}"
    assert client.get(path).context["form"]["account"].value() is None
    for asked, number in ((METER, "04123456789"), (path, None)):
        keep(client, path, account="04123456789", biller="KPLC_PREPAID")
        assert client.get(asked).context["form"]["account"].value() == number, asked
