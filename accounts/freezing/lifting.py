"""Lifting a stop: the customer with a code and after a wait, the staff by maker and checker, nobody from outside."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts import instructions, limits
from accounts.freezing import telling
from accounts.freezing.errors import LiftedByStaffOnly, NotFrozen
from accounts.freezing.state import freeze_of
from accounts.models import BranchCustomer, Freeze, Instruction, Limit
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.money import ZERO

KIND = "UNFREEZE"
By = Freeze.By


def prepare(customer: BranchCustomer) -> Instruction:
    """A draft of lifting the stop, to be confirmed with a code. Raises NotFrozen or LiftedByStaffOnly."""
    freeze = freeze_of(customer.user_id)
    _refuse_unless_the_customers(freeze)
    assert freeze is not None
    payload = {"freeze": str(freeze.id)}
    return instructions.draft(
        customer=customer, kind=KIND, payload=payload, amount=ZERO, fee=ZERO, fee_row_id=None, payee_key=""
    )


def minutes_to_wait(customer: BranchCustomer) -> int:
    """How long a lifted stop goes on holding: the dated row UNFREEZE_MINUTES."""
    return int(limits.value(Limit.Code.UNFREEZE_MINUTES, tier=customer.kyc_tier, on=clock.today()))


def execute(instruction: Instruction, actor: Actor) -> None:
    """The code was right: begin the wait and tell the customer everywhere. Raises NotFrozen or LiftedByStaffOnly.

    A second code changes nothing: the wait is the first one's.
    """
    freeze = _locked(instruction.payload["freeze"])
    _refuse_unless_the_customers(freeze)
    assert freeze is not None
    if freeze.lift_at is not None:
        return
    freeze.lift_asked_at = clock.now()
    freeze.lift_at = freeze.lift_asked_at + timedelta(minutes=minutes_to_wait(instruction.customer))
    freeze.save(update_fields=["lift_asked_at", "lift_at"])
    _record("freeze.lift_asked", freeze, actor, lift_at=freeze.lift_at.isoformat())
    telling.lift_asked(freeze)


@transaction.atomic
def call_off(customer: BranchCustomer, actor: Actor) -> bool:
    """Keep everything stopped after all, at once and without a code; False where nothing was about to end."""
    freeze = Freeze.objects.select_for_update().filter(open_for=customer.user_id, lift_at__isnull=False).first()
    if freeze is None:
        return False
    freeze.lift_asked_at = freeze.lift_at = None
    freeze.save(update_fields=["lift_asked_at", "lift_at"])
    _record("freeze.lift_called_off", freeze, actor)
    telling.lift_called_off(freeze)
    return True


def lift_due() -> int:
    """End every stop whose wait is over. A worker step, safe with several workers; how many."""
    due = Freeze.objects.filter(lift_at__lte=clock.now()).values_list("pk", flat=True)
    return sum(_lift_if_due(key) for key in list(due[:100]))


@transaction.atomic
def _lift_if_due(key: Any) -> bool:
    """Asked again under the lock: it may have been called off, or stopped by the staff, a moment ago."""
    freeze = _locked(key)
    if freeze is None or freeze.lift_at is None or freeze.lift_at > clock.now() or freeze.is_the_banks:
        return False
    _end(freeze, By.INSIDE, system("unfreeze"))
    return True


def lift_by_staff(freeze_id: str, actor: Actor) -> None:
    """Two of the staff agreed: it ends now. In the approving transaction. Raises NotFrozen."""
    freeze = _locked(freeze_id)
    if freeze is None:
        raise NotFrozen()
    _end(freeze, By.STAFF, actor)


def _locked(key: Any) -> Freeze | None:
    return Freeze.objects.select_for_update().filter(pk=key, open_for__isnull=False).first()


def _refuse_unless_the_customers(freeze: Freeze | None) -> None:
    if freeze is None:
        raise NotFrozen()
    if freeze.is_the_banks:
        raise LiftedByStaffOnly()


def _end(freeze: Freeze, by: By, actor: Actor) -> None:
    freeze.open_for, freeze.lift_at = None, None
    freeze.ended_at, freeze.ended_by = clock.now(), by
    freeze.save(update_fields=["open_for", "lift_at", "ended_at", "ended_by"])
    _record("freeze.ended", freeze, actor, by=str(by))
    telling.lifted(freeze)


def _record(verb: str, freeze: Freeze, actor: Actor, **data: str) -> None:
    record(verb, actor=actor, customer_id=freeze.customer_id, subject=f"freeze:{freeze.id}", data=data)
