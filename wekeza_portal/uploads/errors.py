"""Why a file is not taken, each in the customer's words."""

from django.utils.translation import gettext_lazy as _

from wekeza_portal.errors import PortalError


class UploadRefused(PortalError):
    """The file was not kept; nothing else has changed."""

    code = "upload_refused"
    field = "papers"


class NotTaken(UploadRefused):
    code = "kind"
    message = _("We take JPEG and PNG pictures and PDF files only. Take a photo of the paper instead.")


class NotWhatItSays(UploadRefused):
    code = "content"
    message = _("This file is not what its name says. Save it again as JPEG, PNG or PDF, or take a photo of the paper.")


class Empty(UploadRefused):
    code = "empty"
    message = _("This file is empty. Choose another one.")


class TooLarge(UploadRefused):
    code = "too_large"
    message = _("This file is larger than 5 MB. Take a photo of the paper instead, or save the file smaller.")


class TooLargeTogether(UploadRefused):
    code = "too_large_together"
    message = _("That was more than 5 MB in one go, so we did not read it. Add large files one at a time.")


class TooManyPixels(UploadRefused):
    code = "pixels"
    message = _("This picture has more than 25 megapixels. Take the photo at a lower resolution.")


class Moves(UploadRefused):
    code = "animated"
    message = _("This picture moves. Send a still one.")


class Damaged(UploadRefused):
    code = "damaged"
    message = _("We could not read this file. It may be damaged: save or photograph it again.")


class Locked(UploadRefused):
    code = "locked"
    message = _("This PDF is locked with a password. Save it without one and add it again.")


class Active(UploadRefused):
    code = "active"
    message = _("This PDF holds a program, a form or another file. Print it to a plain PDF, or take a photo of it.")


class TooManyPages(UploadRefused):
    code = "pages"
    message = _("This PDF has more than 50 pages. Send only the pages we need.")


class TooManyFiles(UploadRefused):
    code = "files"
    message = _("You can add up to 10 papers. Remove one to add another.")


class NoRoom(UploadRefused):
    code = "quota"
    message = _(
        "That is more than 20 MB of papers in one day. Remove some, wait until tomorrow, or bring them to a branch."
    )


class Infected(UploadRefused):
    code = "infected"
    message = _("Our virus scanner does not let this file through. Take a photo of the paper instead.")


class NoScanner(UploadRefused):
    code = "scanner"
    message = _("We can't check files for viruses just now, so we take none. Please try again in a few minutes.")


class Busy(UploadRefused):
    code = "busy"
    message = _("Many people are sending files just now. Please try again in a minute.")


class TooLate(UploadRefused):
    code = "too_late"
    message = _("This was sent or given up meanwhile, so its papers can't be changed.")


BY_CODE: dict[str, type[UploadRefused]] = {
    error.code: error for error in (TooLarge, TooManyPixels, Moves, Damaged, Locked, Active, TooManyPages)
}
"""The refusals of the examining process."""
