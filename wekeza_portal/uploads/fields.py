"""The form that takes papers: choose files, or take a photograph with a phone. Works without JavaScript."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wekeza_portal.uploads import errors, names
from wekeza_portal.uploads.services import MOST_FILES

ACCEPT = ".jpg,.jpeg,.png,.pdf,image/jpeg,image/png,application/pdf"


class ManyFiles(forms.FileInput):
    """One control, several files. Says which kinds before one is chosen."""

    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Cleans to a list of files, none of them looked into yet: services.accept() judges each."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = [file for file in data or [] if file]
        if len(files) > MOST_FILES:
            raise ValidationError(str(errors.TooManyFiles()), code=errors.TooManyFiles.code)
        return files


class PapersForm(forms.Form):
    """Papers to add. `cleaned_data["files"]` is all of them, from either control."""

    papers = PapersField(
        label=_("Choose files"),
        required=False,
        help_text=_("JPEG, PNG or PDF. Up to 5 MB in one go, 10 papers in all."),
        widget=ManyFiles(attrs={"accept": ACCEPT, "data-files": ""}),
    )
    photo = PapersField(
        label=_("Or take a photo"),
        required=False,
        widget=ManyFiles(attrs={"accept": "image/jpeg", "capture": "environment", "data-files": ""}),
    )

    def __init__(self, *args: Any, lost: bool = False, may_be_none: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lost = lost
        self.may_be_none = may_be_none

    @classmethod
    def sent_with(cls, request: HttpRequest, *, may_be_none: bool = False) -> "PapersForm":
        """The form as it came. A request that is too large comes without its files: FILE_UPLOAD_MAX_MEMORY_SIZE."""
        length = request.headers.get("Content-Length", "")
        lost = length.isdigit() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        return cls(request.POST, request.FILES, lost=lost, may_be_none=may_be_none)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        typed["files"] = [*typed.get("papers", []), *typed.get("photo", [])]
        if self.lost:
            self.add_error("papers", str(errors.TooLargeTogether()))
        elif not typed["files"] and not self.may_be_none and not self.errors:
            self.add_error("papers", _("Choose a file, or take a photo."))
        return typed

    def refuse(self, name: str, refusal: errors.UploadRefused) -> None:
        """Say beside the control which file was not kept, and why."""
        self.add_error("papers", f"{names.shown(name)}: {refusal}")
