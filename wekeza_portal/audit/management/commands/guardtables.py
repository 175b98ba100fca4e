"""`manage.py guardtables`: lets the database itself refuse to change or delete what was posted or audited."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from wekeza_portal.audit import tables


class Command(BaseCommand):
    help = (
        "Creates the triggers that keep the journal and the audit trail append-only. Uses DATABASE_OWNER_URL when "
        "it is set. Run it after migrate; what is there already is left alone."
    )
    requires_system_checks: list[str] = []

    def handle(self, *, verbosity: int = 1, **options: Any) -> None:
        try:
            created = tables.install_guards()
        except DatabaseError as error:
            hint = "Set DATABASE_OWNER_URL to a user with the TRIGGER privilege"
            raise CommandError(f"The triggers could not be created: {error}. {hint}.") from error
        if verbosity:
            for name in created:
                self.stdout.write(f"created {name}")
            self.stdout.write(f"Append-only: {', '.join(tables.APPEND_ONLY)}")
