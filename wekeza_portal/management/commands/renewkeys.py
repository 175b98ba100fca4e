"""manage.py renewkeys: put everything that is stored encrypted under the newest of FIELD_KEYS. Can be repeated."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wekeza_portal import renewing
from wekeza_portal.actors import system
from wekeza_portal.audit.services import record


class Command(BaseCommand):
    help = "Encrypt uploads, factor secrets, tokens and waiting codes anew with the newest of FIELD_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is under older keys")

    def handle(self, *args: Any, **options: Any) -> None:
        only_looks = options["check"]
        older = unreadable = renewed = 0
        for found in renewing.look() if only_looks else renewing.renew():
            older, unreadable, renewed = older + found.older, unreadable + found.unreadable, renewed + found.renewed
            words = f"{found.name}: {found.newest} newest, {found.renewed} renewed, {found.older} older"
            self.stdout.write(f"{words}, {found.unreadable} unreadable")
        if renewed:
            record("keys.renewed", actor=system("renewkeys"), data={"values": renewed})
        if unreadable:
            raise CommandError(f"{unreadable} values fit no key in FIELD_KEYS: put the key they were made with back")
        if older:
            raise CommandError(f"{older} values are under older keys: run renewkeys without --check")
