"""What staff fill in to ask for a look."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.calling import departments


class AskForm(forms.Form):
    """Whom, as what, why. Made for one member of staff, whose role says as what."""

    customer = forms.CharField(
        label=_("Customer: user_id or account number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    department = forms.ChoiceField(label=_("Asking from"))
    why = forms.CharField(
        label=_("Why you want to look"),
        min_length=10,
        max_length=200,
        help_text=_("The customer reads this. Plain words: what you were asked about."),
    )

    def __init__(self, *given: Any, user: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["department"].choices = departments.choices_for(user)  # type: ignore[attr-defined] # a ChoiceField
