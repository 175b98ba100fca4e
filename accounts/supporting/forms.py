"""What staff fill in to ask for a look."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import BankCall


class AskForm(forms.Form):
    """Whom, as what, why."""

    customer = forms.CharField(
        label=_("Customer: user_id or account number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    department = forms.ChoiceField(label=_("Asking from"), choices=BankCall.Department.choices)
    why = forms.CharField(
        label=_("Why you want to look"),
        min_length=10,
        max_length=200,
        help_text=_("The customer reads this. Plain words: what you were asked about."),
    )
