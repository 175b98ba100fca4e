"""An SMS goes through the real client to a company, and what the company reports later is believed once."""

import itertools
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from wekeza_portal import clock
from wekeza_portal.notifications import delivery
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel, DemoMessage, OutboxMessage
from wekeza_portal.notifications.services import deliver_due, enqueue
from wekeza_portal.rails import callbacks, sms
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.rails.simulator.server import Simulator
from wekeza_portal.registry import CallbackIgnored

pytestmark = pytest.mark.django_db
Delivery = OutboxMessage.Delivery
State = OutboxMessage.State


def text(to: str = "0711000111", cause: str = "note:1") -> OutboxMessage:
    return enqueue(
        cause=cause, event=Event.SECURITY, channel=Channel.SMS, to=to, customer_id=15, subject="", body="Hello Wanjiku"
    )


def sent(to: str = "0711000111") -> OutboxMessage:
    message = text(to)
    deliver_due()
    message.refresh_from_db()
    return message


def report(message: OutboxMessage, status: str, **more: str) -> None:
    form = {"id": message.message_id, "status": status, "phoneNumber": "+254711000111", "networkCode": "63902", **more}
    kind = "application/x-www-form-urlencoded"
    assert Client().post(callbacks.path_for("sms"), urlencode(form), content_type=kind).status_code == 200


def standing(message: OutboxMessage) -> tuple[str, str]:
    message.refresh_from_db()
    return message.delivery, message.delivery_reason


def test_it_goes_over_a_socket_and_keeps_the_companys_id(railsim: Simulator) -> None:
    message = sent()
    assert (message.state, message.delivery) == (State.SENT, Delivery.ACCEPTED)
    (request,) = httpx.get(f"{railsim.url}/_sim/state.json").json()["requests"]
    assert message.message_id in request["answer"]
    assert "to=%2B254711000111" in request["body"]
    assert "Hello+Wanjiku" in request["body"]


def test_in_the_demo_it_goes_there_too_and_shows_on_the_demo_phone(railsim: Simulator, settings: Settings) -> None:
    settings.DEMO = True
    assert sent().delivery == Delivery.ACCEPTED
    (shown,) = Client().get("/demo/phone/?format=json").json()[:1]
    assert (shown["to"], shown["channel"], shown["body"]) == ("0711000111", "SMS", "Hello Wanjiku")


def test_what_the_company_refuses_never_shows_on_the_demo_phone(railsim: Simulator, settings: Settings) -> None:
    settings.DEMO = True
    assert sent("0711000406").state == State.FAILED
    assert not DemoMessage.objects.exists()


def test_when_the_company_is_away_it_waits(railsim: Simulator, settings: Settings) -> None:
    settings.DEMO = True
    railsim.store.set_fault("sms", "refuse", 1)
    message = sent()
    assert (message.state, message.last_error) == (State.QUEUED, "no answer: RemoteProtocolError")
    railsim.store.set_fault("sms", "refuse", 0)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        deliver_due()
    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.parametrize(
    ("number", "state", "error"),
    [
        ("0711000403", State.FAILED, "403 not a phone number"),
        ("0711000404", State.FAILED, "404 number not supported"),
        ("0711000406", State.FAILED, "406 number blacklisted"),
        ("0711000409", State.FAILED, "409 subscriber wants no messages"),
        ("0711000405", State.QUEUED, "405 no credit left"),
        ("0711000500", State.QUEUED, "500 gateway"),
        ("0711000097", State.QUEUED, "HTTP 503"),
    ],
)
def test_the_companys_codes_are_understood(railsim: Simulator, number: str, state: str, error: str) -> None:
    message = sent(number)
    assert (message.state, message.last_error) == (state, error)
    assert message.delivery == ""


# --- Reports ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0711000111", (Delivery.DELIVERED, "")),
        ("0711000098", (Delivery.DELIVERED, "")),
        ("0711000031", (Delivery.FAILED, "UserDoesNotExist")),
        ("0711000099", (Delivery.ACCEPTED, "")),
    ],
)
def test_the_company_reports_what_became_of_it(railsim: Simulator, number: str, expected: tuple[str, str]) -> None:
    message = sent(number)
    railsim.courier.deliver()
    callbacks.work_through()
    assert standing(message) == expected


def test_an_interim_report_after_the_final_one_changes_nothing(railsim: Simulator) -> None:
    railsim.store.set_fault("*", "reverse", 1)
    message = sent()
    railsim.courier.deliver()
    callbacks.work_through()
    assert standing(message) == (Delivery.DELIVERED, "")
    assert set(RailCallback.objects.values_list("state", "reason")) == {
        ("DONE", "DELIVERED"),
        ("IGNORED", "already DELIVERED"),
    }


@pytest.mark.parametrize("order", list(itertools.permutations(["Sent", "Buffered", "Failed"])))
def test_any_order_of_reports_ends_the_same(railsim: Simulator, order: tuple[str, ...]) -> None:
    message = sent()
    for status in order:
        report(message, status, **({"failureReason": "UserInBlackList"} if status == "Failed" else {}))
        callbacks.work_through()
    assert standing(message) == (Delivery.FAILED, "UserInBlackList")


def test_the_first_final_report_stays(railsim: Simulator) -> None:
    message = sent()
    for status in ("Success", "Failed", "Rejected"):
        report(message, status)
        callbacks.work_through()
    assert standing(message) == (Delivery.DELIVERED, "")


def test_twenty_times_the_same_report_is_one_row_and_one_change(railsim: Simulator) -> None:
    message = sent()
    for _ in range(20):
        report(message, "Rejected")
        callbacks.work_through()
    assert standing(message) == (Delivery.FAILED, "Rejected")
    assert RailCallback.objects.get().times == 20


def test_a_report_about_nobodys_message_is_kept_and_ignored(railsim: Simulator) -> None:
    message = sent()
    with time_machine.travel(clock.now(), tick=False) as at:
        for number in ("ATXid_unknown", ""):
            report(OutboxMessage(message_id=number), "Failed")
        for _ in range(3):
            callbacks.work_through()
            at.shift(timedelta(minutes=1))
    assert set(RailCallback.objects.values_list("state", flat=True)) <= {"IGNORED", "FAILED"}
    assert standing(message) == (Delivery.ACCEPTED, "")


@pytest.mark.parametrize(
    "body", ["status=Success", "id=ATXid_1", "id=ATXid_1&status=Teleported", '{"id": "x"}', "id=%FF&status=ü" * 900]
)
def test_what_is_no_report_is_kept_as_failed(body: str) -> None:
    Client().post(callbacks.path_for("sms"), body.encode(), content_type="application/x-www-form-urlencoded")
    callbacks.work_through()
    assert RailCallback.objects.get().state == "FAILED"


def test_a_message_without_an_id_is_touched_by_no_report() -> None:
    message = text()
    with pytest.raises(CallbackIgnored, match="no message of ours"):
        delivery.note(sms.Report(message_id="", is_final=True, arrived=True, reason=""))
    assert standing(message) == ("", "")


@pytest.mark.parametrize("reason", ["x" * 500, "<script>", "=HYPERLINK(1)"])
def test_a_strange_reason_is_kept_short_and_as_text(railsim: Simulator, reason: str) -> None:
    message: Any = sent()
    report(message, "Failed", failureReason=reason)
    callbacks.work_through()
    assert standing(message) == (Delivery.FAILED, reason[:80])
