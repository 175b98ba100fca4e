"""Alive, ready, and the demo phone."""

from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from wekeza_portal import clock, operations
from wekeza_portal.notifications.models import Channel, DemoMessage, OutboxMessage

pytestmark = pytest.mark.django_db


def waiting(seconds: int) -> None:
    due = clock.now() - timedelta(seconds=seconds)
    OutboxMessage.objects.create(
        cause="payment:1", channel=Channel.SMS, to="0711000111", body="Hi", created_at=due, due_at=due
    )


def test_alive_says_version_and_date_without_the_database(client: Client, settings: Settings) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/healthz")
    assert response.json() == {"status": "ok", "version": settings.VERSION, "date": settings.RELEASE_DATE}
    assert len(queries) == 0


def test_ready_when_the_database_answers_and_nothing_waits(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": True,
        "migrations": True,
        "oldest_message_seconds": None,
        "oldest_overdue_job_seconds": None,
    }


def test_ready_again_costs_four_short_queries(client: Client) -> None:
    client.get("/readyz")
    with CaptureQueriesContext(connection) as queries:
        client.get("/readyz")
    assert len(queries) == 4


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (400, 503)])
def test_not_ready_when_messages_wait_too_long(client: Client, seconds: int, status: int) -> None:
    waiting(seconds)
    response = client.get("/readyz")
    assert response.status_code == status
    assert response.json()["oldest_message_seconds"] >= seconds


def test_not_ready_while_the_database_is_away_but_alive(client: Client) -> None:
    away = mock.Mock(side_effect=OperationalError(2002, "gone"))
    with mock.patch.object(connection, "cursor", away), mock.patch.object(operations, "_migrated", True):
        assert client.get("/readyz").status_code == 503
        assert client.get("/readyz").json()["database"] is False
        assert client.get("/healthz").status_code == 200


def test_not_ready_while_a_migration_is_missing(client: Client) -> None:
    plan = mock.Mock(return_value=[("0002", False)])
    with (
        mock.patch.object(operations, "_migrated", False),
        mock.patch("django.db.migrations.executor.MigrationExecutor.migration_plan", plan),
    ):
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] is False


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_probe_needs_no_sign_in_and_leaves_no_session_or_cookie(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert not Session.objects.exists()
    assert client.post(address).status_code in (403, 405)


# --- Demo phone ---------------------------------------------------------------------------------------------------


def receive(count: int) -> None:
    for number in range(count):
        DemoMessage.objects.create(to="0711000111", channel="SMS", body=f"Code {number}", sent_at=clock.now())


@pytest.mark.parametrize("address", ["/demo/phone/", "/demo/phone/?format=json"])
def test_outside_the_demo_there_is_no_phone(client: Client, settings: Settings, address: str) -> None:
    settings.DEMO = False
    receive(1)
    response = client.get(address)
    assert response.status_code == 404
    assert b"Code 0" not in response.content


def test_the_phone_lists_what_was_sent_newest_first(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    receive(2)
    messages = client.get("/demo/phone/?format=json").json()
    assert [message["body"] for message in messages] == ["Code 1", "Code 0"]
    assert set(messages[0]) == {"to", "channel", "body", "sent_at"}
    assert messages[0]["sent_at"].endswith("+03:00")


def test_the_phone_remembers_the_last_fifty(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    receive(52)
    messages = client.get("/demo/phone/?format=json").json()
    assert len(messages) == 50
    assert messages[-1]["body"] == "Code 2"


def test_the_phone_as_a_page_shows_messages_as_text(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    receive(1)
    DemoMessage.objects.create(to="x@y.z", channel="EMAIL", subject="Hi", body="<b>bold</b>", sent_at=clock.now())
    page = client.get("/demo/phone/").content.decode()
    assert "Code 0" in page
    assert "&lt;b&gt;bold" in page
    assert page.count("<h1") == 1


def test_an_empty_phone_says_so(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert "No messages yet" in client.get("/demo/phone/").content.decode()
