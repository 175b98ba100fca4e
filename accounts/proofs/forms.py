"""What staff type about money trails and proof sheets."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wekeza_portal import clock


class TrailForm(forms.Form):
    """Anything a caller or a paper may say."""

    q = forms.CharField(
        label=_("Reference, instruction, receipt, account number or phone"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class DayOfProofForm(forms.Form):
    """A day that is over."""

    day = forms.DateField(label=_("Which day?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = lambda: clock.today() - timedelta(days=1)


class ExplanationForm(forms.Form):
    """Why a difference is there."""

    text = forms.CharField(label=_("Why it is there"), max_length=500)


class SignatureForm(forms.Form):
    """A name under the sheet, and what its owner wants to add."""

    remark = forms.CharField(label=_("Remark (optional)"), max_length=500, required=False)
