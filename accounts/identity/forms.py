"""Forms of signing in. They know layout and wording; services know what is right."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.identity import passwords
from accounts.identity.factors import acts, backup
from accounts.models import BranchCustomer, Way

CODE_ATTRS = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}


class CodeInput(forms.TextInput):
    """Never shows what was typed: a wrong code is of no use, and a right one belongs on no page."""

    def format_value(self, value: Any) -> None:
        return None


def _password_widget(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": autocomplete})


class EmailField(forms.CharField):
    """An address as the branch has it: looked up, never written to, so its shape is not judged here."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "email", "autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}
        super().__init__(max_length=100, label=_("E-mail"), widget=forms.EmailInput(attrs=attrs), **kwargs)
        self.error_messages["required"] = _("Enter the e-mail address the bank has for you.")


class LoginForm(forms.Form):
    email = EmailField()
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=512,
        widget=_password_widget("current-password"),
        error_messages={"required": _("Enter your password.")},
    )


class ActivateForm(forms.Form):
    email = EmailField()
    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("The 16 characters on the paper from the branch. Blanks, hyphens and small letters don't matter."),
        max_length=40,
        widget=CodeInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter the code on the paper from the branch.")},
    )


class ForgotForm(forms.Form):
    email = EmailField()


class EnrolForm(forms.Form):
    email = EmailField()
    secret = forms.CharField(
        label=_("Password from the bank"),
        help_text=_("The one you were given when your account was opened, or at your last visit."),
        strip=False,
        max_length=255,
        widget=_password_widget("off"),
        error_messages={"required": _("Enter the password you have from the bank.")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits. Spaces don't matter."),
        max_length=20,
        widget=CodeInput(attrs=CODE_ATTRS),
        error_messages={"required": _("Enter the code we sent you.")},
    )

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("A code has six digits, like 482913."), code="shape")
        return code


class AppCodeForm(CodeForm):
    """A code that the customer's own app shows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("The six digits that your app shows for this bank. They change every 30 s.")
        self.fields["code"].error_messages["required"] = _("Enter the code that your app shows.")


class BackupCodeForm(forms.Form):
    """One of the ten codes on the customer's paper."""

    code = forms.CharField(
        label=_("Backup code"),
        help_text=_("One of the ten you printed or wrote down. Capital or small letters, with or without the dashes."),
        max_length=40,
        widget=CodeInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter one of your backup codes.")},
    )

    def clean_code(self) -> str:
        code = backup.normal(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("A backup code has 16 letters and digits, like 7K3M-9QTX-2B4D-H8WZ."), code="shape")
        return code


class PasskeyForm(forms.Form):
    """What a passkey signed, filled in by the script and never typed."""

    code = forms.CharField(
        label=_("Passkey"),
        max_length=20_000,
        widget=forms.HiddenInput,
        error_messages={
            "required": _("No passkey was given. Try again, or use another way."),
            "max_length": _("No passkey was given. Try again, or use another way."),
        },
    )


class NewPasskeyForm(PasskeyForm):
    """A new passkey and what its owner calls it."""

    name = forms.CharField(
        label=_("What you call it"),
        help_text=_("Like My phone or Work computer, to know it again."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give it a name.")},
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise ValidationError(_("This has a hidden character that can't be printed. Please type it again."))
        return name


class SeedForm(forms.Form):
    """What the browser holds so that the same ten codes are shown again when the page is asked for twice."""

    token = forms.RegexField(r"^[A-Za-z0-9_-]{43}$", widget=forms.HiddenInput)


class ChoosePasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A few words that mean something to you alone work well."),
        strip=False,
        widget=_password_widget("new-password"),
        error_messages={"required": _("Choose a password.")},
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=_password_widget("new-password"),
        error_messages={"required": _("Enter the same password again.")},
    )

    def __init__(self, *args: Any, customer: BranchCustomer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        owner = self.customer
        passwords.check(password, email=owner.email, full_name=owner.full_name, phone=owner.phone_number or "")
        return password

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        first = self.cleaned_data.get("password")
        if first is not None and first != again:
            raise ValidationError(_("The two passwords are not the same."), code="different")
        return again


class ChangePasswordForm(ChoosePasswordForm):
    current = forms.CharField(
        label=_("Your password now"),
        strip=False,
        max_length=512,
        widget=_password_widget("current-password"),
        error_messages={"required": _("Enter the password you have now.")},
    )
    field_order = ("current", "password", "password_again")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password") and cleaned.get("password") == cleaned.get("current"):
            self.add_error("password", ValidationError(_("That is the password you have now."), code="same"))
        return cleaned


class FirstWayForm(forms.Form):
    """Which of the customer's own ways is asked first."""

    way = forms.ChoiceField(
        label=_("Which do we ask first?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of these.")},
    )

    def __init__(self, *args: Any, ways: Sequence[Way], first: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["way"] = first
        field = self.fields["way"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(way.value, way.label) for way in ways]

    def clean_way(self) -> Way:
        return Way(self.cleaned_data["way"])


class ChangeForm(forms.Form):
    """Which second factor is to be added or removed: pressed, never typed."""

    act = forms.ChoiceField(choices=[(kind, kind) for kind in acts.KINDS])
    passkey = forms.UUIDField(required=False)
