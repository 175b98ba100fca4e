"""`manage.py checkbranch`: is this the branch database the portal knows? Reads only; exit code 1 on problems."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from wekeza_portal.branch import drift


class Command(BaseCommand):
    help = (
        "Names what is missing or different in the branch's tables, compares the database's clock with Nairobi and "
        "samples that transaction ids follow dates. Changes nothing. Ends with exit code 1 if there are problems."
    )

    # A diagnosis must run where the portal itself would refuse to start.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        live = drift.live_tables(connection)
        if not live:
            self.stdout.write("PROBLEM  This database holds no branch tables at all.")
            raise SystemExit(1)
        findings = self._findings(live)
        for finding in findings:
            self.stdout.write(f"{'PROBLEM' if finding.is_problem else 'note   '}  {finding.text}")
        problems = sum(finding.is_problem for finding in findings)
        self.stdout.write(self._summary(len(live), problems, len(findings) - problems))
        if problems:
            raise SystemExit(1)

    def _findings(self, live: dict[str, drift.Columns]) -> list[drift.Finding]:
        lineage = drift.lineage_of(live)
        if connection.vendor == "mysql":
            self.stdout.write(f'These are the branch\'s tables in the lineage "{lineage}".')
        else:
            self.stdout.write("This is SQLite, the demo: names are compared, types are not.")
        found = drift.differences(live, lineage, with_types=connection.vendor == "mysql")
        wrong_clock = drift.clock_difference(connection)
        if wrong_clock:
            found.insert(0, wrong_clock)
        if "transaction_id" in live.get("transactions", ()) and "created_at" in live["transactions"]:
            disorder = drift.id_order(connection)
            found += [disorder] if disorder else []
        return found

    def _summary(self, tables: int, problems: int, notes: int) -> str:
        counted = f"{tables} branch tables looked at"
        if not problems:
            return f"{counted}: everything the portal needs is there ({notes} notes)."
        return f"{counted}: {problems} problems, {notes} notes."
