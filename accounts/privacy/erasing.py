"""Granting an erasure: whoever has the request proposes it with the answer, a colleague approves it."""

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import DataRequest
from accounts.privacy import requests
from wekeza_portal.actors import Actor
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "data_erasure"
ANSWER = "accounts.answer_datarequest"


class AlreadyProposed(PortalError):
    code = "erasure_proposed"
    message = gettext_lazy("This is proposed already and waits for a second person.")


def propose(row: DataRequest, *, words: str, user: Any, actor: Actor) -> Proposal:
    """Erases nothing yet. Raises AlreadyProposed, NotAllowed and what `requests.held` raises."""
    payload = {
        "request": str(row.pk),
        "reference": row.reference,
        "customer": row.customer_id,
        "by": user.get_username(),
        "words": words,
    }
    with transaction.atomic():
        held = requests.held(row.pk, user.get_username())
        if waiting(held) is not None:
            raise AlreadyProposed()
        return proposals.propose(KIND, payload, reason=held.reference, user=user, actor=actor)


def waiting(row: DataRequest) -> Proposal | None:
    """The proposal of whoever has the request now that nobody has decided; a former holder's can't be approved."""
    rows = Proposal.objects.filter(kind=KIND, state=Proposal.State.PENDING, made_by_code=row.claimed_by)
    return next((one for one in rows.order_by("made_at") if one.payload["request"] == str(row.pk)), None)


def refuse_if_wrong(payload: Payload) -> None:
    """Raises what `requests.held` raises: ended meanwhile, given back, or with somebody else."""
    with transaction.atomic():
        requests.held(uuid.UUID(payload["request"]), payload["by"])


def describe(payload: Payload) -> str:
    """ "Request DR7 of customer 7: take back every consent, and delete ...". The answer is on the proposal's page."""
    text = _(
        "Request %(reference)s of customer %(customer)s: take back every consent, and delete what they told us about "
        "home, next of kin and work"
    )
    return text % payload


def apply(proposal: Proposal) -> None:
    """Carry it out and tell the customer, naming maker and checker in the trail."""
    payload, checker = proposal.payload, proposal.decided_by_code
    requests.grant_erasure(
        uuid.UUID(payload["request"]),
        words=payload["words"],
        by=proposal.made_by_code,
        checker=checker,
        actor=Actor("staff", str(proposal.decided_by)),
    )


def register_kind() -> None:
    """Once, when the staff's pages are made."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Erase a customer's data"),
            make_permission=ANSWER,
            check_permission=ANSWER,
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
