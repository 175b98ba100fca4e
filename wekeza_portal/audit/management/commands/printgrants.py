"""`manage.py printgrants "'portal'@'10.0.0.%'"`: the GRANT statements for the user that serves customers."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from wekeza_portal.audit import grants


class Command(BaseCommand):
    help = "Prints what the serving user must be granted: no DDL, and rows of the journal and the trail only added."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("user", help="As the server writes it, with its quotes: 'portal'@'10.0.0.%%'")

    def handle(self, *, user: str, **options: Any) -> None:
        if connection.vendor != "mysql":
            raise CommandError("SQLite, the demo bank's database, knows no users.")
        try:
            for statement in grants.statements(user):
                self.stdout.write(statement)
        except ValueError as error:
            raise CommandError(str(error)) from error
