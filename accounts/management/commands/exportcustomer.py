"""manage.py exportcustomer: all data on one customer, as JSON, for a request of access. Recorded in the audit trail."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.export import export_of
from accounts.models import BranchCustomer
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.staff.door import is_on_the_list


class Command(BaseCommand):
    help = "Print all data on one customer as JSON, or write them to a new file that only you can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_id", type=int, help="users.user_id of the customer")
        parser.add_argument("--by", required=True, help="staff code of who answers the request")
        parser.add_argument("--reason", required=True, help="such as the number of the customer's request")
        parser.add_argument("--to", type=Path, help="a file that does not exist yet; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = BranchCustomer.objects.filter(pk=options["user_id"]).first()
        if customer is None:
            raise CommandError(f"there is no customer {options['user_id']}")
        by, reason = options["by"].strip(), options["reason"].strip()
        if not by or not reason:
            raise CommandError("say who answers the request, and why")
        if not is_on_the_list(by):
            raise CommandError(f"{by[:40]} is no active code of the branch's staff list")
        with transaction.atomic():
            record(
                "customer.exported",
                actor=Actor(kind="staff", id=by[:40]),
                customer_id=customer.user_id,
                data={"reason": reason[:200]},
            )
            text = json.dumps(export_of(customer), ensure_ascii=False, indent=2)
            self._hand_over(text, options["to"])

    def _hand_over(self, text: str, to: Path | None) -> None:
        if to is None:
            self.stdout.write(text)
            return
        try:
            to.touch(mode=0o600, exist_ok=False)
            to.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{to}: {error.strerror}") from error
        self.stdout.write(f"Written to {to}")
