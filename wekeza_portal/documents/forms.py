"""What somebody who was given a paper fills in."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

PAPER_BYTES = 5 * 1024 * 1024


class CodeForm(forms.Form):
    """The code as printed. Not judged here: every wrong one gets the same answer."""

    code = forms.CharField(
        label=_("Code on the paper"),
        help_text=_("12 letters and figures in fours, like 7K3M-9QTX-2B4D."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
        ),
        error_messages={"required": _("Enter the code printed on the paper.")},
    )


class PaperFileForm(forms.Form):
    """The PDF to compare. Uploads over the limit never reach us: the setting drops them unread."""

    paper = forms.FileField(
        label=_("The PDF you were given"),
        help_text=_("Up to 5 MB. We compare it and keep nothing."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": _("Choose a PDF of up to 5 MB."),
            "empty": _("That file is empty. Choose the PDF you were given."),
        },
    )

    def clean_paper(self) -> "UploadedFile[bytes]":
        paper: UploadedFile[bytes] = self.cleaned_data["paper"]
        if (paper.size or 0) > PAPER_BYTES:
            raise ValidationError(self.fields["paper"].error_messages["required"], code="too_large")
        return paper
