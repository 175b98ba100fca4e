"""Signing staff in: staff code, password and the code of the authenticator app, all at once or not at all."""

from datetime import timedelta
from typing import Any

import django_otp
from django.contrib.auth import get_user_model, login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wekeza_portal import ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood
from wekeza_portal.staff import door, totp
from wekeza_portal.staff.models import StaffTotp

BACKEND = "accounts.identity.backends.CustomerBackend"
HALF_AN_HOUR = timedelta(minutes=30)
STAFF_ACCOUNT = Policy("staff-account", 10, HALF_AN_HOUR)
STAFF_ADDRESS = Policy("staff-address", 50, HALF_AN_HOUR)
STAFF_NETWORK = Policy("staff-network", 200, HALF_AN_HOUR)


class WrongStaffCredentials(PortalError):
    """One sentence for all three: which of them was wrong is nobody's business."""

    code = "wrong_staff_credentials"
    message = _("Staff code, password or code is not right. Each code works once.")


class SetUpAnew(PortalError):
    """Told to whoever has all three right, and to nobody else."""

    code = "staff_set_up_anew"
    message = _(
        "This login was set up for another person or post at the branch. Operations have to set it up anew with "
        "addstaff."
    )


def sign_in(request: HttpRequest, *, username: str, password: str, code: str) -> None:
    """Begin a staff session in a fresh Django session. Every try is counted before anything is looked at.

    Raises TooMany, WrongStaffCredentials or SetUpAnew.
    """
    name = username.strip().upper()
    address = client_address(request)
    ratelimit.consume(STAFF_NETWORK, neighbourhood(address))
    ratelimit.consume(STAFF_ADDRESS, address or "unknown")
    ratelimit.consume(STAFF_ACCOUNT, name)
    user = get_user_model().objects.filter(username__iexact=name, customer=None).first()
    try:
        device = _prove(user, password, code)
    except SetUpAnew:
        record("staff.sign_in_refused", actor=_nobody(request, user))
        raise
    if user is None or device is None:
        record("staff.sign_in_refused", actor=_nobody(request, user))
        raise WrongStaffCredentials()
    ratelimit.give_back(STAFF_NETWORK, neighbourhood(address))
    ratelimit.give_back(STAFF_ADDRESS, address or "unknown")
    ratelimit.reset(STAFF_ACCOUNT, name)
    request.session.flush()
    login(request, user, backend=BACKEND)
    django_otp.login(request, device)
    door.begin(request)
    record("staff.signed_in", actor=door.actor_from(request))


def _prove(user: Any, password: str, code: str) -> StaffTotp | None:
    """The device when password and code are right and the branch still lists the person.

    The code is used up only after a right password: a stranger can't spend the codes of somebody on the staff.
    """
    if user is None:
        make_password(password)
        return None
    if not user.check_password(password):
        return None
    if door.is_staff(user):
        return totp.use(user.pk, code)
    if door.has_lost_the_post(user) and totp.use(user.pk, code) is not None:
        raise SetUpAnew()
    return None


def _nobody(request: HttpRequest, user: Any) -> Actor:
    return Actor(
        kind="staff",
        id=str(user.pk) if user is not None else "",
        request_id=getattr(request, "request_id", ""),
        ip=client_address(request),
    )
