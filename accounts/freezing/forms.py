"""What a visitor fills in to stop everything without signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identity.outside import WAYS
from accounts.models import Way


class WhoForm(forms.Form):
    """Who it is, and which code it will be. Not judged: whoever it is, the answer is the same."""

    who = forms.CharField(
        label=_("E-mail address or account number"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter the e-mail address the bank has for you, or one of your account numbers.")
        },
    )
    way = forms.ChoiceField(
        label=_("Which code?"),
        choices=[(way.value, way.label) for way in WAYS],
        initial=Way.SMS,
        widget=forms.RadioSelect,
        help_text=_("If somebody has your phone, choose e-mail or a backup code."),
    )


class StaffReasonForm(forms.Form):
    """Why the staff stop a customer, or let payments leave again. The customer does not read it."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
