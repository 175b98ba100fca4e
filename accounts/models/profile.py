"""What the portal itself knows of a customer, beside the branch's row."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY


class ContactChange(models.Model):
    """A new e-mail address or phone number: asked for with a code to the old one, in force once the new one proves it.

    Begun by an instruction of the same id. `undo_digest` is the digest of the secret in the link sent to the old
    address; it works once, until `undo_until`.
    """

    class Detail(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone_number"

    class State(models.TextChoices):
        WAITING = "WAITING"
        IN_FORCE = "IN_FORCE"
        UNDONE = "UNDONE"
        GIVEN_UP = "GIVEN_UP"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    detail = models.CharField(max_length=12, choices=Detail.choices, help_text="The column of `users`.")
    old = models.CharField(max_length=100, blank=True, help_text="As the branch had it.")
    new = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    prove_until = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True)
    undo_digest = models.CharField(max_length=64, blank=True)
    undo_until = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_contact_change"
        indexes = [
            models.Index(fields=["customer_id", "detail", "state"], name="portal_contact_change_of"),
            models.Index(fields=["undo_digest"], name="portal_contact_change_undo"),
        ]

    def __str__(self) -> str:
        return f"contact change {self.id}"


class CustomerDetails(models.Model):
    """Where a customer lives and works, and whom to ask in need: said by the customer, checked by nobody yet.

    The branch's CIF has some of it, as of the day it was opened. Lending reads employment and income from here. Rows
    older than the branch's row of the person were a former customer's, whose id was given out again.
    """

    class Kin(models.TextChoices):
        SPOUSE = "SPOUSE", _("Husband or wife")
        PARENT = "PARENT", _("Mother or father")
        CHILD = "CHILD", _("Daughter or son")
        SIBLING = "SIBLING", _("Sister or brother")
        RELATIVE = "RELATIVE", _("Another relative")
        FRIEND = "FRIEND", _("A friend")

    class Work(models.TextChoices):
        EMPLOYED = "EMPLOYED", _("Employed")
        OWN = "OWN", _("Own business")
        CASUAL = "CASUAL", _("Casual work")
        FARMING = "FARMING", _("Farming")
        STUDENT = "STUDENT", _("Student")
        RETIRED = "RETIRED", _("Retired")
        NONE = "NONE", _("No work at present")

    customer_id = models.BigIntegerField(unique=True, help_text="users.user_id of the branch.")
    created_at = models.DateTimeField()
    home_address = models.CharField(max_length=100, blank=True)
    town = models.CharField(max_length=60, blank=True)
    postal_address = models.CharField(max_length=100, blank=True)
    home_since = models.DateTimeField(null=True, help_text="When the customer last said so.")
    kin_name = models.CharField(max_length=100, blank=True)
    kin_relation = models.CharField(max_length=8, choices=Kin.choices, blank=True)
    kin_phone = models.CharField(max_length=15, blank=True)
    kin_since = models.DateTimeField(null=True)
    work = models.CharField(max_length=8, choices=Work.choices, blank=True)
    employer = models.CharField(max_length=100, blank=True)
    occupation = models.CharField(max_length=60, blank=True)
    monthly_income = models.DecimalField(**MONEY, null=True, help_text="KES a month, after tax.")
    work_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_customer_details"

    def __str__(self) -> str:
        return f"details of customer {self.customer_id}"


class CustomerIdentity(models.Model):
    """What two members of staff have established about who a customer is. Without a row the branch's word holds.

    `standing` NONE: the bank has not seen the ID, so all is closed but looking, whatever tier the branch's row has.
    `fingerprint` says of whom the birth date is: branch scripts give ids out again.
    """

    class Standing(models.TextChoices):
        SEEN = "", _("Identified by the branch")
        NONE = "NONE", _("ID not seen")

    customer_id = models.BigIntegerField(unique=True, help_text="users.user_id of the branch.")
    standing = models.CharField(max_length=4, choices=Standing.choices, blank=True)
    born_on = models.DateField(null=True, help_text="As the ID says.")
    fingerprint = models.CharField(max_length=64, blank=True)
    decided_by = models.CharField(max_length=60, help_text="Staff codes of maker and checker.")
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "portal_customer_identity"
        default_permissions = ("view",)
        permissions = [
            ("propose_identity", "Can propose who a customer is"),
            ("approve_identity", "Can approve who a customer is"),
        ]

    def __str__(self) -> str:
        return f"identity of customer {self.customer_id}"


class CustomerDocument(models.Model):
    """One paper a customer sent about themselves; its files are uploads with this `uuid`. Decided once by staff."""

    class Kind(models.TextChoices):
        ID = "ID", _("National ID")
        INCOME = "INCOME", _("Proof of income")
        PHOTO = "PHOTO", _("Photo of yourself")

    class State(models.TextChoices):
        SENT = "SENT", _("Not looked at yet")
        VERIFIED = "VERIFIED", _("Accepted")
        REFUSED = "REFUSED", _("Refused")
        REPLACED = "REPLACED", _("Replaced by a later one")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENT)
    sent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True, help_text="Staff code.")
    expires_on = models.DateField(null=True, help_text="The last day on which the paper is good; null: no end.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was refused, as the customer reads it.")

    class Meta:
        db_table = "portal_customer_document"
        default_permissions = ("view",)
        permissions = [("decide_customerdocument", "Can accept or refuse a customer's paper")]
        indexes = [
            models.Index(fields=["customer_id", "kind"], name="portal_customer_document_of"),
            models.Index(fields=["state", "expires_on"], name="portal_customer_document_end"),
        ]

    def __str__(self) -> str:
        return f"paper {self.uuid}"
