"""All simulated companies together: shown on one page, deaf to rubbish, and none forgets whom it paid."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from wekeza_portal.rails import base
from wekeza_portal.rails.simulator import endings, people
from wekeza_portal.rails.simulator.companies import COMPANIES
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, desk, state

PAYING = {
    "airtel_money": {"phone": "254733000111"},
    "bills": {"biller": "NAIROBI_WATER", "account": "1234567", "paybill": "444400"},
    "cdsc": {"cds_number": "1234567", "client_type": "LI", "paybill": "905200"},
    "pesalink": {"bank": "01", "account": "1234567890"},
    "tkash": {"phone": "254770000111"},
}
ROUTES = [(name, method, path) for name, company in COMPANIES.items() for method, path in company.routes]
OURS = [route for route in ROUTES if route[0] not in {"mpesa", "sms"}]


@pytest.mark.parametrize("name", PAYING)
def test_every_rail_is_registered_under_its_name(name: str) -> None:
    assert base.rails.get(name).name == name


@pytest.mark.django_db
def test_one_page_shows_what_every_company_received_and_sent(railsim: Simulator) -> None:
    for name, where in PAYING.items():
        base.rails.get(name).send(an_order(where, reference=f"REF-{name}"))
    page = httpx.get(railsim.url).text
    for company in ("airtel_money", "bills", "pesalink", "tkash"):
        assert COMPANIES[company].title in page
        assert f"{company} received POST" in page
    for company in ("bills", "pesalink", "tkash"):
        assert f"{company} calls back" in page
    assert "None: no payment was executed twice." in page


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAYING)
def test_one_instruction_paid_under_two_ids_rings_the_alarm_at_every_company(railsim: Simulator, name: str) -> None:
    for _ in range(2):
        base.rails.get(name).send(an_order(PAYING[name]))
    (alarm,) = state(railsim)["alarms"]
    assert "was paid under 2 ids" in alarm


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "method", "path"), OURS)
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"Amount": "1e999"}', b'{"id": "x", "amount": "NaN", "biller": "B", "account": "1"}',
     b'{"transaction": {"amount": "1", "id": 1}, "payee": [], "pin": ""}', b'{"MessageReference": null}'],
)  # fmt: skip
def test_no_company_breaks_over_rubbish(railsim: Simulator, name: str, method: str, path: str, body: bytes) -> None:
    token = desk(railsim, name).new_token()
    headers = {"Authorization": f"Bearer {token}", "X-Api-Key": "simulated", "X-Country": "KE", "X-Currency": "KES"}
    address = f"{railsim.url}/{name}{path.replace('*', 'x')}"
    assert httpx.request(method, address, content=body, headers=headers).status_code < 500
    assert state(railsim)["executions"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["abc", "NaN", "-5", "0", "1e999", None, [], "1000000"])
def test_pesalink_refuses_an_amount_that_is_none(railsim: Simulator, amount: Any) -> None:
    headers = {"Authorization": f"Bearer {desk(railsim, 'pesalink').new_token()}"}
    destination = {"ReferenceNumber": "R", "AccountNumber": "1", "BankCode": "01", "Amount": amount}
    source = {"AccountNumber": "36001000001"}
    content = {"MessageReference": "m", "CallBackUrl": "u", "Source": source, "Destinations": [destination]}
    address = f"{railsim.url}/pesalink/FundsTransfer/External/A2A/PesaLink/1.0.0"
    assert httpx.post(address, json=content, headers=headers).status_code == 400
    assert state(railsim)["executions"] == []


@pytest.mark.parametrize(("amount", "expected"), [("1500.00", 0), (1497, 97), (Decimal("26.99"), 26), ("5", 5)])
def test_the_ending_is_that_of_the_whole_shillings(amount: Any, expected: int) -> None:
    assert endings.ending(amount) == expected


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "1e", None, [], "x" * 10_000])
def test_what_is_no_amount_has_no_ending(amount: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        endings.ending(amount)


def test_a_number_always_has_the_same_owner() -> None:
    assert people.name_of("254733000111") == people.name_of("254 733 000 111") != people.name_of("254733000112")
