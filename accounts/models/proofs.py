"""The proof of one business day: made once, signed by two people, kept for good."""

from typing import Any

from django.db import models

from accounts.models.branch import MONEY


class Kept(models.Model):
    """Written once. Whoever tries to change or delete one has a mistake in the code."""

    class Meta:
        abstract = True

    def save(self, *args: Any, force_insert: Any = True, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("what belongs to a proof sheet is never changed")
        super().save(*args, force_insert=force_insert, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("what belongs to a proof sheet is never deleted")


class ProofSheet(Kept):
    """What was proved about one Nairobi day. `content` is JSON with amounts as strings; `digest` is over all of it."""

    marks: int
    """How many people signed it, where it was read for a list."""

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60, help_text="Staff code, or system:name.")
    content = models.JSONField()
    differences = models.PositiveIntegerField(help_text="How many things do not tie; each needs an explanation.")
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "portal_proof_sheet"
        default_permissions = ("view",)
        permissions = [("sign_proofsheet", "Can make, explain and sign a proof sheet")]

    def __str__(self) -> str:
        return f"proof of {self.day}"


class ProofBalance(Kept):
    """What an account had at the end of a day on which it moved or was seen first: where its next proof begins."""

    sheet = models.ForeignKey(ProofSheet, on_delete=models.PROTECT, related_name="balances")
    account_id = models.IntegerField()
    closing = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_proof_balance"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account_id", "sheet"], name="portal_proof_balance_once")]

    def __str__(self) -> str:
        return f"account {self.account_id}: {self.closing}"


class ProofExplanation(Kept):
    """Why one difference of a sheet is there, in the words of whoever looked into it."""

    sheet = models.ForeignKey(ProofSheet, on_delete=models.PROTECT, related_name="explanations")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    explained_by = models.BigIntegerField(help_text="portal_user.")
    explained_by_code = models.CharField(max_length=60)
    explained_at = models.DateTimeField()

    class Meta:
        db_table = "portal_proof_explanation"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["sheet", "number"], name="portal_proof_explained_once")]

    def __str__(self) -> str:
        return f"difference {self.number}"


class ProofSignature(Kept):
    """One of the two names under a sheet. The same person can't be both: the database holds that too."""

    sheet = models.ForeignKey(ProofSheet, on_delete=models.PROTECT, related_name="signatures")
    position = models.PositiveSmallIntegerField()
    signed_by = models.BigIntegerField(help_text="portal_user.")
    signed_by_code = models.CharField(max_length=60)
    remark = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, help_text="The sheet's, as it was when signed.")
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "portal_proof_signature"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sheet", "signed_by"], name="portal_proof_signed_once"),
            models.UniqueConstraint(fields=["sheet", "position"], name="portal_proof_signature_place"),
            models.CheckConstraint(condition=models.Q(position__in=[1, 2]), name="portal_proof_two_signatures"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.signed_by_code}"
