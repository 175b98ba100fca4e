"""`manage.py runworker`: what the portal does in the background, on the same database, until it is told to stop.

What waits for other companies has a loop and a database connection of its own for each step, all else shares one: a
code leaves within seconds whatever a company that carries money does. Who is killed leaves claims that run out.
"""

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, connections

from wekeza_portal.checks import refuse_unsafe_start
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import waiting_steps, worker_steps
from wekeza_portal.stopping import stopping

logger = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two rounds of a loop; a code leaves no later than this plus the message under way, codes first."""
PAUSE_WITHOUT_DATABASE = 3.0
LOOK_EVERY = 0.5
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


Steps = Sequence[tuple[str, Callable[[], int]]]


class Command(BaseCommand):
    help = "Sends messages and does what else waits, until SIGTERM or Ctrl-C. Any number may run beside each other."
    requires_system_checks: list[str] = []  # ours run below; Django's would load every page for nothing

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="One round, then stop.")

    def handle(self, *, once: bool = False, verbosity: int = 1, **options: Any) -> None:
        if once:
            for steps in loops().values():
                run_round(steps)
            return
        refuse_unsafe_start()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
        if verbosity > 1:
            self.stdout.write(f"working: {', '.join(name for steps in loops().values() for name, _ in steps)}")
        try:
            is_whole = work_side_by_side(stopping)
        finally:
            stopping.clear()  # a process may run several commands, as the tests do
        if not is_whole:
            raise CommandError("A loop of the worker broke, so the worker stops. Its own lines above say why.")


def loops() -> dict[str, Steps]:
    """What runs beside each other: each step that waits for other companies alone, all else in one loop."""
    alone: dict[str, Steps] = {name: [(name, step)] for name, step in waiting_steps.items()}
    return {**alone, "all else": worker_steps.items()}


def work_side_by_side(stop: threading.Event) -> bool:
    """Every loop in a thread of its own until `stop` is set. One that breaks stops the others; whether none did."""
    broken: list[str] = []
    threads = [
        threading.Thread(target=_loop, args=(name, steps, stop, broken), name=name) for name, steps in loops().items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():  # not for good: signals are handled in this thread, between two looks
            thread.join(LOOK_EVERY)
    return not broken


def _loop(name: str, steps: Steps, stop: threading.Event, broken: list[str]) -> None:
    try:
        work_until(stop, steps)
    except BaseException:
        broken.append(name)
        logger.critical("worker loop %s broke", name, exc_info=True)
    finally:
        stop.set()
        connections.close_all()


def work_until(stop: threading.Event, steps: Steps, *, pause: float = PAUSE) -> None:
    """Rounds with `pause` seconds between them until `stop` is set; the round under way is finished first."""
    while not stop.is_set():
        answered = run_round(steps)
        stop.wait(pause if answered else PAUSE_WITHOUT_DATABASE)


def run_round(steps: Steps) -> bool:
    """Each of `steps` once. One that fails is logged and the others still run.

    Returns whether the database answered to all of them.
    """
    answered = True
    for name, step in steps:
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
