"""Activating online access: e-mail and the branch's secret, a code to the known number, then a password of one's own.

Until the secret is right every answer is the same, whoever is asked for. "Reset at the bank" (the branch's value
changed) is the same way again, but only for a number that has not changed for 72 hours.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.identity import branchsecrets, codes, contacts, guard, knowncontacts, links, sessions, signin
from accounts.identity.actors import actor_from
from accounts.identity.backends import customer_by_email, normalise_email
from accounts.identity.simguard import SETTLED_AFTER
from accounts.models import BranchCustomer, OneTimeCode, SignedInSession, User
from wekeza_portal import clock, ratelimit
from wekeza_portal.audit.services import record
from wekeza_portal.branch.introspection import stamp_updated_at
from wekeza_portal.errors import PortalError
from wekeza_portal.ratelimit import Policy, client_address, neighbourhood

ENROL_ACCOUNT = Policy("enrol-account", 5, timedelta(minutes=30))
ENROL_ADDRESS = Policy("enrol-address", 20, timedelta(minutes=30))
ENROL_NETWORK = Policy("enrol-network", 100, timedelta(minutes=30))
LIFE = timedelta(minutes=15)
KEY = "enrolment"


class NotRecognised(PortalError):
    code = "not_recognised"
    message = _("We can't activate online access with that e-mail and password. Check both, or visit a branch.")


class AlreadyActive(PortalError):
    code = "already_active"
    message = _("You have online access already. Sign in with the password you chose.")


class VisitBranch(PortalError):
    """The secret was right, but the known number cannot vouch for the customer."""

    code = "visit_branch"
    message = _("Your phone number with us is missing or new. Please visit a branch with your national ID.")


class StartAgain(PortalError):
    code = "start_again"
    message = _("That took too long, or something changed at the bank meanwhile. Please start again.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How far this browser has come; kept in the session."""

    customer_id: int
    secret_digest: str
    nonce: str
    started_at: datetime
    code_given: bool

    @property
    def binding(self) -> str:
        return f"enrolment:{self.nonce}"


def prove_secret(request: HttpRequest, email: str, secret: str) -> BranchCustomer:
    """The customer whose branch secret this is and who may enrol now.

    Counted before anything is looked at; a blocked address uses up nothing of its network's budget. Raises TooMany
    and NotRecognised alike for everybody, and to the right secret only AlreadyActive or VisitBranch.
    """
    address = client_address(request)
    ratelimit.consume(ENROL_ADDRESS, address or "unknown")
    ratelimit.consume(ENROL_NETWORK, neighbourhood(address))
    ratelimit.consume(ENROL_ACCOUNT, normalise_email(email))
    customer = customer_by_email(email)
    is_right = branchsecrets.matches(customer.password_hash or "" if customer else "", secret)
    if customer is None or not is_right or not guard.is_personal_and_active(customer):
        record("enrolment.refused", actor=actor_from(request), customer_id=customer.user_id if customer else None)
        raise NotRecognised()
    refuse_unless_open(customer)
    return customer


def refuse_unless_open(customer: BranchCustomer) -> None:
    """Raises AlreadyActive or VisitBranch unless this customer may enrol now, for the first time or again."""
    user = User.objects.filter(customer_id=customer.user_id).first()
    if not contacts.phone_of(customer):
        raise VisitBranch()
    if user is None:
        return
    if not user.is_active or not links.link_is_intact(user, customer):
        raise VisitBranch()
    if constant_time_compare(user.branch_secret_digest, links.secret_digest(customer)):
        raise AlreadyActive()
    user.customer = customer
    knowncontacts.note(user)
    if user.known_phone_since is None or clock.now() - user.known_phone_since < SETTLED_AFTER:
        raise VisitBranch()


