"""What a visitor fills in to stop everything without signing in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from wekeza_portal.notifications.models import Channel


class WhoForm(forms.Form):
    """Who it is, and where the code is to go. Not judged: whoever it is, the answer is the same."""

    who = forms.CharField(
        label=_("E-mail address or account number"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter the e-mail address the bank has for you, or one of your account numbers.")
        },
    )
    channel = forms.ChoiceField(
        label=_("Send the code by"),
        choices=((Channel.SMS, _("SMS")), (Channel.EMAIL, _("E-mail"))),
        initial=Channel.SMS,
        widget=forms.RadioSelect,
        help_text=_("If somebody has your phone, choose e-mail."),
    )


class StaffReasonForm(forms.Form):
    """Why the staff stop a customer, or let payments leave again. The customer does not read it."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
