"""`manage.py checkledger`: does every shilling tie? Reports, never repairs. Exit status 1 when something does not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.checking import differences
from accounts.models import Posting
from wekeza_portal.staff import kept


class Command(BaseCommand):
    help = "Recompute the ledger another way and report every difference."

    def handle(self, *args: Any, **options: Any) -> None:
        found, first = 0, ""
        for difference in differences():
            found += 1
            first = first or f"{difference.kind}: {difference.subject}: {difference.words}"
            self.stdout.write(f"{difference.kind}: {difference.subject}: {difference.words}")
        postings = Posting.objects.count()
        kept.keep(kept.LEDGER, faults=found, reached=postings, words=first)
        self.stdout.write(f"{postings} postings checked, {found} differences.")
        if found:
            sys.exit(1)
