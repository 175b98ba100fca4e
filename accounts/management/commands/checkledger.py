"""`manage.py checkledger`: does every shilling tie? Reports, never repairs. Exit status 1 when something does not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.checking import differences
from accounts.models import Posting


class Command(BaseCommand):
    help = "Recompute the ledger another way and report every difference."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for difference in differences():
            found += 1
            self.stdout.write(f"{difference.kind}: {difference.subject}: {difference.words}")
        self.stdout.write(f"{Posting.objects.count()} postings checked, {found} differences.")
        if found:
            sys.exit(1)
