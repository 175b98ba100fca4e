"""Papers the bank stands behind, and the files it keeps."""

from django.db import models


class StoredFile(models.Model):
    """One file of the default storage. Content is encrypted: see `wekeza_portal.documents.storage`."""

    name = models.CharField(max_length=200, unique=True)
    content = models.BinaryField(help_text="Encrypted, together with the name it was stored under.")
    size = models.PositiveIntegerField(help_text="Bytes before encryption.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "portal_stored_file"


class IssuedPaper(models.Model):
    """One paper given out, as anybody who holds its code may verify it.

    Of one subject in one language there is one paper, until what it says has changed or its owner stopped it: then the
    next one is a new edition with a code of its own.
    """

    code = models.CharField(max_length=14, unique=True)
    kind = models.CharField(max_length=40, help_text="A name in wekeza_portal.documents.kinds.paper_kinds.")
    subject = models.CharField(max_length=80, help_text="What it is about, such as the reference of a posting.")
    language = models.CharField(max_length=5)
    edition = models.PositiveSmallIntegerField(default=1)
    customer_id = models.BigIntegerField(db_index=True, help_text="users.user_id of its owner.")
    issued_at = models.DateTimeField()
    facts = models.JSONField(help_text="What the public page shows: texts only, never a balance or account number.")
    seal = models.CharField(max_length=64, help_text="HMAC over everything above and the fingerprint.")
    sha256 = models.CharField(max_length=64, help_text="Fingerprint of the PDF, in hex.")
    file_name = models.CharField(max_length=200, help_text="The PDF in the default storage.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_issued_paper"
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "language", "edition"], name="portal_issued_paper_once")
        ]
