"""What customers handed in, and whose turn it is to store more."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Upload(models.Model):
    """One paper, made anew from what was sent; its bytes are in the default storage under a random name."""

    class Kind(models.TextChoices):
        JPEG = "JPEG", _("JPEG picture")
        PNG = "PNG", _("PNG picture")
        PDF = "PDF", _("PDF")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Not handed in yet")
        HANDED_IN = "HANDED_IN", _("Handed in")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(db_index=True, help_text="users.user_id of its owner.")
    purpose = models.CharField(max_length=40, help_text="What it is for, such as REQUEST.")
    about = models.UUIDField(help_text="The thing it belongs to, such as the request's id.")
    name = models.CharField(max_length=100, help_text="The customer's name for it, cleaned; never a path.")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    size = models.PositiveIntegerField(help_text="Bytes as stored.")
    sha256 = models.CharField(max_length=64, help_text="Fingerprint of the stored bytes, in hex.")
    width = models.PositiveIntegerField(null=True, help_text="Pixels, of a picture.")
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True, help_text="Of a PDF.")
    file_name = models.CharField(max_length=100, unique=True, help_text="In the default storage.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    received_at = models.DateTimeField()
    keep_until = models.DateTimeField(help_text="Row and bytes are deleted after this moment.")
    looked_at = models.DateTimeField(null=True, help_text="When staff last opened it.")
    looked_by = models.CharField(max_length=50, blank=True, help_text="Staff code of who did.")

    class Meta:
        db_table = "portal_upload"
        verbose_name = _("customer's paper")
        verbose_name_plural = _("customers' papers")
        indexes = [
            models.Index(fields=["purpose", "about"], name="portal_upload_about"),
            models.Index(fields=["keep_until"], name="portal_upload_keep_until"),
        ]
        permissions = [("open_upload", "Can open customers' papers")]

    def __str__(self) -> str:
        return f"paper {self.uuid}"


class UploadTurn(models.Model):
    """One row a customer, locked while a paper is stored, so that parallel ones can't pass the quota together."""

    customer_id = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "portal_upload_turn"
