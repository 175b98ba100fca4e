"""Two people decide about money that came in; what M-Pesa answers to what they decided."""

from typing import Any

from transfers.models import Incoming
from wekeza_portal.actors import Actor
from wekeza_portal.rails.base import Outcome, Status
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.tests.scenes import staff

EVIDENCE = "Receipt shown at Moi Avenue on 25 November, seen by A. Njoroge with her ID"
PAID = Outcome(Status.PAID, "0")
SILENT = Outcome(Status.UNKNOWN, "503", "HTTP 503", "later")
REFUSED = Outcome(Status.REFUSED, "R000002", "original receipt is invalid", "not_possible")


def propose(kind: str, row: Any, **changes: str) -> Proposal:
    name = "incoming" if isinstance(row, Incoming) else "deposit"
    payload = {name: str(row.pk), "evidence": EVIDENCE, "receipt": "", "account": "", **changes}
    if isinstance(row, Incoming):
        payload["round"] = str(Incoming.objects.get(pk=row.pk).rounds)
    maker = staff("operations")
    return proposals.propose(kind, payload, reason="r", user=maker, actor=Actor(kind="staff", id=str(maker.pk)))


def approve(proposal: Proposal) -> None:
    checker = staff("risk")
    proposals.approve(proposal.pk, user=checker, actor=Actor(kind="staff", id=str(checker.pk)))
