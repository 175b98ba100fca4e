"""`manage.py createbranch`: make the branch's tables in a database that has none."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from wekeza_portal.branch.ddl import LINEAGES
from wekeza_portal.branch.schema import BranchTablesPresent, create_branch_tables


class Command(BaseCommand):
    help = (
        "Creates the branch's tables, empty, in a database that holds none of them. Refuses where any is there, "
        "unless the demo bank made them; then it only adds what is missing."
    )

    # It runs before there is anything to check.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lineage", choices=LINEAGES, default="live", help="Which variant of the branch's tables.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = create_branch_tables(connection, lineage=options["lineage"])
        except BranchTablesPresent as refusal:
            raise CommandError(
                f"Nothing was changed: this database already holds {len(refusal.tables)} branch tables "
                f"({', '.join(refusal.tables)}). They are the bank's; see `manage.py checkbranch`."
            ) from refusal
        if created:
            self.stdout.write(f"Created {len(created)} branch tables: {', '.join(created)}.")
        else:
            self.stdout.write("All branch tables were there already; nothing was changed.")
