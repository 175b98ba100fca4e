"""What the bank says about data and terms, what customers agreed to, and what they asked for under the law."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.branch import MONEY
from accounts.models.identity import User
from wekeza_portal.models import DatedRow


class LegalText(DatedRow):
    """One version of a text that customers agree to or rely on, in both languages, in force from its day.

    `version` counts up within one kind and begins later than the version before: see accounts.privacy.texts.
    """

    class Kind(models.TextChoices):
        TERMS = "TERMS", _("Terms of online banking")
        NOTICE = "NOTICE", _("Privacy notice")
        MARKETING_EMAIL = "MARKETING_EMAIL", _("News and offers by e-mail")
        MARKETING_SMS = "MARKETING_SMS", _("News and offers by SMS")
        MARKETING_PHONE = "MARKETING_PHONE", _("News and offers by phone")
        OFFERS = "OFFERS", _("Offers that fit how you use your money")
        PARTNERS = "PARTNERS", _("Sharing with our partners")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    version = models.PositiveSmallIntegerField()
    text_en = models.TextField()
    text_sw = models.TextField()
    changes_en = models.TextField(blank=True, help_text="What is new against the version before.")
    changes_sw = models.TextField(blank=True)

    class Meta:
        db_table = "portal_legal_text"
        default_permissions = ("view",)
        permissions = [
            ("propose_legaltext", "Can propose a legal text"),
            ("approve_legaltext", "Can approve a legal text"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="portal_legal_text_once"),
            models.UniqueConstraint(fields=["kind", "effective_from"], name="portal_legal_text_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class TermsAcceptance(models.Model):
    """One version of the terms, accepted by one login: when, and from where."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    language = models.CharField(max_length=5, help_text="In which the text was read.")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "portal_terms_acceptance"
        constraints = [models.UniqueConstraint(fields=["user", "text"], name="portal_terms_acceptance_once")]


class Consent(models.Model):
    """One change of mind about one purpose. Rows are added, never changed: the latest is what holds."""

    class How(models.TextChoices):
        PORTAL = "PORTAL", _("by you, on this website")
        REQUEST = "REQUEST", _("by us, as you asked in a request")

    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    purpose = models.CharField(max_length=16)
    is_given = models.BooleanField()
    text = models.ForeignKey(LegalText, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=8, choices=How.choices)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "portal_consent"
        indexes = [models.Index(fields=["customer_id", "purpose"], name="portal_consent_of")]


class PrivacyFigure(DatedRow):
    """Days the bank takes to answer a request, and years it keeps records.

    Source: Data Protection Act 2019 and LN 263/2021 for the days, the Proceeds of Crime and Anti-Money Laundering Act
    for the years.
    """

    class Code(models.TextChoices):
        ACCESS = "ACCESS", "Days to give a copy of the data"
        CORRECTION = "CORRECTION", "Days to correct"
        ERASURE = "ERASURE", "Days to erase"
        RESTRICTION = "RESTRICTION", "Days to restrict the use"
        OBJECTION = "OBJECTION", "Days to answer an objection"
        PORTABILITY = "PORTABILITY", "Days to hand the data to another"
        REVIEW = "REVIEW", "Days for a person to review a decision"
        RECORD_YEARS = "RECORD_YEARS", "Years the law makes us keep records"

    code = models.CharField(max_length=16, choices=Code.choices)
    value = models.DecimalField(**MONEY)

    class Meta:
        db_table = "portal_privacy_figure"
        constraints = [models.UniqueConstraint(fields=["code", "effective_from"], name="portal_privacy_figure_once")]

    def __str__(self) -> str:
        return f"{self.code} from {self.effective_from}"


class DataRequest(models.Model):
    """What a customer asked for under the Data Protection Act, with the day by which the bank has to answer."""

    class Kind(models.TextChoices):
        ACCESS = "ACCESS", _("A copy of my data")
        CORRECTION = "CORRECTION", _("Correct something")
        ERASURE = "ERASURE", _("Erase my data")
        RESTRICTION = "RESTRICTION", _("Stop using my data for a time")
        OBJECTION = "OBJECTION", _("Object to a use of my data")
        PORTABILITY = "PORTABILITY", _("Hand my data to somebody else")
        REVIEW = "REVIEW", _("Have a person look at an automatic decision")

    class State(models.TextChoices):
        OPEN = "OPEN", _("Waiting for the bank")
        CLAIMED = "CLAIMED", _("The bank is working on it")
        GRANTED = "GRANTED", _("Done")
        REFUSED = "REFUSED", _("Refused")
        WITHDRAWN = "WITHDRAWN", _("Taken back by you")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=14, unique=True)
    customer_id = models.BigIntegerField(help_text="users.user_id of the branch.")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    details = models.TextField(help_text="In the customer's words, up to 1,000 characters.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    due_on = models.DateField(help_text="The last day in time, Nairobi.")
    figure = models.ForeignKey(PrivacyFigure, on_delete=models.PROTECT, related_name="+")
    claimed_by = models.CharField(max_length=60, blank=True, help_text="Staff code.")
    claimed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, help_text="As the customer reads it.")
    answered_by = models.CharField(max_length=60, blank=True, help_text="Staff code.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "portal_data_request"
        default_permissions = ("view",)
        permissions = [("answer_datarequest", "Can answer a request about data")]
        indexes = [
            models.Index(fields=["customer_id", "made_at"], name="portal_data_request_of"),
            models.Index(fields=["state", "due_on"], name="portal_data_request_due"),
        ]

    def __str__(self) -> str:
        return self.reference