def begin(request: HttpRequest, customer: BranchCustomer) -> Enrolment:
    """Remember the proven secret in a fresh session and send the code to the known number. Raises TooMany."""
    state = Enrolment(
        customer.user_id, links.secret_digest(customer), secrets.token_urlsafe(24), clock.now(), code_given=False
    )
    send_code(state, customer)
    request.session.flush()
    _store(request, state)
    return state


def current(request: HttpRequest) -> Enrolment | None:
    """The enrolment of this browser, None if there is none or it is older than fifteen minutes."""
    stored = request.session.get(KEY)
    if not stored:
        return None
    state = Enrolment(stored[0], stored[1], stored[2], datetime.fromisoformat(stored[3]), stored[4])
    return state if clock.now() - state.started_at <= LIFE else None


def send_code(state: Enrolment, customer: BranchCustomer) -> OneTimeCode:
    """Send the code of this enrolment, by SMS only: the known number is what is being proven. Raises TooMany."""
    return codes.issue(
        purpose=OneTimeCode.Purpose.ENROL,
        customer=customer,
        binding=state.binding,
        language=get_language() or settings.LANGUAGE_CODE,
    )


def prove_code(request: HttpRequest, state: Enrolment, code: str) -> None:
    """Use up the code of this enrolment. Raises WrongCode, CodeUsedUp, TooMany."""
    codes.verify(purpose=OneTimeCode.Purpose.ENROL, customer_id=state.customer_id, binding=state.binding, code=code)
    request.session.cycle_key()
    _store(request, Enrolment(state.customer_id, state.secret_digest, state.nonce, state.started_at, code_given=True))


def customer_of(state: Enrolment) -> BranchCustomer:
    """The customer of an enrolment, unchanged since the secret was proven; StartAgain otherwise."""
    customer = BranchCustomer.objects.filter(pk=state.customer_id).first()
    return _unchanged(state, customer)


@transaction.atomic
def complete(request: HttpRequest, state: Enrolment, password: str, token: str) -> SignedInSession:
    """Make or renew the login with the chosen password, end every older session, and sign in.

    Raises StartAgain when the branch row changed since the secret was proven, AlreadyActive or VisitBranch when
    somebody was faster.
    """
    if not state.code_given:
        raise StartAgain()
    row = BranchCustomer.objects.select_for_update().filter(pk=state.customer_id).first()
    customer = _unchanged(state, row)
    refuse_unless_open(customer)
    user = User.objects.filter(customer_id=customer.user_id).first() or _new_user(customer)
    if settings.REPLACE_BRANCH_SECRET:
        customer.password_hash = branchsecrets.replacement()
        customer.save(update_fields=["password_hash"])
        stamp_updated_at("users", "user_id", customer.user_id, clock.now())
    user.customer = customer
    user.branch_secret_digest = links.secret_digest(customer)
    user.set_password(password)
    user.save(update_fields=["branch_secret_digest", "password"] if user.pk else None)
    sessions.end_all(user)
    record("enrolment.done", actor=actor_from(request), customer_id=customer.user_id, subject=f"user:{user.pk}")
    return signin.begin(request, user, token, activated=True)


def _new_user(customer: BranchCustomer) -> User:
    language = get_language() or settings.LANGUAGE_CODE
    return User(
        username=f"customer:{customer.user_id}",
        customer=customer,
        fingerprint=links.fingerprint(customer),
        known_phone=contacts.phone_of(customer),
        known_phone_since=clock.now(),
        known_email=normalise_email(customer.email),
        language=language[:2],
    )


def _unchanged(state: Enrolment, customer: BranchCustomer | None) -> BranchCustomer:
    if customer is None or not guard.is_personal_and_active(customer):
        raise StartAgain()
    if not constant_time_compare(state.secret_digest, links.secret_digest(customer)):
        raise StartAgain()
    return customer


def _store(request: HttpRequest, state: Enrolment) -> None:
    request.session[KEY] = [
        state.customer_id,
        state.secret_digest,
        state.nonce,
        state.started_at.isoformat(),
        state.code_given,
    ]
