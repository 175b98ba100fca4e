"""A new version of a legal text: proposed by one member of staff, approved by another, in force from a later day."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import LegalText
from accounts.privacy import texts
from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals
from wekeza_portal.staff.models import Proposal
from wekeza_portal.staff.proposals import Payload, ProposalKind

KIND = "legal_text"
PROPOSE, APPROVE, SEE = "accounts.propose_legaltext", "accounts.approve_legaltext", "accounts.view_legaltext"
PARTS = ("text_en", "text_sw", "changes_en", "changes_sw")


class TooSoon(PortalError):
    code = "too_soon"
    field = "effective_from"
    message = gettext_lazy("A new version begins tomorrow at the earliest, and after every version there is.")


class OtherShape(PortalError):
    """The languages have to say the same: whoever reads one must not agree to less or more."""

    code = "other_shape"
    field = "text_sw"
    message = gettext_lazy(
        "English and Kiswahili must have the same headings, paragraphs and points, in the same order."
    )


def payload_of(typed: dict[str, Any]) -> Payload:
    """What a proposal keeps of the form."""
    return {
        "kind": typed["kind"],
        "effective_from": typed["effective_from"].isoformat(),
        **{part: typed[part] for part in PARTS},
    }


def refuse_if_wrong(payload: Payload) -> None:
    """Raises TooSoon or OtherShape."""
    begins = date.fromisoformat(payload["effective_from"])
    latest = LegalText.objects.filter(kind=payload["kind"]).order_by("-version").first()
    if begins <= clock.today() or (latest is not None and begins <= latest.effective_from):
        raise TooSoon()
    if _shape(payload["text_en"]) != _shape(payload["text_sw"]):
        raise OtherShape()


def _shape(text: str) -> list[tuple[str, int]]:
    return [(piece.kind, len(piece.points)) for piece in texts.blocks(text)]


def describe(payload: Payload) -> str:
    """ "Terms of online banking: a new version from 1 December 2026"."""
    values = {
        "which": texts.Kind(payload["kind"]).label,
        "day": date_format(date.fromisoformat(payload["effective_from"])),
    }
    return _("%(which)s: a new version from %(day)s") % values


def apply(proposal: Proposal) -> None:
    """Add the version, naming maker and checker."""
    payload = proposal.payload
    latest = LegalText.objects.select_for_update().filter(kind=payload["kind"]).order_by("-version").first()
    row = LegalText(
        kind=payload["kind"],
        version=latest.version + 1 if latest is not None else 1,
        effective_from=date.fromisoformat(payload["effective_from"]),
        created_by=f"{proposal.made_by_code}, {proposal.decided_by_code}"[:60],
        **{part: payload[part] for part in PARTS},
    )
    row.save(force_insert=True)
    texts.forget_remembered()


def register_kind() -> None:
    """Once, when the staff's pages are made."""
    proposals.kinds.register(
        KIND,
        ProposalKind(
            title=gettext_lazy("Legal text"),
            make_permission=PROPOSE,
            check_permission=APPROVE,
            describe=describe,
            refuse_if_wrong=refuse_if_wrong,
            apply=apply,
        ),
    )
