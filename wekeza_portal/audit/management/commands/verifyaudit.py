"""`manage.py verifyaudit`: proves the audit trail from its first event, or names the first row that is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wekeza_portal.audit.chain import parse_head
from wekeza_portal.audit.verifying import verify
from wekeza_portal.audit.watching import keep
from wekeza_portal.staff import kept


class Command(BaseCommand):
    help = (
        "Proves the sealed audit trail and prints its head. Keep the head elsewhere: given back with --head, it also "
        "shows a tail cut off together with its head row. Ends with 1 at the first row that is not as it was sealed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--head", metavar="N:DIGEST", help="A head printed or logged before.")

    def handle(self, *, head: str | None = None, **options: Any) -> None:
        try:
            noted = parse_head(head) if head else None
        except ValueError as error:
            raise CommandError(str(error)) from error
        verdict = verify(noted)
        keep(kept.AUDIT_PROOF, verdict, reached=verdict.head.number)
        if verdict.fault:
            raise CommandError(f"{verdict.fault}. Intact up to {verdict.head.number}.")
        self.stdout.write(f"Audit trail intact to #{verdict.head.number}.")
        self.stdout.write(f"head {verdict.head}")
