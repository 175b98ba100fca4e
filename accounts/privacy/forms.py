"""What a customer types about their data."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import DataRequest
from accounts.privacy import consents
from wekeza_portal.forms import NOTE_LENGTH, NoteField

SHORTEST, LONGEST = 10, 1000
LARGEST_VERSION = 32767


class ConsentForm(forms.Form):
    """One purpose, yes or no, and which version of its text was on the page."""

    purpose = forms.ChoiceField(choices=[(purpose, purpose) for purpose in consents.PURPOSES])
    give = forms.ChoiceField(choices=[("1", "1"), ("0", "0")])
    version = forms.IntegerField(min_value=1, max_value=LARGEST_VERSION)


class WordsField(NoteField):
    """Some sentences, in several lines where wanted, of `SHORTEST` to `LONGEST` characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=True, widget=forms.Textarea(attrs={"rows": 6}), **kwargs)

    def to_python(self, value: Any) -> str:
        """Each line by the rules of a note, a hundred characters at a time: that is as long as a note gets."""
        typed = forms.CharField.to_python(self, value) or ""
        text = "\n".join(" ".join(line.split()) for line in typed.splitlines()).strip()
        if len(text) > LONGEST:
            values = {"limit": LONGEST, "length": len(text)}
            raise ValidationError(_("Up to %(limit)s characters, please. This has %(length)s."), params=values)
        for start in range(0, len(text), NOTE_LENGTH):
            super().to_python(text[start : start + NOTE_LENGTH])
        if 0 < len(text) < SHORTEST:
            raise ValidationError(_("Please say a little more, so that we can do it."))
        return text


class RequestForm(forms.Form):
    """What is asked for, and about what."""

    kind = forms.ChoiceField(
        label=_("What you ask for"),
        choices=[("", _("Choose")), *DataRequest.Kind.choices],
        error_messages={"required": _("Choose what you ask for."), "invalid_choice": _("Choose what you ask for.")},
    )
    details = WordsField(
        label=_("What it is about"),
        help_text=_("Which data, what is wrong with them, or which decision. No passwords or codes, please."),
        error_messages={"required": _("Say what it is about.")},
    )
