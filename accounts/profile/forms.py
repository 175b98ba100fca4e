"""What a customer types about themselves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.approvals.details import same
from accounts.approvals.forms import LONGEST
from accounts.identity.contacts import international
from accounts.models import BranchCustomer, ContactChange
from accounts.profile import changing


class ContactForm(forms.Form):
    """The new address or number, other than the one there is."""

    value = forms.CharField(error_messages={"required": _("Enter the new one.")}, strip=True)

    def __init__(self, *args: Any, customer: BranchCustomer, detail: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.detail = customer, detail
        is_email = detail == ContactChange.Detail.EMAIL
        field = self.fields["value"]
        field.label = _("New e-mail address") if is_email else _("New phone number")
        field.validators = []
        kind = {"type": "email", "autocomplete": "email"} if is_email else {"type": "tel", "autocomplete": "tel"}
        field.widget = forms.TextInput(attrs={**kind, "autocapitalize": "off", "spellcheck": "false"})
        if not is_email:
            field.help_text = _("Like 0712 345 678.")

    def clean_value(self) -> str:
        typed: str = self.cleaned_data["value"]
        value = _address(typed) if self.detail == ContactChange.Detail.EMAIL else _number(typed)
        if len(value) > LONGEST[self.detail]:
            raise ValidationError(_("That is too long."))
        if same(self.detail, value, changing.held(self.customer, self.detail)):
            raise ValidationError(_("That is what we have already."))
        return value


def _number(typed: str) -> str:
    value = international(typed) if typed.isascii() else ""
    if not value:
        raise ValidationError(_("That is not a phone number. Enter it like 0712 345 678."))
    return value


def _address(typed: str) -> str:
    """Plain letters only: look-alikes of other alphabets would be another address that reads the same."""
    if not typed.isascii():
        raise ValidationError(_("Enter an e-mail address in plain letters, like jina@example.com."))
    try:
        validate_email(typed)
    except ValidationError:
        raise ValidationError(_("That is not an e-mail address. It looks like jina@example.com.")) from None
    return typed
