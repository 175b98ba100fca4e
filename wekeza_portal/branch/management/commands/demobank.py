"""`manage.py demobank`: the embedded demo bank, made and filled once."""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from wekeza_portal.branch.demobank import filling
from wekeza_portal.branch.schema import BranchTablesPresent


class Command(BaseCommand):
    help = "Make and fill the demo bank. Refuses on a database that holds branch tables it did not make."
    # It makes what the checks look for, and must say its own refusal.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="Empty the demo bank and fill it again from today.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = perf_counter()
        try:
            bank = filling.prepare(reset=options["reset"])
        except BranchTablesPresent as error:
            raise CommandError(f"Not touched: {error}. The demo bank needs a database of its own.") from error
        if bank is None:
            self.stdout.write("The demo bank is already there.")
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM transactions")
            rows = cursor.fetchone()[0]
        seconds = perf_counter() - started
        self.stdout.write(f"Demo bank: {len(bank.customers)} customers, {rows:,} movements, {seconds:.1f} s.")
