"""A bank of its own that can be hurt: a MariaDB server with files that outlive it, the portal's web server and worker.

The server commits durably and is killed, frozen and restarted by the tests; everything it writes stays in one folder.
"""

import contextlib
import getpass
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent.parent
OURS = {"TESTING", "SECRET_KEY", "DATABASE_URL", "DEMO", "DEBUG", "DJANGO_ALLOW_ASYNC_UNSAFE", "FIELD_KEYS", "TLS"}
PATIENCE = 30.0


def wait_until(true: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Wait for a condition; how many seconds it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.02)
    return time.monotonic() - started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One MariaDB server: `start`, `stop`, `kill` (no goodbye), `freeze` and `thaw`."""

    def __init__(self, folder: Path, *, connections: int = 200, memory: str = "256M") -> None:
        self.folder, self.connections, self.memory = folder, connections, memory
        self.socket = folder / "db.sock"
        self.url = f"mysql://root@localhost/wekeza_dfs_db?unix_socket={self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        install = shutil.which("mariadb-install-db") or "mysql_install_db"
        subprocess.run(
            [install, "--no-defaults", "--force", f"--datadir={folder}/data", "--skip-test-db",
             "--auth-root-authentication-method=normal", f"--user={getpass.getuser()}"],
            check=True, capture_output=True,
        )  # fmt: skip

    def start(self) -> float:
        """Start it and wait until it answers; how many seconds that took."""
        daemon = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [daemon, "--no-defaults", f"--user={getpass.getuser()}", f"--datadir={self.folder}/data",
                 f"--socket={self.socket}", f"--pid-file={self.folder}/db.pid", "--skip-networking",
                 "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
                 "--innodb-flush-log-at-trx-commit=1", f"--innodb-buffer-pool-size={self.memory}",
                 "--innodb-log-file-size=128M", f"--max-connections={self.connections}", "--default-time-zone=+00:00"],
                stdout=log, stderr=log,
            )  # fmt: skip
        took = wait_until(lambda: self.sql("SELECT 1") is not None, "MariaDB")
        self.sql("CREATE DATABASE IF NOT EXISTS wekeza_dfs_db")
        return took

    def sql(self, statement: str, database: str = "") -> str | None:
        """Run one statement with the command-line client; what it printed, None if it failed."""
        client = shutil.which("mariadb") or "mysql"
        done = subprocess.run(
            [client, "--no-defaults", f"--socket={self.socket}", "-uroot", "-N", "-e", statement, *database.split()],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else None

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9: what was not on disk is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()


class Portal:
    """The portal's processes on that server, each one ours to kill."""

    def __init__(self, server: Server, folder: Path, **extra: str) -> None:
        self.server, self.port = server, free_port()
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment |= {
            "DEMO": "1", "DATABASE_URL": server.url, "PORT": str(self.port), "VAR_DIR": str(folder),
            "LOG_LEVEL": "CRITICAL", **extra,
        }  # fmt: skip
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = folder / "portal.log"

    def manage(self, *arguments: str) -> None:
        done = self._run("manage.py", *arguments)
        assert done.returncode == 0, done.stderr

    def make_bank(self) -> None:
        """Tables, empty, with the mark of a demo bank, and the static files."""
        self.manage("migrate", "--verbosity", "0")
        self.server.sql("INSERT INTO portal_demo_marker VALUES (1, NOW(), 'tests')", "wekeza_dfs_db")
        self.manage("createbranch", "--verbosity", "0")
        self.manage("collectstatic", "--no-input", "--verbosity", "0")

    def ask(self, module: str, *arguments: str) -> Any:
        """Run `python -m module arguments` on this bank; the JSON it prints last."""
        done = self._run("-m", module, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=HOME, env=self.environment, capture_output=True, text=True, check=False
        )

    def start_web(self, application: str = "wekeza_portal.wsgi") -> None:
        self._start("web", "-m", "gunicorn", "-c", "wekeza_portal/gunicorn.py", application)
        wait_until(self.is_alive, "the web server")

    def start_worker(self) -> None:
        self._start("worker", "manage.py", "runworker")

    def start_sealer(self) -> None:
        """A sealer of its own, beside the worker's."""
        self._start("sealer", "-m", "tests.chaos.sealer")

    def _start(self, name: str, *arguments: str) -> None:
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=HOME, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """kill -9 of the process and, the web server's being one family, of all it forked."""
        process = self.processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_one_web_worker(self) -> None:
        """kill -9 of one of gunicorn's forked processes; its master starts another."""
        master = self.processes["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)

    def is_alive(self) -> bool:
        try:
            return self.get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, cookie: str = "", timeout: float = 20) -> http.client.HTTPResponse:
        return self.request("GET", path, cookie=cookie, timeout=timeout)

    def confirm(self, instruction_id: str, cookie: str, timeout: float = 20) -> http.client.HTTPResponse:
        """Press "send" on the review page."""
        return self.request("POST", f"/move/payments/{instruction_id}/confirm/", cookie=cookie, timeout=timeout)

    def request(self, method: str, path: str, *, cookie: str, timeout: float) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        token = "c" * 32
        headers = {"Cookie": f"wekeza_session={cookie}; wekeza_csrf={token}"} if cookie else {}
        body = None
        if method == "POST":
            body = f"csrfmiddlewaretoken={token}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            response.body = response.read()
            return response
        finally:
            connection.close()

    def stop(self) -> None:
        for name in self.processes:
            self.kill(name)


@contextlib.contextmanager
def bank(folder: Path, *, connections: int = 200) -> Iterator[Portal]:
    """A running bank: server, tables, web server and worker. Everything is stopped on leaving."""
    server = Server(folder, connections=connections)
    portal = Portal(server, folder)
    try:
        server.start()
        portal.make_bank()
        portal.start_web()
        portal.start_worker()
        yield portal
    finally:
        portal.stop()
        server.stop()
