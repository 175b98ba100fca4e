"""Web and worker live and die together, and nobody is left behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management.base import CommandError
from pytest_django import Settings

from wekeza_portal import supervisor
from wekeza_portal.management.commands import rundemo

SLEEPER = "import time\ntime.sleep(600)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(600)"
)


def is_alive(pid: int) -> bool:
    """Running, and not merely a dead process that its parent has not yet buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: list[int], seconds: float = 20) -> list[int]:
    """The pids still alive when all are gone or time is up."""
    deadline = time.monotonic() + seconds
    left = pids
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if is_alive(pid)]
        threading.Event().wait(0.02)
    return left


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs two children under a supervisor and prints their pids."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, sys
            sys.path.insert(0, {str(project.BASE_DIR)!r})
            os.environ["DJANGO_SETTINGS_MODULE"] = "wekeza_portal.settings"
            from wekeza_portal.supervisor import Children
            with Children() as children:
                for name in ("web", "worker"):
                    children.start(name, [sys.executable, "-c", {SLEEPER!r}], {{}})
                print(*(process.pid for process in children._running.values()), flush=True)
                fallen = children.watch()
            print("fallen", fallen, flush=True)
            """
        )
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def pids_of(parent: subprocess.Popen[str]) -> list[int]:
    assert parent.stdout is not None
    numbers: list[int] = []
    while not numbers:
        line = parent.stdout.readline()
        assert line, "the parent ended without a word"
        numbers = [int(word) for word in line.split() if word.isdigit()]
    return numbers


@pytest.mark.sqlite
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_children_and_then_the_parent(parent: subprocess.Popen[str], number: signal.Signals) -> None:
    children = pids_of(parent)
    parent.send_signal(number)
    output, _ = parent.communicate(timeout=20)
    assert parent.returncode == 0
    assert "fallen None" in output
    assert wait_until_gone(children) == []


@pytest.mark.sqlite
def test_children_do_not_outlive_a_parent_killed_without_a_word(parent: subprocess.Popen[str]) -> None:
    children = pids_of(parent)
    parent.kill()
    parent.wait()
    assert wait_until_gone(children) == []


@pytest.mark.sqlite
def test_when_one_dies_the_other_is_stopped(parent: subprocess.Popen[str]) -> None:
    web, worker = pids_of(parent)
    os.kill(worker, signal.SIGKILL)
    output, _ = parent.communicate(timeout=20)
    assert "fallen worker" in output
    assert wait_until_gone([web]) == []


@pytest.mark.sqlite
def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.2)
    children = supervisor.Children()
    children.start("stubborn", [sys.executable, "-u", "-c", STUBBORN], {})
    process = children._running["stubborn"]
    wait_until_stubborn(process.pid)
    children.stop()
    assert process.returncode == -signal.SIGKILL


def wait_until_stubborn(pid: int) -> None:
    """Until the process ignores SIGTERM (bit 14 of SigIgn)."""
    ignores = False
    while not ignores:
        status = Path(f"/proc/{pid}/status").read_text()
        mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
        ignores = bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)


# --- Is somebody there? -------------------------------------------------------------------------------------------


@pytest.fixture
def listener(settings: Settings) -> Iterator[tuple[HTTPServer, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(200 if self.headers["Host"] == "bank.example.com" else 400)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    settings.BIND, settings.PORT = "127.0.0.1", server.server_address[1]
    yield server, asked
    server.shutdown()
    server.server_close()


def test_it_asks_under_a_name_the_portal_answers_to(
    listener: tuple[HTTPServer, list[tuple[str, str]]], settings: Settings
) -> None:
    assert supervisor.answers(settings.PORT, "bank.example.com") is True
    assert supervisor.answers(settings.PORT, "localhost") is False
    assert listener[1][0] == ("/healthz", "bank.example.com")


def test_nobody_there_is_no_answer() -> None:
    assert supervisor.answers(9, "localhost") is False


def test_a_taken_port_is_said_before_anything_starts(
    listener: tuple[HTTPServer, list[tuple[str, str]]], settings: Settings
) -> None:
    with pytest.raises(CommandError, match=f"Port {settings.PORT} is taken"):
        rundemo._refuse_taken_port(settings.BIND, settings.PORT, "Set PORT.")


def test_a_free_port_is_left_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.BIND, settings.PORT = probe.getsockname()
    rundemo._refuse_taken_port(settings.BIND, settings.PORT, "Set PORT.")
    rundemo._refuse_taken_port(settings.BIND, settings.PORT, "Set PORT.")
