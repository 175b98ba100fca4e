"""What other companies tell us is kept as it came, answered at once and done once, whatever they send and how often."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from tests.together import at_once
from wekeza_portal import clock, registry
from wekeza_portal.actors import system
from wekeza_portal.audit.models import AuditEvent
from wekeza_portal.audit.services import record
from wekeza_portal.rails import callbacks, views
from wekeza_portal.rails.models import RailCallback
from wekeza_portal.registry import CallbackHandler, CallbackIgnored

pytestmark = pytest.mark.django_db
State = RailCallback.State


class Shop:
    """A company that exists for these tests: counts what was handled."""

    def __init__(self) -> None:
        self.handled: list[Any] = []
        self.fails: list[Exception] = []

    def handle(self, message: Any) -> str:
        record("shop.paid", actor=system("shop"))
        if self.fails:
            raise self.fails.pop(0)
        self.handled.append(message)
        return "well"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop()
    handlers: registry.Registry[CallbackHandler] = registry.Registry("callback handler")
    handlers.register("shop.paid", CallbackHandler(parse=lambda body, headers: json.loads(body), handle=shop.handle))
    handlers.register("other", CallbackHandler(parse=lambda body, headers: body, handle=shop.handle))
    monkeypatch.setattr(callbacks, "callback_handlers", handlers)
    return shop


def call(body: Any = b'{"id": 1}', name: str = "shop.paid", **headers: str) -> Any:
    return Client().post(callbacks.path_for(name), body, content_type="application/json", **headers)


def the_row() -> RailCallback:
    return RailCallback.objects.get()


# --- At the door --------------------------------------------------------------------------------------------------


def test_it_is_stored_as_it_came_and_answered_before_anybody_reads_it(shop: Shop) -> None:
    response = call(b"\xff not even text", HTTP_X_SIGNATURE="abc", HTTP_COOKIE="sessionid=1")
    row = the_row()
    assert (response.status_code, response.json()) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    assert (bytes(row.body), row.rail, row.ip, row.state) == (b"\xff not even text", "shop.paid", "127.0.0.1", "NEW")
    assert row.headers == {"Content-Type": "application/json", "X-Signature": "abc"}
    assert shop.handled == []


def test_without_tls_nothing_is_taken_and_nothing_leads_on_to_it(shop: Shop, settings: Settings) -> None:
    """A redirect would hide that the address and the message had gone over the line in the clear."""
    settings.TLS = settings.SECURE_SSL_REDIRECT = True
    path = callbacks.path_for("other")
    plain = Client().post(path, b"{}", content_type="application/json")
    unknown = Client().post("/rails/x/", b"{}", content_type="application/json")
    assert (plain.status_code, "Location" in plain) == (403, False)
    assert (unknown.status_code, unknown.content) == (403, plain.content)
    assert not RailCallback.objects.exists()
    assert Client().post(path, b"{}", content_type="application/json", secure=True).status_code == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "ü", "%00", "' OR 1=1 --", "A" * 10_000])
def test_a_wrong_address_is_like_any_unknown_one(shop: Shop, token: str) -> None:
    wrong = Client().post(f"/rails/{token}/", b"{}", content_type="application/json")
    unknown = Client().post("/nowhere/", b"{}", content_type="application/json")
    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert not RailCallback.objects.exists()


def test_each_company_has_an_address_of_its_own(shop: Shop) -> None:
    call(name="other")
    assert the_row().rail == "other"
    assert callbacks.path_for("other") != callbacks.path_for("shop.paid")


def test_a_get_changes_nothing(shop: Shop) -> None:
    assert Client().get(callbacks.path_for("other")).status_code == 405
    assert not RailCallback.objects.exists()


def test_an_old_address_works_until_its_key_is_dropped(shop: Shop, settings: Settings) -> None:
    settings.RAIL_CALLBACK_KEYS = ["the old key"]
    old = callbacks.path_for("other")
    settings.RAIL_CALLBACK_KEYS = ["the new key", "the old key"]
    assert callbacks.path_for("other") != old
    assert Client().post(old, b"1", content_type="text/plain").status_code == 200
    assert call(name="other").status_code == 200
    settings.RAIL_CALLBACK_KEYS = ["the new key"]
    assert Client().post(old, b"2", content_type="text/plain").status_code == 404


def test_a_caller_that_is_not_on_the_list_finds_nothing(shop: Shop, settings: Settings) -> None:
    settings.RAIL_ADDRESSES = {"shop": ["196.201.214.200", "196.201.212.0/24"]}
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for address in ("8.8.8.8", "196.201.212.7, 8.8.8.8", "nonsense"):
        assert call(HTTP_X_FORWARDED_FOR=address).status_code == 404, address
    assert call(b"1", HTTP_X_FORWARDED_FOR="196.201.214.200").status_code == 200
    assert call(b"2", HTTP_X_FORWARDED_FOR="8.8.8.8, 196.201.212.7").status_code == 200
    assert call(b"3", name="other", HTTP_X_FORWARDED_FOR="8.8.8.8").status_code == 200
    assert RailCallback.objects.count() == 3


def test_nobody_forges_an_address_past_the_list(shop: Shop, settings: Settings) -> None:
    settings.RAIL_ADDRESSES = {"shop": ["196.201.214.200"]}
    assert call(HTTP_X_FORWARDED_FOR="196.201.214.200").status_code == 404


@pytest.mark.parametrize(("size", "status"), [(views.LARGEST_BODY, 200), (views.LARGEST_BODY + 1, 413)])
def test_it_takes_64_kb_and_no_more(shop: Shop, size: int, status: int) -> None:
    assert call(b"x" * size).status_code == status
    assert RailCallback.objects.count() == (status == 200)


def test_without_its_length_said_nothing_is_taken(shop: Shop) -> None:
    """A chunked body would arrive empty, and all of them would be one row."""
    path, kind = callbacks.path_for("shop.paid"), "application/json"
    chunked = Client().generic("POST", path, b"", content_type=kind, HTTP_TRANSFER_ENCODING="chunked")
    both = Client().post(path, b'{"id": 1}', content_type=kind, HTTP_TRANSFER_ENCODING="chunked")
    odd = Client().post(path, b'{"id": 1}', content_type=kind, CONTENT_LENGTH="-1")
    assert [answer.status_code for answer in (chunked, both, odd)] == [411, 411, 411]
    assert not RailCallback.objects.exists()


def test_an_empty_body_is_no_message(shop: Shop) -> None:
    said = Client().post(callbacks.path_for("shop.paid"), b"", content_type="application/json", CONTENT_LENGTH="0")
    short = Client().post(callbacks.path_for("shop.paid"), b"", content_type="application/json", CONTENT_LENGTH="")
    assert (said.status_code, short.status_code) == (400, 411)
    assert not RailCallback.objects.exists()


def test_a_flood_is_answered_with_429_and_when_to_come_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "FLOOD", views.ratelimit.Policy("rails.test", 3, timedelta(minutes=1)))
    answers = [call(str(number)) for number in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert RailCallback.objects.count() == 3


def test_a_replay_is_stored_once_and_counted(shop: Shop) -> None:
    for _ in range(20):
        assert call().status_code == 200
        callbacks.work_through()
    assert (the_row().times, the_row().state, shop.handled) == (20, State.DONE, [{"id": 1}])


# --- Working through ----------------------------------------------------------------------------------------------


def test_it_is_done_once(shop: Shop) -> None:
    call()
    assert [callbacks.work_through(), callbacks.work_through()] == [1, 0]
    row = the_row()
    assert (row.state, row.reason, shop.handled) == (State.DONE, "well", [{"id": 1}])
    assert row.handled_at is not None


@pytest.mark.parametrize("body", [b"not json", b"\xff\xfe", b'{"id": ', "emoji 😀".encode(), b"x" * 10_000])
def test_what_nobody_can_read_is_kept_as_failed(shop: Shop, body: bytes) -> None:
    call(body)
    callbacks.work_through()
    row = the_row()
    assert (row.state, bytes(row.body), shop.handled) == (State.FAILED, body, [])
    assert "unreadable" in row.reason


def test_what_is_not_ours_is_kept_as_ignored_and_leaves_no_trace(shop: Shop) -> None:
    shop.fails = [CallbackIgnored("no payment of ours")]
    call()
    callbacks.work_through()
    assert (the_row().state, the_row().reason) == (State.IGNORED, "no payment of ours")
    assert not AuditEvent.objects.filter(verb="shop.paid").exists()


def test_what_may_come_a_moment_later_is_looked_for_again(shop: Shop) -> None:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as at:
        shop.fails = [CallbackIgnored("unknown id", look_again=True)]
        call()
        callbacks.work_through()
        assert the_row().state == State.NEW
        assert callbacks.work_through() == 0
        at.shift(timedelta(seconds=5))
        callbacks.work_through()
        assert (the_row().state, shop.handled) == (State.DONE, [{"id": 1}])


def test_what_never_comes_is_ignored_in_the_end(shop: Shop) -> None:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as at:
        shop.fails = [CallbackIgnored("unknown id", look_again=True)] * 5
        call()
        for _ in range(3):
            callbacks.work_through()
            at.shift(timedelta(minutes=1))
        assert (the_row().state, the_row().attempts) == (State.IGNORED, 3)


def test_a_mistake_of_ours_rolls_back_and_is_tried_again_until_given_up(shop: Shop) -> None:
    with time_machine.travel("2026-11-23 09:00:00+03:00", tick=False) as at:
        shop.fails = [RuntimeError("oops")] * 8
        call()
        for _ in range(8):
            assert the_row().state == State.NEW
            assert callbacks.work_through() == 1
            at.shift(timedelta(minutes=10))
        row = the_row()
        assert (row.state, row.reason, row.attempts) == (State.FAILED, "RuntimeError: oops", 8)
        assert not AuditEvent.objects.filter(verb="shop.paid").exists()
        assert callbacks.work_through() == 0


def test_one_that_fails_does_not_hold_up_the_others(shop: Shop) -> None:
    shop.fails = [RuntimeError("oops")]
    call(b"1")
    call(b"2")
    assert callbacks.work_through() == 2
    assert shop.handled == [2]


def test_one_that_nobody_handles_any_more_waits_and_says_so(shop: Shop) -> None:
    call()
    RailCallback.objects.update(rail="gone")
    assert callbacks.work_through() == 1
    assert (the_row().state, the_row().reason) == (State.NEW, "nobody handles gone any more")


def test_an_idle_round_writes_nothing(shop: Shop, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert callbacks.work_through() == 0


def test_the_worker_knows_the_callbacks() -> None:
    assert registry.worker_steps.get("callbacks") is callbacks.work_through


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_row_handled_once(shop: Shop) -> None:
    def replay() -> int:
        status: int = call().status_code
        callbacks.work_through()
        return status

    assert at_once([replay] * 20) == [200] * 20
    callbacks.work_through()
    assert (the_row().times, the_row().state, shop.handled) == (20, State.DONE, [{"id": 1}])


def test_a_late_one_is_handled_like_any_other(shop: Shop) -> None:
    call()
    with time_machine.travel(clock.now() + timedelta(days=3)):
        callbacks.work_through()
    assert the_row().state == State.DONE
