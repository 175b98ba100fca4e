"""What a visitor fills in to see whether the bank is calling, and what staff fill in before they call."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.freezing.forms import WhoForm as _WhoForm
from accounts.models import BankCall


class WhoForm(_WhoForm):
    """The same question as before stopping everything: by account number or e-mail, the code by SMS or e-mail."""


class OpenCallForm(forms.Form):
    """Whom, as what, about what."""

    customer = forms.CharField(
        label=_("Customer: user_id or account number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    department = forms.ChoiceField(label=_("Calling from"), choices=BankCall.Department.choices)
    about = forms.CharField(
        label=_("What it is about"),
        max_length=120,
        help_text=_("The customer reads this. Plain words, no figures."),
    )
