"""Papers a customer adds to a request while it is a draft: a photo of the ID, a certificate."""

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404

from accounts.models import ApprovalRequest, BranchCustomer
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.uploads import services as uploads
from wekeza_portal.uploads.errors import Busy, TooLate, UploadRefused
from wekeza_portal.uploads.models import Upload

PURPOSE = "REQUEST"
Refused = list[tuple[str, UploadRefused]]


def of(request: ApprovalRequest) -> list[Upload]:
    """What was added to a request, in the order it came."""
    return uploads.of(request.customer_id, PURPOSE, request.id)


def add(request: ApprovalRequest, files: "list[UploadedFile[Any]]", actor: Actor) -> Refused:
    """Add each file that can be taken; the names of the others and why not. Raises TooMany.

    They are kept as long as the draft, and go with it.
    """
    refused: Refused = []
    for file in files:
        try:
            _refuse_unless_draft(request)
            uploads.accept(
                request.customer_id,
                file,
                PURPOSE,
                about=request.id,
                keep_until=request.expires_at,
                actor=actor,
                still_wanted=lambda: _lock_draft(request.id),
            )
        except UploadRefused as refusal:
            refused.append((file.name or "", refusal))
            if isinstance(refusal, Busy):
                break  # the next ones would only be told the same
    return refused


def remove(customer: BranchCustomer, request: ApprovalRequest, paper_id: uuid.UUID, actor: Actor) -> None:
    """Take a paper back before the request is sent. Http404 for one that is not of it; TooLate once it is sent."""
    if uploads.get(customer.user_id, paper_id).about != request.id:
        raise Http404
    uploads.remove(customer.user_id, paper_id, actor=actor)


def _lock_draft(request_id: uuid.UUID) -> None:
    """Sending locks the same row: a paper is in before the request goes, or it stays out."""
    _refuse_unless_draft(ApprovalRequest.objects.select_for_update().get(id=request_id))


def _refuse_unless_draft(request: ApprovalRequest) -> None:
    if request.state != ApprovalRequest.State.DRAFT or request.expires_at <= clock.now():
        raise TooLate()


def hand_in(request: ApprovalRequest) -> int:
    """In the transaction that sends the request: how many papers go with it."""
    return uploads.hand_in(request.customer_id, PURPOSE, request.id)


def move(request: ApprovalRequest, to: ApprovalRequest, actor: Actor) -> int:
    """In the transaction that puts one draft in the place of another: its papers go along."""
    return uploads.move(request.customer_id, PURPOSE, request.id, to=to.id, keep_until=to.expires_at, actor=actor)


def give_up(request: ApprovalRequest, actor: Actor) -> int:
    """In the transaction that gives the draft up: its papers are deleted."""
    return uploads.give_up(request.customer_id, PURPOSE, request.id, actor=actor)
