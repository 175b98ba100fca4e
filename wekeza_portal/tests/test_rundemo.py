"""`make run` from outside: one command, a bank that answers, one Ctrl-C, nothing left."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as project
from pytest_django import Settings

from wekeza_portal.management.commands.rundemo import collect_static
from wekeza_portal.tests.test_supervisor import wait_until_gone

OURS = {
    "TESTING",
    "SECRET_KEY",
    "DATABASE_URL",
    "DEMO",
    "DEBUG",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "FIELD_KEYS",
    "RAILSIM_URL",
}
READY = "Ctrl-C stops it."


class Demo:
    """A running `manage.py rundemo`, started without DATABASE_URL and in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = _port_with_the_next()
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {"VAR_DIR": str(folder), "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "rundemo"],
            cwd=project.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def wait(self) -> None:
        assert self.process.stdout is not None
        while READY not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line

    def get(self, address: str) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", address)
        response = connection.getresponse()
        return response, response.read().decode()

    def family(self) -> list[int]:
        """Pids of rail simulator, web master, web workers and worker."""
        return _descendants(self.process.pid)

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output


def _port_with_the_next() -> int:
    """A free port whose next is free too: that is the simulator's."""
    while True:
        with socket.socket() as probe, socket.socket() as beside:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                beside.bind(("127.0.0.1", port + 1))
                return port


def _descendants(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in _descendants(child)]


def alarming(said: str) -> list[str]:
    """The lines that a person who starts the demo for the first time would take for a fault."""
    return [line for line in said.splitlines() if re.search(r'"level": |Traceback|Error\b', line)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests below: the first start makes the bank, the later ones find it."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[], Demo]]:
    running: list[Demo] = []

    def begin() -> Demo:
        running.append(Demo(folder))
        running[-1].wait()
        return running[-1]

    yield begin
    for demo in running:
        demo.process.kill()
        demo.process.communicate()


@pytest.mark.sqlite
def test_one_command_makes_a_bank_that_serves_and_ctrl_c_ends_all_of_it(start: Callable[[], Demo]) -> None:
    demo = start()

    for expected in (f"http://localhost:{demo.port}/", "/demo/phone/", "emmanuel@wekeza.com", "password123"):
        assert expected in demo.said
    page, html = demo.get("/login/")
    assert page.status == 200
    assert demo.get("/readyz")[0].status == 200
    phone, messages = demo.get("/demo/phone/?format=json")
    assert (phone.status, messages[0]) == (200, "[")

    simulator = urllib.request.urlopen(f"http://127.0.0.1:{demo.port + 1}/", timeout=5)
    assert "Rail simulator" in simulator.read().decode()
    assert f"http://127.0.0.1:{demo.port + 1}/" in demo.said

    sheet = re.search(r'href="(/static/[^"]+\.css)"', html)
    assert sheet
    style, _ = demo.get(sheet[1])
    assert style.status == 200
    assert "immutable" in style.headers["Cache-Control"]
    assert style.headers["Set-Cookie"] is None
    assert "default-src 'none'" in style.headers["Content-Security-Policy"]
    assert style.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert style.headers["X-Frame-Options"] == "DENY"

    family = demo.family()
    assert len(family) >= 5
    demo.process.send_signal(signal.SIGINT)
    status, output = demo.end()
    assert (status, "Stopped." in output) == (0, True)
    assert alarming(demo.said + output) == []
    assert wait_until_gone(family) == []


@pytest.mark.sqlite
def test_a_later_start_is_quick_and_a_dead_web_server_takes_the_worker_along(
    start: Callable[[], Demo], folder: Path
) -> None:
    if not any(folder.iterdir()):  # the first start was another process's
        first = start()
        first.process.send_signal(signal.SIGINT)
        first.end()
    started = time.monotonic()
    demo = start()
    took = time.monotonic() - started
    family = demo.family()
    os.kill(family[0], signal.SIGKILL)
    status, output = demo.end()
    assert status == 1
    assert "has stopped" in output
    assert wait_until_gone(family) == []
    assert "Preparing the database" not in demo.said
    # Under 5 s on a quiet machine (measured 2.5); the bound here only catches a start that prepares everything again.
    assert took < 30


@pytest.mark.sqlite
def test_a_second_start_on_the_same_port_says_so(start: Callable[[], Demo], folder: Path) -> None:
    demo = start()
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"VAR_DIR": str(folder), "PORT": str(demo.port)}
    command = [sys.executable, "manage.py", "rundemo"]
    second = subprocess.run(
        command, cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 1
    assert f"Port {demo.port} is taken" in second.stderr
    assert demo.get("/healthz")[0].status == 200


def test_with_a_bank_of_its_own_it_needs_a_secret() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"DATABASE_URL": "mysql://portal@127.0.0.1:1/wekeza_dfs_db", "PORT": "0"}
    result = subprocess.run(
        [sys.executable, "manage.py", "rundemo"],
        cwd=project.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "SECRET_KEY is not set" in result.stderr


# --- Static files -------------------------------------------------------------------------------------------------


@pytest.fixture
def sources(settings: Settings, tmp_path: Path) -> Path:
    from django.contrib.staticfiles import finders

    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "style.css").write_text("a{}")
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    finders.get_finder.cache_clear()
    return folder


def test_static_files_are_collected_again_only_when_a_source_changed(sources: Path, tmp_path: Path) -> None:
    assert collect_static() is True
    assert collect_static() is False
    (sources / "more.css").write_text("b{}")
    assert collect_static() is True
    assert (tmp_path / "static" / "more.css").is_file()
    (sources / "more.css").unlink()
    assert collect_static() is True
    assert not (tmp_path / "static" / "more.css").exists()


def test_static_files_that_were_thrown_away_come_back(sources: Path, tmp_path: Path) -> None:
    collect_static()
    (tmp_path / "static" / "style.css").unlink()
    (tmp_path / "static").rmdir()
    assert collect_static() is True
    assert (tmp_path / "static" / "style.css").is_file()
