"""Setting a new password without the old one: the e-mail's link, a code to the known number, then the password.

The link alone changes nothing, and opening it uses nothing up: mail scanners do. What uses it up is the press of a
button, and from then on it belongs to that browser.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.identity import alerts, codes, contacts, guard, knowncontacts, passwordchange, resetlinks, tries
from accounts.identity.actors import actor_from
from accounts.identity.backends import normalise_email
from accounts.identity.enrolment import VisitBranch
from accounts.identity.guard import Standing
from accounts.identity.simguard import SETTLED_AFTER
from accounts.models import BranchCustomer, OneTimeCode, ResetLink, User
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, client_address

RESET = OneTimeCode.Purpose.RESET
OPENED_KEY, KEY = "reset_link", "reset"
LIFE = timedelta(minutes=15)
OPENINGS = Policy("forgot-openings", 20, timedelta(minutes=30))


class LinkOver(PortalError):
    """Used, run out, overtaken, or never ours: all alike."""

    code = "link_over"
    message = _("This link can no longer be used. Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Reset:
    """How far this browser has come; kept in the session."""

    link_id: int
    user_id: int
    nonce: str
    started_at: datetime
    code_given: bool

    @property
    def binding(self) -> str:
        return f"reset:{self.nonce}"


def hold(request: HttpRequest, token: str) -> None:
    """Remember the link that was opened, by its digest, so that no further address holds its token."""
    request.session[OPENED_KEY] = resetlinks.digest(token)


def begin(request: HttpRequest) -> Reset:
    """Use up the link this browser opened and send the code to the known number, in a fresh session.

    Raises TooMany, LinkOver, VisitBranch (no number, or one too new to vouch for anybody) or SwitchedOff; the link is
    used up only once the code is out.
    """
    ratelimit.consume(OPENINGS, client_address(request) or "unknown")
    link = ResetLink.objects.filter(token_digest=request.session.get(OPENED_KEY, "")).first()
    user = _user_of(link)
    if link is None or user is None or link.used_at is not None:
        raise LinkOver()
    state = Reset(link.pk, user.pk, secrets.token_urlsafe(24), clock.now(), code_given=False)
    send_code(state, user)
    if not ResetLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now()):
        raise LinkOver()
    request.session.flush()
    _store(request, state)
    return state


def _user_of(link: ResetLink | None) -> User | None:
    """Whose password the link may set now; None where it ran out, was overtaken, or the customer may not come in."""
    if link is None or link.expires_at <= clock.now():
        return None
    user = User.objects.select_related("customer").get(pk=link.user_id)
    is_good = link.replaces == passwordchange.mark(user) and guard.standing_of(user) is Standing.GOOD
    return user if is_good else None


def send_code(state: Reset, user: User) -> OneTimeCode:
    """Send the code of this reset, by SMS only: the e-mail has proven itself already. Raises TooMany, VisitBranch."""
    customer = user.customer
    assert customer is not None
    knowncontacts.note(user)
    is_settled = user.known_phone_since is not None and clock.now() - user.known_phone_since >= SETTLED_AFTER
    if not contacts.phone_of(customer) or not is_settled:
        raise VisitBranch()
    return codes.issue(purpose=RESET, customer=customer, binding=state.binding, language=user.language)


def current(request: HttpRequest) -> Reset | None:
    """The reset of this browser; None if there is none or it is older than fifteen minutes."""
    stored = request.session.get(KEY)
    if not stored:
        return None
    state = Reset(stored[0], stored[1], stored[2], datetime.fromisoformat(stored[3]), stored[4])
    return state if clock.now() - state.started_at <= LIFE else None


def user_of(state: Reset) -> User:
    """The user of this reset, who may still come in and whose password is still the forgotten one; else LinkOver."""
    user = User.objects.select_related("customer").filter(pk=state.user_id).first()
    link = ResetLink.objects.filter(pk=state.link_id).first()
    return _unchanged(user, link)


def _unchanged(user: User | None, link: ResetLink | None) -> User:
    if user is None or link is None or link.replaces != passwordchange.mark(user):
        raise LinkOver()
    if guard.standing_of(user) is not Standing.GOOD:
        raise LinkOver()
    return user


def prove_code(request: HttpRequest, state: Reset, code: str) -> None:
    """Use up the code of this reset. Raises WrongCode, CodeUsedUp, TooMany, LinkOver."""
    customer = customer_of(user_of(state))
    codes.verify(purpose=RESET, customer_id=customer.user_id, binding=state.binding, code=code)
    request.session.cycle_key()
    _store(request, Reset(state.link_id, state.user_id, state.nonce, state.started_at, code_given=True))


def customer_of(user: User) -> BranchCustomer:
    assert user.customer is not None, "links are made for customers only"
    return user.customer


def complete(request: HttpRequest, state: Reset, password: str) -> limits.Recovery:
    """Set the password, end every session and every other link, cap payments for 24 hours; the cap that holds now.

    Nobody is signed in by it. Raises LinkOver.
    """
    if not state.code_given:
        raise LinkOver()
    encoded = make_password(password)
    user, cap = _set(state, encoded, actor_from(request))
    ratelimit.reset(tries.LOGIN_ACCOUNT, normalise_email(customer_of(user).email))
    request.session.flush()
    return cap


@transaction.atomic
def _set(state: Reset, encoded: str, actor: Actor) -> tuple[User, limits.Recovery]:
    row = User.objects.select_for_update().filter(pk=state.user_id).first()
    user = _unchanged(row, ResetLink.objects.filter(pk=state.link_id).first())
    passwordchange.put(user, encoded)
    resetlinks.void(user)
    cap = limits.begin_recovery(customer_of(user))
    record("password.reset", actor=actor, customer_id=user.customer_id, subject=f"user:{user.pk}")
    alerts.password_reset(user, clock.now(), f"password-reset:{state.link_id}")
    return user, cap


def _store(request: HttpRequest, state: Reset) -> None:
    request.session[KEY] = [
        state.link_id,
        state.user_id,
        state.nonce,
        state.started_at.isoformat(),
        state.code_given,
    ]
