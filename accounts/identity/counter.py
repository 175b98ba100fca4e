"""What two of the staff, having seen a customer's ID, may do: give out an activation code, open a locked sign-in.

Both are proposals: one person proposes, another approves. The code is made when it is printed, once, and read by
nobody: it goes from the printer to the customer's hand.
"""

import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identity import alerts, codes, contacts, guard, tries
from accounts.identity.backends import normalise_email
from accounts.identity.guard import Standing
from accounts.models import ActivationCode, BranchCustomer, User
from wekeza_portal import clock, crypto, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.documents import pdf
from wekeza_portal.errors import PortalError
from wekeza_portal.identifiers import CROCKFORD
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

ACTIVATION, UNLOCK = "activation_code", "unlock_sign_in"
PROPOSE, APPROVE = "accounts.propose_activation", "accounts.approve_activation"
LIFE = timedelta(hours=24)
LENGTH = 16
"""Crockford characters: 80 bits."""
_MISREAD = str.maketrans("OIL", "011")


class NoOnlineAccess(PortalError):
    code = "no_online_access"
    message = gettext_lazy("This customer has no online access that could be given back. Activation is at /enrol/.")


class NotTheId(PortalError):
    code = "not_the_id"
    field = "national_id"
    message = gettext_lazy("That is not the number of this customer's ID. Look at the ID itself.")


class NotANumber(PortalError):
    code = "not_a_number"
    field = "phone"
    message = gettext_lazy("Enter a phone number like 0722 000 111.")


class AlreadyPrinted(PortalError):
    code = "already_printed"
    message = gettext_lazy("This code was printed already, has run out or was used. Propose a new one.")


def login_of(customer: BranchCustomer) -> User:
    """The customer's login that may be given back. Raises NoOnlineAccess."""
    user = User.objects.select_related("customer").filter(customer_id=customer.user_id).first()
    if user is None or guard.standing_of(user) is not Standing.GOOD:
        raise NoOnlineAccess()
    return user


def is_locked(customer: BranchCustomer) -> bool:
    """Whether too many tries have closed the sign-in of this customer for strangers' browsers, or their codes."""
    policy, code_policy = tries.LOGIN_ACCOUNT, codes.CODE_TRIES
    passwords = ratelimit.peek(policy, normalise_email(customer.email)) >= policy.limit
    return passwords or ratelimit.peek(code_policy, str(customer.user_id)) >= code_policy.limit


def payload_of(customer: BranchCustomer, *, national_id: str, phone: str) -> Payload:
    """What is proposed, the ID being at hand: its number is compared and not kept. Raises NotTheId or NotANumber.

    `phone` "" for the number the branch has.
    """
    if not customer.national_id or not constant_time_compare(national_id.strip(), customer.national_id):
        raise NotTheId()
    number = contacts.international(phone) if phone.strip() else contacts.phone_of(customer)
    if not number.startswith("+") or len(number) > 15:
        raise NotANumber()
    return {"customer": customer.user_id, "phone": number}


def print_once(activation_id: uuid.UUID, *, staff_code: str, actor: Actor) -> bytes:
    """Make the code and the paper with it, for the printer. Only this once. Raises Http404 or AlreadyPrinted."""
    row = ActivationCode.objects.select_related("user__customer").filter(pk=activation_id).first()
    if row is None or row.user.customer is None:
        raise Http404
    code = "".join(secrets.choice(CROCKFORD) for _place in range(LENGTH))
    shown = "-".join(code[place : place + 4] for place in range(0, LENGTH, 4))
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('activate')}"
    context = {
        "code": shown,
        "customer": row.user.customer,
        "until": row.expires_at,
        "phone": row.phone,
        "address": address,
    }
    paper = pdf.render("documents/activation.html", context, language=row.user.language)
    now = clock.now()
    waiting = ActivationCode.objects.filter(
        pk=row.pk, printed_at=None, used_at=None, voided_at=None, expires_at__gt=now
    )
    if not waiting.update(printed_at=now, printed_by=staff_code, digest=digest(row, code)):
        raise AlreadyPrinted()
    record("activation.printed", actor=actor, customer_id=row.user.customer_id, subject=f"activation:{row.pk}")
    return paper


def digest(row: ActivationCode, code: str) -> str:
    """How a code is stored: of use for this row alone."""
    return crypto.keyed_digest("activation-code", f"{row.pk}|{code}")


def normal(text: str) -> str:
    """A code as typed, in its one form; "" when it cannot be one. What people write for O, I and L is forgiven."""
    letters = re.sub(r"[\s-]+", "", text[:40]).upper().translate(_MISREAD)
    return letters if len(letters) == LENGTH and all(char in CROCKFORD for char in letters) else ""


def _customer(payload: Payload) -> BranchCustomer:
    found = BranchCustomer.objects.filter(user_id=payload["customer"], business_id__isnull=True).first()
    if found is None:
        raise NoOnlineAccess()
    return found


def _refuse_if_wrong(payload: Payload) -> None:
    login_of(_customer(payload))


def _describe_activation(payload: Payload) -> str:
    words = _("%(name)s (%(id)s): give out an activation code; their phone from then on: %(phone)s. ID seen.")
    return words % {"name": _customer(payload).full_name, "id": payload["customer"], "phone": payload["phone"]}


def _describe_unlock(payload: Payload) -> str:
    words = _("%(name)s (%(id)s): open the sign-in again. ID seen.")
    return words % {"name": _customer(payload).full_name, "id": payload["customer"]}


def _give_out(proposal: Proposal) -> None:
    """The second person approved: a code may be printed, every earlier one is void, the contacts of now are told."""
    user, now = login_of(_customer(proposal.payload)), clock.now()
    ActivationCode.objects.filter(user=user, used_at=None, voided_at=None).update(voided_at=now)
    ActivationCode.objects.create(
        user=user,
        phone=proposal.payload["phone"],
        proposal_id=proposal.pk,
        created_at=now,
        expires_at=now + LIFE,
    )
    alerts.activation_issued(user, now, f"activation-issued:{proposal.pk}")


def _unlock(proposal: Proposal) -> None:
    customer = _customer(proposal.payload)
    user = login_of(customer)
    ratelimit.reset(tries.LOGIN_ACCOUNT, normalise_email(customer.email))
    ratelimit.reset(codes.CODE_TRIES, str(customer.user_id))
    alerts.unlocked(user, clock.now(), f"unlocked:{proposal.pk}")


def register() -> None:
    """Once, when the apps are ready."""
    both: dict[str, Any] = {
        "make_permission": PROPOSE,
        "check_permission": APPROVE,
        "refuse_if_wrong": _refuse_if_wrong,
    }
    activation = ProposalKind(
        title=gettext_lazy("Give out an activation code"), describe=_describe_activation, apply=_give_out, **both
    )
    unlock = ProposalKind(title=gettext_lazy("Open a locked sign-in"), describe=_describe_unlock, apply=_unlock, **both)
    proposals.kinds.register(ACTIVATION, activation)
    proposals.kinds.register(UNLOCK, unlock)
