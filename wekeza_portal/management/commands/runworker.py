"""`manage.py runworker`: what the portal does in the background, on the same database, until it is told to stop."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from wekeza_portal.checks import refuse_unsafe_start
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import worker_steps

logger = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two rounds; a code reaches its customer no later than this plus the sending."""
PAUSE_WITHOUT_DATABASE = 3.0
DATABASE_AWAY = (DatabaseError, InterfaceError)
STEP_ERRORS = (
    PortalError,
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Command(BaseCommand):
    help = "Sends messages and does what else waits, until SIGTERM or Ctrl-C. Any number may run beside each other."
    requires_system_checks: list[str] = []  # ours run below; Django's would load every page for nothing

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="One round, then stop.")

    def handle(self, *, once: bool = False, verbosity: int = 1, **options: Any) -> None:
        if once:
            run_round()
            return
        refuse_unsafe_start()
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        if verbosity > 1:
            self.stdout.write(f"working: {', '.join(name for name, _ in worker_steps.items())}")
        work_until(stop)


def work_until(stop: threading.Event, *, pause: float = PAUSE) -> None:
    """Rounds with `pause` seconds between them until `stop` is set; the round under way is finished first."""
    while not stop.is_set():
        answered = run_round()
        stop.wait(pause if answered else PAUSE_WITHOUT_DATABASE)


def run_round() -> bool:
    """Every registered step once. A step that fails is logged and the others still run.

    Returns whether the database answered to all of them.
    """
    answered = True
    for name, step in worker_steps.items():
        close_old_connections()
        try:
            handled = step()
        except DATABASE_AWAY as error:
            answered = False
            logger.error("worker step %s could not use the database: %s", name, error)
            connection.close()
        except STEP_ERRORS:
            logger.exception("worker step %s failed", name)
        else:
            if handled:
                logger.info("worker step %s handled %s", name, handled)
    return answered
