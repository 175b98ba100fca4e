"""`manage.py runjobs`: one pass over every job that is due, for cron or by hand. The worker does the same by itself."""

import logging
from typing import Any

from django.core.management.base import BaseCommand

from wekeza_portal.checks import refuse_unsafe_start
from wekeza_portal.jobs import engine

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs every job that is due, missed dates first, then stops. Any number may run beside each other."
    requires_system_checks: list[str] = []  # ours run below; Django's would load every page for nothing

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--most", type=int, default=engine.MOST_PLANNED, help="Runs of one job in this pass (default %(default)s)."
        )

    def handle(self, *, most: int = engine.MOST_PLANNED, **options: Any) -> None:
        refuse_unsafe_start()
        ended = engine.run_due(most=most)
        overdue = engine.overdue_seconds()
        self.stdout.write(f"{ended} runs ended, {'nothing' if overdue is None else f'{overdue} s'} overdue.")
