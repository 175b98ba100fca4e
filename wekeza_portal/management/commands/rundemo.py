"""`manage.py rundemo`, behind `make run`: prepare, then web, worker and rail simulator together until Ctrl-C.

Without DATABASE_URL this is the embedded demo bank (settings.py turns DEMO on for this command). With one it serves
that bank in production mode: our tables are brought up to date, the branch's are left alone, nothing is invented.
"""

import hashlib
import http.client
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from wekeza_portal.audit import tables
from wekeza_portal.checks import refuse_unsafe_start
from wekeza_portal.supervisor import IS_WINDOWS, LOOK_EVERY, Children, answers

START_SECONDS = 60


class Command(BaseCommand):
    help = "Starts the portal: web server and worker together. The embedded demo bank unless DATABASE_URL is set."
    requires_system_checks: list[str] = []  # ours run below, before anything is written

    def handle(self, **options: Any) -> None:
        settings.VAR_DIR.mkdir(exist_ok=True)  # static files go there, whatever the database
        _refuse_taken_port(settings.BIND, settings.PORT, "Set PORT to another, for example PORT=8508.")
        if port := _simulator_port():
            _refuse_taken_port("127.0.0.1", port, "Set RAILSIM_URL to another, for example http://127.0.0.1:8600.")
        try:
            refuse_unsafe_start()
        except ImproperlyConfigured as refusal:
            raise CommandError(str(refusal)) from refusal
        if settings.DEMO:
            logging.disable(logging.INFO)  # as in the children, see _quiet: there is the welcome to read
        with Children() as children:
            self.prepare(children)
            fallen = self.serve(children)
        if fallen is not None:
            raise CommandError(f"The {fallen} has stopped, so the portal stops too. Its own lines above say why.")
        self.stdout.write("Stopped.")

    def prepare(self, children: Children) -> None:
        """Tables, demo bank and static files; each only where something is to do.

        The rail simulator is up before the demo bank is filled: its payments ask the other companies for names.
        """
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            _as_owner("migrate", "--no-input")
        self.guard()
        if port := _simulator_port():
            children.start("rail simulator", [sys.executable, "manage.py", "railsim"], _quiet())
            _wait_until(children, lambda: _is_served(port))
        if settings.DEMO and not _is_to_end(children):
            call_command("demobank", stdout=self.stdout)
        collect_static()
        connections.close_all()

    def guard(self) -> None:
        """Have the database keep what is posted; where nobody here may, say so and serve all the same."""
        try:
            if tables.unguarded():
                _as_owner("guardtables")
        except CommandError as error:
            self.stderr.write(str(error))

    def serve(self, children: Children) -> str | None:
        """Run web server and worker until told to stop (None) or a child ends by itself (its name)."""
        if not _is_to_end(children):
            children.start("web server", _web_command(), _quiet())
            children.start("worker", [sys.executable, "manage.py", "runworker"], _quiet())
            _wait_until(children, lambda: answers(settings.PORT, _own_host()))
        if not _is_to_end(children):
            self.stdout.write(_welcome())
            self.stdout.flush()
        return children.watch()


def _as_owner(*command: str) -> None:
    """Run a management command, as the tables' owner when one is named; CommandError if it fails."""
    if not settings.DATABASE_OWNER_URL:
        call_command(*command, verbosity=0)
        return
    done = subprocess.run([sys.executable, "manage.py", *command, "-v0"], cwd=settings.BASE_DIR, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise CommandError(f"manage.py {command[0]} failed as the owner of the tables.")


def _web_command() -> list[str]:
    if IS_WINDOWS:
        return [sys.executable, "manage.py", "runserver", "--noreload", f"{settings.BIND}:{settings.PORT}"]
    return [sys.executable, "-m", "gunicorn", "-c", "wekeza_portal/gunicorn.py", "wekeza_portal.wsgi"]


def _simulator_port() -> int | None:
    """Where the rail simulator is to listen; None where there is none."""
    return urlsplit(settings.RAILSIM_URL).port if settings.DEMO else None


def _refuse_taken_port(address: str, port: int, instead: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0 if IS_WINDOWS else 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise CommandError(f"Port {port} is taken. {instead}") from error


def _own_host() -> str:
    return settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"


def _quiet() -> dict[str, str]:
    return {"LOG_LEVEL": "WARNING"} if settings.DEMO else {}


def _is_to_end(children: Children) -> bool:
    """Whether nothing more is to be begun: we were told to stop, or a child has died."""
    return children.stopping.is_set() or children.dead() is not None


def _is_served(port: int) -> bool:
    """Whether anybody answers at this port of this machine, whatever it says."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        caller.request("GET", "/")
        return bool(caller.getresponse().read())  # to its end: whoever hangs up early is an error to the other side
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def _wait_until(children: Children, is_up: Callable[[], bool]) -> None:
    """CommandError when it takes too long; returns at once where a child has died or all are to stop."""
    deadline = time.monotonic() + START_SECONDS
    while not _is_to_end(children) and not is_up():
        if time.monotonic() > deadline:
            raise CommandError(f"The portal did not answer within {START_SECONDS} seconds.")
        children.stopping.wait(LOOK_EVERY)


def collect_static() -> bool:
    """Gather static files, hashed and compressed, if a source changed since the last time; returns whether it did."""
    stamp: Path = settings.VAR_DIR / "static.stamp"
    now = _static_fingerprint()
    if settings.STATIC_ROOT.is_dir() and stamp.is_file() and stamp.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(now)
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _welcome() -> str:
    lines = ["", f"  {settings.PORTAL_NAME} {settings.VERSION}: {settings.PUBLIC_URL}/"]
    if settings.DEMO:
        from wekeza_portal.branch.demobank.cast import CAST

        lines += [f"  What the portal sends (codes, too) arrives at {settings.PUBLIC_URL}/demo/phone/"]
        lines += [f"  Other companies are played at {settings.RAILSIM_URL}/" if settings.RAILSIM_URL else "", ""]
        lines += [f"    {person.email:<24}{person.password:<14}{person.what}" for person in CAST]
        lines += _staff_lines()
    return "\n".join([*lines, "", "  Ctrl-C stops it.", ""])


def _staff_lines() -> list[str]:
    from wekeza_portal.staff.demo import PASSWORD, STAFF

    lines = ["", f"  Staff sign in at {settings.PUBLIC_URL}/admin/ with {PASSWORD} and the code on the demo phone:", ""]
    return lines + [f"    {person.code:<24}{person.role}" for person in STAFF]
