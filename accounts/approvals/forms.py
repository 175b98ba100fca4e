"""What a customer types to have a detail corrected."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.approvals import services
from accounts.approvals.details import DETAILS, KIND, same
from accounts.identity.contacts import international
from accounts.models import BranchCustomer
from wekeza_portal.forms import NoteField

LONGEST = {"full_name": 100, "national_id": 20, "phone_number": 15, "email": 100}
_NATIONAL_ID = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)


class CorrectionForm(forms.Form):
    """One detail and its right value, within what the branch's column holds."""

    draft = forms.UUIDField(required=False, widget=forms.HiddenInput)
    """The draft that this one takes the place of."""
    detail = forms.ChoiceField(label=_("What should we correct?"), choices=list(DETAILS.items()))
    value = NoteField(
        label=_("How should it be?"),
        required=True,
        error_messages={"required": _("Enter it as it should be.")},
        help_text=_("As in your national ID, or your own number or address."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, customer: BranchCustomer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        detail, value = typed.get("detail"), typed.get("value")
        if not detail or not value:
            return typed
        if services.waits_already(self.customer, KIND, detail):
            self.add_error("detail", str(services.AlreadyAsked()))
        try:
            typed["value"] = self._checked(detail, value)
        except ValidationError as refusal:
            self.add_error("value", refusal)
        return typed

    def _checked(self, detail: str, value: str) -> str:
        if detail == "phone_number":
            value = international(value)
            if not value:
                raise ValidationError(_("That is not a phone number. Enter it like 0712 345 678."))
        elif detail == "national_id":
            value = "".join(value.upper().split())
            if not _NATIONAL_ID.fullmatch(value):
                raise ValidationError(_("That is not a national ID number: 6 to 20 digits and letters."))
        elif detail == "email":
            validate_email(value)
        elif len(value) < 2:
            raise ValidationError(_("Enter your full name."))
        if len(value) > LONGEST[detail]:
            raise ValidationError(_("That is too long."))
        if same(detail, value, getattr(self.customer, detail) or ""):
            raise ValidationError(_("That is what we have already."))
        return value
