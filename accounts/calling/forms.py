"""What a visitor fills in to see whether the bank is calling, and what staff fill in before they call."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.calling import departments
from accounts.freezing.forms import WhoForm as _WhoForm


class WhoForm(_WhoForm):
    """The same question as before stopping everything: by account number or e-mail, the code by SMS or e-mail."""


class OpenCallForm(forms.Form):
    """Whom, as what, about what. Made for one member of staff, whose role says as what."""

    customer = forms.CharField(
        label=_("Customer: user_id or account number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    department = forms.ChoiceField(label=_("Calling from"))
    about = forms.CharField(
        label=_("What it is about"),
        max_length=120,
        help_text=_("The customer reads this. Plain words, no figures."),
    )

    def __init__(self, *given: Any, user: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["department"].choices = departments.choices_for(user)  # type: ignore[attr-defined] # a ChoiceField
