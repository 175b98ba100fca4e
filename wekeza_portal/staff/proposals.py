"""Maker and checker: one person proposes a change, another one approves it, and only then it happens, once."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError
from wekeza_portal.registry import Registry
from wekeza_portal.staff.models import Proposal

Payload = dict[str, Any]
State = Proposal.State


class AlreadyDecided(PortalError):
    code = "already_decided"
    message = _("Somebody has decided this already.")


class OwnProposal(PortalError):
    code = "own_proposal"
    message = _("You proposed this yourself, so another person has to approve it.")


class NotAllowed(PortalError):
    code = "not_allowed"
    message = _("Your role does not allow this.")


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """One kind of change that needs two people."""

    title: Any
    make_permission: str
    check_permission: str
    describe: Callable[[Payload], str]
    """The change in one sentence, in the active language."""
    refuse_if_wrong: Callable[[Payload], None]
    """Raises a PortalError when it can't be done (any more). Asked when proposed and again when approved."""
    apply: Callable[[Proposal], None]
    """Does it, inside the approving transaction, after the proposal names maker and checker."""


kinds: Registry[ProposalKind] = Registry("proposal kind")


def propose(kind_name: str, payload: Payload, *, reason: str, user: Any, actor: Actor) -> Proposal:
    """Write down what should change and why. Changes nothing yet. Raises NotAllowed or the kind's refusal."""
    kind = kinds.get(kind_name)
    if not user.has_perm(kind.make_permission):
        raise NotAllowed()
    kind.refuse_if_wrong(payload)
    with transaction.atomic():
        proposal = Proposal.objects.create(
            kind=kind_name,
            payload=payload,
            reason=reason[:300],
            made_by=user.pk,
            made_by_code=user.get_username(),
            made_at=clock.now(),
        )
        _record("staff.proposed", proposal, actor)
    return proposal


def approve(proposal_id: uuid.UUID, *, user: Any, actor: Actor) -> Proposal:
    """Do what was proposed, once, by another person than its maker.

    Under a lock on the proposal: of two checkers at the same time one does it and the other is told so.
    Raises NotAllowed, OwnProposal, AlreadyDecided or the kind's refusal; then nothing has changed.
    """
    with transaction.atomic():
        proposal = _locked_for_decision(proposal_id, user)
        if proposal.made_by == user.pk:
            raise OwnProposal()
        kind = kinds.get(proposal.kind)
        kind.refuse_if_wrong(proposal.payload)
        _decide(proposal, State.APPROVED, user)
        kind.apply(proposal)
        _record("staff.approved", proposal, actor)
    return proposal


def refuse(proposal_id: uuid.UUID, *, user: Any, actor: Actor) -> Proposal:
    """Close a proposal undone. The maker may do so too: it is then withdrawn. Raises NotAllowed, AlreadyDecided."""
    with transaction.atomic():
        proposal = _locked_for_decision(proposal_id, user)
        _decide(proposal, State.REFUSED, user)
        _record("staff.refused", proposal, actor)
    return proposal


def visible_to(user: Any) -> list[Proposal]:
    """The latest proposals of the kinds this person may make, check or see, waiting ones first."""
    seen = [name for name, kind in kinds.items() if may_see(user, kind)]
    rows = Proposal.objects.filter(kind__in=seen)
    waiting = list(rows.filter(state=State.PENDING).order_by("made_at")[:100])
    return waiting + list(rows.exclude(state=State.PENDING).order_by("-made_at")[:50])


def get(proposal_id: uuid.UUID, user: Any) -> Proposal:
    """One proposal; Http404 alike for none and for a kind that is not this person's business."""
    proposal = Proposal.objects.filter(pk=proposal_id).first()
    if proposal is None or not may_see(user, kinds.get(proposal.kind)):
        raise Http404
    return proposal


def may_see(user: Any, kind: ProposalKind) -> bool:
    """Makers, checkers and whoever may see every proposal."""
    return any(user.has_perm(name) for name in ("staff.view_proposal", kind.make_permission, kind.check_permission))


def _locked_for_decision(proposal_id: uuid.UUID, user: Any) -> Proposal:
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise Http404
    kind = kinds.get(proposal.kind)
    may_withdraw = proposal.made_by == user.pk and user.has_perm(kind.make_permission)
    if not user.has_perm(kind.check_permission) and not may_withdraw:
        raise NotAllowed()
    if proposal.state != State.PENDING:
        raise AlreadyDecided()
    return proposal


def _decide(proposal: Proposal, state: State, user: Any) -> None:
    proposal.state = state
    proposal.decided_by = user.pk
    proposal.decided_by_code = user.get_username()
    proposal.decided_at = clock.now()
    proposal.save(update_fields=["state", "decided_by", "decided_by_code", "decided_at"])


def _record(verb: str, proposal: Proposal, actor: Actor) -> None:
    data = {"kind": proposal.kind, "payload": proposal.payload, "reason": proposal.reason}
    record(verb, actor=actor, subject=f"proposal:{proposal.pk}", data={**data, "maker": proposal.made_by_code})
