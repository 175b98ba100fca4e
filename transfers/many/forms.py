"""The form that takes a file of payments."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from transfers.forms import PayingForm
from transfers.many import reading
from transfers.many.reading import FileRefused
from wekeza_portal.places import AllTaken
from wekeza_portal.uploads.names import shown


class ManyForm(PayingForm):
    """Which account pays, and the file. `cleaned_data["file"]` is its rows, `file_name` what it may be called."""

    file = forms.FileField(
        label=_("File with the payments"),
        help_text=_("CSV or Excel (XLSX), up to 50 payments and 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": _("Choose a file of up to 1 MB."),
            "empty": _("This file is empty."),
            "invalid": _("Choose a file of up to 1 MB."),
            "missing": _("Choose a file of up to 1 MB."),
        },
    )

    def clean_file(self) -> list[tuple[int, dict[str, str]]]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        self.file_name = shown(upload.name or "")[:80] or "payments"
        try:
            if (upload.size or 0) > reading.LARGEST:
                raise reading.TooLarge()
            return reading.read(upload.read())
        except (FileRefused, AllTaken) as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None
