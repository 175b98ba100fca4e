"""The picture to be paid by."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, BranchCustomer, Instruction
from tests.factories import CustomerFactory, UserFactory
from tests.support import sign_in
from transfers.tests.asking.scenes import NOBODY, ask, browser, plain
from transfers.tests.support import an_account
from wekeza_portal.money import InvalidAmount

pytestmark = pytest.mark.django_db(transaction=True)


def shown(client: Client, **asked: str) -> Any:
    return client.get("/move/be-paid/", asked)


def test_the_picture_leads_to_the_form_and_fills_it_in_alone(asker: Account, payer: Account, settings: Any) -> None:
    settings.PUBLIC_URL = "https://bank.example"
    text = shown(browser(asker), account=asker.account_number, amount="1,250").content.decode()
    address = f"https://bank.example/move/wekeza/?to={asker.account_number}&amp;amount=1250.00"
    assert address in text
    assert "<svg" in text
    assert "style=" not in text
    filled = browser(payer).get(f"/move/wekeza/?to={asker.account_number}&amount=1250.00").content.decode()
    assert f'value="{asker.account_number}"' in filled
    assert 'value="1250.00"' in filled
    assert not Instruction.objects.exists()


def test_a_strange_host_is_not_in_the_picture(asker: Account, settings: Any) -> None:
    settings.PUBLIC_URL = "https://bank.example"
    settings.ALLOWED_HOSTS = ["*"]
    text = browser(asker).get("/move/be-paid/", headers={"host": "evil.example"}).content.decode()
    assert "evil.example" not in text


@pytest.mark.parametrize("amount", ["0", "NaN", "1e9", "٥", "<script>", "-1", "9" * 400])
def test_no_picture_for_an_odd_amount(asker: Account, amount: str) -> None:
    response = shown(browser(asker), account=asker.account_number, amount=amount)
    assert response.status_code == 200
    assert "qr-big" not in response.content.decode()


def test_no_picture_of_somebody_elses_account(asker: Account, payer: Account) -> None:
    theirs = shown(browser(asker), account=payer.account_number).content.decode()
    nobodys = shown(browser(asker), account=NOBODY).content.decode()
    assert "qr-big" not in theirs
    assert plain(theirs) == plain(nobodys)


@pytest.mark.parametrize("amount", ["<script>", "1" * 5000, "=1", "\x00"])
def test_an_odd_amount_in_the_address_is_only_text_in_a_box(payer: Account, amount: str) -> None:
    response = browser(payer).get("/move/wekeza/", {"to": "ACC1", "amount": amount})
    assert response.status_code == 200
    assert "<script>" not in re.sub(r"<script[^>]+src[^>]+>", "", response.content.decode())


def test_somebody_without_an_account_is_told_so() -> None:
    customer: BranchCustomer = CustomerFactory()
    client = Client()
    sign_in(client, UserFactory(customer=customer))
    for address in ("/move/be-paid/", "/move/requests/ask/", "/move/requests/"):
        assert client.get(address).status_code == 200
    with pytest.raises(InvalidAmount):
        ask(an_account("Some Body"), NOBODY, amount="0.00")
