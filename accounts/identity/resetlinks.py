"""Asking for a new password: the same answer for everybody, and a link by e-mail for whom it concerns.

The request leaves the same errand for every address, known or not; the worker looks up whose it is. What is asked
about costs the same statements and the same time, and says the same.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.identity import devices, guard, passwordchange
from accounts.identity.backends import customer_by_email, normalise_email, user_by_email
from accounts.identity.guard import Standing
from accounts.models import BranchCustomer, ResetLink, User
from wekeza_portal import clock, crypto, errands, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.notifications import services as outbox
from wekeza_portal.notifications.events import Event
from wekeza_portal.notifications.models import Channel
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood

ERRAND = "reset-link"
LIFE = timedelta(minutes=15)
ASK_DEVICE = Policy("forgot-device", 3, timedelta(minutes=30))
ASK_ACCOUNT = Policy("forgot-account", 3, timedelta(minutes=30))
ASK_ADDRESS = Policy("forgot-address", 20, timedelta(minutes=30))
ASK_NETWORK = Policy("forgot-network", 100, timedelta(minutes=30))


def ask(request: HttpRequest, email: str) -> None:
    """Leave word that a new password is wanted for `email`. Counted first, alike for addresses we don't know.

    A browser that this customer signed in from before has a budget of its own, so that strangers can't use up the
    owner's. Raises TooMany.
    """
    wanted = normalise_email(email)
    token = devices.token_of(request)
    if devices.is_known_for(wanted, token):
        ratelimit.consume(ASK_DEVICE, f"{devices.digest(token)}|{wanted}")
    else:
        address = client_address(request)
        ratelimit.consume(ASK_ADDRESS, address or "unknown")
        ratelimit.consume(ASK_NETWORK, neighbourhood(address))
        ratelimit.consume(ASK_ACCOUNT, wanted)
    errands.leave(
        ERRAND,
        {
            "email": wanted,
            "at": clock.now().isoformat(),
            "ip": client_address(request) or "",
            "request_id": getattr(request, "request_id", ""),
            "language": translation.get_language() or settings.LANGUAGE_CODE,
        },
    )


def deliver() -> int:
    """Send a link to whom one is due. A worker step; how many requests were looked at."""
    return errands.run(ERRAND, _deliver)


def _deliver(what: dict[str, str]) -> None:
    """A link to whoever may come in; to a customer without online access how to get it; nothing to anybody else."""
    if clock.now() - datetime.fromisoformat(what["at"]) > LIFE:
        return  # whoever still waits has asked again
    user = user_by_email(what["email"])
    customer = user.customer if user is not None else customer_by_email(what["email"])
    if customer is None or not guard.is_personal_and_active(customer):
        return
    actor = Actor("customer", str(user.pk) if user else "", customer.user_id, what["request_id"], what["ip"] or None)
    standing = guard.standing_of(user) if user is not None else Standing.RESET
    if user is not None and standing is Standing.GOOD:
        _send_link(user, customer)
        record("reset.asked", actor=actor, customer_id=customer.user_id)
    elif standing is Standing.RESET:
        _send_how_to_activate(customer, user.language if user is not None else what["language"][:2])


def _send_link(user: User, customer: BranchCustomer) -> None:
    now = clock.now()
    token = new_token()
    link = ResetLink.objects.create(
        token_digest=digest(token),
        user=user,
        replaces=passwordchange.mark(user),
        created_at=now,
        expires_at=now + LIFE,
    )
    with translation.override(user.language):
        body = _(
            "Somebody, probably you, asked for a new password at %(name)s.\n\n"
            "To choose one, open this link within 15 minutes. It works once:\n%(link)s\n\n"
            "You will also need the code that we then send to your phone. "
            "Was it not you? Then do nothing: your password stays as it is."
        )
        address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('forgot_open', args=[token])}"
        outbox.enqueue(
            cause=f"reset-link:{link.pk}",
            event=Event.CODE,
            channel=Channel.EMAIL,
            to=customer.email,
            customer_id=customer.user_id,
            subject=_("Your new password at %(name)s") % {"name": settings.BANK_NAME},
            body=body % {"name": settings.BANK_NAME, "link": address},
            secret=True,
            expires_at=link.expires_at,
        )


def _send_how_to_activate(customer: BranchCustomer, language: str) -> None:
    with translation.override(language):
        body = _(
            "Somebody, probably you, asked for a new password at %(name)s. Your online access is not active, so there "
            "is no password yet. You activate it here, with the password you have from the bank:\n%(link)s\n\n"
            "Was it not you? Then do nothing."
        )
        address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('enrol')}"
        outbox.enqueue(
            event=Event.ASKED,
            cause=f"reset-inactive:{customer.user_id}:{clock.now():%Y%m%d%H%M}",
            channel=Channel.EMAIL,
            to=customer.email,
            customer_id=customer.user_id,
            subject=_("Your new password at %(name)s") % {"name": settings.BANK_NAME},
            body=body % {"name": settings.BANK_NAME, "link": address},
        )


def void(user: User) -> None:
    """No link that was sent to this user works any more."""
    ResetLink.objects.filter(user=user, used_at=None).update(used_at=clock.now())


def new_token() -> str:
    """128 random bits in the one shape that our logs never print: see `wekeza_portal.logs`."""
    token = ""
    while not (any(char.isdigit() for char in token) and any(char.isalpha() for char in token)):
        token = secrets.token_hex(16)
    return token


def digest(token: str) -> str:
    """How a link's token is stored."""
    return crypto.keyed_digest("reset-link", token)


def forget_old(before: datetime) -> int:
    """Delete links that ran out before `before`; how many."""
    return ResetLink.objects.filter(expires_at__lt=before).delete()[0]
