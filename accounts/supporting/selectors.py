"""Whose look it is: every one is read with its customer or with the member of staff who asked for it."""

import uuid

from django.http import Http404

from accounts.models import BranchCustomer, SupportLook, SupportView
from wekeza_portal import clock

MOST_SHOWN = 50
MOST_LOOKS = 200


def current_of(customer_id: int) -> SupportView | None:
    """The look that waits for the customer's answer or runs at this moment."""
    view = SupportView.objects.filter(open_for=customer_id).first()
    now = clock.now()
    return view if view is not None and (view.waits(now) or view.runs(now)) else None


def views_of(customer: BranchCustomer) -> list[SupportView]:
    """Every look at this person, newest first: the branch gives ids out again, so none from before the branch's row."""
    rows = SupportView.objects.filter(customer_id=customer.user_id, asked_at__gte=customer.created_at)
    return list(rows.order_by("-asked_at", "-id")[:MOST_SHOWN])


def get(customer: BranchCustomer, view_id: uuid.UUID) -> SupportView:
    """The customer's own; Http404 alike for somebody else's and none."""
    rows = SupportView.objects.filter(pk=view_id, customer_id=customer.user_id, asked_at__gte=customer.created_at)
    view = rows.first()
    if view is None:
        raise Http404
    return view


def of_staff(view_id: uuid.UUID) -> SupportView:
    """For the staff's boards, which record who looks; Http404 for none."""
    view = SupportView.objects.filter(pk=view_id).first()
    if view is None:
        raise Http404
    return view


def latest() -> list[SupportView]:
    """The newest of all customers."""
    return list(SupportView.objects.order_by("-asked_at", "-id")[:MOST_SHOWN])


def looks_of(view: SupportView) -> list[SupportLook]:
    """The pages that were looked at, in their order."""
    return list(SupportLook.objects.filter(view=view).order_by("pk")[:MOST_LOOKS])
