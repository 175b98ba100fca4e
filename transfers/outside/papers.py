"""The confirmation note for a stockbroker: which CDS account a payment is for, on a paper the broker can verify."""

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Instruction
from transfers.destinations import CLIENT_TYPES, Kind
from transfers.papers import STATES, state_of, still_stands
from transfers.rules import masked_name
from transfers.selectors import TransferPaper
from wekeza_portal.actors import Actor
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_kes, as_moment, one_of

BROKER_NOTE = "BROKER_NOTE"


def broker_note_kind() -> PaperKind:
    """What a broker needs to find the money. The CDS number stands on the paper; in public only its end."""
    return PaperKind(
        title=_("Confirmation note for a stockbroker"),
        template="documents/broker_note.html",
        facts={
            "paid_at": Fact(_("Date"), as_moment),
            "reference": Fact(_("Reference")),
            "amount": Fact(_("Amount"), as_kes),
            "payer": Fact(_("From")),
            "broker": Fact(_("Broker")),
            "cds_end": Fact(_("CDS number ends in")),
            "client_type": Fact(_("Kind of client"), one_of(CLIENT_TYPES)),
            "state": Fact(_("State"), one_of(STATES)),
        },
        still_stands=still_stands,
    )


def broker_note(
    instruction: Instruction, paper: TransferPaper, *, customer: BranchCustomer, language: str, actor: Actor
) -> bytes:
    """The PDF, entered in the register. Http404 for a payment to anybody else than a broker."""
    if instruction.kind != Kind.CDSC_TRANSFER:
        raise Http404
    values = instruction.payload["values"]
    draft = papers.Draft(
        kind=BROKER_NOTE,
        subject=paper.reference,
        customer_id=customer.user_id,
        language=language,
        facts={
            "paid_at": paper.posted_at.isoformat(),
            "reference": paper.reference,
            "amount": str(paper.amount),
            "payer": masked_name(customer.full_name),
            "broker": paper.to_at,
            "cds_end": values["cds_number"][-3:],
            "client_type": values["client_type"],
            "state": state_of(paper),
        },
        context={
            "paper": paper,
            "payer": customer.full_name,
            "cds_number": values["cds_number"],
            "client_type": values["client_type"],
            "client": CLIENT_TYPES[values["client_type"]],
        },
    )
    return papers.issue(draft, actor=actor)[1]
