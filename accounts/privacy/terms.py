"""Accepting the terms: once for each version, with when and from where; and the paper that says so."""

import uuid
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, LegalText, TermsAcceptance, User
from accounts.privacy import texts
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.documents import papers
from wekeza_portal.documents.kinds import Fact, PaperKind, as_moment
from wekeza_portal.errors import PortalError

PAPER = "TERMS"


class OtherTermsMeanwhile(PortalError):
    """What was read is not what is in force."""

    code = "other_terms"
    message = _("These terms have been replaced in the meantime. Please read the ones below.")


def accept(user: User, version: int, *, signed_in_at: datetime, language: str, actor: Actor, user_agent: str) -> None:
    """Write down that this login accepts the version it has to; nothing happens the second time.

    Where the row is there and the login's own note of it is not (a restored table), the first acceptance stands.

    Raises OtherTermsMeanwhile when that is another one than `version`.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        needed = texts.due(locked, signed_in_at)
        if not needed and locked.accepted_terms == version:
            return
        if needed != version:
            raise OtherTermsMeanwhile()
        text = LegalText.objects.get(kind=texts.Kind.TERMS, version=version)
        how = {"accepted_at": clock.now(), "language": language, "ip": actor.ip, "user_agent": user_agent}
        made, _is_new = TermsAcceptance.objects.get_or_create(user=locked, text=text, defaults=how)
        locked.accepted_terms = version
        locked.save(update_fields=["accepted_terms"])
        data = {"version": version}
        record("terms.accepted", actor=actor, customer_id=locked.customer_id, subject=f"terms:{made.pk}", data=data)


def accepted_by(user: User) -> list[TermsAcceptance]:
    """What this login accepted, the latest first."""
    return list(TermsAcceptance.objects.filter(user=user).select_related("text").order_by("-text__version"))


def get(user: User, acceptance_id: uuid.UUID) -> TermsAcceptance:
    """The login's own; Http404 for somebody else's and for none."""
    row = TermsAcceptance.objects.filter(user=user, pk=acceptance_id).select_related("text").first()
    if row is None:
        raise Http404
    return row


def paper_kind() -> PaperKind:
    return PaperKind(
        title=_("Accepted terms"),
        template="documents/terms.html",
        facts={"version": Fact(_("Version")), "accepted_at": Fact(_("Accepted"), as_moment)},
    )


def pdf(row: TermsAcceptance, customer: BranchCustomer, *, language: str, actor: Actor) -> bytes:
    """The text as it was accepted, in the reader's language, entered in the register."""
    draft = papers.Draft(
        kind=PAPER,
        subject=str(row.pk),
        customer_id=customer.user_id,
        language=language,
        facts={"version": str(row.text.version), "accepted_at": row.accepted_at.isoformat()},
        context={
            "row": row,
            "holder": customer.full_name,
            "blocks": texts.blocks(texts.words(row.text, language)),
        },
    )
    return papers.issue(draft, actor=actor)[1]
