"""What staff type: to sign in, to choose a password, to propose a switch."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wekeza_portal import clock


class StaffSignInForm(forms.Form):
    """All three at once: there is no half-way in."""

    username = forms.CharField(
        label=_("Staff code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": ""}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Code from your authenticator app"),
        max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """As it is printed by some apps: "123 456"."""
        return str(self.cleaned_data["code"]).replace(" ", "")


class StaffPasswordForm(forms.Form):
    """A new password of 14 characters or more, proven by the old one."""

    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        help_text=_("At least 14 characters. A short sentence works well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class SwitchForm(forms.Form):
    """Why and, before switching off, what customers read meanwhile."""

    notice_en = forms.CharField(label=_("Notice in English"), max_length=300, required=False)
    notice_sw = forms.CharField(label=_("Notice in Kiswahili"), max_length=300, required=False)
    since = forms.DateField(
        label=_("Date of the notice"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = clock.today


class DayForm(forms.Form):
    """A day to look back at."""

    on = forms.DateField(label=_("On which day?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
