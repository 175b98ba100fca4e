"""`manage.py addstaff CODE --role support`: a login for a member of staff, or a new password and key for one."""

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from wekeza_portal.actors import system
from wekeza_portal.staff import people, roles, totp


class Command(BaseCommand):
    help = "Give a member of the branch's staff a login. Asks for the password; prints the authenticator address once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="staff_code of the branch's staff table")
        parser.add_argument("--role", action="append", required=True, choices=sorted(roles.ROLES))

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password (14 characters or more): ")
        try:
            device = people.set_up(options["code"], password, options["role"], actor=system("addstaff"))
        except people.NotOnTheList as error:
            raise CommandError(f"The branch's staff table has no active {options['code']}.") from error
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stdout.write("Put this into an authenticator app; it is not shown again:")
        self.stdout.write(totp.address(device, options["code"]))
