"""The phones on the simulator's page: prompts that a person answers, and payments to the paybill by hand."""

from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from wekeza_portal.rails import mpesa
from wekeza_portal.rails.base import Status
from wekeza_portal.rails.mpesa import Prompts
from wekeza_portal.rails.simulator import mpesa_customers
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.rails.tests.talking import an_order, desk, state

pytestmark = pytest.mark.django_db
PHONE = {"phone": "254722000111"}


@pytest.fixture
def sim(railsim: Simulator) -> Simulator:
    railsim.store.set_fault("mpesa", "prompt_asks", 1)
    return railsim


def do(sim: Simulator, path: str, **form: str) -> str:
    return httpx.post(f"{sim.url}/_sim/{path}", data=form).text


def prompt(sim: Simulator, amount: str = "1500.00") -> str:
    """The id of a prompt that stands on the phone."""
    return Prompts().send(an_order(PHONE, amount)).rail_ids["checkout"]


def waiting(sim: Simulator) -> list[dict[str, Any]]:
    return [row for row in state(sim)["callbacks"] if row["state"] == "WAITING"]


def test_a_prompt_waits_for_a_person_and_is_pending_until_then(sim: Simulator) -> None:
    checkout = prompt(sim)
    assert "254722000111: Pay Ksh1500 to 522522" in httpx.get(sim.url).text
    assert Prompts().enquire(an_order(PHONE), {"checkout": checkout}).status is Status.ACCEPTED
    assert "Done." in do(sim, "prompts", checkout=checkout, code="0")
    assert Prompts().enquire(an_order(PHONE), {"checkout": checkout}).status is Status.PAID
    (row,) = waiting(sim)
    assert '"ResultCode": 0' in row["body"]


@pytest.mark.parametrize(("code", "customer"), [("1032", "cancelled"), ("2001", "wrong_pin"), ("1", "no_funds")])
def test_a_person_may_refuse(sim: Simulator, code: str, customer: str) -> None:
    checkout = prompt(sim)
    do(sim, "prompts", checkout=checkout, code=code)
    outcome = Prompts().enquire(an_order(PHONE), {"checkout": checkout})
    assert (outcome.status, outcome.customer) == (Status.REFUSED, customer)
    assert len(waiting(sim)) == 1


def test_a_prompt_is_answered_once_and_not_by_any_other_code(sim: Simulator) -> None:
    checkout = prompt(sim)
    for form in ({"checkout": "ws_CO_0", "code": "0"}, {"checkout": checkout, "code": "17<"}, {"checkout": checkout}):
        assert "This prompt is over." in do(sim, "prompts", **form)
    do(sim, "prompts", checkout=checkout, code="0")
    assert "This prompt is over." in do(sim, "prompts", checkout=checkout, code="1032")


def test_a_prompt_that_nobody_touches_ends(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = prompt(sim)
    (row,) = waiting(sim)
    assert row["due_at"] == pytest.approx(row["made_at"] + mpesa_customers.PROMPT_SECONDS)
    assert '"ResultCode": 1037' in row["body"]
    monkeypatch.setattr(mpesa_customers, "PROMPT_SECONDS", 0)
    assert Prompts().enquire(an_order(PHONE), {"checkout": checkout}).code == "1037"
    assert "No phone shows a prompt" in httpx.get(sim.url).text


def test_what_is_paid_at_a_prompt_is_reported_to_the_paybill_too(sim: Simulator) -> None:
    """As at Safaricom: the same receipt, under the reference that the phone showed."""
    mpesa.register_paybill()
    checkout = prompt(sim)
    do(sim, "prompts", checkout=checkout, code="0")
    confirmation, result = sorted(row["body"] for row in waiting(sim))[::-1]
    assert '"BillRefNumber": "7KQ2M9XD4TWR"' in confirmation
    receipt = confirmation.split('"TransID": "')[1][:10]
    assert receipt in result


def test_a_person_pays_to_the_paybill_after_the_portal_was_asked(sim: Simulator) -> None:
    mpesa.register_paybill()
    asked: list[tuple[str, str]] = []

    def ask(url: str, body: str) -> dict[str, Any]:
        asked.append((url, body))
        return {"ResultCode": "0"} if "ACC1" in body else {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}

    sim.courier.ask = ask
    form = {"paybill": "522522", "amount": "500", "phone": "254722000126", "name": "PETER KAMAU"}
    assert "Failed: C2B00012 Rejected" in do(sim, "paybill", account="NOBODY", **form)
    assert waiting(sim) == []
    assert "confirmed. Ksh500.00 paid for account ACC1" in do(sim, "paybill", account="ACC1", **form)
    (row,) = waiting(sim)
    assert '"FirstName": "PETER"' in row["body"]
    assert len(asked) == 2


@pytest.mark.parametrize("amount", ["", "-5", "1.5", "٥", "999999999999999999"])
def test_an_amount_that_is_none_is_not_paid(sim: Simulator, amount: str) -> None:
    mpesa.register_paybill()
    assert "Enter an account and a whole amount" in do(sim, "paybill", account="ACC1", amount=amount, paybill="522522")


def test_a_paybill_that_nobody_registered_takes_nothing(sim: Simulator) -> None:
    assert "Nobody has registered" in do(sim, "paybill", account="ACC1", amount="5", paybill="111111")


def test_the_page_escapes_what_was_typed(sim: Simulator) -> None:
    mpesa.register_paybill()
    sim.courier.ask = lambda url, body: {"ResultCode": "0"}
    shown = do(sim, "paybill", account="<script>alert(1)</script>", amount="5", paybill="522522", name="<b>")
    assert "<script>alert" not in shown


def test_the_paybill_is_registered_by_command_once_it_is_confirmed(sim: Simulator, settings: Any) -> None:
    call_command("registerpaybill")
    assert desk(sim, "mpesa").store.recall("mpesa", "urls", "522522")["ConfirmationURL"].endswith("/")
    with pytest.raises(CommandError, match="already registered"):
        call_command("registerpaybill")
    settings.MPESA_PAYBILL_CONFIRMED = ""
    with pytest.raises(CommandError, match="does not repeat"):
        call_command("registerpaybill")
