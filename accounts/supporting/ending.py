"""Ending a look: by either side, by signing out everywhere, by itself. After the commit no page is given out."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import SupportView
from accounts.supporting import telling
from wekeza_portal import clock
from wekeza_portal.actors import Actor, system
from wekeza_portal.audit.services import record
from wekeza_portal.staff import door

By = SupportView.EndedBy
MOST_AT_ONCE = 100


def end_locked(view: SupportView, by: str, actor: Actor) -> None:
    """Close it, in the caller's transaction, with its row locked. Nothing happens to one that is over."""
    if view.ended_at is not None:
        return
    now = clock.now()
    over_at = view.ends_at or view.answer_by
    view.ended_at, view.ended_by, view.open_for = min(now, over_at), by, None
    view.save(update_fields=["ended_at", "ended_by", "open_for"])
    facts = {"reference": view.reference, "by": by, "staff": view.staff_code}
    record(
        "support_view.ended", actor=actor, customer_id=view.customer_id, subject=f"support-view:{view.id}", data=facts
    )
    if view.approved_at is not None:
        telling.ended(view)


@transaction.atomic
def end_of_customer(customer_id: int, by: str, actor: Actor) -> None:
    """Whatever is open for this customer is over: everybody was signed out, everything was stopped."""
    view = SupportView.objects.select_for_update().filter(open_for=customer_id).first()
    if view is not None:
        end_locked(view, by, actor)


def end_due() -> int:
    """Close what is over by its own time, and what somebody asked for who has left. A worker step; how many.

    Nothing waits for it: a look that is over shows no page before its row says so.
    """
    now = clock.now()
    over = Q(answer_by__lte=now, approved_at=None) | Q(ends_at__lte=now)
    due = list(SupportView.objects.filter(over, open_for__isnull=False).values_list("pk", flat=True)[:MOST_AT_ONCE])
    running = SupportView.objects.filter(open_for__isnull=False).exclude(pk__in=due)[:MOST_AT_ONCE]
    left = [view.pk for view in running if not door.stands_for(view.staff_id)]
    return sum(_end_by_itself(key) for key in (*due, *left))


@transaction.atomic
def _end_by_itself(key: Any) -> bool:
    view = SupportView.objects.select_for_update().filter(pk=key, open_for__isnull=False).first()
    if view is None:
        return False
    if clock.now() < (view.ends_at or view.answer_by):
        end_locked(view, By.LEFT, system("support-views"))
    else:
        end_locked(view, By.UNANSWERED if view.approved_at is None else By.TIME, system("support-views"))
    return True
