"""Asking for a look, agreeing to it with a code, refusing it, noting what was looked at, ending it."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts import instructions, limits
from accounts.identity import guard
from accounts.models import BankCall, BranchCustomer, Instruction, Limit, StaffMember, SupportLook, SupportView, User
from accounts.supporting import ending, telling
from accounts.supporting.errors import AnotherLook, LookIsOver, NoOnlineAccess, NotOnTheStaffList
from wekeza_portal import clock, ratelimit
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO
from wekeza_portal.ratelimit import Policy
from wekeza_portal.staff import door

KIND = "SUPPORT_VIEW"
ASKS = Policy("support-asks", 5, timedelta(hours=1))
"""How often one customer may be asked: who is asked again and again agrees in the end."""
By = SupportView.EndedBy


def ask(
    customer: BranchCustomer, *, staff_id: int, staff_code: str, department: str, why: str, actor: Actor
) -> SupportView:
    """Ask the customer for a look at their pages. Shows nothing yet.

    Raises TooMany, NoOnlineAccess, NotOnTheStaffList or AnotherLook.
    """
    if _login_of(customer.user_id) is None:
        raise NoOnlineAccess()
    helper = _name_of(staff_code)
    ratelimit.consume(ASKS, str(customer.user_id))
    now = clock.now()
    with transaction.atomic():
        _refuse_second(customer.user_id)
        minutes = int(limits.value(Limit.Code.SUPPORT_ASK_MINUTES, tier=customer.kyc_tier, on=now.date()))
        view = SupportView(
            customer_id=customer.user_id,
            open_for=customer.user_id,
            reference=_new_reference(),
            staff_id=staff_id,
            staff_code=staff_code,
            helper=helper,
            department=BankCall.Department(department),
            why=why[:200],
            asked_at=now,
            answer_by=now + timedelta(minutes=minutes),
        )
        _insert(view)
        _record("support_view.asked", view, actor, department=view.department, why=view.why)
        telling.asked(view)
    return view


def _refuse_second(customer_id: int) -> None:
    """One that has run out makes room; one that waits or runs does not."""
    view = SupportView.objects.select_for_update().filter(open_for=customer_id).first()
    if view is None:
        return
    now = clock.now()
    if view.waits(now) or view.runs(now):
        raise AnotherLook(helper=view.helper)
    by = By.UNANSWERED if view.approved_at is None else By.TIME
    ending.end_locked(view, by, Actor(kind="system", id="support-views"))


def _insert(view: SupportView) -> None:
    """The unique key decides between two who ask at the same moment."""
    try:
        with transaction.atomic():
            view.save(force_insert=True)
    except IntegrityError:
        _refuse_second(view.customer_id)
        raise


def prepare(customer: BranchCustomer, view: SupportView) -> Instruction:
    """A draft of agreeing, to be confirmed with a code. Raises LookIsOver."""
    if not view.waits(clock.now()):
        raise LookIsOver()
    return instructions.draft(
        customer=customer, kind=KIND, payload=_content(view), amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def execute(instruction: Instruction, actor: Actor) -> None:
    """The code was right: whoever asked may look from now on, for the dated minutes. Raises LookIsOver.

    A second code changes nothing: the time is the first one's.
    """
    view = _locked(uuid.UUID(instruction.payload["view"]))
    if view is None or view.customer_id != instruction.customer_id or _content(view) != instruction.payload:
        raise LookIsOver()
    if view.approved_at is not None and view.ended_at is None:
        return
    if not view.waits(clock.now()) or not door.stands_for(view.staff_id):
        raise LookIsOver()
    now = clock.now()
    tier = instruction.customer.kyc_tier
    minutes = int(limits.value(Limit.Code.SUPPORT_VIEW_MINUTES, tier=tier, on=now.date()))
    view.approved_at, view.ends_at = now, now + timedelta(minutes=minutes)
    view.save(update_fields=["approved_at", "ends_at"])
    _record("support_view.approved", view, actor, until=view.ends_at.isoformat())
    telling.begun(view)


def _content(view: SupportView) -> dict[str, str]:
    """What the customer agrees to: who, as what, why."""
    return {
        "view": str(view.id),
        "reference": view.reference,
        "staff": view.staff_code,
        "helper": view.helper,
        "department": view.department,
        "why": view.why,
    }


@transaction.atomic
def refuse(customer: BranchCustomer, view_id: uuid.UUID, actor: Actor) -> None:
    """The customer says no. Nothing happens to one that is over; Http404 for somebody else's."""
    view = _own(customer, view_id)
    ending.end_locked(view, By.REFUSED if view.approved_at is None else By.CUSTOMER, actor)


@transaction.atomic
def end_by_staff(view_id: uuid.UUID, actor: Actor) -> None:
    """The bank has seen enough, or takes the question back. Http404 for none."""
    view = _locked(view_id)
    if view is None:
        raise Http404
    ending.end_locked(view, By.STAFF, actor)


def customer_of(view: SupportView, staff_id: int) -> User | None:
    """Whose pages this member of staff may look at now, with the customer; None where the look does not run.

    Asked before each page: who asked, the time, the member of staff, the customer's login and person, all as they
    stand now.
    """
    if view.staff_id != staff_id or not view.runs(clock.now()) or not door.stands_for(staff_id):
        return None
    user = _login_of(view.customer_id)
    if user is None or user.customer is None or user.customer.created_at > view.asked_at:
        return None
    return user


@transaction.atomic
def note(view_id: uuid.UUID, page: str, address: str) -> bool:
    """Write down that a page is about to be shown; False where the look was ended meanwhile, and nothing is shown.

    Under the lock of the look: once somebody has ended it no page of it comes out.
    """
    view = _locked(view_id)
    if view is None or not view.runs(clock.now()):
        return False
    SupportLook.objects.create(view=view, at=clock.now(), page=page, address=address[:200])
    return True


def _login_of(customer_id: int) -> User | None:
    user = User.objects.select_related("customer").filter(customer_id=customer_id).first()
    return user if user is not None and guard.standing_of(user) is guard.Standing.GOOD else None


def _own(customer: BranchCustomer, view_id: uuid.UUID) -> SupportView:
    view = _locked(view_id)
    if view is None or view.customer_id != customer.user_id or view.asked_at < customer.created_at:
        raise Http404
    return view


def _locked(view_id: uuid.UUID) -> SupportView | None:
    return SupportView.objects.select_for_update().filter(pk=view_id).first()


def _name_of(staff_code: str) -> str:
    """The name as the branch has it; never a name somebody typed."""
    member = StaffMember.objects.filter(staff_code=staff_code, is_active=True).first()
    if member is None:
        raise NotOnTheStaffList()
    return str(member.full_name)


def _new_reference() -> str:
    """Six digits in two groups: read out on the phone and compared with the page, no secret."""
    digits = f"{secrets.randbelow(1_000_000):06d}"
    return f"{digits[:3]} {digits[3:]}"


def _record(verb: str, view: SupportView, actor: Actor, **data: Any) -> None:
    facts = {"reference": view.reference, "staff": view.staff_code, **data}
    record(verb, actor=actor, customer_id=view.customer_id, subject=f"support-view:{view.id}", data=facts)
