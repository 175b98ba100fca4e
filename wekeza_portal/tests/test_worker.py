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
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, connection

from tests.chaos.bank import wait_until
from wekeza_portal.errors import PortalError
from wekeza_portal.management.commands import runworker
from wekeza_portal.management.commands.runworker import run_round, work_until
from wekeza_portal.registry import Registry
from wekeza_portal.stopping import stopping

pytestmark = pytest.mark.django_db
Steps = Registry[Callable[[], int]]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """An empty worker; the test's own transaction must keep its connection."""
    registry: Steps = Registry("worker step")
    monkeypatch.setattr(runworker, "worker_steps", registry)
    monkeypatch.setattr(runworker, "waiting_steps", Registry("worker step that waits for others"))
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
    assert run_round(steps.items()) is True
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
    assert run_round(steps.items()) is True
    assert done == [1]
    assert "worker step 1-bad failed" in caplog.text


@pytest.mark.parametrize("error", [OperationalError(2006, "gone away"), InterfaceError(0, "closed")])
def test_a_round_without_the_database_says_so_and_tries_the_rest(steps: Steps, error: Exception) -> None:
    done: list[int] = []
    steps.register("1-away", raising(error))
    steps.register("2-good", lambda: done.append(1) or 1)
    assert run_round(steps.items()) is False
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
    work_until(stop, steps.items())
    assert waits == [runworker.PAUSE_WITHOUT_DATABASE, runworker.PAUSE_WITHOUT_DATABASE, runworker.PAUSE]


def test_the_round_under_way_is_finished_before_it_stops(steps: Steps) -> None:
    stop = threading.Event()
    done: list[str] = []
    steps.register("1-first", lambda: (stop.set(), done.append("first")) and 1)
    steps.register("2-second", lambda: done.append("second") or 1)
    work_until(stop, steps.items())
    assert done == ["first", "second"]


def test_once_is_one_round(steps: Steps) -> None:
    done: list[int] = []
    steps.register("only", lambda: done.append(1) or 1)
    call_command("runworker", "--once")
    assert done == [1]


# --- Side by side -------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Empty loops for steps that wait for other companies."""
    registry: Steps = Registry("worker step that waits for others")
    monkeypatch.setattr(runworker, "waiting_steps", registry)
    monkeypatch.setattr(runworker, "connections", type("None", (), {"close_all": staticmethod(lambda: None)}))
    return registry


def test_what_sends_money_and_messages_waits_for_nobody_else() -> None:
    """Registered as such: messages and whatever asks other companies; everything else shares a loop."""
    alone = {name: [step for step, _call in steps] for name, steps in runworker.loops().items()}
    others = alone.pop("all else")
    names = ("cards", "deposits", "messages", "money-given-back", "payments", "payment-files")
    assert alone == {name: [name] for name in names}
    assert {"callbacks", "decisions", "jobs", "seal-audit"} <= set(others)
    assert not set(others) & set(alone)


def test_a_code_leaves_while_a_company_that_carries_money_does_not_answer(steps: Steps, waiting: Steps) -> None:
    stop, hangs, sent = threading.Event(), threading.Event(), threading.Event()

    def pay() -> int:
        hangs.set()
        assert sent.wait(30), "the message waited for the payment"
        stop.set()
        return 1

    waiting.register("payments", pay)
    waiting.register("messages", lambda: hangs.wait(30) and (sent.set() or 1))
    assert runworker.work_side_by_side(stop) is True
    assert sent.is_set()


def test_with_all_in_one_loop_it_would_wait(steps: Steps) -> None:
    """The same two steps one after the other, in the order of their names: the message is behind the payment."""
    done: list[str] = []
    steps.register("1-payments", lambda: done.append("paid after a long time") or 1)
    steps.register("2-messages", lambda: done.append("the code") or 1)
    run_round(steps.items())
    assert done == ["paid after a long time", "the code"]


def test_told_to_stop_every_loop_finishes_its_round(steps: Steps, waiting: Steps) -> None:
    stop, both, done = threading.Event(), threading.Barrier(2, timeout=30), []

    def step(name: str) -> Callable[[], int]:
        def work() -> int:
            both.wait()
            stop.set()
            done.append(name)
            return 1

        return work

    waiting.register("payments", step("payments"))
    steps.register("jobs", step("jobs"))
    assert runworker.work_side_by_side(stop) is True
    assert sorted(done) == ["jobs", "payments"]


def test_a_loop_that_breaks_stops_the_whole_worker_and_says_so(
    steps: Steps, waiting: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a worker would send messages and no money: whoever started it starts a whole one again."""
    rounds: list[int] = []
    waiting.register("payments", raising(AssertionError("a mistake of ours")))
    waiting.register("messages", lambda: rounds.append(1) or 1)
    assert runworker.work_side_by_side(threading.Event()) is False
    assert rounds
    assert "worker loop payments broke" in caplog.text


def test_a_broken_loop_is_the_commands_failure(steps: Steps, waiting: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runworker, "refuse_unsafe_start", lambda: None)
    monkeypatch.setattr(runworker.signal, "signal", lambda *_: None)
    waiting.register("payments", raising(AssertionError("a mistake of ours")))
    with pytest.raises(CommandError, match="broke"):
        call_command("runworker")
    assert not stopping.is_set()  # the next command in this process works


@pytest.mark.mariadb
@pytest.mark.django_db(transaction=True)
def test_each_loop_has_a_connection_of_its_own_and_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, both, seen = threading.Event(), threading.Barrier(2, timeout=30), set()
    alone: Steps = Registry("worker step that waits for others")
    shared: Steps = Registry("worker step")

    def step() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            seen.add(cursor.fetchone()[0])
        both.wait()
        stop.set()
        return 1

    alone.register("payments", step)
    shared.register("jobs", step)
    monkeypatch.setattr(runworker, "waiting_steps", alone)
    monkeypatch.setattr(runworker, "worker_steps", shared)
    assert runworker.work_side_by_side(stop) is True
    assert len(seen) == 2

    def left() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE id IN (%s, %s)", sorted(seen))
            return int(cursor.fetchone()[0])

    wait_until(lambda: left() == 0, "the server to see that both connections are closed")


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
