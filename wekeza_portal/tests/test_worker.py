"""The worker: every step every round, whatever the others do; stops when told, in one piece."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import InterfaceError, OperationalError

from wekeza_portal.errors import PortalError
from wekeza_portal.management.commands import runworker
from wekeza_portal.management.commands.runworker import run_round, work_until
from wekeza_portal.registry import Registry

pytestmark = pytest.mark.django_db
Steps = Registry[Callable[[], int]]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """An empty worker; the test's own transaction must keep its connection."""
    registry: Steps = Registry("worker step")
    monkeypatch.setattr(runworker, "worker_steps", registry)
    monkeypatch.setattr(runworker, "close_old_connections", lambda: None)
    monkeypatch.setattr(runworker.connection, "close", lambda: None)
    return registry


def raising(error: Exception) -> Callable[[], int]:
    def step() -> int:
        raise error

    return step


def test_one_round_does_every_step_once_in_the_order_of_their_names(steps: Steps) -> None:
    done: list[str] = []
    for name in ("b", "a", "c"):
        steps.register(name, lambda name=name: done.append(name) or 1)
    assert run_round() is True
    assert done == ["a", "b", "c"]


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), ZeroDivisionError(), OSError("disk"), AttributeError("x"), PortalError()]
)
def test_a_step_that_fails_is_logged_and_the_others_still_run(
    steps: Steps, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []
    steps.register("1-bad", raising(error))
    steps.register("2-good", lambda: done.append(1) or 1)
    assert run_round() is True
    assert done == [1]
    assert "worker step 1-bad failed" in caplog.text


@pytest.mark.parametrize("error", [OperationalError(2006, "gone away"), InterfaceError(0, "closed")])
def test_a_round_without_the_database_says_so_and_tries_the_rest(steps: Steps, error: Exception) -> None:
    done: list[int] = []
    steps.register("1-away", raising(error))
    steps.register("2-good", lambda: done.append(1) or 1)
    assert run_round() is False
    assert done == [1]


def test_it_waits_longer_while_the_database_is_away_and_comes_back(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([OperationalError(2002, "away"), OperationalError(2002, "away"), None])
    stop = threading.Event()
    waits: list[float | None] = []

    def step() -> int:
        error = next(answers)
        if error:
            raise error
        stop.set()
        return 1

    steps.register("messages", step)
    monkeypatch.setattr(stop, "wait", lambda timeout=None: waits.append(timeout) or stop.is_set())
    work_until(stop)
    assert waits == [runworker.PAUSE_WITHOUT_DATABASE, runworker.PAUSE_WITHOUT_DATABASE, runworker.PAUSE]


def test_the_round_under_way_is_finished_before_it_stops(steps: Steps) -> None:
    stop = threading.Event()
    done: list[str] = []
    steps.register("1-first", lambda: (stop.set(), done.append("first")) and 1)
    steps.register("2-second", lambda: done.append("second") or 1)
    work_until(stop)
    assert done == ["first", "second"]


def test_once_is_one_round(steps: Steps) -> None:
    done: list[int] = []
    steps.register("only", lambda: done.append(1) or 1)
    call_command("runworker", "--once")
    assert done == [1]


@pytest.mark.sqlite
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"TESTING", "SECRET_KEY"}}
    environment |= {"DEMO": "1", "DATABASE_URL": f"sqlite:///{tmp_path / 'demo.sqlite3'}"}
    subprocess.run([sys.executable, "manage.py", "demobank"], env=environment, cwd=project.BASE_DIR, check=True)
    worker = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "runworker", "-v2"],
        env=environment,
        cwd=project.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert worker.stdout is not None
    assert "working" in worker.stdout.readline()
    worker.send_signal(number)
    output, _ = worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert "Traceback" not in output
