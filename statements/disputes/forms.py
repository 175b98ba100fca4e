"""What a customer says is wrong with a movement."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 500


class Why(models.TextChoices):
    """The reasons, the most urgent first."""

    NOT_ME = "NOT_ME", _("I did not make or allow this")
    TWICE = "TWICE", _("It was taken twice")
    WRONG_AMOUNT = "WRONG_AMOUNT", _("The amount is wrong")
    NOT_ARRIVED = "NOT_ARRIVED", _("The receiver says it did not arrive")
    WRONG_RECEIVER = "WRONG_RECEIVER", _("I sent it to the wrong person or number")
    NOT_DELIVERED = "NOT_DELIVERED", _("I paid and did not get what I paid for")
    MISSING = "MISSING", _("Money I paid in is missing or is less")
    OTHER = "OTHER", _("Something else")


class DisputeForm(forms.Form):
    """One reason, and what happened."""

    why = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[("", _("Choose what fits best")), *Why.choices],
        error_messages={"required": _("Choose what is wrong.")},
    )
    text = forms.CharField(
        label=_("What happened?"),
        required=False,
        strip=True,
        help_text=_("In your own words, up to 500 characters. Never write a PIN, password or code here."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_text(self) -> str:
        text = " ".join(re.split(r"\s+", self.cleaned_data["text"])).strip()
        if len(text) > LONGEST:
            values = {"limit": LONGEST, "length": len(text)}
            raise ValidationError(_("Write up to %(limit)s characters. Yours has %(length)s.") % values)
        if not text.isprintable():
            raise ValidationError(_("This has a hidden character that can't be printed. Please type it again."))
        return text

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("why") == Why.OTHER and not typed.get("text") and "text" not in self.errors:
            self.add_error("text", _("Tell us what is wrong."))
        return typed
