"""Form fields that every domain shares: amounts, notes and account numbers, read strictly."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError
from wekeza_portal.money import parse_amount

NOTE_LENGTH = 100
_ACCOUNT_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{2,19}", re.ASCII)
# Marks that turn the reading direction: in a note they could make "KES 1" read as something else.
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class AmountField(forms.CharField):
    """KES as a person types it; cleans to a positive `Decimal` with two places.

    A CharField on purpose: Django's DecimalField lets through `1e2`, `1_000` and digits of other scripts. What was
    typed stays in the box when it is refused.
    """

    default_error_messages = {"required": _("Enter an amount, like 1500 or 1,500.50.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(strip=False, **kwargs)
        # The field's own null-character complaint would come before the one rule for amounts.
        self.validators = []

    def clean(self, value: Any) -> Decimal | None:
        text = value if isinstance(value, str) else ""
        if not text.strip():
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return parse_amount(text)
        except PortalError as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


class NoteField(forms.CharField):
    """One line in the customer's words, up to 100 characters, without anything that can't be printed.

    Line breaks become spaces; control characters and marks that turn the reading direction are refused.
    """

    default_error_messages = {
        "too_long": _("The note can have up to %(limit)s characters. Yours has %(length)s."),
        "unprintable": _("The note has a hidden character that can't be printed. Please type it again."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(strip=True, **kwargs)
        self.validators = []

    def to_python(self, value: Any) -> str:
        text = " ".join(re.split(r"[ \t\r\n]+", super().to_python(value) or "")).strip()
        if any(_is_unprintable(character) for character in text):
            raise ValidationError(self.error_messages["unprintable"], code="unprintable")
        if len(text) > NOTE_LENGTH:
            values = {"limit": NOTE_LENGTH, "length": len(text)}
            raise ValidationError(self.error_messages["too_long"], code="too_long", params=values)
        return text


class AccountNumberField(forms.CharField):
    """A Wekeza account number: blanks are taken out, letters made capitals. Opaque apart from that."""

    default_error_messages = {
        "required": _("Enter the account number."),
        "invalid": _("That is not an account number. It looks like ACC1000015: letters and digits only."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(strip=True, **kwargs)
        self.validators = []

    def to_python(self, value: Any) -> str:
        text = "".join((super().to_python(value) or "").split())
        if text and not _ACCOUNT_NUMBER.fullmatch(text.upper()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text.upper() if text.isascii() else text


def _is_unprintable(character: str) -> bool:
    if character in _DIRECTION_MARKS:
        return True
    return unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
