"""What a customer said yes to, purpose by purpose: everything is off until given, and withdrawn at once.

`may()` is what every other part asks before it uses data for such a purpose.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import BranchCustomer, Consent, LegalText
from accounts.privacy import texts
from wekeza_portal import clock
from wekeza_portal.actors import Actor
from wekeza_portal.audit.services import record
from wekeza_portal.errors import PortalError

Kind = LegalText.Kind
PURPOSES = (Kind.MARKETING_EMAIL, Kind.MARKETING_SMS, Kind.MARKETING_PHONE, Kind.OFFERS, Kind.PARTNERS)


class OtherTextMeanwhile(PortalError):
    """What was read is not what is in force."""

    code = "other_consent_text"
    message = _("This text has been replaced in the meantime. Please read it again.")


@dataclass(frozen=True, slots=True)
class Standing:
    """One purpose as its owner sees it today. `since` is when they last changed their mind."""

    purpose: str
    title: Any
    text: str
    version: int
    is_given: bool
    since: datetime | None


def may(customer: BranchCustomer, purpose: str) -> bool:
    """Whether the customer has said yes to this purpose and not taken it back. ValueError for no purpose of ours."""
    if purpose not in PURPOSES:
        raise ValueError(f"no purpose {purpose!r}")
    latest = _rows(customer).filter(purpose=purpose).order_by("-pk").first()
    return latest is not None and latest.is_given


def standings(customer: BranchCustomer) -> list[Standing]:
    """Every purpose that has a text, with two queries."""
    words = texts.in_force_of(list(PURPOSES))
    latest = {row.purpose: row for row in _rows(customer).order_by("pk")}
    return [_standing(words[purpose], latest.get(purpose)) for purpose in PURPOSES if purpose in words]


def _standing(text: LegalText, row: Consent | None) -> Standing:
    return Standing(
        purpose=text.kind,
        title=Kind(text.kind).label,
        text=texts.words(text),
        version=text.version,
        is_given=row is not None and row.is_given,
        since=row.at if row is not None else None,
    )


def change(customer: BranchCustomer, purpose: str, *, give: bool, version: int, actor: Actor) -> bool:
    """Give or take back one consent; whether anything changed. Holds from this moment.

    Giving needs the version that was read to be in force (else OtherTextMeanwhile); taking back needs nothing.
    """
    text = texts.required(purpose)
    if give and text.version != version:
        raise OtherTextMeanwhile()
    with transaction.atomic():
        return _write(customer, text, give=give, how=Consent.How.PORTAL, actor=actor)


def withdraw_all(customer: BranchCustomer, *, actor: Actor) -> int:
    """Take back everything, as the customer asked in a request; how many. In the caller's transaction."""
    found = texts.in_force_of(list(PURPOSES)).values()
    done = [_write(customer, text, give=False, how=Consent.How.REQUEST, actor=actor) for text in found]
    return sum(done)


def _write(customer: BranchCustomer, text: LegalText, *, give: bool, how: str, actor: Actor) -> bool:
    """Under a lock on the customer's row: of two changes at once the second sees the first."""
    _lock(customer)
    if may(customer, text.kind) == give:
        return False
    Consent.objects.create(
        customer_id=customer.user_id,
        purpose=text.kind,
        is_given=give,
        text=text,
        at=clock.now(),
        how=how,
        ip=actor.ip if how == Consent.How.PORTAL else None,
    )
    verb = "consent.given" if give else "consent.withdrawn"
    data = {"purpose": text.kind, "version": text.version}
    record(verb, actor=actor, customer_id=customer.user_id, subject=f"consent:{text.kind}", data=data)
    return True


def _lock(customer: BranchCustomer) -> None:
    """One change of a customer's at a time."""
    BranchCustomer.objects.select_for_update().get(pk=customer.pk)


def history(customer: BranchCustomer, most: int = 100) -> list[Consent]:
    """Every change of mind, the latest first."""
    return list(_rows(customer).select_related("text").order_by("-pk")[:most])


def _rows(customer: BranchCustomer) -> QuerySet[Consent]:
    """Of this person: what is older than the branch's row was said by a former holder of the id."""
    rows = Consent.objects.filter(customer_id=customer.user_id)
    return rows.filter(at__gte=customer.created_at) if customer.created_at else rows
