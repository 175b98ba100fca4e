"""How many strangers a customer asked about."""

from django.db import models


class PayeeLookup(models.Model):
    """That a customer asked, on one Nairobi day, whose account a number is. One row per account asked for.

    Keeps no number: only its keyed digest, enough to count each account once.
    """

    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    day = models.DateField()
    account_number_digest = models.CharField(max_length=64)

    class Meta:
        db_table = "portal_payee_lookup"
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "day", "account_number_digest"], name="portal_payee_lookup_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} on {self.day}"
