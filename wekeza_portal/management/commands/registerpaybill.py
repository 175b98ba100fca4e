"""`manage.py registerpaybill`: tell Safaricom where to report payments to the bank's paybill. Once in production."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wekeza_portal.rails import mpesa, paybill
from wekeza_portal.rails.base import Status


class Command(BaseCommand):
    help = "Tells Safaricom where to ask about and report payments to MPESA_SHORTCODE. In production they take it once."

    def handle(self, **options: Any) -> None:
        number = paybill.number()
        if not number:
            raise CommandError("M-Pesa is not set up, or MPESA_PAYBILL_CONFIRMED does not repeat MPESA_SHORTCODE.")
        outcome = mpesa.register_paybill()
        if outcome.status is not Status.ACCEPTED:
            raise CommandError(f"{number} was not registered: {outcome.code} {outcome.reason}")
        self.stdout.write(f"Payments to {number} are reported to this portal from now on.")
