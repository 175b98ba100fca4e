"""Staff passwords: 14 characters or more, which meets PCI DSS v4.0.1 (8.3.6) and NIST SP 800-63B alike."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wekeza_portal import ratelimit
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy

SHORTEST = 14
FEWEST_DIFFERENT = 6
TRIES = Policy("staff-password-change", 5, timedelta(minutes=30))


class WrongOldPassword(PortalError):
    code = "wrong_old_password"
    message = gettext_lazy("The present password is not right.")


def check(password: str, *, staff_code: str) -> None:
    """Raises ValidationError with a sentence when it is too short or easy to guess."""
    if len(password) < SHORTEST:
        raise ValidationError(_("Use at least 14 characters. A short sentence works well."), code="short")
    if len(password) > 128:
        raise ValidationError(_("Use at most 128 characters."), code="long")
    if len(set(password)) < FEWEST_DIFFERENT or staff_code.casefold() in password.casefold():
        raise ValidationError(_("That password is easy to guess."), code="easy")
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError as error:
        raise ValidationError(_("That password is easy to guess."), code="easy") from error


def change(request: HttpRequest, *, old: str, new: str) -> None:
    """Set a new password for whoever is signed in. Raises TooMany, WrongOldPassword or ValidationError."""
    user: Any = request.user
    ratelimit.consume(TRIES, str(user.pk))
    if not user.check_password(old):
        raise WrongOldPassword()
    check(new, staff_code=user.get_username())
    user.set_password(new)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
