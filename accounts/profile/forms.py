"""What a customer types about themselves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from accounts.approvals.details import same
from accounts.approvals.forms import LONGEST
from accounts.identity.contacts import international
from accounts.models import BranchCustomer, ContactChange, CustomerDetails
from accounts.profile import changing
from wekeza_portal.forms import AmountField, NoteField


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


class Line(NoteField):
    """One line of up to `longest` characters, as many as its column holds."""

    def __init__(self, label: Any, needed: Any = "", *, longest: int = 100, **attrs: str) -> None:
        """`needed` are the words that ask for it; without them it may be left out."""
        words = {"required": needed} if needed else {}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(label=label, required=bool(needed), error_messages=words, widget=widget)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if len(text) > self.longest:
            values = {"limit": self.longest, "length": len(text)}
            raise ValidationError(_("Up to %(limit)s characters, please. This has %(length)s."), params=values)
        return super().to_python(value)


class HomeForm(forms.Form):
    """Where the customer lives and gets letters."""

    home_address = Line(_("Where you live"), _("Enter the street, estate or village."), autocomplete="street-address")
    town = Line(_("Town or county"), _("Enter the town or county."), longest=60, autocomplete="address-level2")
    postal_address = Line(_("Postal address"), autocomplete="off")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["postal_address"].help_text = _("Like P.O. Box 1234-00100 Nairobi.")


class KinForm(forms.Form):
    """Whom the bank asks where the customer can't be asked."""

    kin_name = Line(_("Full name"), _("Enter the name."), autocomplete="off")
    kin_relation = forms.ChoiceField(
        label=_("Who this is to you"),
        choices=[("", _("Choose")), *CustomerDetails.Kin.choices],
        error_messages={"required": _("Choose who this is to you.")},
    )
    kin_phone = forms.CharField(
        label=_("Phone"),
        help_text=_("Like 0712 345 678."),
        error_messages={"required": _("Enter the phone number.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )

    def clean_kin_phone(self) -> str:
        return _number(self.cleaned_data["kin_phone"][:100])


class WorkForm(forms.Form):
    """What the customer lives on. Lending asks for proof of it; here it is the customer's word."""

    work = forms.ChoiceField(
        label=_("What you do"),
        choices=[("", _("Choose")), *CustomerDetails.Work.choices],
        error_messages={"required": _("Choose what you do.")},
    )
    employer = Line(_("Employer or business"), autocomplete="organization")
    occupation = Line(_("Occupation"), longest=60, autocomplete="organization-title")
    monthly_income = AmountField(
        label=_("Income a month, in KES"), help_text=_("What reaches you after tax."), required=False
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        work, Work = typed.get("work"), CustomerDetails.Work
        if work == Work.EMPLOYED and not typed.get("employer") and "employer" not in self.errors:
            self.add_error("employer", _("Enter who employs you."))
        without = (Work.STUDENT, Work.NONE)
        if work and work not in without and not typed.get("monthly_income") and "monthly_income" not in self.errors:
            self.add_error("monthly_income", _("Enter an amount, like 1500 or 1,500.50."))
        return typed
