"""Opening and ending a call: whoever calls a customer says so here first, so that the customer can look."""

import secrets
import uuid
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts import limits
from accounts.models import BankCall, BranchCustomer, Limit, StaffMember
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError


class AlreadyOnThePhone(PortalError):
    code = "already_on_the_phone"
    message = _("%(caller)s is on the phone with this customer already.")


class NotOnTheList(PortalError):
    code = "not_on_the_list"
    message = _("Your code is not on the branch's staff list, so the customer could not be told your name.")


class AnothersCall(PortalError):
    code = "anothers_call"
    message = _("Only the person who opened this call can end it.")


def open_call(
    customer: BranchCustomer, *, staff_id: int, staff_code: str, department: str, about: str, actor: Actor
) -> BankCall:
    """Tell the customer's page who is calling, from which department, about what, under which reference.

    It is over when the caller ends it or CALL_MINUTES have passed. Raises AlreadyOnThePhone, NotOnTheList.
    """
    now = clock.now()
    with transaction.atomic():
        BankCall.objects.filter(open_for=customer.user_id, expires_at__lte=now).update(open_for=None)
        _refuse_second(customer.user_id)
        minutes = int(limits.value(Limit.Code.CALL_MINUTES, tier=customer.kyc_tier, on=now.date()))
        call = BankCall(
            customer_id=customer.user_id,
            open_for=customer.user_id,
            reference=_new_reference(),
            staff_id=staff_id,
            staff_code=staff_code,
            caller=_name_of(staff_code),
            department=BankCall.Department(department),
            about=about[:120],
            opened_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )
        _insert(call)
        facts = {"department": call.department, "about": call.about, "until": call.expires_at.isoformat()}
        _record("call.opened", call, actor, **facts)
    return call


def _insert(call: BankCall) -> None:
    """The unique key decides between two who open at the same moment."""
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:
        _refuse_second(call.customer_id)
        raise


def _refuse_second(customer_id: int) -> None:
    running = BankCall.objects.filter(open_for=customer_id).first()
    if running is not None:
        raise AlreadyOnThePhone(caller=running.caller)


@transaction.atomic
def end_call(call_id: uuid.UUID, *, staff_id: int, actor: Actor) -> BankCall:
    """The call is over: the customer's page says "nobody" again at its next look. Once; Http404 for none.

    Raises AnothersCall.
    """
    call = BankCall.objects.select_for_update().filter(pk=call_id).first()
    if call is None:
        raise Http404
    if call.staff_id != staff_id:
        raise AnothersCall()
    if call.ended_at is None:
        call.ended_at, call.open_for = min(clock.now(), call.expires_at), None
        call.save(update_fields=["ended_at", "open_for"])
        _record("call.ended", call, actor)
    return call


def _name_of(staff_code: str) -> str:
    """The caller's name as the branch has it; never a name somebody typed."""
    member = StaffMember.objects.filter(staff_code=staff_code, is_active=True).first()
    if member is None:
        raise NotOnTheList()
    return str(member.full_name)


def _new_reference() -> str:
    """Six digits in two groups: read out on the phone and compared with the page, no secret."""
    digits = f"{secrets.randbelow(1_000_000):06d}"
    return f"{digits[:3]} {digits[3:]}"


def _record(verb: str, call: BankCall, actor: Actor, **data: str) -> None:
    facts = {"reference": call.reference, "caller": call.staff_code, **data}
    record(verb, actor=actor, customer_id=call.customer_id, subject=f"call:{call.id}", data=facts)
